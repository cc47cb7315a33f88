"""The line at the bottom: the keys that work here and now; and the tabs of a narrow terminal."""

from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from console.ui.draw.line import Line, Run
from console.ui.key_names import is_printable, names, shown
from console.ui.keys import WITHIN, Action, Context, actions
from console.ui.places import PLACES


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


def tab_line(current: int, width: int) -> Line:
    """The panes by number and name, the current one set off."""
    runs: list[Run] = []
    for number, name, _ in PLACES.values():
        label = f"{number} {name}" if width >= 44 or number == current else str(number)
        runs += [(" ", ""), (f" {label} ", "cursor" if number == current else "dim")]
    return runs


def _width(runs: Sequence[Run]) -> int:
    return sum(cell_len(text) for text, _ in runs)
