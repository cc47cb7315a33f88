"""What each request of the local tier took from the cards, by the ticks of their counters."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from console.core.apportion import Mark, apportion
from console.core.consumption import Floor, PerToken, Request, per_token
from console.core.edge import Edge, Side, joules_at
from console.core.energy import Spent
from console.core.entry import EnergySource
from console.core.gpu import AT_WORK_PCT, Flow, Snapshot
from console.services.followed import flow_key
from console.services.ports import Clock
from console.services.readings import Readings
from console.services.sampler import Sampler

REQUESTS = 5000
EDGE_WAIT_S = 1.0

RATE_S = 60.0
"""The rate of requests is how many began in so many seconds."""

LATE_S = 0.15
"""An edge that was asked for so long after its moment is no exact one."""

QUIET_S = 2.5
ALONE = 1.3
"""A box that draws more than so many times its power at rest, though no request of ours ran for
QUIET_S, serves somebody else too: then nothing is called measured."""


@dataclass(eq=False, slots=True)
class _Change:
    """A moment at which a request began or ended, who runs from there on, and its edges."""

    at_s: float
    running: frozenset[str]
    quiet: Side
    edges: "asyncio.Task[list[Edge]]"


@dataclass(slots=True)
class _Began:
    """A running request: its first change, and whether the box was at rest before it.

    That is not known of a request which began before the first sample; that sample tells then.
    """

    change: _Change
    alone: bool | None


class Meter:
    """Holds the edges of requests to the counters' ticks, and divides what ran at once.

    All cards of the box count: a model may use several. What is alone on the box is measured; of
    requests that overlap each gets its allocation by `apportion.RULE`. Of a card without a counter
    the power is added up, ten times a second while a request runs, and where a card did not answer
    the energy follows from what was sampled: both are estimates.
    """

    def __init__(self, sampler: Sampler, clock: Clock) -> None:
        self._sampler = sampler
        self._clock = clock
        self._readings = Readings()
        self._tick_s: dict[str, float] = {}
        self._running: dict[str, _Began] = {}
        self._changes: list[_Change] = []
        self._last_end_s = 0.0
        self._floor = Floor()
        self._finished: deque[Request] = deque(maxlen=REQUESTS)
        self._begun: deque[float] = deque()
        self._wrote = 0.0
        self._flowed_s: float | None = None
        sampler.subscribe(self._sampled)

    def begin(self, id: str) -> None:
        """A request is about to be sent."""
        at_s = self._clock.now_ms() / 1000
        self._sampler.touch()
        self._begun.append(at_s)
        alone = False if self._running else self._at_rest(at_s)
        if not self._running:
            self._sampler.integrate(True)
        quiet = Side.NEITHER if self._running else Side.BEFORE
        change = self._change(at_s, frozenset({*self._running, id}), quiet, ticks=2)
        self._running[id] = _Began(change, alone)

    async def end(self, id: str, tokens: int | None = None) -> Spent | None:
        """Its energy until now; None when unknown. Waits for the counter's next tick, ~0.1 s."""
        began = self._running.get(id)
        if began is None:
            return None
        at_s = self._clock.now_ms() / 1000
        last = self._leave(id, at_s, ticks=1)
        changes = self._changes[self._changes.index(began.change) : self._changes.index(last) + 1]
        await asyncio.wait([change.edges for change in changes], timeout=EDGE_WAIT_S)
        spent, share_s = self._spent(id, began, changes)
        self._forget()
        if spent is not None:
            self._finished.append(
                Request(at_s, share_s, spent.joules, spent.error_j or 0.0, tokens or 0)
            )
        return spent

    def drop(self, id: str) -> None:
        """The request ended, whatever became of it."""
        if id in self._running:
            self._leave(id, self._clock.now_ms() / 1000, ticks=1)
            self._forget()

    def wrote(self, tokens: float) -> None:
        """The local tier wrote about so many tokens."""
        self._wrote += tokens

    def per_token(self, window_s: float) -> PerToken | None:
        """Joules per output token of the last so many seconds; None where not sure enough."""
        return per_token(self._finished, self._clock.now_ms() / 1000 - window_s, self._floor.watts)

    @property
    def floor_w(self) -> float | None:
        """What the box draws at rest; None before it was seen at rest for long enough."""
        return self._floor.watts

    def _change(self, at_s: float, running: frozenset[str], quiet: Side, *, ticks: int) -> _Change:
        edges = asyncio.create_task(self._edges(ticks))
        change = _Change(at_s, running, quiet, edges)
        self._changes.append(change)
        return change

    async def _edges(self, ticks: int) -> list[Edge]:
        try:
            return await self._sampler.edges(ticks)
        except (OSError, ValueError):
            return []  # the reader is being replaced
        finally:
            if not self._running:
                self._sampler.integrate(False)

    def _leave(self, id: str, at_s: float, *, ticks: int) -> _Change:
        del self._running[id]
        self._last_end_s = at_s
        quiet = Side.NEITHER if self._running else Side.AFTER
        return self._change(at_s, frozenset(self._running), quiet, ticks=ticks)

    def _forget(self) -> None:
        """Let go of changes that no running request needs."""
        needed = [self._changes.index(began.change) for began in self._running.values()]
        del self._changes[: min(needed, default=len(self._changes))]

    def _at_rest(self, at_s: float) -> bool | None:
        """Whether nobody else seems to use the box; None before the first sample.

        Before its power at rest is known, what the cards say of their work decides.
        """
        latest, floor_w = self._sampler.latest, self._floor.watts
        if at_s - self._last_end_s < QUIET_S:
            return True
        if latest is None:
            return None
        if floor_w is None:
            return not any((card.util_pct or 0.0) >= AT_WORK_PCT for card in latest.cards)
        return latest.power_w is None or latest.power_w <= ALONE * floor_w

    def _spent(
        self, id: str, began: _Began, changes: Sequence[_Change]
    ) -> tuple[Spent | None, float]:
        """The request's share of all cards, and its share of the time."""
        start_s, end_s = changes[0].at_s, changes[-1].at_s
        share_s = apportion([Mark(c.at_s, c.running) for c in changes]).by_request.get(id, 0.0)
        joules = error_j = 0.0
        exact = True
        interval_s = self._sampler.interval_s
        cards = self._readings.cards(start_s, end_s, interval_s)
        if not cards:
            return None, share_s
        for uuid in cards:
            known = self._by_edges(uuid, changes)
            if known is None:
                moments = [(change.at_s, change.running) for change in changes]
                sampled = self._readings.marks(uuid, moments, interval_s)
                if sampled is None:
                    return None, share_s
                known = (*sampled, False)
            marks, off_j, is_exact = known
            exact = exact and is_exact
            joules += apportion(marks).by_request.get(id, 0.0)
            error_j += off_j
        how = EnergySource.MEASURED if exact and began.alone else EnergySource.ESTIMATED
        if any(change.running - {id} for change in changes[:-1]):
            how = EnergySource.ALLOCATED
        return Spent(max(0.0, joules), how, error_j), share_s

    def _by_edges(
        self, uuid: str, changes: Sequence[_Change]
    ) -> tuple[list[Mark], float, bool] | None:
        """The marks of one card from its edges, how far off the whole may be, and if it is exact.

        None when an edge is missing, or the counter began anew meanwhile.
        """
        exact = True
        marks: list[Mark] = []
        error_j = 0.0
        found: list[Edge] = []
        for change in changes:
            done = change.edges.done() and not change.edges.cancelled()
            edges = change.edges.result() if done else []
            edge = next((each for each in edges if each.uuid == uuid), None)
            if edge is None:
                return None
            found.append(edge)
            if edge.since_s != found[0].since_s:
                return None  # the reader was replaced, and its sum began anew
            if edge.tick_j is not None and edge.tick_j < edge.asked_j:
                return None  # the driver was loaded anew within a tick
            exact = exact and edge.since_s is None
            if edge.length_s is not None:
                self._tick_s[uuid] = edge.length_s
            joules, off_j = joules_at(edge, change.at_s, change.quiet, self._tick_s.get(uuid))
            late_s = edge.asked_s - change.at_s
            if late_s > LATE_S:
                # The reader was still starting: what was drawn until then is not known.
                exact, off_j = False, off_j + late_s * (edge.asked_w or 0.0)
            if marks and joules < marks[-1].joules - off_j - error_j:
                return None  # the driver was loaded anew
            marks.append(Mark(joules, change.running))
            # What the inner edges are off by goes from one request to another.
            error_j += off_j
        if exact and self._began_anew(uuid, changes, found):
            return None
        return marks, error_j + found[-1].off_j - found[0].off_j, exact

    def _began_anew(self, uuid: str, changes: Sequence[_Change], edges: Sequence[Edge]) -> bool:
        """Whether a card's counter fell between edges, from which it rose above the first again."""
        first, last = edges[0], edges[-1]
        # A reading bears the time at its end: it may have been made a tick or two before.
        slack_j = 0.0 if first.tick_j is None else 2 * (first.tick_j - first.asked_j)
        counts = self._readings.counts(uuid, changes[0].at_s, changes[-1].at_s)
        return any(
            later < earlier
            for earlier, later in pairwise([first.asked_j - slack_j, *counts, last.asked_j])
        )

    def _sampled(self, snapshot: Snapshot, moved: bool) -> None:
        self._readings.take(snapshot)
        at_s = snapshot.at_ms / 1000
        for began in self._running.values():
            if began.alone is None:
                began.alone = self._at_rest(began.change.at_s)
        quiet = not self._running and at_s - self._last_end_s > QUIET_S
        if quiet and snapshot.power_w is not None:
            self._floor.take(at_s, snapshot.power_w)
        self._flow(at_s)

    def _flow(self, at_s: float) -> None:
        """Chart the requests under way and begun, and the tokens since the last snapshot."""
        last_s, self._flowed_s = self._flowed_s, at_s
        wrote, self._wrote = self._wrote, 0.0
        if last_s is None or at_s <= last_s:
            return
        histories = self._sampler.histories
        while self._begun and not at_s - RATE_S < self._begun[0] <= at_s:
            self._begun.popleft()
        histories.add(flow_key(Flow.REQUESTS), at_s, len(self._running))
        histories.add(flow_key(Flow.RATE), at_s, len(self._begun))
        histories.add(flow_key(Flow.TOKENS), at_s, wrote / (at_s - last_s))
