"""A session on the projector: steps by keys and buttons, the question first, clear errors."""

from __future__ import annotations

import re
import shutil

import pytest
from playwright.sync_api import Page, expect

from osteoteach.commands.folders import notebooks_folder
from osteoteach.view.presenting.scenarios import load_list

LIST = "can_it_be_reversed"


@pytest.fixture(scope="module")
def base(serve):
    return serve(notebooks_folder())


def dashboard(base: str, step: object, name: str = "diagnose", of: str = LIST) -> str:
    return f"{base}/voila/render/dashboards/{name}.ipynb?present={of}&step={step}"


def at_step(page: Page, step: int) -> None:
    """Wait until the page of a step stands and says which it is."""
    page.wait_for_url(re.compile(rf"[?&]step={step}$"), timeout=30_000)
    page.wait_for_selector("body.ot-ready", timeout=60_000)
    expect(page.get_by_role("region", name="Presenter bar")).to_contain_text(f"{step} of 12")


def test_the_question_stands_first_and_keys_lead_to_the_answer_and_across_dashboards(
        base, page_watch, axe):
    """Right shows the answer, right again goes on; left goes back; values come along."""
    steps = load_list(LIST).steps
    page = page_watch.open(dashboard(base, 3))
    at_step(page, 3)
    # "T-score" is not broken at its hyphen on the wall.
    asked = steps[2].prepared.question.prompt.replace("T-score", "T\u2011score")
    expect(page.get_by_role("heading", name=asked)).to_be_visible()
    expect(page.locator(".ot-sentence")).to_be_hidden()
    axe(page)
    page.keyboard.press("ArrowRight")
    expect(page.locator(".ot-sentence")).to_contain_text("Osteoporosis")
    expect(page.locator(".ot-settings")).to_be_hidden()
    axe(page)
    page.keyboard.press("PageDown")
    at_step(page, 4)
    assert "/noise.ipynb" in page.url
    page.get_by_role("button", name="Show the answer").click()
    expect(page.locator(".ot-sentence")).to_contain_text("true T −1.2")
    page.keyboard.press("PageUp")
    at_step(page, 3)
    page.get_by_role("link", name="← Previous").click()
    at_step(page, 2)
    assert "age_years=49" in page.url


# How much larger than drawn each chart is shown.
ENLARGED = """() => [...document.querySelectorAll('.osteoteach-stage svg')].map((svg) =>
  svg.getBoundingClientRect().width / svg.viewBox.baseVal.width)"""


@pytest.mark.parametrize(("width", "scale"), [(1366, 1.3), (1920, 1.6)])
def test_the_type_of_charts_is_large_on_the_wall_and_stays_so(base, page_watch, width, scale):
    """Also after the window changed: full screen, another projector."""
    page = page_watch.open(dashboard(base, 6, "reversal"), width, 800)
    page.get_by_role("button", name="Show the answer").click()
    expect(page.locator("svg.marks")).to_have_count(page.locator(".ot-chart").count())
    assert page.evaluate(ENLARGED) == pytest.approx([scale] * 3, rel=0.01)
    for height in (1000, 800):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(300)
    assert page.evaluate(ENLARGED) == pytest.approx([scale] * 3, rel=0.01)


def test_a_control_that_uses_arrows_keeps_them(base, page_watch):
    page = page_watch.open(dashboard(base, 4))
    at_step(page, 4)
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Settings").click()
    slider = page.get_by_role("slider", name="True T-score", exact=True)
    before = slider.input_value()
    slider.press("ArrowRight")
    expect(slider).not_to_have_value(before)
    assert page.url.endswith("step=4")


def test_the_last_step_ends_and_leave_leads_to_the_plain_dashboard(base, page_watch):
    page = page_watch.open(dashboard(base, 12))
    at_step(page, 12)
    expect(page.get_by_text("Last step")).to_be_visible()
    page.get_by_role("link", name="Leave").click()
    page.wait_for_url(re.compile(r"population\.ipynb$"))
    expect(page.get_by_role("region", name="Presenter bar")).to_have_count(0)


def test_vote_opens_the_room_with_the_question_chosen(base, page_watch):
    page = page_watch.open(dashboard(base, 5))
    at_step(page, 5)
    link = page.get_by_role("link", name="Vote").get_attribute("href")
    assert link == f"class.ipynb#ask={LIST}/5"


def test_the_bar_fits_a_phone_in_the_dark(base, page_watch, axe):
    page = page_watch.open(dashboard(base, 1), 390, 844, color_scheme="dark")
    at_step(page, 1)
    axe(page)
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize(("of", "step", "told"), [
    ("no_such_list", 1, "must be one of the scenario lists"),
    ("<img src=x>", 1, "must be one of the scenario lists"),
    (LIST, 99, "has steps 1 to 12, not 99"),
    (LIST, "<b>", "has steps 1 to 12, not <b>"),
])
def test_a_wrong_link_is_told_in_words_beside_a_dashboard_that_works(
        base, page_watch, of, step, told):
    page_watch.expect_console("404")
    page = page_watch.open(dashboard(base, step, "noise", of))
    expect(page.get_by_role("alert").filter(has_text=told)).to_be_visible()
    expect(page.locator(".ot-sentence")).to_be_visible()
    assert page.locator(".ot-present-bar img").count() == 0


def test_a_bad_file_names_file_line_and_field_on_the_page(serve, tmp_path, page_watch):
    """A lecturer's own list with a wrong field, served from a copy of the notebooks."""
    folder = tmp_path / "notebooks"
    (folder / "dashboards").mkdir(parents=True)
    shutil.copy(notebooks_folder() / "dashboards" / "noise.ipynb", folder / "dashboards")
    good = (notebooks_folder() / "scenarios" / f"{LIST}.yaml").read_text(encoding="utf-8")
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "mine.yaml").write_text(
        good.replace("minutes: 50", "minutes: fifty"), encoding="utf-8")
    page_watch.expect_console("422")
    page = page_watch.open(dashboard(serve(folder), 1, "noise", "mine"))
    alert = page.get_by_role("alert").filter(has_text="mine.yaml")
    expect(alert).to_contain_text("row 4")
    expect(alert).to_contain_text("minutes")
