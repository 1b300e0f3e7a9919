"""The SQLite file: made once, whole, and put aside (never thrown away) when damaged.

A new file is made under another name and then renamed, so a file of the right name is
always a finished one. Thirty processes that start at once make it once: the rest wait.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from osteoteach.progress.problems import StoreProblem
from osteoteach.progress.salvage import Damage

__all__ = ["APPLICATION_ID", "make_if_absent", "put_aside", "why_damaged"]

APPLICATION_ID = 0x6F737465  # "oste": marks the file as ours
OUR_SUFFIXES = (".sqlite3", ".sqlite", ".db")
COMPANIONS = ("-wal", "-shm", "-journal")
DAMAGE_CODES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def make_if_absent(file: Path) -> None:
    """Make an empty database in WAL mode; call it under the lock.

    Examples
    --------
    >>> file = Path(tempfile.mkdtemp()) / "a.sqlite3"
    >>> make_if_absent(file)
    >>> file.stat().st_size > 0
    True
    """
    if file.exists():
        return
    handle, name = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    os.close(handle)
    try:
        with contextlib.closing(sqlite3.connect(name)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        with open(name, "rb+") as written:
            os.fsync(written.fileno())
        os.rename(name, file)
        _sync_folder(file.parent)
    finally:
        Path(name).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def why_damaged(file: Path) -> str:
    """What is wrong with the file, or "" if it is whole.

    Raises
    ------
    StoreProblem
        It is a sound database, but of another program.
    sqlite3.Error
        It cannot be looked at (no permission, held by another program).
    """
    if file.stat().st_size == 0:
        return "it is empty"
    try:
        with contextlib.closing(sqlite3.connect(file, timeout=5)) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            owner = connection.execute("PRAGMA application_id").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGE_CODES:
            return str(error)
        raise
    if found != "ok":
        return found.splitlines()[0]
    if owner != APPLICATION_ID:
        raise StoreProblem(f"{file} is a database of another program.",
                           "Name another file in OSTEOTEACH_DATABASE_URL.")
    return ""


def put_aside(file: Path, finding: str) -> Damage:
    """Give a damaged file, with its companions, another name; call it under the lock.

    Raises
    ------
    StoreProblem
        Its name says that it is no database at all: it is left as it is.
    """
    if file.suffix not in OUR_SUFFIXES:
        raise StoreProblem(
            f"{file} is no database ({finding}).",
            "Name another file in OSTEOTEACH_DATABASE_URL, for example progress.sqlite3.")
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    number = 1
    while (kept := file.with_name(f"{file.name}.damaged-{stamp}-{number}")).exists():
        number += 1
    # The companions first: a new file must never meet the old one's journal.
    for companion in COMPANIONS:
        with contextlib.suppress(FileNotFoundError):
            os.rename(f"{file}{companion}", f"{kept}{companion}")
    os.rename(file, kept)
    return Damage(file, kept, finding)
