"""`gpu` in every form, against the stand-in driver and a recorded trace."""

import csv
import io
import json
import signal

import pytest

from console.core.gpu_json import from_json
from console.wire.world import DEMO_TRACE
from tests.exposition import parse
from tests.patience import PATIENCE_S


def test_one_sample_has_numbers_as_numbers(cards, run):
    document = run("gpu", "--json").json
    first = document["cards"][0]
    for name in ("util_pct", "power_w", "power_limit_w", "memory_used_b", "temperature_c"):
        assert isinstance(first[name], int | float), name
    assert len(document["cards"]) == 2 and document["origin"] == "nvml"
    assert from_json(json.dumps(document)).cards[0].uuid == first["uuid"]


def test_one_sample_tells_what_takes_two_looks(cards, run):
    cards.order("set 0 gpm 1", "held 0 74 0.38", "set 0 width 8")
    first, other = run("gpu", "--json").json["cards"]
    assert first["held_pct"]["power cap"] == pytest.approx(38, abs=2)
    assert first["held_over_s"] >= 0.4 and other["held_pct"] == {}
    assert first["pcie_rx_bps"] is not None and first["nvlink_tx_bps"] is not None
    assert first["dram_pct"] is None, "it is not read unless it is asked for"


def test_text_tells_what_holds_back_and_the_links(cards, run):
    cards.order("set 0 gpm 1", "held 0 74 0.38", "set 0 width 8", "fault 1 * 15")
    text = run("gpu").out
    assert "power cap 38%" in text and "held back: in the last 0." in text
    assert "gen4 x8 of gen4 x16" in text and " ! 0 · PCIe down-trained: x8 of x16" in text
    assert "NVLink in" in text and "B/s" in text and "lost" in text


def test_profiling_metrics_are_there_when_they_are_asked_for(cards, run):
    cards.order("cards 2", "set 0 gpm 1", "set 1 gpm 1", "mig 1 1 1", "wave 0 20 300 0.001",
                "wave 1 20 300 0.001", "instance 1 5 0 2 2 20096 100")  # fmt: skip
    document = run("gpu", "--json", "--profiling", "--interval", "0.1").json
    card, sliced = document["cards"]
    assert card["dram_pct"] == pytest.approx(40, rel=0.1)
    assert sliced["dram_pct"] is None
    assert sliced["instances"][0]["engine_active_pct"] == pytest.approx(99 / 7, rel=0.1)
    families = parse(run("gpu", "--prometheus", "--profiling", "--interval", "0.1").out)
    where = [(labels["gpu"], labels.get("GPU_I_ID"), labels.get("GPU_I_PROFILE"))
             for labels, _ in families["DCGM_FI_PROF_DRAM_ACTIVE"].samples]  # fmt: skip
    assert where == [("0", None, None), ("1", "5", "2g.20gb")]
    rows = csv.DictReader(io.StringIO(run("gpu", "--csv", "--profiling", "--interval", "0.1").out))
    assert [bool(row["dram_pct"]) for row in rows] == [True, False, True]


def test_a_card_in_mig_mode_alone_is_waited_for_too(cards, run):
    cards.order("cards 1", "set 0 gpm 1", "mig 0 1 1", "wave 0 20 300 0.001",
                "instance 0 5 0 2 2 20096 100")  # fmt: skip
    (card,) = run("gpu", "--json", "--profiling", "--interval", "0.1").json["cards"]
    assert card["instances"][0]["dram_pct"] == pytest.approx(80 / 7, rel=0.1)


def test_a_stream_of_json_lines_ends_after_a_count(cards, run):
    ended = run("gpu", "--watch", "--interval", "0.1", "--count", "3")
    moments = [from_json(line).at_ms for line in ended.out.splitlines()]
    assert ended.code == 0 and len(moments) == 3 and moments == sorted(set(moments))


def test_a_stream_goes_on_through_trouble(cards, start):
    process = start("gpu", "--watch", "--interval", "0.1")
    seen = from_json(process.stdout.readline())
    assert seen.cards and seen.trouble is None
    cards.order("fault 1 * 15")
    while not any(card.fault for card in seen.cards):
        seen = from_json(process.stdout.readline())
    assert [card.fault for card in seen.cards] == [None, "lost"]
    cards.order()
    while any(card.fault for card in seen.cards):
        seen = from_json(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_S) == 130


def test_a_reader_that_goes_ends_the_stream(cards, start):
    process = start("gpu", "--watch", "--interval", "0.1")
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(PATIENCE_S) != 0
    assert b"Traceback" not in process.stderr.read()


def test_rows_for_a_spreadsheet(cards, run):
    cards.order("name 0 =cmd|' /C calc'!A0")
    ended = run("gpu", "--csv", "--watch", "--interval", "0.1", "--count", "2")
    first, *rest = csv.DictReader(io.StringIO(ended.out))
    assert first["name"].startswith("'=cmd") and float(first["power_w"]) > 0
    assert len(rest) == 3 and first["at_ms"] != rest[-1]["at_ms"]


def test_prometheus(cards, run):
    ended = run("gpu", "--prometheus")
    families = parse(ended.out)
    values = families["DCGM_FI_DEV_GPU_UTIL"].samples
    assert [labels["gpu"] for labels, _ in values] == ["0", "1"]
    assert families["DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION"].kind == "counter"


def test_prometheus_without_a_driver_is_down_and_fails(cards, run):
    cards.order("driver 9")
    ended = run("gpu", "--prometheus")
    ((_, value),) = parse(ended.out)["llmconsole_gpu_up"].samples
    assert (value, ended.code) == (0, 1) and "driver is not loaded" in ended.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--json", "--csv"], "exclude each other"),
        (["--watch", "--prometheus"], "one sample"),
        (["--count", "3"], "--count needs --watch"),
        (["--watch", "--interval", "0"], "0.1"),
    ],
)
def test_what_cannot_be_is_said(run, arguments, words):
    ended = run("--gpu-trace", str(DEMO_TRACE), "gpu", *arguments)
    assert ended.code == 2 and words in ended.err and not ended.out
