"""A lock between processes: held by one at a time, and let go by the system if it dies."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

__all__ = ["file_lock"]


@contextlib.contextmanager
def file_lock(path: Path, patience_seconds: float = 30.0) -> Iterator[None]:
    """Hold the lock file at ``path``; wait while another process holds it.

    The lock is the system's own, so a killed process leaves none behind. The file stays:
    removing it would let two processes lock two files of one name.

    Raises
    ------
    TimeoutError
        Another process held it for longer than ``patience_seconds``.
    OSError
        The file cannot be made or opened.

    Examples
    --------
    >>> import tempfile
    >>> with file_lock(Path(tempfile.mkdtemp()) / "a.lock"):
    ...     print("alone")
    alone
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        deadline = time.monotonic() + patience_seconds
        while not _taken(handle):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path} was held for {patience_seconds:.0f} s")
            time.sleep(0.02)
        yield
    finally:
        os.close(handle)  # lets go of the lock too


def _taken(handle: int) -> bool:
    """Try once. BlockingIOError and PermissionError mean: another process has it."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
