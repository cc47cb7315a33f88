"""Themes: readable in 256 colours, found wherever they may lie, harmless when they are broken."""

import pytest
from rich.color import Color, ColorSystem
from textual.design import ColorSystem as Design

from console.ui import colours as themes_of
from console.ui import theme
from console.ui.draw.line import STYLES

PATHS = sorted(themes_of.shipped().glob("*.toml"))
TEXT = ("foreground", "dim", "accent", "local", "api", "good", "warn", "bad")
"""What letters are drawn in, on the panes' background, the bars and the popups."""


def seen(colour):
    """A colour as a terminal with 256 colours shows it."""
    return Color.parse(colour).downgrade(ColorSystem.EIGHT_BIT).get_truecolor()


def contrast(one, other):
    """The contrast ratio of WCAG 2, in 256 colours or in full colour, whichever is less."""
    full = (Color.parse(one).get_truecolor(), Color.parse(other).get_truecolor())
    return min(ratio(seen(one), seen(other)), ratio(*full))


def ratio(one, other):

    def luminance(rgb):
        parts = [
            part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
            for part in (value / 255 for value in rgb)
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def colours(path):
    made = theme.worn(themes_of.read(path))
    return made.variables | {"foreground": made.foreground, "background": made.background}


def test_at_least_three_are_shipped_dark_and_light():
    made = {path.stem: themes_of.read(path) for path in PATHS}
    assert {"slate", "paper", "mono"} <= set(made)
    assert made["slate"].dark and not made["paper"].dark


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_text_can_be_read_on_every_background(path):
    named = colours(path)
    for background in ("background", "bar", "popup"):
        for text in TEXT:
            got = contrast(named[text], named[background])
            assert got >= 4.5, f"{text} on {background}: {got:.2f}"
    assert contrast(named["cursor-text"], named["cursor"]) >= 4.5
    assert contrast(named["background"], named["warn"]) >= 4.5, "the DEMO mark"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_colour_lies_on_the_xterm_grid(path):
    for name, colour in colours(path).items():
        if colour.startswith("#"):
            # Light greys come out one step of the grid darker than asked for.
            pairs = zip(Color.parse(colour).get_truecolor(), seen(colour), strict=True)
            assert all(0 <= asked - got <= 10 for asked, got in pairs), name


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_backgrounds_differ_and_so_do_the_tiers_unless_there_is_no_hue(path):
    named = colours(path)
    grounds = {seen(named[name]) for name in ("background", "bar", "cursor")}
    assert len(grounds) == 3
    if path.stem != "mono":
        assert seen(named["local"]) != seen(named["api"])


def test_a_foreign_theme_finds_every_variable_we_use():
    defaults = theme.variables(themes_of.FALLBACK)
    used = {style for style in STYLES if style not in ("", "strong", "cursor", "mark")}
    assert used | {"cursor", "cursor-text", "bar", "popup"} <= set(defaults)
    assert set(themes_of.COLOURS) == set(themes_of.FALLBACK)
    generated = set(Design(primary="#87afd7").generate())
    assert set(defaults) - generated, "own names are not Textual's"


def write(folder, name, text):
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def good():
    return PATHS[0].read_text()


def test_the_operators_own_come_last_and_win(tmp_path):
    write(tmp_path, "night.toml", good())
    write(tmp_path, "slate.toml", good().replace("dark = true", "dark = false"))
    themes, troubles = themes_of.load([themes_of.shipped(), tmp_path])
    by_name = {made.name: made for made in themes}
    assert not troubles and "night" in by_name and not by_name["slate"].dark


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("colours = [", "theme mine is not TOML:"),
        (b"\xff\xfe", "theme mine is not TOML:"),
        ("dark = true", "theme mine lacks colours.background."),
        ("colours = 3", "theme mine lacks colours.background."),
        (good().replace('"#', '"no'), "is 'no"),
        (good().replace('"#', "3 # "), "not a colour like #87afd7."),
        (good().replace("#1c1c1c", "\\u001b[2J"), "not a colour like #87afd7."),
    ],
)
def test_a_broken_theme_is_one_sentence(tmp_path, text, sentence):
    write(tmp_path, "mine.toml", text)
    themes, troubles = themes_of.load([themes_of.shipped(), tmp_path])
    assert len(troubles) == 1 and sentence in troubles[0] and "\n" not in troubles[0]
    assert "\x1b" not in troubles[0] and "mine" not in {made.name for made in themes}


def test_without_any_theme_there_still_is_one(tmp_path):
    themes, troubles = themes_of.load([tmp_path / "nowhere"])
    assert [made.name for made in themes] == ["plain"] and not troubles
