"""The charts of the page "Can it be reversed?": what goes into each, and its words."""

from __future__ import annotations

import math

from osteoteach.model.diagnosis import NORMAL_FROM_T, OSTEOPOROSIS_UP_TO_T, score_in_use
from osteoteach.model.reversal import Meaning, Reversal, gain_needed_pct
from osteoteach.model.site_path import SitePath
from osteoteach.model.vocabulary import plain_name
from osteoteach.teaching.sentences import of_100, signed, signed_pct, years_in_words
from osteoteach.view.page import ChartPatch
from osteoteach.view.palette import AS_NOW, PLAN

__all__ = ["AXIS_PCT", "GRID_YEARS", "course_patch", "meanings_patch", "needed_patch"]

GRID_YEARS = tuple(index / 2 for index in range(21))
SHOWN_PERSONS = 20
# Steps of lifestyle are over within two years; later the lines are nearly straight.
PERSON_YEARS = (0.0, 0.5, 1.0, 2.0, 4.0, 7.0, 10.0)
AXIS_PCT = (-20.0, 40.0)
# Where the middle of a text may stand, left and right of zero, so that none reaches over the
# edge of the chart or across the line at zero.
TEXT_PCT = {"normal": (-9.0, -8.5), "needed": (9.0, 26.0)}
NAMES_APART_PCT = 5.0
# From here on a bar has room for the words inside.


def meanings_patch(found: Reversal) -> ChartPatch:
    """Four meanings of "reversed", each with its probability."""
    words = [_chance_in_words(meaning) for meaning in found.meanings]
    bars = [100 * (meaning.probability or 0.0) for meaning in found.meanings]
    # A list of scenarios may name a meaning by these words.
    questions = ["BMD up beyond scan noise", "A better category", "T-score normal at every site",
                 "Fracture risk back to average"]
    labels = ["BMD up beyond scan noise, at its best site", *questions[1:3],
              "Fracture risk back to the average for that age"]
    said = "; ".join(f"{label}: {word}" for label, word in zip(labels, words, strict=True))
    return ChartPatch(
        data={"meanings": {
            "question": questions, "label": labels, "whole": [100.0] * 4, "of_100": bars,
            "text": words}},
        signals={"finding": f"Four meanings of “reversed”, after "
                            f"{years_in_words(found.trajectory.years)}"},
        description=f"Bars of 100 people like this one. {said}.")


def _chance_in_words(meaning: Meaning) -> str:
    if meaning.probability is None:
        return meaning.remark
    number = of_100(meaning.probability).removesuffix(" of 100")
    return f"{number} ({meaning.remark})" if meaning.remark else number


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
    for line in (NORMAL_FROM_T, OSTEOPOROSIS_UP_TO_T) if _by_t_score(found) else ():
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
            f"{signed_pct(same[-1])}. T-score today {signed(item.t_score_now)}."
            + (f" Reaching −1.0 takes {signed_pct(item.gain_needed_pct['normal'])}."
               if _by_t_score(found) and item.gain_needed_pct["normal"] > 0 else "")))


def _by_t_score(found: Reversal) -> bool:
    """Whether classes of the T-score, and so its lines, apply to this person."""
    return score_in_use(found.trajectory.patient) == "t_score"


def needed_patch(found: Reversal) -> ChartPatch:
    """Gain needed for a normal T-score beside the gain likely, by site."""
    items = list(found.sites.values())
    # Without a class as the goal there is no line to reach.
    to_reach = items if _by_t_score(found) else []
    needed = [item.gain_needed_pct["normal"] for item in to_reach]
    words = [_needed_text(need) for need in needed]
    likely = [f"likely {signed_pct(item.gain_likely_pct)}" for item in items]
    lines = dict(zip((item.site for item in to_reach), words, strict=True))
    said = "; ".join(
        ", ".join(filter(None, (f"{plain_name(item.site)}: {text}", lines.get(item.site))))
        for item, text in zip(items, likely, strict=True))
    after = f"after {years_in_words(found.trajectory.years)}"
    if not to_reach:
        finding = f"Likely change {after}, by site"
    elif max(needed) > 0:
        finding = f"Needed for T −1.0, and likely {after}"
    else:
        finding = f"Down to T −1.0, and likely {after}"
    return ChartPatch(
        data={
            "sites": {
                "site": [plain_name(item.site).capitalize() for item in items],
                "likely": [item.gain_likely_pct for item in items],
                "low": [item.low_pct for item in items],
                "high": [item.high_pct for item in items],
                "likely_text": likely},
            "needed": {
                "site": [plain_name(item.site).capitalize() for item in to_reach],
                # The axis stands still: what lies beyond it is marked at its end, and said.
                "needed": [min(max(need, AXIS_PCT[0]), AXIS_PCT[1]) for need in needed],
                "text_at": [_text_at(need) for need in needed],
                "text": words}},
        signals={"finding": finding},
        description=f"{finding}: {said}. The bars hold 90 of 100 people.")


def _text_at(needed_pct: float) -> float:
    low, high = TEXT_PCT["needed" if needed_pct > 0 else "normal"]
    return min(max(needed_pct, low), high)


def _needed_text(needed_pct: float) -> str:
    if needed_pct <= 0:
        beyond = "← " if needed_pct < AXIS_PCT[0] else ""
        return f"{beyond}normal to {signed_pct(needed_pct)}"
    beyond = " →" if needed_pct > AXIS_PCT[1] else ""
    return f"needed {signed_pct(needed_pct)}{beyond}"
