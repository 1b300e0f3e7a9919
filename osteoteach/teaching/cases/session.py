"""One student's way through one case: steps in order, each committed once.

What the student says is checked here, whoever sends it, and marked; nothing is shown or
kept here. The page records a commitment first and shows its marks afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from osteoteach.errors import InputError
from osteoteach.model.plan import Course
from osteoteach.model.vocabulary import CATEGORIES, checked_choice, number_between
from osteoteach.teaching.cases.case import Case
from osteoteach.teaching.cases.follow_up import FollowUp
from osteoteach.teaching.cases.marking import (
    CHANGES,
    Line,
    Marked,
    mark_category,
    mark_reading,
    mark_risk,
    mark_tests,
    written_line,
)
from osteoteach.teaching.cases.offered_tests import names_of_tests
from osteoteach.teaching.cases.plan_marking import PlanChoice, mark_plan

__all__ = ["STEPS", "CaseSession", "Step"]

STEPS = ("tests", "read", "classify", "risk", "plan")
SCORES = ("t_score", "z_score")
LEVEL_NAMES = ("L1", "L2", "L3", "L4")


@dataclass(frozen=True)
class Step:
    """One committed step.

    Attributes
    ----------
    given : dict
        What the student said, as plain values.
    """

    name: str
    given: dict[str, Any]
    marked: Marked
    confidence_pct: int | None = None


class CaseSession:
    """The steps of one student in one case.

    Parameters
    ----------
    case : Case

    Examples
    --------
    >>> from osteoteach.teaching.cases import written_case
    >>> session = CaseSession(written_case("hip_fracture_good_scan"))
    >>> step = session.ready("tests", {"tests": ["calcium"]})
    >>> session.present  # nothing is committed yet
    'tests'
    >>> session.commit(step)
    >>> session.present
    'read'
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        self.done: list[Step] = []
        self.outcome: FollowUp | None = None
        self._next_outcome: FollowUp | None = None

    @property
    def present(self) -> str | None:
        """The step that waits; ``None`` after the last."""
        return STEPS[len(self.done)] if len(self.done) < len(STEPS) else None

    @property
    def score(self) -> float:
        """Mean of the committed steps (0 to 1)."""
        return sum(step.marked.score for step in self.done) / len(self.done) if self.done else 0.0

    def ready(self, name: str, given: Mapping[str, Any]) -> Step:
        """The step with its marks, if it is this step's turn and right; not yet committed.

        Raises
        ------
        InputError
            It is not the turn of this step, or an entry breaks its rule.
        """
        if name != self.present:
            raise InputError("step", f"must be {self.present or 'none: the case is finished'}",
                             name, "Go on with the step that is open.")
        return _READY[name](self, given)

    def commit(self, step: Step) -> None:
        """Take the step as done."""
        self.done.append(step)
        if step.name == "plan":
            self.outcome = self._next_outcome

    @property
    def debrief(self) -> tuple[Line, ...]:
        """What the case was about, once all steps are done."""
        if self.present is not None:
            return ()
        texts = [Line("note", item.text, item.source_ids) for item in self.case.debriefs]
        texts += [written_line((trap,), "debrief", "end", "note") for trap in self.case.traps]
        return tuple(filter(None, texts))

    # --- checked entries ---------------------------------------------------------------

    def _tests(self, given: Mapping[str, Any]) -> Step:
        names = _some_of(given, "tests", [name for name, _ in names_of_tests()])
        return Step("tests", {"tests": names}, mark_tests(self.case, names))

    def _read(self, given: Mapping[str, Any]) -> Step:
        kept = _some_of(given, "vertebrae", LEVEL_NAMES)
        score = _choice(given, "score", SCORES, "Say which score counts for this person.")
        said: dict[str, Any] = {"vertebrae": kept, "score": score}
        change = None
        if self.case.earlier is not None:
            change = said["change"] = _choice(given, "change", CHANGES,
                                              "Say whether the change is real.")
        return Step("read", said, mark_reading(self.case, kept, score, change))

    def _classify(self, given: Mapping[str, Any]) -> Step:
        category = _choice(given, "category", CATEGORIES, "Choose a category.")
        confidence = given.get("confidence_pct")
        number_between("confidence_pct", confidence, 0, 100, "must be from 0 to 100 %",
                       "Say how sure you are.")
        return Step("classify", {"category": category}, mark_category(self.case, category),
                    int(confidence))

    def _risk(self, given: Mapping[str, Any]) -> Step:
        if given.get("applies") is False:
            return Step("risk", {"applies": False}, mark_risk(self.case, None))
        said = {name: given.get(name) for name in ("value_pct", "low_pct", "high_pct")}
        return Step("risk", said, mark_risk(self.case, **said))

    def _plan(self, given: Mapping[str, Any]) -> Step:
        courses = tuple(Course(one["medicine"], one["start_years"], one["end_years"],
                               one["adherence"]) for one in given.get("courses", ()))
        flags = {name: given.get(name) is True for name in ("refer", "find_cause", "lifestyle")}
        marked, self._next_outcome = mark_plan(self.case, PlanChoice(courses, **flags))
        said = {"courses": [dict(one) for one in given.get("courses", ())], **flags}
        return Step("plan", said, marked)


_READY: Mapping[str, Callable[[CaseSession, Mapping[str, Any]], Step]] = {
    "tests": CaseSession._tests, "read": CaseSession._read, "classify": CaseSession._classify,
    "risk": CaseSession._risk, "plan": CaseSession._plan,
}


def _some_of(given: Mapping[str, Any], name: str, options: Any) -> list[str]:
    chosen = given.get(name)
    if not isinstance(chosen, list) or not all(isinstance(one, str) for one in chosen):
        raise InputError(name, "must be a list of words", chosen, "Tick what you want.")
    for one in chosen:
        checked_choice(name, one, options)
    return [one for one in options if one in chosen]


def _choice(given: Mapping[str, Any], name: str, options: Any, remedy: str) -> str:
    value = given.get(name)
    if value in (None, ""):
        raise InputError(name, "is needed", value, remedy)
    return checked_choice(name, value, options)
