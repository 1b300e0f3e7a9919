"""Settings of a user's server on a hub: those of the standalone dashboards, and less besides.

``config/`` beside this module is a Jupyter configuration folder that hands them to the server;
:mod:`osteoteach.commands.hub_server` puts it in the path.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from traitlets.config import Config

from osteoteach.view.server import give_leaving_token
from osteoteach.view.serving import SETTINGS, add_cards

__all__ = ["CONFIG_FOLDER", "class_path", "hub_settings"]

CONFIG_FOLDER = Path(__file__).parent / "config"


def hub_settings() -> Config:
    """The settings, including those that are functions."""
    config = Config(SETTINGS)
    config.VoilaConfiguration.page_config_hook = _add_cards_and_lab
    config.VoilaConfiguration.prelaunch_hook = give_leaving_token
    # The environment's packages are the administrator's: looking for news costs every user.
    config.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
    config.LabApp.news_url = None
    config.LabApp.extension_manager = "readonly"
    if os.name == "posix":
        # As in the standalone server: TCP ports of kernels that start together collide.
        config.KernelManager.transport = "ipc"
    return config


def class_path() -> str:
    """Where the hub's rooms are, ``""`` if each server has its own.

    Examples
    --------
    >>> class_path()
    ''
    """
    return os.environ.get("OSTEOTEACH_CLASS_PATH", "")


def _add_cards_and_lab(page_config: dict[str, Any], **context: Any) -> dict[str, Any]:
    page_config["osteoteachLab"] = True
    return add_cards(page_config, **context)
