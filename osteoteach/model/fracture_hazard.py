"""What a fracture hazard is made of: base rates, death, and risk by bone density.

Everything is a curve over age, a straight line in logs between the published bands.
The functions take floats, or NumPy arrays where a population is computed.

Four sites make a major fracture: hip, clinical vertebral, forearm, humerus. Hip is
followed on its own; the other three together are ``other``. So major is hip plus other,
and the risk of a major fracture is never below that of the hip.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from dataclasses import dataclass
from typing import Any

from osteoteach.errors import InputError
from osteoteach.evidence import table
from osteoteach.model.age_curve import Curve, exp_of
from osteoteach.model.vocabulary import SEXES, checked_choice

__all__ = [
    "BaseRates", "Gradient", "base_rates", "bmd_multiplier", "check_age", "countries",
    "cumulative_incidence", "gradient", "log_bmd_multiplier", "mean_age_from",
    "overlap_of_sites",
]

#: Range of ages at the start of a forecast.
YOUNGEST, OLDEST = 40, 95
OTHER_SITES = ("clinical_vertebral", "distal_forearm", "proximal_humerus")
# A 95% interval spans 2 x 1.96 standard errors.
CI95_WIDTH_IN_SE = 3.92


@dataclass(frozen=True)
class BaseRates:
    """Mean hazards of a country's people of one sex, a year.

    Attributes
    ----------
    log_hip, log_other, log_death : Curve
        Natural logs of the yearly hazards: hip fracture, a first major fracture
        elsewhere, death.
    first_ages : tuple of float
        Youngest age with a rate in the tables: hip, major. Below it the line is carried on.
    last_age : float
        Age from which the last rates of fracture stay as they are.
    source_ids : tuple of str
    hip_error, other_error : Curve
        Standard error of the logs of the hazards, by age.
    """

    country: str
    sex: str
    log_hip: Curve
    log_other: Curve
    log_death: Curve
    first_ages: tuple[float, float]
    last_age: float
    source_ids: tuple[str, ...]
    hip_error: Curve
    other_error: Curve

    def hazards(self, age_years: Any) -> tuple[Any, Any, Any]:
        """Yearly hazards at an age: hip, other major, death."""
        return (exp_of(self.log_hip.at(age_years)), exp_of(self.log_other.at(age_years)),
                exp_of(self.log_death.at(age_years)))

    def scaled(self, hip: float, other: float) -> BaseRates:
        """The same with the hazards of fracture multiplied: another country's level."""
        return dataclasses.replace(self, log_hip=self.log_hip.raised(math.log(hip)),
                                   log_other=self.log_other.raised(math.log(other)))


@functools.cache
def countries() -> tuple[str, ...]:
    """Countries with fracture rates by age and a life table.

    Examples
    --------
    >>> countries()
    ('US',)
    """
    with_death = {row["country"] for row in table("death_rates")}
    return tuple(dict.fromkeys(row["country"] for row in table("fracture_incidence")
                               if row["country"] in with_death))


@functools.cache
def _death(country: str, sex: str) -> dict[int, float]:
    """Yearly hazard of death by age of last birthday."""
    return {row["age_years"]: -math.log1p(-row["yearly_probability"])
            for row in table("death_rates") if (row["country"], row["sex"]) == (country, sex)}


@functools.cache
def mean_age_from(country: str, sex: str, from_age: int) -> float:
    """Mean age of the people of an open band, by the life table (stationary population).

    Examples
    --------
    >>> 88 < mean_age_from("US", "female", 85) < 92
    True
    """
    alive, lived, weighted = 1.0, 0.0, 0.0
    for age, hazard in sorted(_death(country, sex).items()):
        if age >= from_age:
            years = (1 - math.exp(-hazard)) / hazard * alive
            lived, weighted = lived + years, weighted + years * (age + 0.5)
            alive *= math.exp(-hazard)
    return weighted / lived


def _middle(row: Any) -> float:
    if row["to_age"] is None:
        return mean_age_from(row["country"], row["sex"], int(row["from_age"]))
    return (row["from_age"] + row["to_age"] + 1) / 2


@functools.cache
def overlap_of_sites() -> tuple[float, float]:
    """Rate of any major fracture over the sum of the four rates; standard error.

    Adding four risks counts a person with two fractures twice. Most of that is undone by
    adding rates in place of risks; this is what is left, the mean over the US age bands.

    Examples
    --------
    >>> 0.9 < overlap_of_sites()[0] < 1
    True
    """
    shares = []
    for row in table("fracture_overlap"):
        if row["role"] == "model":
            # The sum is split evenly: how it is split changes the answer by little.
            rates = -4 * math.log1p(-row["sum_of_four_pct"] / 400)
            shares.append(-math.log1p(-row["any_of_four_pct"] / 100) / rates)
    mean = sum(shares) / len(shares)
    variance = sum((share - mean) ** 2 for share in shares) / (len(shares) - 1)
    return mean, math.sqrt(variance / len(shares))


@functools.cache
def base_rates(country: str, sex: str) -> BaseRates:
    """Base rates of a country and sex.

    Raises
    ------
    InputError
        No rates by age are in the tables for this country.

    Examples
    --------
    The hip rate of US women more than triples between 70 and 80:

    >>> rates = base_rates("US", "female")
    >>> 3 < rates.hazards(80.0)[0] / rates.hazards(70.0)[0] < 5
    True
    """
    checked_choice("country", country, countries())
    checked_choice("sex", sex, SEXES)
    rows = [row for row in table("fracture_incidence")
            if (row["country"], row["sex"]) == (country, sex)]
    hip = _log_rates({_middle(row): row["rate_per_100000"] for row in rows
                      if row["fracture_site"] == "hip"})
    four = _log_rates(_sum_of_four(rows))
    first_ages = (hip.ages[0], four.ages[0])
    hip, four = hip.started_at(YOUNGEST), four.started_at(YOUNGEST)
    overlap, _ = overlap_of_sites()
    other = Curve(four.ages, tuple(
        math.log(overlap * math.exp(value) - math.exp(hip.at(age)))
        for age, value in zip(four.ages, four.values, strict=True)))
    death = _death(country, sex)
    log_death = Curve(tuple(age + 0.5 for age in death), tuple(map(math.log, death.values())))
    ids = [row["source_id"] for row in rows]
    ids += [row["source_id"] for name in ("death_rates", "fracture_overlap")
            for row in table(name) if row["country"] == country]
    return BaseRates(country, sex, hip, other, log_death, first_ages, hip.ages[-1],
                     tuple(dict.fromkeys(ids)), *(_rate_error(country, component)
                                                  for component in ("hip", "other")))


def _rate_error(country: str, component: str) -> Curve:
    rows = [row for row in table("rate_uncertainty")
            if (row["country"], row["component"]) == (country, component)]
    return Curve(tuple(row["age_years"] for row in rows),
                 tuple(row["standard_error"] for row in rows))


def _log_rates(rates: dict[float, float]) -> Curve:
    """Curve of ln hazards from rates per 100,000 by age."""
    ages = tuple(sorted(rates))
    return Curve(ages, tuple(math.log(rates[age] / 1e5) for age in ages))


def _sum_of_four(rows: list[Any]) -> dict[float, float]:
    """Sum of the four rates by age: from the tables, or added up where all are known."""
    bands: dict[float, dict[str, float]] = {}
    for row in rows:
        bands.setdefault(_middle(row), {})[row["fracture_site"]] = row["rate_per_100000"]
    return {age: sites.get("sum_of_four") or sum(sites.values())
            for age, sites in bands.items()
            if "sum_of_four" in sites or all(site in sites for site in ("hip", *OTHER_SITES))}


@dataclass(frozen=True)
class Gradient:
    """Risk by density: ln of the hazard ratio per SD lower, and its standard error."""

    log_ratio: Curve
    error: Curve
    source_ids: tuple[str, ...]


@functools.cache
def gradient(component: str) -> Gradient:
    """Gradient of a component, ``hip`` or ``other``.

    Examples
    --------
    >>> round(math.exp(gradient("hip").log_ratio.at(70.0)), 2)
    2.78
    """
    checked_choice("component", component, ("hip", "other"))
    name = {"hip": "hip", "other": "other_major"}[component]
    rows = [row for row in table("fracture_gradient")
            if row["outcome"] == name and row["role"] == "model"]
    ages = tuple(row["age_years"] for row in rows)
    return Gradient(
        Curve(ages, tuple(math.log(row["ratio"]) for row in rows)),
        Curve(ages, tuple(math.log(row["high"] / row["low"]) / CI95_WIDTH_IN_SE
                          for row in rows)),
        tuple(dict.fromkeys(row["source_id"] for row in rows)))


def bmd_multiplier(z_score: Any, log_gradient: Any) -> Any:
    """Hazard of a Z-score over the mean hazard of all people of that age and sex.

    The mean hazard is not the hazard at mean BMD: those with thin bones pull it up. For a
    normal distribution the mean of exp(-b Z) is exp(b^2 / 2), and it is divided by that.

    Examples
    --------
    With a ratio of 2.78 per SD, the person of average BMD has 0.59 of the mean risk:

    >>> round(bmd_multiplier(0.0, math.log(2.78)), 2)
    0.59
    """
    return exp_of(log_bmd_multiplier(z_score, log_gradient))


def log_bmd_multiplier(z_score: Any, log_gradient: Any) -> Any:
    """Natural log of `bmd_multiplier`."""
    return -log_gradient * z_score - log_gradient * log_gradient / 2


def cumulative_incidence(hazards: Any, deaths: Any, years: Any) -> Any:
    """Probability of a first event before death, over steps of constant hazards.

    Parameters
    ----------
    hazards, deaths, years : sequences of the same length
        Yearly hazard of the event, of death, and the length of each step. Items may be
        arrays of people.

    Examples
    --------
    By hand, one year: 0.1 / 0.3 * (1 - exp(-0.3)) = 0.0864.

    >>> round(cumulative_incidence([0.1], [0.2], [1.0]), 4)
    0.0864
    """
    free, risk = 1.0, 0.0
    for hazard, death, length in zip(hazards, deaths, years, strict=True):
        total = hazard + death
        stays = exp_of(-total * length)
        risk = risk + free * hazard / total * (1 - stays)
        free = free * stays
    return risk


def check_age(age_years: float) -> None:
    """Refuse a start outside the ages of the tables."""
    if not YOUNGEST <= age_years <= OLDEST:
        raise InputError("age_years", f"must be from {YOUNGEST} to {OLDEST} for a fracture risk",
                         age_years, "Other ages have no published risk to build on.")
