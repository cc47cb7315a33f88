"""Snapshots and their line of JSON."""

import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.gpu import Card, Gauge, Snapshot, from_json, to_json

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
    fields = asdict(SNAPSHOT)
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
