"""The claim desk and its page, without a browser."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from osteoteach.progress.store import StoreProblem, open_store
from osteoteach.teaching.claims import VERDICT_WORDS, claim, claims
from osteoteach.teaching.claims.judging import CONFIDENCES_PCT, judge
from osteoteach.view.chart_specs import load_spec
from osteoteach.view.claim_card import ClaimDesk
from osteoteach.view.claim_words import MOST_SENTENCES, feedback_of
from osteoteach.view.dashboards import claims as dashboard
from osteoteach.view.palette import VERDICT_COLOURS
from osteoteach.view.questions.telling import CONFIDENCES

BROWSER = "browser-" + "0123456789abcdef" * 2
MYTH = "stop_bisphosphonate_rapid_loss"


@pytest.fixture(autouse=True)
def database(tmp_path, monkeypatch):
    """A store of its own for each test."""
    monkeypatch.setenv("OSTEOTEACH_DATABASE_URL", f"sqlite:///{tmp_path / 'answers.sqlite3'}")


@pytest.fixture
def desk():
    return ClaimDesk(seed=1)


def tell(desk, content):
    """A message, as the browser sends it."""
    desk._handle_custom_msg(content, [])


def synced(widget) -> str:
    """Everything of a widget that a browser can see."""
    state = widget.get_state()
    return json.dumps({name: value for name, value in state.items()
                       if name not in ("_esm", "_css", "_anywidget_id", "choices")}, default=str)


def test_nothing_of_the_verdict_leaves_before_the_commitment(desk):
    """Neither verdict nor refutation nor evidence is in the synced state of any claim."""
    for one in claims():
        desk.pick(one.claim_id)
        assert desk.feedback == {}
        seen = synced(desk)
        assert one.refutation not in seen
        assert one.template not in seen
        assert not any(part.what in seen for part in one.evidence if len(part.what) > 12)
        assert set(desk.item) == {"id", "text", "topic", "said"}


def test_the_page_shows_no_verdict_of_a_claim_that_is_not_judged():
    """The chart counts only what was judged: it does not give the base away."""
    page = dashboard.page()
    rows = page.charts["verdicts"].data["verdicts"]
    assert rows["from"] == rows["to"] == [0] * len(rows["group"])
    assert not any(rows["sign"])


def test_a_committed_verdict_is_kept_before_the_evidence_appears(desk, monkeypatch):
    """When the feedback is set, the answer is already in the store."""
    kept = []

    def at_feedback(change):
        if change["new"]:
            kept.extend(open_store(learner=BROWSER).answers(item_kind="claim"))

    desk.observe(at_feedback, "feedback")
    desk.pick(MYTH)
    tell(desk, {"commit": [MYTH, "supported", 95], "learner": BROWSER})
    (answer,) = kept
    assert (answer.item_kind, answer.item_id, answer.learner) == ("claim", MYTH, BROWSER)
    assert (answer.score, answer.confidence_pct) == (0.0, 95)
    assert answer.item_version == claim(MYTH).version
    assert answer.given["verdict"] == "supported"
    assert desk.feedback["verdict"] == "contradicted"
    assert "−6.7%" in desk.feedback["refutation"]
    assert desk.feedback["evidence"][0]["links"][0]["href"].startswith("https://")


def test_a_store_that_fails_is_told_and_the_lesson_goes_on(desk, monkeypatch):
    """A full disk costs the record, not the feedback."""
    def full(*_args, **_kwargs):
        raise StoreProblem("The disk is full.", "Free some space.")

    monkeypatch.setattr("osteoteach.progress.store.Store.record", full)
    desk.pick(MYTH)
    tell(desk, {"commit": [MYTH, "contradicted", 50], "learner": ""})
    assert desk.notice == "The disk is full. Free some space."
    assert desk.feedback["points"] == 1


def test_a_second_commitment_to_the_same_claim_changes_nothing(desk):
    """Who has seen the evidence cannot answer again until the claim is dealt again."""
    desk.pick(MYTH)
    desk.commit("supported", 10)
    desk.commit("contradicted", 95)
    assert desk.judgements[0].points == 0
    assert len(open_store().answers(item_kind="claim")) == 1


def test_earlier_answers_of_this_learner_count_on(desk):
    """The score goes on after a reload; another learner starts afresh."""
    desk.pick(MYTH)
    tell(desk, {"commit": [MYTH, "contradicted", 75], "learner": BROWSER})
    again, other = ClaimDesk(seed=2), ClaimDesk(seed=2)
    tell(again, {"hello": BROWSER})
    tell(other, {"hello": "browser-" + "f" * 32})
    assert [one.claim_id for one in again.judgements] == [MYTH]
    assert other.judgements == ()


def test_an_unjudged_claim_is_dealt_first(desk):
    """Nobody sees a claim again before all of the topic were seen."""
    topic = "sequence_and_stopping"
    desk.filter(topic)
    seen = set()
    for _ in claims(topic):
        seen.add(desk.item["id"])
        desk.commit("not_testable", 10)
        desk.deal()
    assert seen == {one.claim_id for one in claims(topic)}


def test_the_topic_filters_the_list_and_keeps_a_claim_that_fits(desk):
    """Changing the filter does not take a fitting claim off the desk."""
    desk.pick(MYTH)
    desk.filter("sequence_and_stopping")
    assert desk.item["id"] == MYTH
    assert len(desk.listing) == len(claims("sequence_and_stopping"))
    desk.filter("classification")
    assert claim(desk.item["id"]).topic == "classification"


@pytest.mark.parametrize("content", [
    None, 1, [], {}, {"next": 1}, {"next": True, "more": 1}, {"pick": 3}, {"pick": "no_such"},
    {"commit": ["x"], "learner": ""}, {"commit": [MYTH, "supported", 61], "learner": ""},
    {"commit": [MYTH, "true", 50], "learner": ""},
    {"commit": [MYTH, "supported", 50], "learner": "admin"},
    {"commit": ["walking_highly_effective", "supported", 50], "learner": ""},
    {"hello": "me"}, {"hello": "../x"}, {"article": 5}, {"feedback": {"verdict": "x"}}])
def test_a_message_that_the_page_never_sends_changes_nothing(desk, content):
    """A visitor's browser can send anything over the comm."""
    desk.pick(MYTH)
    before = synced(desk)
    tell(desk, content)
    assert synced(desk) == before
    assert open_store().answers() == ()


def test_a_browser_cannot_set_a_trait(desk):
    """The synced state goes one way."""
    before = synced(desk)
    desk.set_state({"item": {"text": "x"}, "mode": "article", "feedback": {"points": 1}})
    assert synced(desk) == before


def test_a_pasted_article_is_checked_and_kept_nowhere(desk, tmp_path):
    """Counts, sentences, claims once; nothing of it reaches the disk."""
    secret = "Mrs Miller of Hill Street has brittle bones."
    tell(desk, {"article": f"Walking is a highly effective way to build bone. {secret}"})
    first, second = desk.article["sentences"]
    assert desk.article["claims"][first["claim"]]["verdict"] == "contradicted"
    assert (second["claim"], second["text"]) == ("", secret)
    assert "not matched" in desk.article["summary"]
    desk.pick(MYTH)
    desk.commit("contradicted", 75)
    assert not any(b"Miller" in path.read_bytes() for path in tmp_path.rglob("*")
                   if path.is_file())
    tell(desk, {"clear": True})
    assert desk.article == {}
    assert desk.checked_article is None


@pytest.mark.parametrize(("text", "told"), [
    ("", "must hold words"), ("a\x00b", "readable text"), ("x" * 200_001, "at most 200,000")])
def test_a_text_that_cannot_be_read_is_refused_with_a_sentence(desk, text, told):
    """The message stands beside the box; the page lives on."""
    tell(desk, {"article": text})
    assert told in desk.article_problem
    assert desk.article == {}


def test_a_long_article_is_counted_whole_and_shown_in_part(desk):
    """The browser is not sent more sentences than it can draw."""
    tell(desk, {"article": "Osteoporosis is silent. " * (MOST_SENTENCES + 50)})
    assert len(desk.article["sentences"]) == MOST_SENTENCES
    assert desk.article["left_out"] == 50


def test_the_page_follows_the_desk():
    """Sentence and charts change with each answer and with the mode."""
    page = dashboard.page()
    desk = page.parts["below_answer"]
    desk.pick(MYTH)
    desk.commit("contradicted", 75)
    assert "1 right" in page.frame.sentence
    rows = page.charts["verdicts"].data["verdicts"]
    assert max(rows["to"]) == 1
    assert page.charts["calibration"].data["answers"]["points"] == [100]
    page.controls["grouped_by"].value = "article"
    assert page.charts["verdicts"].data["verdicts"]["group"][0] == "Article 1"
    page.controls["mode"].value = "article"
    assert desk.mode == "article"
    assert "Paste an article" in page.frame.sentence
    desk.check("There is no cure for osteoporosis.")
    assert "1 of 1 sentences" in page.frame.sentence


def test_every_verdict_has_a_colour_a_sign_and_a_meaning():
    """Colour never stands alone, and no verdict is without it."""
    assert set(VERDICT_COLOURS) == set(VERDICT_WORDS) == set(dashboard.SIGNS)
    assert len(set(VERDICT_COLOURS.values())) == len(set(dashboard.SIGNS.values())) == 6


def test_every_bar_has_the_name_of_its_verdict_and_a_colour_of_the_key():
    """A sign alone says nothing to who has not learnt it."""
    members = [("A", verdict) for verdict in VERDICT_WORDS]
    rows = dashboard.verdict_table(["A", "B"], [*members, ("B", "misleading")])
    scale = load_spec("claims_verdicts")["layer"][0]["encoding"]["color"]["scale"]
    assert rows["verdict"][:6] == scale["domain"]
    assert scale["range"] == list(VERDICT_COLOURS.values())
    assert [name for name in rows["names"] if name][-1] == "! 1 misleading"


def test_confidence_has_the_steps_and_words_of_the_course_test(desk):
    """ "Fairly sure" is the same percent wherever a reader says it."""
    assert [tuple(one) for one in desk.confidences] == list(CONFIDENCES)
    assert tuple(percent for percent, _ in CONFIDENCES) == CONFIDENCES_PCT


def test_the_chart_of_confidence_does_not_judge_a_handful():
    """One claim is neither above nor below a line."""
    page = dashboard.page()
    desk = page.parts["below_answer"]
    for number, one in enumerate(claims()[:10], 1):
        desk.pick(one.claim_id)
        desk.commit(one.verdict, 75)
        finding = page.charts["calibration"].signals["finding"]
        if number == 1:
            assert finding == "1 claim: too few to say"
        if number == 9:
            assert finding == "9 claims: too few to say"
            assert "On average" not in page.frame.sentence
    assert finding == ("On average you were 75% sure and earned 100 of 100 points: "
                       "less sure than you could be")
    assert finding in page.frame.sentence


def test_the_page_starts_without_anything_heavy():
    """What a visitor waits for: no text library, no database, no charts library."""
    code = ("from osteoteach.view.dashboards import claims; claims.page(); import sys; "
            "print([m for m in ('numpy', 'pandas', 'altair', 'sqlalchemy', 'rapidfuzz', "
            "'jsonschema', 'yaml', 'osteoteach.model.trajectory') if m in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_evidence_under_a_claim_has_true_minus_signs_and_one_full_stop():
    for one in claims():
        for row in feedback_of(one, judge(one, one.verdict, 75))["evidence"]:
            for words in (row["what"], row["value"], row["absolute"]):
                assert not re.search(r"(?<![\w.-])-\d", words), words
            assert not row["what"].endswith("."), row["what"]
