"""Page "Can it be reversed?"."""

from __future__ import annotations

import math
from typing import Any

from osteoteach.model.diagnosis import NORMAL_FROM_T, OSTEOPOROSIS_UP_TO_T
from osteoteach.model.lifestyle import Effect
from osteoteach.model.medicines import medicine
from osteoteach.model.patient import Lifestyle, Patient
from osteoteach.model.plan import Course, Plan
from osteoteach.model.reversal import Reversal, gain_needed_pct, reversal
from osteoteach.model.site_path import SitePath
from osteoteach.model.trajectory import Trajectory, follow
from osteoteach.model.vocabulary import plain_name
from osteoteach.teaching.sentences import (
    of_100,
    reversal_sentence,
    signed,
    signed_pct,
    years_in_words,
)
from osteoteach.view.controls import ChoiceControl, NumberControl
from osteoteach.view.dashboards.assembly import dashboard
from osteoteach.view.html import data_table, paragraph, prose, reference_list, short_link
from osteoteach.view.page import Answer, ChartPatch, Group, Page
from osteoteach.view.palette import AS_NOW, INK, ON_PLAN, PLAN

__all__ = ["answer", "page"]

SITES = ("lumbar_spine", "total_hip", "femoral_neck")
GRID_YEARS = tuple(index / 2 for index in range(21))
SHOWN_PERSONS = 20
# Steps of lifestyle are over within two years; later the lines are nearly straight.
PERSON_YEARS = (0.0, 0.5, 1.0, 2.0, 4.0, 7.0, 10.0)
AXIS_PCT = (-20.0, 40.0)
# Where the middle of a text may stand, so that none reaches over the edge of the chart.
TEXT_PCT = (-9.0, 26.0)
NAMES_APART_PCT = 5.0

EXERCISE = [("None", "none"), ("Walking", "walking"), ("Impact (jumping)", "impact"),
            ("Resistance", "resistance"), ("Combined", "combined"),
            ("High intensity", "high_intensity")]
SMOKING = [("Does not smoke", "never"), ("Smokes and goes on", "current"),
           ("Smokes and stops", "former")]


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
        Group("T-scores today", [
            NumberControl(site, plain_name(site).capitalize(), "SD", -5, 2, 0.1, start)
            for site, start in zip(SITES, (-2.1, -1.8, -2.0), strict=True)]),
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
    female = values["sex"] == "female"
    smokes = values["smoking"] != "never"
    # A woman younger than the age set for menopause has not reached it yet.
    reached = female and values["menopause_age_years"] <= values["age_years"]
    status = None if not female else "postmenopausal" if reached else "premenopausal"
    return Patient(
        age_years=values["age_years"], sex=values["sex"], menopausal_status=status,
        menopause_age_years=values["menopause_age_years"] if reached else None,
        t_scores={site: values[site] for site in SITES},
        lifestyle=Lifestyle(calcium_mg_day=values["calcium_now"],
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
        why=_why(found, site),
        how_sure=_how_sure(found, site),
        sources=reference_list(found.trajectory.sources),
        warnings=[(warning.severity, str(warning)) for warning in found.trajectory.plan_warnings],
        charts={
            "course": _course_patch(found, course, as_now, longest),
            "needed": _needed_patch(found),
            "meanings": _meanings_patch(found),
        },
    )


def _why(found: Reversal, site: str) -> str:
    path = found.trajectory.paths[site]
    rows = [(prose(effect.label), _amount(effect), ", ".join(map(short_link, effect.source_ids)))
            for effect in path.effects]
    if path.medicines is not None:
        gain = 100 * math.expm1(path.medicines.log_gain(site, found.trajectory.years))
        about = [medicine(course.medicine) for course in found.trajectory.plan.courses]
        rows.append((prose(", then ".join(one.label for one in about)),
                     f"{signed_pct(gain)} in {years_in_words(found.trajectory.years)}",
                     ", ".join(short_link(name) for one in about for name in one.source_ids)))
    lost = _untreated_pct(found.trajectory, site)
    sources = dict.fromkeys(name for part in path.segments for name in part.source_ids)
    rows.append(("Untreated change",
                 f"{signed_pct(lost)} in {years_in_words(found.trajectory.years)}",
                 ", ".join(map(short_link, sources))))
    table = data_table(f"What moves the {plain_name(site)}", ("Part", "Size", "Source"), rows)
    return table + paragraph(
        "A step is reached once, most of it within two time constants, and is lost when the "
        "habit stops. It does not grow year after year.")


def _amount(effect: Effect) -> str:
    if effect.kind == "step":
        return (f"{signed_pct(100 * effect.mean)} once "
                f"(time constant {effect.time_constant_years:g} years)")
    if effect.kind == "rate":
        return f"{signed_pct(100 * effect.mean)} a year"
    return f"untreated loss × {effect.mean:.2f}"


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
        f"A scan can mistake {item.least_significant_change_pct:.1f}% at this site for a change. "
        f"{of_100(item.chance_of_real_gain).capitalize()} people gain more than that.",
        combining,
        *found.trajectory.warnings[len(found.trajectory.plan_warnings):],
        *(f"“{meaning.question}” {meaning.note}" for meaning in found.meanings if meaning.note),
    ]
    return "".join(map(paragraph, texts))


def _meanings_patch(found: Reversal) -> ChartPatch:
    values = [meaning.probability for meaning in found.meanings]
    words = [of_100(value).removesuffix(" of 100") if value is not None else "not available"
             for value in values]
    if found.meanings[1].note.startswith("Already"):
        words[1] = "already normal"
    elif found.meanings[1].probability is None:
        words[1] = words[2] = "does not apply"
    bars = [100 * (value or 0.0) for value in values]
    questions = ["BMD up beyond scan noise", "A better category", "T-score normal at every site",
                 "Fracture risk back to average"]
    said = "; ".join(f"{question}: {word}" for question, word in
                     zip(questions, words, strict=True))
    return ChartPatch(
        data={"meanings": {
            "question": questions, "whole": [100.0] * 4, "of_100": bars, "text": words,
            # Text sits after a short bar, and inside a long one.
            "text_at": [bar if bar < 65 else 2.0 for bar in bars],
            "text_colour": [INK if bar < 65 else ON_PLAN for bar in bars]}},
        signals={"finding": f"Four meanings of “reversed”, after "
                            f"{years_in_words(found.trajectory.years)}"},
        description=f"Bars of 100 people like this one. {said}.")


def _course_patch(found: Reversal, path: SitePath, untouched: SitePath,
                  longest: float) -> ChartPatch:
    site, item = path.site, found.sites[path.site]
    grid = [year for year in GRID_YEARS if year <= longest]
    change = [path.change_pct(year) for year in grid]
    bands = [path.band_pct(year) for year in grid]
    same = [untouched.change_pct(year) for year in grid]
    persons: dict[str, list] = {"person": [], "years": [], "change": []}
    person_years = [*(year for year in PERSON_YEARS if year < grid[-1]), grid[-1]]
    for year in person_years:
        changes = path.persons_change_pct(year, SHOWN_PERSONS)
        persons["person"] += range(SHOWN_PERSONS)
        persons["years"] += [year] * SHOWN_PERSONS
        persons["change"] += changes
    lines, labels = [], []
    for line in (NORMAL_FROM_T, OSTEOPOROSIS_UP_TO_T):
        needed = gain_needed_pct(item.t_score_now, line, site)
        if AXIS_PCT[0] <= needed <= AXIS_PCT[1]:
            lines.append(needed)
            labels.append(f"T {signed(line)} ({signed_pct(needed)})")
    # Names of lines that end close together move apart.
    middle, half = (change[-1] + same[-1]) / 2, (change[-1] - same[-1]) / 2
    half = math.copysign(max(abs(half), NAMES_APART_PCT / 2), half)
    return ChartPatch(
        data={
            "plan": {"years": grid, "change": change, "low": [low for low, _ in bands],
                     "high": [high for _, high in bands]},
            "as_now": {"years": grid, "change": same},
            "persons": persons,
            "lines": {"change": lines, "label": labels},
            "ends": {"years": [grid[-1]] * 2, "change": [middle + half, middle - half],
                     "label": ["This plan", "As now"],
                     "colour": [PLAN, AS_NOW]},
        },
        signals={"finding": f"{plain_name(site).capitalize()}: {signed_pct(item.gain_likely_pct)} "
                            f"after {years_in_words(found.trajectory.years)} with this plan"},
        description=(
            f"Change of bone density at the {plain_name(site)} over {longest:g} years. With "
            f"this plan {signed_pct(change[-1])} at the end, 90 of 100 people "
            f"{signed_pct(bands[-1][0])} to {signed_pct(bands[-1][1])}; as now "
            f"{signed_pct(same[-1])}. T-score today {signed(item.t_score_now)}; reaching −1.0 "
            f"takes {signed_pct(item.gain_needed_pct['normal'])}."))


def _needed_patch(found: Reversal) -> ChartPatch:
    items = list(found.sites.values())
    needed = [item.gain_needed_pct["normal"] for item in items]
    said = "; ".join(
        f"{plain_name(item.site)} needs {signed_pct(need)}, likely "
        f"{signed_pct(item.gain_likely_pct)}" for item, need in zip(items, needed, strict=True))
    return ChartPatch(
        data={"sites": {
            "site": [plain_name(item.site).capitalize() for item in items],
            # The axis stands still: what lies beyond it is marked at its end, and said.
            "needed": [min(max(need, AXIS_PCT[0]), AXIS_PCT[1]) for need in needed],
            "needed_text_at": [min(max(need, TEXT_PCT[0]), TEXT_PCT[1]) for need in needed],
            "likely": [item.gain_likely_pct for item in items],
            "low": [item.low_pct for item in items],
            "high": [item.high_pct for item in items],
            "needed_text": [_needed_text(need) for need in needed],
            "likely_text": [f"likely {signed_pct(item.gain_likely_pct)}" for item in items]}},
        signals={"finding": f"Needed for T −1.0, and likely after "
                            f"{years_in_words(found.trajectory.years)}"},
        description=f"Gain needed for a normal T-score beside the gain likely, by site: {said}.")


def _needed_text(needed_pct: float) -> str:
    if needed_pct <= 0:
        return "already normal"
    beyond = " →" if needed_pct > AXIS_PCT[1] else ""
    return f"needed {signed_pct(needed_pct)}{beyond}"


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
        _controls(), answer, _hidden)
