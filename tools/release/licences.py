"""Licences of what is locked: ``python -m tools.release.licences``; fails on one that binds.

Reads what the installed packages say of themselves. It needs no network, and is no lawyer.
"""

from __future__ import annotations

import importlib.metadata
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["EXCEPTIONS", "Licence", "is_permissive", "licence_of", "locked_names", "main"]

ROOT = Path(__file__).resolve().parents[2]
PERMISSIVE = {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSD", "CC0-1.0", "HPND",
              "ISC", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "Python-2.0", "Public-Domain",
              "Unlicense", "Zlib"}
#: How packages without an SPDX expression write the same.
WRITTEN = {"Apache 2.0": "Apache-2.0", "Apache Software License": "Apache-2.0",
           "Apache License, Version 2.0": "Apache-2.0", "Apache License 2.0": "Apache-2.0",
           "BSD License": "BSD", "ISC License (ISCL)": "ISC", "MIT License": "MIT",
           "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0", "Public Domain": "Public-Domain",
           "Python Software Foundation License": "PSF-2.0",
           "The Unlicense (Unlicense)": "Unlicense", "GNU General Public License (GPL)": "GPL"}
#: Looked at one by one, under just this licence. Each is used as it comes, so that its own
#: files stay under its own licence.
EXCEPTIONS = {
    "axe-playwright-python": ("", "tests only; its repository says MIT, its metadata nothing"),
    "certifi": ("MPL-2.0", "covers its own file of certificates"),
    "docutils": ("Public-Domain AND BSD AND GPL", "documentation only; GPL: an editor's file"),
    "fqdn": ("MPL-2.0", "comes with JupyterLab"),
    "hypothesis": ("MPL-2.0", "tests only"),
    "pathspec": ("MPL-2.0", "builds only"),
    "psycopg": ("LGPL-3.0-only", "extra hub only; a library that users can replace"),
    "psycopg-binary": ("LGPL-3.0-only", "extra hub only; a library that users can replace"),
    "pytest-rerunfailures": ("MPL-2.0", "tests only"),
}


@dataclass(frozen=True)
class Licence:
    """What a package says of its licence; empty where it says nothing."""

    package: str
    text: str

    @property
    def reason(self) -> str:
        licence, reason = EXCEPTIONS.get(self.package, (None, ""))
        return reason if licence == self.text else ""

    @property
    def accepted(self) -> bool:
        return bool(self.reason) or is_permissive(self.text)


def is_permissive(expression: str) -> bool:
    """Whether an SPDX expression lets everybody use, change and pass on.

    Examples
    --------
    >>> is_permissive("Apache-2.0 OR GPL-3.0-only"), is_permissive("MIT AND LGPL-3.0-only")
    (True, False)
    >>> is_permissive("")
    False
    """
    plain = expression.replace("(", " ").replace(")", " ")
    if "(" in expression and " OR " in expression:
        # Without reading the brackets only the strictest meaning is safe.
        return all(part in PERMISSIVE for part in re.split(r"\s+(?:AND|OR)\s+", plain.strip()))
    return any(all(part.strip() in PERMISSIVE for part in choice.split(" AND "))
               for choice in plain.split(" OR "))


def licence_of(package: str) -> Licence | None:
    """The licence of an installed package; None where it is not installed here."""
    try:
        told = importlib.metadata.metadata(package)
    except importlib.metadata.PackageNotFoundError:
        return None
    if expression := told.get("License-Expression"):
        return Licence(package, expression)
    named = [text.split(" :: ")[-1] for text in told.get_all("Classifier", [])
             if text.startswith("License ::")]
    named = [WRITTEN.get(name, name) for name in named if name != "OSI Approved"]
    if named:
        return Licence(package, " AND ".join(named))
    first = (told.get("License") or "").strip().split("\n")[0]
    return Licence(package, WRITTEN.get(first, first))


def locked_names(lock: Path) -> list[str]:
    """Names of the packages of a lock file."""
    return re.findall(r"^([a-z0-9._-]+)==", lock.read_text(encoding="utf-8"), re.MULTILINE)


def main(locks: Iterable[Path]) -> int:
    """Print every licence once; return 1 if one of them is not accepted."""
    found: dict[str, Licence | None] = {}
    for lock in locks:
        found |= {name: licence_of(name) for name in locked_names(lock)}
    _print(found)
    refused = [one for one in found.values() if one and not one.accepted]
    for one in refused:
        print(f"not permissive: {one.package}: {one.text or 'no licence given'}", file=sys.stderr)
    return 1 if refused else 0


def _print(found: Mapping[str, Licence | None]) -> None:
    for name, one in sorted(found.items()):
        if one and one.reason:
            print(f"{name:28s}{one.text or '-':32s}{one.reason}")
    absent = sorted(name for name, one in found.items() if one is None)
    named = sum(one is not None and bool(one.reason) for one in found.values())
    print(f"{len(found) - len(absent)} packages read, {named} accepted for a reason, the others "
          "permissive.")
    if absent:
        print(f"Not installed on this system, so not read: {', '.join(absent)}.")


if __name__ == "__main__":
    sys.exit(main(sorted(ROOT.glob("requirements*.lock"))))
