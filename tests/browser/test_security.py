"""A browser holds to the policy, and no secret of a session is in the server's log."""

from __future__ import annotations

import subprocess

import pytest
from playwright.sync_api import expect

from osteoteach.commands.folders import notebooks_folder
from osteoteach.progress.room_questions import Question
from osteoteach.progress.rooms import Rooms
from osteoteach.view.serving import find_free_port, voila_command

from .class_voters import Voter, wait_until_up

PATIENCE_MS = 40_000
PASSWORD = "hush-hush-password"
GAIN = Question("number", "Gain?", "%", -10, 20)


def running(tmp_path, url: str):
    port = find_free_port(0)
    argv, env = voila_command(notebooks_folder(), port, open_browser=False)
    env |= {"OSTEOTEACH_DATABASE_URL": url, "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
            "IPYTHONDIR": str(tmp_path / "ipython")}
    log = tmp_path / "log"
    with log.open("wb") as out:
        server = subprocess.Popen(argv, env=env, cwd=tmp_path, stdout=out, stderr=out)
    base = f"http://127.0.0.1:{port}"
    wait_until_up(f"{base}/class/", server, log)
    return base, server, log


def stopped(server, log) -> str:
    server.terminate()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
    return log.read_text(encoding="utf-8")


def test_a_session_leaves_no_secret_in_the_log(tmp_path, page_watch):
    """The instructor comes by the secret link, students vote: neither the secret, nor a
    cookie, nor a token, nor a nickname, nor an address of a phone is written down."""
    url = f"sqlite:///{tmp_path}/rooms.sqlite3"
    base, server, log = running(tmp_path, url)
    rooms = Rooms(url)
    room = rooms.open()
    rooms.ask(room.code, room.secret, GAIN)
    voter = Voter(base, room.code)
    voter.join()
    assert voter.vote(1, number=3, nickname="Zebedee") == 200
    voter.request("POST", f"/class/api/{room.code}/vote", b"\x00", {})
    page = page_watch.open(
        f"{base}/voila/render/dashboards/class.ipynb#room={room.code}&key={room.secret}")
    expect(page.get_by_text("1 vote").first).to_be_visible(timeout=PATIENCE_MS)
    assert room.secret not in page.url
    page.close()
    told = stopped(server, log)
    assert "Kernel started" in told, "the log was looked at in the right place"
    for secret in (room.secret, voter.token, voter.cookie.partition("=")[2], "Zebedee",
                   "_xsrf=", "Cookie"):
        assert secret not in told


def test_the_password_of_a_database_that_does_not_answer_is_told_nowhere(tmp_path, page_watch):
    """Not to a phone, not on the instructor's page, not in the log."""
    base, server, log = running(
        tmp_path, f"postgresql://teacher:{PASSWORD}@127.0.0.1:1/class?connect_timeout=2")
    voter = Voter(base, "K7M3QX")
    status, text, _ = voter.request("GET", "/class/api/K7M3QX")
    assert status == 503
    assert b"teacher" not in text
    page = page_watch.open(f"{base}/voila/render/dashboards/class.ipynb")
    page.get_by_role("button", name="Open a room").click()
    expect(page.get_by_role("alert").filter(has_text="does not answer")).to_be_visible(
        timeout=PATIENCE_MS)
    assert PASSWORD not in page.content()
    page.close()
    told = stopped(server, log)
    assert "store" in told
    assert PASSWORD not in told


def blob_script(expression: str) -> str:
    """Have the page itself evaluate something: a test's own `evaluate` is above the policy."""
    inside = f"try {{ window.told({expression}) }} catch (error) {{ window.told(error.name) }}"
    return f"""new Promise((told) => {{ window.told = told;
        const one = document.createElement('script');
        one.src = URL.createObjectURL(new Blob([{inside!r}], {{type: 'text/javascript'}}));
        document.body.append(one); }})"""


@pytest.mark.parametrize(("what", "script"), [
    ("eval", blob_script("eval('1 + 1')")),
    ("Function", blob_script("new Function('return 2')()")),
    ("a timer's text", blob_script("setTimeout('window.ran = 2') || 'EvalError'")),
    ("an inline script", """(() => { const one = document.createElement('script');
        one.textContent = 'window.ran = 2'; document.body.append(one);
        return window.ran ?? 'EvalError'; })()"""),
    ("an attribute", """(() => { const one = document.createElement('button');
        one.setAttribute('onclick', 'window.ran = 2'); one.click();
        return window.ran ?? 'EvalError'; })()"""),
    ("a request to the outside", "fetch('http://192.0.2.1/x').then(() => 2, () => 'EvalError')"),
    ("a websocket to the outside", """(() => { try { new WebSocket('ws://192.0.2.1:9/x');
        return 2; } catch (e) { return 'EvalError'; } })()"""),
    ("a form to the outside", """(() => new Promise((told) => {
        document.addEventListener('securitypolicyviolation', () => told('EvalError'), {once: true});
        const form = document.createElement('form'); form.action = 'http://192.0.2.1/x';
        document.body.append(form); form.submit(); setTimeout(() => told(2), 2000); }))()"""),
])
def test_the_browser_refuses_what_the_policy_forbids(gallery, what, script):
    """On a page of ours: text that becomes code, and any other server. (WebSockets to a
    forbidden address fail without an exception, so the page's own report is read.)"""
    page = gallery
    page.evaluate("""() => { window.violated = []; document.addEventListener(
        'securitypolicyviolation', (e) => window.violated.push(e.effectiveDirective)); }""")
    # Not evaluated as text: DevTools may eval where the page may not.
    found = page.evaluate(script)
    page.wait_for_timeout(100)
    assert found == "EvalError" or page.evaluate("window.violated.length") > 0, what


@pytest.fixture
def gallery(serve, page_watch):
    page_watch.expect_console("Content Security Policy")
    page_watch.expect_console("Fetch API cannot load")
    page_watch.expect_console("Refused to")
    page_watch.expect_console("violates the following")
    page = page_watch.blank()
    page.goto(serve(notebooks_folder()))
    return page
