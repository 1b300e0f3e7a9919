"""The students' pages inside a Jupyter server, as JupyterLab and a hub have them."""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from osteoteach.progress.room_questions import Question
from osteoteach.progress.rooms import Rooms
from osteoteach.view.serving import find_free_port

from .browser.class_voters import Voter, wait_until_up


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A Jupyter server with a token, a base address, and nothing that is open to all."""
    url = f"sqlite:///{tmp_path}/rooms.sqlite3"
    monkeypatch.setenv("OSTEOTEACH_DATABASE_URL", url)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    port = find_free_port(0)
    argv = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root",
            f"--ServerApp.port={port}", "--ServerApp.port_retries=0",
            "--ServerApp.base_url=/user/anna/", f"--ServerApp.root_dir={tmp_path}",
            "--ServerApp.allow_unauthenticated_access=False", "--IdentityProvider.token=secret",
            "--ServerApp.jpserver_extensions={'osteoteach.view.classroom.extension': True}"]
    log = (tmp_path / "log").open("wb")
    process = subprocess.Popen(argv, stdout=log, stderr=log)
    base = f"http://127.0.0.1:{port}"
    wait_until_up(f"{base}/user/anna/class/", process, tmp_path / "log")
    yield base, Rooms(url)
    process.terminate()
    process.wait(20)


class HubVoter(Voter):
    """A voter below a hub user's address."""

    def request(self, method, path, body=None, headers=None):
        return super().request(method, f"/user/anna{path}", body, headers)


def test_a_phone_votes_without_a_login_and_reaches_nothing_else(server):
    base, rooms = server
    room = rooms.open()
    rooms.ask(room.code, room.secret, Question("number", "Gain?", "%", -10, 20))
    voter = HubVoter(base, room.code)
    voter.join()
    assert "Path=/user/anna/class/" in voter.request(
        "GET", f"/class/api/{room.code}/me", None, {"Cookie": ""})[2]["Set-Cookie"]
    assert voter.vote(1, number=3.0) == 200
    assert voter.vote(1, number=4.0) == 200
    assert [one.number for one in rooms.votes(room.code, room.secret, 1)] == [4.0]
    voter.token = "x"
    assert voter.vote(1, number=9.0) == 403
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{base}/user/anna/api/contents", timeout=5)
    assert refused.value.code == 403
