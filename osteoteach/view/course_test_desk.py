"""The desk of the page "Before and after": two parallel tests, without feedback until the end."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from osteoteach.progress.store import AnswerRecord, open_store
from osteoteach.view.question_desk import QuestionDesk, source_cell
from osteoteach.view.questions import QuestionWidget

if TYPE_CHECKING:
    from osteoteach.progress.course_test import CourseTest, GapResult
    from osteoteach.teaching.questions import Marking, Question

__all__ = ["WHEN", "CourseTestDesk", "SilentQuestion"]

WHEN = {"pre": "before the course", "post": "after the course"}
KEPT = "Each answer is kept at once. What is right comes at the end. You can stop and go on later."


class SilentQuestion(QuestionWidget):
    """A question of a test: the answer is kept, and nothing is told.

    Parameters
    ----------
    question : Question
    test : str
        ``"pre"`` or ``"post"``, kept as a tag.
    on_kept : callable
        Called once with the kept answer and what the store said.
    """

    def __init__(self, question: Question, test: str,
                 on_kept: Callable[[AnswerRecord, str], None]) -> None:
        super().__init__(question, tags=(test,))
        self._on_kept = on_kept
        self._kept: AnswerRecord | None = None

    def commit(self, answer: Any, confidence_pct: int | None, learner: str | None = None) -> None:
        """Keep the answer; a second press of the button keeps nothing."""
        if self._kept is None:
            super().commit(answer, confidence_pct, learner)

    def find_earlier(self, learner: str | None = None) -> None:
        """An answer from a lesson is not shown in a test."""

    def _tell(self, marking: Marking, kept: AnswerRecord, earlier: bool) -> None:
        self._kept = kept
        self._on_kept(kept, self.store_problem)


class CourseTestDesk(QuestionDesk):
    """The test before and the test after of one learner.

    Examples
    --------
    >>> CourseTestDesk().when
    'pre'
    """

    def __init__(self) -> None:
        super().__init__()
        self.when = "pre"
        self.test: CourseTest | None = None
        self._records: list[AnswerRecord] = []
        self._place = 0

    def choose(self, when: str) -> None:
        """Put the one test or the other on the desk."""
        if when != self.when:
            self.when = when
            if self.test is not None:
                self._show()

    def _start(self) -> None:
        self._records = list(self.kept())
        self._show()

    def _show(self) -> None:
        from osteoteach.progress.course_test import course_test

        name = open_store(learner=self.learner or None).learner
        self.test = course_test(name, self._records)
        waiting = self.test.open_questions(self.when)
        if not waiting:
            self._show_result()
            return
        form = self.test.forms[self.when]
        notes = [KEPT]
        if self.when == "post" and self.test.open_questions("pre"):
            done = len(self.test.answered["pre"])
            notes.append(f"You answered {done} of {len(self.test.forms['pre'])} questions of the "
                         "test before the course. Only questions with both answers show a change.")
        self.show(f"Question {len(form) - len(waiting) + 1} of {len(form)}, {WHEN[self.when]}",
                  notes, question=SilentQuestion(waiting[0], self.when, self._on_kept))

    def _on_kept(self, kept: AnswerRecord, store_problem: str) -> None:
        # From memory: the test goes on where the store cannot be read.
        self._records.append(kept)
        self.notice = store_problem
        self._show()
        self.changed()

    # ---- the result ---------------------------------------------------------------------

    def _show_result(self) -> None:
        from osteoteach.progress.course_test import gap_results, met_elsewhere

        with_change = self.when == "post" and not self.test.open_questions("pre")
        notes = []
        met = met_elsewhere(self.test, self.when, self._records)
        if met:
            notes.append(f"You had met {met} of these questions outside the tests: they may "
                         "flatter you.")
        if self.when == "post" and not with_change:
            notes.append("You have not finished the test before the course, so no change is "
                         "shown.")
        head = ["Gap", "You, right of asked"]
        if with_change:
            head = ["Gap", "Before, right of asked", "After, right of asked", "Change"]
        rows = [self._row(one, with_change) for one in gap_results(self.test)]
        self.show(f"Result {WHEN[self.when]}", notes, table={
            "caption": "Your result by gap, beside the published size of the gap",
            "head": [*head, "Others who knew", "Source"], "rows": rows},
            actions=[("explain", "Go through the explanations")])

    def _row(self, one: GapResult, with_change: bool) -> list[Any]:
        tests = ("pre", "post") if with_change else (self.when,)
        what = re.sub(r"(?<![\w.])-(?=\d)", "\N{MINUS SIGN}", one.what)
        row: list[Any] = [what, *(f"{_points(one.points[test])} of {one.asked[test]}"
                                  for test in tests)]
        if with_change:
            row.append(_signed(one.points["post"] - one.points["pre"]))
        return [*row, published(one), source_cell(one.source_id)]

    # ---- the explanations ------------------------------------------------------------------

    def _act(self, name: str) -> None:
        if name == "result":
            self._show_result()
            return
        self._place = 0 if name == "explain" else self._place + 1
        self._explain()

    def _explain(self) -> None:
        form = self.test.forms[self.when]
        last = self._place == len(form) - 1
        actions = [] if last else [("next", "Next explanation")]
        widget = QuestionWidget(form[self._place])
        widget.find_earlier(self.learner or None)
        self.show(f"Explanation {self._place + 1} of {len(form)}", question=widget,
                  actions=[*actions, ("result", "Back to the result")])


def published(one: GapResult) -> str:
    """The published size of a gap, in words.

    Examples
    --------
    >>> from osteoteach.progress.course_test import course_test, gap_results
    >>> published(gap_results(course_test("anna", ()))[0])[:26]
    '77% of 582 US resident doc'
    """
    if one.knew_pct is None:
        return f"Not given as a number. {one.who}: {one.note}."
    return f"{one.knew_pct:.0f}% of {one.who}"


def _points(points: float) -> str:
    return f"{points:.1f}".removesuffix(".0")


def _signed(change: float) -> str:
    if round(change, 1) == 0:
        return "the same"
    return ("+" if change > 0 else "\N{MINUS SIGN}") + _points(abs(change))
