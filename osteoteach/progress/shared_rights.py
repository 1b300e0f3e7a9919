"""Who may do what in a database that a whole school shares: decided by PostgreSQL itself.

A user of a hub runs code of their own, so what their server may send to the database is not up
to us. Each therefore logs in as a role of their own, ``osteoteach:NAME``, and the server holds
that role to the answers of NAME (row security): others' can be neither read nor written, and
none can be changed or deleted. Rooms and votes are for instructors' roles and for the one
service that takes votes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteoteach.progress import database
from osteoteach.progress.problems import StoreProblem

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["INSTRUCTORS", "LEARNERS", "PREFIX", "set_rights"]

PREFIX = "osteoteach:"
LEARNERS, INSTRUCTORS = "osteoteach_learners", "osteoteach_instructors"

# `session_user` is who logged in; no statement that a learner may send changes it.
_OWN = f"learner = substr(session_user::text, {len(PREFIX) + 1})"
_RIGHTS = f"""
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {LEARNERS}, {INSTRUCTORS};
GRANT SELECT ON alembic_version TO {LEARNERS};
GRANT SELECT, INSERT ON answers TO {LEARNERS};
GRANT USAGE ON SEQUENCE answers_sequence_seq TO {LEARNERS};
ALTER TABLE answers ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS own_answers ON answers;
CREATE POLICY own_answers ON answers TO {LEARNERS} USING ({_OWN}) WITH CHECK ({_OWN});
GRANT SELECT, INSERT, UPDATE, DELETE ON rooms, room_rounds, room_votes TO {INSTRUCTORS};
"""


def set_rights(url: str) -> None:
    """Make the tables, the two groups of roles, and their rights. Harmless to repeat.

    Parameters
    ----------
    url : str
        PostgreSQL, as the role that owns the database and may create roles.

    Raises
    ------
    StoreProblem
        It is no PostgreSQL, cannot be reached, or refuses.
    """
    if database.sqlite_path(database.database_url(url)) is not None:
        raise StoreProblem("A school's answers cannot be kept apart in a SQLite file.",
                           "Name a PostgreSQL server: postgresql://owner:password@host/name.")
    with database.begin_write(database.engine(url)) as connection:
        # One at a time: two servers that set rights at once would disturb each other.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({database.POSTGRES_LOCK})")
        for group in (LEARNERS, INSTRUCTORS):
            _make_group(connection, group)
        quoted = connection.dialect.identifier_preparer.quote(connection.engine.url.database)
        # Else everybody who may log in could fill the disk with tables of their own.
        connection.exec_driver_sql(f"REVOKE TEMPORARY ON DATABASE {quoted} FROM PUBLIC")
        connection.exec_driver_sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        connection.exec_driver_sql(_RIGHTS)


def _make_group(connection: Connection, name: str) -> None:
    from sqlalchemy import text

    if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :name"),
                         {"name": name}) is None:
        connection.exec_driver_sql(f"CREATE ROLE {name} NOLOGIN")
