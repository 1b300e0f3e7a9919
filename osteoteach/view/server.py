"""Voila with our settings: ``python -m osteoteach.view.server NOTEBOOKS --port=8866``.

Needed because one setting, the function that reads the gallery's cards, cannot be
written on a command line. :func:`osteoteach.view.serving.voila_command` gives the
whole command.
"""

from __future__ import annotations

import os

from traitlets.config import Config
from voila.app import Voila

from osteoteach.view.serving import SETTINGS, add_cards

__all__ = ["configuration", "main"]


def configuration() -> Config:
    """Return the settings of the server, including those that JSON cannot hold."""
    config = Config(SETTINGS)
    config.VoilaConfiguration.page_config_hook = add_cards
    if os.name == "posix":
        # Sockets in the file system cannot collide; TCP ports of kernels that start
        # together do now and then, and then a page never loads. A path in /tmp stays
        # below the 104 characters that macOS allows for a socket.
        config.KernelManager.transport = "ipc"
        config.Voila.connection_dir_root = "/tmp"
    return config


def main() -> None:
    """Serve until interrupted."""
    Voila.launch_instance(config=configuration())


if __name__ == "__main__":
    main()
