"""The instructor's room inside JupyterLab: opened, voted in from a phone, revealed."""

from __future__ import annotations

import shutil

from playwright.sync_api import expect

from osteoteach.commands.folders import notebooks_folder

from .class_voters import Voter
from .jupyter_kernels import SLOW, wait_until_idle


def test_a_room_opened_in_jupyterlab_takes_votes_and_shows_them(
        serve_lab, tmp_path, page_watch):
    """Run both cells, open a room, ask; a phone votes at the lab's own address; reveal."""
    (tmp_path / "dashboards").mkdir()
    shutil.copy(notebooks_folder() / "dashboards" / "class.ipynb", tmp_path / "dashboards")
    base = serve_lab(tmp_path, OSTEOTEACH_DATABASE_URL=f"sqlite:///{tmp_path}/rooms.sqlite3")
    # JupyterLab itself asks for the path of a file it has not saved yet, and is told 404.
    page_watch.expect_console("404")
    page = page_watch.blank(1500, 950)
    page.goto(f"{base}/lab/tree/dashboards/class.ipynb?reset")
    expect(page.locator(".jp-CodeCell").last).to_be_visible(timeout=SLOW)
    wait_until_idle(page)
    page.locator(".jp-CodeCell .cm-content").first.click()
    for _ in range(2):
        page.keyboard.press("Shift+Enter")
    page.get_by_role("button", name="Open a room").click(timeout=SLOW)
    expect(page.locator(".ot-class-code")).to_be_visible(timeout=SLOW)
    code = page.locator(".ot-class-code").inner_text().replace(" ", "")
    page.get_by_label("Prepared question").select_option("can_it_be_reversed/8")
    page.get_by_role("button", name="Ask this question").click()
    expect(page.get_by_text("Voting is open")).to_be_visible(timeout=SLOW)
    phone = Voter(base, code)
    phone.join()
    assert phone.vote(1, number=5) == 200
    expect(page.locator(".ot-class-number")).to_have_text("1", timeout=SLOW)
    page.get_by_role("button", name="Reveal").click()
    expect(page.locator(".ot-class-reveal")).to_be_visible(timeout=SLOW)
    expect(page.locator("svg.marks").first).to_be_visible(timeout=SLOW)
    # No key that is typed into the panel reaches the lab as a shortcut.
    assert page.locator(".jp-Notebook .jp-CodeCell").count() == 2 + 1
