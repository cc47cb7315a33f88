"""A moment held to the ticks of an energy counter.

A counter steps about ten times a second, so that its value at a moment is up to a tick old. The
moment's true value lies between two ticks, and the power of the quiet side tells where: before
a request begins and after it ends the card draws what it draws at rest.
"""

from enum import StrEnum
from typing import NamedTuple

USUAL_TICK_S = 0.1
LOOK_S = 0.01
"""How finely the counter is watched for its tick, in seconds."""


class Side(StrEnum):
    """On which side of a moment nothing runs that is metered."""

    BEFORE = "before"
    AFTER = "after"
    NEITHER = "neither"


class Edge(NamedTuple):
    """A card's energy counter at a moment, and at the tick that came next.

    Times are seconds since the epoch: `asked_s` the moment, `tick_s` the tick (None: none came),
    `length_s` from that tick to the one after it, where that was watched for. `asked_j` and
    `tick_j` are the counter in joules, `asked_w` and `tick_w` the power of those instants.

    A card without a counter has the sum of its power instead, begun at `since_s`, which by now may
    be off by `off_j` either way; that power lags behind by `lag_s` (a mean of a second by half).
    """

    uuid: str
    asked_s: float
    asked_j: float
    tick_s: float | None = None
    tick_j: float | None = None
    length_s: float | None = None
    asked_w: float | None = None
    tick_w: float | None = None
    since_s: float | None = None
    off_j: float = 0.0
    lag_s: float = 0.0


def joules_at(
    edge: Edge, at_s: float, quiet: Side, length_s: float | None = None
) -> tuple[float, float]:
    """The counter's value at a moment near the edge, and how far off it may be, in joules.

    `length_s` is the length of a tick, where an earlier edge told it. With a quiet side the
    moment is reached from that side's tick at that side's power; without one in proportion.
    """
    if edge.since_s is not None:
        return _summed_at(edge, at_s, quiet)
    if edge.tick_s is None or edge.tick_j is None:
        # The counter does not tick that often: the value may be as old as it was watched for.
        return edge.asked_j, (edge.asked_w or 0.0) * 0.25
    length = edge.length_s if edge.length_s is not None else length_s
    length = USUAL_TICK_S if length is None else length
    step = edge.tick_j - edge.asked_j
    if length <= 0 or step <= 0:
        return edge.asked_j, 0.0
    look_j = step / length * LOOK_S
    since_tick, to_tick = at_s - (edge.tick_s - length), edge.tick_s - at_s
    if quiet is Side.BEFORE and edge.asked_w is not None:
        return edge.asked_j + min(edge.asked_w * since_tick, step), look_j
    if quiet is Side.AFTER and edge.tick_w is not None:
        return edge.tick_j - min(edge.tick_w * to_tick, step), look_j
    part = min(max(since_tick / length, 0.0), 1.0)
    # Within a tick the power is not known: at worst all of the step lies on one side.
    return edge.asked_j + step * part, look_j + step * max(part, 1 - part)


def _summed_at(edge: Edge, at_s: float, quiet: Side) -> tuple[float, float]:
    """The same of a card without a counter, from the sum of its power.

    A mean of the last `2 lag_s` has passed on half of what was drawn in them, if that was even;
    at worst none of it, or all. Before a request it was even: the card was at rest.
    """
    drawn_w = edge.asked_w or 0.0
    lagging_j = drawn_w * edge.lag_s
    joules = edge.asked_j + drawn_w * (at_s - edge.asked_s) + lagging_j
    return joules, 0.0 if quiet is Side.BEFORE else lagging_j
