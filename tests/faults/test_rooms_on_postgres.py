"""Everything that `tests/test_rooms.py` holds of rooms, on PostgreSQL, and a restart mid-vote."""

from __future__ import annotations

import threading
import time

import pytest

from osteoteach.progress import database
from osteoteach.progress.problems import StoreProblem
from osteoteach.progress.room_questions import Vote
from osteoteach.progress.rooms import Ballot, Rooms, voter_hash
from tests.test_progress_postgres import server  # noqa: F401
from tests.test_rooms import *  # noqa: F403
from tests.test_rooms import GAIN

# The tests of `tests/test_rooms.py` are collected here once more, with this address.


@pytest.fixture
def url(server):  # noqa: F811
    address = server.new_database()
    yield address
    database.forget(address)


def test_the_rooms_are_on_postgres(url):
    assert url.startswith("postgresql")


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_a_restart_in_the_middle_of_a_vote_loses_no_vote_that_was_acknowledged(
        server, url, how):  # noqa: F811
    """800 voters, one after another on four lines; the database goes and comes back. Who was
    told "not counted" votes again; nobody counts twice."""
    rooms = Rooms(url)
    room = rooms.open()
    rooms.ask(room.code, room.secret, GAIN)
    refused, unexpected, told = [], [], []

    def vote(places: range) -> None:
        try:
            vote_each(places)
        except Exception as error:  # noqa: BLE001 - seen by nobody in a thread
            unexpected.append(error)

    def vote_each(places: range) -> None:
        for place in places:
            ballot = Ballot(room.code, 1, voter_hash(room.code, str(place)), Vote(number=1.0))
            for _ in range(200):
                try:
                    unexpected.extend(one for one in rooms.record([ballot]) if one is not None)
                    told.append(place)
                    time.sleep(0.01)  # so that the restart comes in the middle
                    break
                except StoreProblem as problem:
                    refused.append(str(problem))
                    time.sleep(0.1)

    voters = [threading.Thread(target=vote, args=(range(place, 800, 4),)) for place in range(4)]
    for one in voters:
        one.start()
    ends = time.monotonic() + 30
    while len(told) < 40 and time.monotonic() < ends:
        time.sleep(0.01)
    server.stop(how)
    time.sleep(0.3)
    server.start()
    for one in voters:
        one.join(60)
    assert unexpected == []
    assert refused, "the restart came too late to be noticed"
    assert all(said.endswith((".", "!")) for said in refused)
    database.forget(url)
    assert rooms.count(room.code, room.secret, 1) == 800
    assert rooms.current(room.code).state == "open"
