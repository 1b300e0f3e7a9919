"""A clock that jumps while a learner works: nothing lost, nothing put off for years."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from osteoteach.progress import records
from osteoteach.progress.collect import collect
from osteoteach.progress.handin import handin_text
from osteoteach.progress.keys import Key
from osteoteach.progress.review import due, schedule
from osteoteach.progress.store import open_store
from tests.progress_contract import answer

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = Key(b"k" * 32)


def at(moment: datetime, item: str = "q1", **fields):
    return answer(item, answered_at=moment.isoformat(), **fields)


@pytest.mark.parametrize("jump", [timedelta(days=-4000), timedelta(hours=-2), timedelta(hours=2),
                                  timedelta(days=4000)], ids=str)
def test_answers_keep_the_order_in_which_they_were_given(tmp_path, jump):
    """The stamp is what the clock said; the order is the store's, and `latest` is the last."""
    store = open_store(f"sqlite:///{tmp_path}/progress.sqlite3")
    given = [at(NOW, "a"), at(NOW + jump, "b"), at(NOW + timedelta(minutes=1), "c"),
             at(NOW + jump, "a")]
    for one in given:
        store.record(one)
    assert [kept.item_id for kept in store.answers()] == ["a", "b", "c", "a"]
    assert store.latest("question", "a").answer_id == given[-1].answer_id


@pytest.mark.parametrize("years", [-30, 30])
def test_a_stamp_of_the_present_moment_is_valid_whatever_the_clock_says(
        tmp_path, years, monkeypatch):
    """An answer is not refused because the computer believes it is another year."""
    class Jumped(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2026 + years, 1, 1, tzinfo=tz)

    monkeypatch.setattr(records, "datetime", Jumped)
    store = open_store(f"sqlite:///{tmp_path}/progress.sqlite3")
    kept = store.record(answer("q1"))
    assert kept.answered_at.startswith(str(2026 + years))
    assert store.answers() == (kept,)


def test_an_answer_from_the_future_is_asked_again_and_not_in_ten_years(tmp_path):
    """The clock ran ten years ahead, was set right, and the item is due now."""
    ahead = at(NOW + timedelta(days=3650), score=1.0, confidence_pct=95, learner="me")
    item, = schedule([ahead], NOW)
    assert item.due_at == NOW
    assert 0 <= item.recall_now <= 1
    right = at(NOW - timedelta(days=1), "q2", score=1.0, confidence_pct=95, learner="me")
    store = open_store(f"sqlite:///{tmp_path}/progress.sqlite3")
    store.record_many([ahead, right])
    assert [one.item_id for one in due(store, NOW)] == ["q1"]


def test_a_clock_that_went_back_between_two_answers_makes_no_time_negative():
    """As if the second had been given at the moment of the first."""
    back = [at(NOW, score=1.0), at(NOW - timedelta(days=900), score=1.0)]
    together = [at(NOW, score=1.0), at(NOW, score=1.0)]
    assert schedule(back, NOW)[0].due_at == schedule(together, NOW)[0].due_at


def test_of_two_hand_ins_the_one_that_does_not_count_is_named(tmp_path):
    """If a clock decides wrongly, the lecturer reads which file was left out."""
    for name, moment, count in (("first", NOW, 1), ("second", NOW - timedelta(days=1), 2)):
        made = [at(moment, f"q{number}", learner="anna") for number in range(count)]
        text = handin_text([records.checked(one) for one in made], "anna", KEY,
                           now=moment)
        (tmp_path / f"{name}.json").write_text(text, encoding="utf-8")
    first, second = collect(tmp_path)
    assert (first.counts, second.counts) == (True, False)
    assert "first.json" in second.findings[-1]
