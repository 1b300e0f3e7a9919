"""Bring the schema up to date, from inside the program: no one has to run a command."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from osteoteach.progress.problems import StoreProblem

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["found_revision", "known_revisions", "upgrade"]

SCRIPTS = Path(__file__).resolve().parent / "migrations"


@functools.cache
def known_revisions() -> tuple[str, ...]:
    """Names of all scripts, oldest first; read from the folder, without loading Alembic.

    Examples
    --------
    >>> known_revisions()[0]
    '0001_learning'
    """
    return tuple(sorted(path.stem for path in (SCRIPTS / "versions").glob("[0-9]*.py")))


def found_revision(connection: Connection) -> str | None:
    """The schema's revision in the database, or None in an empty one.

    Raises
    ------
    StoreProblem
        A newer osteoteach wrote it.
    """
    from sqlalchemy import inspect, text

    if not inspect(connection).has_table("alembic_version"):
        return None
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if revision is not None and revision not in known_revisions():
        raise StoreProblem(
            f"The answers were kept by a newer osteoteach (schema {revision}).",
            "Update this one: python -m pip install --upgrade osteoteach.")
    return revision


def upgrade(connection: Connection) -> None:
    """Run the scripts that are missing, inside the connection's transaction."""
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(SCRIPTS))
    steps = EnvironmentContext(
        Config(), scripts, fn=lambda revision, _context: scripts._upgrade_revs("head", revision))
    with steps:
        # SQLite can undo a change of schema too, once BEGIN is really sent: a script that is
        # killed half way leaves nothing behind.
        steps.configure(connection=connection, transactional_ddl=True)
        steps.run_migrations()
