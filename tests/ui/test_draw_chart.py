"""Charts as text: curves land where their values say, labels fit, nothing overflows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.ui.draw.chart import Curve, Mark, Scale, chart
from console.ui.draw.line import plain, text_of


def test_a_rising_line_from_corner_to_corner():
    lines = chart([Curve([(0, 0), (10, 100)], "local")], 24, 8, Scale(0, 10), Scale(0, 100))
    assert text_of(lines).splitlines() == [
        "100┤                 ⡠⠔⠊",
        "   │             ⢀⠤⠒⠉",
        " 50┤          ⣀⠔⠊⠁",
        "   │      ⢀⡠⠔⠉",
        "   │   ⣀⠤⠒⠁",
        "  0┤⡠⠔⠊",
        "   └┬─────────┬────────┬",
        "    0         5       10",
    ]


def test_a_gap_breaks_the_line_and_a_mark_is_called_out():
    points = [(0, 1.0), (3, 1.0), (4, None), (7, 1.0), (10, 1.0)]
    lines = chart([Curve(points, "api")], 30, 6, Scale(0, 10), Scale(0, 2),
                  marks=[Mark(5, 2, "◆")])  # fmt: skip
    row = next(plain(line) for line in lines if "⠤" in plain(line) or "⠒" in plain(line)
               or "⣀" in plain(line) or "⠉" in plain(line))  # fmt: skip
    plot = row[3:]
    assert plot.strip().count(" ") > 4
    assert "◆" in plain(lines[0])


def test_log_axes_have_decade_ticks():
    lines = chart([Curve([(100, 1), (1e6, 1e4)], "api")], 60, 12, Scale(100, 1e6, log=True),
                  Scale(1, 1e4, log=True), x_label=lambda v: f"{v:,.0f}")  # fmt: skip
    assert plain(lines[-1]).split() == ["100", "1,000", "10,000", "100,000", "1,000,000"]


@pytest.mark.parametrize("size", [(0, 0), (5, 3), (9, 3)])
def test_no_room_no_chart(size):
    assert chart([], *size, Scale(0, 1), Scale(0, 1)) == []


@given(
    points=st.lists(st.tuples(st.floats(), st.none() | st.floats()), max_size=30),
    width=st.integers(0, 60),
    height=st.integers(0, 20),
    log=st.booleans(),
)
def test_any_values_in_any_room_stay_inside(points, width, height, log):
    lines = chart(
        [Curve(points, "local")], width, height, Scale(1, 1000, log), Scale(0.5, 2e6, log)
    )
    assert lines == [] or (len(lines) == height and {len(plain(line)) for line in lines} == {width})
