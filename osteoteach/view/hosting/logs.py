"""Logs of a class: what happened to the server, and nothing about who visited.

A scenario link may hold what a person typed about themselves, an address may be somebody's,
and whoever knows the number of a kernel can talk to it. None of them is written down. With
``log_addresses`` the visitors' network addresses are, for whoever has to look for a fault.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

from tornado.web import RequestHandler

__all__ = ["Scrubber", "access_log", "scrub", "scrub_logs"]

log = logging.getLogger(__name__)

_KERNEL = re.compile(r"\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.I)
_QUERY = re.compile(r"(?<=[\w/.%~)-])\?[^\s'\"<>]+")
_REQUEST = re.compile(r"HTTPServerRequest\(.*?\)")
_CODE = re.compile(r"(/class(?:/api)?/)(?!static|api)[^/\s'\"]+")
_IPV4 = re.compile(r"(?<![\d.])(?!127\.|0\.0\.0\.0)(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}(?![\w:])", re.I)

#: True of every server like ours, and of no use to whoever reads its log.
_NOISE = re.compile(r"is not trusted$|^The websocket_ping_timeout")


def scrub(text: str, *, addresses: bool = False) -> str:
    """The same text without queries, kernels' numbers, rooms' codes and network addresses.

    Parameters
    ----------
    text : str
    addresses : bool
        Whether network addresses may stay.

    Examples
    --------
    >>> scrub("404 GET /voila/x.ipynb?age_years=70 (10.0.0.7) 2ms")
    '404 GET /voila/x.ipynb (address left out) 2ms'
    >>> scrub("Kernel started: 2b1c9e0a-0000-4000-8000-0123456789ab")
    'Kernel started: 2b1c9e0a…'
    """
    text = _REQUEST.sub("HTTPServerRequest(…)", text)
    text = _CODE.sub(r"\1…", _QUERY.sub("", _KERNEL.sub(r"\1…", text)))
    if addresses:
        return text
    return _IPV6.sub("address left out", _IPV4.sub("address left out", text))


class Scrubber(logging.Filter):
    """Scrubs every record before a handler writes it, its traceback included; drops noise."""

    def __init__(self, addresses: bool = False) -> None:
        super().__init__()
        self._addresses = addresses

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if _NOISE.search(message):
            return False
        record.msg, record.args = scrub(message, addresses=self._addresses), ()
        if record.exc_info:
            text = logging.Formatter().formatException(record.exc_info)
            record.exc_text, record.exc_info = scrub(text, addresses=self._addresses), None
        return True


def scrub_logs(*loggers: logging.Logger, addresses: bool = False) -> None:
    """Put a scrubber before every handler of these loggers and of the root."""
    root = logging.getLogger()
    if not root.handlers:
        # Else Python writes warnings past every filter.
        root.addHandler(logging.StreamHandler())
        root.handlers[0].setFormatter(logging.Formatter("[%(levelname)s] %(message)s"))
    for logger in (root, *loggers):
        for handler in logger.handlers:
            handler.addFilter(Scrubber(addresses))


def access_log(*, addresses: bool = False) -> Callable[[RequestHandler], None]:
    """A ``log_function`` for Tornado: only what went wrong, and never who asked for what."""

    def write(handler: RequestHandler) -> None:
        status: Any = handler.get_status()
        # A room that is full is no fault; its visitors ask again and again.
        if status < 400 or status == 503:
            return
        request = handler.request
        who = f" from {request.remote_ip}" if addresses else ""
        level = logging.ERROR if status >= 500 else logging.WARNING
        log.log(level, "%s", scrub(f"{status} {request.method} {request.path}{who}",
                                   addresses=addresses))

    return write
