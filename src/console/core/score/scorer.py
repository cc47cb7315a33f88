"""A score that can change while requests come: the prior, then one that was fitted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from console.core.score.score import Score, score


@dataclass(frozen=True, slots=True)
class Scorer:
    """A score by name, and 101 quantiles of it over typical prompts to begin a threshold with."""

    name: str
    score: Callable[[str], Score]
    quantiles: Sequence[float] = ()


PRIOR = Scorer("prior", score)
