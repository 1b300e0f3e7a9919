"""The desk of the page "Review": what is due today, one question after the other."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import Any

from osteoteach.errors import InputError
from osteoteach.progress.review import ReviewItem, schedule
from osteoteach.progress.store import AnswerRecord
from osteoteach.view.question_desk import QuestionDesk, link, short_text
from osteoteach.view.questions import QuestionWidget

__all__ = ["ReviewDesk", "ReviewQuestion", "day", "days_away"]

#: Answers to these are reviewed on their own pages.
OTHER_PAGES = {"claim": ("claim", "Is it true?", "claims.ipynb"),
               "case": ("virtual patient", "Virtual patients", "cases.ipynb")}
LESSON = "../lessons/00_start_here.ipynb"
DAYS_AHEAD = 5
NOTHING_YET = "You have answered nothing yet"


def day(moment: datetime) -> str:
    """A date as people write it.

    Examples
    --------
    >>> day(datetime(2026, 11, 3, tzinfo=UTC))
    '3 November 2026'
    """
    return f"{moment.day} {moment:%B %Y}"


def days_away(moment: datetime, now: datetime) -> str:
    """How far away a date is.

    Examples
    --------
    >>> days_away(datetime(2026, 11, 24, 1, tzinfo=UTC), datetime(2026, 11, 22, 23, tzinfo=UTC))
    'in 2 days'
    """
    days = (moment.date() - now.date()).days
    return "today" if days <= 0 else "tomorrow" if days == 1 else f"in {days} days"


def counted(number: int, name: str) -> str:
    return f"{number:,} {name}{'s' * (number != 1)}"


class ReviewQuestion(QuestionWidget):
    """A question that is asked anew: an earlier answer is not shown."""

    def find_earlier(self, learner: str | None = None) -> None:
        """The point of a review is to recall, so nothing is looked up."""


class ReviewDesk(QuestionDesk):
    """Due questions of one learner.

    Parameters
    ----------
    sitting : int
        At most so many questions before the summary.

    Examples
    --------
    >>> ReviewDesk().heading
    'Reading your answers'
    """

    def __init__(self, sitting: int = 10) -> None:
        super().__init__()
        self.sitting = sitting
        self.records: tuple[AnswerRecord, ...] = ()
        self.due: tuple[ReviewItem, ...] = ()
        self._items: tuple[ReviewItem, ...] = ()
        self._waiting: list[str] = []
        self._reviewed: list[str] = []
        self._planned = 0

    @property
    def has_results(self) -> bool:
        """At least one kept answer was right or wrong."""
        return bool(self._items)

    def due_of(self, kind: str) -> int:
        return sum(item.item_kind == kind for item in self.due)

    @property
    def next_due(self) -> ReviewItem | None:
        """What comes first after today."""
        later = [item for item in self._items if item not in self.due]
        return later[0] if later else None

    def now(self) -> datetime:
        return datetime.now(UTC)

    def choose_sitting(self, sitting: int) -> None:
        """Ask at most so many questions; a sitting that has begun keeps its length."""
        if sitting != self.sitting:
            self.sitting = sitting
            if self.has_read and not self._reviewed:
                self._start()

    # ---- the sitting --------------------------------------------------------------

    def _start(self) -> None:
        self._reread()
        self._waiting = [item.item_id for item in self.due
                         if item.item_kind == "question"][:self.sitting]
        self._planned, self._reviewed = len(self._waiting), []
        self._next()

    def _act(self, name: str) -> None:
        if name == "next":
            self._next()
        else:
            self._start()

    def _reread(self) -> None:
        self.records = self.kept()
        now = self.now()
        # The whole day counts: who sits down each morning should not miss by hours.
        end = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
        self._items = tuple(item for item in schedule(self.records, now) if _is_asked(item))
        self.due = tuple(item for item in self._items if item.due_at < end)

    def _next(self) -> None:
        if not self._waiting:
            self._close()
            return
        from osteoteach.teaching.questions import question

        widget = ReviewQuestion(question(self._waiting.pop(0)))
        widget.observe(self._on_result, "result")
        self.show(f"Question {self._planned - len(self._waiting)} of {self._planned}",
                  question=widget)

    def _on_result(self, change: dict[str, Any]) -> None:
        if not change["new"]:  # "Try again"
            self.after = ""
            return
        name = change["owner"].question.id
        if name not in self._reviewed:
            self._reviewed.append(name)
        self._reread()
        label = "Next question" if self._waiting else "See when each comes again"
        with self.hold_sync():
            self.after = self._again(name)
            self.actions = [["next", label]]
        self.changed()

    def _item(self, question_id: str) -> ReviewItem | None:
        return next((item for item in self._items
                     if (item.item_kind, item.item_id) == ("question", question_id)), None)

    def _again(self, question_id: str) -> str:
        item = self._item(question_id)
        if item is None:  # the store could not keep or read it
            return ""
        return f"Comes again {days_away(item.due_at, self.now())}, on {day(item.due_at)}."

    # ---- when there is no question on the desk ----------------------------------------

    def _close(self) -> None:
        if not self._items and not self.notice:
            self.show("Where to begin", [
                ["Questions come back here after you have answered them once. Begin with ",
                 link("the first lesson", LESSON), ", or see what you know with ",
                 link("the test before the course", "test.ipynb"), "."]])
            return
        notes: list[Any] = list(self._on_other_pages())
        more = self.due_of("question")
        actions = [("more", f"Review {counted(min(more, self.sitting), 'more question')}")]
        if self._reviewed:
            heading = f"Done: {counted(len(self._reviewed), 'question')} reviewed"
            found = self._reviewed_table()
        else:
            heading = "No question is due today" if self._items else "Nothing to show"
            found = self._calendar()
        self.show(heading, notes, table=found, actions=actions if more else ())

    def _on_other_pages(self) -> list[list[Any]]:
        return [[f"{counted(self.due_of(kind), name)} due: go to ", link(title, href), "."]
                for kind, (name, title, href) in OTHER_PAGES.items() if self.due_of(kind)]

    def _reviewed_table(self) -> dict[str, Any]:
        from osteoteach.teaching.questions import question

        rows = []
        for name in self._reviewed:
            item = self._item(name)
            if item is not None:
                rows.append([short_text(question(name).prompt), _verdict(item.last_score),
                             f"{day(item.due_at)} ({days_away(item.due_at, self.now())})"])
        return {"caption": "When each comes again",
                "head": ["Question", "Your answer", "Comes again"], "rows": rows}

    def _calendar(self) -> dict[str, Any]:
        """The next days on which something comes back."""
        later = Counter(item.due_at.date() for item in self._items if item not in self.due)
        rows = []
        for date in sorted(later)[:DAYS_AHEAD]:
            moment = datetime.combine(date, time(), UTC)
            rows.append([f"{day(moment)} ({days_away(moment, self.now())})", str(later[date])])
        if not rows:
            return {}
        return {"caption": "What comes next", "head": ["Day", "Items"], "rows": rows}


def _is_asked(item: ReviewItem) -> bool:
    """Whether there is a place to answer it again: a question that still exists, or a page."""
    if item.item_kind != "question":
        return item.item_kind in OTHER_PAGES
    return _exists(item.item_id)


@cache
def _exists(question_id: str) -> bool:
    from osteoteach.teaching.questions import question

    try:
        question(question_id)
    except InputError:
        return False
    return True


def _verdict(score: float) -> str:
    return "Right" if score == 1 else "Partly right" if score > 0 else "Not right"
