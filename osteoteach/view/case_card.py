"""The card of a virtual patient: history, tests, report, and one step after another.

The card keeps a session for each case that was opened. A commitment is checked and marked,
then recorded, and only then does anything of its feedback cross to the browser. What a
browser sends are messages; each field is checked by `CaseSession`.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import traitlets

from osteoteach.errors import InputError
from osteoteach.progress.prepare import prepare_store
from osteoteach.teaching.cases.case import Case
from osteoteach.teaching.cases.offered_tests import names_of_tests
from osteoteach.teaching.cases.pairs import contrast
from osteoteach.teaching.cases.session import STEPS, CaseSession, Step
from osteoteach.teaching.cases.written import case_documents
from osteoteach.view.answer import ChartPatch
from osteoteach.view.case_report import (
    contrast_view,
    curve_patch,
    follow_up_patch,
    line_view,
    report_view,
)
from osteoteach.view.case_words import given_in_words
from osteoteach.view.chart_specs import load_spec
from osteoteach.view.code_once import CodeOnce, code
from osteoteach.view.control import parse_number, problem_sentence, script, style
from osteoteach.view.live_chart import LiveChart
from osteoteach.view.plan_control import PlanControl

__all__ = ["CaseCard"]

log = logging.getLogger(__name__)

RISK_FIELDS = {"value_pct": "Your estimate", "low_pct": "Lowest", "high_pct": "Highest"}
LONGEST_ENTRY = 20
_LEARNER = re.compile(r"browser-[0-9a-f]{32}")


class CaseCard(CodeOnce, anywidget.AnyWidget):
    """One virtual patient, step by step.

    Parameters
    ----------
    plan : PlanControl
        Mounted in the last step.
    on_step : callable
        Called after each commitment, so that the page can say where the student is.

    Examples
    --------
    >>> from osteoteach.teaching.cases import make_case
    >>> card = CaseCard(PlanControl("plan", "Plan", [("Alendronate", "alendronate", "#0f7c74")],
    ...                             []), lambda: None)
    >>> card.show_case(make_case("1-5"), "Code 1-5")
    >>> card.view["present"], card.view["report"]
    ('tests', None)
    """

    _esm = code(script("parts.js", "mounting.js", "case.js"))
    _css = code(style("case.css"))

    #: What is shown now; it holds nothing of a step that is not committed.
    view = traitlets.Dict().tag(sync=True)
    charts = traitlets.Dict().tag(sync=True)
    plan_id = traitlets.Unicode().tag(sync=True)
    #: What is wrong with the entries of the open step: one sentence.
    problem = traitlets.Unicode("").tag(sync=True)
    #: That an answer could not be kept, in words.
    notice = traitlets.Unicode("").tag(sync=True)
    #: Counts what was sent by the reader and dealt with: the button waits for it.
    turn = traitlets.Int(0).tag(sync=True)
    #: That the program itself failed.
    fault = traitlets.Unicode("").tag(sync=True)

    def __init__(self, plan: PlanControl, on_step: Callable[[], None]) -> None:
        super().__init__(plan_id=plan.model_id)
        self._plan, self._on_step = plan, on_step
        self._sessions: dict[str, CaseSession] = {}
        self._charts: dict[str, LiveChart] = {}
        self._session: CaseSession | None = None
        self._name = ""
        self._attempt = 0
        self.on_msg(self._on_message)
        prepare_store()

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Ignore what a browser sets: it asks by messages, and those are checked."""

    @property
    def session(self) -> CaseSession:
        """The session of the case that is open."""
        if self._session is None:
            raise InputError("case", "must be opened first", None, "Choose a patient.")
        return self._session

    # --- opening ------------------------------------------------------------------

    def show_case(self, case: Case, name: str) -> None:
        """Show a case, where the student left it."""
        if self._session is not None and self._session.case.case_id == case.case_id:
            return
        self._session = self._sessions.setdefault(case.case_id, CaseSession(case))
        self._name = name
        self._begin()

    def again(self) -> None:
        """Begin the case that is open anew."""
        case = self.session.case
        self._session = self._sessions[case.case_id] = CaseSession(case)
        self._begin()

    def _begin(self) -> None:
        self._attempt += 1
        self._plan.reset()
        with self.hold_sync():
            self.problem = self.notice = self.fault = ""
            self._show()

    # --- committing ---------------------------------------------------------------

    def commit(self, name: str, given: Mapping[str, Any], learner: str = "") -> None:
        """Take one step: check, mark, record, and only then show."""
        try:
            step = self.session.ready(name, self._complete(name, given))
        except InputError as error:
            self.problem = _told(error)
            return
        notice = self._record(step, learner)
        self.session.commit(step)
        with self.hold_sync():
            self.problem, self.notice = "", notice
            self._show(learner)
        self._on_step()

    def _complete(self, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Numbers of what was typed, and the plan from its own control."""
        found = dict(given)
        if name == "risk" and found.get("applies") is not False:
            for field, label in RISK_FIELDS.items():
                text = found.get(field)
                if not isinstance(text, str) or len(text) > LONGEST_ENTRY:
                    raise InputError(label, "must be a number", "", "Type digits.")
                found[field] = parse_number(label, text)
        if name == "plan":
            if self._plan.has_refused_entry:
                raise InputError("The plan", "has an entry that was not taken over", "",
                                 "Correct it first.")
            found["courses"] = self._plan.reading()
        return found

    def _record(self, step: Step, learner: str) -> str:
        """Keep the answer; what to tell the student if that failed."""
        from osteoteach.progress.store import AnswerRecord, StoreProblem, open_store

        case = self.session.case
        given = {"step": step.name, "attempt": self._attempt, **step.given}
        record = AnswerRecord(
            uuid.uuid4().hex, learner, "case", case.case_id, case.version, given,
            round(step.marked.score, 4), step.confidence_pct, ("case", step.name, *case.traps))
        try:
            open_store().record(record)
        except StoreProblem as problem:
            return str(problem)
        return ""

    # --- showing ------------------------------------------------------------------

    def _show(self, learner: str = "") -> None:
        session, case = self.session, self.session.case
        after_tests = bool(session.done)
        self.charts = self._chart_ids(session)
        self.view = {
            "key": f"{case.case_id} {self._attempt}", "name": self._name, "title": case.title,
            "level": case.level, "history": list(case.history),
            "examination": list(case.examination),
            "tests": [list(one) for one in names_of_tests()],
            "report": report_view(case) if after_tests else None,
            "asks_change": case.earlier is not None, "step_names": list(STEPS),
            "present": session.present or "",
            "done": [{
                "name": step.name, "given": given_in_words(step, case),
                "score": step.marked.score,
                "lines": [line_view(line) for line in step.marked.lines],
            } for step in session.done],
            "end": None if session.present else self._end(learner),
        }

    def _end(self, learner: str) -> dict[str, Any]:
        session = self.session
        return {
            "score_pct": round(100 * session.score),
            "teaches": session.case.teaches,
            "sentences": list(session.outcome.sentences) if session.outcome else [],
            "lines": [line_view(line) for line in session.debrief],
            **self._pair(learner),
        }

    def _pair(self, learner: str) -> dict[str, Any]:
        """The other case of a pair, once both were classified; else which one to try."""
        case = self.session.case
        found = contrast(case)
        if found is None:
            return {"pair": None, "pair_waits": ""}
        other = case.pair["with"]
        if self._was_classified(other, learner):
            return {"pair": contrast_view(found), "pair_waits": ""}
        return {"pair": None, "pair_waits": f"Case {case_documents()[other]['number']}"}

    def _was_classified(self, case_id: str, learner: str) -> bool:
        here = self._sessions.get(case_id)
        if here is not None and any(step.name == "classify" for step in here.done):
            return True
        from osteoteach.progress.store import StoreProblem, open_store

        try:
            kept = open_store().answers("case", case_id, learner or None)
        except StoreProblem:
            return False  # the store has told its trouble when this step was recorded
        return any(record.given.get("step") == "classify" for record in kept)

    def _chart_ids(self, session: CaseSession) -> dict[str, str]:
        """Charts are made when they are first needed: the first page comes without them."""
        if session.done:
            self._draw("curve", "diagnose_age_curve", curve_patch(session.case))
        if session.outcome is not None:
            self._draw("follow_up", "cases_follow_up", follow_up_patch(session.outcome))
        return {name: chart.model_id for name, chart in self._charts.items()}

    def _draw(self, name: str, spec: str, patch: ChartPatch) -> None:
        if name in self._charts:
            self._charts[name].patch(data=patch.data, signals=patch.signals,
                                     description=patch.description)
            return
        self._charts[name] = LiveChart(load_spec(spec), data=patch.data, signals=patch.signals,
                                       description=patch.description)
        self._charts[name].filename = f"osteoteach-case-{name.replace('_', '-')}"

    # --- from the browser ---------------------------------------------------------

    def _on_message(self, _widget: object, content: Any, _buffers: object) -> None:
        # A visitor's browser can send anything; what is not one of these is left aside.
        if not isinstance(content, dict):
            return
        learner = content.get("learner")
        learner = learner if isinstance(learner, str) and _LEARNER.fullmatch(learner) else ""
        # An exception that leaves a callback is seen by nobody: Voila does not show it.
        try:
            if content.get("again") is True:
                self.again()
                self._on_step()
            elif content.get("commit") in STEPS and isinstance(content.get("given"), dict):
                self.commit(content["commit"], content["given"], learner)
        except Exception as error:
            log.exception("The step could not be taken")
            self.fault = f"{type(error).__name__}: {error}"
        finally:
            self.turn += 1


def _told(error: InputError) -> str:
    labels = {"category": "The category", "score": "The score", "change": "The change",
              "confidence_pct": "How sure you are", "risk": "The risk"}
    if error.value in (None, ""):
        return f"{labels.get(error.name, error.name)} {error.rule}. {error.remedy}"
    return problem_sentence(error, labels.get(error.name, error.name))
