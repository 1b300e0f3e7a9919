"""Virtual patients: every path is marked by the models, explained, and kept before it is shown."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.evidence import source, table
from osteoteach.model.plan import Course
from osteoteach.model.vocabulary import CATEGORIES
from osteoteach.teaching.cases import CaseSession, make_case, written_case, written_case_ids
from osteoteach.teaching.cases.marking import (
    mark_category,
    mark_reading,
    mark_risk,
    mark_tests,
    written_line,
)
from osteoteach.teaching.cases.offered_tests import offered_tests
from osteoteach.teaching.cases.plan_marking import _CHECKS, PlanChoice, mark_plan
from osteoteach.view.case_card import CaseCard
from osteoteach.view.case_control import CaseControl
from osteoteach.view.plan_control import PlanControl

written = pytest.mark.parametrize("name", written_case_ids())

#: Plans among which every case has one that passes all its checks.
PLANS = (
    PlanChoice(refer=True), PlanChoice(find_cause=True), PlanChoice(),
    PlanChoice((Course("denosumab", 0, 5),)), PlanChoice((Course("alendronate", 0, 5),)),
    PlanChoice((Course("alendronate", 0, 5),), refer=True, find_cause=True),
    PlanChoice((Course("risedronate", 0, 5),)), PlanChoice(refer=True, find_cause=True),
    PlanChoice((Course("risedronate", 0, 5),), refer=True, find_cause=True),
)


def _right_steps(case) -> list[tuple[str, dict]]:
    """What a student says who makes no mistake, but for the plan."""
    change = {} if case.earlier is None else {"change": case.earlier.main.verdict}
    risk = {"applies": False}
    if case.risk is not None:
        value = 100 * case.risk.major.probability
        risk = {"value_pct": value, "low_pct": value / 1.5, "high_pct": value * 1.5}
    return [
        ("tests", {"tests": [one.test for one in offered_tests(case) if one.need == "needed"]}),
        ("read", {"vertebrae": list(case.report.reading.kept), "score": case.score_in_use,
                  **change}),
        ("classify", {"category": case.category, "confidence_pct": 80}),
        ("risk", risk),
    ]


def _all_lines_have_sources(lines) -> None:
    for line in lines:
        assert all(source(name).title for name in line.source_ids)


def _check_solvable(case) -> None:
    session = CaseSession(case)
    for name, given_ in _right_steps(case):
        step = session.ready(name, given_)
        assert step.marked.score == 1.0, (case.case_id, name, step.marked)
        session.commit(step)
        _all_lines_have_sources(step.marked.lines)
    assert any(mark_plan(case, plan)[0].score == 1.0 for plan in PLANS), case.case_id


@written
def test_every_written_case_can_be_solved_without_a_lost_point(name):
    _check_solvable(written_case(name))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 99_999), level=st.sampled_from((1, 2, 3)))
def test_every_generated_case_can_be_solved_without_a_lost_point(seed, level):
    _check_solvable(make_case(seed, level))


# --- every wrong path has its explanation ------------------------------------------------


@written
def test_every_wrong_category_is_explained_for_that_mistake(name):
    case = written_case(name)
    for chosen in CATEGORIES:
        marked = mark_category(case, chosen)
        assert (marked.score == 1.0) == (chosen == case.category)
        _all_lines_have_sources(marked.lines)
        if chosen != case.category:
            notes = [line for line in marked.lines if line.mark == "note" and line.source_ids]
            assert len(notes) == 1, (name, chosen)


def test_different_mistakes_are_told_different_things():
    case = written_case("hip_fracture_good_scan")
    told = {mark_category(case, chosen).lines[1].text
            for chosen in ("normal", "severe_osteoporosis", "within_expected_range")}
    assert len(told) == 3


def test_another_guidelines_category_counts_half_where_that_is_the_lesson():
    case = written_case("shorter_than_her_passport")
    marked = mark_category(case, "normal")
    assert marked.score == 0.5
    assert any("NBHA 2014: normal" in line.text for line in marked.lines)


def test_every_check_of_a_plan_has_both_its_texts():
    for name in _CHECKS:
        assert written_line((), "plan", f"{name}_met", "right"), name
        if name != "open":  # nobody can miss it
            assert written_line((), "plan", f"{name}_missed", "wrong"), name


def test_every_trap_has_its_debrief():
    from osteoteach.teaching.cases.recipes import TEACHES

    texts = {row["trap"] for row in table("case_feedback") if row["step"] == "debrief"}
    assert texts == set(TEACHES)


def test_no_written_text_is_out_of_reach():
    """Texts of plans name a check; texts of categories a path of the marking."""
    paths = {"t_word_for_z", "z_word_for_t", "z_side", "missed_fracture", "not_severe",
             "called_severe", "too_mild", "too_severe", "earlier_diagnosis"}
    for row in table("case_feedback"):
        if row["step"] == "plan":
            assert row["path"].rsplit("_", 1)[0] in _CHECKS, row["feedback_id"]
        if row["step"] == "classify":
            assert row["path"] in paths, row["feedback_id"]


# --- tests and reading -------------------------------------------------------------------


def test_an_unneeded_test_costs_and_is_explained():
    case = written_case("good_scan_no_fracture")
    assert mark_tests(case, []).score == 1.0
    marked = mark_tests(case, ["marrow", "calcium"])
    assert marked.score == pytest.approx(0.8)
    assert [line.mark for line in marked.lines] == ["unneeded", "unneeded"]


def test_a_needed_test_that_was_not_ordered_shows_its_result_afterwards():
    marked = mark_tests(written_case("shorter_than_her_passport"), [])
    missed = [line.text for line in marked.lines if line.mark == "missed"]
    assert any("wedge fracture of T12" in text for text in missed)


def test_the_printed_total_is_not_the_spine_where_a_vertebra_is_bright():
    case = written_case("bright_third_vertebra")
    assert case.report.rows[0].t_score > -2.5 >= case.report.kept_row.t_score
    marked = mark_reading(case, ["L1", "L2", "L3", "L4"], "t_score", None)
    assert marked.score == 0.5
    assert "L3 is left out" in marked.lines[0].text


def test_a_change_is_judged_from_the_printed_densities():
    case = written_case("second_scan_lower")
    change = case.earlier.main
    by_hand = 100 * (change.now_g_cm2 - change.then_g_cm2) / change.then_g_cm2
    assert change.change_pct == pytest.approx(by_hand)
    assert change.verdict == "not_shown"
    assert written_case("second_scan_much_lower").earlier.main.verdict == "loss"


# --- risk --------------------------------------------------------------------------------


def test_a_range_must_hold_the_number_and_say_something():
    case = written_case("routine_woman_of_66")
    value = 100 * case.risk.major.probability
    assert mark_risk(case, value, value - 2, value + 2).score == 1.0
    assert mark_risk(case, value, 0, 100).score == 0.5
    assert mark_risk(case, 60, 50, 70).score == 0.0
    assert mark_risk(case, None).score == 0.0
    with pytest.raises(InputError, match="within its own range"):
        mark_risk(case, 10, 12, 20)


def test_no_number_is_asked_where_no_published_risk_applies():
    case = written_case("young_and_tired")
    assert mark_risk(case, None).score == 1.0
    assert mark_risk(case, 5, 3, 8).score == 0.0


# --- plans -------------------------------------------------------------------------------


def _missed(case, choice: PlanChoice) -> list[str]:
    marked, _ = mark_plan(case, choice)
    return [line.text for line in marked.lines if line.mark == "wrong"]


def test_denosumab_that_runs_out_is_told_and_a_follow_on_is_not():
    case = written_case("injection_due_next_month")
    assert any("run out" in text for text in _missed(case, PlanChoice()))
    assert not _missed(case, PlanChoice((Course("zoledronate", 0.1, 1),)))
    assert not _missed(case, PlanChoice((Course("denosumab", 0, 5),)))


def test_what_must_not_be_given_is_told_with_its_source():
    kidney = written_case("infusion_wanted")
    marked, _ = mark_plan(kidney, PlanChoice((Course("zoledronate", 0, 3),)))
    loud = [line for line in marked.lines if line.mark == "contraindicated"]
    assert loud
    assert all(line.source_ids for line in loud)
    assert marked.score < 0.5


def _first(trap: str, condition: str | None = None, level: int = 2):
    return next(case for case in (make_case(seed, level) for seed in range(3000))
                if case.traps[0] == trap
                and (condition is None or case.condition.name == condition))


def test_low_calcium_forbids_an_antiresorptive_until_it_is_corrected():
    case = _first("secondary", "vitamin_d_deficiency")
    now, _ = mark_plan(case, PlanChoice((Course("zoledronate", 0, 1),), find_cause=True))
    later, _ = mark_plan(case, PlanChoice((Course("zoledronate", 0.5, 1),), find_cause=True))
    assert any(line.mark == "contraindicated" for line in now.lines)
    assert later.score == 1.0


def test_romosozumab_soon_after_a_heart_attack_is_contraindicated():
    case = _first("recent_heart_attack", level=3)
    marked, _ = mark_plan(case, PlanChoice((Course("romosozumab", 0, 1),)))
    assert any(line.mark == "contraindicated" for line in marked.lines)


def test_years_that_are_over_are_not_held_against_a_plan_that_stops():
    marked, _ = mark_plan(written_case("ten_years_thigh_pain"), PlanChoice(refer=True))
    assert marked.score == 1.0
    assert not any("8 years" in line.text for line in marked.lines)
    goes_on, _ = mark_plan(written_case("ten_years_thigh_pain"),
                           PlanChoice((Course("alendronate", 0, 5),), refer=True))
    assert goes_on.score < 1


def test_keeping_a_medicine_because_of_noise_is_right_and_changing_it_is_not():
    case = written_case("second_scan_lower")
    assert not _missed(case, PlanChoice((Course("alendronate", 0, 5),)))
    assert any("noise" in text for text in _missed(
        case, PlanChoice((Course("romosozumab", 0, 1), Course("zoledronate", 1, 3)))))


# --- the card: nothing before a commitment, kept before it is shown ----------------------


class FakeStore:
    """Keeps answers in a list; looks at the card at the moment of keeping."""

    def __init__(self, card, problem=None) -> None:
        self.card, self.problem, self.records, self.seen = card, problem, [], []

    def record(self, record):
        self.seen.append(len(self.card.view["done"]))
        if self.problem:
            raise self.problem
        self.records.append(record)
        return record

    def answers(self, kind, item_id, learner):
        return tuple(one for one in self.records if one.item_id == item_id)


@pytest.fixture
def card():
    plan = PlanControl("plan", "Plan", [("Alendronate", "alendronate", "#0f7c74")], [], 5, 4)
    return CaseCard(plan, lambda: None)


@pytest.fixture
def store(card, monkeypatch):
    fake = FakeStore(card)
    monkeypatch.setattr("osteoteach.progress.store.open_store", lambda: fake)
    return fake


def _commit(card, name, given_):
    card._on_message(card, {"commit": name, "given": given_, "learner": ""}, [])


def _typed(given_: dict) -> dict:
    return {key: f"{value:.1f}" if isinstance(value, float) else value
            for key, value in given_.items()}


def test_nothing_of_the_answer_is_sent_before_it_is_committed(card, store):
    case = written_case("shorter_than_her_passport")
    card.show_case(case, "Case 19")
    sent = json.dumps(card.view)
    assert card.view["report"] is None
    assert not card.charts
    assert "T12" not in sent
    assert "fracture not known" not in sent
    _commit(card, "tests", {"tests": []})
    sent = json.dumps(card.view)
    assert card.view["report"] is not None
    assert "BHOF" not in sent
    assert "of 100 in ten years" not in sent
    assert card.view["end"] is None


def test_an_answer_is_kept_before_its_feedback_is_shown(card, store):
    case = written_case("man_of_52")
    card.show_case(case, "Case 2")
    for name, given_ in _right_steps(case):
        _commit(card, name, _typed(given_) if name == "risk" else given_)
        assert card.problem == ""
    _commit(card, "plan", {})
    assert store.seen == [0, 1, 2, 3, 4]
    assert [one.given["step"] for one in store.records] == [
        "tests", "read", "classify", "risk", "plan"]
    assert {one.item_kind for one in store.records} == {"case"}
    assert store.records[2].confidence_pct == 80
    assert card.view["end"]["score_pct"] == 100


def test_a_store_that_fails_is_told_and_the_lesson_goes_on(card, store):
    from osteoteach.progress.store import StoreProblem

    store.problem = StoreProblem("The disk is full.", "Free some space.")
    card.show_case(written_case("man_of_52"), "Case 2")
    _commit(card, "tests", {"tests": []})
    assert "disk is full" in card.notice
    assert card.view["present"] == "read"


def test_twins_are_shown_side_by_side_only_after_both(card, store):
    for name, other in (("man_of_49", "man_of_52"), ("man_of_52", "man_of_49")):
        case = written_case(name)
        card.show_case(case, name)
        for step, given_ in _right_steps(case):
            _commit(card, step, _typed(given_) if step == "risk" else given_)
        _commit(card, "plan", {})
        end = card.view["end"]
        if name == "man_of_49":
            assert end["pair"] is None
            assert end["pair_waits"] == "Case 2"
        else:
            assert end["pair"]["rows"][0] == ["Age", "49", "52"]
        assert other


@pytest.mark.parametrize("message", [
    None, [], {}, {"commit": "plan", "given": {}}, {"commit": "tests", "given": {"tests": "all"}},
    {"commit": "tests", "given": {"tests": ["x"]}}, {"commit": "tests", "given": []},
    {"commit": ["tests"], "given": {"tests": []}}, {"again": "yes"},
    {"commit": "tests", "given": {"tests": [1, 2]}},
])
def test_a_browser_may_send_anything_and_nothing_is_taken(card, store, message):
    card.show_case(written_case("man_of_52"), "Case 2")
    card._on_message(card, message, [])
    assert store.records == []
    assert card.view["present"] == "tests"
    assert card.fault == ""


def test_what_a_browser_sets_is_ignored(card, store):
    card.show_case(written_case("man_of_52"), "Case 2")
    card.set_state({"view": {"key": "x"}, "problem": "x", "charts": {"curve": "x"}})
    assert card.problem == ""
    assert card.view["name"] == "Case 2"


@pytest.mark.parametrize("typed", ["", "many", "1e5", "250", "-3", "9" * 30, None, 7])
def test_a_risk_that_is_no_number_from_0_to_100_is_refused_in_words(card, store, typed):
    case = written_case("man_of_52")
    card.show_case(case, "Case 2")
    for step, given_ in _right_steps(case)[:3]:
        _commit(card, step, given_)
    _commit(card, "risk", {"value_pct": typed, "low_pct": "1", "high_pct": "5"})
    assert card.problem
    assert card.fault == ""
    assert len(store.records) == 3


def test_a_case_that_is_opened_again_stands_where_it_was_left(card, store):
    one, other = written_case("man_of_52"), written_case("man_of_49")
    card.show_case(one, "Case 2")
    _commit(card, "tests", {"tests": []})
    card.show_case(other, "Case 7")
    assert card.view["present"] == "tests"
    card.show_case(one, "Case 2")
    assert card.view["present"] == "read"
    card.again()
    assert card.view["present"] == "tests"


# --- the chooser -------------------------------------------------------------------------


def test_the_chooser_takes_codes_and_cases_and_nothing_else():
    control = CaseControl("case", "Patient", [("case-1", "Case 1", 1), ("case-2", "Case 2", 1)])
    for text, value in ((" 3 – 12 ", "3-12"), ("case-2", "case-2"), ("2-007", "2-7")):
        control.enter(text)
        assert control.value == value
    for bad in ("case-9", "9-1", "x", ""):
        control.enter(bad)
        assert control.value == "2-7"
        assert control.problem
    with pytest.raises(InputError):
        control.set_state({"value": "<script>"})
    control.reset()
    assert control.value == "case-1"
    assert not control.has_refused_entry
    control.new_patient(3)
    assert control.value.startswith("3-")
    assert control.read_text(control.write_text(control.value)) == control.value
