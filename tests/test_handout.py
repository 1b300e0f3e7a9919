"""The handout: everything escaped, nothing from outside, all of the scenario."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.view.controls import NumberControl
from osteoteach.view.dashboards import risk, sequence
from osteoteach.view.handout import (
    DISCLAIMER,
    Handout,
    file_name,
    plain_markup,
    written_handout,
)
from osteoteach.view.page import Answer, Group, Page

DAY = date(2026, 11, 22)
ALLOWED = {"html", "head", "meta", "title", "style", "body", "main", "header", "footer", "h1", "h2",
           "h3", "h4", "p", "ul", "ol", "li", "table", "caption", "thead", "tbody", "tr", "th",
           "td", "a", "strong", "em", "b", "i", "sup", "sub", "dl", "dt", "dd", "section", "div",
           "figure", "br"}
ATTRIBUTES = {"lang", "charset", "name", "content", "class", "scope", "href", "role", "aria-label"}


class Reader(HTMLParser):
    """What a browser would see."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.addresses, self.comments = set(), set(), [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value for name, value in attrs if name in ("href", "src")]

    def handle_comment(self, data):
        self.comments.append(data)


def is_harmless(sheet: str) -> bool:
    seen = Reader(sheet)
    return (seen.tags <= ALLOWED and seen.attributes <= ATTRIBUTES
            and all(re.match(r"https?://", address) for address in seen.addresses)
            and not re.search(r"url\(|@import", sheet))


TEXTS = st.one_of(st.text(max_size=80), st.sampled_from([
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</style><script>x</script>",
    "<!--chart:x-->", "javascript:alert(1)", "]]>", "<svg onload=x>", "&lt;b&gt;"]))


@given(TEXTS, TEXTS, TEXTS, TEXTS, TEXTS)
def test_whatever_the_texts_are_the_sheet_is_harmless(title, label, value, markup, link):
    sheet = written_handout(Handout(
        title=title, settings=[(label, [(label, value)])], sentence=value,
        warnings=[(label, value)], why=markup, how_sure=markup, sources=markup,
        charts=[("parts", value), (label, value)], link=link), DAY)
    assert is_harmless(sheet)
    assert DISCLAIMER in sheet
    marks = [comment for comment in Reader(sheet).comments if comment.startswith("chart:")]
    assert set(marks) <= {"chart:parts", f"chart:{label}"}


@given(st.text(alphabet="<>/='\" abpscriptonlickhref:&;!-", max_size=200))
def test_markup_that_is_broken_is_closed_and_harmless(text):
    assert is_harmless(f"<p>{plain_markup(text)}</p>")


def test_markup_keeps_tables_lists_and_links_and_drops_the_rest():
    markup = ('<p class="x">T <button data-x="1">−2.5</button> <span>SD</span></p>'
              '<table><thead><tr><th scope="col">A</th></tr></thead></table>'
              '<a href="https://doi.org/x" target="_blank">x</a><a href="javascript:x()">y</a>'
              '<div hidden>secret</div><script>bad()</script><ul><li>open')
    assert plain_markup(markup) == (
        '<p>T −2.5 SD</p><table><thead><tr><th scope="col">A</th></tr></thead></table>'
        '<a href="https://doi.org/x">x</a><a>y</a><ul><li>open</li></ul>')


@pytest.mark.parametrize("module", [risk, sequence])
def test_the_handout_of_a_dashboard_says_what_the_page_says(module):
    page = module.page()
    sheet = page.handout("http://127.0.0.1:8866/voila/render/x.ipynb?age_years=70")
    assert is_harmless(sheet)
    words = re.sub(r"<[^>]*>", "", sheet)
    assert page.frame.title in words
    for control in page.controls.values():
        assert (f">{control.label}</th>" in sheet) == control.visible, control.label
    assert "mL/min" in words or "kg" in words
    assert page.frame.sentence.replace("&", "&amp;") in sheet
    assert sheet.count("<!--chart:") == len(page.charts)
    assert sheet.count("<li>") >= page.frame.sources.count("<li>")
    assert "?age_years=70" in sheet
    assert f"{date.today():%d %B %Y}" in sheet


def small_page() -> Page:
    age = NumberControl("age_years", "Age", "years", 40, 90, 1, 62)
    return Page("Is it <real>?", "", [Group("", [age])], {}, lambda values: Answer("You are old."))


def test_the_page_is_answered_with_a_sheet_and_a_name():
    page = small_page()
    sent = []
    page.frame.send = sent.append
    page.frame._handle_custom_msg({"handout": "http://127.0.0.1/x"}, [])
    assert sent[0]["filename"] == "osteoteach-is-it-real"
    assert "Is it &lt;real&gt;?" in sent[0]["handout"]


def test_no_handout_gives_away_an_answer_that_waits():
    page = small_page()
    page.frame.locked = True
    sent = []
    page.frame.send = sent.append
    page.frame._handle_custom_msg({"handout": ""}, [])
    assert sent == [{"no_handout": "No handout yet. Make your guess first."}]
    page.frame.locked = False
    page.controls["age_years"].enter("x")
    with pytest.raises(InputError, match="Correct the settings"):
        page.handout()


def test_a_file_name_is_one_on_every_computer():
    assert file_name("../Ü: <a>?") == "osteoteach-a"
    assert len(file_name("word " * 100)) <= 80
