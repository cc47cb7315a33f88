"""The preset `article`: the founding article's formulae to the cent, and what they really give.

They are kept as published: a 30-day month, one always-on machine of 720 hours, fractional GPU
hours above it. The correct model is in `model.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from console.core.whatif.breakeven import Crossover
from console.core.whatif.check import check_number
from console.core.whatif.curve import Kind, Side
from console.core.whatif.term import Term, largest, named, rounded

DAYS = 30
FLOOR_HOURS = 720


@dataclass(frozen=True, slots=True)
class ApiOption:
    """A paid API by its list prices."""

    name: str
    input_usd_per_mtok: float
    output_usd_per_mtok: float

    def __post_init__(self) -> None:
        check_number("input price", self.input_usd_per_mtok, high=1e6)
        check_number("output price", self.output_usd_per_mtok, high=1e6)


@dataclass(frozen=True, slots=True)
class SelfHosted:
    """A machine of the operator's own by price per GPU hour, throughput and set-up cost."""

    name: str
    usd_per_gpu_hour: float
    throughput_rps: float
    setup_usd: float

    def __post_init__(self) -> None:
        check_number("price per GPU hour", self.usd_per_gpu_hour, high=1e6)
        check_number("throughput", self.throughput_rps, above=True, high=1e6)
        check_number("set-up cost", self.setup_usd)


@dataclass(frozen=True, slots=True)
class Workload:
    """Requests a day and what one request is made of; `inference_s` cancels out of every figure."""

    requests_per_day: float
    input_tokens: float = 500
    output_tokens: float = 300
    inference_s: float = 3.0

    def __post_init__(self) -> None:
        check_number("requests a day", self.requests_per_day)
        check_number("input tokens", self.input_tokens, high=1e9)
        check_number("output tokens", self.output_tokens, high=1e9)
        check_number("seconds per inference", self.inference_s, above=True, high=1e6)


Option = ApiOption | SelfHosted

GPT_4O = ApiOption("GPT-4o", 2.50, 10.00)
SONNET_35 = ApiOption("Claude 3.5 Sonnet", 3.00, 15.00)
LLAMA_70B = SelfHosted("Llama 70B, 2× RTX 3090", 0.50, 2.0, 4000.0)
LLAMA_8B = SelfHosted("Llama 8B, RTX 4090", 0.25, 15.0, 2500.0)
OPTIONS: tuple[Option, ...] = (GPT_4O, SONNET_35, LLAMA_70B, LLAMA_8B)


class Breakdown(NamedTuple):
    """A month's bill: every figure rounded to cents, each a term that knows where it comes from.

    `lines` add up to `total_usd` before rounding; `requests` and `gpu_hours` are quantities.
    """

    option: Option
    requests: float
    gpu_hours: float | None
    lines: tuple[Term, ...]
    total_usd: Term

    def line(self, name: str) -> Term:
        """The line of that name."""
        return next(line for line in self.lines if line.name == name)


def monthly_usd(option: Option, workload: Workload) -> Breakdown:
    """The month's bill of an option under a workload, as the article's own code computes it."""
    q = Term(workload.requests_per_day, name="requests a day")
    requests = named(q * Term(DAYS, name="days a month"), "requests a month")
    if isinstance(option, ApiOption):
        return _api(option, workload, requests)
    return _self_hosted(option, workload, requests)


def _api(option: ApiOption, workload: Workload, requests: float) -> Breakdown:
    tokens_in = Term(workload.input_tokens, name="input tokens", unit="tokens")
    tokens_out = Term(workload.output_tokens, name="output tokens", unit="tokens")
    price_in = Term(option.input_usd_per_mtok, name="input price", unit="$/Mtok")
    price_out = Term(option.output_usd_per_mtok, name="output price", unit="$/Mtok")
    usd_in = requests * tokens_in / 1_000_000 * price_in
    usd_out = requests * tokens_out / 1_000_000 * price_out
    return _bill(option, requests, None, {"input": usd_in, "output": usd_out})


def _self_hosted(option: SelfHosted, workload: Workload, requests: float) -> Breakdown:
    seconds = Term(workload.inference_s, name="seconds per inference", unit="s")
    rps = Term(option.throughput_rps, name="throughput", unit="req/s")
    inference_hours = named(requests * seconds / 3600, "inference hours", "h")
    floor = Term(FLOOR_HOURS, name="always-on month", unit="h")
    gpu_hours = named(largest(inference_hours / (rps * seconds), floor), "GPU hours", "h")
    compute = gpu_hours * Term(option.usd_per_gpu_hour, name="price per GPU hour", unit="$/h")
    setup = Term(option.setup_usd, name="set-up cost", unit="$") / 12
    return _bill(option, requests, gpu_hours, {"compute": compute, "set-up": setup})


def _bill(
    option: Option, requests: float, gpu_hours: float | None, parts: dict[str, float]
) -> Breakdown:
    first, second = parts.values()
    lines = tuple(_cents(value, name) for name, value in parts.items())
    return Breakdown(
        option,
        requests,
        None if gpu_hours is None else rounded(gpu_hours, 2),
        lines,
        _cents(first + second, "total"),
    )


def _cents(value: float, name: str) -> Term:
    cents = named(rounded(value, 2), name, "$")
    assert isinstance(cents, Term)
    return cents


def crossovers(api: ApiOption, own: SelfHosted, workload: Workload) -> list[Crossover]:
    """The requests a day where the cheaper side changes, exactly; empty when it never does.

    The API's bill is a line through zero. The machine's is flat up to its 720 hours and, above
    them, a line that starts at the set-up share: so the two meet once at most.
    """
    # Dollars a month for each request a day.
    api_slope = (
        workload.input_tokens * api.input_usd_per_mtok
        + workload.output_tokens * api.output_usd_per_mtok
    ) * (DAYS / 1_000_000)
    setup = own.setup_usd / 12
    flat = FLOOR_HOURS * own.usd_per_gpu_hour + setup
    if flat == 0 or api_slope == 0:
        return []
    full_at = FLOOR_HOURS * 3600 * own.throughput_rps / DAYS
    meet = flat / api_slope
    if meet >= full_at:
        slope = DAYS * own.usd_per_gpu_hour / (3600 * own.throughput_rps)
        if api_slope <= slope:
            return []
        meet = setup / (api_slope - slope)
    return [Crossover(meet, Kind.INTERIOR, Side.SELF)]


PRINTED_NAMES = {
    GPT_4O: "GPT-4o API",
    SONNET_35: "Claude Sonnet",
    LLAMA_70B: "Llama 70B (self-hosted)",
    LLAMA_8B: "Llama 8B (self-hosted)",
}
VOLUMES = (1_000, 10_000, 100_000)


def table(volumes: Sequence[float] = VOLUMES) -> list[tuple[float, tuple[Breakdown, ...]]]:
    """The bills of the four preset entries at each number of requests a day."""
    return [
        (volume, tuple(monthly_usd(option, Workload(volume)) for option in OPTIONS))
        for volume in volumes
    ]


def printed_lines(volumes: Sequence[float] = VOLUMES) -> list[str]:
    """What the article's code prints for these volumes, line by line."""
    return [
        f"{PRINTED_NAMES[bill.option]}: ${bill.total_usd:,.0f}/mo"
        for _, bills in table(volumes)
        for bill in bills
    ]


class Claim(NamedTuple):
    """A figure the article states beside what its own formulae give, and why they differ."""

    subject: str
    printed: str
    recomputed: float
    unit: str
    remark: str = ""
    agrees: bool = False


_PRINTED_TABLE = {
    1_000: (120, 171, 396, 219),
    10_000: (1_200, 1_710, 420, 228),
    100_000: (12_000, 17_100, 720, 297),
}
_REMARKS = (
    "the printed figure is what 400 input tokens give; the default is 500",
    "the printed figure is what 400 input tokens give; the default is 500",
    "up to 172,800 requests a day the formula gives its 720 hours and the set-up share, no less",
    "the formula cannot give the printed figure for any input tokens or hours",
)


def claims() -> list[Claim]:
    """Everything the article states in figures, recomputed from its own formulae."""
    found = []
    for volume, bills in table(tuple(_PRINTED_TABLE)):
        for bill, printed, remark in zip(bills, _PRINTED_TABLE[int(volume)], _REMARKS, strict=True):
            agrees = round(float(bill.total_usd)) == printed
            found.append(
                Claim(
                    f"{bill.option.name} at {volume:,} requests a day",
                    f"${printed:,}",
                    float(bill.total_usd),
                    "$/month",
                    "" if agrees else remark,
                    agrees,
                )
            )
    for own in (LLAMA_70B, LLAMA_8B):
        for api in (GPT_4O, SONNET_35):
            at = crossovers(api, own, Workload(1))[0].requests_per_day
            agrees = 5_000 <= at <= 10_000
            found.append(
                Claim(
                    f"{own.name} becomes cheaper than {api.name}",
                    "5,000–10,000",
                    at,
                    "requests/day",
                    "" if agrees else "the formulae cross earlier than the article says",
                    agrees,
                )
            )
    for own in (LLAMA_70B, LLAMA_8B):
        busy = Workload(50_000)
        times = float(monthly_usd(GPT_4O, busy).total_usd / monthly_usd(own, busy).total_usd)
        agrees = 5 <= times <= 10
        found.append(
            Claim(
                f"{own.name} against GPT-4o at 50,000 requests a day",
                "5–10× cheaper",
                times,
                "×",
                "" if agrees else "the formulae give more than the article says",
                agrees,
            )
        )
    return found
