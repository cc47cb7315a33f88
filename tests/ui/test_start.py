"""What the first full frame does without is imported, or asked for, after it."""

import asyncio
import subprocess
import sys
from importlib.util import find_spec

import pytest

from console.core.tier import Tier
from console.sources.ledger.store import SqliteLedger
from console.ui.panes.whatif import WhatifPane
from console.ui.widgets.rows import Rows
from tests.end_to_end.programs import ledger_path
from tests.terminal.pty_program import PtyProgram
from tests.ui.conftest import NOW, entry

from ..services.calculators import calculator
from .test_whatif_pane import Bench

LATER = (
    # Clients of servers and drivers, price lists, and what they bring.
    "anthropic", "ollama", "httpx", "httpx2", "pynvml", "sqlite_utils", "genai_prices", "numpy",
    "pydantic", "email", "anyio", "hashlib",
    # The what-if's engine, and what only policy `score`, a fit or a comparison needs.
    "console.core.whatif", "console.services.calculator", "console.ui.panes.whatif_answers",
    "console.services.scales", "console.sources.router", "console.core.score.score",
    "console.sources.conversations",
    # Windows that are not open, and the reader of the GPUs, which is another process.
    "console.ui.screens.compare", "console.ui.screens.chats", "console.ui.screens.popup",
    "console.ui.screens.windows",
    "console.ui.draw.help", "console.ui.draw.entry", "console.sources.gpu.child",
    "console.sources.gpu.reading", "console.sources.demo",
    "rich.markdown", "pygments", "textual.widgets._markdown", "textual.widgets._data_table",
)  # fmt: skip
PROGRAM = """
import asyncio, sys
from console.core.settings import Settings
from console.sources.places import find_places
from console.wire.opening import open_console
from console.wire.world import World


class Noting(asyncio.Event):
    def set(self):
        if not self.is_set():
            print(*sys.modules)
        super().set()


async def main():
    world = World(settings=Settings(), places=find_places(), environment={}, lasting=True)
    async with open_console(world) as console:
        from console.ui.app import ConsoleApp

        app = ConsoleApp(console, sampled=True)
        app.whole = Noting()
        async with app.run_test(size=(120, 40)):
            await app.whole.wait()


asyncio.run(main())
"""


@pytest.fixture(scope="module")
def before_the_frame(tmp_path_factory):
    """The modules of a console whose first full frame has just been drawn."""
    home = {"HOME": str(tmp_path_factory.mktemp("home")), "PATH": "", "TERM": "xterm-256color"}
    command = [sys.executable, "-W", "error", "-c", PROGRAM]
    # The first of all makes the ledger's file, which needs more.
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=home)
        assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize("module", LATER)
def test_the_first_full_frame_does_without(before_the_frame, module):
    assert find_spec(module) is not None, "a name that is no module's holds nothing"
    assert "console.ui.panes.whatif" in before_the_frame
    assert module not in before_the_frame


TO_THE_OPENING = (
    "textual", "rich.console", "rich.style", "rich.segment", "click", "asyncio", "logging",
    "subprocess", "socket", "sqlite_utils", "httpx", "pynvml",
    "console.ui.app", "console.ui.widgets", "console.ui.screens", "console.ui.driver",
    "console.wire.opening", "console.wire.services", "console.wire.gpus",
    "console.services.books", "console.services.sampler", "console.services.dispatcher",
    "console.services.meter", "console.services.ports", "console.core.routing.decide",
    "console.core.chat",
    "console.core.whatif", "console.sources.models.anthropic", "console.sources.models.ollama",
    "console.sources.gpu.child", "console.sources.gpu.process", "console.sources.gpu.reader",
)  # fmt: skip
OPENING = """
import os, sys
from pathlib import Path
from console.cli import main
from console.ui.opening.terminal import Taken


def show(self, painting):
    Path(os.environ["MODULES"]).write_text(" ".join(sys.modules))
    self.give_back()
    os._exit(0)


Taken.show = show
sys.argv = ["llmconsole"]
main()
"""


@pytest.fixture(scope="module")
def before_the_opening(tmp_path_factory):
    """The modules of a console that is about to show its first frame, its ledger's rows in it."""
    home = tmp_path_factory.mktemp("home")
    ledger = SqliteLedger(ledger_path(home), now_ms=NOW)
    ledger.add([entry(1), entry(2, Tier.API)])
    ledger.close()
    env = {"HOME": str(home), "TERM": "xterm-256color", "MODULES": str(home / "modules")}
    with PtyProgram([sys.executable, "-W", "error", "-c", OPENING], env=env) as program:
        assert program.wait() == 0, program.text
    return set((home / "modules").read_text().split())


@pytest.mark.parametrize("module", TO_THE_OPENING)
def test_the_opening_does_without(before_the_opening, module):
    assert find_spec(module) is not None, "a name that is no module's holds nothing"
    assert {"console.ui.draw.gpu_page", "console.sources.ledger.store"} <= before_the_opening
    assert module not in before_the_opening


class Waiting(Bench):
    """A what-if pane in a console whose first frame never comes."""

    def compose(self):
        yield WhatifPane(lambda: self.engine, asyncio.Event().wait, id="whatif")


async def test_a_key_does_not_wait_for_the_first_frame(tmp_path):
    app = Waiting(calculator(tmp_path))
    async with app.run_test(size=(110, 40)) as pilot:
        pane = app.query_one(WhatifPane)
        await pilot.pause()
        assert not pane.opened and app.query_one(Rows).lines == ()
        await pilot.press("7", "7", "enter")
        assert "77" in app.text and pane.desk.figures.rows[1].value == 77


async def test_resizing_does_not_open_the_engine(tmp_path):
    app = Waiting(calculator(tmp_path))
    async with app.run_test(size=(110, 40)) as pilot:
        await pilot.resize_terminal(90, 30)
        await pilot.pause()
        assert not app.query_one(WhatifPane).opened
