"""Everything that `tests/test_rooms.py` holds of rooms, on PostgreSQL, and a restart mid-vote."""

from __future__ import annotations

import threading
import time

import pytest

from osteoteach.progress import database
from osteoteach.progress.problems import StoreProblem
from osteoteach.progress.room_questions import Vote
from osteoteach.progress.rooms import Ballot, Rooms, voter_hash

# The tests and their fixtures are collected here once more, with the address below.
from tests.test_progress_postgres import server, url  # noqa: F401
from tests.test_rooms import *  # noqa: F403
from tests.test_rooms import GAIN


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_a_restart_in_the_middle_of_a_vote_loses_no_vote_that_was_acknowledged(
        server, url, how):  # noqa: F811
    """200 voters, one after another on four lines; the database goes and comes back. Who was
    told "not counted" votes again; nobody counts twice."""
    rooms = Rooms(url)
    room = rooms.open()
    rooms.ask(room.code, room.secret, GAIN)
    refused, unexpected = [], []

    def vote(places: range) -> None:
        for place in places:
            ballot = Ballot(room.code, 1, voter_hash(room.code, str(place)), Vote(number=1.0))
            for _ in range(200):
                try:
                    unexpected.extend(one for one in rooms.record([ballot]) if one is not None)
                    break
                except StoreProblem as problem:
                    refused.append(str(problem))
                    time.sleep(0.1)

    voters = [threading.Thread(target=vote, args=(range(place, 200, 4),)) for place in range(4)]
    for one in voters:
        one.start()
    time.sleep(0.3)
    server.stop(how)
    time.sleep(0.3)
    server.start()
    for one in voters:
        one.join(60)
    assert unexpected == []
    assert refused, "the restart came too late to be noticed"
    assert all(said.startswith(("The database server at", "The answer could not")) or said
               for said in refused)
    database.forget(url)
    assert rooms.count(room.code, room.secret, 1) == 200
    assert rooms.current(room.code).state == "open"
