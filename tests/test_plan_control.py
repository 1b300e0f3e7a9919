"""The treatment plan without a browser: what it accepts, refuses and gives back."""

from __future__ import annotations

import copy
import json
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.view.controls import NumberControl
from osteoteach.view.page import Answer, Group, Page
from osteoteach.view.plan_control import PlanControl

MEDICINES = [("Alendronate", "alendronate", "#1c6ea4"), ("Denosumab", "denosumab", "#6f2a86")]


def course(medicine="denosumab", start_years=0.0, end_years=2.0, adherence=1.0):
    return {"medicine": medicine, "start_years": start_years, "end_years": end_years,
            "adherence": adherence}  # fmt: skip


START = [course("alendronate", 0.0, 5.0, 0.8), course("denosumab", 5.0, 8.0)]


def plan_control(start=START, **changes):
    return PlanControl("plan", "Treatment plan", MEDICINES, start, **changes)


def send(plan, **state):
    """What a browser sets arrives as one message like this."""
    state = json.loads(json.dumps(state))
    plan._handle_msg({"content": {"data": {"method": "update", "state": state}}, "buffers": []})


@pytest.fixture
def plan():
    return plan_control()


@pytest.fixture
def sent(plan, monkeypatch):
    """The states that reach the browser, in order."""
    states = []

    def record(message, buffers=None):
        if message["method"] == "update":
            states.append(message["state"])

    monkeypatch.setattr(plan, "_send", record)
    return states


# ---- what is a plan -------------------------------------------------------------


def test_reading_is_the_plan_in_order_of_start():
    plan = plan_control([START[1], START[0]])
    assert plan.reading() == (START[0], START[1])
    assert plan.value == [START[1], START[0]]


def test_plan_may_be_empty_and_fill_the_whole_line():
    assert plan_control([]).reading() == ()
    assert plan_control([course(end_years=12)]).reading() == (course(end_years=12.0),)


def test_courses_of_one_medicine_may_touch_and_of_two_may_overlap():
    both = [course(end_years=1), course(start_years=1, end_years=2), course("alendronate")]
    assert len(plan_control(both).reading()) == 3


def test_whole_numbers_become_floats_and_the_callers_list_is_not_shared():
    mine = [course(start_years=0, end_years=2, adherence=1)]
    plan = plan_control(mine)
    assert [type(plan.value[0][key]) for key in ("start_years", "end_years", "adherence")] == [
        float, float, float,
    ]  # fmt: skip
    mine[0]["end_years"] = 99
    plan.reading()[0]["end_years"] = 99
    assert plan.reading() == (course(),)


BROKEN = [
    ([course(end_years=14)], r"plan\[0\].end_years must be from 0 to 12 years; received 14"),
    ([course(start_years=-0.1)], r"plan\[0\].start_years must be from 0 to 12 years"),
    ([course(start_years=2)], r"plan\[0\].start_years must come before the end; received 2 to 2"),
    ([course(start_years=3)], r"must come before the end"),
    ([course(start_years=math.nan)], r"start_years must be a number"),
    ([course(end_years=math.inf)], r"end_years must be from 0 to 12 years"),
    ([course(end_years=10**400)], r"end_years must be from 0 to 12 years"),
    ([course(end_years=True)], r"end_years must be a number"),
    ([course(end_years="2")], r"end_years must be a number"),
    ([course(end_years=None)], r"end_years must be a number"),
    ([course(adherence=1.01)], r"plan\[0\].adherence must be from 0 to 1; received 1.01"),
    ([course(adherence=-0.01)], r"adherence must be from 0 to 1"),
    ([course("vitamin_d")], r"plan\[0\].medicine must be one of alendronate, denosumab"),
    ([course(["denosumab"])], r"plan\[0\].medicine must be one of"),
    ([{"medicine": "denosumab"}], r"must hold courses with"),
    ([{**course(), "dose": 1}], r"must hold courses with"),
    ([None], r"must hold courses with"),
    ([course(), course(start_years=1.9, end_years=3)], r"plan\[1\].* overlap .* 0 to 2 years"),
    ([course(start_years=1, end_years=3), course()], "overlap"),
    ([course(), course()], "overlap"),
    ([course(start_years=i, end_years=i + 1) for i in range(7)], "at most 6 courses; received 7"),
    (None, "must be a list of courses"),
    ("denosumab", "must be a list of courses"),
    ({"medicine": "denosumab"}, "must be a list of courses"),
]


@pytest.mark.parametrize(("value", "message"), BROKEN)
def test_python_is_told_which_rule_a_plan_breaks(plan, value, message):
    with pytest.raises(InputError, match=message):
        plan.value = value
    with pytest.raises(InputError, match=message):
        plan.load(value)
    with pytest.raises(InputError, match=message):
        plan_control(value)
    assert plan.reading() == tuple(START)
    assert (plan.problem, plan.rejected) == ("", None)


def test_limits_are_those_of_the_control():
    short = plan_control([], longest_years=3, most_courses=1)
    with pytest.raises(InputError, match="from 0 to 3 years"):
        short.value = [course(end_years=3.5)]
    with pytest.raises(InputError, match="at most 1 course; received 2"):
        short.value = [course(), course("alendronate")]


@pytest.mark.parametrize(
    "changes",
    [{"longest_years": 0}, {"longest_years": math.inf}, {"longest_years": math.nan},
     {"most_courses": 0}],
)  # fmt: skip
def test_impossible_limits_are_refused(changes):
    with pytest.raises(InputError, match="plan needs"):
        plan_control([], **changes)


@pytest.mark.parametrize("medicines", [[], [MEDICINES[0], MEDICINES[0]],
                                       [("A", "a", "red"), ("A", "b", "blue")]])
def test_medicines_must_be_told_apart(medicines):
    with pytest.raises(InputError, match="needs medicines that differ"):
        PlanControl("plan", "Plan", medicines, [])


def test_list_that_was_changed_in_place_is_not_given_out(plan):
    plan.value[0]["end_years"] = 99.0
    with pytest.raises(InputError, match="end_years must be from 0 to 12"):
        plan.reading()


# ---- what the browser sends -----------------------------------------------------


def test_dragged_plan_is_taken_over_and_not_sent_back(plan, sent):
    send(plan, value=[course("alendronate", 1 / 12, 5, 0.8), START[1]], rejected=None)
    assert plan.reading()[0]["start_years"] == 1 / 12
    assert sent == []


def test_typed_plan_is_read_as_people_type_and_sent_back(plan, sent):
    send(plan, rejected=[course("alendronate", " 0,5 ", 5, "75,5"), START[1]])
    assert plan.reading()[0] == course("alendronate", 0.5, 5.0, 0.755)
    assert not plan.has_refused_entry
    assert sent == [{"value": plan.value, "rejected": None}]


def test_typed_entry_is_answered_by_its_number_after_its_result(plan, sent):
    send(plan, rejected=[{**START[0], "end_years": "4"}], asked=7)
    send(plan, rejected=[{**START[0], "end_years": "40"}], asked=8)
    numbers = [state["answered"] for state in sent if "answered" in state]
    assert numbers == [7, 8]
    assert sent[0] == {"value": plan.value, "rejected": None}
    for nonsense in ("9", None, True, 1.5, [9]):
        send(plan, rejected=[{**START[0], "end_years": "40"}], asked=nonsense)
    assert plan.answered == 8


TYPED = [
    ("end_years", "14", "Denosumab: end must be from 0 to 12 years. You entered “14”. "
     "Correct it, or drag the bar."),
    ("end_years", "two", "Denosumab: end must be a number. You entered “two”."),
    ("end_years", "", "Denosumab: end must be a number. The box is empty."),
    ("end_years", "nan", "Denosumab: end must be a number. You entered “nan”."),
    ("end_years", "5", "Denosumab: start must come before the end. You entered 5 to 5 years. "
     "Change one of the two."),
    ("adherence", "101", "Denosumab: adherence must be from 0 to 100 %. You entered “101”."),
    ("adherence", "-1", "Denosumab: adherence must be from 0 to 100 %. You entered “-1”."),
    ("start_years", "9" * 400, "You entered “999999999999999…”."),
]  # fmt: skip


@pytest.mark.parametrize(("key", "text", "message"), TYPED)
def test_refused_text_stays_with_message_and_place_and_the_last_good_plan(plan, key, text, message):
    entry = [START[0], {**START[1], key: text}]
    send(plan, rejected=entry)
    assert plan.reading() == tuple(START)
    assert (plan.rejected, plan.has_refused_entry) == (entry, True)
    assert message in plan.problem
    assert plan.problem_place["row"] == 1
    assert key in plan.problem_place["fields"]


def test_correcting_the_other_box_takes_the_typed_text_over(plan):
    send(plan, rejected=[START[0], {**START[1], "start_years": "9"}])
    assert plan.has_refused_entry
    send(plan, rejected=[START[0], {**START[1], "start_years": "9", "end_years": "10"}])
    assert plan.reading()[1] == course("denosumab", 9.0, 10.0)
    assert (plan.problem, plan.problem_place, plan.has_refused_entry) == ("", {}, False)


def test_choice_that_makes_courses_overlap_is_refused_beside_it(plan, sent):
    plan.value = [course("alendronate", 0, 5), course("denosumab", 2, 4)]
    sent.clear()
    for row in (0, 1):
        entry = copy.deepcopy(plan.value)
        entry[row]["medicine"] = entry[1 - row]["medicine"]
        send(plan, value=entry, rejected=None)
        assert plan.problem_place["row"] == row
        assert "must not overlap the one from" in plan.problem
        assert plan.rejected == entry
        # The browser holds the refused plan as its value: it is told both anew.
        assert sent[-1] == {"rejected": entry, "value": plan.value}
        send(plan, rejected=None)
        assert not plan.has_refused_entry


def test_too_many_courses_are_refused_beside_the_whole_plan():
    plan = plan_control([], most_courses=1)
    entry = [course(), course("alendronate")]
    send(plan, value=entry)
    assert (plan.rejected, plan.problem_place) == (entry, {})
    assert plan.problem == (
        "Treatment plan must have at most 1 course. You entered 2. Remove one."
    )


@pytest.mark.parametrize(
    "entry",
    ["text", 5, {"a": 1}, [5], [{}], [{**course(), "x": 1}], [course(end_years=None)],
     [course(end_years=[1])], [course(5)], [course(end_years=True)]],
)  # fmt: skip
@pytest.mark.parametrize("trait", ["value", "rejected"])
def test_nonsense_is_told_and_the_browser_gets_the_last_good_plan(plan, sent, trait, entry):
    send(plan, rejected=[START[0], {**START[1], "end_years": "14"}])
    sent.clear()
    send(plan, **{trait: entry})
    assert plan.reading() == tuple(START)
    assert not plan.has_refused_entry
    assert plan.problem.endswith(".")
    assert sent[-1] == {"rejected": None, "value": START}


def test_nothing_but_the_plan_can_be_set_from_the_browser(plan):
    before = plan.get_state()
    send(plan, longest_years=1e9, most_courses=99, medicines=[], label="x", problem="y",
         enabled=False, problem_place={"row": 1}, unknown=1)  # fmt: skip
    assert plan.get_state() == before


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner,
                                                                max_size=3),
    max_leaves=6,
)  # fmt: skip
YEARS = st.one_of(
    st.integers(0, 144).map(lambda month: month / 12), st.floats(-1, 13), st.floats(),
    st.integers(-(10**400), 10**400), st.sampled_from(["2", "2,5", "", "x", " 3 "]), JSON,
)  # fmt: skip
ROW = st.fixed_dictionaries({
    "medicine": st.sampled_from(["alendronate", "denosumab", "denosumab", "other", ""]) | JSON,
    "start_years": YEARS,
    "end_years": YEARS,
    "adherence": st.floats(0, 1) | st.sampled_from([0, 1, "80", "120", True]) | JSON,
})
GOOD_ROW = st.builds(
    lambda medicine, start, months, adherence: course(
        medicine, start / 12, (start + months) / 12, adherence
    ),
    st.sampled_from(["alendronate", "denosumab"]), st.integers(0, 130), st.integers(1, 30),
    st.floats(0, 1),
)  # fmt: skip
PLANS = st.one_of(st.lists(GOOD_ROW, max_size=7), st.lists(GOOD_ROW | ROW, max_size=3), JSON)
MESSAGE = st.fixed_dictionaries(
    {}, optional={"value": PLANS, "rejected": PLANS, "longest_years": JSON, "medicines": JSON}
)
TAKEN_OVER = []


@given(messages=st.lists(MESSAGE, min_size=1, max_size=4))
@example(messages=[{"value": [course(end_years=10**400)]}, {"rejected": [course([])]}])
def test_reading_is_valid_whatever_the_browser_sends(messages):
    plan = plan_control()
    for message in messages:
        send(plan, **message)
        reading = plan.reading()
        assert isinstance(reading, tuple)
        assert len(reading) <= 6
        free_from = {"alendronate": 0.0, "denosumab": 0.0}
        for one in reading:
            assert set(one) == {"medicine", "start_years", "end_years", "adherence"}
            assert all(type(one[key]) is float for key in one if key != "medicine")
            assert free_from[one["medicine"]] <= one["start_years"] < one["end_years"] <= 12
            assert 0 <= one["adherence"] <= 1
            free_from[one["medicine"]] = one["end_years"]
        # What goes back to the browser is JSON that a browser can read.
        json.dumps([plan.value, plan.rejected, plan.problem, plan.problem_place], allow_nan=False)
        TAKEN_OVER.append(reading != tuple(START))


def test_the_property_above_saw_plans_taken_over_and_refused():
    test_reading_is_valid_whatever_the_browser_sends()
    assert {True, False} <= set(TAKEN_OVER)
    assert sum(TAKEN_OVER) > 10


# ---- reset, load, and life on a page --------------------------------------------


def test_reset_and_python_take_a_refused_entry_away(plan):
    for recover in (plan.reset, lambda: plan.load(START), plan.clear_problem):
        send(plan, rejected=[{**START[0], "end_years": "99"}])
        assert plan.has_refused_entry
        recover()
        assert (plan.problem, plan.rejected, plan.problem_place) == ("", None, {})
        assert plan.reading() == tuple(START)
    plan.value = []
    plan.reset()
    assert plan.reading() == tuple(START)


def test_start_survives_what_is_done_to_the_value(plan):
    plan.value[0]["end_years"] = 3.0
    plan.value = []
    plan.reset()
    assert plan.reading() == tuple(START)


def test_loading_a_ready_plan_is_one_change(plan):
    changes = []
    plan.observe(changes.append, "value")
    send(plan, rejected=[{**START[0], "end_years": "99"}])
    plan.load((course(end_years=1),))
    assert [change["new"] for change in changes] == [[course(end_years=1.0)]]
    assert not plan.has_refused_entry


def test_problem_of_the_page_belongs_to_the_whole_plan(plan):
    send(plan, rejected=[{**START[0], "end_years": "99"}])
    assert plan.problem_place["row"] == 0
    plan.clear_problem()
    plan.show_problem("Denosumab must be followed by another medicine.")
    assert plan.problem_place == {}
    assert plan.problem == "Denosumab must be followed by another medicine."


@pytest.fixture
def desk():
    """A page with a plan beside another control, and what it was asked."""
    asked = []

    def answer(values):
        asked.append(values["plan"])
        if any(one["adherence"] == 0 for one in values["plan"]):
            raise InputError("plan", "must be taken", "0 %", "Raise the adherence.")
        return Answer(f"{len(values['plan'])} courses")

    plan = plan_control()
    age = NumberControl("age_years", "Age", "years", 40, 90, 1, 62)
    page = Page("T", "L", [Group("", [plan, age])], {}, answer)
    asked.clear()
    return plan, page, asked


def test_page_asks_once_for_each_change(desk):
    plan, page, asked = desk
    send(plan, value=[START[0]], rejected=None)
    send(plan, rejected=[{**START[0], "end_years": "4"}])
    plan.load([])
    assert [len(values) for values in asked] == [1, 1, 0]
    assert page.frame.sentence == "0 courses"


def test_page_waits_while_an_entry_is_refused_and_goes_on_after(desk):
    plan, page, asked = desk
    send(plan, rejected=[{**START[0], "end_years": "99"}])
    assert (asked, page.frame.stale) == ([], True)
    assert page.frame.notice == "Correct Treatment plan to go on."
    assert plan.problem != ""
    # Back to the last good plan: the browser has nothing to change but the refusal.
    send(plan, rejected=None)
    assert (len(asked), page.frame.stale, plan.problem) == (1, False, "")


def test_page_puts_an_error_of_the_model_beside_the_plan(desk):
    plan, page, _ = desk
    send(plan, value=[course(adherence=0)], rejected=None)
    assert plan.problem == "Treatment plan must be taken. You entered “0 %”. Raise the adherence."
    assert page.frame.stale
    page.reset()
    assert (plan.problem, page.frame.stale) == ("", False)


# ---- what a key may ask for next ------------------------------------------------


def ends(plan):
    """Months at which the second course ends in each plan that may come next."""
    return [round(12 * courses[1]["end_years"], 9) for courses in plan.next_readings()]


def test_the_end_that_moved_goes_on_or_back_by_a_month_next(plan):
    """And the very numbers that the page's script writes: month / 12."""
    assert plan.next_readings() == ()
    send(plan, value=[START[0], course("denosumab", 5.0, 95 / 12)], rejected=None)
    assert [courses[1]["end_years"] for courses in plan.next_readings()] == [94 / 12, 96 / 12]
    send(plan, value=[START[0], course("denosumab", 5.0, 97 / 12)], rejected=None)
    assert ends(plan) == [98, 96]


def test_a_whole_bar_moves_on_with_both_ends(plan):
    send(plan, value=[START[0], course("denosumab", 61 / 12, 97 / 12)], rejected=None)
    first, second = plan.next_readings()
    assert (first[1]["start_years"], first[1]["end_years"]) == (62 / 12, 98 / 12)
    assert (second[1]["start_years"], second[1]["end_years"]) == (5.0, 8.0)


def test_nothing_is_next_that_the_plan_refuses(plan):
    """The end of the time line, and a course of no length."""
    send(plan, value=[START[0], course("denosumab", 5.0, 12.0)], rejected=None)
    assert ends(plan) == [143]
    send(plan, value=[START[0], course("denosumab", 5.0, 61 / 12)], rejected=None)
    assert ends(plan) == [62]


def test_what_is_no_move_of_one_bar_has_no_next(plan):
    send(plan, value=[START[0], course("denosumab", 5.0, 7.0)], rejected=None)
    assert plan.next_readings()
    send(plan, value=[START[0], course("denosumab", 5.0, 7.0, 0.5)], rejected=None)
    assert plan.next_readings() == ()
    send(plan, value=[START[0], course("denosumab", 5.0, 6.0, 0.5)], rejected=None)
    send(plan, value=[START[0]], rejected=None)
    assert plan.next_readings() == ()


@pytest.mark.parametrize("said", [
    {"near": [1, "middle"]}, {"near": [-1, "end"]}, {"near": ["1", "end"]}, {"near": 1}, "near",
    None])
def test_a_hand_that_comes_near_a_bar_is_told_once_and_nonsense_is_left_aside(plan, said):
    told = []
    plan.is_near = lambda: told.append(ends(plan))
    plan._handle_custom_msg({"near": [1, "end"]}, [])
    assert told == [[97, 95]]
    plan._handle_custom_msg(said, [])
    assert len(told) == 1
    # A row that is gone since has no next.
    plan._handle_custom_msg({"near": [10**30, "end"]}, [])
    assert told[1:] == [[]]
