"""Body weight by sex and age, and how it goes with bone density.

Weight is log-normal: body mass index by age from the survey, height from one figure for
all adults. Heavier people have denser hips: weight and femoral neck density share the
published correlation, the rest of weight is a person's own.

What it leaves out: that height falls with age, and that weight changes over the years.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from osteoteach.evidence import table
from osteoteach.model.fracture_hazard import mean_age_from
from osteoteach.model.vocabulary import SEXES
from osteoteach.synthetic_population.age_tables import GRID, AgeTable, Place

__all__ = ["weights_kg"]

METRES_PER_INCH = 0.0254
# From the middle of a normal distribution to its 15th or 85th percentile, in SDs.
SD_TO_85TH_PERCENTILE = 1.0364


def _log_height(country: str, sex: str) -> tuple[float, float]:
    """Mean and SD of the logarithm of height in metres."""
    row = next(row for row in table("body_height")
               if (row["country"], row["sex"]) == (country, sex))
    spread = math.log(row["p85_in"] / row["p15_in"]) / 2 / SD_TO_85TH_PERCENTILE
    return math.log(row["mean_in"] * METRES_PER_INCH) - spread ** 2 / 2, spread


@functools.cache
def _tables(country: str) -> tuple[AgeTable, AgeTable]:
    """Mean and SD of the logarithm of weight in kg, by sex and age."""
    def at_ages(sex: str, which: int) -> np.ndarray:
        ages, values = [], []
        height, height_sd = _log_height(country, sex)
        for row in table("body_mass_index"):
            if (row["country"], row["sex"]) != (country, sex):
                continue
            ages.append(mean_age_from(country, sex, int(row["from_age"]))
                        if row["to_age"] is None else (row["from_age"] + row["to_age"] + 1) / 2)
            low, high = math.log(row["p15_kg_m2"]), math.log(row["p85_kg_m2"])
            spread = (high - low) / 2 / SD_TO_85TH_PERCENTILE
            values.append(((low + high) / 2 + 2 * height, math.hypot(spread, 2 * height_sd)))
        return np.interp(GRID, ages, [value[which] for value in values])

    return AgeTable(lambda sex: at_ages(sex, 0)), AgeTable(lambda sex: at_ages(sex, 1))


@functools.cache
def _correlations() -> np.ndarray:
    found = {row["sex"]: row["correlation"] for row in table("weight_bmd_correlations")}
    return np.array([found[sex] for sex in SEXES], np.float32)


def weights_kg(country: str, male: np.ndarray, place: Place, density: np.ndarray,
               own: np.ndarray) -> np.ndarray:
    """Weights of persons, kg.

    Parameters
    ----------
    male : array of int
        1 for men, 0 for women.
    place : Place
        Of their ages.
    density, own : array of float
        Standard normal: femoral neck density among people of the age, and the part of
        weight that has nothing to do with it.

    Examples
    --------
    Two women of 65, one with a dense hip:

    >>> male, age = np.array([0, 0]), np.array([65, 65], np.float32)
    >>> light, heavy = weights_kg("US", male, Place.of(male, age), np.array([-1, 1]),
    ...                           np.zeros(2))
    >>> bool(60 < light < heavy < 95)
    True
    """
    shared = _correlations()[male]
    deviate = shared * density + np.sqrt(1 - shared * shared) * own
    mean, spread = (one.at(place) for one in _tables(country))
    return np.exp(mean + spread * deviate)
