"""A question in a real Voila and in JupyterLab: by keyboard, kept, and found again."""

from __future__ import annotations

import os
import re
import sqlite3
from pathlib import Path

import pytest
from nbformat.v4 import new_markdown_cell
from playwright.sync_api import expect

from tests.browser.jupyter_kernels import restart_as_a_learner, wait_until_idle
from tests.browser.test_page import code, write_notebook

PACKAGE = Path(__file__).resolve().parents[2]
HEADING = "Questions"
# The first answer opens the database: seconds, on a computer with other work.
FIRST = 40_000
ONE = """
    from osteoteach.view.questions import ask
    ask("hip_fracture_normal_bmd")
"""
OTHERS = """
    from IPython.display import display
    from osteoteach.view.questions import ask
    for name in ("t_score_total_hip", "order_neck_density", "report_young_man"):
        display(ask(name))
"""
QUIZ = """
    from osteoteach.view.questions import quiz
    quiz(["at_minus_2_5", "at_minus_1_0"])
"""
RIGHT_NOTE = "A low-trauma hip fracture is osteoporosis with or without a scan"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The database of this module's servers."""
    return tmp_path_factory.mktemp("kept") / "progress.sqlite3"


@pytest.fixture(scope="module")
def site(serve, tmp_path_factory, kept):
    root = tmp_path_factory.mktemp("questions")
    folder = root / "dashboards"
    for name, text in (("one", ONE), ("others", OTHERS), ("quiz", QUIZ)):
        cells = [new_markdown_cell(f"# {HEADING}"), *code(text)]
        write_notebook(folder / f"{name}.ipynb", cells, title=HEADING)
    before = os.environ.get("OSTEOTEACH_DATABASE_URL")
    os.environ["OSTEOTEACH_DATABASE_URL"] = f"sqlite:///{kept}"
    yield serve(root)
    if before is None:
        del os.environ["OSTEOTEACH_DATABASE_URL"]
    else:
        os.environ["OSTEOTEACH_DATABASE_URL"] = before


def opened(page_watch, site, name, **context):
    page = page_watch.open(f"{site}/voila/render/dashboards/{name}.ipynb", **context)
    expect(page.locator(".ot-q").first).to_be_visible(timeout=30_000)
    return page


def commit(question):
    return question.get_by_role("button", name="Commit")


def choose(question, text, sure="Fairly sure"):
    question.get_by_role("radio", name=re.compile(f"^{re.escape(text)}")).check()
    question.get_by_role("radio", name=re.compile(f"^{sure}")).check()


def answers(kept):
    with sqlite3.connect(f"file:{kept}?mode=ro", uri=True) as database:
        return database.execute(
            "select learner, item_id, score, confidence_pct from answers").fetchall()


def test_nothing_reveals_before_the_commitment(page_watch, site):
    """Neither the text of the page nor what the browser was sent holds an explanation."""
    page = page_watch.blank()
    frames = []
    page.on("websocket", lambda socket: socket.on(
        "framereceived", lambda frame: frames.append(str(frame))))
    page.goto(f"{site}/voila/render/dashboards/one.ipynb", wait_until="commit")
    question = page.locator(".ot-q")
    expect(question).to_be_visible(timeout=60_000)
    page.wait_for_timeout(500)
    assert RIGHT_NOTE not in page.content()
    assert frames
    assert not any(RIGHT_NOTE in frame for frame in frames)
    expect(question.get_by_text("Right answer")).to_have_count(0)
    choose(question, "Normal bone density")
    commit(question).click()
    expect(question.get_by_text(RIGHT_NOTE)).to_be_visible(timeout=FIRST)


def test_a_question_is_answered_by_keyboard_and_found_again(page_watch, site, kept, axe):
    """Arrows, tab and space are enough; a reload in the same browser finds the answer."""
    page = opened(page_watch, site, "one")
    axe(page)
    question = page.locator(".ot-q")
    question.get_by_role("radio").first.focus()
    wanted = question.get_by_role("radio", name="Osteoporosis", exact=True)
    page.keyboard.press("Space")
    for _ in range(4):
        if wanted.is_checked():
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    expect(commit(question)).to_be_focused()
    page.keyboard.press("Enter")
    told = question.locator(".ot-q-told")
    expect(told.locator(".ot-q-verdict")).to_contain_text("Right", timeout=FIRST)
    expect(told.locator(".ot-q-verdict")).to_be_focused()
    expect(told.get_by_text("doubtful (30%)")).to_be_visible()
    link = told.get_by_role("link").first
    assert link.get_attribute("href").startswith("https://doi.org/")
    axe(page)
    learner = page.evaluate("localStorage.getItem('osteoteach-learner')")
    assert (learner, "hip_fracture_normal_bmd", 1.0, 30) in answers(kept)

    page.reload(wait_until="commit")
    expect(question.get_by_text("Answered on")).to_be_visible(timeout=60_000)
    expect(question.get_by_text(RIGHT_NOTE)).to_be_visible()
    question.get_by_role("button", name="Try again").click()
    expect(question.get_by_text(RIGHT_NOTE)).to_have_count(0)
    expect(commit(question)).to_be_visible()
    expect(question.get_by_role("radio").first).to_be_focused()
    assert question.locator("input:checked").count() == 0


def test_another_browser_is_another_learner(page_watch, site):
    page = opened(page_watch, site, "one")
    page.wait_for_timeout(500)
    expect(page.get_by_text("Answered on")).to_have_count(0)


def test_what_is_missing_is_asked_for(page_watch, site):
    question = opened(page_watch, site, "one").locator(".ot-q")
    commit(question).click()
    expect(question.get_by_role("alert").first).to_have_text(
        "Answer first, then commit.", timeout=FIRST)
    question.get_by_role("radio").first.check()
    commit(question).click()
    expect(question.get_by_role("alert").first).to_have_text(
        "Say how sure you are, then commit.")
    expect(question.locator(".ot-q-told")).to_be_hidden()


def test_number_order_and_report_on_a_phone(page_watch, site, axe):
    page = opened(page_watch, site, "others", width=390, height=844, has_touch=True)
    expect(page.locator(".ot-q")).to_have_count(3)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    number, order, report = (page.locator(".ot-q").nth(place) for place in range(3))

    box = number.get_by_role("textbox", name="Your answer")
    box.fill("minus two")
    number.get_by_role("radio", name=re.compile("^A guess")).check()
    commit(number).click()
    expect(number.get_by_role("alert").first).to_contain_text("must be a number", timeout=FIRST)
    box.fill("−1,9")  # a true minus sign and a decimal comma
    commit(number).click()
    expect(number.locator(".ot-q-verdict")).to_contain_text("Right", timeout=FIRST)

    down = order.get_by_role("button", name=re.compile("^Move down")).first
    text = order.locator(".ot-q-item").first.inner_text()
    down.focus()
    page.keyboard.press("ArrowDown")
    expect(order.get_by_role("status").first).to_contain_text("place 2 of 4")
    assert order.locator(".ot-q-item").nth(1).inner_text() == text
    order.get_by_role("radio", name=re.compile("^A guess")).check()
    commit(order).click()
    expect(order.locator(".ot-q-verdict")).to_be_visible()

    choose(report, "Sites scanned")
    commit(report).click()
    expect(report.locator(".ot-q-verdict")).to_contain_text("Not right")
    axe(page)


def test_a_quiz_sums_up(page_watch, site):
    page = opened(page_watch, site, "quiz")
    summary = page.get_by_role("region", name="Summary")
    expect(summary).to_contain_text("0 of 2 answered")
    first, second = page.locator(".ot-q").nth(0), page.locator(".ot-q").nth(1)
    choose(first, "Osteoporosis")
    commit(first).click()
    choose(second, "Osteopenia, as -1.0".replace("-", "−"), "Almost certain")
    commit(second).click()
    expect(summary).to_contain_text("2 of 2 answered, 1 right", timeout=FIRST)
    expect(summary.get_by_role("row", name=re.compile("Almost certain"))).to_contain_text("0%")


# ---- JupyterLab ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def lab(serve_lab, tmp_path_factory):
    """A JupyterLab with one question, and its own database."""
    folder = tmp_path_factory.mktemp("lab")
    write_notebook(folder / "one.ipynb", code(ONE), title=HEADING)
    database = folder / "progress.sqlite3"
    return serve_lab(folder, OSTEOTEACH_DATABASE_URL=f"sqlite:///{database}"), database


def run_cells(page, address):
    page.goto(f"{address}/lab/tree/one.ipynb?reset")
    expect(page.locator(".jp-CodeCell").last).to_be_visible(timeout=60_000)
    wait_until_idle(page)
    page.locator(".jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Shift+Enter")
    expect(page.locator(".ot-q")).to_be_visible(timeout=60_000)


def test_in_jupyterlab_the_answer_outlives_kernel_and_browser(lab, page_watch):
    address, database = lab
    # JupyterLab itself asks for the path of a file it has not saved yet, and is told 404.
    page_watch.expect_console("404")
    page = page_watch.blank(1400, 950)
    run_cells(page, address)
    question, cells = page.locator(".ot-q"), page.locator(".jp-Notebook .jp-CodeCell")
    count = cells.count()
    option = question.get_by_role("radio", name="Normal bone density")
    option.check()
    option.press("b")  # Lab's key for a new cell must not reach Lab from a question
    question.get_by_role("radio", name=re.compile("^Almost certain")).check()
    commit(question).press("Enter")
    expect(question.locator(".ot-q-verdict")).to_contain_text("Not right", timeout=FIRST)
    assert cells.count() == count
    assert answers(database) == [("me", "hip_fracture_normal_bmd", 0.0, 95)]

    # The kernel restarts, and the cell runs again.
    page.keyboard.press("Escape")
    restart_as_a_learner(page)
    page.locator(".jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Shift+Enter")
    expect(page.get_by_text("Answered on")).to_be_visible(timeout=60_000)

    # The browser closes; another one opens the notebook the next day.
    page.context.close()
    page = page_watch.blank(1400, 950)
    run_cells(page, address)
    expect(page.get_by_text("Answered on")).to_be_visible(timeout=60_000)
    expect(page.locator(".ot-q-verdict")).to_contain_text("Not right")
