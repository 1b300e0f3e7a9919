"""Is a change real? Precision error, least significant change, repeated scans.

A DXA result is the true density plus noise. Two results must differ by at least
2.77 times the precision error before the difference is taken for a change at
95% confidence (1.96 times the square root of 2; source iscd_2023).
"""

from __future__ import annotations

import functools
import math
import random
from dataclasses import dataclass
from numbers import Integral
from statistics import NormalDist

from osteoteach.errors import InputError
from osteoteach.evidence import table
from osteoteach.model.densitometry import density_at, reported, young_adult_reference
from osteoteach.model.diagnosis import t_category
from osteoteach.model.vocabulary import DXA_SITES, checked_choice, checked_number, number_between

__all__ = ["Rescans", "category_shares", "expected_second_scan", "least_significant_change",
           "precision_cv_pct", "rescans", "share_called_changed"]


@functools.cache
def precision_cv_pct(site: str) -> float:
    """Largest precision error that a technologist may have (ISCD), %.

    Examples
    --------
    >>> precision_cv_pct("total_hip")
    1.8
    """
    checked_choice("site", site, DXA_SITES)
    for row in table("bmd_precision"):
        if (row["site"], row["kind"]) == (site, "minimum_acceptable"):
            return row["cv_pct"]
    raise InputError("site", "must have a confirmed precision error", site,
                     "Give precision_pct yourself, from your centre's precision study.")


def least_significant_change(precision_error: float, confidence: float = 0.95) -> float:
    """Smallest difference between two scans that is taken for a change.

    Parameters
    ----------
    precision_error : float
        SD of repeated scans of one person, in % or in g/cm2; the answer has the
        same unit.
    confidence : float
        0.5 to 0.999, two-sided.

    Returns
    -------
    float
        In the unit of ``precision_error``.

    Examples
    --------
    By hand: 2.77 x 1.8% = 5.0%.

    >>> round(least_significant_change(1.8), 1)
    5.0
    """
    error = number_between("precision_error", precision_error, 1e-9, 100,
                           "must be above 0 and at most 100",
                           "Give the SD of repeated scans, in % or in g/cm2.")
    level = number_between("confidence", confidence, 0.5, 0.999, "must be from 0.5 to 0.999",
                           "Use 0.95.")
    return NormalDist().inv_cdf(0.5 + level / 2) * math.sqrt(2) * error


def _noise_t(site: str, t_score: float, precision_pct: float) -> float:
    """Precision error in T-score units at this density."""
    reference = young_adult_reference(site)
    bmd = reference.mean_g_cm2 + t_score * reference.sd_g_cm2
    return precision_pct / 100 * bmd / reference.sd_g_cm2


def _checked(site: str, true_t_score: float, precision_pct: float) -> tuple[float, float]:
    checked_choice("site", site, DXA_SITES)
    precision = number_between("precision_pct", precision_pct, 1e-9, 10,
                               "must be above 0 and at most 10 %",
                               "A DXA precision error is about 1 to 3%.")
    density_at(true_t_score, site, "true_t_score")  # refuses what no bone can have
    return float(true_t_score), precision


@dataclass(frozen=True)
class Rescans:
    """The same person, scanned again and again; nothing about her bone changed.

    Attributes
    ----------
    t_scores : tuple of float
        Measured, not rounded.
    categories : tuple of str
        WHO class of each reported score.
    """

    site: str
    true_t_score: float
    precision_pct: float
    t_scores: tuple[float, ...]

    @property
    def categories(self) -> tuple[str, ...]:
        return tuple(t_category(score) for score in self.t_scores)

    @property
    def reported(self) -> tuple[float, ...]:
        return tuple(reported(score) for score in self.t_scores)

    @property
    def largest_difference_pct(self) -> float:
        """Difference between highest and lowest scan, % of the lower."""
        reference = young_adult_reference(self.site)
        bmd = [reference.mean_g_cm2 + t * reference.sd_g_cm2 for t in self.t_scores]
        return 100 * (max(bmd) - min(bmd)) / min(bmd)


def rescans(site: str, true_t_score: float, precision_pct: float, n: int = 10,
            seed: int = 1) -> Rescans:
    """Scan one unchanged person ``n`` times, with repositioning.

    The same seed gives the same noise, so that a class sees the same scans and a
    moving slider does not reshuffle them.

    Parameters
    ----------
    site : str
        A DXA site.
    true_t_score : float
        The unchanged true T-score.
    precision_pct : float
        SD of repeated scans, % (above 0, at most 10).
    n : int
        Number of scans, 1 to 10,000.
    seed : int

    Returns
    -------
    Rescans

    Examples
    --------
    >>> scans = rescans("total_hip", -1.2, 1.8, n=10, seed=1)
    >>> len(scans.t_scores), len(set(scans.categories)) > 1
    (10, True)
    """
    true_t_score, precision_pct = _checked(site, true_t_score, precision_pct)
    if not isinstance(n, Integral) or isinstance(n, bool) or not 1 <= n <= 10_000:
        raise InputError("n", "must be a whole number from 1 to 10000", n, "Use 10.")
    noise = _noise_t(site, true_t_score, precision_pct)
    draw = random.Random(seed)
    scores = tuple(true_t_score + noise * draw.gauss(0, 1) for _ in range(n))
    return Rescans(site, true_t_score, precision_pct, scores)


def category_shares(site: str, true_t_score: float, precision_pct: float) -> dict[str, float]:
    """Share of scans reported in each WHO class, for one unchanged person (0 to 1).

    Examples
    --------
    At a true T of exactly -2.45 half the scans read osteoporosis.

    >>> round(category_shares("total_hip", -2.45, 1.8)["osteoporosis"], 2)
    0.5
    """
    true_t_score, precision_pct = _checked(site, true_t_score, precision_pct)
    scan = NormalDist(true_t_score, _noise_t(site, true_t_score, precision_pct))
    # Reported to one decimal: -2.45 and below reads -2.5; above -1.05 reads -1.0.
    osteoporosis, not_normal = scan.cdf(-2.45), scan.cdf(-1.05)
    return {"normal": 1 - not_normal, "low_bone_mass": not_normal - osteoporosis,
            "osteoporosis": osteoporosis}


def share_called_changed(true_change_pct: float, precision_pct: float,
                         confidence: float = 0.95) -> dict[str, float]:
    """How often two scans will show a gain, a loss, or nothing beyond the LSC.

    Parameters
    ----------
    true_change_pct : float
        What really happened between the scans, % (-50 to 50).
    precision_pct : float
        Precision error, % (above 0, at most 10).

    Examples
    --------
    With no true change 5 of 100 pairs are called changed, by definition.

    >>> shares = share_called_changed(0.0, 1.8)
    >>> round(shares["gain"] + shares["loss"], 2)
    0.05
    """
    _checked("total_hip", 0.0, precision_pct)
    number_between("true_change_pct", true_change_pct, -50, 50, "must be from -50 to 50 %",
                   "Give the true change between the two scans.")
    limit = least_significant_change(precision_pct, confidence)
    observed = NormalDist(true_change_pct, precision_pct * math.sqrt(2))
    gain, loss = 1 - observed.cdf(limit), observed.cdf(-limit)
    return {"gain": gain, "loss": loss, "no_change_shown": 1 - gain - loss}


def expected_second_scan(first_t_score: float, group_mean_t: float, group_sd_t: float,
                         site: str, precision_pct: float) -> float:
    """T-score to expect when someone picked for an extreme scan is scanned again.

    Regression to the mean: the first result holds noise, and people chosen
    because it was extreme were, on average, pushed there by it.

    Parameters
    ----------
    first_t_score : float
        The measured score that got her noticed.
    group_mean_t, group_sd_t : float
        Mean and SD of the true T-scores in the group she was picked from.

    Examples
    --------
    By hand, at a group mean of T 0: noise is 10% of 0.942, or 0.772 SD; of the
    distance 1/(1 + 0.772^2) = 0.626 is kept, so -2.0 becomes -1.25.

    >>> round(expected_second_scan(-2.0, 0.0, 1.0, "total_hip", 10), 2)
    -1.25
    """
    first, precision_pct = _checked(site, first_t_score, precision_pct)
    checked_number("group_mean_t", group_mean_t, "t_score")
    number_between("group_sd_t", group_sd_t, 1e-9, 5, "must be above 0 and at most 5 SD",
                   "It is about 1 in a general population.")
    noise = _noise_t(site, group_mean_t, precision_pct)
    kept = group_sd_t**2 / (group_sd_t**2 + noise**2)
    return group_mean_t + kept * (first - group_mean_t)
