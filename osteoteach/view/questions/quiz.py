"""Several questions in a row, and what came of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import anywidget
import ipywidgets
import traitlets

from osteoteach.errors import InputError
from osteoteach.teaching.questions import (
    SHORT_SET,
    Question,
    parallel_forms,
    question,
    questions_of,
    short_set,
)
from osteoteach.view.code_once import CodeOnce, code
from osteoteach.view.controls import script
from osteoteach.view.questions.look import LOOK
from osteoteach.view.questions.question_widget import QuestionWidget
from osteoteach.view.questions.telling import CONFIDENCES

__all__ = ["Quiz", "Summary", "calibration", "quiz"]

#: Fewer answers than this say nothing about calibration.
ENOUGH_ANSWERS = 5
#: Confidence and right answers this near to each other (percentage points) fit.
FITS_WITHIN = 10
#: The last lesson is a short one.
SHORT_OF_LESSON = {11: 5}
TEST = {"A": "pre", "B": "post"}


def calibration(results: Iterable[tuple[float, int | None]]) -> list[dict[str, Any]]:
    """How often answers were right, by how sure the learner was.

    Parameters
    ----------
    results : iterable of (score, confidence in percent)

    Returns
    -------
    list of dict
        ``words``, ``confidence_pct``, ``answers`` and ``right_pct``, for each step used.

    Examples
    --------
    >>> calibration([(1.0, 95), (0.0, 95), (1.0, 10)])[1]
    {'words': 'Almost certain', 'confidence_pct': 95, 'answers': 2, 'right_pct': 50.0}
    """
    given = list(results)
    rows = []
    for percent, words in CONFIDENCES:
        scores = [score for score, sure in given if sure == percent]
        if scores:
            rows.append({"words": words, "confidence_pct": percent, "answers": len(scores),
                         "right_pct": 100 * sum(score == 1 for score in scores) / len(scores)})
    return rows


class Summary(CodeOnce, anywidget.AnyWidget):
    """How many were right, and whether confidence and right answers went together."""

    _esm = code(script("parts.js", "kernel_gone.js", "mounting.js", "question.js"))
    _css = code(LOOK)

    kind = traitlets.Unicode("summary").tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    judgement = traitlets.Unicode().tag(sync=True)
    rows = traitlets.List().tag(sync=True)
    #: Label of the button that asks further questions; empty for none.
    more = traitlets.Unicode("").tag(sync=True)

    def __init__(self, on_more: Callable[[], None]) -> None:
        super().__init__()
        self._on_more = on_more
        self.on_msg(self._on_message)

    def _on_message(self, _widget: object, content: Any, _buffers: object) -> None:
        if content == {"type": "more"} and self.more:
            self._on_more()

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Ignore what a browser sets: the summary shows what Python computed."""


class Quiz(ipywidgets.VBox):
    """Questions one under another, with a summary that follows the answers.

    Parameters
    ----------
    questions : sequence of Question
    name : str
        For the representation in a saved notebook.
    tags : tuple of str
        Kept with every answer, for example ``("pre",)``.
    further : sequence of Question
        Asked only by those who want more.
    """

    def __init__(self, questions: Sequence[Question], name: str,
                 tags: tuple[str, ...] = (), further: Sequence[Question] = ()) -> None:
        self.name, self.tags, self.further = name, tags, tuple(further)
        self.questions = self._widgets(questions)
        self.summary = Summary(self.ask_more)
        self.summary.more = f"Ask me {len(further)} more" if further else ""
        self._sum_up()
        # In a box of their own: the summary below is not drawn anew, and keeps the focus.
        self._added = ipywidgets.VBox()
        super().__init__([*self.questions, self._added, self.summary])
        self.add_class("ot-quiz")

    def __repr__(self) -> str:
        more = f", {len(self.further)} more" if self.further else ""
        return f"Quiz({self.name}: {len(self.questions)} questions{more})"

    def ask_more(self) -> None:
        """Add the further questions below the others, once."""
        further, self.further = self.further, ()
        added = self._widgets(further, len(self.questions))
        self.questions += added
        self.summary.more = ""
        self._sum_up()
        self._added.children = added

    def _widgets(self, questions: Sequence[Question], before: int = 0,
                 ) -> tuple[QuestionWidget, ...]:
        made = tuple(QuestionWidget(one, f"Question {place} of {before + len(questions)}",
                                    self.tags) for place, one in enumerate(questions, before + 1))
        for one in made:
            one.observe(self._sum_up, "result")
        return made

    def _sum_up(self, _change: object = None) -> None:
        results = [(one.result["score"], one.result["confidence_pct"])
                   for one in self.questions if one.result]
        right = sum(score == 1 for score, _ in results)
        with self.summary.hold_sync():
            self.summary.text = (f"{len(results)} of {len(self.questions)} answered, "
                                 f"{right} right")
            self.summary.judgement = _judgement(results)
            self.summary.rows = calibration(results)


def _judgement(results: Sequence[tuple[float, int | None]]) -> str:
    """Confidence against right answers, in a sentence."""
    sure = [(score == 1, percent) for score, percent in results if percent is not None]
    if len(sure) < ENOUGH_ANSWERS:
        return f"After {ENOUGH_ANSWERS} answers you see how well your confidence fits."
    mean = sum(percent for _, percent in sure) / len(sure)
    right = 100 * sum(hit for hit, _ in sure) / len(sure)
    fit = ("The two fit." if abs(mean - right) <= FITS_WITHIN else
           "You are surer than you are right." if mean > right else
           "You are right more often than you think.")
    return f"Your confidence was {mean:.0f}% on average; {right:.0f}% were right. {fit}"


def quiz(ids: Iterable[str] | None = None, *, lesson: int | None = None,
         form: str | None = None, gap: str | None = None, seed: int | None = None,
         size: int | None = None) -> Quiz:
    """Ask several questions.

    Parameters
    ----------
    ids : iterable of str, optional
        Just these, in this order.
    lesson : int, optional
        The questions of a lesson, 1 to 11: a short set, and the others for who wants more; of
        two parallel ones the first, so that the other is new in the test after the course.
    form : str, optional
        ``"A"`` or ``"B"``: the tests before and after a course. With ``seed`` the twins
        are dealt to the two tests by it, so that a class can have its own.
    gap : str, optional
        A gap of ``data/learning_gaps.csv``.
    seed, size : int, optional
        Only with ``form``: which questions, and how many.

    Returns
    -------
    Quiz
        A widget: the last line of a cell shows it.

    Raises
    ------
    InputError
        No question fits.

    Examples
    --------
    >>> quiz(["hip_fracture_normal_bmd", "bmd_is_areal"])
    Quiz(chosen: 2 questions)
    """
    if ids is not None:
        chosen = tuple(question(one) for one in ids)
        if not chosen:
            raise InputError("ids", "must name a question", [], "Give ids of data/questions.")
        return Quiz(chosen, "chosen")
    if form not in (None, *TEST):
        raise InputError("form", "must be A or B", form, "A is the test before, B the one after.")
    if form is None and (seed is not None or size is not None):
        raise InputError("seed, size", "belong to a form", (seed, size), 'Add form="A".')
    if lesson is None and form is None and gap is None:
        raise InputError("quiz", "must be told what to ask", None,
                         'Write quiz(lesson=3), quiz(form="A") or quiz(gap="drug_holiday").')
    if form is not None and (seed is not None or size is not None):
        chosen = parallel_forms(seed or 0, size)[form == "B"]
    else:
        chosen = questions_of(lesson=lesson, form=form, gap=gap)
    parts = {"lesson": lesson, "form": form, "gap": gap, "seed": seed, "size": size}
    name = ", ".join(f"{key} {value}" for key, value in parts.items() if value is not None)
    if form is None and gap is None:
        here = {one.id for one in chosen}
        chosen = tuple(one for one in chosen if not (one.form == "B" and one.pair in here))
        first = short_set(chosen, SHORT_OF_LESSON.get(lesson, SHORT_SET))
        return Quiz(first, name, further=[one for one in chosen if one not in first])
    return Quiz(chosen, name, (TEST[form],) if form else ())
