"""Keep answers: on the disk before the feedback appears, and never lost in silence.

    store = open_store()
    store.record(AnswerRecord(...))   # on the disk when it returns
    store.latest("question", "lsc-1")

If an answer cannot be kept, `Store.record` raises `StoreProblem` with a sentence for the
learner, and the answer waits in memory: the next `record`, or `retry`, keeps it. Importing
this module is cheap; SQLAlchemy comes with the first answer.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from osteoteach.errors import InputError
from osteoteach.progress import prepare
from osteoteach.progress.problems import StoreProblem
from osteoteach.progress.records import AnswerRecord, checked, to_plain

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

__all__ = ["EVERYONE", "AnswerRecord", "Store", "StoreProblem", "open_store"]

EVERYONE = "*"
BROWSER = "browser-"
_Result = TypeVar("_Result")
_stores: dict[tuple[str | None, ...], Store] = {}


def open_store(url: str | None = None, learner: str | None = None) -> Store:
    """The store of one learner. Nothing is opened yet, so this cannot fail.

    Parameters
    ----------
    url : str, optional
        Default: OSTEOTEACH_DATABASE_URL, else a SQLite file in the user's data folder.
    learner : str, optional
        Whose answers `Store.answers` and `Store.latest` give. Default: OSTEOTEACH_LEARNER,
        JUPYTERHUB_USER, else ``"me"``.

    Returns
    -------
    Store
        The same one at every call, so that answers that wait in memory are in one place.

    Notes
    -----
    Where OSTEOTEACH_LEARNER or JUPYTERHUB_USER is set, the server has one user: answers of
    their browsers (``"browser-<32 hex>"``) are kept under that name, so that they are found
    again from another browser, a notebook and ``osteoteach progress``.

    Examples
    --------
    >>> open_store(learner="anna").learner
    'anna'
    """
    only_user = os.environ.get("OSTEOTEACH_LEARNER") or os.environ.get("JUPYTERHUB_USER")
    name = _whose(learner, only_user) or only_user or "me"
    key = (url, os.environ.get("OSTEOTEACH_DATABASE_URL"), name, only_user)
    return _stores.setdefault(key, Store(url, name, only_user))


def _whose(learner: str | None, only_user: str | None) -> str | None:
    """The name to keep answers under: a browser of a server's only user is that user."""
    is_browser = learner is not None and learner.startswith(BROWSER)
    return only_user if is_browser and only_user else learner


class Store:
    """Answers of learners in one database; see `open_store`."""

    def __init__(self, url: str | None, learner: str, only_user: str | None = None) -> None:
        self.url, self.learner, self.only_user = url, learner, only_user
        self._waiting: list[AnswerRecord] = []
        self._turn = threading.RLock()

    @property
    def unsaved(self) -> tuple[AnswerRecord, ...]:
        """Answers that wait in memory because the database refused them."""
        return tuple(self._waiting)

    def record(self, record: AnswerRecord) -> AnswerRecord:
        """Keep one answer; on the disk when this returns.

        Parameters
        ----------
        record : AnswerRecord
            With "" as ``learner`` or ``answered_at``, the store fills them in.

        Returns
        -------
        AnswerRecord
            As kept. If its ``answer_id`` was kept before: the earlier one.

        Raises
        ------
        InputError
            A field breaks its rule.
        StoreProblem
            It could not be kept (then it is in `unsaved`, and the next `record` tries again),
            or it was kept and there is something to tell (``saved`` is True).
        """
        ready = checked(replace(
            record, learner=_whose(record.learner, self.only_user) or self.learner))
        if ready.learner == EVERYONE:
            raise InputError("learner", "must not be *", EVERYONE, "Give a name.")
        with self._turn:
            if all(ready.answer_id != waiting.answer_id for waiting in self._waiting):
                self._waiting.append(ready)
            try:
                new = self._keep_waiting()
            except StoreProblem:
                # A kernel that is shut down in order tries once more.
                atexit.unregister(self._last_try)
                atexit.register(self._last_try)
                raise
            kept = ready if ready.answer_id in new else self._attempt(
                lambda: self._read({"answer_id": ready.answer_id}))[0]
            self._tell_damage()
            return kept

    def retry(self) -> int:
        """Keep the answers that wait in memory; how many they were.

        Raises
        ------
        StoreProblem
            As in `record`.
        """
        with self._turn:
            count = len(self._waiting)
            self._keep_waiting()
            self._tell_damage()
            return count

    def record_many(self, records: Sequence[AnswerRecord]) -> int:
        """Keep all of them or none; how many were new."""
        rows = [_row(checked(record)) for record in records]
        return len(self._attempt(lambda: self._write(rows)))

    def answers(self, item_kind: str | None = None, item_id: str | None = None,
                learner: str | None = None) -> tuple[AnswerRecord, ...]:
        """Answers in the order in which they were kept, oldest first.

        Parameters
        ----------
        item_kind, item_id : str, optional
            Only of these.
        learner : str, optional
            Default: the store's own learner. `EVERYONE` for all.

        Returns
        -------
        tuple of AnswerRecord
            Those on the disk, then those that wait in memory.

        Raises
        ------
        StoreProblem
            The database cannot be read.
        """
        wanted = {"item_kind": item_kind, "item_id": item_id,
                  "learner": None if learner == EVERYONE else
                  _whose(learner, self.only_user) or self.learner}
        wanted = {name: value for name, value in wanted.items() if value is not None}
        kept = self._attempt(lambda: self._read(wanted))
        ids = {record.answer_id for record in kept} if self._waiting else ()
        return kept + tuple(
            record for record in self._waiting if record.answer_id not in ids
            and all(getattr(record, name) == value for name, value in wanted.items()))

    def latest(self, item_kind: str, item_id: str,
               learner: str | None = None) -> AnswerRecord | None:
        """The last answer to one item, or None; raises as `answers` does."""
        found = self.answers(item_kind, item_id, learner)
        return found[-1] if found else None

    def save_unsaved(self, path: Path) -> int:
        """Write the answers that wait in memory to a JSON file; how many they were.

        ``osteoteach progress import FILE`` reads it once the database works again.
        """
        from osteoteach.progress.exchange import answers_json

        Path(path).write_text(answers_json(self.unsaved), encoding="utf-8")
        return len(self.unsaved)

    # --- Below here: the database ---------------------------------------------------

    def _last_try(self) -> None:
        with contextlib.suppress(StoreProblem):
            self._keep_waiting()

    def _keep_waiting(self) -> set[str]:
        waiting = tuple(self._waiting)
        if not waiting:
            return set()
        new = self._attempt(lambda: self._write([_row(record) for record in waiting]))
        del self._waiting[:len(waiting)]
        return new

    def _tell_damage(self) -> None:
        from osteoteach.progress import database

        damage = database.take_damage(self.url)
        if damage is not None:
            raise damage.problem()

    def _attempt(self, action: Callable[[], _Result]) -> _Result:
        """Once more after a broken line or a file found damaged: writing twice is harmless."""
        prepare.loaded()
        from osteoteach.progress import database
        from osteoteach.progress.explain import is_passing

        try:
            return action()
        except StoreProblem as problem:
            if not is_passing(problem.__cause__):
                raise
        database.forget(self.url)
        return action()

    def _write(self, rows: list[dict]) -> set[str]:
        from osteoteach.progress import database

        with database.begin_write(database.engine(self.url)) as connection:
            return {row["answer_id"] for row in rows if _insert(connection, row)}

    def _read(self, wanted: dict[str, str]) -> tuple[AnswerRecord, ...]:
        from sqlalchemy import select

        from osteoteach.progress import database
        from osteoteach.progress.tables import answers

        query = select(answers).order_by(answers.c.sequence)
        for name, value in wanted.items():
            query = query.where(answers.c[name] == value)
        with database.begin_read(database.engine(self.url)) as connection:
            return tuple(_record(row) for row in connection.execute(query))


def _row(record: AnswerRecord) -> dict:
    plain = to_plain(record)
    return plain | {"given": json.dumps(plain["given"]), "tags": json.dumps(plain["tags"])}


def _record(row: Row) -> AnswerRecord:
    found = dict(row._mapping)
    del found["sequence"]
    return AnswerRecord(**(found | {"given": json.loads(found["given"]),
                                    "tags": tuple(json.loads(found["tags"]))}))


def _insert(connection: Connection, row: dict) -> bool:
    """False if the answer's id was kept before."""
    from osteoteach.progress.tables import answers

    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert
    else:
        from sqlalchemy.dialects.postgresql import insert
    # What comes back is what was written; a row count differs between the drivers.
    return connection.execute(
        insert(answers).values(row).on_conflict_do_nothing(index_elements=["answer_id"])
        .returning(answers.c.answer_id)).first() is not None

