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
from osteoteach.model.harms import BalanceRow, absent_harms, benefit_and_harm, suited_row
from osteoteach.model.patient import Patient
from osteoteach.model.vocabulary import plain_name
from osteoteach.teaching.sentences import joined, signed, years_in_words
from osteoteach.view.page import ChartPatch
from osteoteach.view.palette import OTHER_PLAN, PLAN

__all__ = ["NOT_TREATED", "OUTCOME_WORDS", "balance", "balance_patch", "curve_end", "curve_patch",
           "icons_patch", "parts_patch"]

CURVE_T = tuple(score / 2 for score in range(-9, 3))
# Ends of the axis of the risk; the first that holds the curve.
ENDS_OF_100 = (2.0, 5.0, 20.0, 60.0, 100.0)
# Factors that move the risk less than this are shown as one.
SMALL_PART = 0.12
RATIO_AXIS = (0.1, 20.0)
PER_1000 = 10
ROWS_SHOWN = 6
#: Comparators without a medicine.
NOT_TREATED = (None, "placebo", "no use")
#: Counted in women, and hardly known in men.
WOMENS_HARMS = ("invasive_breast_cancer",)
# Ends of the axis of benefit and harm, and how much of it the longest bar may take.
REACHES_1000, BAR_SHARE = (20.0, 50.0, 100.0, 200.0, 500.0, 1000.0), 0.5
NAMED_ABSENT = 2
OUTCOME_WORDS = {"hip": "hip fracture", "major": "major osteoporotic fracture"}


def parts_patch(risk: Risk) -> ChartPatch:
    """What multiplies the hazard today, factor by factor."""
    rows = [(part.label, re.sub(r"-(?=\d)", "−", part.value), part.ratio, part.low, part.high)
            for part in risk.parts if part.name == "bmd" or abs(part.ratio - 1) > SMALL_PART]
    small = [part for part in risk.parts
             if part.name != "bmd" and abs(part.ratio - 1) <= SMALL_PART]
    if small:
        name = f"{len(small)} others" if len(small) > 1 else small[0].label
        rows.append((name, "each near 1", *(
            math.prod(getattr(part, end) for part in small) for end in ("ratio", "low", "high"))))
    said = "; ".join(f"{label} {value}: {ratio:.2f}" for label, value, ratio, *_ in rows)
    return ChartPatch(
        data={
            "parts": {"row": list(range(len(rows))), "name": [row[0] for row in rows],
                      **{end: [min(max(row[place], RATIO_AXIS[0]), RATIO_AXIS[1])
                               for row in rows]
                         for place, end in ((2, "ratio"), (3, "low"), (4, "high"))},
                      "text": [f"× {row[2]:.2f}" for row in rows]},
            "one": {"ratio": [1.0]},
        },
        signals={"finding": f"Today's hazard: {risk.hazard_ratio:.1f} times the average of this "
                 f"age; over {years_in_words(risk.years)} "
                 f"{risk.probability / risk.average:.1f} times the risk"},
        description=f"Factors that multiply the hazard today, average being 1. {said}.")


@functools.lru_cache(maxsize=16)
def _curve(patient: Patient, years: float, outcome: str) -> list[tuple[float, float, float]]:
    """The risk at every T-score of the curve."""
    return risk_by_t_score(patient, CURVE_T, years, outcomes=[outcome])[outcome]


def curve_end(values: dict[str, Any], patient: Patient, outcome: str) -> float:
    """Where the axis of the risk ends, in persons of 100: so that the curve fills it."""
    highest = 100 * max(risk for risk, _, _ in _others_curve(values, patient, outcome))
    return next(end for end in ENDS_OF_100 if highest <= end)


def _others_curve(values: dict[str, Any], patient: Patient,
                  outcome: str) -> list[tuple[float, float, float]]:
    # One T-score for all, so that the curve is kept while the person's own one moves.
    others = replace(patient, t_scores={"femoral_neck": CURVE_T[0]})
    return _curve(others, values["years"], outcome)


def curve_patch(values: dict[str, Any], patient: Patient, risk: Risk,
                outcome: str) -> ChartPatch:
    """The risk over the T-score, the other factors held."""
    curve = _others_curve(values, patient, outcome)
    of_100 = [100 * probability for probability, _, _ in curve]
    score = values["femoral_neck"]
    return ChartPatch(
        data={
            "curve": {"score": list(CURVE_T), "risk": of_100,
                      "low": [100 * low for _, low, _ in curve],
                      "high": [100 * high for _, _, high in curve]},
            "person": {"score": [score], "risk": [100 * risk.probability],
                       "label": [_of_100(risk.probability)]},
            "lines": {"score": [NORMAL_FROM_T, OSTEOPOROSIS_UP_TO_T],
                      "label": [signed(NORMAL_FROM_T), signed(OSTEOPOROSIS_UP_TO_T)]},
        },
        signals={"finding": "The risk has no step at −2.5",
                 "top": curve_end(values, patient, outcome)},
        description=(f"{OUTCOME_WORDS[outcome].capitalize()} within "
                     f"{years_in_words(values['years'])} over the femoral neck T-score, the "
                     f"other factors held: {_of_100(curve[0][0])} at {signed(CURVE_T[0])}, "
                     f"{_of_100(curve[-1][0])} at {signed(CURVE_T[-1])}; this person "
                     f"{_of_100(risk.probability)} at {signed(score)}."))


def _of_100(probability: float) -> str:
    """With a decimal where whole persons say little.

    Examples
    --------
    >>> _of_100(0.234), _of_100(0.0134), _of_100(0.0001)
    ('23 of 100', '1.3 of 100', 'fewer than 0.1 of 100')
    """
    people = 100 * probability
    if people < 0.1:
        return "fewer than 0.1 of 100"
    return f"{people:.1f} of 100" if people < 10 else f"{people:.0f} of 100"


def icons_patch(values: dict[str, Any], risk: Risk, framed: Framing | None,
                medicine_words: str) -> ChartPatch:
    """A thousand figures: with the fracture, spared by the medicine, without it."""
    without = _without(risk, framed)
    with_ = without if framed is None else framed.count_with
    years = years_in_words(values["years"])
    said = (f"Of 1,000 people like this one, {without} have the fracture within {years} without "
            "medicine")
    if framed is not None:
        said += f", {with_} with {medicine_words}"
    return ChartPatch(
        data={}, signals={"fracture_with": min(with_, without), "fracture_without": without,
                          "finding": f"Of 1,000 in {years}: {without} without"
                          + (" medicine" if framed is None else f", {with_} with "
                             f"{medicine_words}")},
        description=f"{said}. One figure is one person, always in the same order.")


def _without(risk: Risk, framed: Framing | None) -> int:
    return math.floor(1000 * risk.probability + 0.5) if framed is None else framed.count_without


def balance_patch(values: dict[str, Any], framed: Framing | None, years: float) -> ChartPatch:
    """Benefit beside harm, among 1,000."""
    shown, absent = _shown(values, framed, years)
    names = [_row_name(row, values["outcome"], framed) for row in shown]
    counts = [_per_1000(row, framed) for row in shown]
    text = [_row_text(row, count) for row, count in zip(shown, counts, strict=True)]
    said = "; ".join(f"{name}: {words}" for name, words in zip(names, text, strict=True))
    longest = max(map(abs, counts), default=0.0)
    finding = f"Benefit and harm among 1,000 in {years_in_words(years)}"
    more = len(absent) - NAMED_ABSENT
    if absent:
        finding += "; not counted: " + joined([
            *absent[:NAMED_ABSENT], *([f"{more} more"] if more > 0 else [])])
    return ChartPatch(
        data={"rows": {
            "row": list(range(len(names))), "name": names, "per_1000": counts, "text": text,
            "colour": [PLAN if row.kind == "benefit" else OTHER_PLAN for row in shown]}},
        signals={"finding": finding if shown else
                 "Choose a medicine with a published ratio to see benefit and harm",
                 "reach": next((reach for reach in REACHES_1000 if longest <= BAR_SHARE * reach),
                               REACHES_1000[-1])},
        description="Benefit and harm of the medicine in the same unit, among 1,000 people. "
                    + (f"{said}. Not counted: {joined(absent) or 'nothing'}." if said else
                       "No medicine is chosen, or no ratio of it for this fracture is known here."))


def balance(values: dict[str, Any], framed: Framing | None,
            years: float) -> tuple[BalanceRow, ...]:
    """Benefit first, then the harms of the medicine in the order of the table."""
    if framed is None:
        return ()
    return benefit_and_harm(values["medicine"], framed, years)


def _shown(values: dict[str, Any], framed: Framing | None,
           years: float) -> tuple[list[BalanceRow], list[str]]:
    """The benefit and one row for each harm; then the harms that no row can count."""
    if framed is None:
        return [], []
    benefit, *rows = balance(values, framed, years)
    if values["sex"] == "male":
        rows = [row for row in rows if row.harm not in WOMENS_HARMS]
    harms = dict.fromkeys(row.harm for row in rows)
    best = {harm: suited_row(row for row in rows if row.harm == harm) for harm in harms}
    shown = [benefit, *filter(None, best.values())]
    known = (*harms, *(one.harm for one in absent_harms(values["medicine"])))
    absent = dict.fromkeys(plain_name(harm) for harm in known if best.get(harm) is None)
    # A harm that finds no room is not counted either.
    absent |= dict.fromkeys(plain_name(row.harm) for row in shown[ROWS_SHOWN:])
    return shown[:ROWS_SHOWN], list(absent)


def _per_1000(row: BalanceRow, framed: Framing) -> float:
    """Persons fewer among 1,000; of the benefit whole persons, as the figures count them."""
    if row.kind == "benefit":
        return float(framed.count_without - framed.count_with)
    # Over the comparator, else all who had it.
    extra = row.with_medicine if _shows_count(row) else row.difference
    return -extra / PER_1000


def _shows_count(row: BalanceRow) -> bool:
    """Whether people with the harm are shown, not the difference to others.

    Fewer than with another medicine is no benefit: it may be more than with none.
    """
    return row.difference is None or (
        row.kind == "harm" and row.difference < 0 and row.comparator not in NOT_TREATED)


def _row_name(row: BalanceRow, outcome: str, framed: Framing | None) -> str:
    if row.kind == "benefit":
        shown = framed is None or framed.effect_shown
        return f"Benefit{'' if shown else ' not shown'}: {OUTCOME_WORDS[outcome]}"
    if row.over_years is None:
        return row.what[:1].upper() + row.what[1:]
    against = ("" if _shows_count(row) or row.comparator in NOT_TREATED else
               f" against {row.comparator}")
    counted = "" if row.covers_course else f", counted for {years_in_words(row.over_years)}"
    return plain_name(row.harm).capitalize() + against + counted


def _row_text(row: BalanceRow, per_1000: float) -> str:
    number = f"{abs(per_1000):.1f}".rstrip("0").rstrip(".")
    if row.kind == "benefit" and per_1000 == 0:
        return "fewer than 1"
    if _shows_count(row):
        return f"{number} have it"
    return f"{number} {'more' if per_1000 < 0 else 'fewer'}"
