"""Rooms of a class: opened with a code and a secret, asked in rounds, gone after some hours.

The code lets a student vote. The secret, kept here only as a hash, lets the instructor ask,
close, reveal and read the votes. A voter has one vote a round: a second one replaces the
first. What is not kept: addresses, times of votes, anything by which a browser could be
known again in another room.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from osteoteach.errors import InputError
from osteoteach.progress import database
from osteoteach.progress.records import utc_text
from osteoteach.progress.room_questions import Question, Vote, question_from_plain
from osteoteach.progress.room_values import (
    CODE_LENGTH,
    CODE_SIGNS,
    Ballot,
    OpenedRoom,
    RoomRefused,
    Round,
    join_code,
    voter_hash,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["Ballot", "OpenedRoom", "RoomRefused", "Rooms", "Round", "join_code", "voter_hash"]

SECRET_BYTES = 32
HOURS, MOST_HOURS = 4, 24
MOST_ROOMS, MOST_ROUNDS, MOST_VOTERS = 500, 60, 2000
UNUSED_MINUTES = 15

_UNKNOWN = "There is no such room. It may have ended: ask your instructor for the code."
_SECRET = "This link does not open the room. Use the secret link from when it was opened."
_LATE = "Voting on this question is closed. Your vote was not counted."


def _hash(secret: str) -> str:
    # The secret has 256 random bits, so a slow hash would protect nothing.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class Rooms:
    """The rooms in one database.

    Parameters
    ----------
    url : str, optional
        As for `osteoteach.progress.database.engine`.
    now : callable, optional
        The clock, for tests.

    Examples
    --------
    >>> import tempfile
    >>> rooms = Rooms(f"sqlite:///{tempfile.mkdtemp()}/rooms.sqlite3")
    >>> room = rooms.open()
    >>> rooms.ask(room.code, room.secret, Question("number", "Gain?", "%", -10, 20))
    1
    >>> rooms.record([Ballot(room.code, 1, "v" * 32, Vote(number=3.0))])
    [None]
    >>> [vote.number for vote in rooms.votes(room.code, room.secret, 1)]
    [3.0]
    """

    def __init__(self, url: str | None = None,
                 now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.url, self._now = url, now

    # --- The instructor ---------------------------------------------------------------

    def open(self, hours: float = HOURS) -> OpenedRoom:
        """Open a room, and take away those whose time is over."""
        from sqlalchemy import func, select

        from osteoteach.progress.room_tables import rooms

        if not 0 < hours <= MOST_HOURS:
            raise InputError("hours", f"must be up to {MOST_HOURS}", hours, "Open it for less.")
        secret = secrets.token_urlsafe(SECRET_BYTES)
        ends = utc_text(self._now() + timedelta(hours=hours))
        with database.begin_write(database.engine(self.url)) as connection:
            self._remove_expired(connection)
            count = select(func.count()).select_from(rooms)
            if connection.scalar(count) >= MOST_ROOMS:
                self._remove_unused(connection)
            if connection.scalar(count) >= MOST_ROOMS:
                raise RoomRefused("full", f"{MOST_ROOMS} rooms are open, and no more can be. "
                                          "End one that is no longer needed.")
            code = self._free_code(connection)
            connection.execute(rooms.insert().values(
                code=code, secret_hash=_hash(secret), opened_at=self._time(), expires_at=ends))
        return OpenedRoom(code, secret, ends)

    def check(self, code: str, secret: str) -> str:
        """Say until when the room is open; RoomRefused if the secret is not its own."""
        with database.begin_read(database.engine(self.url)) as connection:
            return self._checked(connection, code, secret)

    def ask(self, code: str, secret: str, question: Question, link: str = "",
            linked_round: int | None = None) -> int:
        """Put a question to the room and return the number of its round.

        A round that is still open is closed by it.
        """
        from osteoteach.progress.room_tables import room_rounds

        with database.begin_write(database.engine(self.url)) as connection:
            self._checked(connection, code, secret)
            last = self._last(connection, code)
            number = 1 if last is None else last.number + 1
            if number > MOST_ROUNDS:
                raise RoomRefused("full", f"A room takes {MOST_ROUNDS} questions. Open another.")
            if link and not (linked_round and 0 < linked_round < number):
                raise InputError("linked_round", "must be an earlier round", linked_round,
                                 "Ask the first question of the pair first.")
            if last is not None and last.state == "open":
                self._set(connection, code, last.number, state="closed")
            connection.execute(room_rounds.insert().values(
                code=code, round=number, question=json.dumps(question.to_plain()),
                state="open", link=link, linked_round=linked_round))
        return number

    def close(self, code: str, secret: str, number: int) -> None:
        """End the voting of a round; one that is closed stays as it is."""
        with database.begin_write(database.engine(self.url)) as connection:
            self._checked(connection, code, secret)
            if self._round(connection, code, number).state == "open":
                self._set(connection, code, number, state="closed")

    def reveal(self, code: str, secret: str, number: int, reveal: dict[str, Any]) -> None:
        """End the voting of a round and show everybody what ``reveal`` says."""
        text = json.dumps(reveal, allow_nan=False)
        with database.begin_write(database.engine(self.url)) as connection:
            self._checked(connection, code, secret)
            self._round(connection, code, number)
            self._set(connection, code, number, state="revealed", reveal=text)

    def end(self, code: str, secret: str) -> None:
        """Take the room away, with its questions and votes."""
        from osteoteach.progress.room_tables import rooms

        with database.begin_write(database.engine(self.url)) as connection:
            self._checked(connection, code, secret)
            connection.execute(rooms.delete().where(rooms.c.code == code))

    def rounds(self, code: str, secret: str) -> tuple[Round, ...]:
        """All questions of the room, the first first."""
        from sqlalchemy import select

        from osteoteach.progress.room_tables import room_rounds

        with database.begin_read(database.engine(self.url)) as connection:
            self._checked(connection, code, secret)
            rows = connection.execute(select(room_rounds).where(
                room_rounds.c.code == code).order_by(room_rounds.c.round))
            return tuple(map(_round_of, rows))

    def count(self, code: str, secret: str, number: int) -> int:
        """How many have voted."""
        from sqlalchemy import func, select

        from osteoteach.progress.room_tables import room_votes as votes

        with database.begin_read(database.engine(self.url)) as connection:
            self._checked(connection, code, secret)
            return connection.scalar(select(func.count()).select_from(votes).where(
                votes.c.code == code, votes.c.round == number))

    def votes(self, code: str, secret: str, number: int) -> tuple[Vote, ...]:
        """The votes of a round, without their voters."""
        from sqlalchemy import select

        from osteoteach.progress.room_tables import room_votes as votes

        with database.begin_read(database.engine(self.url)) as connection:
            self._checked(connection, code, secret)
            # In the order of random hashes: it says nothing of who came first.
            rows = connection.execute(select(votes).where(
                votes.c.code == code, votes.c.round == number).order_by(votes.c.voter))
            return tuple(map(_vote_of, rows))

    # --- Everybody --------------------------------------------------------------------

    def current(self, code: str) -> Round | None:
        """The newest question of a room, None before the first."""
        with database.begin_read(database.engine(self.url)) as connection:
            self._alive(connection, code)
            return self._last(connection, code)

    def own_vote(self, code: str, number: int, voter: str) -> Vote | None:
        """What this voter has answered so far."""
        from sqlalchemy import select

        from osteoteach.progress.room_tables import room_votes as votes

        with database.begin_read(database.engine(self.url)) as connection:
            row = connection.execute(select(votes).where(
                votes.c.code == code, votes.c.round == number,
                votes.c.voter == voter)).one_or_none()
        return None if row is None else _vote_of(row)

    def record(self, ballots: Sequence[Ballot]) -> list[RoomRefused | None]:
        """Keep several votes in one write; they are on the disk when it returns.

        Returns
        -------
        list of RoomRefused or None
            For each ballot why it was not counted, or None if it was.
        """
        with database.begin_write(database.engine(self.url)) as connection:
            return [self._record(connection, ballot) for ballot in ballots]

    def _record(self, connection: Connection, ballot: Ballot) -> RoomRefused | None:
        from sqlalchemy import func, select

        from osteoteach.progress.room_tables import room_votes as votes

        try:
            self._alive(connection, ballot.code)
            found = self._round(connection, ballot.code, ballot.round, for_vote=True)
        except RoomRefused as refused:
            return refused
        if found.state != "open":
            return RoomRefused("closed", _LATE)
        key = {"code": ballot.code, "round": ballot.round, "voter": ballot.voter}
        values = {"number": ballot.vote.number, "choice": ballot.vote.choice,
                  "confidence_pct": ballot.vote.confidence_pct, "nickname": ballot.vote.nickname}
        mine = [votes.c[name] == value for name, value in key.items()]
        if connection.execute(votes.update().where(*mine).values(values)).rowcount:
            return None
        if connection.scalar(select(func.count()).select_from(votes).where(
                *mine[:2])) >= MOST_VOTERS:
            return RoomRefused("full", f"The room has {MOST_VOTERS} votes and takes no more.")
        if connection.dialect.name == "postgresql":
            from sqlalchemy.dialects.postgresql import insert
        else:
            from sqlalchemy.dialects.sqlite import insert
        connection.execute(insert(votes).values(**key, **values).on_conflict_do_update(
            index_elements=list(key), set_=values))
        return None

    def remove_expired(self) -> None:
        """Take away the rooms whose time is over, with everything in them."""
        with database.begin_write(database.engine(self.url)) as connection:
            self._remove_expired(connection)

    # --- Inside -----------------------------------------------------------------------

    def _time(self) -> str:
        return utc_text(self._now())

    def _remove_expired(self, connection: Connection) -> None:
        from osteoteach.progress.room_tables import rooms

        connection.execute(rooms.delete().where(rooms.c.expires_at <= self._time()))

    def _remove_unused(self, connection: Connection) -> None:
        """Rooms in which nothing was asked for a while: who opens many blocks nobody."""
        from sqlalchemy import exists

        from osteoteach.progress.room_tables import room_rounds, rooms

        long_ago = utc_text(self._now() - timedelta(minutes=UNUSED_MINUTES))
        connection.execute(rooms.delete().where(
            rooms.c.opened_at <= long_ago, ~exists().where(room_rounds.c.code == rooms.c.code)))

    def _free_code(self, connection: Connection) -> str:
        from sqlalchemy import select

        from osteoteach.progress.room_tables import rooms

        while True:
            code = "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))
            if connection.scalar(select(rooms.c.code).where(rooms.c.code == code)) is None:
                return code

    def _alive(self, connection: Connection, code: str) -> Any:
        from sqlalchemy import select

        from osteoteach.progress.room_tables import rooms

        row = connection.execute(select(rooms).where(
            rooms.c.code == code, rooms.c.expires_at > self._time())).one_or_none()
        if row is None:
            raise RoomRefused("unknown", _UNKNOWN)
        return row

    def _checked(self, connection: Connection, code: str, secret: str) -> str:
        row = self._alive(connection, code)
        if not isinstance(secret, str) or not hmac.compare_digest(
                _hash(secret), row.secret_hash):
            raise RoomRefused("secret", _SECRET)
        return row.expires_at

    def _last(self, connection: Connection, code: str) -> Round | None:
        from sqlalchemy import select

        from osteoteach.progress.room_tables import room_rounds as rounds

        row = connection.execute(select(rounds).where(rounds.c.code == code).order_by(
            rounds.c.round.desc()).limit(1)).one_or_none()
        return None if row is None else _round_of(row)

    def _round(self, connection: Connection, code: str, number: int,
               for_vote: bool = False) -> Round:
        from sqlalchemy import select

        from osteoteach.progress.room_tables import room_rounds as rounds

        wanted = select(rounds).where(rounds.c.code == code, rounds.c.round == number)
        if for_vote:
            # On PostgreSQL a closing waits for votes under way; SQLite has one writer anyway.
            wanted = wanted.with_for_update(read=True)
        row = connection.execute(wanted).one_or_none()
        if row is None:
            raise RoomRefused("other_round", "This question is not asked in this room.")
        return _round_of(row)

    def _set(self, connection: Connection, code: str, number: int, **values: Any) -> None:
        from osteoteach.progress.room_tables import room_rounds as rounds

        connection.execute(rounds.update().where(
            rounds.c.code == code, rounds.c.round == number).values(values))


def _round_of(row: Any) -> Round:
    return Round(row.round, question_from_plain(json.loads(row.question)), row.state, row.link,
                 row.linked_round, json.loads(row.reveal) if row.reveal else None)


def _vote_of(row: Any) -> Vote:
    return Vote(row.number, row.choice, row.confidence_pct, row.nickname)
