"""When a bone density test is repeated: what bodies advise, beside what studies found.

Answers: for one person, without or with a medicine, the interval that each body names, where
they disagree, and what studies of repeated scans found in people like this one.
Refuses: to fill in what was not read. A body without a row here may well have a rule.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from osteoteach.errors import InputError
from osteoteach.evidence import table
from osteoteach.model.patient import Patient
from osteoteach.model.screening import newest_statements, risk_factors
from osteoteach.model.screening_tools import is_postmenopausal
from osteoteach.model.vocabulary import checked_kind

__all__ = ["RetestAdvice", "RetestFinding", "RetestRule", "retest_rules"]

HIP_SITES = ("femoral_neck", "total_hip")
LONGEST_TREATMENT_YEARS = 60
# T-scores are printed to two decimals; a limit must not move by the last bit.
_DECIMALS = 2


@dataclass(frozen=True)
class RetestRule:
    """What one body says of the next test.

    Attributes
    ----------
    answer : str
        ``not_sooner_than``, ``every``, ``not_needed_for`` or ``do_not_measure``.
    from_years, to_years : float or None
        Shortest and longest interval; ``None`` where the body names none.
    published : str
        Date, or year, of the statement.
    """

    rule_id: str
    body: str
    answer: str
    from_years: float | None
    to_years: float | None
    recommendation: str
    grade: str | None
    published: str
    source_id: str
    note: str | None

    @property
    def answer_in_words(self) -> str:
        """The interval as it is written in prose."""
        if self.answer == "every":
            return f"every {self.from_years:g} to {self.to_years:g} years"
        if self.answer == "not_sooner_than":
            return f"not sooner than {self.from_years:g} years"
        if self.answer == "not_needed_for":
            return f"not needed for up to {self.to_years:g} years"
        return "do not measure"


@dataclass(frozen=True)
class RetestFinding:
    """What one study of repeated tests found.

    Attributes
    ----------
    years, low, high : float or None
        Years until one in ten had osteoporosis with its 95% interval, or the interval
        between two scans of which the second added nothing.
    """

    rule_id: str
    study: str
    finding: str
    years: float
    low: float | None
    high: float | None
    source_id: str
    note: str | None

    @property
    def sentence(self) -> str:
        """The finding with its number."""
        if self.low is None:
            return f"{self.finding} (after {self.years:g} years)."
        return f"{self.finding}: {self.years:g} ({self.low:g} to {self.high:g})."


@dataclass(frozen=True)
class RetestAdvice:
    """What all bodies and studies say of one person's next test."""

    rules: tuple[RetestRule, ...]
    findings: tuple[RetestFinding, ...]

    @property
    def disagreements(self) -> tuple[str, ...]:
        """One line for each interval with its bodies; empty where all with a rule agree."""
        by_answer: dict[str, list[str]] = {}
        for rule in self.rules:
            by_answer.setdefault(rule.answer_in_words, []).append(rule.body)
        if len(by_answer) < 2:
            return ()
        return tuple(f"{answer[0].upper()}{answer[1:]}: {', '.join(bodies)}."
                     for answer, bodies in by_answer.items())


def retest_rules(patient: Patient, on_date: dt.date | str | None = None, *,
                 years_on_treatment: float | None = None) -> RetestAdvice:
    """When each body would measure this person again, and what studies found.

    Parameters
    ----------
    patient : Patient
        Somebody who has been measured. A rule with a limit of the T-score needs
        ``t_scores``, and does not speak without.
    on_date : date or ISO text, optional
        Use the statements in force on that day; without it the newest that was read.
    years_on_treatment : float, optional
        Years on a medicine for osteoporosis, 0 for one that starts now; without it the
        person takes none.

    Returns
    -------
    RetestAdvice

    Raises
    ------
    InputError

    Examples
    --------
    On a tablet for two years, bodies contradict each other:

    >>> woman = Patient(age_years=70, sex="female", t_scores={"total_hip": -1.7})
    >>> for line in retest_rules(woman, years_on_treatment=2).disagreements:
    ...     print(line)
    Not sooner than 2 years: American College of Rheumatology 2013, Canadian Rheumatology \
Association 2014.
    Do not measure: American College of Physicians 2017.
    Every 1 to 3 years: Endocrine Society 2019.
    Every 1 to 2 years: NOF (today BHOF) as quoted in 2021.

    Without a medicine, from moderate osteopenia:

    >>> retest_rules(woman).findings[0].years
    4.7
    """
    checked_kind("patient", patient, Patient)
    years = _checked_years(years_on_treatment)
    factors = risk_factors(patient)
    rows = table("retest_rules")
    rules = []
    for statement in newest_statements((row for row in rows if row["kind"] == "rule"), on_date):
        fitting = next((row for row in statement if _fits(row, patient, factors, years)), None)
        if fitting is not None:
            rules.append(_rule(fitting))
    findings = (_finding(row) for row in rows
                if row["kind"] == "study" and _fits(row, patient, factors, years))
    return RetestAdvice(tuple(rules), tuple(findings))


def _checked_years(years: float | None) -> float | None:
    if years is None:
        return None
    if (isinstance(years, bool) or not isinstance(years, int | float)
            or not 0 <= years <= LONGEST_TREATMENT_YEARS):
        raise InputError("years_on_treatment", f"must be 0 to {LONGEST_TREATMENT_YEARS} years",
                         years, "Leave it out for a person without a medicine.")
    return float(years)


def _fits(row: Mapping[str, Any], patient: Patient, factors: tuple[str, ...],
          years: float | None) -> bool:
    """Whether a row speaks of this person."""
    if row["sex"] not in ("both", patient.sex):
        return False
    if row["from_age_years"] is not None and math.floor(patient.age_years) < row["from_age_years"]:
        return False
    if row["after_menopause"] and not is_postmenopausal(patient):
        return False
    if row["treatment"] != "any" and (row["treatment"] == "treated") != (years is not None):
        return False
    if row["up_to_treatment_years"] is not None and years > row["up_to_treatment_years"]:
        return False
    if row["not_with"] and set(factors) & set(row["not_with"].split(";")):
        return False
    return _in_band(row, patient)


def _in_band(row: Mapping[str, Any], patient: Patient) -> bool:
    """Whether the lowest T-score of the sites that count lies in the band of a row."""
    if row["t_score_sites"] is None:
        return True
    scores = [score for site, score in patient.t_scores.items()
              if row["t_score_sites"] == "all" or site in HIP_SITES]
    if not scores:
        return False
    lowest = round(min(scores), _DECIMALS)
    return ((row["above_t_score"] is None or lowest > row["above_t_score"])
            and (row["up_to_t_score"] is None or lowest <= row["up_to_t_score"]))


def _rule(row: Mapping[str, Any]) -> RetestRule:
    return RetestRule(row["rule_id"], row["body"], row["answer"], row["from_years"],
                      row["to_years"], row["recommendation"], row["grade"],
                      row["published_on"] or str(row["published_year"]), row["source_id"],
                      row["note"])


def _finding(row: Mapping[str, Any]) -> RetestFinding:
    years, low, high = row["from_years"], None, None
    if row["target_id"] is not None:
        target = next(one for one in table("natural_history_targets")
                      if one["id"] == row["target_id"])
        years, low, high = target["value"], target["low"], target["high"]
    return RetestFinding(row["rule_id"], row["body"], row["recommendation"], years, low, high,
                         row["source_id"], row["note"])
