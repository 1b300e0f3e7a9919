"""Where the notebooks are: inside an installed wheel, or beside a checkout's package."""

from __future__ import annotations

from pathlib import Path

__all__ = ["notebooks_folder"]


def notebooks_folder() -> Path:
    """Folder with ``dashboards/`` and ``lessons/``."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_notebooks"
    return installed if installed.is_dir() else package.parent / "notebooks"
