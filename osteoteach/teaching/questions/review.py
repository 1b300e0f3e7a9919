"""What an author runs over a question file: every rule that a schema cannot hold.

``python -m osteoteach.teaching.questions FILE.yaml`` lists what is wrong, then prints every
right answer and every trap as computed, so that a person can read them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from osteoteach.errors import DataError, InputError
from osteoteach.evidence import source, table
from osteoteach.teaching.questions.load import Question
from osteoteach.teaching.questions.marking import (
    is_right,
    judged_check,
    mark,
    right_answer,
    right_order,
    tolerance,
)

__all__ = ["faults", "longest_is_right"]

# A trap nearer to the answer than this many tolerances could be taken for it.
APART = 2.0
SHORTEST_FEEDBACK = 40
_NUMBER = re.compile(r"[−-]?\d+(?:\.\d+)?")


def faults(question: Question) -> tuple[DataError, ...]:
    """Everything that is wrong with one question; empty for a good one.

    Examples
    --------
    >>> from osteoteach.teaching.questions import question
    >>> faults(question("hip_fracture_normal_bmd"))
    ()
    """
    found: list[DataError] = []
    for check in (_references, _people, _texts, _CHECKS[question.kind], _feedback):
        try:
            found += check(question)
        except DataError as error:
            found.append(error)
        except InputError as error:
            found.append(question.fault(f"must be computable ({error})", question.kind))
    return tuple(found)


def longest_is_right(questions: tuple[Question, ...]) -> float:
    """Share of the choices whose right option is the longest: 0 to 1.

    A reader who knows nothing would find those.
    """
    choices = [one for one in questions if one.kind == "choice"]
    hits = sum(is_right(one, max(one.content["options"], key=lambda option: len(option["text"])))
               for one in choices)
    return hits / len(choices) if choices else 0.0


def _notes(question: Question) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every part with feedback and sources, with its place."""
    content = question.content
    for key in ("options", "lines", "traps", "inversions"):
        for number, part in enumerate(content.get(key, ())):
            yield f"{key}[{number}]", part
    for key in ("right", "otherwise"):
        if isinstance(content.get(key), dict):
            yield key, content[key]
    for number, part in enumerate(content.get("checks", ())):
        yield f"checks[{number}]", {"feedback": part["failed"], "sources": part["sources"]}


def _references(question: Question) -> Iterator[DataError]:
    gaps = {row["gap_id"] for row in table("learning_gaps")}
    for gap in question.gaps:
        if gap not in gaps:
            yield question.fault("must be a gap_id of learning_gaps.csv", gap, "gaps")
    if (question.form is None) != (question.pair is None):
        yield question.fault("must be given together with the other", question.form, "form, pair")
    for place, part in _notes(question):
        for source_id in part["sources"]:
            try:
                source(source_id)
            except InputError as error:
                yield question.fault(f"{error.rule}. {error.remedy}", source_id,
                                     f"{place}.sources")


def _people(question: Question) -> Iterator[DataError]:
    """Ages and scores of a person stand in the prompt or in the report as they are."""
    content = question.content
    told = " ".join([content["prompt"], content.get("report", ""),
                     *(line["text"] for line in content.get("lines", ()))])
    plain = {f"{float(text.replace('−', '-')):g}"
             for text in _NUMBER.findall(question.text(told, "prompt"))}
    for name, fields in content.get("people", {}).items():
        patient = question.person(name)
        wanted = [patient.age_years, *(number for key in ("t_scores", "z_scores", "bmd_g_cm2")
                                       for number in fields.get(key, {}).values())]
        for number in wanted:
            if f"{float(number):g}" not in plain:
                yield question.fault("must be told in the prompt", number, f"people.{name}")


def _texts(question: Question) -> Iterator[DataError]:
    """Every text can be filled in, and every value is used."""
    content = question.content
    texts = [content["prompt"], content.get("report", "")]
    for key in ("options", "lines", "items"):
        texts += [part["text"] for part in content.get(key, ())]
    for text in texts:
        question.text(text, "text")
    texts += [part[key] for _, part in _notes(question) for key in ("feedback",)]
    texts += [part["passed"] for part in content.get("checks", ())]
    for name in content.get("values", {}):
        if not any(f"{{{name}}}" in text for text in texts):
            yield question.fault("must be used in a text", name, "values")


def _feedback(question: Question) -> Iterator[DataError]:
    seen: dict[str, str] = {}
    for place, part in _notes(question):
        text = question.text(part["feedback"], place, {"then": "+1.0%"})
        if text in seen:
            yield question.fault(f"must differ from {seen[text]}", text[:40], f"{place}.feedback")
        seen[text] = place
        if len(text) < SHORTEST_FEEDBACK:
            yield question.fault(f"must explain ({SHORTEST_FEEDBACK} signs or more)", text,
                                 f"{place}.feedback")


def _check_choice(question: Question) -> Iterator[DataError]:
    right_answer(question)
    texts = [question.text(option["text"], "options.text")
             for option in question.content["options"]]
    if len(set(texts)) < len(texts):
        yield question.fault("must have options that differ", texts, "options")


def _check_number(question: Question) -> Iterator[DataError]:
    answer = right_answer(question)["number"]
    allowed = tolerance(question, answer)
    # What is printed as the right answer must itself be marked right.
    printed = round(answer, question.content.get("decimals", 1))
    if not mark(question, {"number": printed}).is_right:
        yield question.fault("must allow for the rounding that `decimals` prints", allowed,
                             "tolerance")
    values = {"answer": answer}
    for number, trap in enumerate(question.content["traps"]):
        value = float(question.value(trap["value"], "traps"))
        for name, other in values.items():
            if abs(value - other) <= APART * allowed:
                yield question.fault(f"must lie more than {APART:g} tolerances from {name}",
                                     value, f"traps[{number}]")
        values[f"traps[{number}]"] = value


def _check_order(question: Question) -> Iterator[DataError]:
    right = right_order(question)
    if len(set(right)) < len(right):
        yield question.fault("must have items with ids that differ", right, "items")
    if "sorted" in question.content:
        values = [question.value(item["value"]) for item in question.content["items"]]
        if len(set(values)) < len(values):
            yield question.fault("must have values without ties", values, "items")
    place = {item: number for number, item in enumerate(right)}
    explained = set()
    for number, one in enumerate(question.content["inversions"]):
        first, after = one["placed_first"], one["though_after"]
        if first not in place or after not in place or place[first] < place[after]:
            yield question.fault("must be two items in the wrong order", (first, after),
                                 f"inversions[{number}]")
        explained.add((after, first))
    # Every wrong order swaps some pair of neighbours, so these explain every mistake.
    for pair in pairwise(right):
        if pair not in explained:
            yield question.fault("must explain every swap of neighbours", pair, "inversions")


def _check_find_the_mistake(question: Question) -> Iterator[DataError]:
    right_answer(question)
    yield from ()


def _check_plan(question: Question) -> Iterator[DataError]:
    from osteoteach.teaching.questions.people import plan_from

    content = question.content
    patient = question.person(content["patient"], "patient")

    def broken(courses: list[dict[str, Any]]) -> set[str]:
        plan = plan_from(courses)
        return {check["rule"] for number, check in enumerate(content["checks"])
                if not judged_check(question, number, patient, plan).passed}

    if broken(content["good_plan"]):
        yield question.fault("must keep every rule", broken(content["good_plan"]), "good_plan")
    for number, one in enumerate(content["mistaken_plans"]):
        if broken(one["courses"]) != set(one["breaks"]):
            yield question.fault("must break exactly the rules it lists", broken(one["courses"]),
                                 f"mistaken_plans[{number}]")
        mark(question, {"courses": one["courses"]})
    mark(question, right_answer(question))


_CHECKS: dict[str, Callable[[Question], Iterator[DataError]]] = {
    "choice": _check_choice, "number": _check_number, "order": _check_order,
    "find_the_mistake": _check_find_the_mistake, "plan": _check_plan,
}
