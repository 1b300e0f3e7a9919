"""The page "Start, stop, switch" in real Chromium: examples, warnings, plan, own scan."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from osteoteach.commands.folders import notebooks_folder
from osteoteach.view.dashboards.sequence import READY
from tests.browser.test_dashboards import sentence


@pytest.fixture(scope="module")
def address(serve):
    base = serve(notebooks_folder())
    return f"{base}/voila/render/dashboards/sequence.ipynb"


@pytest.fixture
def page(address, page_watch):
    page = page_watch.open(address)
    expect(page.locator("svg.marks").first).to_be_visible()
    return page


def change(page) -> float:
    """The change that the sentence states, %."""
    found = re.search(r"changes by ([+−]?[\d.]+)%", sentence(page).inner_text())
    return float(found.group(1).replace("−", "-"))


def test_a_link_with_one_plan_shows_it_whole_at_every_opening(address, page_watch):
    """One in seven openings lost every box of the plan: Chromium 156, a container query."""
    query = "?ready=own&compare=none&plan=teriparatide:0-2,alendronate:2-7"
    for _ in range(5):
        page = page_watch.open(address + query)
        plans = page.locator(".ot-plan")
        assert plans.first.bounding_box()["height"] > 300
        expect(plans.nth(1)).to_be_hidden()
        page.close()


@pytest.mark.parametrize("key", READY)
def test_each_example_loads_both_plans_and_its_years(page, key):
    """A ready comparison is two plans and a time to look at; the sentence names both."""
    label, first, _, years = READY[key]
    other = next(name for name in READY if name != key)
    page.get_by_label("Example").select_option(READY[other][0])
    page.get_by_label("Example").select_option(label)
    words = "1 year" if years == 1 else f"{years:g} years"
    expect(sentence(page)).to_contain_text(f"in {words} (")
    expect(sentence(page)).to_contain_text("With the second plan")
    names = {"romosozumab": "Romosozumab", "denosumab": "Denosumab",
             "alendronate": "Alendronate", "teriparatide": "Teriparatide"}
    plan = page.locator(".ot-control[data-name=plan]")
    expect(plan.get_by_role("combobox").first.locator("option:checked")).to_have_text(
        names[first[0]["medicine"]])


def test_stopping_denosumab_is_warned_of_and_a_follow_on_takes_the_warning_away(page):
    """cummings_2018: rebound with multiple vertebral fractures after stopping."""
    page.get_by_label("Example").select_option(READY["denosumab_stop"][0])
    warnings = page.locator(".ot-warnings")
    expect(warnings).to_contain_text("rebound")
    stopped = change(page)
    plan = page.locator(".ot-control[data-name=plan]")
    plan.get_by_role("button", name="Add a course").click()
    plan.get_by_role("combobox").nth(1).select_option("Zoledronate, yearly")
    expect(warnings).not_to_contain_text("rebound")
    assert change(page) > stopped + 1


def test_moving_the_end_of_a_course_by_key_moves_the_answer(page):
    """A month more of alendronate in the plan changes the sentence; the chart stays the same."""
    page.get_by_label("Example").select_option(READY["bisphosphonate_holiday"][0])
    expect(sentence(page)).to_contain_text("in 10 years")
    svg = page.locator("svg.marks").first
    svg.evaluate("node => { node.dataset.kept = 'yes'; }")
    before = change(page)
    end = page.locator(".ot-control[data-name=plan]").get_by_role(
        "slider", name=re.compile("Alendronate, end"))
    for _ in range(3):
        end.press("PageUp")
    expect(sentence(page)).not_to_contain_text(f"{before:+.1f}%".replace("-", "−"))
    assert change(page) > before
    assert svg.evaluate("node => node.dataset.kept") == "yes"


def test_published_numbers_stand_on_the_chart_and_say_whether_the_fit_saw_them(page):
    """Romosozumab then alendronate is an arm of ARCH: its numbers are marked."""
    description = page.locator("[data-chart=density]").get_by_role("img").first
    expect(description).to_have_attribute(
        "aria-label", re.compile(r"[1-9]\d* published numbers are marked, from trials"))
    text = page.locator("[data-chart=density]").inner_text()
    assert "seen by the fit" in text


def test_a_later_scan_of_her_own_changes_the_forecast(page):
    """A poor second scan lowers the forecast, by less than it says."""
    page.get_by_label("Example").select_option(READY["bisphosphonate_holiday"][0])
    expect(sentence(page)).to_contain_text("in 10 years")
    before = change(page)
    expect(page.get_by_role("textbox", name="T-score then")).to_be_hidden()
    page.get_by_label("A later scan at this site is known").check()
    box = page.get_by_role("textbox", name="T-score then")
    box.fill("-2.8")
    box.press("Enter")
    expect(sentence(page)).not_to_contain_text(f"{before:+.1f}%".replace("-", "−"))
    assert change(page) < before


def test_a_number_box_shows_the_true_minus_of_the_slider_and_takes_a_typed_hyphen(page):
    box = page.get_by_role("textbox", name="Total hip")
    expect(box).to_have_value("\u22122.4")
    box.fill("-2.9")
    box.press("Enter")
    expect(sentence(page)).to_contain_text("T-score \u22122.9 to")
    box.fill("-2.9")
    box.press("Enter")
    expect(box).to_have_value("\u22122.9")
    page.get_by_role("slider", name="Total hip").press("ArrowRight")
    expect(box).to_have_value("\u22122.8")


def test_kidney_and_heart_call_their_warnings(page):
    """Romosozumab within a year of a heart attack is contraindicated; it still simulates."""
    page.get_by_label("Heart attack or stroke").select_option("In the past year")
    warnings = page.locator(".ot-warnings")
    expect(warnings).to_contain_text("Contraindicated")
    expect(warnings).to_contain_text("heart attack or stroke")
    box = page.get_by_role("textbox", name="Kidney function (eGFR)")
    box.fill("25")
    box.press("Enter")
    expect(warnings).to_contain_text("creatinine clearance")
