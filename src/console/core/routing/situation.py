"""What the router knows beside the request: the tiers, the time, the spend, the load."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from console.core.tier import Tier

if TYPE_CHECKING:
    from console.core.score.score import Score


class Footing(NamedTuple):
    """What is known of one tier; None is unknown, and rules nothing out.

    `missing` says in words that the server does not have the model, `down` that the tier is not
    well. `sees` is whether the model takes images, `context_tokens` the window it is run with.
    """

    model: str = ""
    sees: bool | None = None
    context_tokens: int | None = None
    missing: str | None = None
    down: str | None = None


class Budget(NamedTuple):
    """A period's API spend against what it may be, in nano-dollars."""

    name: str
    spent_nano: int
    limit_nano: int


class Weighing(NamedTuple):
    """How policy `score` weighs a prompt.

    `take` says whether a score goes to the API, `threshold` above which it would without the
    share's own correction (None: nothing is known yet), `share_at` at which share of API calls
    a score is on the edge. `target` and `share` are from 0 to 1.
    """

    score: Callable[[str], "Score"]
    take: Callable[[float], bool]
    threshold: float | None = None
    target: float = 0.3
    share_at: Callable[[float], float | None] = lambda value: None


class Situation(NamedTuple):
    """All facts of a moment; each has a value for "not known".

    `local_elsewhere` says why what is sent to the local tier would leave the operator's machines.
    `minute` is of the local day, `weekday` 0 on Monday. `queue` are the local requests under way.
    `requests_per_day` is measured in the ledger over `measured_days` complete days.
    """

    local: Footing = Footing()
    api: Footing = Footing()
    local_elsewhere: str | None = None
    minute: int | None = None
    weekday: int | None = None
    month_nano: int | None = None
    budgets: tuple[Budget, ...] = ()
    requests_per_day: float | None = None
    measured_days: int = 0
    gpu_pct: float | None = None
    queue: int = 0
    tag: str | None = None
    weighing: Weighing | None = None

    def footing(self, tier: Tier) -> Footing:
        """What is known of a tier."""
        return self.local if tier is Tier.LOCAL else self.api
