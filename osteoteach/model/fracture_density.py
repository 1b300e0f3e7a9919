"""Where a person's femoral neck stands among people of the same age and sex.

The gradient of risk was published per SD of age-matched femoral neck BMD, so a T-score
is turned into a Z-score first. Reference means are joined by straight lines between the
middles of the decades: a birthday alone must not move a risk by a step.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

from osteoteach.errors import InputError
from osteoteach.evidence import table
from osteoteach.model.age_curve import Curve
from osteoteach.model.densitometry import bmd_from_t_score, patient_bmd
from osteoteach.model.fracture_hazard import mean_age_from
from osteoteach.model.patient import Patient
from osteoteach.model.plan import Plan
from osteoteach.model.trajectory import follow
from osteoteach.model.untreated_loss import LAST_AGE
from osteoteach.model.vocabulary import plain_name

__all__ = ["Density", "density_at_t_score", "neck_reference", "patient_density"]

NECK, HIP = "femoral_neck", "total_hip"
#: How far the line through the two groups of men is carried; level from there.
LAST_MALE_AGE = 85.0


@dataclass(frozen=True)
class Density:
    """A person's place in the BMD distribution, now and under a plan.

    Attributes
    ----------
    site : str
        ``femoral_neck``, or ``total_hip`` in its place.
    z_score : float
        SDs from the mean of the same age and sex, today.
    value : str
        What was given, in words.
    gains : tuple of float
        What the plan adds to the Z-score, by step of the forecast; empty: nothing.
    source_ids : tuple of str
    """

    site: str
    z_score: float
    value: str
    gains: tuple[float, ...] = ()
    source_ids: tuple[str, ...] = ()

    def z_at(self, step: int) -> float:
        """Z-score in a step: she keeps her place among her age, plus the plan's gain."""
        return self.z_score + (self.gains[step] if self.gains else 0.0)


@dataclass(frozen=True)
class _Reference:
    mean: Curve
    sd: Curve
    before_age: float
    source_ids: tuple[str, ...]


@functools.cache
def _reference(sex: str, site: str) -> _Reference:
    if (sex, site) == ("male", NECK):
        return _men()
    rows = [row for row in table("bmd_reference") if row["role"] == "age_matched"
            and (row["site"], row["sex"], row["population"]) == (site, sex, "us_white")]
    ages = tuple((row["age_low_years"] + row["age_high_years"] + 1) / 2
                 if row["age_high_years"] is not None
                 else mean_age_from("US", sex, int(row["age_low_years"])) for row in rows)
    last = rows[-1]["age_high_years"]
    return _Reference(Curve(ages, tuple(row["mean_g_cm2"] for row in rows)),
                      Curve(ages, tuple(row["sd_g_cm2"] for row in rows)),
                      math.inf if last is None else last + 1,
                      tuple(dict.fromkeys(row["source_id"] for row in rows)))


def _men() -> _Reference:
    """The femoral neck of men: a line through two published groups."""
    rows = table("male_neck_bmd")
    ages = tuple(row["age_years"] for row in rows)
    means = tuple(row["mean_g_cm2"] for row in rows)
    slope = (means[1] - means[0]) / (ages[1] - ages[0])
    return _Reference(
        Curve((*ages, LAST_MALE_AGE), (*means, means[1] + slope * (LAST_MALE_AGE - ages[1]))),
        Curve(ages, tuple(row["sd_g_cm2"] for row in rows)), math.inf,
        tuple(row["source_id"] for row in rows))


def neck_reference(sex: str, age_years: float, site: str = NECK) -> tuple[float, float]:
    """Mean and SD of BMD at an age, Hologic g/cm2.

    Raises
    ------
    InputError
        No confirmed reference covers this site, sex and age.

    Examples
    --------
    Women at 65, the middle of their decade:

    >>> neck_reference("female", 65.0)
    (0.681, 0.119)
    """
    reference = _reference(sex, site)
    if age_years >= reference.before_age:
        raise InputError("z_scores", "are needed: no confirmed age-matched reference covers the "
                         f"{plain_name(site)} of a {sex} person of {age_years:g}", None,
                         f'Give z_scores={{"{site}": ...}} as the report prints it.')
    return reference.mean.at(age_years), reference.sd.at(age_years)


def patient_density(patient: Patient, plan: Plan | None = None,
                    middles: tuple[float, ...] = ()) -> Density | None:
    """Density of a person, or ``None`` without a hip scan.

    The femoral neck comes first, the total hip stands in for it. A Z-score is made from
    the BMD or T-score; a printed one serves where that cannot be done.

    Parameters
    ----------
    patient : Patient
    plan : Plan, optional
        Only a change of lifestyle counts here.
    middles : tuple of float
        Middles of the steps of the forecast, years from now.

    Examples
    --------
    By hand: 0.858 - 2 x 0.120 = 0.618; (0.618 - 0.681) / 0.119 = -0.53.

    >>> woman = Patient(age_years=65, sex="female", t_scores={"femoral_neck": -2})
    >>> round(patient_density(woman).z_score, 2)
    -0.53
    """
    for site in (NECK, HIP):
        bmd, printed = patient_bmd(patient, site), patient.z_scores.get(site)
        if bmd is None and printed is None:
            continue
        reference = _reference(patient.sex, site)
        gains = () if bmd is None else _gains(patient, plan, bmd, middles, site)
        if bmd is None or (printed is not None and patient.age_years >= reference.before_age):
            return Density(site, printed, f"{plain_name(site)} Z-score {printed:+.1f}", gains)
        mean, sd = neck_reference(patient.sex, patient.age_years, site)
        given = (f"T-score {patient.t_scores[site]:+.1f}" if site in patient.t_scores
                 else f"{patient.bmd_g_cm2[site]:.3f} g/cm2")
        return Density(site, (bmd - mean) / sd, f"{plain_name(site)} {given}", gains,
                       reference.source_ids)
    return None


def density_at_t_score(patient: Patient, t_score: float) -> Density:
    """Density of the same person if her femoral neck had another T-score.

    Examples
    --------
    >>> woman = Patient(age_years=65, sex="female", t_scores={"femoral_neck": -1})
    >>> round(density_at_t_score(woman, -2).z_score, 2)
    -0.53
    """
    mean, sd = neck_reference(patient.sex, patient.age_years)
    reference = _reference(patient.sex, NECK)
    return Density(NECK, (bmd_from_t_score(t_score, NECK) - mean) / sd,
                   f"{plain_name(NECK)} T-score {t_score:+.1f}", (), reference.source_ids)


def _gains(patient: Patient, plan: Plan | None, bmd: float, middles: tuple[float, ...],
           site: str) -> tuple[float, ...]:
    """What a change of lifestyle adds to the Z-score at each time.

    Only the difference from going on as now counts: loss with age is in the base rates.
    """
    if plan is None or plan.lifestyle is None or not middles:
        return ()
    # Untreated loss is known to 100 years; from there the gain is held.
    years = min(middles[-1], LAST_AGE - patient.age_years)
    habits = Plan(lifestyle=plan.lifestyle, combining=plan.combining)
    changed = follow(patient, habits, years, (site,))[site]
    as_now = follow(patient, Plan(), years, (site,))[site]
    sd = _reference(patient.sex, site).sd
    return tuple(bmd * (changed.change_pct(time) - as_now.change_pct(time)) / 100
                 / sd.at(patient.age_years + time)
                 for time in (min(middle, years) for middle in middles))
