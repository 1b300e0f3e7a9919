"""What Python of the site consists of: our own modules, the data, and pure-Python libraries.

The libraries are those of the environment that builds the site, so their versions are the
locked ones. Compiled parts are left behind: every library named here runs without them.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib import metadata
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import osteoteach
from osteoteach.evidence.catalogue import data_folder

__all__ = ["LIBRARIES", "LITE", "licences", "written_packages"]

LITE = Path(__file__).parent
PACKAGE = Path(osteoteach.__file__).parent
ENGINE_FOLDER = Path("view/jupyter/voila/templates/osteoteach/static")
#: Distribution -> what of it is copied, beside the licence.
LIBRARIES = {
    "anywidget": "anywidget", "comm": "comm", "fastjsonschema": "fastjsonschema",
    "fsrs": "fsrs", "ipywidgets": "ipywidgets", "psygnal": "psygnal", "pyyaml": "yaml",
    "rapidfuzz": "rapidfuzz", "traitlets": "traitlets",
    "typing_extensions": "typing_extensions.py",
}
#: Parts of ours that need a server, a database or Altair.
LEFT_OUT = ("commands", "progress/migrations", "view/charts", "view/classroom",
            "view/dashboards/classroom.py", "view/export", "view/jupyter", "view/presenting/web.py",
            "view/server.py", "view/serving.py", "view/static/THIRD_PARTY_LICENSES.txt")
#: Parts of Python that no page can use: other protocols, test and development tools.
STDLIB_LEFT_OUT = (
    "_pyrepl", "bdb", "cProfile", "doctest", "ensurepip", "ftplib", "idlelib",
    "imaplib", "mailbox", "modulefinder", "multiprocessing", "optparse", "pdb", "pickletools",
    "poplib", "profile", "pstats", "pydoc", "pydoc_data", "smtplib", "trace", "tracemalloc",
    "turtle", "turtledemo", "unittest", "venv", "wsgiref", "xml", "xmlrpc", "zipapp")
#: Text encodings that are left in: the others are tables for files that nobody opens here.
ENCODINGS = ("__init__", "aliases", "ascii", "cp437", "idna", "latin_1", "punycode",
             "raw_unicode_escape", "unicode_escape", "utf_8", "utf_8_sig", "utf_16", "utf_32")
SUFFIXES = {".py", ".js", ".css", ".json", ".csv", ".yaml"}
TESTS = {"tests", "test", "labextension", "nbextension", "__pyinstaller", "_pyinstaller_util"}
DAY_ONE = (1980, 1, 1, 0, 0, 0)


def written_packages(scratch: Path, target: Path) -> None:
    """Write the two zips of a page, compiled: ours with its libraries, and Python's own.

    Parameters
    ----------
    scratch : Path
        An empty folder.
    target : Path
        Where ``osteoteach.zip`` and ``python_stdlib.zip`` go.
    """
    work, stdlib = scratch / "site", scratch / "stdlib"
    work.mkdir()
    stdlib.mkdir()
    _copy_ours(work)
    for name, part in LIBRARIES.items():
        _copy_library(name, part, work)
    shutil.copytree(LITE / "python", work, dirs_exist_ok=True,
                    ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(["node", str(LITE / "compile.mjs"), str(work), str(stdlib)], check=True,
                   cwd=LITE)
    _trim(stdlib)
    _zip(work, target / "osteoteach.zip")
    _zip(stdlib, target / "python_stdlib.zip")


def _trim(stdlib: Path) -> None:
    for name in STDLIB_LEFT_OUT:
        shutil.rmtree(stdlib / name, ignore_errors=True)
        (stdlib / f"{name}.pyc").unlink(missing_ok=True)
    for path in (stdlib / "encodings").iterdir():
        if path.stem not in ENCODINGS:
            path.unlink()


def licences() -> list[tuple[str, str]]:
    """What the site is made of, and the licence of each part."""
    version = json.loads((LITE / "node_modules/pyodide/package.json").read_text("utf-8"))["version"]
    found = [
        ("osteoteach", (PACKAGE.parent / "LICENSE").read_text("utf-8")),
        (f"Pyodide {version} and CPython",
         "Pyodide: Mozilla Public License 2.0, https://mozilla.org/MPL/2.0/; its source is at "
         "https://github.com/pyodide/pyodide. CPython inside it: Python Software Foundation "
         "License, https://docs.python.org/3/license.html."),
        ("The chart engine", (PACKAGE / "view/static/THIRD_PARTY_LICENSES.txt").read_text("utf-8")),
    ]
    for name in LIBRARIES:
        distribution = metadata.distribution(name)
        texts = [Path(distribution.locate_file(file)).read_text("utf-8")
                 for file in distribution.files or ()
                 if ".dist-info" in file.parts[0] and "licen" in file.name.lower()]
        stated = distribution.metadata.get("License-Expression") or distribution.metadata["License"]
        found.append((f"{name} {distribution.version}", "\n\n".join(texts) or str(stated)))
    return found


def _copy_ours(work: Path) -> None:
    left_out = [PACKAGE / part for part in LEFT_OUT]
    for path in _files(PACKAGE):
        if not any(path.is_relative_to(part) for part in left_out) and path.suffix in SUFFIXES:
            _copy(path, work / "osteoteach" / path.relative_to(PACKAGE))
    tokens = ENGINE_FOLDER / "tokens.css"
    _copy(PACKAGE / tokens, work / "osteoteach" / tokens)
    for path in _files(data_folder()):
        if path.suffix in SUFFIXES:
            _copy(path, work / "osteoteach" / "_data" / path.relative_to(data_folder()))


def _copy_library(name: str, part: str, work: Path) -> None:
    distribution = metadata.distribution(name)
    for file in distribution.files or ():
        inside = file.parts[0] == part and not TESTS & set(file.parts)
        # Some libraries ask for their own version at import.
        about = file.parts[0].endswith(".dist-info") and file.name == "METADATA"
        if about or (inside and file.suffix in SUFFIXES):
            _copy(Path(distribution.locate_file(file)), work / file)


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts]


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _zip(folder: Path, target: Path) -> None:
    # Without times, the same content is the same file.
    with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        for path in _files(folder):
            info = ZipInfo(path.relative_to(folder).as_posix(), DAY_ONE)
            info.compress_type = ZIP_DEFLATED
            archive.writestr(info, path.read_bytes())
