"""The one check before anything of a request is sent or kept, by what it is for."""

from enum import StrEnum

from console.core.routing.allowed import Allowed
from console.core.tier import Tier


class Purpose(StrEnum):
    """What a text is about to be used for."""

    ASK = "ask"
    OVERRIDE = "override"
    RETRY = "retry"
    FALLBACK = "fallback"
    COMPARE = "compare"
    CASCADE = "cascade"
    TITLE = "title"
    COUNT = "token count"
    LOG = "log"


def permits(purpose: Purpose, allowed: Allowed, tier: Tier) -> bool:
    """Whether a text may be used for `purpose` where a tier can see it.

    Every way on which a text leaves asks here once, right before it does, with what is allowed
    at that moment; `purpose` names the way.
    """
    return tier in allowed
