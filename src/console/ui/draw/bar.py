"""A bar that shows a share of a whole."""

from console.ui.draw.line import Run


def bar(share: float | None, width: int, style: str) -> list[Run]:
    """A share from 0 to 1 in `width` cells, to half a cell; nothing when it is unknown."""
    if share is None or width < 1:
        return [(" " * max(0, width), "")]
    halves = round(max(0.0, min(1.0, share)) * 2 * width)
    filled = "━" * (halves // 2) + "╸" * (halves % 2)
    return [(filled, style), ("─" * (width - len(filled)), "faint")]
