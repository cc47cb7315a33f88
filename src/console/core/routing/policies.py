"""The policies by name: each chooses a tier for what nothing before it has decided."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from console.core.routing import table
from console.core.routing.article import COMPLEX_WORDS, CONTEXT_LIMIT, complex_because
from console.core.routing.policy import POLICIES, Policy
from console.core.routing.request import Request
from console.core.routing.situation import Situation
from console.core.tier import Tier

if TYPE_CHECKING:
    from console.core.score.score import Score


class Choice(NamedTuple):
    """A tier, why, and what would have to be different for the other one.

    `only` leaves nothing but that tier: no fallback goes elsewhere.
    """

    tier: Tier
    reason: str
    counterfactual: str = ""
    score: "Score | None" = None
    threshold: float | None = None
    only: bool = False


Chooser = Callable[[Request, Policy, Situation], Choice]


def _article(request: Request, policy: Policy, now: Situation) -> Choice:
    """The founding rule: long context or one of eight words is complex, anything else routine."""
    why = complex_because(request)
    if why is None:
        return Choice(
            Tier.LOCAL,
            "routine",
            f"would go to the api with a context over {CONTEXT_LIMIT:,} characters "
            f"(it has {request.context_chars:,}) or one of {', '.join(COMPLEX_WORDS)} in the task",
        )
    if request.context_chars > CONTEXT_LIMIT:
        other = (
            f"would stay local with a context of at most {CONTEXT_LIMIT:,} characters; "
            f"it has {request.context_chars:,}"
        )
    else:
        other = f"would stay local without {why} in the task"
    return Choice(Tier.API, f"complex: {why}", other)


def _table(request: Request, policy: Policy, now: Situation) -> Choice:
    """The decision table's first row that applies."""
    (tier, reason), otherwise = table.choose(request, now, policy.workload)
    return Choice(tier, reason, otherwise)


def _score(request: Request, policy: Policy, now: Situation) -> Choice:
    """The prompt's score against the threshold that holds the share of API calls."""
    weighing = now.weighing
    if weighing is None:
        return Choice(Tier.LOCAL, "score: nothing to weigh with, so local")
    score = weighing.score(request.message)
    limit = weighing.threshold
    tier = Tier.API if weighing.take(score.value) else Tier.LOCAL
    against = "no threshold yet" if limit is None else f"threshold {limit:+.2f}"
    reason = f"score {score.value:+.2f} ({score.source}), {against}"
    if limit is not None and (score.value > limit) != (tier is Tier.API):
        reason += f", to hold {weighing.target * 100:.0f} % of calls at the api"
    edge = weighing.share_at(score.value)
    other = ""
    if edge is not None:
        percent = f"{edge * 100:.0f} %"
        if tier is Tier.API:
            other = f"would go local below {percent} of calls"
        else:
            other = f"would go to the api above {percent} of calls"
        # A score beyond all recent ones.
        if percent in ("0 %", "100 %"):
            other = f"would go to {tier} at almost any share of calls"
    return Choice(tier, reason, other, score, limit)


def _local_only(request: Request, policy: Policy, now: Situation) -> Choice:
    """Everything is served on the box."""
    return Choice(Tier.LOCAL, "policy local-only", "another policy might choose the api", only=True)


def _api_only(request: Request, policy: Policy, now: Situation) -> Choice:
    """Everything that may leave is served by the API."""
    return Choice(Tier.API, "policy api-only", "would stay local if pinned", only=True)


CHOOSERS: dict[str, Chooser] = dict(
    zip(POLICIES, (_article, _table, _score, _local_only, _api_only), strict=True)
)
"""What a policy chooses, by its name."""
