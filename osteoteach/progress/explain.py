"""Why the database refused, in a sentence: what happened, to which file, what to do."""

from __future__ import annotations

import errno
import sqlite3
from typing import TYPE_CHECKING, Any

from osteoteach.progress.problems import StoreProblem

if TYPE_CHECKING:
    from sqlalchemy import URL

__all__ = ["is_passing", "problem_of", "shown_place"]

_FULL = ("There is no room left on the disk of {place}.",
         "Free some space; your answers wait in memory until then.")
_READ_ONLY = ("{place} cannot be written to.",
              "Give yourself the right to write to it and to its folder, or name another file "
              "in OSTEOTEACH_DATABASE_URL.")
_LOCKED = ("Another program holds {place}.",
           "Close the other program; your answers wait in memory until then.")
_DAMAGED = ("{place} is damaged.", "It will be put aside at the next answer.")
_UNREADABLE = ("The disk of {place} reports an error.",
               "Check that the disk is there and has room; your answers wait in memory.")
_SERVER = ("The database server at {place} does not answer, or refuses the log-in.",
           "Wait a moment, or tell the person who runs it; your answers wait in memory.")

_BY_SQLITE_CODE = {
    sqlite3.SQLITE_FULL: _FULL, sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: _READ_ONLY, sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_AUTH: _READ_ONLY,
    sqlite3.SQLITE_BUSY: _LOCKED, sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_PROTOCOL: _LOCKED,
    sqlite3.SQLITE_CORRUPT: _DAMAGED, sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_IOERR: _UNREADABLE,
}
_BY_ERRNO = {errno.ENOSPC: _FULL, errno.EDQUOT: _FULL, errno.EFBIG: _FULL,
             errno.EROFS: _READ_ONLY, errno.EACCES: _READ_ONLY, errno.EPERM: _READ_ONLY,
             errno.ENOENT: _READ_ONLY, errno.ENOTDIR: _READ_ONLY, errno.EISDIR: _READ_ONLY,
             errno.EEXIST: _READ_ONLY}

_BY_SQLSTATE = {"53100": _FULL, "25006": _READ_ONLY, "42501": _READ_ONLY, "55P03": _LOCKED}


def shown_place(url: str | URL) -> str:
    """The file, or the server without its password.

    Examples
    --------
    >>> shown_place("postgresql+psycopg://teacher:secret@db.school/class")
    'db.school/class'
    """
    from sqlalchemy import make_url

    parts = make_url(url)
    if parts.get_backend_name() == "sqlite":
        return str(parts.database)
    return f"{parts.host or parts.query.get('host', 'this computer')}/{parts.database or ''}"


def problem_of(error: Exception, url: str | URL) -> StoreProblem:
    """The sentence for an error of a driver or of the file system."""
    place = shown_place(url)
    original = getattr(error, "orig", None) or error
    if isinstance(original, TimeoutError):
        what, remedy = _LOCKED
    elif isinstance(original, OSError):
        what, remedy = _BY_ERRNO.get(original.errno, _UNREADABLE)
    elif isinstance(original, sqlite3.Error):
        what, remedy = _BY_SQLITE_CODE.get(_code(original), (
            "{place} refused the answer (" + str(original).split("\n")[0] + ").",
            "Report this sentence; your answers wait in memory."))
    else:
        what, remedy = _BY_SQLSTATE.get(getattr(original, "sqlstate", None), _SERVER)
    return StoreProblem(what.replace("{place}", place), remedy)


def is_passing(error: BaseException | None) -> bool:
    """Whether opening the database afresh may help: a broken line, or a damaged file.

    A file found damaged is put aside when it is opened again.
    """
    original = getattr(error, "orig", None) or error
    if isinstance(original, sqlite3.Error):
        return _code(original) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    return getattr(error, "connection_invalidated", False)


def _code(error: Any) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
