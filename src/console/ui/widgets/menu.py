"""The list over the prompt: what the command that is being typed can become."""

from collections.abc import Sequence

from rich.cells import cell_len

from console.core.text import one_line
from console.ui.commands import Choice
from console.ui.draw.line import Line
from console.ui.draw.table import cell
from console.ui.widgets.rows import Rows

MOST_ROWS = 8
"""Choices that are seen at once."""


def menu_lines(choices: Sequence[Choice], chosen: int, rows: int, width: int) -> list[Line]:
    """The choices round the chosen one, which is set off, and how many there are beside.

    Those are told in the last row at any width; a name there that leaves no room is cut.
    """
    first = min(max(0, chosen - rows + 1), max(0, len(choices) - rows))
    shown = choices[first : first + rows]
    labels = [one_line(choice.label) for choice in shown]
    column = min(32, max(map(cell_len, labels), default=0))
    lines: list[Line] = []
    for at, (label, choice) in enumerate(zip(labels, shown, strict=True), first):
        padded = label + " " * max(0, column - cell_len(label))
        style = "cursor" if at == chosen else "accent"
        lines.append(((f" {padded} ", style), (f" {choice.help}", "dim")))
    if (more := len(choices) - len(shown)) > 0:
        (name, its_style), (about, style) = lines[-1]
        told = f" {more} more"
        room = max(0, width - cell_len(told))
        lines[-1] = (
            (cell(name, room) if cell_len(name) > room else name, its_style),
            (told, "strong"),
            (f" ·{about}" if about.strip() else "", style),
        )
    return lines


class Menu(Rows):
    """Shows choices while there are any, one of them chosen."""

    DEFAULT_CSS = "Menu { height: auto; display: none; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.choices: Sequence[Choice] = ()
        self.chosen = 0
        self.moved = False
        """Whether the operator has moved to the chosen one."""

    def offer(self, choices: Sequence[Choice]) -> None:
        """Show these choices, the first of them chosen; nothing without any."""
        if choices != self.choices:
            self.choices, self.chosen, self.moved = choices, 0, False
            self._draw()

    def move(self, by: int) -> None:
        """Choose another one; past an end comes the other."""
        if self.choices:
            self.chosen = (self.chosen + by) % len(self.choices)
            self.moved = True
            self._draw()

    def on_resize(self) -> None:
        """Draw for the new width."""
        self._draw()

    def _draw(self) -> None:
        lines = menu_lines(self.choices, self.chosen, MOST_ROWS, self.size.width)
        self.styles.height = len(lines) or 1
        self.display = bool(lines)
        self.show(lines)
