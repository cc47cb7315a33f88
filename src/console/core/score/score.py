"""A prompt's score: higher means that the API would gain more over the local model."""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, fsum, log, log1p, sqrt
from typing import TYPE_CHECKING, Literal

from console.core.score.dollars import DEFAULT_REPLY_CHARS, CallPrice
from console.core.score.features import Features, features

if TYPE_CHECKING:
    from console.core.score.model import Model

Source = Literal["prior", "fitted"]

CLIP = 3.0
"""Standard deviations beyond which a count counts no further."""


@dataclass(frozen=True, slots=True)
class Part:
    """One addend of a score: what was seen, in words, and what it adds.

    The words may be the prompt's own: they are for the screen, and for no file.
    """

    seen: str
    value: float


@dataclass(frozen=True, slots=True)
class Score:
    """A score, the parts it is the sum of, and what gave them.

    A "prior" without labels is in standard deviations of typical prompts; with a model the score
    is the predicted gain in quality, strong minus weak. `gain` is that gain within -1 and 1, which
    the prior alone can only order; `prompt_chars` and `reply_chars` are what the API would read
    and write.
    """

    value: float
    parts: tuple[Part, ...]
    source: Source
    gain: float = 0.0
    prompt_chars: int = 0
    reply_chars: float = DEFAULT_REPLY_CHARS

    def told(self, most: int = 8) -> tuple[Part, ...]:
        """The parts that weigh most, the others as one; they too add up to the score."""
        if len(self.parts) <= most:
            return self.parts
        ranked = sorted(self.parts, key=lambda part: -abs(part.value))
        rest = Part(f"{len(ranked) - most} smaller ones", fsum(p.value for p in ranked[most:]))
        return (*ranked[:most], rest)

    def per_usd(self, price: CallPrice) -> float:
        """The predicted gain per dollar of API."""
        return self.gain / price.usd(self.prompt_chars, self.reply_chars)


def score(text: str, model: "Model | None" = None) -> Score:
    """The score of a prompt, by a fitted model or the prior."""
    return prior(features(text)) if model is None else model.score(text)


def prior(found: Features) -> Score:
    """The score without any label: long prompts, and those full of numbers, gain more.

    z(log length) + ½ z(log numbers), against typical prompts of 300 characters and two numbers.
    """
    parts = (
        Part(f"{found.length:,} characters", (log(max(found.length, 1)) - 5.7) / 0.8),
        Part(f"{found.numbers:,} numbers", 0.5 * (log1p(found.numbers) - 1.2) / 0.9),
    )
    value = fsum(part.value for part in parts)
    return Score(value, parts, "prior", 1 / (1 + exp(-value)), found.length)


def gram_scale(found: Features) -> Callable[[int], float]:
    """How much a gram that occurs so many times counts in this prompt.

    The logarithm tames repetition, and all grams of a prompt have length 1 together.
    """
    length = sqrt(fsum((1 + log(times)) ** 2 for times in found.grams.values())) or 1.0
    return lambda times: (1 + log(times)) / length
