"""Rooms of a class: codes and secrets, one vote a voter, nothing personal, and an end."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import multiprocessing
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text as sql

from osteoteach.errors import InputError
from osteoteach.progress import database
from osteoteach.progress.room_questions import (
    LONGEST_NICKNAME,
    Question,
    Vote,
    clean_nickname,
    question_from_plain,
    vote_from_plain,
)
from osteoteach.progress.rooms import (
    CODE_SIGNS,
    MOST_VOTERS,
    Ballot,
    RoomRefused,
    Rooms,
    join_code,
    voter_hash,
)
from osteoteach.view.classroom.desk import Desk
from osteoteach.view.classroom.limits import (
    READS_OF_ADDRESS,
    VOTES_OF_ADDRESS,
    VOTES_OF_VOTER,
    Limit,
    Limiter,
)

GAIN = Question("number", "Gain of the total hip?", "%", -10, 20)
SURE = Question("category_confidence", "Which class?", choices=("Normal", "Low", "Osteoporosis"))


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/rooms.sqlite3"


@pytest.fixture
def rooms(url):
    return Rooms(url)


@pytest.fixture
def asked(rooms):
    """A room with one open question."""
    room = rooms.open()
    rooms.ask(room.code, room.secret, GAIN)
    return room


def kept(url) -> dict[str, list]:
    """Everything that the three tables hold, read past the code that is tested."""
    with database.begin_read(database.engine(url)) as connection:
        return {name: list(connection.execute(sql(f"SELECT * FROM {name}")).mappings())
                for name in ("rooms", "room_rounds", "room_votes")}


def vote(rooms, room, voter, number, round_number=1):
    ballot = Ballot(room.code, round_number, voter_hash(room.code, voter), Vote(number=number))
    return rooms.record([ballot])[0]


def test_a_code_has_no_look_alike_letters_and_is_read_in_any_spelling(rooms):
    codes = {rooms.open().code for _ in range(20)}
    assert len(codes) == 20
    assert not set("".join(codes)) & set("O0QI1LB8S5Z2UVAE") - {"Q"}
    assert not {"0", "O", "1", "I", "L", "8", "B", "5", "S", "2", "Z"} & set(CODE_SIGNS)
    code = codes.pop()
    assert join_code(f" {code[:3].lower()}-{code[3:]} ") == code


def test_the_secret_has_128_bits_and_more_and_is_nowhere_in_the_file(rooms, asked, url):
    assert len(asked.secret) * 6 >= 128
    assert rooms.open().secret != asked.secret
    told = str(kept(url))
    assert asked.code in told
    assert asked.secret not in told


@pytest.mark.parametrize("wrong", ["", "x", "é" * 43, "\ud800"])
def test_only_the_secret_asks_closes_reveals_ends_and_reads(rooms, asked, wrong):
    code = asked.code
    for forbidden in (
            lambda: rooms.check(code, wrong), lambda: rooms.ask(code, wrong, GAIN),
            lambda: rooms.close(code, wrong, 1), lambda: rooms.reveal(code, wrong, 1, {}),
            lambda: rooms.end(code, wrong), lambda: rooms.rounds(code, wrong),
            lambda: rooms.count(code, wrong, 1), lambda: rooms.votes(code, wrong, 1)):
        with pytest.raises(RoomRefused) as refused:
            forbidden()
        assert refused.value.reason == "secret"
    assert rooms.current(code).state == "open"


def test_the_secret_of_another_room_opens_nothing(rooms, asked):
    with pytest.raises(RoomRefused):
        rooms.close(asked.code, rooms.open().secret, 1)


def test_a_second_vote_replaces_the_first_and_never_counts_twice(rooms, asked):
    for number in (3.0, 5.0, 5.0):
        assert vote(rooms, asked, "one", number) is None
    vote(rooms, asked, "two", 1.0)
    assert sorted(one.number for one in rooms.votes(asked.code, asked.secret, 1)) == [1.0, 5.0]
    assert rooms.count(asked.code, asked.secret, 1) == 2
    assert rooms.own_vote(asked.code, 1, voter_hash(asked.code, "one")).number == 5.0


def test_a_vote_after_the_closing_is_not_counted_and_says_so(rooms, asked):
    vote(rooms, asked, "one", 3.0)
    rooms.close(asked.code, asked.secret, 1)
    refused = vote(rooms, asked, "one", 9.0)
    assert refused.reason == "closed"
    assert "not counted" in str(refused)
    assert vote(rooms, asked, "two", 9.0).reason == "closed"
    assert [one.number for one in rooms.votes(asked.code, asked.secret, 1)] == [3.0]


def test_a_question_asked_again_keeps_both_rounds_apart_and_closes_the_first(rooms, asked):
    vote(rooms, asked, "one", 12.0)
    assert rooms.ask(asked.code, asked.secret, GAIN, "again", 1) == 2
    assert vote(rooms, asked, "one", 2.0) .reason == "closed"
    assert vote(rooms, asked, "one", 2.0, round_number=2) is None
    before, after = rooms.rounds(asked.code, asked.secret)
    assert (before.state, after.state, after.link, after.linked_round) == (
        "closed", "open", "again", 1)
    assert [[one.number for one in rooms.votes(asked.code, asked.secret, number)]
            for number in (1, 2)] == [[12.0], [2.0]]


def test_nothing_of_the_answer_is_there_before_the_reveal(rooms, asked):
    assert rooms.current(asked.code).reveal is None
    rooms.reveal(asked.code, asked.secret, 1, {"parts": [["Model", "2.5%"]], "sources": []})
    shown = rooms.current(asked.code)
    assert shown.state == "revealed"
    assert shown.reveal["parts"] == [["Model", "2.5%"]]


def test_a_link_needs_an_earlier_round(rooms, asked):
    with pytest.raises(InputError, match="earlier round"):
        rooms.ask(asked.code, asked.secret, GAIN, "contrast", 2)


def test_a_room_expires_and_takes_its_votes_with_it(url):
    clock = [datetime(2026, 11, 22, 9, tzinfo=UTC)]
    rooms = Rooms(url, now=lambda: clock[0])
    room = rooms.open(hours=2)
    rooms.ask(room.code, room.secret, GAIN)
    vote(rooms, room, "one", 3.0)
    clock[0] += timedelta(hours=1, minutes=59)
    assert rooms.current(room.code).number == 1
    clock[0] += timedelta(minutes=1)
    for gone in (lambda: rooms.current(room.code), lambda: rooms.check(room.code, room.secret)):
        with pytest.raises(RoomRefused) as refused:
            gone()
        assert refused.value.reason == "unknown"
    assert vote(rooms, room, "two", 3.0).reason == "unknown"
    rooms.remove_expired()
    assert kept(url) == {"rooms": [], "room_rounds": [], "room_votes": []}


def test_the_end_takes_the_votes_away(rooms, asked, url):
    vote(rooms, asked, "one", 3.0)
    rooms.end(asked.code, asked.secret)
    assert kept(url)["room_votes"] == []


def test_what_is_kept_of_a_voter_is_a_hash_made_for_one_room(rooms, asked, url):
    vote(rooms, asked, "browser-cookie-in-full", 3.0)
    told = str(kept(url))
    assert list(kept(url)["room_votes"][0]) == [
        "code", "round", "voter", "number", "choice", "confidence_pct", "nickname"]
    assert "browser-cookie-in-full" not in told


def test_a_room_takes_no_more_voters_than_its_limit(rooms, asked):
    ballots = [Ballot(asked.code, 1, f"{number:032x}", Vote(number=1.0))
               for number in range(MOST_VOTERS + 3)]
    refused = [one for one in rooms.record(ballots) if one is not None]
    assert [one.reason for one in refused] == ["full"] * 3
    assert rooms.count(asked.code, asked.secret, 1) == MOST_VOTERS
    changed = Ballot(asked.code, 1, f"{0:032x}", Vote(number=2.0))
    assert rooms.record([changed]) == [None]


def test_rooms_that_nobody_uses_give_way_and_block_nobody(url, monkeypatch):
    """Someone opens as many rooms as there can be: after 15 minutes the next class gets one."""
    monkeypatch.setattr("osteoteach.progress.rooms.MOST_ROOMS", 6)
    clock = [datetime(2026, 11, 22, 9, tzinfo=UTC)]
    rooms = Rooms(url, now=lambda: clock[0])
    used = rooms.open()
    rooms.ask(used.code, used.secret, GAIN)
    for _ in range(5):
        rooms.open()
    with pytest.raises(RoomRefused) as refused:
        rooms.open()
    assert refused.value.reason == "full"
    clock[0] += timedelta(minutes=15)
    assert rooms.open().code
    assert rooms.current(used.code).number == 1
    assert len(kept(url)["rooms"]) == 2


def test_secrets_are_compared_in_constant_time(rooms, asked, monkeypatch):
    """Hashes of one length, by the function made for it: timing tells nothing of the secret."""
    compared = []
    compare = hmac.compare_digest
    monkeypatch.setattr("osteoteach.progress.rooms.hmac.compare_digest",
                        lambda one, other: compared.append((one, other)) or compare(one, other))
    for secret in (asked.secret, "x", asked.secret[:-1], "x" * 10_000):
        with contextlib.suppress(RoomRefused):
            rooms.check(asked.code, secret)
    assert [(len(one), len(other)) for one, other in compared] == [(64, 64)] * 4


@pytest.mark.parametrize("hours", [-30, -3, 3, 30])
def test_a_clock_that_jumps_during_a_vote_loses_no_vote(url, hours):
    """Ahead of the room's end it is told that the room is not there; set right again, the room
    and all its votes are."""
    right = datetime(2026, 11, 22, 9, tzinfo=UTC)
    clock = [right]
    rooms = Rooms(url, now=lambda: clock[0])
    room = rooms.open(hours=4)
    rooms.ask(room.code, room.secret, GAIN)
    assert vote(rooms, room, "before", 1.0) is None
    clock[0] = right + timedelta(hours=hours)
    during = vote(rooms, room, "during", 2.0)
    assert (during is None) == (hours < 4)
    assert during is None or during.reason == "unknown"
    clock[0] = right + timedelta(minutes=1)
    assert vote(rooms, room, "after", 3.0) is None
    expected = [1.0, 2.0, 3.0] if during is None else [1.0, 3.0]
    assert sorted(one.number for one in rooms.votes(room.code, room.secret, 1)) == expected


def _vote_many(url, code, first, count):
    rooms = Rooms(url)
    for place in range(first, first + count):
        one = Ballot(code, 1, voter_hash(code, str(place)), Vote(number=float(place % 20)))
        # Each vote twice: a browser that heard no answer sends again.
        assert rooms.record([one]) == [None]
        assert rooms.record([one]) == [None]


def test_four_processes_that_vote_at_once_lose_nothing_and_count_nothing_twice(
        rooms, asked, url):
    spawn = multiprocessing.get_context("spawn")
    voters = [spawn.Process(target=_vote_many, args=(url, asked.code, 10 * place, 25))
              for place in range(4)]
    for one in voters:
        one.start()
    for one in voters:
        one.join(60)
    assert [one.exitcode for one in voters] == [0] * 4
    # The ranges overlap: voters 0 to 54.
    assert rooms.count(asked.code, asked.secret, 1) == 55


# --- Votes and nicknames --------------------------------------------------------------


@pytest.mark.parametrize("plain", [
    {"number": 20.1}, {"number": float("nan")}, {"number": True}, {"number": "5"}, {},
    {"number": 5, "choice": 1}, {"number": 5, "voter": "x"}, {"number": 5, "nickname": 7}, [], None,
    {"number": 10 ** 400},
])
def test_a_vote_that_breaks_its_question_is_refused(plain):
    with pytest.raises(InputError):
        vote_from_plain(GAIN, plain)


@pytest.mark.parametrize("plain", [
    {"choice": 3, "confidence_pct": 50}, {"choice": -1, "confidence_pct": 50}, {"choice": 1},
    {"choice": 1.0, "confidence_pct": 50}, {"choice": True, "confidence_pct": 50},
    {"choice": 1, "confidence_pct": 101}, {"choice": 1, "confidence_pct": 50.0},
    {"number": 3},
])
def test_a_choice_that_breaks_its_question_is_refused(plain):
    with pytest.raises(InputError):
        vote_from_plain(SURE, plain)


def test_a_good_vote_is_taken_as_it_is():
    assert vote_from_plain(SURE, {"choice": 2, "confidence_pct": 75}) == Vote(
        choice=2, confidence_pct=75)
    assert vote_from_plain(GAIN, {"number": -10}) == Vote(number=-10.0)


@pytest.mark.parametrize("plain", [
    {"kind": "essay", "prompt": "Why?"}, {"kind": "number", "prompt": "x", "low": 1, "high": 1},
    {"kind": "number", "prompt": " ", "low": 0, "high": 1},
    {"kind": "number", "prompt": "x" * 501, "low": 0, "high": 1},
    {"kind": "category", "prompt": "x", "choices": ["a", "a"]},
    {"kind": "category", "prompt": "x", "choices": ["a"] * 9},
    {"kind": "category", "prompt": "x", "choices": "ab"},
    {"kind": "category", "prompt": "x\x00", "choices": ["a", "b"]},
    {"kind": "number", "prompt": "x", "low": 0, "high": float("inf")},
    {"kind": "number", "prompt": "x", "low": 0, "high": 1, "secret": 1}, [], "x",
])
def test_a_question_that_cannot_be_asked_is_refused(plain):
    with pytest.raises(InputError):
        question_from_plain(plain)


@given(st.text(max_size=200))
def test_any_nickname_becomes_one_short_line_without_control_signs(text):
    cleaned = clean_nickname(text)
    assert len(cleaned) <= LONGEST_NICKNAME
    assert cleaned == clean_nickname(cleaned)
    assert not any(sign in cleaned for sign in "\n\r\t\x00\u202e\u2066\u200b")


def test_a_heap_of_marks_stays_on_its_line():
    assert len(clean_nickname("Z" + "\u0335" * 50)) == 3


@given(st.text(max_size=60))
def test_any_text_is_a_good_code_or_none(text):
    code = join_code(text)
    assert code == "" or (len(code) == 6 and set(code) <= set(CODE_SIGNS))


# --- Limits, and the desk between server and store ------------------------------------


def test_a_limiter_allows_its_burst_and_then_its_rate():
    clock = [0.0]
    limiter = Limiter(Limit(3, 0.5), clock=lambda: clock[0])
    assert [limiter.wait_seconds("a") for _ in range(4)] == [0, 0, 0, 2]
    assert limiter.wait_seconds("b") == 0
    clock[0] = 2.0
    assert [limiter.wait_seconds("a") for _ in range(2)] == [0, 2]


def test_a_limiter_forgets_the_oldest_keys():
    limiter = Limiter(Limit(1, 0.001), clock=lambda: 0.0, most_keys=2)
    for key in "abc":
        limiter.wait_seconds(key)
    assert limiter.wait_seconds("a") == 0
    assert limiter.wait_seconds("c") > 0


def test_a_class_of_200_behind_one_address_stays_below_its_limits():
    """200 students vote and change once within 10 s while their phones ask every 2.5 s."""
    assert VOTES_OF_ADDRESS.burst + 10 * VOTES_OF_ADDRESS.per_second >= 2 * 400
    assert READS_OF_ADDRESS.per_second >= 2 * 200 / 2.5
    assert VOTES_OF_VOTER.burst >= 4


def test_the_desk_keeps_votes_that_come_together_and_reads_a_state_once(rooms, asked):
    desk = Desk(rooms)
    reads = []
    current = rooms.current
    rooms.current = lambda code: reads.append(code) or current(code)

    async def go():
        kept = [desk.keep(Ballot(asked.code, 1, voter_hash(asked.code, str(place)),
                                 Vote(number=1.0))) for place in range(100)]
        states = [desk.state(asked.code) for _ in range(50)]
        return await asyncio.gather(*kept), await asyncio.gather(*states)

    outcomes, states = asyncio.run(go())
    assert outcomes == [None] * 100
    assert rooms.count(asked.code, asked.secret, 1) == 100
    assert len({one.etag for one in states}) == 1
    assert reads == [asked.code]
    assert asked.secret.encode() not in states[0].body


def test_the_desk_tells_of_a_store_that_fails_and_goes_on_when_it_works_again(rooms, asked):
    desk = Desk(rooms)
    record = rooms.record
    ballot = Ballot(asked.code, 1, "f" * 32, Vote(number=1.0))

    async def go():
        rooms.record = lambda ballots: 1 / 0
        with pytest.raises(ZeroDivisionError):
            await desk.keep(ballot)
        rooms.record = record
        assert await desk.keep(ballot) is None

    asyncio.run(go())
    assert rooms.count(asked.code, asked.secret, 1) == 1
