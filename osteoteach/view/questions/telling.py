"""What of a question crosses to the page: before a commitment, and after it.

Before: the prompt and what there is to choose from, in an order that says nothing. The
right answer, the traps and the explanations are worked out only when an answer is in.
"""

from __future__ import annotations

import random
from typing import Any

from osteoteach.errors import InputError
from osteoteach.evidence import source
from osteoteach.teaching.questions import Feedback, Marking, Question
from osteoteach.teaching.questions.marking import letters, right_order

__all__ = ["CONFIDENCES", "asked", "chosen", "told", "verdict"]

#: How sure, in words, with the percent that is kept.
CONFIDENCES = ((10, "A guess"), (30, "Doubtful"), (50, "Half and half"), (75, "Fairly sure"),
               (95, "Almost certain"))
LONGEST_LINK_TEXT = 50


def asked(question: Question) -> dict[str, Any]:
    """What the page needs to ask.

    Examples
    --------
    >>> from osteoteach.teaching.questions import question
    >>> sorted(asked(question("hip_fracture_normal_bmd")))
    ['choices', 'ends', 'kind', 'prompt', 'report', 'unit']
    """
    content = question.content
    return {"kind": question.kind, "prompt": question.prompt, "choices": _choices(question),
            "unit": content.get("unit", ""),
            "ends": [content.get("first", ""), content.get("last", "")],
            "report": question.text(content["report"], "report") if "report" in content else ""}


def _keys(question: Question) -> list[str]:
    """Keys of everything that can be chosen, in the order in which it is shown."""
    kind = question.kind
    if kind == "find_the_mistake":  # the lines of a report keep their places
        return list(letters(question, "lines"))
    if kind == "choice":
        keys = list(letters(question, "options"))
    elif kind == "order":
        keys = [item["id"] for item in question.content["items"]]
    else:
        return []
    # The same order for everybody and every time: a saved notebook stays the same.
    random.Random(question.id).shuffle(keys)
    if kind == "order" and keys == list(right_order(question)):
        keys.reverse()
    return keys


def _choices(question: Question) -> list[list[str]]:
    """Place and text of everything that can be chosen.

    The page gets places, not the keys of the file, because authors write the right option
    first more often than not.
    """
    if question.kind == "order":
        parts = {item["id"]: item for item in question.content["items"]}
    elif question.kind in ("choice", "find_the_mistake"):
        parts = letters(question, "options" if question.kind == "choice" else "lines")
    else:
        parts = {}
    return [[str(place), question.text(parts[key]["text"], "text")]
            for place, key in enumerate(_keys(question))]


def chosen(question: Question, sent: Any) -> Any:
    """What the page sent as places, in the keys of the file.

    Examples
    --------
    >>> from osteoteach.teaching.questions import question
    >>> places = [place for place, _ in asked(question("hip_fracture_normal_bmd"))["choices"]]
    >>> sorted(chosen(question("hip_fracture_normal_bmd"), place) for place in places)
    ['a', 'b', 'c', 'd']
    """
    keys = {str(place): key for place, key in enumerate(_keys(question))}
    places = sent if isinstance(sent, list) else [sent]
    if not all(isinstance(place, str) and place in keys for place in places):
        raise InputError("answer", "must be one of what is shown", sent, "Choose from the page.")
    found = [keys[place] for place in places]
    return found if isinstance(sent, list) else found[0]


def verdict(marking: Marking) -> str:
    """One or two words for a score.

    Examples
    --------
    >>> verdict(Marking(0.5, (), "", ""))
    'Partly right'
    """
    if marking.is_right:
        return "Right"
    return "Partly right" if marking.score > 0 else "Not right"


def told(question: Question, marking: Marking, confidence_pct: int | None, answered_at: str,
         earlier: bool) -> dict[str, Any]:
    """What the page shows after a commitment, as plain data: the page makes the HTML."""
    return {
        "verdict": verdict(marking), "score": marking.score, "given": marking.given,
        "right": "" if marking.is_right else marking.right,
        "right_label": ("One plan that meets every point" if question.kind == "plan"
                        else "Right answer"),
        "confidence_pct": confidence_pct, "answered_at": answered_at, "earlier": earlier,
        "notes": [{"text": note.text, "sources": _sources(note)} for note in marking.feedback],
    }


def _sources(note: Feedback) -> list[dict[str, str]]:
    found = [source(name) for name in note.source_ids]
    return [{"short": one.short if len(one.short) <= LONGEST_LINK_TEXT
             else f"{one.short[:LONGEST_LINK_TEXT - 1]}…",
             "link": one.link, "reference": one.reference} for one in found]
