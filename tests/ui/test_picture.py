"""Only cells that differ are sent, and the terminal shows what it would show if all were."""

import io
import random

import pyte
import pytest
import textual
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual import _compositor
from textual.geometry import Region
from textual.strip import Strip

from console.ui import picture
from console.ui.draw.picture import Picture, _parts
from console.ui.picture import tightened

COLUMNS, ROWS = 24, 5
NAMES = (
    "", "red", "bold red", "red on blue", "underline", "on #303030", "#87afd7 on #121212",
    "bold #87afd7 on #121212", "reverse", "bright_white on bright_black", "italic bold",
)  # fmt: skip
STYLES = [Style.parse(name) for name in NAMES]
PAIRS = ["ab", "b ", "  ", "━━", "⣿⣀", "漢", "é0", " 0", "—x"]
"""Texts of two cells each."""
CONSOLE = Console(color_system="256", force_terminal=True, file=io.StringIO())


def pairs(draw, width):
    """Random text of exactly `width` cells."""
    return [Segment(draw.choice(PAIRS), draw.choice(STYLES)) for _ in range(width // 2)]


def layout(strips):
    return _compositor.LayoutUpdate([[strip] for strip in strips], Region(0, 0, COLUMNS, ROWS))


def part(strips, spans):
    chops = [{0: strip} for strip in strips]
    return _compositor.ChopsUpdate(chops, spans, [[COLUMNS]] * ROWS)


def terminal():
    screen = pyte.Screen(COLUMNS, ROWS)
    return screen, pyte.ByteStream(screen)


def looks(screen):
    """Every cell with all that can be seen of it."""
    seen = []
    for y in range(ROWS):
        for x in range(COLUMNS):
            cell = screen.buffer[y][x]
            blank = cell.data == " " and not (cell.underscore or cell.reverse)
            style = (cell.bg,) if blank else (cell.fg, cell.bg, cell.bold, cell.italics)
            seen.append((cell.data, cell.underscore, cell.reverse, *style))
    return seen


@pytest.mark.parametrize("seed", range(30))
def test_any_updates_leave_the_screen_that_whole_updates_leave(seed):
    draw = random.Random(seed)
    known = Picture()
    screen, stream = terminal()
    whole, whole_stream = terminal()
    segments = [pairs(draw, COLUMNS) for _ in range(ROWS)]
    update = layout([Strip(row) for row in segments])
    for _ in range(40):
        stream.feed(tightened(update, known).render_segments(CONSOLE).encode())
        everything = layout([Strip(row) for row in segments])
        whole_stream.feed(everything.render_segments(CONSOLE).replace("\n", "").encode())
        assert looks(screen) == looks(whole)
        spans = []
        for y in sorted(draw.sample(range(ROWS), 2)):
            first = draw.randrange(COLUMNS // 2)
            end = draw.randrange(first, COLUMNS // 2) + 1
            segments[y][first:end] = pairs(draw, 2 * (end - first))
            spans.append((y, 2 * first, 2 * end))
        strips = [Strip(row) for row in segments]
        update = layout(strips) if draw.random() < 0.3 else part(strips, spans)


def test_a_changed_figure_costs_its_own_cells():
    known = Picture()
    style = Style.parse("#d0d0d0 on #121212")

    def line(figure):
        return [Strip([Segment(f" power {figure} W of 450 W".ljust(COLUMNS), style)])] * ROWS

    first = tightened(layout(line("301")), known).render_segments(CONSOLE)
    assert " power 301 W" in first
    second = tightened(part(line("302"), [(1, 7, 10)]), known).render_segments(CONSOLE)
    assert second == "\x1b[2;10H\x1b[38;5;251;48;5;233m2\x1b[0m"
    # Textual sends all that stands left of it: when it does no more, this module can go.
    assert " power 302" in part(line("302"), [(1, 7, 10)]).render_segments(CONSOLE)


def test_what_was_forgotten_is_sent_again():
    known = Picture()
    update = layout([Strip([Segment("x" * COLUMNS)])] * ROWS)
    once = tightened(update, known).render_segments(CONSOLE)
    assert tightened(update, known).render_segments(CONSOLE) == ""
    known.forget()
    assert tightened(update, known).render_segments(CONSOLE) == once


def test_joined_characters_move_nothing_after_them():
    known = Picture()
    text = "e\u0301👩\u200d🚀x".ljust(10)
    sent = tightened(layout([Strip([Segment(text)])]), known).render_segments(CONSOLE)
    assert "e\u0301\x1b[2G👩\u200d🚀\x1b[4Gx" in sent


def test_another_textual_is_left_alone(monkeypatch):
    update = layout([Strip([Segment("x")])])
    monkeypatch.setitem(picture._FORMS, _compositor.ChopsUpdate, ("self", "cells"))
    assert tightened(update, Picture()) is update
    monkeypatch.undo()
    assert picture.is_known() and textual.__version__.startswith("8.2."), "read the new compositor"
    assert tightened("text", Picture()) == "text" and tightened(None, Picture()) is None


@pytest.mark.parametrize(
    "system", [ColorSystem.STANDARD, ColorSystem.EIGHT_BIT, ColorSystem.TRUECOLOR]
)
@pytest.mark.parametrize("style", STYLES)
def test_a_style_is_taken_apart_and_put_together(system, style):
    sgr = Strip.render_ansi(style, system)
    assert ";".join(filter(None, _parts(sgr))) == sgr
