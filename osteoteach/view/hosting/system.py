"""What this system can do; light, so that the command line can ask before anything starts."""

from __future__ import annotations

import sys

__all__ = ["can_fork"]


def can_fork() -> bool:
    """Whether kernels may be forked here.

    Windows cannot fork, and on macOS system libraries do not survive it.
    """
    return sys.platform.startswith("linux")
