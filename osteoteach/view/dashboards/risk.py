"""Page "What is the risk?"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from osteoteach.evidence import source
from osteoteach.model.fracture_factors import patient_factors
from osteoteach.model.fracture_forecast import Part, Risk
from osteoteach.model.fracture_risk import ASSUMPTIONS, outcome_risk
from osteoteach.model.framing import Framing, framing
from osteoteach.model.harms import BalanceRow, PerTenThousand, absent_harms, harms, per_10_000
from osteoteach.model.medicines import medicine, medicine_names
from osteoteach.model.patient import FragilityFracture, Lifestyle, Patient, RiskFactors
from osteoteach.model.plan import Course, Plan
from osteoteach.model.plan_warnings import PlanWarning, person_warnings, plan_warnings
from osteoteach.model.trajectory import simulate
from osteoteach.model.treatment_effect import TrialEffect, compare, main_effect, outcome_name
from osteoteach.model.untreated_loss import menopause_assumption
from osteoteach.model.vocabulary import plain_name
from osteoteach.teaching.beyond_trial import BeyondTrial, beyond_trial
from osteoteach.teaching.guess_questions.risk import risk_guess
from osteoteach.teaching.sentences import joined, risk_sentence, years_in_words
from osteoteach.view.answer import SEVERITIES
from osteoteach.view.controls import ChoiceControl, NumberControl, ToggleControl
from osteoteach.view.dashboards.assembly import dashboard
from osteoteach.view.dashboards.person import FRACTURES
from osteoteach.view.dashboards.risk_charts import (
    NOT_TREATED,
    OUTCOME_WORDS,
    balance,
    balance_patch,
    curve_end,
    curve_patch,
    icons_patch,
    parts_patch,
)
from osteoteach.view.dashboards.rows_behind import (
    effect_key,
    factor_keys,
    fracture_rows,
    warning_key,
)
from osteoteach.view.dashboards.testing_part import (
    testing_rows,
    testing_tables,
)
from osteoteach.view.evidence_rows import RowsUsed, rows_used
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

__all__ = ["answer", "page"]

#: For each outcome the trial outcomes that may stand for it, the closest first.
TRIAL_OUTCOMES = {"hip": ("hip",), "major": ("any_clinical", "nonvertebral", "any_fragility")}
#: Warnings of a course that is longer than a label allows.
LONGEST_COURSE = ("lifetime_years_above", "years_on_medicine_above")
#: Intervals of a risk below this have a decimal.
TENTH = 0.1


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
            NumberControl("femoral_neck", "Femoral neck T-score", "SD", -4.5, 1, 0.1, -2.5),
            NumberControl("weight_kg", "Weight", "kg", 35, 130, 1, 65),
            NumberControl("height_cm", "Height", "cm", 135, 200, 1, 162),
        ]),
        Group("Risk factors", [
            ChoiceControl("fracture", "Fragility fracture", FRACTURES, "distal_forearm",
                          "From a fall from standing height or less."),
            NumberControl("fracture_years_ago", "Years ago", "years", 0, 30, 1, 2),
            ToggleControl("parent", "A parent broke a hip", False),
            ToggleControl("smokes", "Smokes now", False),
            ToggleControl("arthritis", "Rheumatoid arthritis", False),
            NumberControl("prednisolone_mg_day", "Prednisolone", "mg/day", 0, 40, 0.5, 0),
            NumberControl("alcohol_g_day", "Alcohol", "g/day", 0, 120, 2, 0),
            NumberControl("falls_last_year", "Falls", "last year", 0, 10, 1, 0),
        ]),
    ]


def _patient(values: dict[str, Any]) -> Patient:
    female = values["sex"] == "female"
    fractures = () if values["fracture"] == "none" else (
        FragilityFracture(values["fracture"], values["fracture_years_ago"]),)
    return Patient(
        age_years=values["age_years"], sex=values["sex"],
        menopausal_status="postmenopausal" if female and values["age_years"] >= 55 else None,
        t_scores={"femoral_neck": values["femoral_neck"]},
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


def _medicine_words(name: str) -> str:
    """A medicine as it stands in a sentence.

    Examples
    --------
    >>> _medicine_words("estrogen"), _medicine_words("zoledronate")
    ('estrogen alone', 'zoledronate')
    """
    return "" if name == "none" else re.split(r"[,(]", medicine(name).label)[0].strip().lower()


def _warning(values: dict[str, Any], effect: TrialEffect | None,
             beyond: BeyondTrial | None) -> list[tuple[str, str]]:
    if values["medicine"] != "none" and effect is None:
        told = [("warning", "No ratio with an interval against placebo is known here of "
                 f"{_medicine_words(values['medicine'])} for {OUTCOME_WORDS[values['outcome']]}, "
                 "so neither benefit nor harm is shown.")]
    else:
        told = [] if beyond is None else [("warning", beyond.text)]
    labels = [(one.severity, str(one)) for one in _label_warnings(values)]
    return sorted([*labels, *told], key=lambda item: [*SEVERITIES].index(item[0]))


def _label_warnings(values: dict[str, Any]) -> tuple[PlanWarning, ...]:
    name = values["medicine"]
    patient = _patient(values)
    menopause, _ = menopause_assumption(patient)
    if menopause is not None and patient.age_years < menopause:
        patient = replace(patient, menopausal_status="premenopausal")
    if name == "none":
        return ()
    told = person_warnings(patient, name)
    if medicine(name).limit_scope is None:
        return told
    # A bone builder taken for as long as the risk is counted goes beyond its label.
    course = Plan(courses=[Course(name, 0, values["years"])])
    return (*told, *(one for one in plan_warnings(patient, course, values["years"])
                     if one.trigger in LONGEST_COURSE))


def answer(values: dict[str, Any]) -> Answer:
    """The person's risk, its parts, and what a treatment changes and may harm."""
    patient, years, outcome = _patient(values), values["years"], values["outcome"]
    risk, effect = outcome_risk(patient, outcome, years), _effect(values)
    beyond = None if effect is None else beyond_trial(effect, patient, years)
    medicine_words = _medicine_words(values["medicine"])
    cited = () if effect is None else (
        *effect.source_ids, *(name for one in (beyond.others if beyond else ())
                              for name in one.source_ids))
    whom = "women like her" if values["sex"] == "female" else "men like him"
    framed = None if effect is None else framing(
        risk.probability, effect.value, effect.low, effect.high, whom=whom,
        event=f"have a {OUTCOME_WORDS[outcome]}")
    return Answer(
        sentence=risk_sentence(risk, OUTCOME_WORDS[outcome], values["sex"], medicine_words, framed),
        warnings=_warning(values, effect, beyond),
        why=lambda: _why(values, risk, effect, framed) + testing_tables(patient),
        how_sure=lambda: _how_sure(values, risk, effect),
        sources=lambda: reference_list((*risk.sources, *cited, *(
            name for one in _label_warnings(values) for name in one.source_ids))),
        charts={
            "parts": parts_patch(risk),
            "by_t_score": curve_patch(values, patient, risk, outcome),
            "icons": icons_patch(values, risk, framed, medicine_words),
            "balance": balance_patch(values, framed, years),
        },
        guess=risk_guess(risk, patient, OUTCOME_WORDS[outcome], tuple(
            value for name, value in values.items() if name != "medicine")),
        guess_place=GuessPlace("by_t_score", values["femoral_neck"],
                               (0.0, curve_end(values, patient, outcome)), with_published=False),
    )


def rows_behind(values: dict[str, Any]) -> Iterator[RowsUsed]:
    """Rows of the evidence that the answer to some values rests on."""
    yield from fracture_rows(_patient(values), values["outcome"], values["years"])
    yield from testing_rows(_patient(values))
    effect = _effect(values)
    if effect is None:
        return
    beyond = beyond_trial(effect, _patient(values), values["years"])
    yield from rows_used("What the medicine does to fractures", "fracture_effects",
                         map(effect_key, (effect, *(beyond.others if beyond else ()))))
    yield from rows_used("What it may harm", "harms",
                         [harm.harm_id for harm in harms(values["medicine"])])
    yield from rows_used("What labels say of such a person", "medicine_warnings",
                         map(warning_key, _label_warnings(values)))
    yield from rows_used("Change of bone density and fracture", "bmd_change_and_fracture",
                         lambda row: row["bmd_site"] == "total_hip")


# --- Folds ---------------------------------------------------------------------


def _why(values: dict[str, Any], risk: Risk, effect: TrialEffect | None,
         framed: Framing | None) -> str:
    patient = _patient(values)
    rows = [(prose(part.label), prose(part.value), f"× {part.ratio:.2f}",
             f"{part.published:.2f}, {'adjusted' if part.adjusted_for_bmd else 'not adjusted'} "
             f"for BMD ({part.basis})", _part_sources(part, values["outcome"], patient))
            for part in risk.parts]
    text = paragraph(
        f"The average of this age and sex is {100 * risk.average:.1f} of 100. Each factor "
        "multiplies the hazard, divided by its own average in the population; death competes.")
    text += data_table("What makes up the risk today", (
        "Factor", "Value", "Multiplies by", "Published ratio", "Source"), rows)
    if framed is None or effect is None:
        return text
    ways = bullet_list(prose(way.sentence) for way in framed.five_ways)
    counted = outcome_name(effect.outcome).replace("fracture", "fractures", 1)
    stands = ("" if effect.outcome == values["outcome"] else
              f" It counted {counted}, which stand here for {OUTCOME_WORDS[values['outcome']]}s.")
    key = effect_key(effect)
    text += paragraph(f"One trial, five ways: {effect}.{stands}") + ways
    text += f"<p>{citations(effect.source_ids, 'fracture_effects', key, effect.trial)}</p>"
    # The benefit is the trial's, then come the harms in the order of their table.
    keys = [("fracture_effects", key), *(("harms", one.harm_id)
                                         for one in harms(values["medicine"]))]
    text += data_table("Benefit and harm among 10,000", (
        "What", "More with it", "With", "Without", "Over", "Who was studied", "Source"), [
        (prose(row.what), _count(row.difference), _count(row.with_medicine),
         _count(row.without_medicine) + _of_whom(row),
         prose(years_in_words(row.over_years)) if row.over_years else "",
         prose(f"{row.population or ''}. {row.remark}"),
         citations(row.source_ids, *address, row.what))
        for row, address in zip(balance(values, framed, values["years"]), keys, strict=True)])
    absent = absent_harms(values["medicine"])
    if absent:
        text += paragraph("Known of, but a rate could not be confirmed: " + "; ".join(
            f"{plain_name(one.harm)}, {one.exposure}" for one in absent) + ".")
    return text


def _part_sources(part: Part, outcome: str, patient: Patient) -> str:
    """Sources of one factor, a button for each row of evidence that it rests on."""
    if part.name == "bmd":
        return citations(part.source_ids)
    factors = {factor.name: factor for factor in patient_factors(patient, True, "US")[0]}
    keys = factor_keys(factors[part.name], outcome)
    return " ".join(citations(part.source_ids if place == 0 else (), "fracture_risk_ratios", key,
                              part.label) for place, key in enumerate(keys))


def _of_whom(row: BalanceRow) -> str:
    """Who the others were, where they were not simply without the medicine."""
    named = row.without_medicine is not None and row.comparator not in NOT_TREATED
    return prose(f" ({row.comparator})") if named else ""


def _count(number: float | None) -> str:
    if number is None:
        return ""
    return f"{number:,.{0 if abs(number) >= 100 else 1}f}".replace("-", "−")


def _how_sure(values: dict[str, Any], risk: Risk, effect: TrialEffect | None) -> str:
    digits = 0 if risk.high >= TENTH else 1
    texts = [f"90% interval {100 * risk.low:.{digits}f} to {100 * risk.high:.{digits}f} of 100.",
             *ASSUMPTIONS, *risk.warnings]
    if effect is not None:
        months = f" over {effect.months} months" if effect.months else ""
        texts.append(f"The ratio comes from {effect.trial}{months} in {effect.population}; taken "
                     f"to hold for {years_in_words(values['years'])} and for this person.")
        texts += [one.sentence for one in _bmd_comparison(values)]
        texts += _harms_that_differ(values)
    link = ('<p>This is not FRAX. For patients use the <a href="https://www.fraxplus.org/" '
            'target="_blank" rel="noopener">official site</a>.</p>')
    return "".join(map(paragraph, texts)) + link


def _harms_that_differ(values: dict[str, Any]) -> list[str]:
    """A sentence for each harm of long use that several studies counted, with all they found."""
    years = values["years"]
    found: dict[str, dict[str, PerTenThousand]] = {}
    for harm in harms(values["medicine"]):
        persons = per_10_000(harm, years)
        if harm.applies != "on_treatment" or harm.exposure_to_years is not None \
                or persons.count is None or persons.over_years is None:
            continue
        studies, name = found.setdefault(harm.harm, {}), source(harm.source_ids[0]).short
        if name not in studies or studies[name].over_years < persons.over_years:
            studies[name] = persons
    return [f"{plain_name(harm).capitalize()} among 10,000 in {years_in_words(years)}, by study: "
            + joined([_study(name, persons, years) for name, persons in studies.items()])
            + ". The chart shows one." for harm, studies in found.items() if len(studies) > 1]


def _study(name: str, persons: PerTenThousand, years: float) -> str:
    counted = "" if persons.over_years == years else \
        f", {years_in_words(persons.over_years)} counted"
    return f"{persons.count:.0f} ({name}{counted})"


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
        "Guess first: how many of 100 people like this have a fracture, untreated?",
        _controls(), answer, _hidden, rows_behind)
