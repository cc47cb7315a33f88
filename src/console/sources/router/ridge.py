"""Ridge regression for every strength at once, by Golub-Kahan bidiagonalisation."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from console.sources.router.design import Design, Scale

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Vector = NDArray[np.float32]


def ridge(rows: "Floats", target: "Floats", strength: float) -> tuple[float, "Floats"]:
    """The constant and the weights of a small dense ridge regression."""
    import numpy as np

    center, mean = rows.mean(axis=0), float(target.mean())
    off = rows - center
    normal = off.T @ off + strength * np.eye(rows.shape[1])
    weights = np.linalg.solve(normal, off.T @ (target - mean))
    return mean - float(center @ weights), weights


def ridge_path(
    design: Design,
    target: "Floats",
    scale: Scale,
    strengths: Sequence[float],
    *,
    steps: int = 30,
) -> "list[Vector]":
    """Weights by column for each strength of the ridge; rows with a target of nan are left out.

    One Krylov space serves all strengths: the small problem within it is solved for each. The
    target's mean is taken off first; the design's columns are taken as they are.
    """
    import numpy as np

    known = np.isfinite(target)
    mask = known.astype(np.float32)
    rest = np.where(known, target - target[known].mean(), 0.0).astype(np.float32)
    length = float(np.linalg.norm(rest))
    if length == 0:
        return [np.zeros(design.width, dtype=np.float32) for _ in strengths]
    left = rest / length
    column = design.transposed(left, scale)
    alpha = float(np.linalg.norm(column))
    basis, bidiagonal = [], np.zeros((steps + 1, steps))
    for at in range(steps):
        if alpha < 1e-6:
            break
        column = column / alpha
        basis.append(column)
        bidiagonal[at, at] = alpha
        left = mask * design.times(column, scale) - alpha * left
        beta = float(np.linalg.norm(left))
        bidiagonal[at + 1, at] = beta
        if beta < 1e-6:
            break
        left = left / beta
        column = design.transposed(left, scale) - beta * column
        # Rounding lets the columns drift together: they are made orthogonal again.
        known_space = np.array(basis)
        column = column - known_space.T @ (known_space @ column)
        alpha = float(np.linalg.norm(column))
    many = len(basis)
    space = np.array(basis)
    small = bidiagonal[: many + 1, :many]
    right = np.zeros(many + 1)
    right[0] = length
    found = []
    for strength in strengths:
        normal = small.T @ small + strength * np.eye(many)
        solved = np.linalg.solve(normal, small.T @ right)
        found.append((solved.astype(np.float32) @ space).astype(np.float32))
    return found
