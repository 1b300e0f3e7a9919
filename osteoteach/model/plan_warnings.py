"""What about a plan, for this person, has to be said: limits, dangers, missing approval.

A plan beyond a label or unsafe still simulates, because seeing what happens is the
lesson. The warning says why it should not be done, with its source. Texts and limits
are in ``data/medicine_warnings.csv``; here stands when each is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from osteoteach.evidence import source, table
from osteoteach.model.medicines import Medicine, dose_times, is_injected, medicine, medicine_names
from osteoteach.model.patient import Patient
from osteoteach.model.plan import Course, Plan

__all__ = ["PlanWarning", "gravest_facts", "medicine_facts", "person_warnings", "plan_warnings"]

SEVERITIES = ("contraindicated", "warning", "caution", "info")
ANTIRESORPTIVES = ("bisphosphonate", "rankl_antibody", "estrogen", "serm",
                   "tissue_selective_estrogen_complex")
# A follow-on that begins within three months of the last day covered counts as one.
FOLLOW_ON_WITHIN_YEARS = 0.25
# A shorter follow-on, or one that is hardly taken, is told as a stop: a teaching
# rule, since trials of follow-ons lasted a year or more and none compared shorter ones.
SHORTEST_FOLLOW_ON_YEARS = 1.0
FOLLOW_ON_ADHERENCE = 0.5
# A longer gap than this between doses is a stop, not a late dose.
LATE_NOT_STOPPED_YEARS = 1.0
MONTHS = 12
ABOUT_THE_PERSON = frozenset({"men_not_approved", "premenopausal_not_approved",
                              "age_or_time_since_menopause"})
# Below this share of doses nothing is given at all.
HARDLY_TAKEN = 1e-6


@dataclass(frozen=True)
class PlanWarning:
    """One warning.

    Attributes
    ----------
    severity : str
        ``contraindicated``, ``warning``, ``caution`` or ``info``.
    """

    medicine: str
    trigger: str
    severity: str
    text: str
    source_ids: tuple[str, ...]

    def __str__(self) -> str:
        from_whom = "; ".join(dict.fromkeys(source(name).short for name in self.source_ids))
        return f"{medicine(self.medicine).label}: {self.text} ({from_whom})"


def medicine_facts(name: str, trigger: str) -> tuple[PlanWarning, ...]:
    """Contraindications (``contraindication``) or harms (``adverse_effect``) of a medicine.

    Examples
    --------
    >>> any("hypocalcaemia" in fact.text for fact in medicine_facts("denosumab", "adverse_effect"))
    True
    """
    return tuple(_warning(row, name) for row in _rows(medicine(name), trigger))


def gravest_facts(plan: Plan) -> tuple[PlanWarning, ...]:
    """Harms of severity ``warning`` of each medicine in a plan, whatever the plan.

    Examples
    --------
    >>> [fact.medicine for fact in gravest_facts(Plan(courses=[Course("denosumab", 0, 2)]))]
    ['denosumab']
    """
    return tuple(fact for name in dict.fromkeys(course.medicine for course in plan.courses)
                 for fact in medicine_facts(name, "adverse_effect") if fact.severity == "warning")


def plan_warnings(patient: Patient, plan: Plan, years: float) -> tuple[PlanWarning, ...]:
    """All warnings that a plan calls in a person within the simulated years.

    The most severe first. A warning that several courses call is given once.

    Examples
    --------
    >>> from osteoteach.model.plan import Course
    >>> woman = Patient(age_years=65, sex="female", menopausal_status="postmenopausal")
    >>> stopped = Plan(courses=[Course("denosumab", 0, 2)])
    >>> plan_warnings(woman, stopped, 5)[0].trigger
    'stopped_without_follow_on'
    """
    courses = sorted((course for course in plan.courses
                      if course.start_years < years and course.adherence > HARDLY_TAKEN),
                     key=lambda course: course.start_years)
    given = _Given(patient, courses, years)
    found = [warning for trigger, called in _TRIGGERS.items() for warning in called(given, trigger)]
    return tuple(sorted(dict.fromkeys(found), key=lambda one: SEVERITIES.index(one.severity)))


def person_warnings(patient: Patient, name: str) -> tuple[PlanWarning, ...]:
    """What labels say of a medicine for such a person, whatever the plan.

    Men and women before menopause whom they do not list, and an age or a time since menopause.

    Examples
    --------
    >>> man = Patient(age_years=65, sex="male")
    >>> [one.trigger for one in person_warnings(man, "raloxifene")]
    ['men_not_approved']
    """
    first_year = Plan(courses=[Course(name, 0, 1)])
    return tuple(one for one in plan_warnings(patient, first_year, 1)
                 if one.trigger in ABOUT_THE_PERSON)


@dataclass(frozen=True)
class _Given:
    patient: Patient
    courses: list[Course]
    years: float

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(course.medicine for course in self.courses))

    def of(self, name: str) -> list[Course]:
        return [course for course in self.courses if course.medicine == name]

    def years_on(self, name: str) -> float:
        """Time on a medicine within the simulated years; where the label limits a course,
        the longest time without a stop."""
        runs, until = [0.0], None
        for course in self.of(name):
            apart = until is None or course.start_years - until > LATE_NOT_STOPPED_YEARS
            if apart and medicine(name).limit_scope == "course":
                runs.append(0.0)
            runs[-1] += min(course.end_years, self.years) - course.start_years
            until = course.end_years
        return max(runs)

    def years_counted(self, name: str, limit_of: str, counted_in: str | None) -> float:
        """Time that counts towards a limit: of the medicine, and of one that is counted in;
        or of its whole class where the limit is the class's."""
        if limit_of == name:
            return self.years_on(name) + (self.years_on(counted_in) if counted_in else 0.0)
        # Two of one class at the same time are one exposure.
        total, until = 0.0, 0.0
        for course in self.courses:
            if medicine(course.medicine).medicine_class == limit_of:
                end = min(course.end_years, self.years)
                total += max(end - max(course.start_years, until), 0.0)
                until = max(until, end)
        return total


Row = Mapping[str, Any]


def _rows(about: Medicine, trigger: str) -> list[Row]:
    """Rows of the medicine, and of its class.

    "estrogen" is a medicine and a class: a combination that has words of its own is not told
    what is known of estrogen alone.
    """
    called = [row for row in table("medicine_warnings") if row["trigger"] == trigger]
    own = [row for row in called if row["medicine"] == about.name]
    if own and about.medicine_class in medicine_names():
        return own
    return [row for row in called if row["medicine"] in (about.name, about.medicine_class)]


def _warning(row: Row, name: str) -> PlanWarning:
    return PlanWarning(name, row["trigger"], row["severity"], row["text"],
                       tuple(row["source_ids"].split(";")))


def _each(given: _Given, trigger: str,
          calls: Callable[[str, Row], bool]) -> Iterator[PlanWarning]:
    """Warnings of every medicine in the plan whose row is called."""
    for name in given.names:
        for row in _rows(medicine(name), trigger):
            if calls(name, row):
                yield _warning(row, name)


def _kidney(given: _Given, trigger: str) -> Iterator[PlanWarning]:
    egfr = given.patient.risk_factors.egfr_ml_min
    yield from _each(given, trigger,
                     lambda name, row: egfr is not None and egfr < row["threshold"])


def _heart(given: _Given, trigger: str) -> Iterator[PlanWarning]:
    since = given.patient.risk_factors.months_since_heart_attack_or_stroke
    yield from _each(given, trigger, lambda name, row: since is not None and any(
        since + MONTHS * course.start_years < row["threshold"] for course in given.of(name)))


def _too_long(given: _Given, trigger: str) -> Iterator[PlanWarning]:
    """Longer than a limit; of several limits of one medicine only the highest passed."""
    for name in given.names:
        passed = [row for row in _rows(medicine(name), trigger)
                  if given.years_counted(name, row["medicine"], row["other_medicine"])
                  > row["threshold"] + 1e-6]
        highest = max((row["threshold"] for row in passed), default=None)
        yield from (_warning(row, name) for row in passed if row["threshold"] == highest)


def _covered_until(course: Course) -> float:
    """Last day that a course covers: of injections an interval after the last one."""
    if not is_injected(course.medicine):
        return course.end_years
    doses = dose_times(course.medicine, course.start_years, course.end_years, course.adherence)
    return doses[-1] + medicine(course.medicine).dose_interval_years


def _stopped(given: _Given, trigger: str) -> Iterator[PlanWarning]:
    def ends_bare(course: Course) -> bool:
        covered = _covered_until(course)
        if covered >= given.years - 1e-6:
            return False
        latest = covered + FOLLOW_ON_WITHIN_YEARS + 1e-6
        return not any(
            other is not course and other.start_years <= latest
            and other.end_years > course.end_years
            and (other.medicine == course.medicine or follows(course, other, covered))
            for other in given.courses)

    def follows(course: Course, other: Course, covered: float) -> bool:
        """Whether a course protects after another one: long and regular enough to do so."""
        group = medicine(other.medicine).medicine_class
        until = min(_covered_until(other), given.years)
        enough = min(SHORTEST_FOLLOW_ON_YEARS, given.years - covered)
        return (group in ANTIRESORPTIVES and until - covered > enough - 1e-6
                and other.adherence >= FOLLOW_ON_ADHERENCE
                and not (course.medicine == "denosumab" and group == "serm"))

    yield from _each(given, trigger,
                     lambda name, row: any(map(ends_bare, given.of(name))))


def _late(given: _Given, trigger: str) -> Iterator[PlanWarning]:
    """A dose after its date; of several delays the longest counts."""
    for name in given.names:
        rows = list(_rows(medicine(name), trigger))
        if not rows:
            continue
        times = sorted(time for course in given.of(name) for time in dose_times(
            name, course.start_years, min(course.end_years, given.years), course.adherence))
        interval = medicine(name).dose_interval_years
        late = [later - earlier - interval for earlier, later in pairwise(times)
                if later - earlier - interval <= LATE_NOT_STOPPED_YEARS]
        longest = MONTHS * max(late, default=0.0)
        passed = [row for row in rows if longest > row["threshold"]]
        if passed:
            yield _warning(max(passed, key=lambda row: row["threshold"]), name)


def _men(given: _Given, trigger: str) -> Iterator[PlanWarning]:
    yield from _each(given, trigger, lambda name, row: given.patient.sex == "male")


def _before_menopause(given: _Given, trigger: str) -> Iterator[PlanWarning]:
    yield from _each(given, trigger, lambda name, row:
                     given.patient.menopausal_status == "premenopausal")


def _age(given: _Given, trigger: str) -> Iterator[PlanWarning]:
    """Started too long, or too soon, after the menopause."""
    patient = given.patient
    now = {"age_years": patient.age_years,
           "years_since_menopause": patient.years_since_menopause}

    def calls(name: str, row: Row) -> bool:
        value = now[row["threshold_unit"]]
        if patient.sex == "male" or value is None:
            return False
        at_start = value + given.of(name)[0].start_years
        if at_start == row["threshold"]:
            # "Before 60" leaves out 60; "within 10 years" holds 10.
            return row["direction"] == "above" and row["threshold_unit"] == "age_years"
        return (at_start < row["threshold"]) == (row["direction"] == "below")

    yield from _each(given, trigger, calls)


def _pair(given: _Given, trigger: str) -> Iterator[PlanWarning]:
    """Two medicines together, or one after the other, of which something is known."""
    def meet(first: Course, second: Course) -> bool:
        if trigger.startswith("denosumab_then_"):
            return 0 <= first.start_years - second.end_years <= LATE_NOT_STOPPED_YEARS
        return (first.start_years < second.end_years
                and second.start_years < min(first.end_years, given.years))

    def calls(name: str, row: Row) -> bool:
        others = [course for course in given.courses if course.medicine != name
                  and row["other_medicine"] in (
                      course.medicine, medicine(course.medicine).medicine_class)]
        if row["other_medicine"] == row["medicine"]:
            # Two of one class: said once, of the one that stands later in the plan.
            others = [course for course in others
                      if given.names.index(course.medicine) < given.names.index(name)]
        return any(meet(course, other) for course in given.of(name) for other in others)

    yield from _each(given, trigger, calls)


_TRIGGERS: Mapping[str, Callable[[_Given, str], Iterator[PlanWarning]]] = {
    "egfr_below": _kidney, "months_since_mi_or_stroke_below": _heart,
    "stopped_without_follow_on": _stopped, "delay_after_due_dose_months_above": _late,
    "years_on_medicine_above": _too_long, "lifetime_years_above": _too_long,
    "longer_than_reassess_years": _too_long, "men_not_approved": _men,
    "premenopausal_not_approved": _before_menopause, "age_or_time_since_menopause": _age,
    "denosumab_then_pth": _pair, "denosumab_then_serm": _pair,
    "combination_not_studied": _pair,
}
