"""One version, said in every place that says it, and a changelog that is ready for it."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

__all__ = ["said_versions", "version_faults"]


def said_versions(root: Path) -> dict[str, str]:
    """Version by the file that says it."""
    def text(name: str) -> str:
        return (root / name).read_text(encoding="utf-8")

    def found(name: str, pattern: str) -> str:
        match = re.search(pattern, text(name), re.MULTILINE)
        return match[1] if match else "none"

    return {"pyproject.toml": tomllib.loads(text("pyproject.toml"))["project"]["version"],
            "osteoteach/__init__.py": found("osteoteach/__init__.py", r'^__version__ = "(.+)"$'),
            "CITATION.cff": found("CITATION.cff", r"^version: (.+)$"),
            "data/datapackage.json": json.loads(text("data/datapackage.json"))["version"]}


def version_faults(root: Path, dated: bool) -> list[str]:
    """What keeps this version from being released.

    Parameters
    ----------
    root : Path
        The checkout.
    dated : bool
        Whether the changelog must give the version a date, and the citation the same.
    """
    said = said_versions(root)
    version = said["pyproject.toml"]
    faults = [f"{name} says {other}, pyproject.toml says {version}"
              for name, other in said.items() if other != version]
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    heading = re.search(rf"^## {re.escape(version)}, (.+)$", changelog, re.MULTILINE)
    if not heading:
        faults.append(f"CHANGELOG.md has no heading for {version}")
    elif dated:
        faults += _date_faults(root, version, heading[1], changelog)
    return faults


def _date_faults(root: Path, version: str, date: str, changelog: str) -> list[str]:
    faults = []
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", date):
        faults.append(f"CHANGELOG.md gives {version} no date, but “{date}”")
    if not re.search(rf"^date-released: {re.escape(date)}$",
                     (root / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE):
        faults.append(f"CITATION.cff gives another date than CHANGELOG.md ({date})")
    first = re.search(r"^## (\S+?),", changelog, re.MULTILINE)
    if first and first[1] != version:
        faults.append(f"CHANGELOG.md tells of {first[1]} above {version}: raise the version")
    return faults
