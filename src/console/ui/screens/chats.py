"""The list of conversations, found as their words are typed."""

from collections.abc import Awaitable, Sequence

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from console.core.kept import Listed
from console.core.text import one_line
from console.services.archive import Archive
from console.services.ports import Clock
from console.ui.draw.chats import chats_lines, lasting_line, nothing_line
from console.ui.draw.line import Line
from console.ui.key_names import shown
from console.ui.keys import Context, actions, bindings
from console.ui.panes.kept_chats import KeptChats
from console.ui.type_ahead import KEYS_WAIT
from console.ui.widgets.rows import Rows


class ChatsScreen(ModalScreen[str | None]):
    """Tells on leaving which conversation to go on with, if any."""

    BINDINGS = bindings(Context.LIST)
    DEFAULT_CSS = """
    ChatsScreen {
        align: center middle;
        background: $background 60%;
        & > Vertical {
            width: 90%; max-width: 110; height: 80%; max-height: 40;
            background: $popup;
            border: round $accent; border-title-color: $accent; border-subtitle-color: $dim;
        }
        Input, Input:focus { background: $popup; border: none; height: 1; padding: 0 1; }
        Rows { background: $popup; }
        #chats { height: 1fr; }
        #said { height: 1; }
    }
    """

    def __init__(self, archive: Archive, kept: KeptChats, clock: Clock, words: str = "") -> None:
        super().__init__()
        self._archive = archive
        self._kept = kept
        self._clock = clock
        self._listed: Sequence[Listed] = ()
        self._chosen = 0
        self._find = words
        self._renaming: Listed | None = None
        self._deleting: str | None = None

    def compose(self) -> ComposeResult:
        """A line to type in, the list, and a line for what happened."""
        with Vertical() as box:
            box.border_title = Content("Conversations")
            box.border_subtitle = Content(_keys())
            yield Input(self._find, placeholder="find by any word", id="find")
            yield Rows(id="chats")
            yield Rows(id="said")

    def on_mount(self) -> None:
        """List what there is."""
        # A blinking cursor is sent again twice a second.
        self.query_one(Input).cursor_blink = False
        self._say(lasting_line(self._archive.lasting))
        self._look(self._find)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self._draw)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Find as it is typed; a title is taken only when it is whole."""
        event.stop()
        if self._renaming is None and event.value != self._find:
            self._find = event.value
            self._look(event.value)

    def action_move(self, by: int) -> None:
        """Choose another conversation."""
        self._chosen = max(0, min(len(self._listed) - 1, self._chosen + by))
        self._forget_what_was_asked()
        self._draw()

    def action_open(self) -> None:
        """Go on with the conversation, or take the title that was typed."""
        if self._renaming is not None:
            self._rename(self._renaming.id, self.query_one(Input).value.strip())
        elif chosen := self._choice:
            self.dismiss(chosen.id)

    def action_leave(self) -> None:
        """Leave the title as it was, or the list."""
        if self._renaming is not None:
            self._type(None)
        else:
            self.dismiss(None)

    def action_rename(self) -> None:
        """Ask for another title."""
        if chosen := self._choice:
            self._type(chosen)

    def action_export(self) -> None:
        """Write the conversation as Markdown."""
        if chosen := self._choice:
            self._export(chosen.id)

    def action_delete(self) -> None:
        """Delete the conversation when it is asked for twice."""
        chosen = self._choice
        if chosen is None:
            return
        if self._deleting == chosen.id:
            self._delete(chosen.id)
        else:
            self._deleting = chosen.id
            keys = _key("list.delete")
            title = one_line(chosen.title)
            self._say(((f" {keys} again deletes “{title}” for good.", "warn"),))

    @property
    def _choice(self) -> Listed | None:
        if self._renaming is not None or not self._listed:
            return None
        return self._listed[self._chosen]

    @work(group="look", description=KEYS_WAIT, exclusive=True, exit_on_error=False)
    async def _look(self, find: str) -> None:
        try:
            self._listed = await self._archive.listed(find)
        except OSError as error:
            self._say(((f" {one_line(str(error))}", "bad"),))
            return
        self._chosen = max(0, min(self._chosen, len(self._listed) - 1))
        self._draw()

    @work(group="act", description=KEYS_WAIT, exit_on_error=False)
    async def _rename(self, id: str, title: str) -> None:
        if title:
            await self._do(self._kept.rename(id, title))
        self._type(None)
        self._look(self._find)

    @work(group="act", exit_on_error=False)
    async def _export(self, id: str) -> None:
        if where := await self._do(self._kept.export(id)):
            self._say(((f" Written to {one_line(str(where))}.", "good"),))

    @work(group="act", description=KEYS_WAIT, exit_on_error=False)
    async def _delete(self, id: str) -> None:
        self._deleting = None
        refused = await self._do(self._kept.delete(id))
        if refused:
            self._say(((f" {refused}", "warn"),))
        self._look(self._find)

    async def _do(self, act: Awaitable[str | None]) -> str | None:
        try:
            said = await act
        except (OSError, ValueError) as error:
            self._say(((f" {one_line(str(error))}", "bad"),))
            return None
        self._say(lasting_line(self._archive.lasting))
        return said

    def _type(self, renaming: Listed | None) -> None:
        """Let a title be typed in the place of words to find, or words again."""
        self._renaming = renaming
        field = self.query_one(Input)
        field.value = one_line(renaming.title) if renaming else self._find
        field.cursor_position = len(field.value)
        self._say(
            ((" Enter takes the title, Esc leaves it as it was.", "accent"),)
            if renaming
            else lasting_line(self._archive.lasting)
        )

    def _forget_what_was_asked(self) -> None:
        if self._deleting is not None:
            self._deleting = None
            self._say(lasting_line(self._archive.lasting))

    def _say(self, line: Line) -> None:
        self.query_one("#said", Rows).show([line])

    def _draw(self) -> None:
        rows = self.query_one("#chats", Rows)
        if not self._listed:
            rows.show([nothing_line(self._find)])
            return
        rows.show(
            chats_lines(
                self._listed,
                self._chosen,
                self._kept.running,
                rows=max(1, rows.size.height),
                width=rows.size.width,
                now_ms=self._clock.now_ms(),
                zone=self._clock.zone(),
            )
        )


def _keys() -> str:
    parts = (f"{shown(each.keys)} {each.bar}" for each in actions(Context.LIST) if each.bar)
    return " · ".join(parts)


def _key(id: str) -> str:
    return next(shown(each.keys) for each in actions(Context.LIST) if each.id == id)
