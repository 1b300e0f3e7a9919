"""What all handlers of a room share: limits, tokens, headers, and problems told in words."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import math
import queue
import re
import secrets
from collections.abc import Awaitable
from typing import Any

from tornado.web import Finish, RequestHandler

from osteoteach.progress.problems import StoreProblem
from osteoteach.progress.rooms import RoomRefused, Rooms, join_code
from osteoteach.view.classroom.desk import Desk
from osteoteach.view.classroom.limits import (
    READS_OF_ADDRESS,
    UNKNOWN_OF_ADDRESS,
    VOTES_OF_ADDRESS,
    VOTES_OF_ROOM,
    VOTES_OF_VOTER,
    Limiter,
)

__all__ = ["COOKIE", "STATUS", "ClassHandler", "Classroom"]

log = logging.getLogger(__name__)

COOKIE = "osteoteach-voter"
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
          "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
NOT_KEPT = "Votes cannot be kept at the moment. Yours was not counted yet."
STATUS = {"unknown": 404, "other_round": 409, "closed": 409, "full": 409, "none_open": 409}


class Classroom:
    """What the handlers of one server share.

    Parameters
    ----------
    rooms : Rooms, optional
        By default the rooms of the store that this computer's settings name.
    """

    def __init__(self, rooms: Rooms | None = None) -> None:
        self.desk = Desk(rooms or Rooms())
        # Made anew at every start: a page with an older token fetches a new one by itself.
        self._key = secrets.token_bytes(32)
        self.votes_of_voter = Limiter(VOTES_OF_VOTER)
        self.votes_of_address = Limiter(VOTES_OF_ADDRESS)
        self.votes_of_room = Limiter(VOTES_OF_ROOM)
        self.reads = Limiter(READS_OF_ADDRESS)
        self.unknown = Limiter(UNKNOWN_OF_ADDRESS)

    def token(self, browser_id: str) -> str:
        """What a page of ours must send with a vote of this browser."""
        return hmac.new(self._key, browser_id.encode(), hashlib.sha256).hexdigest()


class ClassHandler(RequestHandler):
    """What all addresses of a room share."""

    def initialize(self, classroom: Classroom, base: str) -> None:
        self.room, self.base = classroom, base

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")

    def prepare(self) -> None:
        self.slow_down(self.room.reads, self.address)

    def _log(self) -> None:
        # Tornado's line would carry a student's address.
        log.debug("%s %s", self.get_status(), type(self).__name__)

    @property
    def address(self) -> str:
        return self.request.remote_ip or ""

    def slow_down(self, limiter: Limiter, key: str) -> None:
        """Refuse what comes too often, and say when to come again."""
        wait = limiter.wait_seconds(key)
        if wait:
            self.set_header("Retry-After", str(math.ceil(wait)))
            self.refuse(429, "That was too often. Wait a moment and try again.")

    def refuse(self, status: int, sentence: str) -> None:
        """End with a problem in words."""
        self.set_status(status)
        self.answer({"problem": sentence})
        raise Finish

    def answer(self, plain: dict[str, Any]) -> None:
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(json.dumps(plain))

    def code_of(self, text: str) -> str:
        """The room's code; a text that is none is a room that is not there."""
        code = join_code(text)
        if not code:
            self._unknown(str(RoomRefused("unknown", "That is not a code of a room.")))
        return code

    def _unknown(self, sentence: str) -> None:
        self.slow_down(self.room.unknown, self.address)
        self.refuse(404, sentence)

    async def told(self, work: Awaitable[Any]) -> Any:
        """The outcome of work with the store; what goes wrong is told in words."""
        try:
            return await work
        except RoomRefused as refused:
            if refused.reason == "unknown":
                self._unknown(str(refused))
            self.refuse(STATUS[refused.reason], str(refused))
        except StoreProblem as problem:
            # The sentence names files of this computer: for the log, not for a phone.
            log.error("A room's store: %s", problem)
            self.refuse(503, NOT_KEPT)
        except queue.Full:
            self.refuse(503, NOT_KEPT)

    def check_xsrf_cookie(self) -> None:
        """Left to `hold_to_token`: Jupyter would check before a vote is read.

        An answer ahead of the body ends the connection, and a browser then sees a network
        error instead of the reason.
        """

    def hold_to_token(self) -> None:
        """Refuse a vote without the token that only our own page can read.

        The token is bound to the browser's cookie, so no second cookie is needed, and
        none of Jupyter's is touched.
        """
        given = self.request.headers.get("X-XSRFToken", "")
        wanted = self.room.token(self.browser_id())
        # Bytes, because a hostile header may hold signs that are not ASCII.
        if not self.browser_id() or not hmac.compare_digest(
                given.encode("utf-8", "replace"), wanted.encode()):
            self.refuse(403, "This page is out of date. Reload it.")

    def browser_id(self) -> str:
        """The random id in the cookie, "" without a good one."""
        found = self.get_cookie(COOKIE, "") or ""
        return found if re.fullmatch(r"[0-9a-f]{32}", found) else ""

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        self.answer({"problem": f"The server answered {status_code}: {self._reason}."})
