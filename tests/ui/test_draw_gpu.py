"""The GPU pane's parts as text: lines, remarks, facts, processes, charts, and the page."""

import pytest

from console.core.gpu import Gauge, Instance, Process
from console.core.series import Bucket
from console.ui.draw.chart import Scale
from console.ui.draw.gpu import card_line, summary
from console.ui.draw.gpu_charts import Plot, Track, Window, chart_lines, envelope, gauge_plot
from console.ui.draw.gpu_facts import fact_lines
from console.ui.draw.gpu_notes import note_lines, notes, ranges
from console.ui.draw.gpu_page import View, page
from console.ui.draw.gpu_processes import process_lines
from console.ui.draw.line import plain, text_of
from tests.ui.conftest import NOW, card, snapshot

FRESH = {"fast": NOW, "slow": NOW, "processes": NOW}
OLLAMA = Process(pid=4321, user="ollama", command="ollama runner", memory_b=21 << 30, sm_pct=60.0,
                 model="llama3.1:8b")  # fmt: skip
INSIDE = Process(pid=9, container_pid=17, memory_b=1 << 30, hidden="in another PID namespace")


def full(index=0, **values):
    """A card that tells everything."""
    fields = {
        "memory_util_pct": 31.0, "encoder_pct": 0.0, "decoder_pct": 0.0,
        "power_kind": "1 s average", "power_instant_w": 352.0, "power_limit_default_w": 700.0,
        "slowdown_c": 92.0, "memory_temperature_c": 70.0, "fan_pct": 45.0,
        "clock_sm_mhz": 1900.0, "clock_sm_max_mhz": 1980.0, "clock_memory_mhz": 2619.0,
        "clock_memory_max_mhz": 2619.0, "pstate": 0, "held_s": {"power cap": 9.0},
        "pcie_gen": 5, "pcie_gen_max": 5, "pcie_width": 16, "pcie_width_max": 16,
        "pcie_rx_bps": 1.2e9, "pcie_tx_bps": 3.1e8, "nvlink_rx_bps": 0.0, "nvlink_tx_bps": 2.1e9,
        "ecc_corrected": 3, "ecc_uncorrected": 0, "persistence": True, "mig": False,
        "pci": "0000:01:00.0", "processes": (OLLAMA,), "read_ms": FRESH,
    }  # fmt: skip
    return card(index, **(fields | values))


def facts(one, width=80, now_ms=NOW):
    shown = snapshot(one, driver="580.95.05", cuda="13.0")
    return text_of(fact_lines(one, shown, now_ms, 1.0, width))


@pytest.mark.parametrize("width", [*range(1, 60), 80, 120, 200])
def test_a_line_fits_whatever_the_width(width):
    for each in (card(0), card(7, fault="lost"), full(held_pct={"power cap": 38.0}),
                 card(12, util_pct=100, power_w=1_400, power_limit_w=1_400, memory_used_b=None,
                      temperature_c=100)):  # fmt: skip
        for old in ("", "12 s ago"):
            line = card_line(each, width, now_ms=NOW, selected=True, old=old)
            assert len(plain(line)) <= max(width, 19)


def test_lines_of_all_cards_stand_in_columns():
    cards = [
        full(0),
        full(11, util_pct=100.0, power_w=1234.0, held_pct={"power cap": 38.0}),
        card(2),
    ]
    for width in (36, 56, 76, 116, 196):
        lines = [plain(card_line(each, width, now_ms=NOW)) for each in cards]
        assert len({line.index("%") for line in lines}) == 1, "\n".join(lines)
        assert len({line.index("W") for line in lines}) == 1, "\n".join(lines)


def test_heat_and_cap_are_called_out():
    styles = dict(card_line(card(0, temperature_c=90, power_w=699), 60, now_ms=NOW))
    assert styles[" 90°C "] == "warn" and styles["  699"] == "warn"


def test_an_old_line_is_dimmed_and_says_its_age():
    line = card_line(full(), 60, now_ms=NOW, old="12 s ago")
    assert plain(line).endswith("12 s ago") and len(plain(line)) == 60
    assert {style for text, style in line if text.strip() and "ago" not in text} <= {"dim"}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, []),
        ({"held_pct": {"power cap": 4.0}}, ["held back: power cap 4 %"]),
        (
            {"held_pct": {"power cap": 38.0, "HW power brake": 2.0, "sync boost": 0.4}},
            ["held back: power cap 38 %, HW power brake 2 %"],
        ),
        ({"pcie_gen": 1, "util_pct": 90.0}, ["PCIe down-trained: gen1 of gen5"]),
        ({"pcie_width": 4}, ["PCIe down-trained: x4 of x16"]),
        (
            {"util_pct": 100.0, "power_w": 31.0, "processes": (), "ghostly_s": 9.0},
            ["ghost: 100 % busy at 31 W and no process"],
        ),
        ({"temperature_c": 90.0}, ["90 °C, slows down at 92"]),
        ({"ecc_uncorrected": 2}, ["2 uncorrected ECC errors"]),
        ({"xid": 79, "xid_ms": NOW - 720_000}, ["Xid 79, 12 min ago"]),
        ({"xid": 79, "xid_ms": NOW - 7_200_000}, []),
    ],
)
def test_remarks(values, words):
    assert [note.text for note in notes(full(**values), NOW)] == words


def test_a_small_power_cap_is_mentioned_and_no_alarm():
    (note,) = notes(full(held_pct={"power cap": 4.0}), NOW)
    assert not note.loud and note_lines([full(held_pct={"power cap": 4.0})], NOW, 60, 3) == []


def test_one_kind_of_remark_takes_one_line():
    cards = [full(place, held_pct={"power cap": 20.0 + place}) for place in range(8)]
    cards[3] = full(3, ecc_uncorrected=1)
    lines = [plain(line) for line in note_lines(cards, NOW, 60, 5)]
    assert lines == [" ! 3 · 1 uncorrected ECC error", " ! 0-2,4-7 · held back: power cap 20 %"]
    assert plain(note_lines(cards, NOW, 60, 1)[0]) == " ! 3 · 1 uncorrected ECC error · 1 more"
    assert ranges([0, 1, 2, 4, 7, 8]) == "0-2,4,7-8"


def test_a_card_in_full():
    text = facts(full(held_pct={"power cap": 38.0, "SW thermal slow-down": 3.0}))
    for words in (
        "64 % SM", "31 % memory bus", "encoder 0 %", "340 W 1 s average", "352 W instant",
        "limit 700 W", "default 700 W", "40.1 GiB of 140", "61 °C", "slows down at 92 °C",
        "memory 70 °C", "fan 45 %", "SM 1900 of 1980 MHz", "P0",
        "power cap 38 % · SW thermal slow-down 3 % of the last minute", "gen5 x16 of gen5 x16",
        "in 1.2 GB/s · out 310 MB/s", "in 0 B/s · out 2.1 GB/s", "ECC 3 corrected · 0 uncorrected",
        "no Xid seen", "580.95.05 · CUDA 13.0 · persistence on · MIG off", "0000:01:00.0",
    ):  # fmt: skip
        assert words in text, text


def test_why_a_value_is_missing_is_said_in_its_place():
    text = facts(
        full(fan_pct=None, power_w=None, ecc_corrected=None, ecc_uncorrected=None,
             missing={"fan_pct": "not supported", "power_w": "no permission"})
    )  # fmt: skip
    assert "fan - not supported" in text and "power   - no permission" in text
    assert "0 corrected" not in text, "unknown is never 0"


def test_each_value_has_its_own_age():
    text = facts(full(read_ms=FRESH | {"slow": NOW - 30_000}))
    assert "fan 45 % 30 s ago" in text and text.count("s ago") > 3
    assert "64 % SM ━" in text, "the fast ones are in time"


@pytest.mark.parametrize("width", [20, 36, 56, 76])
def test_facts_wrap_between_values(width):
    for line in fact_lines(full(), snapshot(full()), NOW, 1.0, width):
        assert len(plain(line)) <= max(width, 48)


def test_processes_with_both_pids_user_command_memory_share_and_model():
    text = text_of(
        process_lines([full(0, processes=(OLLAMA, INSIDE)), full(1, processes=())], 110, 9)
    )
    head, first, second = text.splitlines()
    assert head.split() == ["gpu", "pid", "inside", "user", "memory", "SM", "model", "command"]
    assert first.split() == [
        "0",
        "4321",
        "-",
        "ollama",
        "21.0G",
        "60%",
        "llama3.1:8b",
        "ollama",
        "runner",
    ]
    assert "17" in second and "(in another PID namespace)" in second and " - " in second


def test_no_process_and_no_list_are_two_things():
    assert "no process" in text_of(process_lines([full(processes=())], 60, 5))
    unknown = full(processes=None, missing={"processes": "no permission"})
    assert "processes - no permission" in text_of(process_lines([unknown], 60, 5))


def test_more_processes_than_rows_are_counted():
    many = full(processes=tuple(Process(pid=pid) for pid in range(1, 20)))
    lines = process_lines([many], 60, 6)
    assert len(lines) == 6 and plain(lines[-1]) == " 15 more"


def spiky(step_s=5.0, count=180):
    buckets = [Bucket(place * step_s, 10.0, 12.0, 11.0) for place in range(count)]
    buckets[60] = Bucket(60 * step_s, 10.0, 99.0, 11.0)
    return buckets


@pytest.mark.parametrize("dots", [7, 44, 100, 180, 400])
def test_no_spike_is_lost_at_any_width(dots):
    found = envelope(Track(spiky(), 5.0, ""), 0.0, 900 / dots, dots)
    assert max(high for _, high in filter(None, found)) == 99.0
    assert all(found), "a bucket fills all the steps that it covers"


def test_a_hole_stays_a_hole():
    buckets = [bucket for bucket in spiky() if not 300 <= bucket.start < 600]
    found = envelope(Track(buckets, 5.0, ""), 0.0, 10.0, 90)
    assert [place for place, extreme in enumerate(found) if extreme is None] == list(range(30, 60))


def test_dots_stand_for_the_same_moments_until_one_is_over():
    plot = Plot("util %", [Track(spiky(), 5.0, "accent")], Scale(0, 100))
    first = chart_lines([plot], Window(0.0, 900.0), 50, 10)
    assert chart_lines([plot], Window(5.0, 905.0), 50, 10) == first
    assert chart_lines([plot], Window(100.0, 1000.0), 50, 10) != first


def test_charts_take_the_room_there_is():
    plots = [gauge_plot(gauge, [Track(spiky(), 5.0, "accent")], [100.0]) for gauge in Gauge]
    window = Window(0.0, 900.0)
    assert chart_lines(plots, window, 60, 5) == [] == chart_lines(plots, window, 10, 20)
    for width, height, titles in ((30, 7, 1), (56, 9, 2), (30, 14, 2), (56, 20, 4), (120, 8, 4)):
        lines = chart_lines(plots, window, width, height)
        assert len(lines) == height and all(len(plain(line)) <= width for line in lines)
        shown = sum(title in text_of(lines) for title in ("util %", "power W", "memory", "temper"))
        assert shown == titles, text_of(lines)


def test_the_past_is_labelled_by_the_clock():
    window = Window(0.0, 900.0, live=False, clock=lambda at: f"{int(at)}s")
    text = text_of(chart_lines([gauge_plot(Gauge.UTIL, [], [])], window, 60, 8))
    assert "900s" in text and "now" not in text


def charts(width, height):
    return chart_lines([gauge_plot(Gauge.UTIL, [], [])], Window(0.0, 900.0), width, height)


@pytest.mark.parametrize("count", [1, 2, 8, 16])
@pytest.mark.parametrize(
    "size", [(36, 7), (56, 15), (62, 25), (76, 19), (116, 34), (196, 54), (8, 1)]
)
@pytest.mark.parametrize("alone", [False, True])
def test_a_page_fits_and_shows_the_selected_card(count, size, alone):
    width, height = size
    cards = [full(place, held_pct={"power cap": 40.0}) for place in range(count)]
    for selected in (0, count - 1):
        view = View(snapshot=snapshot(*cards), now_ms=NOW, interval_s=1.0, selected=selected,
                    alone=alone, banner="The driver does not answer.")  # fmt: skip
        lines = page(view, charts, width, height)
        assert len(lines) <= height
        if width >= 36:
            assert all(len(plain(line)) <= width for line in lines), text_of(lines)
            assert "The driver does not answer" in plain(lines[0])
            assert f"{selected:>2}!" in text_of(lines)


def test_what_stands_below_a_remark_does_not_move_when_it_comes():
    calm = View(snapshot=snapshot(full()), now_ms=NOW, interval_s=1.0)
    loud = View(snapshot=snapshot(full(ecc_uncorrected=1)), now_ms=NOW, interval_s=1.0)
    for size in ((56, 15), (62, 25), (116, 34)):
        assert page(calm, charts, *size)[2:] == page(loud, charts, *size)[2:] or size[0] > 100


def test_the_cards_in_a_few_words():
    assert summary(snapshot(card(0), card(1, name="NVIDIA L4"))) == "2 cards"


def sliced(**values):
    """A card in MIG mode with two instances."""
    parts = tuple(
        Instance(uuid=f"MIG-{gpu}", gpu_instance=gpu, compute_instance=0, profile=profile,
                 memory_used_b=gib << 29, memory_total_b=gib << 30)
        for gpu, profile, gib in ((1, "3g.40gb", 40), (13, "1g.10gb", 10))
    )  # fmt: skip
    lacking = ("util_pct", "memory_util_pct", "encoder_pct", "decoder_pct")
    fields = {
        "mig": True, "mig_pending": True, "instances": parts,
        **dict.fromkeys(lacking), "missing": dict.fromkeys(lacking, "not supported"),
        "processes": (Process(pid=7, memory_b=1 << 30, gpu_instance=13, compute_instance=0),),
    }  # fmt: skip
    return full(**(fields | values))


def test_a_card_in_mig_mode_says_so_and_lists_its_instances():
    text = facts(sliced())
    assert "util    - not supported in MIG mode" in text and "0 %" not in text.splitlines()[0]
    assert "MIG     3g.40gb     1:0  20.0 of 40.0 GiB" in text
    assert "1g.10gb    13:0   5.0 of 10.0 GiB" in text and "MIG on" in text
    assert "MIG on, off after a reset" in facts(sliced(mig_pending=False))
    assert "MIG off, on after a reset" in facts(full(mig=False, mig_pending=True))
    assert "MIG     no instance" in facts(sliced(instances=()))
    old = sliced(read_ms={**FRESH, "processes": NOW - 9000})
    assert "12:0" not in facts(old) and "9 s ago" in facts(old)
    line = plain(card_line(sliced(), 80, now_ms=NOW))
    assert "MIG ×2 " in plain(card_line(sliced(), 56, now_ms=NOW))
    assert "-% MIG 2 instances" in line and "0%" not in line.replace("60%", "")


def test_processes_say_in_which_instance_they_are():
    lines = text_of(process_lines([sliced()], 80, 5)).splitlines()
    assert "MIG" in lines[0] and "13:0" in lines[1]
    assert "MIG" not in text_of(process_lines([full()], 80, 5))


def test_what_is_wrong_with_all_cards_is_told_whole():
    words = (
        "Driver version mismatch: the NVIDIA driver was upgraded; reboot, or reload the modules."
    )
    view = View(snapshot=snapshot(full(fault="driver gone")), now_ms=NOW, interval_s=1.0,
                banner=words)  # fmt: skip
    lines = text_of(page(view, lambda width, height: (), 56, 14)).splitlines()
    assert lines[0].startswith(" ! Driver version mismatch")
    assert " ".join(f"{lines[0][3:]} {lines[1]}".split()) == words
    assert "driver gone" in lines[2]


def test_shares_are_of_the_stretch_that_was_watched():
    for over_s, words in ((13.0, "38 % of the last 13 s"), (0.5, "of the last 0.5 s"),
                          (60.0, "of the last minute")):  # fmt: skip
        assert words in facts(full(held_pct={"power cap": 38.0}, held_over_s=over_s))
    assert "nothing in the last 13 s" in facts(full(held_over_s=13.0))


def test_how_hard_its_parts_work_stands_below_the_utilisation():
    lines = facts(full(engine_active_pct=99.0, sm_active_pct=64.0, tensor_pct=12.0,
                       dram_pct=71.0)).splitlines()  # fmt: skip
    assert lines[1] == (" engines busy 99 % · SM active 64 % · tensor 12 % · DRAM bandwidth 71 %")
    assert "engines" not in facts(full(missing={"dram_pct": "not supported"}))
    assert "engines - no permission" in facts(
        full(missing={"dram_pct": "no permission", "tensor_pct": "no permission"})
    )


def test_an_instance_says_how_hard_its_parts_work_where_that_is_told():
    half = Instance(uuid="MIG-1", gpu_instance=1, compute_instance=0, profile="3g.40gb",
                    memory_used_b=20 << 30, memory_total_b=40 << 30, engine_active_pct=98.0,
                    sm_active_pct=41.0, tensor_pct=9.0, dram_pct=66.0)  # fmt: skip
    other = Instance(uuid="MIG-2", gpu_instance=5, compute_instance=0, profile="2g.20gb")
    text = facts(full(mig=True, instances=(half, other)))
    assert "busy 98 SM 41 tensor  9 DRAM 66 %" in text and text.count("DRAM") == 1


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"recovery": "a GPU reset"}, "the driver wants a GPU reset"),
        ({"row_remap_failed": True, "row_remap_pending": True}, "can be replaced no more"),
        ({"row_remap_pending": True}, "a reset would replace broken rows of memory"),
    ],
)
def test_memory_that_breaks_and_what_the_driver_wants_are_called_out(values, says):
    (note,) = notes(full(**values), NOW)
    assert note.loud and says in note.text and says in facts(full(**values))


def test_a_card_that_was_struck_and_is_lost_says_by_what():
    gone = card(1, fault="lost", xid=79, xid_ms=NOW - 4000, xids=2, pci="0000:c1:00.0")
    assert "lost, Xid 79, 4 s ago" in plain(card_line(gone, 76, now_ms=NOW))
    assert "Xid 79, 4 s ago, 2 in all" in facts(gone) and "0000:c1:00.0" in facts(gone)
    assert "Xid" not in facts(card(1, fault="lost"))
    assert "Xid" not in plain(card_line(gone, 76, now_ms=NOW + 7_200_000))


def test_what_is_wrong_with_the_cards_comes_before_the_charts():
    cards = [full(place) for place in range(6)]
    cards[1] = full(1, ecc_uncorrected=2)
    cards[2] = full(2, pcie_width=8)
    cards[3] = full(3, xid=31, xid_ms=NOW)
    view = View(snapshot=snapshot(*cards), now_ms=NOW, interval_s=1.0)
    text = text_of(page(view, lambda width, height: [[(f"charts {height}", "")]], 76, 19))
    assert text.count(" ! ") == 3 and "more" not in text and "charts 10" in text


def test_the_margin_of_the_hottest_sensor_stands_beside_the_temperature():
    assert "61 °C · 24 °C below its limit · slows down at 92 °C" in facts(full(margin_c=24.0))
    assert "2 °C above its limit" in facts(full(margin_c=-2.0))
    assert [note.about for note in notes(full(margin_c=0.0), NOW)] == ["heat"]
    assert notes(full(margin_c=5.0), NOW) == []
