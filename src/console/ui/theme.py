"""Themes as TOML files: colours by name, chosen so that every text can be read in 256 colours."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from textual.color import Color, ColorParseError
from textual.theme import Theme

from console.core.text import one_line

COLOURS = (
    "background",
    "foreground",
    "dim",
    "accent",
    "local",
    "api",
    "good",
    "warn",
    "bad",
    "faint",
    "cursor",
    "cursor-text",
    "bar",
    "popup",
)
"""What a theme file must name, each a `#rrggbb`.

`faint` is for lines and never for text. `bar` and `popup` are backgrounds (status line and key
bar; what opens over the panes), `cursor` that of the row that keys act on.
"""

FALLBACK = {
    "background": "#121212",
    "foreground": "#d0d0d0",
    "dim": "#949494",
    "accent": "#87afd7",
    "local": "#5fd7af",
    "api": "#d7af5f",
    "good": "#87d787",
    "warn": "#ffaf00",
    "bad": "#ff8787",
    "faint": "#4e4e4e",
    "cursor": "#303030",
    "cursor-text": "#ffffff",
    "bar": "#1c1c1c",
    "popup": "#1c1c1c",
}
"""Colours for when no theme file can be used, and for what a foreign theme does not name."""


def make(name: str, dark: bool, colours: Mapping[str, str]) -> Theme:
    """Textual's theme from our colours; its own shades are held to the same few."""
    return Theme(
        name=name,
        dark=dark,
        primary=colours["accent"],
        secondary=colours["accent"],
        accent=colours["accent"],
        foreground=colours["foreground"],
        background=colours["background"],
        surface=colours["background"],
        panel=colours["popup"],
        boost=colours["popup"],
        success=colours["good"],
        warning=colours["warn"],
        error=colours["bad"],
        text_alpha=1.0,
        variables=variables(colours),
    )


def variables(colours: Mapping[str, str]) -> dict[str, str]:
    """Every name that our style sheets use, and Textual's own where it would mix new shades."""
    own = {name: colours[name] for name in COLOURS if name not in ("background", "foreground")}
    text, dim, accent = colours["foreground"], colours["dim"], colours["accent"]
    return own | {
        "text": text,
        "text-muted": dim,
        "text-disabled": dim,
        "text-primary": accent,
        "text-accent": accent,
        "text-success": colours["good"],
        "text-warning": colours["warn"],
        "text-error": colours["bad"],
        "border": accent,
        "border-blurred": colours["faint"],
        "block-cursor-foreground": colours["cursor-text"],
        "block-cursor-background": colours["cursor"],
        "block-cursor-blurred-foreground": colours["cursor-text"],
        "block-cursor-blurred-background": colours["cursor"],
        "block-cursor-text-style": "none",
        "input-cursor-foreground": colours["background"],
        "input-cursor-background": text,
        "input-selection-background": colours["cursor"],
        "screen-selection-background": colours["cursor"],
        "scrollbar": colours["faint"],
        "scrollbar-hover": dim,
        "scrollbar-active": accent,
        "scrollbar-background": colours["background"],
        "scrollbar-background-hover": colours["background"],
        "scrollbar-background-active": colours["background"],
        "scrollbar-corner-color": colours["background"],
    }


def read(path: Path) -> Theme:
    """The theme in a TOML file.

    Raises ValueError with a sentence that names the file and what is wrong.
    """
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"theme {_name(path)} cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"theme {_name(path)} is not TOML: {one_line(str(error))}.") from None
    colours = fields.get("colours")
    colours = colours if isinstance(colours, dict) else {}
    missing = [name for name in COLOURS if name not in colours]
    if missing:
        raise ValueError(f"theme {_name(path)} lacks colours.{missing[0]}.")
    for name in COLOURS:
        try:
            Color.parse(colours[name] if isinstance(colours[name], str) else "")
        except ColorParseError:
            shown = one_line(repr(colours[name]))
            raise ValueError(
                f"theme {_name(path)}: colours.{name} is {shown}, not a colour like #87afd7."
            ) from None
    return make(_name(path), fields.get("dark") is not False, colours)


def _name(path: Path) -> str:
    return one_line(path.stem)


def load(folders: Iterable[Path]) -> tuple[list[Theme], list[str]]:
    """The themes of some folders, and a sentence for each file that is none.

    Of two with one name the later folder's wins, so that the operator's own come last.
    """
    themes: dict[str, Theme] = {}
    troubles: list[str] = []
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            try:
                theme = read(path)
            except ValueError as error:
                troubles.append(str(error))
            else:
                themes[theme.name] = theme
    return list(themes.values()) or [make("plain", True, FALLBACK)], troubles


def shipped() -> Path:
    """The folder of the themes that come with the package.

    In a wheel it lies inside the package, in an editable install at the root of the sources.
    """
    package = Path(__file__).parents[1]
    inside = package / "themes"
    return inside if inside.is_dir() else package.parents[1] / "themes"
