"""How a reply ended otherwise than well: short, cut, failed, asked again, asked elsewhere."""

from console.core.context import unread
from console.core.entry import Entry
from console.core.tier import Tier
from console.core.usage import UsageSource
from console.ui.draw.line import Line
from console.ui.draw.message import SEPARATOR, Block, footer_line

_SHORT = {
    "max_tokens": ("The reply ends at the longest that was asked for.", "max_tokens"),
    "length": ("The reply ends at the longest that was asked for.", "max_tokens"),
    "model_context_window_exceeded": ("The reply ran into the end of the context.", ""),
    "tool_use": ("The model stopped to call a tool, and none is offered here.", ""),
    "tool_calls": ("The model stopped to call a tool, and none is offered here.", ""),
    "refusal": ("The model declines to answer this.", ""),
    "content_filter": ("The server's filter ended the reply.", ""),
}
"""Why a model stops that has not come to its end, in the words of the protocols."""


def short_blocks(entry: Entry, stop_reason: str | None) -> list[Block]:
    """That a complete answer of the server is not a complete reply, and what to do."""
    what, setting = _SHORT.get(stop_reason or "", ("", ""))
    if not what:
        return []
    todo = f"  Raise tiers.{entry.tier}.{setting}, or ask it to go on." if setting else ""
    advice = [Block(((todo, "dim"),))] if todo else []
    return [Block((("! ", "warn"), (what, ""))), *advice]


def cut_blocks(entry: Entry, sent: str) -> list[Block]:
    """That the server has read less than was sent, where its own count shows it."""
    read = entry.usage.prompt
    about = unread(sent, read) if entry.provider == "ollama" else None
    if about is None:
        return []
    said = f"Only {read:,} of about {about:,} tokens were read: Ollama cut the rest off silently."
    todo = f"  Send less, or raise tiers.{entry.tier}.num_ctx."
    return [Block((("! ", "warn"), (said, ""))), Block(((todo, "dim"),))]


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
