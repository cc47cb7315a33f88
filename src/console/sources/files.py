"""Files that the operator attaches as context."""

import os
import stat
from pathlib import Path

from console.core.chat import Attachment
from console.core.text import one_line

MOST_BYTES = 1_000_000


def read_attachment(path: str) -> Attachment:
    """A text file as context, its text exactly as it is on disk; `~` is the home folder.

    Raises ValueError with a sentence when it is missing, unreadable, too long, or not text.
    """
    shown = one_line(path) or '""'
    try:
        file = Path(path).expanduser()
        text = _text(_read(file, shown), shown)
        return Attachment(
            one_line(file.name), text, path=str(file.absolute()), real_path=str(file.resolve())
        )
    except FileNotFoundError:
        raise ValueError(f"{shown} does not exist.") from None
    except PermissionError:
        raise ValueError(f"{shown} may not be read by you; check its permissions.") from None
    except OSError as error:
        raise ValueError(f"{shown} cannot be read: {error.strerror}.") from None
    except RuntimeError:
        raise ValueError(f"{shown} begins with a home folder that nobody here has.") from None


def _read(file: Path, shown: str) -> bytes:
    if "\0" in str(file):
        raise ValueError(f"{shown} is no name of a file.")
    # Looked at before it is opened (opening a device can act on it) and without waiting, should a
    # pipe take its place in between.
    _require_file(file.stat().st_mode, shown)
    handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as opened:
        _require_file(os.fstat(handle).st_mode, shown)
        content = opened.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"{shown} is over 1 MB, the most that can be attached.")
    return content


def _require_file(mode: int, shown: str) -> None:
    if stat.S_ISDIR(mode):
        raise ValueError(f"{shown} is a folder; attach the files in it one by one.")
    if not stat.S_ISREG(mode):
        raise ValueError(f"{shown} is a pipe or a device, not a file.")


def _text(content: bytes, shown: str) -> str:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise ValueError(f"{shown} is not text in UTF-8; only text can be attached.") from None
    if "\0" in text:
        raise ValueError(f"{shown} is not text (it holds NUL bytes); only text can be attached.")
    if not text:
        raise ValueError(f"{shown} is empty; there is nothing to attach.")
    return text
