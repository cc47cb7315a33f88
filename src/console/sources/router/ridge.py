"""Ridge regression for every strength at once, by Golub-Kahan bidiagonalisation."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from console.sources.router.design import Design, Scale

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Vector = NDArray[np.float32]


_NOISE = 1e-4
"""Below this share a difference is the rounding of single precision."""


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
    left = rest / (length or 1.0)
    column = design.transposed(left, scale)
    alpha = before = float(np.linalg.norm(column))
    basis, bidiagonal = (
        np.zeros((steps, design.width), dtype=np.float32),
        np.zeros((steps + 1, steps)),
    )
    many = 0
    # What orthogonalising leaves of a column that lies in the space already is rounding.
    while many < steps and alpha > _NOISE * before:
        column = column / alpha
        basis[many] = column
        bidiagonal[many, many] = alpha
        left = mask * design.times(column, scale) - alpha * left
        beta = float(np.linalg.norm(left))
        many += 1
        bidiagonal[many, many - 1] = beta
        if beta <= _NOISE * alpha:
            break
        left = left / beta
        column = design.transposed(left, scale)
        before = float(np.linalg.norm(column))
        for _ in range(2):
            column = column - (basis[:many] @ column) @ basis[:many]
        alpha = float(np.linalg.norm(column))
    if not many:
        return [np.zeros(design.width, dtype=np.float32) for _ in strengths]
    small = bidiagonal[: many + 1, :many]
    right = np.zeros(many + 1)
    right[0] = length
    found = []
    for strength in strengths:
        normal = small.T @ small + strength * np.eye(many)
        solved = np.linalg.solve(normal, small.T @ right)
        found.append((solved.astype(np.float32) @ basis[:many]).astype(np.float32))
    return found
