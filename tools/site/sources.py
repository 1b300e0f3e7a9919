"""Lay out what Sphinx reads: the project's own pages where they lie, generated ones beside them.

The tree mirrors the checkout, so that a link between two pages is the same on the site and
in a file viewer. `README.md` is the home page.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

from tools.site import reference
from tools.site.lesson_pages import dashboard_cards, page_of

__all__ = ["PAGES", "ROOT", "TEMPLATE_PICTURES", "contents", "lay_out", "links_of", "written_pages"]

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE_PICTURES = ROOT / "osteoteach/view/jupyter/voila/templates/osteoteach/static"
LESSONS = "notebooks/lessons"
HOME = "README"  # becomes the index

#: The order of the contents. A page of docs/ that is not named here comes under "More".
PAGES: dict[str, tuple[str, ...]] = {
    "Learn": ("docs/student", "reference/pages", *("LESSONS",)),
    "Teach": ("docs/instructor", "notebooks/scenarios/README", "docs/nbgrader"),
    "Run it for others": ("docs/administrator", "docs/jupyterhub", "docs/lite", "SECURITY"),
    "Trust it": ("docs/model_card", "docs/remodelling_model", "docs/fracture_risk",
                 "reference/sources", "reference/data"),
    "Build on it": ("reference/python", "reference/commands", "CONTRIBUTING",
                    "data/questions/README", "docs/releasing", "CHANGELOG"),
}
GENERATED = {"reference/data": reference.data_page, "reference/sources": reference.sources_page,
             "reference/commands": reference.command_page,
             "reference/python": reference.python_page}


def written_pages(root: Path = ROOT) -> list[str]:
    """Every page that somebody wrote, without its ending: named here, in docs/, or linked.

    Examples
    --------
    >>> {"docs/student", "CONTRIBUTING"} <= set(written_pages())
    True
    """
    found = [page for pages in PAGES.values() for page in pages
             if (root / f"{page}.md").is_file()]
    found += [f"docs/{path.stem}" for path in sorted((root / "docs").glob("*.md"))]
    found = list(dict.fromkeys(found))
    for page in found:  # grows while it is read: a linked page may link another
        path = root / f"{page}.md"
        for link in links_of(path.read_text(encoding="utf-8")):
            target = (path.parent / link).resolve()
            if target.suffix == ".md" and target.is_file() and target.is_relative_to(root):
                linked = target.relative_to(root).with_suffix("").as_posix()
                if linked not in (*found, HOME):
                    found.append(linked)
    return found


def contents(root: Path = ROOT) -> dict[str, list[str]]:
    """Caption and pages of the contents, lessons and generated pages in their places."""
    written = written_pages(root)
    lessons = [f"{LESSONS}/{path.stem}" for path in sorted((root / LESSONS).glob("*.ipynb"))]
    made = {}
    for caption, pages in PAGES.items():
        made[caption] = []
        for page in pages:
            if page == "LESSONS":
                made[caption] += lessons
            elif page in written or page.startswith("reference/"):
                made[caption].append(page)
    listed = {page for pages in made.values() for page in pages}
    more = [page for page in written if page not in listed]
    return {**made, **({"More": more} if more else {})}


def links_of(text: str) -> list[str]:
    """Targets of the links and pictures of a Markdown text that lie in the project.

    Examples
    --------
    >>> links_of("[a](b.md#c), ![d](e.png), [f](https://g.org), [h](#i)")
    ['b.md', 'e.png']
    """
    text = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    found = (unquote(link.split("#")[0]) for link in re.findall(r"\]\(([^)\s]+)[^)]*\)", text))
    return [link for link in found if link and not re.match(r"[a-z]+:", link)]


def lay_out(target: Path, root: Path = ROOT) -> None:
    """Write the whole source tree of the site into ``target``."""
    pages = written_pages(root)
    for page in pages:
        _copy_page(root / f"{page}.md", target / f"{page}.md", root, target)
    home = (root / "README.md").read_text(encoding="utf-8")
    _write(target / "index.md", f"{_for_the_site(home, root, root)}\n{_toctrees(contents(root))}")
    _copy_linked(home, root, root, target)
    for page, make in GENERATED.items():
        _write(target / f"{page}.md", make())
    _write(target / "reference/pages.md",
           dashboard_cards(root / "notebooks", lambda name: f"../dashboards/{name}"))
    for picture in TEMPLATE_PICTURES.glob("*.png"):
        _copy(picture, target / "dashboards" / picture.name)
    for path in sorted((root / LESSONS).glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        page = page_of(notebook, path.name, "../../reference/sources.md")
        _write(target / LESSONS / path.name, json.dumps(page))


def _toctrees(trees: Mapping[str, list[str]]) -> str:
    blocks = []
    for caption, pages in trees.items():
        blocks.append("\n".join(["```{toctree}", ":hidden:", f":caption: {caption}", "",
                                 *pages, "```"]))
    return "\n\n".join(blocks) + "\n"


def _copy_page(source: Path, to: Path, root: Path, target: Path) -> None:
    text = source.read_text(encoding="utf-8")
    _write(to, _for_the_site(text, source.parent, root))
    _copy_linked(text, source.parent, root, target)


def _for_the_site(text: str, folder: Path, root: Path) -> str:
    """The README is the site's index, and a folder is nothing that a site can show."""
    for link in set(links_of(text)):
        target = (folder / link).resolve()
        if target == root / f"{HOME}.md":
            text = text.replace(f"]({link}", f"]({link.removesuffix(HOME + '.md')}index.md")
        elif target.is_dir():
            text = re.sub(rf"\[([^\[\]]+)\]\({re.escape(link)}\)", r"\1", text)
    return text


def _copy_linked(text: str, folder: Path, root: Path, target: Path) -> None:
    """What a page links to and is no page is copied, and so becomes a download."""
    for link in links_of(text):
        path = (folder / link).resolve()
        if path.is_file() and path.suffix != ".md":
            _copy(path, target / path.relative_to(root))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _copy(source: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, to)
