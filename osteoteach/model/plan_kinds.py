"""Kinds of stop, switch and combination, and how far off the model was on each.

The fit saw single medicines while they were given. ``make validate`` holds the model
against published stops, switches and combinations and writes, for each kind and site, by
how much it missed: ``data/validation_kinds.csv``. A plan of such a kind says so.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from osteoteach.evidence import table
from osteoteach.model.medicines import medicine
from osteoteach.model.plan import Course, Plan
from osteoteach.model.vocabulary import plain_name

__all__ = ["KindError", "error_sentences", "kind_words", "kinds_of", "known_errors"]

#: What follows within this time follows on; later it was stopped first.
FOLLOWS_WITHIN_YEARS = 0.75
#: From here on a course of denosumab counts as long.
LONG_YEARS = 8.0
#: Told to the reader from this mean error on, on at least so many numbers.
WORTH_SAYING_POINTS, FEWEST_NUMBERS = 1.0, 2
_WORDS = {"bisphosphonate": "a bisphosphonate", "rankl_antibody": "denosumab",
          "sclerostin_antibody": "romosozumab", "pth_analogue": "teriparatide or abaloparatide",
          "estrogen": "estrogen", "serm": "raloxifene",
          "tissue_selective_estrogen_complex": "estrogens with bazedoxifene",
          "calcitonin": "calcitonin"}


@dataclass(frozen=True)
class KindError:
    """How far off the model was on one kind of plan, at one site.

    Attributes
    ----------
    numbers : int
        Published numbers it was held against.
    bias_points : float
        Mean of predicted less published, percentage points of BMD; above 0 it promises
        too much.
    covered_pct : float
        Share of those numbers inside their 90% band.
    """

    kind: str
    site: str
    numbers: int
    bias_points: float
    covered_pct: float


def _class(course: Course) -> str:
    return medicine(course.medicine).medicine_class


def _acts_until(course: Course) -> float:
    """An infusion of zoledronate counts as given for two years, the longest interval on its
    label: the same rule as for the roles of the trial rows."""
    return course.end_years + (1.0 if course.medicine == "zoledronate" else 0.0)


def kinds_of(plan: Plan, years: float) -> tuple[tuple[str, float], ...]:
    """Kinds within the first ``years``, each with the time from which it holds.

    Examples
    --------
    >>> stopped = Plan(courses=[Course("denosumab", 0, 2)])
    >>> kinds_of(stopped, 5), kinds_of(stopped, 2)
    ((('rankl_antibody stopped', 2.0),), ())
    >>> kinds_of(Plan(courses=[Course("alendronate", 0, 4), Course("romosozumab", 4, 5)]), 5)
    (('sclerostin_antibody after bisphosphonate', 4.0),)
    """
    courses = sorted((one for one in plan.courses if one.adherence > 0 and one.start_years < years),
                     key=lambda one: (one.start_years, one.end_years))
    return tuple(dict.fromkeys(_kinds(courses, years)))


def _kinds(courses: list[Course], years: float) -> Iterator[tuple[str, float]]:
    for place, course in enumerate(courses):
        name, follow = _class(course), None
        end = _acts_until(course)
        for other in courses[place + 1:]:
            overlap = min(course.end_years, other.end_years) - other.start_years
            if _class(other) == name:
                follow = follow or other
            elif overlap > 1e-6:
                yield f"{' with '.join(sorted((name, _class(other))))}", other.start_years
                follow = follow or other
            elif other.start_years - course.end_years <= FOLLOWS_WITHIN_YEARS:
                yield f"{_class(other)} after {name}", other.start_years
                follow = follow or other
        if follow is None and end < years:
            long = name == "rankl_antibody" and course.end_years - course.start_years >= LONG_YEARS
            yield f"{name} stopped{' after many years' if long else ''}", end


def kind_words(kind: str) -> str:
    """A kind in the words of a reader.

    Examples
    --------
    >>> kind_words("bisphosphonate after rankl_antibody")
    'a bisphosphonate after denosumab'
    """
    return " ".join(_WORDS.get(word, word) for word in kind.split())


@functools.cache
def _rows() -> dict[str, tuple[KindError, ...]]:
    found: dict[str, list[KindError]] = {}
    for row in table("validation_kinds"):
        found.setdefault(row["kind"], []).append(KindError(
            row["kind"], row["site"], row["numbers"], row["bias_points"], row["covered_pct"]))
    return {kind: tuple(rows) for kind, rows in found.items()}


def known_errors(plan: Plan, years: float, site: str | None = None) -> tuple[KindError, ...]:
    """What is known to be off about a plan: where the mean error was a point or more.

    Parameters
    ----------
    plan : Plan
    years : float
        Length of the look.
    site : str, optional
        Default: all three.

    Examples
    --------
    >>> errors = known_errors(Plan(courses=[Course("alendronate", 0, 4),
    ...                                     Course("romosozumab", 4, 5)]), 5, "lumbar_spine")
    >>> errors[0].bias_points < -1
    True
    """
    return tuple(one for kind, _ in kinds_of(plan, years) for one in _rows().get(kind, ())
                 if site in (None, one.site) and one.numbers >= FEWEST_NUMBERS
                 and abs(one.bias_points) >= WORTH_SAYING_POINTS)


def error_sentences(plan: Plan, years: float) -> tuple[str, ...]:
    """The same in words: a sentence for each kind.

    Examples
    --------
    >>> plan = Plan(courses=[Course("teriparatide", 0, 2)])
    >>> error_sentences(plan, 4)[0]
    'Teriparatide or abaloparatide stopped: held against published numbers the model stood ...'
    """
    by_kind: dict[str, list[KindError]] = {}
    for one in known_errors(plan, years):
        by_kind.setdefault(one.kind, []).append(one)
    said = []
    for kind, errors in by_kind.items():
        words = kind_words(kind)
        parts = ", ".join(
            f"{abs(one.bias_points):.1f} points too {'high' if one.bias_points > 0 else 'low'} at "
            f"the {plain_name(one.site)} ({one.numbers} numbers)" for one in errors)
        said.append(f"{words[:1].upper()}{words[1:]}: held against published numbers the model "
                    f"stood {parts}, on average.")
    return tuple(said)
