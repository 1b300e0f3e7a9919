"""A real Voila, a real Chromium, and nothing that leaves the machine.

``serve`` starts one server per folder, ``page_watch`` opens pages and fails the test on
a console error or a request to the outside, ``axe`` fails it on any accessibility
violation that axe-core can decide.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, sync_playwright

from osteoteach.commands.lab_server import lab_command
from osteoteach.view.serving import find_free_port, voila_command

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
# The browser's own calls home would count as requests that leave the machine.
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]


#: Words that are displayed by the styles of every element around them, and have no place.
#: Chromium 156 left a whole control so: see the head of plan.css.
WORDS_WITHOUT_A_PLACE = """
[...document.querySelectorAll(".ot-page *")]
  .filter((node) => node instanceof HTMLElement && !node.firstElementChild
    && node.textContent.trim() && !node.closest("details:not([open]), select")
    && node.getClientRects().length === 0)
  .filter((node) => {
    for (let at = node; at; at = at.parentElement) {
      if (getComputedStyle(at).display === "none") return false;
    }
    return true;
  })
  .map((node) => `${node.className}: ${node.textContent}`)
"""

#: Words that begin or end beyond the edge of their chart, where they are cut.
CUT_WORDS = """() => [...document.querySelectorAll('svg.marks')].flatMap((svg) => {
  const edge = svg.getBoundingClientRect();
  const isCut = ({ left, right, top, bottom, width }) => width > 0 && (left < edge.left - 1.5
    || right > edge.right + 1.5 || top < edge.top - 1.5 || bottom > edge.bottom + 1.5);
  return [...svg.querySelectorAll('text')]
    .filter((text) => text.textContent.trim() && isCut(text.getBoundingClientRect()))
    .map((text) => text.textContent);
})"""


class PageWatch:
    """Opens pages and remembers what must not happen on them."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts = []
        self._expected: list[str] = []
        self.console_errors: list[str] = []
        self.outside_requests: list[str] = []
        self.words_without_a_place: list[str] = []

    def open(self, url: str, width: int = 1366, height: int = 768, **context) -> Page:
        """Open ``url`` in a new browser context and wait until the page stands."""
        page = self.blank(width, height, **context)
        page.goto(url, wait_until="commit")
        page.wait_for_selector("body.ot-ready", timeout=60_000)
        self.words_without_a_place += page.evaluate(WORDS_WITHOUT_A_PLACE)
        return page

    def blank(self, width: int = 1366, height: int = 768, **context) -> Page:
        """Return an empty page that is watched."""
        made = self._browser.new_context(viewport={"width": width, "height": height}, **context)
        self._contexts.append(made)
        made.route("**/*", self._stay_here)
        page = made.new_page()
        page.set_default_timeout(15_000)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.console_errors.append(error.stack or str(error)))
        return page

    def expect_console(self, part: str) -> None:
        """Allow console errors that contain ``part`` (a test that breaks something)."""
        self._expected.append(part)

    def verify(self) -> None:
        """Close everything, then fail if anything went wrong."""
        cut_words = []
        for context in self._contexts:
            for page in context.pages:
                if not page.is_closed():
                    cut_words += page.evaluate(CUT_WORDS)
            context.close()
        self._contexts.clear()
        unexpected = [
            text for text in self.console_errors if not any(part in text for part in self._expected)
        ]
        assert unexpected == []
        assert self.outside_requests == []
        assert self.words_without_a_place == []
        assert cut_words == []

    def _stay_here(self, route) -> None:
        if urlsplit(route.request.url).hostname in ("127.0.0.1", None):
            route.continue_()
        else:
            self.outside_requests.append(route.request.url)
            route.abort()

    def _on_console(self, message) -> None:
        if message.type == "error":
            self.console_errors.append(f"{message.text} ({message.location.get('url')})")


def chromium_options() -> dict:
    """How to launch Chromium: the system's if there is one, else Playwright's own."""
    system = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    # Chromium's sandbox does not start for root, which is who runs in a container.
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return {"executable_path": system, "args": QUIET + root}


@pytest.fixture(scope="session")
def browser():
    """One Chromium for the whole session."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(**chromium_options())
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def serve(tmp_path_factory):
    """Return a function that serves a folder of notebooks and gives its URL."""
    running: dict[Path, tuple[str, subprocess.Popen]] = {}
    scratch = tmp_path_factory.mktemp("voila")

    def start(notebooks_dir: Path) -> str:
        if notebooks_dir not in running:
            port = find_free_port(0)
            argv, env = voila_command(notebooks_dir, port, open_browser=False)
            # The tester's own Jupyter settings must not decide about our tests.
            env["JUPYTER_CONFIG_DIR"] = str(scratch / "config")
            env["IPYTHONDIR"] = str(scratch / "ipython")
            log = (scratch / f"voila-{port}.log").open("wb")
            server = subprocess.Popen(argv, env=env, cwd=scratch, stdout=log, stderr=log)
            running[notebooks_dir] = (f"http://127.0.0.1:{port}", server)
            _wait_until_up(running[notebooks_dir][0], server, Path(log.name))
        return running[notebooks_dir][0]

    yield start
    for _, server in running.values():
        server.terminate()
    for _, server in running.values():
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()


@pytest.fixture(scope="module")
def serve_lab():
    """Return a function that starts a JupyterLab on a folder, as `osteoteach lab` does."""
    running: list[subprocess.Popen] = []

    def start(folder: Path, **environment: str) -> str:
        port = find_free_port(0)
        # The tester's own Jupyter settings must not decide about our tests.
        own = {"JUPYTER_CONFIG_DIR": "config", "IPYTHONDIR": "ipython",
               "JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces"}
        env = {**os.environ, **{name: str(folder / "own" / path) for name, path in own.items()},
               "PYTHONPATH": str(Path(__file__).resolve().parents[2]), **environment}
        env.pop("JUPYTERHUB_USER", None)
        argv = [*lab_command(folder, port), "--no-browser", "--allow-root",
                "--IdentityProvider.token="]
        log = (folder / "lab.log").open("wb")
        server = subprocess.Popen(argv, env=env, stdout=log, stderr=log)
        running.append(server)
        _wait_until_up(f"http://127.0.0.1:{port}/api", server, folder / "lab.log")
        return f"http://127.0.0.1:{port}"

    yield start
    for server in running:
        server.terminate()
    for server in running:
        server.wait(20)


@pytest.fixture
def page_watch(browser):
    """Open pages of one test; fails it on console errors and outside requests."""
    watch = PageWatch(browser)
    yield watch
    watch.verify()


@pytest.fixture(scope="module")
def module_watch(browser):
    """The same for pages that the tests of a module share."""
    watch = PageWatch(browser)
    yield watch
    watch.verify()


@pytest.fixture(scope="session")
def axe():
    """Return a function that fails on any violation axe-core finds on a page."""

    def check(page: Page) -> None:
        # Text that is still fading in has too little contrast, for a tenth of a second.
        page.evaluate("""() => Promise.allSettled(document.getAnimations()
            .filter((one) => one.effect.getComputedTiming().endTime < Infinity)
            .map((one) => one.finished))""")
        page.evaluate(AXE_SCRIPT)
        found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        told = [(rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in found]
        assert told == []

    return check


def _wait_until_up(url: str, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"The server did not start:\n{log.read_text(encoding='utf-8')[-3000:]}")
