"""Files that the operator attaches: text and images, one by one or by a pattern."""

import glob
import os
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from console.core.chat import Attached, Attachment, Image
from console.core.picture import media_type
from console.core.text import one_line
from console.sources.places import write_whole

MOST_BYTES = 1_000_000
"""The longest text file."""

MOST_IMAGE_BYTES = 5_000_000
"""The largest image; the Messages API takes no more."""

MOST_FILES = 200
"""Files that one pattern may match."""

_WILD = frozenset("*?[")
_MOST_COMPLETIONS = 200


class LocalFiles:
    """The files of this machine, as the operator names them; `~` is the home folder."""

    def attach(self, pattern: str) -> Attached:
        """The files that a path or a pattern (`*`, `?`, `[…]`, `**`) names, as context.

        What a pattern matches beside text and images (folders, binaries, what is too long) is left
        out and said. Raises ValueError with a sentence for a path that cannot be attached, and for
        a pattern that matches nothing or too much.
        """
        if not _WILD & set(pattern) or os.path.lexists(Path(pattern).expanduser()):
            return Attached((read_attachment(pattern),))
        return _matched(pattern)

    def complete(self, start: str) -> list[str]:
        """The paths that begin so, folders with a slash at the end; none when it names nothing."""
        head, _, tail = start.rpartition("/")
        folder = Path(f"{head}/" if "/" in start else ".")
        found = []
        try:
            with os.scandir(folder.expanduser()) as entries:
                for entry in entries:
                    hidden = entry.name.startswith(".") and not tail.startswith(".")
                    if entry.name.startswith(tail) and not hidden:
                        slash = "/" if entry.is_dir() else ""
                        found.append(f"{start[: len(start) - len(tail)]}{entry.name}{slash}")
        except (OSError, RuntimeError, ValueError):
            return []
        return sorted(found)[:_MOST_COMPLETIONS]

    def write(self, path: str, text: str) -> str:
        """Write a new file, 0600, and say where; raises ValueError when it is there or cannot be.

        A folder that does not exist is not made.
        """
        file, shown = Path(path).expanduser().absolute(), one_line(path)
        if os.path.lexists(file):
            raise ValueError(f"{shown} exists already; give another name.")
        if not file.parent.is_dir():
            raise ValueError(f"{one_line(str(file.parent))} is no folder.")
        try:
            write_whole(file, text)
        except OSError as error:
            raise ValueError(f"{shown} cannot be written: {error.strerror}.") from None
        return str(file)


def read_attachment(path: str) -> Attachment:
    """A file as context: its text exactly as it is on disk, or the image it is.

    Raises ValueError with a sentence when it is missing, unreadable, too long, or neither.
    """
    shown = one_line(path) or '""'
    try:
        return _attachment(Path(path).expanduser(), shown)
    except RuntimeError:
        raise ValueError(f"{shown} begins with a home folder that nobody here has.") from None


def _matched(pattern: str) -> Attached:
    shown = one_line(pattern)
    root = _fixed_part(pattern)
    try:
        hits = list(islice(_files(pattern), MOST_FILES + 1))
    except RuntimeError:
        raise ValueError(f"{shown} begins with a home folder that nobody here has.") from None
    if not hits:
        raise ValueError(f"{shown} matches no file.")
    if len(hits) > MOST_FILES:
        raise ValueError(f"{shown} matches over {MOST_FILES} files; name fewer.")
    files, left_out = [], []
    for hit in sorted(hits):
        name = os.path.relpath(hit, root)
        try:
            files.append(_attachment(Path(hit), one_line(name), one_line(name)))
        except ValueError as error:
            left_out.append(str(error))
    if not files:
        raise ValueError(f"{shown} matches nothing that can be attached: {left_out[0]}")
    return Attached(tuple(files), tuple(left_out))


def _files(pattern: str) -> Iterator[str]:
    expanded = str(Path(pattern).expanduser())
    # As a shell does, this leaves hidden files out; Path.glob takes them.
    hits = glob.iglob(expanded, recursive=True)  # noqa: PTH207
    return (hit for hit in hits if not Path(hit).is_dir())


def _fixed_part(pattern: str) -> Path:
    """The folder before the first wild part; names in a pattern's result begin after it."""
    parts = Path(pattern).expanduser().parts
    fixed = next((at for at, part in enumerate(parts) if _WILD & set(part)), len(parts))
    return Path(*parts[:fixed])


def _attachment(file: Path, shown: str, name: str | None = None) -> Attachment:
    try:
        content = _read(file, shown)
        path, real_path = str(file.absolute()), str(file.resolve())
    except FileNotFoundError:
        raise ValueError(f"{shown} does not exist.") from None
    except PermissionError:
        raise ValueError(f"{shown} may not be read by you; check its permissions.") from None
    except OSError as error:
        raise ValueError(f"{shown} cannot be read: {error.strerror}.") from None
    name = name or one_line(file.name)
    if kind := media_type(content):
        return Attachment(name, "", Image(name, kind, content), path, real_path)
    return Attachment(name, _text(content, shown), None, path, real_path)


def _read(file: Path, shown: str) -> bytes:
    if "\0" in str(file):
        raise ValueError(f"{shown} is no name of a file.")
    # Looked at before it is opened (opening a device can act on it) and without waiting, should a
    # pipe take its place in between.
    _require_file(file.stat().st_mode, shown)
    handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as opened:
        _require_file(os.fstat(handle).st_mode, shown)
        content = opened.read(MOST_IMAGE_BYTES + 1)
    if media_type(content):
        if len(content) > MOST_IMAGE_BYTES:
            raise ValueError(f"{shown} is over 5 MB, the most that an image can be.")
    elif len(content) > MOST_BYTES:
        raise ValueError(f"{shown} is over 1 MB, the most that can be attached.")
    return content


def _require_file(mode: int, shown: str) -> None:
    if stat.S_ISDIR(mode):
        raise ValueError(f"{shown} is a folder; for the files in it, name a pattern: {shown}/*.")
    if not stat.S_ISREG(mode):
        raise ValueError(f"{shown} is a pipe or a device, not a file.")


def _text(content: bytes, shown: str) -> str:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise ValueError(
            f"{shown} is neither text in UTF-8 nor a PNG, JPEG, WebP or GIF image."
        ) from None
    if "\0" in text:
        raise ValueError(f"{shown} is not text (it holds NUL bytes); only text can be attached.")
    if not text:
        raise ValueError(f"{shown} is empty; there is nothing to attach.")
    return text
