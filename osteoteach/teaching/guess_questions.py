"""What each page asks before it answers, and why people miss there.

One function a page. It takes what the page has computed anyway, so a question costs
nothing, and puts it beside published numbers that answer the same question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import comb
from typing import Any

from osteoteach.calibration.published_arms import arms_with_plan
from osteoteach.evidence import table
from osteoteach.model.diagnosis import Diagnosis, t_category
from osteoteach.model.fracture_forecast import Risk
from osteoteach.model.medicines import medicine
from osteoteach.model.patient import Patient
from osteoteach.model.plan import Plan
from osteoteach.model.precision import Rescans
from osteoteach.model.reversal import Reversal
from osteoteach.model.trajectory import Trajectory
from osteoteach.model.vocabulary import plain_name
from osteoteach.teaching.guesses import Guessable, Published
from osteoteach.teaching.sentences import signed, years_in_words

__all__ = ["DIAGNOSES", "diagnosis_guess", "noise_guess", "population_guess", "reversal_guess",
           "risk_guess", "sequence_guess"]

#: The classes to choose from.
DIAGNOSES = (
    ("normal", "Normal"), ("low_bone_mass", "Low bone mass (osteopenia)"),
    ("osteoporosis", "Osteoporosis"), ("severe_osteoporosis", "Severe osteoporosis"),
    ("within_expected_range", "Within the expected range for age"),
    ("below_expected_range", "Below the expected range for age"),
)
CHANGE_SCALE_PCT = (-40.0, 40.0)
# A trial's reading counts for a time that lies within a month of it.
SAME_MONTH_YEARS = 1 / 12
MOST_TRIALS = 3

_DIAGNOSIS_PITFALLS = {
    "t_score": "The lowest valid site decides, not the mean of the sites and not the first on "
               "the report.",
    "z_score": "Before menopause, and in younger men, T-score classes do not apply: the Z-score "
               "is read, and it knows no class called osteoporosis.",
    "fragility_fracture": "The scan draws the eye, but a fracture from a small fall can make the "
                          "diagnosis whatever the scan says.",
}
_AFTER_PITFALLS = {
    "rankl_antibody": "Denosumab is not kept in bone. The cells it held back return together, so "
                      "the gain goes faster than after a bisphosphonate.",
    "bisphosphonate": "A bisphosphonate stays in bone and goes on acting after the last dose; "
                      "most other medicines do not.",
    "pth_analogue": "New bone that nothing protects is resorbed again: an anabolic course needs "
                    "a medicine after it.",
    "sclerostin_antibody": "New bone that nothing protects is resorbed again: an anabolic course "
                           "needs a medicine after it.",
}
_AFTER_OTHER = ("A gain lasts as long as what holds it. When a medicine leaves the body its "
                "effect goes with it, and the loss of age goes on.")


def whom(patient: Patient) -> str:
    """A person in two words.

    Examples
    --------
    >>> whom(Patient(age_years=62, sex="female"))
    'woman of 62'
    """
    return f"{'woman' if patient.sex == 'female' else 'man'} of {patient.age_years:g}"


def diagnosis_guess(found: Diagnosis, settings: tuple[Any, ...], because: str,
                    because_row: tuple[str, str, str]) -> Guessable:
    """Which class the rules give this person."""
    severe = found.category == "severe_osteoporosis"
    pitfall = ("Osteoporosis with a fragility fracture has a name of its own under these rules."
               if severe else _DIAGNOSIS_PITFALLS.get(found.decided_by, ""))
    return Guessable(
        "diagnose", "Which diagnosis do the rules give this person?",
        f"{whom(found.patient).capitalize()}, scan and history as set", settings, found.category,
        pitfall, said_by="The rules", options=DIAGNOSES,
        because=re.sub(r"(?<![\w.])-(?=\d)", "−", because),
        because_row=because_row)


def reversal_guess(found: Reversal, site: str, settings: tuple[Any, ...]) -> Guessable:
    """By how much a site gains with a plan."""
    item, course, years = found.sites[site], found.trajectory, found.trajectory.years
    person = whom(course.patient)
    if course.plan.courses:
        further = _trials(course.plan, course.patient.sex, site, years)
        pitfall = ("Most of a medicine's gain comes early and then flattens: some carry the first "
                   "year on, others take it for all there is.")
    else:
        further = _exercise(found, site)
        pitfall = ("Exercise and calcium bring one step, not a gain every year, and untreated "
                   "loss goes on beside it.")
    return Guessable(
        "reversal", f"By how many percent will bone density at the {plain_name(site)} have "
        f"changed after {years_in_words(years)} of this plan?",
        f"{person.capitalize()}, {plain_name(site)} T {signed(item.t_score_now)}, "
        f"{years_in_words(years)} of the plan as set", settings, item.gain_likely_pct, pitfall,
        unit="%", off_unit="percentage points", scale=CHANGE_SCALE_PCT, decimals=1, signed=True,
        band=(item.low_pct, item.high_pct), band_words="90 of 100 people", further=further,
        at=years)


def _trials(plan: Plan, sex: str, site: str, years: float) -> tuple[Published, ...]:
    """Published arms with the same medicines, read at the same time."""
    found = [Published(f"{arm.trial}: {arm.label}", row.value, row.low, row.high, row.source_id,
                       "trials", row.row_id)
             for arm, rows in arms_with_plan(plan, sex) for row in rows
             if row.site == site and abs(row.time_years - years) <= SAME_MONTH_YEARS]
    return tuple(found[:MOST_TRIALS])


def _exercise(found: Reversal, site: str) -> tuple[Published, ...]:
    """What trials found for the exercise of the plan alone."""
    used = {effect.effect_id for effect in found.trajectory.paths[site].effects
            if effect.exposure == "exercise"}
    return tuple(
        Published(f"Trials of {plain_name(row['level'])} exercise alone, against control",
                  row["value"], row["low"], row["high"], row["source_ids"].split(";")[0],
                  "lifestyle_effects", row["effect_id"])
        for row in table("lifestyle_effects") if row["effect_id"] in used)


def sequence_guess(course: Trajectory, site: str, settings: tuple[Any, ...]) -> Guessable:
    """What is left one year after the treatment has ended."""
    last = max((one.end_years for one in course.plan.courses), default=0.0)
    at = min(last + 1.0, course.years)
    where, person = plain_name(site), whom(course.patient)
    if not course.plan.courses:
        when, pitfall = f"after {years_in_words(at)} without medicine", _AFTER_OTHER
    else:
        when = (f"one year after the end of this plan, {years_in_words(at)} from today"
                if at == last + 1.0 else f"at the end of the course, after {years_in_words(at)}")
        final = next(one for one in course.plan.courses if one.end_years == last)
        pitfall = _AFTER_PITFALLS.get(medicine(final.medicine).medicine_class, _AFTER_OTHER)
    return Guessable(
        "sequence", f"By how many percent will bone density at the {where} differ from today "
        f"{when}?", f"{person.capitalize()}, {where}, {when}", settings,
        course.change_pct(site, at), pitfall, unit="%", off_unit="percentage points",
        scale=CHANGE_SCALE_PCT, decimals=1, signed=True, band=course.band_pct(site, at),
        band_words="90 of 100 people",
        further=_trials(course.plan, course.patient.sex, site, at), at=at)


def risk_guess(risk: Risk, patient: Patient, outcome_words: str,
               settings: tuple[Any, ...]) -> Guessable:
    """How many of 100 people like this one have the fracture."""
    years, who = risk.years, "women like her" if patient.sex == "female" else "men like him"
    return Guessable(
        "risk", f"Of 100 {who}, how many have a {outcome_words} within "
        f"{years_in_words(years)}, untreated?",
        f"{whom(patient).capitalize()}, {outcome_words}, {years_in_words(years)}", settings,
        100 * risk.probability,
        "The T-score is easily read as if it were the risk. Age and earlier fractures count "
        "beside it, and some people die before they break a bone.",
        unit="of 100", off_unit="in 100", band=(100 * risk.low, 100 * risk.high),
        band_words="90% interval", further=_average(risk, patient))


def _average(risk: Risk, patient: Patient) -> tuple[Published, ...]:
    """Published risk of all people of the same country, sex and age."""
    return tuple(
        Published("Average of that age, United States", row["risk_pct"], None, None,
                  row["source_id"], "published_risks", row["row_id"])
        for row in table("published_risks")
        if (row["kind"], row["country"], row["sex"], row["outcome"], row["years"])
        == ("population", "US", patient.sex, risk.outcome, risk.years)
        and row["to_age"] is not None and row["age_years"] <= patient.age_years <= row["to_age"])


def noise_guess(scans: Rescans, shares: dict[str, float], site: str, precision_pct: float,
                settings: tuple[Any, ...]) -> Guessable:
    """How many of some scans read another class than the true one."""
    count, true_class = len(scans.categories), t_category(scans.true_t_score)
    other = 1 - shares[true_class]
    seen = sum(category != true_class for category in scans.categories)
    return Guessable(
        "noise", f"Of {count} scans of this unchanged person, how many read another class than "
        f"her true one, {plain_name(true_class)}?",
        f"{plain_name(site).capitalize()}, true T {signed(scans.true_t_score)}, precision error "
        f"{precision_pct:g}%", settings, count * other,
        "A class is cut out of a continuous score. What matters is how near the true score lies "
        "to a line; far from both lines no machine is poor enough to change the class often.",
        unit=f"of {count}", off_unit="scans", scale=(0.0, float(count)), decimals=1,
        band=_binomial_range(count, other), band_words="90 of 100 such sets of scans",
        seen=(("The scans on the chart", float(seen)),))


def _binomial_range(count: int, share: float) -> tuple[float, float]:
    """Smallest central range of a count that holds 90 of 100 draws.

    Examples
    --------
    >>> _binomial_range(10, 0.5), _binomial_range(10, 0.0)
    ((2.0, 8.0), (0.0, 0.0))
    """
    chances = [comb(count, k) * share ** k * (1 - share) ** (count - k) for k in range(count + 1)]
    below = low = 0
    while below + chances[low] <= 0.05:
        below, low = below + chances[low], low + 1
    above, high = 0.0, count
    while above + chances[high] <= 0.05:
        above, high = above + chances[high], high - 1
    return float(low), float(high)


def population_guess(outside_pct: float, people: str, outcome_words: str, sex: str,
                     settings: tuple[Any, ...]) -> Guessable:
    """How many of those who break a bone had no osteoporosis on the scan."""
    return Guessable(
        "population", f"Of 100 {people} who break a bone ({outcome_words}), how many have no "
        "osteoporosis on the scan today?",
        f"{people.capitalize()}, {outcome_words}", settings, outside_pct,
        "Two things multiply: the risk, which rises as the T-score falls, and the number of "
        "people, which shrinks. Guesses follow the first and forget the second.",
        unit="of 100", off_unit="in 100", further=tuple(_surveys(sex)))


def _surveys(sex: str) -> Iterable[Published]:
    """Cohorts that counted the same: what lies in the osteoporosis range, taken from all."""
    for row in table("population_targets"):
        if (row["measure"], row["group"], row["sex"]) == ("share_of_fractures", "osteoporosis",
                                                          sex):
            place = row["population"].split(",")[0]
            yield Published(f"{place}, {row['from_age']} and over", 100 - row["value"], None, None,
                            row["source_id"], "population_targets", row["target_id"])
