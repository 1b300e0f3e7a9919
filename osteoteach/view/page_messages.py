"""What a browser may ask of a page, and how it is checked.

The widgets of a page look after their own values. These are the messages of the frame:
undo, links, the handout, and that the page stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from osteoteach.errors import InputError
from osteoteach.view.handout import file_name

if TYPE_CHECKING:
    from osteoteach.view.page import Page

__all__ = ["take_message"]


def take_message(page: Page, content: Any) -> None:
    """Do what a message of the browser asks for.

    Parameters
    ----------
    page : Page
        The page that got it.
    content : object
        A visitor's browser can send anything; what is not known is left aside.
    """
    match content:
        case {"do": ("reset" | "undo" | "redo") as what, **rest} if not rest:
            getattr(page, what)()
        case {"drag": bool(begins), **rest} if not rest:
            page.drag(begins)
        case {"query": str(query), **rest} if not rest:
            page.open_link(query)
        case {"handout": str(address), **rest} if not rest:
            _send_handout(page, address)
        case {"open": True, **rest} if not rest:
            page.opens()


def _send_handout(page: Page, address: str) -> None:
    try:
        sheet = page.handout(address)
    except InputError as error:
        page.frame.send({"no_handout": f"No handout yet. {error.remedy}"})
    else:
        page.frame.send({"handout": sheet, "filename": file_name(page.frame.title)})
