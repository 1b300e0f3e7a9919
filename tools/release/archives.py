"""What is inside the two archives: all that is needed, and nothing that is not ours."""

from __future__ import annotations

import re
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

__all__ = ["content_faults", "read_archive", "sdist_faults", "wheel_faults"]

#: Left over by tools, or somebody's own: never in a release.
STRAY = re.compile(r"(^|/)(__pycache__|\.[\w.-]*cache|\.hypothesis|\.ipynb_checkpoints|\.venv|"
                   r"node_modules|dist|build|\.git|\.DS_Store)(/|$)"
                   r"|\.(pyc|pyo|sqlite3(-wal|-shm)?|db|log|orig|rej|swp|key)$|~$")
SDIST_ONLY = ("tests/", "docs/", "frontend/", "benchmarks/", "tools/", "deploy/")
TEMPLATE = "data/share/jupyter/voila/templates/osteoteach"


def read_archive(path: Path) -> dict[str, bytes]:
    """Name and content of every file; an sdist's own top folder is left out of the names."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    with tarfile.open(path) as archive:
        return {member.name.split("/", 1)[1]: archive.extractfile(member).read()
                for member in archive.getmembers() if member.isfile()}


def content_faults(files: Mapping[str, bytes], machine_paths: Iterable[str]) -> list[str]:
    """Stray files, and texts that name a folder of the machine that built them.

    Examples
    --------
    >>> content_faults({"a/__pycache__/b.pyc": b"", "c.py": b"# /home/me/x"}, ["/home/me"])
    ['a/__pycache__/b.pyc: does not belong into a release', 'c.py: names /home/me']
    """
    faults = [f"{name}: does not belong into a release" for name in files if STRAY.search(name)]
    for place in machine_paths:
        faults += [f"{name}: names {place}" for name, content in files.items()
                   if place.encode() in content]
    return faults


def wheel_faults(files: Mapping[str, bytes], tracked: Iterable[str]) -> list[str]:
    """Every tracked file of package, data and notebooks is there, and nothing else."""
    needed = {_place_in_wheel(name): name for name in tracked
              if name.startswith(("osteoteach/", "data/", "notebooks/"))}
    faults = [f"{place}: missing" for place in needed if place not in files]
    template = "osteoteach/view/jupyter/voila/templates/osteoteach/"
    shared = [name.removeprefix(template) for name in needed.values() if name.startswith(template)]
    faults += [f"{TEMPLATE}/{name}: missing" for name in shared
               if not any(file.endswith(f"{TEMPLATE}/{name}") for file in files)]
    faults += [f"{name}: nobody asked for it" for name in files
               if name not in needed and ".dist-info/" not in name and TEMPLATE not in name]
    for licence in ("LICENSE", "THIRD_PARTY_LICENSES.txt"):
        if not any(".dist-info/licenses/" in name and name.endswith(licence) for name in files):
            faults.append(f"{licence}: missing")
    return faults


def _place_in_wheel(name: str) -> str:
    for folder in ("data", "notebooks"):
        if name.startswith(f"{folder}/"):
            return f"osteoteach/_{name}"
    return name


def sdist_faults(files: Mapping[str, bytes], tracked: Iterable[str]) -> list[str]:
    """All that is tracked under the folders of an sdist is there, and nothing untracked."""
    tracked = set(tracked)
    known = ("osteoteach/", "data/", "notebooks/", *SDIST_ONLY)
    faults = [f"{name}: missing" for name in sorted(tracked)
              if name.startswith(known) and name not in files]
    faults += [f"{name}: git does not know it" for name in files
               if name not in tracked and name != "PKG-INFO"]
    return faults + [f"{name}: missing" for name in ("LICENSE", "CITATION.cff", "CHANGELOG.md")
                     if name not in files]
