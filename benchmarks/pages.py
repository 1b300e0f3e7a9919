"""Pages in real Chromium beside a bare echo: first chart, redraw and drag.

Everything is measured in one run on one server: a page with nothing but an ipywidgets
slider and a label is the floor, and each dashboard is compared with it. Pages take
turns, so that a busy minute of the machine falls on all of them.

``python -m benchmarks pages`` measures all pages; ``OSTEOTEACH_BENCH=risk,noise`` some.
"""

from __future__ import annotations

import os
import statistics
from dataclasses import dataclass, field

from benchmarks.served_pages import first_chart_s, received_bytes, served

__all__ = ["run"]

MOVES, VISITS = 120, 5
REST_MS = 300
#: First charts vary by a tenth from one to the next: so many, and each page beside the floor.
LOADS = 15
DRAG_EVENTS, DRAG_MS = 100, 1000
#: Goals of a page: ratios to the floor of the same run, and ms over it.
GOAL_REDRAW, GOAL_FIRST, GOAL_DRAG_MS = 1.5, 1.2, 150
#: Page -> (sliders, which of them moves). The floor's handle is ipywidgets' own. After a colon:
#: another slider of the page; its first chart is not measured again.
PAGES = {
    "slider_only": (".noUi-handle", 0),
    "diagnose": ("input[type=range]", 1),
    "reversal": ("input[type=range]", 3),
    "sequence": ("input[type=range]", 1),
    "sequence:plan": (".ot-plan-end[role=slider]", 1),
    "risk": ("input[type=range]", 1),
    "population": ("input[type=range]", 0),
    "noise": ("input[type=range]", 0),
}

# Notes when each chart, or the floor's label, changes; a chart is seen if it is in the window.
WATCH = """([sliders, which]) => {
  const charts = [...document.querySelectorAll('svg.marks')];
  const watched = charts.length ? charts
    : [document.querySelector('.widget-label:not(.widget-slider *)')];
  const slider = document.querySelectorAll(sliders)[which];
  slider.focus();
  const isSeen = (node) => {
    const box = node.getBoundingClientRect();
    return box.top < window.innerHeight && box.bottom > 0;
  };
  const bench = { seen: watched.map(isSeen), changes: [], pressed: 0, last: null, value: null };
  window.otBench = bench;
  slider.addEventListener('keydown', () => { bench.pressed = performance.now(); }, true);
  watched.forEach((node, place) => new MutationObserver(() => {
    bench.last = performance.now();
    bench.changes.push([place, bench.last - bench.pressed]);
  }).observe(node, { subtree: true, childList: true, characterData: true, attributes: true }));
}"""

# A hand on the slider: events every 10 ms from one end of a stretch to the other. What the
# page shows in the end is compared with the same value set alone (test_page_speed.py).
DRAG = """([sliders, which, events, span]) => new Promise((resolve) => {
  const bench = window.otBench;
  const slider = document.querySelectorAll(sliders)[which];
  bench.changes.length = 0;
  let sent = 0;
  const began = performance.now();
  bench.pressed = began;
  const isRange = slider.matches('input[type=range]');
  const low = Number(slider.min), high = Number(slider.max), from = Number(slider.value);
  // Away from where it stands, so that the last event changes something.
  const to = from - low > high - from ? low + 0.2 * (high - low) : high - 0.2 * (high - low);
  const move = () => {
    sent += 1;
    if (isRange) {
      slider.value = from + (to - from) * sent / events;
      slider.dispatchEvent(new Event('input', { bubbles: true }));
    } else {
      const key = sent <= events / 2 ? 'ArrowRight' : 'ArrowLeft';
      slider.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    }
    if (sent < events) {
      setTimeout(move, Math.max(0, began + sent * span / events - performance.now()));
    } else {
      const ended = performance.now();
      setTimeout(() => resolve({
        behind: Math.max(0, bench.last - ended),
        redraws: bench.changes.filter(([place]) => place === bench.changes[0][0]).length,
      }), 1500);
    }
  };
  move();
})"""


@dataclass
class Measured:
    """What was measured on one page, in all its visits."""

    loads_s: list[float] = field(default_factory=list)
    first_ms: list[float] = field(default_factory=list)
    seen_ms: list[float] = field(default_factory=list)
    opening_ms: list[float] = field(default_factory=list)
    all_ms: list[float] = field(default_factory=list)
    behind_ms: list[float] = field(default_factory=list)
    redraws: list[int] = field(default_factory=list)
    bytes_per_move: list[int] = field(default_factory=list)


def run() -> None:
    """Print medians, p95 and ratios beside the goals."""
    chosen = os.environ.get("OSTEOTEACH_BENCH", "").split(",")
    pages = [name for name in PAGES if name == "slider_only" or chosen == [""] or name in chosen]
    measured = {name: Measured() for name in pages}
    with served() as (browser, url):
        # The first round of each kind warms the disk caches.
        for round_number in range(LOADS + 1):
            for name in (one for one in pages if ":" not in one):
                _load(browser, url, name, measured[name] if round_number else Measured())
        for round_number in range(VISITS + 1):
            for name in pages:
                _visit(browser, url, name, measured[name] if round_number else Measured())
    _report(measured)


def _load(browser, url: str, name: str, into: Measured) -> None:
    """Load a page with an empty cache, and let it come to rest."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    try:
        page = context.new_page()
        into.loads_s.append(first_chart_s(page, url, name))
        page.wait_for_timeout(700)
    finally:
        context.close()


def _visit(browser, url: str, name: str, into: Measured) -> None:
    """Press arrow keys on the slider of a page just opened, then drag it."""
    sliders, which = PAGES[name]
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    try:
        page = context.new_page()
        frames = received_bytes(context, page)
        first_chart_s(page, url, name.partition(":")[0])
        page.wait_for_timeout(1500)
        page.evaluate(WATCH, [sliders, which])
        # As between two moves: a hand that comes to a slider does not move it at once.
        page.wait_for_timeout(REST_MS)
        before = len(into.seen_ms)
        for move in range(MOVES // VISITS):
            _one_move(page, "ArrowRight" if (move // 3) % 2 else "ArrowLeft", frames, into)
        into.opening_ms += into.seen_ms[before:before + 1]
        dragged = page.evaluate(DRAG, [sliders, which, DRAG_EVENTS, DRAG_MS])
        into.behind_ms.append(dragged["behind"])
        into.redraws.append(dragged["redraws"])
    finally:
        context.close()


def _one_move(page, key: str, frames: list[int], into: Measured) -> None:
    page.evaluate("window.otBench.changes.length = 0")
    frames.clear()
    page.keyboard.press(key)
    page.wait_for_timeout(REST_MS)
    changes, seen = page.evaluate("[window.otBench.changes, window.otBench.seen]")
    if not changes:
        return
    into.first_ms.append(min(at for _, at in changes))
    into.all_ms.append(max(at for _, at in changes))
    into.seen_ms.append(max((at for place, at in changes if seen[place]),
                            default=into.first_ms[-1]))
    into.bytes_per_move.append(sum(frames))


def _report(measured: dict[str, Measured]) -> None:
    floor = measured["slider_only"]
    floor_load = statistics.median(floor.loads_s)
    print(f"goals: redraw p95 {GOAL_REDRAW}, first chart {GOAL_FIRST} times the floor; drag "
          f"{GOAL_DRAG_MS} ms over it. Redraw is that of the last chart in the window, "
          f"over {MOVES} moves of {VISITS} visits; 'first' is the first move of a visit.")
    print(f"{'page':13} {'first chart s':>14} {'ratio':>6} | {'redraw p50':>10} {'p95':>6} "
          f"{'ratio p50':>9} {'p95':>5} {'first':>5} | {'one chart p95':>13} {'all':>5} | "
          f"{'drag ms':>7} {'over':>5} {'redraws':>7} | bytes a move")
    for name, one in measured.items():
        load, behind = (statistics.median(times or [float("nan")])
                        for times in (one.loads_s, one.behind_ms))
        p50, p95 = _p(one.seen_ms, 0.5), _p(one.seen_ms, 0.95)
        ratios = [_p(times, 0.95) / _p(floor.seen_ms, 0.95) for times in (
            one.seen_ms, one.first_ms, one.all_ms)]
        print(f"{name:13} {load:14.2f} {load / floor_load:6.2f} | {p50:10.1f} {p95:6.1f} "
              f"{p50 / _p(floor.seen_ms, 0.5):9.2f} {ratios[0]:5.2f} "
              f"{_p(one.opening_ms, 0.5) / _p(floor.opening_ms, 0.5):5.2f} | {ratios[1]:13.2f} "
              f"{ratios[2]:5.2f} | {behind:7.0f} "
              f"{behind - statistics.median(floor.behind_ms):5.0f} "
              f"{statistics.median(one.redraws):7.0f} | {max(one.bytes_per_move):,}")


def _p(values: list[float], share: float) -> float:
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]
