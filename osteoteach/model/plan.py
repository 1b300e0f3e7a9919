"""What is to change from today on: courses of medicines, and a way of life."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from osteoteach.errors import InputError
from osteoteach.model.medicines import acts_on, medicine_names
from osteoteach.model.patient import Lifestyle
from osteoteach.model.remodelling import Constants
from osteoteach.model.schedule import DailyIntake, Dose, Schedule
from osteoteach.model.vocabulary import checked_choice, number_between, plain_name

__all__ = ["COMBINING", "Course", "LONGEST_YEARS", "Plan"]

#: How several gains are put together. No trial tested all combinations.
COMBINING = ("additive", "largest_only")
LONGEST_YEARS = 40
LARGEST_DOSE = 10


@dataclass(frozen=True)
class Course:
    """One medicine, given from one time to another.

    Doses fall at the regimen's interval from the start, none at or after the end. A
    late dose is two courses with a gap between them; so is a missed one.

    Parameters
    ----------
    medicine : str
        One of `osteoteach.model.medicines.medicine_names`.
    start_years, end_years : float
        Counted from the start of the plan, 0 to 40; the end after the start.
    adherence : float
        Share taken, 0 to 1. Injections are given or left out, evenly: 0.5 is every
        second one.
    usual_doses : float
        Size of each dose in usual doses, above 0, up to 10: 0.5 is half the dose.

    Raises
    ------
    InputError

    Examples
    --------
    The second course starts three months after its first dose was due:

    >>> Course("denosumab", 0, 1), Course("denosumab", 1.25, 3)
    (Course(medicine='denosumab', start_years=0.0, end_years=1.0, adherence=1.0, ...), ...)
    """

    medicine: str
    start_years: float
    end_years: float
    adherence: float = 1.0
    usual_doses: float = 1.0

    def __post_init__(self) -> None:
        checked_choice("medicine", self.medicine, medicine_names())
        limits = {"start_years": (0, LONGEST_YEARS), "end_years": (0, LONGEST_YEARS),
                  "adherence": (0, 1), "usual_doses": (1e-3, LARGEST_DOSE)}
        for name, (low, high) in limits.items():
            value = number_between(name, getattr(self, name), low, high,
                                   f"must be from {low:g} to {high:g}",
                                   "Count years from the start of the plan."
                                   if name.endswith("years") else "Correct the number.")
            object.__setattr__(self, name, value)
        if self.end_years <= self.start_years:
            raise InputError("end_years", f"must be after start_years ({self.start_years:g})",
                             self.end_years, "A course ends after it starts.")

    def covers(self, time_years: float) -> bool:
        """Whether the course runs at that time; its end is not part of it."""
        return self.start_years <= time_years < self.end_years


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to change from today on.

    Parameters
    ----------
    courses : iterable of Course
        In any order; courses of different medicines may overlap.
    lifestyle : Lifestyle, optional
        How the person will live; ``None`` means as now.
    combining : str
        How gains of medicines and of each habit are put together. ``additive``
        (default): they add up; probably too kind, because trials gave one measure at
        a time. ``largest_only``: only the largest counts; probably too strict.

    Raises
    ------
    InputError
        Two courses of one medicine overlap, or a part is not what it must be.

    Examples
    --------
    >>> Plan(courses=[Course("romosozumab", 0, 1), Course("alendronate", 1, 5)]).combining
    'additive'
    """

    courses: tuple[Course, ...] = ()
    lifestyle: Lifestyle | None = None
    combining: str = "additive"

    def __post_init__(self) -> None:
        checked_choice("combining", self.combining, COMBINING)
        if self.lifestyle is not None and not isinstance(self.lifestyle, Lifestyle):
            raise InputError("lifestyle", "must be a Lifestyle", self.lifestyle,
                             "Write lifestyle=Lifestyle(...).")
        object.__setattr__(self, "courses", _checked_courses(self.courses))

    def schedule(self, years: float, constants: Constants,
                 readings_years: Iterable[float] = ()) -> Schedule:
        """Doses and intakes of all courses, for a simulation of some years."""
        given = [part for course in self.courses if course.adherence for part in acts_on(
            course.medicine, course.start_years, course.end_years, constants,
            course.adherence, course.usual_doses)]
        return Schedule(
            years, tuple(part for part in given if isinstance(part, Dose)),
            tuple(part for part in given if isinstance(part, DailyIntake)),
            tuple(readings_years))


def _checked_courses(courses: object) -> tuple[Course, ...]:
    rule = "must be a list of courses"
    remedy = 'Write courses=[Course("alendronate", 0, 5)].'
    if isinstance(courses, Course) or not isinstance(courses, Iterable):
        raise InputError("courses", rule, courses, remedy)
    courses = tuple(courses)
    for course in courses:
        if not isinstance(course, Course):
            raise InputError("courses", rule, course, remedy)
    for first, second in combinations(sorted(courses, key=lambda one: one.start_years), 2):
        if first.medicine == second.medicine and second.start_years < first.end_years:
            raise InputError(
                "courses", f"must not overlap: {plain_name(first.medicine)} runs from "
                f"{first.start_years:g} to {first.end_years:g} years", second,
                "Join the two courses, or move one.")
    return courses
