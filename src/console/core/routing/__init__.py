"""Which tier serves a request, and why, in words."""

from console.core.routing.allowed import Allowed
from console.core.routing.article import COMPLEX_WORDS, CONTEXT_LIMIT
from console.core.routing.decide import decide
from console.core.routing.decision import Decision, Step
from console.core.routing.policies import POLICIES
from console.core.routing.policy import Marks, Policy, Workload
from console.core.routing.request import Request
from console.core.routing.rules import Rule
from console.core.routing.situation import Budget, Footing, Situation, Weighing

__all__ = [
    "COMPLEX_WORDS",
    "CONTEXT_LIMIT",
    "POLICIES",
    "Allowed",
    "Budget",
    "Decision",
    "Footing",
    "Marks",
    "Policy",
    "Request",
    "Rule",
    "Situation",
    "Step",
    "Weighing",
    "Workload",
    "decide",
]
