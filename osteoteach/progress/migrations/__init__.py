"""Alembic scripts: the file in versions/ with the highest number is the newest schema."""
