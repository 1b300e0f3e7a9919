"""The class report in a real browser: readable, reachable by keyboard, and silent."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from osteoteach.commands import main
from osteoteach.progress.handin import handin_text
from osteoteach.progress.keys import installation_key
from tests.progress_contract import answer

NASTY = "<img src='http://osteoteach.invalid/x' onerror='document.title=1'>"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    for name in ("Anna", NASTY):
        records = [answer(f"q{n}", score=float(n % 3 > 0), confidence_pct=60 + n % 5 * 10,
                          tags=("risk_numbers", test), given={"text": NASTY})
                   for n, test in enumerate(("pre", "post") * 6)]
        (folder / f"{name[:4].strip('<')}.json").write_text(
            handin_text(records, name, installation_key(folder / "key")), encoding="utf-8")
    done = CliRunner().invoke(main.cli, ["collect", str(folder), "-o", str(folder / "r.html")])
    assert "2 of 2 files count" in done.output
    return (folder / "r.html").as_uri()


@pytest.mark.parametrize("width", [1366, 390])
def test_the_report_is_accessible_and_fits(address, page_watch, axe, width):
    """No violation, no sideways scrolling of the page, no request, nothing of the answers run."""
    page = page_watch.blank(width, 844)
    page.goto(address)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.title() == "Class report"
    assert page.get_by_text(NASTY).first.is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "region"
