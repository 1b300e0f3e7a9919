"""A school's database: each role is held to its own answers by PostgreSQL itself."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from osteoteach.progress import database
from osteoteach.progress.room_questions import Question
from osteoteach.progress.rooms import Rooms
from osteoteach.progress.shared_rights import PREFIX, set_rights
from osteoteach.progress.store import EVERYONE, Store, StoreProblem
from tests.hub.test_deployment import hub_module
from tests.progress_contract import answer
from tests.test_progress_postgres import server  # noqa: F401


@pytest.fixture(scope="module")
def school(server):  # noqa: F811
    """A database of an owner that is no superuser, and the addresses of three roles."""
    admin = create_engine(server.url("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE ROLE owner LOGIN CREATEROLE"))
        connection.execute(text("CREATE DATABASE school OWNER owner"))
    admin.dispose()
    owner = f"postgresql+psycopg://owner@/school?host={server.folder}"
    set_rights(owner)
    set_rights(owner)
    urls = {"owner": owner}
    with create_engine(owner).begin() as connection:
        for name in ("anna", "ben", "lecturer"):
            role = f'"{PREFIX}{name}"'
            connection.execute(text(f"CREATE ROLE {role} LOGIN".replace(":", r"\:")))
            connection.execute(text(
                f"GRANT osteoteach_learners TO {role}".replace(":", r"\:")))
            urls[name] = owner.replace("owner@", f"osteoteach%3A{name}@")
        connection.execute(text(
            f'GRANT osteoteach_instructors TO "{PREFIX}lecturer"'.replace(":", r"\:")))
    yield urls
    for url in urls.values():
        database.forget(url)


def test_each_reads_and_writes_their_own_answers_only(school):
    anna, ben = (Store(school[name], name) for name in ("anna", "ben"))
    anna.record(answer("q1", learner="anna"))
    ben.record(answer("q2", learner="ben"))
    assert [one.item_id for one in anna.answers(learner=EVERYONE)] == ["q1"]
    assert ben.answers(learner="anna") == ()
    with pytest.raises(StoreProblem):
        ben.record(answer("forged", learner="anna"))
    kept = Store(school["owner"], "owner").answers(learner=EVERYONE)
    assert [(one.learner, one.item_id) for one in kept] == [("anna", "q1"), ("ben", "q2")]


@pytest.mark.parametrize("statement", [
    "UPDATE answers SET score = 1", "DELETE FROM answers", "TRUNCATE answers",
    "ALTER TABLE answers DISABLE ROW LEVEL SECURITY", "DROP POLICY own_answers ON answers",
    "CREATE TABLE mine (x int)", "CREATE TEMPORARY TABLE mine (x int)", "SELECT * FROM rooms",
    "SELECT * FROM room_votes", "UPDATE alembic_version SET version_num = 'x'",
    "SET ROLE owner", "SET SESSION AUTHORIZATION owner", f'SET ROLE "{PREFIX}anna"',
    "GRANT osteoteach_instructors TO osteoteach_learners", "CREATE ROLE mine",
    "SELECT pg_read_file('/etc/passwd')", "COPY answers TO PROGRAM 'true'",
])
def test_a_learner_may_do_nothing_else(school, statement):
    engine = create_engine(school["ben"])
    with engine.connect() as connection, pytest.raises(Exception, match="InsufficientPrivilege"):
        connection.exec_driver_sql(statement)
    engine.dispose()


def test_rooms_are_for_instructors(school):
    with pytest.raises(StoreProblem):
        Rooms(school["anna"]).open()
    rooms = Rooms(school["lecturer"])
    room = rooms.open()
    assert rooms.ask(room.code, room.secret, Question("number", "Gain?", "%", -10, 20)) == 1
    rooms.end(room.code, room.secret)


@pytest.mark.parametrize("name", ["carla", "o'brien", 'a"b', "50%", "%s", "müller@school.example",
                                  "a:b/c", "x" * 52])
def test_the_hub_makes_a_role_for_whatever_a_user_is_called(school, monkeypatch, name):
    """The hub's own function, twice: made, then made again with another password."""
    module = hub_module(monkeypatch, school["owner"])
    for is_instructor in (True, False):
        url = module.own_url(name, is_instructor)
        store = Store(url, name)
        store.record(answer("q1", learner=name))
        assert {one.learner for one in store.answers(learner=EVERYONE)} == {name}
        if is_instructor:
            assert Rooms(url).open()
        else:
            with pytest.raises(StoreProblem):
                Rooms(url).open()
        database.forget(url)
    module.database().dispose()


def test_a_file_cannot_keep_a_school_apart(tmp_path):
    with pytest.raises(StoreProblem, match="SQLite"):
        set_rights(f"sqlite:///{tmp_path}/x.sqlite3")
