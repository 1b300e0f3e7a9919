"""One page for every dashboard: settings, answer, charts, reasons, sources.

The page asks a dashboard's ``answer`` function for a new answer whenever a control
changes, and shows what comes back: an :class:`Answer`, an input error beside its
control, or, if the program itself failed, a banner. What it does not do: compute
anything or know any clinical rule.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import anywidget
import traitlets

from osteoteach.errors import InputError
from osteoteach.view.controls import PARTS, Control, problem_sentence, style

__all__ = ["Answer", "Chart", "ChartPatch", "Group", "Page", "PageFrame"]

log = logging.getLogger(__name__)


class Part(Protocol):
    """A further widget that the page mounts in one of its places."""

    @property
    def model_id(self) -> str: ...


class Lock(Part, Protocol):
    """Holds an answer back until the reader has guessed it (see ``guess_lock``)."""

    def held_back(self, answer: Answer) -> bool:
        """Whether ``answer`` must wait, and take note of it for the moment it is shown."""

    def on_release(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` whenever waiting starts or ends."""


class Chart(Protocol):
    """What the page needs of a chart: a widget that can be patched in place."""

    @property
    def model_id(self) -> str: ...

    def patch(self, *, data: Any, signals: Any, description: Any) -> None: ...


@dataclass(frozen=True)
class ChartPatch:
    """What changes in one chart.

    Parameters
    ----------
    data : mapping, optional
        New tables by their name in the chart's spec.
    signals : mapping, optional
        New values of the spec's signals (Vega-Lite parameters).
    description : str, optional
        The chart in words, for readers who do not see it.
    """

    data: Mapping[str, Any] | None = None
    signals: Mapping[str, Any] | None = None
    description: str | None = None


@dataclass(frozen=True)
class Answer:
    """What a dashboard says about one set of values.

    Parameters
    ----------
    sentence : str
        The answer, plain text. Shown large, and read out by screen readers.
    why, how_sure, sources : str
        HTML for the three folds. The dashboard escapes what it puts in.
    charts : mapping of str to ChartPatch
        Only the charts that change.
    tone : str
        Colour of the answer's edge: ``""``, ``"normal"``, ``"low"`` or
        ``"osteoporosis"``. The sentence must say the same in words.
    warnings : sequence of (str, str)
        Severity (``"contraindicated"``, ``"warning"``, ``"caution"`` or ``"info"``) and
        plain text. The first two kinds stand open below the answer, the others fold.
    """

    sentence: str
    why: str = ""
    how_sure: str = ""
    sources: str = ""
    charts: Mapping[str, ChartPatch] = field(default_factory=dict)
    tone: Literal["", "normal", "low", "osteoporosis"] = ""
    warnings: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Group:
    """Controls that belong together, under one label (``""`` for none)."""

    label: str
    controls: Sequence[Control]


class PageFrame(anywidget.AnyWidget):
    """The visible frame. Its traits are the texts that change; layout is built once."""

    _esm = PARTS / "page.js"
    _css = style("page.css")

    title = traitlets.Unicode().tag(sync=True)
    lead = traitlets.Unicode().tag(sync=True)
    groups = traitlets.List().tag(sync=True)
    charts = traitlets.Dict().tag(sync=True)

    sentence = traitlets.Unicode("").tag(sync=True)
    tone = traitlets.Enum(["", "normal", "low", "osteoporosis"], "").tag(sync=True)
    why = traitlets.Unicode("").tag(sync=True)
    how_sure = traitlets.Unicode("").tag(sync=True)
    sources = traitlets.Unicode("").tag(sync=True)
    stale = traitlets.Bool(False).tag(sync=True)
    warnings = traitlets.List([]).tag(sync=True)
    #: Further widgets by their place: "tools", "lock", "below_answer", "below_charts".
    parts = traitlets.Dict().tag(sync=True)
    #: The answer waits for a guess: charts, folds and warnings are not shown.
    locked = traitlets.Bool(False).tag(sync=True)
    notice = traitlets.Unicode("").tag(sync=True)
    fault = traitlets.Unicode("").tag(sync=True)


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
        self.controls = _by_name(controls)
        self.charts = dict(charts)
        self._answer = answer
        self._visible = visible
        self.parts = dict(parts or {})
        self.lock = lock
        if lock is not None:
            self.parts["lock"] = lock
            lock.on_release(self.refresh)
        self._held = False
        self._shown_state: object = None
        self.frame = PageFrame(
            title=title,
            lead=lead,
            groups=[
                {"label": group.label, "widgets": [c.model_id for c in group.controls]}
                for group in controls
            ],
            charts={name: chart.model_id for name, chart in self.charts.items()},
            parts={place: part.model_id for place, part in self.parts.items()},
        )
        for control in self.controls.values():
            control.observe(self._on_change, control.answer_trait)
            if control.has_trait("rejected"):
                control.observe(self._on_change, "rejected")
        self.frame.on_msg(self._on_message)
        self.refresh()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self.frame._repr_mimebundle_(**kwargs)

    def values(self) -> dict[str, Any]:
        """Return the last good value of every control, by name."""
        return {name: control.reading() for name, control in self.controls.items()}

    def reset(self) -> None:
        """Return every control to its start and compute the answer afresh."""
        with self._one_refresh():
            for control in self.controls.values():
                control.reset()

    def refresh(self) -> None:
        """Ask for the answer to the present values and show it, or why there is none."""
        # The one place where every failure ends: an exception that leaves a widget's
        # callback is seen by nobody, because Voila does not show it.
        self._held = True
        try:
            self._refresh()
        except InputError as error:
            self._show_input_error(error)
        except Exception as error:
            log.exception("The answer could not be computed for %r", self.values())
            self._show(stale=True, fault=f"{type(error).__name__}: {_as_sentence(error)}")
        finally:
            self._held = False

    def _refresh(self) -> None:
        values = self.values()
        hidden = self._visible(values) if self._visible else frozenset()
        refused = []
        for name, control in self.controls.items():
            control.visible = name not in hidden
            if control.visible and control.has_refused_entry:
                refused.append(control.label)
            elif control.problem:
                control.clear_problem()
        if refused:
            notice = f"Correct {' and '.join(refused)} to go on."
            self._show(stale=True, notice=notice, fault="")
            return
        answer = self._answer(values)
        if self.lock is not None and self.lock.held_back(answer):
            # Nothing of the answer crosses to the page before the guess is in.
            self._show(locked=True, sentence="", tone="", why="", how_sure="", sources="",
                       warnings=[], stale=False, notice="", fault="")
            return
        for name, patch in answer.charts.items():
            self.charts[name].patch(
                data=patch.data, signals=patch.signals, description=patch.description
            )
        self._show(
            sentence=answer.sentence,
            tone=answer.tone,
            why=answer.why,
            how_sure=answer.how_sure,
            sources=answer.sources,
            warnings=[list(warning) for warning in answer.warnings],
            locked=False,
            stale=False,
            notice="",
            fault="",
        )

    def _show_input_error(self, error: InputError) -> None:
        control = self.controls.get(error.name)
        if control is None or not control.visible:
            self._show(stale=True, notice=str(error), fault="")
            return
        control.show_problem(problem_sentence(error, control.label))
        self._show(stale=True, notice=f"Correct {control.label} to go on.", fault="")

    def _show(self, **texts: Any) -> None:
        # Traits that keep their value are not sent, so one update is one small message.
        with self.frame.hold_sync():
            for name, value in texts.items():
                setattr(self.frame, name, value)

    def _on_change(self, _change: object) -> None:
        # Two traits of one control may change together; the answer is wanted once.
        state = (self.values(), [c.has_refused_entry for c in self.controls.values()])
        if self._held or state == self._shown_state:
            return
        self._shown_state = state
        self.refresh()

    def _on_message(self, _frame: object, content: Any, _buffers: object) -> None:
        if content == {"reset": True}:
            self.reset()

    @contextmanager
    def _one_refresh(self) -> Iterator[None]:
        self._held = True
        try:
            yield
        finally:
            self._held = False
        self._shown_state = None
        self.refresh()


def _by_name(groups: Sequence[Group]) -> dict[str, Control]:
    found: dict[str, Control] = {}
    for group in groups:
        for control in group.controls:
            if control.name in found:
                rule = "is given to two controls of one page"
                raise InputError(control.name, rule, control.label, "Rename one of them.")
            found[control.name] = control
    return found


def _as_sentence(error: Exception) -> str:
    text = str(error).strip() or "no further message"
    return text if text.endswith((".", "!", "?")) else f"{text}."
