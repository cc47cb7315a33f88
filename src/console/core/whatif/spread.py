"""How sure the results are: every alternative's month and every crossover over many draws.

Each draw fills the uncertain inputs anew, in sorted name order with one `random()` each, and all
alternatives are computed from the same draw. The k-th crossover of a draw counts for the k-th of
the estimate, so its interval is over the draws that change sides at least that often.
"""

from collections.abc import Callable, Mapping
from dataclasses import field
from random import Random
from typing import NamedTuple

from console.core.whatif.alternatives import Results, design_curve
from console.core.whatif.breakeven import lines, volumes
from console.core.whatif.card import Card
from console.core.whatif.check import check_number, unchecked
from console.core.whatif.curve import Curve
from console.core.whatif.design import api_curve, stretched
from console.core.whatif.distribution import Interval, Triangular, interval
from console.core.whatif.draws import drawer
from console.core.whatif.duel import BURST, HYBRID, OWN
from console.core.whatif.inputs import Inputs
from console.core.whatif.offer import Offer
from console.core.whatif.sheet import Sheet

QUICK = 32
"""Draws that fit into a keystroke."""

MOST = 24
"""Crossovers of one duel that get an interval."""


class Crossing(NamedTuple):
    """One crossover over the draws: where it lies, and in which share of draws there is one."""

    at: Interval
    share: float


class DuelSpread(NamedTuple):
    """One design against another way over `draws` draws.

    `saving` is None where the design can carry the volume in no draw. `never` is the share of
    draws without any crossover below the chart's end, `for_good` where the design stays cheaper,
    over the `for_good_share` of draws in which it does.
    """

    draws: int
    saving: Interval | None
    p_saving: float
    crossings: tuple[Crossing, ...]
    never: float
    for_good: Interval | None
    for_good_share: float


class Spread(NamedTuple):
    """The intervals of a sheet; `impossible` draws had no possible rig and count in none."""

    n: int
    seed: int
    impossible: int
    uncertain: tuple[str, ...]
    months: Mapping[str, Interval] = field(default_factory=dict)
    duels: Mapping[str, DuelSpread] = field(default_factory=dict)

    @property
    def quick(self) -> bool:
        """Whether these are only the few draws that fit into a keystroke."""
        return self.n <= QUICK


class _Tally:
    def __init__(self) -> None:
        self.savings: list[float] = []
        self.crossings: list[list[float]] = []
        self.for_good: list[float] = []
        self.draws = 0
        self.none = 0

    def add(
        self, ours: Curve, theirs: Curve, own: float | None, paid: float | None, q_max: float
    ) -> None:
        self.draws += 1
        if own is not None and paid is not None:
            self.savings.append(paid - own)
        found, settled = volumes(ours, theirs, q_max, MOST)
        if settled is not None:
            self.for_good.append(settled)
        if not found:
            self.none += 1
        for place, volume in enumerate(found):
            if place == len(self.crossings):
                self.crossings.append([])
            self.crossings[place].append(volume)

    def spread(self) -> DuelSpread | None:
        if not self.draws:
            return None
        return DuelSpread(
            draws=self.draws,
            saving=interval(self.savings) if self.savings else None,
            p_saving=sum(saving > 0 for saving in self.savings) / self.draws,
            crossings=tuple(
                Crossing(at=interval(volumes), share=len(volumes) / self.draws)
                for volumes in self.crossings
            ),
            never=self.none / self.draws,
            for_good=interval(self.for_good) if self.for_good else None,
            for_good_share=len(self.for_good) / self.draws,
        )


def spread(
    results: Results,
    *,
    n: int,
    seed: int,
    stop: Callable[[], bool] = lambda: False,
) -> Spread:
    """The intervals of results over `n` draws; the same seed gives the same draws.

    `stop` is asked now and then, so that a worker whose sheet has changed ends early. Raises
    ValueError when no draw is possible.
    """
    check_number("n", n, low=1, high=1_000_000)
    sheet, random = results.sheet, Random(seed)
    distributions = sheet.distributions()
    draw = drawer(sheet.case, distributions)
    tallies = {duel.key: (duel.one, duel.against, _Tally()) for duel in results.duels}
    offers = {offer.key: offer for offer in sheet.versus if offer.key in tallies}
    # A stream of their own: what is compared beside the first API moves none of its draws.
    foreign, ratios = _foreign(sheet, offers), Random(f"{seed} tokens ×")
    cards = {
        key: _drawn_card(offer, sheet, foreign.get(key), ratios) for key, offer in offers.items()
    }
    shown = [design for design in (HYBRID, BURST) if sheet.shows(design)]
    months: dict[str, list[float]] = {each.key: [] for each in results.alternatives}
    done, reason = 0, ""
    for count in range(n):
        if count % 64 == 63 and stop():
            break
        try:
            case = draw(random)
            inputs = case.counted
            q = inputs.workload.requests_per_day
            both = lines(inputs)
            curves = {OWN: both.own_curve, sheet.offer.key: both.api_curve}
            for key, card in cards.items():
                curves[key] = api_curve(inputs.workload, card(inputs))
            for design in shown:
                hours = _hours(sheet, inputs)
                curves[design] = design_curve(design, case, inputs, both, hours)
        except ValueError as error:
            reason = str(error)
            continue
        done += 1
        usd = {key: curve.at(q) for key, curve in curves.items()}
        for key, month in usd.items():
            if month is not None:
                months[key].append(month)
        for one, against, tally in tallies.values():
            tally.add(curves[one], curves[against], usd[one], usd[against], results.high)
    if not done:
        raise ValueError(f"no draw is possible: {reason}")
    return Spread(
        n=n,
        seed=seed,
        impossible=n - done,
        uncertain=(
            *distributions,
            *(f"{offers[key].listing.short} tokens ×" for key in foreign),
        ),
        months={key: interval(values) for key, values in months.items() if values},
        duels={key: of for key, (_, _, tally) in tallies.items() if (of := tally.spread())},
    )


def _foreign(sheet: Sheet, offers: Mapping[str, Offer]) -> dict[str, Triangular]:
    """The tokenizer ratios of the families of models that are not the first API's."""
    return {
        key: Triangular(low=low, mode=middle, high=high)
        for key, offer in offers.items()
        for low, middle, high in (offer.ratio,)
        if offer.ratio != sheet.offer.ratio and low < high
    }


def _drawn_card(
    offer: Offer, sheet: Sheet, ratio: Triangular | None, random: Random
) -> Callable[[Inputs], Card]:
    """A function from drawn inputs to the offer's card in the same draw; good until called again.

    Its tokenizer is drawn where it has a `ratio` of its own; of the first API's family it is off
    by as much as the first's.
    """
    assert offer.card is not None
    first, put = sheet.case.inputs.api, object.__setattr__
    ratio_in, ratio_out = offer.card.tokenizer_ratio_in, offer.card.tokenizer_ratio_out
    card = unchecked(offer.card, {})

    def drawn(inputs: Inputs) -> Card:
        if ratio is None:
            off_in = inputs.api.tokenizer_ratio_in / first.tokenizer_ratio_in
            off_out = inputs.api.tokenizer_ratio_out / first.tokenizer_ratio_out
            put(card, "tokenizer_ratio_in", ratio_in * off_in)
            put(card, "tokenizer_ratio_out", ratio_out * off_out)
        else:
            tokens = ratio.at(random.random())
            put(card, "tokenizer_ratio_in", tokens)
            put(card, "tokenizer_ratio_out", tokens)
        return card

    known = first.tokenizer_ratio_in and first.tokenizer_ratio_out
    alike = offer.ratio == sheet.offer.ratio and known
    return drawn if ratio is not None or alike else lambda _: card


def _hours(sheet: Sheet, inputs: Inputs) -> tuple[float, ...]:
    """The sheet's hours, stretched to the peak that was drawn where it is another one."""
    drawn, stated = inputs.workload.peak_to_mean, sheet.case.inputs.workload.peak_to_mean
    return sheet.hours if drawn == stated else stretched(sheet.hours, round(float(drawn), 1))
