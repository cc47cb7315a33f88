"""The names of keys: as Textual has them, as they are printed, and those no action may have."""

import re

from textual.keys import _character_to_key, format_key

FORBIDDEN = {
    "ctrl+h": "Backspace",
    "ctrl+i": "Tab",
    "ctrl+j": "Enter",
    "ctrl+m": "Enter",
    "ctrl+left_square_bracket": "Escape",
    "ctrl+a": "the prefix of screen",
    "ctrl+b": "the prefix of tmux",
}
"""Keys that a terminal sends for something else, or that a multiplexer keeps."""


_NAME = re.compile(r"(?:(?:ctrl|alt|shift|super|hyper|meta)\+)*\w{1,40}")
"""A key as Textual names it."""


def is_name(name: str) -> bool:
    """Whether this can be a key's name."""
    return _NAME.fullmatch(name) is not None


def names(keys: str) -> tuple[str, ...]:
    """Comma-separated keys as Textual names them: "?" is question_mark."""
    return tuple(_name(key.strip()) for key in keys.split(",") if key.strip())


def _name(key: str) -> str:
    if len(key) == 1:
        return _character_to_key(key)
    *modifiers, last = key.split("+")
    return "+".join([*modifiers, _character_to_key(last) if len(last) == 1 else last])


def shown(keys: str, most: int | None = None) -> str:
    """Comma-separated keys as they are printed: ^p F1 space."""
    return " ".join(list(dict.fromkeys(_shown(name) for name in names(keys)))[:most])


def _shown(name: str) -> str:
    if name.startswith("ctrl+"):
        return "^" + _shown(name.removeprefix("ctrl+"))
    if name.startswith("f") and name[1:].isdigit():
        return name.upper()
    return format_key(name)


def is_printable(name: str) -> bool:
    """Whether a key types a character, so that a text field wants it."""
    if "+" in name:
        return False
    shown = format_key(name)
    return name == "space" or len(name) == 1 or (len(shown) == 1 and shown.isascii())
