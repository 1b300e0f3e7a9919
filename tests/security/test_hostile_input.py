"""What strangers write: refused in a sentence, quickly, and without filling the memory."""

from __future__ import annotations

import json
import time
import tracemalloc

import pytest

from osteoteach.errors import DataError, InputError
from osteoteach.evidence.documents import document_schema, read_document
from osteoteach.progress.collect import collect
from osteoteach.progress.exchange import read_answers
from osteoteach.progress.handin import read_handin
from osteoteach.progress.keys import read_class_key
from osteoteach.progress.room_questions import clean_nickname
from osteoteach.teaching.claims.article import check_article
from osteoteach.teaching.questions.load import questions_in
from osteoteach.view.dashboards import noise
from osteoteach.view.presenting.scenarios import load_list, read_list
from osteoteach.view.presenting.web import full_address
from osteoteach.view.scenario_link import state_from_query

MOST_SECONDS = 5
MOST_BYTES = 80_000_000

LAUGHS = "a0: &a0 [lol, lol]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))
CONTENTS = {
    "billion laughs": LAUGHS.encode(),
    "an alias of itself": b"a: &a [*a]",
    "a merge key": b"a: &a {x: 1}\nb: {<<: *a}",
    "a Python object": b"!!python/object/apply:os.system ['touch ran-here']",
    "50 MB of text": b"x" * 50_000_000,
    "50 MB of zeros": b"\x00" * 50_000_000,
    "50 MB of brackets": b"[" * 50_000_000,
    "deep lists": b"[" * 200_000 + b"]" * 200_000,
    "deep objects": b'{"a":' * 100_000,
    "deep dashes": b"- " * 100_000,
    "deep indents": b"".join(b" " * n + b"a:\n" for n in range(900)),
    "NUL bytes": b"title: a\x00b",
    "a lone surrogate": b'{"format": "\\ud800"}',
    "bytes that are no text": b"\xff\xfe\x00\xd8",
    "a number of 100,000 digits": b'{"version": ' + b"9" * 100_000 + b"}",
    "not a number": b'{"version": NaN}',
    "a key twice": b'{"format": 1, "format": 2}',
    "a list": b"[]", "nothing": b"", "null": b"null",
    "a script": b"<script>alert(1)</script>",
    "a huge field": b'"' + b"x" * 900_000 + b'"',
}
READERS = {
    "question file": (questions_in, "questions.yaml"),
    "case": (lambda path: read_document(path, document_schema("case")), "case.yaml"),
    "scenario list": (read_list, "list.yaml"),
    "hand-in": (read_handin, "handin.json"),
    "answers in JSON": (read_answers, "answers.json"),
    "answers in CSV": (read_answers, "answers.csv"),
    "class key": (read_class_key, "key.json"),
}


@pytest.fixture
def bounded():
    """Fails the test that takes too long or too much memory."""
    tracemalloc.start()
    began = time.process_time()
    yield
    took, (_, most) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < MOST_SECONDS
    assert most < MOST_BYTES


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("content", CONTENTS)
def test_a_hostile_file_is_refused_in_a_sentence(tmp_path, monkeypatch, bounded, reader, content):
    if (reader, content) == ("answers in JSON", "a list"):
        pytest.skip("an empty list of answers is one")
    monkeypatch.chdir(tmp_path)
    read, name = READERS[reader]
    (tmp_path / name).write_bytes(CONTENTS[content])
    with pytest.raises((InputError, DataError)) as told:
        read(tmp_path / name)
    assert name.partition(".")[0] in str(told.value)
    assert len(str(told.value)) < 1000
    assert not (tmp_path / "ran-here").exists()


def test_a_folder_of_hostile_hand_ins_is_gone_through(tmp_path, bounded):
    """Each is named with its reason; a link out of the folder is not followed."""
    folder = tmp_path / "handed-in"
    folder.mkdir()
    (tmp_path / "secret.json").write_text('{"format": "hush"}')
    (folder / "link.json").symlink_to(tmp_path / "secret.json")
    for number, content in enumerate(CONTENTS.values()):
        (folder / f"{number}.json").write_bytes(content[:1_000_000])
    found = collect(folder)
    assert len(found) == len(CONTENTS) + 1
    assert all(one.findings and not one.counts for one in found)
    assert "hush" not in str(found)


ARTICLES = {
    "50 MB": "bone " * 10_000_000, "NUL bytes": "Walking\x00 builds bone.", "": "", "blank": " \n ",
    "a file": "\ufffd" * 40, "no text": b"bytes", "a number": 7, "nothing": None,
}


@pytest.mark.parametrize("name", ARTICLES)
def test_an_article_that_is_none_is_refused(name):
    began = time.process_time()
    with pytest.raises(InputError):
        check_article(ARTICLES[name])
    assert time.process_time() - began < 1


@pytest.mark.parametrize("text", [
    "a" * 200_000, "bone. " * 33_000, "(" * 200_000, "T-score −2.5 " * 15_000,
    "\ud800" * 1000 + "a", "<script>alert(1)</script> bone loss", "e.g. " * 40_000,
    "…" * 199_999 + "a", "1,000.5% " * 22_000, "not " * 50_000,
])
def test_the_longest_articles_are_read_in_bounded_time(text):
    """Sentences without an end, only brackets, only numbers, only negations."""
    began = time.process_time()
    check_article(text[:200_000])
    assert time.process_time() - began < 4 * MOST_SECONDS


LINKS = ["age_years=" + "9" * 100_000, "&".join(["x=1"] * 5000), "site=<script>alert(1)</script>",
         "site=../../etc/passwd", "precision_pct=nan", "precision_pct=1e999", "site=%00",
         "site=%ED%A0%80", "site=\ud800", "%" * 1000, "site=" + "é" * 1000, "__class__=1"]


@pytest.mark.parametrize("link", LINKS)
def test_a_hostile_link_changes_nothing_and_is_told(bounded, link):
    page = noise.page()
    values, problems = state_from_query(page.controls, link)
    assert values == {}
    assert problems
    json.dumps(problems).encode()
    "".join(problems).encode()  # no lone surrogate: it could not be sent to the page
    assert len("".join(problems)) < 3000


@pytest.mark.parametrize("name", ["../secrets", "/etc/passwd", "a\x00b", "", "x" * 5000, "A", None,
                                  7, "..%2f", "can_it_be_reversed.yaml"])
def test_no_list_is_read_but_those_of_the_folder(name):
    with pytest.raises(InputError):
        load_list(name)
    assert full_address("dashboards/noise.ipynb", f"present={name}&step=1") is None


@pytest.mark.parametrize("nickname", ["<b>x</b>", "x" * 100_000, "\x00", "\ud800", "a\nb", "\u202e",
                                      "Z" + "\u0335" * 5000])
def test_a_nickname_is_one_short_line_of_text(nickname):
    cleaned = clean_nickname(nickname)
    assert len(cleaned) <= 40
    cleaned.encode()
