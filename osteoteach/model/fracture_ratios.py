"""The ratio and prevalence tables of the risk factors, read once and ready to use."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

from osteoteach.evidence import table
from osteoteach.model.age_curve import Curve
from osteoteach.model.fracture_hazard import CI95_WIDTH_IN_SE, mean_age_from

__all__ = ["Ratio", "body_mass", "factor_multiplier", "prevalence", "ratios", "share_at",
           "share_error_at"]

# Half the distance from the 15th to the 85th percentile, in SDs of a normal distribution.
SD_TO_85TH_PERCENTILE = 1.0364


@dataclass(frozen=True)
class Ratio:
    """One row of the ratio table.

    Attributes
    ----------
    log_ratio, error : float
        ln of the ratio; its standard error, 0 where no interval was printed.
    """

    level: str
    from_value: float | None
    to_value: float | None
    log_ratio: float
    error: float
    against: str
    basis: str
    has_interval: bool
    source_ids: tuple[str, ...]


@functools.cache
def ratios(factor: str, sex: str, outcome: str, with_bmd: bool) -> tuple[Ratio, ...]:
    """Rows of a factor for a sex, an outcome (``hip`` or ``major``), with or without BMD.

    Examples
    --------
    >>> [round(math.exp(r.log_ratio), 2) for r in ratios("smoking", "female", "hip", True)]
    [1.6]
    """
    rows = [row for row in table("fracture_risk_ratios")
            if (row["factor"], row["outcome"], row["adjusted_for_bmd"])
            == (factor, outcome, with_bmd) and row["sex"] in (sex, "both")]
    return tuple(map(_ratio, rows))


def _ratio(row: Any) -> Ratio:
    known = row["low"] is not None and row["high"] is not None
    error = math.log(row["high"] / row["low"]) / CI95_WIDTH_IN_SE if known else 0.0
    ids = tuple(part.strip() for part in row["source_ids"].split(";"))
    return Ratio(row["level"], row["from_value"], row["to_value"], math.log(row["ratio"]), error,
                 row["against"], row["basis"], known, ids)


@functools.cache
def prevalence(country: str, factor: str, sex: str) -> tuple[tuple[float, float], ...]:
    """Share of people with a factor: pairs of (from age, share), ages rising."""
    return tuple((row["from_age"], row["percent"] / 100)
                 for row in table("risk_factor_prevalence")
                 if (row["country"], row["factor"]) == (country, factor)
                 and row["sex"] in (sex, "both"))


def share_at(country: str, factor: str, sex: str, age_years: float) -> float:
    """Share of people of an age who have a factor, 0 to 1."""
    return [share for from_age, share in prevalence(country, factor, sex)
            if age_years >= from_age][-1]


@functools.cache
def share_error_at(country: str, factor: str, sex: str, age_years: float) -> float:
    """Standard error of that share; 0 where no interval was printed.

    Examples
    --------
    Smokers of 65 and over, 7.6 to 9.0%: (0.090 - 0.076) / 3.92.

    >>> round(share_error_at("US", "smoking", "female", 70.0), 4)
    0.0036
    """
    rows = [row for row in table("risk_factor_prevalence")
            if (row["country"], row["factor"]) == (country, factor)
            and row["sex"] in (sex, "both") and age_years >= row["from_age"]]
    low, high = rows[-1]["low"], rows[-1]["high"]
    return 0.0 if low is None or high is None else (high - low) / 100 / CI95_WIDTH_IN_SE


def factor_multiplier(ratio: Any, present: Any, share: Any) -> Any:
    """Hazard of a person over the mean of the population, for one yes-or-no factor.

    Parameters
    ----------
    ratio : float or array
        Hazard ratio of yes against no.
    present : bool, or array of 0 and 1
    share : float or array
        Share of the population with the factor.

    Examples
    --------
    One in ten smokes at a ratio of 2; the mean of the population is 1.1:

    >>> round(factor_multiplier(2.0, True, 0.1), 3), round(factor_multiplier(2.0, False, 0.1), 3)
    (1.818, 0.909)
    """
    return ratio ** present / (1 + share * (ratio - 1))


@functools.cache
def body_mass(country: str, sex: str) -> tuple[Curve, Curve]:
    """Mean and SD of the body mass index by age."""
    rows = [row for row in table("body_mass_index")
            if (row["country"], row["sex"]) == (country, sex)]
    ages = tuple((row["from_age"] + row["to_age"] + 1) / 2 if row["to_age"] is not None
                 else mean_age_from(country, sex, int(row["from_age"])) for row in rows)
    return (Curve(ages, tuple(row["mean_kg_m2"] for row in rows)),
            Curve(ages, tuple((row["p85_kg_m2"] - row["p15_kg_m2"]) / 2 / SD_TO_85TH_PERCENTILE
                              for row in rows)))
