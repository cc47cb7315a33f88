"""The first step: whether a request must stay on the box, and why. In doubt it must."""

from collections.abc import Callable
from pathlib import PurePath

from console.core.guard.kinds import Kind
from console.core.routing.policy import Marks
from console.core.routing.request import Request
from console.core.routing.rules import has_word, on_path

Look = Callable[[str, frozenset[Kind]], str | None]
"""What the guard finds in a text but the kinds ruled out, in words; None when nothing is."""

UNSEEN = "names and postal addresses are not looked for"
"""What no light guard can find."""


def must_stay(
    request: Request, system: str | None, tag: str | None, marks: Marks, look: Look
) -> str | None:
    """Why a request must stay on the box, the operator's own word first; None: it need not."""
    if request.pinned is not None:
        return request.pinned or "pinned"
    path = on_path(marks.paths, request.paths)
    if path is not None:
        return f"file {PurePath(path).name}"
    if tag is not None and on_path(marks.tags, (tag,)) is not None:
        return f"tag {tag}"
    if marks.images and request.vision:
        return "an image, which the guard cannot read"
    texts = [request.task, request.attachments, system or ""]
    texts += [turn.text for turn in request.history]
    for text in texts:
        if text:
            word = has_word(marks.words, text)
            if word is not None:
                return f'the word "{word}"'
    found: dict[str, None] = {}
    for text in texts:
        if text.strip():
            words = _seen(text, marks, look)
            found.update(dict.fromkeys(words.split(", ") if words else ()))
    return ", ".join(found) or None


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
