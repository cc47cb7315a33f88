"""The inputs of the cost model: a workload, an API's price card, a rig; checked when they are made.

Field names are the keys of scenario files and of `--set`, under `workload`, `api`, `self_host`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from console.core.whatif.card import Card, LongContext, Rates
from console.core.whatif.check import (
    Group,
    check_amounts,
    check_number,
    check_shares,
    check_sizes,
    check_whole,
)
from console.core.whatif.term import Term


class Ownership(StrEnum):
    """Whether the rig is bought or rented by the hour."""

    OWNED = "owned"
    RENTED = "rented"


class Amortisation(StrEnum):
    """How capital becomes a monthly cost."""

    STRAIGHT_LINE = "straight_line"
    CRF = "crf"


class EnergyModel(StrEnum):
    """How load becomes energy: between idle and busy watts, or by measured joules per token."""

    POWER_CURVE = "power_curve"
    JOULES_PER_TOKEN = "joules_per_token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload(Group):
    """Traffic: requests a day, mean visible tokens in the reference tokenizer, and its shape.

    Cache shares are shares of the input tokens; `retry_rate` is extra billed attempts per success;
    `peak_to_mean` the peak hour's rate over the mean rate.
    """

    requests_per_day: float
    input_tokens: float
    output_tokens: float
    cache_read_share: float = 0.0
    cache_write_share: float = 0.0
    cache_write_1h_share: float = 0.0
    batch_share: float = 0.0
    retry_rate: float = 0.0
    peak_to_mean: float = 1.0
    days_per_month: float = 30.4375

    def __post_init__(self) -> None:
        check_amounts(self, "requests_per_day")
        check_amounts(self, "input_tokens", "output_tokens", high=1e9)
        check_shares(self, "cache_read_share", "cache_write_share", "cache_write_1h_share")
        check_shares(self, "batch_share")
        check_amounts(self, "retry_rate", high=1000)
        check_number("peak_to_mean", self.peak_to_mean, low=1, high=1e6)
        check_sizes(self, "days_per_month", high=31)
        cached = self.cache_read_share + self.cache_write_share + self.cache_write_1h_share
        if cached > 1 + 1e-9:
            raise ValueError(f"the cache shares add up to {cached:.0%}, more than the whole input")


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfHost(Group):
    """A rig of whole replicas: capacity, money, power at the wall, people.

    Capacity is `replica_rps`, or saturated aggregate `prefill_tok_s` and `decode_tok_s`. Watts
    include the replica's share of its host. `max_replicas` None is no limit.
    """

    replica_rps: float | None = None
    prefill_tok_s: float | None = None
    decode_tok_s: float | None = None
    prefix_cache_hit: float = 0.0
    target_utilisation: float = 0.7
    min_replicas: float = 1
    spare_replicas: float = 0
    max_replicas: float | None = None
    hours_on_per_day: float = 24.0
    ownership: Ownership = Ownership.OWNED
    capex_per_replica: float = 0.0
    capex_fixed: float = 0.0
    life_months: float = 36.0
    residual_share: float = 0.0
    amortisation: Amortisation = Amortisation.STRAIGHT_LINE
    discount_rate_annual: float = 0.0
    rent_usd_per_replica_hour: float = 0.0
    setup_usd: float = 0.0
    setup_months: float = 36.0
    idle_w: float = 0.0
    busy_w: float = 0.0
    off_w: float = 0.0
    pue: float = 1.0
    usd_per_kwh: float = 0.0
    energy_model: EnergyModel = EnergyModel.POWER_CURVE
    joules_per_input_token: float = 0.0
    joules_per_output_token: float = 0.0
    tokenizer_ratio_in: float = 1.0
    tokenizer_ratio_out: float = 1.0
    reasoning_tokens_per_request: float = 0.0
    ops_hours_fixed: float = 0.0
    ops_hours_per_replica: float = 0.0
    ops_usd_per_hour: float = 0.0
    facility_usd_fixed: float = 0.0
    facility_usd_per_replica: float = 0.0
    maintenance_share_per_year: float = 0.0
    gco2_per_kwh: float = 0.0
    embodied_kgco2_per_replica: float = 0.0

    def __post_init__(self) -> None:
        if self.replica_rps is not None:
            check_sizes(self, "replica_rps", high=1e9)
        elif self.prefill_tok_s is None or self.decode_tok_s is None:
            raise ValueError(
                "replica_rps must be given, or prefill_tok_s and decode_tok_s together"
            )
        else:
            check_sizes(self, "prefill_tok_s", "decode_tok_s")
        check_shares(self, "prefix_cache_hit", "residual_share")
        check_number("target_utilisation", self.target_utilisation, above=True, high=1)
        check_whole(self, "min_replicas", "spare_replicas", "max_replicas")
        check_number("hours_on_per_day", self.hours_on_per_day, above=True, high=24)
        check_sizes(self, "life_months", "setup_months", high=1200)
        check_number("pue", self.pue, low=1, high=10)
        check_amounts(self, "discount_rate_annual", "maintenance_share_per_year", high=10)
        check_amounts(self, *_AMOUNTS)
        check_sizes(self, "tokenizer_ratio_in", "tokenizer_ratio_out", high=1000)
        for name, kind in _CHOICES.items():
            value = getattr(self, name)
            if not isinstance(value, kind):
                try:
                    object.__setattr__(self, name, kind(value))
                except ValueError:
                    choices = " or ".join(kind)
                    raise ValueError(f"{name} must be {choices}, not {value}") from None
        if self.energy_model is EnergyModel.POWER_CURVE and self.busy_w < self.idle_w:
            raise ValueError(
                f"busy_w must be at least idle_w ({self.idle_w:g} W), not {self.busy_w:g}"
            )


_AMOUNTS = (
    "capex_per_replica",
    "capex_fixed",
    "rent_usd_per_replica_hour",
    "setup_usd",
    "idle_w",
    "busy_w",
    "off_w",
    "usd_per_kwh",
    "joules_per_input_token",
    "joules_per_output_token",
    "reasoning_tokens_per_request",
    "ops_hours_fixed",
    "ops_hours_per_replica",
    "ops_usd_per_hour",
    "facility_usd_fixed",
    "facility_usd_per_replica",
    "gco2_per_kwh",
    "embodied_kgco2_per_replica",
)
_CHOICES: dict[str, type[StrEnum]] = {
    "ownership": Ownership,
    "amortisation": Amortisation,
    "energy_model": EnergyModel,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Everything one comparison needs: the traffic, an API and a rig it could go to."""

    workload: Workload
    api: Card
    self_host: SelfHost

    def get(self, name: str) -> Any:  # noqa: ANN401 - an input may be a number or a choice
        """The value of the input `group.field`; ValueError when there is none of that name."""
        group, field = _split(name)
        return getattr(getattr(self, group), field)

    def with_values(self, values: Mapping[str, Any]) -> "Inputs":
        """The inputs with some of them, named `group.field`, replaced; checked again."""
        changes: dict[str, dict[str, Any]] = {}
        for name, value in values.items():
            group, field = _split(name)
            changes.setdefault(group, {})[field] = value
        return replace(
            self,
            **{group: replace(getattr(self, group), **new) for group, new in changes.items()},
        )


GROUPS: dict[str, type[Workload] | type[Card] | type[SelfHost]] = {
    "workload": Workload,
    "api": Card,
    "self_host": SelfHost,
}
_FIELDS = {group: {field.name for field in fields(kind)} for group, kind in GROUPS.items()}


def _split(name: str) -> tuple[str, str]:
    group, _, field = name.partition(".")
    if field not in _FIELDS.get(group, ()):
        raise ValueError(f"{name} is not an input; inputs are named like workload.requests_per_day")
    return group, field


def traced(inputs: Inputs) -> Inputs:
    """The same inputs as named terms, so that every figure computed from them explains itself."""
    return Inputs(
        workload=traced_group(inputs.workload, "workload"),
        api=traced_group(inputs.api, "api"),
        self_host=traced_group(inputs.self_host, "self_host"),
    )


def traced_group(group: Any, prefix: str) -> Any:  # noqa: ANN401 - any group of inputs, and the same
    """A group of inputs with its numbers as terms named `prefix.field`."""
    changes: dict[str, Any] = {}
    for field in fields(group):
        name, value = f"{prefix}.{field.name}", getattr(group, field.name)
        if isinstance(value, Rates | LongContext):
            changes[field.name] = traced_group(value, name)
        elif isinstance(value, int | float):
            changes[field.name] = Term(value, name=name)
    return replace(group, **changes)
