"""Page "Ask the class"."""

from __future__ import annotations

from osteoteach.view.classroom.panel import ClassPanel

__all__ = ["page"]


def page() -> ClassPanel:
    """The whole page, for the last line of a notebook."""
    return ClassPanel()
