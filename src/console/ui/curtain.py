"""The first frame stays on the terminal until Textual has drawn as much as it shows."""

from console.ui.draw.picture import Picture
from console.ui.opening.terminal import Opening


class Curtain:
    """Hides what Textual draws behind what was painted before it was there."""

    def __init__(self, opening: Opening | None) -> None:
        painted = None if opening is None else opening.picture
        self.picture = painted or Picture()
        """What the terminal shows."""
        self.down = painted is not None
        """Whether what is drawn is not to be seen yet."""
        self._size = None if opening is None or painted is None else opening.size

    def lift(self) -> bool:
        """Hide nothing any more; false when nothing was hidden."""
        was, self.down = self.down, False
        return was

    def fits(self, size: tuple[int, int]) -> bool:
        """Whether a size that is told is the one that was painted for, and nothing else since."""
        if self.down and self._size == size:
            return True
        # What is on the terminal now stands where it does not belong.
        self.lift()
        return False
