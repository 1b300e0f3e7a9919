"""The dashboards in a user's own Jupyter server: what the standalone server has, beside Lab.

Gallery at ``voila``, pages at ``voila/render/``, presenter's lists at ``presenting/``, rooms at
``class/`` (or, where the hub has them in one place, a redirect to that place).

Standalone Voila lets a page send no `execute_request`. Here Lab needs them, so nothing is
filtered: the kernel belongs to the user who is logged in, and they may run code in Lab anyway.
What keeps users apart is the hub's log-in in front of every address of this server but the
rooms' (a test holds that).
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado.web import RequestHandler, authenticated
from voila import server_extension as voila_extension
from voila.configuration import VoilaConfiguration
from voila.paths import collect_template_paths

from osteoteach.errors import DataError, InputError
from osteoteach.view.classroom.handlers import classroom_handlers
from osteoteach.view.hub.settings import class_path
from osteoteach.view.presenting.scenarios import load_list
from osteoteach.view.presenting.web import PresentingVoilaHandler, shown_list

__all__: list[str] = []


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "osteoteach.view.hub.extension"}]


def _load_jupyter_server_extension(server: Any) -> None:
    """Add the handlers to a Jupyter server that starts."""
    base = server.web_app.settings["base_url"]
    # Where these two are not named, Voila's pages load MathJax from outside. Lab has its own.
    for name in ("mathjax_url", "mathjax_config"):
        server.web_app.settings.setdefault(name, None)
    voila = VoilaConfiguration(parent=server)
    page = {"config": server.config, "voila_configuration": voila,
            "template_paths": collect_template_paths(["voila", "nbconvert"], voila.template)}
    # Ahead of Voila's own, which knows no short links to a presenter's steps.
    server.web_app.add_handlers(".*$", [
        (url_path_join(re.escape(base), r"voila/render/(.*)"), PresentingVoilaHandler, page),
        (url_path_join(re.escape(base), r"presenting/([^/]+)"), OwnLists), *_rooms(base)])
    voila_extension._load_jupyter_server_extension(server)
    server.log.info("osteoteach: dashboards are at %s", url_path_join(base, "voila"))


def _rooms(base: str) -> list[tuple]:
    if not class_path():
        return classroom_handlers(base)
    return [(url_path_join(re.escape(base), r"class(/.*)?"), ToRooms)]


class OwnLists(APIHandler):
    """A list for the presenter's bar: here for its owner only, who may write lists."""

    @authenticated
    async def get(self, name: str) -> None:
        loop = asyncio.get_running_loop()
        try:
            told = shown_list(await loop.run_in_executor(None, load_list, name))
        except (InputError, DataError) as error:
            self.set_status(404 if isinstance(error, InputError) else 422)
            told = {"problem": str(error)}
        self.finish(json.dumps(told))


class ToRooms(RequestHandler):
    """Leads to the rooms of the hub, with the code if one was given."""

    @allow_unauthenticated
    def get(self, rest: str | None = None) -> None:
        self.redirect(f"{class_path()}class/{(rest or '').lstrip('/')}")
