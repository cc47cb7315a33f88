"""A scenario filled in: every input with its value, where it comes from, and how sure it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from console.core.whatif.bases import Base
from console.core.whatif.built_in import BUILT_IN, CARDS, card_sources
from console.core.whatif.card import Card
from console.core.whatif.case import NAMES, Case
from console.core.whatif.design import bell_day
from console.core.whatif.distribution import Distribution
from console.core.whatif.fields import COMPARE, FIELDS, YES_NO, Field, Kind, Value
from console.core.whatif.offer import Offer, find_listing, retuned
from console.core.whatif.origin import TYPED, Origin, Source, assumed
from console.core.whatif.parse import Range
from console.core.whatif.scenario import NEEDS, Scenario, field_of


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What scenarios are filled in from: the bases, the models on offer, the day (ISO)."""

    bases: Mapping[str, Base]
    offers: Mapping[str, Offer]
    today: str

    def base(self, name: str) -> Base:
        """The base of that name; ValueError when there is none."""
        if name not in self.bases:
            raise ValueError(f"{name} is no base; there are article, {', '.join(self.bases)}")
        return self.bases[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """All inputs of a scenario.

    `offer` is the API model the rig is compared with first, `versus` the others beside it.
    """

    scenario: Scenario
    base: Base
    case: Case
    offer: Offer
    versus: tuple[Offer, ...]
    stated: Mapping[str, Value] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)

    def value(self, name: str) -> Value:
        """What a row holds."""
        if name.partition(".")[0] in _OUTSIDE or name == "api.model":
            return self.stated[name]
        value = self.case.get(name)
        return str(value) if isinstance(value, str) else value

    def source(self, name: str) -> Source:
        """Where a row's value comes from."""
        return self.sources.get(name) or self.base.source(name)

    def fields(self) -> list[Field]:
        """The rows that matter now, then one for each model to compare with."""
        rows = []
        for each in FIELDS:
            if each.when is not None and str(self.value(each.when[0])) != each.when[1]:
                continue
            if each.name == "api.model":
                each = each._replace(choices=self._models())
            rows.append(each)
        rows += [
            Field(COMPARE, name, name.removeprefix("versus."), kind=Kind.CHOICE, choices=YES_NO)
            for name in self.stated
            if name.startswith("versus.") and name != f"versus.{self.offer.key}"
        ]
        return rows

    def _models(self) -> tuple[str, ...]:
        known = [name.removeprefix("versus.") for name in self.stated if name[:7] == "versus."]
        return tuple(dict.fromkeys([*known, self.offer.key]))

    def shows(self, design: str) -> bool:
        """Whether a design (hybrid, burst) is compared."""
        return self.stated[f"design.{design}"] == "yes"

    @property
    def hours(self) -> tuple[float, ...]:
        """24 hourly weights: the measured ones while the peak is the measured one, else a bell."""
        peak = self.case.inputs.workload.peak_to_mean
        measured = self.base.hours
        if measured is not None and "workload.peak_to_mean" not in self.scenario.changes:
            return measured
        return bell_day(round(float(peak), 2))

    def distributions(self) -> dict[str, Distribution]:
        """What Monte Carlo draws: every numeric input whose source has a range."""
        found = {}
        for name in self.sources:
            group, _, own = name.partition(".")
            if own not in NAMES.get(group, ()):
                continue
            value = self.case.get(name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                continue
            distribution = self.source(name).distribution(value)
            if distribution is not None:
                found[name] = distribution
        return dict(sorted(found.items()))


_OUTSIDE = ("design", "needs", "versus")


def fill_in(scenario: Scenario, world: World) -> Sheet:
    """The sheet of a scenario.

    Raises ValueError with a sentence that names the input that is impossible.
    """
    base = world.base(scenario.base)
    changes = scenario.changes
    key = str(changes.get("api.model", base.model))
    offer, card, api_sources = _card(key, base, world)
    sources: dict[str, Source] = dict(api_sources)
    if "api.model" in changes:
        sources["api.model"] = TYPED
    case = replace(base.case, inputs=replace(base.case.inputs, api=card))
    stated: dict[str, Value] = {"api.model": offer.key}
    stated |= dict.fromkeys(NEEDS, "open") | {"design.hybrid": "yes", "design.burst": "no"}
    # A model that was asked for once and has no price is nothing to choose.
    priced = [key for key, each in world.offers.items() if each.card is not None or key in CARDS]
    for each in dict.fromkeys([*priced, *base.versus]):
        stated[f"versus.{each}"] = "yes" if each in base.versus else "no"
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name.partition(".")[0] in _OUTSIDE:
            stated[name] = value
            sources[name] = TYPED
        elif name != "api.model":
            values[name], sources[name] = _typed(case.get(name), value)
    _fill_capacity(case, values, sources)
    return Sheet(
        scenario=scenario,
        base=base,
        case=_checked(case, values),
        offer=offer,
        versus=_versus(stated, offer, world),
        stated=stated,
        sources={
            name: source.on(world.today) for name, source in {**base.sources, **sources}.items()
        },
    )


def _checked(case: Case, values: Mapping[str, Any]) -> Case:
    try:
        return case.with_values(values)
    except ValueError:
        # Together they fail: say it of the first that fails alone.
        for name, value in values.items():
            try:
                case.with_values({name: value})
            except ValueError as error:
                own = name.partition(".")[2]
                words = str(error).removeprefix(own).lstrip()
                raise ValueError(f"{field_of(name).label}: {words}") from None
        raise


def _typed(before: object, value: Value) -> tuple[Any, Source]:
    """A stated value; of a range the base's value if it lies inside, else the middle."""
    if not isinstance(value, Range):
        return value, TYPED
    middle = (value.low + value.high) / 2
    if isinstance(before, int | float) and value.low <= before <= value.high:
        middle = float(before)
    return middle, Source(Origin.TYPED, "a range", value.low, value.high)


def _card(key: str, base: Base, world: World) -> tuple[Offer, Card, dict[str, Source]]:
    offer = world.offers.get(key)
    if offer is not None and offer.card is not None:
        low, middle, high = offer.ratio
        ratio = assumed("tokens of this model's family for one of o200k", low, high)
        if key == base.model and "api.tokenizer_ratio_in" in base.sources:
            ratio = base.sources["api.tokenizer_ratio_in"]
            middle = float(base.case.inputs.api.tokenizer_ratio_in)
        card = retuned(offer.card, middle, middle)
        return offer, card, card_sources(key, offer.source, ratio)
    if offer is not None and key not in CARDS:
        raise ValueError(offer.trouble)
    if key == base.model or key in CARDS:
        kept = base.case.inputs.api if key == base.model else CARDS[key]
        return offer or BUILT_IN[key], kept, {}
    raise ValueError(f"{key} has no price in any list; add one under [[prices]]")


def _versus(stated: Mapping[str, Value], primary: Offer, world: World) -> tuple[Offer, ...]:
    chosen = []
    for name, answer in stated.items():
        key = name.removeprefix("versus.")
        if not name.startswith("versus.") or answer != "yes" or key == primary.key:
            continue
        found = world.offers.get(key) or BUILT_IN.get(key)
        if found is None:
            found = Offer(listing=find_listing(key), card=None, trouble="no list has its price")
        chosen.append(found)
    return tuple(chosen)


def _fill_capacity(case: Case, values: dict[str, Any], sources: dict[str, Source]) -> None:
    """Tokens per second replace requests per second where they are stated.

    Where only one of the two rates is stated, the other keeps the capacity there was.
    """
    names = ("self_host.prefill_tok_s", "self_host.decode_tok_s")
    stated = [name for name in names if values.get(name) is not None]
    if not stated or values.get("self_host.replica_rps") is not None:
        return
    rps = case.inputs.self_host.replica_rps
    values["self_host.replica_rps"] = None
    sources["self_host.replica_rps"] = assumed("follows from prefill and decode")
    other = next((name for name in names if values.get(name) is None), None)
    if other is None or case.get(other) is not None or rps is None:
        return
    if not values[stated[0]] > 0:
        raise ValueError(f"{field_of(stated[0]).label}: must be more than 0")
    w = case.inputs.workload
    given, rest = (w.input_tokens, w.output_tokens) if other == names[1] else (
        w.output_tokens, w.input_tokens)  # fmt: skip
    left = 1 / rps - given / values[stated[0]]
    if left <= 0 or rest <= 0:
        raise ValueError(f"{field_of(stated[0]).label}: too slow for {rps:g} requests a second")
    values[other] = rest / left
    sources[other] = assumed(f"keeps {rps:g} requests a second")
