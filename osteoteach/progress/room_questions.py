"""A question to a class, and the votes that answer it: checked values, no database.

What a vote holds is all that is kept of a voter: the answer, how sure, and a nickname if
one was given. What this module refuses to know: who a voter is, and which answer is right.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from osteoteach.errors import InputError

__all__ = ["KINDS", "Question", "Vote", "clean_nickname", "question_from_plain", "vote_from_plain"]

KINDS = ("number", "category", "category_confidence")
LONGEST_PROMPT, LONGEST_CHOICE, LONGEST_UNIT, LONGEST_NICKNAME = 500, 120, 20, 24
MOST_CHOICES = 8
#: Marks on one letter that writing needs; a heap of them runs over its neighbours.
MOST_MARKS = 2


@dataclass(frozen=True)
class Question:
    """What is put to the class.

    Parameters
    ----------
    kind : str
        ``"number"``, ``"category"`` or ``"category_confidence"``.
    prompt : str
        Plain text.
    unit : str
        Of a number, ``""`` for none.
    low, high : float, optional
        Range of a number, both ends included.
    choices : tuple of str
        Of a category, 2 to 8.

    Examples
    --------
    >>> Question("number", "Gain of the total hip in five years?", "%", -10, 20).high
    20
    >>> Question("category", "Normal?", choices=("Yes",))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    osteoteach.errors.InputError: choices must be 2 to 8 different texts...
    """

    kind: str
    prompt: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError("kind", f"must be one of {', '.join(KINDS)}", self.kind,
                             "Choose the kind of answer.")
        _check_text("prompt", self.prompt, LONGEST_PROMPT)
        if self.kind == "number":
            self._check_number()
        else:
            self._check_choices()

    def _check_number(self) -> None:
        if self.unit:
            _check_text("unit", self.unit, LONGEST_UNIT)
        elif not isinstance(self.unit, str):
            raise InputError("unit", "must be text", self.unit, "Leave it empty for none.")
        if not (_is_number(self.low) and _is_number(self.high) and self.low < self.high):
            raise InputError("low", "and high must be numbers, low below high",
                             f"{self.low} and {self.high}", "Give the range of an answer.")
        if self.choices:
            raise InputError("choices", "must be empty for a number", len(self.choices),
                             "Take them out, or ask for a category.")

    def _check_choices(self) -> None:
        if not isinstance(self.choices, tuple) or not (
                2 <= len(self.choices) <= MOST_CHOICES
                and len(set(map(str, self.choices))) == len(self.choices)):
            raise InputError("choices", f"must be 2 to {MOST_CHOICES} different texts",
                             str(self.choices)[:60], "Give one line a choice.")
        for choice in self.choices:
            _check_text("choices", choice, LONGEST_CHOICE)
        if self.low is not None or self.high is not None or self.unit:
            raise InputError("unit", "and range belong to a number", self.unit or self.low,
                             "Take them out, or ask for a number.")

    def to_plain(self) -> dict[str, Any]:
        """The question as a JSON-able dict."""
        return asdict(self) | {"choices": list(self.choices)}


def question_from_plain(plain: Mapping[str, Any]) -> Question:
    """The question of a dict that `Question.to_plain` or a browser made.

    Examples
    --------
    >>> asked = Question("category", "Normal?", choices=("Yes", "No"))
    >>> question_from_plain(asked.to_plain()) == asked
    True
    """
    if not isinstance(plain, Mapping) or set(plain) - set(Question.__dataclass_fields__):
        raise InputError("question", "must have only the fields of a question",
                         str(plain)[:60], "Ask it again.")
    choices = plain.get("choices", ())
    if not isinstance(choices, list | tuple):
        raise InputError("choices", "must be a list", str(choices)[:60], "Give a list.")
    return Question(**{"kind": "", "prompt": "", **plain, "choices": tuple(choices)})


@dataclass(frozen=True)
class Vote:
    """One answer of one voter. A number or a choice, by the question's kind."""

    number: float | None = None
    choice: int | None = None
    confidence_pct: int | None = None
    nickname: str = ""


def vote_from_plain(question: Question, plain: Any) -> Vote:
    """The vote that a browser sent, checked against its question.

    Parameters
    ----------
    question : Question
    plain : dict
        ``number``, or ``choice`` (its place, from 0) and ``confidence_pct`` where the
        question asks for it; ``nickname`` if wanted.

    Raises
    ------
    InputError
        With a sentence that the voter can act on.

    Examples
    --------
    >>> asked = Question("number", "Gain?", "%", -10, 20)
    >>> vote_from_plain(asked, {"number": 2.5, "nickname": "  Anna "})
    Vote(number=2.5, choice=None, confidence_pct=None, nickname='Anna')
    >>> vote_from_plain(asked, {"number": 200})  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    osteoteach.errors.InputError: number must be from −10 to 20; received 200. ...
    """
    if not isinstance(plain, Mapping):
        raise InputError("vote", "must be an object", type(plain).__name__, "Reload the page.")
    wanted = {"number": {"number"}, "category": {"choice"},
              "category_confidence": {"choice", "confidence_pct"}}[question.kind]
    if set(plain) - wanted - {"nickname"}:
        raise InputError("vote", f"must have only {', '.join(sorted(wanted))} and a nickname",
                         str(sorted(map(str, plain)))[:60], "Reload the page.")
    nickname = clean_nickname(plain.get("nickname", ""))
    if question.kind == "number":
        number = plain.get("number")
        if not _is_number(number) or not question.low <= number <= question.high:
            span = f"{question.low:g} to {question.high:g}".replace("-", "−")
            shown = number if _is_number(number) else str(number)[:40]
            raise InputError("number", f"must be from {span}", shown, "Correct the number.")
        return Vote(number=float(number), nickname=nickname)
    choice = plain.get("choice")
    if type(choice) is not int or not 0 <= choice < len(question.choices):
        raise InputError("choice", "must be one of the choices", str(choice)[:40], "Choose one.")
    return Vote(choice=choice, confidence_pct=_confidence(question, plain), nickname=nickname)


def _confidence(question: Question, plain: Mapping[str, Any]) -> int | None:
    if question.kind != "category_confidence":
        return None
    confidence = plain.get("confidence_pct")
    if type(confidence) is not int or not 0 <= confidence <= 100:
        raise InputError("confidence_pct", "must be a whole number from 0 to 100",
                         str(confidence)[:40], "Say how sure you are.")
    return confidence


def clean_nickname(text: object) -> str:
    """A nickname that stays on its line: no control or direction signs, no heaps of marks.

    It is still a stranger's text: show it as text, never as HTML.

    Examples
    --------
    >>> clean_nickname("  Dr.\\u202e\\x00   <b>Who</b>  ")
    'Dr. <b>Who</b>'
    >>> len(clean_nickname("x" * 500))
    24
    """
    if not isinstance(text, str):
        raise InputError("nickname", "must be text", type(text).__name__, "Leave it empty.")
    kept, marks = [], 0
    for sign in unicodedata.normalize("NFKC", text[:500]):
        group = unicodedata.category(sign)
        if sign.isspace():
            sign = " "
        elif group[0] == "C":
            continue
        marks = marks + 1 if group[0] == "M" else 0
        if marks <= MOST_MARKS:
            kept.append(sign)
    return " ".join("".join(kept).split())[:LONGEST_NICKNAME].rstrip()


def _check_text(name: str, text: object, longest: int) -> None:
    if not isinstance(text, str) or not text.strip() or len(text) > longest:
        raise InputError(name, f"must be text of 1 to {longest} characters", str(text)[:60],
                         "Write it in a few words.")
    if any(unicodedata.category(sign) in ("Cc", "Cs") and sign != "\n" for sign in text):
        raise InputError(name, "must hold no control characters", repr(text)[:60],
                         "Take them out.")


def _is_number(value: object) -> bool:
    return (isinstance(value, int | float) and not isinstance(value, bool)
            and abs(value) < 1e12 and math.isfinite(value))
