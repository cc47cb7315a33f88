"""The lines above the prompt: what travels with the text, where it would go, what it may cost."""

from collections.abc import Sequence

from console.core.chat import Attachment
from console.core.routing import Decision
from console.core.text import one_line
from console.services.estimate import Estimate
from console.ui.draw.line import Line, Run
from console.ui.draw.message import SEPARATOR, chip, usd, why


def chips_line(attachments: Sequence[Attachment]) -> Line:
    """What travels with the next message."""
    return (
        ("attached  ", "dim"),
        (SEPARATOR.join(chip(attachment) for attachment in attachments), ""),
        ("   /drop removes", "dim"),
    )


def preview_line(
    decision: Decision, estimate: Estimate | None = None, trouble: str | None = None
) -> Line:
    """Where the text in the prompt would go, why, and what it takes; then what is wrong there."""
    if decision.tier is None:
        return ((one_line(decision.reason), "bad"),)
    line: list[Run] = [("→ ", "dim"), (str(decision.tier), str(decision.tier))]
    line.append((SEPARATOR + why(decision), "dim"))
    if estimate:
        line.append((SEPARATOR + SEPARATOR.join(_takes(estimate)), "dim"))
    if estimate and estimate.overflows:
        window = f"  ! over the context of {estimate.window:,} tokens (num_ctx)"
        line.append((window, "warn"))
    if trouble:
        line.append((f"  ! {one_line(trouble)}", "warn"))
    return line


def confirm_line(estimate: Estimate, limit_nano: int) -> Line:
    """What must be said before a request that may cost more than the operator's limit."""
    most = (
        f"This may cost up to {dollars(estimate.high_nano)}"
        if estimate.high_nano is not None
        else "What this will cost is unknown"
    )
    return (
        (f"{most}; you set {usd(limit_nano)}. ", "warn"),
        ("Enter", "accent"),
        (" sends it", "warn"),
        ("  Esc", "accent"),
        (" does not", "warn"),
    )


def dollars(nano: int | None) -> str:
    """An estimate of dollars, to as many places as it is good for."""
    if nano is None:
        return "-"
    usd_ = nano / 1e9
    return f"~${usd_:,.2f}" if usd_ >= 0.1 else f"~${usd_:.4f}"


def _takes(estimate: Estimate) -> list[str]:
    parts = [f"~{estimate.prompt_tokens:,} tokens in"]
    if estimate.low_nano is not None:
        low, high = dollars(estimate.low_nano), dollars(estimate.high_nano)
        parts.append(low if low == high else f"{low} to {high.removeprefix('~')}")
    return parts
