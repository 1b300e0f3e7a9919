"""The store on SQLite: what it promises while nothing goes wrong."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import datetime

import pytest
from alembic.script import ScriptDirectory
from hypothesis import given
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.progress import database, migrate, store
from osteoteach.progress.records import AnswerRecord, checked, from_plain, to_plain
from tests.progress_contract import StoreContract, answer


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/a folder/progress.sqlite3"


class TestSqlite(StoreContract):
    """The contract, on a new file."""


def test_importing_the_store_loads_no_library():
    """A dashboard may import it before its first chart."""
    heavy = ["sqlalchemy", "alembic", "platformdirs", "numpy", "pandas", "yaml", "fsrs", "psycopg"]
    code = ("import sys, osteoteach.progress.store as s; s.open_store(); "
            f"print([name for name in {heavy} if name in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_acknowledged_means_on_the_disk(url):
    """WAL, and a sync at each commit, on every connection of the pool."""
    engine = database.engine(url)
    with engine.connect() as first, engine.connect() as second:
        for connection in (first, second):
            ask = connection.exec_driver_sql
            assert ask("PRAGMA journal_mode").scalar() == "wal"
            assert ask("PRAGMA synchronous").scalar() == 2  # FULL
            assert ask("PRAGMA busy_timeout").scalar() == 1000 * database.BUSY_SECONDS


def test_the_default_place_is_the_users_own_folder(monkeypatch, tmp_path):
    """Not beside the notebooks, where a git pull or a copy would meet it."""
    monkeypatch.delenv("OSTEOTEACH_DATABASE_URL", raising=False)
    odd = tmp_path / "home ü #%20"
    monkeypatch.setenv("XDG_DATA_HOME", str(odd))
    monkeypatch.setenv("HOME", str(odd))
    file = database.sqlite_path(database.database_url())
    assert file.name == "progress.sqlite3"
    assert "osteoteach" in file.parts
    store.open_store().record(answer())
    if sys.platform == "linux":
        assert file == odd / "osteoteach" / "progress.sqlite3"
    assert file.stat().st_size > 0
    assert file.stat().st_mode & 0o077 == 0, "answers are for their owner"


def test_the_environment_names_the_database(monkeypatch, url, tmp_path):
    """OSTEOTEACH_DATABASE_URL holds where no address is given."""
    monkeypatch.setenv("OSTEOTEACH_DATABASE_URL", url)
    kept = store.open_store().record(answer())
    monkeypatch.delenv("OSTEOTEACH_DATABASE_URL")
    assert store.open_store(url).answers() == (kept,)


def test_on_a_hub_the_learner_is_the_users_name(monkeypatch, url):
    """And an explicit name comes first."""
    monkeypatch.setenv("JUPYTERHUB_USER", "anna")
    assert store.open_store(url).record(answer()).learner == "anna"
    assert store.open_store(url, "ben").learner == "ben"


@pytest.mark.parametrize("name", ["OSTEOTEACH_LEARNER", "JUPYTERHUB_USER"])
def test_on_a_server_with_one_user_every_browser_is_theirs(monkeypatch, url, name):
    """At home and on a hub: what one browser answered is found by another and by a notebook.
    A class's shared server keeps browsers apart."""
    phone, laptop = "browser-" + "a" * 32, "browser-" + "b" * 32
    store.open_store(url).record(answer("shared", learner=phone))
    assert store.open_store(url, laptop).answers() == ()
    assert store.open_store(url, phone).answers()[0].learner == phone
    monkeypatch.setenv(name, "anna")
    store.open_store(url).record(answer("own", learner=phone))
    for found in (store.open_store(url).answers(), store.open_store(url, laptop).answers(),
                  store.open_store(url).answers(learner=phone)):
        assert [(kept.item_id, kept.learner) for kept in found] == [("own", "anna")]


@pytest.mark.parametrize("bad", ["mysql://root@db/x", "sqlite://", "sqlite:///:memory:", "x"])
def test_an_address_that_keeps_nothing_is_refused_in_words(bad):
    """Memory is no store; neither is an unknown server."""
    with pytest.raises(store.StoreProblem, match="Write sqlite:////folder/progress"):
        store.open_store(bad).record(answer())


def test_two_stores_of_one_learner_are_one(url):
    """So an answer that waits in memory is found by whoever tries again."""
    assert store.open_store(url, "anna") is store.open_store(url, "anna")
    assert store.open_store(url, "anna") is not store.open_store(url, "ben")


def test_revisions_are_the_file_names_and_one_line():
    """The newest script is known without loading Alembic; that holds only if names agree."""
    scripts = ScriptDirectory(str(migrate.SCRIPTS))
    line = tuple(script.revision for script in scripts.walk_revisions())[::-1]
    assert line == migrate.known_revisions()
    assert line[0] == "0001_learning"


@pytest.mark.parametrize(("field", "value", "rule"), [
    ("answer_id", "", "1 to 200 characters"), ("learner", "a\x00b", "control characters"),
    ("learner", "\ud800", "control characters"), ("item_id", "x" * 201, "1 to 200"),
    ("item_kind", "exam", "must be one of"), ("item_version", None, "must be text"),
    ("given", [], "JSON object"), ("given", {"x": float("nan")}, "JSON object"),
    ("given", {"x": {1, 2}}, "JSON object"), ("given", {"x": "y" * 100_001}, "100,000 bytes"),
    ("score", 1.01, "0 to 1"), ("score", float("nan"), "0 to 1"), ("score", True, "0 to 1"),
    ("confidence_pct", 80.0, "whole number"), ("confidence_pct", 101, "0 to 100"),
    ("tags", "gap-1", "texts"), ("tags", ("a",) * 51, "at most 50"), ("tags", ("",), "1 to 200"),
    ("answered_at", "yesterday", "ISO 8601"), ("answered_at", "2026-11-22T12:00:00", "its zone"),
    ("answered_at", 5, "ISO 8601"),
])
def test_a_field_that_breaks_its_rule_is_named(field, value, rule):
    """What a browser sends is checked before it is kept."""
    with pytest.raises(InputError, match=rule) as found:
        checked(replace(answer(learner="me"), **{field: value}))
    assert found.value.name == field


_text = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=200)
_plain_value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20), lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=10)


@given(st.builds(
    AnswerRecord, _text, _text, st.sampled_from(["question", "claim", "case", "guess"]), _text,
    _text, st.dictionaries(st.text(max_size=9), _plain_value, max_size=4),
    st.none() | st.floats(0, 1), st.none() | st.integers(0, 100),
    st.lists(_text, max_size=5).map(tuple),
    st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.timezones())
    .map(lambda moment: moment.isoformat())))
def test_checking_twice_changes_nothing_and_plain_json_comes_back(record):
    """One spelling for each answer, so a copy of a copy is the same answer."""
    once = checked(record)
    assert checked(once) == once
    assert from_plain(to_plain(once)) == once


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
       | st.fixed_dictionaries({name: st.none() | st.integers() | st.text() | st.lists(st.none())
                                for name in to_plain(answer())}))
def test_any_plain_value_is_an_answer_or_is_refused(plain):
    """A stranger's file raises nothing but the error that teaches, and that one is short."""
    said = ""
    try:
        from_plain(plain)
    except InputError as error:
        said = str(error)
    assert len(said) < 700
