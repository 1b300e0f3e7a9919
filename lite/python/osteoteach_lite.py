"""A dashboard in the visitor's browser: what a Jupyter kernel is elsewhere.

The worker of the page imports this module, gives it a function that sends text to the page,
and hands on what the page sends. Widgets, models and answers are those of the server.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import comm
import traitlets
from comm.base_comm import BaseComm

__all__ = ["Bridge", "receive", "start"]

log = logging.getLogger("osteoteach.lite")


class Bridge:
    """Where messages to the page go; set once by :func:`start`."""

    send: Callable[[str], None]


class PageComm(BaseComm):
    """Carries one widget's messages between Python and the page."""

    def publish_msg(self, msg_type: str, data: Any = None, metadata: Any = None,
                    buffers: Any = None, **_keys: Any) -> None:
        """Send a message; the widgets here have no binary parts."""
        if buffers:
            raise ValueError("This page carries text only; the widget sent bytes.")
        Bridge.send(json.dumps({"kind": msg_type, "id": self.comm_id, "data": data}))


def start(send: Callable[[str], None], dashboard: str, engine_digest: str) -> str:
    """Build a dashboard and return the id of the widget that is its page.

    Parameters
    ----------
    send : callable
        Takes one message for the page, as JSON.
    dashboard : str
        Name of a module of ``osteoteach.view.dashboards``.
    engine_digest : str
        Of the chart engine that the page has loaded by itself.
    """
    Bridge.send = send
    comm.create_comm = PageComm
    from ipywidgets import Widget

    # The page has loaded the engine; it need not travel through Python.
    from osteoteach.view import live_chart

    class ServedEngine(live_chart.VegaRuntime):
        bundle = traitlets.Unicode("", read_only=True).tag(sync=True)
        digest = engine_digest

    live_chart.VegaRuntime._shared = ServedEngine()
    page = import_module(f"osteoteach.view.dashboards.{dashboard}").page()
    frame = getattr(page, "frame", page)
    if not isinstance(frame, Widget):
        raise TypeError(f"The page {dashboard!r} shows no widget.")
    start.page = page  # The page must outlive this call.
    return frame.model_id


def receive(text: str) -> None:
    """Hand a message of the page to its widget."""
    message = json.loads(text)
    target = comm.get_comm_manager().get_comm(message["id"])
    if target is None:
        return
    try:
        target.handle_msg({"content": {"data": message["data"]}, "buffers": []})
    except Exception:  # noqa: BLE001 - as in a kernel: one bad message must not end the page
        log.exception("A message of the page could not be handled")
    sys.stderr.flush()
