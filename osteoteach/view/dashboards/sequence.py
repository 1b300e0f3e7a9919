"""Page "Start, stop, switch"."""

from __future__ import annotations

import functools
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

from osteoteach.calibration.published_arms import arms_with_plan
from osteoteach.evidence import table
from osteoteach.model.medicines import medicine, medicine_names
from osteoteach.model.own_scans import OwnScan, chance_as_far_off
from osteoteach.model.patient import Patient, RiskFactors
from osteoteach.model.plan import Course, Plan
from osteoteach.model.plan_kinds import error_sentences
from osteoteach.model.plan_warnings import PlanWarning, gravest_facts, medicine_facts
from osteoteach.model.trajectory import Trajectory, follow, simulate
from osteoteach.model.vocabulary import plain_name
from osteoteach.teaching.guess_questions.sequence import sequence_guess
from osteoteach.teaching.sentences import (
    joined,
    sequence_sentence,
    signed,
    signed_pct,
    years_in_words,
)
from osteoteach.view.answer import SEVERITIES
from osteoteach.view.controls import ChoiceControl, NumberControl, ToggleControl
from osteoteach.view.dashboards.assembly import dashboard
from osteoteach.view.dashboards.person import SITES, person, t_score_controls
from osteoteach.view.dashboards.rows_behind import medicine_rows, trajectory_rows, warning_key
from osteoteach.view.dashboards.sequence_charts import (
    AXIS_PCT,
    MARKERS_AGAINST,
    biology_patch,
    density_patch,
    markers_patch,
    published_markers,
    t_scores_patch,
)
from osteoteach.view.evidence_rows import RowsUsed
from osteoteach.view.guess_marks import GuessPlace
from osteoteach.view.html import (
    bullet_list,
    citations,
    data_table,
    paragraph,
    prose,
    reference_list,
)
from osteoteach.view.page import Answer, Group, Page
from osteoteach.view.palette import MEDICINE_COLOURS
from osteoteach.view.plan_control import PlanControl

__all__ = ["READY", "answer", "page"]

LONGEST_YEARS = 12
#: A marker is missed if the model is off by more than this many times; so many are told.
MISSED_TIMES, MISSES_SHOWN = 1.5, 3
WEEKS_A_YEAR = 52
#: A later scan that fewer than this share of people would have is questioned first.
HARDLY_ANYBODY = 0.01
#: What the question of the lock depends on, beside plan, site, scans and T-score.
ASKED_ABOUT = ("age_years", "sex", "menopause_age_years")

Courses = list[dict[str, Any]]


def _course(name: str, start: float, end: float) -> dict[str, Any]:
    return {"medicine": name, "start_years": start, "end_years": end, "adherence": 1.0}


#: Ready comparisons: label, this plan, second plan, years to look at.
READY: dict[str, tuple[str, Courses, Courses, int]] = {
    "romosozumab_order": (
        "Romosozumab first or last",
        [_course("romosozumab", 0, 1), _course("alendronate", 1, 5)],
        [_course("alendronate", 0, 4), _course("romosozumab", 4, 5)], 5),
    "denosumab_stop": (
        "Stop denosumab, with and without a bisphosphonate",
        [_course("denosumab", 0, 3)],
        [_course("denosumab", 0, 3), _course("zoledronate", 3, 4)], 5),
    "bisphosphonate_holiday": (
        "Bisphosphonate holiday",
        [_course("alendronate", 0, 5)], [_course("alendronate", 0, 10)], 10),
    "teriparatide_stop": (
        "Teriparatide, then nothing",
        [_course("teriparatide", 0, 2)],
        [_course("teriparatide", 0, 2), _course("alendronate", 2, 5)], 5),
}


def _controls() -> list[Group]:
    medicines = [(medicine(name).label, name, MEDICINE_COLOURS[medicine(name).medicine_class])
                 for name in medicine_names()]
    _, first, second, years = READY["romosozumab_order"]
    return [
        Group("The plan, from today", [
            ChoiceControl("ready", "Example", [
                *((label, key) for key, (label, *_) in READY.items()),
                ("Your own", "own")], "romosozumab_order"),
            PlanControl("plan", "This plan", medicines, first, LONGEST_YEARS),
            ChoiceControl("compare", "Compare with", [
                ("A second plan", "plan"), ("No medicine only", "none")], "plan"),
            PlanControl("second_plan", "Second plan", medicines, second, LONGEST_YEARS),
        ]),
        Group("The question", [
            ChoiceControl("site", "Site on the chart", [
                (plain_name(site).capitalize(), site) for site in SITES], "total_hip"),
            NumberControl("years", "Look after", "years", 1, LONGEST_YEARS, 0.5, years),
        ]),
        Group("Person", [
            NumberControl("age_years", "Age", "years", 40, 88, 1, 68),
            ChoiceControl("sex", "Sex", [("Woman", "female"), ("Man", "male")], "female"),
            NumberControl("menopause_age_years", "Age at menopause", "years", 30, 60, 1, 50),
            NumberControl("egfr_ml_min", "Kidney function (eGFR)", "mL/min/1.73 m²", 5, 130, 1, 80),
            ChoiceControl("heart", "Heart attack or stroke", [
                ("None in the past year", "none"), ("In the past year", "recent")], "none"),
        ]),
        Group("This person's later scan", [
            ToggleControl("scanned", "A later scan at this site is known", False),
            NumberControl("scan_years", "Scanned after", "years", 0.5, LONGEST_YEARS, 0.5, 2),
            NumberControl("scan_t_score", "T-score then", "SD", -5, 2, 0.1, -2.5),
        ]),
        Group("T-scores today", t_score_controls((-2.8, -2.4, -2.6))),
    ]


def _patient(values: dict[str, Any]) -> Patient:
    return person(values, risk_factors=RiskFactors(
        egfr_ml_min=values["egfr_ml_min"],
        months_since_heart_attack_or_stroke=0 if values["heart"] == "recent" else None))


def _scans(values: dict[str, Any]) -> tuple[OwnScan, ...]:
    if not values["scanned"]:
        return ()
    return (OwnScan(time_years=values["scan_years"], site=values["site"],
                    t_score=values["scan_t_score"]),)


def _plan(courses: tuple[dict[str, Any], ...]) -> Plan:
    return Plan(courses=[Course(**course) for course in courses])


@functools.lru_cache(maxsize=16)
def _followed(patient: Patient, plan: Plan, years: float,
            scans: tuple[OwnScan, ...] = (), scanned_under: Plan | None = None) -> Trajectory:
    """The course of a plan, kept while other settings than its own move."""
    return simulate(patient, plan, years, own_scans=scans, scanned_under=scanned_under)


def answer(values: dict[str, Any]) -> Answer:
    """What the plan, a second plan and no medicine do to bone and its cells."""
    patient, site, years = _patient(values), values["site"], values["years"]
    longest = min(LONGEST_YEARS, 100 - patient.age_years)
    plan, second, scans = _plan(values["plan"]), _plan(values["second_plan"]), _scans(values)
    course = _followed(patient, plan, longest, scans)
    # A scan made under this plan tells of the person, whatever is taken.
    under = plan if scans else None
    other = (_followed(patient, second, longest, scans, under)
             if values["compare"] == "plan" else None)
    untreated = _followed(patient, Plan(), longest, scans, under)
    guess = sequence_guess(course, site, (
        plan, site, scans, *(values[name] for name in ASKED_ABOUT), values[site]))
    return Answer(
        sentence=sequence_sentence(course, site, years, other),
        why=lambda: _why(course, years),
        how_sure=lambda: _how_sure(course, site, years),
        sources=lambda: reference_list(course.sources),
        warnings=[*_about_scan(course, site), *_said(course, other, years)],
        charts={
            "density": density_patch(course, other, untreated, site, years, scans),
            "t_scores": t_scores_patch(course, other, years),
            "markers": markers_patch(course, other),
            "biology": biology_patch(course),
        },
        guess=guess,
        # The trials' own readings are on the chart already.
        guess_place=GuessPlace("density", guess.at, AXIS_PCT, with_published=False),
    )


def _about_scan(course: Trajectory, site: str) -> list[tuple[str, str]]:
    """A scan that hardly anybody would have: something else happened than the model knows."""
    told = []
    for scan in course.own_scans:
        before = follow(course.patient, course.plan, course.years, (site,))[site]
        if chance_as_far_off(course.patient, before, scan) >= HARDLY_ANYBODY:
            continue
        expected = before.t_score(before.change_pct(scan.time_years))
        is_low = scan.t_score < expected
        told.append(("warning", (
            f"Fewer than {100 * HARDLY_ANYBODY:.0f} of 100 people like this would read T "
            f"{signed(scan.t_score)} or {'lower' if is_low else 'higher'} after "
            f"{years_in_words(scan.time_years)} of this plan. Ask first whether "
            f"{joined(_other_reasons(is_low, bool(course.plan.courses), site))}. The forecast "
            "takes the scan at its word.")))
    return told


def _other_reasons(is_low: bool, treated: bool, site: str) -> list[str]:
    """What to ask before a scan far off is taken for the person's own response."""
    return [
        "the two scans compare (device, region, position)",
        *(["the medicine was taken"] if is_low and treated else []),
        *(["another cause of bone loss has come"] if is_low else []),
        *(["a vertebra is broken or degenerate, which reads dense"]
          if not is_low and site == "lumbar_spine" else [])]


def _said(course: Trajectory, other: Trajectory | None, years: float) -> list[tuple[str, str]]:
    """What to know about the plans, the most severe first: severity and words.

    Labels' gravest warnings stand open whatever the plan; what only the second plan calls
    says so. A plan of a kind that the model gets wrong must not teach its mistake in silence.
    """
    told: dict[tuple[str, str], None] = {}
    for one, whose in ((course, ""), (other, "Second plan. ")):
        if one is None:
            continue
        for severity, words in (
                *((warning.severity, str(warning)) for warning in (
                    *one.plan_warnings, *gravest_facts(one.plan))),
                *(("model", words) for words in error_sentences(one.plan, years))):
            if (severity, words) not in told:
                told.setdefault((severity, f"{whose}{words}"))
    return sorted(told, key=lambda item: [*SEVERITIES].index(item[0]))


def rows_behind(values: dict[str, Any]) -> Iterator[RowsUsed]:
    """Rows of the evidence that the answer to some values rests on."""
    patient = _patient(values)
    longest = min(LONGEST_YEARS, 100 - patient.age_years)
    yield from trajectory_rows(simulate(patient, _plan(values["plan"]), longest), SITES)
    if values["compare"] == "plan":
        yield from medicine_rows(_plan(values["second_plan"]), patient.sex, SITES, "second plan")


# --- Folds ---------------------------------------------------------------------


def _why(course: Trajectory, years: float) -> str:
    found = course.marker_course
    step = min(range(len(found.time_years)), key=lambda one: abs(found.time_years[one] - years))
    text = paragraph(
        f"After {years_in_words(years)} resorption (CTX) is {found.ctx[step]:.2f} and formation "
        f"(P1NP) {found.p1np[step]:.2f} times the value before treatment. Osteoclast precursors "
        "pile up while their drive is blocked, and are released when it returns. Formation "
        "follows resorption with a lag of some months. Stimulated osteoblasts spend a reserve, "
        "so an anabolic effect fades. The line “Osteoclast signal” calls osteoclasts; a "
        "bisphosphonate acts on the cells themselves, so the signal stays while CTX falls. The "
        "area is P1NP less CTX: two markers, not bone gained or lost, for some bone forms where "
        "none was resorbed.")
    rows, facts = [], []
    for name in dict.fromkeys(one.medicine for one in course.plan.courses):
        about = medicine(name)
        rows.append((prose(about.label), prose(about.regimen),
                     prose(about.approved_women or "no"), prose(about.approved_men or "no"),
                     citations(about.source_ids, "medicines", name, about.label)))
        facts += [_fact(about.label, fact) for kind in ("contraindication", "adverse_effect")
                  for fact in medicine_facts(name, kind)]
    if not rows:
        return text
    text += data_table("The medicines (US label unless said otherwise; use for glucocorticoid bone "
                       "loss is not in this table)", (
        "Medicine", "Regimen", "Women", "Men", "Source"), rows)
    return text + paragraph("When not to give them, and what they may do:") + bullet_list(facts)


def _fact(label: str, fact: PlanWarning) -> str:
    cited = citations(fact.source_ids, "medicine_warnings", warning_key(fact), label)
    return f"<strong>{prose(label)}:</strong> {prose(fact.text)} ({cited})"


def _how_sure(course: Trajectory, site: str, years: float) -> str:
    low, high = course.band_pct(site, years)
    rows = [row for row in table("validation_scores")
            if row["role"] == "holdout" and row["sex"] == "female" and row["site"] == site]
    texts = [f"The band holds 90 of 100 people: {signed_pct(low)} to {signed_pct(high)}. It "
             "joins what trials disagree about with how much people differ, and opens wider "
             "after the first stop or switch."]
    texts += [f"The model was fitted to single medicines while they were given. On "
              f"{row['rows']} published numbers of women, on switches, stops and combinations that "
              f"the fit had not seen, it was off by {row['error']:.1f} percentage points on "
              f"average at the {plain_name(site)}; {row['covered_pct']:.0f}% lay in their 90% band."
              for row in rows]
    if course.own_scans:
        scan = course.own_scans[0]
        without = simulate(course.patient, course.plan, course.years)
        texts.append(
            f"The scan after {years_in_words(scan.time_years)} read T {signed(scan.t_score)}; "
            f"expected was T {signed(_t_score_after(without, site, scan.time_years))}. Part of "
            "the difference is taken for noise, part for how fast this "
            "person loses bone, part for the response: the forecast moves from "
            f"{signed_pct(without.change_pct(site, years))} to "
            f"{signed_pct(course.change_pct(site, years))}. The other lines use what the scan "
            "tells of this person too; that a good response to one medicine means one to "
            "another is assumed. The first scan is noisy as well: beside the mean of that age "
            f"and the later scan, its T {signed(without.paths[site].t_score(0.0))} counts as "
            f"T {signed(course.paths[site].t_score(0.0))}.")
    texts += _marker_misses(course)
    matched = arms_with_plan(course.plan, course.patient.sex)
    told = "".join(map(paragraph, [*texts, *_notes(course)]))
    if not matched:
        return told + paragraph("No published arm has these medicines at these times.")
    trials = citations(row.source_id for _, found in matched for row in found)
    return told + ("<p>Trials with the same medicines at the same times; what they measured at a "
                   f"site is marked on its chart: {trials}.</p>")


def _marker_misses(course: Trajectory) -> list[str]:
    """Published markers that the model misses by more than half, worst first."""
    found, missed = course.marker_course, []
    for arm, row in published_markers(course):
        shown = _at(row.time_years, found.time_years, getattr(found, row.site))
        off = max(shown / row.value, row.value / shown)
        if off > MISSED_TIMES:
            missed.append((off, f"{row.site.upper()} {row.value:.2f} "
                                f"{MARKERS_AGAINST[row.reference]} after {_soon(row.time_years)} "
                                f"({arm.trial}), in the model {shown:.2f}"))
    if not missed:
        return []
    worst = [words for _, words in sorted(missed, reverse=True)[:MISSES_SHOWN]]
    return [f"The model misses markers of this plan: {'; '.join(worst)}."]


def _at(time: float, times: Sequence[float], values: Sequence[float]) -> float:
    """A value between the two steps beside a time, in a straight line."""
    after = min(max(bisect_left(times, time), 1), len(times) - 1)
    start, end = times[after - 1], times[after]
    share = min(max((time - start) / (end - start), 0.0), 1.0)
    return values[after - 1] + share * (values[after] - values[after - 1])


def _soon(years: float) -> str:
    weeks = round(years * WEEKS_A_YEAR)
    if weeks < 2:
        return f"{round(years * WEEKS_A_YEAR * 7)} days"
    return f"{weeks} weeks" if years < 1 else years_in_words(years)


def _notes(course: Trajectory) -> list[str]:
    """What was assumed; warnings and known errors stand open above."""
    told = set(error_sentences(course.plan, course.years))
    return [note for note in course.warnings[len(course.plan_warnings):] if note not in told]


def _t_score_after(course: Trajectory, site: str, years: float) -> float:
    return course.paths[site].t_score(course.change_pct(site, years))


def _hidden(values: dict[str, Any]) -> set[str]:
    hidden = set()
    if values["sex"] == "male":
        hidden.add("menopause_age_years")
    if values["compare"] == "none":
        hidden.add("second_plan")
    if not values["scanned"]:
        hidden |= {"scan_years", "scan_t_score"}
    return hidden


def page() -> Page:
    """The whole page, for the last line of a notebook."""
    groups = _controls()
    controls = {control.name: control for group in groups for control in group.controls}

    plans = (controls["plan"], controls["second_plan"])
    is_loading = False

    def load(change: dict[str, Any]) -> None:
        nonlocal is_loading
        if change["new"] == "own":
            return
        _, *courses, years = READY[change["new"]]
        is_loading = True
        try:
            for control, ready in zip(plans, courses, strict=True):
                control.load(ready)
        finally:
            is_loading = False
        controls["compare"].value = "plan"
        controls["years"].value = years

    def name_own(_change: dict[str, Any]) -> None:
        # A plan that was changed is the example no more, and the example can be chosen again.
        name = controls["ready"].value
        if not is_loading and name != "own":
            _, *courses, _ = READY[name]
            if [control.held() for control in plans] != courses:
                controls["ready"].value = "own"

    # Ahead of the page's own observers, so that the page answers the plans, not their name.
    controls["ready"].observe(load, "value")
    for control in plans:
        control.observe(name_own, "value")
    return dashboard(
        "sequence", "Start, stop, switch",
        "Build a course of treatment and watch bone, its markers and its cells. Guess first: "
        "what is left one year after the last dose?",
        groups, answer, _hidden, rows_behind)
