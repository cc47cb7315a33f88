"""The prompt: a few lines of text with a history, where Enter sends and a paste never does."""

from textual.events import Key, Paste
from textual.message import Message
from textual.widgets import TextArea

from console.core.text import printable
from console.ui.draw.chat import ASK

PASTE_CHARS = 2_000
"""Characters above which a paste becomes an attachment."""

PASTE_LINES = 20
"""Lines above which a paste becomes an attachment."""

HISTORY = 200
"""Sent texts that can be recalled."""

NEWLINE_KEYS = frozenset({"shift+enter", "alt+enter", "alt+j"})
"""Keys for a new line. Terminals without the kitty protocol send Enter for the first two; alt+j,
and a backslash before Enter, work in all."""


class Prompt(TextArea):
    """The text that is being written; it asks its parent by messages for everything else."""

    DEFAULT_CSS = """
    Prompt {
        height: auto;
        max-height: 40%;
        padding: 0;
        background: transparent;
        scrollbar-size: 0 0;
    }
    Prompt, Prompt:focus { border: none; }
    """

    class Submitted(Message):
        """The operator pressed Enter."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Pasted(Message):
        """A paste too large to stand in the prompt."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Paged(Message):
        """Page keys move through the conversation; the prompt has no pages."""

        def __init__(self, pages: int) -> None:
            super().__init__()
            self.pages = pages

    class Recalled(Message):
        """A text of the history is in the prompt again."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Completed(Message):
        """Tab in a text that starts with a slash."""

    class Chosen(Message):
        """Another choice of the menu is meant."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(
            id=id,
            compact=True,
            highlight_cursor_line=False,
            placeholder=ASK,
        )
        # A blinking cursor is sent again twice a second.
        self.cursor_blink = False
        self.match_cursor_bracket = False
        self.choosing = False
        """Whether the arrows move through a menu."""
        self._history: list[str] = []
        self._at = 0
        self._draft = ""

    def put(self, text: str) -> None:
        """Replace the text, with the cursor at its end."""
        self.load_text(printable(text))
        self.move_cursor(self.document.end)

    def remember(self, text: str) -> None:
        """Add a sent text to the history."""
        if self._history[-1:] != [text]:
            self._history = [*self._history, text][-HISTORY:]
        self._at = len(self._history)

    def recall_from(self, earlier: list[str]) -> None:
        """Put texts of earlier runs before what was sent in this one."""
        self._history = [*earlier, *self._history][-HISTORY:]
        self._at = len(self._history)

    def on_key(self, event: Key) -> None:
        """Enter sends, a backslash before it or another key makes a new line, Tab completes."""
        if event.key in NEWLINE_KEYS:
            self._insert("\n")
        elif event.key == "enter":
            row, column = self.cursor_location
            if self.document[row][:column].endswith("\\"):
                self.replace("\n", (row, column - 1), (row, column))
                self.move_cursor((row + 1, 0))
            else:
                self.post_message(self.Submitted(self.text))
        elif event.key == "tab" and self.text.startswith("/"):
            self.post_message(self.Completed())
        else:
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: Paste) -> None:
        """Text goes in as it is, much of it becomes an attachment."""
        event.stop()
        event.prevent_default()
        text = event.text.replace("\r\n", "\n").replace("\r", "\n")
        if len(text) > PASTE_CHARS or text.count("\n") >= PASTE_LINES:
            self.post_message(self.Pasted(text))
        else:
            self._insert(printable(text))

    def action_cursor_up(self, select: bool = False) -> None:
        """Up a row; above the first, back in the history. In a menu, to the choice before."""
        if self.choosing and not select:
            self.post_message(self.Chosen(-1))
        elif select or not self.navigator.is_first_wrapped_line(self.cursor_location):
            super().action_cursor_up(select)
        elif self._at > 0:
            if self._at == len(self._history):
                self._draft = self.text
            self._recall(self._at - 1)

    def action_cursor_down(self, select: bool = False) -> None:
        """Down a row; below the last, forward in the history. In a menu, to the next choice."""
        if self.choosing and not select:
            self.post_message(self.Chosen(1))
        elif select or not self.navigator.is_last_wrapped_line(self.cursor_location):
            super().action_cursor_down(select)
        elif self._at < len(self._history):
            self._recall(self._at + 1)

    def action_cursor_page_up(self) -> None:
        """A page back in the conversation."""
        self.post_message(self.Paged(-1))

    def action_cursor_page_down(self) -> None:
        """A page on in the conversation."""
        self.post_message(self.Paged(1))

    def _insert(self, text: str) -> None:
        start, end = self.selection
        self.move_cursor(self.replace(text, start, end).end_location)

    def _recall(self, at: int) -> None:
        self._at = at
        text = self._history[at] if at < len(self._history) else self._draft
        self.put(text)
        self.post_message(self.Recalled(text))
