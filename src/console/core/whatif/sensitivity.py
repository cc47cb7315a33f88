"""What moves the answer most, and which value of an input makes the two sides equal."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from console.core.whatif.inputs import Inputs
from console.core.whatif.model import monthly_saving


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One input at the low and the high end of its range, the others as they are.

    `flips_sign` says that one end, at least, turns the answer round.
    """

    input: str
    low: float
    high: float
    at_low: float
    at_high: float
    swing: float
    flips_sign: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tornado:
    """The monthly saving as it is, the bars, widest swing first, and the inputs without one.

    `impossible` says in a sentence each why the end of an input's range has no saving.
    """

    base_saving_usd: float
    bars: tuple[Bar, ...]
    impossible: tuple[str, ...] = ()


def tornado(inputs: Inputs, ranges: Mapping[str, tuple[float, float]]) -> Tornado:
    """One input at a time at both ends of its range; names are like `self_host.usd_per_kwh`.

    Raises ValueError where there is no saving to begin with.
    """
    base = monthly_saving(inputs)
    bars, impossible = [], []
    for name, (low, high) in ranges.items():
        try:
            at_low = monthly_saving(inputs.with_values({name: low}))
            at_high = monthly_saving(inputs.with_values({name: high}))
        except ValueError as error:
            impossible.append(f"{name}: {error}")
            continue
        bars.append(
            Bar(
                input=name,
                low=low,
                high=high,
                at_low=at_low,
                at_high=at_high,
                swing=abs(at_high - at_low),
                flips_sign=min(base, at_low, at_high) < 0 < max(base, at_low, at_high),
            )
        )
    bars.sort(key=lambda bar: (-bar.swing, bar.input))
    return Tornado(base_saving_usd=base, bars=tuple(bars), impossible=tuple(impossible))


def goal_seek(
    inputs: Inputs,
    name: str,
    low: float,
    high: float,
    *,
    target: float = 0.0,
    metric: Callable[[Inputs], float] = monthly_saving,
    probes: int = 200,
) -> tuple[float, ...]:
    """Every value of an input between `low` and `high` where the metric passes the target.

    Found by probing and bisection, so two passings closer than a probe's width can be missed; a
    passing may be a jump, where a replica is added. Impossible values are skipped.
    """
    if not low < high or not math.isfinite(high - low):
        raise ValueError("the low end must be below the high end")
    stretched = low > 0 and high / low > 100

    def at(share: float) -> float:
        return low * (high / low) ** share if stretched else low + (high - low) * share

    def lead(value: float) -> float | None:
        try:
            return metric(inputs.with_values({name: value})) - target
        except ValueError:
            return None

    inputs.get(name)
    found: list[float] = []
    before: tuple[float, float] | None = None
    for probe in range(probes + 1):
        value = high if probe == probes else at(probe / probes)
        here = lead(value)
        if here is not None and before is not None and before[1] * here < 0:
            found.append(_bisect(lead, before[0], value, before[1]))
        elif here == 0:
            found.append(value)
        before = None if here is None else (value, here)
    return tuple(found)


def _bisect(lead: Callable[[float], float | None], low: float, high: float, at_low: float) -> float:
    for _ in range(200):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        here = lead(middle)
        if here is None or here * at_low <= 0:
            high = middle
        else:
            low = middle
    return high
