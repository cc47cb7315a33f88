"""Snapshots and their line of JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.gpu import Card, Gauge, Instance, Process, Snapshot
from console.core.gpu_json import from_json, to_json, to_line

FULL = Card(
    index=3,
    uuid="GPU-c",
    name="NVIDIA H100",
    held_s={"power cap": 12.5},
    held_pct={"power cap": 38.0},
    persistence=True,
    mig=True,
    mig_pending=False,
    instances=(Instance(uuid="MIG-a", gpu_instance=5, profile="1g.10gb", memory_used_b=7),),
    processes=(
        Process(pid=17, command="llama-server", memory_b=5, gpu_instance=5, compute_instance=0),
        Process(pid=18),
    ),
    read_ms={"fast": 5, "slow": 3},
    missing={"fan_pct": "not supported"},
)
CARD = Card(
    index=0,
    uuid="GPU-a",
    name="NVIDIA H200",
    util_pct=97.0,
    power_w=612.5,
    memory_used_b=20,
    temperature_c=61.0,
)
SNAPSHOT = Snapshot(at_ms=1_770_000_000_000, cards=(CARD,), driver="580.95.05", cuda="13.0")


def test_a_snapshot_survives_its_line():
    line = to_json(SNAPSHOT)
    assert "\n" not in line
    assert from_json(line) == SNAPSHOT == from_json(line.encode())


def test_a_card_with_everything_survives_both_forms():
    snapshot = Snapshot(at_ms=1, cards=(FULL, CARD))
    assert from_json(to_json(snapshot)) == snapshot == from_json(to_line(snapshot))
    assert "null" not in to_line(snapshot) and "encoder_pct" not in to_line(snapshot)


def test_a_value_is_overdue_after_two_missed_turns_of_its_own():
    card = CARD._replace(read_ms={"fast": 10_000, "slow": 7_000, "processes": 9_000})
    assert card.overdue_s("power_w", 12_000, 1.0) is None
    assert card.overdue_s("power_w", 13_000, 1.0) == 3.0
    assert card.overdue_s("power_w", 13_000, 2.0) is None
    assert card.overdue_s("fan_pct", 19_000, 1.0) is None
    assert card.overdue_s("fan_pct", 20_000, 1.0) == 13.0
    assert card.overdue_s("processes", 15_000, 1.0) == 6.0
    assert card.overdue_s("name", 99_000, 1.0) is None


def test_a_link_below_its_maximum_is_called_out_but_not_at_rest():
    link = CARD._replace(pcie_gen=1, pcie_gen_max=4, pcie_width=16, pcie_width_max=16, util_pct=0)
    assert link.down_trained is None
    assert link._replace(util_pct=90).down_trained == "gen1 of gen4"
    assert link._replace(pcie_width=8).down_trained == "x8 of x16"
    assert CARD.down_trained is None


def test_a_ghost_works_without_watts_and_without_a_process():
    ghost = CARD._replace(util_pct=100, power_w=70, power_limit_w=700, processes=(), ghostly_s=5.0)
    assert ghost.ghost
    assert not ghost._replace(ghostly_s=4.0).ghost and not ghost._replace(ghostly_s=None).ghost
    assert not ghost._replace(power_w=300).ghost
    assert not ghost._replace(processes=(Process(pid=1),)).ghost
    assert not ghost._replace(processes=None).ghost


def test_numbers_are_numbers_and_unknown_is_null():
    card = json.loads(to_json(SNAPSHOT))["cards"][0]
    assert card["power_w"] == 612.5 and card["energy_j"] is None


def test_whole_watts_are_watts():
    line = to_json(SNAPSHOT).replace("612.5", "612")
    assert from_json(line).cards[0].power_w == 612


def test_the_power_of_all_cards_that_tell():
    silent = Card(index=1, uuid="GPU-b", name="x", fault="lost")
    assert Snapshot(at_ms=0, cards=(CARD, CARD, silent)).power_w == 1225
    assert Snapshot(at_ms=0, cards=(silent,)).power_w is None


def test_readings_by_gauge():
    assert [CARD.reading(gauge) for gauge in Gauge] == [97.0, 612.5, 20, 61.0]


def test_text_from_a_file_is_made_safe():
    wild = Snapshot(at_ms=0, cards=(Card(index=0, uuid="u", name="a\x1b[2J\nb"),), trouble="\x9b!")
    safe = from_json(to_json(wild))
    assert safe.cards[0].name == "a␛[2J b" and safe.trouble == "‹009B›!"


def changed(**changes):
    fields = json.loads(to_json(SNAPSHOT))
    fields["cards"][0].update(changes)
    return json.dumps(fields)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "nonsense",
        "[]",
        "{}",
        "3",
        '{"cards": 3, "at_ms": 1}',
        '{"cards": [3], "at_ms": 1}',
        '{"cards": []}',
        '{"cards": [], "at_ms": "now"}',
        '{"cards": [], "at_ms": true}',
        '{"cards": [], "at_ms": 1, "simulated": 1}',
        '{"cards": [], "at_ms": 1, "more": 1}',
        b"\xff",
        changed(power_w="612W"),
        changed(power_w=True),
        changed(power_w=float("nan")),
        changed(power_w=[]),
        changed(name=None),
        changed(memory_used_b=1.5),
        changed(colour="green"),
        changed(held_s={"power cap": "1"}),
        changed(held_s=[]),
        changed(processes=[{"pid": "1"}]),
        changed(processes={}),
        changed(persistence=1),
        "[" * 100_000,
    ],
    ids=lambda line: repr(line[-30:]),
)
def test_what_is_no_snapshot_is_refused(line):
    with pytest.raises(ValueError, match="not a GPU snapshot: "):
        from_json(line)


@given(st.text() | st.binary())
def test_any_text_is_a_snapshot_or_refused(line):
    with pytest.raises(ValueError, match="not a GPU snapshot: "):
        from_json(line)
