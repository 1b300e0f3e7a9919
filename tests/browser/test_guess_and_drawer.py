"""Guess first, and "where from?", as a visitor meets them: real Voila, real Chromium."""

from __future__ import annotations

import contextlib
import json
import re
import zlib

import pytest
from playwright.sync_api import Page, expect

from osteoteach.commands.folders import notebooks_folder

PHONE = (390, 844)
NUMBERS = {"reversal": ("12", "5", "20"), "sequence": ("1", "0", "3"), "risk": ("80", "70", "90"),
           "noise": ("9", "8", "10"), "population": ("20", "10", "30")}
ALL = [*NUMBERS, "diagnose"]
# The first guess of a kernel opens the store, which takes long on a busy machine.
KEPT_MS = 40_000


@pytest.fixture(scope="module", autouse=True)
def own_store(tmp_path_factory):
    """The kernels of this module keep their guesses in a file of its own."""
    folder = tmp_path_factory.mktemp("answers")
    patch = pytest.MonkeyPatch()
    patch.setenv("OSTEOTEACH_DATABASE_URL", f"sqlite:///{folder / 'answers.sqlite3'}")
    yield folder / "answers.sqlite3"
    patch.undo()


@pytest.fixture(scope="module")
def address(own_store, serve, tmp_path_factory):
    """A server of its own, because the one of other modules has another store."""
    folder = tmp_path_factory.mktemp("notebooks") / "dashboards"
    folder.mkdir()
    for name in ALL:
        content = (notebooks_folder() / "dashboards" / f"{name}.ipynb").read_text("utf-8")
        (folder / f"{name}.ipynb").write_text(content, "utf-8")
    base = serve(folder.parent)
    return lambda name, query="": f"{base}/voila/render/dashboards/{name}.ipynb{query}"


def form(page: Page):
    return page.get_by_role("form", name="Guess first")


def readable(frame: str | bytes) -> str:
    """The text of a websocket's frame, what is packed in it included."""
    if isinstance(frame, str):
        return frame
    text = frame.decode("utf-8", "ignore")
    for start in (found.start() for found in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", frame)):
        with contextlib.suppress(zlib.error):
            text += zlib.decompressobj().decompress(frame[start:]).decode("utf-8", "ignore")
    return text


def strip(page: Page):
    return page.locator(".ot-guess-strip")


def guess(page: Page, name: str, by_keyboard: bool = False) -> None:
    """Commit a guess with mouse or keyboard alone."""
    if name == "diagnose":
        page.get_by_label("Osteoporosis", exact=True).check()
        page.get_by_label("How sure are you?").select_option("70%")
        form(page).get_by_role("button").click()
        return
    boxes = [form(page).get_by_label(label, exact=True) for label in ("Your guess", "From", "To")]
    if by_keyboard:
        boxes[0].focus()
        for place, text in enumerate(NUMBERS[name]):
            if place:
                page.keyboard.press("Tab")
            page.keyboard.type(text)
        page.keyboard.press("Enter")
        return
    for box, text in zip(boxes, NUMBERS[name], strict=True):
        box.fill(text)
    form(page).get_by_role("button", name="Lock in my guess").click()


@pytest.mark.parametrize(("name", "size"), [
    *((name, (1366, 768)) for name in ALL), ("reversal", PHONE), ("diagnose", PHONE)])
def test_the_link_asks_first_and_the_guess_stays_beside_the_answer(
        name, size, address, page_watch, axe):
    """guess=1: no answer, chart or fold before the guess; afterwards both, and the strip."""
    page = page_watch.open(address(name, "?guess=1"), *size)
    expect(form(page)).to_be_visible()
    assert page.get_by_role("status").filter(has_text=re.compile(r"\d")).count() == 0
    assert page.locator("svg.marks:visible").count() == 0
    assert page.locator(".ot-fold-body > *").count() == 0
    axe(page)
    guess(page, name, by_keyboard=size != PHONE and name != "diagnose")
    expect(strip(page)).to_be_visible(timeout=KEPT_MS)
    expect(page.locator(".ot-sentence")).to_have_text(re.compile(r"\w.*\d.*\."))
    expect(page.locator("svg.marks:visible").first).to_be_visible()
    # The form is gone, so the focus went on to what came in its place.
    expect(strip(page).get_by_role("heading")).to_be_focused()
    told = [one.get_attribute("aria-label") for one in strip(page).locator("svg[role=img]").all()]
    assert told[0].startswith("You: ")
    assert told[1].startswith(("The model: ", "The rules: "))
    assert all(len(one) > 10 for one in told)
    # On the chart itself, in its marks and in its words.
    expect(page.get_by_role("img", name=re.compile("You guessed "))).to_have_count(1)
    assert page.locator("svg.marks text:visible").filter(has_text="You: ").count() == 1
    axe(page)
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_nothing_of_the_answer_crosses_the_websocket_before_the_guess(address, page_watch):
    """Neither the sentence nor a fold is in any message while the lock holds."""
    secret = ["10 scans of one unchanged person", "Least significant change = ", "In the long run",
              "Ten scans of one unchanged person", "different classes", "biggest “losers”"]
    page, messages = page_watch.blank(), []
    page.on("websocket", lambda socket: socket.on(
        "framereceived", lambda frame: messages.append(frame)))
    page.goto(address("noise", "?guess=1"), wait_until="commit")
    page.wait_for_selector("body.ot-ready", timeout=60_000)
    expect(form(page)).to_be_visible()
    page.get_by_role("slider", name="Precision error").press("ArrowRight")
    expect(form(page)).to_contain_text("1.9%")
    crossed = "".join(map(readable, messages))
    assert [part for part in secret if part in crossed] == []
    guess(page, "noise")
    expect(strip(page)).to_be_visible(timeout=KEPT_MS)
    crossed = "".join(map(readable, messages))
    # The look-out above can see an answer. The folds come a moment after it.
    page.get_by_text("Why this answer").click()
    expect(page.locator(".ot-fold-body").first).to_contain_text("Least significant change")
    crossed = "".join(map(readable, messages))
    assert [part for part in secret if part in crossed] == secret


def test_a_guess_is_kept_under_a_name_of_this_browser(address, page_watch, own_store):
    """Recorded before the answer shows, under a random name that the browser keeps."""
    from osteoteach.progress.store import open_store

    page = page_watch.open(address("risk", "?guess=1"))
    guess(page, "risk")
    expect(strip(page)).to_be_visible(timeout=KEPT_MS)
    learner = page.evaluate("localStorage.getItem('osteoteach-learner')")
    assert re.fullmatch(r"browser-[0-9a-f]{32}", learner)
    found = open_store(learner=learner).answers(item_kind="guess", item_id="risk")
    assert [one.given["value"] for one in found] == [80.0]


def test_a_wrong_entry_is_told_and_does_not_let_the_answer_out(address, page_watch, axe):
    """The message stands beside its field, the focus is there, and the same slip is told twice."""
    page = page_watch.open(address("reversal", "?guess=1"))
    for _ in range(2):
        for label, text in (("Your guess", "2"), ("From", "3"), ("To", "5")):
            form(page).get_by_label(label, exact=True).fill(text)
        form(page).get_by_role("button", name="Lock in my guess").click()
        low = form(page).get_by_label("From", exact=True)
        expect(low).to_be_focused()
        expect(low).to_have_attribute("aria-invalid", "true")
        expect(form(page)).to_contain_text("must not lie above your guess")
    axe(page)
    expect(page.locator(".ot-sentence")).to_be_hidden()
    for width in (390, 320, 1366):  # the message breaks its lines, and pushes nothing aside
        page.set_viewport_size({"width": width, "height": 768})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    # What is typed stays while a setting moves.
    page.get_by_role("slider", name="Age", exact=True).press("ArrowRight")
    expect(form(page)).to_contain_text("63")
    assert form(page).get_by_label("Your guess", exact=True).input_value() == "2"


def test_the_switch_another_setting_and_guess_again(address, page_watch, axe):
    """Off by default; on by the switch; a new setting greys the guess; the button asks anew."""
    page = page_watch.open(address("population"))
    expect(page.locator(".ot-sentence")).to_have_text(re.compile(r"Of 1,000 women"))
    expect(form(page)).to_have_count(0)
    page.get_by_label("Ask me first").check()
    expect(page.locator(".ot-sentence")).to_be_hidden()
    guess(page, "population")
    expect(strip(page)).to_contain_text("Your guess beside the answer", timeout=KEPT_MS)
    expect(strip(page).get_by_role("link", name="Schuit 2004")).to_be_visible()
    page.get_by_label("Sex").select_option("Men")
    expect(strip(page)).to_contain_text("for the earlier settings")
    expect(page.locator(".ot-sentence")).to_have_text(re.compile(r"Of 1,000 men"))
    axe(page)
    page.get_by_role("button", name="Guess again").press("Enter")
    expect(form(page).get_by_role("heading")).to_be_focused()
    expect(form(page)).to_contain_text("Of 100 men")
    expect(page.locator(".ot-sentence")).to_be_hidden()
    page.get_by_label("Ask me first").uncheck()
    expect(page.locator(".ot-sentence")).to_have_text(re.compile(r"Of 1,000 men"))


@pytest.mark.parametrize("go_in", ["tap", "keyboard"])
def test_on_a_phone_the_form_waits_below_the_edge_and_comes_whole(go_in, address, page_watch):
    """The question is in sight beside the settings; who goes into it gets the whole form."""
    page = page_watch.open(address("diagnose", "?guess=1"), *PHONE)
    question, lock = form(page).locator(".ot-guess-question"), form(page).get_by_role(
        "button", name="Lock in my guess")
    expect(question).to_be_in_viewport(ratio=1)
    expect(lock).not_to_be_in_viewport()
    if go_in == "tap":
        question.click()
    else:
        form(page).get_by_role("radio").first.focus()
    expect(lock).to_be_in_viewport(ratio=1)
    expect(question).to_be_in_viewport(ratio=1)
    lock.click()
    expect(form(page).get_by_role("alert").first).to_be_in_viewport()


@pytest.mark.parametrize("size", [(1366, 768), PHONE], ids=["desktop", "phone"])
def test_every_number_can_be_asked_where_from(size, address, page_watch, axe):
    """The answer's rows, one of them, back; then a row of a fold; Escape returns the focus."""
    page = page_watch.open(address("reversal"), *size)
    opener = page.get_by_role("button", name="Where do these numbers come from?")
    opener.press("Enter")
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_role("heading", name="Where these numbers come from")).to_be_focused()
    axe(page)
    drawer.get_by_role("button", name=re.compile("exercise, combined, total hip")).click()
    expect(drawer).to_contain_text("Kemmler 2020")
    expect(drawer).to_contain_text("Date read")
    expect(drawer).to_contain_text("disagree")
    assert drawer.get_by_text("Number", exact=True).is_visible()
    expect(drawer.get_by_role("link", name="Open Kemmler 2020")).to_have_attribute(
        "href", re.compile("^https://"))
    axe(page)
    box = drawer.bounding_box()
    if size == PHONE:
        assert box["width"] == size[0]
        assert box["y"] > 60
    else:
        assert box["x"] > size[0] / 2
    drawer.get_by_role("button", name="Back").click()
    expect(drawer.get_by_role("heading", name="Where these numbers come from")).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(opener).to_be_focused()

    page.get_by_text("Why this answer").click()
    where = page.get_by_role("button", name="Where from: Start exercise: combined")
    assert where.bounding_box()["height"] >= 24
    where.click()
    expect(drawer).to_contain_text("Effects of lifestyle on BMD")
    drawer.get_by_role("button", name="Close").click()
    expect(where).to_be_focused()
    page.locator("[data-fold=sources] summary").click()
    page.locator("[data-fold=sources] .ot-where").first.press("Enter")
    expect(drawer).to_contain_text("Read from this study")
    axe(page)


def test_every_button_of_every_page_opens_on_its_number(address, page_watch):
    """No button of any page is refused, and what it says is what the page cites."""
    for name in ALL:
        page = page_watch.open(address(name))
        for fold in ("why", "how_sure", "sources"):
            page.locator(f"[data-fold={fold}] summary").click()
        buttons = page.locator(".ot-where:visible")
        count = buttons.count()
        assert count >= 2
        for place in range(0, count, max(count // 5, 1)):
            buttons.nth(place).click()
            drawer = page.get_by_role("dialog")
            expect(drawer.get_by_text("Date read").first).to_be_visible()
            page.keyboard.press("Escape")
            expect(drawer).to_be_hidden()


def test_a_published_point_of_a_chart_can_be_asked_where_from(address, page_watch, axe):
    """By mouse on the point, by keyboard in the chart's table."""
    page = page_watch.open(address("sequence"))
    chart = page.locator(".osteoteach-live-chart").first
    # The only symbols of this chart before a guess; those of its legend have another role.
    chart.locator("svg.marks .mark-symbol.role-mark path").last.click()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("Read from th")
    page.keyboard.press("Escape")
    chart.get_by_role("button", name="Show as table").press("Enter")
    ask = chart.locator("td .ot-where").first
    label = ask.get_attribute("aria-label")
    assert label.startswith("Where from: Trials, ")
    ask.press("Enter")
    expect(drawer).to_contain_text("Read from th")
    axe(page)
    page.keyboard.press("Escape")
    expect(ask).to_be_focused()


def test_a_browser_that_asks_for_more_is_refused(address, page_watch):
    """A forged address shows one sentence, and nothing of it becomes part of the page."""
    page = page_watch.open(address("reversal"))
    page.get_by_text("Why this answer").click()
    forged = {"table": "<img src=x onerror=alert(1)>", "row": "../../etc"}
    page.evaluate("""forged => {
      const button = document.querySelector('.ot-fold-body .ot-where');
      Object.assign(button.dataset, forged);
      button.click();
    }""", forged)
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("There is no such number")
    assert "onerror" not in drawer.inner_html()
    assert json.dumps(forged["row"]) not in drawer.inner_text()
