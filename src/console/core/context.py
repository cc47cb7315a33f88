"""Whether a server that tells nobody has read less of a prompt than was sent."""

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
