"""The NVML child through the real pynvml, against a stand-in driver that misbehaves."""

import asyncio
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import aclosing
from pathlib import Path

import pytest

from console.sources.gpu import process
from console.sources.gpu.process import NvmlSource
from tests.patience import PATIENCE_S
from tests.sources.gpu.conftest import TICK, Now, healthy, until


async def zip_async(items, count):
    """The first `count` items with their number."""
    number = 0
    async for item in items:
        yield item, number
        number += 1
        if number == count:
            return


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (15, "lost"),
        (16, "needs a reset"),
        (4, "no permission"),
        (999, "does not answer (Unknown Error)"),
    ],
)
async def test_a_faulty_card_is_named_while_the_other_goes_on_and_found_again(
    driver, source, children, code, words
):
    async with aclosing(source.snapshots(TICK)) as snapshots:
        before = (await until(snapshots, healthy))[-1].cards[1]
        (child,) = children()
        driver.order(f"fault 1 * {code}")
        good, bad = (await until(snapshots, lambda s: s.cards[1].fault))[-1].cards
        assert bad.fault == words and bad.power_w is None
        assert (bad.name, bad.uuid) == (before.name, before.uuid)
        assert good.fault is None and good.power_w is not None
        # A second child looks, finds nothing better, and is let go: the first one stays.
        await until(snapshots, lambda s: len(children()) == 2)
        await until(snapshots, lambda s: children() == [child])
        driver.order()
        seen = await until(snapshots, healthy)
        assert all(s.cards[0].fault is None and s.trouble is None for s in seen)
        # "Lost" holds for the process that met it: there the second child has taken over.
        if code == 15:
            await until(snapshots, lambda s: child not in children())


async def test_a_card_lost_at_the_start_is_found(driver, source):
    driver.order("fault 0 * 15")
    async with aclosing(source.snapshots(TICK)) as snapshots:
        first = await anext(snapshots)
        assert [card.fault for card in first.cards] == ["lost", None]
        assert first.cards[0].name == "unknown card"
        driver.order()
        seen = await until(snapshots, healthy)
        assert all(s.cards[1].fault is None for s in seen)


async def test_a_card_that_is_not_even_counted_any_more_is_lost_by_its_name(driver, source):
    async with aclosing(source.snapshots(TICK)) as snapshots:
        await until(snapshots, healthy)
        driver.order("cards 1")
        gone = (await until(snapshots, lambda s: s.cards[1].fault))[-1].cards[1]
        assert (gone.name, gone.fault) == ("Fake GPU 1", "lost")
        driver.order()
        await until(snapshots, healthy)


async def test_a_card_that_hangs_for_ever_keeps_nobody_waiting(driver, source, children):
    async with aclosing(source.snapshots(TICK)) as snapshots:
        await until(snapshots, healthy)
        driver.order("fault 1 DeviceGetUtilizationRates hang")
        async with asyncio.timeout(PATIENCE_S):
            seen = [snapshot async for snapshot, _ in zip_async(snapshots, 60)]
        assert not any(s.trouble or s.cards[0].fault for s in seen)
        late = seen[30:]
        assert len({s.cards[0].read_ms["fast"] for s in late}) > 15
        # Its values are there, with their age.
        hung = seen[-1].cards[1]
        old = hung.read_ms["fast"]
        assert {s.cards[1].read_ms["fast"] for s in late} == {old}
        assert hung.fault is None and hung.power_w is not None
        assert hung.overdue_s("power_w", old + 3_000, TICK) > 1
        driver.order()
        await until(snapshots, lambda s: s.cards[1].read_ms["fast"] > old)


async def test_a_card_that_hangs_at_its_opening_is_told_and_found_again(driver, source):
    async with aclosing(source.snapshots(TICK)) as snapshots:
        driver.order("fault 1 DeviceGetHandleByIndex hang")
        seen = await until(snapshots, lambda s: s.cards)
        assert [card.fault for card in seen[-1].cards] == [None, "has not answered"]
        driver.order()
        await until(snapshots, healthy)


async def test_a_card_that_crashes_the_library_is_left_out_until_it_is_well(
    driver, source, children
):
    async with aclosing(source.snapshots(TICK)) as snapshots:
        await until(snapshots, healthy)
        (child,) = children()
        driver.order("fault 1 DeviceGetMemoryInfo_v2 crash")
        seen = await until(snapshots, lambda s: s.cards[1].fault)
        good, bad = seen[-1].cards
        assert bad.fault == "crashes the driver's library" and bad.name == "Fake GPU 1"
        assert good.fault is None and good.power_w is not None
        assert not any(s.trouble for s in seen) and child not in children()
        # Second children try it and die of it; the first one goes on.
        (child,) = children()
        await until(snapshots, lambda s: len(children()) == 2)
        await until(snapshots, lambda s: children() == [child])
        driver.order()
        seen = await until(snapshots, healthy)
        assert all(s.cards[0].fault is None and s.trouble is None for s in seen)


async def test_a_reloaded_driver_is_gone_until_it_is_opened_again(driver, source):
    async with aclosing(source.snapshots(TICK)) as snapshots:
        await until(snapshots, healthy)
        driver.order("epoch 1")
        gone = (await until(snapshots, lambda s: not healthy(s)))[-1]
        assert {card.fault for card in gone.cards} == {"driver gone"}
        again = (await until(snapshots, healthy))[-1]
        assert again.cards[0].energy_j < 2000  # counts anew


async def test_an_upgrade_beneath_us_is_told_as_a_mismatch(driver, source):
    async with aclosing(source.snapshots(TICK)) as snapshots:
        await until(snapshots, healthy)
        driver.order("epoch 1", "driver 18")
        told = (await until(snapshots, lambda s: s.trouble))[-1]
        assert told.trouble.startswith("Driver version mismatch: ")
        assert [(card.name, card.fault) for card in told.cards] == [
            (f"Fake GPU {n}", "driver gone") for n in (0, 1)]  # fmt: skip
        driver.order("epoch 1")
        assert (await until(snapshots, healthy))[-1].trouble is None


@pytest.mark.parametrize(
    ("orders", "begins"),
    [
        (["driver 9"], "The NVIDIA driver is not loaded: "),
        (["driver 18"], "Driver version mismatch: "),
        (["driver 4"], "No permission to use the NVIDIA driver: "),
        (["driver 12"], "No NVIDIA GPU found: "),
        (["driver 999"], "The NVIDIA driver answers with an error (Unknown Error): "),
        (["fault * DeviceGetCount 999"], "The NVIDIA driver answers with an error "),
        (["cards 0"], "No NVIDIA GPU found: "),
    ],
)
async def test_no_driver_is_a_sentence_until_it_appears(driver, source, orders, begins):
    driver.order(*orders)
    async with aclosing(source.snapshots(TICK)) as snapshots:
        first, second = [snapshot async for snapshot, _ in zip_async(snapshots, 2)]
        for snapshot in (first, second):
            assert snapshot.trouble.startswith(begins) and not snapshot.cards
        driver.order()
        assert healthy((await until(snapshots, healthy))[-1])


async def test_no_library_is_a_sentence(tmp_path, monkeypatch, source):
    (tmp_path / "libnvidia-ml.so.1").write_text("no library")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    async with aclosing(source.snapshots(TICK)) as snapshots:
        assert (await anext(snapshots)).trouble.startswith("No NVIDIA GPU found: ")


async def test_an_opening_that_hangs_is_told_killed_and_replaced(driver, children, tmp_path):
    source = NvmlSource(
        Now(),
        process.Patience(silent_s=0.3, opening_s=1.5, wait_s=0.05, wait_most_s=0.05),
        sysfs=str(tmp_path),
    )
    driver.order("fault * InitWithFlags hang")
    async with aclosing(source.snapshots(TICK)) as snapshots:
        assert (await until(snapshots, lambda s: s.trouble))[-1].trouble == process.SILENT
        driver.order()
        assert healthy((await until(snapshots, healthy))[-1])


async def test_a_crash_on_no_cards_account_is_told_and_survived(driver, source):
    async with aclosing(source.snapshots(TICK)) as snapshots:
        driver.order("fault * InitWithFlags crash")
        told = (await until(snapshots, lambda s: s.trouble))[-1].trouble
        assert told == "The GPU reader crashed (SIGSEGV); looking again."
        driver.order()
        await until(snapshots, healthy)


@pytest.mark.parametrize("orders", [
    ["cards 1", "fault 0 DeviceGetMemoryInfo_v2 crash"],
    ["cards 3", "fault 0 DeviceGetMemoryInfo_v2 crash", "fault 2 DeviceGetClockInfo crash"],
], ids=["the only card", "two of three"])  # fmt: skip
async def test_cards_that_crash_the_library_from_the_start(driver, source, orders):
    driver.order(*orders)
    crashing = {line.split()[1] for line in orders[1:]}
    async with aclosing(source.snapshots(TICK)) as snapshots:
        await until(snapshots, lambda s: {str(c.index) for c in s.cards if c.fault} == crashing)
        for _ in range(20):
            snapshot = await anext(snapshots)
            assert snapshot.trouble is None
            assert {str(card.index) for card in snapshot.cards if card.fault} == crashing
        driver.order(orders[0])
        await until(snapshots, healthy)


async def test_a_slow_call_only_makes_that_cards_values_older(driver, source):
    driver.order("fault 0 DeviceGetUtilizationRates slow:1000")
    async with aclosing(source.snapshots(TICK)) as snapshots:
        await until(snapshots, healthy)
        seen = [snapshot async for snapshot, _ in zip_async(snapshots, 40)]
    assert all(map(healthy, seen))
    slow = {s.cards[0].read_ms["fast"] for s in seen}
    quick = {s.cards[1].read_ms["fast"] for s in seen}
    assert len(slow) * 4 < len(quick)


async def test_the_interval_changes_at_once(driver, source):
    async with aclosing(source.snapshots(3600)) as snapshots:
        await anext(snapshots)
        source.set_interval(TICK)
        async with asyncio.timeout(PATIENCE_S):
            for _ in range(3):
                assert healthy(await anext(snapshots))


@pytest.mark.parametrize("hung", [False, True])
async def test_closing_leaves_no_child(driver, source, children, hung):
    snapshots = source.snapshots(TICK)
    await anext(snapshots)
    assert len(children()) == 1
    if hung:
        driver.order("fault * DeviceGetFieldValues hang")
        waiting = asyncio.create_task(anext(until_silent(snapshots)))
        await asyncio.sleep(4 * TICK)
        waiting.cancel()
        await asyncio.wait([waiting])
    async with asyncio.timeout(PATIENCE_S):
        await snapshots.aclose()
    assert not children()


async def until_silent(snapshots):
    """Draws snapshots until none comes."""
    async for _ in snapshots:
        pass
    yield


async def test_an_empty_folder_named_like_the_package_does_no_harm(
    driver, source, tmp_path, monkeypatch
):
    (tmp_path / "console").mkdir()
    (tmp_path / "console" / "__init__.py").write_text("raise SystemExit(3)")
    (tmp_path / "pynvml.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    async with aclosing(source.snapshots(TICK)) as snapshots:
        assert healthy(await anext(snapshots))


async def test_a_child_that_cannot_be_started_is_a_sentence(source, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    async with aclosing(source.snapshots(TICK)) as snapshots:
        told = (await anext(snapshots)).trouble
    assert told == "The GPU reader cannot be started (No such file or directory); looking again."


async def test_a_child_that_talks_nonsense_is_a_sentence(source, tmp_path, monkeypatch):
    liar = tmp_path / "liar"
    liar.write_text("#!/bin/sh\necho nonsense\nexec cat\n")
    liar.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(liar))
    async with aclosing(source.snapshots(TICK)) as snapshots:
        assert (await anext(snapshots)).trouble == process.GARBLED


async def test_a_console_that_was_stopped_itself_does_not_blame_the_child(driver):
    source = NvmlSource(Now(), process.Patience(silent_s=2.0), sysfs="/nowhere")
    async with aclosing(source.snapshots(TICK)) as snapshots:
        await anext(snapshots)
        # As ctrl+z does: the deadline passes while the child's lines wait in the pipe.
        asyncio.get_running_loop().call_soon(time.sleep, 2.2)
        for _ in range(3):
            assert healthy(await anext(snapshots))


PARENT = """
import asyncio, sys
from console.sources.gpu.process import NvmlSource
from tests.sources.gpu.conftest import Now

async def main():
    source = NvmlSource(Now(), sysfs="/nowhere")
    async for snapshot in source.snapshots(0.02):
        print(source._first.pid, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("hung", [False, True])
def test_a_parent_killed_outright_takes_the_child_with_it(driver, hung):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, env=environment
    ) as parent:
        pid = int(parent.stdout.readline())
        handle = os.pidfd_open(pid)
        try:
            if hung:
                driver.order("fault * DeviceGetFieldValues hang")
                os.read(parent.stdout.fileno(), 65536)
            parent.send_signal(signal.SIGKILL)
            assert select.select([handle], [], [], PATIENCE_S)[0]
        finally:
            os.close(handle)


HEAVY = ("asyncio", "textual", "rich", "httpx", "anthropic", "ollama", "sqlite3")


def test_the_child_loads_next_to_nothing():
    script = "import sys, console.sources.gpu.child, pynvml; print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-P", "-c", script]
    loaded = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert not set(HEAVY) & set(loaded.stdout.split())


@pytest.mark.bench
async def test_the_child_is_small(driver, source, children):
    async with aclosing(source.snapshots(TICK)) as snapshots:
        async for _, number in zip_async(snapshots, 50):
            if number == 48:
                (child,) = children()
                assert peak_kib(child) <= 20 * 1024


def peak_kib(pid):
    """The most memory a process was resident in."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])
