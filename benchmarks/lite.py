"""The site without a server beside Voila, in one run: first bytes, first chart, slider.

``make lite-bench`` builds the site and runs this. Both are served on this computer, so a
real network adds its own time for the bytes; the "10 Mbit/s" column says how much at least.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.first_change import LATENCY, PAGES
from benchmarks.pages import _p
from benchmarks.served_pages import _notebooks, _serve
from lite.serve import served
from tests.browser.conftest import chromium_options

__all__ = ["run"]

#: The smallest page, the one in the middle, and the one that computes most.
NAMES = ("noise", "reversal", "sequence")
ROUNDS, MOVES = 2, 15


def run() -> None:
    """Print medians: Voila, the site's first visit, and a later visit."""
    from playwright.sync_api import sync_playwright

    found: dict[tuple[str, str], list[tuple[float, list[float]]]] = {}
    with tempfile.TemporaryDirectory() as folder, served() as site, sync_playwright() as play:
        voila, server = _serve(_notebooks(Path(folder)))
        browser = play.chromium.launch(**chromium_options())
        try:
            for round_number in range(ROUNDS + 1):
                for name in NAMES:
                    visits = _visits(browser, name, voila, site.url)
                    if round_number:  # the first round warms the disk caches
                        for kind, seen in visits.items():
                            found.setdefault((name, kind), []).append(seen)
        finally:
            browser.close()
            server.terminate()
            server.wait(20)
    _report(found)


def _visits(browser, name: str, voila: str, site: str) -> dict:
    """One visit to Voila, and two to the site by the same browser."""
    seen = {}
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    seen["voila"] = _visit(context, f"{voila}/voila/render/dashboards/{name}.ipynb", name)
    context.close()
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    address = f"{site}dashboards/{name}.html"
    seen["lite, first"] = _visit(context, address, name)
    seen["lite, again"] = _visit(context, address, name)
    context.close()
    return seen


def _visit(context, address: str, name: str) -> tuple[float, list[float]]:
    sliders, which, watched = PAGES[name]
    page = context.new_page()
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_selector(watched, state="visible", timeout=120_000)
    seconds = time.perf_counter() - start
    page.wait_for_timeout(1000)
    page.evaluate(LATENCY, [sliders, which, watched])
    for move in range(MOVES):
        page.keyboard.press("ArrowRight" if move % 2 else "ArrowLeft")
        page.wait_for_timeout(150)
    times = page.evaluate("window.otTimes")
    page.close()
    return seconds, times


def _report(found: dict) -> None:
    from lite.build import OUTPUT, first_load_bytes

    raw, packed = map(sum, zip(*first_load_bytes(OUTPUT), strict=True))
    print(f"a first visit to the site: {packed / 1e6:.1f} MB compressed, {raw / 1e6:.1f} MB raw; "
          f"{packed * 8 / 10e6:.0f} s at 10 Mbit/s")
    print(f"{'page':12} {'kind':12} {'first chart s':>14} {'move p50 ms':>12} {'p95':>6}  moves")
    for (name, kind), visits in found.items():
        moves = [one for visit in visits for one in visit[1]]
        print(f"{name:12} {kind:12} {statistics.median(v[0] for v in visits):14.2f} "
              f"{_p(moves, 0.5):12.1f} {_p(moves, 0.95):6.1f}  {len(moves)}")
