"""One question on a page: answer, say how sure, commit; then the explanation.

Nothing that tells the right answer is on the page or in a synced trait before the
commitment. A committed answer is in the store before its explanation appears. What it does
not do: keep a learner from looking into the question files; it is for learning.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Mapping
from typing import Any

import anywidget
import ipywidgets
import traitlets

from osteoteach.errors import InputError
from osteoteach.progress.prepare import load_store
from osteoteach.progress.store import AnswerRecord, StoreProblem, open_store
from osteoteach.teaching.questions import Marking, Question, mark, question
from osteoteach.view.code_once import CodeOnce, code
from osteoteach.view.controls import parse_number, problem_sentence, script
from osteoteach.view.plan_control import PlanControl
from osteoteach.view.questions.look import LOOK
from osteoteach.view.questions.telling import CONFIDENCES, asked, chosen, told

__all__ = ["QuestionWidget", "ask"]

ITEM_KIND = "question"
LONGEST_TYPED = 60
_BROWSER = re.compile(r"browser-[0-9a-f]{32}")
_SURE = {percent for percent, _ in CONFIDENCES}
_KEY = {"choice": "option", "order": "order", "find_the_mistake": "line"}
log = logging.getLogger(__name__)


class QuestionWidget(CodeOnce, anywidget.AnyWidget):
    """A question with its answer, confidence and explanation.

    Parameters
    ----------
    question : Question
    number : str
        Shown above the prompt, for example ``"Question 2 of 8"``.
    tags : tuple of str
        Kept with the answer, beside the question's own.

    Attributes
    ----------
    result : dict
        What is told after a commitment; empty before.

    Examples
    --------
    >>> QuestionWidget(question("hip_fracture_normal_bmd"))
    Question('hip_fracture_normal_bmd')
    """

    _esm = code(script("parts.js", "kernel_gone.js", "mounting.js", "question.js"))
    _css = code(LOOK)

    kind = traitlets.Unicode().tag(sync=True)
    number = traitlets.Unicode().tag(sync=True)
    prompt = traitlets.Unicode().tag(sync=True)
    report = traitlets.Unicode().tag(sync=True)
    choices = traitlets.List().tag(sync=True)
    ends = traitlets.List().tag(sync=True)
    unit = traitlets.Unicode().tag(sync=True)
    confidences = traitlets.List().tag(sync=True)
    plan = traitlets.Instance(PlanControl, allow_none=True).tag(
        sync=True, **ipywidgets.widget_serialization)
    #: What is missing or wrong in an answer that was not taken.
    problem = traitlets.Unicode("").tag(sync=True)
    #: What the store said.
    store_problem = traitlets.Unicode("").tag(sync=True)
    fault = traitlets.Unicode("").tag(sync=True)
    result = traitlets.Dict().tag(sync=True)

    def __init__(self, question: Question, number: str = "", tags: tuple[str, ...] = ()) -> None:
        plan = _plan_control(question) if question.kind == "plan" else None
        super().__init__(number=number, plan=plan, confidences=[list(c) for c in CONFIDENCES],
                         **asked(question))
        self.question = question
        self.tags = tags
        self._looked_up: set[str | None] = set()
        self.on_msg(self._on_message)
        load_store()

    def __repr__(self) -> str:
        # The same in every run: a saved notebook is compared with it.
        return f"Question({self.question.id!r})"

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Ignore what a browser sets: it sends messages, and they are checked."""

    # ---- what a learner does ----------------------------------------------------

    def commit(self, answer: Mapping[str, Any], confidence_pct: int | None,
               learner: str | None = None) -> None:
        """Mark an answer, keep it, and only then show the explanation.

        Parameters
        ----------
        answer : mapping
            See `osteoteach.teaching.questions.marking`.
        confidence_pct : int
            One of the percents of `CONFIDENCES`.
        learner : str, optional
            The browser's learner; default: the store's own.

        Raises
        ------
        InputError
            It is no answer, or confidence is missing. Nothing is kept then.
        """
        if self.result:
            return  # a second press of the button
        marking = mark(self.question, answer)
        if type(confidence_pct) is not int or confidence_pct not in _SURE:
            raise InputError("confidence", "must be chosen", confidence_pct,
                             "Say how sure you are, then commit.")
        kept = self._keep(AnswerRecord(
            uuid.uuid4().hex, learner or "", ITEM_KIND, self.question.id, self.question.version,
            {**answer, "words": marking.given}, marking.score, confidence_pct,
            (*self.question.tags, *self.tags)))
        self._tell(marking, kept, earlier=False)

    def try_again(self) -> None:
        """Take the explanation away and ask anew; the earlier answer stays kept."""
        with self.hold_sync():
            if self.plan is not None:
                self.plan.load([])
                self.plan.enabled = True
            self.problem = self.store_problem = self.fault = ""
            self.result = {}

    def find_earlier(self, learner: str | None = None) -> None:
        """Show the learner's latest answer to this wording, if there is one."""
        if self.result or learner in self._looked_up:
            return
        self._looked_up.add(learner)
        try:
            kept = open_store().answers(ITEM_KIND, self.question.id, learner)
        except StoreProblem as problem:
            self.store_problem = f"Earlier answers could not be read. {problem}"
            return
        same = [one for one in kept if one.item_version == self.question.version]
        if same:
            answer = {name: part for name, part in same[-1].given.items() if name != "words"}
            if self.plan is not None:
                self.plan.load(answer["courses"])
            self._tell(mark(self.question, answer), same[-1], earlier=True)

    def _tell(self, marking: Marking, kept: AnswerRecord, earlier: bool) -> None:
        with self.hold_sync():
            self.problem = ""
            if self.plan is not None:
                self.plan.enabled = False
            self.result = told(self.question, marking, kept.confidence_pct, kept.answered_at,
                               earlier)

    def _keep(self, record: AnswerRecord) -> AnswerRecord:
        self.store_problem = ""
        try:
            return open_store().record(record)
        except StoreProblem as problem:
            # The lesson goes on; the store keeps it in memory and tries again.
            self.store_problem = str(problem)
            return record

    # ---- what a browser sends ----------------------------------------------------

    def _on_message(self, _widget: object, content: Any, _buffers: object) -> None:
        if not isinstance(content, dict):
            return
        # The one place where every failure ends: an exception that leaves a widget's
        # callback is seen by nobody, because Voila does not show it.
        try:
            self._handle(content)
        except InputError as error:
            self.problem = _sentence(error)
        except Exception as error:
            log.exception("question %s", self.question.id)
            self.fault = f"{type(error).__name__}: {error}"[:300]

    def _handle(self, content: dict[str, Any]) -> None:
        learner, kind = content.get("learner"), content.get("type")
        if learner is not None and not (isinstance(learner, str) and _BROWSER.fullmatch(learner)):
            return  # not a page of ours
        if kind == "hello":
            self.find_earlier(learner)
        elif kind == "again":
            self.try_again()
        elif kind == "commit":
            self.problem = self.fault = ""
            self.commit(self._answer(content.get("answer")), content.get("confidence_pct"),
                        learner)

    def _answer(self, sent: Any) -> Mapping[str, Any]:
        """The answer as data: numbers are typed as text, a plan lies in its own control."""
        if self.question.kind == "plan":
            if self.plan.has_refused_entry:
                raise InputError("answer", "is missing", "", "Correct the plan, then commit.")
            return {"courses": list(self.plan.reading())}
        if sent is None or sent == "":
            raise InputError("answer", "is missing", "", "Answer first, then commit.")
        if self.question.kind == "number":
            return {"number": parse_number("answer", str(sent)[:LONGEST_TYPED])}
        return {_KEY[self.question.kind]: chosen(self.question, sent)}


def _sentence(error: InputError) -> str:
    if error.name == "confidence" or error.rule == "is missing":
        return error.remedy
    return problem_sentence(error, "Your answer")


def _plan_control(question: Question) -> PlanControl:
    from osteoteach.model.medicines import medicine
    from osteoteach.view.palette import MEDICINE_COLOURS

    offered = [medicine(name) for name in question.content["medicines"]]
    return PlanControl(
        "plan", "Your plan",
        [(one.label, one.name, MEDICINE_COLOURS[one.medicine_class or one.name])
         for one in offered],
        [], longest_years=question.content["years"],
        help="Add courses; drag a bar or its ends, or type the years.")


def ask(question_id: str) -> QuestionWidget:
    """Ask one question in a notebook or on a page.

    Parameters
    ----------
    question_id : str
        Id of a question of ``data/questions``.

    Returns
    -------
    QuestionWidget

    Raises
    ------
    InputError
        There is no such question.

    Examples
    --------
    >>> ask("hip_fracture_normal_bmd")
    Question('hip_fracture_normal_bmd')
    """
    return QuestionWidget(question(question_id))
