"""Controls and the page's logic, without a browser."""

from __future__ import annotations

import logging
import math

import pytest

from osteoteach.errors import InputError
from osteoteach.view.controls import (
    ActionButton,
    ChoiceControl,
    NumberControl,
    ToggleControl,
    parse_number,
    problem_sentence,
)
from osteoteach.view.page import Answer, ChartPatch, Group, Page

SEXES = [("Woman", "female"), ("Man", "male")]


def age_control() -> NumberControl:
    return NumberControl("age_years", "Age", "years", 40, 90, 1, 62)


class Recorder:
    """A chart that writes down how it was patched."""

    model_id = "chart-1"

    def __init__(self):
        self.patches = []

    def patch(self, **changes):
        self.patches.append(changes)


@pytest.mark.parametrize(
    ("text", "number"),
    [("62", 62.0), (" 62.5 ", 62.5), ("62,5", 62.5), ("\u22122.5", -2.5), ("\u20132,5", -2.5),
     ("+3", 3.0), (".5", 0.5), ("5.", 5.0)],
)  # fmt: skip
def test_number_is_read_as_people_type_it(text, number):
    assert parse_number("x", text) == number


@pytest.mark.parametrize(
    "text", ["", " ", "abc", "nan", "inf", "1e3", "1_000", "1,234.5", "1.2.3", "--1", "6 2"]
)
def test_text_that_is_not_one_plain_number_is_refused(text):
    with pytest.raises(InputError, match="must be a number"):
        parse_number("x", text)


def test_refused_entry_keeps_text_and_last_good_value():
    age = age_control()
    age.enter("70")
    age.enter("620")
    assert (age.value, age.rejected, age.has_refused_entry) == (70.0, "620", True)
    assert age.problem.startswith("Age must be from 40 to 90 years. You entered “620”.")
    age.value = 71
    assert (age.rejected, age.problem) == (None, "")


def test_good_entry_and_reset_clear_the_message():
    age = age_control()
    age.enter("x")
    age.enter("63,5")
    assert (age.value, age.problem, age.has_refused_entry) == (63.5, "", False)
    age.enter("x")
    age.reset()
    assert (age.value, age.problem, age.has_refused_entry) == (62.0, "", False)


@pytest.mark.parametrize("value", [39.9, 91, math.nan, math.inf])
def test_number_from_the_browser_is_checked_too(value):
    age = age_control()
    with pytest.raises(InputError):
        age.value = value
    assert age.value == 62.0


@pytest.mark.parametrize(
    "numbers", [(90, 40, 1, 62), (40, 90, 0, 62), (40, 90, 1, 30), (40, 40, 1, 40)]
)
def test_impossible_number_control_is_refused(numbers):
    with pytest.raises(InputError, match="age_years"):
        NumberControl("age_years", "Age", "years", *numbers)


def test_negative_limits_are_written_with_a_minus_sign():
    shift = NumberControl("t_score", "T-score", "", -4, 2, 0.1, -1)
    shift.enter("-5")
    assert "from −4 to 2." in shift.problem


def test_choice_takes_only_its_options():
    sex = ChoiceControl("sex", "Sex", SEXES, "female")
    sex.value = "male"
    assert sex.index == 1
    sex.index = 0
    assert sex.value == "female"
    with pytest.raises(InputError, match="must be one of 'female', 'male'"):
        sex.value = "other"
    with pytest.raises(InputError, match="must be from 0 to 1"):
        sex.index = 2
    assert sex.value == "female"
    with pytest.raises(InputError, match="must be one of"):
        ChoiceControl("sex", "Sex", SEXES, "Woman")


def test_typed_message_from_the_browser_is_entered_and_nonsense_ignored():
    age = age_control()
    age._handle_custom_msg({"typed": "70"}, [])
    assert age.value == 70.0
    for nonsense in ({"typed": 5}, {"other": "1"}, "text", None, ["typed"]):
        age._handle_custom_msg(nonsense, [])
    assert (age.value, age.problem) == (70.0, "")


def test_problem_sentence_uses_label_and_value():
    error = InputError("bmd_g_cm2", "must be positive", -1, "Check it.")
    assert problem_sentence(error, "BMD") == "BMD must be positive. You entered -1. Check it."


def test_problem_sentence_stays_short():
    error = InputError("x", "must be a number", "6" * 5000, "Type one.")
    assert len(problem_sentence(error, "X")) < 100


class Desk:
    """A page with one of each control, and an answer that a test can replace."""

    def __init__(self):
        self.age = age_control()
        self.sex = ChoiceControl("sex", "Sex", SEXES, "female")
        self.after = ToggleControl("menopause", "After menopause", True)
        self.again = ActionButton("again", "Again")
        self.chart = Recorder()
        self.asked = []
        self.trouble = None
        self.page = Page(
            "Title",
            "Lead",
            [Group("Person", [self.age, self.sex, self.after]), Group("", [self.again])],
            {"curve": self.chart},
            self.answer,
            lambda values: {"menopause"} if values["sex"] == "male" else set(),
        )
        self.frame = self.page.frame

    def answer(self, values):
        self.asked.append(values)
        if self.trouble:
            raise self.trouble
        patch = ChartPatch(signals={"age": values["age_years"]}, description="d")
        return Answer(f"Age {values['age_years']:g}", why="<p>w</p>", charts={"curve": patch})


@pytest.fixture
def desk():
    return Desk()


def test_first_answer_is_shown_at_once(desk):
    assert desk.frame.sentence == "Age 62"
    assert desk.asked == [{"age_years": 62.0, "sex": "female", "menopause": True, "again": 0}]
    assert desk.chart.patches == [{"data": None, "signals": {"age": 62.0}, "description": "d"}]


def test_each_kind_of_change_asks_once(desk):
    desk.asked.clear()
    desk.age.value = 63
    desk.sex.index = 1
    desk.after.value = False
    desk.again.count = 1
    desk.age.enter("64")
    assert len(desk.asked) == 5
    assert desk.asked[-1] == {"age_years": 64.0, "sex": "male", "menopause": False, "again": 1}


def test_refused_entry_asks_nothing_and_recovery_asks_once(desk):
    desk.asked.clear()
    desk.age.enter("620")
    desk.again.count = 1
    assert (desk.asked, desk.frame.stale, desk.frame.sentence) == ([], True, "Age 62")
    desk.age.enter("62")  # the value was 62 all the time
    assert len(desk.asked) == 1
    assert (desk.frame.stale, desk.frame.notice) == (False, "")


def test_hidden_control_cannot_hold_the_page_up(desk):
    desk.sex.value = "male"
    assert not desk.after.visible
    desk.trouble = InputError("menopause", "does not apply", True, "Leave it out.")
    desk.age.value = 63
    assert desk.after.problem == ""
    assert "menopause does not apply" in desk.frame.notice


def test_input_error_goes_to_its_control_and_leaves_with_the_next_answer(desk):
    desk.trouble = InputError("age_years", "must fit the menopause", 62, "Correct one.")
    desk.again.count = 1
    assert desk.age.problem == "Age must fit the menopause. You entered 62. Correct one."
    assert (desk.frame.stale, desk.frame.notice) == (True, "Correct Age to go on.")
    desk.trouble = None
    desk.again.count = 2
    assert (desk.age.problem, desk.frame.stale, desk.frame.notice) == ("", False, "")


def test_other_exception_becomes_a_logged_banner(desk, caplog):
    desk.trouble = KeyError("femoral_neck")
    with caplog.at_level(logging.ERROR):
        desk.age.value = 63
    assert desk.frame.fault == "KeyError: 'femoral_neck'."
    assert (desk.frame.stale, desk.frame.sentence) == (True, "Age 62")
    assert "femoral_neck" in caplog.text
    desk.trouble = None
    desk.page.reset()
    assert (desk.frame.fault, desk.frame.stale, desk.age.value) == ("", False, 62.0)


def test_chart_that_fails_is_a_fault_too(desk):
    desk.chart.patch = lambda **changes: 1 / 0
    desk.age.value = 63
    assert desk.frame.fault.startswith("ZeroDivisionError")
    assert desk.frame.sentence == "Age 62"


def test_page_whose_first_answer_fails_still_stands():
    def fail(values):
        raise InputError("age_years", "must be known", 62, "Look it up.")

    age = age_control()
    page = Page("T", "L", [Group("", [age])], {}, fail)
    assert (page.frame.sentence, page.frame.stale) == ("", True)
    assert age.problem == "Age must be known. You entered 62. Look it up."


def test_reset_asks_once_even_after_many_changes(desk):
    desk.age.enter("x")
    desk.sex.value = "male"
    desk.again.count = 3
    desk.asked.clear()
    desk.frame._handle_custom_msg({"do": "reset"}, [])
    assert desk.asked == [{"age_years": 62.0, "sex": "female", "menopause": True, "again": 0}]
    assert not desk.age.has_refused_entry


def test_two_controls_of_one_name_are_refused():
    with pytest.raises(InputError, match="age_years is given to two controls"):
        Page("T", "L", [Group("", [age_control(), age_control()])], {}, lambda values: None)


# What a visitor's browser sends ---------------------------------------------------------


@pytest.mark.parametrize("value", [620, -1, True, "62", None, [62], float("nan"), float("inf")])
def test_a_number_that_the_browser_must_not_send_is_never_stored(value):
    """ipywidgets stores first and checks then; the control checks first."""
    control = NumberControl("age_years", "Age", "years", 40, 90, 1, 62)
    with pytest.raises(InputError):
        control.set_state({"value": value})
    assert control.value == 62
    assert control.reading() == 62


@pytest.mark.parametrize("index", [2, -1, True, "1", None, 0.5])
def test_a_choice_that_does_not_exist_is_never_stored(index):
    control = ChoiceControl("sex", "Sex", [("Woman", "female"), ("Man", "male")], "female")
    with pytest.raises(InputError):
        control.set_state({"index": index})
    assert (control.index, control.value) == (0, "female")


def test_a_browser_cannot_widen_a_range_or_rename_a_control():
    """Only what a reader sets is taken from the browser."""
    control = NumberControl("age_years", "Age", "years", 40, 90, 1, 62)
    control.set_state({"high": 1000, "label": "<b>x</b>", "problem": "x", "value": 70})
    assert (control.high, control.label, control.problem, control.value) == (90, "Age", "", 70)
