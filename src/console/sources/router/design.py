"""The matrix of a fit: one row per prompt, its columns the prior, the counts and the grams."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from console.core.score.features import BUCKETS, LEAST_SPREAD, Features
from console.core.score.score import CLIP, gram_scale, prior

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]


class Scale(NamedTuple):
    """What each block's columns are multiplied by: the larger, the less the ridge shrinks them."""

    prior: float
    counts: float
    pairs: float
    grams: float


class Columns(NamedTuple):
    """Column weights by block, scales multiplied in, rarity too: what a model holds."""

    prior: float
    counts: "Vector"
    pairs: "Vector"
    grams: "Vector"


class Design:
    """Columns: the prior, the counted features, their pairs' products, the grams by bucket.

    Counts are standardised and clipped; products are centred. Products of the matrix take and
    give whole vectors.
    """

    def __init__(self, rows: Sequence[Features]) -> None:
        import numpy as np

        self.rows = len(rows)
        values = np.array([row.values for row in rows], dtype=np.float64)
        self.centers = values.mean(axis=0)
        self.spreads = np.maximum(values.std(axis=0), LEAST_SPREAD)
        counts = np.clip((values - self.centers) / self.spreads, -CLIP, CLIP)
        priors = np.array([prior(row).value for row in rows])
        self.prior_center = float(priors.mean())
        self.prior_spread = float(priors.std()) or 1.0
        first, second = np.triu_indices(counts.shape[1])
        pairs = (counts[:, first] * counts[:, second]).astype(np.float32)
        self.pair_centers = pairs.mean(axis=0)
        pairs -= self.pair_centers
        prior_column = (priors - self.prior_center) / self.prior_spread
        self._dense = np.column_stack([prior_column, counts, pairs]).astype(np.float32)
        self.counts = counts
        self._count_columns = 1 + counts.shape[1]
        self.dense_width = self._dense.shape[1]
        self.width = self.dense_width + BUCKETS
        self._sparse(rows)

    def _scales(self, scale: Scale) -> "Vector":
        import numpy as np

        found = np.full(self.dense_width, scale.pairs, dtype=np.float32)
        found[: self._count_columns] = scale.counts
        found[0] = scale.prior
        return found

    def _sparse(self, rows: Sequence[Features]) -> None:
        import numpy as np

        # An entry of 0 in each row and each column: reduceat knows no empty stretch.
        pairs: list[tuple[int, float]] = []
        starts = []
        for row in rows:
            starts.append(len(pairs))
            scale = gram_scale(row)
            pairs.append((0, 0.0))
            pairs.extend((at, scale(times)) for at, times in row.grams.items())
        buckets = np.array([at for at, _ in pairs], dtype=np.int64)
        counts = np.array([value for _, value in pairs], dtype=np.float32)
        self._starts = np.array(starts, dtype=np.int64)
        lengths = np.diff(np.append(self._starts, len(pairs)))
        of_row = np.repeat(np.arange(self.rows), lengths)
        rarity = np.log((self.rows + 1) / (np.bincount(buckets, minlength=BUCKETS) + 1)) + 1
        self._rarity = (rarity / 4).astype(np.float32)
        counts *= self._rarity[buckets]
        self._buckets, self._counts = buckets, counts
        all_buckets = np.concatenate([np.arange(BUCKETS), buckets])
        order = np.argsort(all_buckets, kind="stable")
        self._of_row = np.concatenate([np.zeros(BUCKETS, dtype=np.int64), of_row])[order]
        self._by_column = np.concatenate([np.zeros(BUCKETS, dtype=np.float32), counts])[order]
        self._columns = np.searchsorted(all_buckets[order], np.arange(BUCKETS))

    def times(self, weights: "Vector", scale: Scale) -> "Vector":
        """The rows' sums for column weights."""
        import numpy as np

        at = self._count_columns if not scale.pairs else self.dense_width
        total = self._dense[:, :at] @ (weights[:at] * self._scales(scale)[:at])
        if scale.grams:
            picked = weights[self.dense_width :][self._buckets] * self._counts
            total += scale.grams * np.add.reduceat(picked, self._starts)
        return total

    def transposed(self, rows: "Vector", scale: Scale) -> "Vector":
        """The columns' sums for row weights."""
        import numpy as np

        total = np.zeros(self.width, dtype=np.float32)
        at = self._count_columns if not scale.pairs else self.dense_width
        total[:at] = self._scales(scale)[:at] * (rows @ self._dense[:, :at])
        if scale.grams:
            picked = rows[self._of_row] * self._by_column
            total[self.dense_width :] = scale.grams * np.add.reduceat(picked, self._columns)
        return total

    def scaled(self, weights: "Vector", scale: Scale) -> Columns:
        """Column weights as they act on unscaled columns."""
        at, end = self._count_columns, self.dense_width
        dense = weights[:end] * self._scales(scale)
        grams = weights[end:] * self._rarity * scale.grams
        return Columns(float(dense[0]), dense[1:at], dense[at:], grams)
