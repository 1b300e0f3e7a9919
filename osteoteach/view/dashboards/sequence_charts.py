"""The charts of the page "Start, stop, switch": what goes into each, and its words."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from osteoteach.calibration.published_arms import Arm, TrialRow, arms_with_plan
from osteoteach.model.densitometry import patient_bmd
from osteoteach.model.diagnosis import NORMAL_FROM_T, OSTEOPOROSIS_UP_TO_T, score_in_use
from osteoteach.model.medicines import medicine
from osteoteach.model.own_scans import OwnScan
from osteoteach.model.patient import Patient
from osteoteach.model.plan import Plan
from osteoteach.model.trajectory import Trajectory
from osteoteach.model.vocabulary import plain_name
from osteoteach.teaching.sentences import signed, signed_pct, years_in_words
from osteoteach.view.dashboards.person import SITES
from osteoteach.view.page import ChartPatch
from osteoteach.view.palette import (
    AS_NOW,
    FORMATION,
    MEDICINE_COLOURS,
    OTHER_PLAN,
    PLAN,
    PRECURSORS,
    RESERVE,
    RESORPTION,
)

__all__ = ["AXIS_PCT", "MARKERS_AGAINST", "biology_patch", "density_patch", "drawn_times",
           "markers_patch", "published_markers", "t_scores_patch"]

# Density turns where a course begins or ends, and is nearly straight two years later. Lines
# through these times lie within 0.3 points of the model's monthly course on 240 plans, half
# of them within 0.07. Through every quarter of a year it was 0.6 and 0.11, with twice as many.
AFTER_A_TURN_YEARS = (1 / 12, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
#: What the axis of the course holds above the bars of the medicines.
AXIS_PCT = (-12.0, 25.0)
SCORE_AXIS = (-6.0, 4.0)
# The bars of the medicines stand below the course, one lane for each of up to six.
LANE_TOP_PCT, LANES_PCT, WIDEST_LANE_PCT, BAR_PCT = -14.4, 12.6, 3.0, 1.7
#: Columns by which a point of the chart can be asked where it comes from.
FROM = ("from_table", "from_row")
NAMES_APART_PCT, NAMES_APART_RATIO, NAMES_APART_CELLS = 2.7, 1.6, 0.4
# Names of lines stand above the names of the medicines.
LOWEST_NAME_PCT = -12.8
SAME_TIME_YEARS = 1e-6
# Rows of one site in the chart of the scores.
APART_PX = {"Today": -20, "This plan": 0, "Second plan": 20}
#: What published markers are counted from. An untreated marker stays near 1, so both compare.
MARKERS_AGAINST = {"first_drug_baseline": "against the start", "vs_placebo": "against placebo"}


def _columns(names: Sequence[str], rows: Sequence[tuple]) -> dict[str, list]:
    """Rows as columns, also when there are none."""
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def drawn_times(plan: Plan, years: float) -> list[float]:
    """Times that a line is drawn through: close together where the plan turns, in years.

    Examples
    --------
    >>> drawn_times(Plan(), 4.0)
    [0.0, 1.0, 2.0, 3.0, 4.0]
    """
    if not plan.courses:
        return [*map(float, range(math.ceil(years))), years]
    turns = sorted({0.0, years, *(time for one in plan.courses
                                  for time in (one.start_years, one.end_years) if time < years)})
    times = set(turns)
    for turn, following in pairwise(turns):
        later = range(3, math.ceil(following - turn))
        times |= {turn + after for after in (*AFTER_A_TURN_YEARS, *later)
                  if turn + after < following - SAME_TIME_YEARS}
    return sorted(times)


def density_patch(course: Trajectory, other: Trajectory | None, untreated: Trajectory,
                   site: str, years: float, scans: Sequence[OwnScan] = ()) -> ChartPatch:
    """Change of BMD: the plan with its band, the second plan, none, published trials, and a
    later scan of the person's own."""
    lines = {"This plan": (course, PLAN), "Second plan": (other, OTHER_PLAN),
             "No medicine": (untreated, AS_NOW)}
    times = {label: drawn_times(one.plan, one.years) if one else []
             for label, (one, _) in lines.items()}
    values = {label: [lines[label][0].paths[site].change_pct(time) for time in drawn]
              for label, drawn in times.items()}
    bands = [course.paths[site].band_pct(time) for time in times["This plan"]]
    ends = _ends(course.years, {label: (course_values[-1], lines[label][1])
                            for label, course_values in values.items() if course_values},
                 NAMES_APART_PCT, lowest=LOWEST_NAME_PCT)
    points = [(row.time_years, row.value, f"{arm.trial}: {arm.label}",
               "seen by the fit" if row.role == "calibration" else "not seen by the fit",
               "trials", row.row_id)
              for arm, rows in arms_with_plan(course.plan, course.patient.sex)
              for row in rows if row.site == site and row.time_years <= course.years]
    read = [(scan.time_years, _read_pct(course.patient, scan)) for scan in scans]
    said = "; ".join(f"{label} {signed_pct(course_values[-1])}"
                     for label, course_values in values.items() if course_values)
    return ChartPatch(
        data={
            "plan": {"years": times["This plan"], "value": values["This plan"],
                     "low": [low for low, _ in bands], "high": [high for _, high in bands]},
            "other": {"years": times["Second plan"], "value": values["Second plan"]},
            "untreated": {"years": times["No medicine"], "value": values["No medicine"]},
            "trials": _columns(("years", "value", "trial", "kind", *FROM), points),
            "scans": _columns(("years", "value", "label"), [
                (time, min(max(change, AXIS_PCT[0]), AXIS_PCT[1]), _scan_label(change))
                for time, change in read]),
            "courses": _bars(course.plan, course.years),
            "ends": ends,
            "look": {"years": [min(years, course.years)],
                     "value": [course.change_pct(site, min(years, course.years))]},
        },
        signals={"finding": f"{plain_name(site).capitalize()}: "
                            f"{signed_pct(course.change_pct(site, years))} after "
                            f"{years_in_words(years)} "
                            f"{'with this plan' if course.plan.courses else 'without medicine'}"},
        description=(f"Change of bone density at the {plain_name(site)} after "
                     f"{years_in_words(course.years)}: {said}. {_marked(len(points))}" + "".join(
                         f" The later scan reads {signed_pct(change)} after "
                         f"{years_in_words(time)}." for time, change in read)))


def _read_pct(patient: Patient, scan: OwnScan) -> float:
    """Change that the two scans read, %: noise and all."""
    return 100 * (scan.hologic_g_cm2(patient) / patient_bmd(patient, scan.site) - 1)


def _scan_label(change_pct: float) -> str:
    """What stands beside the mark of a scan; an arrow where it lies beyond the axis."""
    beyond = " ↓" if change_pct < AXIS_PCT[0] else " ↑" if change_pct > AXIS_PCT[1] else ""
    return f"scan {signed_pct(change_pct)}{beyond}"


def _marked(numbers: int) -> str:
    if not numbers:
        return "No trial with the same medicines at the same times measured this site."
    what = "1 published number is" if numbers == 1 else f"{numbers} published numbers are"
    return f"{what} marked, from trials with the same medicines at the same times."


def _bars(plan: Plan, years: float) -> dict[str, list]:
    """The medicines as bars along the foot of the chart."""
    courses = sorted((one for one in plan.courses if one.start_years < years),
                     key=lambda one: one.start_years)
    # The white around a name's letters wants more than the letters, if there is room.
    lane_pct = min(WIDEST_LANE_PCT, LANES_PCT / max(len(courses), 1))
    tops = [LANE_TOP_PCT - lane_pct * lane for lane in range(len(courses))]
    return {
        "start": [one.start_years for one in courses],
        "end": [min(one.end_years, years) for one in courses],
        "top": tops, "bottom": [top - BAR_PCT for top in tops],
        "middle": [top - BAR_PCT / 2 for top in tops],
        "name": [medicine(one.medicine).label for one in courses],
        "colour": [MEDICINE_COLOURS[medicine(one.medicine).medicine_class] for one in courses],
    }


def _ends(at_years: float, lines: dict[str, tuple[float, str]], apart: float,
          ratio: bool = False, lowest: float = -math.inf) -> dict[str, list]:
    """Names at the ends of lines, moved apart where they would overlap."""
    ordered = sorted(lines.items(), key=lambda item: item[1][0])
    places: list[float] = []
    for _, (value, _) in ordered:
        if places:
            lowest = places[-1] * apart if ratio else places[-1] + apart
        places.append(max(value, lowest))
    return {"years": [at_years] * len(ordered), "value": places,
            "label": [label for label, _ in ordered],
            "colour": [colour for _, (_, colour) in ordered]}


def t_scores_patch(course: Trajectory, other: Trajectory | None, years: float) -> ChartPatch:
    """T-scores by site, today and at the end of the look."""
    rows = []
    for site in SITES:
        today = course.paths[site].t_score(0.0)
        rows.append((site, today, today, "Today"))
        for one, when in ((course, "This plan"), (other, "Second plan")):
            if one is not None:
                score = one.paths[site].t_score(one.change_pct(site, years))
                rows.append((site, today, score, when))
    # To whom T-score classes do not apply, no line of a class is shown.
    limits = ([NORMAL_FROM_T, OSTEOPOROSIS_UP_TO_T]
              if score_in_use(course.patient) == "t_score" else [])
    said = "; ".join(f"{plain_name(site)}, {when}: {signed(score)}"
                     for site, _, score, when in rows)
    return ChartPatch(
        data={"sites": {
            "site": [plain_name(row[0]).capitalize() for row in rows],
            # The axis stands still: what lies beyond it is marked at its end, and said.
            "today": [_on_axis(row[1]) for row in rows],
            "score": [_on_axis(row[2]) for row in rows],
            "when": [row[3] for row in rows],
            "text": [signed(row[2]) + (f" {row[3].lower()}" if row[0] == SITES[0] else "")
                     for row in rows],
            "apart_px": [APART_PX[row[3]] for row in rows]},
            "lines": {"score": limits, "label": [*map(signed, limits)]}},
        signals={"finding": f"T-score today and after {years_in_words(years)}"},
        description=f"T-scores by site. {said}.")


def _to(value: float) -> str:
    word = "stays at" if f"{value:.2f}" == "1.00" else "falls to" if value < 1 else "rises to"
    return f"{word} {value:.2f}"


def _on_axis(score: float) -> float:
    return min(max(score, SCORE_AXIS[0]), SCORE_AXIS[1])


def _monthly(course: Trajectory) -> dict[str, list[float]]:
    """Markers and cells as a sample every month shows them, ahead of any dose."""
    found = course.marker_course
    months = [month / 12 for month in range(int(course.years * 12 + 1e-6) + 1)]
    places = [bisect_left(found.time_years, month - 1e-6) for month in months]
    return {name: [getattr(found, name)[place] for place in places] for name in (
        "time_years", "ctx", "p1np", "osteoclast_drive", "precursors", "osteoblast_reserve")}


def _every_second(table: dict[str, list[float]]) -> dict[str, list[float]]:
    """Cells move slowly: every second month, and the last, draws the same lines."""
    return {name: values[::2] + ([] if len(values) % 2 else values[-1:])
            for name, values in table.items()}


def markers_patch(course: Trajectory, other: Trajectory | None) -> ChartPatch:
    """CTX and P1NP of both plans, and published markers."""
    found, second = _monthly(course), _monthly(other) if other else None
    ctx, p1np = found["ctx"], found["p1np"]
    points = [(row.time_years, row.value, f"{arm.trial}: {arm.label}", row.site.upper(),
               RESORPTION if row.site == "ctx" else FORMATION, MARKERS_AGAINST[row.reference],
               "trials", row.row_id)
              for arm, row in published_markers(course)]
    ends = _ends(course.years, {"CTX": (ctx[-1], RESORPTION), "P1NP": (p1np[-1], FORMATION)},
                 NAMES_APART_RATIO, ratio=True)
    return ChartPatch(
        data={
            "plan": {"years": found["time_years"], "ctx": ctx, "p1np": p1np},
            "other": {name: second[key] if second else [] for name, key in (
                ("years", "time_years"), ("ctx", "ctx"), ("p1np", "p1np"))},
            "trials": _columns(("years", "value", "trial", "marker", "colour", "against",
                                *FROM), points),
            "ends": ends,
        },
        signals={"finding": f"Markers in the model: CTX {min(ctx):.2f} to {max(ctx):.2f}, "
                            f"P1NP {min(p1np):.2f} to {max(p1np):.2f}"},
        description=(f"Turnover markers with this plan, sampled every month ahead of any dose. "
                     f"CTX from {min(ctx):.2f} to {max(ctx):.2f}, P1NP from {min(p1np):.2f} to "
                     f"{max(p1np):.2f} times the value before treatment."
                     + (" Dashed: the second plan." if other else "")))


def published_markers(course: Trajectory) -> list[tuple[Arm, TrialRow]]:
    """Markers measured in trials with the medicines of a course, within its years."""
    return [(arm, row) for against in MARKERS_AGAINST
            for arm, rows in arms_with_plan(course.plan, course.patient.sex, against)
            for row in rows if row.is_marker and row.time_years <= course.years]


def biology_patch(course: Trajectory) -> ChartPatch:
    """The signals and cells behind it, and the markers' difference.

    None of them is a count of cells or of bone: a bisphosphonate acts on the osteoclasts that
    the signal calls, and bone can form where none was resorbed.
    """
    found = _every_second(_monthly(course))
    drive, waiting, reserve = (found[name] for name in (
        "osteoclast_drive", "precursors", "osteoblast_reserve"))
    apart = [made - lost for made, lost in zip(found["p1np"], found["ctx"], strict=True)]
    ends = _ends(course.years, {
        "Osteoclast signal": (drive[-1], RESORPTION),
        "Precursors": (waiting[-1], PRECURSORS),
        "Osteoblast reserve": (reserve[-1], RESERVE)}, NAMES_APART_CELLS)
    area = f"{min(apart):.2f} to {max(apart):.2f}".replace("-", "−")
    return ChartPatch(
        data={
            "plan": {"years": found["time_years"], "drive": drive, "precursors": waiting,
                     "reserve": reserve,
                     "gain": [max(value, 0.0) for value in apart],
                     "loss": [min(value, 0.0) for value in apart]},
            "ends": ends,
        },
        signals={"finding": "Behind it: signal, precursors, reserve"},
        description=(f"What the model holds behind the markers with this plan, untreated being "
                     f"1. The signal for osteoclasts {_to(min(drive))}, precursors "
                     f"waiting: a pool that {_to(max(waiting))}, the osteoblasts' reserve "
                     f"{_to(min(reserve))}. The area is P1NP less CTX, {area}."))
