"""Makes the README's picture from the running demo: `python -m tests.golden.make_picture`."""

import asyncio
import re
import sys
import tempfile
from pathlib import Path

from console.core.settings import Settings
from console.sources.places import find_places
from console.ui.app import ConsoleApp
from console.ui.widgets.transcript import Transcript
from console.wire.opening import open_console
from console.wire.world import World

PICTURE = Path(__file__).with_name("console.svg")
SIZE = (132, 42)
ASKED = ("hello, how do I cap the power of a card?", "please compare local and API cost")


async def main(seconds: float) -> None:
    """Ask twice, let the cards work for a while, and take the picture."""
    with tempfile.TemporaryDirectory() as folder:
        places = find_places(Path(folder) / "config.toml")
        world = World(settings=Settings(), places=places, environment={}, demo=True)
        async with open_console(world) as console:
            app = ConsoleApp(console)
            async with app.run_test(size=SIZE) as pilot:
                await asyncio.sleep(seconds)
                for asked in ASKED:
                    await pilot.press(*("space" if c == " " else c for c in asked), "enter")
                    await pilot.pause()
                    while app.query_one(Transcript).app.workers and any(
                        worker.group == "chat-ask" and not worker.is_finished
                        for worker in app.workers
                    ):
                        await pilot.pause(0.2)
                await pilot.pause(1.5)
                svg = app.export_screenshot(title="llmconsole demo")
    # Without a font from elsewhere: a picture must not call home.
    svg = re.sub(r"@font-face\s*\{.*?\}\s*", "", svg, flags=re.DOTALL)
    PICTURE.write_text(svg)


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if sys.argv[1:] else 60))
