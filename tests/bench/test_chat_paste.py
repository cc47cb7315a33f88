"""How long a large paste takes until it stands on the screen as context, at a real terminal."""

import os
import statistics
import threading
import time

import pytest

from tests.end_to_end.programs import CONSOLE
from tests.terminal.pty_program import PtyProgram

pytestmark = pytest.mark.bench


def test_a_paste_of_100_kb_is_on_screen_within_100_ms():
    text = "one line of a log, as they are\n" * 3_300
    with PtyProgram([*CONSOLE, "demo"], size=(120, 40), env=dict(os.environ)) as program:
        program.until("4 What-if")
        program.until("local ok")
        program.settle()
        took = []
        for _ in range(5):
            began = time.perf_counter()
            # The terminal takes as much as the program has read, so that sending waits for it.
            sending = threading.Thread(
                target=program.send, args=(f"\x1b[200~{text.replace(chr(10), chr(13))}\x1b[201~",)
            )
            sending.start()
            program.until("pasted text")
            took.append((time.perf_counter() - began) * 1000)
            sending.join()
            program.send("/drop\r")
            program.until(lambda screen: "pasted text" not in screen)
        print(f"paste of {len(text):,} characters: {min(took):.0f} to {max(took):.0f} ms")
        assert statistics.median(took) <= 100
