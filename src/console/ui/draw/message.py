"""What stands in a conversation: who spoke, how a reply was routed, what it cost, what failed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from console.core.chat import Attachment
from console.core.entry import EnergySource, Entry
from console.core.exchange import Exchange
from console.core.money import NANO
from console.core.routing.decision import Decision
from console.core.text import one_line, printable
from console.core.tier import Tier
from console.core.usage import UsageSource
from console.ui.draw.line import Line

SEPARATOR = " · "
NO_BREAK = "\u00a0"


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """One line of a message, however many rows it needs, or one block of Markdown.

    A block never changes; a message that changes has other blocks. `gap` is an empty row above.
    """

    line: Line = ()
    markdown: str | None = None
    gap: bool = field(default=False, kw_only=True)


def lines_of(text: str, style: str = "") -> list[Block]:
    """Foreign text as it came, one block a line."""
    return [Block(((line, style),)) for line in printable(text).expandtabs(4).split("\n")]


def time_of_day(ms: int, zone: str) -> str:
    """Hours and minutes where the operator is."""
    return f"{datetime.fromtimestamp(ms / 1000, ZoneInfo(zone)):%H:%M}"


def task_blocks(task: str, attachments: Iterable[Attachment], at: str) -> list[Block]:
    """What the operator sent."""
    head = Block((("you", "strong"), (SEPARATOR + at, "dim")), gap=True)
    attached = [Block(((f"with {chip(attachment)}", "dim"),)) for attachment in attachments]
    return [head, *lines_of(task), *attached]


def again_blocks(at: str, tier: Tier | None) -> list[Block]:
    """That the message before is asked again, and of whom."""
    of = f", on {tier}" if tier else ""
    return [Block((("you", "strong"), (f"{SEPARATOR}{at}{SEPARATOR}again{of}", "dim")), gap=True)]


def chip(attachment: Attachment) -> str:
    """An attachment in a few words."""
    if image := attachment.image:
        kind = image.media_type.removeprefix("image/").upper()
        return f"{one_line(attachment.name)} {kind} {max(1, len(image.data) // 1000):,} kB"
    return f"{one_line(attachment.name)} {len(attachment.text):,} characters"


def why(decision: Decision) -> str:
    """The deciding reason in the words of the screen."""
    if decision.pin is not None:
        found = "" if decision.pin == "by hand" else f": {one_line(decision.pin)}"
        return f"pinned to local{found}"
    if decision.reason.startswith("by hand"):
        return "by hand"
    return one_line(decision.reason)


def header_line(entry: Entry) -> Line:
    """The tier that serves a request, its model and the reason, in the tier's hue."""
    parts = (str(entry.tier), one_line(entry.model), one_line(entry.reason))
    return ((SEPARATOR.join(parts), str(entry.tier)),)


def kept_header_line(exchange: Exchange) -> Line:
    """The same of a reply whose row in the ledger is gone."""
    parts = (str(exchange.tier or "-"), one_line(exchange.model), one_line(exchange.reason))
    return ((SEPARATOR.join(filter(None, parts)), str(exchange.tier or "dim")),)


def footer_line(entry: Entry) -> Line:
    """What a reply took: tokens, times, dollars; `-` is unknown, `~` estimated."""
    usage, guess = entry.usage, "~" if entry.usage_source is UsageSource.ESTIMATED else ""
    cached = f" ({usage.cached:,} cached)" if usage.cached else ""
    parts = (
        f"{_count(usage.prompt, guess)} in{cached}",
        f"{_count(usage.output, guess)} out",
        f"first token {_seconds(entry.ttft_ms)}",
        f"{_speed(entry.output_per_s, guess)} tok/s",
        _spent(entry, guess),
    )
    whole = (part.replace(" ", NO_BREAK) for part in parts)
    return ((SEPARATOR.join(whole), "dim"),)


def failure_blocks(what: str, hint: str = "", *, partial: bool = False) -> list[Block]:
    """What went wrong in one sentence, what to do, and that the text above is not all."""
    marked = [Block((("The reply breaks off here.", "warn"),))] if partial else []
    sentence = Block((("✗ ", "bad"), (one_line(what), "")))
    advice = [Block(((f"  {one_line(hint)}", "dim"),))] if hint else []
    return [*marked, sentence, *advice]


def usd(nano: int | None, guess: str = "") -> str:
    """Dollars of one request, to five places; less than that is said, unknown is `-`."""
    if nano is None:
        return "$ -"
    if 0 < nano < NANO // 100_000:
        return "< $0.00001"
    return f"{guess}${Decimal(nano) / NANO:,.5f}"


def _spent(entry: Entry, guess: str) -> str:
    if entry.tier is Tier.API:
        return usd(entry.cost_nano, guess)
    guess = "~" if entry.energy_source is EnergySource.ESTIMATED else ""
    return f"{usd(entry.energy_nano, guess)} electricity"


def _count(tokens: int | None, guess: str) -> str:
    return "-" if tokens is None else f"{guess}{tokens:,}"


def _speed(tokens_per_s: float | None, guess: str) -> str:
    return "-" if tokens_per_s is None else f"{guess}{tokens_per_s:,.1f}"


def _seconds(ms: int | None) -> str:
    return "-" if ms is None else f"{ms / 1000:,.2f} s"
