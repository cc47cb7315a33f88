"""The sheet's rows: every input an operator can change, its words, its unit and how it steps."""

from enum import StrEnum
from functools import partial
from typing import NamedTuple

from console.core.whatif.parse import Range, parse_number, parse_value, step, step_share


class Kind(StrEnum):
    """What a row takes."""

    NUMBER = "number"
    SHARE = "share"
    WHOLE = "whole"
    CHOICE = "choice"


Value = float | str | Range | None
"""What a row holds; None is "not stated", which the row's `empty` puts in words."""


class Field(NamedTuple):
    """One row. `when` names a choice the row belongs to; `smallest` is the ladder's lowest rung."""

    group: str
    name: str
    label: str
    unit: str = ""
    kind: Kind = Kind.NUMBER
    smallest: float = 0.01
    low: float = 0.0
    high: float | None = None
    choices: tuple[str, ...] = ()
    when: tuple[str, str] | None = None
    empty: str = "-"
    hint: str = ""

    def parse(self, text: str) -> Value:
        """What was typed, as the row's value.

        Raises ValueError with a sentence.
        """
        if self.kind is Kind.CHOICE:
            wanted = text.strip().lower()
            found = [choice for choice in self.choices if choice.lower() == wanted]
            found = found or [each for each in self.choices if wanted and wanted in each.lower()]
            if not found:
                raise ValueError(f"choose one of {', '.join(self.choices)}")
            return found[0]
        if self.empty != "-" and text.strip().lower() == self.empty:
            return None
        value = parse_value(text)
        for number in (value.low, value.high) if isinstance(value, Range) else (value,):
            self._check(number, text)
        return value

    def _check(self, number: float, text: str) -> None:
        if self.kind is Kind.SHARE and self.high == 1 and 1 < number <= 100:
            raise ValueError(f"a share is 0 to 100 %: write {text.strip()}%")
        if self.high is not None and number > self.high:
            raise ValueError(f"at most {self.high:g}{self.hint}")
        if number < self.low:
            raise ValueError(f"at least {self.low:g}")

    def stepped(self, value: Value, direction: int) -> Value:
        """The value one step on; the same where there is none.

        A range steps from its middle; what is not stated starts at the smallest rung.
        """
        if self.kind is Kind.CHOICE:
            at = self.choices.index(value) if value in self.choices else 0
            return self.choices[(at + direction) % len(self.choices)]
        if isinstance(value, Range):
            value = (value.low + value.high) / 2
        number = parse_number(value) if isinstance(value, str) else value
        if number is None:
            number = self.low if direction < 0 else 0.0
        if self.kind is Kind.SHARE:
            stepped = step_share(number, direction) if self.high == 1 else number + direction / 100
        elif self.kind is Kind.WHOLE:
            stepped = float(round(number + direction))
        else:
            stepped = step(max(0.0, number), direction, smallest=self.smallest)
        stepped = round(stepped, 9)
        return max(self.low, stepped if self.high is None else min(self.high, stepped))


_number = Field
_share = partial(Field, kind=Kind.SHARE, high=1.0)
_whole = partial(Field, kind=Kind.WHOLE)
_choice = partial(Field, kind=Kind.CHOICE)

_OWNED = ("self_host.ownership", "owned")
_RENTED = ("self_host.ownership", "rented")
_CURVE = ("self_host.energy_model", "power_curve")
_JOULES = ("self_host.energy_model", "joules_per_token")
YES_NO = ("yes", "no")
ANSWERS = ("open", "yes", "no")
_MTOK = "$/Mtok"

DEMAND, API, RIG, MONEY = "demand", "API", "own rig", "rig's money"
POWER, PEOPLE, DESIGNS = "rig's power", "rig's people", "other designs"
OUTLOOK, NEEDS, COMPARE = "outlook", "needs", "compare with"

FIELDS: tuple[Field, ...] = (
    _number(DEMAND, "workload.requests_per_day", "requests/day", smallest=1.0),
    _number(DEMAND, "workload.input_tokens", "input tokens", smallest=1.0),
    _number(DEMAND, "workload.output_tokens", "output tokens", smallest=1.0),
    _number(DEMAND, "workload.peak_to_mean", "peak ÷ mean", low=1.0),
    _share(DEMAND, "workload.cache_read_share", "cache reads"),
    _share(DEMAND, "workload.cache_write_share", "cache writes"),
    _share(DEMAND, "workload.cache_write_1h_share", "cache writes 1 h"),
    _share(DEMAND, "workload.batch_share", "in batches"),
    _share(DEMAND, "workload.retry_rate", "retries", high=10.0),
    _number(DEMAND, "workload.days_per_month", "days a month", low=1.0, high=31.0),
    _choice(API, "api.model", "model", choices=()),
    _number(API, "api.input", "input", _MTOK),
    _number(API, "api.output", "output", _MTOK),
    _number(API, "api.cache_read", "cache read", _MTOK),
    _number(API, "api.cache_write", "cache write", _MTOK),
    _number(API, "api.cache_write_1h", "cache write 1 h", _MTOK),
    _number(API, "api.tokenizer_ratio_in", "tokens ×, in", smallest=0.1, low=0.1),
    _number(API, "api.tokenizer_ratio_out", "tokens ×, out", smallest=0.1, low=0.1),
    _number(API, "api.reasoning_tokens_per_request", "thinking tokens", smallest=1.0),
    _share(API, "api.discount", "discount"),
    _share(API, "api.tax_rate", "tax", high=10.0),
    _number(API, "api.fee_per_request", "fee per request", "$", smallest=1e-5),
    _number(API, "api.min_commit_usd_per_month", "commitment", "$/mo", smallest=1.0),
    _choice(RIG, "self_host.ownership", "the rig is", choices=("owned", "rented")),
    _number(RIG, "self_host.replica_rps", "per replica", "req/s", empty="by tokens"),
    _number(RIG, "self_host.prefill_tok_s", "prefill", "tok/s", smallest=1.0, empty="unused"),
    _number(RIG, "self_host.decode_tok_s", "decode", "tok/s", smallest=1.0, empty="unused"),
    _share(RIG, "self_host.prefix_cache_hit", "prefix cache hits"),
    _share(RIG, "self_host.target_utilisation", "target load", low=0.01),
    _whole(RIG, "self_host.min_replicas", "least replicas"),
    _whole(RIG, "self_host.spare_replicas", "spare replicas"),
    _whole(RIG, "self_host.max_replicas", "most replicas", empty="no limit"),
    _number(RIG, "self_host.hours_on_per_day", "hours on a day", smallest=1.0, low=0.5, high=24.0),
    _number(RIG, "self_host.tokenizer_ratio_in", "own tokens ×, in", smallest=0.1, low=0.1),
    _number(RIG, "self_host.tokenizer_ratio_out", "own tokens ×, out", smallest=0.1, low=0.1),
    _number(RIG, "self_host.reasoning_tokens_per_request", "own thinking", smallest=1.0),
    _whole(RIG, "queue.slots", "at once/replica", low=1.0),
    _number(RIG, "queue.service_s", "each then takes", "s", empty="by rate"),
    _number(RIG, "queue.wait_s", "rarely waits over", "s"),
    _choice(MONEY, "reading.view", "count", choices=("full", "running")),
    _number(MONEY, "self_host.capex_per_replica", "price/replica", "$", smallest=1.0, when=_OWNED),
    _number(MONEY, "self_host.capex_fixed", "price, fixed", "$", smallest=1.0, when=_OWNED),
    _number(MONEY, "self_host.life_months", "life", "months", low=1.0, high=240.0, when=_OWNED),
    _share(MONEY, "self_host.residual_share", "residual", when=_OWNED),
    _choice(MONEY, "self_host.amortisation", "written off", choices=("straight_line", "crf"),
            when=_OWNED),
    _share(MONEY, "self_host.discount_rate_annual", "interest a year", when=_OWNED),
    _share(MONEY, "self_host.maintenance_share_per_year", "upkeep a year", when=_OWNED),
    _number(MONEY, "self_host.rent_usd_per_replica_hour", "rent", "$/h", when=_RENTED),
    _number(MONEY, "self_host.setup_usd", "set-up", "$", smallest=1.0),
    _number(MONEY, "self_host.setup_months", "set-up over", "months", low=1.0, high=240.0),
    _number(MONEY, "self_host.facility_usd_fixed", "facility", "$/mo", smallest=1.0),
    _number(MONEY, "self_host.facility_usd_per_replica", "facility/replica", "$/mo", smallest=1.0),
    _number(POWER, "self_host.usd_per_kwh", "tariff", "$/kWh", high=5.0, when=_OWNED,
            hint=" $/kWh; 18.8¢ is 0.188"),
    _choice(POWER, "self_host.energy_model", "energy by",
            choices=("power_curve", "joules_per_token"), when=_OWNED),
    _number(POWER, "self_host.idle_w", "idle", "W", smallest=1.0, when=_OWNED),
    _number(POWER, "self_host.busy_w", "busy", "W", smallest=1.0, when=_CURVE),
    _number(POWER, "self_host.off_w", "off", "W", smallest=1.0, when=_OWNED),
    _number(POWER, "self_host.joules_per_input_token", "in", "J/tok", smallest=1e-3, when=_JOULES),
    _number(POWER, "self_host.joules_per_output_token", "out", "J/tok", smallest=1e-3,
            when=_JOULES),
    _number(POWER, "self_host.pue", "PUE", low=1.0, high=10.0, when=_OWNED),
    _number(POWER, "self_host.gco2_per_kwh", "grid", "g CO₂/kWh", smallest=1.0, when=_OWNED),
    _number(POWER, "self_host.embodied_kgco2_per_replica", "embodied", "kg CO₂", smallest=1.0),
    _number(PEOPLE, "self_host.ops_hours_fixed", "ops hours", "h/mo", smallest=0.5),
    _number(PEOPLE, "self_host.ops_hours_per_replica", "ops h/replica", "h/mo", smallest=0.5),
    _number(PEOPLE, "self_host.ops_usd_per_hour", "an ops hour", "$", smallest=1.0),
    _choice(DESIGNS, "design.hybrid", "hybrid", choices=YES_NO),
    _share(DESIGNS, "hybrid.share_self", "kept local"),
    _share(DESIGNS, "hybrid.escalation_rate", "escalated"),
    _number(DESIGNS, "hybrid.routine_input_tokens", "routine input", smallest=1.0, empty="same"),
    _number(DESIGNS, "hybrid.routine_output_tokens", "routine output", smallest=1.0, empty="same"),
    _number(DESIGNS, "hybrid.complex_input_tokens", "complex input", smallest=1.0, empty="same"),
    _number(DESIGNS, "hybrid.complex_output_tokens", "complex output", smallest=1.0, empty="same"),
    _share(DESIGNS, "hybrid.routine_cache_read_share", "routine cached", empty="same"),
    _share(DESIGNS, "hybrid.complex_cache_read_share", "complex cached", empty="same"),
    _choice(DESIGNS, "design.burst", "burst to API", choices=YES_NO),
    _whole(DESIGNS, "burst.replicas", "burst replicas", low=1.0),
    _whole(OUTLOOK, "outlook.horizon_months", "horizon, months", low=1.0, high=240.0),
    _share(OUTLOOK, "outlook.demand_growth_monthly", "growth a month", low=-0.5, high=1.0),
    _share(OUTLOOK, "outlook.api_price_decline_monthly", "API cheaper/mo", low=-0.5, high=1.0),
    _share(OUTLOOK, "outlook.discount_rate_annual", "discounted/year"),
    _choice(NEEDS, "needs.sensitive", "data must stay", choices=ANSWERS),
    _choice(NEEDS, "needs.fine_tuning", "fine-tuning", choices=ANSWERS),
    _choice(NEEDS, "needs.complex", "complex reasoning", choices=ANSWERS),
    _choice(NEEDS, "needs.extraction", "coding, extraction", choices=ANSWERS),
    _choice(NEEDS, "needs.multilingual", "multilingual", choices=ANSWERS),
    _choice(NEEDS, "needs.vision", "vision", choices=ANSWERS),
    _choice(NEEDS, "needs.inspection", "see the weights", choices=ANSWERS),
    _choice(NEEDS, "needs.prototyping", "prototyping", choices=ANSWERS),
)  # fmt: skip
"""The rows of the model, in order; the rows of what to compare with follow from the price list."""
