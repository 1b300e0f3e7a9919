"""The students' side of a room on the server: a light page and a small JSON interface.

Addresses, below the server's own base: ``class/`` (type a code), ``class/CODE`` (vote),
``class/api/CODE`` (what is asked), ``class/api/CODE/me`` (own vote, and the token that a
vote must carry) and ``class/api/CODE/vote``. No kernel is started and nobody logs in. The
same handlers serve Voila and, as an extension, a Jupyter server.

A browser is known by a random cookie, which the store sees only as a hash made for one room.
"""

from __future__ import annotations

import json
import re
import secrets
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.utils import url_path_join
from tornado.web import Finish, HTTPError, stream_request_body

from osteoteach.errors import InputError
from osteoteach.progress.room_questions import question_from_plain, vote_from_plain
from osteoteach.progress.rooms import Ballot, voter_hash
from osteoteach.view.classroom.base import COOKIE, STATUS, ClassHandler, Classroom
from osteoteach.view.classroom.desk import ShownState
from osteoteach.view.classroom.pages import assets, home_page, room_page

__all__ = ["Classroom", "classroom_handlers"]

COOKIE_DAYS = 2
LONGEST_VOTE_BYTES = 2048


def classroom_handlers(base_url: str, classroom: Classroom | None = None) -> list[tuple]:
    """The handlers for a Tornado application.

    Parameters
    ----------
    base_url : str
        Where the server's addresses begin, ``"/"`` or for example ``"/user/anna/"``.
    classroom : Classroom, optional
    """
    shared = {"classroom": classroom or Classroom(),
              "base": url_path_join(base_url, "class") + "/"}
    here = re.escape(shared["base"].rstrip("/"))
    return [
        (here, ToHome, shared),
        (here + r"/", HomePage, shared),
        (here + r"/static/([a-z_]+\.[a-z]+)", Asset, shared),
        (here + r"/api/([^/]+)", State, shared),
        (here + r"/api/([^/]+)/me", Me, shared),
        (here + r"/api/([^/]+)/vote", TakeVote, shared),
        (here + r"/([^/]+)/?", RoomPage, shared),
    ]


class ToHome(ClassHandler):
    @allow_unauthenticated
    def get(self) -> None:
        self.redirect(self.base)


class PageHandler(ClassHandler):
    """Addresses that a person opens: problems are shown on a page."""

    def refuse(self, status: int, sentence: str) -> None:
        self.set_status(status)
        self.show(home_page(self.base, sentence))
        raise Finish

    def show(self, page: str) -> None:
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(page)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        self.show(home_page(self.base, f"The server answered {status_code}. Try again."))


class HomePage(PageHandler):
    @allow_unauthenticated
    def get(self) -> None:
        typed = self.get_query_argument("code", "")
        if not typed:
            return self.show(home_page(self.base, ""))
        return self.redirect(self.base + self.code_of(typed))


class RoomPage(PageHandler):
    @allow_unauthenticated
    async def get(self, text: str) -> None:
        code = self.code_of(text)
        if code != text:
            return self.redirect(self.base + code)
        await self.told(self.room.desk.state(code))
        return self.show(room_page(self.base, code))


class Asset(ClassHandler):
    @allow_unauthenticated
    def get(self, name: str) -> None:
        found = assets().get(name)
        if found is None:
            raise HTTPError(404)
        self.set_header("Content-Type", found.kind)
        self.set_header("Cache-Control", "no-cache")
        self.set_header("ETag", found.etag)
        if self.check_etag_header():
            self.set_status(304)
        else:
            self.write(found.content)


class State(ClassHandler):
    """What is asked now. The same bytes for everybody, so that 200 phones cost little."""

    @allow_unauthenticated
    async def get(self, text: str) -> None:
        shown: ShownState = await self.told(self.room.desk.state(self.code_of(text)))
        self.set_header("Cache-Control", "no-cache")
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.set_header("ETag", shown.etag)
        if self.check_etag_header():
            self.set_status(304)
        else:
            self.write(shown.body)


class Me(ClassHandler):
    """The browser's own vote in the present round, and its token."""

    @allow_unauthenticated
    async def get(self, text: str) -> None:
        code = self.code_of(text)
        state = json.loads((await self.told(self.room.desk.state(code))).body)
        browser_id = self.browser_id()
        vote = None
        if browser_id:
            vote = await self.told(self.room.desk.own_vote(
                code, state["round"], voter_hash(code, browser_id)))
        else:
            browser_id = secrets.token_hex(16)
            self.set_cookie(COOKIE, browser_id, path=self.base, max_age=COOKIE_DAYS * 86_400,
                            httponly=True, samesite="Lax",
                            secure=self.request.protocol == "https")
        self.answer({"token": self.room.token(browser_id), "round": state["round"],
                     "vote": None if vote is None else vars(vote)})


@stream_request_body
class TakeVote(ClassHandler):
    def prepare(self) -> None:
        # Before the body is read: a huge one is refused, not swallowed.
        self.request.connection.set_max_body_size(LONGEST_VOTE_BYTES)
        self._body = b""

    def data_received(self, chunk: bytes) -> None:
        self._body += chunk

    @allow_unauthenticated
    async def post(self, text: str) -> None:
        self.slow_down(self.room.votes_of_address, self.address)
        self.hold_to_token()
        self.slow_down(self.room.votes_of_voter, self.browser_id())
        code = self.code_of(text)
        self.slow_down(self.room.votes_of_room, code)
        plain = self._plain_vote()
        number = plain.pop("round")
        state = json.loads((await self.told(self.room.desk.state(code))).body)
        if number != state["round"]:
            state = json.loads((await self.told(self.room.desk.state(code, fresh=True))).body)
        if not state["round"] or number != state["round"]:
            self.refuse(409, "Another question is open now. Your vote was not counted.")
        try:
            vote = vote_from_plain(question_from_plain(state["question"]), plain)
        except InputError as error:
            self.refuse(400, str(error))
        refused = await self.told(self.room.desk.keep(
            Ballot(code, number, voter_hash(code, self.browser_id()), vote)))
        if refused is not None:
            self.refuse(STATUS[refused.reason], str(refused))
        self.answer({"round": number, "vote": vars(vote)})

    def _plain_vote(self) -> dict[str, Any]:
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            self.refuse(415, "A vote must be sent as JSON.")
        try:
            plain = json.loads(self._body)
        except (ValueError, RecursionError):
            plain = None
        if not isinstance(plain, dict) or type(plain.get("round")) is not int:
            self.refuse(400, "This is not a vote. Reload the page.")
        return plain
