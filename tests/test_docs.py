"""The documentation's sources: complete, linked, and without a typed score.

The site itself takes a minute (`make docs`, where warnings are errors); what breaks most
often is checked here in seconds.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import osteoteach
from osteoteach.commands.main import cli
from osteoteach.evidence import table, table_names
from osteoteach.evidence.catalogue import catalogue
from tools.site import lesson_charts, reference, sources
from tools.site.accessible import MENDS, mended
from tools.site.lesson_pages import linked_sources, page_of
from tools.site.model_numbers import WORTH_TELLING_POINTS, substitutions
from tools.site.outside import outside_resources

ROOT = Path(__file__).resolve().parents[1]
CARD = (ROOT / "docs/model_card.md").read_text(encoding="utf-8")
PICTURE = "<svg xmlns='http://www.w3.org/2000/svg'/>"


def test_every_page_is_in_the_contents_once():
    """A page that nobody can find was not written."""
    listed = [page for pages in sources.contents().values() for page in pages]
    assert len(listed) == len(set(listed))
    assert {f"docs/{path.stem}" for path in (ROOT / "docs").glob("*.md")} <= set(listed)
    assert {f"notebooks/lessons/{path.stem}" for path in
            (ROOT / "notebooks/lessons").glob("*.ipynb")} <= set(listed)
    assert {"CONTRIBUTING", "CHANGELOG", "docs/student", "docs/instructor", "docs/administrator",
            "docs/model_card", "reference/python", "reference/data"} <= set(listed)


def test_a_new_page_of_docs_finds_its_place_by_itself(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/brand_new.md").write_text("# New\n", encoding="utf-8")
    assert sources.contents(tmp_path)["More"] == ["docs/brand_new"]


def test_a_page_that_another_links_to_is_on_the_site(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "deploy").mkdir()
    (tmp_path / "docs/a.md").write_text(
        "[b](../deploy/b.md), [all](../deploy), [home](../README.md)", "utf-8")
    (tmp_path / "deploy/b.md").write_text("[a](../docs/a.md)", "utf-8")
    (tmp_path / "README.md").write_text("# Home", "utf-8")
    assert sources.contents(tmp_path)["More"] == ["docs/a", "deploy/b"]
    sources._copy_page(tmp_path / "docs/a.md", tmp_path / "out/docs/a.md", tmp_path, tmp_path)
    assert (tmp_path / "out/docs/a.md").read_text("utf-8").endswith(", all, [home](../index.md)")


@pytest.mark.parametrize("page", ["README", *sources.written_pages()])
def test_every_link_between_pages_leads_somewhere(page):
    """Also in a file viewer, where no builder would complain."""
    path = ROOT / f"{page}.md"
    links = sources.links_of(path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_commands_that_the_pages_tell_exist():
    """`osteoteach NAME` and `make NAME` in a page are commands that run."""
    targets = set(re.findall(r"^([a-z][a-z -]*):", (ROOT / "Makefile").read_text("utf-8"),
                             re.MULTILINE))
    targets = {name for line in targets for name in line.split()}
    for page in ("README", *sources.written_pages()):
        text = (ROOT / f"{page}.md").read_text(encoding="utf-8")
        blocks = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
        told = {*re.findall(r"`osteoteach ([a-z]+)", text),
                *re.findall(r"^osteoteach ([a-z]+)", blocks, re.MULTILINE)}
        assert told <= set(cli.commands), page
        assert set(re.findall(r"`make ([a-z-]+)", text)) <= targets, page


def test_the_model_card_types_no_score():
    """Each number of a table comes from data/ while the site is built, and none is left over."""
    used = set(re.findall(r"\{\{ (\w+) \}\}", CARD))
    assert used == set(substitutions())
    # How large a miss is told, and the licence.
    assert set(re.findall(r"\d+\.\d+", CARD)) == {str(WORTH_TELLING_POINTS), "4.0"}
    assert not re.search(r"\d+ ?%|\b\d{2,}\b", re.sub(r"90% band|90 of 100|of 100", "", CARD))
    assert "Not for patient care" in CARD


def test_the_model_card_tells_the_worst_failure_first():
    worst = max(table("validation_kinds"), key=lambda row: abs(row["bias_points"]))
    first = substitutions()["failures"].splitlines()[2]
    assert f"{worst['bias_points']:+.1f}" in first
    unseen = next(row for row in table("validation_scores")
                  if (row["role"], row["sex"], row["site"]) == ("holdout", "female", "total_hip"))
    assert f"| {unseen['error']:.2f} |" in substitutions()["scores"]


def test_the_data_dictionary_has_every_table_and_field():
    page = reference.data_page()
    for name in table_names():
        assert f"\n## {name}\n" in page
    fields = [field["name"] for one in catalogue()["resources"]
              for field in one["schema"]["fields"]]
    rows = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert rows == fields
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 6
               for line in page.splitlines() if line.startswith("| `"))


def test_the_list_of_sources_has_every_source_and_its_anchor():
    page = reference.sources_page()
    for row in table("sources"):
        assert f"(source-{row['source_id'].replace('_', '-')})=\n" in page


def test_the_reference_has_every_command_and_every_public_name():
    commands = reference.command_page()
    assert all(f"\n## osteoteach {name}\n" in commands for name in cli.commands)
    names = reference.python_page()
    assert all(f":: osteoteach.{name}\n" in names for name in osteoteach.__all__
               if name != "__version__")


@pytest.fixture(scope="module")
def lesson():
    """Lesson 9 as a page; the drawing itself is left to `make docs`."""
    path = ROOT / "notebooks/lessons/09_is_the_change_real.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lesson_charts, "svg", lambda spec: PICTURE)
        return notebook, page_of(notebook, path.name, "../../reference/sources.md")


def test_a_lesson_page_has_each_chart_with_its_words(lesson):
    """A chart is live in the lesson; here it is a picture with a text alternative."""
    saved, page = lesson
    drawing = sum(bool(re.search(r"^show_(?!dashboard)", "".join(cell["source"]), re.MULTILINE))
                  for cell in saved["cells"] if cell["cell_type"] == "code")
    pictures = [cell for cell in page["cells"] for output in cell.get("outputs", ())
                if "image/svg+xml" in output.get("data", ())]
    assert len(pictures) == drawing > 0
    assert all(len(cell["metadata"]["mystnb"]["image"]["alt"]) > 20 for cell in pictures)


def test_a_lesson_page_says_what_is_live_and_folds_results(lesson):
    saved, page = lesson
    words = "\n".join(cell["source"] for cell in page["cells"] if cell["cell_type"] == "markdown")
    assert "Questions wait here in the live lesson" in words
    stored = [output for cell in saved["cells"] for output in cell.get("outputs", ())]
    shown = [output for cell in page["cells"] for output in cell.get("outputs", ())
             if output["output_type"] != "display_data"]
    assert shown == stored
    assert all("hide-output" in cell["metadata"]["tags"] for cell in page["cells"]
               if cell.get("outputs"))


def test_a_source_in_prose_leads_to_the_list():
    known = table("sources")[0]["source_id"]
    linked = linked_sources(f"So it is [{known}]. Not [a_word].", "s.md")
    assert linked == f"So it is [{known}](s.md#source-{known.replace('_', '-')}). Not [a_word]."


@pytest.mark.parametrize("html", [
    '<script src="https://a.org/x.js"></script>', '<link rel="stylesheet" href="//a.org/x.css">',
    '<img src="http://a.org/x.png">', '<p style="background:url(https://a.org/x)">',
    "<style>@import 'https://a.org/x.css';</style>"])
def test_what_a_page_would_load_from_elsewhere_is_found(html, tmp_path):
    (tmp_path / "page.html").write_text(f'<a href="https://fine.org">x</a>{html}', "utf-8")
    found = outside_resources(tmp_path)
    assert [page for page, _ in found] == ["page.html"]
    assert "a.org/x" in found[0][1]


def test_the_theme_is_mended_for_a_screen_reader():
    """Headings have a level, regions a name, and an empty corner of a table is no head."""
    html = ('<p class="caption" role="heading">Learn</p><aside class="sidebar-drawer">'
            '<aside class="toc-drawer no-toc"><th></th>')
    better = mended(html)
    assert all(ours in better for ours in MENDS.values())
    assert "<th></th>" not in better
    assert mended(better) == better
