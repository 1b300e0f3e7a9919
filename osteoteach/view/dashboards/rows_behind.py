"""Which rows of ``data/`` stand behind an answer, for the evidence drawer.

Each function takes what the model was given or returned, and names the rows that the
model read for it. It is asked only when a reader opens the drawer. A test holds these
rows to the numbers that the model really used.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from osteoteach.calibration.published_arms import arms_with_plan
from osteoteach.evidence import table
from osteoteach.model.fracture_factors import Factor, patient_factors
from osteoteach.model.medicines import medicine
from osteoteach.model.patient import Patient
from osteoteach.model.plan import Plan
from osteoteach.model.plan_warnings import PlanWarning
from osteoteach.model.trajectory import Trajectory
from osteoteach.model.treatment_effect import TrialEffect
from osteoteach.model.untreated_loss import (
    TRANSITION_FROM,
    TRANSITION_TO,
    menopause_assumption,
    spread_of_loss,
    untreated_segments,
)
from osteoteach.model.vocabulary import plain_name
from osteoteach.view.evidence_rows import RowsUsed, row_key, rows_used

__all__ = ["effect_key", "factor_keys", "fracture_rows", "loss_keys", "medicine_rows",
           "noise_limit_rows", "scale_rows", "trajectory_rows", "warning_key"]

Found = Iterator[RowsUsed]
# Rates between two bands are on a line, so the bands on both sides of an age count.
HALF_BAND_YEARS = 5


def loss_keys(patient: Patient, site: str, years: float) -> tuple[str, ...]:
    """Rows of the rate table that a person passes through, in order."""
    menopause_age, _ = menopause_assumption(patient)
    keys = []
    for segment in untreated_segments(patient, site, years):
        clock, value = _clock(patient, menopause_age,
                              (segment.start_years + segment.end_years) / 2)
        keys += [row_key("untreated_loss", row) for row in table("untreated_loss")
                 if (row["sex"], row["site"], row["clock"]) == (patient.sex, site, clock)
                 and row["from_value"] <= value < row["to_value"]]
    return tuple(dict.fromkeys(keys))


def _clock(patient: Patient, menopause_age: float | None, at: float) -> tuple[str, float]:
    """The clock that rules at a time from now, and what it shows."""
    age = patient.age_years + at
    if menopause_age is None:
        return "age", age
    since = age - menopause_age
    if since < TRANSITION_FROM:
        return "age_before_menopause", age
    return ("years_since_menopause", since) if since < TRANSITION_TO \
        else ("age_after_menopause", age)


def trajectory_rows(course: Trajectory, sites: Iterable[str]) -> Found:
    """Rows behind a course of bone density at some sites."""
    patient, sites = course.patient, tuple(sites)
    for site in sites:
        yield from rows_used(f"Untreated change, {plain_name(site)}", "untreated_loss",
                             loss_keys(patient, site, course.years))
    yield from rows_used("How much persons differ in their loss", "loss_variation",
                         lambda row: row["sex"] == patient.sex and row["site"] in sites
                         and row["sd_pct_per_year"] / 100 == spread_of_loss(patient, row["site"]))
    if menopause_assumption(patient)[1]:
        yield from rows_used("Age at menopause, where it is not given", "model_assumptions",
                             ["median_menopause_age_years"])
    effects = [effect for site in sites for effect in course.paths[site].effects]
    yield from rows_used("Lifestyle", "lifestyle_effects", [one.effect_id for one in effects])
    if any(effect.exposure in ("calcium", "protein") for effect in effects):
        yield from rows_used("Recommended intake", "recommended_intakes", lambda row: (
            row["nutrient"].split("_")[0] in {effect.exposure for effect in effects}
            and row["sex"] in ("both", patient.sex) and row["age_low_years"]
            <= patient.age_years < (row["age_high_years"] or math.inf) + 1))
    yield from medicine_rows(course.plan, patient.sex, sites)
    yield from rows_used("Warnings about the plan", "medicine_warnings",
                         filter(None, map(warning_key, course.plan_warnings)))
    yield from scale_rows(sites)


def medicine_rows(plan: Plan, sex: str, sites: Iterable[str], which: str = "plan") -> Found:
    """Rows behind the medicines of a plan, which the page calls ``which``."""
    names = [one.medicine for one in plan.courses]
    if not names:
        return
    classes = {medicine(name).medicine_class for name in names}
    yield from rows_used(f"Medicines of the {which}", "medicines", names)
    yield from rows_used("How much persons differ in their response", "response_variation",
                         lambda row: row["medicine"] in classes)
    yield from rows_used(
        f"Published trials with the same medicines at the same times as the {which}", "trials",
        [row.row_id for _, rows in arms_with_plan(plan, sex) for row in rows
         if row.is_marker or row.site in sites])
    yield from rows_used("Constants of the remodelling model, fitted to trials",
                         "model_parameters", lambda row: True)


def scale_rows(sites: Iterable[str]) -> Found:
    """The young adults that T-scores are counted from."""
    sites = set(sites)
    yield from rows_used("Young adults that the T-score is counted from", "bmd_reference",
                         lambda row: row["role"] == "young_adult" and row["sex"] == "female"
                         and row["site"] in sites)


def noise_limit_rows(sites: Iterable[str]) -> Found:
    """The scan noise that decides whether a change counts."""
    yield from rows_used("Precision error of a scan", "bmd_precision",
                         [f"{site}|minimum_acceptable" for site in sites])


def warning_key(warning: PlanWarning) -> str:
    """Address of a warning's row; one that a rule made up from two rows has none."""
    return next((row["warning_id"] for row in table("medicine_warnings")
                 if (row["text"], row["trigger"]) == (warning.text, warning.trigger)), "")


def effect_key(effect: TrialEffect) -> str:
    """Address of a published ratio of fracture."""
    names = ("trial", "comparator", "population", "outcome", "months", "measure", "value", "low",
             "high", "n", "note")
    return next(row["effect_id"] for row in table("fracture_effects")
                if effect.medicine in row["medicines"].split(";")
                and all(row[name] == getattr(effect, name) for name in names))


def factor_keys(factor: Factor, outcome: str, with_bmd: bool = True) -> tuple[str, ...]:
    """Rows of the ratios that took part for one risk factor."""
    name = "recent_fracture" if factor.kind == "recency" else factor.name
    levels = {ratio.level for ratio in factor.rows(outcome)}
    return tuple(row_key("fracture_risk_ratios", row) for row in table("fracture_risk_ratios")
                 if (row["factor"], row["outcome"], row["adjusted_for_bmd"])
                 == (name, outcome, with_bmd) and row["level"] in levels
                 and row["sex"] in (factor.sex, "both"))


def fracture_rows(patient: Patient, outcome: str, years: float, country: str = "US") -> Found:
    """Rows behind a person's risk of fracture, hip or major."""
    ages = (patient.age_years, patient.age_years + years)
    sites = ("hip",) if outcome == "hip" else None
    yield from rows_used(
        "How often people of this age and sex break a bone", "fracture_incidence", lambda row: (
            (row["country"], row["sex"]) == (country, patient.sex)
            and (sites is None or row["fracture_site"] in sites)
            and row["from_age"] <= ages[1] + HALF_BAND_YEARS
            and (row["to_age"] or math.inf) >= ages[0] - HALF_BAND_YEARS))
    if outcome != "hip":
        yield from rows_used("People with two fractures, not to be counted twice",
                             "fracture_overlap", lambda row: row["role"] == "model")
    yield from rows_used("Death, which competes", "death_rates", lambda row: (
        (row["country"], row["sex"]) == (country, patient.sex)
        and int(ages[0]) - 1 <= row["age_years"] <= ages[1]))
    yield from rows_used("Risk by bone density", "fracture_gradient", lambda row: (
        row["role"] != "check" and row["outcome"] in (
            ("hip",) if outcome == "hip" else ("hip", "other_major"))))
    yield from _neck_rows(patient.sex)
    factors, _ = patient_factors(patient, True, country)
    for factor in factors:
        yield from rows_used(f"Ratio: {plain_name(factor.name)}", "fracture_risk_ratios",
                             factor_keys(factor, outcome))
    names = {factor.name for factor in factors}
    yield from rows_used("How common the factors are", "risk_factor_prevalence", lambda row: (
        row["factor"] in names and row["sex"] in (patient.sex, "both")))
    if "body_mass_index" in names:
        yield from rows_used("Body mass index of the population", "body_mass_index",
                             lambda row: row["sex"] == patient.sex)


def _neck_rows(sex: str) -> Found:
    what = "Femoral neck density of people of this age and sex"
    if sex == "male":
        yield from rows_used(what, "male_neck_bmd", lambda row: True)
        return
    yield from rows_used(what, "bmd_reference", lambda row: (
        row["role"], row["site"], row["sex"], row["population"])
        == ("age_matched", "femoral_neck", sex, "us_white"))
