"""What a score is worth on a set of labels, beside what others reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt

from console.core.routing.article import complex_because
from console.core.routing.request import Request
from console.core.score.model import Fitted
from console.core.score.quality import Quality
from console.core.score.score import Source


@dataclass(frozen=True, slots=True)
class Rule:
    """A yes-or-no rule at its own share of API calls, beside a coin at the same share.

    `delta` is what its answers are better by than the coin's, `z` the same in the coin's standard
    deviations.
    """

    share: float
    delta: float
    z: float


@dataclass(frozen=True, slots=True)
class Report:
    """One set of labels: the fit and the prior, measured on labels that the fit did not see."""

    name: str
    source: Source
    quality: Quality
    prior: Quality
    article: Rule


@dataclass(frozen=True, slots=True)
class Published:
    """What a router is reported to reach, and on what."""

    router: str
    on: str
    apgr: float
    cpt50: float
    cpt80: float


PUBLISHED = (
    Published("RouteLLM, best of its routers", "MMLU", 0.603, 0.354, 0.703),
    Published("RouteLLM, best of its routers", "GSM8K", 0.622, 0.336, 0.633),
)
"""Ong et al., "RouteLLM: Learning to Route LLMs with Preference Data", 2024, arXiv 2406.18665:
Mixtral 8x7B against GPT-4 on the full sets."""


def evaluate(name: str, fitted: Fitted) -> Report:
    """The report of a fit."""
    labels = fitted.labels
    chosen = [complex_because(Request(task=label.question.prompt)) is not None for label in labels]
    return Report(
        name=name,
        source=fitted.model.source,
        quality=fitted.model.quality,
        prior=fitted.model.prior_quality,
        article=rule(chosen, [label.gain for label in labels]),
    )


def rule(chosen: Sequence[bool], gains: Sequence[float]) -> Rule:
    """A rule by what it chose for the API and what each prompt gains there."""
    count = len(gains)
    share = sum(chosen) / count
    mean = fsum(gains) / count
    delta = fsum(gain for gain, api in zip(gains, chosen, strict=True) if api) / count
    delta -= share * mean
    variance = fsum((gain - mean) ** 2 for gain in gains) / count
    coin = sqrt(share * (1 - share) * variance / count)
    return Rule(share, delta, delta / coin if coin else 0.0)
