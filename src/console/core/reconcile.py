"""The ledger held against what a server counted itself, and against what a vendor charged.

A server's counters run since its process began. Two readings of one process bound a span, and so
do the beginning of a process that tells it and its first reading; a process that began at an
unknown time gives a beginning only.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from console.core.period import local_date, local_day, start_ms

COUNTS = ("uncached_tokens", "cache_read_tokens", "prompt_tokens", "output_tokens")
"""What a server may count; `prompt_tokens` are those of a prompt, cached or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a server's counters said at a time, for one model ("" where it does not tell models).

    `process` tells one process of the server from the next, `began_ms` is when it began (UTC);
    each is None where the server does not say.
    """

    at_ms: int
    server: str
    kind: str
    model: str
    process: str | None
    began_ms: int | None
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Span:
    """A time over which a server counted; `counts` are what it counted in it.

    `why` says why nothing can be compared, and then `counts` is empty.
    """

    since_ms: int
    until_ms: int
    model: str
    counts: Mapping[str, int] = field(default_factory=dict)
    why: str = ""

    def days(self, zone: str) -> str:
        """The local day it lies in, or the first and the last."""
        first, last = local_day(self.since_ms, zone), local_day(self.until_ms, zone)
        return first if first == last else f"{first}..{last}"


@dataclass(frozen=True, slots=True)
class Line:
    """One figure on both sides: tokens, or nano-dollars."""

    what: str
    theirs: int
    ours: int

    @property
    def drift(self) -> float | None:
        """How far the ledger is off, as a share of the server's figure; None of nothing."""
        if self.theirs == self.ours:
            return 0.0
        return (self.ours - self.theirs) / self.theirs if self.theirs else None


def spans(readings: Iterable[Reading]) -> Iterator[Span]:
    """What lies between the readings of one server, by model; a restart begins anew."""
    by_model: dict[str, list[Reading]] = {}
    for reading in sorted(readings, key=lambda reading: reading.at_ms):
        by_model.setdefault(reading.model, []).append(reading)
    for found in by_model.values():
        before: Reading | None = None
        for reading in found:
            yield _span(before, reading)
            before = reading


def by_day(found: Iterable[Span], zone: str) -> list[list[Span]]:
    """Spans of one model that lie in the same days, together; newest days first."""
    groups: dict[tuple[str, str, str], list[Span]] = {}
    for span in found:
        groups.setdefault((span.days(zone), span.model, span.why), []).append(span)
    return sorted(groups.values(), key=lambda group: -group[-1].until_ms)


def total(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The sum of some counts; what one of them lacks is in no sum."""
    parts = list(counts)
    shared = set(parts[0]).intersection(*parts) if parts else set()
    return {name: sum(part[name] for part in parts) for name in COUNTS if name in shared}


def _span(before: Reading | None, reading: Reading) -> Span:
    if before is not None and _same_process(before, reading):
        counted = {
            name: value - before.counts[name]
            for name, value in reading.counts.items()
            if name in before.counts
        }
        return Span(before.at_ms, reading.at_ms, reading.model, counted)
    if reading.began_ms is not None:
        return Span(reading.began_ms, reading.at_ms, reading.model, reading.counts)
    why = "the first reading, from which the next one counts"
    if before is not None:
        why = "the server began anew at an unknown time; the next reading counts from here"
    return Span(reading.at_ms if before is None else before.at_ms, reading.at_ms,
                reading.model, why=why)  # fmt: skip


def _same_process(before: Reading, reading: Reading) -> bool:
    """Whether the counters went on; one that fell began again, whatever else is said."""
    fell = any(value < before.counts.get(name, 0) for name, value in reading.counts.items())
    return before.process == reading.process and before.kind == reading.kind and not fell


def compared(theirs: Mapping[str, int], ours: Mapping[str, int]) -> tuple[Line, ...]:
    """The counts that both sides have, in the order of `COUNTS`."""
    return tuple(
        Line(name, theirs[name], ours[name]) for name in COUNTS if name in theirs and name in ours
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What a vendor's report charges for a UTC day and a model ("" where it names none)."""

    day: str
    model: str
    nano: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """What the ledger has for a UTC day and a model; `unpriced` rows are in no sum."""

    day: str
    model: str
    nano: int
    rows: int = 0
    unpriced: int = 0


@dataclass(frozen=True, slots=True)
class Owed:
    """One day's charge of one model on both sides; model "" is what names none."""

    day: str
    model: str
    line: Line
    rows: int
    unpriced: int


def owed(theirs: Iterable[Charge], ours: Iterable[Charged]) -> list[Owed]:
    """Charges by day and model, one side or both, newest day first.

    A model is the same with and without the date of its version behind its name.
    """
    charges: dict[tuple[str, str], int] = {}
    for charge in theirs:
        key = (charge.day, undated(charge.model))
        charges[key] = charges.get(key, 0) + charge.nano
    rows: dict[tuple[str, str], list[Charged]] = {}
    for each in ours:
        rows.setdefault((each.day, undated(each.model)), []).append(each)
    found = []
    for key in charges.keys() | rows.keys():
        mine = rows.get(key, [])
        line = Line("charged", charges.get(key, 0), sum(each.nano for each in mine))
        found.append(
            Owed(
                *key,
                line,
                sum(each.rows for each in mine),
                sum(each.unpriced for each in mine),
            )
        )
    return sorted(found, key=lambda each: (_back(each.day), each.model == "", each.model))


def undated(model: str) -> str:
    """A model's name without the date of its version: -20250929, -2024-08-06."""
    head, _, tail = model.rpartition("-")
    if len(tail) == 8 and tail.isdecimal():
        return head
    if model[-10:-6].isdecimal() and model[-11:-10] == "-" and _is_date(model[-10:]):
        return model[:-11]
    return model


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _back(day: str) -> int:
    return -date.fromisoformat(day).toordinal()


def window_ms(days: int, now_ms: int) -> tuple[int, int]:
    """The UTC midnight so many days ago, today being the first, and the one after now."""
    today = local_date(now_ms, "UTC")
    return start_ms(today - timedelta(days=days - 1), "UTC"), start_ms(
        today + timedelta(days=1), "UTC"
    )


def worst(lines: Sequence[Line]) -> float:
    """The largest drift in either direction; a figure that only one side has counts as 100 %."""
    return max((1.0 if line.drift is None else abs(line.drift) for line in lines), default=0.0)
