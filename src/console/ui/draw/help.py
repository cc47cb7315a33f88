"""What `?` shows: what the pane is, its keys, and those that work everywhere."""

from collections.abc import Iterator, Mapping

from console.ui.draw.line import Line, plain
from console.ui.draw.table import cell
from console.ui.draw.wrap import wrapped
from console.ui.key_names import shown
from console.ui.keys import WITHIN, Action, Context, actions

_KEYS = 16


def help_lines(text: str, context: Context, keymap: Mapping[str, str], width: int) -> list[Line]:
    """The help of one pane in lines of `width` cells."""
    lines: list[Line] = [*wrapped([(text, "")], width)]
    for title, contexts in (
        (f"Keys of {context}", (context,)),
        *((f"Keys of {inner}", (inner,)) for inner in WITHIN.get(context, ())),
        ("Keys everywhere but in a text field", (Context.GLOBAL,)),
        ("Keys everywhere, also while typing", (Context.EVERYWHERE,)),
    ):
        lines += [[], [(title, "accent")]]
        for action in actions(*contexts):
            lines += _key(action, keymap, width)
    lines += [[], [("Any key can be changed under [keys] in the configuration, by its id.", "dim")]]
    return lines


def _key(action: Action, keymap: Mapping[str, str], width: int) -> Iterator[Line]:
    keys = shown(keymap.get(action.id, action.keys))
    parts = wrapped([(action.help, "")], width - _KEYS - 2)
    for number, part in enumerate(parts):
        line = [(cell("" if number else f"  {keys}", _KEYS) + "  ", "strong"), *part]
        room = width - _KEYS - 2 - len(plain(part)) - len(action.id) - 2
        if number == len(parts) - 1 and room >= 0:
            line.append((" " * (room + 2) + action.id, "dim"))
        yield line
