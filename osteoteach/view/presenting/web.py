"""Presenting on the served pages: which address a step has, and the list for its bar.

A step is shown by its dashboard at ``NAME.ipynb?present=LIST&step=3``. The server answers
with the full address, which carries the step's values as every scenario link does, so the
dashboard itself knows nothing of presenting.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.utils import url_path_join
from voila.tornado.handler import TornadoVoilaHandler

from osteoteach.errors import DataError, InputError
from osteoteach.progress.room_questions import Question
from osteoteach.view.classroom.base import ClassHandler, Classroom
from osteoteach.view.presenting.scenarios import ScenarioList, load_list

__all__ = ["ListHandler", "PresentingVoilaHandler", "full_address", "list_handler",
           "shown_list"]

LONGEST_QUERY = 400


def full_address(notebook: str, query: str) -> str | None:
    """Where a short link to a step leads; None for every other link.

    Parameters
    ----------
    notebook : str
        Path of the notebook that is asked for.
    query : str
        What stands behind the question mark.

    Returns
    -------
    str or None
        An address relative to the notebook's own.

    Examples
    --------
    >>> full_address("dashboards/noise.ipynb", "present=can_it_be_reversed&step=2")[:32]
    'diagnose.ipynb?age_years=49&sex='
    >>> full_address("dashboards/noise.ipynb", "site=total_hip")
    """
    if len(query) > LONGEST_QUERY:
        return None
    found = dict(parse_qsl(query, keep_blank_values=True))
    if set(found) != {"present", "step"} or not (
            found["step"].isascii() and found["step"].isdigit() and len(found["step"]) < 4):
        return None
    try:
        step = load_list(found["present"]).step(int(found["step"]))
    except (InputError, DataError):
        return None  # the bar on the page says what is wrong
    file = f"{step.dashboard}.ipynb"
    if not step.values and notebook.rpartition("/")[2] == file:
        return None
    return f"{file}?{_query(step.values)}present={found['present']}&step={found['step']}"


def _query(values: Mapping[str, Any]) -> str:
    return "".join(f"{quote(name, safe='')}={quote(_text(value), safe=':,@/')}&"
                   for name, value in values.items())


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else f"{value:g}"


def shown_list(found: ScenarioList) -> dict[str, Any]:
    """What the projector may show of a list: no notes and no answers."""
    return {"name": found.name, "title": found.title, "minutes": found.minutes, "steps": [
        {"title": step.title, "minutes": step.minutes, "dashboard": step.dashboard,
         "ask": step.ask, "has_question": step.prepared is not None,
         "prompt": step.prepared.question.prompt if step.prepared else "",
         "scale": _scale(step.prepared.question) if step.prepared else "",
         "choices": list(step.prepared.question.choices) if step.prepared else []}
        for step in found.steps]}


def _scale(question: Question) -> str:
    """What a number may be: its ends and its unit."""
    if question.low is None or question.high is None:
        return question.unit
    return f"{question.low:g} to {question.high:g} {question.unit}".replace("-", "−").strip()


class ListHandler(ClassHandler):
    """A list for the presenter's bar; a bad file is told with its line and field."""

    @allow_unauthenticated
    async def get(self, name: str) -> None:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(None, load_list, name)
        except InputError as error:
            self.refuse(404, str(error))
        except DataError as error:
            self.refuse(422, str(error))
        self.answer(shown_list(found))


def list_handler(base_url: str, classroom: Classroom | None = None) -> tuple:
    """The handler of ``presenting/LIST`` for a Tornado application."""
    base = url_path_join(base_url, "presenting") + "/"
    return (re.escape(base) + r"([^/]+)", ListHandler,
            {"classroom": classroom or Classroom(), "base": base})


class PresentingVoilaHandler(TornadoVoilaHandler):
    """Voila's page of a notebook; a short link to a step is led to its full address."""

    async def get(self, path: str | None = None) -> None:
        address = full_address(path or "", self.request.query)
        if address is not None:
            self.redirect(address)
            return
        await super().get(path)
