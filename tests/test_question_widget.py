"""The question on a page: nothing tells before the commitment, and every answer is kept."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.progress.store import StoreProblem, open_store
from osteoteach.teaching.questions import all_questions, mark, question
from osteoteach.teaching.questions.load import questions_in
from osteoteach.teaching.questions.marking import letters, right_answer
from osteoteach.teaching.questions.review import _notes
from osteoteach.view.questions import QuestionWidget, ask, quiz
from osteoteach.view.questions.quiz import Quiz, calibration
from osteoteach.view.questions.telling import asked, chosen

CHOICE = "hip_fracture_normal_bmd"
BROWSER = "browser-" + "0123456789abcdef" * 2
OTHER = "browser-" + "f" * 32


@pytest.fixture(autouse=True)
def database(tmp_path, monkeypatch):
    """Each test keeps its answers in a file of its own."""
    path = tmp_path / "progress.sqlite3"
    monkeypatch.setenv("OSTEOTEACH_DATABASE_URL", f"sqlite:///{path}")
    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
    return path


def send(widget, **message):
    """What the page sends, the way ipywidgets delivers it."""
    widget._handle_custom_msg(message, [])


def place_of(one, key):
    """Where the page shows an option, a line or an item."""
    return next(place for place, _ in asked(one)["choices"] if chosen(one, place) == key)


def commit(widget, key, sure=75, **more):
    send(widget, type="commit", answer=place_of(widget.question, key), confidence_pct=sure, **more)


# ---- before the commitment ---------------------------------------------------------------


@pytest.mark.parametrize("one", all_questions(), ids=lambda one: one.id)
def test_nothing_that_is_sent_tells_the_answer(one):
    """No explanation, no mark, and no key of the file is in the state that a page gets."""
    widget = QuestionWidget(one)
    state = {name: value for name, value in widget.get_state().items()
             if not name.startswith("_") and name != "layout"}
    text = json.dumps(state, default=str, ensure_ascii=False)
    for place, part in _notes(one):
        assert one.text(part["feedback"], place, {"then": "x"}) not in text
    assert [place for place, _ in state["choices"]] == [
        str(place) for place in range(len(state["choices"]))]
    assert state["result"] == {}
    assert set(state) == {"kind", "number", "prompt", "report", "choices", "ends", "unit",
                          "confidences", "plan", "problem", "store_problem", "fault", "result",
                          "tabbable", "tooltip"} & set(state)


def test_the_right_option_stands_at_every_place():
    """Over all choices no place is right in 45 of 100 cases or more."""
    four = [one for one in all_questions()
            if one.kind == "choice" and len(one.content["options"]) == 4]
    places = Counter(place_of(one, right_answer(one)["option"]) for one in four)
    assert set(places) == {"0", "1", "2", "3"}
    assert max(places.values()) < 0.45 * len(four)


def test_a_browser_sets_nothing():
    widget = ask(CHOICE)
    widget.set_state({"result": {"verdict": "Right"}, "prompt": "<b>"})
    assert widget.result == {}
    assert widget.prompt == question(CHOICE).prompt


@settings(max_examples=40)
@given(st.dictionaries(
    st.sampled_from(["type", "answer", "confidence_pct", "learner"]),
    st.sampled_from(["commit", "hello", "again", BROWSER, "../me", "0", "9", ""])
    | st.none() | st.integers(-5, 100) | st.lists(st.sampled_from(["0", "1", "7"]), max_size=3)))
def test_nonsense_from_a_browser_commits_nothing_wrong(message):
    """Whatever is sent, nothing is raised, and an explanation follows a whole answer only."""
    widget = ask(CHOICE)
    widget._keep = lambda record: record
    send(widget, **message)
    if widget.result:
        assert message["answer"] in ("0", 0) or message["answer"] in ("1",)
        assert message["confidence_pct"] in (10, 30, 50, 75, 95)
    assert widget.fault == ""


# ---- the commitment --------------------------------------------------------------------------


def test_an_answer_is_on_the_disk_before_its_explanation(monkeypatch):
    """At the time of the record the page has been told nothing."""
    widget, seen = ask(CHOICE), []
    real = QuestionWidget._keep

    def keep(self, record):
        kept = real(self, record)
        seen.append((dict(self.result), open_store().latest("question", CHOICE)))
        return kept

    monkeypatch.setattr(QuestionWidget, "_keep", keep)
    commit(widget, "b")
    [(told_then, kept_then)] = seen
    assert told_then == {}
    assert kept_then.score == 0
    assert widget.result["verdict"] == "Not right"


def test_what_is_kept():
    widget = QuestionWidget(question(CHOICE), tags=("pre",))
    commit(widget, "a", sure=95, learner=BROWSER)
    [kept] = open_store().answers("question", CHOICE, BROWSER)
    assert (kept.learner, kept.score, kept.confidence_pct) == (BROWSER, 1.0, 95)
    assert kept.given == {"option": "a", "words": "Osteoporosis"}
    assert kept.item_version == question(CHOICE).version
    assert kept.tags == ("objective:classify", "lesson:2", "gap:hip_fracture_diagnostic", "pre")
    assert widget.result["answered_at"] == kept.answered_at
    assert open_store().answers("question", CHOICE) == ()


def test_what_is_missing_is_asked_for_and_nothing_kept():
    widget = ask(CHOICE)
    send(widget, type="commit", answer=None, confidence_pct=75)
    assert widget.problem == "Answer first, then commit."
    send(widget, type="commit", answer="0", confidence_pct=None)
    assert widget.problem == "Say how sure you are, then commit."
    number = ask("t_score_total_hip")
    send(number, type="commit", answer="two", confidence_pct=75)
    assert number.problem.startswith("Your answer must be a number. You entered “two”.")
    assert widget.result == number.result == {}
    assert open_store().answers() == ()


def test_a_second_press_is_one_answer():
    widget = ask(CHOICE)
    commit(widget, "a")
    commit(widget, "b")
    assert len(open_store().answers()) == 1
    assert widget.result["verdict"] == "Right"


def test_a_stranger_is_not_a_learner():
    widget = ask(CHOICE)
    for learner in ("anna", "me", "browser-xyz", "*", 7):
        commit(widget, "a", learner=learner)
    assert widget.result == {}
    assert open_store().answers(learner="*") == ()


def test_a_store_that_refuses_is_told_and_the_lesson_goes_on(monkeypatch):
    def refuse(self, record):
        raise StoreProblem("The disk is full.", "Free some space.")

    monkeypatch.setattr("osteoteach.progress.store.Store.record", refuse)
    widget = ask(CHOICE)
    commit(widget, "a")
    assert widget.store_problem == "The disk is full. Free some space."
    assert widget.result["verdict"] == "Right"


def test_a_fault_of_the_program_is_told(monkeypatch):
    monkeypatch.setattr("osteoteach.view.questions.question_widget.mark", lambda *_: 1 / 0)
    widget = ask(CHOICE)
    commit(widget, "a")
    assert widget.fault.startswith("ZeroDivisionError")
    assert widget.result == {}


def test_explanations_and_links_travel_as_data():
    """The page makes the HTML, so nothing of it can be one."""
    widget = ask(CHOICE)
    commit(widget, "b")
    notes = widget.result["notes"]
    assert [note["text"] for note in notes] == [
        note.text for note in mark(question(CHOICE), {"option": "b"}).feedback]
    links = [one["link"] for note in notes for one in note["sources"]]
    assert all(link.startswith("https://") for link in links)
    assert widget.result["right"] == "Osteoporosis"
    script = (Path(__file__).parents[1] / "osteoteach/view/page_parts/question.js").read_text(
        encoding="utf-8")
    assert "innerHTML" not in script


@pytest.mark.parametrize("one", all_questions(), ids=lambda one: one.id)
def test_every_question_can_be_answered_rightly_on_a_page(one):
    widget = QuestionWidget(one)
    widget._keep = lambda record: record
    right = right_answer(one)
    if one.kind == "plan":
        widget.plan.load([{"adherence": 1.0, **course} for course in right["courses"]])
        answer = "plan"
    elif one.kind == "number":
        answer = repr(right["number"])
    elif one.kind == "order":
        answer = [place_of(one, key) for key in right["order"]]
    else:
        answer = place_of(one, right.get("option") or right["line"])
    send(widget, type="commit", answer=answer, confidence_pct=50)
    assert (widget.problem, widget.fault) == ("", "")
    assert widget.result["verdict"] == "Right"


# ---- found again ---------------------------------------------------------------------------------


def test_an_answer_is_found_again_by_its_learner_only():
    first = ask(CHOICE)
    commit(first, "c", sure=30, learner=BROWSER)
    later = ask(CHOICE)  # after a restart of the kernel
    send(later, type="hello", learner=BROWSER)
    assert later.result == {**first.result, "earlier": True}
    for learner in (OTHER, None):
        another = ask(CHOICE)
        send(another, type="hello", learner=learner)
        assert another.result == {}


def test_the_latest_answer_is_shown_and_can_be_given_anew():
    for key in ("b", "a"):
        commit(ask(CHOICE), key)
    widget = ask(CHOICE)
    send(widget, type="hello", learner=None)
    assert widget.result["verdict"] == "Right"
    send(widget, type="again", learner=None)
    assert widget.result == {}
    send(widget, type="hello", learner=None)  # a second view of the same widget
    assert widget.result == {}
    commit(widget, "d")
    assert [one.given["option"] for one in open_store().answers()] == ["b", "a", "d"]


def test_an_answer_to_another_wording_is_not_shown(monkeypatch):
    commit(ask(CHOICE), "a")
    changed = ask(CHOICE)
    object.__setattr__(changed.question, "version", "another")
    try:
        send(changed, type="hello", learner=None)
        assert changed.result == {}
    finally:
        del changed.question.__dict__["version"]


def test_earlier_answers_that_cannot_be_read_are_told(monkeypatch):
    def refuse(self, *_):
        raise StoreProblem("The file is locked.", "Close the other program.")

    monkeypatch.setattr("osteoteach.progress.store.Store.answers", refuse)
    widget = ask(CHOICE)
    send(widget, type="hello", learner=None)
    assert widget.store_problem.startswith("Earlier answers could not be read. The file is")
    assert widget.result == {}


def test_a_plan_is_kept_locked_and_found_again():
    one = next(one for one in all_questions() if one.kind == "plan")
    widget = QuestionWidget(one)
    course = {**one.content["mistaken_plans"][0]["courses"][0], "adherence": 1.0}
    widget.plan.load([course])
    send(widget, type="commit", answer="plan", confidence_pct=50)
    assert widget.result["verdict"]
    assert not widget.plan.enabled
    later = QuestionWidget(one)
    send(later, type="hello", learner=None)
    assert list(later.plan.reading()) == list(widget.plan.reading())
    send(later, type="again", learner=None)
    assert later.plan.enabled
    assert later.plan.reading() == ()


# ---- in a notebook ------------------------------------------------------------------------


def test_the_text_in_a_saved_notebook_is_the_same_every_time():
    for make, text in ((lambda: ask(CHOICE), f"Question('{CHOICE}')"),
                       (lambda: quiz(["at_minus_2_5"]), "Quiz(chosen: 1 questions)")):
        first, second = (make()._repr_mimebundle_() for _ in range(2))
        plain = [(bundle[0] if isinstance(bundle, tuple) else bundle)["text/plain"]
                 for bundle in (first, second)]
        assert plain == [text, text]


def test_importing_costs_nothing_heavy():
    """Nothing that a page need not have before it stands."""
    heavy = ["numpy", "pandas", "altair", "sqlalchemy", "yaml", "scipy", "fastjsonschema"]
    code = (f"import sys, osteoteach.view.questions; "
            f"print([name for name in {heavy} if name in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_file_of_ones_own_can_be_asked(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("""
topic: own_file
title: Own
questions:
- id: own_question
  kind: choice
  lesson: 1
  objective: classify
  prompt: <script>alert(1)</script> Which?
  options:
  - {text: One, right: true, feedback: It is the first one of all of them., sources: [who_1994]}
  - {text: Two, feedback: It is the second one of all of them., sources: [who_1994]}
  - {text: Three, feedback: It is the third one of all of them., sources: [who_1994]}
""", encoding="utf-8")
    [own] = questions_in(path)
    widget = QuestionWidget(own)
    commit(widget, next(iter(letters(own, "options"))))
    assert widget.result["verdict"] == "Right"


# ---- several in a row --------------------------------------------------------------------------


def test_a_quiz_counts_and_compares_confidence():
    made = quiz(lesson=2)
    assert isinstance(made, Quiz)
    assert made.summary.text == f"0 of {len(made.questions)} answered, 0 right"
    made.ask_more()
    choices = [one for one in made.questions if one.kind == "choice"][:6]
    for number, widget in enumerate(choices):
        keys = list(letters(widget.question, "options"))
        right = right_answer(widget.question)["option"]
        wrong = next(key for key in keys if key != right)
        commit(widget, right if number < 3 else wrong, sure=95)
    assert made.summary.text == f"6 of {len(made.questions)} answered, 3 right"
    assert made.summary.judgement == ("Your confidence was 95% on average; 50% were right. "
                                      "You are surer than you are right.")
    assert made.summary.rows == [{"words": "Almost certain", "confidence_pct": 95, "answers": 6,
                                  "right_pct": 50.0}]


def test_a_lesson_asks_a_few_and_more_to_who_wants_more():
    """The button below the summary; a page can ask for it once, and nothing answered is lost."""
    made = quiz(lesson=2)
    short = len(made.questions)
    assert repr(made) == f"Quiz(lesson 2: {short} questions, {len(made.further)} more)"
    assert made.summary.more == f"Ask me {len(made.further)} more"
    first = made.questions[0]
    commit(first, right_answer(first.question)["option"])
    further = made.further
    for _ in range(2):
        made.summary._on_message(made.summary, {"type": "more"}, [])
    assert [one.question for one in made.questions[short:]] == list(further)
    *asked, added, summary = made.children
    # Drawn where they were: JupyterLab would take the focus from a summary that moved.
    assert (*asked, *added.children, summary) == (*made.questions, made.summary)
    assert len(asked) == short
    assert made.summary.more == ""
    assert made.summary.text == f"1 of {len(made.questions)} answered, 1 right"
    last = made.questions[-1]
    assert last.number == f"Question {len(made.questions)} of {len(made.questions)}"
    made.summary._on_message(made.summary, {"type": "more", "of": 1}, [])
    assert len(made.questions) == short + len(further)


def test_the_tests_before_and_after_are_tagged_and_share_nothing():
    before, after = quiz(form="A", seed=4, size=6), quiz(form="B", seed=4, size=6)
    ids = [{one.question.id for one in made.questions} for made in (before, after)]
    assert not ids[0] & ids[1]
    assert {one.question.pair for one in before.questions} == ids[1]
    assert before.questions[0].tags == ("pre",)
    assert after.questions[0].tags == ("post",)
    assert all(one.question.form == "A" for one in quiz(form="A").questions)


@pytest.mark.parametrize("wrong", [
    {}, {"form": "C"}, {"lesson": 12}, {"gap": "no_such_gap"}, {"seed": 1}, {"ids": []},
    {"ids": ["no_such_question"]}, {"form": "A", "size": 0},
])
def test_a_quiz_that_cannot_be_asked_is_refused(wrong):
    with pytest.raises(InputError):
        quiz(**wrong)


def test_calibration_counts_partly_right_as_not_right():
    rows = calibration([(0.5, 50), (1.0, 50), (1.0, 10), (0.0, None)])
    assert [(row["confidence_pct"], row["answers"], row["right_pct"]) for row in rows] == [
        (10, 1, 100.0), (50, 2, 50.0)]
