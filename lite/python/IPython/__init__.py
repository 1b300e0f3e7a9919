"""Stands in for IPython on a page without a notebook.

ipywidgets asks IPython only whether a shell is there and how to display. IPython itself
would add more bytes to the page than all of our own code.
"""

from __future__ import annotations

version_info = (9, 0, 0)


def get_ipython() -> None:
    """There is no shell here."""
    return None
