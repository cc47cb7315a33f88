"""The fit of a score to labels, in seconds, with numpy alone; each label is judged unseen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from console.core.score.dollars import DEFAULT_REPLY_CHARS, Rates
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
SCALES = (Scale(0.3, 0.1, 0.0, 0.0), Scale(0.3, 0.1, 0.02, 1.0), Scale(0.3, 0.2, 0.02, 0.5))
STRENGTHS = (10.0, 30.0, 100.0, 300.0)
"""What is tried: counts alone for few labels, all blocks shrunk more or less for many."""

BEATS_BY = 0.01
"""APGR by which a fit must beat the prior to be kept."""

FEWEST = 40
"""Below so many labels there is nothing to judge a fit on."""

MOST = 30_000
"""Labels that a fit uses, the last ones: its matrix is held in memory."""

_REPLY_STRENGTH = 30.0
_LEAST_SLOPE = 1e-3


@dataclass(frozen=True, slots=True)
class _Tried:
    """One scale and strength, and what it says of labels that the fit did not see."""

    scale: Scale
    strength: float
    unseen: "Floats"


class RidgeFitter:
    """Fits a model by ridge regression on the gain; the same labels give the same model.

    The scale and strength are chosen by squared error on labels left out, those of each fold
    without looking at that fold. Raises ModuleNotFoundError without numpy, ValueError with a
    sentence for labels that cannot be fitted.
    """

    def __init__(self, rates: Rates) -> None:
        self._rates = rates

    def fit(self, labels: Sequence[Label]) -> Fitted:
        """A model, and what fits without them say of the labels used."""
        import numpy as np

        labels = labels[-MOST:]
        if len(labels) < FEWEST:
            raise ValueError(f"{len(labels)} labels are too few to fit on; {FEWEST} is the least")
        gains = np.array([label.gain for label in labels])
        priors = np.array([prior(label.features).value for label in labels])
        design = Design([label.features for label in labels])
        folds = fold_of(labels)
        tried = _try_all(design, gains, folds)
        best, unseen = _choose(tried, gains, folds)
        reply, chars = _reply_length(design, labels, folds)
        costs = [
            self._rates.usd(label.features.length, size)
            for label, size in zip(labels, chars, strict=True)
        ]
        found, before = (self._measured(labels, scores, costs) for scores in (unseen, priors))
        kept = found.apgr >= before.apgr + BEATS_BY
        source: Source = "fitted" if kept else "prior"
        if kept:
            terms = _terms(design, ridge_path(design, gains, best.scale, [best.strength])[0], best)
            terms["base"] += float(gains.mean())
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
                self._rates.usd(
                    label.features.length,
                    DEFAULT_REPLY_CHARS if label.strong_chars is None else label.strong_chars,
                )
                for label in labels
            ],
        )


def fold_of(labels: Sequence[Label]) -> "Folds":
    """The fold of each label: a group stays together, and the order of the file is irrelevant."""
    import numpy as np

    groups = sorted({label.group for label in labels})
    shuffled = np.random.default_rng(0).permutation(len(groups))
    fold = {group: int(at) % FOLDS for group, at in zip(groups, shuffled, strict=True)}
    return np.array([fold[label.group] for label in labels])


def _try_all(design: Design, gains: "Floats", folds: "Folds") -> list[_Tried]:
    import numpy as np

    tried = [
        _Tried(scale, strength, np.zeros(len(gains))) for scale in SCALES for strength in STRENGTHS
    ]
    for fold in range(FOLDS):
        out = folds == fold
        seen = np.where(out, np.nan, gains)
        for at, scale in enumerate(SCALES):
            path = ridge_path(design, seen, scale, STRENGTHS)
            for one, weights in zip(tried[at * len(STRENGTHS) :], path, strict=False):
                # The mean of all, not of the labels seen: that falls where the fold's own is high.
                one.unseen[out] = gains.mean() + design.times(weights, scale)[out]
    return tried


def _choose(tried: Sequence[_Tried], gains: "Floats", folds: "Folds") -> tuple[_Tried, "Floats"]:
    import numpy as np

    errors = [(one.unseen - gains) ** 2 for one in tried]
    unseen = np.zeros(len(gains))
    for fold in range(FOLDS):
        out = folds == fold
        best = int(np.argmin([error[~out].mean() for error in errors]))
        unseen[out] = tried[best].unseen[out]
    return tried[int(np.argmin([error.mean() for error in errors]))], unseen


def _terms(design: Design, weights: "Vector", best: _Tried) -> dict[str, Any]:
    """The fields of a model from column weights, in the units of what is counted."""
    scaled = design.scaled(weights, best.scale)
    prior_weight = float(scaled.prior / design.prior_spread)
    base = -prior_weight * design.prior_center - float(scaled.pairs @ design.pair_centers)
    return {
        "base": base,
        "prior": prior_weight,
        "counts": tuple(map(float, scaled.counts)),
        "pairs": tuple(map(float, scaled.pairs)) if best.scale.pairs else (),
        "grams": tuple(map(float, scaled.grams)) if best.scale.grams else (),
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
