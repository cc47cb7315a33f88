"""Every action there is: its keys, its words, and where it works. All else is printed from here."""

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from console.ui.key_names import is_printable, names, shown

if TYPE_CHECKING:
    from textual.binding import BindingType


class Context(StrEnum):
    """Where an action works; the value is what a table calls it."""

    EVERYWHERE = "everywhere, also while typing"
    GLOBAL = "everywhere but in a text field"
    GPU = "GPU"
    LEDGER = "Ledger"
    CHAT = "Chat"
    CONVERSATION = "Chat, in the conversation"
    WHATIF = "What-if"
    COMPARE = "Compare"
    LIST = "Conversations"


ALONE = (Context.COMPARE, Context.LIST)
"""Contexts that have the screen to themselves: their keys meet no others."""

TYPED_IN = (Context.EVERYWHERE, Context.CHAT, Context.LIST)
"""Contexts in which a text field may have the focus; what must work then cannot be a letter."""

WITHIN = {Context.CHAT: (Context.CONVERSATION,)}
"""Contexts of a part of a pane, by the pane's; its keys go before the pane's own."""


class Action(NamedTuple):
    """One thing a key does.

    `keys` are comma-separated names as Textual has them; `method` the action of the widget that
    the context belongs to. `bar` is the word in the key bar; without one the bar leaves it out.
    """

    id: str
    context: Context
    keys: str
    method: str
    label: str
    help: str
    bar: str = ""

    @property
    def while_typing(self) -> bool:
        """Whether the action must also work while a text field has the focus."""
        return self.context in TYPED_IN and not any(map(is_printable, names(self.keys)))


def _pane(number: int, name: str) -> tuple[Action, Action]:
    to = f"Go to the {name} pane; again: zoom it, and back"
    place, method = name.lower().replace("-", ""), f"pane({number})"
    return (
        _everywhere(f"pane.{place}", f"f{number},alt+{number}", method, f"{name} pane", to),
        _global(f"digit.{place}", str(number), method, f"{name} pane", to),
    )


def _in(context: Context) -> Callable[..., Action]:
    def action(id: str, keys: str, method: str, label: str, help: str, bar: str = "") -> Action:
        return Action(
            id=id, context=context, keys=keys, method=method, label=label, help=help, bar=bar
        )

    return action


_everywhere, _global = _in(Context.EVERYWHERE), _in(Context.GLOBAL)
_gpu, _ledger = _in(Context.GPU), _in(Context.LEDGER)
_chat, _whatif = _in(Context.CHAT), _in(Context.WHATIF)
_reader = _in(Context.CONVERSATION)
_compare, _list = _in(Context.COMPARE), _in(Context.LIST)

ACTIONS: tuple[Action, ...] = (
    *_pane(1, "GPU"),
    *_pane(2, "Ledger"),
    *_pane(3, "Chat"),
    *_pane(4, "What-if"),
    _everywhere("palette", "ctrl+p", "app.command_palette", "Commands",
                "Find any command by its name", "find"),
    _everywhere(
        "back", "escape", "back", "One step back",
        "Close what is open, restore an edit, stop a reply, leave the prompt, undo the zoom: "
        "the first of these that applies",
    ),
    _everywhere("leave", "ctrl+q", "app.quit", "Quit", "Leave the console, also from a text field"),
    _everywhere("redraw", "ctrl+l", "app.redraw", "Redraw",
                "Draw the screen anew, whatever was written over it"),
    _global("zoom", "z", "zoom", "Zoom", "Give the pane the whole screen, and back", "zoom"),
    _global("help", "question_mark", "help", "Help", "What the pane shows, and its keys", "help"),
    _global("colon", "colon", "app.command_palette", "Commands", "Find any command by its name"),
    _global("theme", "T", "app.theme", "Next theme", "Change the colours to the next theme"),
    _global("copy", "y", "copy", "Copy", "Send what is shown to your terminal's clipboard"),
    _global("suspend", "ctrl+z", "app.suspend_process", "Sleep",
            "Give the terminal back to the shell; its `fg` brings the console back"),
    _global("quit", "q", "app.quit", "Quit", "Leave the console", "quit"),
    _gpu("gpu.pause", "space", "pause", "Pause", "Stop reading and release the driver, and back",
         "pause"),
    _gpu("gpu.faster", "plus,equals_sign", "interval(-1)", "Faster", "Read the cards more often"),
    _gpu("gpu.slower", "minus", "interval(1)", "Slower", "Read the cards less often"),
    _gpu("gpu.window", "w", "window", "Chart window", "Chart a longer stretch of time", "window"),
    _gpu("gpu.back", "left_square_bracket", "step(-1)", "Back in time",
         "Move the charts back in time", "back"),
    _gpu("gpu.forth", "right_square_bracket", "step(1)", "Forth in time",
         "Move the charts forth, at last back to now"),
    _gpu("gpu.down", "down,j", "select(1)", "Next card", "Select the next card"),
    _gpu("gpu.up", "up,k", "select(-1)", "Previous card", "Select the card before"),
    _gpu("gpu.first", "g,home", "select(-99)", "First card", "Select the first card"),
    _gpu("gpu.last", "G,end", "select(99)", "Last card", "Select the last card"),
    _gpu("gpu.alone", "enter,x", "alone", "One card",
         "Show the selected card in full, and all again", "details"),
    _gpu("gpu.page_down", "ctrl+d,pagedown", "scroll_page(1)", "Page down",
         "Further down in the list, or in a card in full"),
    _gpu("gpu.page_up", "ctrl+u,pageup", "scroll_page(-1)", "Page up",
         "Further up in the list, or in a card in full"),
    _ledger("ledger.down", "down,j", "move(1)", "Down", "To the older row"),
    _ledger("ledger.up", "up,k", "move(-1)", "Up", "To the newer row; from the first to the sums"),
    _ledger("ledger.page_down", "ctrl+d,pagedown", "page(1)", "Page down", "Half a page older"),
    _ledger("ledger.page_up", "ctrl+u,pageup", "page(-1)", "Page up", "Half a page newer"),
    _ledger("ledger.first", "g,home", "newest", "Newest", "To the newest row, and follow it"),
    _ledger("ledger.last", "G,end", "oldest", "Oldest", "To the oldest row"),
    _ledger("ledger.filter", "slash", "filter", "Filter",
            "Show some rows: tier:api model:sonnet >0.01 since:7d tag:x !haiku ended:error",
            "filter"),
    _ledger("ledger.sort", "s", "sort", "Sort",
            "Newest, oldest, dearest, longest, slowest first, by first token", "sort"),
    _ledger("ledger.group", "b", "group", "Group by",
            "Sums by model, tier, day (with a chart), tag, system prompt; then rows again",
            "group"),
    _ledger("ledger.window", "w", "window", "Totals of",
            "Totals of the next windows, where not all of today, 7 and 30 days, the month and all "
            "have room"),
    _ledger("ledger.export", "e", "export", "Export",
            "Write what is shown as CSV, JSON lines and Markdown"),
    _ledger("ledger.explain", "x,enter", "explain", "Explain",
            "Every field of the row, or how a sum, the projection, a budget was made",
            "explain"),
    _chat("chat.tier", "ctrl+t", "tier", "Tier",
          "Who serves the next request: auto, local, api", "tier"),
    _chat("chat.pin", "ctrl+o", "pin", "Pin to local",
          "From now on nothing of this conversation leaves the box", "pin to local"),
    _chat("chat.attach", "f5", "attach", "Attach a file",
          "Send a file's text along as context; /file does the same", "file"),
    _chat("chat.compare", "f6", "compare", "Compare",
          "Put the prompt to both tiers at once, blind, and say which reply is better",
          "compare"),
    _chat("chat.retry", "ctrl+r", "retry", "Retry",
          "Ask the last message again, on the other tier", "retry"),
    _chat("chat.resend", "f7", "resend", "Change and resend",
          "Change an earlier message and send it again; once more: the one before it"),
    _chat("chat.editor", "ctrl+g", "editor", "Editor",
          "Write what is in the prompt in your editor (VISUAL, EDITOR)", "editor"),
    _chat("chat.list", "f8,alt+l", "list", "Conversations",
          "Find a conversation; resume, rename, export or delete it", "list"),
    _chat("chat.new", "ctrl+n", "new", "New conversation", "Start over, unpinned", "new"),
    _chat("chat.prompt", "i", "prompt", "Write", "Go back to the prompt, from the conversation",
          "write"),
    _reader("read.message", "left_square_bracket", "mark('message', -1)", "Message before",
            "Mark the message before; y copies it"),
    _reader("read.next_message", "right_square_bracket", "mark('message', 1)", "Message after",
            "Mark the message after"),
    _reader("read.code", "c", "mark('code', -1)", "Code before",
            "Mark the code before; y copies it", "code"),
    _reader("read.next_code", "C", "mark('code', 1)", "Code after", "Mark the code after"),
    _reader("read.keep", "w", "keep_marked", "To a file",
            "Write what is marked, else the last message, into a file only you can read",
            "to a file"),
    _reader("read.fold", "t", "fold", "Thinking", "Show or hide what the model thought",
            "thinking"),
    _reader("read.find", "slash", "find", "Find", "Find words in this conversation", "find"),
    _reader("read.next", "n", "found(1)", "Next found", "To the next row with them"),
    _reader("read.last_found", "N", "found(-1)", "Found before", "To the row with them before"),
    _reader("read.down", "down,j", "move(1)", "Down", "A row down"),
    _reader("read.up", "up,k", "move(-1)", "Up", "A row up"),
    _reader("read.half_down", "ctrl+d", "half_page(1)", "Half a page down", "Half a page down"),
    _reader("read.half_up", "ctrl+u", "half_page(-1)", "Half a page up", "Half a page up"),
    _reader("read.page_down", "pagedown,space", "whole_page(1)", "Page down", "A page down"),
    _reader("read.page_up", "pageup", "whole_page(-1)", "Page up", "A page up"),
    _reader("read.first", "g,home", "ends(False)", "Top", "To the first row"),
    _reader("read.last", "G,end", "ends(True)", "Bottom", "To the last row, and follow it"),
    _whatif("whatif.down", "down,j", "field(1)", "Next input", "To the next input"),
    _whatif("whatif.up", "up,k", "field(-1)", "Previous input", "To the previous input"),
    _whatif("whatif.next_group", "ctrl+d", "group(1)", "Next group", "To the next group of inputs"),
    _whatif("whatif.last_group", "ctrl+u", "group(-1)", "Previous group",
            "To the previous group of inputs"),
    _whatif("whatif.first", "g,home", "ends(False)", "First input", "To the first input"),
    _whatif("whatif.last", "G,end", "ends(True)", "Last input", "To the last input"),
    _whatif("whatif.more", "right,l,plus", "step(1)", "More", "One step up; digits type a value",
            "step"),
    _whatif("whatif.less", "left,h,minus", "step(-1)", "Less", "One step down"),
    _whatif("whatif.tenfold", "pageup", "decade(1)", "Tenfold", "Ten times the value"),
    _whatif("whatif.tenth", "pagedown", "decade(-1)", "Tenth", "A tenth of the value"),
    _whatif("whatif.default", "0,delete", "default", "Default", "Back to the base's figure",
            "default"),
    _whatif("whatif.measured", "asterisk", "measured", "Measured",
            "Back to what your ledger says of it"),
    _whatif("whatif.undo", "u", "undo", "Undo", "Take a change back", "undo"),
    _whatif("whatif.redo", "U", "redo", "Redo", "Make the change again"),
    _whatif("whatif.pin_a", "a", "pin('a')", "Pin A", "Pin what is shown as A, or let it go",
            "pin"),
    _whatif("whatif.pin_b", "b", "pin('b')", "Pin B", "Pin what is shown as B, or let it go"),
    _whatif("whatif.pin_c", "c", "pin('c')", "Pin C", "Pin what is shown as C, or let it go"),
    _whatif("whatif.swap", "equals_sign", "swap", "Swap", "Edit the next pinned scenario"),
    _whatif("whatif.explain", "x", "answer('why')", "Explain",
            "Why the figures are what they are; of the article what it misprints", "explain"),
    _whatif("whatif.decision", "d", "answer('panel')", "Decision",
            "The decision table, the six dimensions, and every warning", "decide"),
    _whatif("whatif.tornado", "t", "answer('tornado')", "Tornado",
            "Which uncertain input moves the answer most", "tornado"),
    _whatif("whatif.draws", "M", "draws", "Monte Carlo",
            "2,000 draws with the next seed: every figure as an interval"),
    _whatif("whatif.replay", "r", "replay", "Replay",
            "Your ledger's days again under another policy, price, model or rig", "replay"),
    _whatif("whatif.seek", "S", "answer('seek')", "Goal seek",
            "The values of this input at which both sides cost the same"),
    _whatif("whatif.axes", "L", "axes", "Axes", "A linear or a logarithmic cost axis"),
    _whatif("whatif.words", "v", "words", "Everything in words",
            "Every month, crossover and warning in words, none cut"),
    _whatif("whatif.chart", "V", "chart", "Chart",
            "The chart instead of the words, where there is no room for both"),
    _whatif("whatif.save", "w", "save", "Save", "Save the scenario under a name"),
    _whatif("whatif.open", "o", "open", "Open", "Open a saved scenario, or a file by its path"),
    _whatif("whatif.export", "e", "export", "Export",
            "Write what is shown as JSON, CSV and Markdown"),
    _whatif("whatif.command", "Y", "command", "Copy command",
            "Copy the command that computes the same"),
    _compare("compare.a", "a", "judge('a')", "A is better",
             "Your verdict; afterwards: go on with A's reply"),
    _compare("compare.b", "b", "judge('b')", "B is better",
             "Your verdict; afterwards: go on with B's reply"),
    _compare("compare.tie", "t", "judge('tie')", "A tie", "Both replies are as good"),
    _compare("compare.bad", "n", "judge('both bad')", "Both are bad", "Neither is any good"),
    _compare("compare.go_on", "enter", "go_on", "Go on",
             "Back to the conversation, with the better reply"),
    _compare("compare.leave", "escape", "leave", "Leave", "Stop both replies; then leave"),
    _compare("compare.down", "down,j", "scroll_both(1)", "Down", "Scroll both replies"),
    _compare("compare.up", "up,k", "scroll_both(-1)", "Up", "Scroll both replies back"),
    _compare("compare.page_down", "ctrl+d,pagedown,space", "page_both(1)", "Page down",
             "A page of both replies"),
    _compare("compare.page_up", "ctrl+u,pageup", "page_both(-1)", "Page up",
             "A page of both replies back"),
    _list("list.open", "enter", "open", "Open", "Go on with the conversation", "opens"),
    _list("list.rename", "ctrl+r", "rename", "Rename", "Give it another title", "renames"),
    _list("list.export", "ctrl+e", "export", "Export",
          "Write it as Markdown to the folder the console was started in", "exports"),
    _list("list.delete", "ctrl+x", "delete", "Delete",
          "Delete it for good; once more to confirm", "deletes"),
    _list("list.down", "down", "move(1)", "Down", "To the older conversation"),
    _list("list.up", "up", "move(-1)", "Up", "To the newer conversation"),
    _list("list.page_down", "pagedown", "move(10)", "Page down", "Ten conversations older"),
    _list("list.page_up", "pageup", "move(-10)", "Page up", "Ten conversations newer"),
    _list("list.leave", "escape", "leave", "Leave", "Back, with nothing changed", "leaves"),
)  # fmt: skip
"""Every action, in the order in which it is printed."""


def actions(*contexts: Context) -> list[Action]:
    """The actions of some contexts."""
    return [action for action in ACTIONS if action.context in contexts]


def bindings(*contexts: Context) -> "list[BindingType]":
    """The bindings of the widget that some contexts belong to.

    Keys that work while typing come before the text field; the others reach it first.
    """
    from textual.binding import Binding

    return [
        Binding(
            action.keys,
            action.method,
            action.label,
            show=False,
            priority=action.while_typing,
            id=action.id,
        )
        for action in actions(*contexts)
    ]


def together(one: Context, other: Context) -> bool:
    """Whether actions of two contexts can be wanted at the same moment."""
    wide = (Context.EVERYWHERE, Context.GLOBAL)
    if one in WITHIN.get(other, ()) or other in WITHIN.get(one, ()):
        return True
    if one in ALONE or other in ALONE:
        return one is other
    return one is other or one in wide or other in wide


def markdown_table() -> str:
    """The table of keys for the README."""
    rows = ["| where | keys | id | what |", "|---|---|---|---|"]
    rows += [
        f"| {action.context} | {_code(action.keys)} | `{action.id}` | {action.help} |"
        for action in ACTIONS
    ]
    return "\n".join(rows)


def _code(keys: str) -> str:
    return " ".join(f"`{shown(name)}`" for name in names(keys))
