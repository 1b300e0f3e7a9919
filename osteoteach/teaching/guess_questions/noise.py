"""The question of the page `noise`."""

from __future__ import annotations

from math import comb
from typing import Any

from osteoteach.model.diagnosis import t_category
from osteoteach.model.precision import Rescans
from osteoteach.model.vocabulary import plain_name
from osteoteach.teaching.guesses import Guessable
from osteoteach.teaching.sentences import signed

__all__ = ["noise_guess"]


def noise_guess(scans: Rescans, shares: dict[str, float], site: str, precision_pct: float,
                settings: tuple[Any, ...]) -> Guessable:
    """How many of some scans read another class than the true one."""
    count, true_class = len(scans.categories), t_category(scans.true_t_score)
    other = 1 - shares[true_class]
    seen = sum(category != true_class for category in scans.categories)
    return Guessable(
        "noise", f"Of {count} scans of this unchanged person, how many read another class than "
        f"her true one, {plain_name(true_class)}?",
        f"{plain_name(site).capitalize()}, true T {signed(scans.true_t_score)}, precision error "
        f"{precision_pct:g}%", settings, count * other,
        "A class is cut out of a continuous score. What matters is how near the true score lies "
        "to a line; far from both lines no machine is poor enough to change the class often.",
        unit=f"of {count}", off_unit="scans", scale=(0.0, float(count)), decimals=1,
        band=_binomial_range(count, other), band_words="90 of 100 such sets of scans",
        seen=(("The scans on the chart", float(seen)),))


def _binomial_range(count: int, share: float) -> tuple[float, float]:
    """Smallest central range of a count that holds 90 of 100 draws.

    Examples
    --------
    >>> _binomial_range(10, 0.5), _binomial_range(10, 0.0)
    ((2.0, 8.0), (0.0, 0.0))
    """
    chances = [comb(count, k) * share ** k * (1 - share) ** (count - k) for k in range(count + 1)]
    below = low = 0
    while below + chances[low] <= 0.05:
        below, low = below + chances[low], low + 1
    above, high = 0.0, count
    while above + chances[high] <= 0.05:
        above, high = above + chances[high], high - 1
    return float(low), float(high)
