"""What policy `score` weighs with: a score, and a threshold that holds a share of API calls."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from console.core.entry import Entry
from console.core.routing.situation import Weighing
from console.core.score.dollars import CallPrice
from console.core.score.pace import BudgetControl
from console.core.score.score import Part, Score
from console.core.score.scorer import PRIOR, Scorer
from console.core.score.threshold import ShareControl
from console.core.settings import Settings
from console.core.tier import Tier

KEPT_AS = "router.share"
BUDGET_KEPT_AS = "router.budget"
"""The names under which the controls' states are remembered."""

LONGEST_REPLY_TOKENS = 8_192
"""What the API may write where no `max_tokens` says so."""

_KEEP_EVERY = 20


class Memory(Protocol):
    """Where something is remembered over a restart."""

    def get(self, name: str) -> object:
        """A remembered value (JSON), or None."""

    def put(self, name: str, value: object) -> None:
        """Remember a value; never raises."""


class Scales:
    """Weighs prompts, and counts those that policy `score` has decided.

    The goal is a share of API calls, or, where `budget` gives one, dollars a day: then what is
    weighed is the gain per dollar. `scorer` is asked for the present score, which can change when
    one is fitted; `today` for the local date and the part of the day that has passed.
    """

    def __init__(
        self,
        memory: Memory,
        *,
        target: Callable[[Settings], float],
        scorer: Callable[[], Scorer] = lambda: PRIOR,
        budget: Callable[[Settings], float | None] = lambda settings: None,
        price: Callable[[Settings], CallPrice] = lambda settings: CallPrice(0.0, 0.0),
        today: Callable[[], tuple[str, float]] = lambda: ("", 0.0),
    ) -> None:
        self._memory = memory
        self._target = target
        self._scorer = scorer
        self._budget_of = budget
        self._price = price
        self._today = today
        self._control: ShareControl | None = None
        self._named = ""
        self._budget: BudgetControl | None = None
        self._day = ""
        self._holds: list[float] = []
        self._uncounted = 0

    def __call__(self, settings: Settings) -> Weighing:
        """What a request is weighed with now; only `take` counts it."""
        usd = self._budget_of(settings)
        return self._by_share(settings) if usd is None else self._by_budget(settings, usd)

    def settled(self, entry: Entry) -> None:
        """Count what a row of the API has cost, whoever sent it there."""
        if self._budget is None or entry.tier is not Tier.API:
            return
        held = self._holds.pop(0) if self._holds and entry.reason.startswith("score") else 0.0
        # What has no price counts as the most that it can have cost.
        self._budget.settle(held, held if entry.cost_nano is None else entry.cost_nano / 1e9)
        self._uncounted += 1
        self.keep()

    def keep(self) -> None:
        """Remember what was counted."""
        if not self._uncounted:
            return
        if self._control is not None:
            self._memory.put(KEPT_AS, {**self._control.state(), "score": self._named})
        if self._budget is not None:
            self._memory.put(BUDGET_KEPT_AS, {**self._budget.state(), "day": self._day})
        self._uncounted = 0

    def _by_share(self, settings: Settings) -> Weighing:
        scorer = self._scorer()
        control = self._held(self._target(settings), scorer)
        recent = control.state()["recent"]

        def share_at(value: float) -> float | None:
            above = sum(other > value for other in recent)
            return above / len(recent) if recent else None

        def take(value: float) -> bool:
            taken = control.take(value)
            self._counted()
            return taken

        return Weighing(
            score=scorer.score,
            take=take,
            threshold=control.threshold,
            target=control.target,
            share_at=share_at,
        )

    def _by_budget(self, settings: Settings, usd: float) -> Weighing:
        scorer, price = self._scorer(), self._price(settings)
        control = self._paced(usd)
        longest = 4.0 * (settings.api.max_tokens or LONGEST_REPLY_TOKENS)
        costs: dict[float, tuple[float, float]] = {}

        def weigh(text: str) -> Score:
            found = scorer.score(text)
            expected = price.usd(found.prompt_chars, found.reply_chars)
            value = found.per_usd(price)
            # The parts are those of the score; what turns it into gain per dollar is one of them.
            rest = Part("as gain per dollar", value - found.value)
            # The prompt's estimate may be low by half, and its reply as long as it is let be.
            costs[value] = expected, price.usd(2.0 * found.prompt_chars, longest)
            return replace(found, value=value, parts=(*found.parts, rest))

        def take(value: float) -> bool:
            expected, most = costs[value]
            taken = control.take(value, expected, most, self._today()[1])
            if taken:
                self._holds.append(most)
            self._counted()
            return taken

        return Weighing(score=weigh, take=take, threshold=control.threshold(self._today()[1]))

    def _counted(self) -> None:
        self._uncounted += 1
        if self._uncounted >= _KEEP_EVERY:
            self.keep()

    def _held(self, target: float, scorer: Scorer) -> ShareControl:
        if self._control is None or self._named != scorer.name:
            kept = self._memory.get(KEPT_AS) if self._control is None else None
            same = isinstance(kept, dict) and kept.get("score", "prior") == scorer.name
            found = _restored(kept) if same else None
            self._control = found or ShareControl(target, scorer.quantiles)
            self._named = scorer.name
        self._control.target = target
        return self._control

    def _paced(self, usd: float) -> BudgetControl:
        day, _ = self._today()
        if self._budget is None:
            kept = self._memory.get(BUDGET_KEPT_AS)
            self._budget = _restored_budget(usd, kept) or BudgetControl(usd)
            self._day = str(kept.get("day", "")) if isinstance(kept, dict) else day
        if self._day != day:
            self._budget.next_day()
            self._day = day
        self._budget.usd = usd
        return self._budget


def _restored(state: object) -> ShareControl | None:
    try:
        return ShareControl.restored(state) if isinstance(state, dict) else None
    except ValueError:
        return None


def _restored_budget(usd: float, state: object) -> BudgetControl | None:
    try:
        return BudgetControl.restored(usd, state) if isinstance(state, dict) else None
    except ValueError:
        return None
