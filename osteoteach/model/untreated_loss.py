"""What bone does if nothing is changed: the rate table, read along a life.

Rates depend on sex, site and either age or years since the final menstrual
period. They are piecewise constant, so following a person means adding up
segments: exact, and quick without NumPy.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from itertools import pairwise

from osteoteach.errors import InputError
from osteoteach.evidence import table
from osteoteach.model.patient import Patient

__all__ = ["LossSegment", "assumed", "menopause_assumption", "spread_of_loss", "untreated_segments"]

#: Women follow the clock of the menopause from one year before the final period
#: to ten years after it; before and after that they follow age.
TRANSITION_FROM, TRANSITION_TO = -1.0, 10.0
LAST_AGE = 100
# A 95% interval spans 2 x 1.96 standard errors.
CI95_WIDTH_IN_SE = 3.92


@dataclass(frozen=True)
class LossSegment:
    """A stretch of time with one rate.

    Attributes
    ----------
    start_years, end_years : float
        From the start of the simulation.
    log_rate : float
        Natural log of yearly change: a loss of 1% a year is log(0.99).
    log_rate_se : float
        Standard error of that rate between studies.
    """

    start_years: float
    end_years: float
    log_rate: float
    log_rate_se: float
    source_ids: tuple[str, ...]


@functools.cache
def _rates(sex: str, site: str, clock: str) -> tuple[tuple[float, float, float, float, str], ...]:
    return tuple(
        (row["from_value"], row["to_value"], math.log1p(row["change_pct_per_year"] / 100),
         (row["high"] - row["low"]) / 100 / CI95_WIDTH_IN_SE, row["source_ids"])
        for row in table("untreated_loss")
        if (row["sex"], row["site"], row["clock"]) == (sex, site, clock))


@functools.cache
def assumed(name: str) -> float:
    """A number of ``data/model_assumptions.csv`` by its name."""
    return next(row["value"] for row in table("model_assumptions") if row["name"] == name)


def menopause_assumption(patient: Patient) -> tuple[float | None, str]:
    """Age at the final period to reckon with, and a note when it was assumed.

    Returns
    -------
    (age_years or None, note)
        ``None`` for men; the note is empty when the age was given.
    """
    if patient.sex == "male":
        return None, ""
    if patient.menopause_age_years is not None:
        return patient.menopause_age_years, ""
    if patient.expected_menopause_age_years is not None:
        return patient.expected_menopause_age_years, ""
    typical = assumed("median_menopause_age_years")
    age, status = patient.age_years, patient.menopausal_status
    if status == "menopausal_transition":
        return age + 1, "Final period assumed one year from now."
    if status == "premenopausal" or (status is None and age < typical):
        expected = max(typical, age + 2)
        return expected, f"Menopause assumed at {expected:.1f} years."
    expected = min(typical, age)
    return expected, f"Age at menopause not given: {expected:.1f} years assumed."


@functools.lru_cache(maxsize=512)
def untreated_segments(patient: Patient, site: str, years: float) -> tuple[LossSegment, ...]:
    """Rates from now for ``years``, as consecutive segments.

    Raises
    ------
    InputError
        The person would be older than the table (100 years).
    """
    if patient.age_years + years > LAST_AGE:
        raise InputError("years", f"must end by age {LAST_AGE}, the end of the loss table",
                         years, f"Use {max(LAST_AGE - patient.age_years, 0):g} or fewer.")
    menopause_age, _ = menopause_assumption(patient)
    edges = sorted({0.0, float(years), *_edges(patient, menopause_age, site, years)})
    segments = []
    for start, end in pairwise(edges):
        rate, se, sources = _rate_at(patient, menopause_age, site, (start + end) / 2)
        segments.append(LossSegment(start, end, rate, se, tuple(sources.split(";"))))
    return tuple(segments)


def _clocks(patient: Patient, menopause_age: float | None) -> dict[str, float]:
    """Value of each clock now."""
    if menopause_age is None:
        return {"age": patient.age_years}
    return {"age_before_menopause": patient.age_years,
            "years_since_menopause": patient.age_years - menopause_age,
            "age_after_menopause": patient.age_years}


def _edges(patient: Patient, menopause_age: float | None, site: str, years: float) -> set[float]:
    found = set()
    for clock, now in _clocks(patient, menopause_age).items():
        for low, high, *_ in _rates(patient.sex, site, clock):
            found |= {low - now, high - now}
    return {edge for edge in found if 0 < edge < years}


def _rate_at(patient: Patient, menopause_age: float | None, site: str,
             time_years: float) -> tuple[float, float, str]:
    clocks = _clocks(patient, menopause_age)
    clock = "age"
    if menopause_age is not None:
        since = clocks["years_since_menopause"] + time_years
        clock = ("age_before_menopause" if since < TRANSITION_FROM
                 else "years_since_menopause" if since < TRANSITION_TO
                 else "age_after_menopause")
    value = clocks[clock] + time_years
    for low, high, rate, se, sources in _rates(patient.sex, site, clock):
        if low <= value < high:
            return rate, se, sources
    raise InputError("age_years", f"must lie inside the loss table (20 to {LAST_AGE} years)",
                     patient.age_years, "Use an adult age.")


def spread_of_loss(patient: Patient, site: str) -> float:
    """SD between persons of the yearly rate, as a log rate (0.01 is 1% a year).

    Women differ more around the menopause, so the spread follows where the
    person stands today.
    """
    menopause_age, _ = menopause_assumption(patient)
    phase = "other"
    if menopause_age is not None:
        # Rounded, because 31.01 minus 32.01 is not quite -1.
        since = round(patient.age_years - menopause_age, 6)
        phase = "around_menopause" if TRANSITION_FROM <= since < TRANSITION_TO else "other"
    return _spread(patient.sex, site, phase)


@functools.cache
def _spread(sex: str, site: str, phase: str) -> float:
    for row in table("loss_variation"):
        if (row["sex"], row["site"], row["phase"]) == (sex, site, phase):
            return row["sd_pct_per_year"] / 100
    raise InputError("site", "must have a published spread of bone loss", site,
                     "Use lumbar_spine, total_hip or femoral_neck.")
