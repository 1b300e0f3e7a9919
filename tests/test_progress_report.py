"""The class report: counted rightly, and harmless whatever the files hold."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from osteoteach.progress.class_report import POLICY, report_html
from osteoteach.progress.class_summary import shown_given, summarise
from osteoteach.progress.collect import Collected
from osteoteach.progress.handin import HandIn
from osteoteach.progress.records import checked
from tests.progress_contract import answer

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>'\"><b>&lt;\u202e"


def handed(learner: str, *answers) -> HandIn:
    """``answers``: (item, score, confidence, tags) of one learner, in their order."""
    records = tuple(checked(answer(item, learner=learner, score=score, confidence_pct=sure,
                                   tags=tuple(tags.split()), given={"choice": f"said {score}"}))
                    for item, score, sure, tags in answers)
    return HandIn(learner, "2026-11-22T12:00:00.000+00:00", records, "0" * 64, "i" * 16, "", None,
                  None)


def report(hand_ins, title="Class", labels=None) -> str:
    found = [Collected(f"{one.learner}.json", one, True, ("hash right",)) for one in hand_ins]
    return report_html(title, found, summarise(hand_ins), labels or {}, ":root{}")


@pytest.fixture
def group():
    return [
        handed("Anna", ("q1", 0.0, 90, "g1 pre"), ("q2", 1.0, 60, "g1"), ("q2", 0.0, 60, "g1"),
               ("q3", 1.0, 80, "g1 post")),
        handed("Ben", ("q1", 0.0, 80, "g1 pre"), ("q2", 0.0, 70, "g1"), ("q2", 0.5, 50, "g1"),
               ("q3", 0.0, 90, "g1 post")),
        handed("Cy", ("q1", 1.0, 100, "g2 pre"), ("q9", None, None, "g2")),
    ]


def test_shares_by_hand(group):
    """Worked out on paper: means over learners, first and last tries, without the post-test."""
    found = summarise(group)
    assert (found.learners, found.answers) == (3, 10)
    g1, g2 = found.tags
    # Anna 1 of 2 then 0 of 2; Ben 0 of 2 then half of one of 2.
    assert (g1.tag, g1.learners, g1.first_right_pct, g1.last_right_pct) == ("g1", 2, 25.0, 12.5)
    assert (g2.tag, g2.learners, g2.first_right_pct) == ("g2", 1, 100.0)
    items = {one.item_id: one for one in found.items}
    assert set(items) == {"q1", "q2", "q3"}, "an answer without a result has no share"
    assert (items["q1"].learners, round(items["q1"].first_right_pct, 1)) == (3, 33.3)
    assert (items["q1"].commonest_error, items["q1"].commonest_error_learners) == (
        "choice: said 0.0", 2)
    assert (items["q2"].first_right_pct, items["q2"].last_right_pct) == (50.0, 25.0)


def test_a_learner_who_answers_often_weighs_no_more():
    """Ten answers of one and one answer of another: each is half of the class."""
    keen = handed("Keen", *[("q1", 1.0, 50, "g1")] * 10)
    other = handed("Other", ("q1", 0.0, 50, "g1"))
    found = summarise([keen, other])
    assert found.tags[0].first_right_pct == 50.0
    assert found.items[0].first_right_pct == 50.0


def test_before_and_after_is_over_those_who_sat_both(group):
    """Cy sat the pre-test only and is not in it."""
    everything, g1 = summarise(group).pre_post
    assert everything.tag == ""
    for one in (everything, g1):
        assert (one.learners, one.pre_right_pct, one.post_right_pct) == (2, 0.0, 50.0)
        assert (one.better, one.same, one.worse) == (1, 1, 0)
    text = report(group)
    assert "+50 points: 1 better, 1 the same, 0 worse" in text
    assert "There is no group without the lessons" in text


def test_confidence_is_over_all_answers_with_a_result(group):
    """76% sure on average, 3.5 of 9 right, by hand."""
    found = summarise(group).confidence
    assert found.answers == 9
    assert round(found.mean_confidence_pct, 1) == 75.6
    assert round(found.right_pct, 1) == 38.9
    assert "76% sure on average, 39% right: 37 points too sure, over 9 answers." in report(group)


def test_a_report_of_nothing_says_so():
    """No file, or files without any result."""
    for hand_ins in ([], [handed("Anna")], [handed("Anna", ("q1", None, None, "g1"))]):
        text = report(hand_ins)
        assert "No answer carries a gap or an objective." in text
        assert "No answer has a result." in text
        assert "No answer has both a confidence and a result." in text
        assert "nan" not in text.lower().split()


class Tags(HTMLParser):
    """Which elements and attributes a document has, as a browser would see them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names, self.attributes, self.texts, self.open = set(), [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.attributes += [(tag, *attribute) for attribute in attrs]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data):
        self.texts.append(data)


def test_hostile_text_stays_text(group):
    """Names, items, tags, answers and file names from a stranger open no element."""
    bad = HandIn(HOSTILE, "2026", tuple(
        answer(HOSTILE, learner=HOSTILE, item_kind="claim", item_version=HOSTILE, score=score,
               tags=(HOSTILE,), given={HOSTILE: HOSTILE}) for score in (0.0, 0.5)), "", "", "",
        None, None)
    found = [Collected(f"{HOSTILE}.json", bad, True, (HOSTILE,))]
    text = report_html(HOSTILE, found, summarise([bad]), {HOSTILE: HOSTILE}, "")
    tags = Tags(text)
    assert tags.names <= Tags(report(group, labels={"g1": "Gap"})).names
    assert not {"script", "img", "svg", "a", "link", "iframe", "form"} & tags.names
    assert not [one for one in tags.attributes if one[1].startswith("on") or one[1] == "href"]
    assert tags.open == []
    assert sum(HOSTILE in data for data in tags.texts) >= 5


def test_the_report_asks_for_nothing_outside(group):
    """It opens from a memory stick, and no address stands in it."""
    text = report(group)
    assert f'content="{POLICY}"' in text
    assert not re.search(r"https?:|//\w|url\(|@import|src=|href=", text)


def test_a_label_explains_a_gap(group):
    """The instructor reads the gap's words, with its id beside them."""
    text = report(group, labels={"g1": "Which T-score is the cut-off"})
    assert 'Which T-score is the cut-off<br><span class="code">g1</span>' in text
    assert '<th scope="row">g2</th>' in text
    assert "Weakest at the first try: Which T-score is the cut-off (25% right, 2 learners)." in text


def test_what_was_said_is_shown_short_and_on_one_line():
    """A long or a tricky answer must not break the table."""
    assert shown_given({"b": [1, 2], "a": "x\u202ey\nz"}) == "a: x y z; b: [1, 2]"
    assert len(shown_given({"text": "x" * 1000})) == 80
    assert shown_given({"choice": "b", "words": "Low bone mass"}) == "Low bone mass"
    assert shown_given({"choice": "b", "words": 5}) == "choice: b; words: 5"
