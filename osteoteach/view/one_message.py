"""Changes of many widgets in one message.

A message costs its way through the kernel's socket, the server, the websocket and the
browser's queue: together about a millisecond, and the browser may lay the page out
again after each. An answer changes a dozen widgets, so a page sends them as one.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["Carried", "one_message"]

States = dict[str, dict[str, Any]]


class Carried:
    """A widget whose changes may travel in another widget's message. Goes ahead of its base."""

    #: Where changes go while a message is put together; ``None``: each on its own.
    _parcel: States | None = None

    def send_state(self, key: Any = None) -> None:
        """Send some traits, or put them into the message that is being made."""
        if self._parcel is None:
            super().send_state(key)
        elif state := self.get_state(key):
            self._parcel.setdefault(self.model_id, {}).update(state)


@contextmanager
def one_message(carrier: Any, widgets: Iterable[Any], *, packed: bool = False) -> Iterator[None]:
    """Send all that changes inside the block as one message of ``carrier``.

    The carrier's half in the browser hands each state to its widget (``page.js``).

    Parameters
    ----------
    carrier : ipywidgets.Widget
        Sends ``{"states": {model id: {trait: value}}}``, and is carried itself.
    widgets : iterable
        Those that are :class:`Carried` travel; others send their own messages.
    packed : bool
        Compress the message: long texts shrink to a sixth, short ones are not worth it.

    Examples
    --------
    >>> from osteoteach.view.page_frame import PageFrame
    >>> frame, sent = PageFrame(), []
    >>> frame.send = sent.append
    >>> with one_message(frame, []):
    ...     frame.sentence, frame.tone = "Normal.", "normal"
    >>> [list(message["states"].values()) for message in sent]
    [[{'sentence': 'Normal.', 'tone': 'normal'}]]
    """
    parcel: States = {}
    travelling = [one for one in (carrier, *widgets) if isinstance(one, Carried)]
    for one in travelling:
        one._parcel = parcel
    try:
        yield
    finally:
        for one in travelling:
            one._parcel = None
        if parcel and packed:
            carrier.send({"packed": True}, [zlib.compress(json.dumps(parcel).encode())])
        elif parcel:
            carrier.send({"states": parcel})
