"""What a cell shows besides its last value; the lesson's page takes it up."""

from __future__ import annotations

from typing import Any

_shown: list[Any] = []


def display(*objects: Any, **_options: Any) -> None:
    """Show objects below the cell that runs now."""
    _shown.extend(objects)


def clear_output(*_arguments: Any, **_options: Any) -> None:
    """Take back what the cell has shown so far."""
    _shown.clear()


def take_shown() -> list[Any]:
    """Return what was shown since the last call."""
    shown = list(_shown)
    _shown.clear()
    return shown
