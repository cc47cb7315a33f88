"""What the router decided, and every step on the way in words."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from console.core.routing.allowed import Allowed
from console.core.tier import Tier

if TYPE_CHECKING:
    from console.core.score.score import Score


class Step(NamedTuple):
    """One step: its name, what it found in words, and the tiers it left.

    `chose` is the tier that this step decided for; None where it only narrowed, or passed.
    """

    name: str
    words: str
    allowed: Allowed
    chose: Tier | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The chosen tier and model, the tiers allowed at all, and the steps in order.

    `tier` is None when nothing may serve the request. `model` is another model of that tier where
    a rule asks for one; None is the tier's own. `reason` is the deciding reason, short enough for
    a ledger row. `allowed` is what privacy left: no retry, fallback or comparison leaves it;
    `fallback` is the tier that may serve should the chosen one fail. `pin` says why the
    conversation must stay on the box from now on. `counterfactual` says what would have to be
    different for the other tier.
    """

    tier: Tier | None
    allowed: Allowed
    policy: str
    reason: str
    model: str | None = None
    steps: tuple[Step, ...] = ()
    fallback: Tier | None = None
    pin: str | None = None
    score: "Score | None" = None
    threshold: float | None = None
    counterfactual: str = ""

    @property
    def reasons(self) -> tuple[str, ...]:
        """The words of the steps."""
        return tuple(step.words for step in self.steps)
