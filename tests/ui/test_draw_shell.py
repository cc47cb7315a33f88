"""Figures, bars, tables and the two lines at the edges, as text."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from console.core.entry import Totals
from console.core.tier import Tier
from console.services.standing import Standing
from console.ui.draw.bar import bar
from console.ui.draw.keybar import key_line, tab_line
from console.ui.draw.line import plain
from console.ui.draw.number import (
    count,
    dollars,
    gib,
    milliseconds,
    rate,
    row_dollars,
    whole,
)
from console.ui.draw.status import Glance, status_line
from console.ui.draw.table import Column, cell, fit, row
from console.ui.keys import Context


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (count(None), "-"), (count(0), "0"), (count(999), "999"), (count(1_234), "1.2k"),
        (count(999_949), "1.0M"), (count(312_000), "312k"), (count(4_500_000_000), "4.5G"),
        (dollars(None), "-"), (dollars(0), "$0.00"), (dollars(12_400_000_000_000), "$12,400.00"),
        (dollars(40_000), "$0.00004"), (dollars(3), "<$0.00001"), (dollars(-2 * 10**9), "-$2.00"),
        (row_dollars(None), "-"), (row_dollars(26_700_000), "0.02670"), (row_dollars(0), "0.00000"),
        (row_dollars(3), "<.00001"),
        (row_dollars(12_345_678_900), "12.3457"),
        (milliseconds(None), "-"), (milliseconds(640), "640ms"),
        (milliseconds(999.7), "1.0s"), (milliseconds(59_600), "1m00"),
        (milliseconds(125_000), "2m05"), (milliseconds(7_800_000), "2h10"), (rate(None), "-"),
        (rate(9.94), "9.9"), (rate(212), "212"), (whole(None), "-"), (gib(None), "-"),
        (gib(43_057_000_000), "40.1"), (gib(150_754_820_096), "140"),
    ],
)  # fmt: skip
def test_figures(made, text):
    assert made == text


@pytest.mark.parametrize("value", [0, 1, 999, 999.5, 99_950, 999_499, 999_500, 10**9 - 1, 10**11])
def test_a_count_keeps_to_five_characters(value):
    assert len(count(value)) <= 5


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "────"), (0.5, "━━──"), (0.62, "━━╸─"), (1, "━━━━"), (7, "━━━━"), (-1, "────"),
     (None, "    ")],
)  # fmt: skip
def test_a_bar_shows_half_cells_and_unknown_is_empty(share, text):
    assert plain(bar(share, 4, "accent")) == text


COLUMNS = (
    Column("a", 4),
    Column("b", 6, 2, right=True),
    Column("c", 3, 1),
    Column("d", 8, 3, grows=5),
    Column("e", 5, gives=3),
)


@pytest.mark.parametrize("width", range(8, 60))
def test_a_table_fits_and_keeps_what_matters(width):
    widths = fit(COLUMNS, width)
    assert {"a", "e"} <= set(widths)
    line = row(COLUMNS, widths, dict.fromkeys(widths, ("漢字 text", "")))
    assert cell_len(plain(line)) == sum(widths.values()) + len(widths) - 1 <= width
    if "b" in widths:
        assert "c" in widths, "the less important one goes first"


def test_a_cell_is_cut_where_it_must_be():
    assert cell("abcdef", 4) == "abc…" and cell("ab", 4, right=True) == "  ab"
    assert cell("漢字漢", 4) == "漢 …" and cell("abc", 0) == ""


def glance(**values):
    fields = {
        "host": "node7", "demo": True, "watts": 541.0, "time": "12:04",
        "standings": {Tier.LOCAL: Standing(True), Tier.API: Standing(False, "no key")},
        "today": {
            Tier.API: Totals(spent_nano=4_170_000_000, unpriced=3),
            Tier.LOCAL: Totals(spent_nano=620_000_000, saved_nano=9_800_000_000),
        },
    }  # fmt: skip
    return Glance(**(fields | values))


@pytest.mark.parametrize("width", range(12, 200))
def test_the_status_line_fits_and_always_says_demo(width):
    text = plain(status_line(glance(), width))
    assert "DEMO" in text and cell_len(text) <= max(width, 12)


def test_the_status_line_says_tiers_in_words_and_sums_that_are_incomplete():
    text = plain(status_line(glance(), 160))
    assert "● local ok" in text and "● api no" in text and "541 W" in text
    assert "api $4.17+" in text and "local $0.62" in text and "saved $9.80" in text
    now = glance()
    for kind, mark in (("energy_estimated", "~"), ("energy_allocated", "≈")):
        local = replace(now.today[Tier.LOCAL], **{kind: 1})
        told = plain(status_line(now._replace(today={**now.today, Tier.LOCAL: local}), 160))
        assert f"local {mark}$0.62" in told, "only where they are no measurement"


def test_the_key_bar_holds_whole_parts_only():
    for width in range(8, 120):
        text = plain(key_line(Context.GPU, False, {}, width))
        assert cell_len(text) <= width and not text.rstrip().endswith(("spa", "paus"))
    assert "z zoom" not in plain(key_line(Context.CHAT, True, {}, 120))
    assert "p pause" in plain(key_line(Context.GPU, False, {"gpu.pause": "p"}, 120))


def test_the_tabs_shorten_where_there_is_little_room():
    assert plain(tab_line(2, 80)) == "  1 GPU   2 Ledger   3 Chat   4 What-if "
    assert plain(tab_line(2, 40)) == "  1   2 Ledger   3   4 "
