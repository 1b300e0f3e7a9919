"""The store when things go wrong: killed, full, read-only, locked, damaged, crowded."""

from __future__ import annotations

import contextlib
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from osteoteach.progress import database, migrate, salvage
from osteoteach.progress.file_lock import file_lock
from osteoteach.progress.store import EVERYONE, StoreProblem, open_store
from tests.progress_contract import answer

ROOT = Path(__file__).resolve().parent.parent
WRITER = """
import sys, uuid
from osteoteach.progress.store import AnswerRecord, StoreProblem, open_store
store = open_store(sys.argv[1], sys.argv[2])
for number in range(int(sys.argv[3])):
    kept = store.record(AnswerRecord(uuid.uuid4().hex, "", "question", f"q{number}", "v1",
                                     {"text": "x" * 200}, 1.0, 80, ("gap-1",)))
    print(kept.answer_id, flush=True)
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "data" / "progress.sqlite3"


@pytest.fixture
def url(file):
    return f"sqlite:///{file}"


def start(code: str, *arguments: object, **options) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
                            cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            **options)


def integrity(file: Path) -> str:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchone()[0]


@pytest.fixture
def in_memory():
    """A folder without a disk behind it, where there is one.

    A kill ends a process, not the machine: what it wrote is there whether it lies in memory or
    on a disk. A commit to a disk waits 5 to 20 ms for it (synchronous=FULL), one to memory
    1.3 ms, so that ten thousand fit into a test.
    """
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None,
                                     ignore_cleanup_errors=True) as name:
        yield Path(name)


def killed_after(writer: subprocess.Popen, count: int) -> list[str]:
    """What a writer acknowledged until it was killed."""
    told = []
    for line in writer.stdout:
        # A line without its end was cut by the kill: it was not acknowledged.
        if line.endswith("\n"):
            told.append(line.strip())
        if len(told) == count:
            writer.kill()
    assert writer.wait() == -9, writer.stderr.read()
    return told


def test_kill_9_in_the_middle_of_10_000_answers_loses_none_that_was_acknowledged(in_memory):
    """Three at once, killed at random moments and started anew until 10,000 answers were
    acknowledged: each is there, in its order, and the file is sound after every kill."""
    file, dice = in_memory / "progress.sqlite3", random.Random(20261122)
    url, learners = f"sqlite:///{file}", ("anna", "ben", "cora")
    acknowledged: dict[str, list[str]] = {name: [] for name in learners}
    kills = 0
    moments = [1, 2, 37]  # the first ones early: while the file is being made
    while sum(map(len, acknowledged.values())) < 10_000:
        writers = {name: start(WRITER, url, name, 10_000) for name in learners}
        with ThreadPoolExecutor(len(writers)) as pool:
            told = {name: pool.submit(killed_after, writer,
                                      moments.pop() if moments else dice.randint(400, 1600))
                    for name, writer in writers.items()}
        for name, ids in told.items():
            acknowledged[name] += ids.result()
        kills += len(writers)
        assert integrity(file) == "ok"
    extra = 0
    for name in learners:
        kept = [record.answer_id for record in open_store(url, name).answers()]
        known = set(acknowledged[name])
        assert [one for one in kept if one in known] == acknowledged[name]
        extra += len(set(kept) - known)
    # At most the one that was on its way at each kill.
    assert extra <= kills


THIRTY = """
import os, sys, time, traceback
sys.path.insert(0, ".")
import sqlalchemy.dialects.sqlite, alembic.command, fcntl
from osteoteach.progress import database, tables
from osteoteach.progress.store import open_store
from tests.progress_contract import answer
assert not database._opened
go = time.monotonic() + 0.5
children = []
for number in range(30):
    child = os.fork()
    if child == 0:
        try:
            time.sleep(max(0, go - time.monotonic()))
            open_store(sys.argv[1], f"student{number}").record(answer())
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    children.append(child)
sys.exit(sum(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children))
"""


def test_thirty_processes_open_a_new_file_at_once(url, file):
    """A whole class starts together: the file is made once, and all thirty answers are kept."""
    class_of_thirty = start(THIRTY, url)
    _, told = class_of_thirty.communicate(timeout=120)
    assert class_of_thirty.returncode == 0, told
    assert len(open_store(url).answers(learner=EVERYONE)) == 30
    assert integrity(file) == "ok"
    left = {path.name.removeprefix(file.name) for path in file.parent.iterdir()}
    assert left <= {"", ".lock", "-wal", "-shm"}, "nothing half-made stays"


def test_a_new_file_is_made_under_the_lock(url, file):
    """Whoever comes second waits until the first one has finished the file."""
    file.parent.mkdir()
    with file_lock(Path(f"{file}.lock")):
        second = threading.Thread(target=lambda: open_store(url).record(answer()))
        second.start()
        time.sleep(0.3)
        assert not file.exists()
    second.join()
    assert integrity(file) == "ok"
    assert len(open_store(url).answers()) == 1


def test_two_processes_write_at_once(url):
    """Two notebooks of one learner: nothing is lost, each keeps its order."""
    writers = [start(WRITER, url, name, 200) for name in ("left", "right")]
    told = {name: writer.communicate(timeout=60)[0].split()
            for name, writer in zip(("left", "right"), writers, strict=True)}
    for name, ids in told.items():
        assert len(ids) == 200
        assert [kept.answer_id for kept in open_store(url, name).answers()] == ids


def test_a_locked_file_is_said_and_the_answer_is_kept_later(url, file, monkeypatch):
    """Another program holds the file: a sentence, and nothing is lost."""
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
    store = open_store(url)
    first = store.record(answer("q1"))
    with contextlib.closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreProblem) as told:
            store.record(answer("q2"))
        assert str(told.value).startswith(f"Another program holds {file}.")
        assert not told.value.saved
        assert [waiting.item_id for waiting in store.unsaved] == ["q2"]
        # The lesson goes on: what waits is found, after what is on the disk.
        assert [kept.item_id for kept in store.answers()] == ["q1", "q2"]
    assert store.retry() == 1
    assert store.unsaved == ()
    assert store.retry() == 0
    assert [kept.item_id for kept in store.answers()] == ["q1", "q2"]
    assert store.answers()[0] == first


def test_the_next_answer_takes_along_the_ones_that_wait(url, file, monkeypatch):
    """Nobody has to ask for it, and the order stays."""
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    store = open_store(url)
    store.record(answer("q1"))
    with contextlib.closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for item in ("q2", "q3"):
            with pytest.raises(StoreProblem):
                store.record(answer(item))
    store.record(answer("q4"))
    database.forget(url)
    assert [kept.item_id for kept in store.answers()] == ["q1", "q2", "q3", "q4"]


def test_a_kernel_that_is_shut_down_tries_once_more(url, file):
    """What waited is kept if the file is free again by then."""
    code = """
    import contextlib, sqlite3, sys
    sys.path.insert(0, ".")
    from osteoteach.progress import database
    from osteoteach.progress.store import open_store, StoreProblem
    from tests.progress_contract import answer
    database.BUSY_SECONDS = 0.1
    store = open_store(sys.argv[1])
    store.record(answer("q1"))
    with contextlib.closing(sqlite3.connect(sys.argv[2])) as other:
        other.execute("BEGIN EXCLUSIVE")
        with contextlib.suppress(StoreProblem):
            store.record(answer("q2"))
    print(len(store.unsaved))
    """
    told, failed = start(code, url, file).communicate(timeout=60)
    assert told == "1\n", failed
    assert [kept.item_id for kept in open_store(url).answers()] == ["q1", "q2"]


def test_waiting_answers_can_be_written_to_a_file_and_imported(url, tmp_path):
    """If the disk stays broken, the answers leave by another door."""
    from osteoteach.progress.exchange import read_answers

    broken = open_store(f"sqlite:///{tmp_path}/a-file/progress.sqlite3")
    (tmp_path / "a-file").write_text("in the way")
    with pytest.raises(StoreProblem, match="cannot be written to"):
        broken.record(answer("q1"))
    assert broken.save_unsaved(tmp_path / "waiting.json") == 1
    assert open_store(url).record_many(read_answers(tmp_path / "waiting.json")) == 1
    assert open_store(url).answers() == broken.unsaved


AS_A_STUDENT = """
import os, sys, tempfile
sys.path.insert(0, ".")
from tests.progress_contract import answer
from osteoteach.progress.store import open_store, StoreProblem
with tempfile.TemporaryDirectory() as warm:  # loads all code while it may still be read
    open_store(f"sqlite:///{warm}/x.sqlite3").record(answer())
    os.mkdir(f"{warm}/y.sqlite3")
    try:
        open_store(f"sqlite:///{warm}/y.sqlite3").record(answer())
    except StoreProblem:
        pass
if os.getuid() == 0:  # root may write anywhere, a student may not
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
store = open_store(sys.argv[1])
try:
    store.record(answer("q9"))
except StoreProblem as problem:
    print(problem, "|", len(store.unsaved))
else:
    print("kept")
"""


def run_as_student(url: str) -> str:
    process = start(AS_A_STUDENT, url)
    told, failed = process.communicate(timeout=60)
    assert process.returncode == 0, failed
    return told.strip()


@pytest.fixture
def open_folder(tmp_path):
    """A folder that another user can reach (pytest's own are private)."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o777)
        yield Path(name)


def test_a_read_only_folder_is_said(open_folder):
    """A copy on a share without rights: which file, what to do."""
    os.chmod(open_folder, 0o555)
    told = run_as_student(f"sqlite:///{open_folder}/progress.sqlite3")
    os.chmod(open_folder, 0o777)
    assert told.startswith(f"{open_folder}/progress.sqlite3 cannot be written to.")
    assert "OSTEOTEACH_DATABASE_URL" in told
    assert told.endswith("| 1")


def test_a_read_only_file_is_said(open_folder):
    """The same for a file without the right to write."""
    url = f"sqlite:///{open_folder}/progress.sqlite3"
    open_store(url).record(answer())
    database.forget(url)
    for path in open_folder.iterdir():
        os.chmod(path, 0o444)
    told = run_as_student(url)
    assert told.startswith(f"{open_folder}/progress.sqlite3 cannot be written to.")
    assert told.endswith("| 1")


def test_a_full_disk_is_said_and_nothing_is_damaged(url, file):
    """Files may not grow beyond a limit: what was acknowledged stays, what was not waits, and
    is kept once there is room."""
    code = """
    import resource, sys
    sys.path.insert(0, ".")
    from tests.progress_contract import answer
    from osteoteach.progress.store import open_store, StoreProblem
    store = open_store(sys.argv[1])
    store.record(answer("first"))
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    kept = 1
    try:
        while True:
            store.record(answer(given={"text": "x" * 20_000}))
            kept += 1
    except StoreProblem as problem:
        print(problem)
    print(kept, len(store.unsaved))
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    print(store.retry(), len(store.answers()))
    """
    told, failed = start(code, url).communicate(timeout=60)
    sentence, counts, after = told.splitlines() or [failed] * 3
    assert str(file) in sentence
    assert "room" in sentence
    kept, waiting = map(int, counts.split())
    assert kept > 2
    assert waiting == 1
    assert after.split() == ["1", str(kept + 1)]
    assert integrity(file) == "ok"
    assert len(open_store(url).answers()) == kept + 1


@pytest.mark.skipif(os.getuid() != 0, reason="mounting a small disk needs root")
def test_a_real_full_disk_is_said(tmp_path):
    """A disk of 400 kB, truly full: SQLite's own word for it becomes ours."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "none", str(disk)],
                             capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    url = f"sqlite:///{disk}/progress.sqlite3"
    try:
        store, kept = open_store(url), 0
        while not store.unsaved:
            with contextlib.suppress(StoreProblem):
                store.record(answer(given={"text": "x" * 20_000}))
                kept += 1
        assert kept > 2
        with pytest.raises(StoreProblem, match="There is no room left on the disk of"):
            store.retry()
        assert len(store.unsaved) == 1
        database.forget(url)
        assert len(store.answers()) == kept + 1, "those on the disk, and the one that waits"
        assert integrity(disk / "progress.sqlite3") == "ok"
    finally:
        database.forget(url)
        subprocess.run(["umount", str(disk)], check=True)


def kept_aside(file: Path) -> list[Path]:
    return [path for path in file.parent.glob("*.damaged-*")
            if not path.name.endswith(("-wal", "-shm", "-journal"))]


def fill(url: str, count: int) -> None:
    open_store(url).record_many([answer(f"q{n}", learner="me", given={"text": "x" * 300})
                                 for n in range(count)])
    with contextlib.closing(sqlite3.connect(database.sqlite_path(url))) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.forget(url)


@pytest.mark.parametrize(("name", "damage", "at_least"), [
    ("cut in half", lambda old: old[:len(old) // 2], 50),
    ("first bytes lost", lambda old: b"\xff" * 100 + old[100:], 0),
    ("empty", lambda old: b"", 0),
    ("a page of rubbish", lambda old: old[:40_960] + b"\xa5" * 4096 + old[45_056:], 400),
    ("another file", lambda old: b"Dear diary, " * 900, 0),
])
def test_a_damaged_file_is_put_aside_and_said(url, file, name, damage, at_least):
    """Its bytes are kept under another name; what can be read is carried over; the learner
    is told once, and their answer is kept."""
    fill(url, 500)
    broken = damage(file.read_bytes())
    file.write_bytes(broken)
    store = open_store(url)
    new = answer("new")
    with pytest.raises(StoreProblem, match="was damaged") as told:
        store.record(new)
    assert told.value.saved
    aside, = kept_aside(file)
    assert aside.read_bytes() == broken
    assert str(aside) in str(told.value)
    found = [record.item_id for record in store.answers()]
    assert found[-1] == "new"
    assert len(found) - 1 >= at_least
    assert len(found) == len(set(found))
    carried = f"{len(found) - 1:,} answers could" if len(found) > 1 else "No answer could"
    assert carried in str(told.value)
    store.record(answer("newer"))  # told once
    assert kept_aside(file) == [aside]
    assert integrity(file) == "ok"


def test_a_file_damaged_while_it_is_open_is_put_aside_too(url, file):
    """A failing stick: the damage shows itself in the middle of a lesson."""
    fill(url, 500)
    store = open_store(url)
    assert len(store.answers()) == 500
    with file.open("r+b") as broken:  # the same file, so it is not noticed by its identity
        broken.seek(4096)
        broken.write(b"\xa5" * 4096 * 8)
    database.engine(url).dispose()  # forget what is cached of the pages
    with pytest.raises(StoreProblem, match="was damaged") as told:
        store.record(answer("new"))
    assert told.value.saved
    assert store.unsaved == ()
    assert len(kept_aside(file)) == 1
    assert store.latest("question", "new") is not None


def test_a_file_that_was_removed_is_made_again(url, file):
    """Deleted while a kernel runs: the next answer must not go into a file without a name."""
    store = open_store(url)
    store.record(answer("q1"))
    for path in file.parent.iterdir():
        path.unlink()
    store.record(answer("q2"))
    with contextlib.closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT item_id FROM answers").fetchall() == [("q2",)]


def test_a_file_that_is_no_database_of_ours_is_left_alone(tmp_path):
    """A slip in the address must not move a thesis or write into another program's file."""
    thesis = tmp_path / "thesis.txt"
    thesis.write_text("Chapter 1. " * 50)
    with pytest.raises(StoreProblem, match="is no database"):
        open_store(f"sqlite:///{thesis}").record(answer())
    assert thesis.read_text().startswith("Chapter 1.")
    other = tmp_path / "other.sqlite3"
    with contextlib.closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE mine (x)")
    before = other.read_bytes()
    with pytest.raises(StoreProblem, match="database of another program"):
        open_store(f"sqlite:///{other}").record(answer())
    assert other.read_bytes() == before


def test_a_migration_that_fails_half_way_leaves_nothing(url, file, monkeypatch):
    """Killed between two statements, the schema is the old one, and the next start goes on."""
    from alembic import op

    real = op.create_index
    monkeypatch.setattr(op, "create_index", lambda *_a, **_k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        open_store(url).record(answer("q1"))
    with contextlib.closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
    monkeypatch.setattr(op, "create_index", real)
    open_store(url).record(answer("q2"))
    with database.begin_read(database.engine(url)) as connection:
        assert migrate.found_revision(connection) == migrate.known_revisions()[-1]


def test_a_process_that_dies_holding_the_lock_holds_nobody_up(url, file):
    """The lock is the system's: it goes with its process."""
    code = """
    import sys, time
    from pathlib import Path
    from osteoteach.progress.file_lock import file_lock
    with file_lock(Path(sys.argv[1])):
        print("held", flush=True)
        time.sleep(60)
    """
    file.parent.mkdir()
    holder = start(code, f"{file}.lock")
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(TimeoutError), file_lock(Path(f"{file}.lock"), 0.1):
        pytest.fail("two held it")
    holder.kill()
    holder.wait()
    began = time.monotonic()
    open_store(url).record(answer())
    assert time.monotonic() - began < 10


def test_a_corrupt_row_does_not_stop_the_rest_from_being_carried_over(url, file):
    """A row whose content is no answer any more is left in the damaged file."""
    fill(url, 10)
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE answers SET given = 'not json' WHERE sequence = 4")
        connection.execute("UPDATE answers SET tags = '[3]' WHERE sequence = 5")
        connection.commit()
    found = list(salvage._readable(file))
    assert [record.item_id for record in found] == [f"q{n}" for n in range(10) if n not in (3, 4)]

