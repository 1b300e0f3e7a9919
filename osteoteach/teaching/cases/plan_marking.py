"""What is said about a plan: checks computed from the plan, warnings of the model, sources.

There is seldom one right plan, so nothing is compared with a model answer. Each check asks
one thing that can be computed, and a case has only the checks that fit it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from osteoteach.errors import InputError
from osteoteach.model.medicines import medicine
from osteoteach.model.patient import Lifestyle
from osteoteach.model.plan import Course, Plan
from osteoteach.model.plan_warnings import PlanWarning, medicine_facts
from osteoteach.teaching.cases.case import Case
from osteoteach.teaching.cases.follow_up import FollowUp, follow_up
from osteoteach.teaching.cases.marking import Line, Marked, written_line

__all__ = ["PlanChoice", "mark_plan", "plan_checks"]

OSTEOPOROSIS = ("osteoporosis", "severe_osteoporosis")
ANTIRESORPTIVES = ("bisphosphonate", "rankl_antibody")
#: A pause has lasted this long before it counts as one (years).
PAUSE_YEARS = 1.5
#: A medicine that begins sooner begins before the blood calcium is corrected (years).
CORRECTED_AFTER_YEARS = 0.25
#: Denosumab warnings that mean it ran out.
RAN_OUT = ("stopped_without_follow_on", "delay_after_due_dose_months_above")
LOUD = ("contraindicated", "warning")
#: How the contraindications of the labels put a blood calcium.
_CALCIUM = {"low": ("low blood calcium",), "high": ("high calcium", "high blood calcium")}


@dataclass(frozen=True)
class PlanChoice:
    """What the student decides from today on.

    Parameters
    ----------
    courses : tuple of Course
        Medicines, years counted from today.
    refer : bool
        Ask a specialist before anything else is decided.
    find_cause : bool
        Look for, or treat, a cause first.
    lifestyle : bool
        Supervised exercise three times a week; a smoker stops.

    Examples
    --------
    >>> PlanChoice((Course("alendronate", 0, 5),)).is_empty
    False
    """

    courses: tuple[Course, ...] = ()
    refer: bool = False
    find_cause: bool = False
    lifestyle: bool = False

    def __post_init__(self) -> None:
        if any(not isinstance(course, Course) for course in self.courses):
            raise InputError("courses", "must be a list of courses", self.courses,
                             'Write PlanChoice((Course("alendronate", 0, 5),)).')
        Plan(courses=self.courses)  # refuses courses that overlap

    @property
    def is_empty(self) -> bool:
        return not (self.courses or self.refer or self.find_cause or self.lifestyle)

    def lifestyle_of(self, case: Case) -> Lifestyle | None:
        """The way of life of the plan, for the model."""
        if not self.lifestyle:
            return None
        smokes = case.patient.lifestyle.smoking == "current"
        return Lifestyle(exercise="combined", exercise_sessions_per_week=3,
                         smoking="former" if smokes else None)


@dataclass(frozen=True)
class _Looked:
    """A plan in its case, with what the model says of it."""

    case: Case
    choice: PlanChoice
    outcome: FollowUp

    def starts(self, *classes: str) -> bool:
        """Whether a medicine (of one of these classes) is in the plan."""
        return any(not classes or medicine(course.medicine).medicine_class in classes
                   for course in self.choice.courses)

    def warned(self, *triggers: str) -> bool:
        return any(warning.trigger in triggers for warning in self.outcome.warnings)

    @property
    def by_calcium(self) -> tuple[PlanWarning, ...]:
        """Contraindications that this person's blood calcium makes, until it is corrected."""
        condition = self.case.condition
        calcium = dict(condition.results).get("calcium") if condition else None
        soon = (course.medicine for course in self.choice.courses
                if course.start_years < CORRECTED_AFTER_YEARS)
        return tuple(fact for name in dict.fromkeys(soon)
                     for fact in medicine_facts(name, "contraindication")
                     if any(words in fact.text.lower() for words in _CALCIUM.get(calcium, ())))

    @property
    def goes_on(self) -> bool:
        """The medicine of today goes on, and no other joins it now."""
        now = [course.medicine for course in self.choice.courses if course.start_years < 0.5]
        return now == [self.case.medicine_now]


def _reacts(looked: _Looked) -> bool:
    choice = looked.choice
    other = any(course.medicine != looked.case.medicine_now for course in choice.courses)
    return choice.refer or other or choice.find_cause


_CHECKS: dict[str, Callable[[_Looked], bool]] = {
    "contraindicated": lambda one: not one.by_calcium and not any(
        warning.severity == "contraindicated" for warning in one.outcome.warnings),
    "rebound": lambda one: not any(
        warning.medicine == "denosumab" and warning.trigger in RAN_OUT
        and warning.severity in LOUD for warning in one.outcome.warnings),
    "treats": lambda one: bool(one.choice.courses) or one.choice.refer,
    "steroids": lambda one: bool(one.choice.courses) or one.choice.refer,
    "no_medicine": lambda one: not one.choice.courses,
    "z_no_medicine": lambda one: not one.choice.courses,
    "open": lambda one: True,
    "cause": lambda one: one.choice.find_cause or one.choice.refer,
    "keeps_going": lambda one: one.goes_on,
    "asks_why": lambda one: one.choice.find_cause or one.choice.refer,
    "reacts": _reacts,
    "stops_antiresorptive": lambda one: not one.starts(*ANTIRESORPTIVES),
    "refers": lambda one: one.choice.refer,
    "pause": lambda one: not any(
        course.start_years < PAUSE_YEARS for course in one.choice.courses),
    "kidney": lambda one: one.choice.refer or not one.warned("egfr_below"),
}
_BY_TRAP = {
    "secondary": ("cause",), "within_lsc": ("keeps_going",), "real_loss": ("asks_why",),
    "fracture_on_treatment": ("reacts",), "drug_holiday": ("pause",), "kidney": ("kidney",),
    "atypical_fracture": ("stops_antiresorptive", "refers"),
}
#: Cases whose own checks say more than "osteoporosis is treated".
_NOT_JUST_TREATED = ("atypical_fracture", "drug_holiday", "within_lsc", "denosumab_lapse")


def plan_checks(case: Case, choice: PlanChoice) -> tuple[str, ...]:
    """The checks that fit this case and plan.

    Examples
    --------
    >>> from osteoteach.teaching.cases import written_case
    >>> plan_checks(written_case("ten_years_thigh_pain"), PlanChoice(refer=True))
    ('contraindicated', 'stops_antiresorptive', 'refers')
    """
    names = ["contraindicated"]
    if any(course.medicine == "denosumab" for course in (*case.past_courses, *choice.courses)):
        names.append("rebound")
    names += _by_category(case)
    names += [name for trap in case.traps for name in _BY_TRAP.get(trap, ())]
    if "pause" in names and "keeps_going" in names:
        names.remove("keeps_going")  # a pause has reasons of its own
    return tuple(dict.fromkeys(names))


def _by_category(case: Case) -> list[str]:
    patient = case.patient
    if case.score_in_use == "z_score":
        look = case.category == "below_expected_range" or patient.has_fracture()
        return ["z_no_medicine", *(["cause"] if look else [])]
    if patient.risk_factors.prednisolone_mg_day and not case.past_courses:
        return ["steroids"]
    if case.category in OSTEOPOROSIS:
        return [] if case.has(*_NOT_JUST_TREATED) else ["treats"]
    if case.category == "normal":
        return ["no_medicine"]
    return [] if case.past_courses else ["open"]


def mark_plan(case: Case, choice: PlanChoice) -> tuple[Marked, FollowUp]:
    """Marks for a plan, and what it does over the years.

    Examples
    --------
    >>> from osteoteach.teaching.cases import written_case
    >>> case = written_case("ten_years_thigh_pain")
    >>> marked, _ = mark_plan(case, PlanChoice((Course("alendronate", 0, 5),)))
    >>> marked.score < 0.5
    True
    """
    outcome = follow_up(case, choice.courses, choice.lifestyle_of(case))
    looked = _Looked(case, choice, outcome)
    results = {name: _CHECKS[name](looked) for name in plan_checks(case, choice)}
    lines = [written_line(case.traps, "plan", f"{name}_{'met' if met else 'missed'}",
                          "right" if met else "wrong") for name, met in results.items()]
    if case.condition is not None:
        lines.append(Line("note", f"{case.condition.label}. {case.condition.treat_first}",
                          case.condition.source_ids))
    lines += _warning_lines((*looked.by_calcium, *outcome.warnings))
    return Marked(sum(results.values()) / len(results), tuple(filter(None, lines))), outcome


def _warning_lines(warnings: Iterable[PlanWarning]) -> list[Line]:
    return [Line(warning.severity, f"{medicine(warning.medicine).label}: {warning.text}",
                 warning.source_ids) for warning in warnings]
