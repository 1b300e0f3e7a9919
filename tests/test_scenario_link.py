"""Links that carry a scenario: what comes from outside is checked, told, and harmless."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.view.controls import ActionButton, ChoiceControl, NumberControl, ToggleControl
from osteoteach.view.dashboards import diagnose, noise, population, reversal, risk, sequence
from osteoteach.view.page import Answer, Group, Page
from osteoteach.view.plan_control import PlanControl
from osteoteach.view.plan_text import read_plan, written_plan
from osteoteach.view.scenario_link import LONGEST_QUERY, query_from_state, state_from_query

MEDICINES = [("Denosumab", "denosumab", "#7a2a8f"), ("Zoledronate", "zoledronate", "#0f7c74")]
START_PLAN = [{"medicine": "denosumab", "start_years": 0, "end_years": 2, "adherence": 1}]
MODULES = {module.__name__.rsplit(".", 1)[1]: module
           for module in (diagnose, noise, population, reversal, risk, sequence)}


def controls() -> dict:
    made = (
        NumberControl("age_years", "Age", "years", 40, 90, 1, 62),
        ChoiceControl("sex", "Sex", [("Woman", "female"), ("Man", "male")], "female"),
        ToggleControl("smokes", "Smokes", False),
        ActionButton("again", "Scan again"),
        PlanControl("plan", "Plan", MEDICINES, START_PLAN),
    )
    return {control.name: control for control in made}


DESK = controls()
COURSES = st.lists(st.tuples(
    st.sampled_from(["denosumab", "zoledronate"]),
    st.floats(0, 11.9, allow_nan=False), st.floats(0.001, 12, allow_nan=False),
    st.one_of(st.just(1.0), st.floats(0, 1, allow_nan=False))), max_size=4)


@st.composite
def states(draw) -> dict:
    plan = []
    for medicine, start, end, adherence in draw(COURSES):
        course = {"medicine": medicine, "start_years": start, "end_years": end,
                  "adherence": adherence}
        try:
            DESK["plan"].checked([*plan, course])
        except InputError:
            continue
        plan.append(course)
    return {"age_years": draw(st.floats(40, 90)), "sex": draw(st.sampled_from(["female", "male"])),
            "smokes": draw(st.booleans()), "again": draw(st.integers(0, 500)),
            "plan": DESK["plan"].checked(plan)}


@given(states())
def test_what_a_link_writes_it_reads_back_to_the_last_digit(state):
    values, problems = state_from_query(DESK, query_from_state(DESK, state))
    assert problems == []
    start = {name: control.start for name, control in DESK.items()}
    assert {**start, **values} == state


def test_a_link_names_only_what_differs_from_the_start():
    start = {name: control.start for name, control in DESK.items()}
    assert query_from_state(DESK, start) == ""
    assert query_from_state(DESK, {**start, "age_years": 70.0}) == "age_years=70"
    assert query_from_state(DESK, {**start, "plan": []}) == "plan=none"
    assert query_from_state(DESK, start, also=["sex"]) == "sex=female"


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(
    st.text(max_size=300),
    st.text(alphabet="%&=+;?#\x00<>'\"\\agesxplny_0123456789.-:,@", max_size=400),
    st.binary(max_size=200).map(lambda raw: "plan=" + "".join(f"%{byte:02x}" for byte in raw)),
    st.tuples(st.sampled_from(list(DESK)), st.text(max_size=60)).map("=".join)))
def test_anything_at_all_gives_good_values_or_a_sentence(query):
    values, problems = state_from_query(DESK, query)
    for name, value in values.items():
        assert DESK[name].checked(value) == value
    assert len(problems) <= 9
    for told in problems:
        assert told.endswith((".", "?"))
        assert told.isprintable()
        assert len(told) < 400


@pytest.mark.parametrize("text", ["1e400", "nan", "inf", "-1", "9" * 400, "", "6 2", "0x40"])
def test_a_number_that_is_none_or_out_of_range_leaves_the_start(text):
    values, (told,) = state_from_query(DESK, f"age_years={text}")
    assert values == {}
    assert told.startswith("Age must be ")
    assert "The start value, 62 years, is shown." in told


@pytest.mark.parametrize(("text", "words"), [
    ("denosumab", "must be written like"), ("denosumab:0-14", "from 0 to 12 years"),
    ("denosumab:2-1", "must come before the end"), ("aspirin:0-1", "must be one of"),
    ("denosumab:0-1,denosumab:0.5-2", "must not overlap"), ("denosumab:0-1@900", "from 0 to 1"),
    (",".join(["denosumab:0-1"] * 9), "at most 6 courses"), ("denosumab:1.2.3-4", "a number")])
def test_a_plan_that_cannot_be_drawn_is_told(text, words):
    values, (told,) = state_from_query(DESK, f"plan={text}")
    assert values == {}
    assert words in told
    assert "Denosumab from year 0 to 2" in told


def test_a_plan_is_written_as_people_read_it():
    plan = read_plan("plan", "denosumab:0-3,zoledronate:3-4@80")
    assert plan[1]["adherence"] == 0.8
    assert written_plan(plan) == "denosumab:0-3,zoledronate:3-4@0.8"
    assert read_plan("plan", "none") == []


def test_names_that_are_unknown_or_given_twice_are_told():
    values, problems = state_from_query(DESK, "age=70&sex=male&sex=female&color=red&smokes=true")
    assert values == {"smokes": True}
    assert problems == [
        "The link names “age”, which this page does not have. Did you mean age_years?",
        "The link gives Sex more than once. The start value, Woman, is shown.",
        "The link names “color”, which this page does not have."]


def test_names_that_belong_to_others_are_passed_over():
    query = "guess=1&present=1&step=3&room=AB12&key=s3&token=x&voila-theme=dark&age_years=70"
    assert state_from_query(DESK, query) == ({"age_years": 70.0}, [])


def test_a_link_that_is_too_long_or_names_too_much_is_left_aside():
    told = state_from_query(DESK, "age_years=70&x=" + "x" * 10_000)
    assert told == ({}, [f"The link is longer than {LONGEST_QUERY:,} characters. "
                         "Nothing was taken from it."])
    values, (said,) = state_from_query(DESK, "&".join(f"a{n}=1" for n in range(500)))
    assert values == {}
    assert "more than 100 values" in said


def test_control_signs_and_broken_bytes_are_shown_as_such():
    _, (told,) = state_from_query(DESK, "sex=%00%1b%FF%ZZ\u202e")
    assert "“\ufffd\ufffd\ufffd%ZZ\ufffd”" in told


# ---- on a page --------------------------------------------------------------------


def desk_page() -> Page:
    made = controls()
    return Page("Desk", "", [Group("", list(made.values()))], {},
                lambda values: Answer(f"You are {values['age_years']:g}."))


def test_a_page_opens_its_link_with_one_answer_and_tells_what_was_wrong():
    page = desk_page()
    page.frame._handle_custom_msg({"query": "?age_years=70&sex=other"}, [])
    assert page.frame.sentence == "You are 70."
    assert page.frame.linked
    assert len(page.frame.link_problems) == 1
    assert page.frame.link == "age_years=70"
    assert not page.frame.can_undo


@pytest.mark.parametrize("content", [
    None, "query", {"query": 5}, {"query": None}, {"query": "a", "do": "undo"}, {"do": "close"},
    {"do": ["undo"]}, {"drag": 1}, {"handout": 7}, [], {"reset": True}])
def test_a_message_that_no_page_sends_changes_nothing(content):
    page = desk_page()
    before = page.frame.get_state()
    page.frame._handle_custom_msg(content, [])
    assert page.frame.get_state() == before


def moved(control):
    """Another value for a control."""
    if isinstance(control, NumberControl):
        return control.low if control.held() != control.low else control.high
    if isinstance(control, ChoiceControl):
        return next((v for v in control._values if v != control.held()), control.held())
    if isinstance(control, ToggleControl):
        return not control.held()
    if isinstance(control, ActionButton):
        return control.held() + 1
    return []


@pytest.mark.parametrize("name", MODULES)
def test_every_dashboard_comes_back_from_its_own_link(name):
    """Each control alone and the last state of all, also where one control moves others."""
    page = MODULES[name].page()
    for control in page.controls.values():
        control.take(moved(control))
        again = MODULES[name].page()
        again.open_link(page.frame.link)
        assert again.frame.link_problems == []
        assert again.state() == page.state(), control.name
        assert len(page.frame.link) < LONGEST_QUERY / 2
    assert all(math.isfinite(v) for v in page.state().values() if isinstance(v, float))
