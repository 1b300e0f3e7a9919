"""A kernel or a server that dies under a visitor's hand: the page says so, and comes back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from osteoteach.view.serving import find_free_port, voila_command

from .class_voters import wait_until_up
from .test_page import DASHBOARD, IMPORTS, age_slider, code, sentence, write_notebook

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
PAGE = "voila/render/dashboards/test.ipynb"
PATIENCE_MS = 30_000


class Restarted:
    """A server that can be killed, and started again at the same address."""

    def __init__(self, folder, scratch) -> None:
        self.folder, self.scratch, self.port = folder, scratch, find_free_port(0)
        self.base = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        argv, env = voila_command(self.folder, self.port, open_browser=False)
        env |= {"JUPYTER_CONFIG_DIR": str(self.scratch / "config"),
                "IPYTHONDIR": str(self.scratch / "ipython"),
                "OSTEOTEACH_DATABASE_URL": f"sqlite:///{self.scratch}/answers.sqlite3"}
        log = (self.scratch / "log").open("ab")
        self.process = subprocess.Popen(argv, env=env, cwd=self.scratch, stdout=log, stderr=log)
        wait_until_up(f"{self.base}/class/", self.process, self.scratch / "log")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(20)


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "notebooks"
    (folder / "dashboards").mkdir(parents=True)
    write_notebook(folder / "dashboards" / "test.ipynb", code(IMPORTS, DASHBOARD))
    running = Restarted(folder, tmp_path)
    yield running
    running.process.terminate()
    try:
        running.process.wait(20)
    except subprocess.TimeoutExpired:
        running.process.kill()


def test_a_kernel_killed_while_a_slider_moves_costs_no_answered_setting(site, page_watch):
    """Keys keep coming while it dies. What the page had answered is what comes back."""
    page = page_watch.open(f"{site.base}/{PAGE}")
    slider = age_slider(page)
    for number in range(12):
        slider.press("ArrowRight")
        if number == 5:
            expect(sentence(page)).to_contain_text("You are 68,")
            os.kill(int(page.locator("#pid").text_content()), signal.SIGKILL)
    banner = page.get_by_role("alert").filter(has_text="The program behind this page has stopped")
    expect(banner).to_be_visible(timeout=PATIENCE_MS)
    answered = sentence(page).text_content()
    banner.get_by_role("button", name="Reload with these settings").click()
    page.wait_for_selector("body.ot-ready", timeout=60_000)
    expect(banner).to_have_count(0)
    expect(sentence(page)).to_have_text(answered, timeout=PATIENCE_MS)
    age_slider(page).press("End")
    expect(sentence(page)).to_contain_text("You are 90,")


def test_a_server_killed_and_started_again_gives_the_page_back_with_its_settings(
        site, page_watch):
    """The page says that the connection is lost; a reload goes on where the visitor was."""
    page_watch.expect_console("ERR_CONNECTION_REFUSED")
    page_watch.expect_console("WebSocket")
    page_watch.expect_console("Failed to fetch")
    page_watch.expect_console("404")
    page = page_watch.open(f"{site.base}/{PAGE}")
    age_slider(page).press("End")
    expect(sentence(page)).to_contain_text("You are 90,")
    site.kill()
    lost = page.get_by_role("alert").filter(has_text="The connection to the program is lost")
    expect(lost).to_be_visible(timeout=PATIENCE_MS)
    expect(sentence(page)).to_contain_text("You are 90,")
    site.start()
    page.get_by_role("button", name="Reload with these settings").first.click()
    page.wait_for_selector("body.ot-ready", timeout=60_000)
    expect(sentence(page)).to_contain_text("You are 90,", timeout=PATIENCE_MS)
    expect(lost).to_have_count(0)
