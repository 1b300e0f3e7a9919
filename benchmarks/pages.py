"""Pages in real Chromium: slider to redraw beside a bare echo, and time to first chart.

Everything is measured in one run on one server: a page with nothing but an
ipywidgets slider and a label is the floor, and each dashboard is compared with it.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from osteoteach.commands.folders import notebooks_folder
from osteoteach.view.serving import find_free_port, voila_command
from tests.browser.conftest import chromium_options

__all__ = ["run"]

MOVES, LOADS = 60, 5
FLOOR = [
    "import ipywidgets as w",
    "slider = w.IntSlider(value=50, description='Value')\n"
    "label = w.Label(value='50')\n"
    "slider.observe(lambda change: setattr(label, 'value', str(change['new'])), 'value')\n"
    "w.VBox([slider, label])",
]
#: Page -> (sliders, which of them moves, what must change when it has moved).
PAGES = {
    "slider_only": (".noUi-handle", 0, ".widget-label:not(.widget-slider *)"),
    "diagnose": ("input[type=range]", 1, "svg.marks"),
    "reversal": ("input[type=range]", 3, "svg.marks"),
    "sequence": ("input[type=range]", 1, "svg.marks"),
    "risk": ("input[type=range]", 1, "svg.marks"),
    "population": ("input[type=range]", 0, "svg.marks"),
    "noise": ("input[type=range]", 0, "svg.marks"),
}
LATENCY = """([sliders, which, watched]) => {
  const target = document.querySelectorAll(watched);
  window.otTimes = [];
  let pressed = 0;
  const slider = document.querySelectorAll(sliders)[which];
  slider.focus();
  slider.addEventListener('keydown', () => {
    pressed = performance.now();
  }, true);
  const seen = new MutationObserver(() => {
    if (pressed) { window.otTimes.push(performance.now() - pressed); pressed = 0; }
  });
  for (const node of target) seen.observe(node, {
    subtree: true, childList: true, characterData: true, attributes: true});
}"""


def run() -> None:
    """Print medians, p95 and ratios. Goals: slider 1.5, first chart 1.2 times the floor."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        notebooks = _notebooks(Path(folder))
        url, server = _serve(notebooks)
        browser = playwright.chromium.launch(**chromium_options())
        try:
            loads = {name: [] for name in PAGES}
            moves = {name: [] for name in PAGES}
            for round_number in range(LOADS + 1):
                for name in PAGES:
                    seconds, times = _visit(browser, url, name)
                    if round_number:  # the first round warms the disk caches
                        loads[name].append(seconds)
                        moves[name] += times
            _report(loads, moves)
        finally:
            browser.close()
            server.terminate()
            server.wait(20)


def _notebooks(folder: Path) -> Path:
    target = folder / "dashboards"
    shutil.copytree(notebooks_folder() / "dashboards", target,
                    ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    model = json.loads((target / "noise.ipynb").read_text(encoding="utf-8"))
    for cell, source in zip(model["cells"], FLOOR, strict=True):
        cell["source"] = source
    (target / "slider_only.ipynb").write_text(json.dumps(model), encoding="utf-8")
    return folder


def _serve(notebooks: Path) -> tuple[str, subprocess.Popen]:
    port = find_free_port(0)
    argv, environment = voila_command(notebooks, port, open_browser=False)
    server = subprocess.Popen(argv, env=environment, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return url, server
        except OSError:
            time.sleep(0.2)
    server.terminate()
    sys.exit("The server did not start.")


def _visit(browser, url: str, name: str) -> tuple[float, list[float]]:
    """Load a page with an empty cache, then press the arrow key on its first slider."""
    sliders, which, watched = PAGES[name]
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    start = time.perf_counter()
    page.goto(f"{url}/voila/render/dashboards/{name}.ipynb", wait_until="commit")
    page.wait_for_selector(watched, state="attached", timeout=60_000)
    seconds = time.perf_counter() - start
    page.wait_for_timeout(1000)
    page.evaluate(LATENCY, [sliders, which, watched])
    for move in range(MOVES // LOADS):
        page.keyboard.press("ArrowRight" if move % 2 else "ArrowLeft")
        page.wait_for_timeout(120)
    times = page.evaluate("window.otTimes")
    context.close()
    return seconds, times


def _report(loads: dict[str, list[float]], moves: dict[str, list[float]]) -> None:
    floor_load = statistics.median(loads["slider_only"])
    floor = _p(moves["slider_only"], 0.5), _p(moves["slider_only"], 0.95)
    print(f"{'page':12} {'first chart s':>14} {'ratio':>6}   {'move p50 ms':>11} {'p95':>6} "
          f"{'ratio p50':>9} {'p95':>6}  moves")
    for name in PAGES:
        load = statistics.median(loads[name])
        p50, p95 = _p(moves[name], 0.5), _p(moves[name], 0.95)
        print(f"{name:12} {load:14.2f} {load / floor_load:6.2f}   {p50:11.1f} {p95:6.1f} "
              f"{p50 / floor[0]:9.2f} {p95 / floor[1]:6.2f}  {len(moves[name])}")


def _p(values: list[float], share: float) -> float:
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]
