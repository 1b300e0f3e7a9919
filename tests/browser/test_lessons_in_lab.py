"""Every lesson in a real JupyterLab: it opens clean, and what a learner answers is kept."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from osteoteach.commands.folders import notebooks_folder

from .jupyter_kernels import SLOW, ask_server, restart_as_a_learner, wait_until_idle

LESSONS = sorted((notebooks_folder() / "lessons").glob("*.ipynb"))
RUN_WHOLE = "09_is_the_change_real"
# A whole lesson, on a computer with other work.
WHOLE_LESSON = 240_000
# What each code cell shows, in their order: is its output folded, and does it hold an error?
CODE_CELLS = """() => [...document.querySelectorAll('.jp-Notebook .jp-CodeCell')].map(cell => ({
    folded: cell.querySelector('.jp-OutputPlaceholder') !== null,
    shown: cell.querySelectorAll('.jp-OutputArea-output').length > 0,
    errors: [...cell.querySelectorAll(
        '.jp-OutputArea-output:is([data-mime-type*="error"], [data-mime-type*="stderr"])'
    )].map(output => output.textContent),
}))"""


@pytest.fixture(scope="module")
def lab(serve_lab, tmp_path_factory):
    """One JupyterLab on a copy of the lessons, with its own database."""
    folder = tmp_path_factory.mktemp("lessons-lab")
    shutil.copytree(notebooks_folder() / "lessons", folder / "lessons",
                    ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    return serve_lab(folder,
                     OSTEOTEACH_DATABASE_URL=f"sqlite:///{folder / 'progress.sqlite3'}")


@pytest.fixture
def lesson_page(lab, page_watch):
    """Open a lesson; its kernel is ended with the test, since each takes memory."""
    # JupyterLab itself asks for the path of a file it has not saved yet, and is told 404.
    page_watch.expect_console("404")
    opened: list[Page] = []

    def open_lesson(name: str) -> Page:
        page = page_watch.blank(1400, 950)
        opened.append(page)
        page.goto(f"{lab}/lab/tree/lessons/{name}.ipynb?reset")
        expect(page.locator(".jp-Notebook .jp-Cell").first).to_be_visible(timeout=SLOW)
        wait_until_idle(page)
        return page

    yield open_lesson
    for page in opened:
        ask_server(page, "DELETE", "")


def lesson_cells(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def wait_for_cells(page: Page, count: int) -> None:
    """JupyterLab builds the cells below the window when it has time."""
    expect(page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(count, timeout=SLOW)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_opens_clean_and_folded(lesson_page, path):
    """Title and text are there, no error; what was saved folded gives nothing away."""
    saved = lesson_cells(path)
    page = lesson_page(path.stem)
    title = nbformat.read(path, as_version=4).metadata["title"]
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
    wait_for_cells(page, len(saved))
    cells = page.evaluate(CODE_CELLS)
    assert [cell["errors"] for cell in cells] == [[]] * len(saved)
    folded = [bool(cell.outputs) and cell.metadata.get("jupyter", {}).get("outputs_hidden", False)
              for cell in saved]
    assert any(folded)
    assert [cell["folded"] for cell in cells] == folded
    assert [cell["shown"] for cell in cells] == [
        bool(cell.outputs) and not hidden for cell, hidden in zip(saved, folded, strict=True)]


def code_cell(page: Page, words: str):
    return page.locator(".jp-Notebook .jp-CodeCell").filter(
        has=page.locator(".jp-InputArea-editor", has_text=words))


def run_cell(page: Page, words: str) -> None:
    code_cell(page, words).locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")


def outputs_violate(page: Page) -> list:
    """What axe finds in our own outputs; JupyterLab's frame around them is not ours."""
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("""axe.run({ include: [['.jp-OutputArea-output']] },
        { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa',
                                                 'wcag22aa'] })""")["violations"]
    return [(rule["id"], [node["html"][:160] for node in rule["nodes"]][:5]) for rule in found]


def answer_by_keyboard(page: Page, question) -> None:
    """First option, first confidence, commit: Tab, Space and Enter only."""
    question.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(question.get_by_role("button", name="Commit")).to_be_focused()
    page.keyboard.press("Enter")


def test_a_whole_lesson_runs_and_its_answer_outlives_the_kernel(lesson_page):
    """All cells run without an error; a question answered by keyboard is found again."""
    saved = lesson_cells(next(path for path in LESSONS if path.stem == RUN_WHOLE))
    page = lesson_page(RUN_WHOLE)
    wait_for_cells(page, len(saved))
    page.get_by_role("menubar").get_by_text("Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    numbers = page.locator(".jp-CodeCell .jp-InputPrompt")
    expect(numbers.last).to_have_text(f"[{len(saved)}]:", timeout=WHOLE_LESSON)
    wait_until_idle(page)
    cells = page.evaluate(CODE_CELLS)
    assert [cell["errors"] for cell in cells] == [[]] * len(saved)
    assert not any(cell["folded"] for cell in cells)
    # A chart or a page is not saved with the lesson, but it must be there now.
    assert [cell["shown"] for cell in cells] == [
        bool(cell.outputs) or cell.metadata.get("keep_output") is False for cell in saved]

    question = page.locator(".ot-quiz .ot-q").first
    expect(question).to_be_visible(timeout=SLOW)
    answer_by_keyboard(page, question)
    expect(question.locator(".ot-q-verdict")).to_be_visible(timeout=SLOW)
    verdict = question.locator(".ot-q-verdict").inner_text()

    restart_as_a_learner(page)
    run_cell(page, "from osteoteach import quiz")
    run_cell(page, "quiz(lesson=9)")
    expect(page.get_by_text("Answered on")).to_have_count(1, timeout=SLOW)
    expect(page.get_by_role("region", name="Summary")).to_contain_text(
        re.compile(r"\b1 of \d+ answered"))
    expect(page.locator(".ot-q-verdict").filter(visible=True)).to_have_text(verdict)

    # The other questions of the lesson come when they are asked for.
    asked = page.locator(".ot-quiz .ot-q:not(.ot-q-summary)")
    short = asked.count()
    more = page.get_by_role("button", name=re.compile(r"Ask me \d+ more"))
    further = int(re.search(r"\d+", more.inner_text())[0])
    more.focus()
    page.keyboard.press("Enter")
    expect(asked).to_have_count(short + further, timeout=SLOW)
    expect(more).to_be_hidden()
    assert page.evaluate("document.activeElement.className") == "ot-q-sum"
    assert outputs_violate(page) == []


def test_what_a_restarted_kernel_cannot_take_is_said(lesson_page):
    """No answer waits for ever, and no button does nothing, after a restart here or elsewhere."""
    page = lesson_page(RUN_WHOLE)
    wait_for_cells(page, len(lesson_cells(next(p for p in LESSONS if p.stem == RUN_WHOLE))))
    summary = page.get_by_role("region", name="Summary")
    question = page.locator(".ot-quiz .ot-q").nth(1)  # another test answers the first
    more = summary.get_by_role("button", name=re.compile(r"Ask me \d+ more"))

    def show_quiz() -> None:
        run_cell(page, "from osteoteach import quiz")
        run_cell(page, "quiz(lesson=9)")
        expect(more).to_be_visible(timeout=SLOW)
        page.keyboard.press("Escape")

    show_quiz()
    restart_as_a_learner(page)
    lost = "This did not reach Python, which was restarted."
    more.click()
    expect(summary.get_by_role("alert")).to_have_text(f"{lost} Run the cell again.")
    question.get_by_role("button", name="Commit").click()
    expect(question.get_by_role("alert").filter(has_text=lost)).to_be_visible()
    expect(question.get_by_role("button", name="Commit")).to_be_visible()

    show_quiz()
    expect(summary.get_by_role("alert")).to_have_count(0)
    ask_server(page, "POST", "/restart")  # as another window would
    more.click()
    reload = f"{lost} Reload the page, then run the cell again."
    expect(summary.get_by_role("alert")).to_have_text(reload, timeout=SLOW)
    # JupyterLab may have heard the new kernel begin, and then it holds every message back.
    page.wait_for_timeout(3000)
    question.get_by_role("button", name="Commit").click()
    expect(question.get_by_role("alert").filter(has_text=reload)).to_be_visible()
    expect(question.get_by_role("button", name="Commit")).to_be_visible()
