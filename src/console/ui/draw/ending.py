"""How a reply ended otherwise than well: short, cut, failed, asked again, asked elsewhere."""

from console.core.context import cut_off, stopped_short
from console.core.entry import Entry
from console.core.text import one_line
from console.core.tier import Tier
from console.core.usage import UsageSource
from console.ui.draw.line import Line
from console.ui.draw.message import SEPARATOR, Block, footer_line


def short_blocks(entry: Entry, stop_reason: str | None) -> list[Block]:
    """That a complete answer of the server is not a complete reply, and what to do."""
    return _warned(stopped_short(stop_reason, entry.tier))


def cut_blocks(entry: Entry, sent: str) -> list[Block]:
    """That the server has read less than was sent, where its own count shows it."""
    return _warned(cut_off(sent, entry.usage.prompt, entry.provider, entry.tier))


def _warned(said: tuple[str, str] | None) -> list[Block]:
    if said is None:
        return []
    what, todo = said
    advice = [Block(((f"  {todo}", "dim"),))] if todo else []
    return [Block((("! ", "warn"), (what, ""))), *advice]


def retry_line(left_s: int, attempt: int, of: int) -> Line:
    """When the same tier is asked again."""
    return ((f"asked again in {left_s} s (retry {attempt} of {of}) · Esc stops", "warn"),)


def again_line(left_s: int) -> Line:
    """When the server wishes to be asked again."""
    said = f"  Send it again in {left_s:,} s." if left_s else "  It can be sent again now."
    return ((said, "dim"),)


def fallback_blocks(to: Tier) -> list[Block]:
    """Who is asked in the place of a tier that failed."""
    return [Block((("→ asking ", "dim"), (str(to), str(to)), (" instead", "dim")))]


def checking_line(model: str) -> Line:
    """That a second local model is asked the same."""
    return ((f"asking {one_line(model)} for a second opinion · Esc stops", "dim"),)


def checked_block(words: str) -> Block:
    """What a second model said of a reply that stands."""
    return Block(((f"second opinion: {one_line(words)}", "dim"),))


def aside_blocks(entry: Entry | None, words: str) -> list[Block]:
    """Why a reply was set aside, and what it had cost."""
    return [Block(cost_line(entry)), Block((("→ ", "warn"), (one_line(words), "")))]


def cost_line(entry: Entry | None) -> Line:
    """What a request that failed cost."""
    if entry is None:
        return (("  Nothing was sent, so it cost nothing.", "dim"),)
    usage = entry.usage
    if not usage.prompt and not usage.output and entry.usage_source is not UsageSource.ESTIMATED:
        return (("  It was not served, so it cost nothing.", "dim"),)
    ((figures, style),) = footer_line(entry)
    maybe = entry.tier is Tier.API and entry.usage_source is UsageSource.ESTIMATED
    return ((figures + (f"{SEPARATOR}perhaps billed" if maybe else ""), style),)
