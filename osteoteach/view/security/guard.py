"""What is put around the server's application before it listens."""

from __future__ import annotations

import functools
import ipaddress
import os
from collections.abc import Iterable
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated
from tornado.httputil import HTTPServerRequest, split_host_and_port
from tornado.routing import Matcher, Rule
from tornado.web import Application, RequestHandler
from voila.tornado.contentshandler import VoilaContentsHandler
from voila.voila_identity_provider import VoilaLoginHandler

from osteoteach.view.classroom.limits import FAILED_LOGINS_OF_ADDRESS, Limiter
from osteoteach.view.security.headers import SecurityHeaders

__all__ = ["LARGEST_BODY_BYTES", "LARGEST_MESSAGE_BYTES", "guard", "guarded_handlers"]

#: A pasted article of 200,000 signs, four bytes each, and what goes around it.
LARGEST_MESSAGE_BYTES = 2_000_000
#: Votes are smaller still, and nothing else is sent that way.
LARGEST_BODY_BYTES = 100_000


def guard(app: Application, ip: str) -> None:
    """Headers on every answer, limits on what comes in, and no foreign names.

    Parameters
    ----------
    app : tornado.web.Application
        Before it listens.
    ip : str
        Address on which the server will listen.
    """
    app.add_transform(SecurityHeaders)
    app.settings["websocket_max_message_size"] = LARGEST_MESSAGE_BYTES
    # Voila calls `listen` without a word about sizes; Tornado would take 100 MB.
    app.listen = functools.partial(app.listen, max_body_size=LARGEST_BODY_BYTES, body_timeout=30)
    if is_loopback(ip):
        named = os.environ.get("OSTEOTEACH_HOSTS", "").split(",")
        allowed = frozenset(name.strip().lower() for name in named if name.strip())
        app.default_router.rules.insert(0, Rule(ForeignHost(allowed), RefuseHost))


def guarded_handlers(handlers: Iterable[tuple]) -> list[tuple]:
    """Voila's handlers without its listing of files, and with a login that tires.

    The gallery is made from the notebooks' own cards, so no page of ours asks for a listing.
    """
    swapped = {VoilaLoginHandler: SlowLogin}
    return [(pattern, swapped.get(handler, handler), *rest)
            for pattern, handler, *rest in handlers if handler is not VoilaContentsHandler]


def is_loopback(host: str) -> bool:
    """Whether only this computer can be meant.

    Examples
    --------
    >>> [is_loopback(host) for host in ("127.0.0.1", "localhost", "::1", "0.0.0.0", "a.org")]
    [True, True, True, False, False]
    """
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class ForeignHost(Matcher):
    """A request by a name that is not this computer's, to a server for this computer only.

    A web page elsewhere can give its own name the address 127.0.0.1 (DNS rebinding), and
    would then count as the same origin as the dashboards.
    """

    def __init__(self, allowed: frozenset[str]) -> None:
        self._allowed = allowed

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        host = split_host_and_port((request.host or "").lower())[0]
        return None if is_loopback(host) or host in self._allowed else {}


class RefuseHost(RequestHandler):
    """Says so, and what to set where it is meant."""

    def prepare(self) -> None:
        self.set_status(403)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish("This server answers only to this computer's own names. If a proxy in front "
                    "of it uses another name, start it with OSTEOTEACH_HOSTS=that.name.\n")


class SlowLogin(VoilaLoginHandler):
    """Where a server has a password: wrong ones are counted, a class that logs in is not."""

    failed = Limiter(FAILED_LOGINS_OF_ADDRESS)

    @allow_unauthenticated
    def post(self) -> None:
        key = self.request.remote_ip or ""
        wait = self.failed.wait_seconds(key, count=False)
        if wait:
            self.set_status(429)
            self.set_header("Retry-After", str(int(wait) + 1))
            self.finish("That was too often. Wait a minute and try again.\n")
            return
        super().post()
        if self.get_status() == 401:
            self.failed.wait_seconds(key)
