"""Which characters begin and belong to what is typed into the what-if's sheet."""

LONGEST = 60
"""Characters that one input takes."""

# 0 goes back to the default, so 0.5 is typed as .5.
_STARTS = frozenset("123456789.$")
_NUMBER = frozenset("0123456789.$kKMBGeE%¢_,+- ")


def starts(character: str) -> bool:
    """Whether a key on a row begins a number."""
    return character in _STARTS if character else False


def belongs(character: str, free_text: bool) -> bool:
    """Whether a character is typed: any in a name, a number's own in a number.

    The rest are refused so that a slip is no surprise.
    """
    if not character or not character.isprintable():
        return False
    return free_text or character in _NUMBER
