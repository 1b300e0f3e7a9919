"""Who is scanned: the rules of published bodies on one person, beside the simple tools.

Answers: what each body says of this person on a given day, why, and where they disagree.
`osteoteach.model.retesting` has when to test again. The tools of `screening_tools` are
offered here too.
Refuses: to fill in what was not read. An interval or a grade that is not there is None.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from osteoteach.errors import InputError
from osteoteach.evidence import table
from osteoteach.model.patient import Patient
from osteoteach.model.screening_tools import (
    ScreenResult,
    ToolAccuracy,
    abone_score,
    is_positive,
    is_postmenopausal,
    orai_score,
    osiris_score,
    ost_score,
    score_score,
    screen,
    tool_accuracy,
    tool_names,
)
from osteoteach.model.vocabulary import checked_kind

__all__ = ["BodyAdvice", "ScreenResult", "ScreeningAdvice", "ToolAccuracy", "abone_score",
           "is_positive", "newest_statements", "orai_score", "osiris_score", "ost_score",
           "risk_factors", "score_score", "screen", "screening_rules", "tool_accuracy",
           "tool_names"]

_ANSWERS = {
    "test": "test", "do_not_test": "do not test", "insufficient_evidence": "evidence insufficient",
    "assess_risk_first": "assess the risk first", "outside_scope": "does not apply",
    "no_rule": "no rule for this person",
}
_FACTOR_WORDS = {
    "low_body_weight": "low body weight", "fracture": "fragility fracture",
    "medicine": "glucocorticoid", "disease": "disease linked to bone loss",
    "parental_hip_fracture": "parental hip fracture", "smoking": "smoking",
}


@dataclass(frozen=True)
class BodyAdvice:
    """What one body says of one person.

    Attributes
    ----------
    answer : str
        ``test``, ``do_not_test``, ``insufficient_evidence``, ``assess_risk_first``,
        ``outside_scope`` or ``no_rule``.
    why : str
        The rule, and what in this person met it.
    repeat_after : str or None
        When to test again; ``None`` where no interval was read.
    published : str
        Date, or year, of the statement.
    rule_id : str or None
        Row of ``data/screening_rules.csv``; ``None`` where no rule fits.
    """

    body: str
    answer: str
    why: str
    repeat_after: str | None
    grade: str | None
    published: str
    source_id: str | None
    note: str | None
    rule_id: str | None = None

    @property
    def answer_in_words(self) -> str:
        """The answer as it is written in prose."""
        return _ANSWERS[self.answer]


@dataclass(frozen=True)
class ScreeningAdvice:
    """What all bodies say of one person."""

    rules: tuple[BodyAdvice, ...]

    @property
    def disagreements(self) -> tuple[str, ...]:
        """One line for each answer with its bodies; empty where all with a rule agree."""
        by_answer: dict[str, list[str]] = {}
        for advice in self.rules:
            if advice.answer not in ("no_rule", "outside_scope"):
                by_answer.setdefault(advice.answer, []).append(advice.body)
        if len(by_answer) < 2:
            return ()
        return tuple(f"{_ANSWERS[answer].capitalize()}: {', '.join(bodies)}."
                     for answer, bodies in by_answer.items())


def risk_factors(patient: Patient, low_body_weight: bool = False) -> tuple[str, ...]:
    """Risk factors for low bone mass that a patient record shows.

    Examples
    --------
    >>> from osteoteach.model.patient import RiskFactors
    >>> risk_factors(Patient(age_years=55, sex="male", fractures=["hip"],
    ...                      risk_factors=RiskFactors(prednisolone_mg_day=5)))
    ('fracture', 'medicine')
    """
    factors = patient.risk_factors
    found = {
        "low_body_weight": low_body_weight, "fracture": patient.has_fracture(),
        "medicine": bool(factors.prednisolone_mg_day),
        "disease": bool(factors.rheumatoid_arthritis or factors.hyperparathyroidism
                        or factors.secondary_causes),
        "parental_hip_fracture": factors.parental_hip_fracture,
        "smoking": patient.lifestyle.smoking == "current",
    }
    return tuple(name for name, present in found.items() if present)


def screening_rules(patient: Patient, on_date: dt.date | str | None = None, *,
                    low_body_weight: bool = False,
                    at_increased_risk: bool | None = None) -> ScreeningAdvice:
    """What each body says: test or not, why, when again, with grade, date and source.

    Parameters
    ----------
    patient : Patient
    on_date : date or ISO text, optional
        Use the statements in force on that day; without it the newest. A statement of
        which only the year was read counts from 1 January.
    low_body_weight : bool
        Your judgement: the bodies that count low weight give no limit we could read.
    at_increased_risk : bool, optional
        Result of a clinical risk assessment, for bodies that ask for one. Without it
        OST is used where a weight is given.

    Returns
    -------
    ScreeningAdvice

    Examples
    --------
    >>> man = Patient(age_years=72, sex="male")
    >>> [line.split(":")[0] for line in screening_rules(man).disagreements]
    ['Evidence insufficient', 'Test', 'Do not test']
    """
    checked_kind("patient", patient, Patient)
    person = _Person(patient, risk_factors(patient, low_body_weight), at_increased_risk)
    return ScreeningAdvice(tuple(person.advice(rows) for rows in newest_statements(
        table("screening_rules"), on_date)))


def newest_statements(rows: Iterable[Mapping[str, Any]],
                      on_date: dt.date | str | None = None) -> list[list[Mapping[str, Any]]]:
    """Of each body the rows of the statement in force on a day; without one the newest.

    Examples
    --------
    >>> [rows[0]["body"] for rows in newest_statements(table("screening_rules"), "2018-01-01")]
    ['NOF 2016 (today BHOF)']
    """
    day = _day(on_date)
    newest: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        if _in_force_from(row) > day:
            continue
        present = newest.setdefault(row["series"], [])
        if present and _in_force_from(present[0]) < _in_force_from(row):
            present.clear()
        if not present or _in_force_from(present[0]) == _in_force_from(row):
            present.append(row)
    return list(newest.values())


def _day(on_date: dt.date | str | None) -> dt.date:
    if on_date is None:
        return dt.date.max
    if isinstance(on_date, dt.date):
        return on_date
    try:
        return dt.date.fromisoformat(on_date)
    except (TypeError, ValueError):
        raise InputError("on_date", "must be a date", on_date,
                         'Write it as "2024-06-30".') from None


def _in_force_from(row: Mapping[str, Any]) -> dt.date:
    return dt.date.fromisoformat(row["published_on"] or f"{row['published_year']}-01-01")


@dataclass(frozen=True)
class _Person:
    patient: Patient
    factors: tuple[str, ...]
    at_increased_risk: bool | None

    def advice(self, rows: list[Mapping[str, Any]]) -> BodyAdvice:
        """The first rule that fits; a missing risk assessment is asked for."""
        for row in rows:
            if not self._of_sex_and_age(row):
                continue
            fits, finding = self._meets(row)
            if fits:
                return self._advice(row, row["answer"], f"{row['recommendation']}{finding}.")
            if fits is None:
                return self._advice(row, "assess_risk_first", f"{row['recommendation']}; neither "
                                    "a risk assessment nor a weight is given.")
        first = rows[0]
        return BodyAdvice(first["body"], "no_rule", "No rule of this body fits.", None, None,
                          first["published_on"] or str(first["published_year"]),
                          first["source_id"], first["note"])

    @staticmethod
    def _advice(row: Mapping[str, Any], answer: str, why: str) -> BodyAdvice:
        return BodyAdvice(row["body"], answer, why, row["repeat_after"], row["grade"],
                          row["published_on"] or str(row["published_year"]),
                          row["source_id"], row["note"], row["rule_id"])

    def _of_sex_and_age(self, row: Mapping[str, Any]) -> bool:
        age = math.floor(self.patient.age_years)
        return (row["sex"] in ("both", self.patient.sex)
                and (row["from_age_years"] is None or age >= row["from_age_years"])
                and (row["to_age_years"] is None or age <= row["to_age_years"]))

    def _meets(self, row: Mapping[str, Any]) -> tuple[bool | None, str]:
        """Whether the further condition holds (``None``: not known), and by what."""
        needs = row["applies_to"]
        after = is_postmenopausal(self.patient)
        if needs == "any":
            return True, ""
        if needs == "postmenopausal":
            return after, ""
        if needs == "postmenopausal_at_increased_risk":
            return self._increased_risk() if after else (False, "")
        allowed = {
            "risk_factor": True, "fracture_or_secondary_cause": True,
            "postmenopausal_with_risk_factor": after,
            "transition_with_risk_factor":
                self.patient.menopausal_status == "menopausal_transition",
            "risk_factor_after_menopause_or_male": after or self.patient.sex == "male",
            "fracture_or_two_after_menopause_or_male": after or self.patient.sex == "male",
        }[needs]
        counted = [one for one in self.factors if one in row["risk_factors"].split(";")]
        enough = bool(counted)
        if needs.startswith("fracture_or_two"):
            enough = "fracture" in counted or len(counted) > 1
        return allowed and enough, f" ({', '.join(_FACTOR_WORDS[one] for one in counted)})"

    def _increased_risk(self) -> tuple[bool | None, str]:
        if self.at_increased_risk is not None:
            return self.at_increased_risk, " (risk assessment given)"
        if self.patient.weight_kg is None:
            return None, ""
        result = screen("ost", self.patient)
        return result.positive, f" (OST {result.score:g}, cut-off {result.cut_off})"
