"""The one name that ipywidgets imports from here."""

from __future__ import annotations


class InteractiveShell:
    """No shell is ever made on a page."""
