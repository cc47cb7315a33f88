"""A share counted in a sample, and what it may be in all."""

from math import sqrt

Z95 = 1.959963984540054
"""The normal quantile of a 95 % interval."""


def wilson(hits: int, trials: int) -> tuple[float, float] | None:
    """The 95 % interval of a share by Wilson's score method; None without trials.

    Edwin B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
    """
    if not trials:
        return None
    share, z2 = hits / trials, Z95 * Z95
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    reach = Z95 / (1 + z2 / trials) * sqrt(share * (1 - share) / trials + z2 / (4 * trials**2))
    return max(0.0, centre - reach), min(1.0, centre + reach)
