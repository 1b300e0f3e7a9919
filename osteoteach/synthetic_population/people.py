"""Who is in the population: sex, age, menopause, bone density, and what sets each apart.

Every person has a number, and everything random about a person is drawn by the number:
persons come in blocks of 4096, each with its own stream of a counter-based generator. So
a person is the same whoever else is drawn, and in whatever order.

What the population does not know: ethnic groups (the surveys are of white people, the
census of all), illness, medicines, smoking and other factors of risk; and that a woman with
an early menopause has lost more by the day she enters (she does lose by her own clock
from then on).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from osteoteach.evidence import table
from osteoteach.model.fracture_hazard import base_rates
from osteoteach.model.untreated_loss import assumed
from osteoteach.model.vocabulary import SEXES
from osteoteach.synthetic_population.age_tables import (
    SITES,
    Place,
    log_bmd_tables,
    population_assumption,
)
from osteoteach.synthetic_population.body_weight import weights_kg

__all__ = ["BLOCK_PERSONS", "People", "draw_people"]

#: Persons of one stream of random numbers. Part of who is drawn: never change it lightly.
BLOCK_PERSONS = 4096
NORMALS, EXPONENTIALS, UNIFORMS = 11, 3, 2
#: Drawn after all others, so that who was drawn before there was a weight stays the same.
LATER_NORMALS = 1


@dataclass(frozen=True)
class People:
    """A group of persons on the day they enter, one item a person in every array.

    Attributes
    ----------
    male : array of int32
        1 for men, 0 for women.
    age_years, menopause_age_years : array of float32
        Menopause is infinity for men.
    log_bmd : dict of site to array of float32
        Logarithm of the true density, Hologic g/cm2.
    weight_kg : array of float32
        Body weight on the day they enter.
    pace : array of float32
        How fast a person loses bone, in SDs between persons: the same for life and at
        all sites, negative is faster.
    thresholds : array of float32, shape (3, persons)
        Death, hip fracture, other major fracture come when the sum of the yearly hazards
        reaches this.
    scan_noise : array of float32, shape (2, sites, persons)
        Errors of the first and the last scan, in precision errors.
    """

    male: np.ndarray
    age_years: np.ndarray
    menopause_age_years: np.ndarray
    log_bmd: dict[str, np.ndarray]
    weight_kg: np.ndarray
    pace: np.ndarray
    thresholds: np.ndarray
    scan_noise: np.ndarray

    def __len__(self) -> int:
        return len(self.male)


@functools.cache
def _mix(country: str, ages: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cumulative share, sex and age of each cell of one sex and one year of age."""
    cells = []
    for row in table("population_census"):
        if row["country"] == country:
            sex = SEXES.index(row["sex"])
            cells += [(sex, age, weight) for age, weight in _single_ages(row)
                      if ages[0] <= age < ages[1]]
    male, age, weight = (np.array(column) for column in zip(*cells, strict=True))
    return np.cumsum(weight) / weight.sum(), male.astype(np.int32), age.astype(np.float32)


def _single_ages(row) -> list[tuple[int, float]]:
    """A band of the census by single ages: level, or by survivors in the open band."""
    first = row["from_age"]
    if row["to_age"] is not None:
        ages = range(first, row["to_age"] + 1)
        return [(age, row["persons"] / len(ages)) for age in ages]
    alive, weights = 1.0, []
    for age in range(first, 100):
        weights.append((age, alive))
        alive *= np.exp(-base_rates(row["country"], row["sex"]).hazards(age + 0.5)[2])
    total = sum(weight for _, weight in weights)
    return [(age, row["persons"] * weight / total) for age, weight in weights]


@functools.cache
def _mixing() -> np.ndarray:
    """Turns three independent deviates into those of the three sites."""
    matrix = np.eye(len(SITES))
    for row in table("bmd_correlations"):
        a, b = SITES.index(row["site_a"]), SITES.index(row["site_b"])
        matrix[a, b] = matrix[b, a] = row["correlation"]
    return np.linalg.cholesky(matrix).astype(np.float32)


def _draws(first: int, stop: int, seed: int) -> tuple[np.ndarray, ...]:
    """Random numbers of persons ``first`` to ``stop``: uniform, normal, exponential, and
    further normal ones."""
    persons = stop - first
    uniform = np.empty((UNIFORMS, persons))
    normal = np.empty((NORMALS, persons), np.float32)
    exponential = np.empty((EXPONENTIALS, persons), np.float32)
    later = np.empty((LATER_NORMALS, persons), np.float32)
    for block in range(first // BLOCK_PERSONS, -(-stop // BLOCK_PERSONS)):
        # The key of a Philox generator is two numbers: here the seed and the block.
        stream = np.random.Generator(np.random.Philox(key=np.array([seed, block], np.uint64)))
        start = block * BLOCK_PERSONS
        low, high = max(first, start), min(stop, start + BLOCK_PERSONS)
        here, kept = slice(low - first, high - first), slice(low - start, high - start)
        # The whole block is drawn even where part of it is wanted.
        uniform[:, here] = stream.random((UNIFORMS, BLOCK_PERSONS))[:, kept]
        normal[:, here] = stream.standard_normal(
            (NORMALS, BLOCK_PERSONS), np.float32)[:, kept]
        exponential[:, here] = stream.standard_exponential(
            (EXPONENTIALS, BLOCK_PERSONS), np.float32)[:, kept]
        later[:, here] = stream.standard_normal(
            (LATER_NORMALS, BLOCK_PERSONS), np.float32)[:, kept]
    return uniform, normal, exponential, later


def draw_people(first: int, stop: int, country: str, seed: int, ages: tuple[int, int]) -> People:
    """Persons number ``first`` to ``stop`` (not included) of a population.

    Parameters
    ----------
    first, stop : int
        0 or more.
    country : str
        A country of ``data/population_census.csv``.
    seed : int
        0 or more.
    ages : tuple of int
        Youngest age, and the age that none has reached, 20 to 100 years.

    Returns
    -------
    People

    Examples
    --------
    A person is the same, whoever else is drawn:

    >>> alone = draw_people(5000, 5001, "US", 1, (20, 100))
    >>> bool(alone.age_years[0] == draw_people(0, 9000, "US", 1, (20, 100)).age_years[5000])
    True
    """
    uniform, normal, exponential, later = _draws(first, stop, seed)
    share, male_of, age_of = _mix(country, ages)
    cell = np.searchsorted(share, uniform[0], side="right").clip(max=len(share) - 1)
    male = male_of[cell]
    # A float32 could round up to the birthday that is not reached.
    age = np.minimum(age_of[cell] + uniform[1].astype(np.float32),
                     np.nextafter(age_of[cell] + np.float32(1), np.float32(0)))
    median = np.float32(assumed("median_menopause_age_years"))
    spread = np.float32(population_assumption("menopause_age_sd_years"))
    menopause = np.where(male == 1, np.float32(np.inf), median + spread * normal[0])
    place = Place.of(male, age)
    log_bmd, neck = _log_bmd(place, normal[1:4])
    return People(male, age, menopause, log_bmd,
                  weights_kg(country, male, place, neck, later[0]), normal[4], exponential,
                  normal[5:].reshape(2, len(SITES), -1))


def _log_bmd(place: Place, normal: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Log density by site, and the deviate of the femoral neck."""
    mixing = _mixing()
    found, neck = {}, normal[0]
    for row, site in enumerate(SITES):
        deviate = mixing[row, 0] * normal[0]
        for column in range(1, row + 1):  # not a matrix product: its sums depend on the size
            deviate += mixing[row, column] * normal[column]
        mean, sd = (table.at(place) for table in log_bmd_tables(site))
        found[site] = mean + sd * deviate
        neck = deviate if site == "femoral_neck" else neck
    return found, neck
