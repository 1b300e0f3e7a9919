"""What the prediction lock sends to the page: a question, later guess and answer in rows.

Plain values for the browser: places are shares of the fixed scale from 0 to 1, texts are
ready to read. A question holds nothing of its answer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from osteoteach.evidence import source
from osteoteach.teaching.guesses import (
    CONFIDENCES_PCT,
    RANGE_PCT,
    CategoryGuess,
    Guessable,
    NumberGuess,
    feedback,
    number_words,
)

__all__ = ["question_of", "strip_of"]

TICKS = 4


def question_of(item: Guessable) -> dict[str, Any]:
    """The question as the browser gets it.

    Examples
    --------
    >>> item = Guessable("noise", "How many of ten?", "Total hip", (), 4.2, "", scale=(0, 10))
    >>> "4.2" in str(question_of(item))
    False
    """
    asked = {"text": item.question, "premise": item.premise}
    if item.options:
        return {**asked, "kind": "category", "options": [list(one) for one in item.options],
                "confidences": list(CONFIDENCES_PCT)}
    low, high = item.scale
    whole = replace(item, decimals=0)
    return {**asked, "kind": "number", "unit": item.unit, "signed": low < 0,
            "limits": f"{number_words(whole, low)} to {number_words(whole, high)}",
            "range_pct": RANGE_PCT}


def strip_of(item: Guessable, guess: NumberGuess | CategoryGuess, *,
             current: bool) -> dict[str, Any]:
    """Guess, answer and published numbers as rows on one fixed scale."""
    rows = (_category_rows(item, guess) if isinstance(guess, CategoryGuess)
            else _number_rows(item, guess))
    return {
        "current": current, "question": item.question, "premise": item.premise, "rows": rows,
        "feedback": feedback(item, guess),
        "boxes": [label for _, label in item.options],
        "ticks": [] if item.options else _ticks(item),
        "link": _link(*item.because_row) if item.because_row else None,
    }


def _ticks(item: Guessable) -> list[str]:
    low, high = item.scale
    whole = replace(item, decimals=0)
    return [number_words(whole, low + (high - low) * step / TICKS).removesuffix(" " + item.unit)
            for step in range(TICKS + 1)]


def _place(item: Guessable, value: float) -> float:
    """Share of the scale; what lies beyond it is drawn at its end, and said in words."""
    low, high = item.scale
    return min(max((value - low) / (high - low), 0.0), 1.0)


def _number_row(item: Guessable, kind: str, label: str, value: float,
                limits: tuple[float | None, float | None], about: str = "",
                link: dict[str, str] | None = None) -> dict[str, Any]:
    text = number_words(item, value)
    known = None not in limits
    if known:
        low = number_words(item, limits[0]).removesuffix(item.unit).strip()
        text += f" ({low} to {number_words(item, limits[1])}{about})"
    return {"kind": kind, "label": label, "text": text, "at": _place(item, value),
            "low": _place(item, limits[0]) if known else None,
            "high": _place(item, limits[1]) if known else None, "link": link}


def _number_rows(item: Guessable, guess: NumberGuess) -> list[dict[str, Any]]:
    rows = [_number_row(item, "guess", "You", guess.value, (guess.low, guess.high)),
            _number_row(item, "answer", item.said_by, item.answer, item.band or (None, None),
                        f", {item.band_words}" if item.band_words else "")]
    rows += [_number_row(item, "seen", label, value, (None, None)) for label, value in item.seen]
    rows += [_number_row(item, "published", one.label, one.value, (one.low, one.high),
                         link=_link(one.source_id, one.table, one.row)) for one in item.further]
    return rows


def _category_rows(item: Guessable, guess: CategoryGuess) -> list[dict[str, Any]]:
    values, labels = [value for value, _ in item.options], dict(item.options)
    sure = f"{labels[guess.value]}, {guess.confidence_pct}% sure"
    return [{"kind": kind, "label": label, "text": text, "box": values.index(value),
             "link": None}
            for kind, label, text, value in (
                ("guess", "You", sure, guess.value),
                ("answer", item.said_by, labels[item.answer], item.answer))]


def _link(source_id: str, table: str, row: str) -> dict[str, str]:
    item = source(source_id)
    return {"text": item.short, "href": item.link, "source": source_id, "table": table,
            "row": row}
