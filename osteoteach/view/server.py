"""Voila with our settings: ``python -m osteoteach.view.server NOTEBOOKS --port=8866``.

Needed because two settings are functions, which cannot be written on a command line, and
because the pages on which a class votes are served beside Voila's own.
:func:`osteoteach.view.serving.voila_command` gives the whole command.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from traitlets.config import Config
from voila.app import Voila
from voila.tornado.handler import TornadoVoilaHandler

from osteoteach.errors import DataError
from osteoteach.evidence import check_hashes
from osteoteach.view.classroom.handlers import classroom_handlers
from osteoteach.view.presenting.web import PresentingVoilaHandler, list_handler
from osteoteach.view.security.connection import GuardedConnection
from osteoteach.view.security.guard import guard, guarded_handlers
from osteoteach.view.serving import CLASS_SETTINGS, SETTINGS, add_cards

__all__ = ["OsteoteachVoila", "configuration", "give_leaving_token", "main"]


class OsteoteachVoila(Voila):
    """Voila, and beside it the rooms of a class."""

    #: Answers for a page with a kernel.
    page_handler: type[PresentingVoilaHandler] = PresentingVoilaHandler

    def init_handlers(self) -> list:
        guard(self.app, self.ip)
        pages = [(pattern, self.page_handler, *rest)
                 if handler is TornadoVoilaHandler else (pattern, handler, *rest)
                 for pattern, handler, *rest in guarded_handlers(super().init_handlers())]
        # Ahead of Voila's own, the last of which takes every address.
        return [*classroom_handlers(self.server_url), list_handler(self.server_url), *pages]


def configuration(*, for_class: bool = False) -> Config:
    """Return the settings of the server, including those that JSON cannot hold."""
    config = Config(SETTINGS)
    config.VoilaConfiguration.page_config_hook = add_cards
    config.Voila.kernel_websocket_connection_class = GuardedConnection
    if for_class:
        config.merge(Config(CLASS_SETTINGS))
    else:
        # A page that is built ahead of its visitor has no request to hand to a hook: there
        # the handler of the page does the same.
        config.VoilaConfiguration.prelaunch_hook = give_leaving_token
    if os.name == "posix":
        # Sockets in the file system cannot collide; TCP ports of kernels that start
        # together do now and then, and then a page never loads. A path in /tmp stays
        # below the 104 characters that macOS allows for a socket.
        config.KernelManager.transport = "ipc"
        config.Voila.connection_dir_root = "/tmp"
    return config


def give_leaving_token(handler: Any, notebook: Any, cwd: str) -> None:
    """Let a page end its own kernel when its tab closes (a prelaunch_hook).

    Voila's page asks for that, but is refused for want of the cookie that proves the
    request comes from our own page. Reading the token sets the cookie.
    """
    _ = handler.xsrf_token


def main() -> None:
    """Serve until interrupted; a data file that somebody changed stops it at the start."""
    try:
        check_hashes()
    except DataError as error:
        sys.exit(f"osteoteach: {error}")
    OsteoteachVoila.launch_instance(config=configuration())


if __name__ == "__main__":
    main()
