"""How a theme draws a named style, by the names of its colours."""

from typing import NamedTuple


class Ink(NamedTuple):
    """The names of a text's colour and ground, and whether it is bold; None is the widget's own."""

    colour: str | None = None
    ground: str | None = None
    bold: bool = False


def ink(style: str) -> Ink:
    """How a style of a line is drawn."""
    if style in ("", "strong"):
        return Ink(bold=style == "strong")
    if style == "cursor":
        return Ink("cursor-text", "cursor")
    if style == "mark":
        return Ink("background", "warn", bold=True)
    return Ink(style, bold=style in ("warn", "bad"))
