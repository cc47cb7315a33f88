"""What a model thought before it replied: one line, or all of it when it is unfolded."""

from collections.abc import Sequence

from console.ui.draw.message import Block, lines_of


class Thought:
    """Takes thinking in pieces; what says the same stays the same block."""

    def __init__(self) -> None:
        self.unfolded = False
        self._pieces: list[str] = []
        self._chars = 0
        self._shown: tuple[int, bool] = (0, False)
        self._blocks: list[Block] = []

    @property
    def text(self) -> str:
        """All that was thought."""
        return "".join(self._pieces)

    @property
    def chars(self) -> int:
        """How much was thought."""
        return self._chars

    @property
    def blocks(self) -> Sequence[Block]:
        """What to show now."""
        wanted = (self._chars, self.unfolded)
        if wanted != self._shown:
            self._shown = wanted
            mark, hint = ("▾", "hides") if self.unfolded else ("▸", "shows")
            head = f"{mark} thought for {self._chars:,} characters · t {hint} it"
            lines = lines_of(self.text.strip(), "dim") if self.unfolded else []
            self._blocks = [Block(((head, "dim"),)), *lines]
        return self._blocks

    def feed(self, text: str) -> None:
        """Take the next piece in."""
        self._pieces.append(text)
        self._chars += len(text)
