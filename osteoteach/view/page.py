"""One page for every dashboard: settings, answer, charts, reasons, sources.

The page asks a dashboard's ``answer`` function for a new answer whenever a control
changes, and shows what comes back: an :class:`Answer`, an input error beside its
control, or, if the program itself failed, a banner. It also keeps the steps that can be
undone, reads and writes the link of a scenario, and gives out the handout. What it does
not do: compute anything or know any clinical rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from functools import partial
from typing import Any

from osteoteach.errors import InputError
from osteoteach.view.answer import (
    Answer,
    Chart,
    ChartPatch,
    Group,
    Lock,
    Part,
    controls_by_name,
)
from osteoteach.view.history import History
from osteoteach.view.page_answer import AnswerOnPage
from osteoteach.view.page_frame import PageFrame
from osteoteach.view.page_handout import handout_of
from osteoteach.view.page_messages import take_message
from osteoteach.view.scenario_link import query_from_state, state_from_query

__all__ = ["Answer", "Chart", "ChartPatch", "Group", "Lock", "Page", "PageFrame", "Part"]


class Page:
    """A dashboard's page. Display it as the last line of a notebook cell.

    Parameters
    ----------
    title : str
        Heading of the page.
    lead : str
        One line below it: what to try.
    controls : sequence of Group
        Settings, in reading order.
    charts : mapping of str to LiveChart
        Charts, in reading order.
    answer : callable
        Takes ``{control name: value}`` and returns an :class:`Answer`, or raises
        :class:`~osteoteach.errors.InputError`.
    visible : callable, optional
        Takes the same values and returns the names of the controls that do not apply:
        they are hidden and leave the tab order.
    parts : mapping of str to widget, optional
        Further widgets by their place on the page.
    lock : Lock, optional
        Asks for a guess before an answer is shown; stands above the answer.

    Raises
    ------
    InputError
        If two controls share a name.

    Examples
    --------
    >>> from osteoteach.view.controls import NumberControl
    >>> age = NumberControl("age_years", "Age", "years", 40, 90, 1, 62)
    >>> page = Page("Age", "Move the slider.", [Group("", [age])], {},
    ...             lambda values: Answer(f"You are {values['age_years']:g}."))
    >>> age.value = 70
    >>> page.frame.sentence
    'You are 70.'
    >>> page.state()
    {'age_years': 70.0}
    >>> page.undo()
    >>> page.frame.sentence
    'You are 62.'
    """

    def __init__(
        self,
        title: str,
        lead: str,
        controls: Sequence[Group],
        charts: Mapping[str, Chart],
        answer: Callable[[dict[str, Any]], Answer],
        visible: Callable[[dict[str, Any]], AbstractSet[str]] | None = None,
        parts: Mapping[str, Part] | None = None,
        lock: Lock | None = None,
    ) -> None:
        self.groups = tuple(controls)
        self.controls = controls_by_name(controls)
        self.charts = dict(charts)
        self._shown = AnswerOnPage(self, answer, visible)
        self.parts = dict(parts or {})
        self.lock = lock
        if lock is not None:
            self.parts["lock"] = lock
            lock.on_release(self.refresh)
        self._held = False
        #: A browser shows the page and hands on what comes in one message.
        self.is_open = False
        self._shown_state: object = None
        self._steps = History(self.state())
        self._sliders = {name for name, control in self.controls.items() if control.is_dragged}
        #: Controls that another control has moved; a link must name them all.
        self._driven: set[str] = set()
        self._listeners: list[Callable[[], None]] = []
        #: What each chart shows now, in words.
        self.chart_words: dict[str, str] = {}
        self.frame = PageFrame.holding(title, lead, self.groups, self.charts, self.parts)
        for control in self.controls.values():
            control.around_entry = self._one_entry
            control.is_near = partial(self._shown.look_ahead, [control.name])
            control.observe(self._on_change, control.answer_trait)
            if control.has_trait("rejected"):
                control.observe(self._on_change, "rejected")
        self.frame.on_msg(lambda _frame, content, _buffers: take_message(self, content))
        self.refresh()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self.frame._repr_mimebundle_(**kwargs)

    # ---- the state, from outside ------------------------------------------------

    def values(self) -> dict[str, Any]:
        """Return the last good value of every control, by name."""
        return {name: control.reading() for name, control in self.controls.items()}

    def state(self) -> dict[str, Any]:
        """Return the same as plain values that JSON can hold; see :meth:`apply_state`."""
        return {name: control.held() for name, control in self.controls.items()}

    def start_state(self) -> dict[str, Any]:
        """Return the values that every control has at the start."""
        return {name: control.start for name, control in self.controls.items()}

    def apply_state(self, values: Mapping[str, Any]) -> None:
        """Set several controls at once, with one new answer; the others stay.

        Parameters
        ----------
        values : mapping
            Values by control name, as :meth:`state` returns them.

        Raises
        ------
        InputError
            If a name is not of this page or a value breaks a rule. Nothing is changed then.
        """
        for name in values:
            if name not in self.controls:
                rule = "must be a control of this page: " + ", ".join(self.controls)
                raise InputError(str(name), rule, values[name], "Correct the name.")
        # In the page's order: a control that moves others stands ahead of them.
        wanted = {name: control.checked(values[name])
                  for name, control in self.controls.items() if name in values}
        with self._one_refresh():
            for name, value in wanted.items():
                self.controls[name].take(value)
            for name, value in wanted.items():
                if self.controls[name].held() != value:
                    self.controls[name].take(value)

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` after each new answer, also one that could not be computed."""
        self._listeners.append(callback)

    def reset(self) -> None:
        """Return every control to its start and compute the answer afresh."""
        self._driven.clear()
        self.apply_state(self.start_state())

    # ---- undo -------------------------------------------------------------------

    def undo(self) -> None:
        """Take the last step back; a refused entry counts as a step."""
        if self._has_refused_entry():
            self.apply_state(self.state())
        elif self._steps.can_undo:
            self.apply_state(self._steps.undo())

    def redo(self) -> None:
        """Do again what was undone last."""
        if self._steps.can_redo:
            self.apply_state(self._steps.redo())

    @property
    def can_undo(self) -> bool:
        return self._steps.can_undo or self._has_refused_entry()

    @property
    def can_redo(self) -> bool:
        return self._steps.can_redo

    def drag(self, begins: bool) -> None:
        """Take note that a slider is pressed or let go: in between is one step."""
        self._steps.drag(begins)

    def _has_refused_entry(self) -> bool:
        return any(control.has_refused_entry for control in self.controls.values())

    # ---- links ------------------------------------------------------------------

    def link(self) -> str:
        """Return the query of a link to the present state, ``""`` for the start."""
        state = self.state()
        is_start = state == self.start_state()
        return query_from_state(self.controls, state, () if is_start else self._driven)

    def open_link(self, query: str) -> None:
        """Take over what a link says; what it says wrongly is told on the page."""
        values, problems = state_from_query(self.controls, query)
        if values:
            self.apply_state(values)
            self._steps.start_from(self.state())
            self._driven |= values.keys()
        self._shown.show(link_problems=problems, linked=True)

    # ---- the handout ------------------------------------------------------------

    def handout(self, address: str = "") -> str:
        """Return the present scenario as a sheet; see :func:`~.page_handout.handout_of`."""
        self._shown.write_folds()
        return handout_of(self, address)

    # ---- the answer -------------------------------------------------------------

    def refresh(self) -> None:
        """Ask for the answer to the present values and show it, or why there is none."""
        self._held = True
        try:
            self._shown.refresh()
        finally:
            self._held = False
        for callback in self._listeners:
            callback()

    def _on_change(self, _change: object = None) -> None:
        # Two traits of one control may change together; the answer is wanted once.
        if self._held:
            return
        state = self.state()
        shown = (state, [control.has_refused_entry for control in self.controls.values()])
        if shown == self._shown_state:
            return
        self._shown_state = shown
        changed = self._steps.move(state, self._sliders)
        if len(changed) > 1:
            self._driven |= changed
        self.refresh()

    def opens(self) -> None:
        """Take note that a browser shows the page and hands on what comes in one message."""
        self.is_open = True
        self._shown.look_ahead()

    # ---- several changes, one answer --------------------------------------------

    @contextmanager
    def _one_entry(self) -> Iterator[None]:
        """One entry of the reader may move several controls, and gives one answer."""
        if self._held:
            yield
            return
        self._held = True
        try:
            yield
        finally:
            self._held = False
            self._on_change()

    @contextmanager
    def _one_refresh(self) -> Iterator[None]:
        self._held = True
        try:
            yield
        finally:
            self._held = False
        self._shown_state = None
        self._steps.begin_step()
        self._on_change()
        self._steps.begin_step()
