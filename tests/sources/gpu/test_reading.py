"""What the child reads of each card, through the real pynvml."""

import asyncio
import os
import time
from contextlib import aclosing

import pytest

from tests.sources.gpu.conftest import TICK, healthy, until


async def first(source, wanted=healthy):
    """The first snapshot that is as wanted."""
    async with aclosing(source.snapshots(TICK)) as snapshots:
        return (await until(snapshots, wanted))[-1]


async def test_every_value_of_a_card_at_work(driver, source):
    driver.order("wave 0 100 100 4", "set 0 util 97", "name 1 GPU \x1b[31mred")
    snapshot = await first(source)
    assert snapshot.trouble is None and snapshot.origin == "nvml" and not snapshot.simulated
    assert (snapshot.driver, snapshot.cuda) == ("580.95.05", "13.0")
    card, red = snapshot.cards
    assert (card.index, card.name, card.pci) == (0, "Fake GPU 0", "0000:01:00.0")
    assert card.uuid == "GPU-00000000-0000-0000-0000-000000000000"
    assert (card.power_w, card.power_kind) == (pytest.approx(100), "1 s average")
    assert card.power_instant_w == pytest.approx(100)
    limits = card.power_limit_w, card.power_limit_default_w, card.power_limit_max_w
    assert limits == pytest.approx((450, 480, 600))
    assert (card.memory_used_b, card.memory_total_b) == (20 << 30, 24 << 30)  # without reserved
    assert (card.util_pct, card.memory_util_pct) == (97, 61)
    assert (card.encoder_pct, card.decoder_pct) == (7, 3)
    assert card.memory_reserved_b == 1 << 30
    assert card.temperature_c in (37, 71) and card.slowdown_c == 90
    assert card.memory_temperature_c in (47, 81)
    assert card.fan_pct == 41 and card.pstate in (2, 8)
    assert card.clock_sm_mhz in (210, 2520) and card.clock_sm_max_mhz == 3105
    assert card.clock_memory_mhz in (405, 10501) and card.clock_memory_max_mhz == 10501
    link = card.pcie_gen, card.pcie_gen_max, card.pcie_width, card.pcie_width_max
    assert link == (4, 4, 16, 16) and card.down_trained is None
    assert (card.ecc_corrected, card.ecc_uncorrected) == (4, 1)
    assert card.persistence is True and card.processes == ()
    assert card.missing["mig"] == card.missing["nvlink_tx_bps"] == "not supported"
    assert red.name == "GPU ␛[31mred"
    assert set(card.read_ms) == {"fast", "slow", "processes"}


async def test_energy_is_the_integral_of_power_in_joules(driver, source):
    driver.order("wave 0 100 100 4", "cards 1")
    earliest = time.clock_gettime(time.CLOCK_BOOTTIME)
    joules = (await first(source)).cards[0].energy_j
    latest = time.clock_gettime(time.CLOCK_BOOTTIME)
    # 100 W since the machine started, by a counter that steps every 100 ms.
    assert 100 * (earliest - 0.1) <= joules <= 100 * latest


async def test_values_that_a_card_lacks_are_unknown_and_say_why(driver, source):
    driver.order(
        "fault 0 DeviceGetTotalEnergyConsumption 3",
        *("fault 0 FI:83 3", "fault 0 FI:185 3", "fault 0 FI:186 3"),
        "fault 0 DeviceGetPowerUsage 4",
        "fault 0 DeviceGetMemoryInfo_v2 3",
        "fault 0 DeviceGetTemperatureV 13",
        "fault 0 DeviceGetFanSpeed 999",
        "fault 1 * 3",
    )
    snapshot = await first(source, lambda s: s.cards[0].uuid)
    one, nothing = snapshot.cards
    assert one.fault is None and one.energy_j is None and one.power_w is None
    assert one.missing["energy_j"] == "not supported"
    assert one.missing["power_w"] == "no permission"
    assert one.missing["fan_pct"] == "unknown error"
    assert one.memory_used_b == 21 << 30 and one.temperature_c in {38, 72}  # the older calls
    assert "memory_used_b" not in one.missing and "temperature_c" not in one.missing
    assert nothing.fault == "does not answer (Not Supported)"  # it refuses even its handle


async def test_power_without_an_average_is_instant_and_says_so(driver, source):
    driver.order("wave 0 100 100 4", "fault 0 FI:185 3", "fault 1 FI:185 3", "fault 1 FI:186 3")
    instant, usage = (await first(source)).cards
    assert (instant.power_w, instant.power_kind) == (pytest.approx(100), "instant")
    # nvmlDeviceGetPowerUsage is an average on a chip as new as this one.
    assert usage.power_w is not None and usage.power_kind == "1 s average"


async def test_a_refused_value_is_not_asked_each_time_and_a_moment_of_refusal_is_survived(
    driver, source, calls
):
    driver.order("cards 1", "fault 0 DeviceGetUtilizationRates 3")
    async with aclosing(source.snapshots(TICK)) as snapshots:
        await until(snapshots, healthy)
        for _ in range(12):
            snapshot = await anext(snapshots)
    assert snapshot.cards[0].util_pct is None
    assert snapshot.cards[0].missing["util_pct"] == "not supported"
    assert calls().count("DeviceGetUtilizationRates") == 3
    async with aclosing(source.snapshots(TICK)) as snapshots:
        await until(snapshots, lambda s: s.cards[0].missing.get("util_pct"))
        driver.order("cards 1")
        await until(snapshots, lambda s: s.cards[0].util_pct is not None)


async def test_a_chip_without_memory_of_its_own_has_the_systems(driver, source):
    refused = [f"fault {n} DeviceGetMemoryInfo{v} 3" for n in (0, 1) for v in ("", "_v2")]
    driver.order("name 0 NVIDIA GB10", *refused)
    async with aclosing(source.snapshots(TICK)) as snapshots:
        seen = await until(snapshots, lambda s: s.cards[0].memory_total_b)
    shared, lacking = seen[-1].cards
    assert 0 < shared.memory_used_b < shared.memory_total_b
    assert "memory_used_b" not in shared.missing
    assert lacking.memory_used_b is None and lacking.missing["memory_used_b"] == "not supported"


async def test_a_name_that_failed_at_first_is_asked_again(driver, source):
    driver.order("fault 0 DeviceGetName 999", "fault 0 DeviceGetUUID 999")
    async with aclosing(source.snapshots(TICK)) as snapshots:
        assert (await anext(snapshots)).cards[0].name == "unknown card"
        driver.order()
        await until(snapshots, lambda s: s.cards[0].name == "Fake GPU 0")


async def test_what_holds_the_clocks_back_is_counted_or_else_sampled(driver, source):
    driver.order("held 0 74 0.25", "held 0 271 0.5", "held 1 270 1",
                 *(f"fault 1 FI:{id} 3" for id in (74, 75, 76, 77, 79, 269, 270, 271)))  # fmt: skip
    async with aclosing(source.snapshots(TICK)) as snapshots:
        before = (await until(snapshots, healthy))[-1]
        after = (await until(snapshots, lambda s: s.at_ms >= before.at_ms + 500))[-1]
    gained = {word: seconds - before.cards[0].held_s[word]
              for word, seconds in after.cards[0].held_s.items()}  # fmt: skip
    passed = (after.cards[0].read_ms["fast"] - before.cards[0].read_ms["fast"]) / 1000
    assert gained == {"power cap": pytest.approx(0.25 * passed, abs=0.05),
                      "HW power brake": pytest.approx(0.5 * passed, abs=0.05)}  # fmt: skip
    assert after.cards[1].held_s["HW thermal slow-down"] > 0.3


async def test_traffic_comes_from_the_counters(driver, source, calls):
    driver.order("wave 0 20 20 0.001", "set 0 pcie_bits 32", "set 0 gpm 1", "cards 1")
    async with aclosing(source.snapshots(0.1)) as snapshots:
        await until(snapshots, lambda s: s.cards[0].pcie_rx_bps is not None)
        seen = [(await anext(snapshots)).cards[0] for _ in range(10)]
    # 1.9 GB a second of work, which is half of the time.
    received = sum(card.pcie_rx_bps for card in seen) / 10
    sent = sum(card.pcie_tx_bps for card in seen) / 10
    assert (received, sent) == (pytest.approx(0.95e9, rel=0.2), pytest.approx(0.2e9, rel=0.2))
    assert seen[-1].nvlink_tx_bps == pytest.approx(1e6 * 1024, rel=0.2)
    assert "DeviceGetPcieThroughput" not in calls()


async def test_processes_with_their_owner_command_and_shares(driver, source):
    me = os.getpid()
    driver.order(f"process 0 {me} 1000 C 42", f"process 0 {me} 10 G 0", "process 0 999999 50 C 7")
    snapshot = await first(source, lambda s: s.cards[0].processes)
    mine, ended = snapshot.cards[0].processes
    assert (mine.pid, mine.kind, mine.memory_b) == (me, "compute+graphics", 1000 << 20)
    if mine.hidden is None:  # the tests run on the host, not in a container
        assert "pytest" in mine.command and mine.user
        assert ended.hidden == "ended or hidden"
    assert ended.sm_pct == 7 and ended.command is None


async def test_an_xid_event_is_told(driver, source):
    async with aclosing(source.snapshots(TICK)) as snapshots:
        await until(snapshots, healthy)
        driver.order("xid 1 79 1")
        card = (await until(snapshots, lambda s: s.cards[1].xid))[-1].cards[1]
        assert (card.xid, card.xids) == (79, 1) and card.xid_ms > 0
        driver.order("xid 1 31 2", "fault 1 * 15")
        lost = (await until(snapshots, lambda s: s.cards[1].xid == 31))[-1].cards[1]
        assert lost.xids == 2


async def test_a_link_that_trained_down(driver, source):
    driver.order("set 0 width 8", "set 1 gen 1", "set 1 util 90")
    one, other = (await first(source)).cards
    assert (one.down_trained, other.down_trained) == ("x8 of x16", "gen1 of gen4")


async def test_nvml_calls_are_a_budget(driver, source, calls):
    driver.order("cards 1", f"process 0 {os.getpid()} 1000 C 42")
    async with aclosing(source.snapshots(0.25)) as snapshots:
        await until(snapshots, healthy)
        calls.forget()
        for _ in range(20):
            await anext(snapshots)
    asked = calls()
    # Five seconds: 20 fast turns of five calls; one slow one of thirteen; three of the processes,
    # of five; and the number of cards, now and then.
    assert asked.count("DeviceGetFieldValues") in (20, 21, 22)
    assert 100 <= len(asked) <= 21 * 5 + 2 * 13 + 3 * 5 + 5, sorted(asked)


@pytest.mark.parametrize("celsius", [40, 84])
async def test_a_card_tells_its_margin_below_its_limit(driver, source, celsius):
    driver.order("cards 2", f"set 0 temperature {celsius}", "set 0 limit 83")
    with_margin, without = (await first(source, lambda s: s.cards[0].read_ms.get("slow"))).cards
    assert (with_margin.margin_c, with_margin.slowdown_c) == (83 - celsius, 90)
    assert without.margin_c is None and without.missing["margin_c"] == "not supported"


async def test_rows_to_be_replaced_and_what_the_driver_wants_done(driver, source):
    driver.order("field 0 144 1", "field 0 145 0", "field 0 230 2", "field 1 230 0")
    bad, well = (await first(source, lambda s: s.cards[0].recovery)).cards
    assert (bad.row_remap_pending, bad.row_remap_failed) == (True, False)
    assert bad.recovery == "a reboot of the node"
    assert well.recovery is None and well.row_remap_pending is None


async def test_profiling_metrics_that_are_refused_for_a_moment_come_back(driver, source):
    driver.order("cards 1", "set 0 gpm 1", "fault 0 GpmQueryDeviceSupport 999")
    async with aclosing(source.snapshots(TICK)) as snapshots:
        source.profile([card.uuid for card in (await until(snapshots, healthy))[-1].cards])
        await until(snapshots, lambda s: s.cards[0].missing.get("dram_pct") == "unknown error")
        driver.order("cards 1", "set 0 gpm 1", "fault 0 GpmSampleGet 4")
        await until(snapshots, lambda s: s.cards[0].missing.get("dram_pct") == "no permission")


async def test_sleeping_cards_are_not_woken(driver, source, tmp_path, calls):
    for bus in (1, 2):
        device = tmp_path / f"sys/bus/pci/devices/0000:0{bus}:00.0"
        (device / "power").mkdir(parents=True)
        (device / "vendor").write_text("0x10de\n")
        (device / "class").write_text("0x030200\n")
        (device / "power/runtime_status").write_text("suspended\n")
    async with aclosing(source.snapshots(TICK)) as snapshots:
        for _ in range(3):
            snapshot = await anext(snapshots)
        assert [(c.fault, c.pci) for c in snapshot.cards] == [
            ("asleep", "0000:01:00.0"), ("asleep", "0000:02:00.0")]  # fmt: skip
        assert not calls()
        device.joinpath("power/runtime_status").write_text("active\n")
        asleep, awake = (await until(snapshots, lambda s: not s.cards[1].fault))[-1].cards
        assert asleep.fault == "asleep" and awake.power_w is not None
        assert "0 DeviceGetHandleByIndex" not in calls.lines()


async def test_the_edges_of_a_moment_are_held_to_the_counters_ticks(driver, source):
    driver.order("wave 0 100 100 4", "wave 1 50 50 4")
    async with aclosing(source.snapshots(0.2)) as snapshots:
        await until(snapshots, healthy)
        reading = asyncio.create_task(drain(snapshots))
        # On a busy machine an edge may be read late: then the next moment is asked for.
        for _ in range(50):
            now_s = time.time()
            one, other = sorted(await source.edges(2), key=lambda edge: edge.uuid)
            if one.asked_s - now_s < 0.2 and one.tick_s < one.asked_s + 0.25:
                break
        single = await source.edges(1)
        reading.cancel()
        await asyncio.wait([reading])
    assert 0 <= one.asked_s - now_s < 0.2
    assert one.asked_s < one.tick_s < one.asked_s + 0.25
    assert one.tick_j - one.asked_j == pytest.approx(10, rel=0.5)  # 100 W for a tick of 0.1 s
    assert one.length_s == pytest.approx(0.1, abs=0.05)
    assert (one.asked_w, other.tick_w) == (pytest.approx(100), pytest.approx(50))
    assert len(single) == 2 and single[0].length_s is None and single[0].tick_j is not None


async def drain(snapshots):
    """Draw snapshots for ever."""
    async for _ in snapshots:
        pass


async def test_an_edge_of_cards_without_a_counter_is_none(driver, source):
    driver.order("cards 1", "fault 0 FI:83 3", "fault 0 DeviceGetTotalEnergyConsumption 3")
    async with aclosing(source.snapshots(TICK)) as snapshots:
        await until(snapshots, healthy)
        assert await source.edges(1) == []


NO_COUNTER = ("fault 0 FI:83 3", "fault 0 DeviceGetTotalEnergyConsumption 3")


@pytest.mark.parametrize("refused", [(), ("fault 0 FI:186 3",)], ids=["instant", "average"])
async def test_power_is_added_up_where_there_is_no_counter(driver, source, calls, refused):
    driver.order("cards 2", "wave 0 100 100 4", *NO_COUNTER, *refused)
    async with aclosing(source.snapshots(0.5)) as snapshots:
        await until(snapshots, healthy)
        reading = asyncio.create_task(drain(snapshots))
        source.integrate(True)
        began = await source.edges(2)
        calls.forget()
        await asyncio.sleep(2)
        asked = calls.lines()
        ended = await source.edges(1)
        source.integrate(False)
        assert len(began) == len(ended) == 2, "the other card has a counter"
        source.set_interval(60)
        calls.forget()
        while calls():  # until nobody looks any more
            calls.forget()
            await asyncio.sleep(0.3)
        reading.cancel()
        await asyncio.wait([reading])
    first, last = (next(e for e in edges if e.uuid.endswith("0")) for edges in (began, ended))
    passed = last.asked_s - first.asked_s
    assert last.since_s == first.since_s <= first.asked_s
    assert last.asked_j - first.asked_j == pytest.approx(100 * passed, rel=0.02)
    assert last.off_j < 0.02 * 100 * passed, "steady power is known well"
    assert last.lag_s == (0.5 if refused else 0.0)
    # Ten looks a second at the one card, beside the usual calls of two readings a second of both.
    looked = [line for line in asked if line in ("0 DeviceGetPowerUsage", "0 DeviceGetFieldValues")]
    readings = len([line for line in asked if line == "1 DeviceGetFieldValues"])
    assert readings <= 2 * passed + 2
    assert 5 <= len(looked) - 2 * readings <= 10 * passed + 2


async def test_profiling_metrics_are_read_only_while_somebody_looks(driver, source, calls):
    driver.order("set 0 gpm 1")
    async with aclosing(source.snapshots(TICK)) as snapshots:
        first = (await until(snapshots, healthy))[-1].cards
        assert first[0].dram_pct is None and "GpmSampleGet" not in calls()
        source.profile([card.uuid for card in first])
        seen = await until(snapshots, lambda s: s.cards[0].dram_pct is not None)
        shown, lacking = seen[-1].cards
        assert 0 <= shown.dram_pct <= 80 and 0 <= shown.tensor_pct <= 40
        assert 0 <= shown.sm_active_pct <= 90 and 0 <= shown.engine_active_pct <= 99
        assert lacking.dram_pct is None and lacking.missing["dram_pct"] == "not supported"
        source.profile(())
        await until(snapshots, lambda s: s.cards[0].dram_pct is None)
        calls.forget()
        for _ in range(5):
            await anext(snapshots)
    assert not [call for call in calls() if call.startswith("Gpm")]


async def test_what_is_wanted_holds_for_the_next_reader_too(driver, source):
    driver.order("set 0 gpm 1", *NO_COUNTER)
    async with aclosing(source.snapshots(TICK)) as snapshots:
        source.profile([card.uuid for card in (await until(snapshots, healthy))[-1].cards])
        source.integrate(True)
    async with aclosing(source.snapshots(TICK)) as snapshots:
        await until(snapshots, lambda s: s.cards[0].dram_pct is not None)
        reading = asyncio.create_task(drain(snapshots))
        assert {edge.uuid[-1]: edge.since_s is None for edge in await source.edges(1)} == {
            "0": False, "1": True}  # fmt: skip
        source.integrate(False)
        assert [edge.uuid[-1] for edge in await source.edges(1)] == ["1"]
        reading.cancel()
        await asyncio.wait([reading])
