"""The treatment plan of a dashboard: courses of medicines on a time line.

A plan says which medicine is taken from when to when, and how regularly. This module
answers one question: is that a plan that can be drawn and computed at all? A plan that
breaks a rule is refused with a message beside the course; nothing is moved. What it does
not decide: whether the sequence makes clinical sense. That is the model's part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any

import traitlets

from osteoteach.errors import InputError
from osteoteach.view.control import (
    Control,
    bare_style,
    parse_number,
    problem_sentence,
    script,
)
from osteoteach.view.plan_text import plan_in_words, read_plan, written_plan

__all__ = ["PlanControl"]

COURSE_YEARS = ("start_years", "end_years")
NUMBERS = (*COURSE_YEARS, "adherence")
KEYS = {"medicine", *NUMBERS}
SPOKEN = {"start_years": ": start", "end_years": ": end", "adherence": ": adherence"}
#: What a press of a key on each part of a bar moves on, by whole months.
MOVED_BY = {"start": ("start_years",), "end": ("end_years",), "bar": ("start_years", "end_years")}
MONTHS = 12
RETYPE = "Correct it, or drag the bar."
# Longer entries are cut in messages, so that a message stays within its place.
QUOTED = 16

Course = dict[str, Any]


class PlanControl(Control):
    """Courses of treatment on a time line: bars to drag, and boxes to type into.

    Years count from today. A plan without courses is allowed. Courses of different
    medicines may overlap, courses of one medicine may only touch.

    Parameters
    ----------
    name, label, help : str
        As in :class:`~osteoteach.view.controls.NumberControl`.
    medicines : sequence of (str, str, str)
        What the reader sees, the value that goes into the answer, and a colour as ``#rrggbb``.
    start : sequence of dict
        The plan at the start. Each course is ``{"medicine": str, "start_years": float,
        "end_years": float, "adherence": float}`` with adherence from 0 to 1.
    longest_years : float
        End of the time line, in years from today.
    most_courses : int
        How many courses a plan may have.

    Raises
    ------
    InputError
        If the medicines are not told apart, a limit is not positive, or ``start`` breaks
        a rule.

    Examples
    --------
    >>> course = {"medicine": "dmab", "start_years": 0, "end_years": 2, "adherence": 1}
    >>> plan = PlanControl("plan", "Plan", [("Denosumab", "dmab", "#0b6bad")], [course])
    >>> plan.reading()
    ({'medicine': 'dmab', 'start_years': 0.0, 'end_years': 2.0, 'adherence': 1.0},)
    >>> plan.value = [{**course, "end_years": 14}]
    Traceback (most recent call last):
    ...
    osteoteach.errors.InputError: plan[0].end_years must be from 0 to 12 years; received 14. ...
    """

    script_text = script("plan.js")
    style_text = bare_style("controls.css", "plan.css")

    set_by_browser = frozenset({"value", "rejected"})
    is_dragged = True

    medicines = traitlets.List().tag(sync=True)
    longest_years = traitlets.Float().tag(sync=True)
    most_courses = traitlets.Int().tag(sync=True)
    value = traitlets.Any().tag(sync=True, echo_update=False)
    value.allow_none = False  # else traitlets takes None without asking the validator below
    #: The courses as they stand on the screen if they were refused: what was typed is text.
    rejected = traitlets.List(None, allow_none=True).tag(sync=True, echo_update=False)
    #: The browser numbers what is typed, so that it knows which entry was answered.
    asked = traitlets.Int(0).tag(sync=True, echo_update=False)
    answered = traitlets.Int(0).tag(sync=True)
    #: Where the message belongs: ``{"row": 0, "fields": ["end_years"]}``, or ``{}``.
    problem_place = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        name: str,
        label: str,
        medicines: Sequence[tuple[str, str, str]],
        start: Sequence[Mapping[str, Any]],
        longest_years: float = 12,
        most_courses: int = 6,
        help: str = "",
    ) -> None:
        _check_limits(name, medicines, longest_years, most_courses)
        super().__init__(
            kind="plan", name=name, label=label, help=help, longest_years=longest_years,
            medicines=[tuple(medicine) for medicine in medicines], most_courses=most_courses,
            value=start,
        )  # fmt: skip
        # A copy, because the list in `value` can be changed in place.
        self._start = self._checked(self.value)
        # What moves next if a key is pressed: row, numbers, and by how many months first.
        self._next: tuple[int, tuple[str, ...], int] | None = None
        self.on_msg(self._on_message)

    @property
    def has_refused_entry(self) -> bool:
        return self.rejected is not None

    def reading(self) -> tuple[Course, ...]:
        """Return the last good plan, in order of start."""
        # Checked again because a list can be changed in place, past the validator.
        return _in_order(self._checked(self.value))

    def next_readings(self) -> tuple[tuple[Course, ...], ...]:
        """Return the plan with the end of a bar that moved last one month on, and back.

        Examples
        --------
        >>> course = {"medicine": "dmab", "start_years": 0, "end_years": 2, "adherence": 1}
        >>> plan = PlanControl("plan", "Plan", [("Denosumab", "dmab", "#0b6bad")], [course])
        >>> plan.next_readings()
        ()
        >>> plan.set_state({"value": [{**course, "end_years": 1.75}]})
        >>> [12 * courses[0]["end_years"] for courses in plan.next_readings()]
        [20.0, 22.0]
        """
        if self._next is None or self._next[0] >= len(self.value):
            return ()
        row, keys, first = self._next
        found = []
        for months in (first, -first):
            courses = self._checked(self.value)
            for key in keys:
                courses[row][key] = (round(courses[row][key] * MONTHS) + months) / MONTHS
            try:
                found.append(_in_order(self._checked(courses)))
            except InputError:
                continue
        return tuple(found)

    def held(self) -> list[Course]:
        # In the order of the rows, so that undoing does not move them.
        return self._checked(self.value)

    def checked(self, value: Any) -> list[Course]:
        return self._checked(value)

    def take(self, value: Any) -> None:
        checked = self._checked(value)
        with self.hold_sync(), self.hold_trait_notifications():
            self.clear_problem()
            self.value = checked

    def load(self, courses: Sequence[Mapping[str, Any]]) -> None:
        """Replace the whole plan by a ready one; what was refused before is gone.

        Raises
        ------
        InputError
            If the plan breaks a rule. Nothing is changed then.
        """
        self.take(courses)

    def read_text(self, text: str) -> list[Course]:
        return self._checked(read_plan(self.name, text))

    def write_text(self, value: Any) -> str:
        return written_plan(value)

    def in_words(self, value: Any) -> str:
        return plan_in_words(value, {key: label for label, key, _ in self.medicines})

    def show_problem(self, text: str) -> None:
        with self.hold_sync():
            self.problem_place = {}
            self.problem = text

    def clear_problem(self) -> None:
        self.rejected = None
        self.problem = ""
        self.problem_place = {}

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take over what the browser sent, or refuse it and keep the last good plan."""
        # A visitor's browser can send anything. Only a plan is taken from it, and it is
        # checked ahead of the traits: ipywidgets would store it first and check it then.
        entry = sync_data.get("rejected")
        if entry is None and not sync_data.keys() & {"value", "rejected"}:
            return
        with self.around_entry():
            self._take_entry(entry, sync_data)

    def _take_entry(self, entry: Any, sync_data: dict[str, Any]) -> None:
        was_typed = entry is not None
        if not was_typed:
            entry = sync_data.get("value", self.value)
        try:
            courses = self._read(entry)
        except _Fault as fault:
            self._refuse(entry, fault, was_typed)
        else:
            self._note_move(courses)
            # A dragged plan is not sent back: the browser may be further by now.
            super().set_state({"value": courses, "rejected": None})
            if was_typed:
                self.send_state(["value", "rejected"])
        if was_typed and type(sync_data.get("asked")) is int:
            self.answered = sync_data["asked"]

    def _note_move(self, courses: list[Course]) -> None:
        """Keep which bar moves, and which way, for :meth:`next_readings`."""
        moved = [(row, *pair) for row, pair in enumerate(zip(self.value, courses, strict=False))
                 if pair[0] != pair[1]]
        self._next = None
        if len(moved) == 1 and len(courses) == len(self.value):
            row, before, after = moved[0]
            keys = tuple(key for key in COURSE_YEARS if after[key] != before[key])
            if keys:
                self._next = row, keys, 1 if after[keys[0]] > before[keys[0]] else -1

    def _on_message(self, _widget: object, content: Any, _buffers: object) -> None:
        # A visitor's browser can send anything.
        match content:
            case {"near": [int(row), str(part)]} if part in MOVED_BY and row >= 0:
                self._next = row, MOVED_BY[part], 1
                self.is_near()

    def _refuse(self, entry: Any, fault: _Fault, was_typed: bool) -> None:
        shown = entry if _can_be_shown(entry) else None
        # With nothing to show, the message comes last: an empty `rejected` clears it.
        if shown is None:
            super().set_state({"rejected": None})
        with self.hold_sync():
            self.problem_place = fault.place
            self.problem = problem_sentence(fault.as_input_error(self.name), self._subject(fault))
        if shown is not None:
            super().set_state({"rejected": shown})
        if shown is None or not was_typed:
            self.send_state(["rejected", "value"])

    def _subject(self, fault: _Fault) -> str:
        if fault.row is None:
            return self.label
        names = {value: label for label, value, _ in self.medicines}
        return names.get(fault.medicine, "Medicine") + SPOKEN.get(fault.fields[0], "")

    def _checked(self, courses: Any) -> list[Course]:
        try:
            return self._read(courses, texts=False)
        except _Fault as fault:
            raise fault.as_input_error(self.name) from None

    def _read(self, entry: Any, texts: bool = True) -> list[Course]:
        if not isinstance(entry, list | tuple):
            raise _Fault("must be a list of courses", entry, "Give a list, empty for no medicine.")
        if len(entry) > self.most_courses:
            rule = f"must have at most {_courses(self.most_courses)}"
            raise _Fault(rule, len(entry), "Remove one.")
        courses = [self._read_course(row, course, texts) for row, course in enumerate(entry)]
        before = self.value if isinstance(self.value, list) else []
        changed = {row for row, course in enumerate(courses) if course not in before}
        self._refuse_overlap(courses, changed)
        return courses

    def _read_course(self, row: int, course: Any, texts: bool) -> Course:
        if not isinstance(course, Mapping) or set(course) != KEYS:
            rule = "must hold courses with " + ", ".join(sorted(KEYS))
            raise _Fault(rule, course, "Give each course these four keys.")
        medicine = course["medicine"]
        known = [value for _, value, _ in self.medicines]
        if not isinstance(medicine, str) or medicine not in known:
            rule = "must be one of " + ", ".join(known)
            raise _Fault(rule, medicine, "Choose one of them.", row, ["medicine"])
        read = {"medicine": medicine}
        for key in NUMBERS:
            try:
                read[key] = self._read_number(key, course[key], texts)
            except InputError as error:
                fault = _Fault(error.rule, error.value, error.remedy, row, [key], medicine)
                raise fault from None
        if not read["start_years"] < read["end_years"]:
            rule, both = "must come before the end", ["start_years", "end_years"]
            raise _Fault(rule, _span(read), "Change one of the two.", row, both, medicine)
        return read

    def _read_number(self, key: str, received: Any, texts: bool) -> float:
        """Return years, or adherence from 0 to 1; what was typed as adherence is percent."""
        high, unit = (1, "") if key == "adherence" else (self.longest_years, " years")
        is_text = texts and isinstance(received, str)
        number = parse_number(key, received) if is_text else received
        if is_text and key == "adherence":
            high, unit = 100, " %"
        # A number that is not equal to itself is NaN.
        if not isinstance(number, Real) or isinstance(number, bool) or number != number:
            raise InputError(key, "must be a number", received, "Give one.")
        if not 0 <= number <= high:
            received = received.strip() if is_text else received
            remedy = RETYPE if key != "adherence" else "Correct it."
            raise InputError(key, f"must be from 0 to {high:g}{unit}", received, remedy)
        return float(number) / 100 if unit == " %" else float(number)

    def _refuse_overlap(self, courses: list[Course], changed: set[int]) -> None:
        order = sorted(range(len(courses)), key=lambda row: courses[row]["start_years"])
        last: dict[str, int] = {}
        for row in order:
            course, medicine = courses[row], courses[row]["medicine"]
            earlier = last.get(medicine)
            if earlier is not None and course["start_years"] < courses[earlier]["end_years"]:
                told, other = (earlier, row) if changed == {earlier} else (row, earlier)
                rule = f"must not overlap the one from {_span(courses[other])}"
                fields = ["medicine", "start_years", "end_years"]
                raise _Fault(rule, _span(courses[told]), "Move one.", told, fields, medicine)
            last[medicine] = row

    @traitlets.validate("value")
    def _value_is_a_plan(self, proposal: Any) -> list[Course]:
        return self._checked(proposal["value"])

    @traitlets.observe("value")
    def _value_replaces_refused_courses(self, change: Any) -> None:
        self.clear_problem()

    @traitlets.observe("rejected")
    def _refused_courses_are_gone(self, change: Any) -> None:
        if self.rejected is None:
            self.clear_problem()


class _Words:
    """A received value in our words: shown without quotation marks."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


class _Fault(Exception):
    """A rule that a plan breaks, with the course and the boxes it is about."""

    def __init__(
        self, rule: str, value: Any, remedy: str,
        row: int | None = None, fields: Iterable[str] = (), medicine: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(rule)
        self.rule, self.value, self.remedy = rule, value, remedy
        self.row, self.fields, self.medicine = row, list(fields), medicine

    @property
    def place(self) -> dict[str, Any]:
        return {} if self.row is None else {"row": self.row, "fields": self.fields}

    def as_input_error(self, name: str) -> InputError:
        where = name if self.row is None else f"{name}[{self.row}].{self.fields[0]}"
        value = self.value
        if isinstance(value, str) and len(value) > QUOTED:
            value = f"{value[: QUOTED - 1]}…"
        return InputError(where, self.rule, value, self.remedy)


def _in_order(courses: list[Course]) -> tuple[Course, ...]:
    return tuple(sorted(courses, key=lambda course: course["start_years"]))


def _can_be_shown(entry: Any) -> bool:
    """Whether the boxes of the page can hold this: courses of texts and finite numbers."""
    return isinstance(entry, list) and all(
        isinstance(course, dict) and set(course) == KEYS
        and isinstance(course["medicine"], str)
        and all(isinstance(course[key], str) or _is_finite(course[key]) for key in NUMBERS)
        for course in entry
    )  # fmt: skip


def _is_finite(number: Any) -> bool:
    # Comparing, not math.isfinite: that one cannot take a whole number of 400 digits.
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    return is_number and -1e300 < number < 1e300


def _check_limits(name: str, medicines: Sequence[Any], longest: float, most: int) -> None:
    labels, values = ([medicine[place] for medicine in medicines] for place in (0, 1))
    if not medicines or len(set(labels)) < len(labels) or len(set(values)) < len(values):
        raise InputError(name, "needs medicines that differ", labels, "Rename one of them.")
    if not 0 < longest < float("inf"):
        raise InputError(name, "needs a positive end of the time line", longest, "Give years.")
    if not most > 0:
        raise InputError(name, "needs room for a course", most, "Allow one course or more.")


def _courses(number: int) -> str:
    return "1 course" if number == 1 else f"{number} courses"


def _span(course: Course) -> _Words:
    return _Words(f"{course['start_years']:.3g} to {course['end_years']:.3g} years")
