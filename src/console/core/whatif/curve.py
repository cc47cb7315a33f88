"""Monthly bills over requests a day: straight pieces, and the stairs of whole replicas."""

import math
from enum import StrEnum
from typing import NamedTuple


class Side(StrEnum):
    """Who is cheaper: the other side, most of the time an API, or the operator's own design."""

    API = "api"
    SELF = "self"


class Kind(StrEnum):
    """Why the cheaper side changes: two lines meet, a replica is added, replicas run out."""

    INTERIOR = "interior"
    STEP = "step"
    INFEASIBLE = "infeasible"


class Stairs(NamedTuple):
    """Whole replicas at `step` dollars each: one more every `size` requests a day.

    Never fewer than `least`, and `spare` more than are needed.
    """

    step: float
    size: float
    least: float = 1.0
    spare: float = 0.0

    @property
    def first(self) -> float:
        """The replicas at the smallest volume that is not none at all."""
        return max(self.least, 1.0)

    def replicas(self, q: float) -> float:
        """Replicas at q requests a day, spares included."""
        load = q / self.size
        return max(self.least, math.ceil(load - 1e-9 * load)) + self.spare

    def begins(self, q: float) -> bool:
        """Whether a replica is added just above q requests a day."""
        load = q / self.size
        nearest = round(load)
        return nearest >= self.first and abs(load - nearest) <= 1e-9 * nearest


Pieces = tuple[tuple[float, float, float], ...]
"""Straight pieces of a bill as (start, constant, slope), in rising order of start, from 0 on."""


class Curve(NamedTuple):
    """A monthly bill over requests a day.

    `pieces` are the bill without its stairs; `feasible_to` is the last volume that can be carried.
    `convex` says that each piece goes on where the one before it ends, and rises no less.
    """

    pieces: Pieces
    stairs: Stairs | None = None
    feasible_to: float = math.inf
    convex: bool = False

    def at(self, q: float) -> float | None:
        """Dollars a month at q requests a day; None beyond what can be carried."""
        if q > self.feasible_to * (1 + 1e-9):
            return None
        place = len(self.pieces) - 1
        while place and q < self.pieces[place][0]:
            place -= 1
        _, constant, slope = self.pieces[place]
        usd = constant + slope * q
        return usd if self.stairs is None else usd + self.stairs.step * self.stairs.replicas(q)


def paid_curve(slope: float, commit: float) -> Curve:
    """An API's bill: its commitment up to where the requests cost as much."""
    if commit <= 0:
        return Curve(((0.0, 0.0, slope),))
    if slope <= 0:
        return Curve(((0.0, commit, 0.0),))
    return Curve(((0.0, commit, 0.0), (commit / slope, 0.0, slope)))


def kind_of(one: Curve, other: Curve, q: float) -> Kind:
    """Why the cheaper side changes at q requests a day."""
    if one.feasible_to != other.feasible_to and q == min(one.feasible_to, other.feasible_to):
        return Kind.INFEASIBLE
    for curve in (one, other):
        if curve.stairs is not None and curve.stairs.begins(q):
            return Kind.STEP
    return Kind.INTERIOR
