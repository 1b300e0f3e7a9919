"""Write a file that a user named: whole or not at all, and not over another one unasked."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from osteoteach.errors import InputError

__all__ = ["write_text"]


def write_text(file: Path, text: str, overwrite: bool) -> None:
    """Write ``text`` as UTF-8.

    Raises
    ------
    InputError
        There is such a file and ``overwrite`` is False, or the place cannot be written to.
    """
    if file.exists() and not overwrite:
        raise InputError(str(file), "must be a new file", "one that exists",
                         "Choose another name, or add --force.")
    draft = None
    try:
        handle, draft = tempfile.mkstemp(dir=file.resolve().parent, prefix=f".{file.name}-")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as opened:
            opened.write(text)
        os.replace(draft, file)
    except OSError as error:
        raise InputError(str(file), "must be a place that can be written to", error.strerror,
                         "Choose another folder, or free some space.") from error
    finally:
        if draft is not None:
            Path(draft).unlink(missing_ok=True)
