"""Page "Can it be reversed?"."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from osteoteach.model.lifestyle import Effect
from osteoteach.model.medicines import medicine
from osteoteach.model.patient import Lifestyle, Patient
from osteoteach.model.plan import Course, Plan
from osteoteach.model.plan_warnings import PlanWarning, gravest_facts, medicine_facts
from osteoteach.model.reversal import Reversal, reversal
from osteoteach.model.trajectory import Trajectory, follow
from osteoteach.model.vocabulary import plain_name
from osteoteach.teaching.guess_questions.reversal import reversal_guess
from osteoteach.teaching.sentences import (
    people_like_this,
    reversal_sentence,
    signed_pct,
    years_in_words,
)
from osteoteach.view.answer import SEVERITIES
from osteoteach.view.controls import ChoiceControl, NumberControl
from osteoteach.view.dashboards.assembly import dashboard
from osteoteach.view.dashboards.person import SITES, person, t_score_controls
from osteoteach.view.dashboards.reversal_charts import (
    AXIS_PCT,
    GRID_YEARS,
    course_patch,
    meanings_patch,
    needed_patch,
)
from osteoteach.view.dashboards.rows_behind import (
    fracture_rows,
    loss_keys,
    noise_limit_rows,
    trajectory_rows,
    warning_key,
)
from osteoteach.view.evidence_rows import RowsUsed, find_row, row_sources, rows_used
from osteoteach.view.guess_marks import GuessPlace
from osteoteach.view.html import citations, data_table, paragraph, prose, reference_list
from osteoteach.view.page import Answer, Group, Page

__all__ = ["answer", "page"]

EXERCISE = [("None", "none"), ("Walking", "walking"), ("Impact (jumping)", "impact"),
            ("Resistance", "resistance"), ("Combined", "combined"),
            ("High intensity", "high_intensity")]
SMOKING = [("Does not smoke", "never"), ("Smokes and goes on", "current"),
           ("Smokes and stops", "former")]
#: What the question of the lock depends on, beside the T-score of the site on the chart.
ASKED_ABOUT = ("age_years", "sex", "menopause_age_years", "medicine", "exercise",
               "exercise_sessions_per_week", "calcium_now", "calcium_then", "smoking",
               "weight_change_pct", "combining", "site", "years")

#: Medicines to add: label, and courses as (medicine, start, end) over the ten years shown.
MEDICINES: dict[str, tuple[str, tuple[tuple[str, float, float], ...]]] = {
    "none": ("None", ()),
    "alendronate": ("Alendronate, 5 years", (("alendronate", 0, 5),)),
    "zoledronate": ("Zoledronate, 3 infusions", (("zoledronate", 0, 3),)),
    "raloxifene": ("Raloxifene, going on", (("raloxifene", 0, 10),)),
    "denosumab": ("Denosumab, going on", (("denosumab", 0, 10),)),
    "teriparatide": ("Teriparatide 2 years, then alendronate",
                     (("teriparatide", 0, 2), ("alendronate", 2, 7))),
    "romosozumab": ("Romosozumab 1 year, then alendronate",
                    (("romosozumab", 0, 1), ("alendronate", 1, 6))),
}


def _controls() -> list[Group]:
    return [
        Group("Person", [
            NumberControl("age_years", "Age", "years", 20, 90, 1, 62),
            ChoiceControl("sex", "Sex", [("Woman", "female"), ("Man", "male")], "female"),
            NumberControl("menopause_age_years", "Age at menopause", "years", 30, 60, 1, 50),
        ]),
        Group("T-scores today", t_score_controls((-2.1, -1.8, -2.0))),
        Group("The plan, from today", [
            ChoiceControl("medicine", "Medicine", [
                (label, name) for name, (label, _) in MEDICINES.items()], "none"),
            ChoiceControl("exercise", "Exercise", EXERCISE, "combined"),
            NumberControl("exercise_sessions_per_week", "Sessions", "a week", 0, 7, 1, 3),
            NumberControl("calcium_now", "Calcium now", "mg/day", 200, 2500, 50, 700),
            NumberControl("calcium_then", "Calcium planned", "mg/day", 200, 2500, 50, 1200),
            ChoiceControl("smoking", "Smoking", SMOKING, "never"),
            NumberControl("weight_change_pct", "Weight change", "%", -20, 20, 1, 0),
            ChoiceControl("combining", "Several measures together", [
                ("Gains add up (kind)", "additive"),
                ("Only the largest counts (strict)", "largest_only")], "additive"),
        ]),
        Group("The question", [
            ChoiceControl("site", "Site on the chart", [
                (plain_name(site).capitalize(), site) for site in SITES], "total_hip"),
            NumberControl("years", "Look after", "years", 1, 10, 1, 5),
        ]),
    ]


def _patient(values: dict[str, Any]) -> Patient:
    smokes = values["smoking"] != "never"
    return person(values, lifestyle=Lifestyle(calcium_mg_day=values["calcium_now"],
                                              smoking="current" if smokes else "never"))


def _plan(values: dict[str, Any]) -> Plan:
    exercise = values["exercise"]
    sessions = values["exercise_sessions_per_week"] if exercise != "none" else 0
    courses = [Course(*course) for course in MEDICINES[values["medicine"]][1]]
    return Plan(courses=courses, combining=values["combining"], lifestyle=Lifestyle(
        exercise=exercise, exercise_sessions_per_week=sessions,
        calcium_mg_day=values["calcium_then"], smoking=values["smoking"],
        weight_change_pct=values["weight_change_pct"]))


def answer(values: dict[str, Any]) -> Answer:
    """Gain needed and gain likely for the person and plan on the controls."""
    patient, site = _patient(values), values["site"]
    found = reversal(patient, _plan(values), values["years"])
    # The chart always shows ten years, so that its axis stands still.
    longest = min(GRID_YEARS[-1], 100 - patient.age_years)
    course = follow(patient, found.trajectory.plan, longest, (site,))[site]
    as_now = follow(patient, Plan(), longest, (site,))[site]
    return Answer(
        sentence=reversal_sentence(found, site),
        why=lambda: _why(found, site),
        how_sure=lambda: _how_sure(found, site),
        sources=lambda: reference_list((*found.trajectory.sources, *(
            name for one in _label_facts(found.trajectory) for name in one.source_ids))),
        warnings=[(one.severity, str(one)) for one in _label_facts(found.trajectory)],
        charts={
            "course": course_patch(found, course, as_now, longest),
            "needed": needed_patch(found),
            "meanings": meanings_patch(found),
        },
        guess=reversal_guess(found, site, (*(values[name] for name in ASKED_ABOUT),
                                           values[site])),
        guess_place=GuessPlace("course", values["years"], AXIS_PCT),
    )


def rows_behind(values: dict[str, Any]) -> Iterator[RowsUsed]:
    """Rows of the evidence that the answer to some values rests on."""
    patient = _patient(values)
    found = reversal(patient, _plan(values), values["years"])
    yield from trajectory_rows(found.trajectory, SITES)
    course = found.trajectory
    yield from rows_used("What labels say of its medicines", "medicine_warnings", [
        warning_key(one) for one in _label_facts(course) if one not in course.plan_warnings])
    yield from noise_limit_rows(SITES)
    if found.probability("fracture_risk_average") is not None:
        yield from fracture_rows(patient, "major", values["years"])


def _why(found: Reversal, site: str) -> str:
    path = found.trajectory.paths[site]
    habits_left_out, medicines_left_out = path.left_out(found.trajectory.years)
    rows = [(prose(effect.label), _amount(effect) + _counts(effect not in habits_left_out),
             citations(effect.source_ids, "lifestyle_effects", effect.effect_id, effect.label))
            for effect in path.effects]
    if path.medicines is not None:
        gain = 100 * math.expm1(path.medicines.log_gain(site, found.trajectory.years))
        about = [medicine(course.medicine) for course in found.trajectory.plan.courses]
        rows.append((prose(", then ".join(one.label for one in about)),
                     f"{signed_pct(gain)} in {years_in_words(found.trajectory.years)}"
                     + _counts(not medicines_left_out),
                     ", ".join(citations(one.source_ids, "medicines", one.name, one.label)
                               for one in about)))
    lost = _untreated_pct(found.trajectory, site)
    keys = loss_keys(found.trajectory.patient, site, found.trajectory.years)
    rows.append(("Untreated change",
                 f"{signed_pct(lost)} in {years_in_words(found.trajectory.years)}",
                 ", ".join(citations(row_sources(find_row("untreated_loss", key)),
                                     "untreated_loss", key, "untreated change")
                           for key in keys)))
    table = data_table(f"What moves the {plain_name(site)}", ("Part", "Size", "Source"), rows)
    return table + paragraph(
        "A step is reached once, most of it within two time constants, and is lost when the "
        "habit stops. It does not grow year after year.")


def _amount(effect: Effect) -> str:
    if effect.kind == "step":
        return (f"{signed_pct(100 * effect.mean)} once "
                f"(time constant {effect.time_constant_years:g} years)")
    size = (f"{signed_pct(100 * effect.mean)} a year" if effect.kind == "rate" else
            f"untreated loss × {effect.mean:.2f}")
    if effect.starts_years:
        size += f", from {years_in_words(effect.starts_years)} on"
    if math.isfinite(effect.lasts_years):
        size += f", for {years_in_words(effect.lasts_years)}"
    return size


def _counts(does: bool) -> str:
    return "" if does else "; not counted, because a larger gain is"


def _untreated_pct(course: Trajectory, site: str) -> float:
    return 100 * math.expm1(sum(
        part.log_rate * (part.end_years - part.start_years)
        for part in course.paths[site].segments))


def _how_sure(found: Reversal, site: str) -> str:
    item, plan = found.sites[site], found.trajectory.plan
    combining = ("Gains of several measures are added up. No trial tested them all together, so "
                 "this is the kind assumption." if plan.combining == "additive" else
                 "Only the largest gain counts. This is the strict assumption.")
    texts = [
        f"The band holds 90 of 100 people: {signed_pct(item.low_pct)} to "
        f"{signed_pct(item.high_pct)}. It joins what studies disagree about with how much "
        "people differ.",
        f"Two scans of unchanged bone can differ by {item.least_significant_change_pct:.1f}% at "
        "this site. "
        f"{people_like_this(item.chance_of_real_gain, 'gains', 'gain').capitalize()} more than "
        "that.",
        *([combining] if _gains(found, site) > 1 else []),
        *found.trajectory.warnings[len(found.trajectory.plan_warnings):],
        *(f"“{meaning.question}” {meaning.note}" for meaning in found.meanings if meaning.note),
    ]
    return "".join(map(paragraph, texts))


def _gains(found: Reversal, site: str) -> int:
    """How many gains there are to add up."""
    path = found.trajectory.paths[site]
    return (path.medicines is not None) + sum(
        effect.kind != "multiplier" and effect.mean > 0 for effect in path.effects)


def _label_facts(course: Trajectory) -> list[PlanWarning]:
    """What labels say of the plan, the gravest first, and of denosumab if it is stopped."""
    ongoing = [fact for part in course.plan.courses if part.medicine == "denosumab"
               for fact in medicine_facts("denosumab", "stopped_without_follow_on")[:1]]
    found = dict.fromkeys((*course.plan_warnings, *gravest_facts(course.plan), *ongoing))
    return sorted(found, key=lambda one: [*SEVERITIES].index(one.severity))


def _hidden(values: dict[str, Any]) -> set[str]:
    hidden = set()
    if values["sex"] == "male":
        hidden.add("menopause_age_years")
    if values["exercise"] == "none":
        hidden.add("exercise_sessions_per_week")
    return hidden


def page() -> Page:
    """The whole page, for the last line of a notebook."""
    return dashboard(
        "reversal", "Can it be reversed?",
        "Compare the gain that a normal T-score needs with the gain a plan is likely to bring. "
        "Guess first: how much of the way will exercise and calcium go?",
        _controls(), answer, _hidden, rows_behind)
