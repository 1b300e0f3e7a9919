"""What every store must do, whichever database is behind it.

`test_progress_store` runs these on SQLite, `test_progress_postgres` on a real server.
"""

from __future__ import annotations

import threading
import uuid
from dataclasses import replace

import pytest
from sqlalchemy import inspect, text

from osteoteach.errors import InputError
from osteoteach.progress import database, migrate
from osteoteach.progress.store import EVERYONE, AnswerRecord, StoreProblem, open_store
from osteoteach.progress.tables import metadata

AWKWARD = "ø 骨 \U0001f9b4 '; DROP TABLE answers; -- %s :x"


def answer(item: str = "q1", **changes) -> AnswerRecord:
    """A record with a new id."""
    return replace(AnswerRecord(uuid.uuid4().hex, "", "question", item, "v1", {"choice": "b"},
                                1.0, 80, ("gap-1", "pre")), **changes)


class StoreContract:
    """Subclasses give the fixture ``url``: an address where nothing was kept before."""

    def test_what_is_kept_comes_back_equal_even_from_another_process(self, url):
        """Every field survives, with signs that break careless SQL."""
        kept = open_store(url).record(answer(
            AWKWARD, given={"text": AWKWARD, "nul": "\x00", "deep": [1, 2.5, None, True]},
            score=1 / 3, confidence_pct=0, tags=(AWKWARD,)))
        database.forget(url)
        assert open_store(url).answers() == (kept,)
        assert kept.learner == "me"
        assert kept.answered_at.endswith("+00:00")

    def test_recording_twice_is_one_answer_and_the_first_one_counts(self, url):
        """A browser that sends a commitment again changes nothing."""
        store = open_store(url)
        first = store.record(answer())
        again = store.record(replace(first, given={"choice": "c"}, score=0.0))
        assert again == first
        assert store.answers() == (first,)

    def test_order_is_that_of_keeping_though_the_clock_jumps_back(self, url):
        """The last answer given is the latest one, whatever the clock says."""
        store = open_store(url)
        for given in ("2027-01-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00"):
            store.record(answer(answered_at=given))
        assert [kept.answered_at[:4] for kept in store.answers()] == ["2027", "2026"]
        assert store.latest("question", "q1").answered_at.startswith("2026")

    def test_one_learner_does_not_see_another(self, url):
        """On a shared server each visitor finds their own answers only."""
        anna, ben = open_store(url, "anna"), open_store(url, "ben")
        hers = anna.record(answer())
        assert ben.answers() == ()
        assert ben.latest("question", "q1") is None
        his = ben.record(answer("q2"))
        assert anna.answers() == (hers,)
        assert anna.answers(learner=EVERYONE) == (hers, his)
        assert anna.answers(learner="ben") == (his,)
        with pytest.raises(InputError, match="must not be"):
            anna.record(answer(learner=EVERYONE))

    def test_answers_are_found_by_kind_and_item(self, url):
        """A claim and a question of one name are two items."""
        store = open_store(url)
        for kind, item in (("question", "x"), ("claim", "x"), ("question", "y")):
            store.record(answer(item, item_kind=kind))
        assert len(store.answers("question")) == 2
        assert len(store.answers("question", "x")) == 1
        assert len(store.answers(item_id="x")) == 2

    def test_a_refused_batch_leaves_nothing_behind(self, url):
        """All of an import or none of it."""
        store = open_store(url)
        good = answer(learner="me")
        with pytest.raises(InputError, match="score"):
            store.record_many([good, answer(learner="me", score=2.0)])
        assert store.answers() == ()
        assert store.record_many([good, good]) == 1
        assert store.record_many([good, answer(learner="me")]) == 1
        assert len(store.answers()) == 2

    def test_a_failed_write_is_undone_and_the_error_passes_unchanged(self, url):
        """`begin_write` is one transaction."""
        def half_a_write() -> None:
            with database.begin_write(database.engine(url)) as connection:
                connection.execute(text("DELETE FROM alembic_version"))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            half_a_write()
        with database.begin_read(database.engine(url)) as connection:
            assert migrate.found_revision(connection) == migrate.known_revisions()[-1]

    def test_two_tabs_write_at_once(self, url):
        """Four writers, each with its own connection, lose and mix up nothing."""
        def write(name: str) -> None:
            for number in range(20):
                open_store(url, name).record(answer(f"q{number}"))

        threads = [threading.Thread(target=write, args=(f"tab{n}",)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for name in ("tab0", "tab1", "tab2", "tab3"):
            assert [kept.item_id for kept in open_store(url, name).answers()] == [
                f"q{number}" for number in range(20)]

    def test_a_write_may_look_first(self, url):
        """Read, then write what follows from it: no other writer comes between, none fails."""
        with database.begin_write(database.engine(url)) as connection:
            connection.execute(text("CREATE TABLE counter (n INTEGER)"))
            connection.execute(text("INSERT INTO counter VALUES (0)"))
        failed = []

        def count() -> None:
            lock = "" if url.startswith("sqlite") else " FOR UPDATE"
            for _ in range(25):
                try:
                    with database.begin_write(database.engine(url)) as connection:
                        n = connection.execute(text(f"SELECT n FROM counter{lock}")).scalar()
                        connection.execute(text("UPDATE counter SET n = :n"), {"n": n + 1})
                except StoreProblem as problem:
                    failed.append(problem)

        threads = [threading.Thread(target=count) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        with database.begin_read(database.engine(url)) as connection:
            assert connection.execute(text("SELECT n FROM counter")).scalar() == 100

    def test_the_migrations_make_the_tables_that_the_code_uses(self, url):
        """Alembic's own comparison finds no difference in our tables."""
        from alembic.autogenerate import compare_metadata
        from alembic.migration import MigrationContext

        with database.begin_read(database.engine(url)) as connection:
            names = set(inspect(connection).get_table_names())
            found = compare_metadata(MigrationContext.configure(connection, opts={
                "include_name": lambda name, kind, _parents: kind != "table"
                or name in metadata.tables}), metadata)
        assert found == []
        assert {"answers", "alembic_version"} <= names

    def test_a_database_of_a_newer_osteoteach_is_left_alone(self, url):
        """An old package must not write into a schema it does not know."""
        with database.begin_write(database.engine(url)) as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999_future'"))
        database.forget(url)
        with pytest.raises(StoreProblem, match=r"newer osteoteach \(schema 9999_future\)"):
            open_store(url).answers()
