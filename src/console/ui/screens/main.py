"""The screen: a status line, the panes, the key bar, and which pane has the focus."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial

from textual import work
from textual.app import ComposeResult, SuspendNotSupported
from textual.containers import Container
from textual.content import Content
from textual.events import DescendantFocus, Resize
from textual.screen import Screen
from textual.widgets import Static

from console.core.gpu import Snapshot
from console.services.console import Console
from console.services.page import Page
from console.ui.clipboard import Clipboard, Said
from console.ui.compositor import NarrowCompositor
from console.ui.draw.ledger import clock_time
from console.ui.draw.shape import BY_HEIGHT, BY_WIDTH, WIDE, shape
from console.ui.draw.status import glance
from console.ui.keys import Context, bindings
from console.ui.messages import (
    Answer,
    AskLine,
    BooksRead,
    CopyText,
    EditText,
    Explain,
    ExplainSum,
    KeepText,
    ListChats,
    Say,
)
from console.ui.panes.chat import ChatPane
from console.ui.panes.gpu import GpuPane
from console.ui.panes.ledger import LedgerPane
from console.ui.panes.whatif import WhatifPane
from console.ui.picture import is_known
from console.ui.places import CHAT, LEDGER, left
from console.ui.widgets.keybar import KeyBar, TabLine
from console.ui.widgets.pane import Pane
from console.ui.widgets.status import StatusLine

_PATIENCE_S = 0.7
"""How long the first full frame is waited for: a driver may take seconds to open."""


class MainScreen(Screen[None]):
    """Four panes on one screen, or one at a time where there is room for no more.

    `whole` is set when the first full frame has been drawn, with the GPUs and the ledger read.
    """

    BINDINGS = bindings(Context.EVERYWHERE, Context.GLOBAL)
    HORIZONTAL_BREAKPOINTS = BY_WIDTH
    VERTICAL_BREAKPOINTS = BY_HEIGHT
    AUTO_FOCUS = ""

    def __init__(self, console: Console, keymap: Mapping[str, str], whole: asyncio.Event) -> None:
        super().__init__()
        if is_known():
            self._compositor = NarrowCompositor()
        self._services = console
        self._keymap = keymap
        self._whole = whole
        self._page: Page | None = None
        self._ends: list[Callable[[], None]] = []

    def compose(self) -> ComposeResult:
        """The status line, the panes, the key bar, styled once for how they will stand."""
        console = self._services
        self.add_class(*shape(*self.app.size), update=False)
        self.set_class(console.state.get("zoom") is True, "-zoomed", update=False)
        panes: list[Pane] = [
            GpuPane(console.sampler, console.clock, console.electricity, console.meter, id="gpu"),
            ChatPane(console.chat, id="chat"),
            LedgerPane(console.books, console.clock, id="ledger"),
            WhatifPane(console.open_calculator, self._whole.wait, id="whatif"),
        ]
        for pane in panes:
            pane.set_class(pane.number == self._left, "-current", update=False)
        yield StatusLine(id="status")
        yield TabLine(id="tabs")
        with Container(id="panes"):
            yield from panes
        yield Static(Content("too small: 40 × 12 is the least"), id="too-small")
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        """Follow what the status line shows, and go to the pane that was left."""
        console = self._services
        self._ends = [
            console.sampler.subscribe(self._sampled),
            console.health.subscribe(self._look),
        ]
        self.query_one(TabLine).tell(self._left)
        self._go(self._left)
        self._each_minute()
        self.set_timer(_PATIENCE_S, self._whole.set)

    @property
    def _left(self) -> int:
        """The pane that was left."""
        return left(self._services.state.get("pane")).number

    def on_unmount(self) -> None:
        """Stop following."""
        for end in self._ends:
            end()

    def on_resize(self, event: Resize) -> None:
        """Three columns stand in the order of their numbers; in two, the chat comes second."""
        ledger, chat = self.pane(LEDGER.number), self.pane(CHAT.number)
        first, second = (ledger, chat) if event.size.width >= WIDE else (chat, ledger)
        panes = self.query_one("#panes")
        if panes.children.index(first) > panes.children.index(second):
            panes.move_child(first, before=second)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Mark the pane in which the focus is."""
        for pane in event.widget.ancestors_with_self:
            if isinstance(pane, Pane):
                self._mark(pane)
        self._tell_keys()

    def on_descendant_blur(self) -> None:
        """The keys that work have changed."""
        self._tell_keys()

    def on_books_read(self, message: BooksRead) -> None:
        """Show the new sums, and once what happened to the ledger's file."""
        if self._page is None and message.page.notice:
            self.notify(message.page.notice, severity="warning", timeout=20, markup=False)
        self._page = message.page
        self._look()
        self._show_whole()

    def on_explain(self, message: Explain) -> None:
        """Show a ledger row in full."""
        from console.ui.screens import windows

        self.app.push_screen(windows.row(message, self._services.clock.zone()))

    def on_explain_sum(self, message: ExplainSum) -> None:
        """Show what a sum is made of and what it leaves out."""
        from console.ui.screens import windows

        self.app.push_screen(windows.total(message))

    def on_answer(self, message: Answer) -> None:
        """Open lines over the panes."""
        from console.ui.screens import windows

        self.app.push_screen(windows.answer(message))

    def on_ask_line(self, message: AskLine) -> None:
        """Ask for what a pane wants to know."""
        from console.ui.screens import windows

        self.app.push_screen(windows.line(message), message.done)

    def on_copy_text(self, message: CopyText) -> None:
        """Copy what a pane asks for."""
        self._tell(self._clipboard.copy(message.text))

    def on_keep_text(self, message: KeepText) -> None:
        """Write what a pane asks for into a file."""
        self._tell(self._clipboard.keep(message.text))

    def on_chat_pane_copy(self, message: ChatPane.Copy) -> None:
        """Copy what the chat asks for."""
        self._tell(self._clipboard.copy(message.text))

    def on_chat_pane_compare(self, message: ChatPane.Compare) -> None:
        """Show both tiers' replies and nothing else until a verdict."""
        from console.ui.screens import windows

        pane = self.query_one(ChatPane)
        self.app.push_screen(
            windows.comparison(message, self._services),
            partial(pane.compared, message.chat, message.blind),
        )

    def on_list_chats(self, message: ListChats) -> None:
        """Open the list of conversations."""
        from console.ui.screens import windows

        pane = self.query_one(ChatPane)
        self.app.push_screen(windows.chats(pane, message.words, self._services), pane.chosen)

    @work(group="editor", exclusive=True, exit_on_error=False)
    async def on_edit_text(self, message: EditText) -> None:
        """Hand the terminal to the operator's editor; requests that are under way go on."""
        try:
            # Nothing may be painted while the terminal is another program's.
            with self.app.batch_update(), self.app.suspend():
                text = await asyncio.to_thread(self._services.editor.edit, message.text)
        except SuspendNotSupported:
            message.done(None, "This terminal cannot be handed to an editor.")
        except ValueError as error:
            message.done(None, str(error))
        else:
            message.done(text, None)
        self.app.refresh(layout=True)

    def on_say(self, message: Say) -> None:
        """Show a sentence as a toast."""
        self.notify(
            message.text, severity="warning" if message.trouble else "information", markup=False
        )

    def pane(self, number: int) -> Pane:
        """A pane by its number."""
        return next(pane for pane in self.query(Pane) if pane.number == number)

    @property
    def current(self) -> Pane:
        """The pane that has, or last had, the focus."""
        return self.query_one("#panes > .-current", Pane)

    @property
    def typing(self) -> bool:
        """Whether a text field takes what is typed."""
        return self.focused is not None and self.focused.check_consume_key("a", "a")

    def action_pane(self, number: int) -> None:
        """Go to a pane; when it has the focus already, zoom it or back."""
        pane = self.pane(number)
        if pane.has_class("-current") and self.focused is not None:
            self.action_zoom()
        else:
            self._go(number)

    def action_zoom(self) -> None:
        """Give the current pane the whole screen, or share it again."""
        self.toggle_class("-zoomed")
        self._services.state.put("zoom", self.has_class("-zoomed"))

    def action_back(self) -> None:
        """One step back: in the pane, else out of the zoom."""
        if not self.current.step_back() and self.has_class("-zoomed"):
            self.action_zoom()

    def action_help(self) -> None:
        """Show what the pane is, and its keys."""
        from console.ui.screens import windows

        pane = self.current
        self.app.push_screen(windows.pane_help(pane, pane.place.context, self._keymap))

    def action_copy(self) -> None:
        """Send what the pane shows, or the row that is chosen, to the terminal's clipboard."""
        self._tell(self._clipboard.copy(self.current.copied))

    @property
    def _clipboard(self) -> Clipboard:
        return Clipboard(self.app.copy_to_clipboard, self._services.copies, self._services.clock)

    def _tell(self, said: Said) -> None:
        self.notify(said.text, severity=said.severity, timeout=said.timeout_s, markup=False)

    def _go(self, number: int) -> None:
        pane = self.pane(number)
        self._mark(pane)
        self.set_focus(pane.target, scroll_visible=False)
        self._tell_keys()

    def _mark(self, pane: Pane) -> None:
        if not pane.has_class("-current"):
            for other in self.query(Pane):
                other.set_class(other is pane, "-current")
            self.query_one(TabLine).tell(pane.number)
            self._services.state.put("pane", pane.number)

    def _tell_keys(self) -> None:
        context = self.current.place.context
        self.query_one(KeyBar).tell(context, self.typing, self._keymap)

    def _sampled(self, snapshot: Snapshot, moved: bool) -> None:
        self._look()
        self._show_whole()

    def _show_whole(self) -> None:
        """Let begin what waits for the first full frame, once that has been drawn."""
        if not self._whole.is_set() and self._page and self._services.sampler.latest:
            self.call_after_refresh(self._whole.set)

    def _each_minute(self) -> None:
        self._look()
        self.set_timer(60 - self._services.clock.now_ms() / 1000 % 60 + 0.05, self._each_minute)

    def _look(self) -> None:
        console = self._services
        now = glance(
            console.host,
            console.health.standings,
            console.electricity.bill,
            self._page,
            clock_time(console.clock.now_ms(), console.clock.zone()),
            demo=console.demo,
        )
        # A sample can come while the screen is being taken down, its line before itself.
        for line in self.query(StatusLine):
            line.look(now)
