"""Where the notebooks are: inside an installed wheel, or beside a checkout's package."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

__all__ = ["copy_notebooks", "notebooks_folder"]


def notebooks_folder() -> Path:
    """Folder with ``dashboards/`` and ``lessons/``."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_notebooks"
    return installed if installed.is_dir() else package.parent / "notebooks"


def copy_notebooks(folder: Path, leave_out: Sequence[str] = ()) -> tuple[int, int]:
    """Copy the notebooks into a folder; files that are already there are kept.

    Parameters
    ----------
    folder : Path
    leave_out : sequence of str
        Folders of the notebooks that are not copied.

    Returns
    -------
    tuple of (int, int)
        How many files were written, and how many were kept.
    """
    written = kept = 0
    for path in sorted(notebooks_folder().rglob("*")):
        relative = path.relative_to(notebooks_folder())
        if (path.is_dir() or ".ipynb_checkpoints" in relative.parts
                or relative.parts[0] in leave_out):
            continue
        target = folder / relative
        if target.exists():
            kept += 1
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        written += 1
    return written, kept
