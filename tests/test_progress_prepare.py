"""The store is got ready while the learner reads."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from osteoteach.progress import prepare
from osteoteach.view.questions import ask


@pytest.fixture
def begun(monkeypatch, tmp_path):
    """A database of its own, and no waiting."""
    monkeypatch.setenv("OSTEOTEACH_DATABASE_URL", f"sqlite:///{tmp_path / 'new' / 'p.sqlite3'}")
    monkeypatch.setattr(prepare, "_begun", set())
    monkeypatch.setattr(prepare, "LOAD_AFTER_S", 0)
    monkeypatch.setattr(prepare, "PREPARE_AFTER_S", 0)
    return tmp_path / "new" / "p.sqlite3"


def finish() -> int:
    """Wait for the helpers of this module; how many there were."""
    timers = [one for one in threading.enumerate() if isinstance(one, threading.Timer)]
    for timer in timers:
        timer.join(60)
    return len(timers)


def test_the_database_is_there_before_the_first_answer(begun):
    prepare.prepare_store()
    finish()
    assert begun.exists()
    prepare.prepare_store()
    assert finish() == 0  # once is enough


def test_a_shown_question_loads_the_store_and_touches_no_file():
    """In a process of its own, where nothing has imported SQLAlchemy yet."""
    told = subprocess.run([sys.executable, "-c", (
        "import sys, threading\n"
        "from osteoteach.view.questions import ask\n"
        "ask('hip_fracture_normal_bmd')\n"
        "assert 'sqlalchemy' not in sys.modules\n"
        "[one.join() for one in threading.enumerate() if isinstance(one, threading.Timer)]\n"
        "assert 'osteoteach.progress.tables' in sys.modules\n")], capture_output=True, text=True)
    assert told.returncode == 0, told.stderr


def test_a_question_alone_makes_no_database(begun):
    ask("hip_fracture_normal_bmd")
    finish()
    assert not begun.exists()


def test_a_disk_that_refuses_is_no_error_of_the_page(begun, recwarn):
    """The first answer tells it; until then nobody asked for anything."""
    begun.parent.write_text("a file where the folder should be", encoding="utf-8")
    prepare.prepare_store()
    finish()
    assert [str(one.message) for one in recwarn if "thread" in str(one.message).lower()] == []


RACE = """
import sys, threading, time

class Slow:  # every part of SQLAlchemy takes its time, so that the two threads meet
    def find_spec(self, name, path=None, target=None):
        if name.startswith('sqlalchemy'):
            time.sleep(0.01)

sys.meta_path.insert(0, Slow())
from osteoteach.progress import prepare
from osteoteach.progress.store import AnswerRecord, open_store
prepare.LOAD_AFTER_S = float(sys.argv[1])
prepare.load_store()
open_store().record(AnswerRecord('a' * 32, '', 'question', 'x', 'v', {'option': 'a'}, 1.0, 50, ()))
print(len(open_store().answers()))
"""


@pytest.mark.parametrize("seconds", [0, 0.05, 0.1, 0.2])
def test_an_answer_while_the_store_is_loading_is_kept(begun, seconds):
    """Two threads import SQLAlchemy at once: without taking turns one gets half a module."""
    told = subprocess.run([sys.executable, "-c", RACE, str(seconds)], capture_output=True,
                          text=True)
    assert (told.returncode, told.stdout, told.stderr) == (0, "1\n", "")


INTERRUPTED = """
import os, signal, sys

class Stop:  # Ctrl+C, or the kernel's stop button, while a part of SQLAlchemy is imported
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Stop())
from osteoteach.progress.prepare import loaded
try:
    loaded()
    print('never interrupted')
except KeyboardInterrupt:
    print('interrupted')
from osteoteach.progress.store import AnswerRecord, open_store
open_store().record(AnswerRecord('a' * 32, '', 'question', 'x', 'v', {'option': 'a'}, 1.0, 50, ()))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot send itself SIGINT there")
@pytest.mark.parametrize("where", [
    "sqlalchemy.engine.reflection", "sqlalchemy.types"])
def test_an_interrupt_in_mid_import_does_not_spoil_the_kernel(begun, where):
    """A half-imported package can never be finished: every later answer would be lost."""
    told = subprocess.run([sys.executable, "-c", INTERRUPTED, where],
                          capture_output=True, text=True, timeout=120)
    assert told.returncode == 0, told.stderr
    assert told.stdout.strip() == "interrupted"
