"""The preset `article` as a sheet of inputs: editable values, and every figure they lead to."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import log10
from typing import NamedTuple

from console.core.whatif.article import (
    GPT_4O,
    LLAMA_8B,
    LLAMA_70B,
    SONNET_35,
    ApiOption,
    Breakdown,
    Option,
    SelfHosted,
    Workload,
    crossovers,
    monthly_usd,
)
from console.core.whatif.parse import Range, parse_value, step


class Input(NamedTuple):
    """One input: its name (as in `--set`), its label and unit on screen, and its preset value."""

    name: str
    group: str
    label: str
    unit: str
    preset: float


def _api_inputs(key: str, option: ApiOption) -> tuple[Input, ...]:
    return (
        Input(f"{key}.input", option.name, "input", "$/Mtok", option.input_usd_per_mtok),
        Input(f"{key}.output", option.name, "output", "$/Mtok", option.output_usd_per_mtok),
    )


def _own_inputs(key: str, option: SelfHosted) -> tuple[Input, ...]:
    return (
        Input(f"{key}.gpu_hour", option.name, "GPU hour", "$", option.usd_per_gpu_hour),
        Input(f"{key}.rps", option.name, "throughput", "req/s", option.throughput_rps),
        Input(f"{key}.setup", option.name, "set-up", "$", option.setup_usd),
    )


WORKLOAD = Workload(10_000)
INPUTS: tuple[Input, ...] = (
    Input("workload.requests_per_day", "workload", "requests/day", "", WORKLOAD.requests_per_day),
    Input("workload.input_tokens", "workload", "input tokens", "", WORKLOAD.input_tokens),
    Input("workload.output_tokens", "workload", "output tokens", "", WORKLOAD.output_tokens),
    Input("workload.inference_s", "workload", "inference", "s", WORKLOAD.inference_s),
    *_api_inputs("gpt_4o", GPT_4O),
    *_api_inputs("sonnet_35", SONNET_35),
    *_own_inputs("llama_70b", LLAMA_70B),
    *_own_inputs("llama_8b", LLAMA_8B),
)
BY_NAME: Mapping[str, Input] = {each.name: each for each in INPUTS}


class Crossing(NamedTuple):
    """Where one machine becomes cheaper than one API; `requests_per_day` None: it never does."""

    own: str
    api: str
    requests_per_day: float | None


class Results(NamedTuple):
    """All figures of a sheet: the bills at its volume, and where the lines cross."""

    bills: tuple[Breakdown, ...]
    crossings: tuple[Crossing, ...]

    @property
    def cheapest(self) -> Breakdown:
        """The lowest bill."""
        return min(self.bills, key=lambda bill: float(bill.total_usd))


@dataclass(frozen=True, slots=True)
class ArticleSheet:
    """The inputs that differ from the preset; a new sheet for every change."""

    typed: Mapping[str, float] = field(default_factory=dict)

    def value(self, name: str) -> float:
        """An input's value."""
        return self.typed.get(name, BY_NAME[name].preset)

    def with_text(self, name: str, text: str) -> "ArticleSheet":
        """The sheet after typing `text` into an input.

        Raises ValueError with a sentence when it is not a possible value.
        """
        value = parse_value(text)
        if isinstance(value, Range):
            raise ValueError("a range needs the uncertainty model; type one number")
        return self.with_value(name, value)

    def with_value(self, name: str, value: float) -> "ArticleSheet":
        """The sheet after setting an input.

        Raises ValueError with a sentence when no month can be computed from it.
        """
        typed = {key: kept for key, kept in self.typed.items() if key != name}
        if value != BY_NAME[name].preset:
            typed[name] = value
        changed = replace(self, typed=typed)
        changed.results()
        return changed

    def stepped(self, name: str, direction: int) -> "ArticleSheet":
        """The sheet with an input one step up or down the ladder; unchanged at its bounds."""
        try:
            return self.with_value(name, step(self.value(name), direction))
        except ValueError:
            return self

    def options(self) -> tuple[Option, ...]:
        """The four alternatives with the sheet's prices."""
        value = self.value
        return (
            ApiOption(GPT_4O.name, value("gpt_4o.input"), value("gpt_4o.output")),
            ApiOption(SONNET_35.name, value("sonnet_35.input"), value("sonnet_35.output")),
            SelfHosted(
                LLAMA_70B.name,
                value("llama_70b.gpu_hour"),
                value("llama_70b.rps"),
                value("llama_70b.setup"),
            ),
            SelfHosted(
                LLAMA_8B.name,
                value("llama_8b.gpu_hour"),
                value("llama_8b.rps"),
                value("llama_8b.setup"),
            ),
        )

    def workload(self, requests_per_day: float | None = None) -> Workload:
        """The sheet's workload, at another volume if one is given."""
        return Workload(
            self.value("workload.requests_per_day")
            if requests_per_day is None
            else requests_per_day,
            self.value("workload.input_tokens"),
            self.value("workload.output_tokens"),
            self.value("workload.inference_s"),
        )

    def results(self) -> Results:
        """Every figure, from the article's formulae."""
        options, workload = self.options(), self.workload()
        crossings = []
        for own in options:
            for api in options:
                if isinstance(own, SelfHosted) and isinstance(api, ApiOption):
                    found = crossovers(api, own, workload)
                    at = found[0].requests_per_day if found else None
                    crossings.append(Crossing(own.name, api.name, at))
        return Results(tuple(monthly_usd(option, workload) for option in options), tuple(crossings))

    def curves(self, low: float, high: float, points: int) -> list[list[tuple[float, float]]]:
        """Monthly dollars of each alternative over requests a day, on a logarithmic grid."""
        first, last = log10(low), log10(high)
        volumes = [10 ** (first + (last - first) * i / (points - 1)) for i in range(points)]
        return [
            [
                (volume, float(monthly_usd(option, self.workload(volume)).total_usd))
                for volume in volumes
            ]
            for option in self.options()
        ]
