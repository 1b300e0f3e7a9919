"""The charts of the page "Can it be reversed?": what goes into each, and its words."""

from __future__ import annotations

import math

from osteoteach.model.diagnosis import NORMAL_FROM_T, OSTEOPOROSIS_UP_TO_T
from osteoteach.model.reversal import Reversal, gain_needed_pct
from osteoteach.model.site_path import SitePath
from osteoteach.model.vocabulary import plain_name
from osteoteach.teaching.sentences import of_100, signed, signed_pct, years_in_words
from osteoteach.view.page import ChartPatch
from osteoteach.view.palette import AS_NOW, INK, ON_PLAN, PLAN

__all__ = ["AXIS_PCT", "GRID_YEARS", "course_patch", "meanings_patch", "needed_patch"]

GRID_YEARS = tuple(index / 2 for index in range(21))
SHOWN_PERSONS = 20
# Steps of lifestyle are over within two years; later the lines are nearly straight.
PERSON_YEARS = (0.0, 0.5, 1.0, 2.0, 4.0, 7.0, 10.0)
AXIS_PCT = (-20.0, 40.0)
# Where the middle of a text may stand, so that none reaches over the edge of the chart.
TEXT_PCT = (-9.0, 26.0)
NAMES_APART_PCT = 5.0


def meanings_patch(found: Reversal) -> ChartPatch:
    """Four meanings of "reversed", each with its probability."""
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


def course_patch(found: Reversal, path: SitePath, untouched: SitePath,
                 longest: float) -> ChartPatch:
    """Change of BMD with the plan, its band and twenty persons, beside going on as now."""
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


def needed_patch(found: Reversal) -> ChartPatch:
    """Gain needed for a normal T-score beside the gain likely, by site."""
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
