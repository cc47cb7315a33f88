"""Textual's themes from ours, and every name that style sheets use."""

from collections.abc import Mapping

from textual.theme import Theme

from console.ui.colours import COLOURS, Palette


def worn(palette: Palette) -> Theme:
    """Textual's theme from our colours; its own shades are held to the same few."""
    name, dark, colours = palette
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
