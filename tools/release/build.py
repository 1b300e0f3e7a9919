"""Build sdist and wheel from what is committed, twice, in different folders."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

__all__ = ["build", "commit_time", "hashes", "tracked_files", "uncommitted"]


def _git(root: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", str(root), *words], check=True, capture_output=True,
                          text=True).stdout


def commit_time(root: Path) -> int:
    """Seconds since 1970 of the commit that is built: its files carry this time."""
    return int(_git(root, "log", "-1", "--format=%ct"))


def tracked_files(root: Path) -> list[str]:
    """What the commit holds."""
    return _git(root, "ls-tree", "-r", "--name-only", "-z", "HEAD").strip("\0").split("\0")


def uncommitted(root: Path) -> list[str]:
    """Files that differ from the commit: they would not be in the release."""
    return _git(root, "status", "--porcelain").splitlines()


def build(root: Path, scratch: Path, out: Path) -> list[Path]:
    """Build the commit in a folder of its own; return the two archives."""
    source = scratch / "osteoteach"
    archive = subprocess.run(["git", "-C", str(root), "archive", "HEAD"], check=True,
                             capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        opened.extractall(source, filter="data")
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(commit_time(root))}
    # Without --wheel the wheel is made from the sdist: so the sdist is proven to be enough.
    subprocess.run([sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out),
                    str(source)], check=True, env=environment, stdout=subprocess.DEVNULL)
    return sorted(out.iterdir())


def hashes(paths: list[Path]) -> dict[str, str]:
    """SHA-256 by file name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
