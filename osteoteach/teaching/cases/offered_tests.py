"""Which tests a case calls for, and what they show.

Results are words such as "low": published reference ranges differ by laboratory, and none
is invented. Only kidney function is a number, because medicines depend on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from osteoteach.evidence import table
from osteoteach.teaching.cases.case import Case

__all__ = ["OfferedTest", "offered_tests", "names_of_tests"]

NOTHING_WRONG = ("normal", "within_expected_range")


@dataclass(frozen=True)
class OfferedTest:
    """One test in one case.

    Attributes
    ----------
    need : str
        ``needed``; ``optional``: published lists differ, or it may help; ``unneeded``.
    reason : str
        Why it is needed, or why not.
    """

    test: str
    label: str
    need: str
    result: str
    reason: str
    source_ids: tuple[str, ...]


def names_of_tests() -> tuple[tuple[str, str], ...]:
    """Name and label of every test that can be ordered.

    Examples
    --------
    >>> names_of_tests()[0]
    ('calcium', 'Calcium, phosphate, albumin')
    """
    return tuple((row["test"], row["label"]) for row in table("case_tests"))


def offered_tests(case: Case) -> tuple[OfferedTest, ...]:
    """Every test with its need, its result and the reason.

    Examples
    --------
    >>> from osteoteach.teaching.cases import written_case
    >>> [one.result for one in offered_tests(written_case("two_kidney_stones"))
    ...  if one.test in ("calcium", "pth")]
    ['high', 'high']
    """
    changed = dict(case.condition.results) if case.condition else {}
    found = []
    for row in table("case_tests"):
        need = _need(case, row)
        result = changed.get(row["test"]) or row["default_result"] or _kidney(case)
        if row["test"] == "ctx" and case.has("real_loss"):
            result = "not suppressed"
        found.append(OfferedTest(
            row["test"], row["label"], need, result,
            row["why_not"] if need == "unneeded" else row["why"],
            tuple(row["source_ids"].split(";"))))
    return tuple(found)


def _kidney(case: Case) -> str:
    egfr = case.patient.risk_factors.egfr_ml_min
    return "normal" if egfr is None else f"eGFR {egfr:g} mL/min"


def _needs_workup(case: Case) -> bool:
    patient = case.patient
    return bool(case.category not in NOTHING_WRONG or patient.has_fracture()
                or patient.risk_factors.prednisolone_mg_day)


def _need(case: Case, row: Mapping[str, Any]) -> str:
    test, offered, workup = row["test"], row["offered"], _needs_workup(case)
    if case.condition and test in case.condition.tests_needed:
        return "needed"
    unexplained = case.has("real_loss", "fracture_on_treatment")
    treated = bool(case.past_courses)
    if test == "spine_image":
        return _spine_image(case, row)
    if offered == "basic":
        if treated and not unexplained and test not in ("calcium", "kidney"):
            return "optional"
        return "needed" if workup else "unneeded"
    if offered == "treated":
        return "unneeded" if not treated else "needed" if unexplained else "optional"
    if offered == "men":
        return "optional" if workup and case.patient.sex == "male" else "unneeded"
    if unexplained and test in ("coeliac", "protein_electrophoresis"):
        return "optional"
    if case.score_in_use == "z_score" and workup and test == "coeliac":
        return "optional"  # among the common causes at this age
    return "optional" if offered == "optional" and workup else "unneeded"


def _spine_image(case: Case, row: Mapping[str, Any]) -> str:
    """The reasons of the ISCD position; a known new vertebral fracture was imaged already."""
    patient = case.patient
    lowest = min(patient.t_scores.values())
    if case.score_in_use == "z_score" or lowest >= row["below_t_score"]:
        return "optional" if patient.has_fracture() else "unneeded"
    if (patient.risk_factors.prednisolone_mg_day or 0) >= row["prednisolone_from_mg_day"]:
        return "needed"
    from_age = row["women_from_age_years" if patient.sex == "female" else "men_from_age_years"]
    if patient.age_years >= from_age or patient.has_fracture() or case.past_courses:
        return "optional"
    return "unneeded"
