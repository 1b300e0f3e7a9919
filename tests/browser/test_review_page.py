"""Review and the tests before and after, as a visitor meets them: real Voila, real Chromium."""

from __future__ import annotations

import os
import re
import shutil
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from osteoteach.commands.folders import notebooks_folder
from osteoteach.progress.course_test import SIZE, course_test
from osteoteach.progress.store import AnswerRecord, open_store
from osteoteach.teaching.questions import question
from osteoteach.teaching.questions.marking import right_answer

DUE = "hip_fracture_normal_bmd"
# The first answer opens the database: seconds, on a computer with other work.
SLOW = 40_000
OVERFLOWS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """A store of this module's own, which its server inherits."""
    before = os.environ.get("OSTEOTEACH_DATABASE_URL")
    os.environ["OSTEOTEACH_DATABASE_URL"] = (
        f"sqlite:///{tmp_path_factory.mktemp('review') / 'answers.sqlite3'}")
    yield
    if before is None:
        del os.environ["OSTEOTEACH_DATABASE_URL"]
    else:
        os.environ["OSTEOTEACH_DATABASE_URL"] = before


@pytest.fixture(scope="module")
def site(serve, database, tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebooks")
    for name in ("voila.json", "dashboards/review.ipynb", "dashboards/test.ipynb",
                 "lessons/00_start_here.ipynb"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(notebooks_folder() / name, folder / name)
    return f"{serve(folder)}/voila/render/dashboards"


@pytest.fixture
def learner():
    """A browser's learner that nobody else is."""
    return f"browser-{uuid.uuid4().hex}"


def opened(page_watch, site, name, learner, *size, **context):
    page = page_watch.blank(*size, **context)
    page.add_init_script(f"localStorage.setItem('osteoteach-learner', '{learner}')")
    page.goto(f"{site}/{name}", wait_until="commit")
    page.wait_for_selector("body.ot-ready", timeout=60_000)
    expect(page.get_by_role("heading", name="Reading your answers")).to_have_count(
        0, timeout=SLOW)
    return page


def kept(learner, item_id, score, days_ago=3, tags=(), given=None):
    one = question(item_id)
    at = datetime.now(UTC) - timedelta(days=days_ago)
    open_store().record(AnswerRecord(
        uuid.uuid4().hex, learner, "question", one.id, one.version,
        given or right_answer(one), score, 75, (*one.tags, *tags), at.isoformat()))


def by_keyboard(page):
    """Answer the choice on the desk with its second option, half sure, and commit."""
    desk = page.locator(".ot-desk")
    expect(desk.get_by_role("button", name="Commit")).to_be_visible(timeout=SLOW)
    desk.get_by_role("heading", level=3).first.focus()
    page.keyboard.press("Tab")
    expect(desk.get_by_role("radio").first).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    expect(desk.get_by_role("button", name="Commit")).to_be_focused()
    page.keyboard.press("Enter")


def test_a_due_question_is_answered_by_keyboard_and_no_longer_due(
        page_watch, site, learner, axe):
    kept(learner, DUE, 0.0)
    page = opened(page_watch, site, "review.ipynb", learner)
    desk = page.locator(".ot-desk")
    expect(page.get_by_text("Due today: 1 question.")).to_be_visible(timeout=SLOW)
    expect(desk.get_by_text("Right answer")).to_have_count(0)
    axe(page)
    by_keyboard(page)
    again = desk.get_by_text(re.compile("^Comes again "))
    expect(again).to_be_visible(timeout=SLOW)
    expect(desk.locator(".ot-q-verdict")).to_be_focused()
    expect(page.get_by_text("Nothing is due today.")).to_be_visible()
    axe(page)
    desk.get_by_role("button", name="See when each comes again").press("Enter")
    expect(desk.get_by_role("heading", name="Done: 1 question reviewed")).to_be_focused()
    expect(desk.get_by_role("row")).to_have_count(2)
    axe(page)
    assert len(open_store(learner=learner).answers("question", DUE)) == 2

    page.reload(wait_until="commit")
    expect(page.get_by_role("heading", name="No question is due today")).to_be_visible(
        timeout=60_000)
    expect(page.get_by_role("button", name="Commit")).to_have_count(0)


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
def test_who_was_always_right_reads_the_title_of_the_chart(page_watch, site, learner, size):
    """Words above the highest mark pushed it out of the picture; the watch looks at the end."""
    kept(learner, DUE, 1.0)
    page = opened(page_watch, site, "review.ipynb", learner, *size)
    expect(page.locator("svg.marks").get_by_text("75% sure, 100% right, in 1 answer")
           ).to_be_visible(timeout=SLOW)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_answered_leads_to_the_lessons_on_a_phone(page_watch, site, learner, axe, theme):
    page = opened(page_watch, site, "review.ipynb", learner, 390, 844, color_scheme=theme)
    expect(page.get_by_text("You have answered nothing yet")).to_be_visible(timeout=SLOW)
    axe(page)
    assert not page.evaluate(OVERFLOWS)
    lesson = page.get_by_role("link", name="the first lesson")
    address = lesson.evaluate("link => link.href")
    assert page.request.head(address.split("?")[0]).status != 404
    assert address == f"{site.removesuffix('/dashboards')}/lessons/00_start_here.ipynb"


def test_a_test_tells_nothing_and_goes_on_where_it_stopped(page_watch, site, learner, axe):
    """The last choice of a test before the course: kept, then the result on a phone."""
    form = course_test(learner, ()).forms["pre"]
    left = next(one for one in form if one.kind == "choice")
    for one in form:
        if one is not left:
            kept(learner, one.id, 0.0, tags=("pre",))
    page = opened(page_watch, site, "test.ipynb", learner, 390, 844)
    desk = page.locator(".ot-desk")
    expect(desk.get_by_role("heading", name=f"Question {SIZE} of {SIZE}")).to_be_visible()
    axe(page)
    assert not page.evaluate(OVERFLOWS)
    by_keyboard(page)
    expect(desk.get_by_role("heading", name="Result before the course")).to_be_focused(
        timeout=SLOW)
    mine = open_store(learner=learner).answers("question", left.id)
    assert ["pre" in one.tags for one in mine] == [True]
    expect(desk.get_by_role("cell", name="20% of 582 US resident doctors")).to_be_visible()
    axe(page)
    assert not page.evaluate(OVERFLOWS)
    desk.get_by_role("button", name="Go through the explanations").click()
    expect(desk.locator(".ot-q-verdict")).to_be_visible(timeout=SLOW)


def test_an_answer_in_a_test_brings_the_next_question(page_watch, site, learner):
    """No verdict; the focus goes to the new heading; the other test asks other questions."""
    form = course_test(learner, ()).forms["pre"]
    choices = [one for one in form if one.kind == "choice"][:2]
    for one in form:
        if one not in choices:
            kept(learner, one.id, 1.0, tags=("pre",))
    page = opened(page_watch, site, "test.ipynb", learner)
    desk = page.locator(".ot-desk")
    by_keyboard(page)
    expect(desk.get_by_role("heading", name=f"Question {SIZE} of {SIZE}")).to_be_focused(
        timeout=SLOW)
    expect(desk.locator(".ot-q-verdict")).to_have_count(0)
    first = desk.locator(".ot-q-prompt").inner_text()
    page.get_by_label("You take the test").select_option(label="After the course")
    expect(desk.get_by_role("heading", name=f"Question 1 of {SIZE}, after the course")
           ).to_be_visible(timeout=SLOW)
    after = course_test(learner, open_store(learner=learner).answers()).forms["post"]
    expect(desk.locator(".ot-q-prompt")).to_have_text(after[0].prompt, timeout=SLOW)
    assert after[0].prompt != first
    assert not {one.id for one in after} & {one.id for one in form}
