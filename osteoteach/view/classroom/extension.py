"""The students' pages inside JupyterLab and on a hub, as a Jupyter server extension.

``osteoteach lab`` switches it on. For a server of your own, write into its configuration
``c.ServerApp.jpserver_extensions = {"osteoteach.view.classroom.extension": True}``.
The pages ask for no login, as a phone in a lecture hall has none; they give out a question
and take votes, nothing else of the server.
"""

from __future__ import annotations

from typing import Any

from osteoteach.view.classroom.handlers import classroom_handlers

__all__: list[str] = []


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "osteoteach.view.classroom.extension"}]


def _load_jupyter_server_extension(server: Any) -> None:
    """Add the handlers to a Jupyter server that starts."""
    server.web_app.add_handlers(".*$", classroom_handlers(server.web_app.settings["base_url"]))
    server.log.info("osteoteach: rooms of a class are at %sclass/", server.base_url)
