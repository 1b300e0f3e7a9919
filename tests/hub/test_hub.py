"""A real JupyterHub: people log in, learn, vote, go and come back, and stay apart."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import requests
from nbformat import write
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, text
from websocket import WebSocketBadStatusException

from osteoteach.progress.rooms import Rooms
from tests.browser.class_voters import Voter
from tests.browser.conftest import browser, page_watch  # noqa: F401
from tests.hub.running import Hub, Visitor, execute
from tests.test_progress_postgres import Server, programs

SLOW = 90_000
LEARNERS = ("anna", "ben", "chidi")
RIGHT_NOTE = "A low-trauma hip fracture is osteoporosis with or without a scan"


@pytest.fixture(scope="module")
def postgres():
    found = programs()
    assert found, "PostgreSQL is needed: as root, run sh tests/ensure-postgres.sh"
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        running = Server(Path(folder), found)
        running.start()
        yield running
        running.stop("immediate")


@pytest.fixture(scope="module")
def hub(postgres):
    # A short path: sockets' names may have at most 107 signs.
    with tempfile.TemporaryDirectory(prefix="hub-", ignore_cleanup_errors=True) as folder:
        running = Hub(Path(folder), postgres)
        running.start()
        yield running
        running.stop()


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A lecturer's own repository with one page: a question."""
    folder = tmp_path_factory.mktemp("source") / "course"
    folder.mkdir()
    notebook = new_notebook(cells=[
        new_markdown_cell("# One question"),
        new_code_cell("from osteoteach.view.questions import ask\nask('hip_fracture_normal_bmd')"),
    ], metadata={"kernelspec": {
        "name": "python3", "display_name": "Python 3", "language": "python"}})
    write(notebook, folder / "question.ipynb")
    for command in (["init", "-q", "-b", "main"], ["add", "."],
                    ["-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "-qm", "One"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="module")
def there(hub) -> dict[str, Visitor]:
    """Everybody with a server, started at the same time."""
    people = {name: Visitor(hub, name) for name in (*LEARNERS, "lecturer")}
    for one in people.values():
        one.log_in()
    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(lambda one: one.start_server(), people.values()))
    return people


def pull_link(hub: Hub, course: Path, notebook: str) -> str:
    """The link that a lecturer gives: it logs in, starts, pulls, and opens the page."""
    return (f"{hub.address}/hub/user-redirect/git-pull?repo={quote(str(course), safe='')}"
            f"&branch=main&urlpath={quote(f'voila/render/{notebook}', safe='')}")


def logged_in(page_watch, hub: Hub, name: str) -> Page:  # noqa: F811
    """A new browser, in which this person logs in by the form."""
    # Between a spawn and its page the hub's own pages may ask for what is not there yet.
    page_watch.expect_console("Failed to load resource")
    page = page_watch.blank()
    page.set_default_timeout(SLOW)
    page.goto(f"{hub.address}/hub/login?next=%2Fhub%2Fhome")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill("any")
    page.get_by_role("button", name=re.compile("Sign in", re.I)).click()
    page.wait_for_url(re.compile("/hub/home"))
    return page


def rows(hub: Hub, query: str) -> list[tuple]:
    engine = create_engine(hub.owner_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return found


def move_a_slider(page: Page) -> None:
    """Move the first slider of a dashboard by a key and see the answer change."""
    page.wait_for_selector("body.ot-ready", timeout=SLOW)
    sentence = page.locator(".ot-sentence").first
    before = sentence.inner_text()
    slider = page.get_by_role("slider").first
    slider.focus()
    for _ in range(10):
        page.keyboard.press("PageUp")
    expect(sentence).not_to_have_text(before, timeout=20_000)


@pytest.mark.parametrize("name", LEARNERS)
def test_they_learn_and_come_back_and_find_their_answer(
        hub, there, course, page_watch, name):  # noqa: F811
    """Gallery, a live slider, a pulled page with a question; stopped, back, and there it is."""
    page = logged_in(page_watch, hub, name)
    page.goto(f"{hub.address}/user/{name}/voila")
    page.get_by_role("link", name="Is the change real?", exact=True).click()
    move_a_slider(page)

    page.goto(pull_link(hub, course, "course/question.ipynb"))
    question = page.locator(".ot-q")
    expect(question).to_be_visible(timeout=SLOW)
    question.get_by_role("radio", name="Osteoporosis", exact=True).check()
    question.get_by_role("radio", name=re.compile("^Fairly sure")).check()
    question.get_by_role("button", name="Commit").click()
    expect(question.get_by_text(RIGHT_NOTE)).to_be_visible(timeout=SLOW)
    assert page.evaluate("localStorage.getItem('osteoteach-learner')").startswith("browser-")
    # The name that the browser gave itself is not kept: the hub's name is.
    kept = rows(hub, f"SELECT item_id, score FROM answers WHERE learner = '{name}'")
    assert kept == [("hip_fracture_normal_bmd", 1.0)]
    assert {one for (one,) in rows(hub, "SELECT learner FROM answers")} <= set(LEARNERS)
    page.context.close()

    there[name].stop_server()
    again = logged_in(page_watch, hub, name)
    again.goto(pull_link(hub, course, "course/question.ipynb"))
    expect(again.locator(".ot-q").get_by_text("Answered on")).to_be_visible(timeout=SLOW)


def test_a_lesson_runs_in_lab_from_the_gallery(hub, there, page_watch):  # noqa: F811
    """The gallery leads to a copy of the lesson that is the learner's own."""
    page_watch.expect_console("404")
    page = logged_in(page_watch, hub, "ben")
    page.goto(f"{hub.address}/user/ben/voila")
    page.get_by_role("link", name=re.compile("^Osteopenia in twenty minutes")).click()
    page.wait_for_url(re.compile(r"/user/ben/lab/tree/lessons/00_start_here\.ipynb"))
    expect(page.locator(".jp-Notebook .jp-CodeCell").first).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("button", name="Python 3 (ipykernel) | Idle")).to_be_visible(
        timeout=SLOW)
    # Lab's own question about news from outside is answered for the school: no.
    expect(page.get_by_text("official Jupyter news")).to_have_count(0)
    lesson = hub.folder / "home/ben/osteoteach/lessons/00_start_here.ipynb"
    assert lesson.is_file()
    assert not lesson.is_symlink()
    assert (hub.folder / "home/ben/osteoteach/dashboards").is_symlink()


def test_closing_the_tab_ends_the_kernel(hub, there, page_watch):  # noqa: F811
    """As in the standalone server: memory comes back at once, not after ten minutes."""
    page = logged_in(page_watch, hub, "chidi")
    page.goto(f"{hub.address}/user/chidi/voila/render/dashboards/diagnose.ipynb")
    page.wait_for_selector("body.ot-ready", timeout=SLOW)
    its_own = re.search(r'"kernelId":\s*"([0-9a-f-]{36})"', page.content()).group(1)
    # The browser's own right to ask: an earlier test may have ended the visitor's.
    asks = page.context.request

    def kernels() -> set[str]:
        answer = asks.get(f"{hub.address}/user/chidi/api/kernels")
        assert answer.ok, answer.text()
        return {kernel["id"] for kernel in answer.json()}

    assert its_own in kernels()
    page.close(run_before_unload=True)
    until = time.monotonic() + 20
    while its_own in kernels():
        assert time.monotonic() < until, "The kernel is still there."
        time.sleep(0.3)


OTHERS_ADDRESSES = ("voila", "voila/render/dashboards/noise.ipynb", "lab", "tree", "api/kernels",
                    "api/contents", "api/sessions", "api/terminals", "api/kernelspecs",
                    "git-pull?repo=x", "files/lessons/00_start_here.ipynb", "terminals/websocket/1",
                    "voila/files/lessons/00_start_here.ipynb", "presenting/can_it_be_reversed")


@pytest.mark.parametrize("path", OTHERS_ADDRESSES)
def test_nobody_reaches_the_server_of_somebody_else(hub, there, path):
    """With another's cookies or with none: no page, no file, no kernel."""
    target = f"{hub.address}/user/anna/{path}"
    stranger = requests.get(target, allow_redirects=False, timeout=30)
    ben = there["ben"].web.get(target, timeout=60)
    assert stranger.status_code in (302, 401, 403)
    if stranger.status_code == 302:
        assert "/login" in stranger.headers["Location"] or "/hub/" in stranger.headers["Location"]
    assert ben.status_code in (403, 404), ben.url
    assert ben.status_code == 403 or urlsplit(ben.url).path.startswith("/hub/")


def test_nobody_executes_in_the_kernel_of_somebody_else(hub, there):
    """The websocket of a running kernel, its id known: refused."""
    kernel = there["anna"].open_page("dashboards/noise.ipynb")
    assert execute(there["anna"].socket(kernel), "print(6 * 7)") == "42\n"
    for intruder in (there["ben"], Visitor(hub, "nobody")):
        with pytest.raises(WebSocketBadStatusException) as refused:
            intruder.socket(kernel, home=there["anna"].home)
        assert refused.value.status_code in (302, 401, 403)
        answer = intruder.web.post(f"{there['anna'].home}voila/api/shutdown/{kernel}",
                                   allow_redirects=False, timeout=30)
        assert answer.status_code in (302, 403)
        answer = intruder.web.delete(f"{there['anna'].home}api/kernels/{kernel}",
                                     allow_redirects=False, timeout=30)
        assert answer.status_code in (302, 403)
    assert kernel in [one["id"] for one in there["anna"].get("api/kernels").json()]


def test_a_page_of_ones_own_executes_code_and_that_gives_nothing_of_others(hub, there):
    """Voila as an extension filters no messages. The kernel is the user's, and so are its
    rights: in the database they end at the user's own answers, whatever code says."""
    socket = there["ben"].socket(there["ben"].open_page("dashboards/noise.ipynb"))
    assert execute(socket, "import os; print(os.environ['JUPYTERHUB_USER'])") == "ben\n"
    told = execute(socket, """
import os
from osteoteach.progress.records import AnswerRecord
from osteoteach.progress.store import EVERYONE, StoreProblem, open_store
os.environ["OSTEOTEACH_LEARNER"] = "anna"
os.environ["JUPYTERHUB_USER"] = "anna"
print(sorted({one.learner for one in open_store().answers(learner=EVERYONE)}))
try:
    open_store(learner="anna").record(AnswerRecord(
        "f" * 32, "anna", "question", "forged", "1", {"choice": 1}))
except StoreProblem as problem:
    print("refused")
from sqlalchemy import create_engine, text
engine = create_engine(os.environ["OSTEOTEACH_DATABASE_URL"].replace("://", "+psycopg://", 1))
for statement in ("UPDATE answers SET score = 1", "DELETE FROM answers", "SELECT * FROM rooms",
                  "SELECT * FROM room_votes", "CREATE TABLE x (y int)",
                  "SET SESSION AUTHORIZATION 'osteoteach:anna'", "SET ROLE school",
                  "ALTER TABLE answers DISABLE ROW LEVEL SECURITY",
                  "INSERT INTO answers (answer_id, learner, item_kind, item_id, item_version,"
                  " given, tags, answered_at) VALUES ('x', 'anna', 'a', 'b', 'c', '1', '[]', 'd')"):
    try:
        with engine.begin() as connection:
            print("allowed", statement, connection.execute(text(statement)))
    except Exception as error:
        print(type(error).__name__)
""")
    lines = told.split("\n")
    assert lines[0] in ("[]", "['ben']")
    assert lines[1] == "refused"
    assert "allowed" not in told
    assert len(lines) == 12
    assert rows(hub, "SELECT 1 FROM answers WHERE item_id = 'forged'") == []


class PhoneOfTheHall(Voter):
    """A phone in the room: no account, no log-in."""

    def request(self, method, path, body=None, headers=None):
        return super().request(method, f"/services/osteoteach-class{path}", body, headers)


def test_a_class_votes_in_one_place_and_its_instructor_sees_it(
        hub, there, page_watch):  # noqa: F811
    """The panel in the instructor's server, the phones at the service, PostgreSQL between."""
    panel = logged_in(page_watch, hub, "lecturer")
    panel.goto(f"{hub.address}/user/lecturer/voila/render/dashboards/class.ipynb")
    panel.get_by_role("button", name="Open a room").click()
    shown = panel.locator(".ot-class-code")
    expect(shown).to_be_visible(timeout=SLOW)
    code = shown.inner_text().replace(" ", "")
    assert panel.locator(".ot-class-address").inner_text() == (
        f"{hub.address.removeprefix('http://')}/services/osteoteach-class/class")
    panel.get_by_label("Prepared question").select_option("can_it_be_reversed/8")
    panel.get_by_role("button", name="Ask this question").click()
    asked = panel.locator(".ot-class-number")
    expect(asked).to_have_text("0", timeout=SLOW)

    phone = PhoneOfTheHall(hub.address, code)
    phone.join()
    question = json.loads(phone.request("GET", f"/class/api/{code}")[1])["question"]
    vote = {"number": question["low"]} if question["kind"] == "number" else {"choice": 0}
    assert phone.vote(1, **vote) == 200
    expect(asked).to_have_text("1", timeout=SLOW)
    # Who opens the room's address in the instructor's server is led to the service.
    led = requests.get(f"{hub.address}/user/lecturer/class/{code}", timeout=30)
    assert led.url == f"{hub.address}/services/osteoteach-class/class/{code}"
    assert led.status_code == 200

    socket = there["anna"].socket(there["anna"].open_page("dashboards/noise.ipynb"))
    refused = execute(socket, "from osteoteach.progress.rooms import Rooms; Rooms().open()")
    assert "StoreProblem" in refused
    assert Rooms(hub.owner_url).current(code) is not None


def test_a_presenters_link_works_in_a_users_server(hub, there):
    answer = there["lecturer"].get(
        "voila/render/dashboards/noise.ipynb?present=can_it_be_reversed&step=2",
        allow_redirects=False)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("diagnose.ipynb?age_years=49")


def test_the_hubs_log_holds_no_password_of_the_database(hub, there):
    log = hub.log.read_text()
    assert "osteoteach%3A" not in log
    assert not re.search(r"postgresql(\+\w+)?://[^\s]*:[^\s]*@", log)


def test_idle_servers_go_and_a_restarted_hub_knows_everybody(hub, there):
    """The last test: the hub starts again with a culler that waits 20 seconds."""
    hub.stop()
    hub.environment |= {"OSTEOTEACH_CULL_AFTER_SECONDS": "20", "OSTEOTEACH_CULL_EVERY_SECONDS": "2"}
    hub.start()
    anna = Visitor(hub, "anna")
    anna.log_in()
    anna.start_server()
    # An answer kept before the restart is there after it.
    socket = anna.socket(anna.open_page("dashboards/noise.ipynb"))
    told = execute(socket, "from osteoteach.progress.store import open_store\n"
                           "print([one.item_id for one in open_store().answers()])")
    assert told == "['hip_fracture_normal_bmd']\n"
    socket.close()
    until = time.monotonic() + 90
    while anna.api("GET", "users/anna").json()["servers"]:
        assert time.monotonic() < until, "The idle server is still there."
        time.sleep(0.5)
