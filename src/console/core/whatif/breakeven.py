"""Break-even: every volume at which the cheaper side changes, walked exactly over the staircase."""

from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """Who is cheaper."""

    API = "api"
    SELF = "self"


class Kind(StrEnum):
    """Why the cheaper side changes: two lines meet, a replica is added, replicas run out."""

    INTERIOR = "interior"
    STEP = "step"
    INFEASIBLE = "infeasible"


@dataclass(frozen=True, slots=True)
class Crossover:
    """A volume at which the cheaper side changes."""

    requests_per_day: float
    kind: Kind
    cheaper_above: Side
