"""The page "Start, stop, switch" without a browser: the example and the plans it loads."""

from __future__ import annotations

import pytest

from osteoteach.view.dashboards.sequence import READY, page


@pytest.fixture
def desk(monkeypatch):
    monkeypatch.delenv("QUERY_STRING", raising=False)
    opened = page()
    opened.lock._opened_with(False)
    return opened


def choose(desk, key):
    """As a reader chooses an example."""
    desk.controls["ready"].set_state({"index": list(READY).index(key)})


def shortened(desk):
    """The plan with its last course a year shorter."""
    *others, last = desk.controls["plan"].held()
    return [*others, {**last, "end_years": last["end_years"] - 1}]


def plans(desk):
    return [desk.controls[name].held() for name in ("plan", "second_plan")]


@pytest.mark.parametrize("name", ["plan", "second_plan"])
def test_a_plan_that_is_changed_is_no_example_any_more(desk, name):
    courses = desk.controls[name].held()
    courses[-1]["end_years"] -= 0.5
    desk.controls[name].set_state({"value": courses})
    assert desk.state()["ready"] == "own"


@pytest.mark.parametrize("key", READY)
def test_the_example_can_be_chosen_again_after_a_change(desk, key):
    choose(desk, key)
    assert plans(desk) == [list(courses) for courses in READY[key][1:3]]
    desk.controls["plan"].set_state({"value": shortened(desk)})
    choose(desk, key)
    assert desk.state()["ready"] == key
    assert plans(desk) == [list(courses) for courses in READY[key][1:3]]


def test_undo_brings_back_the_plan_and_its_name_in_one_step(desk):
    before = desk.state()
    desk.drag(True)
    for months in (59, 58, 57):
        first, last = desk.controls["plan"].held()
        desk.controls["plan"].set_state({"value": [first, {**last, "end_years": months / 12}]})
    desk.drag(False)
    changed = desk.state()
    desk.undo()
    assert desk.state() == before
    assert not desk.can_undo
    desk.redo()
    assert desk.state() == changed
    desk.reset()
    assert desk.state() == before


def test_years_and_comparison_are_questions_to_the_same_example(desk):
    desk.controls["years"].set_state({"value": 8})
    desk.controls["compare"].set_state({"index": 1})
    assert desk.state()["ready"] == "romosozumab_order"


@pytest.mark.parametrize("query", [
    "?plan=denosumab:0-4", "?ready=own&plan=denosumab:0-4", "?ready=denosumab_stop&plan="
    "denosumab:0-4"])
def test_a_link_with_a_plan_opens_that_plan_as_ones_own(desk, query):
    desk.open_link(query)
    assert desk.state()["ready"] == "own"
    assert [one["end_years"] for one in plans(desk)[0]] == [4]
    again = page()
    again.open_link(desk.link())
    assert again.state() == desk.state()


def test_a_link_with_an_example_opens_its_plans(desk):
    desk.open_link("?ready=teriparatide_stop")
    assert plans(desk) == [list(courses) for courses in READY["teriparatide_stop"][1:3]]
    again = page()
    again.open_link(desk.link())
    assert again.state() == desk.state()
