"""The charts of the page "What is the risk?": what goes into each, and its words."""

from __future__ import annotations

import functools
import math
import re
from dataclasses import replace
from typing import Any

from osteoteach.model.diagnosis import NORMAL_FROM_T, OSTEOPOROSIS_UP_TO_T
from osteoteach.model.fracture_forecast import Risk
from osteoteach.model.fracture_risk import risk_by_t_score
from osteoteach.model.framing import Framing
from osteoteach.model.harms import BalanceRow, benefit_and_harm
from osteoteach.model.patient import Patient
from osteoteach.teaching.sentences import signed, years_in_words
from osteoteach.view.page import ChartPatch
from osteoteach.view.palette import OTHER_PLAN, PLAN

__all__ = ["OUTCOME_WORDS", "balance", "balance_patch", "curve_patch", "icons_patch",
           "parts_patch"]

CURVE_T = tuple(score / 2 for score in range(-9, 3))
LARGEST_OF_100 = 60
# Factors that move the risk less than this are shown as one.
SMALL_PART = 0.12
RATIO_AXIS = (0.1, 20.0)
PER_1000 = 10
ROWS_SHOWN = 6
BAR_1000 = (-60.0, 140.0)
OUTCOME_WORDS = {"hip": "hip fracture", "major": "major osteoporotic fracture"}


def parts_patch(risk: Risk) -> ChartPatch:
    """What multiplies the hazard today, factor by factor."""
    rows = [(part.label, re.sub(r"-(?=\d)", "−", part.value), part.ratio, part.low, part.high)
            for part in risk.parts if part.name == "bmd" or abs(part.ratio - 1) > SMALL_PART]
    small = [part for part in risk.parts
             if part.name != "bmd" and abs(part.ratio - 1) <= SMALL_PART]
    if small:
        rows.append((f"{len(small)} others", "each near 1", *(
            math.prod(getattr(part, end) for part in small) for end in ("ratio", "low", "high"))))
    said = "; ".join(f"{label} {value}: {ratio:.2f}" for label, value, ratio, *_ in rows)
    return ChartPatch(
        data={
            "parts": {"name": [row[0] for row in rows],
                      **{end: [min(max(row[place], RATIO_AXIS[0]), RATIO_AXIS[1])
                               for row in rows]
                         for place, end in ((2, "ratio"), (3, "low"), (4, "high"))},
                      "text": [f"{row[1]}: × {row[2]:.2f}" for row in rows]},
            "one": {"ratio": [1.0]},
        },
        signals={"finding": f"Together {risk.hazard_ratio:.1f} times the average of this age"},
        description=f"Factors that multiply the risk today, average being 1. {said}.")


@functools.lru_cache(maxsize=16)
def _curve(patient: Patient, years: float, outcome: str) -> list[tuple[float, float, float]]:
    """The risk at every T-score of the curve."""
    return risk_by_t_score(patient, CURVE_T, years, outcomes=[outcome])[outcome]


def curve_patch(values: dict[str, Any], patient: Patient, risk: Risk,
                outcome: str) -> ChartPatch:
    """The risk over the T-score, the other factors held."""
    # One T-score for all, so that the curve is kept while the person's own one moves.
    others = replace(patient, t_scores={"femoral_neck": CURVE_T[0]})
    curve = _curve(others, values["years"], outcome)
    of_100 = [100 * probability for probability, _, _ in curve]
    score = values["femoral_neck"]
    return ChartPatch(
        data={
            "curve": {"score": list(CURVE_T), "risk": of_100,
                      "low": [100 * low for _, low, _ in curve],
                      "high": [100 * high for _, _, high in curve]},
            "person": {"score": [score], "risk": [min(100 * risk.probability, LARGEST_OF_100)],
                       "label": [f"{100 * risk.probability:.0f} of 100"]},
            "lines": {"score": [NORMAL_FROM_T, OSTEOPOROSIS_UP_TO_T],
                      "label": [signed(NORMAL_FROM_T), signed(OSTEOPOROSIS_UP_TO_T)]},
        },
        signals={"finding": "The risk has no step at −2.5"},
        description=(f"{OUTCOME_WORDS[outcome].capitalize()} within "
                     f"{years_in_words(values['years'])} over the femoral neck T-score, the "
                     f"other factors held: {of_100[0]:.0f} of 100 at {signed(CURVE_T[0])}, "
                     f"{of_100[-1]:.0f} at {signed(CURVE_T[-1])}; this person "
                     f"{100 * risk.probability:.0f} at {signed(score)}."))


def icons_patch(values: dict[str, Any], risk: Risk, framed: Framing | None) -> ChartPatch:
    """A thousand figures: with the fracture, spared by the medicine, without it."""
    without = round(1000 * risk.probability)
    with_ = without if framed is None else framed.count_with
    years = years_in_words(values["years"])
    said = (f"Of 1,000 people like this one, {without} have the fracture within {years} without "
            "treatment")
    if framed is not None:
        said += f", {with_} with it"
    return ChartPatch(
        data={}, signals={"fracture_with": min(with_, without), "fracture_without": without,
                          "finding": f"Of 1,000: {without} without"
                          + ("" if framed is None else f", {with_} with")},
        description=f"{said}. One figure is one person, always in the same order.")


def balance_patch(values: dict[str, Any], framed: Framing | None, years: float) -> ChartPatch:
    """Benefit beside harm, among 1,000."""
    rows = balance(values, framed, years)
    shown = [(row, _extra(row)) for row in rows if _extra(row) is not None][:ROWS_SHOWN]
    names = ["Benefit: " + OUTCOME_WORDS[values["outcome"]] if row.kind == "benefit"
             else row.what[:1].upper() + row.what[1:] for row, _ in shown]
    counts = [-extra / PER_1000 for _, extra in shown]
    text = [_row_text(row, count) for (row, _), count in zip(shown, counts, strict=True)]
    said = "; ".join(f"{name}: {words}" for name, words in zip(names, text, strict=True))
    return ChartPatch(
        data={"rows": {
            "row": list(range(len(names))), "name": names,
            "per_1000": [min(max(count, BAR_1000[0]), BAR_1000[1]) for count in counts],
            # A text begins right of its bar, and of zero for a harm.
            "text_at": [min(max(count, 0.0), 90.0) for count in counts], "text": text,
            "colour": [PLAN if row.kind == "benefit" else OTHER_PLAN for row, _ in shown]}},
        signals={"finding": "Benefit and harm among 1,000" if shown else
                 "Choose a medicine with a fracture trial to see benefit and harm"},
        description="Benefit and harm of the medicine in the same unit, among 1,000 people. "
                    + (f"{said}." if said else "No medicine is chosen, or none has a trial."))


def balance(values: dict[str, Any], framed: Framing | None,
            years: float) -> tuple[BalanceRow, ...]:
    """Benefit first, then the harms of the medicine in the order of the table."""
    if framed is None:
        return ()
    return benefit_and_harm(values["medicine"], framed, years)


def _extra(row: BalanceRow) -> float | None:
    """Persons more among 10,000: over the comparator, else all who had it."""
    return row.with_medicine if row.difference is None else row.difference


def _row_text(row: BalanceRow, per_1000: float) -> str:
    number = f"{abs(per_1000):.1f}".rstrip("0").rstrip(".")
    if row.kind == "benefit":
        return f"{number} {'fewer' if per_1000 >= 0 else 'more'}"
    over = f" in {years_in_words(row.over_years)}" if row.over_years else ""
    sure = "" if row.difference is not None else ", no comparator"
    return f"{number} {'more' if per_1000 <= 0 else 'fewer'}{over}{sure}"
