"""How a page asks for an answer and shows it, or why there is none.

What the eye is on goes first and in one message: sentence, warnings and charts. The
folds below follow when the page has come to rest, so a slider that is dragged never
waits for them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from osteoteach.errors import InputError
from osteoteach.view.answer import FOLDS, Answer
from osteoteach.view.control import problem_sentence
from osteoteach.view.look_ahead import LookAhead
from osteoteach.view.one_message import one_message

if TYPE_CHECKING:
    from osteoteach.view.page import Page

__all__ = ["AnswerOnPage"]

log = logging.getLogger(__name__)

#: After so long without a new answer the folds are written.
REST_S = 0.1
#: And so long after that, or after the page was opened, comes what may be asked for next.
AHEAD_S, AHEAD_OF_FIRST_S = 0.02, 0.6


class AnswerOnPage:
    """The part of a page between its controls and what it shows.

    Parameters
    ----------
    page : Page
        Gives controls, charts and frame.
    answer, visible : callable
        As :class:`~osteoteach.view.page.Page` takes them.
    """

    def __init__(self, page: Page, answer: Callable[[dict[str, Any]], Answer],
                 visible: Callable[[dict[str, Any]], Any] | None) -> None:
        self._page, self._answer, self._visible = page, answer, visible
        #: The answer whose folds are not written yet.
        self._unwritten: Answer | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ahead = LookAhead(answer)
        #: The settings of the answer that is shown, and the control that moved last.
        self._values: dict[str, Any] = {}
        self._moved: list[str] = []

    def refresh(self) -> None:
        """Ask for the answer to the present values and show it, or why there is none."""
        self._put_off()
        with self._one_message(), self._failures_told():
            self._ask()
        self._write_folds_at_rest()

    def show(self, **texts: Any) -> None:
        """Change texts of the frame, and what follows from the present state."""
        page = self._page
        texts |= {"link": page.link(), "can_undo": page.can_undo, "can_redo": page.can_redo}
        with page.frame.hold_sync():
            for name, value in texts.items():
                setattr(page.frame, name, value)

    def write_folds(self) -> None:
        """Write the folds of the answer that is shown now, if that was put off."""
        answer, self._unwritten = self._unwritten, None
        if answer is None:
            return
        with self._one_message(packed=True), self._failures_told():
            self.show(**{name: answer.fold(name) for name in FOLDS})

    def look_ahead(self, near: Iterable[str] | None = None) -> None:
        """Make the answers that controls may ask for next: those near the reader's hand, or
        all of a page just opened."""
        if near is None:
            self._look_ahead(self._page.controls, AHEAD_OF_FIRST_S)
        elif self._unwritten is None:
            self._look_ahead(near, AHEAD_S)

    # ---- one answer -------------------------------------------------------------

    def _ask(self) -> None:
        page = self._page
        values = page.values()
        refused = self._settle_controls(values)
        if refused:
            notice = f"Correct {' and '.join(refused)} to go on."
            self.show(stale=True, notice=notice, fault="")
            return
        self._moved = [name for name, value in values.items() if value != self._values.get(name)]
        self._values = values
        answer = self._ahead.take(values) or self._answer(values)
        if page.lock is not None and page.lock.held_back(answer):
            # Nothing of the answer crosses to the page before the guess is in.
            self.show(locked=True, sentence="", tone="", warnings=[], stale=False, notice="",
                      fault="", **dict.fromkeys(FOLDS, ""))
            return
        self._draw(answer)
        self.show(sentence=answer.sentence, tone=answer.tone, locked=False, stale=False,
                  warnings=[list(warning) for warning in answer.warnings], notice="", fault="")
        self._unwritten = answer

    def _settle_controls(self, values: dict[str, Any]) -> list[str]:
        """Show the controls that apply, and return those with an entry to be corrected."""
        hidden = self._visible(values) if self._visible else frozenset()
        refused = []
        for name, control in self._page.controls.items():
            control.visible = name not in hidden
            if control.visible and control.has_refused_entry:
                refused.append(control.label)
            elif control.problem:
                control.clear_problem()
        return refused

    def _draw(self, answer: Answer) -> None:
        page = self._page
        for name, patch in answer.charts.items():
            page.charts[name].patch(
                data=patch.data, signals=patch.signals, description=patch.description)
            page.chart_words[name] = patch.description or page.chart_words.get(name, "")

    def _show_input_error(self, error: InputError) -> None:
        control = self._page.controls.get(error.name)
        if control is None or not control.visible:
            self.show(stale=True, notice=str(error), fault="")
            return
        control.show_problem(problem_sentence(error, control.label))
        self.show(stale=True, notice=f"Correct {control.label} to go on.", fault="")

    @contextmanager
    def _failures_told(self) -> Iterator[None]:
        # The one place where every failure ends: an exception that leaves a widget's
        # callback is seen by nobody, because Voila does not show it.
        try:
            yield
        except InputError as error:
            self._show_input_error(error)
        except Exception as error:
            log.exception("The answer could not be computed for %r", self._page.values())
            self.show(stale=True, fault=f"{type(error).__name__}: {_as_sentence(error)}")

    # ---- messages and time ------------------------------------------------------

    def _one_message(self, *, packed: bool = False) -> AbstractContextManager[None]:
        page = self._page
        widgets = (*page.charts.values(), *page.controls.values(), *page.parts.values())
        # Before the browser's half is there, it could not hand the states on.
        if page.is_open:
            return one_message(page.frame, widgets, packed=packed)
        return page.frame.hold_sync()

    def _put_off(self) -> None:
        self._unwritten = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _write_folds_at_rest(self) -> None:
        if self._unwritten is None:
            return
        if self._page.is_open:
            # A kernel answers a browser inside its event loop; without one, as in a
            # script, nobody waits for a chart.
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:
                pass
            else:
                self._timer = loop.call_later(REST_S, self._come_to_rest)
                return
        self.write_folds()

    def _come_to_rest(self) -> None:
        self.write_folds()
        # What moves another control with it, as a plan its example, does so once only.
        self._look_ahead(self._moved, AHEAD_S)

    def _look_ahead(self, names: Iterable[str], after_s: float) -> None:
        page = self._page
        if page.frame.locked:
            return
        moved = [page.controls[name] for name in names if page.controls[name].visible]
        self._ahead.begin([{**self._values, control.name: value}
                           for control in moved for value in control.next_readings()], after_s)


def _as_sentence(error: Exception) -> str:
    text = str(error).strip() or "no further message"
    return text if text.endswith((".", "!", "?")) else f"{text}."
