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
from tests.sources.gpu.conftest import Now

TICK = 0.02
GUARD_S = 30


async def until(snapshots, wanted):
    """The first snapshot that is as wanted, and all before it."""
    seen = []
    async with asyncio.timeout(GUARD_S):
        async for snapshot in snapshots:
            seen.append(snapshot)
            if wanted(snapshot):
                return seen
    raise AssertionError("the stream ended")


def healthy(snapshot):
    return snapshot.cards and not any(card.fault for card in snapshot.cards)


async def test_reads_every_value_through_the_real_binding(driver, source):
    driver.order("wave 0 100 100 4", "name 1 GPU \x1b[31mred")
    async with aclosing(source.snapshots(TICK)) as snapshots:
        first, *_, last = [snapshot async for snapshot, _ in zip_async(snapshots, 3)]
    assert first.trouble is None and first.origin == "nvml" and not first.simulated
    assert (first.driver, first.cuda) == ("580.95.05", "13.0")
    card, red = first.cards
    assert (card.index, card.name) == (0, "Fake GPU 0")
    assert card.uuid == "GPU-00000000-0000-0000-0000-000000000000"
    assert card.power_w == pytest.approx(100) and card.power_limit_w == 450
    assert (card.memory_used_b, card.memory_total_b) == (20 << 30, 24 << 30)  # v2: without reserved
    assert (card.util_pct, card.memory_util_pct, card.temperature_c) in {(0, 0, 37), (97, 61, 71)}
    assert last.cards[0].energy_j >= card.energy_j > 0
    assert last.at_ms > first.at_ms
    assert red.name == "GPU ␛[31mred"


async def zip_async(items, count):
    """The first `count` items with their number."""
    number = 0
    async for item in items:
        yield item, number
        number += 1
        if number == count:
            return


async def test_energy_is_in_joules_and_the_integral_of_power(driver, source):
    driver.order("wave 0 100 100 4", "cards 1")
    async with aclosing(source.snapshots(TICK)) as snapshots:
        earliest = time.clock_gettime(time.CLOCK_BOOTTIME)
        joules = (await anext(snapshots)).cards[0].energy_j
        latest = time.clock_gettime(time.CLOCK_BOOTTIME)
    # 100 W since the machine started, by a counter that steps every 100 ms.
    assert 100 * (earliest - 0.1) <= joules <= 100 * latest


async def test_values_that_a_card_lacks_are_unknown(driver, source):
    driver.order(
        "fault 0 DeviceGetTotalEnergyConsumption 3",
        "fault 0 DeviceGetPowerUsage 4",
        "fault 0 DeviceGetMemoryInfo_v2 3",
        "fault 0 DeviceGetTemperatureV 13",
        "fault 1 * 3",
    )
    async with aclosing(source.snapshots(TICK)) as snapshots:
        one, nothing = (await anext(snapshots)).cards
    assert one.fault is None and one.energy_j is None and one.power_w is None
    assert one.memory_used_b == 21 << 30 and one.temperature_c in {38, 72}  # the older calls
    assert nothing.fault == "does not answer (Not Supported)"  # it refuses even its handle


async def test_a_name_that_failed_at_first_is_asked_again(driver, source):
    driver.order("fault 0 DeviceGetName 999", "fault 0 DeviceGetUUID 999")
    async with aclosing(source.snapshots(TICK)) as snapshots:
        assert (await anext(snapshots)).cards[0].name == "unknown card"
        driver.order()
        await until(snapshots, lambda s: s.cards[0].name == "Fake GPU 0")


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
        driver.order(f"fault 1 * {code}")
        good, bad = (await until(snapshots, lambda s: s.cards[1].fault))[-1].cards
        assert bad.fault == words and bad.power_w is None
        assert good.fault is None and good.power_w is not None
        # Also after the child was replaced, which cannot know whom it has lost.
        (child,) = children()
        seen = await until(snapshots, lambda s: child not in children())
        assert all((s.cards[1].name, s.cards[1].uuid) == (before.name, before.uuid) for s in seen)
        assert not any(s.trouble for s in seen)
        driver.order()
        seen = await until(snapshots, healthy)
        assert all(s.cards[0].fault is None for s in seen)


async def test_a_card_lost_at_the_start_is_found(driver, source):
    driver.order("fault 0 * 15")
    async with aclosing(source.snapshots(TICK)) as snapshots:
        first = await anext(snapshots)
        assert [card.fault for card in first.cards] == ["lost", None]
        assert first.cards[0].name == "unknown card"
        driver.order()
        await until(snapshots, healthy)


async def test_a_reloaded_driver_is_opened_again(driver, source):
    async with aclosing(source.snapshots(TICK)) as snapshots:
        await until(snapshots, healthy)
        driver.order("epoch 1")
        await until(snapshots, lambda s: not healthy(s))
        again = (await until(snapshots, healthy))[-1]
        assert again.cards[0].energy_j < 1000  # counts anew


@pytest.mark.parametrize(
    ("orders", "begins"),
    [
        (["driver 9"], "The NVIDIA driver is not loaded: "),
        (["driver 18"], "The NVIDIA driver was upgraded "),
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


@pytest.mark.parametrize("call", ["DeviceGetPowerUsage", "InitWithFlags"])
async def test_a_call_that_hangs_is_told_killed_and_replaced(driver, children, call):
    source = NvmlSource(
        Now(),
        process.Patience(silent_s=0.3, opening_s=1.5, wait_s=0.05, wait_most_s=0.05),
    )
    driver.order(f"fault * {call} hang")
    async with aclosing(source.snapshots(TICK)) as snapshots:
        assert (await until(snapshots, lambda s: s.trouble))[-1].trouble == process.SILENT
        assert not children()
        driver.order()
        assert healthy((await until(snapshots, healthy))[-1])


async def test_a_crash_inside_the_library_is_told_and_survived(driver, source):
    async with aclosing(source.snapshots(TICK)) as snapshots:
        await until(snapshots, healthy)
        driver.order("fault 1 DeviceGetTotalEnergyConsumption crash")
        told = (await until(snapshots, lambda s: s.trouble))[-1].trouble
        assert told == "The GPU reader crashed (SIGSEGV); looking again."
        driver.order()
        await until(snapshots, healthy)


async def test_a_slow_call_only_slows_the_pace(driver, source):
    driver.order("fault 0 DeviceGetPowerUsage slow:150")
    async with aclosing(source.snapshots(TICK)) as snapshots:
        seen = [snapshot async for snapshot, _ in zip_async(snapshots, 4)]
    assert all(map(healthy, seen))


async def test_the_interval_changes_at_once(driver, source):
    async with aclosing(source.snapshots(3600)) as snapshots:
        await anext(snapshots)
        source.set_interval(TICK)
        async with asyncio.timeout(GUARD_S):
            for _ in range(3):
                assert healthy(await anext(snapshots))


@pytest.mark.parametrize("hung", [False, True])
async def test_closing_leaves_no_child(driver, source, children, hung):
    snapshots = source.snapshots(TICK)
    await anext(snapshots)
    assert len(children()) == 1
    if hung:
        driver.order("fault * DeviceGetPowerUsage hang")
        waiting = asyncio.create_task(anext(until_silent(snapshots)))
        await asyncio.sleep(4 * TICK)
        waiting.cancel()
        await asyncio.wait([waiting])
    async with asyncio.timeout(GUARD_S):
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
    monkeypatch.setattr(process.sys, "executable", "/nowhere/python")
    async with aclosing(source.snapshots(TICK)) as snapshots:
        told = (await anext(snapshots)).trouble
    assert told == "The GPU reader cannot be started (No such file or directory); looking again."


async def test_a_child_that_talks_nonsense_is_a_sentence(source, tmp_path, monkeypatch):
    liar = tmp_path / "liar"
    liar.write_text("#!/bin/sh\necho nonsense\nexec cat\n")
    liar.chmod(0o700)
    monkeypatch.setattr(process.sys, "executable", str(liar))
    async with aclosing(source.snapshots(TICK)) as snapshots:
        assert (await anext(snapshots)).trouble == process.GARBLED


async def test_a_console_that_was_stopped_itself_does_not_blame_the_child(driver):
    source = NvmlSource(Now(), process.Patience(silent_s=0.8))
    async with aclosing(source.snapshots(TICK)) as snapshots:
        await anext(snapshots)
        # As ctrl+z does: the deadline passes while the child's lines wait in the pipe.
        asyncio.get_running_loop().call_soon(time.sleep, 0.9)
        for _ in range(3):
            assert healthy(await anext(snapshots))


PARENT = """
import asyncio, sys
from console.sources.gpu.process import NvmlSource
from tests.sources.gpu.conftest import Now

async def main():
    source = NvmlSource(Now())
    async for snapshot in source.snapshots(0.02):
        print(source._child.pid, flush=True)

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
                driver.order("fault * DeviceGetPowerUsage hang")
                os.read(parent.stdout.fileno(), 65536)
            parent.send_signal(signal.SIGKILL)
            assert select.select([handle], [], [], GUARD_S)[0]
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
