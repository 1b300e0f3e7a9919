"""The number control: a slider, a box to type into, and the unit."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import traitlets

from osteoteach.errors import InputError
from osteoteach.view.control import Control, parse_number, plain_number, problem_sentence

__all__ = ["NumberControl"]


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
    is_dragged = True

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

    def next_readings(self) -> tuple[float, ...]:
        """Return the value one step down and one step up, as the slider writes them.

        Examples
        --------
        >>> NumberControl("t_score", "T-score", "SD", -5, 4, 0.1, -4.9).next_readings()
        (-5.0, -4.8)
        >>> NumberControl("t_score", "T-score", "SD", -5, 4, 0.1, -5).next_readings()
        (-4.9,)
        """
        decimals = max(0, *(-Decimal(repr(number)).normalize().as_tuple().exponent
                            for number in (self.low, self.step)))
        steps = (self.value - self.low) / self.step
        ends = (math.ceil(steps - 1e-6) - 1, math.floor(steps + 1e-6) + 1)
        numbers = (round(self.low + place * self.step, decimals) for place in ends)
        return tuple(number for number in numbers if self.low <= number <= self.high)

    def checked(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InputError(self.name, "must be a number", value, "Give one.")
        return float(self._value_in_range({"value": value}))

    def read_text(self, text: str) -> float:
        number = parse_number(self.name, text)
        self._check_range(number, text)
        return number

    def write_text(self, value: float) -> str:
        # All digits, so that a link gives back the very number; never 1e-05.
        text = format(Decimal(repr(float(value))), "f")
        return text.removesuffix(".0") if value else "0"

    def in_words(self, value: float) -> str:
        return f"{plain_number(value)} {self.unit}".rstrip()

    def clear_problem(self) -> None:
        self.rejected = None
        self.problem = ""

    def _check_from_browser(self, wanted: dict[str, Any]) -> None:
        if "value" in wanted:
            self.checked(wanted["value"])

    def _check_range(self, number: float, received: object) -> None:
        if self.low <= number <= self.high:
            return
        rule = f"must be from {plain_number(self.low)} to {plain_number(self.high)} {self.unit}"
        remedy = "Correct the number, or move the slider."
        raise InputError(self.name, rule.rstrip(), received, remedy)

    @traitlets.validate("value")
    def _value_in_range(self, proposal: Any) -> float:
        # A visitor's browser can set any synced trait to anything.
        value = proposal["value"]
        # Comparing ahead of math.isfinite: that one cannot take a whole number of 400 digits.
        if isinstance(value, float) and not math.isfinite(value):
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
            with self.around_entry():
                self.enter(content["typed"])
