"""What of a page goes into its handout."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from osteoteach.errors import InputError
from osteoteach.view.handout import Handout, written_handout
from osteoteach.view.html import without_screen_only

if TYPE_CHECKING:
    from osteoteach.view.page import Page

__all__ = ["handout_of"]


def handout_of(page: Page, address: str = "") -> str:
    """Return the present scenario of a page as a sheet; the browser puts its charts in.

    Parameters
    ----------
    page : Page
        A page that shows an answer.
    address : str
        Where this scenario can be opened again, ``""`` for nowhere.

    Raises
    ------
    InputError
        If the answer waits for a guess, or there is none for the present entries.
    """
    frame = page.frame
    if frame.locked or frame.stale or not frame.sentence:
        rule = "needs an answer to the present settings"
        remedy = "Make your guess first." if frame.locked else "Correct the settings first."
        raise InputError("The handout", rule, "none", remedy)
    settings = [
        (group.label, [(control.label, control.in_words(control.held()))
                       for control in group.controls if control.visible])
        for group in page.groups]
    return written_handout(Handout(
        title=frame.title, settings=settings, sentence=frame.sentence,
        warnings=[tuple(warning) for warning in frame.warnings],
        why=without_screen_only(frame.why), how_sure=frame.how_sure,
        sources=frame.sources,
        charts=[(name, page.chart_words.get(name, "")) for name in page.charts],
        link=address), date.today())
