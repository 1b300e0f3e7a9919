"""`osteoteach serve` in a real browser: a page that was built ahead, and a room that is full."""

from __future__ import annotations

import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from osteoteach.view.serving import class_command, find_free_port

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PAGE = "voila/render/dashboards/noise.ipynb"


@pytest.fixture
def one_place(tmp_path):
    """A class server with a single place, whose page is built already."""
    (tmp_path / "dashboards").mkdir()
    shutil.copy(NOTEBOOKS / "dashboards" / "noise.ipynb", tmp_path / "dashboards")
    port = find_free_port(0)
    argv, env = class_command(tmp_path, port, max_kernels=1)
    argv += ["--ClassServer.look_again_seconds=1"]
    env |= {"JUPYTER_CONFIG_DIR": str(tmp_path / "config"), "IPYTHONDIR": str(tmp_path / "i")}
    log = tmp_path / "server.log"
    with log.open("wb") as out:
        server = subprocess.Popen(argv, env=env, stdout=out, stderr=out)
    url = f"http://127.0.0.1:{port}/"
    for _ in range(600):
        try:
            if b'"waiting": 1' in urllib.request.urlopen(f"{url}health", timeout=5).read():
                break
        except OSError:
            pass
        time.sleep(0.1)
    else:
        pytest.fail(log.read_text(encoding="utf-8")[-3000:])
    yield url
    server.terminate()
    server.wait(30)


def test_prepared_page_works_and_the_next_visitor_waits_until_its_tab_closes(
        one_place, page_watch, axe):
    page = page_watch.open(f"{one_place}{PAGE}?site=femoral_neck")
    chart = page.locator(".ot-chart svg.marks").first
    before = chart.get_attribute("aria-label") or chart.inner_html()
    page.locator("input[type=range]").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "before => { const svg = document.querySelector('.ot-chart svg.marks');"
        " return (svg.getAttribute('aria-label') || svg.innerHTML) !== before; }", arg=before)
    assert "site=femoral_neck" in page.locator(".ot-page").evaluate("() => location.search")

    page_watch.expect_console("503")
    late = page_watch.blank(390, 844)
    answer = late.goto(f"{one_place}{PAGE}?site=femoral_neck")
    assert answer.status == 503
    assert late.locator("h1").inner_text() == "The room is full"
    assert late.evaluate("document.documentElement.scrollWidth") <= 390
    axe(late)
    page.close(run_before_unload=True)
    # By itself, with the link it was opened with.
    late.wait_for_selector("body.ot-ready", timeout=60_000)
    assert late.url.endswith("noise.ipynb?site=femoral_neck")
