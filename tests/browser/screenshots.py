"""``make screenshots``: every dashboard and the gallery, to be looked at by a person.

Writes to ``screenshots/`` (not kept in git) and renews the pictures that are kept:
one for each card of the gallery; the README shows one of them.
"""

from __future__ import annotations

import subprocess
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from osteoteach.commands.folders import notebooks_folder
from osteoteach.view.serving import JUPYTER_DIR, find_free_port, voila_command
from tests.browser.conftest import chromium_options

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "screenshots"
CARDS = JUPYTER_DIR / "voila" / "templates" / "osteoteach" / "static"
SIZES = {"projector": (1920, 1080), "laptop": (1366, 768), "phone": (390, 844)}
EXTREMES = {"low": "Home", "high": "End"}
#: Their gallery picture shows them at work, not at the start: it is made by hand.
PICTURED_BY_HAND = {"cases", "claims", "class", "review", "test"}


def take_all() -> None:
    """Start the server, take every picture, stop the server."""
    TARGET.mkdir(exist_ok=True)
    port = find_free_port(0)
    argv, environment = voila_command(notebooks_folder(), port, open_browser=False)
    server = subprocess.Popen(argv, env=environment, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**chromium_options())
            for size, (width, height) in SIZES.items():
                for scheme in ("light", "dark") if size != "projector" else ("light",):
                    page = browser.new_page(viewport={"width": width, "height": height},
                                            color_scheme=scheme)
                    for path in sorted((notebooks_folder() / "dashboards").glob("*.ipynb")):
                        _dashboard(page, url, path.stem, size, scheme)
                    page.goto(url)
                    _save(page, f"gallery-{size}-{scheme}")
                    page.close()
            browser.close()
    finally:
        server.terminate()
        server.wait(20)


def _wait(url: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The server did not start.")


def _dashboard(page: Page, url: str, name: str, size: str, scheme: str) -> None:
    page.goto(f"{url}/voila/render/dashboards/{name}.ipynb")
    page.wait_for_selector("body.ot-ready", timeout=60_000)
    page.wait_for_timeout(1500)
    _save(page, f"{name}-{size}-{scheme}")
    if (size, scheme) == ("laptop", "light") and name not in PICTURED_BY_HAND:
        page.screenshot(path=CARDS / f"{name}.png", scale="css")
    sliders = page.get_by_role("slider").all()
    for end, key in EXTREMES.items() if scheme == "light" and sliders else ():
        for slider in sliders:
            slider.press(key)
        page.wait_for_timeout(600)
        _save(page, f"{name}-{size}-{end}")


def _save(page: Page, name: str) -> None:
    page.screenshot(path=TARGET / f"{name}.png", full_page=True)
    print(f"screenshots/{name}.png")


if __name__ == "__main__":
    take_all()
