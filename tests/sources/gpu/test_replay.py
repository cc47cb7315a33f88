"""Traces: their file, and how they are played."""

import gzip
import json
from contextlib import aclosing
from dataclasses import replace
from itertools import pairwise

import pytest

from console.core.energy import integrate
from console.core.gpu import Card, Snapshot
from console.core.gpu_json import to_line
from console.sources.gpu.replay import ReplaySource
from console.sources.gpu.trace import NAME, VERSION, Trace, TraceWriter, read_trace
from console.wire.world import DEMO_TRACE
from tests.sources.gpu.conftest import Now

WATTS = (100.0, 300.0, 50.0)


def short_trace(**changes):
    """Three seconds of one card, whose counter is the sum of its power."""
    frames = tuple(
        Snapshot(
            at_ms=5000 + 1000 * second,
            cards=(
                Card(
                    index=0,
                    uuid="GPU-a",
                    name="Card",
                    power_w=watts,
                    energy_j=1000 + sum(WATTS[:second]),
                ),
            ),
        )
        for second, watts in enumerate(WATTS)
    )
    trace = Trace(origin="a test", synthetic=False, interval_s=1.0, frames=frames)
    return replace(trace, **changes)


def text_of(trace):
    """A trace in its file's form."""
    header = {NAME: VERSION, "origin": trace.origin, "synthetic": trace.synthetic,
              "interval_s": trace.interval_s}  # fmt: skip
    lines = [json.dumps(header), *map(to_line, trace.frames)]
    return "".join(f"{line}\n" for line in lines).encode()


@pytest.fixture
def write(tmp_path):
    """Writes bytes to a file named like a trace."""

    def to_file(data):
        path = tmp_path / "trace.jsonl"
        path.write_bytes(data)
        return path

    return to_file


async def play(source, clock, steps_ms, interval_s=0.0):
    """A snapshot after each step of the clock."""
    seen = []
    async with aclosing(source.snapshots(interval_s)) as snapshots:
        for step in steps_ms:
            clock.ms += step
            seen.append(await anext(snapshots))
    return seen


def test_a_trace_is_read_back_as_written(write):
    trace = short_trace()
    assert read_trace(write(text_of(trace))) == trace
    assert read_trace(write(gzip.compress(text_of(trace)))) == trace


async def test_frames_follow_the_clock_and_say_where_they_come_from(write):
    clock = Now()
    source = ReplaySource(write(text_of(short_trace())), clock)
    seen = await play(source, clock, [0, 1000, 1000, 1000, 500])
    assert [s.cards[0].power_w for s in seen] == [100, 300, 50, 100, 100]
    assert [s.at_ms for s in seen] == [clock.ms - back for back in (3500, 2500, 1500, 500, 0)]
    assert all(s.simulated and s.origin == "a test" for s in seen)


@pytest.mark.parametrize("speed", [0.5, 1, 5, 60])
async def test_the_counter_rises_through_loops_as_the_power_says(write, speed):
    clock = Now()
    source = ReplaySource(write(text_of(short_trace())), clock, speed=speed)
    steps = [0] + [int(60 / speed)] * 500
    counts = [s.cards[0].energy_j for s in await play(source, clock, steps)]
    assert all(later > earlier for earlier, later in pairwise(counts))
    assert counts[-1] - counts[0] == pytest.approx(10 * sum(WATTS) / speed)


async def test_a_recorded_counter_that_falls_or_is_missing(write):
    first, second, third = short_trace().frames
    fallen = second.cards[0]._replace(energy_j=3.0)
    missing = third.cards[0]._replace(energy_j=None)
    frames = (first, second._replace(cards=(fallen,)), third._replace(cards=(missing,)))
    clock = Now()
    source = ReplaySource(write(text_of(short_trace(frames=frames))), clock)
    seen = [s.cards[0].energy_j for s in await play(source, clock, [0, 1000, 1000, 1000])]
    assert seen == [0.0, 0.0, None, 300.0]


async def test_a_pause_goes_on_with_the_clock(write):
    clock = Now()
    source = ReplaySource(write(text_of(short_trace())), clock)
    (first,) = await play(source, clock, [0])
    (second,) = await play(source, clock, [1500])
    assert second.cards[0].power_w == 300
    assert second.cards[0].energy_j - first.cards[0].energy_j == pytest.approx(100 + 150)


async def test_the_interval_changes_at_once(write):
    clock = Now()
    source = ReplaySource(write(text_of(short_trace())), clock)
    async with aclosing(source.snapshots(3600)) as snapshots:
        await anext(snapshots)
        source.set_interval(0.001)
        await anext(snapshots)
        await anext(snapshots)


HEADER = {"llmconsole-gpu-trace": 1, "origin": "x", "synthetic": False, "interval_s": 1}
FRAME = to_line(Snapshot(at_ms=1)).encode()


@pytest.mark.parametrize("packed", [False, True])
def test_a_recording_that_was_cut_short_is_played_to_its_last_whole_line(tmp_path, packed):
    path = tmp_path / ("trace.jsonl.gz" if packed else "trace.jsonl")
    writer = TraceWriter(path, origin="x", synthetic=False, interval_s=1.0)
    frames = [Snapshot(at_ms=1000 * second) for second in range(1, 26)]
    for frame in frames:
        writer.add(frame)
    # Nobody closes it: twenty lines are on the disk, the others were in memory.
    with path.open("ab") as file:
        file.write(b"" if packed else b'{"at_ms":26')
    assert read_trace(path).frames == tuple(frames[:20])
    writer.close()
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        TraceWriter(path, origin="x", synthetic=False, interval_s=1.0)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_trace_of_an_earlier_version_is_still_read(write, version):
    now, then = b'"llmconsole-gpu-trace": 4', b'"llmconsole-gpu-trace": %d' % version
    assert now in text_of(short_trace())
    assert read_trace(write(text_of(short_trace()).replace(now, then))) == short_trace()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is not a GPU trace: its first line has no 'llmconsole-gpu-trace'."),
        (b"[1]\n", "is not a GPU trace: its first line"),
        (b"hello\n", "is not a GPU trace: its first line"),
        (b"[" * 100_000, "is not a GPU trace: its first line"),
        (b"\xff\xfe\n", "it is not UTF-8 text."),
        (b"\x1f\x8b\x08\x20broken" + b"\xff" * 40, "cannot be read: damaged."),
        (gzip.compress(FRAME)[:-9], "is not a GPU trace: its first line"),
        ({"llmconsole-gpu-trace": 5}, "of version 5, and this llmconsole reads 1 to 4: upgrade it"),
        ({"llmconsole-gpu-trace": "x"}, "of version 'x', and this llmconsole reads 1 to 4."),
        (
            HEADER | {"interval_s": 0},
            "line 1: origin, synthetic or interval_s is missing or wrong.",
        ),
        (HEADER | {"interval_s": True}, "line 1: origin"),
        (HEADER | {"origin": None}, "line 1: origin"),
        (HEADER | {"synthetic": "no"}, "line 1: origin"),
        (HEADER, "without a snapshot."),
        ([HEADER, FRAME, b"{}"], "line 3: not a GPU snapshot: an object with cards is expected."),
        ([HEADER, FRAME, FRAME], "not in order of time."),
        ([HEADER, b"[" * 100_000], "line 2: not a GPU snapshot: it is nested too deep."),
        *(
            (
                [
                    HEADER,
                    FRAME.replace(b'"cards":[]', b'"origin":"x"')[:-1]
                    + b',"cards":[{"index":0,"uuid":"x","name":"x","%s":%s}]}' % each,
                ],
                f"line 2: not a GPU snapshot: {each[0].decode()} is ",
            )
            for each in (
                (b"util_pct", b"1e308"),
                (b"energy_j", b"NaN"),
                (b"xids", b"9" * 400),
                (b"memory_used_b", b"9" * 400),
                (b"name", b'["%s"]' % (b"x" * 9999)),
            )
        ),
    ],
    ids=lambda value: None if isinstance(value, str) else repr(value)[:40],
)
def test_a_wrong_file_is_one_sentence(write, data, says):
    lines = [data] if isinstance(data, bytes | dict) else data
    parts = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    path = write(b"\n".join(parts))
    with pytest.raises(ValueError, match="trace") as caught:
        ReplaySource(path, Now())
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_no_file_and_no_speed_are_one_sentence(tmp_path, write):
    with pytest.raises(ValueError, match=r"cannot be read: No such file or directory\.$"):
        ReplaySource(tmp_path / "none", Now())
    for speed in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="speed above 0"):
            ReplaySource(write(text_of(short_trace())), Now(), speed=speed)


def test_the_demo_trace_is_a_real_card_at_work():
    assert DEMO_TRACE.stat().st_size <= 100_000
    trace = read_trace(DEMO_TRACE)
    assert not trace.synthetic
    cards = [card for frame in trace.frames for card in frame.cards]
    assert len(cards) == len(trace.frames) and {card.name for card in cards} == {"NVIDIA H200"}
    watts = [card.power_w for card in cards]
    assert min(watts) < 0.2 * cards[0].power_limit_w < 0.95 * cards[0].power_limit_w < max(watts)
    assert {card.fault for card in cards} == {None}
    assert max(card.util_pct for card in cards) > 95 and max(card.dram_pct for card in cards) > 80
    # The board's counter and the power it told agree, over load and rest.
    points = [(card.read_ms["fast"] / 1000, card.power_w) for card in cards]
    # A mean of the last second lags by half of one.
    integral = integrate(points, points[0][0] + 0.5, points[-1][0])
    counted = cards[-1].energy_j - cards[0].energy_j
    assert integral == pytest.approx(counted, rel=0.02)


def test_the_demo_trace_names_nobodys_box():
    cards = [card for frame in read_trace(DEMO_TRACE).frames for card in frame.cards]
    processes = {each for card in cards for each in card.processes}
    assert {each.user for each in processes} == {"root"}
    for command in {each.command for each in processes}:
        assert "/" not in command and command.startswith("python3 ")


async def test_what_is_played_says_what_it_is(write):
    for synthetic, words in ((True, "a test (synthetic)"), (False, "a test")):
        path = write(text_of(short_trace(synthetic=synthetic)))
        (snapshot,) = await play(ReplaySource(path, Now()), Now(), [0])
        assert snapshot.simulated and snapshot.origin == words
        assert snapshot.synthetic is synthetic


async def test_a_moment_in_a_trace_is_exact(write):
    clock = Now()
    source = ReplaySource(write(text_of(short_trace())), clock)
    assert await source.edges(1) == []
    async with aclosing(source.snapshots(0.001)) as snapshots:
        await anext(snapshots)
        clock.ms += 1500
        (edge,) = await source.edges(2)
    assert edge.asked_s == edge.tick_s == clock.ms / 1000
    assert edge.asked_j == edge.tick_j == pytest.approx(100 + 150)


@pytest.mark.parametrize("speed", [1, 20])
async def test_reasons_and_ages_are_played_as_they_were(write, speed):
    def held(frame, seconds):
        card = frame.cards[0]._replace(held_s={"power cap": seconds},
                       read_ms={"fast": frame.at_ms - 200})  # fmt: skip
        return frame._replace(cards=(card,))

    frames = [held(f, s) for f, s in zip(short_trace().frames, (50.0, 50.4, 50.8), strict=True)]
    clock = Now()
    source = ReplaySource(write(text_of(short_trace(frames=frames))), clock, speed=speed)
    step = 3000 // speed
    first, *_, last = await play(source, clock, [0, *[step] * 10])
    gained = last.cards[0].held_s["power cap"] - first.cards[0].held_s["power cap"]
    assert gained / (step * 10 / 1000) == pytest.approx(0.4)  # the same share at any speed
    assert last.cards[0].read_ms["fast"] == clock.ms - 200
