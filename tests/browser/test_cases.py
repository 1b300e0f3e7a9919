"""Virtual patients in real Chromium: by keyboard, on a phone, and the same for everybody."""

from __future__ import annotations

import shutil

import pytest
from playwright.sync_api import expect

from osteoteach.commands.folders import notebooks_folder
from osteoteach.progress.store import EVERYONE, open_store
from osteoteach.teaching.cases import make_case, written_case
from osteoteach.teaching.cases.offered_tests import offered_tests

MOST_TABS = 80


@pytest.fixture(autouse=True)
def patience():
    """The first answer of a kernel opens the database: seconds, on a busy machine."""
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    return f"sqlite:///{tmp_path_factory.mktemp('answers') / 'answers.sqlite3'}"


@pytest.fixture(scope="module")
def address(serve, tmp_path_factory, database):
    """A server of its own, so that answers go to a database of its own."""
    folder = tmp_path_factory.mktemp("cases")
    shutil.copy(notebooks_folder() / "dashboards" / "cases.ipynb", folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OSTEOTEACH_DATABASE_URL", database)
        base = serve(folder)
    return f"{base}/voila/render/cases.ipynb"


def opened(watch, address, case, **how):
    page = watch.open(f"{address}?case={case}", **how)
    # The link is taken over after the page stands.
    name = f"Case {case[5:]}," if case.startswith("case-") else f"Code {case},"
    expect(page.locator(".ot-case-name p")).to_contain_text(name)
    expect(step(page, "tests").get_by_role("button")).to_be_visible()
    return page


def step(page, name):
    return page.locator(f"[data-step={name}]")


def tab_to(page, wanted) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(MOST_TABS):
        if wanted.evaluate("node => node === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no Tab reaches {wanted}")


def choose(page, radio) -> None:
    """A group of radio buttons is one stop of Tab; arrows move inside it."""
    group = radio.locator("xpath=ancestor::fieldset")
    tab_to(page, group.get_by_role("radio").first)
    page.keyboard.press("Space")
    while not radio.is_checked():
        page.keyboard.press("ArrowDown")


def press(page, wanted, key) -> None:
    tab_to(page, wanted)
    page.keyboard.press(key)


def answer_all(page, case, act) -> None:
    """Every step without a mistake; ``act(wanted, key)`` does one thing."""
    for one in offered_tests(case):
        if one.need == "needed":
            act(step(page, "tests").locator(f"input[value={one.test}]"), "Space")
    act(step(page, "tests").get_by_role("button"), "Enter")

    reading = step(page, "read")
    expect(reading.get_by_role("button", name="Commit the reading")).to_be_visible()
    for level in case.report.reading.kept:
        act(reading.locator(f"input[value={level}]"), "Space")
    act(reading.locator(f"input[value={case.score_in_use}]"), "Space")
    if case.earlier:
        act(reading.locator(f"input[value={case.earlier.main.verdict}]"), "Space")
    act(reading.get_by_role("button", name="Commit the reading"), "Enter")

    category = step(page, "classify")
    act(category.locator(f"input[value={case.category}]"), "Space")
    act(category.get_by_role("combobox"), "8")  # 80%
    act(category.get_by_role("button"), "Enter")

    risk = step(page, "risk")
    value = round(100 * case.risk.major.probability)
    expect(risk.get_by_role("textbox")).to_have_count(3)
    for box, number in zip(risk.get_by_role("textbox").all(),
                           (value, value - 3, value + 3), strict=True):
        act(box, f"{max(0, number)}")
    act(risk.get_by_role("button"), "Enter")


def test_a_whole_case_goes_by_keyboard_and_tells_nothing_too_early(
        address, page_watch, axe, database):
    """Low bone mass without a fracture: exercise is a plan. Nothing is told before it is said."""
    case = written_case("polymyalgia_not_confirmed")
    page = opened(page_watch, address, "case-4")
    expect(page.locator(".ot-case-feedback")).to_have_count(0)
    expect(step(page, "read")).to_have_count(0)

    def act(wanted, key):
        if wanted.get_attribute("type") == "radio":
            choose(page, wanted)
            return
        tab_to(page, wanted)
        if key in ("Space", "Enter"):
            page.keyboard.press(key)
        else:
            page.keyboard.type(key)

    answer_all(page, case, act)
    plan = step(page, "plan")
    press(page, plan.locator("input[value=lifestyle]"), "Space")
    press(page, plan.get_by_role("button", name="Commit the plan"), "Enter")
    expect(step(page, "end")).to_contain_text("What this case was about")
    expect(page.locator(".ot-answer")).to_contain_text("100 of 100 points")
    expect(page.locator(".ot-case-feedback")).to_have_count(5)
    expect(step(page, "end").locator("svg.marks")).to_be_visible()
    axe(page)

    kept = open_store(database).answers("case", case.case_id, EVERYONE)
    assert [one.given["step"] for one in kept] == ["tests", "read", "classify", "risk", "plan"]
    assert kept[2].confidence_pct == 80
    assert kept[0].learner.startswith("browser-")


def test_the_focus_goes_to_the_feedback(address, page_watch):
    page = opened(page_watch, address, "case-1")
    press(page, step(page, "tests").get_by_role("button"), "Enter")
    feedback = step(page, "tests").locator(".ot-case-feedback")
    expect(feedback).to_be_focused()
    expect(feedback).to_contain_text("You ordered nothing.")


def test_a_step_that_is_not_filled_in_says_what_is_missing(address, page_watch):
    page = opened(page_watch, address, "case-1")
    step(page, "tests").get_by_role("button").click()
    reading = step(page, "read")
    reading.get_by_role("button", name="Commit the reading").click()
    expect(reading.get_by_role("alert")).to_contain_text("Say which score counts")
    expect(page.locator(".ot-case-feedback")).to_have_count(1)


def told(page) -> str:
    step(page, "tests").get_by_role("button").click()
    expect(step(page, "read").locator(".ot-case-report")).to_be_visible()
    return (page.locator(".ot-case-story").inner_text()
            + step(page, "read").locator(".ot-case-report-body").inner_text())


def test_the_same_code_is_the_same_person_in_two_browsers(address, page_watch):
    """Typed in one, from a link in the other; another code is somebody else."""
    case = make_case("3-29")
    linked = opened(page_watch, address, "3-29")
    typed = opened(page_watch, address, "case-1")
    box = typed.get_by_label("Code from your teacher")
    box.fill("3 - 29")
    box.press("Enter")
    expect(typed.locator(".ot-case-name p")).to_contain_text("Code 3-29")
    first = told(linked)
    assert first == told(typed)
    for line in case.history:
        assert line in first


def test_a_wrong_code_is_refused_beside_its_box_and_the_patient_stays(address, page_watch):
    page = opened(page_watch, address, "case-1")
    box = page.get_by_label("Code from your teacher")
    box.fill("seven")
    box.press("Enter")
    expect(page.locator(".ot-case-control .ot-problem")).to_contain_text("for example 2-417")
    expect(page.locator(".ot-case-name p")).to_contain_text("Case 1,")


def test_a_new_patient_gets_a_code_that_can_be_told_on(address, page_watch):
    page = opened(page_watch, address, "case-1")
    page.get_by_label("Generated").select_option("Level 2")
    page.get_by_role("button", name="New patient").click()
    name = page.locator(".ot-case-name p")
    expect(name).to_contain_text("Code 2-")
    code = name.inner_text().split(",")[0].removeprefix("Code ")
    expect(page.locator(".ot-case-name h2")).to_have_text(make_case(code).title)


def test_a_phone_shows_every_step_without_scrolling_sideways(address, page_watch, axe):
    case = written_case("second_scan_much_lower")
    page = opened(page_watch, address, "case-14", width=390, height=844)

    def wide() -> int:
        return page.evaluate("document.documentElement.scrollWidth - innerWidth")

    def act(wanted, key):
        if key in ("Space", "Enter"):
            wanted.click()
        elif wanted.evaluate("node => node.tagName") == "SELECT":
            wanted.select_option("80")
        else:
            wanted.fill(key)
        assert wide() <= 0

    answer_all(page, case, act)
    plan = step(page, "plan")
    plan.get_by_role("button", name="Add a course").click()
    axe(page)
    plan.locator("input[value=find_cause]").check()
    plan.get_by_role("button", name="Commit the plan").click()
    expect(step(page, "end").locator("svg.marks")).to_be_visible()
    assert wide() <= 0
    small = page.evaluate(
        "[...document.querySelectorAll('.ot-case button, .ot-case-choice label')]"
        ".filter((one) => one.getClientRects().length && one.getBoundingClientRect().height < 24)"
        ".length")
    assert small == 0
    axe(page)
