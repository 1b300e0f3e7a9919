"""Rooms of a class: what is asked, and one vote for each voter and round."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_rooms"
down_revision = "0001_learning"


def upgrade() -> None:
    op.create_table(
        "rooms",
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("secret_hash", sa.Text, nullable=False),
        sa.Column("opened_at", sa.Text, nullable=False),
        sa.Column("expires_at", sa.Text, nullable=False),
    )
    op.create_index("rooms_by_expiry", "rooms", ["expires_at"])
    op.create_table(
        "room_rounds",
        sa.Column("code", sa.Text, sa.ForeignKey("rooms.code", ondelete="CASCADE"),
                  primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("linked_round", sa.Integer),
        sa.Column("reveal", sa.Text),
        sa.CheckConstraint("state IN ('open', 'closed', 'revealed')", name="room_rounds_state"),
        sa.CheckConstraint("link IN ('', 'again', 'contrast')", name="room_rounds_link"),
    )
    op.create_table(
        "room_votes",
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("voter", sa.Text, primary_key=True),
        sa.Column("number", sa.Float),
        sa.Column("choice", sa.Integer),
        sa.Column("confidence_pct", sa.Integer),
        sa.Column("nickname", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["code", "round"], ["room_rounds.code", "room_rounds.round"],
                                name="room_votes_of_round", ondelete="CASCADE"),
        sa.CheckConstraint("(number IS NULL) <> (choice IS NULL)", name="room_votes_one_answer"),
        sa.CheckConstraint("confidence_pct >= 0 AND confidence_pct <= 100",
                           name="room_votes_confidence"),
    )


def downgrade() -> None:
    for name in ("room_votes", "room_rounds", "rooms"):
        op.drop_table(name)
