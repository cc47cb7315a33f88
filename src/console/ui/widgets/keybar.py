"""The line at the bottom: the keys that work here and now; and the tabs of a narrow terminal."""

from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from console.ui.draw.line import Line, Run
from console.ui.key_names import is_printable, names, shown
from console.ui.keys import WITHIN, Action, Context, actions
from console.ui.widgets.rows import Rows


def key_line(context: Context | None, typing: bool, keymap: Mapping[str, str], width: int) -> Line:
    """The keys of the focused pane, then the global ones, as many as fit whole."""
    inner = [] if context is None or typing else actions(*WITHIN.get(context, ()))
    own = actions(context) if context else []
    local = _parts([*inner, *own], typing, keymap)
    wide = _parts(actions(Context.EVERYWHERE, Context.GLOBAL), typing, keymap)
    panes = [[("F1", "accent"), ("-", "dim"), ("F4", "accent"), (" panes", "dim")]]
    runs: list[Run] = [(" ", "")]
    for part in [*local, *panes, *wide]:
        if _width(runs) + _width(part) + 2 > width:
            break
        runs += [*part, ("  ", "")]
    return runs


def _parts(chosen: Sequence[Action], typing: bool, keymap: Mapping[str, str]) -> list[list[Run]]:
    parts: list[list[Run]] = []
    for action in chosen:
        keys = keymap.get(action.id, action.keys)
        usable = [name for name in names(keys) if not (typing and is_printable(name))]
        if action.bar and usable:
            parts.append([(shown(usable[0]), "accent"), (f" {action.bar}", "dim")])
    return parts


def tab_line(panes: Sequence[tuple[int, str]], current: int, width: int) -> Line:
    """The panes by number and name, the current one set off."""
    runs: list[Run] = []
    for number, name in panes:
        label = f"{number} {name}" if width >= 44 or number == current else str(number)
        runs += [(" ", ""), (f" {label} ", "cursor" if number == current else "dim")]
    return runs


def _width(runs: Sequence[Run]) -> int:
    return sum(cell_len(text) for text, _ in runs)


class KeyBar(Rows):
    """Shows the keys for where the focus is."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._what: tuple[Context | None, bool, Mapping[str, str]] = (None, False, {})

    def tell(self, context: Context | None, typing: bool, keymap: Mapping[str, str]) -> None:
        """Show what changed."""
        self._what = (context, typing, keymap)
        self.show([key_line(context, typing, keymap, self.size.width)])

    def on_resize(self) -> None:
        """Draw for the new width."""
        self.tell(*self._what)


class TabLine(Rows):
    """Shows which of the panes is on screen, where only one fits."""

    def __init__(self, panes: Sequence[tuple[int, str]], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._panes = panes
        self._current = 0

    def tell(self, current: int) -> None:
        """Set a pane off."""
        self._current = current
        self.show([tab_line(self._panes, current, self.size.width)])

    def on_resize(self) -> None:
        """Draw for the new width."""
        self.tell(self._current)
