"""The controls of every dashboard: number, choice, toggle and button.

Each control is one small widget made of native HTML inputs, with its label, unit, help
and message bound to it. A number that breaks its range is refused with a message beside
the control; it is never moved to the nearest allowed value. What a control does not do:
decide whether a value makes clinical sense together with the others. That is the
model's part, and its :class:`~osteoteach.errors.InputError` comes back through
:meth:`Control.show_problem`.
"""

from __future__ import annotations

from osteoteach.view.choice_controls import ActionButton, ChoiceControl, ToggleControl
from osteoteach.view.control import (
    PARTS,
    TEMPLATE,
    Control,
    parse_number,
    plain_number,
    problem_sentence,
    script,
    style,
)
from osteoteach.view.number_control import NumberControl

__all__ = [
    "PARTS",
    "TEMPLATE",
    "ActionButton",
    "ChoiceControl",
    "Control",
    "NumberControl",
    "ToggleControl",
    "parse_number",
    "plain_number",
    "problem_sentence",
    "script",
    "style",
]
