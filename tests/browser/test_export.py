"""Exported scenarios opened from the disk: charts live, no console error, no request at all."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from osteoteach.view.export import export_list
from osteoteach.view.export.folder import file_names
from osteoteach.view.presenting.scenarios import load_list

SHIPPED = load_list("can_it_be_reversed")
NAMES = file_names(SHIPPED)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    target = tmp_path_factory.mktemp("export")
    export_list(SHIPPED, target)
    return target


def open_file(watch, path, width=1366, height=768, **context):
    page = watch.blank(width, height, **context)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    if path.name != "index.html":
        page.locator("svg.marks").first.wait_for()
    assert [url for url in asked if not url.startswith(("file:", "blob:", "data:"))] == []
    assert [url for url in asked if url.startswith("file:")] == [path.as_uri()]
    return page


@pytest.mark.parametrize("number", [1, 4, 7, 9, 11, 12])
def test_every_chart_of_a_dashboard_is_drawn(folder, page_watch, number):
    page = open_file(page_watch, folder / NAMES[number - 1])
    places = page.locator(".ot-chart").count()
    assert places >= 1
    page.wait_for_function(
        "count => document.querySelectorAll('svg.marks').length === count", arg=places)
    assert page.locator(".osteoteach-message:visible").count() == 0


def test_a_chart_answers_to_the_pointer_and_shows_its_table(folder, page_watch):
    page = open_file(page_watch, folder / NAMES[8])
    chart = page.locator('[data-chart="density"]')
    # A published number says whose it is.
    chart.locator("svg.marks .mark-symbol path").nth(3).hover(force=True)
    page.locator("#vg-tooltip-element.visible").wait_for()
    chart.get_by_role("button", name="Show as table").click()
    expect(chart.locator("table").first).to_be_visible()


def test_the_chart_follows_the_width(folder, page_watch):
    page = open_file(page_watch, folder / NAMES[6])
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("""() => [...document.querySelectorAll("svg.marks")]
      .every((one) => one.getBoundingClientRect().right <= 390)""")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [NAMES[8], "index.html"])
def test_pages_are_accessible_in_both_themes_and_on_a_phone(folder, page_watch, axe, scheme, name):
    page = open_file(page_watch, folder / name, 390, 844, color_scheme=scheme)
    axe(page)
    assert page.evaluate("document.documentElement.dataset.otTheme") == scheme
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_next_leads_to_the_next_scenario(folder, page_watch):
    page = open_file(page_watch, folder / NAMES[0])
    page.get_by_role("link", name="Next").click()
    page.wait_for_url(f"**/{NAMES[1]}")
    page.get_by_role("link", name="All scenarios").click()
    page.wait_for_url("**/index.html")


def test_on_paper_the_folds_are_open(folder, page_watch):
    page = open_file(page_watch, folder / NAMES[6])
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("details:not([open])").count() > 0
