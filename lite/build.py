"""Build the site that runs without a server: ``python -m lite.build [FOLDER]``."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import jinja2

from lite.lessons import lesson_cells
from lite.packages import ENGINE_FOLDER, LITE, PACKAGE, licences, written_packages
from osteoteach.commands.folders import notebooks_folder
from osteoteach.view.serving import gallery_sections

__all__ = ["OUTPUT", "build"]

OUTPUT = LITE / "_output"
PYODIDE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "pyodide-lock.json")
#: Lessons whose cells mostly run without pandas; the others are for JupyterLab.
LESSONS = ("00", "01", "02", "03")
#: What a page's text on the first visit counts: everything that it waits for.
WAITED_FOR = ("python/*", "static/*.js", "static/*.css")
NEEDS_SERVER = {
    "class": "This page cannot run here: phones that vote need one computer that counts. "
             "The instructor starts it with “osteoteach apps --ip 0.0.0.0”.",
}


def build(target: Path = OUTPUT) -> Path:
    """Write the whole site into ``target``, which is replaced."""
    if not (LITE / "node_modules" / "pyodide").is_dir():
        subprocess.run(["npm", "ci", "--ignore-scripts"], check=True, cwd=LITE)
    shutil.rmtree(target, ignore_errors=True)
    (target / "python").mkdir(parents=True)
    for name in PYODIDE:
        _copy(LITE / "node_modules" / "pyodide" / name, target / "python" / name)
    for name in ("worker.js", "answers.js"):
        shutil.copy(LITE / "site" / name, target / "python")
    with tempfile.TemporaryDirectory() as work:
        written_packages(Path(work), target / "python")
    _write_static(target / "static")
    _write_pages(target)
    _write_service_worker(target)
    return target


def _copy(source: Path, target: Path) -> None:
    if source.suffix == ".mjs":
        # Its map is not on the site, and developers' tools would ask for it.
        text = source.read_text(encoding="utf-8")
        target.write_text(re.sub(r"//# sourceMappingURL=\S+", "", text), encoding="utf-8")
    else:
        shutil.copyfile(source, target)


def _write_static(target: Path) -> None:
    target.mkdir()
    for path in (PACKAGE / ENGINE_FOLDER).iterdir():
        if path.name not in ("waiting.js", "presenting.js", "presenting.css"):
            shutil.copy(path, target)
    shutil.copy(PACKAGE / "view" / "static" / "live_chart.js", target)
    shutil.copy(PACKAGE / "view" / "static" / "live_chart.css", target)
    for name in ("dashboard.js", "lesson.js", "widgets.js", "offline.js", "lite.css"):
        shutil.copy(LITE / "site" / name, target)


def _write_pages(target: Path) -> None:
    sections = gallery_sections(notebooks_folder())
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(LITE / "templates"), autoescape=True,
        trim_blocks=True, lstrip_blocks=True)
    first_load = megabytes(sum(size for _, size in first_load_bytes(target)))
    digest = hashlib.sha256((target / "static" / "vega_runtime.js").read_bytes()).hexdigest()
    for section in sections:
        section["others"] = len(section["cards"])
        if section["folder"] == "lessons":
            section["cards"] = [card for card in section["cards"]
                                if Path(card["path"]).name[:2] in LESSONS]
        section["others"] -= len(section["cards"])
        (target / section["folder"]).mkdir()
        for card in section["cards"]:
            name = Path(card["path"]).stem
            card["address"] = f"{section['folder']}/{name}.html"
            card["limit"] = "Needs a server" if name in NEEDS_SERVER else ""
            facts = {"root": "../", "card": card, "digest": digest, "first_load": first_load}
            if section["folder"] == "lessons":
                kind = "lesson.html"
                facts["cells"] = lesson_cells(notebooks_folder() / card["path"])
            elif name in NEEDS_SERVER:
                kind, facts["why"] = "needs_server.html", NEEDS_SERVER[name]
            else:
                kind, facts["dashboard"] = "dashboard.html", _module(card["path"])
            text = environment.get_template(kind).render(facts)
            (target / card["address"]).write_text(text, encoding="utf-8")
    text = environment.get_template("index.html").render(
        root="", at_gallery=True, sections=sections, first_load=first_load)
    (target / "index.html").write_text(text, encoding="utf-8")
    text = environment.get_template("licences.html").render(root="", parts=licences())
    (target / "licences.html").write_text(text, encoding="utf-8")


def _module(notebook: str) -> str:
    """The dashboard's module, from the notebook's first cell."""
    cells = json.loads((notebooks_folder() / notebook).read_text(encoding="utf-8"))["cells"]
    source = "".join(cells[0]["source"])
    return re.fullmatch(r"from osteoteach\.view\.dashboards import (\w+)", source.strip())[1]


def _write_service_worker(target: Path) -> None:
    files = sorted(path.relative_to(target).as_posix() for path in target.rglob("*")
                   if path.is_file())
    version = hashlib.sha256()
    for name in files:
        version.update(name.encode() + (target / name).read_bytes())
    text = (LITE / "site" / "sw.js").read_text(encoding="utf-8")
    text = text.replace("@VERSION@", version.hexdigest()[:16])
    text = text.replace("@FILES@", json.dumps(["./", *files]))
    (target / "sw.js").write_text(text, encoding="utf-8")


def first_load_bytes(site: Path) -> list[tuple[int, int]]:
    """Raw and compressed bytes of each file that a page's first visit waits for."""
    paths = [path for pattern in WAITED_FOR for path in sorted(site.glob(pattern))]
    return [(path.stat().st_size, len(gzip.compress(path.read_bytes(), 6, mtime=0)))
            for path in paths if path.name != "pyodide-lock.json"]


def megabytes(count: int) -> str:
    """Bytes as people say them.

    Examples
    --------
    >>> megabytes(6_840_000)
    '6.8 MB'
    """
    return f"{count / 1e6:.1f} MB"


if __name__ == "__main__":
    site = build(*map(Path, sys.argv[1:2]))
    raw, compressed = map(sum, zip(*first_load_bytes(site), strict=True))
    print(f"{site}: a first page loads {megabytes(compressed)} compressed, {megabytes(raw)} raw.")
