"""The tables of the progress database, as the newest migration leaves them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

__all__ = ["answers", "metadata"]

metadata = MetaData()

answers = Table(
    "answers", metadata,
    # The order in which answers were kept: a clock may jump back, this number cannot.
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True,
           autoincrement=True),
    Column("answer_id", Text, nullable=False),
    Column("learner", Text, nullable=False),
    Column("item_kind", Text, nullable=False),
    Column("item_id", Text, nullable=False),
    Column("item_version", Text, nullable=False),
    Column("given", Text, nullable=False),  # JSON
    Column("score", Float),
    Column("confidence_pct", Integer),
    Column("tags", Text, nullable=False),  # JSON
    Column("answered_at", Text, nullable=False),  # UTC, ISO 8601
    UniqueConstraint("answer_id", name="answers_once"),
    CheckConstraint("score >= 0 AND score <= 1", name="answers_score"),
    CheckConstraint("confidence_pct >= 0 AND confidence_pct <= 100", name="answers_confidence"),
    Index("answers_of_learner", "learner", "item_kind", "item_id"),
    sqlite_autoincrement=True,
)
