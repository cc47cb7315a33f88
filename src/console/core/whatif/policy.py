"""A replay's rows and policy: which requests go where instead, and how their tokens change."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple, Self

from console.core.whatif.card import Card
from console.core.whatif.check import Group, check_amounts, check_number

KEEP = "keep"
"""The target of a rule that leaves a row where it was, at its recorded cost."""

Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(Group):
    """One answered request; `reasoning_tokens` are part of `output_tokens`, the others disjoint.

    With `rows` above 1 it stands for that many that every rule and price treats alike: tokens and
    cost are their sums, `prompt_of_each` is the prompt of one of them. `counted` is False where
    the tokens are unknown.
    """

    id: int | str
    route: str
    model: str
    tokenizer: str
    input_tokens: float
    output_tokens: float
    cache_read_tokens: float = 0
    cache_write_tokens: float = 0
    cache_write_1h_tokens: float = 0
    reasoning_tokens: float = 0
    status: str = "ok"
    billed: bool = True
    batch: bool = False
    recorded_cost_usd: float | None = None
    tag: str | None = None
    started_ms: int | None = None
    rows: int = 1
    prompt_of_each: float | None = None
    counted: bool = True

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """The row of a mapping; unlike a ledger's own rows its figures are checked."""
        row = super(Row, cls).from_mapping(values)
        check_amounts(row, *_COUNTS)
        if row.recorded_cost_usd is not None:
            check_number("recorded_cost_usd", row.recorded_cost_usd)
        return row

    @property
    def prompt_tokens(self) -> float:
        """All prompt tokens of one request, cached or not, in the row's own tokenizer."""
        if self.prompt_of_each is not None:
            return self.prompt_of_each
        return (
            self.input_tokens
            + self.cache_read_tokens
            + self.cache_write_tokens
            + self.cache_write_1h_tokens
        )


_COUNTS = (
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cache_write_1h_tokens",
    "reasoning_tokens",
)


class Arrival(NamedTuple):
    """When one served request came, and what a rule and the rig need to know of it."""

    started_ms: int
    route: str
    model: str
    tag: str | None
    prompt_tokens: float
    output_tokens: float


@dataclass(frozen=True, slots=True, kw_only=True)
class When(Group):
    """The conditions of a rule, all of which must hold; None asks nothing."""

    route: str | None = None
    model: str | None = None
    tag: str | None = None
    prompt_tokens_lte: float | None = None
    prompt_tokens_gt: float | None = None

    def matches(self, row: Row | Arrival) -> bool:
        """Whether the row fulfils every condition."""
        return (
            (self.route is None or row.route == self.route)
            and (self.model is None or row.model == self.model)
            and (self.tag is None or row.tag == self.tag)
            and (self.prompt_tokens_lte is None or row.prompt_tokens <= self.prompt_tokens_lte)
            and (self.prompt_tokens_gt is None or row.prompt_tokens > self.prompt_tokens_gt)
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows that match go to the target of that name, or stay with `keep`."""

    when: When
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiTarget(Group):
    """A model of the API; the card's own tokenizer ratios and reasoning tokens play no part.

    `listed` is its provider/model where the card comes from a price list, so that it can be had as
    of another day; `trouble` says why it has no price then.
    """

    tokenizer: str
    card: Card
    thinks: bool = False
    listed: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTarget(Group):
    """A model on the rig: its energy per token, and what the rig costs whether used or not."""

    tokenizer: str
    joules_per_input_token: float = 0.0
    joules_per_output_token: float = 0.0
    pue: float = 1.0
    usd_per_kwh: float = 0.0
    fixed_usd_per_month: float = 0.0
    thinks: bool = False

    def __post_init__(self) -> None:
        for name in ("joules_per_input_token", "joules_per_output_token", "usd_per_kwh"):
            check_number(name, getattr(self, name))
        check_number("fixed_usd_per_month", self.fixed_usd_per_month)
        check_number("pue", self.pue, low=1, high=10)


Target = ApiTarget | SelfTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Where rows go instead, and how their tokens change on the way.

    `ratios` maps "from>to" tokenizer names to low, middle and high. `cache` is carry (same buckets
    at the target's prices) or none (all as input); `reasoning` carry or drop (for targets that do
    not think); `errors` exclude or include_billed; `allocation` marginal (energy alone) or full
    (every rig target's fixed cost for the window too).
    """

    rules: tuple[Rule, ...]
    targets: Mapping[str, Target]
    ratios: Mapping[str, Triple] = field(default_factory=dict)
    cache: str = "carry"
    reasoning: str = "carry"
    errors: str = "exclude"
    allocation: str = "marginal"
    verbosity: Triple = (1.0, 1.0, 1.0)
    window_days: float = 30.0
    days_per_month: float = 30.4375

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise ValueError(
                    f"{name} must be {' or '.join(choices)}, not {getattr(self, name)}"
                )
        for rule in self.rules:
            if rule.to != KEEP and rule.to not in self.targets:
                raise ValueError(f"a rule sends rows to {rule.to}, which is not among the targets")
        for name, triple in [*self.ratios.items(), ("verbosity", self.verbosity)]:
            for bound in triple:
                check_number(name, bound, above=True, high=1000)
            if len(triple) != 3 or list(triple) != sorted(triple):
                raise ValueError(f"{name} must be a low, a middle and a high number, in this order")
        check_number("window_days", self.window_days, above=True, high=100_000)
        check_number("days_per_month", self.days_per_month, above=True, high=31)


_CHOICES = {
    "cache": ("carry", "none"),
    "reasoning": ("carry", "drop"),
    "errors": ("exclude", "include_billed"),
    "allocation": ("marginal", "full"),
}


def policy_from_mapping(values: Mapping[str, Any]) -> Policy:
    """The policy in a parsed file: rules, targets, ratios and options by name.

    Raises ValueError for what is unknown, missing or impossible.
    """
    known = {item.name for item in fields(Policy)} - {"verbosity"} | {"verbosity_factor"}
    rest = dict(values)
    for key in rest:
        if key not in known:
            raise ValueError(f"{key} is not part of a replay policy")
    if "verbosity_factor" in rest:
        factor = rest.pop("verbosity_factor")
        rest["verbosity"] = tuple(factor) if isinstance(factor, list | tuple) else (factor,) * 3
    rest["rules"] = tuple(_rule(rule) for rule in rest.get("rules", ()))
    targets = _table("targets", rest.get("targets", {}))
    rest["targets"] = {name: _target(name, value) for name, value in targets.items()}
    ratios = _table("ratios", rest.get("ratios", {}))
    rest["ratios"] = {
        name: tuple(triple) if isinstance(triple, list | tuple) else (triple,)
        for name, triple in ratios.items()
    }
    return Policy(**rest)


def _table(name: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} must be a table of names and values")
    return value


def _rule(value: object) -> Rule:
    rule = _table("each rule", value)
    if set(rule) - {"when", "to"} or not isinstance(rule.get("to"), str):
        raise ValueError("a rule has a `when` and a `to`, the name of a target or keep")
    return Rule(When.from_mapping(_table("when", rule.get("when", {}))), rule["to"])


def _target(name: str, value: object) -> Target:
    rest = dict(_table(f"target {name}", value))
    kind = rest.pop("kind", "api")
    if kind not in ("api", "local", "self", "self_host"):
        raise ValueError(f"target {name} must be of kind api or local, not {kind}")
    try:
        if kind == "api":
            for own in ("listed", "trouble"):
                if own in rest:
                    raise ValueError(f"{own} is unknown here")
            card = Card.from_mapping(_table("card", rest.pop("card", None)))
            return ApiTarget.from_mapping({**rest, "card": card})
        return SelfTarget.from_mapping(rest)
    except ValueError as error:
        raise ValueError(f"target {name}: {error}") from None
