"""A fitted score: what each thing that is counted in a prompt adds to its predicted gain."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, fsum
from operator import mul

from console.core.score.dollars import DEFAULT_REPLY_CHARS
from console.core.score.features import NAMES, Features, examine, grams
from console.core.score.label import Label
from console.core.score.quality import Quality
from console.core.score.score import CLIP, Part, Score, Source, gram_scale, prior

TOLD_WORDS = 5
"""So many words stand by themselves among a score's parts; the others are one part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyLength:
    """How long the API's reply will be, in characters: e to the power of a sum over the counts."""

    base: float
    weights: Sequence[float]


@dataclass(frozen=True, kw_only=True)
class Model:
    """A linear score over the prior, the counts, their pairs and the grams.

    Counts enter as (count - center) / spread, clipped at ±`CLIP`; `pairs` are the weights of
    their products, row i from column i on. `quality` is measured on prompts that the fit did not
    see, and so is the prior's on the same prompts. `source` is "prior" where the fit did not beat
    it: then the prior is only turned into a gain. `scores` and `values` are 101 quantiles of the
    scores and values per dollar of those prompts, to begin a threshold with.
    """

    source: Source
    labels: int
    quality: Quality
    prior_quality: Quality
    base: float
    prior: float
    centers: Sequence[float] = ()
    spreads: Sequence[float] = ()
    counts: Sequence[float] = ()
    pairs: Sequence[float] = ()
    grams: Sequence[float] = ()
    reply: ReplyLength | None = None
    scores: Sequence[float] = ()
    values: Sequence[float] = ()

    @cached_property
    def _pair_halves(self) -> list[list[float]]:
        """The weights of products as a symmetric matrix, halves off its diagonal."""
        width = len(NAMES)
        halves = [[0.0] * width for _ in range(width)]
        weights = iter(self.pairs)
        for row in range(width):
            halves[row][row] = next(weights)
            for column in range(row + 1, width):
                halves[row][column] = halves[column][row] = next(weights) / 2
        return halves

    def score(self, text: str) -> Score:
        """The predicted gain of a prompt, and what it is the sum of."""
        found, tokens = examine(text)
        parts = [Part("a prompt like those compared", self.base), *self._counted(found)]
        if self.grams:
            parts += self._worded(found, tokens)
        value = fsum(part.value for part in parts)
        length = self.reply_chars(found)
        # A line knows no bounds, which a difference of two qualities has.
        gain = min(1.0, max(-1.0, value))
        return Score(value, tuple(parts), self.source, gain, found.length, length)

    def reply_chars(self, found: Features) -> float:
        """How long the API's reply will be, as far as the labels told."""
        if self.reply is None:
            return DEFAULT_REPLY_CHARS
        return exp(self.reply.base + fsum(map(mul, self.reply.weights, self._standard(found))))

    def _standard(self, found: Features) -> list[float]:
        return [
            min(CLIP, max(-CLIP, (value - center) / spread))
            for value, center, spread in zip(found.values, self.centers, self.spreads, strict=True)
        ]

    def _counted(self, found: Features) -> list[Part]:
        parts = [Part(part.seen, part.value * self.prior) for part in prior(found).parts]
        if not self.counts:
            return parts
        counts = self._standard(found)
        added = list(map(mul, self.counts, counts))
        if self.pairs:
            # A product belongs to both of its counts, half to each.
            for at, row in enumerate(self._pair_halves):
                added[at] += counts[at] * sum(map(mul, row, counts))
        parts += map(Part, NAMES, added)
        return parts

    def _worded(self, found: Features, tokens: list[str]) -> list[Part]:
        scale = gram_scale(found)
        words: dict[int, str] = {}
        for word, bucket in grams(tokens):
            words.setdefault(bucket, word)
        parts = [
            Part(f"“{words[at]}”", self.grams[at] * scale(times))
            for at, times in found.grams.items()
        ]
        parts.sort(key=lambda part: -abs(part.value))
        rest = fsum(part.value for part in parts[TOLD_WORDS:])
        return [*parts[:TOLD_WORDS], Part("other words", rest)]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model, the labels it was fitted on, and their scores by fits that did not see them.

    `values` are those scores per dollar.
    """

    model: Model
    labels: Sequence[Label]
    scores: Sequence[float]
    values: Sequence[float]
