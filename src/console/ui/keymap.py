"""The operator's own keys: which of their wishes hold, and why the others do not."""

from collections.abc import Mapping

from console.core.text import one_line
from console.ui.key_names import FORBIDDEN, is_name, is_printable, names, shown
from console.ui.keys import ACTIONS, Action, together


def remap(wanted: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The keymap for `App.set_keymap`, and a sentence for each wish that is refused.

    `wanted` is action id to comma-separated keys. Two actions may swap keys; a wish that is
    refused leaves its action's own keys taken.
    """
    known = {action.id: action for action in ACTIONS}
    accepted = dict(wanted)
    refused: list[str] = []
    while True:
        troubles = {id: _trouble(known, accepted, id, keys) for id, keys in accepted.items()}
        worst = next((id for id, trouble in troubles.items() if trouble), None)
        if worst is None:
            return {id: ",".join(names(keys)) for id, keys in accepted.items()}, refused
        del accepted[worst]
        refused.append(f"[keys] {one_line(worst)}: {troubles[worst]}")


def _trouble(
    known: Mapping[str, Action], wanted: Mapping[str, str], id: str, keys: str
) -> str | None:
    action = known.get(id)
    if action is None:
        from difflib import get_close_matches

        near = get_close_matches(id, known, 1)
        return "there is no such action" + (f"; did you mean {near[0]}?" if near else ".")
    mine = names(keys)
    if not mine:
        return f"no key is given; it keeps {shown(action.keys)}."
    for name in mine:
        if not is_name(name):
            return f"{one_line(name)[:40]} is no key."
        if name in FORBIDDEN:
            return f"{shown(name)} cannot be used: a terminal takes it for {FORBIDDEN[name]}."
        if action.while_typing and is_printable(name):
            return f"{shown(name)} is a character, and this key must also work while typing."
        for other in known.values():
            taken = names(wanted.get(other.id, other.keys))
            if other.id != id and name in taken and together(action.context, other.context):
                return f"{shown(name)} already does {other.id}."
    return None
