"""The database behind the store: where it is, how it is opened, how it is written to.

SQLite by default, in the user's own data folder; PostgreSQL where one class is served by
several machines. Ask for `engine` each time you need one: it costs microseconds and notices
when the file was replaced. Write inside `begin_write`.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osteoteach.progress import migrate, salvage
from osteoteach.progress.explain import problem_of
from osteoteach.progress.file_lock import file_lock
from osteoteach.progress.problems import StoreProblem
from osteoteach.progress.salvage import Damage
from osteoteach.progress.sqlite_file import (
    APPLICATION_ID,
    make_if_absent,
    put_aside,
    why_damaged,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

__all__ = ["begin_read", "begin_write", "database_url", "engine", "forget", "sqlite_path",
           "take_damage"]

BUSY_SECONDS = 5
POSTGRES_LOCK = APPLICATION_ID  # any number that no other program takes


@dataclass(frozen=True)
class _Opened:
    engine: Engine
    identity: tuple[int, int] | None  # device and inode of the file


_opened: dict[str, _Opened] = {}
_damages: dict[str, Damage] = {}
_opening = threading.RLock()


def database_url(url: str | None = None) -> str:
    """The address in full: the one given, OSTEOTEACH_DATABASE_URL, or the user's own file.

    Raises
    ------
    StoreProblem
        It is neither a SQLite file nor a PostgreSQL server.

    Examples
    --------
    >>> database_url("postgresql://teacher@db/class")
    'postgresql+psycopg://teacher@db/class'
    """
    chosen = url or os.environ.get("OSTEOTEACH_DATABASE_URL")
    if not chosen:
        import platformdirs
        from sqlalchemy import URL

        folder = platformdirs.user_data_path("osteoteach", appauthor=False)
        # Spelled by SQLAlchemy, which knows what to escape in a folder's name.
        return URL.create("sqlite", database=str(folder / "progress.sqlite3")).render_as_string()
    scheme, _, rest = chosen.partition("://")
    if scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        return f"postgresql+psycopg://{rest}"
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1 and ":memory:" not in rest:
        return chosen
    raise StoreProblem(
        "OSTEOTEACH_DATABASE_URL names neither a SQLite file nor a PostgreSQL server.",
        "Write sqlite:////folder/progress.sqlite3 or postgresql://user:password@host/name.")


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite address; None for PostgreSQL.

    Examples
    --------
    >>> sqlite_path("sqlite:////srv/progress.sqlite3").as_posix()
    '/srv/progress.sqlite3'
    """
    if not url.startswith("sqlite"):
        return None
    from sqlalchemy import make_url

    return Path(make_url(url).database)


def engine(url: str | None = None) -> Engine:
    """The database, ready to use: made, checked and migrated at its first call.

    Parameters
    ----------
    url : str, optional
        See `database_url`.

    Returns
    -------
    sqlalchemy.Engine
        One for each address and process. Do not keep it: ask again.

    Raises
    ------
    StoreProblem
        It cannot be had; the sentence says why, and what to do.
    """
    full = database_url(url)
    found = _opened.get(full)
    if found is not None and found.identity == _identity(sqlite_path(full)):
        return found.engine
    with _opening, explained(full):
        forget(full)
        file = sqlite_path(full)
        made = _open_sqlite(full, file) if file else _open_postgres(full)
        _opened[full] = _Opened(made, _identity(file))
        return made


def forget(url: str | None = None) -> None:
    """Close what is open, so that the next `engine` looks at the database afresh."""
    with _opening:
        found = _opened.pop(database_url(url), None)
        if found is not None:
            found.engine.dispose()


def take_damage(url: str | None = None) -> Damage | None:
    """The damaged file that this process put aside, once."""
    return _damages.pop(database_url(url), None)


def _identity(file: Path | None) -> tuple[int, int] | None:
    """Which file has this name now: a file that was replaced is another one."""
    if file is None:
        return None
    try:
        found = file.stat()
    except OSError:
        return (0, 0)
    return found.st_dev, found.st_ino


def _open_sqlite(url: str, file: Path) -> Engine:
    made = _sqlite_engine(url)
    # The usual case needs no lock: what has this name is always a finished file.
    if file.exists() and not why_damaged(file) and _up_to_date(made):
        return made
    file.parent.mkdir(parents=True, exist_ok=True)
    with file_lock(file.with_name(f"{file.name}.lock")):
        damage = None
        if file.exists() and (finding := why_damaged(file)):
            damage = put_aside(file, finding)
        make_if_absent(file)
        made.dispose()  # it may still hold the file that was put aside
        if not _up_to_date(made):
            with begin_write(made) as connection:
                migrate.upgrade(connection)
        if damage is not None:
            _damages[url] = salvage.carry_over(damage, made)
    return made


def _sqlite_engine(url: str) -> Engine:
    from sqlalchemy import create_engine, event

    made = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(made, "connect", _set_up_connection)
    event.listen(made, "begin", _send_begin)
    return made


def _up_to_date(made: Engine) -> bool:
    with begin_read(made) as connection:
        return migrate.found_revision(connection) == migrate.known_revisions()[-1]


def _set_up_connection(connection: sqlite3.Connection, _record: Any) -> None:
    # We send BEGIN ourselves (`_send_begin`): Python's driver would send it too late.
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous=FULL")  # on the disk when commit returns
    connection.execute("PRAGMA foreign_keys=ON")


def _send_begin(connection: Connection) -> None:
    # A writer takes its turn at once: one that reads first and writes later can be refused.
    write = connection.get_execution_options().get("osteoteach_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _open_postgres(url: str) -> Engine:
    from sqlalchemy import create_engine, text

    try:
        made = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 5})
    except ModuleNotFoundError as error:
        raise StoreProblem("PostgreSQL needs the package psycopg, which is not installed.",
                           'Run: python -m pip install "osteoteach[hub]".') from error
    if not _up_to_date(made):
        with begin_write(made) as connection:
            # Held until the transaction ends, so the servers of a hub migrate one by one.
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"),
                               {"key": POSTGRES_LOCK})
            migrate.upgrade(connection)
    return made


@contextlib.contextmanager
def begin_read(made: Engine) -> Iterator[Connection]:
    """One consistent look; waits for no writer."""
    with explained(made), made.connect() as connection, connection.begin():
        yield connection


@contextlib.contextmanager
def begin_write(made: Engine) -> Iterator[Connection]:
    """A short write: on the disk when the block ends, undone if it raises.

    Raises
    ------
    StoreProblem
        The database could not be written to. Your own errors pass unchanged.
    """
    with explained(made), made.connect() as plain:
        connection = plain.execution_options(osteoteach_write=True)
        with connection.begin():
            if connection.dialect.name == "postgresql":
                # Whatever the server's default: acknowledged means on its disk.
                connection.exec_driver_sql("SET LOCAL synchronous_commit TO on")
            yield connection


@contextlib.contextmanager
def explained(place: Engine | str) -> Iterator[None]:
    """Turn the errors of drivers and files into one sentence for the learner."""
    from sqlalchemy.exc import DBAPIError, IntegrityError

    try:
        yield
    except IntegrityError:
        raise  # the caller's own mistake, not the database's state
    except (DBAPIError, sqlite3.Error, OSError) as error:
        url = place if isinstance(place, str) else place.url
        raise problem_of(error, url) from error
