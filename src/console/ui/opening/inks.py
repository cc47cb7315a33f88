"""A theme's named inks as what stands between CSI and m, as Textual 8.2 and Rich would have it."""

from colorsys import rgb_to_hls
from functools import lru_cache

from console.ui.colours import Palette
from console.ui.draw.ink import ink

Rgb = tuple[int, int, int]


class Inks:
    """The colours of a theme on one kind of terminal."""

    def __init__(self, palette: Palette, *, full: bool, grey: bool) -> None:
        self._colours = {name: _rgb(colour) for name, colour in palette.colours.items()}
        self._dark = palette.dark
        self._full = full
        self._grey = grey
        self._known: dict[tuple[str | None, str | None, bool], str] = {}

    def of(self, style: str, ground: str = "background") -> str:
        """A style of a line, on a widget's ground."""
        colour, own, bold = ink(style)
        return self.mixed(colour or "foreground", own or ground, bold=bold)

    def mixed(self, colour: str | None, ground: str, *, bold: bool = False) -> str:
        """A named colour on a named ground; without one, for cells that hold nothing."""
        key = colour, ground, bold
        if key not in self._known:
            attributes = ["1"] if bold else []
            front = [] if colour is None else [f"38;{self._code(self._colours[colour])}"]
            back = f"48;{self._code(self._colours[ground])}"
            self._known[key] = ";".join([*attributes, *front, back])
        return self._known[key]

    def faded(self, colour: str, share: float) -> str:
        """A named colour that is so opaque on the panes' ground."""
        back = self._colours["background"]
        return self._sgr(_blend(self._colours[colour], back, share), back)

    @property
    def cursor(self) -> str:
        """The cursor of a text field, which is softer on a light ground."""
        front, back = self._colours["foreground"], self._colours["background"]
        if self._dark:
            return self._sgr(back, front)
        ground = _blend(front, back, 0.7)
        return self._sgr(_blend(front, ground, 0.9), ground)

    def _sgr(self, front: Rgb, back: Rgb) -> str:
        return f"38;{self._code(front)};48;{self._code(back)}"

    def _code(self, rgb: Rgb) -> str:
        if self._grey:
            red, green, blue = rgb
            rgb = (round(red * 0.2126 + green * 0.7152 + blue * 0.0722),) * 3
        return "2;{};{};{}".format(*rgb) if self._full else f"5;{_of_256(rgb)}"


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _blend(over: Rgb, under: Rgb, share: float) -> Rgb:
    red, green, blue = (
        int(low + (high - low) * share) for high, low in zip(over, under, strict=True)
    )
    return red, green, blue


@lru_cache(256)
def _of_256(rgb: Rgb) -> int:
    """The colour of xterm's 256 that Rich takes for one."""
    _, lightness, saturation = rgb_to_hls(*(part / 255 for part in rgb))
    if saturation < 0.15:
        grey = round(lightness * 25)
        return {0: 16, 25: 231}.get(grey, 231 + grey)
    red, green, blue = (round(v / 95 if v < 95 else 1 + (v - 95) / 40) for v in rgb)
    return 16 + 36 * red + 6 * green + blue
