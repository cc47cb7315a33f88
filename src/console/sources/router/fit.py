"""The fit of a score to labels, in seconds, with numpy alone; each label is judged unseen."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from console.core.score.dollars import DEFAULT_REPLY_CHARS, CallPrice
from console.core.score.label import Label
from console.core.score.model import Fitted, Model, ReplyLength
from console.core.score.quality import Quality, measure
from console.core.score.score import Source, prior
from console.sources.router.design import Design, Scale
from console.sources.router.ridge import ridge, ridge_path

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Vector = NDArray[np.float32]
    Folds = NDArray[np.int64]

FOLDS = 5
SCALES = (Scale(0.3, 0.1, 0.0, 0.0), Scale(0.3, 0.1, 0.03, 1.0), Scale(0.3, 0.2, 0.02, 0.5))
STRENGTHS = (10.0, 30.0, 100.0, 300.0)
"""What is tried: counts alone for few labels, all blocks shrunk more or less for many."""

_ALL = tuple((scale, strength) for scale in SCALES for strength in STRENGTHS)

BEST = 3
"""So many of the best are averaged: which one is the very best is mostly chance."""

ENOUGH = 4_000
MOST_REPEATS = 3
"""Labels from which they are cut into folds only once, and how often a few are."""

BEATS_BY = 0.01
"""APGR by which a fit must beat the prior to be kept."""

FEWEST = 40
"""Below so many labels there is nothing to judge a fit on."""

MOST = 30_000
"""Labels that a fit uses, the last ones: its matrix is held in memory."""

_REPLY_STRENGTH = 30.0
_LEAST_SLOPE = 1e-3


_Tried = tuple[Scale, float]
"""A scale, and the ridge's strength."""


class RidgeFitter:
    """Fits a model by ridge regression on the gain; the same labels give the same model.

    The best scales and strengths are chosen by squared error on labels left out. Raises
    ModuleNotFoundError without numpy, ValueError with a sentence for labels that cannot be fitted.
    """

    def __init__(self, price: CallPrice) -> None:
        self._price = price

    def fit(self, labels: Sequence[Label]) -> Fitted:
        """A model, and what fits without them say of the labels used."""
        import numpy as np

        labels = labels[-MOST:]
        if len(labels) < FEWEST:
            raise ValueError(f"{len(labels)} labels are too few to fit on; {FEWEST} is the least")
        gains = np.array([label.gain for label in labels])
        priors = np.array([prior(label.features).value for label in labels])
        design = Design([label.features for label in labels])
        tried, unseen = _unseen(design, gains, labels)
        reply, chars = _reply_length(design, labels, fold_of(labels))
        costs = [
            self._price.usd(label.features.length, size)
            for label, size in zip(labels, chars, strict=True)
        ]
        found, before = (self._measured(labels, scores, costs) for scores in (unseen, priors))
        kept = found.apgr >= before.apgr + BEATS_BY
        source: Source = "fitted" if kept else "prior"
        if kept:
            terms = _terms(design, gains, tried)
        else:
            unseen, slope = _on_the_prior(priors, gains)
            terms = {"base": float(gains.mean() - slope * priors.mean()), "prior": slope}
            found = before
        values = unseen / np.array(costs)
        hundredths = np.linspace(0, 1, 101)
        model = Model(
            source=source,
            labels=len(labels),
            quality=found,
            prior_quality=before,
            centers=tuple(map(float, design.centers)),
            spreads=tuple(map(float, design.spreads)),
            reply=reply,
            scores=tuple(map(float, np.quantile(unseen, hundredths))),
            values=tuple(map(float, np.quantile(values, hundredths))),
            **terms,
        )
        return Fitted(model, labels, tuple(map(float, unseen)), tuple(map(float, values)))

    def _measured(
        self, labels: Sequence[Label], scores: "Floats", costs: Sequence[float]
    ) -> Quality:
        return measure(
            scores.tolist(),
            [label.weak for label in labels],
            [label.strong for label in labels],
            values=[score / cost for score, cost in zip(scores, costs, strict=True)],
            costs=[
                self._price.usd(
                    label.features.length,
                    DEFAULT_REPLY_CHARS if label.strong_chars is None else label.strong_chars,
                )
                for label in labels
            ],
        )


def fold_of(labels: Sequence[Label], seed: int = 0) -> "Folds":
    """The fold of each label: a group stays together, and the order of the file is irrelevant."""
    import numpy as np

    groups = sorted({label.group for label in labels})
    shuffled = np.random.default_rng(seed).permutation(len(groups))
    fold = {group: int(at) % FOLDS for group, at in zip(groups, shuffled, strict=True)}
    return np.array([fold[label.group] for label in labels])


def _unseen(
    design: Design, gains: "Floats", labels: Sequence[Label]
) -> tuple[list[_Tried], "Floats"]:
    """The best of what is tried, and each label's score by the best fits that did not see it.

    Few labels are cut into folds several times over, and the scores averaged: else how they
    happened to be cut would decide.
    """
    import numpy as np

    repeats = max(1, min(MOST_REPEATS, ENOUGH // len(labels)))
    total = dict.fromkeys(_ALL, 0.0)
    scores = np.zeros(len(gains))
    for seed in range(repeats):
        folds = fold_of(labels, seed)
        found = _try_all(design, gains, folds)
        errors = {tried: (one - gains) ** 2 for tried, one in found.items()}
        for tried, error in errors.items():
            total[tried] += float(error.mean())
        for fold in range(FOLDS):
            # What a fold is judged by is chosen without looking at it.
            out = folds == fold
            without = {tried: float(error[~out].mean()) for tried, error in errors.items()}
            scores[out] += sum(found[tried][out] for tried in _best(without)) / BEST / repeats
    return _best(total), scores


def _best(errors: Mapping[_Tried, float]) -> list[_Tried]:
    return sorted(errors, key=errors.__getitem__)[:BEST]


def _try_all(design: Design, gains: "Floats", folds: "Folds") -> dict[_Tried, "Floats"]:
    import numpy as np

    found = {tried: np.zeros(len(gains)) for tried in _ALL}
    for fold in range(FOLDS):
        out = folds == fold
        seen = np.where(out, np.nan, gains)
        for scale in SCALES:
            path = ridge_path(design, seen, scale, STRENGTHS)
            for strength, weights in zip(STRENGTHS, path, strict=True):
                # The mean of all, not of the labels seen: that falls where the fold's own is high.
                found[scale, strength][out] = gains.mean() + design.times(weights, scale)[out]
    return found


def _terms(design: Design, gains: "Floats", best: Sequence[_Tried]) -> dict[str, Any]:
    """The fields of a model, in the units of what is counted: the mean of the best ridges."""
    fits = [
        design.scaled(ridge_path(design, gains, scale, [strength])[0], scale)
        for scale, strength in best
    ]
    prior, counts, pairs, grams = (sum(block) / len(fits) for block in zip(*fits, strict=True))
    prior_weight = float(prior / design.prior_spread)
    base = gains.mean() - prior_weight * design.prior_center - pairs @ design.pair_centers
    return {
        "base": float(base),
        "prior": prior_weight,
        "counts": tuple(map(float, counts)),
        "pairs": tuple(map(float, pairs)) if pairs.any() else (),
        "grams": tuple(map(float, grams)) if grams.any() else (),
    }


def _on_the_prior(priors: "Floats", gains: "Floats") -> tuple["Floats", float]:
    """The prior as a predicted gain: a straight line that never falls, and its slope."""
    off = priors - priors.mean()
    slope = max(_LEAST_SLOPE, float(off @ gains / max(float(off @ off), 1e-9)))
    return gains.mean() + slope * off, slope


def _reply_length(
    design: Design, labels: Sequence[Label], folds: "Folds"
) -> tuple[ReplyLength | None, list[float]]:
    """How long replies are by the counts, and what is expected of each label unseen."""
    import numpy as np

    sizes = np.array([np.nan if one.strong_chars is None else one.strong_chars for one in labels])
    logs = np.log(np.maximum(sizes, 1.0))
    known = np.isfinite(logs)
    if known.sum() < FEWEST:
        return None, [DEFAULT_REPLY_CHARS] * len(labels)
    expected = np.full(len(labels), DEFAULT_REPLY_CHARS)
    for fold in range(FOLDS):
        out, used = folds == fold, known & (folds != fold)
        base, weights = ridge(design.counts[used], logs[used], _REPLY_STRENGTH)
        expected[out] = np.exp(base + design.counts[out] @ weights)
    base, weights = ridge(design.counts[known], logs[known], _REPLY_STRENGTH)
    return ReplyLength(base=base, weights=tuple(map(float, weights))), expected.tolist()
