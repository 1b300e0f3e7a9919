"""The built site in Chromium: every dashboard computes there what it computes here, and alone."""

from __future__ import annotations

import json
import subprocess
from importlib import import_module

import pytest
from playwright.sync_api import expect

from lite.build import NEEDS_SERVER, OUTPUT, _module, first_load_bytes
from lite.packages import LITE
from lite.serve import served
from osteoteach.commands.folders import notebooks_folder

NAMES = sorted(path.stem for path in (notebooks_folder() / "dashboards").glob("*.ipynb")
               if path.stem not in NEEDS_SERVER)
#: Pages whose answer follows from the settings alone, with settings unlike those at the start.
SETTINGS = {
    "diagnose": "age_years=57&lumbar_spine=-2.7",
    "reversal": "age_years=70&total_hip=-2.2&medicine=denosumab&years=7",
    "sequence": "age_years=66&years=6",
    "risk": "age_years=74&femoral_neck=-2.6",
    "noise": "site=total_hip&true_t_score=-2.4",
}
NEAR = 2e-3  # charts get four digits; the last may differ between two mathematics libraries


def close(one, other):
    """Equal, numbers to within a unit of their fourth digit."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(close(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(close, one, other))
    if isinstance(one, float):
        return one == pytest.approx(other, rel=NEAR, abs=1e-6)
    return one == other


def open_page(watch, site, name, query="", **size):
    page = watch.open(f"{site.url}dashboards/{name}.html" + (f"?{query}" if query else ""), **size)
    assert page.locator(".ot-failed").count() == 0
    return page


@pytest.fixture(scope="module")
def answers_there():
    """What each dashboard says in the browser's Python, from Node: no browser is needed."""
    modules = {_module(f"dashboards/{name}.ipynb"): name for name in NAMES}
    done = subprocess.run(["node", str(LITE / "check.mjs"), str(OUTPUT), *modules], check=True,
                          capture_output=True, text=True, cwd=LITE)
    rows = map(json.loads, done.stdout.splitlines())
    return {modules[row["name"]]: row for row in rows}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("review", "test")])
def test_the_browser_s_python_gives_the_same_sentence_and_numbers(answers_there, name):
    page = import_module(f"osteoteach.view.dashboards.{_module(f'dashboards/{name}.ipynb')}").page()
    there = answers_there[name]
    assert "error" not in there
    assert there["sentence"] == page.frame.sentence
    here = json.loads(json.dumps({key: chart.data for key, chart in page.charts.items()}))
    assert close(there["charts"], here)


@pytest.mark.parametrize("name", NAMES)
def test_every_dashboard_stands_without_errors_or_outside_requests(site, page_watch, name):
    page = open_page(page_watch, site, name)
    assert page.locator("h1").first.inner_text()
    if name not in ("cases", "test"):
        page.locator("svg.marks").first.wait_for()


@pytest.mark.parametrize(("name", "query"), SETTINGS.items())
def test_a_link_gives_the_same_answer_as_on_the_server(site, page_watch, name, query):
    page = open_page(page_watch, site, name, query)
    here = import_module(f"osteoteach.view.dashboards.{name}").page()
    here.open_link(query)
    assert here.frame.link_problems == []
    expect(page.locator(".ot-sentence")).to_have_text(here.frame.sentence)


def test_a_slider_moves_the_chart_and_what_it_says_is_what_python_computes(site, page_watch):
    page = open_page(page_watch, site, "reversal")
    page.locator("svg.marks").first.wait_for()
    before = page.locator("svg.marks").first.inner_html()
    slider = page.locator("input[type=range]").nth(0)
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    age = slider.input_value()
    here = import_module("osteoteach.view.dashboards.reversal").page()
    here.apply_state({"age_years": float(age)})
    assert float(age) == 65
    expect(page.locator(".ot-sentence")).to_have_text(here.frame.sentence)
    page.wait_for_function(
        "old => document.querySelector('svg.marks').innerHTML !== old", arg=before)


def test_after_one_visit_the_site_opens_without_a_network(page_watch):
    with served() as host:
        page = open_page(page_watch, host, "noise")
        page.evaluate("navigator.serviceWorker.ready")
        page.wait_for_function("navigator.serviceWorker.controller !== null")
        address = host.url
    # The server is gone now.
    page.goto(f"{address}dashboards/risk.html")
    page.wait_for_selector("body.ot-ready", timeout=60_000)
    page.locator("svg.marks").first.wait_for()
    page.goto(address)
    assert page.locator(".ot-tile").count() > 10


def test_an_answer_is_found_again_after_the_page_was_closed(site, page_watch):
    page = open_page(page_watch, site, "claims")
    page.evaluate("""() => new Promise((resolve, reject) => {
      const opening = indexedDB.open("osteoteach", 1);
      opening.onsuccess = () => {
        const adding = opening.result.transaction("answers", "readwrite");
        adding.objectStore("answers").add({
          answer_id: "a".repeat(32), learner: "me", item_kind: "claim", item_id: "unknown",
          item_version: "1", given: "{}", score: 1, confidence_pct: 80, tags: "[]",
          answered_at: "2026-11-22T12:00:00.000000+00:00"});
        adding.oncomplete = () => resolve();
        adding.onabort = () => reject(adding.error);
      };
    })""")
    page.goto(f"{site.url}dashboards/review.html")
    page.wait_for_selector("body.ot-ready", timeout=60_000)
    page.wait_for_function(
        "!/answered nothing yet|Reading your answers/.test(document.body.innerText)")


@pytest.mark.parametrize("name", NEEDS_SERVER)
def test_a_page_that_cannot_run_here_says_so(site, page_watch, name):
    page = page_watch.blank()
    page.goto(f"{site.url}dashboards/{name}.html")
    assert "cannot run here" in page.locator("main").inner_text()


@pytest.mark.parametrize("address", ["index.html", "dashboards/reversal.html",
                                     "dashboards/class.html"])
def test_pages_are_accessible_and_fit_a_phone(site, page_watch, axe, address):
    page = page_watch.blank(390, 844)
    page.goto(f"{site.url}{address}")
    if "reversal" in address:
        page.wait_for_selector("body.ot-ready", timeout=60_000)
        page.locator("svg.marks").first.wait_for()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_first_visit_stays_under_ten_megabytes():
    assert sum(packed for _, packed in first_load_bytes(OUTPUT)) < 10e6


RUN_ALL = """async () => {
  for (const button of document.querySelectorAll(".lite-run")) button.click();
  const busy = () => [...document.querySelectorAll(".lite-output")].some(
    (one) => !one.children.length || /^(Running|Waits for)/.test(one.textContent));
  while (busy()) await new Promise((resolve) => { setTimeout(resolve, 100); });
  return [...document.querySelectorAll(".lite-cell")].map((cell) => ({
    printed: cell.querySelector(".lite-output pre:not(.lite-error)")?.textContent ?? "",
    error: cell.querySelector(".lite-error")?.textContent ?? "",
    cannot: /cannot run here/.test(cell.innerText),
    saved: JSON.parse(cell.querySelector("script").textContent),
  }));
}"""
#: Lesson -> cells that cannot run here, and cells that need such a cell.
LESSONS = {"00_start_here": (2, 0), "01_what_a_dxa_scan_measures": (1, 0)}


@pytest.mark.parametrize(("name", "limits"), LESSONS.items())
def test_a_lesson_prints_what_the_notebook_was_saved_with(site, page_watch, axe, name, limits):
    page = page_watch.blank()
    page.goto(f"{site.url}lessons/{name}.html")
    page.wait_for_selector("body.ot-ready", timeout=60_000)
    cells = page.evaluate(RUN_ALL)
    assert sum(cell["cannot"] for cell in cells) == limits[0]
    assert sum(cell["error"] != "" for cell in cells) == limits[1]
    compared = 0
    for cell in cells:
        if cell["cannot"] or cell["error"]:
            assert cell["saved"], "a cell that cannot run shows what the lesson shows"
        elif cell["saved"]:
            assert cell["printed"] == "".join(part.get("text", "") for part in cell["saved"])
            compared += 1
    assert compared > 10
    axe(page)

def test_the_verdict_waits_until_the_browser_has_stored_the_answer(site, page_watch):
    """No feedback before the answer is safe; then it is there on the next visit."""
    slow = (OUTPUT / "python" / "answers.js").read_text().replace(
        "oncomplete = () => resolve();", "oncomplete = () => setTimeout(resolve, 5_000);")
    assert "5_000" in slow
    page = page_watch.blank()
    page.route("**/python/answers.js",
               lambda route: route.fulfill(body=slow, content_type="text/javascript"))
    page.goto(f"{site.url}dashboards/claims.html")
    page.wait_for_selector("body.ot-ready", timeout=60_000)
    page.get_by_role("radio", name="Contested").check()
    page.get_by_role("radio", name="50").check()
    page.get_by_role("button", name="Commit").click()
    after_click = page.evaluate("performance.now()")
    page.get_by_text("The evidence:").wait_for(timeout=30_000)
    assert page.evaluate("performance.now()") - after_click > 4_500
    page.unroute_all()
    page.goto(f"{site.url}dashboards/claims.html")
    page.wait_for_selector("body.ot-ready", timeout=60_000)
    expect(page.get_by_role("status")).to_contain_text("You have judged 1 of")
