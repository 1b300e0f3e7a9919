"""What comes back when: a pure function of the answers; and confidence against results."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteoteach.progress.confidence import LEVELS_PCT, calibration
from osteoteach.progress.records import utc_text
from osteoteach.progress.review import due, rating, schedule
from osteoteach.progress.store import open_store
from tests.progress_contract import answer

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
# After every answer of these tests: a later stamp counts as a clock that ran ahead.
LATER = START + timedelta(days=9000)


def at(day: float, score: float | None = 1.0, sure: int | None = 70, item: str = "q1", **changes):
    return answer(item, learner="me", score=score, confidence_pct=sure,
                  answered_at=utc_text(START + timedelta(days=day)), **changes)


def days_until_due(*records) -> int:
    item, = schedule(records, LATER)
    return (item.due_at - datetime.fromisoformat(records[-1].answered_at)).days


@pytest.mark.parametrize(("score", "sure", "name"), [
    (0.0, 100, "Again"), (0.0, 0, "Again"), (0.49, None, "Again"), (0.5, 100, "Hard"),
    (0.99, 100, "Hard"), (1.0, 49, "Hard"), (1.0, 50, "Good"), (1.0, None, "Good"),
    (1.0, 89, "Good"), (1.0, 90, "Easy"), (None, 100, None),
])
def test_the_rating_is_the_documented_one(score, sure, name):
    """The table in the module's docstring, at each of its edges."""
    found = rating(at(0, score, sure))
    assert (found.name if found else None) == name


def test_the_first_days_are_those_of_the_published_weights():
    """FSRS-6's default weights: stability after the first answer, as a number of days for 90%
    recall (0.21, 1.29, 2.31 and 8.30; at least one day)."""
    assert [days_until_due(at(0, score, sure)) for score, sure in (
        (0.0, 70), (1.0, 40), (1.0, 70), (1.0, 95))] == [1, 1, 2, 8]


def test_right_answers_on_time_space_out_and_a_wrong_one_pulls_back():
    """2 days, then weeks, then months; after an error within days again."""
    records, day, steps = [], 0, []
    for _ in range(4):
        records.append(at(day))
        steps.append(days_until_due(*records))
        day += steps[-1]
    assert steps[0] == 2
    assert all(later > 2 * sooner for sooner, later in pairwise(steps))
    records.append(at(day, 0.0))
    assert days_until_due(*records) < steps[1]


def test_replaying_gives_the_same_schedule_whatever_the_machine_does():
    """Fuzzing is off, and neither the clock nor the random generator is asked."""
    records = [at(day, score, sure, f"q{n}") for n, (day, score, sure) in enumerate(
        [(0, 1.0, 95), (1, 0.0, 80), (3, 0.5, None), (9, 1.0, 60)]) for _ in range(3)]
    random.seed(1)
    first = schedule(records, LATER)
    random.seed(2)
    assert schedule(records, LATER) == first
    assert len(first) == 4


def test_a_guess_and_an_unscored_answer_are_not_reviewed():
    """There is nothing to get right."""
    assert schedule([at(0, None, item_kind="guess"), at(0, None)], LATER) == ()


def test_a_changed_question_starts_anew():
    """What was learnt was another question."""
    old = [at(day) for day in (0, 3, 15)]
    item, = schedule([*old, at(40, 0.0, item_version="v2")], LATER)
    assert item.times_answered == 1
    assert item.item_version == "v2"
    assert days_until_due(*old, at(40, 0.0, item_version="v2")) == 1


def test_a_clock_that_jumps_back_does_not_break_the_order():
    """A laptop that lost its battery: time stands still instead of running backwards."""
    item, = schedule([at(30), at(-3000)], LATER)
    assert item.last_answered_at == START + timedelta(days=30)
    assert item.due_at > item.last_answered_at


@given(st.lists(st.tuples(st.integers(-400, 400), st.none() | st.floats(0, 1),
                          st.none() | st.integers(0, 100), st.sampled_from(["q1", "q2", "q3"])),
                max_size=25))
def test_any_answers_give_a_schedule(several):
    """No order of answers, times or results breaks it; nothing is due before it was answered."""
    records = [at(day, score, sure, item) for day, score, sure, item in several]
    found = schedule(records, LATER)
    assert {item.item_id for item in found} == {
        record.item_id for record in records if record.score is not None}
    for item in found:
        assert item.due_at >= item.last_answered_at + timedelta(days=1)
        assert 0 <= item.recall_now <= 1
    assert list(found) == sorted(found, key=lambda item: item.due_at)


def test_due_is_what_is_overdue_now_the_oldest_first(tmp_path):
    """Of one learner, from the store."""
    store = open_store(f"sqlite:///{tmp_path}/p.sqlite3", "me")
    for record in (at(0, 1.0, 95, "sure"), at(0, 0.0, 95, "wrong"), at(-1, 0.0, 20, "older"),
                   at(-50, 0.0, item="other's", item_kind="claim")):
        store.record(record)
    store.record(answer("not mine", learner="ben", score=0.0))
    assert [item.item_id for item in due(store, START + timedelta(hours=1))] == [
        "other's", "older"]
    assert [item.item_id for item in due(store, START + timedelta(days=1))] == [
        "other's", "older", "wrong"]
    assert due(store, START + timedelta(days=1))[0].recall_now < 0.6
    assert len(due(store, START + timedelta(days=9))) == 4


def test_calibration_by_hand():
    """Four answers worked out on paper: 75% sure on average, 50% right, 25 points too sure."""
    found = calibration([at(0, 1.0, 100), at(0, 0.0, 90), at(0, 1.0, 60), at(0, 0.0, 50),
                         at(0, None, 90), at(0, 1.0, None)])
    assert (found.answers, found.mean_confidence_pct, found.right_pct) == (4, 75.0, 50.0)
    assert found.over_points == 25.0
    assert [(level.answers, level.mean_confidence_pct, level.right_pct)
            for level in found.levels] == [(0, None, None), (0, None, None), (1, 50.0, 0.0),
                                           (1, 60.0, 100.0), (2, 95.0, 50.0)]


def test_every_confidence_has_one_level():
    """0 to 100, without gap or overlap."""
    assert [sum(low <= sure <= high for low, high in LEVELS_PCT) for sure in range(101)] == [
        1] * 101


@pytest.mark.parametrize(("right", "sure", "words"), [
    (10, 90, "surer than your results allow, by 40 points"),
    (20, 60, "You know more than you think, by 40 points"),
    (14, 75, "Your confidence fits your results"),
])
def test_calibration_in_words(right, sure, words):
    """A direction, a size, and what to do; judged from twenty answers on."""
    records = [at(0, float(n < right), sure) for n in range(20)]
    assert words in calibration(records).in_words
    assert "Too few answers" in calibration(records[:19]).in_words
    assert "No answer has both" in calibration([]).in_words
