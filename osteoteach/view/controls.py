"""The controls of every dashboard: number, choice, toggle and button.

Each control is one small widget made of native HTML inputs, with its label, unit, help
and message bound to it. A number that breaks its range is refused with a message beside
the control; it is never moved to the nearest allowed value. What a control does not do:
decide whether a value makes clinical sense together with the others. That is the
model's part, and its :class:`~osteoteach.errors.InputError` comes back through
:meth:`Control.show_problem`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from osteoteach.errors import InputError

__all__ = [
    "ActionButton",
    "ChoiceControl",
    "Control",
    "NumberControl",
    "ToggleControl",
    "parse_number",
    "problem_sentence",
]

PARTS = Path(__file__).parent / "page_parts"
TEMPLATE = Path(__file__).parent / "jupyter" / "voila" / "templates" / "osteoteach"


def style(name: str) -> str:
    """Return one style sheet with the design tokens ahead of it."""
    files = (TEMPLATE / "static" / "tokens.css", PARTS / name)
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


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


class Control(anywidget.AnyWidget):
    """What all controls share: name, label, help, message, enabled and visible.

    A control that is not ``visible`` takes no room and no place in the tab order.
    """

    _esm = PARTS / "controls.js"
    _css = style("controls.css")

    # What a reader sets carries echo_update=False: the browser knows it already, and one
    # message less in front of the chart is a millisecond won.

    #: The trait whose change asks the page for a new answer.
    answer_trait = "value"
    #: What a browser may set; whatever else it sends is left aside.
    set_by_browser = frozenset({"value"})

    kind = traitlets.Unicode().tag(sync=True)
    name = traitlets.Unicode().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    help = traitlets.Unicode().tag(sync=True)
    problem = traitlets.Unicode("").tag(sync=True)
    enabled = traitlets.Bool(True).tag(sync=True)
    visible = traitlets.Bool(True).tag(sync=True)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take over what the browser sent, if it is this control's and right."""
        # A visitor's browser can send anything. ipywidgets would store it first and check
        # it then, and a value that failed the check would stay.
        wanted = {name: sync_data[name] for name in sync_data if name in self.set_by_browser}
        self._check_from_browser(wanted)
        if wanted:
            super().set_state(wanted)

    def _check_from_browser(self, wanted: dict[str, Any]) -> None:
        """Raise InputError for what must not be stored."""

    @property
    def has_refused_entry(self) -> bool:
        """Whether the control shows a text that it did not take over."""
        return False

    def reading(self) -> Any:
        """Return the value that an answer is computed from."""
        return getattr(self, self.answer_trait)

    def show_problem(self, text: str) -> None:
        """Show a message beside the control; its value stays."""
        self.problem = text

    def clear_problem(self) -> None:
        """Take the message away."""
        self.problem = ""

    def reset(self) -> None:
        """Return to the value at the start, without a message."""
        with self.hold_sync():
            self.clear_problem()
            setattr(self, self.answer_trait, self._start)


class NumberControl(Control):
    """A number: a slider, a box to type into, and the unit.

    Parameters
    ----------
    name : str
        Field name with its unit, for example ``"age_years"``.
    label : str
        What the reader sees, for example ``"Age"``.
    unit : str
        Shown after the box, ``""`` for none.
    low, high : float
        Allowed range, both ends included, in the unit.
    step : float
        Step of the slider. The box takes numbers between two steps as well.
    value : float
        Value at the start.
    help : str
        One short line below the slider.

    Raises
    ------
    InputError
        If the range is empty, the step not positive or the value outside the range.

    Examples
    --------
    >>> age = NumberControl("age_years", "Age", "years", 40, 90, 1, 62)
    >>> age.enter("62,5")
    >>> age.value
    62.5
    >>> age.enter("620")
    >>> print(age.value, age.problem)  # doctest: +ELLIPSIS
    62.5 Age must be from 40 to 90 years. You entered “620”. Correct the number...
    """

    set_by_browser = frozenset({"value", "rejected"})

    low = traitlets.Float().tag(sync=True)
    high = traitlets.Float().tag(sync=True)
    step = traitlets.Float().tag(sync=True)
    unit = traitlets.Unicode().tag(sync=True)
    value = traitlets.Float().tag(sync=True, echo_update=False)
    #: The text in the box that was refused, None when the box shows the value.
    rejected = traitlets.Unicode(None, allow_none=True).tag(sync=True)

    def __init__(
        self,
        name: str,
        label: str,
        unit: str,
        low: float,
        high: float,
        step: float,
        value: float,
        help: str = "",
    ) -> None:
        if not low < high:
            raise InputError(name, "needs low below high", (low, high), "Swap the two ends.")
        if not step > 0:
            raise InputError(name, "needs a positive step", step, "Give the slider's step.")
        super().__init__(
            kind="number", name=name, label=label, unit=unit, help=help,
            low=low, high=high, step=step, value=value,
        )  # fmt: skip
        self._start = self.value
        self.on_msg(self._on_message)

    @property
    def has_refused_entry(self) -> bool:
        return self.rejected is not None

    def enter(self, text: str) -> None:
        """Take over what was typed, or refuse it with a message and keep the value."""
        try:
            number = parse_number(self.name, text)
            self._check_range(number, text.strip())
        except InputError as error:
            with self.hold_sync(), self.hold_trait_notifications():
                self.rejected = text
                self.problem = problem_sentence(error, self.label)
            return
        with self.hold_sync(), self.hold_trait_notifications():
            self.rejected = None
            self.problem = ""
            self.value = number

    def clear_problem(self) -> None:
        self.rejected = None
        self.problem = ""

    def _check_from_browser(self, wanted: dict[str, Any]) -> None:
        if "value" in wanted:
            number = wanted["value"]
            if isinstance(number, bool) or not isinstance(number, int | float):
                raise InputError(self.name, "must be a number", number, "Give one.")
            self._value_in_range({"value": number})

    def _check_range(self, number: float, received: object) -> None:
        if self.low <= number <= self.high:
            return
        rule = f"must be from {_plain(self.low)} to {_plain(self.high)} {self.unit}"
        remedy = "Correct the number, or move the slider."
        raise InputError(self.name, rule.rstrip(), received, remedy)

    @traitlets.validate("value")
    def _value_in_range(self, proposal: Any) -> float:
        # A visitor's browser can set any synced trait to anything.
        value = proposal["value"]
        if not math.isfinite(value):
            raise InputError(self.name, "must be a finite number", value, "Give one.")
        self._check_range(value, value)
        return value

    @traitlets.observe("value")
    def _value_replaces_refused_text(self, change: Any) -> None:
        self.clear_problem()

    @traitlets.observe("rejected")
    def _refused_text_is_gone(self, change: Any) -> None:
        if self.rejected is None:
            self.problem = ""

    def _on_message(self, _widget: object, content: Any, _buffers: object) -> None:
        if isinstance(content, dict) and isinstance(content.get("typed"), str):
            self.enter(content["typed"])


class ChoiceControl(Control):
    """One of several options, as a native list box.

    Parameters
    ----------
    name, label, help : str
        As in :class:`NumberControl`.
    options : sequence of (str, object)
        What the reader sees, and the value that goes into the answer.
    value : object
        Value at the start: one of the options' values.

    Raises
    ------
    InputError
        If ``value`` is none of the options.

    Examples
    --------
    >>> sex = ChoiceControl("sex", "Sex", [("Woman", "female"), ("Man", "male")], "female")
    >>> sex.index = 1
    >>> sex.value
    'male'
    """

    set_by_browser = frozenset({"index"})

    labels = traitlets.List(traitlets.Unicode()).tag(sync=True)
    index = traitlets.Int().tag(sync=True, echo_update=False)
    value = traitlets.Any()

    def __init__(
        self,
        name: str,
        label: str,
        options: Sequence[tuple[str, Any]],
        value: Any,
        help: str = "",
    ) -> None:
        self._values = [option for _, option in options]
        super().__init__(
            kind="choice", name=name, label=label, help=help,
            labels=[text for text, _ in options], value=value,
        )  # fmt: skip
        self._start = value

    def _check_from_browser(self, wanted: dict[str, Any]) -> None:
        if "index" in wanted:
            if type(wanted["index"]) is not int:
                raise InputError(self.name, "must be a whole number", wanted["index"],
                                 "Choose from the list.")
            self._index_is_an_option({"value": wanted["index"]})

    @traitlets.validate("value")
    def _value_is_an_option(self, proposal: Any) -> Any:
        if proposal["value"] not in self._values:
            rule = "must be one of " + ", ".join(repr(option) for option in self._values)
            raise InputError(self.name, rule, proposal["value"], "Choose one of them.")
        return proposal["value"]

    @traitlets.validate("index")
    def _index_is_an_option(self, proposal: Any) -> int:
        if not 0 <= proposal["value"] < len(self._values):
            rule = f"must be from 0 to {len(self._values) - 1}"
            raise InputError(self.name, rule, proposal["value"], "Choose from the list.")
        return proposal["value"]

    @traitlets.observe("value")
    def _follow_value(self, change: Any) -> None:
        self.problem = ""
        self.index = self._values.index(change["new"])

    @traitlets.observe("index")
    def _follow_index(self, change: Any) -> None:
        self.value = self._values[change["new"]]


class ToggleControl(Control):
    """A statement that is true or not, as a check box.

    Examples
    --------
    >>> ToggleControl("smokes", "Smokes now", False).value
    False
    """

    value = traitlets.Bool().tag(sync=True, echo_update=False)

    def _check_from_browser(self, wanted: dict[str, Any]) -> None:
        if "value" in wanted and type(wanted["value"]) is not bool:
            raise InputError(self.name, "must be true or false", wanted["value"], "Tick the box.")

    def __init__(self, name: str, label: str, value: bool, help: str = "") -> None:
        super().__init__(kind="toggle", name=name, label=label, help=help, value=value)
        self._start = value

    @traitlets.observe("value")
    def _changed(self, change: Any) -> None:
        self.problem = ""


class ActionButton(Control):
    """A button; the answer receives how often it was pressed since the start.

    Examples
    --------
    >>> scan = ActionButton("scans", "Scan again")
    >>> scan.count = 1
    >>> scan.reading()
    1
    """

    answer_trait = "count"
    set_by_browser = frozenset({"count"})
    count = traitlets.Int(0, min=0).tag(sync=True)

    def __init__(self, name: str, label: str, help: str = "") -> None:
        super().__init__(kind="button", name=name, label=label, help=help)
        self._start = 0


def _plain(number: float) -> str:
    """Write 40.0 as 40 and -2.5 with a true minus sign."""
    return f"{number:g}".replace("-", "\N{MINUS SIGN}")
