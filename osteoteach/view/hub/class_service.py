"""The rooms of a hub in one place: ``python -m osteoteach.view.hub.class_service``.

A service of JupyterHub, reached at ``/services/osteoteach-class/class/``. Students vote by
phone, without an account and whether or not their own server runs; the instructor's panel runs
in the instructor's own server and meets the votes in the database. This process starts no
kernel and runs nobody's code; it alone knows the database's owner, so it also makes the tables
and gives the rights (:mod:`osteoteach.progress.shared_rights`) before it listens.

It reads ``JUPYTERHUB_SERVICE_PREFIX`` and ``JUPYTERHUB_SERVICE_URL``, which JupyterHub sets
(an external service sets them itself), and ``OSTEOTEACH_DATABASE_URL``.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
from urllib.parse import urlsplit

from jupyter_server.utils import url_path_join
from tornado.httpserver import HTTPServer
from tornado.web import Application, RedirectHandler, RequestHandler

from osteoteach.progress.rooms import Rooms
from osteoteach.progress.shared_rights import set_rights
from osteoteach.view.classroom.handlers import Classroom, classroom_handlers

__all__ = ["main", "service_application"]


class Health(RequestHandler):
    """Whether the database answers; rooms whose time is over go at the same time."""

    async def get(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, Rooms().remove_expired)
        self.set_header("Content-Type", "application/json")
        self.write(json.dumps({"status": "ok"}))


def service_application(prefix: str) -> Application:
    """The web application below ``prefix``, for example ``"/services/osteoteach-class/"``."""
    shared = Classroom()
    return Application([(url_path_join(prefix, "health"), Health),
                        (prefix, RedirectHandler, {"url": url_path_join(prefix, "class/")}),
                        *classroom_handlers(prefix, shared)])


async def _serve(prefix: str, address: str) -> None:
    parts = urlsplit(address)
    # The hub's proxy says who asks; without it a whole school would share one voter's limits.
    server = HTTPServer(service_application(prefix), xheaders=True)
    server.listen(parts.port or 80, parts.hostname or "")
    logging.getLogger(__name__).warning("osteoteach: rooms are at %sclass/", prefix)
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await stop.wait()


def main() -> None:
    """Serve until interrupted."""
    set_rights(os.environ["OSTEOTEACH_DATABASE_URL"])
    asyncio.run(_serve(os.environ["JUPYTERHUB_SERVICE_PREFIX"],
                       os.environ["JUPYTERHUB_SERVICE_URL"]))


if __name__ == "__main__":
    main()
