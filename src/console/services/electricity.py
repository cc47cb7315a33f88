"""What the cards cost: watts now, the day's kilowatt-hours and dollars, kept across restarts."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, Protocol

from console.core.consumption import DayEnergy
from console.core.gpu import AT_WORK_PCT, Card, Snapshot
from console.core.period import local_day, start_ms
from console.core.tally import DISAGREE, Gain, Tally

if TYPE_CHECKING:
    from console.core.tariff import Tariff
    from console.services.followed import Followed
    from console.services.ports import Clock

SAVE_EVERY_S = 60.0

_STEP_S = 900
"""Prices change at whole quarters of an hour, in every zone."""


class DayStore(Protocol):
    """A small store of JSON values by name; losing it is harmless."""

    def get(self, name: str) -> object:
        """A remembered value, or None."""

    def put(self, name: str, value: object) -> None:
        """Remember a value; never raises."""


class Bill(NamedTuple):
    """The box's electricity now and today; board, not wall, but for the dollars.

    `watts` is None while the driver is released at the operator's wish.
    `usd_per_kwh` is the tariff of this moment with the wall's factor. `disagreeing` are the
    indices of cards whose counter and power differ by more than a tenth, with the difference.
    """

    watts: float | None
    usd_per_kwh: Decimal
    wall_factor: Decimal
    today: DayEnergy
    disagreeing: Mapping[int, float]

    @property
    def usd_per_hour(self) -> float | None:
        """At the watts of this moment."""
        return None if self.watts is None else self.watts / 1000 * float(self.usd_per_kwh)


class Electricity:
    """Follows the sampler; subscribe it before what shows its bill."""

    def __init__(
        self,
        sampler: "Followed",
        clock: "Clock",
        tariff: "Tariff",
        kept: DayStore | None = None,
    ) -> None:
        self._sampler = sampler
        self._clock = clock
        self._tariff = tariff
        self._kept = kept
        self._tallies: dict[str, Tally] = {}
        self._today = DayEnergy(day=self._day(clock.now_ms()))
        self._saved_ms = clock.now_ms()
        self._restored = kept is None
        self._indices: dict[str, int] = {}
        sampler.subscribe(self._sampled)

    @property
    def bill(self) -> Bill:
        """Now."""
        latest = self._sampler.latest
        now_ms = self._clock.now_ms()
        self._turn(now_ms)
        return Bill(
            watts=None if latest is None or self._sampler.paused else latest.power_w,
            usd_per_kwh=self._tariff.rate(now_ms, self._clock.zone()),
            wall_factor=self._tariff.wall_factor,
            today=self._today,
            disagreeing={
                self._indices[uuid]: tally.disagreement
                for uuid, tally in self._tallies.items()
                if tally.disagreement is not None and abs(tally.disagreement) > DISAGREE
            },
        )

    def save(self) -> None:
        """Keep the day's sums and the counters for the next run.

        Of two consoles on one box the one that counted more is right: the other was paused.
        """
        if self._kept is None or not self._restored:
            return
        others = DayEnergy.from_document(self._kept.get("day"))
        if others is not None and (others.day, others.joules) > (
            self._today.day,
            self._today.joules,
        ):
            return
        self._kept.put("day", self._today.document())
        self._kept.put(
            "counters",
            {
                uuid: {"at_s": tally.last[0], "joules": tally.last[1], "epoch": tally.epoch}
                for uuid, tally in self._tallies.items()
                if tally.last is not None
            },
        )

    def _sampled(self, snapshot: Snapshot, moved: bool) -> None:
        if not self._restored:
            self._restore()
        for card in snapshot.cards:
            if card.fault is None and card.uuid:
                self._take(card, snapshot.at_ms)
        if snapshot.at_ms - self._saved_ms >= SAVE_EVERY_S * 1000:
            self._saved_ms = snapshot.at_ms
            self.save()

    def _take(self, card: Card, at_ms: int) -> None:
        # The time of its own reading: a card that is late said this a while ago.
        at_s = card.read_ms.get("fast", at_ms) / 1000
        tally = self._tallies.get(card.uuid)
        if tally is None:
            tally = self._tallies[card.uuid] = Tally()
        elif tally.at_s is not None and at_s <= tally.at_s < at_s + 60:
            return  # nothing new; further back the clock was set
        self._indices[card.uuid] = card.index
        gaps = tally.gaps
        gain = tally.take(at_s, card.energy_j, card.power_w, self._sampler.interval_s)
        self._turn(at_ms)
        if tally.gaps > gaps:
            self._today = self._today._replace(gaps=self._today.gaps + tally.gaps - gaps)
        if gain is not None:
            busy = None if card.util_pct is None else card.util_pct >= AT_WORK_PCT
            counted = card.energy_j is not None
            self._add(gain, busy=busy if gain.watched else None, counted=counted)

    def _add(self, gain: Gain, *, busy: bool | None, counted: bool) -> None:
        """Count what fell in today, hour by hour at the price of its time.

        `busy` is None where it is not known whether the card worked.
        """
        zone = self._clock.zone()
        today_s = start_ms(date.fromisoformat(self._today.day), zone) / 1000
        start_s, end_s = max(gain.start_s, today_s), gain.end_s
        if end_s <= start_s:
            return
        per_s = gain.joules / (gain.end_s - gain.start_s)
        nano, joules = 0, per_s * (end_s - start_s)
        while start_s < end_s:
            until_s = min(end_s, start_s - start_s % _STEP_S + _STEP_S)
            nano += self._tariff.nano(per_s * (until_s - start_s), int(start_s * 1000), zone)
            start_s = until_s
        today = self._today
        name = "unwatched_j" if busy is None else "busy_j" if busy else "idle_j"
        sums = {name: getattr(today, name) + joules, "nano": today.nano + nano}
        if not counted:
            part = joules / gain.joules if gain.joules else 1.0
            sums["integrated_j"] = today.integrated_j + joules
            sums["variance_j2"] = today.variance_j2 + (part * gain.off_j) ** 2
        self._today = today._replace(**sums)

    def _turn(self, now_ms: int) -> None:
        """Begin a new day when there is one."""
        day = self._day(now_ms)
        if day != self._today.day:
            self._today = DayEnergy(day=day)

    def _restore(self) -> None:
        """Go on from what an earlier run kept: its sums, and its counters, which went on."""
        self._restored = True
        assert self._kept is not None
        day = DayEnergy.from_document(self._kept.get("day"))
        if day is not None and day.day == self._today.day:
            self._today = day
        counters = self._kept.get("counters")
        for uuid, kept in counters.items() if isinstance(counters, dict) else ():
            try:
                reading = float(kept["at_s"]), float(kept["joules"]), int(kept["epoch"])
            except (TypeError, ValueError, KeyError):
                continue
            tally = self._tallies[uuid] = Tally()
            tally.resume(*reading)
            self._indices.setdefault(uuid, -1)

    def _day(self, at_ms: int) -> str:
        return local_day(at_ms, self._clock.zone())
