"""An app that hosts the chat pane alone, over the real dispatcher and scripted models."""

import asyncio
import re
from contextlib import asynccontextmanager
from itertools import count
from xml.etree import ElementTree

from textual.app import App
from textual.binding import Binding

from console.core.settings import Settings
from console.core.tier import Tier
from console.core.usage import WireShape
from console.services.archive import Archive
from console.services.books import Books
from console.services.chat import ChatServices
from console.services.compare import Comparer
from console.services.dispatcher import Dispatcher
from console.services.estimate import Estimator
from console.services.health import Health
from console.services.tiers import Tiers
from console.sources.conversations.store import SqliteConversations
from console.ui import colours, theme
from console.ui.panes.chat import ChatPane
from console.ui.widgets.dialogue import Dialogue
from console.ui.widgets.prompt import Prompt
from console.ui.widgets.transcript import Transcript
from tests.patience import PATIENCE_S
from tests.services.fakes import (
    Clock,
    GivenFiles,
    GivenPrompts,
    ListedPrices,
    MemoryLedger,
    ScriptedModel,
)

SVG = "{http://www.w3.org/2000/svg}"


COLOURS = theme.variables(colours.FALLBACK)


class BoundChat(ChatPane):
    """The pane with the keys that a console gives it."""

    BINDINGS = [Binding("escape", "escape"), Binding("y", "copy")]  # noqa: RUF012

    def action_escape(self):
        self.step_back()


class Host(App):
    """One pane, and what it says to its parent."""

    CSS = "ChatPane { border: round $dim; padding: 0 1; }"

    def __init__(self, pane):
        super().__init__()
        self.pane = pane
        self.heard = []

    def get_theme_variable_defaults(self):
        return COLOURS

    def compose(self):
        yield self.pane

    def on_mount(self):
        self.pane.target.focus()

    def on_dialogue_asked(self, event):
        self.heard.append(event)

    def on_dialogue_settled(self, event):
        self.heard.append(event)

    def on_chat_pane_copy(self, event):
        self.heard.append(event)


class Bench:
    """A running host with what a test looks at."""

    def __init__(self, app, pilot, services, ledger, models):
        self.app, self.pilot, self.services, self.ledger = app, pilot, services, ledger
        self.pane = app.pane
        self.dispatcher, self.archive = services.dispatcher, services.archive
        self.health, self.clock, self.files = services.health, services.clock, services.files
        self.local, self.api = models[Tier.LOCAL], models[Tier.API]
        self.prompt = app.query_one(Prompt)
        self.transcript = app.query_one(Transcript)

    @property
    def screen(self):
        return screen_text(self.app)

    @property
    def said(self):
        """All rows of the conversation, also those out of view."""
        rows = (row.text.rstrip() for row in self.transcript._rows)
        return "\n".join(rows).replace("\xa0", " ")

    async def send(self, text):
        self.prompt.put(text)
        await self.pilot.press("enter")
        await self.pilot.pause()

    async def settled(self, times=1):
        """Wait until that many requests have ended."""
        async with asyncio.timeout(PATIENCE_S):
            while sum(isinstance(heard, Dialogue.Settled) for heard in self.app.heard) < times:
                await self.pilot.pause()
        await self.pilot.pause()

    async def painted(self):
        """Paint now instead of at the next tick."""
        self.app.query_one(Dialogue).paint()
        await self.pilot.pause()


@asynccontextmanager
async def chatting(
    local=(), api=(), *, size=(100, 30), files=None, missing_key=None, prompts=None, store=None,
    above_nano=None, system=None, lasting=False, first_id=1,
):  # fmt: skip
    """A chat over scripted models; `store` opens where conversations are kept."""
    ledger, clock, ids = MemoryLedger(), Clock(), count(first_id)
    books = Books(lambda: ledger, clock)
    models = {
        Tier.LOCAL: ScriptedModel(local),
        Tier.API: ScriptedModel(api, "anthropic", "claude-sonnet-5-5", WireShape.ANTHROPIC),
    }
    tiers = Tiers.of(models)
    dispatcher = Dispatcher(tiers, books, ListedPrices(), clock,
                            Settings(fallback="off", retries=0),
                            new_id=lambda: f"id{next(ids)}")  # fmt: skip
    archive = Archive(store or (lambda: SqliteConversations(None, now_ms=1)), clock,
                      lambda: f"b{next(ids)}", lasting=lasting)  # fmt: skip
    services = ChatServices(
        dispatcher=dispatcher,
        health=Health(tiers, missing_key),
        books=books,
        clock=clock,
        archive=archive,
        estimator=Estimator(tiers, ListedPrices(), clock),
        comparer=Comparer(dispatcher, books, clock, new_id=lambda: f"p{next(ids)}",
                          coin=lambda: True),
        files=files or GivenFiles({"notes.txt": "the notes say so"}),
        prompts=prompts or GivenPrompts(),
        new_id=lambda: f"c{next(ids)}",
        confirm_above_nano=above_nano,
        system=system,
    )  # fmt: skip
    app = Host(BoundChat(services))
    async with app.run_test(size=size) as pilot:
        yield Bench(app, pilot, services, ledger, models)
    await archive.aclose()
    await books.aclose()


def screen_text(app):
    """What the terminal shows, as lines of text."""
    rows = {}
    for node in ElementTree.fromstring(app.export_screenshot(simplify=True)).iter(SVG + "text"):
        if line := re.search(r"line-(\d+)", node.get("clip-path", "")):
            runs = rows.setdefault(int(line[1]), [])
            runs.append((float(node.get("x", 0)), "".join(node.itertext())))
    lines = []
    for y in range(max(rows, default=-1) + 1):
        line = ""
        for x, text in sorted(rows.get(y, [])):
            line = line.ljust(round(x / 12.2)) + text
        lines.append(line.replace("\xa0", " ").rstrip())
    return "\n".join(lines)
