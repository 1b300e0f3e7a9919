"""The values that a question may name: one function for each, over the model and the tables.

A name that is not here cannot stand in a question file, and an argument that a function
does not take is refused, so a slip of an author shows when the file is read.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

from osteoteach.errors import InputError
from osteoteach.model import densitometry, diagnosis, precision, vertebrae
from osteoteach.model.patient import Patient
from osteoteach.teaching.questions.people import plan_from

__all__ = ["COMPUTED", "compute"]

Courses = list[dict[str, Any]]


def compute(name: str, given: Mapping[str, Any]) -> Any:
    """The value ``name`` for some arguments.

    Examples
    --------
    >>> compute("precision_pct", {"site": "lumbar_spine"})
    1.9
    >>> compute("sum", {"of": [1, 2]})
    3
    """
    if name not in COMPUTED:
        import difflib

        near = difflib.get_close_matches(name, COMPUTED, n=3)
        raise InputError("computed", "must be a value that questions may name", name,
                         f"Did you mean {', '.join(near)}?" if near
                         else f"Use one of {', '.join(COMPUTED)}.")
    function = COMPUTED[name]
    try:
        inspect.signature(function).bind(**given)
    except TypeError as error:
        raise InputError(name, f"takes {inspect.signature(function)}", list(given),
                         f"Correct the arguments: {error}.") from None
    return function(**given)


# --- Diagnosis and densitometry ------------------------------------------------------


def category(person: Patient, guideline: str = "bhof_2022") -> str:
    return diagnosis.diagnose(person, guideline).category


def decided_by(person: Patient, guideline: str = "bhof_2022") -> str:
    return diagnosis.diagnose(person, guideline).decided_by


def deciding_site(person: Patient, guideline: str = "bhof_2022") -> str:
    return diagnosis.diagnose(person, guideline).deciding_site or "none"


def deciding_score(person: Patient, guideline: str = "bhof_2022") -> float:
    score = diagnosis.diagnose(person, guideline).deciding_score
    if score is None:
        raise InputError("deciding_score", "needs a diagnosis that a score decided", None,
                         "Name decided_by instead.")
    return score


def score_in_use(person: Patient) -> str:
    return diagnosis.score_in_use(person)


def lowest_t_score(person: Patient) -> float:
    return min(densitometry.patient_t_scores(person).values())


def t_score(bmd_g_cm2: float, site: str, device: str = "hologic") -> float:
    return densitometry.t_score(bmd_g_cm2, site, device)


def z_score(bmd_g_cm2: float, site: str, sex: str, age_years: float) -> float:
    return densitometry.z_score(bmd_g_cm2, site, sex, age_years)


def bmd_g_cm2(t_score: float, site: str, device: str = "hologic") -> float:
    return densitometry.bmd_from_t_score(t_score, site, device)


def young_mean_g_cm2(site: str) -> float:
    return densitometry.young_adult_reference(site).mean_g_cm2


def young_sd_g_cm2(site: str) -> float:
    return densitometry.young_adult_reference(site).sd_g_cm2


def age_mean_g_cm2(site: str, sex: str, age_years: int) -> float:
    return densitometry.age_matched_reference(site, sex, age_years).mean_g_cm2


def age_sd_g_cm2(site: str, sex: str, age_years: int) -> float:
    return densitometry.age_matched_reference(site, sex, age_years).sd_g_cm2


def _spine(levels: Mapping[str, float]) -> vertebrae.SpineReading:
    return vertebrae.read_spine({name: vertebrae.VertebraScan(score)
                                 for name, score in levels.items()})


def spine_kept(levels: Mapping[str, float]) -> str:
    kept = list(_spine(levels).kept)
    return " and ".join(filter(None, [", ".join(kept[:-1]), kept[-1]])) if kept else "none"


def spine_mean_t(levels: Mapping[str, float]) -> float:
    mean = _spine(levels).mean_t_score
    if mean is None:
        raise InputError("levels", "must leave two vertebrae or more", dict(levels),
                         "Use spine_kept for a spine that cannot be read.")
    return mean


# --- Noise ---------------------------------------------------------------------------


def precision_pct(site: str) -> float:
    return precision.precision_cv_pct(site)


def least_significant_change_pct(site: str) -> float:
    return precision.least_significant_change(precision.precision_cv_pct(site))


def category_share_pct(site: str, t_score: float, category: str) -> float:
    shares = precision.category_shares(site, t_score, precision.precision_cv_pct(site))
    return 100 * shares[category]


def called_changed_pct(true_change_pct: float, precision_pct: float, what: str) -> float:
    return 100 * precision.share_called_changed(true_change_pct, precision_pct)[what]


def expected_second_scan(first_t_score: float, group_mean_t: float, group_sd_t: float,
                         site: str) -> float:
    return precision.expected_second_scan(first_t_score, group_mean_t, group_sd_t, site,
                                          precision.precision_cv_pct(site))


# --- Time and treatment --------------------------------------------------------------


@functools.lru_cache(maxsize=64)
def _simulated(person: Patient, plan: Any, years: float) -> Any:
    from osteoteach.model.trajectory import simulate

    return simulate(person, plan, years)


def _course(person: Patient, years: float, courses: Courses | None,
            lifestyle: Mapping[str, Any] | None = None) -> Any:
    return _simulated(person, plan_from(courses or [], lifestyle), float(years))


def change_pct(person: Patient, site: str, at_years: float, courses: Courses | None = None,
               lifestyle: Mapping[str, Any] | None = None) -> float:
    return _course(person, at_years, courses, lifestyle).change_pct(site, at_years)


def change_low_pct(person: Patient, site: str, at_years: float, courses: Courses | None = None,
                   lifestyle: Mapping[str, Any] | None = None) -> float:
    return _course(person, at_years, courses, lifestyle).band_pct(site, at_years)[0]


def change_high_pct(person: Patient, site: str, at_years: float, courses: Courses | None = None,
                    lifestyle: Mapping[str, Any] | None = None) -> float:
    return _course(person, at_years, courses, lifestyle).band_pct(site, at_years)[1]


def t_score_then(person: Patient, site: str, at_years: float, courses: Courses | None = None,
                 lifestyle: Mapping[str, Any] | None = None) -> float:
    course = _course(person, at_years, courses, lifestyle)
    score = course.paths[site].t_score(course.change_pct(site, at_years))
    if score is None:
        raise InputError("site", "must be one that was scanned", site, "Give its T-score.")
    return score


def highest_change_pct(person: Patient, site: str, years: float, courses: Courses) -> float:
    course = _course(person, years, courses)
    return max(course.change_pct(site, time) for time in course.time_years)


def marker_ratio(marker: str, at_years: float, courses: Courses) -> float:
    from osteoteach.model.medicine_course import interpolated, marker_course

    course = marker_course(plan_from(courses), float(at_years))
    if marker not in ("ctx", "p1np"):
        raise InputError("marker", "must be ctx or p1np", marker, "Use one of the two.")
    return interpolated(course.time_years, getattr(course, marker), float(at_years))


def gain_needed_pct(t_score: float, target: float, site: str) -> float:
    from osteoteach.model.reversal import gain_needed_pct as needed

    return needed(t_score, target, site)


def reversal_chance_pct(person: Patient, years: float, meaning: str,
                        courses: Courses | None = None) -> float:
    from osteoteach.model.reversal import reversal

    chance = reversal(person, plan_from(courses or []), years).probability(meaning)
    if chance is None:
        raise InputError("meaning", "must be one that can be had for this person", meaning,
                         "Use another meaning.")
    return 100 * chance


def warning_text(person: Patient, courses: Courses, years: float, trigger: str) -> str:
    from osteoteach.model.plan_warnings import plan_warnings

    for warning in plan_warnings(person, plan_from(courses), years):
        if warning.trigger == trigger:
            return warning.text
    raise InputError("trigger", "must be called by this plan", trigger, "Change the plan.")


# --- Risk ----------------------------------------------------------------------------


def fracture_risk_pct(person: Patient, outcome: str, years: float = 10) -> float:
    from osteoteach.model.fracture_risk import fracture_risk

    return 100 * getattr(fracture_risk(person, years), outcome).probability


def average_risk_pct(person: Patient, outcome: str, years: float = 10) -> float:
    from osteoteach.model.fracture_risk import fracture_risk

    return 100 * getattr(fracture_risk(person, years), outcome).average


def _framed(baseline_pct: float, relative_risk: float, of: int = 1000) -> Any:
    from osteoteach.model.framing import framing

    return framing(baseline_pct / 100, relative_risk, of=of)


def risk_with_pct(baseline_pct: float, relative_risk: float) -> float:
    return 100 * _framed(baseline_pct, relative_risk).risk_with


def number_needed_to_treat(baseline_pct: float, relative_risk: float) -> float:
    needed = _framed(baseline_pct, relative_risk).number_needed_to_treat
    if needed is None:
        raise InputError("relative_risk", "must be below 1", relative_risk, "Use a benefit.")
    return needed


def absolute_reduction_points(baseline_pct: float, relative_risk: float) -> float:
    return 100 * _framed(baseline_pct, relative_risk).absolute_reduction


def fewer_of(baseline_pct: float, relative_risk: float, of: int = 1000) -> float:
    return of * _framed(baseline_pct, relative_risk, of).absolute_reduction


def harm_per_10_000(harm_id: str, years: float) -> float:
    from osteoteach.model.harms import harms, per_10_000

    for harm in harms():
        if harm.harm_id == harm_id:
            found = per_10_000(harm, years)
            count = found.count if found.count is not None else found.extra
            if count is not None:
                return count
    raise InputError("harm_id", "must be a row of harms.csv that can be counted", harm_id,
                     "Use a row with a rate.")


def recommended_intake(nutrient: str, sex: str, age_years: int) -> float:
    from osteoteach.model.lifestyle import recommended_intake as recommended

    found = recommended(nutrient, sex, age_years)
    if found is None:
        raise InputError("nutrient", "must have a recommended intake at this age", nutrient,
                         "See recommended_intakes.csv.")
    return found


def ost_score(age_years: float, weight_kg: float) -> float:
    from osteoteach.model.screening_tools import ost_score as score

    return score(age_years, weight_kg)


# --- Arithmetic, for traps and differences ---------------------------------------------


def product(of: list[float]) -> float:
    result = 1.0
    for factor in of:
        result *= factor
    return result


def nearest_ratio(of: float, by: float, among: list[float]) -> float:
    """The one of some ratios that a ratio is nearest to, counted in factors.

    Examples
    --------
    >>> nearest_ratio(8, 9, [0.5, 1, 3])
    1
    """
    return min(among, key=lambda ratio: abs(math.log(of / by / ratio)))


_ARITHMETIC: dict[str, Callable[..., Any]] = {
    "sum": lambda of: sum(of),
    "product": product,
    "difference": lambda of, minus: of - minus,
    "quotient": lambda of, by: of / by,
    "change_between_pct": lambda first, second: 100 * (second - first) / first,
    "size": lambda of: abs(of),  # of a loss, where the text says "loses"
    "given": lambda number: number,
}

COMPUTED: Mapping[str, Callable[..., Any]] = {
    **{function.__name__: function for function in (
        category, decided_by, deciding_site, deciding_score, score_in_use, lowest_t_score,
        t_score, z_score, bmd_g_cm2, young_mean_g_cm2, young_sd_g_cm2, age_mean_g_cm2,
        age_sd_g_cm2, spine_kept, spine_mean_t, precision_pct, least_significant_change_pct,
        category_share_pct, called_changed_pct, expected_second_scan, change_pct,
        change_low_pct, change_high_pct, t_score_then, highest_change_pct, marker_ratio,
        gain_needed_pct, reversal_chance_pct, warning_text, fracture_risk_pct,
        average_risk_pct, risk_with_pct, number_needed_to_treat, absolute_reduction_points,
        fewer_of, harm_per_10_000, recommended_intake, ost_score, nearest_ratio)},
    "least_significant_change": precision.least_significant_change,
    **_ARITHMETIC,
}
