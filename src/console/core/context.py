"""Where a complete answer is not the whole: a prompt cut on its way in, a reply cut short."""

from console.core.tier import Tier

CHARS_PER_TOKEN = 4
"""About what a token of English is; code and other scripts have fewer characters a token."""

MOST_CHARS_PER_TOKEN = 8
"""No running text has more, runs of spaces counted as one."""

_STEP = 1024
"""Contexts are whole multiples of it; a prompt that is exactly so long has been cut to it."""


def unread(sent: str, read_tokens: int | None) -> int | None:
    """About how many tokens were sent, when clearly fewer were read; None when all seems read.

    Ollama cuts a prompt to its context, or leaves old messages out, and says nothing but the count
    of what it read.
    """
    if read_tokens is None or read_tokens <= 0:
        return None
    chars = len(" ".join(sent.split()))
    about = -(-chars // CHARS_PER_TOKEN)
    cut_to_size = read_tokens % _STEP == 0 and about > read_tokens
    return about if cut_to_size or chars > MOST_CHARS_PER_TOKEN * read_tokens else None


def cut_off(
    sent: str, read_tokens: int | None, provider: str, tier: Tier
) -> tuple[str, str] | None:
    """That less was read than was sent, with the numbers, and what to do; None when it was not."""
    about = unread(sent, read_tokens) if provider == "ollama" else None
    if about is None:
        return None
    return (
        f"Only {read_tokens:,} of about {about:,} tokens were read: "
        "Ollama cut the rest off silently.",
        f"Send less, or raise tiers.{tier}.num_ctx.",
    )


_TOO_LONG = "The reply ends at the longest that was asked for."
_TOOL = "The model stopped to call a tool, and none is offered here."
_SHORT = {
    "max_tokens": _TOO_LONG,
    "length": _TOO_LONG,
    "model_context_window_exceeded": "The reply ran into the end of the context.",
    "tool_use": _TOOL,
    "tool_calls": _TOOL,
    "refusal": "The model declines to answer this.",
    "content_filter": "The server's filter ended the reply.",
}
"""Why a model stops that has not come to its end, by the words of the protocols."""


def stopped_short(stop_reason: str | None, tier: Tier) -> tuple[str, str] | None:
    """Why a reply is not complete although its stream is, and what to do; None when it is."""
    what = _SHORT.get(stop_reason or "")
    if what is None:
        return None
    longer = f"Raise tiers.{tier}.max_tokens, or ask it to go on."
    return what, longer if what is _TOO_LONG else ""
