"""What to look at again, and when: FSRS over the answers that were kept.

The schedule is a pure function of the answers: nothing else is stored, and the same answers
give the same days. The rule itself is the `fsrs` library's, with its published weights.

How an answer becomes one of FSRS's four ratings (`rating`):

====================================  =======
the answer                            rating
====================================  =======
less than half right                  Again
partly right                          Hard
right, but less than 50% sure         Hard
right, 50 to 89% sure, or not asked   Good
right and at least 90% sure           Easy
====================================  =======

A confident error is "Again" like any other: it comes back the next day at the earliest. FSRS
knows steps of minutes too; they are left out, because nobody sits at this for ten minutes to
see one question three times. Answers without a score (a guess before a demonstration) are
not reviewed. A changed question (another ``item_version``) starts anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from osteoteach.progress.confidence import Calibration, CalibrationLevel, calibration
from osteoteach.progress.records import AnswerRecord

if TYPE_CHECKING:
    from fsrs import Rating

    from osteoteach.progress.store import Store

__all__ = ["Calibration", "CalibrationLevel", "ReviewItem", "calibration", "due", "rating",
           "schedule"]

WANTED_RECALL = 0.9
SURE_PCT, UNSURE_PCT = 90, 50


@dataclass(frozen=True)
class ReviewItem:
    """One item that was answered, and when it is worth another look.

    ``recall_now`` is FSRS's estimate, 0 to 1, that it would be answered rightly now.
    """

    item_kind: str
    item_id: str
    item_version: str
    times_answered: int
    last_score: float
    last_answered_at: datetime
    due_at: datetime
    recall_now: float


def rating(record: AnswerRecord) -> Rating | None:
    """FSRS's rating of an answer; None where nothing was right or wrong.

    Examples
    --------
    >>> rating(AnswerRecord("a", "me", "claim", "c", "v", {}, 1.0, 95)).name
    'Easy'
    >>> rating(AnswerRecord("a", "me", "claim", "c", "v", {}, 0.0, 95)).name
    'Again'
    """
    from fsrs import Rating

    if record.score is None:
        return None
    if record.score < 0.5:
        return Rating.Again
    if record.score < 1 or (record.confidence_pct is not None
                            and record.confidence_pct < UNSURE_PCT):
        return Rating.Hard
    if record.confidence_pct is not None and record.confidence_pct >= SURE_PCT:
        return Rating.Easy
    return Rating.Good


def schedule(records: Iterable[AnswerRecord], now: datetime) -> tuple[ReviewItem, ...]:
    """Every item that has a result, the one due first at the front.

    Parameters
    ----------
    records : iterable of AnswerRecord
        Answers of one learner, in the order in which they were kept.
    now : datetime
        With its time zone; ``recall_now`` depends on it, and an item that was answered in
        the future (a clock ran ahead) is due at this moment.

    Examples
    --------
    >>> wrong = AnswerRecord("a", "me", "claim", "c", "v", {}, 0.0, 60, (),
    ...                      "2026-11-22T12:00:00+00:00")
    >>> schedule([wrong], datetime(2026, 11, 30, tzinfo=UTC))[0].due_at.date().isoformat()
    '2026-11-23'
    """
    answers: dict[tuple[str, str], list[AnswerRecord]] = {}
    for record in records:
        if record.score is not None:
            item = answers.setdefault((record.item_kind, record.item_id), [])
            if item and item[-1].item_version != record.item_version:
                item.clear()
            item.append(record)
    found = [_review_item(item, now.astimezone(UTC)) for item in answers.values()]
    return tuple(sorted(found, key=lambda item: (item.due_at, item.item_kind, item.item_id)))


def _review_item(answers: Sequence[AnswerRecord], now: datetime) -> ReviewItem:
    from fsrs import Card, Scheduler

    scheduler = Scheduler(desired_retention=WANTED_RECALL, learning_steps=(),
                          relearning_steps=(), enable_fuzzing=False)
    moment = datetime.fromisoformat(answers[0].answered_at).astimezone(UTC)
    card = Card(card_id=1, due=moment)
    for record in answers:
        # A clock that jumped back must not make time negative; the order is the store's.
        moment = max(moment, datetime.fromisoformat(record.answered_at).astimezone(UTC))
        card, _ = scheduler.review_card(card, rating(record), moment)
    last = answers[-1]
    # A stamp from the future was written by a clock that ran ahead: nobody knows when it was.
    # Asking again costs a minute; a due date in ten years would cost the item.
    due_at = now if moment > now + timedelta(days=1) else card.due
    return ReviewItem(last.item_kind, last.item_id, last.item_version, len(answers), last.score,
                      moment, due_at, scheduler.get_card_retrievability(card, now))


def due(store: Store, now: datetime | None = None) -> list[ReviewItem]:
    """Items of the store's learner that are worth another look now, the most overdue first.

    Parameters
    ----------
    store : Store
        See `osteoteach.progress.store.open_store`.
    now : datetime, optional
        Default: this moment.

    Raises
    ------
    StoreProblem
        The answers cannot be read.
    """
    moment = now or datetime.now(UTC)
    return [item for item in schedule(store.answers(), moment) if item.due_at <= moment]
