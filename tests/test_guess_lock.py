"""The prediction lock: no answer before the guess, the guess kept beside the answer after it."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.progress import store as store_module
from osteoteach.progress.problems import StoreProblem
from osteoteach.teaching.guess_questions import diagnosis as diagnosis_question
from osteoteach.teaching.guess_questions import sequence as sequence_question
from osteoteach.teaching.guesses import (
    CategoryGuess,
    Guessable,
    NumberGuess,
    checked_guess,
    feedback,
    item_version,
    number_words,
    score,
)
from osteoteach.view.dashboards import diagnose, noise, population, reversal, risk, sequence
from osteoteach.view.guess_lock import GuessLock
from tests.test_dashboard_answers import controls, settings_of

MODULES = {"diagnose": diagnose, "reversal": reversal, "sequence": sequence, "risk": risk,
           "noise": noise, "population": population}
#: One guess for each page, far from its answer where that is possible.
ENTRIES = {"diagnose": {"value": "osteoporosis", "confidence_pct": "70"},
           "reversal": {"value": "12", "low": "5", "high": "20"},
           "sequence": {"value": "−20", "low": "-30", "high": "-10,5"},
           "risk": {"value": "80", "low": "70", "high": "90"},
           "noise": {"value": "9", "low": "8", "high": "10"},
           "population": {"value": "20", "low": "10", "high": "30"}}
BROWSER = "browser-" + "0123456789abcdef" * 2


class Notebook:
    """Stands in for the store: remembers what was recorded, and what the page showed then."""

    def __init__(self) -> None:
        self.records, self.locked_then, self.problem, self.page = [], [], None, None

    def record(self, record):
        self.records.append(record)
        self.locked_then.append(self.page and self.page.frame.locked)
        if self.problem:
            raise self.problem
        return record


@pytest.fixture
def kept(monkeypatch):
    notebook = Notebook()
    monkeypatch.setattr(store_module, "open_store", lambda *_, **__: notebook)
    monkeypatch.setattr("osteoteach.view.guess_lock.prepare_store", lambda: None)
    return notebook


@pytest.fixture(params=MODULES)
def name(request):
    return request.param


@pytest.fixture
def locked(name, monkeypatch, kept):
    """A page opened with guess=1."""
    monkeypatch.setenv("QUERY_STRING", "guess=1")
    kept.page = MODULES[name].page()
    return kept.page


def shown_texts(page) -> dict:
    frame = page.frame
    return {"sentence": frame.sentence, "why": frame.why, "how_sure": frame.how_sure,
            "sources": frame.sources, "warnings": list(frame.warnings), "tone": frame.tone}


def test_a_page_opened_with_the_link_holds_nothing_of_its_answer(name, locked):
    """What crosses to the browser is the question: no text, no number, no row of the answer."""
    guess = MODULES[name].answer(locked.values()).guess
    assert locked.frame.locked
    assert not any(shown_texts(locked).values())
    assert locked.lock.question["text"] == guess.question
    assert locked.lock.strip == {}
    sent = json.dumps(locked.lock.question)
    assert guess.pitfall not in sent
    if not guess.options:
        assert number_words(guess, guess.answer) not in sent
        assert repr(guess.answer) not in sent
    else:
        assert guess.because not in sent


def test_without_link_or_switch_nothing_is_asked(name, kept, monkeypatch):
    """The lock is off by default: the page answers at once, and offers the switch."""
    monkeypatch.delenv("QUERY_STRING", raising=False)
    page = MODULES[name].page()
    assert not page.frame.locked
    assert page.frame.sentence
    assert page.lock.available
    assert not page.lock.on
    assert page.lock.question == {} == page.lock.strip


def test_a_guess_is_recorded_first_and_then_stands_beside_the_answer(name, locked, kept):
    """Recorded while the page is still locked; then answer, strip and feedback appear."""
    locked.lock._on_message(None, {"commit": ENTRIES[name], "learner": BROWSER}, None)
    assert kept.locked_then == [True]
    record = kept.records[0]
    assert (record.item_kind, record.item_id, record.learner) == ("guess", name, BROWSER)
    assert 0 <= record.confidence_pct <= 100
    json.dumps(record.given)
    answer = MODULES[name].answer(locked.values())
    assert not locked.frame.locked
    assert locked.frame.sentence == answer.sentence
    strip = locked.lock.strip
    assert strip["current"]
    assert [row["kind"] for row in strip["rows"][:2]] == ["guess", "answer"]
    assert strip["rows"][1]["label"] == answer.guess.said_by
    assert answer.guess.pitfall in strip["feedback"]
    for row in strip["rows"]:
        assert row["text"]
        assert row["link"] is None or row["link"]["href"].startswith("https://")
    json.dumps(strip)


def test_published_numbers_stand_in_the_strip_with_their_row(kept, monkeypatch):
    """population: two cohorts that counted the same (pasco_2006, schuit_2004)."""
    monkeypatch.setenv("QUERY_STRING", "guess=1")
    page = population.page()
    page.lock.commit(ENTRIES["population"])
    published = [row for row in page.lock.strip["rows"] if row["kind"] == "published"]
    assert [row["link"]["source"] for row in published] == ["pasco_2006", "schuit_2004"]
    # 26.9% of the fractures were in the osteoporosis range in Geelong, 44% in Rotterdam.
    assert [row["text"] for row in published] == ["27 of 100", "44 of 100"]


def test_a_trial_with_the_same_medicines_at_the_same_time_is_shown():
    """EUROFORS: teriparatide for a year, then nothing: +0.5% at the hip a year later."""
    values = {control.name: control.reading() for control in controls(sequence)}
    values["plan"] = (sequence._course("teriparatide", 0, 1),)
    found = sequence.answer(values).guess
    assert "2 years from today" in found.question
    assert [(one.table, one.value) for one in found.further] == [("trials", 0.5)]
    none = sequence.answer({**values, "plan": ()}).guess
    assert "without medicine" in none.question
    assert none.further == ()


@pytest.mark.parametrize(("courses", "when", "pitfall"), [
    ([("denosumab", 0, 3)], "one year after the end", "rankl_antibody"),
    ([("denosumab", 0, 3), ("alendronate", 0, 3)], "one year after the end", "bisphosphonate"),
    ([("romosozumab", 0, 1), ("denosumab", 1, 11.5)], "6 months after the end",
     "rankl_antibody"),
    ([("denosumab", 0, 12)], "after 12 years of this plan", None)])
def test_why_people_miss_belongs_to_what_ends_last(courses, when, pitfall):
    """A bisphosphonate that ends with denosumab stays in bone; what goes on stops nothing."""
    values = {control.name: control.reading() for control in controls(sequence)}
    values["plan"] = tuple(sequence._course(*course) for course in courses)
    found = sequence.answer(values).guess
    assert when in found.question
    assert found.pitfall == (sequence_question.PITFALLS[pitfall] if pitfall
                             else sequence_question.PITFALL_STILL_GIVEN)


def test_a_store_that_fails_costs_a_sentence_and_not_the_lesson(locked, kept, name):
    """The learner reads why the guess was not kept; answer and feedback come all the same."""
    kept.problem = StoreProblem("The disk is full.", "Free some space.")
    locked.lock.commit(ENTRIES[name])
    assert locked.lock.notice == "The disk is full. Free some space."
    assert not locked.frame.locked
    assert locked.lock.strip["feedback"]


@pytest.mark.parametrize(("entries", "field", "words"), [
    ({"value": "", "low": "1", "high": "3"}, "value", "must be a number"),
    ({"value": "two", "low": "1", "high": "3"}, "value", "two"),
    ({"value": "2", "low": "", "high": ""}, "low", "must be a number"),
    ({"value": "200", "low": "1", "high": "3"}, "value", "from −40.0 to +40.0%"),
    ({"value": "2", "low": "3", "high": "5"}, "low", "must not lie above your guess"),
    ({"value": "2", "low": "1", "high": "1,5"}, "high", "must not lie below your guess"),
    ({"value": "1e3", "low": "1", "high": "3"}, "value", "must be a number"),
])
def test_a_wrong_entry_is_told_beside_its_field_and_nothing_is_let_out(
        entries, field, words, kept, monkeypatch):
    """A guess without a range, off the scale or upside down is refused with what to do."""
    monkeypatch.setenv("QUERY_STRING", "guess=1")
    page = reversal.page()
    page.lock.commit(entries)
    assert words in page.lock.problems[field]
    assert page.frame.locked
    assert kept.records == []
    page.lock.commit(ENTRIES["reversal"])
    assert not page.frame.locked
    assert page.lock.problems == {}


def test_a_category_needs_a_choice_and_a_confidence(kept, monkeypatch):
    """diagnose: neither may be left out."""
    monkeypatch.setenv("QUERY_STRING", "guess=1")
    page = diagnose.page()
    for entries, field in (({"value": "normal"}, "confidence_pct"),
                           ({"confidence_pct": "70"}, "value"),
                           ({"value": "normal", "confidence_pct": "71"}, "confidence_pct")):
        page.lock.commit(entries)
        assert list(page.lock.problems) == [field]
        assert page.frame.locked


def test_another_setting_greys_the_guess_and_only_the_button_asks_again(kept, monkeypatch):
    """The old guess stays for its own settings; the button locks anew, with the new question."""
    monkeypatch.setenv("QUERY_STRING", "guess=1")
    page = reversal.page()
    page.lock.commit(ENTRIES["reversal"])
    page.controls["age_years"].value = 75
    assert not page.frame.locked
    assert not page.lock.strip["current"]
    assert "62" in page.lock.strip["premise"]
    page.controls["femoral_neck"].value = -3  # not what was asked about
    page.controls["age_years"].value = 62
    assert page.lock.strip["current"]
    page.lock.guess_again()
    assert not page.frame.locked  # this question has its guess
    page.controls["age_years"].value = 80
    assert not page.frame.locked
    page.lock.guess_again()
    assert page.frame.locked
    assert page.frame.sentence == ""
    assert "80" in page.lock.question["premise"]
    page.lock.commit(ENTRIES["reversal"])
    assert page.lock.strip["current"]
    assert "80" in page.lock.strip["premise"]


def test_the_switch_locks_and_lets_go(kept, monkeypatch):
    """Anybody may turn it on; turning it off shows the answer without a guess."""
    monkeypatch.delenv("QUERY_STRING", raising=False)
    page = noise.page()
    sentence = page.frame.sentence
    page.lock._on_message(None, {"switch": True}, None)
    assert page.frame.locked
    assert page.frame.sentence == ""
    page.lock._on_message(None, {"switch": False}, None)
    assert not page.frame.locked
    assert page.frame.sentence == sentence
    page.lock.switch(True)
    page.lock.commit(ENTRIES["noise"])
    page.controls["true_t_score"].value = -2
    page.lock.switch(False)
    page.lock.guess_again()
    assert not page.frame.locked


def test_scanning_again_is_not_another_question(kept, monkeypatch):
    """noise: ten new scans leave the guess standing, beside what they show now."""
    monkeypatch.setenv("QUERY_STRING", "guess=1")
    page = noise.page()
    page.lock.commit(ENTRIES["noise"])
    counts = set()
    for press in range(1, 12):
        page.controls["again"].count = press
        assert page.lock.strip["current"]
        counts.add(next(r["text"] for r in page.lock.strip["rows"] if r["kind"] == "seen"))
    assert len(counts) > 1


def test_a_kernel_started_ahead_holds_back_until_the_browser_tells_its_link(kept, monkeypatch):
    """A pre-started kernel cannot know the link: nothing is shown before it does."""
    monkeypatch.setenv("VOILA_PREHEAT", "True")
    page = reversal.page()
    assert page.frame.locked
    assert not any(shown_texts(page).values())
    assert page.lock.question == {}
    page.lock._on_message(None, {"link": False}, None)
    assert page.frame.sentence
    page.lock._on_message(None, {"link": True}, None)  # told once, not again later
    assert not page.frame.locked
    second = reversal.page()
    second.lock._on_message(None, {"link": True}, None)
    assert second.frame.locked
    assert second.lock.question["text"]


HOSTILE = [
    None, [], "commit", {"commit": 3, "learner": ""}, {"commit": {}, "learner": 7},
    {"commit": {"value": 12, "low": 5, "high": 20}, "learner": ""},
    {"commit": {"value": "1" * 41, "low": "0", "high": "2"}, "learner": ""},
    {"commit": {"__class__": "x"}, "learner": ""},
    {"commit": {"value": "1", "low": "0", "high": "2"}, "learner": "anna"},
    {"commit": {"value": "1", "low": "0", "high": "2"}, "learner": BROWSER + "0"},
    {"commit": {"value": "1", "low": "0", "high": "2"}},
    {"commit": {"value": "1", "low": "0", "high": "2"}, "learner": "", "more": 1},
    {"switch": 0}, {"switch": "false"}, {"switch": False, "again": True}, {"again": 1},
    {"link": "1"}, {"link": False},
]


@pytest.mark.parametrize("message", HOSTILE, ids=lambda one: json.dumps(one)[:50])
def test_a_hostile_message_changes_nothing(message, kept, monkeypatch):
    """Only the known shapes are taken; the lock stays shut."""
    monkeypatch.setenv("QUERY_STRING", "guess=1")
    page = reversal.page()
    before = page.lock.get_state()
    page.lock._on_message(None, message, None)
    assert page.frame.locked
    assert page.lock.get_state() == before
    assert kept.records == []


def test_traits_cannot_be_set_by_a_browser(kept, monkeypatch):
    """A page that writes question or switch itself opens nothing."""
    monkeypatch.setenv("QUERY_STRING", "guess=1")
    page = reversal.page()
    page.lock.set_state({"question": {}, "on": False, "strip": {"rows": []}})
    assert page.lock.on
    assert page.lock.question["text"]
    assert page.frame.locked


@pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_equal_settings_are_the_same_question_with_the_same_answer(module, data):
    """What a question names as its settings decides its answer: no guess is judged by another."""
    everything = controls(module)
    values = {one.name: data.draw(settings_of(one), one.name) for one in everything}
    moved = data.draw(st.sampled_from(everything))
    other = {**values, moved.name: data.draw(settings_of(moved), "moved")}
    try:
        first, second = (module.answer(one).guess for one in (values, other))
    except InputError:
        return
    hash(first.settings)
    if first.settings == second.settings:
        assert first.answer == second.answer
        assert first.band == second.band
        assert first.question == second.question
        assert item_version(first) == item_version(second)
    if not first.options:
        assert first.scale[0] <= first.scale[1]
        assert first.question.endswith("?")


numbers = st.floats(0, 100).map(lambda x: round(x, 1))


@given(answer=numbers, value=numbers, reach=numbers, decimals=st.sampled_from([0, 1]))
def test_feedback_says_what_the_score_says(answer, value, reach, decimals):
    """Held means score 1; the direction and size of the miss are those of the numbers shown."""
    item = Guessable("x", "How many?", "", (), answer, "Why.", off_unit="points",
                     decimals=decimals)
    guess = NumberGuess(value, max(value - reach, 0), min(value + reach, 100))
    text = feedback(item, guess)
    assert ("does not hold" not in text) == (score(item, guess) == 1)
    shown, said = round(answer, decimals), round(value, decimals)
    if said != shown:
        assert ("too high" if said > shown else "too low") in text
        assert f"{abs(said - shown):.{decimals}f} points" in text
    assert text.endswith("Why.")


def test_a_category_is_judged_by_its_value_and_says_how_sure_one_was():
    """A confident error names both classes: such errors are corrected best."""
    item = Guessable("diagnose", "Which?", "", (), "low_bone_mass", "Lowest site.",
                     options=diagnosis_question.DIAGNOSES, because="T −2.1.")
    wrong = checked_guess(item, {"value": "osteoporosis", "confidence_pct": 90.0})
    assert wrong == CategoryGuess("osteoporosis", 90)
    assert score(item, wrong) == 0
    assert feedback(item, wrong) == ("You were 90% sure of “Osteoporosis”; it is “Low bone mass "
                                     "(osteopenia)”. T −2.1. Lowest site.")
    assert feedback(item, CategoryGuess("low_bone_mass", 50)).startswith("Right")


def test_why_people_miss_holds_no_number():
    """The reasons are words: a number in them would have no source."""
    texts = [*diagnosis_question.PITFALLS.values(), *sequence_question.PITFALLS.values(),
             sequence_question.PITFALL_OTHERWISE, sequence_question.PITFALL_STILL_GIVEN]
    for module in MODULES.values():
        values = {one.name: one.reading() for one in controls(module)}
        texts.append(module.answer(values).guess.pitfall)
    for text in texts:
        assert text.endswith(".")
        assert not re.search(r"\d", text)


def test_a_lock_without_a_page_offers_nothing():
    """A page that has nothing to ask shows no switch and holds nothing back."""
    from osteoteach.view.page import Answer

    lock = GuessLock({"QUERY_STRING": "guess=1"})
    assert not lock.held_back(Answer("Yes."))
    assert not lock.available
