"""The evidence drawer of a page: "where does this number come from?".

Every source and every table row on a page carries a small button "where from?", and below
the answer stands one for the whole answer. A click asks Python, which looks the number
up and sends what the drawer shows. So a page carries nothing of this ahead, and a
browser cannot ask for anything but rows and sources of ``data/``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

import anywidget
import traitlets

from osteoteach.errors import InputError
from osteoteach.view.code_once import CodeOnce, code
from osteoteach.view.controls import PARTS, style
from osteoteach.view.evidence_rows import RowsUsed

__all__ = ["EvidenceDrawer"]

log = logging.getLogger(__name__)

LONGEST_NAME = 120
REFUSED = "There is no such number in the evidence tables."
NOT_YET = "Guess first: where the numbers come from is shown with the answer."


class EvidenceDrawer(CodeOnce, anywidget.AnyWidget):
    """A button below the answer, and the drawer that it and all others open.

    Parameters
    ----------
    used : callable, optional
        Returns the rows that the present answer used, as groups of `RowsUsed`. It may
        raise InputError. Without it the page has no button of its own.

    Examples
    --------
    >>> drawer = EvidenceDrawer()
    >>> drawer.content({"source": "looker_1998"})["title"]
    'Looker 1998'
    >>> drawer.content({"source": "nobody_2020"})
    {'kind': 'refused', 'title': 'Where from?', 'text': 'There is no such number in the ...'}
    """

    _esm = code(PARTS / "drawer.js")
    _css = code(style("drawer.css"))

    #: The page knows which rows its answer used.
    has_rows = traitlets.Bool(False).tag(sync=True)

    def __init__(self, used: Callable[[], Iterable[RowsUsed] | None] | None = None) -> None:
        super().__init__(has_rows=used is not None)
        self._used = used
        self.on_msg(self._on_message)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Ignore what a browser sets: it asks by messages, and those are checked."""

    def content(self, wanted: Any) -> dict[str, Any]:
        """What the drawer shows for a request; a refusal in words for a wrong one.

        Parameters
        ----------
        wanted : object
            ``{"source": id}``, ``{"table": name, "row": key}`` or ``{"used": True}``;
            anything else is refused.
        """
        # Reading tables takes time that no page's start should pay.
        from osteoteach.view.evidence_cards import lone_source_card, row_card, used_card

        try:
            match wanted:
                case {"used": True, **rest} if not rest and self._used is not None:
                    groups = self._used()
                    return _refusal(NOT_YET) if groups is None else used_card(groups)
                case {"source": str(name), **rest} if not rest and len(name) <= LONGEST_NAME:
                    return lone_source_card(name)
                case {"table": str(name), "row": str(key), **rest} if (
                        not rest and max(len(name), len(key)) <= LONGEST_NAME):
                    return row_card(name, key)
        except InputError as error:
            # What was asked for is not repeated: it may be long, or meant to harm.
            if wanted == {"used": True}:
                return _refusal(f"There is no answer for these settings: {error}")
        return _refusal(REFUSED)

    def _on_message(self, _widget: object, content: Any, _buffers: object) -> None:
        match content:
            case {"asked": int(number), "wanted": wanted, **rest} if (
                    not rest and type(number) is int):
                # An exception that leaves a callback is seen by nobody.
                try:
                    shown = self.content(wanted)
                except Exception:
                    log.exception("The evidence drawer could not answer")
                    shown = _refusal("The program could not look this number up. Your teacher "
                                     "can find the reason in the server's window.")
                self.send({"asked": number, "content": shown})


def _refusal(text: str) -> dict[str, Any]:
    return {"kind": "refused", "title": "Where from?", "text": text}
