import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.whatif.parse import (
    Range,
    grouped,
    parse_number,
    parse_value,
    step,
    step_decade,
    step_share,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("8.4k", 8400.0),
        ("12%", 0.12),
        ("18.8 %", 0.188),
        ("1e6", 1e6),
        ("10_000", 10_000.0),
        ("10,000", 10_000.0),
        ("1,234,567.5", 1_234_567.5),
        ("$3.50", 3.5),
        ("-$2", -2.0),
        ("18.8¢", 0.188),
        ("2.5M", 2.5e6),
        ("1B", 1e9),
        (".5", 0.5),
        ("7.", 7.0),
        (" 42 ", 42.0),
    ],
)
def test_numbers_as_typed(text, value):
    assert parse_number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "k",
        "8.4q",
        "1,0000",
        "10__0",
        "_1",
        "1_",
        "--3",
        "nan",
        "inf",
        "1e",
        "3m",
        "$",
        "٣",
    ],
)
def test_what_is_no_number_is_said_in_a_sentence(text):
    with pytest.raises(ValueError, match="number"):
        parse_number(text)


def test_a_number_beyond_floats_is_too_large():
    with pytest.raises(ValueError, match="'1e999' is too large"):
        parse_number("1e999")


@pytest.mark.parametrize("text", ["1.3..4.3", "1.3 .. 4.3", "1.3 to 4.3", "1.3...4.3"])
def test_ranges(text):
    assert parse_value(text) == Range(1.3, 4.3)


def test_ranges_with_suffixes_and_single_values():
    assert parse_value("5%..12%") == Range(0.05, 0.12)
    assert parse_value("8k..20k") == Range(8000, 20_000)
    assert parse_value("8k") == 8000


@pytest.mark.parametrize("text", ["4..3", "3..3", "1..", "..2", "1..2..3", "a..b"])
def test_impossible_ranges(text):
    with pytest.raises(ValueError):
        parse_value(text)


def test_ladder_up_and_down():
    up = [1.0]
    for _ in range(7):
        up.append(step(up[-1], +1))
    assert up == [1, 1.5, 2, 3, 5, 7, 10, 15]
    down = [10.0]
    for _ in range(6):
        down.append(step(down[-1], -1))
    assert down == [10, 7, 5, 3, 2, 1.5, 1]
    assert step(8400, +1) == 10_000
    assert step(8400, -1) == 7000
    assert step(0.188, +1) == 0.2
    assert step(9.9999999999, +1) == 10


def test_ladder_leaves_and_reaches_zero_at_the_smallest_step():
    assert step(0, +1, smallest=0.5) == 0.5
    assert step(0.5, -1, smallest=0.5) == 0
    assert step(0.6, -1, smallest=0.5) == 0.5
    assert step(0, -1, smallest=0.5) == 0


@given(st.floats(1e-6, 1e12))
def test_a_step_moves_and_comes_back(value):
    above, below = step(value, +1), step(value, -1)
    assert below < value < above
    assert above / value <= 1.5000001 or value < above <= 1.7 * value
    assert step(above, -1) <= value
    assert step(below, +1) >= value
    assert step(step(above, +1), -1) == above


@pytest.mark.parametrize("bad", [-1, math.nan, math.inf])
def test_no_ladder_for_what_is_no_size(bad):
    with pytest.raises(ValueError, match="from 0 on"):
        step(bad, +1)
    with pytest.raises(ValueError, match="up"):
        step(1, 0)


def test_shares_move_by_points_within_bounds():
    assert step_share(0.3, +5) == 0.35
    assert step_share(0.99, +5) == 1
    assert step_share(0.004, -1) == 0


def test_decades():
    assert step_decade(8400, +1) == 84_000
    assert step_decade(8400, -1) == 840


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0"), (0.000921096, "0.000921096"), (921.096, "921.096"), (99_999.5, "99,999.5"),
     (1_234_567.8, "1,234,568"), (1e12, "1,000,000,000,000")],
)  # fmt: skip
def test_a_large_number_is_told_in_groups_and_in_no_powers_of_ten(value, said):
    assert grouped(value) == said
