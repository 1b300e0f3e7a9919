"""Answers of learners."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001_learning"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer, "sqlite"),
                  primary_key=True, autoincrement=True),
        sa.Column("answer_id", sa.Text, nullable=False),
        sa.Column("learner", sa.Text, nullable=False),
        sa.Column("item_kind", sa.Text, nullable=False),
        sa.Column("item_id", sa.Text, nullable=False),
        sa.Column("item_version", sa.Text, nullable=False),
        sa.Column("given", sa.Text, nullable=False),
        sa.Column("score", sa.Float),
        sa.Column("confidence_pct", sa.Integer),
        sa.Column("tags", sa.Text, nullable=False),
        sa.Column("answered_at", sa.Text, nullable=False),
        sa.UniqueConstraint("answer_id", name="answers_once"),
        sa.CheckConstraint("score >= 0 AND score <= 1", name="answers_score"),
        sa.CheckConstraint("confidence_pct >= 0 AND confidence_pct <= 100",
                           name="answers_confidence"),
        sqlite_autoincrement=True,
    )
    op.create_index("answers_of_learner", "answers", ["learner", "item_kind", "item_id"])


def downgrade() -> None:
    op.drop_table("answers")
