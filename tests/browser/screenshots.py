"""``make screenshots``: every page in its sizes, themes and extremes, to be looked at by a person.

``python -m tests.browser.screenshots risk noise --sizes phone --themes dark --states low high``
takes a few. All of it is written to ``screenshots/`` (not kept in git), with one contact
sheet a page; ``--cards`` renews the pictures that are kept, one for each card of the gallery.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, sync_playwright

from osteoteach.commands.folders import notebooks_folder
from osteoteach.view.presenting.scenarios import load_list
from osteoteach.view.serving import JUPYTER_DIR, find_free_port, voila_command
from tests.browser.class_voters import wait_until_up
from tests.browser.conftest import chromium_options
from tests.browser.screenshot_pages import FURTHER
from tests.browser.screenshot_sheets import write_sheet

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "screenshots"
CARDS = JUPYTER_DIR / "voila" / "templates" / "osteoteach" / "static"
GALLERY = "gallery"
DASHBOARDS = sorted(path.stem for path in (notebooks_folder() / "dashboards").glob("*.ipynb"))
#: Width and height in CSS pixels, and device pixels per CSS pixel.
SIZES = {
    "projector": (1920, 1080, 1),
    "laptop": (1366, 768, 1),
    "phone": (390, 844, 1),
    "zoom200": (683, 384, 2),  # a laptop's window at 200%
}
THEMES = ("light", "dark")
EXTREMES = {"low": "Home", "high": "End"}
STATES = ("rest", *EXTREMES, "ask", "present", "print", "work")
#: A state that is looked at in some sizes only.
SIZES_OF = {"present": ("projector", "laptop"), "print": ("laptop",), "ask": ("laptop", "phone"),
            "low": ("laptop", "phone"), "high": ("laptop", "phone")}
LIST = "can_it_be_reversed"
#: A plan whose warnings leave room for a chart.
CARD_SETTINGS = {"sequence": "?ready=own&compare=none&plan=teriparatide:0-2,alendronate:2-7"}
#: Their gallery picture shows them at work, not at the start: it is made by hand.
PICTURED_BY_HAND = {"cases", "claims", "review", "test"}
#: Or it is one of the pictures of pages at work.
PICTURED_AT_WORK = {"class": "revealed8"}
#: What sticks to a window would lie across the middle of a picture of the whole page.
UNSTUCK = ".ot-answer, .ot-settings, .ot-guess-form { position: static !important; }"
#: Charts and sentences have come to rest after this time.
REST_MS = 1200


def main() -> None:
    """Take the pictures that the command line asks for."""
    asked = _asked()
    TARGET.mkdir(exist_ok=True)
    with _server() as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium_options())
        for name in asked.pages:
            shots = [shot for size in asked.sizes
                     for shot in _shots(browser, base, name, size, asked)]
            write_sheet(browser, name, shots, TARGET / f"sheet-{name}.png")
        if asked.cards:
            _cards(browser, base, asked.pages)
        browser.close()


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots",
                                     description="Pictures of the pages, to be looked at.")
    pages = [*DASHBOARDS, GALLERY]
    parser.add_argument("pages", nargs="*", metavar="PAGE", help=f"of {', '.join(pages)}")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=[*SIZES])
    parser.add_argument("--themes", nargs="+", choices=THEMES, default=[*THEMES])
    parser.add_argument("--states", nargs="+", choices=STATES, default=[*STATES])
    parser.add_argument("--cards", action="store_true", help="renew the gallery's pictures")
    asked = parser.parse_args()
    if unknown := set(asked.pages) - set(pages):
        parser.error(f"no page {', '.join(sorted(unknown))}; choose of {', '.join(pages)}")
    asked.pages = asked.pages or pages
    return asked


@contextmanager
def _server() -> Iterator[str]:
    """Serve the notebooks with answers and settings of their own; yield the address."""
    with tempfile.TemporaryDirectory() as scratch:
        port = find_free_port(0)
        argv, environment = voila_command(notebooks_folder(), port, open_browser=False)
        environment |= {"OSTEOTEACH_DATABASE_URL": f"sqlite:///{scratch}/answers.sqlite3",
                        "OSTEOTEACH_LISTENS_ON": "192.0.2.7",
                        "JUPYTER_CONFIG_DIR": f"{scratch}/config",
                        "IPYTHONDIR": f"{scratch}/ipython"}
        log = Path(scratch, "log")
        with log.open("wb") as told:
            server = subprocess.Popen(argv, env=environment, cwd=scratch, stdout=told,
                                      stderr=told)
            try:
                wait_until_up(f"http://127.0.0.1:{port}", server, log)
                yield f"http://127.0.0.1:{port}"
            finally:
                server.terminate()
                server.wait(20)


def _shots(browser: Browser, base: str, name: str, size: str,
           asked: argparse.Namespace) -> Iterator[Path]:
    """Take one page in one size, in every state and theme asked for."""
    width, height, scale = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height},
                                  device_scale_factor=scale)
    page = context.new_page()
    states = [one for one in asked.states if size in SIZES_OF.get(one, SIZES)]
    for state in ("rest", "ask", "present"):
        moved = [one for one in EXTREMES if state == "rest" and one in states]
        printed = state == "rest" and "print" in states
        view = _view(name, state)
        if view is None or not (state in states or moved or printed):
            continue
        _open(page, base, view)
        if state in states:
            yield from _themed(page, f"{name}-{size}-{state}", asked.themes)
        if state == "present" and state in states:
            page.get_by_role("button", name="Show the answer").click()
            page.wait_for_timeout(REST_MS)
            yield from _themed(page, f"{name}-{size}-{state}-answered", asked.themes)
        if printed:
            page.emulate_media(media="print")
            yield _save(page, f"{name}-{size}-print")
            page.emulate_media(media="screen")
        sliders = page.get_by_role("slider").all() if moved else []
        for end in moved if sliders else ():
            for slider in sliders:
                if slider.is_visible():
                    slider.press(EXTREMES[end])
            page.wait_for_timeout(REST_MS)
            yield from _themed(page, f"{name}-{size}-{end}", asked.themes)
    if "work" in states and name in FURTHER:
        for further, found in FURTHER[name](context, base):
            found.wait_for_timeout(REST_MS)
            yield from _themed(found, f"{name}-{size}-{further}", asked.themes)
    context.close()


def _view(name: str, state: str) -> str | None:
    """The address of a page in a state, or None if it has no such state."""
    if name == GALLERY:
        return "/" if state == "rest" else None
    address = f"/voila/render/dashboards/{name}.ipynb"
    if state == "present":
        steps = enumerate(load_list(LIST).steps, 1)
        number = next((place for place, step in steps if step.dashboard == name), None)
        return number and f"{address}?{urlencode({'present': LIST, 'step': number})}"
    if state == "ask":
        without = {*PICTURED_BY_HAND, *PICTURED_AT_WORK}
        return None if name in without else f"{address}?guess=1"
    return address


def _open(page: Page, base: str, view: str) -> None:
    page.goto(base + view)
    if "/voila/" in view:
        page.wait_for_selector("body.ot-ready", timeout=120_000)
    page.wait_for_timeout(REST_MS)


def _themed(page: Page, name: str, themes: list[str]) -> Iterator[Path]:
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        page.wait_for_timeout(300)
        yield _save(page, f"{name}-{theme}")
    page.emulate_media(color_scheme="light")


def _save(page: Page, name: str) -> Path:
    path = TARGET / f"{name}.png"
    page.screenshot(path=path, full_page=True, style=UNSTUCK)
    print(f"screenshots/{name}.png", flush=True)
    return path


def _cards(browser: Browser, base: str, names: list[str]) -> None:
    width, height, _ = SIZES["laptop"]
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    for name in sorted(set(names) - PICTURED_BY_HAND - {GALLERY}):
        shown = page
        if name in PICTURED_AT_WORK:
            shown = next(found for state, found in FURTHER[name](context, base)
                         if state == PICTURED_AT_WORK[name])
            shown.set_viewport_size({"width": width, "height": height})
            shown.evaluate("window.scrollTo(0, 0)")
            shown.wait_for_timeout(REST_MS)
        else:
            _open(page, base, _view(name, "rest") + CARD_SETTINGS.get(name, ""))
        shown.screenshot(path=CARDS / f"{name}.png", scale="css")
        print(f"card {name}.png", flush=True)
    context.close()


if __name__ == "__main__":
    main()
