"""The first step: whether a request must stay on the box, and why. In doubt it must."""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import PurePath

from console.core.guard.kinds import Kind
from console.core.routing.policy import Marks
from console.core.routing.request import Request
from console.core.routing.rules import has_word, on_path

Look = Callable[[str, frozenset[Kind]], str | None]
"""What the guard finds in a text but the kinds ruled out, in words; None when nothing is."""

UNSEEN = "names and postal addresses are not looked for"
"""What no light guard can find."""

UNREADABLE = "an image that the guard cannot read"


def must_stay(
    request: Request, system: str | None, tag: str | None, marks: Marks, look: Look
) -> str | None:
    """Why a request must stay on the box, the operator's own word first; None: it need not.

    Reasons that the operator has set aside do not count.
    """
    reasons = [request.pinned] if request.pinned is not None else []
    if not reasons:
        reasons += _marked(request, system, tag, marks)
        reasons += _found(_texts(request, system), marks, look)
    kept = dict.fromkeys(each or "pinned" for each in reasons if each not in request.waived)
    return ", ".join(kept) or None


def _texts(request: Request, system: str | None) -> list[str]:
    texts = [request.task, request.attachments, system or ""]
    return [text for text in (*texts, *(turn.text for turn in request.history)) if text.strip()]


def _marked(request: Request, system: str | None, tag: str | None, marks: Marks) -> Iterator[str]:
    """What the operator's marks say."""
    paths = (*request.paths, *request.system_paths)
    path = next((each for each in paths if covered(each, marks.paths)), None)
    if path is not None:
        yield f"file {PurePath(path).name}"
    if tag is not None and covered(tag, marks.tags):
        yield f"tag {tag}"
    if marks.images and request.vision:
        yield UNREADABLE
    words = {_spaced(word): word for word in marks.words}
    for text in _texts(request, system) if words else ():
        word = has_word(tuple(words), _readings(text))
        if word is not None:
            yield f'the word "{words[word]}"'


def covered(name: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns covers a path or a tag, in any letter case."""
    folded = tuple(pattern.casefold() for pattern in patterns)
    return on_path(folded, (name.casefold(),)) is not None


@lru_cache(maxsize=256)
def _readings(text: str) -> str:
    """A text as the guard reads it, so that no line break, dash or coding hides a word in it."""
    from console.core.guard.scan import MOST_CHARS, unfolded

    # The guard keeps a longer one here anyway.
    return _spaced(unfolded(text) if len(text) <= MOST_CHARS else text)


def _spaced(text: str) -> str:
    """A text in which whatever parts two words is one space."""
    return " ".join(text.translate(_PARTING).split())


_PARTING = str.maketrans("-_", "  ")


def _found(texts: list[str], marks: Marks, look: Look) -> Iterator[str]:
    """What the guard finds."""
    for text in texts:
        words = _seen(text, marks, look)
        yield from words.split(", ") if words else ()


def _seen(text: str, marks: Marks, look: Look) -> str | None:
    try:
        return look(text, marks.ignored)
    except Exception as error:
        # Whatever went wrong, a text that was not looked through does not leave.
        return f"the guard failed ({type(error).__name__})"


def guard(text: str, ignored: frozenset[Kind]) -> str | None:
    """What the guard finds, in words."""
    # Its patterns take a while to compile, which an empty prompt need not wait for.
    from console.core.guard.scan import scan

    return scan(text, ignored=ignored).words or None
