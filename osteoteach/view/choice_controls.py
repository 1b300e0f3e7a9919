"""Controls without a number: one of several options, a statement, a button."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import traitlets

from osteoteach.errors import InputError
from osteoteach.view.control import Control

__all__ = ["ActionButton", "ChoiceControl", "ToggleControl"]

#: A button is not pressed more often than this; a link that says so is refused.
MOST_PRESSES = 10_000


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

    def checked(self, value: Any) -> Any:
        return self._value_is_an_option({"value": value})

    def read_text(self, text: str) -> Any:
        for value in self._values:
            if self.write_text(value) == text:
                return value
        rule = "must be one of " + ", ".join(map(self.write_text, self._values))
        raise InputError(self.name, rule, text, "Choose one of them.")

    def write_text(self, value: Any) -> str:
        return str(value)

    def in_words(self, value: Any) -> str:
        return self.labels[self._values.index(value)]

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

    def __init__(self, name: str, label: str, value: bool, help: str = "") -> None:
        super().__init__(kind="toggle", name=name, label=label, help=help, value=value)
        self._start = value

    def checked(self, value: Any) -> bool:
        if type(value) is not bool:
            raise InputError(self.name, "must be true or false", value, "Tick the box.")
        return value

    def read_text(self, text: str) -> bool:
        if text not in ("true", "false"):
            raise InputError(self.name, "must be true or false", text, "Tick the box.")
        return text == "true"

    def write_text(self, value: bool) -> str:
        return "true" if value else "false"

    def in_words(self, value: bool) -> str:
        return "yes" if value else "no"

    def _check_from_browser(self, wanted: dict[str, Any]) -> None:
        if "value" in wanted:
            self.checked(wanted["value"])

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

    def checked(self, value: Any) -> int:
        if type(value) is not int or not 0 <= value <= MOST_PRESSES:
            rule = f"must be a whole number from 0 to {MOST_PRESSES}"
            raise InputError(self.name, rule, value, "Press the button.")
        return value

    def read_text(self, text: str) -> int:
        # Five digits at the most: int() refuses longer texts with an error of its own.
        is_count = text.isascii() and text.isdigit() and len(text) <= len(str(MOST_PRESSES))
        return self.checked(int(text) if is_count else text)

    def write_text(self, value: int) -> str:
        return str(value)

    def in_words(self, value: int) -> str:
        return f"pressed {value} {'time' if value == 1 else 'times'}"

    def _check_from_browser(self, wanted: dict[str, Any]) -> None:
        if "count" in wanted:
            self.checked(wanted["count"])
