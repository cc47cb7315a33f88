"""What a long, quick reply costs: processor time, how long the loop is held, bytes to the line."""

import asyncio
import sys
import time
from statistics import quantiles

import pytest

from console.core.chat import Delta
from console.core.tier import Tier
from console.services.tiers import Tiers
from tests.bench.streaming import TEXTS, Paced, tokens
from tests.terminal.pty_program import PtyProgram
from tests.ui.chat.host import chatting

TOKENS, PER_S = 6_000, 300


async def lags(into, held=None, every=0.005):
    """How late the loop wakes, and how long it computed meanwhile, which no other program makes
    longer; in ms."""
    while True:
        due, computed = time.monotonic() + every, time.thread_time()
        await asyncio.sleep(every)
        into.append((time.monotonic() - due) * 1000)
        if held is not None:
            held.append((time.thread_time() - computed) * 1000)


@pytest.mark.bench
@pytest.mark.parametrize("name", TEXTS)
async def test_streaming(name):
    async with chatting([Delta(TEXTS["prose"])], size=(120, 40)) as bench:
        await bench.send("a conversation that is long already")
        await bench.settled()
        await bench.send("/tier local")
        pieces = tokens(TEXTS[name], TOKENS)
        paced = {Tier.LOCAL: Paced(bench.local, pieces, PER_S), Tier.API: bench.api}
        bench.dispatcher.tiers = Tiers.of(paced)
        late, held = [], []
        watch = asyncio.create_task(lags(late, held))
        wall, cpu = time.monotonic(), time.process_time()
        await bench.send("go")
        await bench.app.workers.wait_for_complete()
        wall, cpu = time.monotonic() - wall, time.process_time() - cpu
        watch.cancel()
        cut, own = quantiles(late, n=100), quantiles(held, n=100)
        print(f"\n{name}: {len(pieces)} tokens in {wall:.1f} s, {cpu / wall:.0%} of a core, "
              f"lag p50 {cut[49]:.1f} p99 {cut[98]:.1f} max {max(late):.1f} ms; "
              f"held p99 {own[98]:.1f} max {max(held):.1f} ms")  # fmt: skip
        assert cpu / wall <= 0.24 and own[98] <= 20


@pytest.mark.bench
async def test_resizing_a_long_conversation():
    async with chatting([Delta(TEXTS["prose"] * 3)], size=(120, 40)) as bench:
        await bench.send("go")
        began = time.monotonic()
        await bench.settled()
        drawn = time.monotonic() - began
        late = []
        watch = asyncio.create_task(lags(late))
        await bench.pilot.resize_terminal(80, 24)
        await asyncio.sleep(3)
        watch.cancel()
        print(f"\n{len(bench.transcript._rows)} rows drawn in {drawn * 1000:.0f} ms; "
              f"resize: lag max {max(late):.0f} ms")  # fmt: skip


@pytest.mark.bench
@pytest.mark.parametrize("name", TEXTS)
def test_bytes_to_a_slow_line(name):
    command = [sys.executable, "-m", "tests.bench.streaming", name, "3000", str(PER_S)]
    with PtyProgram(command, size=(120, 40)) as program:
        program.until("Ask, or / for")
        program.send("hello\r")
        program.settle(1.5, 30)
        program.send("/tier local\r")
        program.settle()
        before = len(program.raw)
        program.send("go\r")
        end = time.monotonic() + 3000 / PER_S + 2
        while time.monotonic() < end:
            program.settle(0.2, 0.5)
        text = len("".join(tokens(TEXTS[name], 3000)).encode())
        sent = len(program.raw) - before
        print(f"\n{name}: {sent:,} bytes for {text:,} of text, {sent / text:.1f} times as many")
