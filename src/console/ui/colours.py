"""Themes as TOML files: colours by name, chosen so that every text can be read in 256 colours."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

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


_COLOUR = re.compile("#(?:[0-9a-fA-F]{3}){1,2}")


class Palette(NamedTuple):
    """A theme's name, whether it is dark, and its colours by name."""

    name: str
    dark: bool
    colours: Mapping[str, str]


PLAIN = Palette("plain", True, FALLBACK)
"""What is worn where no theme file can be used."""


def read(path: Path) -> Palette:
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
        value = colours[name]
        if not isinstance(value, str) or not _COLOUR.fullmatch(value):
            shown = one_line(repr(value))
            raise ValueError(
                f"theme {_name(path)}: colours.{name} is {shown}, not a colour like #87afd7."
            )
    worn = {name: _long(colours[name]) for name in COLOURS}
    return Palette(_name(path), fields.get("dark") is not False, worn)


def _long(colour: str) -> str:
    """`#rgb` as `#rrggbb`."""
    return colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])


def _name(path: Path) -> str:
    return one_line(path.stem)


def load(folders: Iterable[Path]) -> tuple[list[Palette], list[str]]:
    """The themes of some folders, and a sentence for each file that is none.

    Of two with one name the later folder's wins, so that the operator's own come last.
    """
    themes: dict[str, Palette] = {}
    troubles: list[str] = []
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            try:
                palette = read(path)
            except ValueError as error:
                troubles.append(str(error))
            else:
                themes[palette.name] = palette
    return list(themes.values()) or [PLAIN], troubles


def shipped() -> Path:
    """The folder of the themes that come with the package.

    In a wheel it lies inside the package, in an editable install at the root of the sources.
    """
    package = Path(__file__).parents[1]
    inside = package / "themes"
    return inside if inside.is_dir() else package.parents[1] / "themes"


def chosen(remembered: object, configured: str, known: Iterable[str]) -> str | None:
    """The theme last chosen by key, unless the configuration has named another since.

    `remembered` is the choice and what was configured then. None where there is no such theme.
    """
    names = list(known)
    match remembered:
        case [str(picked), str(over)] if over == configured and picked in names:
            return picked
    return configured if configured in names else None


def find(folders: Sequence[Path], remembered: object, configured: str) -> Palette:
    """The theme that `chosen` means, its file alone read; raises ValueError where that is none."""
    files = {path.stem: path for folder in folders for path in sorted(folder.glob("*.toml"))}
    known = {one_line(name): path for name, path in files.items()}
    return read(known[chosen(remembered, configured, known) or next(iter(known))])
