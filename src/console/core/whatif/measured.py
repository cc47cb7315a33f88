"""Inputs measured from the operator's own traffic, each with its interval from a bootstrap by day.

Tokens are turned into the reference tokenizer by the family of each row's model; a day without
requests counts as a day.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from console.core.tier import Tier
from console.core.whatif.distribution import Interval, interval, percentile
from console.core.whatif.leastsquares import Fit, fit
from console.core.whatif.offer import token_ratio
from console.core.whatif.origin import Origin, Source
from console.core.whatif.traffic import Traffic

HOST_W, PSU = 90.0, 0.9
"""What a card's watts lack at the wall: the host beside it, and the power supply's efficiency."""

_RESAMPLES = 300
_LEAST_BUSY_S = 30.0
_LEAST_FIT = 30


class Measured(NamedTuple):
    """A value and where it comes from."""

    value: float
    source: Source


@dataclass(slots=True)
class _Day:
    served: float = 0
    failed_billed: float = 0
    counted: float = 0
    prompt: float = 0
    visible: float = 0
    api_counted: float = 0
    api_prompt: float = 0
    api_read: float = 0
    api_write: float = 0
    api_write_1h: float = 0
    api_reasoning: float = 0
    local_served: float = 0
    local_counted: float = 0
    local_prompt: float = 0
    local_visible: float = 0
    paid_prompt: float = 0
    paid_visible: float = 0
    escalated: float = 0


def measure(traffic: Traffic) -> dict[str, Measured]:
    """Every input that the traffic tells, by name; empty without a complete day or a request.

    Comparisons are no demand, and a request that was answered twice is one.
    """
    days = list(_by_day(traffic).values())
    served = sum(day.served for day in days)
    if not served:
        return {}
    counted, paid = sum(day.counted for day in days), sum(day.api_counted for day in days)
    local = sum(day.local_counted for day in days)
    taken = f"n {served:,.0f}, {traffic.window}"
    found = {
        "workload.requests_per_day": _over(days, lambda d: d.served, lambda d: 1.0, taken),
        "workload.retry_rate": _over(
            days, lambda d: d.failed_billed, lambda d: d.served, f"billed failures; {taken}"
        ),
        "hybrid.share_self": _over(
            days, lambda d: d.local_served, lambda d: d.served, f"served locally; {taken}"
        ),
    }
    if counted:
        words = f"n {counted:,.0f}, {traffic.window}; as o200k tokens"
        found["workload.input_tokens"] = _over(days, lambda d: d.prompt, lambda d: d.counted, words)
        found["workload.output_tokens"] = _over(
            days, lambda d: d.visible, lambda d: d.counted, words
        )
    if paid and sum(day.api_prompt for day in days):
        words = f"n {paid:,.0f} at the API, {traffic.window}"
        for name, part in _CACHED.items():
            found[f"workload.{name}"] = _over(days, part, lambda d: d.api_prompt, words)
        found["api.reasoning_tokens_per_request"] = _over(
            days, lambda d: d.api_reasoning, lambda d: d.api_counted, words
        )
    if local and sum(day.escalated for day in days):
        words = f"asked again at the API; n {local:,.0f} served locally, {traffic.window}"
        found["hybrid.escalation_rate"] = _over(
            days, lambda d: d.escalated, lambda d: d.local_served, words
        )
    # Where one tier served everything, its requests are the workload's.
    if local and paid:
        words = f"n {paid:,.0f} at the API, {traffic.window}"
        found["hybrid.complex_input_tokens"] = _over(
            days, lambda d: d.paid_prompt, lambda d: d.api_counted, words
        )
        found["hybrid.complex_output_tokens"] = _over(
            days, lambda d: d.paid_visible, lambda d: d.api_counted, words
        )
        words = f"n {local:,.0f} served locally, {traffic.window}"
        found["hybrid.routine_input_tokens"] = _over(
            days, lambda d: d.local_prompt, lambda d: d.local_counted, words
        )
        found["hybrid.routine_output_tokens"] = _over(
            days, lambda d: d.local_visible, lambda d: d.local_counted, words
        )
    return found | _peak(traffic) | _throughput(traffic) | _energy(traffic)


_CACHED: dict[str, Callable[[_Day], float]] = {
    "cache_read_share": lambda d: d.api_read,
    "cache_write_share": lambda d: d.api_write,
    "cache_write_1h_share": lambda d: d.api_write_1h,
}


def _by_day(traffic: Traffic) -> dict[str, _Day]:
    days = {day: _Day() for day in traffic.days}
    for group in traffic.groups:
        day = days.get(group.day)
        if day is None or group.compared:
            continue
        if group.again:
            if group.served and group.tier is Tier.API:
                day.escalated += group.rows
            continue
        if not group.served:
            if group.billed and group.tier is Tier.API:
                day.failed_billed += group.rows
            continue
        ratio = token_ratio(group.model)[1]
        prompt = group.prompt_tokens / ratio
        visible = (group.output_tokens - group.reasoning_tokens) / ratio
        day.served += group.rows
        day.counted += group.counted
        day.prompt += prompt
        day.visible += visible
        if group.tier is Tier.LOCAL:
            day.local_served += group.rows
            day.local_counted += group.counted
            day.local_prompt += prompt
            day.local_visible += visible
            continue
        day.api_counted += group.counted
        day.paid_prompt += prompt
        day.paid_visible += visible
        day.api_prompt += group.prompt_tokens
        day.api_read += group.cache_read_tokens
        day.api_write += group.cache_write_5m_tokens
        day.api_write_1h += group.cache_write_1h_tokens
        day.api_reasoning += group.reasoning_tokens
    return days


def _over(
    days: Sequence[_Day], part: Callable[[_Day], float], whole: Callable[[_Day], float], words: str
) -> Measured:
    """A ratio of two sums over days, and its 5th and 95th percentile over resampled days."""
    pairs = [(part(day), whole(day)) for day in days]

    def ratio(chosen: Sequence[tuple[float, float]]) -> float | None:
        below = sum(bottom for _, bottom in chosen)
        return sum(top for top, _ in chosen) / below if below else None

    value = ratio(pairs)
    assert value is not None
    spread = _bootstrap(pairs, ratio)
    low, high = (None, None) if spread is None else (spread.p5, spread.p95)
    return Measured(value, Source(Origin.MEASURED, words, low, high))


def _bootstrap(
    items: Sequence[tuple[float, float]],
    statistic: Callable[[Sequence[tuple[float, float]]], float | None],
) -> Interval | None:
    if len(items) < 2:
        return None
    random = Random(1)
    found = [
        value
        for _ in range(_RESAMPLES)
        if (value := statistic(random.choices(items, k=len(items)))) is not None
    ]
    return interval(found) if found else None


def hourly(traffic: Traffic) -> tuple[float, ...] | None:
    """24 hourly weights of the mean day; None without requests in a complete day."""
    totals = [0.0] * 24
    inside = set(traffic.days)
    for each in traffic.hours:
        if each.day in inside:
            totals[each.hour] += each.requests
    return tuple(totals) if any(totals) else None


def _peak(traffic: Traffic) -> dict[str, Measured]:
    table = {day: [0.0] * 24 for day in traffic.days}
    for each in traffic.hours:
        if each.day in table:
            table[each.day][each.hour] += each.requests
    rows = list(table.values())
    total = sum(map(sum, rows))
    if not total:
        return {}

    def peak(chosen: Sequence[Sequence[float]]) -> float:
        hours = [sum(row[hour] for row in chosen) for hour in range(24)]
        return max(hours) * 24 / sum(hours) if sum(hours) else 1.0

    random = Random(1)
    value = peak(rows)
    low = high = None
    if len(rows) > 1:
        spread = interval([peak(random.choices(rows, k=len(rows))) for _ in range(_RESAMPLES)])
        low, high = min(value, spread.p5), max(value, spread.p95)
    mean = total / (24 * len(rows))
    busiest = percentile(sorted(count for row in rows for count in row), 0.95) / mean
    words = f"busiest hour of the mean day, {traffic.window}; 95 % of hours are below {busiest:.1f}"
    return {"workload.peak_to_mean": Measured(value, Source(Origin.MEASURED, words, low, high))}


def _throughput(traffic: Traffic) -> dict[str, Measured]:
    rates = sorted(
        hour.requests / hour.busy_s for hour in traffic.busy if hour.busy_s >= _LEAST_BUSY_S
    )
    if not rates:
        return {}
    value = percentile(rates, 0.95)
    words = f"observed, not saturated: 95th percentile of {len(rates)} busy hours, {traffic.window}"
    source = Source(Origin.MEASURED, words, percentile(rates, 0.5), rates[-1])
    return {"self_host.replica_rps": Measured(value, source)}


def _energy(traffic: Traffic) -> dict[str, Measured]:
    days = [day for day in traffic.energy if not day.shared]
    how = "measured request by request"
    if sum(day.rows for day in days) < _LEAST_FIT:
        days, how = list(traffic.energy), "partly shared out among overlapping requests"
    rows = sum(day.rows for day in days)
    if rows < _LEAST_FIT:
        return {}
    whole = fit(days)
    random = Random(1)
    again: list[Fit] = []
    if len(days) > 1:
        again = [fit(random.choices(days, k=len(days))) for _ in range(_RESAMPLES)]

    def wall(part: Callable[[Fit], float], words: str) -> Measured:
        bounds = interval([part(each) for each in again]) if again else None
        low, high = (None, None) if bounds is None else (bounds.p5, bounds.p95)
        text = f"{words}; {how}; n {rows:,}, {traffic.window}"
        return Measured(part(whole), Source(Origin.MEASURED, text, low, high))

    return {
        "self_host.idle_w": wall(
            lambda f: (f.watts + HOST_W) / PSU, f"(card + {HOST_W:.0f} W) ÷ {PSU:g}"
        ),
        "self_host.joules_per_input_token": wall(lambda f: f.joules_in / PSU, f"card ÷ {PSU:g}"),
        "self_host.joules_per_output_token": wall(lambda f: f.joules_out / PSU, f"card ÷ {PSU:g}"),
    }
