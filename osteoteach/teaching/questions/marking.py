"""What an answer is worth, and the explanation that belongs to it.

An answer is plain data, as a page sends it and the store keeps it:
``{"option": "b"}``, ``{"number": 5.0}``, ``{"order": ["x", "y", "z"]}``, ``{"line": "c"}`` or
``{"courses": [...]}``. Options and lines are named by letters in the order of the file.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from osteoteach.errors import InputError
from osteoteach.teaching.questions.load import Question, shown

__all__ = ["Feedback", "Marking", "is_right", "judged_check", "letters", "mark",
           "right_answer", "right_order"]

ALPHABET = "abcdefghij"
# The explanation of the right option begins so; beside a mistake it goes on without.
_YES = re.compile(r"Yes[.,:;]\s+(\S)")


@dataclass(frozen=True)
class Feedback:
    """One explanation with the sources it rests on."""

    text: str
    source_ids: tuple[str, ...]


@dataclass(frozen=True)
class Marking:
    """The worth of an answer.

    Attributes
    ----------
    score : float
        0 to 1.
    feedback : tuple of Feedback
        The one for this mistake first.
    given, right : str
        The answer and the right answer, in words.
    """

    score: float
    feedback: tuple[Feedback, ...]
    given: str
    right: str

    @property
    def is_right(self) -> bool:
        return self.score == 1


def mark(question: Question, given: Mapping[str, Any]) -> Marking:
    """Mark one answer.

    Parameters
    ----------
    question : Question
    given : mapping
        As in the head of this module.

    Returns
    -------
    Marking

    Raises
    ------
    InputError
        It is no answer to this question.

    Examples
    --------
    >>> from osteoteach.teaching.questions import question
    >>> marking = mark(question("bmd_from_content_spine"), {"number": 1.087})
    >>> marking.score, marking.right
    (0.0, '0.920 g/cm²')
    """
    key = _KEYS[question.kind]
    if not isinstance(given, Mapping) or set(given) != {key}:
        raise InputError("answer", f"must hold {key!r}", given, "Answer the question.")
    return _MARKERS[question.kind](question, given[key])


def letters(question: Question, key: str) -> dict[str, Mapping[str, Any]]:
    """Options or lines by their letter.

    Examples
    --------
    >>> from osteoteach.teaching.questions import question
    >>> list(letters(question("hip_fracture_normal_bmd"), "options"))
    ['a', 'b', 'c', 'd']
    """
    return dict(zip(ALPHABET, question.content[key], strict=False))


def right_answer(question: Question) -> dict[str, Any]:
    """The right answer as data; of a plan one that passes.

    Examples
    --------
    >>> from osteoteach.teaching.questions import question
    >>> right_answer(question("hip_fracture_normal_bmd"))
    {'option': 'a'}
    """
    kind = question.kind
    if kind == "choice":
        right = (letter for letter, option in letters(question, "options").items()
                 if is_right(question, option))
        return {"option": _the_one(question, right, "options")}
    if kind == "number":
        return {"number": float(question.value(question.content["answer"], "answer"))}
    if kind == "order":
        return {"order": list(right_order(question))}
    if kind == "find_the_mistake":
        wrong = (letter for letter, line in letters(question, "lines").items()
                 if line.get("mistake"))
        return {"line": _the_one(question, wrong, "lines")}
    return {"courses": [dict(course) for course in question.content["good_plan"]]}


def _the_one(question: Question, found: Any, column: str) -> str:
    names = list(found)
    if len(names) != 1:
        raise question.fault("must have exactly one right answer", names, column)
    return names[0]


def is_right(question: Question, option: Mapping[str, Any]) -> bool:
    """Whether an option is the right one; a rule may decide it."""
    right = option.get("right", False)
    if isinstance(right, Mapping):
        return question.value({"computed": right["computed"], "with": right.get("with", {})},
                              "options.right") == right["is"]
    return bool(right)


def _note(question: Question, note: Mapping[str, Any], column: str) -> Feedback:
    return Feedback(question.text(note["feedback"], column), tuple(note["sources"]))


def _one_of(given: Any, known: Mapping[str, Any], what: str) -> str:
    if not isinstance(given, str) or given not in known:
        raise InputError(what, f"must be one of {', '.join(known)}", given, "Choose one of them.")
    return given


def _mark_one(question: Question, given: Any, key: str, what: str) -> Marking:
    """Mark a choice among options or lines: the explanation of it, then of the right one."""
    parts = letters(question, key)
    chosen = parts[_one_of(given, parts, what)]
    right = parts[right_answer(question)[what]]
    notes = [_note(question, chosen, f"{key}.feedback")]
    if chosen is not right:
        why = _note(question, right, f"{key}.feedback")
        notes.append(replace(why, text=_YES.sub(lambda found: found[1].upper(), why.text, 1)))
    return Marking(float(chosen is right), tuple(notes),
                   question.text(chosen["text"], f"{key}.text"),
                   question.text(right["text"], f"{key}.text"))


def _mark_number(question: Question, given: Any) -> Marking:
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        raise InputError("number", "must be a plain number", given, "Type digits.")
    content = question.content
    answer = right_answer(question)["number"]
    if is_close(question, given, answer):
        score, note, column = 1.0, content["right"], "right"
    else:
        score, note, column = 0.0, content["otherwise"], "otherwise"
        for number, trap in enumerate(content["traps"]):
            if is_close(question, given, float(question.value(trap["value"], "traps"))):
                note, column = trap, f"traps[{number}]"
                break
    return Marking(score, (_note(question, note, column),), with_unit(question, given, exact=True),
                   with_unit(question, answer))


def tolerance(question: Question, answer: float) -> float:
    """How far from the answer a number may lie, in its unit."""
    allowed = question.content["tolerance"]
    return allowed.get("absolute", abs(answer) * allowed.get("relative_pct", 0) / 100)


def is_close(question: Question, given: float, target: float) -> bool:
    """Whether a number is the target, within the tolerance of the question's answer."""
    allowed = tolerance(question, right_answer(question)["number"])
    return abs(given - target) <= allowed + 1e-9


def with_unit(question: Question, number: float, exact: bool = False) -> str:
    """A number with the unit of the question; ``exact``: as it was typed."""
    text = (f"{number:.6g}".replace("-", "\N{MINUS SIGN}") if exact
            else shown(float(number), question.content.get("decimals", 1)))
    unit = question.content["unit"]
    return f"{text}{unit}" if unit in ("", "%") else f"{text} {unit}"


def right_order(question: Question) -> tuple[str, ...]:
    """Ids of the items in the right order: by their values, or as the file has them."""
    items, direction = question.content["items"], question.content.get("sorted")
    if direction is None:
        return tuple(item["id"] for item in items)
    if any("value" not in item for item in items):
        raise question.fault("must have a value for every item that is sorted", direction, "items")
    return tuple(item["id"] for item in sorted(
        items, key=lambda item: question.value(item["value"], "items.value"),
        reverse=direction == "descending"))


def _mark_order(question: Question, given: Any) -> Marking:
    right, items = right_order(question), {one["id"]: one for one in question.content["items"]}
    if not isinstance(given, list | tuple) or sorted(map(str, given)) != sorted(right):
        raise InputError("order", "must hold every item once", given, "Order all items.")
    place = {item: number for number, item in enumerate(given)}
    pairs = list(combinations(right, 2))
    agree = sum(place[first] < place[second] for first, second in pairs)
    # As many right pairs as chance gives are worth nothing.
    score = max(0.0, 2 * agree / len(pairs) - 1)
    met = [one for one in question.content["inversions"]
           if place[one["placed_first"]] < place[one["though_after"]]]
    notes = tuple(_note(question, one, "inversions.feedback") for one in met)
    if agree == len(pairs):
        notes = (_note(question, question.content["right"], "right"),)

    def words(ids: Any) -> str:
        return " → ".join(question.text(items[one]["text"], "items.text") for one in ids)

    return Marking(score, notes, words(given), words(right))


def _mark_plan(question: Question, given: Any) -> Marking:
    from osteoteach.teaching.questions.people import plan_from

    if not isinstance(given, list | tuple):
        raise InputError("courses", "must be a list of courses", given, "Give a list.")
    offered = dict.fromkeys(question.content["medicines"])
    for course in given:
        _one_of(course.get("medicine") if isinstance(course, Mapping) else None, offered,
                "medicine")
    plan = plan_from(given)
    patient = question.person(question.content["patient"], "patient")
    passed, notes = 0, []
    for number, check in enumerate(question.content["checks"]):
        verdict = judged_check(question, number, patient, plan)
        passed += verdict.passed
        text = question.text(check["passed" if verdict.passed else "failed"], "checks",
                             {"then": verdict.outcome} if verdict.outcome else None)
        head = "Met: " if verdict.passed else "Not met: "
        notes.append((verdict.passed, Feedback(head + text, tuple(check["sources"]))))
        notes += [(False, Feedback(said, sources)) for said, sources in verdict.said]
    # What failed comes first.
    ordered = tuple(note for _, note in sorted(notes, key=lambda one: one[0]))
    return Marking(passed / len(question.content["checks"]), ordered,
                   plan_words(given), plan_words(question.content["good_plan"]))


def judged_check(question: Question, number: int, patient: Any, plan: Any) -> Any:
    """One check of a plan question, its values computed.

    Raises
    ------
    DataError
        The file names a rule or an argument that cannot be used.
    """
    from osteoteach.teaching.questions.plan_rules import checked_arguments, judge

    check = question.content["checks"][number]
    place = f"checks[{number}].with"
    arguments = {name: question.value(part, f"{place}.{name}")
                 for name, part in check.get("with", {}).items()}
    try:
        checked_arguments(check["rule"], arguments)
    except InputError as error:
        column = (f"{place}.{error.name}" if error.name in arguments else
                  f"checks[{number}].rule" if error.name == "rule" else place)
        raise question.fault(error.rule, error.value, column) from error
    return judge(check["rule"], arguments, patient, plan, question.content["years"])


def plan_words(courses: Any) -> str:
    """A plan in one line.

    Examples
    --------
    >>> plan_words([{"medicine": "denosumab", "start_years": 0, "end_years": 3}])
    'Denosumab, years 0 to 3'
    """
    from osteoteach.model.medicines import medicine

    parts = [f"{medicine(one['medicine']).label}, years {one['start_years']:.3g} to "
             f"{one['end_years']:.3g}"
             for one in sorted(courses, key=lambda one: one["start_years"])]
    return "; ".join(parts) or "no medicine"


_KEYS = {"choice": "option", "number": "number", "order": "order",
         "find_the_mistake": "line", "plan": "courses"}
_MARKERS = {
    "choice": lambda question, given: _mark_one(question, given, "options", "option"),
    "find_the_mistake": lambda question, given: _mark_one(question, given, "lines", "line"),
    "number": _mark_number, "order": _mark_order, "plan": _mark_plan,
}
