"""What policy `score` weighs with: a score, and a threshold that holds a share of API calls."""

from collections.abc import Callable
from typing import Protocol

from console.core.routing import Weighing
from console.core.score.score import Score, score
from console.core.score.threshold import ShareControl
from console.core.settings import Settings

KEPT_AS = "router.share"
"""The name under which the control's state is remembered."""

_KEEP_EVERY = 20


class Memory(Protocol):
    """Where something is remembered over a restart."""

    def get(self, name: str) -> object:
        """A remembered value (JSON), or None."""

    def put(self, name: str, value: object) -> None:
        """Remember a value; never raises."""


class Scales:
    """Weighs prompts, and counts those that policy `score` has decided.

    `scorer` is asked for the present score, which can change when one is fitted.
    """

    def __init__(
        self,
        memory: Memory,
        *,
        target: Callable[[Settings], float],
        scorer: Callable[[], Callable[[str], Score]] = lambda: score,
    ) -> None:
        self._memory = memory
        self._target = target
        self._scorer = scorer
        self._control: ShareControl | None = None
        self._uncounted = 0

    def __call__(self, settings: Settings) -> Weighing:
        """What a request is weighed with now; only `take` counts it."""
        control = self._held(self._target(settings))
        recent = control.state()["recent"]

        def share_at(value: float) -> float | None:
            above = sum(other > value for other in recent)
            return above / len(recent) if recent else None

        return Weighing(
            score=self._scorer(),
            take=self._take,
            threshold=control.threshold,
            target=control.target,
            share_at=share_at,
        )

    def keep(self) -> None:
        """Remember what was counted."""
        if self._control is not None and self._uncounted:
            self._memory.put(KEPT_AS, self._control.state())
            self._uncounted = 0

    def _take(self, value: float) -> bool:
        assert self._control is not None
        taken = self._control.take(value)
        self._uncounted += 1
        if self._uncounted >= _KEEP_EVERY:
            self.keep()
        return taken

    def _held(self, target: float) -> ShareControl:
        if self._control is None:
            self._control = _restored(self._memory.get(KEPT_AS)) or ShareControl(target)
        self._control.target = target
        return self._control


def _restored(state: object) -> ShareControl | None:
    try:
        return ShareControl.restored(state) if isinstance(state, dict) else None
    except ValueError:
        return None
