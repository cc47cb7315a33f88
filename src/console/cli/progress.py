"""A progress bar on standard error, for a terminal only."""

import sys
import time
from types import TracebackType
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

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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
        filled = _BAR * done // self._total
        trouble = f"  {failed} failed" if failed else ""
        line = (
            f"\r{'━' * filled}{'─' * (_BAR - filled)} {done}/{self._total}{trouble}"
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
