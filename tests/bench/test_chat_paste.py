"""How long a large paste takes until it stands on the screen as context."""

import time

import pytest
from textual.events import Paste

from tests.ui.chat.host import chatting

pytestmark = pytest.mark.bench


async def test_a_paste_of_100_kb_is_on_screen_within_100_ms():
    text = "one line of a log, as they are\n" * 3_300
    async with chatting(size=(120, 40)) as bench:
        took = []
        for _ in range(5):
            bench.pane.conversation.attachments.clear()
            began = time.perf_counter()
            bench.prompt.post_message(Paste(text))
            await bench.pilot._wait_for_screen()
            await bench.app._animator.wait_for_idle()
            took.append((time.perf_counter() - began) * 1000)
            assert f"pasted text {len(text):,} characters" in bench.screen
        print(f"paste of {len(text):,} characters: {min(took):.0f} to {max(took):.0f} ms")
        assert sorted(took)[2] <= 100
