"""The checks of ``osteoteach doctor``: each says what it found and what to do."""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from osteoteach.commands.folders import notebooks_folder
from osteoteach.errors import DataError
from osteoteach.evidence import check_all

__all__ = ["Check", "run_checks"]

OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True)
class Check:
    """One line of the doctor's report."""

    subject: str
    ok: bool
    finding: str
    remedy: str = ""
    required: bool = True


def run_checks() -> Iterator[Check]:
    """All checks, in the order in which a person would put them right."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Check("Python", sys.version_info >= OLDEST_PYTHON, version,
                "Install Python 3.11 or newer.")
    yield from _packages()
    yield _data()
    yield _notebooks()
    yield _kernel()
    yield _answers()
    yield _browser()


def _packages() -> Iterator[Check]:
    for requirement in importlib.metadata.requires("osteoteach") or ():
        if "extra ==" in requirement:
            continue
        name, bounds = re.match(r"([A-Za-z0-9._-]+)(.*)", requirement).groups()
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield Check(name, False, "not installed", f'Run: python -m pip install "{requirement}"')
            continue
        yield Check(name, _within(found, bounds), f"{found} (needs {bounds})",
                    f'Run: python -m pip install "{requirement}"')


def _within(version: str, bounds: str) -> bool:
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(bounds).contains(version, prereleases=True)


def _data() -> Check:
    try:
        counts = check_all()
    except DataError as error:
        return Check("Data tables", False, str(error), "Install osteoteach again.")
    return Check("Data tables", True, f"{len(counts)} tables, {sum(counts.values())} rows, "
                 "all as the catalogue describes them")


def _notebooks() -> Check:
    found = sorted(notebooks_folder().glob("*/*.ipynb"))
    return Check("Notebooks", bool(found), f"{len(found)} in {notebooks_folder()}",
                 "Install osteoteach again.")


def _kernel() -> Check:
    from jupyter_client.kernelspec import KernelSpecManager

    names = sorted(KernelSpecManager().find_kernel_specs())
    return Check("Jupyter kernel", "python3" in names, ", ".join(names) or "none",
                 "Run: python -m pip install ipykernel")


def _answers() -> Check:
    """Looks only: a doctor makes no file and puts none aside."""
    from osteoteach.progress import database, sqlite_file
    from osteoteach.progress.explain import shown_place
    from osteoteach.progress.problems import StoreProblem

    try:
        url = database.database_url()
        file = database.sqlite_path(url)
        if file is None:
            database.engine(url)
        elif not file.exists():
            return Check("Answers", True, f"none kept yet; they will be in {file}")
        elif finding := sqlite_file.why_damaged(file):
            return Check("Answers", False, f"{file} is damaged ({finding})",
                         "At the next answer it is put aside, and what can be read is kept.")
    except (StoreProblem, sqlite3.Error) as problem:
        return Check("Answers", False, str(problem),
                     "Until then the lessons work, but answers are not kept.")
    return Check("Answers", True, f"kept in {shown_place(url)}")


def _browser() -> Check:
    names = ("chromium", "chromium-browser", "google-chrome", "firefox")
    found = next((name for name in names if shutil.which(name)), None)
    if found is None and sys.platform in ("win32", "darwin"):
        return Check("Browser", True, "your system's own browser", required=False)
    return Check("Browser", found is not None, found or "none found on the PATH",
                 "Any recent Firefox, Chrome, Edge or Safari will do.", required=False)
