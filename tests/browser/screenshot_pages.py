"""Pages at work: what a visitor sees after the first answers, for the pages without sliders."""

from __future__ import annotations

import json
from collections.abc import Iterator

from playwright.sync_api import BrowserContext, Page, expect

from osteoteach.progress.course_test import SIZE
from osteoteach.teaching.cases import written_case
from tests.browser.class_voters import Voter
from tests.browser.test_cases import answer_all, step

__all__ = ["FURTHER"]

PATIENCE_MS = 60_000
#: A class that guesses how far hip density rises in five years, in percent.
VOTES = (0, 1, 2, 2, 3, 3, 4, 5, 5, 5, 6, 8, 8, 10, 10, 10, 12, 12, 15, 20)


def claims(context: BrowserContext, base: str) -> Iterator[tuple[str, Page]]:
    """Show a claim that was judged, and what the search finds."""
    page = _dashboard(context, base, "claims")
    page.get_by_role("radio", name="Supported The evidence").check()
    page.get_by_role("radio", name="95").check()
    page.get_by_role("button", name="Commit").click()
    expect(page.get_by_role("button", name="Next claim")).to_be_visible(timeout=PATIENCE_MS)
    yield "judged", page


def cases(context: BrowserContext, base: str) -> Iterator[tuple[str, Page]]:
    """Show a case half way and at its end."""
    case = written_case("polymyalgia_not_confirmed")
    page = _dashboard(context, base, "cases", "?case=case-4")
    expect(page.locator(".ot-case-name p")).to_contain_text("Case 4,", timeout=PATIENCE_MS)

    def act(wanted, key: str) -> None:
        if wanted.get_attribute("type") in ("radio", "checkbox"):
            wanted.check()
        elif key == "Enter":
            wanted.click()
        elif wanted.evaluate("node => node.tagName") == "SELECT":
            wanted.select_option("80%")
        else:
            wanted.fill(key)

    answer_all(page, case, act)
    plan = step(page, "plan")
    expect(plan).to_be_visible(timeout=PATIENCE_MS)
    yield "planning", page
    plan.locator("input[value=lifestyle]").check()
    plan.get_by_role("button", name="Commit the plan").click()
    expect(step(page, "end")).to_contain_text("What this case was about", timeout=PATIENCE_MS)
    yield "ended", page


def classroom(context: BrowserContext, base: str) -> Iterator[tuple[str, Page]]:
    """Show the desk with votes coming in and revealed, and the phone of a student."""
    page = _dashboard(context, base, "class")
    page.get_by_role("button", name="Open a room").click()
    expect(page.locator(".ot-class-code")).to_be_visible(timeout=PATIENCE_MS)
    code = page.locator(".ot-class-code").inner_text().replace(" ", "")
    yield "room", page
    for question, votes in (("8", [{"number": float(one)} for one in VOTES]),
                            ("3", [{"choice": place % 3, "confidence_pct": 75}
                                   for place in range(20)])):
        page.get_by_label("Prepared question").select_option(f"can_it_be_reversed/{question}")
        page.get_by_role("button", name="Ask this question").click()
        expect(page.get_by_text("Voting is open")).to_be_visible(timeout=PATIENCE_MS)
        phone = context.new_page()
        phone.goto(f"{base}/class/{code}")
        expect(phone.get_by_role("button", name="Vote")).to_be_visible(timeout=PATIENCE_MS)
        yield f"vote{question}", phone
        _vote(base, code, votes)
        expect(page.locator(".ot-class-number")).to_have_text("20", timeout=PATIENCE_MS)
        yield f"voting{question}", page
        page.get_by_role("button", name="Reveal").click()
        expect(page.locator("svg.marks")).to_be_visible(timeout=PATIENCE_MS)
        yield f"revealed{question}", page
        expect(phone.get_by_role("heading", name="The model")).to_be_visible(timeout=PATIENCE_MS)
        yield f"told{question}", phone
        phone.close()


def course_test(context: BrowserContext, base: str) -> Iterator[tuple[str, Page]]:
    """Show the second question of the test."""
    page = _dashboard(context, base, "test")
    expect(page.locator(".ot-desk").get_by_role("heading", name=f"of {SIZE}")).to_be_visible(
        timeout=PATIENCE_MS)
    yield "question", page


FURTHER = {"cases": cases, "claims": claims, "class": classroom, "test": course_test}


def _dashboard(context: BrowserContext, base: str, name: str, query: str = "") -> Page:
    page = context.new_page()
    page.goto(f"{base}/voila/render/dashboards/{name}.ipynb{query}")
    page.wait_for_selector("body.ot-ready", timeout=120_000)
    return page


def _vote(base: str, code: str, votes: list[dict]) -> None:
    for vote in votes:
        voter = Voter(base, code)
        voter.join()
        status, told, _ = voter.request("GET", f"/class/api/{code}")
        assert voter.vote(json.loads(told)["round"], **vote) == 200, (status, told)
