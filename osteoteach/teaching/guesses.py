"""Guess first: a question before an answer, the guess, and what is said of it afterwards.

Who has predicted a result learns from seeing it; who only watches learns little more
than who did not watch (Crouch and Mazur 2004). So a page can ask before it answers.
Here stands what a question is, when a guess is one, and the feedback: by how much it
was off, whether its range held the answer, and why people miss there. What is asked on
which page stands in `guess_questions`. Nothing here is a clinical number: the answer is
handed in by the page that computed it.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from osteoteach.errors import InputError

__all__ = ["CategoryGuess", "Guessable", "NumberGuess", "Published", "checked_guess", "feedback",
           "item_version", "number_words", "score"]

#: The range that is asked for holds the answer in nine of ten cases, if it is honest.
RANGE_PCT = 90
CONFIDENCES_PCT = (30, 40, 50, 60, 70, 80, 90, 99)


@dataclass(frozen=True)
class Published:
    """A published number that answers the same question.

    Attributes
    ----------
    label : str
        Trial or study, as the reader sees it.
    value, low, high : float
        In the unit of the question; the limits are ``None`` where none were printed.
    table, row : str
        Where the number stands in ``data/``.
    """

    label: str
    value: float
    low: float | None
    high: float | None
    source_id: str
    table: str
    row: str


@dataclass(frozen=True)
class Guessable:
    """A question, and the answer that a page holds back until it is guessed.

    Attributes
    ----------
    item_id : str
        Name of the page.
    question, premise : str
        What is asked, and of whom under which settings, in a few words.
    settings : tuple
        Every setting that the answer depends on: with another one it is another question.
    answer : float or str
        A number, or the value of one of ``options``.
    said_by : str
        Who answers: ``"The model"`` or ``"The rules"``.
    unit, off_unit : str
        Unit of the number, and of a difference between two of them.
    scale : (float, float)
        Ends of the fixed scale; a guess beyond it is refused.
    decimals : int
        Of the number, for the answer and for comparing.
    signed : bool
        Whether a gain is written with its plus.
    options : sequence of (str, str)
        Value and label of each category; empty for a number.
    band : (float, float) or None
        Where 90 of 100 lie, or the model's own uncertainty; ``band_words`` says which.
    seen : sequence of (str, float)
        Further numbers of the page in the same unit, for example of one random draw.
    further : sequence of Published
        Published numbers beside it.
    at : float or None
        Years from the start that the number belongs to, where it belongs to one time.
    because : str
        For a category: what decided. ``because_row``, its source, table and row.
    pitfall : str
        Why people miss here.
    """

    item_id: str
    question: str
    premise: str
    settings: tuple[Any, ...]
    answer: float | str
    pitfall: str
    said_by: str = "The model"
    unit: str = ""
    off_unit: str = ""
    scale: tuple[float, float] = (0.0, 100.0)
    decimals: int = 0
    signed: bool = False
    options: tuple[tuple[str, str], ...] = ()
    band: tuple[float, float] | None = None
    band_words: str = ""
    seen: tuple[tuple[str, float], ...] = ()
    further: tuple[Published, ...] = ()
    at: float | None = None
    because: str = ""
    because_row: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class NumberGuess:
    """A number, and the range that the guesser is 90% sure of."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class CategoryGuess:
    """A category, and how sure the guesser is of it (0 to 100)."""

    value: str
    confidence_pct: int


def number_words(item: Guessable, value: float) -> str:
    """A number of a question as it is written, with its unit.

    Examples
    --------
    >>> item = Guessable("reversal", "?", "", (), 3.14, "", unit="%", decimals=1, signed=True)
    >>> number_words(item, -0.54), number_words(item, 3.14)
    ('−0.5%', '+3.1%')
    """
    text = f"{value:{'+' if item.signed else ''}.{item.decimals}f}"
    if float(text) == 0:
        text = text.lstrip("+-")
    text = text.replace("-", "−")
    return f"{text}{item.unit}" if item.unit == "%" else f"{text} {item.unit}".strip()


def _range_words(item: Guessable, low: float, high: float) -> str:
    bare = number_words(item, low).removesuffix(item.unit).strip()
    return f"{bare} to {number_words(item, high)}"


def checked_guess(item: Guessable, given: Mapping[str, float | str | int],
                  ) -> NumberGuess | CategoryGuess:
    """What was typed or chosen, as a guess.

    Parameters
    ----------
    item : Guessable
    given : mapping
        ``value``, ``low`` and ``high``, or ``value`` and ``confidence_pct``.

    Raises
    ------
    InputError
        For a number off the scale, a range without its own guess inside, an unknown
        category or confidence. The error's name is the field.

    Examples
    --------
    >>> item = Guessable("noise", "How many of ten?", "", (), 4, "", scale=(0, 10))
    >>> checked_guess(item, {"value": 2, "low": 1, "high": 5})
    NumberGuess(value=2, low=1, high=5)
    >>> checked_guess(item, {"value": 2, "low": 3, "high": 5})
    Traceback (most recent call last):
    ...
    osteoteach.errors.InputError: low must not lie above your guess; received 3. Lower it.
    """
    if item.options:
        return _checked_category(item, given)
    for name in ("value", "low", "high"):
        low, high = item.scale
        if not (math.isfinite(given[name]) and low <= given[name] <= high):
            raise InputError(name, f"must be from {_range_words(item, low, high)}", given[name],
                             "Correct it.")
    if given["low"] > given["value"]:
        raise InputError("low", "must not lie above your guess", given["low"], "Lower it.")
    if given["high"] < given["value"]:
        raise InputError("high", "must not lie below your guess", given["high"], "Raise it.")
    return NumberGuess(given["value"], given["low"], given["high"])


def _checked_category(item: Guessable, given: Mapping[str, float | str | int]) -> CategoryGuess:
    names = [value for value, _ in item.options]
    if given["value"] not in names:
        raise InputError("value", f"must be one of {', '.join(names)}", given["value"],
                         "Choose one of them.")
    if given["confidence_pct"] not in CONFIDENCES_PCT:
        raise InputError("confidence_pct", "must be chosen from the list",
                         given["confidence_pct"], "Say how sure you are.")
    return CategoryGuess(given["value"], int(given["confidence_pct"]))


def score(item: Guessable, guess: NumberGuess | CategoryGuess) -> float:
    """1 where the range held the answer or the category was right, else 0.

    Examples
    --------
    >>> item = Guessable("noise", "How many of ten?", "", (), 4, "", scale=(0, 10))
    >>> score(item, NumberGuess(2, 1, 5)), score(item, NumberGuess(2, 1, 3))
    (1.0, 0.0)
    """
    if isinstance(guess, CategoryGuess):
        return float(guess.value == item.answer)
    # As the reader sees it: an answer shown as 3.1 lies inside a range up to 3.1.
    answer = round(item.answer, item.decimals)
    return float(guess.low <= answer <= guess.high)


def feedback(item: Guessable, guess: NumberGuess | CategoryGuess) -> str:
    """By how much the guess was off, whether its range held the answer, and the pitfall.

    Examples
    --------
    >>> item = Guessable("reversal", "?", "", (), 3.1, "Gains are steps.", unit="%",
    ...                  off_unit="percentage points", decimals=1, signed=True)
    >>> feedback(item, NumberGuess(12, 5, 20))
    'Your guess is too high by 8.9 percentage points, and your range does not hold the answer.
    Gains are steps.'
    """
    if isinstance(guess, CategoryGuess):
        return f"{_category_feedback(item, guess)} {item.pitfall}".strip()
    off = round(guess.value, item.decimals) - round(item.answer, item.decimals)
    held = score(item, guess) == 1
    if abs(off) < 0.5 * 10.0 ** -item.decimals:
        start = "Your guess is the answer"
    else:
        way = "high" if off > 0 else "low"
        start = f"Your guess is too {way} by {abs(off):.{item.decimals}f} {item.off_unit}"
    joint = "but" if held and not start.endswith("answer") else "and"
    verb = "holds" if held else "does not hold"
    return f"{start}, {joint} your range {verb} the answer. {item.pitfall}".strip()


def _category_feedback(item: Guessable, guess: CategoryGuess) -> str:
    labels = dict(item.options)
    if guess.value == item.answer:
        return f"Right, and you were {guess.confidence_pct}% sure. {item.because}".strip()
    return (f"You were {guess.confidence_pct}% sure of “{labels[guess.value]}”; it is "
            f"“{labels[item.answer]}”. {item.because}").strip()


def item_version(item: Guessable) -> str:
    """Short hash of what was asked, so that two questions are never counted as one.

    Examples
    --------
    >>> len(item_version(Guessable("noise", "How many of ten?", "Total hip", (), 4, "")))
    12
    """
    content = json.dumps([item.item_id, item.question, _equal_as_one(item.settings),
                          item.options, item.scale], default=str)
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def _equal_as_one(settings: Any) -> Any:
    """The same settings with -0.0 as 0.0: the two are equal but are not written alike."""
    if isinstance(settings, tuple | list):
        return [_equal_as_one(one) for one in settings]
    return settings + 0.0 if isinstance(settings, float) else settings
