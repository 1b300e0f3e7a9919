"""Published trial arms: ``data/trials.csv``, one row a published number."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from osteoteach.errors import DataError
from osteoteach.evidence import table
from osteoteach.model.patient import Patient
from osteoteach.model.plan import Course, Plan
from osteoteach.model.remodelling import SITES

__all__ = ["MARKERS", "Arm", "TrialRow", "arms_with_plan", "parse_courses", "published_arms",
           "same_until"]

MARKERS = ("ctx", "p1np")
_COURSE = re.compile(r"([a-z0-9_]+) ([\d.]+)-([\d.]+)(?:\*([\d.]+))?")


@dataclass(frozen=True)
class TrialRow:
    """One published number.

    Attributes
    ----------
    site : str
        A DXA site, ``ctx`` or ``p1np``.
    time_years, switch_years : float
        From the first medicine of the arm.
    value : float
        Percent change of BMD, or ratio of a marker to before treatment.
    reference : str
        What the change is counted from: ``first_drug_baseline``, ``switch_point``,
        ``vs_placebo`` or ``vs_arm`` (differences).
    low, high, sd, se : float or None
        As published: 95% interval, SD between persons, standard error.
    """

    row_id: str
    site: str
    time_years: float
    value: float
    reference: str
    switch_years: float | None
    low: float | None
    high: float | None
    sd: float | None
    se: float | None
    n: int | None
    role: str
    source_id: str
    note: str | None

    @property
    def is_marker(self) -> bool:
        """Whether this is a ratio of a marker, not a percent change of BMD."""
        return self.site in MARKERS


@dataclass(frozen=True)
class Arm:
    """Rows that one simulated course of one population predicts.

    Attributes
    ----------
    role : str
        ``calibration``: the fit may see it. ``holdout``: it may not.
    """

    arm_id: str
    trial: str
    label: str
    patient: Patient
    plan: Plan
    comparator: Plan
    role: str
    rows: tuple[TrialRow, ...]


def parse_courses(text: str | None) -> tuple[Course, ...]:
    """Courses from their short form in the table.

    Examples
    --------
    >>> parse_courses("romosozumab 0-1; denosumab 1-2*0.5")[1].usual_doses
    0.5
    """
    courses = []
    for part in (text or "").split(";"):
        if not part.strip():
            continue
        match = _COURSE.fullmatch(part.strip())
        if match is None:
            raise DataError("trials.csv", 'must be like "denosumab 0-2; alendronate 2-3*0.5"', part)
        name, start, end, doses = match.groups()
        courses.append(Course(name, float(start), float(end), usual_doses=float(doses or 1)))
    return tuple(courses)


@functools.cache
def published_arms(role: str | None = None) -> tuple[Arm, ...]:
    """All arms, or those of one role, in the order of the table.

    Examples
    --------
    >>> all(arm.role == "holdout" for arm in published_arms("holdout"))
    True
    """
    return tuple(_arm(*key) for key in _groups() if role in (None, key[1]))


@functools.cache
def _groups() -> dict[tuple[str, str], list]:
    """Rows of the table by arm and role."""
    groups: dict[tuple[str, str], list] = {}
    for row in table("trials"):
        groups.setdefault((row["arm_id"], row["role"]), []).append(row)
    return groups


@functools.cache
def _arm(arm_id: str, role: str) -> Arm:
    rows = _groups()[arm_id, role]
    first = rows[0]
    comparators = {row["comparator_courses"] for row in rows if row["reference"] == "vs_arm"}
    if len(comparators) > 1 or None in comparators:
        raise DataError("trials.csv", "must name one comparator for an arm", arm_id)
    names = TrialRow.__dataclass_fields__
    return Arm(arm_id, first["trial"], first["arm"], _patient(first),
               Plan(courses=parse_courses(first["courses"])),
               Plan(courses=parse_courses(next(iter(comparators), None))), role,
               tuple(TrialRow(**{name: row[name] for name in names}) for row in rows))


def _patient(row) -> Patient:
    """The average participant."""
    menopause = {} if row["sex"] == "male" else {
        "menopausal_status": "postmenopausal",
        "menopause_age_years": row["age_years"] - row["years_since_menopause"]}
    return Patient(age_years=row["age_years"], sex=row["sex"], **menopause)


@functools.lru_cache(maxsize=64)
def arms_with_plan(plan: Plan, sex: str, against: str = "first_drug_baseline",
                   ) -> tuple[tuple[Arm, tuple[TrialRow, ...]], ...]:
    """Published arms whose courses are those of a plan, with the numbers that compare.

    An arm matches while both give the same medicines at the same times, to within a
    month; numbers after the two part are left out. ``against`` is the reference of the
    numbers wanted (see `TrialRow`).

    Examples
    --------
    >>> found = arms_with_plan(Plan(courses=[Course("denosumab", 0, 3)]), "female")
    >>> all(arm.plan.courses[0].medicine == "denosumab" for arm, _ in found)
    True
    """
    names = {one.medicine for one in plan.courses}
    found = []
    for key, group in _groups().items():
        # Most arms are put aside by their text: to build all would keep a page waiting.
        if group[0]["sex"] != sex or names.isdisjoint((group[0]["courses"] or "").split()):
            continue
        arm = _arm(*key)
        until = same_until(arm.plan, plan)
        rows = tuple(row for row in arm.rows if row.time_years <= until
                     and row.reference == against
                     and row.site in (*SITES, *MARKERS))
        if rows:
            found.append((arm, rows))
    return tuple(found)


SAME_MONTH = 1 / 12 + 1e-6
FOREVER = 100.0


def same_until(first: Plan, second: Plan) -> float:
    """Time in years up to which two plans give the same medicines (100: throughout).

    Examples
    --------
    >>> stopped = Plan(courses=[Course("denosumab", 0, 2)])
    >>> same_until(stopped, Plan(courses=[Course("denosumab", 0, 5)]))
    2.0
    """
    def key(plan: Plan) -> list[Course]:
        return sorted(plan.courses, key=lambda one: (one.start_years, one.medicine))

    one, other = key(first), key(second)
    until = FOREVER
    for place in range(max(len(one), len(other))):
        if place >= len(one) or place >= len(other):
            extra = (one if place < len(one) else other)[place]
            return min(until, extra.start_years)
        a, b = one[place], other[place]
        same = (a.medicine == b.medicine and abs(a.start_years - b.start_years) <= SAME_MONTH
                and abs(a.usual_doses - b.usual_doses) < 0.05
                and abs(a.adherence - b.adherence) < 0.05)
        if not same:
            return min(until, a.start_years, b.start_years)
        if abs(a.end_years - b.end_years) > SAME_MONTH:
            until = min(until, a.end_years, b.end_years)
    return until
