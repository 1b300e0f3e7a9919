"""The same contract on a real PostgreSQL server, started here and restarted in the middle."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from osteoteach.progress import database
from osteoteach.progress.store import EVERYONE, StoreProblem, open_store
from tests.progress_contract import StoreContract, answer
from tests.test_progress_faults import THIRTY, WRITER, start


class Server:
    """A throwaway cluster that listens on a socket in its own folder only."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder, self.programs = folder, programs
        self.data = folder / "data"
        # PostgreSQL refuses to run as root.
        self.who = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}
        if self.who:
            shutil.chown(folder, "postgres")
        self.run("initdb", "-D", self.data, "-U", "tester", "--auth=trust", "-E", "UTF8",
                 "--locale=C", "--no-sync")

    def run(self, program: str, *arguments: object) -> None:
        done = subprocess.run([self.programs / program, *map(str, arguments)], cwd=self.folder,
                              capture_output=True, text=True, check=False, **self.who)
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        options = (f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' "
                   # The store must ask for a durable commit even if the server does not.
                   "-c synchronous_commit=off")
        self.run("pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "-o", options,
                 "start")

    def stop(self, how: str = "fast") -> None:
        self.run("pg_ctl", "-D", self.data, "-w", "-m", how, "stop")

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://tester@/{name}?host={self.folder}"

    def new_database(self) -> str:
        name = f"t{uuid.uuid4().hex[:12]}"
        admin = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        admin.dispose()
        return self.url(name)


def programs() -> Path | None:
    """Where initdb and pg_ctl are; Debian keeps them off the PATH."""
    folders = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    found = shutil.which("initdb")
    if found:
        folders.append(Path(found).resolve().parent)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@pytest.fixture(scope="module")
def server():
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed: as root, run sh tests/ensure-postgres.sh")
    # A short path: a socket's name may have at most 107 signs.
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        running = Server(Path(folder), found)
        running.start()
        yield running
        running.stop("immediate")


@pytest.fixture
def url(server):
    address = server.new_database()
    yield address
    database.forget(address)


class TestPostgres(StoreContract):
    """The contract, on a new database of the server."""


def test_acknowledged_means_on_the_servers_disk(url):
    """A commit waits for the disk, though this server was told not to by default."""
    with database.begin_write(database.engine(url)) as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar() == "on"
    with database.begin_read(database.engine(url)) as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar() == "off"


def test_thirty_processes_migrate_a_new_database_once(url):
    """The servers of a hub start together; the migration runs once."""
    class_of_thirty = start(THIRTY, url)
    _, told = class_of_thirty.communicate(timeout=120)
    assert class_of_thirty.returncode == 0, told
    assert len(open_store(url).answers(learner=EVERYONE)) == 30


def test_a_restart_in_the_middle_loses_nothing(url, server):
    """Stopped: a sentence, and the answers wait. Started again: all are kept, in order."""
    store = open_store(url)
    store.record(answer("q1"))
    server.stop()
    try:
        for item in ("q2", "q3"):
            with pytest.raises(StoreProblem, match=r"The database server at .* does not answer"):
                store.record(answer(item))
        with pytest.raises(StoreProblem, match="does not answer"):
            store.latest("question", "q1")
    finally:
        server.start()
    assert [kept.item_id for kept in store.unsaved] == ["q2", "q3"]
    store.record(answer("q4"))
    assert store.unsaved == ()
    assert [kept.item_id for kept in store.answers()] == ["q1", "q2", "q3", "q4"]


def test_a_restart_between_two_answers_is_not_noticed(url, server):
    """A line that broke while nobody wrote is mended without a word."""
    store = open_store(url)
    store.record(answer("q1"))
    server.stop()
    server.start()
    store.record(answer("q2"))
    assert [kept.item_id for kept in store.answers()] == ["q1", "q2"]


def test_a_crash_of_the_server_loses_no_acknowledged_answer(url, server):
    """The server is stopped at once, without writing anything more, while answers arrive."""
    writer = start(WRITER, url, "me", 10_000)
    acknowledged = [writer.stdout.readline().strip() for _ in range(300)]
    server.stop("immediate")
    try:
        rest, told = writer.communicate(timeout=60)
    finally:
        server.start()
    assert "does not answer" in told
    acknowledged += rest.split()
    kept = {record.answer_id for record in open_store(url).answers()}
    assert set(acknowledged) <= kept
    assert len(kept) <= len(acknowledged) + 1


def test_no_password_in_what_is_said(server):
    """A sentence that a learner may photograph holds no secret."""
    wrong = f"postgresql://tester:hush-hush@/none?host={server.folder}"
    with pytest.raises(StoreProblem) as told:
        open_store(wrong).answers()
    assert "hush-hush" not in str(told.value)


def test_without_the_driver_the_remedy_is_named():
    """A plain installation has no psycopg; the sentence says how to get it."""
    code = """
    import sys
    sys.modules["psycopg"] = None
    from osteoteach.progress.store import open_store, StoreProblem
    try:
        open_store("postgresql://x@localhost/y").answers()
    except StoreProblem as problem:
        print(problem)
    """
    told, failed = start(code).communicate(timeout=60)
    assert 'python -m pip install "osteoteach[hub]"' in told, failed
