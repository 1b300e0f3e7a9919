"""Page "What is the risk?"."""

from __future__ import annotations

import functools
import math
import re
from typing import Any

from osteoteach.model.diagnosis import NORMAL_FROM_T, OSTEOPOROSIS_UP_TO_T
from osteoteach.model.fracture_forecast import Risk
from osteoteach.model.fracture_risk import ASSUMPTIONS, fracture_risk, risk_by_t_score
from osteoteach.model.framing import Framing, framing
from osteoteach.model.harms import BalanceRow, absent_harms, benefit_and_harm
from osteoteach.model.medicines import medicine, medicine_names
from osteoteach.model.patient import FragilityFracture, Lifestyle, Patient, RiskFactors
from osteoteach.model.plan import Course, Plan
from osteoteach.model.trajectory import simulate
from osteoteach.model.treatment_effect import TrialEffect, compare, main_effect, outcome_name
from osteoteach.model.vocabulary import plain_name
from osteoteach.teaching.sentences import risk_sentence, signed, years_in_words
from osteoteach.view.controls import ChoiceControl, NumberControl, ToggleControl
from osteoteach.view.dashboards.assembly import dashboard
from osteoteach.view.html import (
    bullet_list,
    data_table,
    paragraph,
    prose,
    reference_list,
    short_link,
)
from osteoteach.view.page import Answer, ChartPatch, Group, Page
from osteoteach.view.palette import OTHER_PLAN, PLAN

__all__ = ["answer", "page"]

CURVE_T = tuple(score / 2 for score in range(-9, 3))
LARGEST_OF_100 = 60
# Factors that move the risk less than this are shown as one.
SMALL_PART = 0.12
RATIO_AXIS = (0.1, 20.0)
PER_1000 = 10
ROWS_SHOWN = 6
BAR_1000 = (-60.0, 140.0)
FRACTURES = [("None", "none"), ("Hip", "hip"), ("Vertebral", "vertebral"),
             ("Wrist", "distal_forearm"), ("Upper arm", "proximal_humerus"),
             ("Other fragility fracture", "other")]
#: For each outcome the trial outcomes that may stand for it, the closest first.
TRIAL_OUTCOMES = {"hip": ("hip",), "major": ("any_clinical", "nonvertebral", "any_fragility")}
OUTCOME_WORDS = {"hip": "hip fracture", "major": "major osteoporotic fracture"}


def _controls() -> list[Group]:
    medicines = [("None", "none"), *(
        (medicine(name).label, name) for name in medicine_names()
        if any(main_effect(name, outcome) for outcome in ("hip", "any_clinical", "nonvertebral")))]
    return [
        Group("The question", [
            ChoiceControl("outcome", "Fracture", [
                ("Major osteoporotic", "major"), ("Hip", "hip")], "major"),
            NumberControl("years", "Within", "years", 1, 10, 1, 10),
            ChoiceControl("medicine", "Medicine", medicines, "alendronate"),
        ]),
        Group("Person", [
            NumberControl("age_years", "Age", "years", 40, 90, 1, 70),
            ChoiceControl("sex", "Sex", [("Woman", "female"), ("Man", "male")], "female"),
            NumberControl("femoral_neck", "Femoral neck", "SD", -4.5, 1, 0.1, -2.5),
            NumberControl("weight_kg", "Weight", "kg", 35, 130, 1, 65),
            NumberControl("height_cm", "Height", "cm", 135, 200, 1, 162),
        ]),
        Group("Risk factors", [
            ChoiceControl("fracture", "Fragility fracture", FRACTURES, "distal_forearm"),
            NumberControl("fracture_years_ago", "Years ago", "years", 0, 30, 1, 2),
            ToggleControl("parent", "A parent broke a hip", False),
            ToggleControl("smokes", "Smokes now", False),
            ToggleControl("arthritis", "Rheumatoid arthritis", False),
            NumberControl("prednisolone_mg_day", "Prednisolone", "mg/day", 0, 40, 0.5, 0),
            NumberControl("alcohol_g_day", "Alcohol", "g/day", 0, 120, 2, 0),
            NumberControl("falls_last_year", "Falls", "last year", 0, 10, 1, 0),
        ]),
    ]


def _patient(values: dict[str, Any], t_score: float | None = None) -> Patient:
    female = values["sex"] == "female"
    fractures = () if values["fracture"] == "none" else (
        FragilityFracture(values["fracture"], values["fracture_years_ago"]),)
    return Patient(
        age_years=values["age_years"], sex=values["sex"],
        menopausal_status="postmenopausal" if female and values["age_years"] >= 55 else None,
        t_scores={"femoral_neck": values["femoral_neck"] if t_score is None else t_score},
        weight_kg=values["weight_kg"], height_cm=values["height_cm"], fractures=fractures,
        lifestyle=Lifestyle(smoking="current" if values["smokes"] else "never",
                            alcohol_g_day=values["alcohol_g_day"]),
        risk_factors=RiskFactors(
            parental_hip_fracture=values["parent"], rheumatoid_arthritis=values["arthritis"],
            prednisolone_mg_day=values["prednisolone_mg_day"],
            falls_last_year=values["falls_last_year"]))


def _effect(values: dict[str, Any]) -> TrialEffect | None:
    """The trial's ratio that stands for the outcome on the page."""
    if values["medicine"] == "none":
        return None
    for outcome in TRIAL_OUTCOMES[values["outcome"]]:
        effect = main_effect(values["medicine"], outcome)
        if effect is not None:
            return effect
    return None


def answer(values: dict[str, Any]) -> Answer:
    """The person's risk, its parts, and what a treatment changes and may harm."""
    patient, years, outcome = _patient(values), values["years"], values["outcome"]
    found = fracture_risk(patient, years)
    risk, effect = getattr(found, outcome), _effect(values)
    whom = "women like her" if values["sex"] == "female" else "men like him"
    framed = None if effect is None else framing(
        risk.probability, effect.value, effect.low, effect.high, whom=whom,
        event=f"have a {OUTCOME_WORDS[outcome]}")
    return Answer(
        sentence=risk_sentence(risk, OUTCOME_WORDS[outcome], framed),
        why=_why(values, risk, effect, framed),
        how_sure=_how_sure(values, risk, effect),
        sources=reference_list((*risk.sources, *(effect.source_ids if effect else ()))),
        charts={
            "parts": _parts_patch(risk),
            "by_t_score": _curve_patch(values, risk, outcome),
            "icons": _icons_patch(values, risk, framed),
            "balance": _balance_patch(values, framed, years),
        },
    )


# --- Charts --------------------------------------------------------------------


def _parts_patch(risk: Risk) -> ChartPatch:
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
def _curve(others: tuple[tuple[str, Any], ...]) -> dict[str, list[tuple[float, float, float]]]:
    """The risk at every T-score of the curve: it stands still while the T-score moves."""
    values = {**dict(others), "femoral_neck": CURVE_T[0]}
    return risk_by_t_score(_patient(values), CURVE_T, values["years"])


def _curve_patch(values: dict[str, Any], risk: Risk, outcome: str) -> ChartPatch:
    others = tuple(sorted((name, value) for name, value in values.items()
                          if name not in ("femoral_neck", "medicine", "outcome")))
    curve = _curve(others)[outcome]
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


def _icons_patch(values: dict[str, Any], risk: Risk, framed: Framing | None) -> ChartPatch:
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


def _balance_patch(values: dict[str, Any], framed: Framing | None, years: float) -> ChartPatch:
    rows = _balance(values, framed, years)
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


def _balance(values: dict[str, Any], framed: Framing | None,
             years: float) -> tuple[BalanceRow, ...]:
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


# --- Folds ---------------------------------------------------------------------


def _why(values: dict[str, Any], risk: Risk, effect: TrialEffect | None,
         framed: Framing | None) -> str:
    rows = [(prose(part.label), prose(part.value), f"× {part.ratio:.2f}",
             f"{part.published:.2f}, {'adjusted' if part.adjusted_for_bmd else 'not adjusted'} "
             f"for BMD ({part.basis})", ", ".join(map(short_link, part.source_ids)))
            for part in risk.parts]
    text = paragraph(
        f"The average of this age and sex is {100 * risk.average:.1f} of 100. Each factor "
        "multiplies the hazard, divided by its own average in the population; death competes.")
    text += data_table("What makes up the risk today", (
        "Factor", "Value", "Multiplies by", "Published ratio", "Source"), rows)
    if framed is None or effect is None:
        return text
    ways = bullet_list(prose(way.sentence) for way in framed.five_ways)
    stands = ("" if effect.outcome == values["outcome"] else
              f" It counted {outcome_name(effect.outcome)}s, which stand here for "
              f"{OUTCOME_WORDS[values['outcome']]}s.")
    text += paragraph(f"One trial, five ways: {effect}.{stands}") + ways
    text += data_table("Benefit and harm among 10,000", (
        "What", "More with it", "With", "Without", "Over", "Who was studied", "Source"), [
        (prose(row.what), _count(row.difference), _count(row.with_medicine),
         _count(row.without_medicine),
         prose(years_in_words(row.over_years)) if row.over_years else "",
         prose(f"{row.population or ''}. {row.remark}"),
         ", ".join(map(short_link, row.source_ids)))
        for row in _balance(values, framed, values["years"])])
    absent = absent_harms(values["medicine"])
    if absent:
        text += paragraph("Known of, but no rate could be confirmed: " + ", ".join(dict.fromkeys(
            plain_name(one.harm) for one in absent)) + ".")
    return text


def _count(number: float | None) -> str:
    return "" if number is None else f"{number:,.1f}".replace("-", "−")


def _how_sure(values: dict[str, Any], risk: Risk, effect: TrialEffect | None) -> str:
    texts = [f"90% interval {100 * risk.low:.0f} to {100 * risk.high:.0f} of 100, from the "
             "published intervals of the ratios alone.", *ASSUMPTIONS, *risk.warnings]
    if effect is not None:
        months = f" over {effect.months} months" if effect.months else ""
        texts.append(f"The ratio comes from {effect.trial}{months} in {effect.population}; taken "
                     f"to hold for {years_in_words(values['years'])} and for this person.")
        texts += [one.sentence for one in _bmd_comparison(values)]
    link = ('<p>This is not FRAX. For patients use the <a href="https://www.fraxplus.org/" '
            'target="_blank" rel="noopener">official site</a>.</p>')
    return "".join(map(paragraph, texts)) + link


def _bmd_comparison(values: dict[str, Any]) -> list[Any]:
    """The trials beside what the model's gain of BMD would lead one to expect."""
    plan = Plan(courses=[Course(values["medicine"], 0, 3)])
    treated, untreated = (simulate(_patient(values), one, 3) for one in (plan, Plan()))
    difference = treated.change_pct("total_hip", 3) - untreated.change_pct("total_hip", 3)
    return [one for one in compare(values["medicine"], round(difference, 1))
            if one.prediction is not None][:3]


def _hidden(values: dict[str, Any]) -> set[str]:
    return {"fracture_years_ago"} if values["fracture"] == "none" else set()


def page() -> Page:
    """The whole page, for the last line of a notebook."""
    return dashboard(
        "risk", "What is the risk?",
        "See what makes up a fracture risk, and what a treatment changes in absolute numbers. "
        "Guess first: of 1,000 women like her, how many are spared a fracture?",
        _controls(), answer, _hidden)
