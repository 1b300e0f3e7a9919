"""What the tables of ``data/`` say at every age, laid out so that arrays can be looked up.

A table is kept at every half year for both sexes. All tables of ``data/`` change their
slope at whole or half years of age, so straight lines between those points lose nothing.

Not answered here: who lives in the population (`people`), and what becomes of them
(`life_course`).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from osteoteach.evidence import table
from osteoteach.model.fracture_hazard import mean_age_from
from osteoteach.model.precision import precision_cv_pct
from osteoteach.model.untreated_loss import TRANSITION_FROM, TRANSITION_TO, assumed
from osteoteach.model.vocabulary import SEXES

__all__ = ["FIRST_AGE", "GRID", "LAST_AGE", "LONGEST_YEARS", "OLDEST_START", "SITES", "AgeTable",
           "LossTables", "Place", "bmd_at_age", "log_bmd_tables", "loss_tables",
           "population_assumption"]

SITES = ("lumbar_spine", "total_hip", "femoral_neck")
FIRST_AGE, OLDEST_START = 20, 100
#: Longest follow-up. Past the end of a table its last rate goes on.
LONGEST_YEARS = 80

STEPS_A_YEAR = 2
LAST_AGE = OLDEST_START + LONGEST_YEARS
GRID = np.arange(FIRST_AGE, LAST_AGE + 1, 1 / STEPS_A_YEAR)
HIP_SITES = ("total_hip", "femoral_neck")


@functools.cache
def population_assumption(name: str) -> float:
    """A number of ``data/population_assumptions.csv`` by its name.

    Examples
    --------
    >>> population_assumption("menopause_age_sd_years")
    3.9
    """
    return next(row["value"] for row in table("population_assumptions") if row["name"] == name)


@dataclass(frozen=True)
class Place:
    """Where ages stand in the tables: the point before each, and the share of the way on."""

    index: np.ndarray
    share: np.ndarray

    @classmethod
    def of(cls, male: np.ndarray, age_years: np.ndarray) -> Place:
        """Places of persons of these ages; ``male`` is 1 for men, 0 for women."""
        steps = (age_years - np.float32(FIRST_AGE)) * np.float32(STEPS_A_YEAR)
        index = steps.astype(np.int32)
        return cls(index + male * np.int32(len(GRID)), steps - index)


class AgeTable:
    """A quantity by sex and age.

    Parameters
    ----------
    of_sex : function of a sex
        Gives the values at all ages of ``GRID``.

    Examples
    --------
    >>> import numpy as np
    >>> same_as_age = AgeTable(lambda sex: GRID)
    >>> places = Place.of(np.array([0, 1]), np.array([20.25, 61.0], dtype=np.float32))
    >>> same_as_age.at(places).tolist()
    [20.25, 61.0]
    """

    def __init__(self, of_sex: Callable[[str], np.ndarray]) -> None:
        values = np.concatenate([of_sex(sex) for sex in SEXES])
        slopes = np.append(np.diff(values), 0.0)
        self._values, self._slopes = values.astype(np.float32), slopes.astype(np.float32)

    def at(self, place: Place) -> np.ndarray:
        """Values at these places, float32."""
        return self._values[place.index] + place.share * self._slopes[place.index]


# --- Natural loss ------------------------------------------------------------


def _lost_by(sex: str, site: str, clock: str, points: np.ndarray) -> np.ndarray:
    """Log change from the first point to each, along one clock of the loss table."""
    rows = [row for row in table("untreated_loss")
            if (row["sex"], row["site"], row["clock"]) == (sex, site, clock)]
    edges = [row["from_value"] for row in rows] + [max(points[-1], rows[-1]["to_value"])]
    rates = [math.log1p(row["change_pct_per_year"] / 100) for row in rows]
    sums = np.concatenate([[0.0], np.cumsum(np.array(rates) * np.diff(edges))])
    return np.interp(points, edges, sums)


def _clock(name: str, site: str) -> Callable[[str], np.ndarray]:
    def of_sex(sex: str) -> np.ndarray:
        if sex == "female":
            return _lost_by(sex, site, name, GRID)
        # A man has one clock, which runs in the place of that before menopause.
        return (_lost_by(sex, site, "age", GRID) if name == "age_before_menopause"
                else np.zeros(len(GRID)))
    return of_sex


@dataclass(frozen=True)
class LossTables:
    """Natural loss at one site along three clocks, and how persons differ.

    Attributes
    ----------
    before, after : AgeTable
        Log change since 20 on the clocks before and after menopause.
    around_years, around : array of float
        Years since the final period, and log change since the first of them.
    sd_other, sd_around : array of float, by sex
        SD between persons of the yearly log rate.
    """

    before: AgeTable
    after: AgeTable
    around_years: np.ndarray
    around: np.ndarray
    sd_other: np.ndarray
    sd_around: np.ndarray


@functools.cache
def loss_tables(site: str) -> LossTables:
    """The tables of one site."""
    years = np.arange(TRANSITION_FROM, TRANSITION_TO + 1)
    sd = {(row["sex"], row["phase"]): row["sd_pct_per_year"] / 100
          for row in table("loss_variation") if row["site"] == site}
    other = [sd[sex, "other"] for sex in SEXES]
    around = [sd["female", "around_menopause"], sd["male", "other"]]
    return LossTables(AgeTable(_clock("age_before_menopause", site)),
                      AgeTable(_clock("age_after_menopause", site)), years,
                      _lost_by("female", site, "years_since_menopause", years),
                      np.array(other, np.float32), np.array(around, np.float32))


def _average_loss(sex: str, site: str) -> np.ndarray:
    """Log change since 20 of a person with the median age at menopause."""
    before = _clock("age_before_menopause", site)(sex)
    if sex == "male":
        return before
    menopause = assumed("median_menopause_age_years")
    start, end = menopause + TRANSITION_FROM, menopause + TRANSITION_TO
    after = _clock("age_after_menopause", site)(sex)
    loss = loss_tables(site)
    return (np.interp(np.minimum(GRID, start), GRID, before)
            + np.interp(GRID - menopause, loss.around_years, loss.around)
            + np.interp(np.maximum(GRID, end), GRID, after) - np.interp(end, GRID, after))


# --- Bone density by age -----------------------------------------------------


def _survey(sex: str, site: str) -> list[tuple[float, float, float]]:
    """Age, mean and SD of the surveys, in the years 2005-08."""
    if (sex, site) == ("male", "femoral_neck"):
        # No survey by age was found: young men of the survey, and a cohort of older men.
        return [(row["age_years"], row["mean_g_cm2"], row["sd_g_cm2"])
                for row in table("male_neck_bmd")]
    rows = [row for row in table("bmd_reference") if row["role"] == "age_matched"
            and (row["sex"], row["site"], row["population"]) == (sex, site, "us_white")]
    found = []
    for row in rows:
        mean, sd = _to_later_survey(sex, site, row["age_low_years"])
        found.append((_middle(row), row["mean_g_cm2"] * mean, row["sd_g_cm2"] * sd))
    if site == "total_hip":
        # No band above 79 was printed for white people: the mean of all groups of the survey.
        oldest = population_assumption(f"total_hip_80_plus_{sex}_g_cm2")
        share = found[-1][2] / found[-1][1]
        found.append((mean_age_from("US", sex, 80), oldest, oldest * share))
    return found


def _to_later_survey(sex: str, site: str, age: float) -> tuple[float, float]:
    """What mean and SD of 1988-94 are multiplied by to be those of 2005-08.

    The hips of women alone come from the earlier survey. Of the later one the total hip was
    printed at 20 to 29, and at 60 and over: there it had risen more, and people were more alike.
    """
    if sex == "male" or site not in HIP_SITES:
        return 1.0, 1.0
    if age < 60:
        return (population_assumption("hip_survey_ratio"),) * 2
    return (population_assumption("hip_survey_ratio_60_plus"),
            population_assumption("hip_survey_sd_ratio_60_plus"))


def _middle(row) -> float:
    if row["age_high_years"] is None:
        return mean_age_from("US", row["sex"], int(row["age_low_years"]))
    return (row["age_low_years"] + row["age_high_years"] + 1) / 2


def bmd_at_age(sex: str, site: str) -> tuple[np.ndarray, np.ndarray]:
    """Mean and SD of scans at every age of ``GRID``, Hologic g/cm2.

    Straight lines between the middles of the survey's bands. Past the oldest band the mean
    is carried on by ``data/untreated_loss.csv`` and the SD stays the same share of it. For
    the femoral neck of men only two groups were found, at 25 and at 73: the line between
    them is the one that `osteoteach.model.fracture_density` uses.

    Examples
    --------
    Women at 45, the middle of a band: 0.791 in 1988-94, times 1.0308.

    >>> mean, sd = bmd_at_age("female", "femoral_neck")
    >>> round(float(mean[list(GRID).index(45)]), 3)
    0.815
    """
    ages, means, sds = (np.array(column) for column in zip(*_survey(sex, site), strict=True))
    loss = _average_loss(sex, site)
    later = np.exp(loss - np.interp(ages[-1], GRID, loss))
    mean = np.where(ages[-1] < GRID, means[-1] * later, np.interp(GRID, ages, means))
    share = np.interp(GRID, ages, sds) / np.interp(GRID, ages, means)
    return mean, mean * share


def _log_bmd(sex: str, site: str) -> tuple[np.ndarray, np.ndarray]:
    """Mean and SD of true log density by age.

    Log-normal, so that no bone has less than nothing. The published SD is that of scans:
    the error of the machine is taken off, and put back by the scan.
    """
    mean, sd = bmd_at_age(sex, site)
    variance = np.log1p((sd / mean) ** 2) - (precision_cv_pct(site) / 100) ** 2
    return np.log(mean) - np.log1p((sd / mean) ** 2) / 2, np.sqrt(variance)


@functools.cache
def log_bmd_tables(site: str) -> tuple[AgeTable, AgeTable]:
    """Mean and SD of true log density by sex and age."""
    return (AgeTable(lambda sex: _log_bmd(sex, site)[0]),
            AgeTable(lambda sex: _log_bmd(sex, site)[1]))
