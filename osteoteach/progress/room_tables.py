"""The tables of rooms, as the newest migration leaves them. No address, no time of a vote."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
)

from osteoteach.progress.tables import metadata

__all__ = ["room_rounds", "room_votes", "rooms"]

rooms = Table(
    "rooms", metadata,
    Column("code", Text, primary_key=True),
    Column("secret_hash", Text, nullable=False),  # SHA-256 of the instructor's secret
    Column("opened_at", Text, nullable=False),  # UTC, ISO 8601
    Column("expires_at", Text, nullable=False),
    Index("rooms_by_expiry", "expires_at"),
)

room_rounds = Table(
    "room_rounds", metadata,
    Column("code", Text, ForeignKey("rooms.code", ondelete="CASCADE"), primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("question", Text, nullable=False),  # JSON, as it was when asked
    Column("state", Text, nullable=False),
    Column("link", Text, nullable=False),  # to an earlier round: the same again, a contrast
    Column("linked_round", Integer),
    Column("reveal", Text),  # JSON; not there before the reveal, so nobody can peek
    CheckConstraint("state IN ('open', 'closed', 'revealed')", name="room_rounds_state"),
    CheckConstraint("link IN ('', 'again', 'contrast')", name="room_rounds_link"),
)

room_votes = Table(
    "room_votes", metadata,
    Column("code", Text, primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    # A hash made for this room: votes of one browser in two rooms cannot be joined.
    Column("voter", Text, primary_key=True),
    Column("number", Float),
    Column("choice", Integer),
    Column("confidence_pct", Integer),
    Column("nickname", Text, nullable=False),
    ForeignKeyConstraint(["code", "round"], ["room_rounds.code", "room_rounds.round"],
                         name="room_votes_of_round", ondelete="CASCADE"),
    CheckConstraint("(number IS NULL) <> (choice IS NULL)", name="room_votes_one_answer"),
    CheckConstraint("confidence_pct >= 0 AND confidence_pct <= 100",
                    name="room_votes_confidence"),
)
