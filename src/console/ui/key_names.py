"""The names of keys: as Textual has them, as they are printed, and those no action may have."""

import re
import unicodedata

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


_SHORT = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
"""Keys that Textual does not name as Unicode does."""

_LONG = {short: long for long, short in _SHORT.items()}

_SIGNS = {
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "backspace": "⌫",
    "escape": "esc",
    "enter": "⏎",
    "minus": "-",
    "space": "space",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "delete": "del",
}
"""How keys without a character are printed."""

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
        return _name_of(key)
    *modifiers, last = key.split("+")
    return "+".join([*modifiers, _name_of(last) if len(last) == 1 else last])


def _name_of(character: str) -> str:
    """A character's key as Textual names it: by Unicode, but for a few."""
    if character.isalnum():
        return character
    name = unicodedata.name(character, character).lower().replace("-", "_").replace(" ", "_")
    return _SHORT.get(name, name)


def _printed(name: str) -> str:
    """A key without modifiers as it is printed: "/" for slash, "pgdn" for pagedown."""
    if name in _SIGNS:
        return _SIGNS[name]
    long = _LONG.get(name, name)
    for dashes in (0, 1, -1):
        spelled = long.replace("_", "-", dashes).replace("_", " ")
        try:
            character = unicodedata.lookup(spelled)
        except KeyError:
            continue
        if character.isprintable():
            return character
    return long


def shown(keys: str, most: int | None = None) -> str:
    """Comma-separated keys as they are printed: ^p F1 space."""
    return " ".join(list(dict.fromkeys(_shown(name) for name in names(keys)))[:most])


def _shown(name: str) -> str:
    if name.startswith("ctrl+"):
        return "^" + _shown(name.removeprefix("ctrl+"))
    if name.startswith("f") and name[1:].isdigit():
        return name.upper()
    return _printed(name)


def is_printable(name: str) -> bool:
    """Whether a key types a character, so that a text field wants it."""
    if "+" in name:
        return False
    shown = _printed(name)
    return name == "space" or len(name) == 1 or (len(shown) == 1 and shown.isascii())
