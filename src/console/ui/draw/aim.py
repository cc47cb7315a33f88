"""The lines above the prompt: what travels with the text, where it would go, what it may cost."""

from collections.abc import Sequence

from console.core.chat import Attachment
from console.core.routing.decision import Decision
from console.core.text import one_line
from console.services.estimate import Estimate
from console.ui.draw.line import Line, Run
from console.ui.draw.message import SEPARATOR, chip, usd, why
from console.ui.draw.number import count


def chips_line(attachments: Sequence[Attachment]) -> Line:
    """What travels with the next message."""
    return (
        ("attached  ", "dim"),
        (SEPARATOR.join(chip(attachment) for attachment in attachments), ""),
        ("   /drop removes", "dim"),
    )


def preview_line(
    decision: Decision,
    estimate: Estimate | None = None,
    trouble: str | None = None,
    width: int = 0,
) -> Line:
    """Where the text in the prompt would go, why, and what it takes; then what is wrong there.

    The reason gives way where the line is longer than `width` (0: it never is).
    """
    if decision.tier is None:
        return ((one_line(decision.reason), "bad"),)
    tail: list[Run] = []
    if estimate:
        tail.append((SEPARATOR + SEPARATOR.join(_takes(estimate)), "dim"))
    if estimate and estimate.overflows:
        tail.append((f"  ! over the {estimate.window:,} that num_ctx holds", "warn"))
    if trouble:
        tail.append((f"  ! {one_line(trouble)}", "warn"))
    reason = why(decision)
    room = width - len(f"→ {decision.tier}{SEPARATOR}") - sum(len(text) for text, _ in tail)
    if estimate and width and len(reason) > room:
        reason = reason[: max(8, room - 1)].rstrip() + "…"
    head: list[Run] = [("→ ", "dim"), (str(decision.tier), str(decision.tier))]
    return [*head, (SEPARATOR + reason, "dim"), *tail]


def wrong_line(trouble: str) -> Line:
    """What is wrong with the settings file."""
    return (("! ", "bad"), (one_line(trouble), "warn"))


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
    amount = nano / 1e9
    places = 2 if amount >= 0.1 else 4 if amount >= 0.001 else 5
    return f"~${max(amount, 0.00001):,.{places}f}"


def _takes(estimate: Estimate) -> list[str]:
    parts = [f"~{count(estimate.prompt_tokens)} in"]
    if estimate.low_nano is not None:
        low, high = dollars(estimate.low_nano), dollars(estimate.high_nano)
        parts.append(low if low == high else f"{low}–{high.removeprefix('~$')}")
    return parts
