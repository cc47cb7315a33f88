"""Which tier serves a request, and why, in words."""

from console.core.routing.allowed import Allowed
from console.core.routing.article import COMPLEX_WORDS, CONTEXT_LIMIT
from console.core.routing.decide import POLICIES, decide
from console.core.routing.decision import Decision, Step
from console.core.routing.request import Request

__all__ = [
    "COMPLEX_WORDS",
    "CONTEXT_LIMIT",
    "POLICIES",
    "Allowed",
    "Decision",
    "Request",
    "Step",
    "decide",
]
