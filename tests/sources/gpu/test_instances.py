"""MIG: the instances of a card, through the real pynvml, and a mode that changes while we look."""

import os
from contextlib import aclosing

import pytest

from tests.sources.gpu.conftest import TICK, healthy, until
from tests.sources.gpu.test_reading import first

HALF = "instance 0 1 0 3 3 40192 20000"
SHARED = ("instance 0 5 0 2 1 20096 100", "instance 0 5 1 2 1 20096 100")
ON = ("cards 1", "mig 0 1 1")


def listed(snapshot):
    return bool(snapshot.cards and snapshot.cards[0].instances)


async def test_instances_tell_their_ids_profile_and_memory_and_no_share_of_time(driver, source):
    driver.order(*ON, HALF, *SHARED, "wave 0 100 100 4")
    card = (await first(source, listed)).cards[0]
    assert card.mig is True and card.mig_pending is True and card.fault is None
    half, one, other = card.instances
    assert half.uuid.startswith("MIG-") and len({half.uuid, one.uuid, other.uuid}) == 3
    assert (half.gpu_instance, half.compute_instance, half.profile) == (1, 0, "3g.40gb")
    assert (half.memory_used_b, half.memory_total_b) == (20000 << 20, 40192 << 20)
    assert (other.gpu_instance, other.compute_instance) == (5, 1)
    assert other.profile == "1c.2g.20gb" and other.gpu_profile == "2g.20gb"
    assert card.util_pct is card.memory_util_pct is card.encoder_pct is None
    assert card.missing["util_pct"] == card.missing["decoder_pct"] == "not supported"
    # Power and energy stay the board's.
    assert card.power_w == pytest.approx(100) and card.energy_j > 0


async def test_processes_say_in_which_instance_they_are(driver, source):
    me = os.getpid()
    driver.order(*ON, HALF, *SHARED, f"process 0 {me} 900 C 0 1 0", f"process 0 {me} 90 C 0 5 1")
    snapshot = await first(source, lambda s: listed(s) and s.cards[0].processes)
    large, small = snapshot.cards[0].processes
    assert (large.pid, large.gpu_instance, large.compute_instance) == (me, 1, 0)
    assert (small.gpu_instance, small.compute_instance, small.memory_b) == (5, 1, 90 << 20)
    assert large.sm_pct is None


async def test_without_access_to_instances_the_card_tells_of_all_their_processes(driver, source):
    refused = "fault 0 MigDeviceGetComputeRunningProcesses 4"
    driver.order(*ON, HALF, refused, "process 0 4242 90 C 0 1 0")
    snapshot = await first(source, lambda s: listed(s) and s.cards[0].processes)
    (process,) = snapshot.cards[0].processes
    assert (process.pid, process.gpu_instance, process.compute_instance) == (4242, 1, 0)
    driver.order(*ON, HALF, refused, "fault 0 DeviceGetComputeRunningProcesses 4",
                 "fault 0 DeviceGetGraphicsRunningProcesses 4")  # fmt: skip
    card = (await first(source, listed)).cards[0]
    assert card.processes is None and card.missing["processes"] == "no permission"


async def test_instances_tell_how_hard_they_work_only_while_somebody_looks(driver, source, calls):
    driver.order(*ON, HALF, *SHARED, "set 0 gpm 1", "wave 0 20 300 0.001")
    async with aclosing(source.snapshots(TICK)) as snapshots:
        card = (await until(snapshots, listed))[-1].cards[0]
        assert all(each.dram_pct is None for each in card.instances)
        assert "GpmMigSampleGet" not in calls()
        source.profile([card.uuid])
        told = (await until(snapshots, profiled))[-1].cards[0]
        half, one, other = told.instances
        # It works half of the time, and an instance as hard as it is large.
        assert half.engine_active_pct == pytest.approx(99 / 2 * 3 / 7, rel=0.05)
        assert half.dram_pct == pytest.approx(80 / 2 * 3 / 7, rel=0.05)
        assert half.sm_active_pct > half.tensor_pct > 0
        assert one.dram_pct == other.dram_pct == pytest.approx(80 / 2 * 2 / 7, rel=0.05)
        assert told.dram_pct is None and told.missing["dram_pct"] == "not supported"
        # Each turn they are read anew, also when their memory and processes are.
        seen = [await anext(snapshots) for _ in range(150)]
        assert all(profiled(each) for each in seen)
        driver.order(*ON, *SHARED, "set 0 gpm 1")
        await until(snapshots, lambda s: {i.gpu_instance for i in s.cards[0].instances} == {5})
        await anext(snapshots)
        assert "GpmSampleFree" in calls()
        source.profile(())
        await until(snapshots, lambda s: not profiled(s))
        calls.forget()
        for _ in range(5):
            await anext(snapshots)
    assert not [call for call in calls() if call.startswith("Gpm")]


def profiled(snapshot):
    instances = snapshot.cards[0].instances
    return bool(instances and all(each.dram_pct is not None for each in instances))


async def test_shares_of_instances_that_are_refused_leave_everything_else(driver, source, calls):
    driver.order(*ON, HALF, "set 0 gpm 1", "fault 0 GpmMigSampleGet 4")
    async with aclosing(source.snapshots(TICK)) as snapshots:
        card = (await until(snapshots, listed))[-1].cards[0]
        source.profile([card.uuid])
        await until(snapshots, lambda s: "GpmMigSampleGet" in calls())
        for _ in range(8):
            snapshot = await anext(snapshots)
    (instance,) = snapshot.cards[0].instances
    assert instance.dram_pct is None and instance.memory_used_b == 20000 << 20
    assert calls().count("GpmMigSampleGet") == 3, "what was refused is not asked at each turn"


async def test_a_profile_without_a_name_is_told_by_its_slices(driver, source):
    driver.order(*ON, HALF, *SHARED, "fault 0 MigDeviceGetName 3")
    card = (await first(source, listed)).cards[0]
    assert [each.profile for each in card.instances] == ["3g.40gb", "1c.2g.20gb", "1c.2g.20gb"]


async def test_memory_that_an_instance_does_not_tell_is_unknown(driver, source):
    driver.order(
        *ON, HALF, "fault 0 MigDeviceGetMemoryInfo_v2 3", "fault 0 MigDeviceGetMemoryInfo 4"
    )
    (instance,) = (await first(source, listed)).cards[0].instances
    assert instance.memory_used_b is instance.memory_total_b is None


async def test_a_card_in_the_mode_without_an_instance_has_none_and_no_process(driver, source):
    driver.order(*ON)
    card = (await first(source, lambda s: s.cards and s.cards[0].mig)).cards[0]
    assert card.instances == () and card.processes == ()


async def test_a_card_enters_and_leaves_the_mode_while_we_look(driver, source, monkeypatch, calls):
    driver.order("cards 1", "mig 0 0 1", "process 0 4242 90 C 7")
    async with aclosing(source.snapshots(TICK)) as snapshots:
        before = (await until(snapshots, healthy))[-1].cards[0]
        assert (before.mig, before.mig_pending, before.instances) == (False, True, None)
        assert before.util_pct is not None
        driver.order(*ON, HALF, "process 0 4242 90 C 0 1 0")
        inside = (await until(snapshots, listed))[-1].cards[0]
        assert inside.mig and inside.util_pct is None
        assert inside.processes[0].gpu_instance == 1
        driver.order(*ON)
        gone = (await until(snapshots, lambda s: s.cards[0].instances == ()))[-1].cards[0]
        assert gone.mig and gone.processes == ()
        # What it refused in the mode is asked again at once, not after a minute.
        driver.order("cards 1", "mig 0 0 0", "process 0 4242 90 C 7")
        after = (await until(snapshots, lambda s: s.cards[0].mig is False
                             and s.cards[0].util_pct is not None
                             and s.cards[0].processes))[-1].cards[0]  # fmt: skip
        assert after.instances is None and after.processes[0].gpu_instance is None
        assert "MigDeviceGetUUID" in calls()


async def test_calls_of_seven_instances_are_a_budget(driver, source, calls):
    driver.order(*ON, *(f"instance 0 {n} 0 1 1 9856 0" for n in range(7)))
    async with aclosing(source.snapshots(0.25)) as snapshots:
        await until(snapshots, listed)
        for _ in range(12):
            await anext(snapshots)  # until the refused shares are given up
        calls.forget()
        for _ in range(20):
            await anext(snapshots)
    asked = calls()
    # Five seconds: 20 fast turns of four calls, the shares being refused; a slow one of eleven and
    # two for each instance; three times two for each instance.
    assert 80 <= len(asked) <= 21 * 4 + 2 * (11 + 14) + 3 * 14 + 5, sorted(asked)
