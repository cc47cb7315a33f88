"""How far a run is, on standard error, for a terminal only."""

import sys
import time
from typing import Self

from console.cli.output import usd

_BAR = 24


class Progress:
    """How far a run is, what the API has cost by now, and how long the rest may take.

    Redrawn in place on a terminal; elsewhere nothing is written until the end.
    """

    def __init__(self, total: int, done: int) -> None:
        self._total = total
        self._began_with = done
        self._began = time.monotonic()
        self._spent: int | None = 0
        self._shown = sys.stderr.isatty()
        self._draw(done, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown and self._total:
            sys.stderr.write("\n")

    def step(self, done: int, failed: int, spent_nano: int | None) -> None:
        """One more has ended."""
        if self._spent is not None:
            self._spent = None if spent_nano is None else self._spent + spent_nano
        self._draw(done, failed)

    def _draw(self, done: int, failed: int) -> None:
        if not self._shown or not self._total:
            return
        trouble = f"  {failed} failed" if failed else ""
        line = (
            f"\r{_bar(done / self._total)} {done}/{self._total}{trouble}"
            f"  API {usd(self._spent)}{self._left(done + failed)}"
        )
        sys.stderr.write(f"{line}\x1b[K")
        sys.stderr.flush()

    def _left(self, ended: int) -> str:
        asked = ended - self._began_with
        if asked <= 0 or ended >= self._total:
            return ""
        seconds = (time.monotonic() - self._began) / asked * (self._total - ended)
        return f"  about {int(seconds // 60)}:{int(seconds % 60):02} left"


class Doing:
    """What a run is at and how far, redrawn in place on a terminal and gone at its end.

    Elsewhere nothing is written.
    """

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def now(self, what: str, share: float | None = None) -> None:
        """It is at `what`, of which a share is done, where that is known."""
        if not self._shown:
            return
        far = "" if share is None else f"{_bar(share)} {share:>4.0%}  "
        sys.stderr.write(f"\r{far}{what} … Ctrl-C stops\x1b[K")
        sys.stderr.flush()


def _bar(share: float) -> str:
    filled = int(_BAR * share + 1e-9)
    return f"{'━' * filled}{'─' * (_BAR - filled)}"
