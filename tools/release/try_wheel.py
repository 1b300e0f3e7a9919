"""Use the wheel as a stranger would: a fresh environment, an empty folder, no checkout.

Only the browser is the checkout's: Playwright is no part of what is installed.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

__all__ = ["clean_environment", "try_wheel"]

LESSON = "00_start_here.ipynb"
PAGE, FIRST_SLIDER_MOVES = "noise", 8
START_SECONDS = 90


def clean_environment(home: Path) -> dict[str, str]:
    """Variables without anything of ours: no Python path, no settings, a home of its own.

    Examples
    --------
    >>> os.environ["PYTHONPATH"] = "x"
    >>> "PYTHONPATH" in clean_environment(Path("/nowhere"))
    False
    """
    keep = re.compile(r"PATH|LANG|LC_\w+|TMPDIR|SSL_\w+|(?:PIP|UV)_\w+|\w+_proxy", re.IGNORECASE)
    kept = {name: value for name, value in os.environ.items() if keep.fullmatch(name)}
    return kept | {"HOME": str(home), "XDG_DATA_HOME": str(home / "data"),
                   "JUPYTER_CONFIG_DIR": str(home / "config"), "IPYTHONDIR": str(home / "ipython")}


def try_wheel(wheel: Path, lock: Path, folder: Path) -> None:
    """Install and use it; raises where something does not work."""
    environment = clean_environment(folder)
    binaries = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    python = str(binaries / "python")

    def run(*words: str) -> str:
        print("  $", *(Path(words[0]).name, *words[1:]), flush=True)
        done = subprocess.run(words, cwd=folder, env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise SystemExit(f"{done.stdout}\n{words[0]} ended with {done.returncode}")
        return done.stdout

    run(sys.executable, "-m", "venv", str(folder / "venv"))
    uv = (sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", python)
    run(*uv, "--require-hashes", "-r", str(lock))
    run(*uv, "--no-deps", str(wheel))
    run(sys.executable, "-m", "uv", "pip", "check", "--python", python)
    where = run(python, "-c", "import osteoteach; print(osteoteach.__file__)").strip()
    if not where.startswith(str(folder)):
        raise SystemExit(f"the checkout's package was used, not the wheel's: {where}")
    osteoteach = str(binaries / "osteoteach")
    print(run(osteoteach, "--version").strip())
    run(osteoteach, "doctor")
    run(osteoteach, "copy", "mine")
    run(python, "-m", "nbconvert", "--to", "notebook", "--execute", "--output", "ran.ipynb",
        f"mine/lessons/{LESSON}")
    with _serving(osteoteach, folder, environment) as address:
        _look(address)


@contextlib.contextmanager
def _serving(osteoteach: str, folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """The address of the wheel's own pages, while they are served."""
    log = folder / "apps.log"
    with log.open("wb") as opened:
        server = subprocess.Popen([osteoteach, "apps", "--no-browser", "--port", "0"], cwd=folder,
                                  env=environment, stdout=opened, stderr=opened)
    try:
        yield _answering(log, server)
    finally:
        server.terminate()
        server.wait(30)


def _answering(log: Path, server: subprocess.Popen) -> str:
    import time

    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:\d+/", log.read_text(encoding="utf-8"))
        if found:
            with contextlib.suppress(OSError), urllib.request.urlopen(found[0], timeout=5):
                return found[0]
        time.sleep(0.3)
    raise SystemExit(f"the pages were not served:\n{log.read_text(encoding='utf-8')}")


def _look(address: str) -> None:
    """Open a page, move its first slider, and see its chart follow."""
    from playwright.sync_api import expect, sync_playwright

    from tests.browser.conftest import chromium_options

    url = f"{address}voila/render/dashboards/{PAGE}.ipynb"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium_options())
        page = browser.new_page()
        page.goto(url, wait_until="commit")
        page.wait_for_selector("body.ot-ready", timeout=1000 * START_SECONDS)
        chart = page.locator("svg.marks").first
        expect(chart).to_be_visible(timeout=30_000)
        before, slider = chart.inner_html(), page.get_by_role("slider").first
        for _ in range(FIRST_SLIDER_MOVES):
            slider.press("ArrowRight")
        page.wait_for_function("old => document.querySelector('svg.marks').innerHTML !== old",
                               arg=before, timeout=30_000)
        browser.close()
    print(f"  {PAGE}: the page stands, and its chart follows the slider")
