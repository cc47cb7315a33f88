"""The palette's commands: every action that works now, with its keys."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial

from textual.app import SystemCommand
from textual.dom import DOMNode

from console.ui.key_names import shown
from console.ui.keys import Context, actions
from console.ui.screens.main import MainScreen

_OPENS_IT = ("palette", "colon")


def commands(
    screen: MainScreen,
    keymap: Mapping[str, str],
    run: Callable[[str, DOMNode], Awaitable[object]],
) -> Iterator[SystemCommand]:
    """The actions of the focused pane, then those of every place; `run` runs one by its method."""
    pane = screen.current
    seen = set[str]()
    for context in (pane.place.context, Context.GLOBAL, Context.EVERYWHERE):
        target = pane if context is pane.place.context else screen
        for action in actions(context):
            if action.label not in seen and action.id not in _OPENS_IT:
                seen.add(action.label)
                title = f"{action.label}  ({shown(keymap.get(action.id, action.keys))})"
                yield SystemCommand(title, action.help, partial(run, action.method, target))
