"""Get the store ready while the learner still reads, so that the first answer does not wait.

SQLAlchemy takes most of a second to import, and a new database is made and migrated (Alembic)
in another. Nothing here can fail for the learner: what goes wrong is told by the first answer.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator

__all__ = ["load_store", "loaded", "nothing_in_background", "prepare_store"]

# Not at once: the question and the page itself come first.
LOAD_AFTER_S, PREPARE_AFTER_S = 0.3, 1.0
_begun: set[tuple[str, str | None]] = set()
_turn = threading.RLock()
_loaded = threading.Event()
_quiet = False


def load_store() -> None:
    """Import what the store needs, in the background, once; no file is touched.

    Examples
    --------
    >>> load_store()
    """
    _later("load", LOAD_AFTER_S, _load)


def prepare_store() -> None:
    """Open the learner's database in the background, once: made and migrated if it is new."""
    _later("open", PREPARE_AFTER_S, _open)


@contextlib.contextmanager
def nothing_in_background() -> Iterator[None]:
    """Begin no thread while this holds: a process that forks may have none beside its own."""
    global _quiet
    _quiet = True
    try:
        yield
    finally:
        _quiet = False


def _later(what: str, seconds: float, action: Callable[[str | None], None]) -> None:
    # There are no threads in a browser's Python.
    if _quiet or sys.platform == "emscripten":
        return
    url = os.environ.get("OSTEOTEACH_DATABASE_URL")
    if (what, url) in _begun:
        return
    _begun.add((what, url))
    timer = threading.Timer(seconds, action, [url])
    timer.daemon = True
    timer.start()


def loaded() -> None:
    """Import SQLAlchemy, one thread at a time; what uses it first calls this.

    Two threads that import parts of one package at the same moment may each get the other's
    half of it: Python breaks such a deadlock by handing out unfinished modules. And an import
    that is interrupted half-way (a learner stops or restarts the kernel) can never be finished
    in that process. Python interrupts the main thread only, so another one imports.
    """
    if _loaded.is_set():
        return
    if sys.platform != "emscripten" and threading.current_thread() is threading.main_thread():
        worker = threading.Thread(target=_try_import, daemon=True)
        worker.start()
        worker.join()
    _import()


def _import() -> None:
    with _turn:
        import sqlalchemy.dialects.sqlite  # noqa: F401

        from osteoteach.progress import database, tables  # noqa: F401
        _loaded.set()


def _try_import() -> None:
    # What is missing is told by the import that follows in the thread that asked.
    with contextlib.suppress(ImportError):
        _import()


def _load(_url: str | None) -> None:
    loaded()


def _open(url: str | None) -> None:
    loaded()
    from osteoteach.progress import database
    from osteoteach.progress.problems import StoreProblem

    with contextlib.suppress(StoreProblem), database.begin_read(database.engine(url)):
        pass
