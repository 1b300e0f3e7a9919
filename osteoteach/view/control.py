"""What all controls share: how a number is read, how a refusal is worded, and the widget.

The controls themselves are in ``number_control``, ``choice_controls`` and ``plan_control``;
dashboards import them from :mod:`osteoteach.view.controls`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from osteoteach.errors import InputError
from osteoteach.view.code_once import CodeOnce, code
from osteoteach.view.one_message import Carried
from osteoteach.view.shared_script import ScriptShared

__all__ = ["PARTS", "TEMPLATE", "Control", "bare_style", "parse_number", "plain_number",
           "problem_sentence", "script", "style"]

PARTS = Path(__file__).parent / "page_parts"
TEMPLATE = Path(__file__).parent / "jupyter" / "voila" / "templates" / "osteoteach"


def style(*names: str) -> str:
    """Return style sheets of ``page_parts`` with the design tokens ahead of them."""
    tokens = (TEMPLATE / "static" / "tokens.css").read_text(encoding="utf-8")
    return f"{tokens}\n{bare_style(*names)}"


def bare_style(*names: str) -> str:
    """Return the same without the tokens, for what is mounted where they are already."""
    return "\n".join((PARTS / name).read_text(encoding="utf-8") for name in names)


def script(*names: str) -> str:
    """Return parts of one JavaScript module, joined; only the last one may export."""
    return "\n".join((PARTS / name).read_text(encoding="utf-8") for name in names)


_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")


def parse_number(name: str, text: str) -> float:
    """Read a number as people type it.

    Parameters
    ----------
    name : str
        The field, for the error.
    text : str
        What was typed: a decimal comma and a typographic minus sign are fine.

    Returns
    -------
    float
        A finite number.

    Raises
    ------
    InputError
        If the text is anything but one plain number.

    Examples
    --------
    >>> parse_number("t_score", " \u22122,5 ")
    -2.5
    >>> parse_number("age_years", "sixty")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    osteoteach.errors.InputError: age_years must be a number; received 'sixty'. Type digits...
    """
    plain = text.strip().replace("\N{MINUS SIGN}", "-").replace("\N{EN DASH}", "-")
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    if not _NUMBER.fullmatch(plain):
        raise InputError(name, "must be a number", text, "Type digits, for example 62 or 0.85.")
    return float(plain)


def plain_number(number: float) -> str:
    """Write 40.0 as 40 and -2.5 with a true minus sign.

    Examples
    --------
    >>> plain_number(40.0), plain_number(-2.5)
    ('40', '−2.5')
    """
    return f"{number:g}".replace("-", "\N{MINUS SIGN}")


def problem_sentence(error: InputError, label: str) -> str:
    """Say an input error in the words of the page: the label, not the field's name.

    Examples
    --------
    >>> error = InputError("age_years", "must be from 20 to 90 years", "620", "Correct it.")
    >>> problem_sentence(error, "Age")
    'Age must be from 20 to 90 years. You entered “620”. Correct it.'
    """
    received = f"{error.value}"
    if len(received) > 40:
        received = f"{received[:39]}…"
    if isinstance(error.value, str):
        received = f"“{received}”"
    if error.value == "":
        return f"{label} {error.rule}. The box is empty. {error.remedy}"
    return f"{label} {error.rule}. You entered {received}. {error.remedy}"


class Alone(CodeOnce, anywidget.AnyWidget):
    """A place in a notebook for one control that stands on no page."""

    _esm = code(script("mounting.js", "alone.js"))
    _css = code(style())

    widget = traitlets.Unicode().tag(sync=True)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Ignore what a browser sets: the control looks after itself."""


class Control(Carried, ScriptShared):
    """What all controls share: name, label, help, message, enabled and visible.

    A control that is not ``visible`` takes no room and no place in the tab order.
    """

    script_text = script("controls.js")
    style_text = bare_style("controls.css")

    # What a reader sets carries echo_update=False: the browser knows it already, and one
    # message less in front of the chart is a millisecond won.

    #: The trait whose change asks the page for a new answer.
    answer_trait = "value"
    #: What a browser may set; whatever else it sends is left aside.
    set_by_browser = frozenset({"value"})
    #: Whether changes that follow each other quickly are one movement, and undone as one.
    is_dragged = False

    kind = traitlets.Unicode().tag(sync=True)
    name = traitlets.Unicode().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    help = traitlets.Unicode().tag(sync=True)
    problem = traitlets.Unicode("").tag(sync=True)
    enabled = traitlets.Bool(True).tag(sync=True)
    visible = traitlets.Bool(True).tag(sync=True)

    #: Surrounds whatever comes from the browser. A page sets it, so that one entry that
    #: moves several controls gives one answer.
    around_entry: Callable[[], AbstractContextManager[Any]] = staticmethod(nullcontext)
    #: Called when a reader's keys have come to something that moves this control, which
    #: :meth:`next_readings` tells. A page sets it.
    is_near: Callable[[], None] = staticmethod(lambda: None)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take over what the browser sent, if it is this control's and right."""
        # A visitor's browser can send anything. ipywidgets would store it first and check
        # it then, and a value that failed the check would stay.
        wanted = {name: sync_data[name] for name in sync_data if name in self.set_by_browser}
        self._check_from_browser(wanted)
        if wanted:
            with self.around_entry():
                super().set_state(wanted)

    def _check_from_browser(self, wanted: dict[str, Any]) -> None:
        """Raise InputError for what must not be stored."""

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return Alone(widget=self.model_id)._repr_mimebundle_(**kwargs)

    @property
    def has_refused_entry(self) -> bool:
        """Whether the control shows a text that it did not take over."""
        return False

    @property
    def start(self) -> Any:
        """The value at the start."""
        return self._start

    def reading(self) -> Any:
        """Return the value that an answer is computed from."""
        return getattr(self, self.answer_trait)

    def next_readings(self) -> tuple[Any, ...]:
        """Return what one press of a key may turn :meth:`reading` into, the likeliest first."""
        return ()

    def held(self) -> Any:
        """Return the last good value as plain data that JSON can hold; see :meth:`take`."""
        return self.reading()

    def checked(self, value: Any) -> Any:
        """Return ``value`` as this control would hold it.

        Raises
        ------
        InputError
            If the control may not hold it. Nothing is changed.
        """
        raise NotImplementedError

    def take(self, value: Any) -> None:
        """Hold ``value`` from now on, without a message; what was refused is gone.

        Raises
        ------
        InputError
            If the control may not hold it. Nothing is changed.
        """
        good = self.checked(value)
        with self.hold_sync():
            self.clear_problem()
            setattr(self, self.answer_trait, good)

    def read_text(self, text: str) -> Any:
        """Return the value that a link writes as ``text``.

        Raises
        ------
        InputError
            If the text says nothing that this control may hold.
        """
        raise NotImplementedError

    def write_text(self, value: Any) -> str:
        """Return ``value`` as a link writes it; :meth:`read_text` reads it back."""
        raise NotImplementedError

    def in_words(self, value: Any) -> str:
        """Return ``value`` with its unit, as a reader would write it down."""
        return self.write_text(value)

    def show_problem(self, text: str) -> None:
        """Show a message beside the control; its value stays."""
        self.problem = text

    def clear_problem(self) -> None:
        """Take the message away."""
        self.problem = ""

    def reset(self) -> None:
        """Return to the value at the start, without a message."""
        self.take(self._start)
