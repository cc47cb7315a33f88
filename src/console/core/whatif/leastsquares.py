"""Energy of requests as idle watts and joules per token: least squares, nothing negative."""

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

from console.core.whatif.traffic import EnergyDay


class Fit(NamedTuple):
    """A card's watts while serving, beside joules per input and per output token."""

    watts: float
    joules_in: float
    joules_out: float


def fit(days: Iterable[EnergyDay]) -> Fit:
    """The non-negative fit of all days' rows together, from their sums."""
    squares, products = [0.0] * 6, [0.0] * 3
    for day in days:
        squares = [a + b for a, b in zip(squares, day.squares, strict=True)]
        products = [a + b for a, b in zip(products, day.products, strict=True)]
    ss, sp, so, pp, po, oo = squares
    gram = [[ss, sp, so], [sp, pp, po], [so, po, oo]]
    best, least = [0.0, 0.0, 0.0], 0.0
    # Three unknowns: every choice of which ones are above zero can be tried.
    for size in (1, 2, 3):
        for chosen in combinations(range(3), size):
            found = _solve(
                [[gram[i][j] for j in chosen] for i in chosen], [products[i] for i in chosen]
            )
            if found is None or min(found) < 0:
                continue
            full = [0.0, 0.0, 0.0]
            for place, value in zip(chosen, found, strict=True):
                full[place] = value
            # The sum of squared errors, less Σ joules², which all choices share.
            error = sum(
                full[i] * gram[i][j] * full[j] for i in range(3) for j in range(3)
            ) - 2 * sum(full[i] * products[i] for i in range(3))
            if error < least:
                best, least = full, error
    return Fit(*best)


def _solve(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float] | None:
    """The solution of a small linear system by elimination; None when it has no single one."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(rows[row][column]))
        scale = max(abs(value) for value in matrix[column]) or 1.0
        if abs(rows[pivot][column]) <= 1e-12 * scale:
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for row in range(column + 1, size):
            factor = rows[row][column] / rows[column][column]
            rows[row] = [a - factor * b for a, b in zip(rows[row], rows[column], strict=True)]
    found = [0.0] * size
    for row in reversed(range(size)):
        known = sum(rows[row][column] * found[column] for column in range(row + 1, size))
        found[row] = (rows[row][size] - known) / rows[row][row]
    return found
