"""Parallel tests before and after a course, and an order for review."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from osteoteach.errors import InputError
from osteoteach.teaching.questions.load import Question, all_questions

__all__ = ["SHORT_SET", "Answered", "pairs", "parallel_forms", "review_order", "short_set"]

MOST_SEED = 2**64

#: Questions at the end of a lesson; with confidence and feedback each takes most of a minute.
SHORT_SET = 7


class Answered(Protocol):
    """What is read of a kept answer."""

    item_id: str
    score: float | None
    confidence_pct: int | None


def pairs(questions: Iterable[Question] | None = None) -> tuple[tuple[Question, Question], ...]:
    """Parallel questions: of each pair the one of form A and the one of form B.

    Examples
    --------
    >>> all(first.form == "A" and second.form == "B" for first, second in pairs())
    True
    """
    known = {one.id: one for one in (all_questions() if questions is None else questions)}
    found = []
    for one in known.values():
        if one.form is None:
            continue
        twin = known.get(one.pair or "")
        if twin is None or {one.form, twin.form} != {"A", "B"} or twin.pair != one.id:
            raise one.fault("must name a question of the other form that names it back",
                            one.pair, "pair")
        if one.form == "A":
            found.append((one, twin))
    return tuple(found)


def parallel_forms(seed: int, size: int | None = None,
                   questions: Iterable[Question] | None = None,
                   ) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
    """Two tests that ask the same ideas with different people and numbers.

    Which twin comes first and in which order the questions stand depends on the seed;
    the same seed gives a whole class the same two tests. No question is in both.

    Parameters
    ----------
    seed : int
        From 0 to 2**64 - 1.
    size : int, optional
        Questions in each test; default: every pair. Pairs are then taken so that as
        many gaps as possible are asked.

    Returns
    -------
    tuple of Question, tuple of Question
        The test before and the test after.

    Raises
    ------
    InputError
        There are fewer pairs than asked for, or the seed is no whole number.

    Examples
    --------
    >>> before, after = parallel_forms(1)
    >>> len(before) == len(after), {one.pair for one in before} == {one.id for one in after}
    (True, True)
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < MOST_SEED:
        raise InputError("seed", f"must be a whole number from 0 to {MOST_SEED - 1}", seed,
                         "Any such number will do; the same one gives the same tests.")
    draw, pool = random.Random(seed), list(pairs(questions))
    wanted = len(pool) if size is None else size
    if isinstance(wanted, bool) or not isinstance(wanted, int) or not 1 <= wanted <= len(pool):
        raise InputError("size", f"must be a whole number from 1 to {len(pool)}", size,
                         "There are not more pairs of parallel questions.")
    draw.shuffle(pool)
    chosen: list[tuple[Question, Question]] = []
    seen: set[str] = set()
    while len(chosen) < wanted:
        best = max(pool, key=lambda pair: len({*pair[0].gaps, *pair[1].gaps} - seen))
        pool.remove(best)
        chosen.append(best)
        seen |= {*best[0].gaps, *best[1].gaps}
    turned = [pair if draw.random() < 0.5 else pair[::-1] for pair in chosen]
    after = [second for _, second in turned]
    draw.shuffle(after)
    return tuple(first for first, _ in turned), tuple(after)


def short_set(questions: Sequence[Question], size: int = SHORT_SET) -> tuple[Question, ...]:
    """A few questions that ask every gap, objective and kind there is, in reading order.

    Parameters
    ----------
    questions : sequence of Question
        Of one lesson.
    size : int
        How many; fewer if there are not so many.

    Examples
    --------
    >>> some = short_set([one for one in all_questions() if one.lesson == 9 and one.form != "B"])
    >>> len(some), {gap for one in some for gap in one.gaps} >= {"fracture_on_treatment"}
    (7, True)
    """
    left, chosen, seen = list(questions), [], set()

    def new(one: Question) -> tuple[int, int, int]:
        gaps = sum(f"gap:{gap}" not in seen for gap in one.gaps)
        return (gaps, one.objective not in seen, one.kind not in seen)

    # Of equal ones the first in the file: authors begin with what matters most.
    while left and len(chosen) < size:
        best = max(left, key=new)
        left.remove(best)
        chosen.append(best)
        seen |= {*(f"gap:{gap}" for gap in best.gaps), best.objective, best.kind}
    return tuple(one for one in questions if one in chosen)


def review_order(questions: Sequence[Question],
                 answers: Iterable[Answered]) -> tuple[Question, ...]:
    """Questions in the order in which reviewing them helps most.

    First what was answered wrong with confidence, because such mistakes are corrected
    best; then other mistakes; then what was never answered; then right answers, those
    given without confidence first. The latest answer to a question counts.

    Parameters
    ----------
    questions : sequence of Question
    answers : iterable of kept answers, oldest first

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> some = all_questions()[:2]
    >>> kept = [SimpleNamespace(item_id=some[1].id, score=0.0, confidence_pct=90)]
    >>> review_order(some, kept)[0] == some[1]
    True
    """
    latest: Mapping[str, Any] = {one.item_id: one for one in answers}

    def urgency(one: Question) -> tuple[int, float]:
        kept = latest.get(one.id)
        if kept is None or kept.score is None:
            return (2, 0.0)
        sure = 50 if kept.confidence_pct is None else kept.confidence_pct
        if kept.score < 1:
            return (0, -float(sure)) if sure >= 50 else (1, -float(sure))
        return (3, float(sure))

    return tuple(sorted(questions, key=urgency))
