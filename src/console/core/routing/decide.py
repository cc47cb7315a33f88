"""The order of decision: what must stay, the operator's word, the policy."""

from console.core.routing.allowed import Allowed
from console.core.routing.article import complex_because
from console.core.routing.decision import Decision, Step
from console.core.routing.request import Request
from console.core.tier import Tier


def decide(
    request: Request, policy: str = "article", *, local_elsewhere: str | None = None
) -> Decision:
    """Choose a tier: what must stay, then the operator's word, then the policy.

    Later steps can only choose among `allowed`, which the first step computes once.
    `local_elsewhere` says why the local tier is not on the operator's machines, if it is not:
    then nothing may serve what must stay.
    """
    allowed = Allowed(on_the_box=request.pinned is not None)
    if request.pinned:
        stays = f"pinned: {request.pinned}"
        steps = (Step("privacy", stays, allowed),)
        if local_elsewhere:
            allowed = allowed.without(Tier.LOCAL)
            return Decision(
                tier=None,
                allowed=allowed,
                policy=policy,
                reason=f"refused: pinned to local, but {local_elsewhere}",
                steps=(*steps, Step("privacy", local_elsewhere, allowed)),
            )
        if request.forced is Tier.API:
            return Decision(
                tier=None,
                allowed=allowed,
                policy=policy,
                reason="refused: api asked for, but the conversation is pinned to local",
                steps=(
                    *steps,
                    Step("override", "the operator asked for api; unpin first", allowed),
                ),
            )
        return Decision(tier=Tier.LOCAL, allowed=allowed, policy=policy, reason=stays, steps=steps)
    if request.forced is not None:
        by_hand = f"by hand: {request.forced}"
        step = Step("override", by_hand, allowed.only(request.forced), request.forced)
        return Decision(
            tier=request.forced, allowed=allowed, policy=policy, reason=by_hand, steps=(step,)
        )
    tier, reason = POLICIES[policy](request)
    step = Step("policy", reason, allowed, tier)
    return Decision(tier=tier, allowed=allowed, policy=policy, reason=reason, steps=(step,))


def article(request: Request) -> tuple[Tier, str]:
    """The founding rule: long context or one of eight words is complex, anything else routine."""
    why = complex_because(request)
    return (Tier.LOCAL, "routine") if why is None else (Tier.API, f"complex: {why}")


def local_only(request: Request) -> tuple[Tier, str]:
    """Everything is served on the box."""
    return Tier.LOCAL, "policy local-only"


def api_only(request: Request) -> tuple[Tier, str]:
    """Everything that may leave is served by the API."""
    return Tier.API, "policy api-only"


POLICIES = {"article": article, "local-only": local_only, "api-only": api_only}
"""Policies by the name they have in the configuration."""
