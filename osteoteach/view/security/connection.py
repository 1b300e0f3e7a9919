"""Between a visitor's browser and their kernel: only what widgets need passes.

Voila itself leaves out requests to execute, complete, inspect and read the history. This is
the second door behind that one, and narrower: it also holds when Voila's own list is not
applied, and it lets a browser open no widget of its own making.
"""

from __future__ import annotations

import json
from typing import Any

from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

from osteoteach.view.classroom.limits import Limit, Limiter

__all__ = ["COMM_TARGETS", "MESSAGES_OF_CONNECTION", "MESSAGE_TYPES", "GuardedConnection",
           "refusal"]

#: What a page of widgets sends, and nothing that runs code.
MESSAGE_TYPES = frozenset({
    "comm_close", "comm_info_request", "comm_msg", "comm_open", "kernel_info_request",
    "shutdown_request",
})
#: The one channel that a page opens by itself: it asks for the widgets that are there.
COMM_TARGETS = frozenset({"jupyter.widget.control"})
#: A drag sends at most a hundred a second, and a page some hundred at its start.
MESSAGES_OF_CONNECTION = Limit(2000, 300)
V1 = "v1.kernel.websocket.jupyter.org"
#: Channel, header, parent, metadata, content, their end, and the buffers of a widget.
MOST_OFFSETS = 64


def refusal(incoming: str | bytes, subprotocol: str | None) -> str:
    """Why a message from a browser must not reach the kernel, ``""`` if it may.

    Parameters
    ----------
    incoming : str or bytes
        As it came over the websocket.
    subprotocol : str or None
        What the two sides agreed on; None for Jupyter's older form.

    Examples
    --------
    >>> refusal('{"channel": "shell", "header": {"msg_type": "execute_request"}}', None)
    'a message of a type that pages do not send'
    >>> refusal('{"channel": "shell", "header": {"msg_type": "comm_msg"}, "content": {}}', None)
    ''
    """
    try:
        header, content = _parts(incoming, subprotocol)
        kind = header["msg_type"]
        if kind not in MESSAGE_TYPES:
            return "a message of a type that pages do not send"
        if kind == "comm_open" and content()["target_name"] not in COMM_TARGETS:
            return "a channel that pages do not open"
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError,
            RecursionError):
        return "a message that cannot be read"
    return ""


def _parts(incoming: str | bytes, subprotocol: str | None) -> tuple[dict[str, Any], Any]:
    """The header, and a function for the content, which is looked at only when needed."""
    if subprotocol == V1:
        if not isinstance(incoming, bytes):
            raise ValueError("text where bytes were agreed on")
        # Jupyter believes this number: eight bytes would keep the whole server counting.
        if int.from_bytes(incoming[:8], "little") > MOST_OFFSETS:
            raise ValueError("too many parts")
        _channel, parts = deserialize_msg_from_ws_v1(incoming)
        return _plain(parts[0]), lambda: _plain(parts[3])
    if not isinstance(incoming, str):
        raise ValueError("the older form in bytes, which no page of ours sends")
    whole = _plain(incoming)
    return whole["header"], lambda: whole["content"]


def _plain(text: str | bytes) -> dict[str, Any]:
    return json.loads(text, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers may choose differently between two values of one key."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is given twice")
    return found


class GuardedConnection(ZMQChannelsWebsocketConnection):
    """One browser's connection to one kernel."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._messages = Limiter(MESSAGES_OF_CONNECTION, most_keys=1)

    def handle_incoming_message(self, incoming_msg: str | bytes) -> None:
        """Hand a message on, or leave it aside; a flood ends the connection."""
        if self._messages.wait_seconds("here"):
            # The page connects again by itself, and says so meanwhile.
            self.websocket_handler.close(1008, "too many messages")
            return
        reason = refusal(incoming_msg, self.subprotocol)
        if reason:
            # Not what was in it: that may be a learner's.
            self.log.warning("A browser sent %s: left aside.", reason)
            return
        super().handle_incoming_message(incoming_msg)
