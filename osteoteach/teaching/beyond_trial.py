"""How far a person lies beyond the trial whose ratio stands for a medicine's effect.

Answers: one warning that says what the trial had, what of this person it did not have,
and what the medicine's other trial found. What the trial had is read from its row in
``fracture_effects``; the row's ages, months and people are never typed here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from osteoteach.evidence import source
from osteoteach.model.diagnosis import NORMAL_FROM_T, OSTEOPOROSIS_UP_TO_T
from osteoteach.model.patient import Patient
from osteoteach.model.treatment_effect import TrialEffect, outcome_name, trial_effects
from osteoteach.model.untreated_loss import menopause_assumption
from osteoteach.teaching.sentences import joined, signed, years_in_words

__all__ = ["MAN", "BeyondTrial", "beyond_trial"]

MONTHS = 12
MAN = "a man"
_AGES = re.compile(r"\bwomen (?:and men )?(\d\d)-(\d\d)\b")
_OLDEST, _YOUNGEST = re.compile(r"\bunder (\d\d)\b"), re.compile(r"\b(\d\d) and over\b")
_FRACTURED = re.compile(r"(?:with|and) (?:at least (?:one|two) )?vertebral fracture")


@dataclass(frozen=True)
class BeyondTrial:
    """A warning that a ratio is used beyond its trial.

    Attributes
    ----------
    reasons : tuple of str
        What of this person and time the trial did not have.
    text : str
        The warning in words.
    others : tuple of TrialEffect
        Rows of the medicine's other trials that ``text`` quotes.
    """

    reasons: tuple[str, ...]
    text: str
    others: tuple[TrialEffect, ...] = ()


def beyond_trial(effect: TrialEffect, patient: Patient, years: float) -> BeyondTrial | None:
    """What of a person and a time lies beyond a trial, or ``None`` if nothing does.

    Parameters
    ----------
    effect : TrialEffect
        The ratio that is applied to the person.
    patient : Patient
    years : float
        Time for which the ratio is taken to hold.

    Examples
    --------
    >>> from osteoteach.model.treatment_effect import main_effect
    >>> woman = Patient(age_years=40, sex="female", t_scores={"femoral_neck": 1.0})
    >>> beyond_trial(main_effect("zoledronate", "hip"), woman, 10).reasons
    ('a neck T-score above −2.5', 'an age of 40', 'a time of 10 years')
    """
    score = _beyond_score(effect, patient)
    reasons = tuple(filter(None, (score, *_beyond_person(effect, patient),
                                  _beyond_time(effect, years))))
    if not reasons:
        return None
    others = _without_benefit(effect) if score else ()
    months = f"{effect.months} months in " if effect.months else ""
    text = (f"The ratio {_ratio(effect)} is from {effect.trial}: {months}"
            f"{_minus(effect.population)} ({_source(effect)}). Here it is used beyond that "
            f"trial: {joined(list(reasons))}.{_found(others)}")
    return BeyondTrial(reasons, text, others)


def _beyond_score(effect: TrialEffect, patient: Patient) -> str:
    """Trials of medicines chose low scores, unless their row says which others."""
    if "not chosen for" in effect.population:
        return ""
    limit = NORMAL_FROM_T if "osteopenia" in effect.population else OSTEOPOROSIS_UP_TO_T
    score = patient.t_scores.get("femoral_neck")
    if score is None:
        return "no neck T-score"
    return f"a neck T-score above {signed(limit)}" if score > limit else ""


def _beyond_person(effect: TrialEffect, patient: Patient) -> tuple[str, ...]:
    youngest, oldest = _ages(effect.population)
    age = "" if youngest <= patient.age_years <= oldest else f"an age of {patient.age_years:g}"
    menopause, _ = menopause_assumption(patient)
    before = not age and menopause is not None and patient.age_years < menopause
    man = patient.sex == "male" and not re.search(r"\bmen\b", effect.population)
    fractured = any(one.site == "vertebral" for one in patient.fractures)
    return (age, MAN if man else "", "a woman before menopause" if before else "",
            "no vertebral fracture" if _FRACTURED.search(effect.population) and not fractured
            else "")


def _ages(population: str) -> tuple[float, float]:
    """Youngest and oldest that a row says, without limit where it says none."""
    both = _AGES.search(population)
    if both:
        return float(both[1]), float(both[2])
    youngest, oldest = _YOUNGEST.search(population), _OLDEST.search(population)
    return (float(youngest[1]) if youngest else 0.0,
            float(oldest[1]) if oldest else float("inf"))


def _beyond_time(effect: TrialEffect, years: float) -> str:
    longer = effect.months is not None and MONTHS * years > effect.months
    return f"a time of {years_in_words(years)}" if longer else ""


def _without_benefit(effect: TrialEffect) -> tuple[TrialEffect, ...]:
    """What another arm of the trial found: no benefit in all, then what part had some.

    Arms share the first word of their names. Trials of other people are left out: that a
    small trial of the gravely ill had a wide interval says nothing of the less ill.
    """
    rows = [one for one in trial_effects(effect.medicine)
            if one.comparator == "placebo" and one.trial != effect.trial
            and one.trial.split()[0] == effect.trial.split()[0]]
    none = [one for one in rows if _shows_none(one)]
    # The same fracture first, else one with symptoms, which says most of all fractures.
    for outcome in (effect.outcome, "any_clinical"):
        for whole in none:
            if whole.outcome == outcome:
                return (whole, *(one for one in rows if one.shows_benefit
                                 and (one.trial, one.outcome) == (whole.trial, outcome)))
    return ()


def _shows_none(effect: TrialEffect) -> bool:
    return effect.shows_benefit is False or "not significant" in (effect.note or "")


def _found(others: tuple[TrialEffect, ...]) -> str:
    if not others:
        return ""
    whole, *parts = others
    text = (f" The {whole.trial} ({_minus(whole.population)}) showed no significant benefit for "
            f"{outcome_name(whole.outcome)}: {_ratio(whole)}")
    within = [f"; with {_minus(one.population.removeprefix('same trial, '))} {_ratio(one)}"
              for one in parts]
    return "".join([text, *within, f" ({_source(whole)})."])


def _ratio(effect: TrialEffect) -> str:
    return f"{effect.value:g}" + ("" if effect.low is None else
                                  f" ({effect.low:g} to {effect.high:g})")


def _source(effect: TrialEffect) -> str:
    return source(effect.source_ids[0]).short


def _minus(text: str) -> str:
    return re.sub(r"(?<![\w.])-(?=\d)", "−", text)
