"""Keep a guess: recorded before its feedback appears, or the reason why it could not be."""

from __future__ import annotations

import uuid

from osteoteach.progress.prepare import prepare_store
from osteoteach.teaching.guesses import (
    RANGE_PCT,
    CategoryGuess,
    Guessable,
    NumberGuess,
    item_version,
    score,
)

__all__ = ["prepare_store", "record_guess"]


def record_guess(item: Guessable, guess: NumberGuess | CategoryGuess, learner: str) -> str:
    """Keep a guess in the store of this learner's answers.

    Parameters
    ----------
    item : Guessable
    guess : NumberGuess or CategoryGuess
    learner : str
        Random name of the visitor's browser; ``""``: the store's own learner.

    Returns
    -------
    str
        Why it could not be kept, as a sentence; nothing if it was.
    """
    # The store needs SQLAlchemy, which no page should wait for.
    from osteoteach.progress.store import AnswerRecord, StoreProblem, open_store

    if isinstance(guess, CategoryGuess):
        said, sure = {"value": guess.value}, guess.confidence_pct
    else:
        said = {"value": guess.value, "low": guess.low, "high": guess.high, "unit": item.unit}
        sure = RANGE_PCT
    about = {"question": item.question, "premise": item.premise, "answer": item.answer}
    record = AnswerRecord(
        answer_id=uuid.uuid4().hex, learner=learner, item_kind="guess", item_id=item.item_id,
        item_version=item_version(item), given={**said, **about}, score=score(item, guess),
        confidence_pct=sure, tags=(), answered_at="")
    try:
        open_store().record(record)
    except StoreProblem as problem:
        return str(problem)
    return ""
