"""Carry the readable answers of a damaged file over into a new one.

The damaged file itself is only read, and stays where it was put.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from osteoteach.errors import InputError
from osteoteach.progress.problems import StoreProblem
from osteoteach.progress.records import AnswerRecord, from_plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

__all__ = ["Damage", "carry_over"]

SMALLEST_ROW_BYTES = 40


@dataclass(frozen=True)
class Damage:
    """A damaged file that was put aside, and how many answers could still be read."""

    file: Path
    kept_as: Path
    finding: str
    carried: int = 0

    def problem(self) -> StoreProblem:
        """What to tell the learner. Their answer was kept, in the new file."""
        read = {0: "No answer could be read from it",
                1: "1 answer could be read from it and was carried over"}.get(
            self.carried, f"{self.carried:,} answers could be read from it and were carried over")
        return StoreProblem(
            f"The file with your answers, {self.file}, was damaged ({self.finding}). {read} "
            "into a new file.",
            f"The damaged file was kept as {self.kept_as}: put a backup in its place, or keep "
            "it until you miss nothing. New answers are kept.", saved=True)


def carry_over(damage: Damage, engine: Engine) -> Damage:
    """Copy what can be read into the new database."""
    from sqlalchemy import insert

    from osteoteach.progress.tables import answers

    found = {record.answer_id: record for record in _readable(damage.kept_as)}
    rows = [{**vars(record), "given": json.dumps(record.given), "tags": json.dumps(record.tags)}
            for record in found.values()]
    if rows:
        with engine.connect() as plain:
            connection = plain.execution_options(osteoteach_write=True)
            with connection.begin():
                connection.execute(insert(answers), rows)
    return replace(damage, carried=len(rows))


def _readable(file: Path) -> Iterator[AnswerRecord]:
    names = [field.name for field in fields(AnswerRecord)]
    query = f"SELECT {', '.join(names)} FROM answers WHERE sequence = ?"
    with contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        # Without this, SQLite does not even look into a file that is shorter than it should be.
        connection.execute("PRAGMA writable_schema=ON")
        # One by one: a torn page hides the answers on it, not those behind it.
        for sequence in range(1, _highest_sequence(connection, file) + 1):
            try:
                row = connection.execute(query, (sequence,)).fetchone()
            except sqlite3.Error:
                continue
            if row is not None:
                with contextlib.suppress(InputError, ValueError, TypeError):
                    plain = dict(zip(names, row, strict=True))
                    yield from_plain(plain | {"given": json.loads(plain["given"]),
                                              "tags": json.loads(plain["tags"])})


def _highest_sequence(connection: sqlite3.Connection, file: Path) -> int:
    try:
        return connection.execute(
            "SELECT seq FROM sqlite_sequence WHERE name = 'answers'").fetchone()[0]
    except (sqlite3.Error, TypeError):
        return file.stat().st_size // SMALLEST_ROW_BYTES
