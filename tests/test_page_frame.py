"""State, steps and hooks of a page, without a browser."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.view import history
from osteoteach.view.controls import ActionButton, ChoiceControl, NumberControl
from osteoteach.view.history import History
from osteoteach.view.page import Answer, Group, Page


class Desk:
    """A page that counts its answers; a choice of an example moves the age."""

    def __init__(self):
        self.asked = []
        self.age = NumberControl("age_years", "Age", "years", 40, 90, 1, 62)
        self.bmd = NumberControl("bmd", "BMD", "g/cm²", 0.4, 1.4, 0.005, 0.8)
        self.example = ChoiceControl(
            "example", "Example", [("None", "none"), ("Old", "old")], "none")
        self.again = ActionButton("again", "Scan again")
        self.example.observe(self._load, "value")
        self.page = Page("Desk", "", [Group("", [self.example, self.age, self.bmd, self.again])],
                         {}, self._answer)
        self.asked.clear()

    def _load(self, change):
        if change["new"] == "old":
            self.age.value = 85
            self.bmd.value = 0.6

    def _answer(self, values):
        self.asked.append(dict(values))
        return Answer(f"{values['age_years']:g}, {values['bmd']:g}, {values['again']}.")

    def send(self, **content):
        self.page.frame._handle_custom_msg(content, [])


@pytest.fixture
def desk():
    return Desk()


def test_state_goes_in_and_out_with_one_answer(desk):
    desk.page.apply_state({"age_years": 70, "bmd": 0.7})
    assert desk.page.state() == {"example": "none", "age_years": 70.0, "bmd": 0.7, "again": 0}
    assert len(desk.asked) == 1
    assert desk.page.frame.sentence == "70, 0.7, 0."


@pytest.mark.parametrize("values", [
    {"age_years": 70, "bmd": 9}, {"age_years": 70, "unknown": 1}, {"age_years": "70"},
    {"age_years": True}, {"age_years": float("nan")}, {"age_years": 10**400},
    {"bmd": 0.7, "example": "young"}, {"bmd": 0.7, "again": -1}, {"again": 10**9}])
def test_a_state_with_one_wrong_value_changes_nothing(desk, values):
    before = desk.page.state()
    with pytest.raises(InputError):
        desk.page.apply_state(values)
    assert desk.page.state() == before
    assert desk.asked == []


def test_a_control_that_moves_others_does_not_overrule_a_state(desk):
    """The example would set the age to 85; the state says 50."""
    desk.page.apply_state({"bmd": 0.9, "age_years": 50, "example": "old"})
    assert desk.page.state() == {"example": "old", "age_years": 50.0, "bmd": 0.9, "again": 0}


def test_one_entry_that_moves_three_controls_is_one_answer_and_one_step(desk):
    desk.example.set_state({"index": 1})
    assert len(desk.asked) == 1
    assert desk.page.state()["age_years"] == 85.0
    desk.page.undo()
    assert desk.page.state() == desk.page.start_state()
    assert not desk.page.frame.can_undo
    desk.page.redo()
    assert desk.page.state()["bmd"] == 0.6


def test_quick_changes_of_one_slider_are_one_step_and_slow_ones_are_not(desk, monkeypatch):
    clock = itertools.chain([0, 0.5, 1.2, 9], itertools.count(20)).__next__
    monkeypatch.setattr(history.time, "monotonic", clock)
    for age in (63, 64, 65, 66):
        desk.age.set_state({"value": age})
    desk.bmd.set_state({"value": 0.81})
    seen = []
    while desk.page.frame.can_undo:
        desk.page.undo()
        seen.append((desk.age.value, desk.bmd.value))
    assert seen == [(66, 0.8), (65, 0.8), (62, 0.8)]


def test_a_drag_is_one_step_from_press_to_release(desk, monkeypatch):
    clock = itertools.count(0, 10).__next__
    monkeypatch.setattr(history.time, "monotonic", clock)
    desk.send(drag=True)
    for age in (63, 70, 80):
        desk.age.set_state({"value": age})
    desk.send(drag=False)
    desk.send(drag=True)
    desk.age.set_state({"value": 81})
    desk.send(drag=False)
    desk.send(do="undo")
    assert desk.age.value == 80
    desk.send(do="undo")
    assert desk.age.value == 62
    desk.send(do="redo")
    assert desk.age.value == 80


def test_presses_of_a_button_are_steps_of_their_own(desk):
    for count in (1, 2):
        desk.again.set_state({"count": count})
    desk.page.undo()
    assert desk.again.count == 1


def test_a_slider_right_after_reset_is_a_step_of_its_own(desk):
    desk.age.set_state({"value": 80})
    desk.send(do="reset")
    desk.age.set_state({"value": 63})
    desk.send(do="undo")
    assert desk.age.value == 62
    desk.send(do="undo")
    assert desk.age.value == 80


def test_a_refused_text_is_taken_back_first(desk):
    desk.age.set_state({"value": 70})
    desk.age._handle_custom_msg({"typed": "620"}, [])
    assert desk.page.frame.stale
    assert desk.page.frame.can_undo
    desk.page.undo()
    assert (desk.age.rejected, desk.age.value, desk.page.frame.stale) == (None, 70.0, False)
    desk.page.undo()
    assert desk.age.value == 62


def test_a_new_step_after_undo_ends_what_could_be_done_again(desk):
    desk.page.apply_state({"age_years": 70})
    desk.page.undo()
    assert desk.page.frame.can_redo
    desk.page.apply_state({"age_years": 71})
    assert not desk.page.frame.can_redo


def test_listeners_hear_every_answer_also_a_failed_one(desk):
    heard = []
    desk.page.on_change(lambda: heard.append(desk.page.frame.stale))
    desk.age.enter("70")
    desk.age.enter("x")
    assert heard == [False, True]


def test_a_browser_cannot_write_into_the_frame(desk):
    before = desk.page.frame.get_state()
    desk.page.frame.set_state({"sentence": "You are well.", "link": "x", "can_undo": True})
    assert desk.page.frame.get_state() == before


@given(st.lists(st.one_of(st.integers(0, 5), st.sampled_from(["undo", "redo"])), max_size=60))
def test_history_is_a_walk_that_can_be_walked_back(moves):
    steps, told, place = History({"x": 0}), [{"x": 0}], 0
    for move in moves:
        if move == "undo":
            place = max(0, place - 1)
            assert steps.undo() == told[place]
        elif move == "redo":
            place = min(len(told) - 1, place + 1)
            assert steps.redo() == told[place]
        elif {"x": move} != told[place]:
            told[place + 1:] = [{"x": move}]
            place += 1
            steps.record({"x": move})
        assert steps.present == told[place]
        assert (steps.can_undo, steps.can_redo) == (place > 0, place < len(told) - 1)


def test_history_forgets_its_oldest_steps():
    steps = History({"x": 0}, longest=3)
    for x in range(1, 10):
        steps.record({"x": x})
    walked = []
    while steps.can_undo:
        walked.append(steps.undo()["x"])
    assert walked == [8, 7, 6]
