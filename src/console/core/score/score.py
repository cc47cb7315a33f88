"""A prompt's score: higher means that the API would gain more over the local model."""

from dataclasses import dataclass
from math import fsum, log, log1p
from typing import Literal

from console.core.score.features import Features, features

Source = Literal["prior", "fitted"]


@dataclass(frozen=True, slots=True)
class Part:
    """One addend of a score: what was seen, in words, and what it adds."""

    seen: str
    value: float


@dataclass(frozen=True, slots=True)
class Score:
    """A score, the parts it is the sum of, and what gave them.

    A "prior" is in standard deviations of typical prompts; a "fitted" score is the predicted gain
    in quality, strong minus weak, from -1 to 1.
    """

    value: float
    parts: tuple[Part, ...]
    source: Source


def score(text: str) -> Score:
    """The score of a prompt."""
    return prior(features(text))


def prior(found: Features) -> Score:
    """The score without any label: long prompts, and those full of numbers, gain more.

    z(log length) + ½ z(log numbers), against typical prompts of 300 characters and two numbers.
    """
    parts = (
        Part(f"{found.length:,} characters", (log(max(found.length, 1)) - 5.7) / 0.8),
        Part(f"{found.numbers:,} numbers", 0.5 * (log1p(found.numbers) - 1.2) / 0.9),
    )
    return Score(fsum(part.value for part in parts), parts, "prior")
