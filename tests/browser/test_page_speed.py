"""A page under a fast hand: what it shows in the end, and what crosses to it meanwhile."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from benchmarks.page_bytes import GOAL_BYTES
from benchmarks.pages import DRAG, WATCH
from benchmarks.served_pages import received_bytes
from osteoteach.commands.folders import notebooks_folder

#: The slider of each page that a hand drags.
CONTROLS = {"diagnose": "total_hip", "reversal": "total_hip", "sequence": "years",
            "risk": "femoral_neck", "population": "cut_off", "noise": "precision_pct"}

MINUS = "\N{MINUS SIGN}"

# What a reader sees and hears of every chart: its words, and the lines and areas themselves.
SHOWN = """() => ({
  sentence: document.querySelector('.ot-sentence').textContent,
  words: [...document.querySelectorAll('.osteoteach-picture')].map(
    (node) => node.getAttribute('aria-label')),
  texts: [...document.querySelectorAll('svg.marks')].map((svg) => [...svg.querySelectorAll(
    '.mark-text text')].map((text) => text.textContent.trim()).filter(Boolean).sort()),
  marks: [...document.querySelectorAll('svg.marks')].map((svg) => [...svg.querySelectorAll(
    '.mark-line path, .mark-area path, .mark-symbol path, .mark-rect path')].map(
    (path) => path.getAttribute('d')).sort()),
  folds: [...document.querySelectorAll('.ot-fold-body')].map((fold) => fold.textContent),
})"""


@pytest.fixture(scope="module")
def address(serve):
    base = serve(notebooks_folder())
    return lambda name, query="": f"{base}/voila/render/dashboards/{name}.ipynb{query}"


def at_rest(page: Page) -> dict:
    """What the page shows once nothing changes any more."""
    page.wait_for_selector(".ot-page[data-ready]")
    before, now = None, page.evaluate(SHOWN)
    while now != before:
        page.wait_for_timeout(400)
        before, now = now, page.evaluate(SHOWN)
    return now


def test_a_chart_whose_engine_did_not_come_as_a_file_asks_for_it(address, page_watch):
    page = page_watch.blank()
    page_watch.expect_console("vega_runtime.js")
    page.route("**/vega_runtime.js", lambda route: route.abort())
    received = received_bytes(page.context, page)
    page.goto(address("noise"), wait_until="commit")
    page.wait_for_selector("svg.marks", state="attached")
    assert max(received) > 800_000


def test_a_page_brings_each_script_once_and_no_engine(address, page_watch):
    page = page_watch.blank()
    received = received_bytes(page.context, page)
    page.goto(address("sequence"), wait_until="commit")
    page.wait_for_selector(".ot-page[data-ready]")
    assert sum(received) < 400_000


@pytest.mark.parametrize("name", CONTROLS)
def test_a_drag_of_100_events_a_second_ends_right(name, address, page_watch):
    """After the last event every chart, sentence and fold is that of the last value.

    A fresh page, opened by the link of that scenario, draws the same marks: so a chart
    that was changed in place a hundred times equals one that is drawn once.
    """
    page = page_watch.blank()
    frames = received_bytes(page.context, page)
    page.goto(address(name), wait_until="commit")
    start = at_rest(page)
    handle = f".ot-control[data-name={CONTROLS[name]}] input[type=range]"
    page.evaluate(WATCH, [handle, 0])
    frames.clear()
    dragged = page.evaluate(DRAG, [handle, 0, 100, 1000])
    shown = at_rest(page)
    assert shown != start
    assert dragged["redraws"] >= 3
    # No message of the drag is as large as an update may be, folds included.
    assert max(frames) < GOAL_BYTES
    box = page.locator(f".ot-control[data-name={CONTROLS[name]}] input[type=text]")
    query = f"?{CONTROLS[name]}={box.input_value().replace(MINUS, '-')}"
    fresh = page_watch.blank()
    fresh.goto(address(name, query), wait_until="commit")
    assert at_rest(fresh) == shown


def test_the_largest_plan_stays_below_the_limit(address, page_watch):
    """An update of `sequence` was 43 kB once; six medicines are the most."""
    plan = ",".join(f"{name}:{2 * place}-{2 * place + 2}" for place, name in enumerate(
        ("alendronate", "denosumab", "romosozumab", "teriparatide", "zoledronate", "raloxifene")))
    page = page_watch.blank()
    frames = received_bytes(page.context, page)
    page.goto(address("sequence", f"?plan={plan}"), wait_until="commit")
    at_rest(page)
    expect(page.locator(".ot-control[data-name=plan]").get_by_role("slider")).to_have_count(18)
    end = page.locator(".ot-control[data-name=plan]").get_by_role("slider").last
    frames.clear()
    end.press("ArrowLeft")
    at_rest(page)
    assert 0 < sum(frames) < GOAL_BYTES
    expect(page.locator(".ot-banner")).to_have_count(0)
