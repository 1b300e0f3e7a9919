"""A class that votes: real server, real Chromium, two and two hundred voters."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from osteoteach.commands.folders import notebooks_folder
from osteoteach.progress.room_questions import Question
from osteoteach.progress.rooms import Rooms
from osteoteach.view.serving import find_free_port, voila_command

from .class_voters import Voter, vote_as_many, wait_until_up

GAIN = Question("number", "Gain of the total hip in five years?", "%", -10, 20)
CLASSES = Question("category_confidence", "Which class?",
                   choices=("Normal", "Low bone mass", "Osteoporosis"))
SMALL_TARGETS = """() => [...document.querySelectorAll("button, summary, input, .ot-choice")]
  .filter((one) => one.checkVisibility({contentVisibilityProperty: true}))
  .filter((one) => one.getBoundingClientRect().height < 24).map((one) => one.outerHTML)"""
PATIENCE_MS = 30_000
HOSTILE = '<img src=x onerror="document.title=1">\u202e'


@pytest.fixture(scope="module", autouse=True)
def patience():
    """A kernel that starts on a busy machine may take longer than the usual five seconds."""
    expect.set_options(timeout=PATIENCE_MS)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture(scope="module")
def store_url(tmp_path_factory):
    return f"sqlite:///{tmp_path_factory.mktemp('rooms')}/rooms.sqlite3"


@pytest.fixture(scope="module")
def base(store_url, tmp_path_factory):
    """A server with a store of its own, that believes to serve a whole network."""
    scratch = tmp_path_factory.mktemp("class-server")
    port = find_free_port(0)
    argv, env = voila_command(notebooks_folder(), port, open_browser=False)
    env |= {"OSTEOTEACH_DATABASE_URL": store_url, "OSTEOTEACH_LISTENS_ON": "192.0.2.7",
            "JUPYTER_CONFIG_DIR": str(scratch / "config"), "IPYTHONDIR": str(scratch / "ipython")}
    log = (scratch / "log").open("wb")
    server = subprocess.Popen(argv, env=env, cwd=scratch, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    wait_until_up(f"{address}/class/", server, scratch / "log")
    yield address
    server.terminate()
    server.wait(20)
    told = (scratch / "log").read_text(encoding="utf-8")
    assert "127.0.0.1)" not in "\n".join(line for line in told.splitlines() if "/class" in line)


@pytest.fixture
def rooms(store_url):
    return Rooms(store_url)


@pytest.fixture
def room(rooms):
    """A room with an open question for a number."""
    opened = rooms.open()
    rooms.ask(opened.code, opened.secret, GAIN)
    return opened


def join(page: Page, base: str, code: str) -> None:
    page.goto(f"{base}/class/{code}")


def vote_number(page: Page, number: str) -> None:
    page.get_by_label("Your number", exact=True).fill(number)
    page.get_by_role("button", name=re.compile("^(Vote|Change my vote)$")).click()


def numbers(rooms, room, round_number=1) -> list[float]:
    return sorted(one.number for one in rooms.votes(room.code, room.secret, round_number))


# --- Students -------------------------------------------------------------------------


def test_two_browsers_vote_at_once_and_a_changed_vote_replaces_the_first(
        base, rooms, room, page_watch):
    one, two = page_watch.blank(390, 844), page_watch.blank(390, 844)
    for page in (one, two):
        join(page, base, room.code.lower())
    vote_number(one, "4,5")
    vote_number(two, "−2")
    for page in (one, two):
        expect(page.get_by_text("Your vote is in")).to_be_visible()
    assert numbers(rooms, room) == [-2.0, 4.5]
    vote_number(one, "3")
    expect(one.get_by_text("Your vote is in: +3%")).to_be_visible()
    assert numbers(rooms, room) == [-2.0, 3.0]


def test_a_reload_and_a_second_tab_do_not_vote_again(base, rooms, room, page_watch):
    page = page_watch.blank(390, 844)
    join(page, base, room.code)
    vote_number(page, "5")
    expect(page.get_by_text("Your vote is in")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Your vote is in: +5%")).to_be_visible()
    vote_number(page, "6")
    expect(page.get_by_text("Your vote is in: +6%")).to_be_visible()
    tab = page.context.new_page()
    join(tab, base, room.code)
    expect(tab.get_by_text("Your vote is in: +6%")).to_be_visible()
    vote_number(tab, "7")
    expect(tab.get_by_text("Your vote is in: +7%")).to_be_visible()
    assert numbers(rooms, room) == [7.0]


def test_a_wrong_number_is_told_and_not_sent(base, rooms, room, page_watch, axe):
    page = page_watch.blank(390, 844)
    join(page, base, room.code)
    for bad in ("99", "many", ""):
        vote_number(page, bad)
        expect(page.get_by_role("alert")).to_have_text("Type a number from −10 to 20%.")
    axe(page)
    assert numbers(rooms, room) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_students_page_is_accessible_by_phone_and_keyboard_in_every_state(
        base, rooms, page_watch, axe, scheme):
    opened = rooms.open()
    page = page_watch.blank(390, 844, color_scheme=scheme)
    join(page, base, opened.code)
    expect(page.get_by_text("The first question will appear here.")).to_be_visible()
    axe(page)
    rooms.ask(opened.code, opened.secret, CLASSES)
    page.get_by_role("radio", name="Osteoporosis").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    for _ in range(2):
        page.keyboard.press("Tab")
    axe(page)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your vote is in: Osteoporosis, 30% sure.")).to_be_visible()
    assert page.evaluate(SMALL_TARGETS) == []
    rooms.close(opened.code, opened.secret, 1)
    expect(page.get_by_text("Voting is closed")).to_be_visible()
    axe(page)
    rooms.reveal(opened.code, opened.secret, 1, {
        "parts": [["The model", "<b>Low</b> bone mass"]], "sources": []})
    expect(page.get_by_text("<b>Low</b> bone mass")).to_be_visible()
    axe(page)
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_code_can_be_typed_and_a_wrong_one_is_told(base, room, page_watch, axe):
    page = page_watch.blank(390, 844)
    page.goto(f"{base}/class/")
    axe(page)
    page.get_by_label("Code on the screen").fill(f"{room.code[:3].lower()} {room.code[3:]}")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("heading", name=GAIN.prompt)).to_be_visible()
    page_watch.expect_console("404")
    for wrong in ("CCCCCC", "no", "<script>1</script>"):
        page.goto(f"{base}/class/")
        page.get_by_label("Code on the screen").evaluate(
            "(box, text) => { box.maxLength = 99; box.value = text; }", wrong)
        page.get_by_role("button", name="Join").click()
        expect(page.get_by_role("alert")).to_be_visible()


def test_a_room_that_expired_or_ended_is_told_and_asks_no_more(
        base, rooms, store_url, page_watch):
    past = Rooms(store_url, now=lambda: datetime.now(UTC) - timedelta(hours=5))
    expired = past.open(hours=4)
    page_watch.expect_console("404")
    page = page_watch.blank(390, 844)
    join(page, base, expired.code)
    expect(page.get_by_role("alert")).to_contain_text("There is no such room")
    ended = rooms.open()
    join(page, base, ended.code)
    expect(page.get_by_text("You are in")).to_be_visible()
    rooms.end(ended.code, ended.secret)
    expect(page.get_by_role("heading", name="This room has ended")).to_be_visible()


def test_a_vote_that_finds_no_server_is_sent_again_by_itself(base, rooms, room, page_watch):
    page = page_watch.blank(390, 844)
    join(page, base, room.code)
    expect(page.get_by_role("button", name="Vote")).to_be_visible()
    page_watch.expect_console("net::ERR")
    page.context.set_offline(True)
    vote_number(page, "8")
    expect(page.get_by_role("alert")).to_contain_text("Not sent yet")
    page.context.set_offline(False)
    expect(page.get_by_text("Your vote is in: +8%")).to_be_visible()
    assert numbers(rooms, room) == [8.0]


# --- Two hundred ----------------------------------------------------------------------


def test_200_votes_within_10_seconds_none_lost_and_none_counted_twice(base, rooms, room):
    """200 voters with the page open vote, and all vote again, over one address."""
    found = vote_as_many(base, room.code, voters=200, at_once=20)
    assert found.first == found.again == [200] * 200
    assert rooms.count(room.code, room.secret, 1) == 200
    assert numbers(rooms, room) == sorted(float(place % 7) for place in range(200))
    assert found.seconds < 10


def test_one_voter_is_slowed_down_and_told_when_to_come_again(base, rooms, room):
    voter = Voter(base, room.code)
    voter.join()
    statuses = [voter.vote(1, number=1.0) for _ in range(14)]
    assert statuses[:8] == [200] * 8
    assert 429 in statuses
    _, _, headers = voter.request("POST", f"/class/api/{room.code}/vote",
                                  {"round": 1, "number": 2})
    assert int(headers["Retry-After"]) >= 1
    assert rooms.count(room.code, room.secret, 1) == 1


@pytest.mark.parametrize(("body", "headers", "status"), [
    ({"round": 1, "number": 1}, {"X-XSRFToken": ""}, 403),
    ({"round": 1, "number": 1}, {"X-XSRFToken": "é"}, 403),
    ({"round": 1, "number": 1}, {"Cookie": ""}, 403),
    ({"round": 1, "number": 1}, {"Cookie": "osteoteach-voter=" + "0" * 32}, 403),
    ({"round": 1, "number": 1}, {"Content-Type": "text/plain"}, 415),
    ({"round": 2, "number": 1}, {}, 409),
    ({"round": "1", "number": 1}, {}, 400),
    ({"round": 1, "number": 1, "nickname": ["x"]}, {}, 400),
    ({"round": 1, "number": 1, "secret": "x"}, {}, 400),
    (b"\x00\xff", {}, 400),
    (b"[" * 2000, {}, 400),
    (b'{"round": 1, "number": 1e999}', {}, 400),
])
def test_a_hostile_vote_is_refused_in_words_and_not_counted(
        base, rooms, room, body, headers, status):
    voter = Voter(base, room.code)
    voter.join()
    found, text, _ = voter.request("POST", f"/class/api/{room.code}/vote", body,
                                   {key: value.encode().decode("latin-1")
                                    for key, value in headers.items()})
    assert (found, bool(json.loads(text)["problem"])) == (status, True)
    assert rooms.count(room.code, room.secret, 1) == 0


def test_a_huge_vote_is_not_swallowed(base, rooms, room):
    voter = Voter(base, room.code)
    voter.join()
    try:
        status, _, _ = voter.request("POST", f"/class/api/{room.code}/vote", b"x" * 20_000_000)
    except OSError:
        status = 400  # the server hung up while it was sent
    assert status == 400
    assert rooms.count(room.code, room.secret, 1) == 0


def test_pages_ask_for_nothing_outside_and_the_state_costs_nothing_while_it_stays(base, room):
    voter = Voter(base, room.code)
    status, text, headers = voter.request("GET", f"/class/{room.code}")
    policy = headers["Content-Security-Policy"]
    assert status == 200
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert b"<script>" not in text
    assert b"style=" not in text
    _, body, headers = voter.request("GET", f"/class/api/{room.code}")
    assert room.secret.encode() not in body
    status, body, _ = voter.request("GET", f"/class/api/{room.code}", None,
                                    {"If-None-Match": headers["ETag"]})
    assert (status, body) == (304, b"")


# --- The instructor -------------------------------------------------------------------


@pytest.fixture
def panel(base, page_watch) -> Page:
    return page_watch.open(f"{base}/voila/render/dashboards/class.ipynb")


def open_room(panel: Page) -> str:
    panel.get_by_role("button", name="Open a room").click()
    # The first room of a kernel waits for the database's own modules.
    expect(panel.locator(".ot-class-code")).to_be_visible(timeout=PATIENCE_MS)
    return panel.locator(".ot-class-code").inner_text().replace(" ", "")


def ask(panel: Page, step: int) -> None:
    panel.get_by_label("Prepared question").select_option(f"can_it_be_reversed/{step}")
    panel.get_by_role("button", name="Ask this question").click()
    expect(panel.get_by_text("Voting is open")).to_be_visible(timeout=PATIENCE_MS)


def kept_secret(panel: Page) -> str:
    return json.loads(panel.evaluate("sessionStorage.getItem('osteoteach-room')"))["key"]


def test_a_question_is_asked_voted_on_revealed_beside_model_and_trial_and_asked_again(
        base, panel, page_watch, axe):
    """The whole way: code, votes arriving, histogram, model, trial, before and after."""
    axe(panel)
    code = open_room(panel)
    axe(panel)
    assert f"192.0.2.7:{base.rpartition(':')[2]}/class" in panel.locator(
        ".ot-class-address").inner_text()
    ask(panel, 8)
    phone = page_watch.blank(390, 844)
    join(phone, base, code)
    vote_number(phone, "12")
    expect(panel.locator(".ot-class-number")).to_have_text("1")
    assert panel.locator("svg.marks").count() == 0
    panel.get_by_role("button", name="Reveal").click()
    chart = panel.get_by_role("img", name=re.compile("Histogram of votes"))
    expect(chart).to_be_visible()
    label = chart.get_attribute("aria-label")
    assert "1 vote: half say +12% or less" in label
    assert re.search(r"Model \+\d", label)
    assert "Trial +5%." in label
    expect(panel.get_by_text("FREEDOM: +5%")).to_be_visible()
    axe(panel)
    expect(phone.get_by_text("You said: +12%.")).to_be_visible()
    expect(phone.get_by_role("heading", name="The model")).to_be_visible()
    panel.get_by_role("button", name="Ask again, after discussion").click()
    vote_number(phone, "4")
    expect(panel.locator(".ot-class-number")).to_have_text("1")
    panel.get_by_role("button", name="Reveal").click()
    expect(panel.get_by_text("1 vote; outlined: 1 vote before the discussion")).to_be_visible()


def test_contrast_pairs_are_linked_and_choices_show_what_the_model_says(base, panel, page_watch):
    code = open_room(panel)
    phone = page_watch.blank(390, 844)
    join(phone, base, code)
    for step in (2, 3):
        ask(panel, step)
        expect(phone.get_by_text("How sure are you?")).to_be_visible()
        expect(phone.get_by_role("heading", level=1)).to_contain_text(
            "A man of 49" if step == 2 else "The man turns 50")
        phone.get_by_role("radio", name="Osteoporosis").check()
        phone.get_by_role("radio", name="Almost certain").check()
        phone.get_by_role("button", name="Vote").click()
        expect(phone.get_by_text("Your vote is in")).to_be_visible()
        panel.get_by_role("button", name="Reveal").click()
        expect(panel.locator(".ot-class-reveal")).to_be_visible()
    chart = panel.get_by_role("img", name=re.compile("Bars of votes"))
    expect(chart).to_have_attribute("aria-label", re.compile("The model says: Osteoporosis"))
    expect(panel.get_by_text("outlined: 1 vote on the earlier question")).to_be_visible()


def test_a_hostile_nickname_is_shown_as_text(base, rooms, panel, page_watch):
    code = open_room(panel)
    ask(panel, 6)
    phone = page_watch.blank(390, 844)
    join(phone, base, code)
    phone.get_by_text("Add a nickname (optional)").click()
    phone.get_by_label("Nickname", exact=True).evaluate("box => { box.maxLength = 500; }")
    phone.get_by_label("Nickname", exact=True).fill(HOSTILE)
    vote_number(phone, "1")
    expect(panel.locator(".ot-class-number")).to_have_text("1")
    panel.get_by_role("button", name="Show nicknames").click()
    expect(panel.locator(".ot-class-names")).to_have_text(HOSTILE[:24])
    assert panel.locator(".ot-class-names img").count() == 0
    assert panel.title() != "1"


def test_a_question_typed_by_hand_is_checked_asked_and_has_no_model(base, panel, page_watch, axe):
    code = open_room(panel)
    panel.get_by_text("Type a question of your own").click()
    panel.get_by_role("button", name="Ask my question").click()
    expect(panel.get_by_role("alert").filter(has_text="Question must be typed in")).to_be_visible()
    panel.get_by_label("Kind of answer").select_option("One of several answers")
    panel.get_by_role("textbox", name="Question", exact=True).fill("<b>Milk</b> or stairs?")
    panel.get_by_label("Answers, one a line").fill("Milk\nStairs\n\n")
    panel.get_by_role("button", name="Ask my question").click()
    phone = page_watch.blank(390, 844)
    join(phone, base, code)
    expect(phone.get_by_role("heading", level=1)).to_have_text("<b>Milk</b> or stairs?")
    phone.get_by_role("radio", name="Stairs").check()
    phone.get_by_role("button", name="Vote").click()
    expect(panel.locator(".ot-class-number")).to_have_text("1")
    panel.get_by_role("button", name="Close the voting").click()
    expect(phone.get_by_text("Voting is closed")).to_be_visible()
    panel.get_by_role("button", name="Reveal").click()
    expect(panel.get_by_text("the model has no answer to it")).to_be_visible()
    axe(panel)


def test_only_the_secret_link_comes_back_and_a_reload_does(base, rooms, panel, page_watch):
    code = open_room(panel)
    ask(panel, 6)
    secret = kept_secret(panel)
    assert secret not in panel.content()
    assert secret not in panel.url
    panel.reload(wait_until="commit")
    expect(panel.get_by_text("Voting is open")).to_be_visible(timeout=30_000)
    address = f"{base}/voila/render/dashboards/class.ipynb"
    other = page_watch.open(address)
    expect(other.get_by_role("button", name="Open a room")).to_be_visible()
    assert code not in other.content().replace(" ", "")
    wrong = page_watch.open(f"{address}#room={code}&key={'x' * 43}")
    expect(wrong.get_by_role("alert").filter(has_text="does not open the room")).to_be_visible()
    expect(wrong.get_by_role("button", name="Reveal")).to_have_count(0)
    right = page_watch.open(f"{address}#room={code}&key={secret}")
    expect(right.get_by_text("Voting is open")).to_be_visible()
    assert secret not in right.url
    right.get_by_role("button", name="Close the voting").click()
    expect(right.get_by_text("Voting is closed")).to_be_visible()
    right.on("dialog", lambda dialog: dialog.accept())
    right.get_by_role("button", name="End the room").click()
    expect(right.get_by_text("The room has ended")).to_be_visible()
    with pytest.raises(Exception, match="no such room"):
        rooms.check(code, secret)


def test_the_panel_fits_a_phone_and_a_dark_room(base, page_watch, axe):
    page = page_watch.open(f"{base}/voila/render/dashboards/class.ipynb", 390, 844,
                           color_scheme="dark")
    open_room(page)
    ask(page, 4)
    page.get_by_role("button", name="Reveal").click()
    expect(page.locator("svg.marks")).to_be_visible()
    axe(page)
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_papers_of_a_session_are_saved_with_computed_answers(panel):
    open_room(panel)
    panel.get_by_text("Present a session, or print its papers").click()
    for button, inside in (("Lecturer's plan", "Timetable"), ("Printable key", "Choices")):
        with panel.expect_download(timeout=30_000) as saved:
            panel.get_by_role("button", name=button).click()
        text = saved.value.path().read_text(encoding="utf-8")
        assert inside in text
        assert "FREEDOM: +5%" in text
        assert "<script" not in text
