"""A virtual patient: the person, the report, and what the models say of both.

A case is made from a document (``data/schemas/case.schema.json``), whether an author wrote
it or `generated` did. The document holds the person and the texts, never an answer:
category, risk, changes and warnings are computed by the models.

One simplification: single vertebrae are scored with the reference of L1 to L4, because no
table for single levels could be confirmed. The report says so.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from osteoteach.evidence import table
from osteoteach.model.diagnosis import Diagnosis, diagnose, guideline_ids, score_in_use
from osteoteach.model.fracture_hazard import OLDEST, YOUNGEST
from osteoteach.model.fracture_risk import FractureRisk, fracture_risk
from osteoteach.model.patient import FragilityFracture, Lifestyle, Patient, RiskFactors
from osteoteach.model.plan import Course
from osteoteach.teaching.cases.report import EarlierScan, Report, make_report

__all__ = ["CLINICAL_GUIDELINES", "GUIDELINE", "Case", "Condition", "build_case"]

GUIDELINE = "bhof_2022"
#: Rule sets that read the history too; WHO and ISCD read density only.
CLINICAL_GUIDELINES = ("nbha_2014", "bhof_2022", "aace_2020")
#: Cases in which published rules differ, which is their lesson.
GUIDELINES_DIFFER = ("vertebral_normal_t",)
MONTHS = 12
RISK_YEARS = 10
_PLAIN_FIELDS = ("age_years", "sex", "menopausal_status", "menopause_age_years", "height_cm",
                 "weight_kg", "prior_osteoporosis_diagnosis")
_FACTORS = ("parental_hip_fracture", "rheumatoid_arthritis", "prednisolone_mg_day",
            "falls_last_year", "egfr_ml_min", "months_since_heart_attack_or_stroke")


@dataclass(frozen=True)
class Condition:
    """A disease or finding behind the bone, of ``data/case_conditions.csv``."""

    name: str
    label: str
    history: str
    examination: str
    tests_needed: tuple[str, ...]
    results: tuple[tuple[str, str], ...]
    secondary_cause: str | None
    fracture_found: str | None
    treat_first: str
    source_ids: tuple[str, ...]


@dataclass(frozen=True)
class Debrief:
    """What the author says at the end, with sources."""

    text: str
    source_ids: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """One virtual patient.

    Attributes
    ----------
    case_id : str
        Name of a written case, or the code of a generated one such as ``"2-417"``.
    traps : tuple of str
        What the case hides, the main one first.
    question : str
        The question of general practitioners that it answers, or ``""``.
    patient : Patient
        With the T-scores that count: what a good reader takes from the report.
    report : Report
        What the student sees.
    past_courses : tuple of Course
        Medicines before today, in years from the start of the first.
    years_before : float
        From that start to today.
    version : str
        Short hash of the document.
    """

    case_id: str
    title: str
    level: int
    traps: tuple[str, ...]
    question: str
    teaches: str
    patient: Patient
    report: Report
    history: tuple[str, ...]
    examination: tuple[str, ...]
    condition: Condition | None
    earlier: EarlierScan | None
    past_courses: tuple[Course, ...]
    years_before: float
    debriefs: tuple[Debrief, ...]
    pair: Mapping[str, str] | None
    expect: Mapping[str, Any]
    version: str

    @functools.cached_property
    def diagnosis(self) -> Diagnosis:
        """By the rules of `GUIDELINE`."""
        return diagnose(self.patient, GUIDELINE)

    @property
    def category(self) -> str:
        """The one best category."""
        return self.diagnosis.category

    @functools.cached_property
    def by_guideline(self) -> dict[str, str]:
        """Category under every rule set, for the student to compare."""
        return {name: diagnose(self.patient, name).category for name in guideline_ids()}

    @property
    def also_accepted(self) -> tuple[str, ...]:
        """Categories of other clinical guidelines, where their difference is the lesson:
        a vertebral fracture with a normal scan, and an earlier diagnosis."""
        if not (self.has(*GUIDELINES_DIFFER) or self.patient.prior_osteoporosis_diagnosis):
            return ()
        others = {self.by_guideline[name] for name in CLINICAL_GUIDELINES} - {self.category}
        return tuple(sorted(others))

    @property
    def score_in_use(self) -> str:
        """``t_score`` or ``z_score``."""
        return score_in_use(self.patient)

    @functools.cached_property
    def risk(self) -> FractureRisk | None:
        """Risk of fracture in ten years; ``None`` where no published risk covers the age."""
        if not YOUNGEST <= self.patient.age_years <= OLDEST - RISK_YEARS:
            return None
        return fracture_risk(self.patient, RISK_YEARS)

    @property
    def medicine_now(self) -> str | None:
        """Medicine that is taken today."""
        running = [course.medicine for course in self.past_courses
                   if course.end_years >= self.years_before - 1e-9]
        return running[-1] if running else None

    def has(self, *traps: str) -> bool:
        """Whether one of these traps is in the case."""
        return any(trap in self.traps for trap in traps)


@functools.cache
def _conditions() -> dict[str, Condition]:
    found = {}
    for row in table("case_conditions"):
        pairs = (item.partition("=") for item in (row["results"] or "").split(";") if item)
        found[row["condition"]] = Condition(
            row["condition"], row["label"], row["history"], row["examination"],
            tuple((row["tests_needed"] or "").split(";")) if row["tests_needed"] else (),
            tuple((test, result) for test, _, result in pairs), row["secondary_cause"],
            row["fracture_found"], row["treat_first"], tuple(row["source_ids"].split(";")))
    return found


def conditions() -> dict[str, Condition]:
    """Conditions by name.

    Examples
    --------
    >>> conditions()["hyperparathyroidism"].tests_needed
    ('pth',)
    """
    return _conditions()


def build_case(document: Mapping[str, Any]) -> Case:
    """The case of one checked document.

    Parameters
    ----------
    document : mapping
        As ``data/schemas/case.schema.json`` describes it.

    Examples
    --------
    >>> from osteoteach.teaching.cases.written import case_documents
    >>> build_case(case_documents()["hip_fracture_good_scan"]).category
    'osteoporosis'
    """
    person = document["person"]
    condition = _conditions()[person["condition"]] if "condition" in person else None
    bare = _patient(person, condition)
    report, scores = make_report(document["scan"], bare)
    patient = replace(bare, t_scores=scores)
    courses, before = _past(document.get("treatment", ()))
    earlier = (EarlierScan.of(document["earlier_scan"], report)
               if "earlier_scan" in document else None)
    added = ([condition.history], [condition.examination]) if condition else ([], [])
    facts = {"age": f"{person['age_years']}", "weight": f"{person['weight_kg']:g}",
             "height": f"{person['height_cm']:g}"}
    return Case(
        document["case_id"], document["title"].format(**facts), document["level"],
        tuple(document["traps"]), document.get("question", ""), document["teaches"], patient,
        report, tuple(text.format(**facts) for text in [*document["history"], *added[0]]),
        tuple(text.format(**facts) for text in [*document["examination"], *added[1]]),
        condition, earlier, courses, before,
        tuple(Debrief(item["text"], tuple(item["sources"])) for item in document["debrief"]),
        document.get("pair"), document.get("expect", {}), _version(document))


def _patient(person: Mapping[str, Any], condition: Condition | None) -> Patient:
    fractures = [FragilityFracture(one["site"], one["years_ago"])
                 for one in person.get("fractures", ())]
    if condition and condition.fracture_found:
        fractures.append(FragilityFracture(condition.fracture_found))
    causes = ((condition.label,) if condition and condition.secondary_cause else ())
    return Patient(
        **{name: person[name] for name in _PLAIN_FIELDS if name in person},
        fractures=fractures,
        lifestyle=Lifestyle(
            exercise=person.get("exercise", "walking"),
            exercise_sessions_per_week=0 if person.get("exercise") == "none" else 3,
            smoking=person.get("smoking", "never"), alcohol_g_day=person.get("alcohol_g_day", 0)),
        risk_factors=RiskFactors(
            secondary_causes=causes,
            hyperparathyroidism=condition is not None and condition.name == "hyperparathyroidism",
            **{name: person[name] for name in _FACTORS if name in person}))


def _past(treatment: Any) -> tuple[tuple[Course, ...], float]:
    """Courses before today on a time line that starts with the first of them."""
    if not treatment:
        return (), 0.0
    first = max(course["started_months_ago"] for course in treatment)
    return tuple(Course(course["medicine"], (first - course["started_months_ago"]) / MONTHS,
                        (first - course["stopped_months_ago"]) / MONTHS)
                 for course in treatment), first / MONTHS


def _version(document: Mapping[str, Any]) -> str:
    text = json.dumps(document, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:12]
