"""Spaced review and the tests before and after, without a browser."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteoteach.evidence import table
from osteoteach.progress.course_test import SIZE, course_test, gap_results, met_elsewhere
from osteoteach.progress.records import AnswerRecord
from osteoteach.progress.store import StoreProblem, open_store
from osteoteach.teaching.questions import all_questions, question
from osteoteach.teaching.questions.marking import right_answer
from osteoteach.view.dashboards import pretest, review
from osteoteach.view.questions.telling import told
from osteoteach.view.review_desk import NOTHING_YET

BROWSER = "browser-" + "0123456789abcdef" * 2
OTHER = "browser-" + "f" * 32
IDS = ("hip_fracture_normal_bmd", "bmd_is_areal")


@pytest.fixture(autouse=True)
def database(tmp_path, monkeypatch):
    """A store of its own for each test."""
    monkeypatch.setenv("OSTEOTEACH_DATABASE_URL", f"sqlite:///{tmp_path / 'answers.sqlite3'}")


def kept(item_id, score=0.0, days_ago=3.0, learner=BROWSER, tags=(), kind="question", sure=75):
    """A record of an answer; `keep` puts it in the store."""
    at = datetime.now(UTC) - timedelta(days=days_ago)
    version = question(item_id).version if kind == "question" else "v"
    return AnswerRecord(uuid.uuid4().hex, learner, kind, item_id, version, {"option": "a"},
                        score, sure, tags, at.isoformat())


def keep(*records):
    for record in records:
        open_store().record(record)


def desk_of(page):
    return next(w for w in _widgets() if w.model_id == page.frame.parts["below_answer"])


def _widgets():
    import ipywidgets

    return list(ipywidgets.widgets.widget._instances.values())


def opened(module, learner=BROWSER):
    page = module.page()
    desk = desk_of(page)
    desk._handle_custom_msg({"hello": learner}, [])
    return page, desk


def commit(desk, right=True, sure=75):
    """Answer the question on the desk."""
    one = desk.question.question
    answer = right_answer(one) if right else _wrong(one)
    desk.question.commit(answer, sure, desk.learner or None)


def _wrong(one):
    from osteoteach.teaching.questions import mark
    from osteoteach.teaching.questions.marking import letters

    if one.kind == "choice":
        return next({"option": key} for key in letters(one, "options")
                    if mark(one, {"option": key}).score == 0)
    return {"number": 1e6} if one.kind == "number" else {"courses": []}


# ---- review -----------------------------------------------------------------------------


def test_nothing_answered_is_said_plainly_and_leads_to_the_lessons():
    page, desk = opened(review)
    assert desk.heading == "Where to begin"
    assert page.frame.sentence.startswith(NOTHING_YET)
    hrefs = [part["href"] for note in desk.notes for part in note if isinstance(part, dict)]
    assert "../lessons/00_start_here.ipynb" in hrefs
    assert desk.question is None
    assert page.charts["calibration"].data["levels"]["sure"] == []


def test_every_page_that_is_linked_exists():
    from osteoteach.commands.folders import notebooks_folder
    from osteoteach.view import review_desk

    hrefs = [href for _, _, href in review_desk.OTHER_PAGES.values()]
    for href in [*hrefs, "test.ipynb", review_desk.LESSON]:
        assert (notebooks_folder() / "dashboards" / href).resolve().is_file(), href


def test_due_questions_are_asked_anew_without_the_earlier_answer():
    keep(*(kept(one) for one in IDS))
    page, desk = opened(review)
    assert page.frame.sentence == "Due today: 2 questions."
    desk.question._handle_custom_msg({"type": "hello", "learner": BROWSER}, [])
    assert desk.question.result == {}
    assert desk.heading == "Question 1 of 2"


def test_an_answered_question_is_no_longer_due_and_says_when_it_comes_again():
    keep(*(kept(one) for one in IDS))
    page, desk = opened(review)
    commit(desk, right=False)
    assert desk.after.startswith("Comes again tomorrow, on ")
    assert page.frame.sentence == "Due today: 1 question."
    desk.act("next")
    commit(desk)
    desk.act("next")
    assert desk.heading == "Done: 2 questions reviewed"
    assert [row[1] for row in desk.table["rows"]] == ["Not right", "Right"]
    again, second = opened(review)
    assert second.question is None
    assert again.frame.sentence.startswith("Nothing is due today. The next is due tomorrow")
    assert second.table["caption"] == "What comes next"


def test_a_sitting_ends_after_so_many_questions_and_offers_more():
    some = [one.id for one in all_questions() if one.kind == "choice"][:7]
    keep(*(kept(one) for one in some))
    page, desk = opened(review)
    page.apply_state({"sitting": 5})
    assert desk.heading == "Question 1 of 5"
    for _ in range(5):
        commit(desk)
        desk.act("next")
    assert [label for _, label in desk.actions] == ["Review 2 more questions"]
    desk.act("more")
    assert desk.heading == "Question 1 of 2"


def test_other_pages_are_named_for_what_they_review():
    keep(kept("c1", kind="claim"), kept("p1", kind="case"), kept("g1", kind="guess"))
    page, desk = opened(review)
    assert page.frame.sentence == "Due today: 1 claim, 1 virtual patient."
    assert [note[1]["href"] for note in desk.notes] == ["claims.ipynb", "cases.ipynb"]


def test_a_question_that_no_longer_exists_is_left_out():
    gone = kept("c1", kind="claim")
    keep(AnswerRecord(gone.answer_id, BROWSER, "question", "gone_for_good", "v", {}, 0.0, 50, (),
                      gone.answered_at))
    page, _ = opened(review)
    assert page.frame.sentence.startswith(NOTHING_YET)


def test_another_browser_sees_nothing_of_it():
    keep(kept(IDS[0]))
    assert opened(review, OTHER)[1].heading == "Where to begin"
    assert opened(review, "")[1].heading == "Where to begin"


def test_calibration_counts_what_is_asked_for_with_its_interval():
    keep(kept(IDS[0], 1.0), kept(IDS[1], 0.0), kept("c1", 1.0, kind="claim", sure=10))
    page, _ = opened(review)
    levels = page.charts["calibration"].data["levels"]
    assert (levels["sure"], levels["right"]) == ([10.0, 75.0], [100.0, 50.0])
    assert all(low < right or right == 0 for low, right in zip(
        levels["low"], levels["right"], strict=True))
    page.apply_state({"kind": "question"})
    assert page.charts["calibration"].data["levels"]["number"] == [2]
    assert "75% sure: 50% right in 2 answers" in page.charts["calibration"].description


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_its_share_and_stays_in_bounds(case):
    right, number = case
    low, high = review.interval_90_pct(100 * right / number, number)
    assert 0 <= low <= 100 * right / number + 1e-9 <= high + 2e-9 <= 100 + 3e-9


def test_a_store_that_cannot_be_read_is_told(monkeypatch):
    from osteoteach.progress.store import Store

    def broken(*_args, **_named):
        raise StoreProblem("The file is gone.", "Look for it.")

    monkeypatch.setattr(Store, "answers", broken)
    page, desk = opened(review)
    assert "The file is gone. Look for it." in desk.notice
    assert desk.heading == "Nothing to show"
    assert NOTHING_YET not in page.frame.sentence
    assert page.frame.fault == ""


@pytest.mark.parametrize("sent", [
    {"hello": "me"}, {"hello": "browser-xyz"}, {"hello": 3}, {"act": "next"}, {"act": ["next"]},
    {"hello": "", "more": 1}, [], None, "hello", {"type": "commit"}])
@pytest.mark.parametrize("module", [review, pretest])
def test_a_browser_can_send_anything(module, sent):
    page = module.page()
    desk = desk_of(page)
    desk._handle_custom_msg(sent, [])
    assert (desk.fault, desk.heading) == ("", "Reading your answers")
    desk.set_state({"heading": "mine", "question": None})
    assert desk.heading == "Reading your answers"


# ---- the tests before and after ------------------------------------------------------------


def test_no_answer_is_told_before_the_end_and_each_is_kept_at_once():
    page, desk = opened(pretest)
    for place in range(1, SIZE):
        assert desk.heading == f"Question {place} of {SIZE}, before the course"
        widget = desk.question
        commit(desk, right=bool(place % 2))
        assert widget.result == {}
        mine = open_store(learner=BROWSER).answers()
        assert len(mine) == place
        assert "pre" in mine[-1].tags
        assert desk.table == {}
        assert desk.actions == []
        assert " right" not in page.frame.sentence
    commit(desk)
    assert desk.heading == "Result before the course"
    assert page.frame.sentence.startswith(f"Before the course: 9 right of {SIZE}")


def test_nothing_of_an_explanation_is_sent_before_the_end():
    _, desk = opened(pretest)
    one = desk.question.question
    commit(desk)
    seen = json.dumps([w.get_state() for w in (desk, desk.question)], default=str)
    from osteoteach.teaching.questions import mark

    notes = told(one, mark(one, right_answer(one)), 50, "", False)["notes"]
    assert notes
    assert not any(json.dumps(note["text"])[1:-1] in seen for note in notes)


def test_a_second_press_keeps_nothing():
    _, desk = opened(pretest)
    widget = desk.question
    commit(desk)
    widget.commit(right_answer(widget.question), 10, BROWSER)
    assert len(open_store(learner=BROWSER).answers()) == 1


def test_a_test_goes_on_after_a_reload():
    _, desk = opened(pretest)
    commit(desk)
    following = desk.question.question.id
    _, again = opened(pretest)
    assert again.heading.startswith(f"Question 2 of {SIZE}")
    assert again.question.question.id == following


def test_the_result_stands_beside_the_published_gap_and_then_the_change():
    page, desk = opened(pretest)
    for _ in range(SIZE):
        commit(desk, right=False)
    assert page.frame.sentence.startswith(f"Before the course: 0 right of {SIZE}")
    whats = {row["what"].replace("-2", "\N{MINUS SIGN}2"): row for row in table("learning_gaps")}
    for row in desk.table["rows"]:
        knew = whats[row[0]]["knew_pct"]
        assert row[2].startswith(f"{knew:.0f}% of " if knew is not None else "Not given")
        assert row[3]["href"].startswith("https://")
    desk.act("explain")
    assert desk.question.result["verdict"] == "Not right"
    desk.act("next")
    assert desk.heading == f"Explanation 2 of {SIZE}"
    desk.act("result")

    page.apply_state({"when": "post"})
    assert desk.heading == f"Question 1 of {SIZE}, after the course"
    before = {one.id for one in desk.test.forms["pre"]}
    for _ in range(SIZE):
        assert desk.question.question.id not in before
        commit(desk)
    assert page.frame.sentence == f"After the course {SIZE} right of {SIZE}, before it 0: 16 more."
    assert desk.table["head"][:4] == ["Gap", "Before, right of asked", "After, right of asked",
                                      "Change"]
    assert all(row[3].startswith("+") for row in desk.table["rows"])


def test_a_test_after_without_one_before_says_so():
    page, desk = opened(pretest)
    page.apply_state({"when": "post"})
    assert any(note.startswith("You answered 0 of 16") for note in desk.notes)
    for _ in range(SIZE):
        commit(desk)
    assert any("no change is shown" in note for note in desk.notes)
    assert "Change" not in desk.table["head"]


@settings(max_examples=40)
@given(st.text(min_size=1, max_size=40))
def test_both_tests_ask_the_same_ideas_and_every_gap(learner):
    test = course_test(learner, ())
    before, after = test.forms["pre"], test.forms["post"]
    assert len(before) == len(after) == SIZE
    assert {one.pair for one in before} == {one.id for one in after}
    assert not {one.id for one in before} & {one.id for one in after}
    asked = {one.gap_id for one in gap_results(test)}
    assert asked == {row["gap_id"] for row in table("learning_gaps")}


def test_learners_get_different_tests():
    assert len({frozenset(one.id for one in course_test(f"l{n}", ()).forms["pre"])
                for n in range(8)}) > 1


@settings(max_examples=30)
@given(st.data())
def test_a_test_that_was_begun_keeps_its_questions(data):
    """Also when other pairs would be dealt, as after a change of the pool."""
    earlier = course_test("anna", ())
    done = data.draw(st.lists(st.sampled_from(earlier.forms["pre"]), unique=True))
    later = data.draw(st.lists(st.sampled_from(earlier.forms["post"]), unique=True))
    records = [kept(one.id, 1.0, tags=("pre",)) for one in done]
    records += [kept(one.id, 1.0, tags=("post",)) for one in later]
    now = course_test("berta", records)
    assert {one.id for one in done} == set(now.answered["pre"])
    assert {one.id for one in later} == set(now.answered["post"])
    assert len(now.forms["pre"]) == len(now.forms["post"]) == SIZE
    assert {one.pair for one in now.forms["pre"]} == {one.id for one in now.forms["post"]}


def test_a_question_met_in_a_lesson_before_is_counted():
    test = course_test("anna", ())
    first, second = test.forms["post"][:2]
    records = [kept(first.id), kept(first.id, tags=("post",)), kept(second.id, tags=("post",)),
               kept(second.id)]
    assert met_elsewhere(test, "post", records) == 1


def test_the_first_try_counts():
    one = course_test("anna", ()).forms["pre"][0]
    records = [kept(one.id, 0.0, tags=("pre",)), kept(one.id, 1.0, tags=("pre",))]
    assert course_test("anna", records).points("pre") == 0


@pytest.mark.parametrize("name", ["review", "pretest"])
def test_the_pages_start_without_anything_heavy(name):
    code = (f"from osteoteach.view.dashboards import {name}; {name}.page(); import sys; "
            "print([m for m in ('numpy', 'pandas', 'altair', 'sqlalchemy', 'rapidfuzz', 'fsrs', "
            "'jsonschema', 'yaml', 'osteoteach.model.trajectory') if m in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
