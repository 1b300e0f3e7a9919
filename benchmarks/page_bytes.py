"""What crosses the websocket to a page for each update, counted in Chromium.

Every slider goes to both ends, every list through all its options, every switch is
pressed. Counted are all messages until the page has come to rest, folds included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.served_pages import first_chart_s, received_bytes, served

__all__ = ["GOAL_BYTES", "SIMULATORS", "largest_updates", "run"]

SIMULATORS = ("diagnose", "reversal", "sequence", "risk", "noise", "population")
GOAL_BYTES = 40_000
#: After so long without a message an update is over: longer than folds wait.
QUIET_MS = 180


def run() -> None:
    """Print the largest update of every page by the kind of control."""
    print(f"goal: at most {GOAL_BYTES:,} bytes an update")
    with served() as (browser, url):
        for name in SIMULATORS:
            context = browser.new_context(viewport={"width": 1366, "height": 768})
            page = context.new_page()
            frames = received_bytes(context, page)
            first_chart_s(page, url, name)
            page.wait_for_selector(".ot-page[data-ready]")
            most = largest_updates(page, frames)
            told = ", ".join(f"{kind} {size:,} ({label})"
                             for kind, (size, label) in most.items())
            print(f"{name:12} {told}")
            context.close()


def largest_updates(page: Any, frames: list[int]) -> dict[str, tuple[int, str]]:
    """Return bytes and control of the largest update, by the kind of control.

    Parameters
    ----------
    page : playwright.sync_api.Page
        A dashboard at rest.
    frames : list of int
        From :func:`~benchmarks.served_pages.received_bytes`.
    """
    most: dict[str, tuple[int, str]] = {}
    for kind, label, act in _acts(page):
        frames.clear()
        act()
        _wait_for_rest(page, frames)
        most[kind] = max(most.get(kind, (0, "")), (sum(frames), label))
    return most


def _acts(page: Any) -> Iterator[tuple[str, str, Callable[[], Any]]]:
    for slider in page.get_by_role("slider").all():
        label = slider.evaluate("node => node.closest('.ot-control').dataset.name")
        kind = "plan" if "plan" in label else "slider"
        for key in ("Home", "End"):
            if slider.is_visible():
                yield kind, f"{label} {key}", lambda slider=slider, key=key: slider.press(key)
    for select in page.locator("[data-name] > .ot-head > select").all():
        label = select.evaluate("node => node.closest('.ot-control').dataset.name")
        for place in range(select.locator("option").count() if select.is_visible() else 0):
            yield ("choice", f"{label} {place}",
                   lambda select=select, place=place: select.select_option(index=place))
    for box in page.locator(".ot-check > input").all():
        yield "switch", "", box.click
    for button in page.locator(".ot-button").all():
        yield "button", "", button.click
    yield "reset", "", page.get_by_role("button", name="Reset").click


def _wait_for_rest(page: Any, frames: list[int]) -> None:
    counted = -1
    while counted != len(frames):
        counted = len(frames)
        page.wait_for_timeout(QUIET_MS)
