"""A treatment plan as one readable line: ``denosumab:0-3,zoledronate:3-4@0.8``.

Each course is a medicine, the years it begins and ends, and, unless every dose is taken,
the share of doses behind an ``@``: 0.8 and 80 both mean 80%. ``none`` is no medicine.
Whether such a plan may stand is the plan control's to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from osteoteach.errors import InputError
from osteoteach.view.control import parse_number

__all__ = ["plan_in_words", "read_plan", "written_plan"]

NO_PLAN = "none"
_COURSE = re.compile(r"(?P<medicine>[a-z0-9_]+):(?P<start>[\d.]+)-(?P<end>[\d.]+)"
                     r"(?:@(?P<adherence>[\d.]+))?", re.ASCII)


def read_plan(name: str, text: str) -> list[dict[str, Any]]:
    """Read the courses of a plan from its line.

    Raises
    ------
    InputError
        If a course is not written like the example. Its numbers are not judged here.

    Examples
    --------
    >>> read_plan("plan", "denosumab:0-3@80")
    [{'medicine': 'denosumab', 'start_years': 0.0, 'end_years': 3.0, 'adherence': 0.8}]
    """
    if text == NO_PLAN:
        return []
    courses = []
    for part in text.split(","):
        found = _COURSE.fullmatch(part)
        if found is None:
            rule = "must be written like denosumab:0-3,zoledronate:3-4"
            raise InputError(name, rule, text, "Correct it.")
        adherence = parse_number(name, found["adherence"] or "1")
        courses.append({
            "medicine": found["medicine"], "start_years": parse_number(name, found["start"]),
            "end_years": parse_number(name, found["end"]),
            "adherence": adherence / 100 if adherence > 1 else adherence})
    return courses


def written_plan(courses: Iterable[Mapping[str, Any]]) -> str:
    """Write the courses of a plan as one line.

    Examples
    --------
    >>> written_plan(read_plan("plan", "denosumab:0-3,zoledronate:3-4.5@0.8"))
    'denosumab:0-3,zoledronate:3-4.5@0.8'
    """
    return ",".join(
        f"{one['medicine']}:{_plain(one['start_years'])}-{_plain(one['end_years'])}"
        + ("" if one["adherence"] == 1 else f"@{_plain(one['adherence'])}")
        for one in courses) or NO_PLAN


def plan_in_words(courses: Iterable[Mapping[str, Any]], labels: Mapping[str, str]) -> str:
    """Say a plan as a reader would write it down.

    Examples
    --------
    >>> plan_in_words(read_plan("plan", "dmab:0-3@0.8"), {"dmab": "Denosumab"})
    'Denosumab from year 0 to 3, 80% of doses'
    """
    return "; ".join(
        f"{labels.get(one['medicine'], one['medicine'])} from year {one['start_years']:.3g} "
        f"to {one['end_years']:.3g}"
        + ("" if one["adherence"] == 1 else f", {100 * one['adherence']:.3g}% of doses")
        for one in courses) or "no medicine"


def _plain(number: float) -> str:
    # All digits and no exponent, so that a link gives back the very number.
    return format(Decimal(repr(float(number))), "f").removesuffix(".0")
