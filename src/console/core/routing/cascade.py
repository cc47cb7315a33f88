"""Whether a local reply will be held against a second local model's, before the API is asked."""

from typing import NamedTuple

from console.core.routing import gate
from console.core.routing.allowed import Allowed
from console.core.routing.gate import Purpose
from console.core.routing.request import Request
from console.core.tier import Tier


class Prospect(NamedTuple):
    """Whether a second model will be asked, and why (not) in words."""

    asked: bool
    words: str


def prospect(
    request: Request, second: str, *, tier: Tier, model: str, allowed: Allowed
) -> Prospect:
    """What is ahead of a request that `model` of `tier` serves, with `second` set to check it."""
    # Brings modules along that most requests never need.
    from console.core.answers import asked_kind

    if tier is not Tier.LOCAL:
        return Prospect(False, "none: the api serves it")
    if request.forced is not None:
        return Prospect(False, "none: local is asked for by hand")
    if not gate.permits(Purpose.CASCADE, allowed, Tier.API):
        return Prospect(False, "none: the api may not be asked")
    if model == second:
        return Prospect(False, f"none: {second} serves it itself")
    kind = asked_kind(request.message)
    if kind is None:
        return Prospect(False, "none: no answer is asked for that can be compared")
    return Prospect(
        True, f"should the reply close with a {kind}, {second} is asked too, the api if they differ"
    )
