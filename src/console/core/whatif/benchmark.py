"""A load test's result as the rig's saturated throughput: what AIPerf or GuideLLM wrote."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from console.core.whatif.check import check_amounts, check_sizes


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """Saturated requests a second of one replica, at a mean number of tokens in and out."""

    tool: str
    requests_per_s: float
    input_tokens: float
    output_tokens: float

    def __post_init__(self) -> None:
        check_sizes(self, "requests_per_s", high=1e9)
        check_amounts(self, "input_tokens", "output_tokens", high=1e9)

    @property
    def words(self) -> str:
        """What was measured, in words."""
        return (
            f"saturated: {self.tool}, {self.requests_per_s:,.3g} requests a second at "
            f"{self.input_tokens:,.0f} tokens in and {self.output_tokens:,.0f} out"
        )

    def caveat(self, input_tokens: float, output_tokens: float) -> str:
        """Why the result may not hold for requests of another size; empty where they are alike."""
        mine, theirs = input_tokens + output_tokens, self.input_tokens + self.output_tokens
        if not theirs or 0.75 <= mine / theirs <= 1.33:
            return ""
        return (
            f"the benchmark's requests have {theirs:,.0f} tokens, yours {mine:,.0f}: its "
            "throughput may not be yours"
        )


def benchmark_of(document: object) -> Benchmark:
    """The result in a parsed file of AIPerf (profile_export_aiperf.json) or GuideLLM.

    Of a GuideLLM sweep the run with the most requests a second is the saturated one. Raises
    ValueError with a sentence for any other file.
    """
    if isinstance(document, Mapping):
        if "request_throughput" in document:
            return _benchmark("AIPerf", [_aiperf(document)])
        if isinstance(document.get("benchmarks"), list):
            return _benchmark("GuideLLM", [_guidellm(each) for each in document["benchmarks"]])
    raise ValueError("it is neither AIPerf's profile_export_aiperf.json nor a GuideLLM result")


_Rates = tuple[float | None, float | None, float | None]
"""Requests a second, tokens in and out, where a file tells."""


def _benchmark(tool: str, runs: list[_Rates]) -> Benchmark:
    known = [(rate, given, taken) for rate, given, taken in runs
             if rate is not None and given is not None and taken is not None]  # fmt: skip
    if not known:
        raise ValueError(f"the {tool} file has no requests a second with tokens in and out")
    rate, given, taken = max(known)
    return Benchmark(tool=tool, requests_per_s=rate, input_tokens=given, output_tokens=taken)


def _aiperf(document: Mapping[str, Any]) -> _Rates:
    names = ("request_throughput", "input_sequence_length", "output_sequence_length")
    rate, given, taken = (_number(document.get(name), "avg") for name in names)
    return rate, given, taken


def _guidellm(run: object) -> _Rates:
    metrics = run.get("metrics") if isinstance(run, Mapping) else None
    found = metrics if isinstance(metrics, Mapping) else {}
    names = ("requests_per_second", "prompt_token_count", "output_token_count")
    rate, given, taken = (
        _number(found.get(name), "successful", "mean") or _number(found.get(name), "mean")
        for name in names
    )
    return rate, given, taken


def _number(value: object, *path: str) -> float | None:
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
