"""What a free plan is judged by: rules over the plan, the model and the medicine warnings."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from osteoteach.errors import InputError
from osteoteach.evidence import table
from osteoteach.model import medicines
from osteoteach.model.lifestyle import MODEL_SITES
from osteoteach.model.patient import Patient
from osteoteach.model.plan import Plan
from osteoteach.model.plan_warnings import plan_warnings
from osteoteach.model.trajectory import simulate

__all__ = ["RULES", "Verdict", "checked_arguments", "judge"]

# A follow-on that begins within three months counts as one, as in `plan_warnings`.
FOLLOW_ON_WITHIN_YEARS = 0.25
NEARLY = 1e-6
_NUMBERS = ("years", "at_years", "pct")


@dataclass(frozen=True)
class Verdict:
    """Whether a plan keeps one rule.

    Attributes
    ----------
    outcome : str
        What the plan came to, for the feedback; empty where the rule computes nothing.
    said : tuple of (str, tuple of str)
        Warnings of the tables that the plan called, each with its source ids.
    """

    passed: bool
    outcome: str = ""
    said: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class _Judged:
    patient: Patient
    plan: Plan
    years: float

    def of(self, name: str) -> list[Any]:
        """Courses of a medicine or of its class."""
        return [course for course in self.plan.courses if name in (
            course.medicine, medicines.medicine(course.medicine).medicine_class)]


def judge(rule: str, arguments: Mapping[str, Any], patient: Patient, plan: Plan,
          years: float) -> Verdict:
    """Apply one rule to a plan.

    Examples
    --------
    >>> from osteoteach.model.plan import Course
    >>> woman = Patient(age_years=66, sex="female")
    >>> stopped = Plan(courses=[Course("denosumab", 0, 2)])
    >>> judge("no_warning", {"trigger": "stopped_without_follow_on"}, woman, stopped, 5).passed
    False
    """
    checked_arguments(rule, arguments)
    return RULES[rule](_Judged(patient, plan, float(years)), **arguments)


def checked_arguments(rule: str, arguments: Mapping[str, Any]) -> None:
    """Refuse a rule or an argument that a question file cannot mean.

    Raises
    ------
    InputError
        Its name is ``rule``, the rule itself (wrong set of arguments) or the argument.

    Examples
    --------
    >>> checked_arguments("includes", {"medicine": "denosumab"})
    """
    if rule not in RULES:
        raise InputError("rule", f"must be one of {', '.join(RULES)}", rule, "Use one of them.")
    try:
        inspect.signature(RULES[rule]).bind(None, **arguments)
    except TypeError as error:
        raise InputError(rule, f"must get the arguments it takes ({error})", dict(arguments),
                         "Correct them.") from None
    for name, value in arguments.items():
        if name in _NUMBERS:
            if isinstance(value, bool) or not isinstance(value, int | float) or (
                    not math.isfinite(value)):
                raise InputError(name, "must be a number, or a value that computes to one", value,
                                 "Write digits or {computed: ...}.")
        elif value not in (known := _known(name)):
            raise InputError(name, f"must be one of {', '.join(sorted(known))}", value,
                             "Use one of them.")


def _known(name: str) -> frozenset[str]:
    """What an argument in words may say."""
    if name == "site":
        return frozenset(MODEL_SITES)
    if name in ("trigger", "severity"):
        return frozenset(row[name] for row in table("medicine_warnings"))
    kinds = (medicines.medicine(one) for one in medicines.medicine_names())
    return frozenset(word for one in kinds for word in (one.name, one.medicine_class) if word)


def _includes(on: _Judged, medicine: str) -> Verdict:
    return Verdict(bool(on.of(medicine)))


def _excludes(on: _Judged, medicine: str) -> Verdict:
    return Verdict(not on.of(medicine))


def _starts_with(on: _Judged, medicine: str) -> Verdict:
    if not on.plan.courses:
        return Verdict(False)
    first = min(course.start_years for course in on.plan.courses)
    return Verdict(any(course.start_years == first for course in on.of(medicine)))


def _no_course_after(on: _Judged, years: float) -> Verdict:
    return Verdict(all(course.end_years <= years + NEARLY for course in on.plan.courses))


def _longest_course(on: _Judged, medicine: str, years: float) -> Verdict:
    return Verdict(all(course.end_years - course.start_years <= years + NEARLY
                       for course in on.of(medicine)))


def _no_warning(on: _Judged, trigger: str | None = None, severity: str | None = None) -> Verdict:
    called = [warning for warning in plan_warnings(on.patient, on.plan, on.years)
              if trigger in (None, warning.trigger) and severity in (None, warning.severity)]
    return Verdict(not called, "", tuple((one.text, one.source_ids) for one in called))


def _followed_by(on: _Judged, first: str, then: str) -> Verdict:
    ends = [course.end_years for course in on.of(first)]
    if not ends:
        return Verdict(False)
    latest = max(ends) + FOLLOW_ON_WITHIN_YEARS + NEARLY
    return Verdict(any(course.start_years <= latest and course.end_years > max(ends)
                       for course in on.of(then)))


def _covered_until(on: _Judged, years: float) -> Verdict:
    ends = [0.0]
    for course in on.plan.courses:
        ends.append(course.end_years)
        if medicines.is_injected(course.medicine):
            times = medicines.dose_times(course.medicine, course.start_years, course.end_years,
                                         course.adherence)
            ends.append(times[-1] + medicines.medicine(course.medicine).dose_interval_years)
    return Verdict(max(ends) >= years - NEARLY)


def _change(on: _Judged, site: str, at_years: float) -> tuple[float, str]:
    from osteoteach.teaching.sentences import signed_pct

    change = simulate(on.patient, on.plan, max(on.years, at_years)).change_pct(site, at_years)
    return change, signed_pct(change)


def _change_at_least(on: _Judged, site: str, at_years: float, pct: float) -> Verdict:
    change, words = _change(on, site, at_years)
    return Verdict(change >= pct, words)


def _change_at_most(on: _Judged, site: str, at_years: float, pct: float) -> Verdict:
    change, words = _change(on, site, at_years)
    return Verdict(change <= pct, words)


RULES: Mapping[str, Callable[..., Verdict]] = {
    "includes": _includes, "excludes": _excludes, "starts_with": _starts_with,
    "no_course_after": _no_course_after, "longest_course": _longest_course,
    "no_warning": _no_warning, "followed_by": _followed_by, "covered_until": _covered_until,
    "change_at_least": _change_at_least, "change_at_most": _change_at_most,
}
