"""What a tier cannot do for a request: see its images, hold its length, run the model at all."""

from typing import NamedTuple

from console.core.routing.request import Request
from console.core.routing.situation import Footing

CHARS_PER_TOKEN = 4
"""The rule behind estimated token counts."""

IMAGE_TOKENS = 1_000
"""What an image takes of a context, about."""

_SURELY = 2


class Lack(NamedTuple):
    """What a tier lacks, in words; `sure` where the request cannot be served, not just perhaps."""

    words: str
    sure: bool


def lack(request: Request, system: str | None, footing: Footing) -> Lack | None:
    """The first thing that a tier lacks for a request."""
    if request.vision and footing.sees is False:
        return Lack(f"{footing.model} cannot see images", sure=True)
    window = footing.context_tokens
    if window is not None:
        needed = tokens(request, system)
        if needed > window:
            words = f"about {needed:,} tokens do not fit a context of {window:,}"
            return Lack(words, sure=needed > _SURELY * window)
    if footing.missing is not None:
        return Lack(footing.missing, sure=False)
    return None


def tokens(request: Request, system: str | None) -> int:
    """About how many tokens a request is, at four characters a token."""
    chars = len(request.task) + request.context_chars + len(system or "")
    images = len(request.images) + sum(len(turn.images) for turn in request.history)
    return -(-chars // CHARS_PER_TOKEN) + IMAGE_TOKENS * images
