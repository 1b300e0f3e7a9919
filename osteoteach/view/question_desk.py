"""A desk for questions: one question at a time, with a heading, words, a table and buttons.

What is on the desk is plain data that the page turns into text. The desk says nothing of
its own: `review_desk` and `test_desk` put questions on it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import anywidget
import ipywidgets
import traitlets

from osteoteach.evidence import source
from osteoteach.progress.store import AnswerRecord, StoreProblem, open_store
from osteoteach.view.code_once import CodeOnce, code
from osteoteach.view.controls import script, style
from osteoteach.view.questions import QuestionWidget

__all__ = ["QuestionDesk", "link", "short_text", "source_cell"]

_LEARNER = re.compile(r"browser-[0-9a-f]{32}|")
LONGEST_SOURCE = 45
log = logging.getLogger(__name__)


def link(text: str, href: str) -> dict[str, str]:
    """A cell or note that leads to another page of the gallery, or to a source.

    Examples
    --------
    >>> link("Claims", "claims.ipynb")
    {'text': 'Claims', 'href': 'claims.ipynb'}
    """
    return {"text": text, "href": href}


def source_cell(source_id: str) -> dict[str, str]:
    """The publication, by author and year or by the beginning of its title."""
    found = source(source_id)
    return link(short_text(found.short, LONGEST_SOURCE), found.link)


def short_text(text: str, longest: int = 90) -> str:
    """The beginning of a text, whole words.

    Examples
    --------
    >>> short_text("Which T-score is the limit?", 16)
    'Which T-score…'
    """
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0] + "…"


class QuestionDesk(CodeOnce, anywidget.AnyWidget):
    """What the two pages share; a page's own desk fills in `_start` and `_act`.

    Attributes
    ----------
    learner : str
        The browser's learner; ``""`` for the store's own.
    has_read : bool
        The answers were read at least once.
    """

    _esm = code(script("parts.js", "desk.js"))
    _css = code(style("desk.css"))

    heading = traitlets.Unicode("Reading your answers").tag(sync=True)
    #: Paragraphs: text, or a list of texts and links.
    notes = traitlets.List().tag(sync=True)
    question = traitlets.Instance(QuestionWidget, allow_none=True).tag(
        sync=True, **ipywidgets.widget_serialization)
    #: Below the question: text that comes with its feedback.
    after = traitlets.Unicode("").tag(sync=True)
    #: Buttons: name and label.
    actions = traitlets.List().tag(sync=True)
    #: ``caption``, ``head`` and ``rows``; empty for none.
    table = traitlets.Dict().tag(sync=True)
    #: What the store said.
    notice = traitlets.Unicode("").tag(sync=True)
    fault = traitlets.Unicode("").tag(sync=True)

    def __init__(self) -> None:
        super().__init__()
        self.learner = ""
        self.has_read = False
        self._listeners: list[Callable[[], None]] = []
        self.on_msg(self._on_message)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Ignore what a browser sets: it sends messages, and those are checked."""

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` after everything that may change the page's answer."""
        self._listeners.append(callback)

    def changed(self) -> None:
        for callback in self._listeners:
            callback()

    def open_for(self, learner: str = "") -> None:
        """Read a learner's answers and begin; a second page of the same learner goes on."""
        if self.has_read and learner == self.learner:
            return
        self.learner = learner
        self._start()
        self.changed()

    def act(self, name: str) -> None:
        """Do what a button says; a button that is not shown does nothing."""
        if name in [action for action, _ in self.actions]:
            self._act(name)
            self.changed()

    def kept(self) -> tuple[AnswerRecord, ...]:
        """The learner's answers, oldest first; none with a notice if they cannot be read."""
        try:
            found = open_store(learner=self.learner or None).answers()
        except StoreProblem as problem:
            self.notice = f"Your earlier answers could not be read. {problem}"
            return ()
        self.has_read, self.notice = True, ""
        return found

    def show(self, heading: str, notes: Iterable[Any] = (), *,
             question: QuestionWidget | None = None, after: str = "",
             actions: Sequence[tuple[str, str]] = (),
             table: dict[str, Any] | None = None) -> None:
        """Put other things on the desk."""
        with self.hold_sync():
            self.heading, self.notes, self.after = heading, list(notes), after
            self.question, self.table = question, table or {}
            self.actions = [list(action) for action in actions]

    # ---- what a page's own desk does -------------------------------------------------

    def _start(self) -> None:
        raise NotImplementedError

    def _act(self, name: str) -> None:
        raise NotImplementedError

    # ---- what a browser sends --------------------------------------------------------

    def _on_message(self, _widget: object, content: Any, _buffers: object) -> None:
        # The one place where every failure ends: an exception that leaves a widget's
        # callback is seen by nobody, because Voila does not show it.
        try:
            match content:
                case {"hello": str(learner), **rest} if not rest and _LEARNER.fullmatch(learner):
                    self.open_for(learner)
                case {"act": str(name), **rest} if not rest:
                    self.act(name)
        except Exception as error:
            log.exception("The question desk failed")
            self.fault = f"Something went wrong in the program: {error}"[:300]
