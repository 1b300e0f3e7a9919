"""Choose a virtual patient: a written case, a code from the teacher, or a new one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import traitlets

from osteoteach.errors import InputError
from osteoteach.teaching.cases.generated import LARGEST_SEED, case_code, parse_code
from osteoteach.view.control import Control, bare_style, problem_sentence, script

__all__ = ["CaseControl"]

LEVELS = (1, 2, 3)
LONGEST_CODE = 40


class CaseControl(Control):
    """A list of written cases, a box for a code, and the button "New patient".

    Parameters
    ----------
    name, label, help : str
        As in :class:`~osteoteach.view.controls.NumberControl`.
    written : sequence of (str, str, int)
        Value, label and level of each written case.

    Examples
    --------
    >>> control = CaseControl("case", "Patient", [("case-1", "Case 1", 1)])
    >>> control.enter(" 2 - 417 ")
    >>> control.value
    '2-417'
    >>> control.enter("nonsense")
    >>> control.value, control.has_refused_entry
    ('2-417', True)
    """

    script_text = script("case_control.js")
    style_text = bare_style("controls.css", "case.css")

    set_by_browser = frozenset({"value"})

    written = traitlets.List().tag(sync=True)
    value = traitlets.Unicode().tag(sync=True)
    rejected = traitlets.Unicode(None, allow_none=True).tag(sync=True)

    def __init__(self, name: str, label: str, written: Sequence[tuple[str, str, int]],
                 help: str = "") -> None:
        self._known = {value for value, _, _ in written}
        first = written[0][0]
        super().__init__(kind="case", name=name, label=label, help=help,
                         written=[list(one) for one in written], value=first)
        self._start = first
        # Which new patient comes is nobody's secret; that it is another one is the point.
        self._chance = random.SystemRandom()
        self.on_msg(self._on_message)

    @property
    def has_refused_entry(self) -> bool:
        return self.rejected is not None

    def checked(self, value: Any) -> str:
        if isinstance(value, str) and value in self._known:
            return value
        return case_code(*parse_code(value))

    def read_text(self, text: str) -> str:
        return self.checked(text)

    def write_text(self, value: str) -> str:
        return value

    def in_words(self, value: str) -> str:
        return next((label for known, label, _ in self.written if known == value), value)

    def clear_problem(self) -> None:
        self.rejected = None
        self.problem = ""

    def enter(self, text: str) -> None:
        """Take over a code as it was typed, or refuse it with a message."""
        try:
            value = self.checked(text.strip())
        except InputError as error:
            with self.hold_sync(), self.hold_trait_notifications():
                self.rejected = text
                self.problem = problem_sentence(error, "The code")
            return
        with self.hold_sync(), self.hold_trait_notifications():
            self.clear_problem()
            self.value = value

    def new_patient(self, level: int) -> None:
        """Another generated patient of a level."""
        self.take(case_code(self._chance.randint(1, LARGEST_SEED), level))

    def _check_from_browser(self, wanted: dict[str, Any]) -> None:
        if "value" in wanted:
            wanted["value"] = self.checked(wanted["value"])

    @traitlets.validate("value")
    def _value_is_a_case(self, proposal: Any) -> str:
        return self.checked(proposal["value"])

    @traitlets.observe("value")
    def _refused_text_is_gone(self, _change: Any) -> None:
        self.clear_problem()

    def _on_message(self, _widget: object, content: Any, _buffers: object) -> None:
        if not isinstance(content, dict) or len(content) != 1:
            return
        (what, value), = content.items()
        if what == "typed" and isinstance(value, str) and len(value) <= LONGEST_CODE:
            self.enter(value)
        elif what == "new" and type(value) is int and value in LEVELS:
            self.new_patient(value)
