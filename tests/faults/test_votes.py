"""A vote and what may happen to it on its way: a browser that goes away, a store that fails."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import socket
import sqlite3
import threading
import time

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from osteoteach.progress import database
from osteoteach.progress.room_questions import Question
from osteoteach.progress.rooms import Rooms, voter_hash
from osteoteach.view.classroom.handlers import Classroom, classroom_handlers
from tests.browser.class_voters import Voter

GAIN = Question("number", "Gain of the total hip?", "%", -10, 20)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "rooms.sqlite3"


@pytest.fixture
def rooms(file):
    return Rooms(f"sqlite:///{file}")


@pytest.fixture
def room(rooms):
    opened = rooms.open()
    rooms.ask(opened.code, opened.secret, GAIN)
    return opened


@pytest.fixture
def base(rooms):
    """The students' pages on a server of their own, in a thread."""
    ready, address, loops = threading.Event(), [], []

    async def serve() -> None:
        application = Application(classroom_handlers("/", Classroom(rooms)))
        listening, port = bind_unused_port()
        server = HTTPServer(application)
        server.add_socket(listening)
        address.append(f"http://127.0.0.1:{port}")
        loops.append((asyncio.get_running_loop(), stop := asyncio.Event()))
        ready.set()
        await stop.wait()
        server.stop()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(20)
    yield address[0]
    loop, stop = loops[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(20)


@pytest.fixture
def voter(base, room):
    joined = Voter(base, room.code)
    joined.join()
    return joined


def sent_and_gone(voter: Voter, body: bytes, cut: int | None = None) -> None:
    """Send a vote, or a part of it, and hang up before any answer."""
    connection = http.client.HTTPConnection(voter.base.removeprefix("http://"), timeout=20)
    connection.connect()
    head = (f"POST /class/api/{voter.code}/vote HTTP/1.1\r\nHost: x\r\nCookie: {voter.cookie}\r\n"
            f"X-XSRFToken: {voter.token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode()
    connection.sock.sendall((head + body)[:cut])
    # Abruptly, as a phone that leaves the network: no farewell.
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    connection.close()


def until(found, wanted, seconds: float = 20) -> None:
    ends = time.monotonic() + seconds
    while found() != wanted and time.monotonic() < ends:
        time.sleep(0.05)
    assert found() == wanted


def test_a_browser_that_goes_away_before_its_vote_was_whole_has_not_voted(
        rooms, room, voter, base):
    """Half a request: nothing counted, nobody held up; the same browser votes later."""
    body = json.dumps({"round": 1, "number": 7}).encode()
    for cut in (-1, -len(body), 40):
        sent_and_gone(voter, body, cut)
    other = Voter(base, room.code)
    other.join()
    assert other.vote(1, number=2) == 200
    assert rooms.count(room.code, room.secret, 1) == 1
    assert voter.vote(1, number=7) == 200
    assert rooms.count(room.code, room.secret, 1) == 2


def test_a_browser_that_goes_away_before_the_answer_has_voted_once(rooms, room, voter):
    """It was never told. When it comes back it sees its vote, and sending again adds none."""
    sent_and_gone(voter, json.dumps({"round": 1, "number": 7}).encode())
    until(lambda: rooms.count(room.code, room.secret, 1), 1)
    _, text, _ = voter.request("GET", f"/class/api/{room.code}/me")
    assert json.loads(text)["vote"]["number"] == 7
    assert voter.vote(1, number=8) == 200
    assert [one.number for one in rooms.votes(room.code, room.secret, 1)] == [8]


def _problem(voter: Voter, number: float) -> tuple[int, str]:
    status, text, _ = voter.request("POST", f"/class/api/{voter.code}/vote",
                                    {"round": 1, "number": number})
    return status, json.loads(text).get("problem", "")


def test_a_locked_store_is_said_and_the_vote_counts_once_it_is_free(
        rooms, room, voter, file, monkeypatch):
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
    database.forget(f"sqlite:///{file}")
    assert voter.vote(1, number=1) == 200
    with contextlib.closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN EXCLUSIVE")
        status, said = _problem(voter, 2)
        assert (status, "not counted yet" in said) == (503, True)
        assert str(file) not in said
    assert voter.vote(1, number=2) == 200
    assert [one.number for one in rooms.votes(room.code, room.secret, 1)] == [2]


@pytest.mark.skipif(os.name != "posix", reason="limits of a process are POSIX")
def test_a_full_disk_is_said_and_nothing_acknowledged_is_lost(rooms, room, base, file):
    """The file may not grow: votes are refused in words, and taken when there is room again."""
    import resource
    import signal

    first = Voter(base, room.code)
    first.join()
    assert first.vote(1, number=1) == 200
    voters = [Voter(base, room.code) for _ in range(40)]
    for one in voters:
        one.join()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    wal = file.with_name(f"{file.name}-wal")
    resource.setrlimit(resource.RLIMIT_FSIZE, (wal.stat().st_size + 9000, before[1]))
    try:
        answers = [_problem(one, 2) for one in voters]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    refused = [said for status, said in answers if status == 503]
    assert refused
    assert all("not counted yet" in said for said in refused)
    counted = 1 + sum(status == 200 for status, _ in answers)
    assert rooms.count(room.code, room.secret, 1) == counted
    for one, (status, _) in zip(voters, answers, strict=True):
        assert status == 200 or one.vote(1, number=2) == 200
    assert rooms.count(room.code, room.secret, 1) == 41


def test_a_damaged_store_is_put_aside_and_the_server_goes_on(rooms, room, voter, file, base):
    """The room is gone and the page says so; its bytes are kept; the next room works."""
    assert voter.vote(1, number=1) == 200
    database.forget(f"sqlite:///{file}")
    for companion in ("-wal", "-shm"):
        file.with_name(file.name + companion).unlink(missing_ok=True)
    file.write_bytes(b"\xff" * 5000)
    status, said = _problem(voter, 2)
    assert status in (404, 503)
    assert said
    kept = list(file.parent.glob("*.damaged-*"))
    assert [one.read_bytes() for one in kept] == [b"\xff" * 5000]
    again = rooms.open()
    rooms.ask(again.code, again.secret, GAIN)
    back = Voter(base, again.code)
    back.join()
    assert back.vote(1, number=3) == 200


@pytest.mark.parametrize("years", [-2, 2])
def test_tokens_and_limits_do_not_mind_a_clock_that_jumps(rooms, room, voter, years, monkeypatch):
    """A vote's token has no time in it, and limits are counted by a clock that only goes on."""
    jumped = time.time() + years * 3.2e7
    monkeypatch.setattr(time, "time", lambda: jumped)
    assert [voter.vote(1, number=number) for number in range(3)] == [200] * 3
    assert rooms.own_vote(room.code, 1, voter_hash(
        room.code, voter.cookie.partition("=")[2])).number == 2
