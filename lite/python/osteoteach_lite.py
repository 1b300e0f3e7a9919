"""A dashboard in the visitor's browser: what a Jupyter kernel is elsewhere.

The worker of the page imports this module, gives it a function that sends text to the page,
and hands on what the page sends. Widgets, models and answers are those of the server.
Answers are kept by the browser (IndexedDB); here they are rows in memory.
"""

from __future__ import annotations

import ast
import base64
import json
import logging
import os
import traceback
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib import import_module
from io import StringIO
from typing import Any

import comm
import traitlets
from comm.base_comm import BaseComm
from IPython.display import take_shown

import osteoteach
from osteoteach.progress import store
from osteoteach.progress.problems import StoreProblem
from osteoteach.progress.records import AnswerRecord

__all__ = ["receive", "run_cell", "show", "shown_facts", "start"]

log = logging.getLogger("osteoteach.lite")


class PageComm(BaseComm):
    """Carries one widget's messages between Python and the page."""

    #: Not `send`: that is what a widget calls.
    post: Callable[[str], None]

    def publish_msg(self, msg_type: str, data: Any = None, metadata: Any = None,
                    buffers: Any = None, **_keys: Any) -> None:
        """Send a message; bytes cross as text."""
        parts = [base64.b64encode(part).decode() for part in buffers or ()]
        PageComm.post(json.dumps({"kind": msg_type, "id": self.comm_id, "data": data,
                                  "buffers": parts}))


class BrowserStore(store.Store):
    """Answers in the browser's own database: one for all pages of this site."""

    rows: dict[str, dict[str, Any]]
    #: Gives one row to the browser; None where the browser keeps nothing.
    keep: Callable[[str], None] | None

    def _write(self, rows: list[dict[str, Any]]) -> set[str]:
        if BrowserStore.keep is None:
            raise StoreProblem("This browser does not let the page keep your answers.",
                               "They hold until you close the page. Allow this site to store "
                               "data, or leave the private window.")
        new = [row for row in rows if row["answer_id"] not in self.rows]
        for row in new:
            self.rows[row["answer_id"]] = row
            BrowserStore.keep(json.dumps(row))
        return {row["answer_id"] for row in new}

    def _read(self, wanted: dict[str, str]) -> tuple[AnswerRecord, ...]:
        return tuple(
            AnswerRecord(**(row | {"given": json.loads(row["given"]),
                                   "tags": tuple(json.loads(row["tags"]))}))
            for row in self.rows.values()
            if all(row[name] == value for name, value in wanted.items()))

    def _attempt(self, action: Callable[[], Any]) -> Any:
        """There is no line that can break."""
        return action()

    def _tell_damage(self) -> None:
        """There is no file that can be damaged."""


def start(send: Callable[[str], None], keep: Callable[[str], None] | None, kept: str,
          engine_digest: str) -> None:
    """Make this Python the kernel of the page.

    Parameters
    ----------
    send : callable
        Takes one message for the page, as JSON.
    keep : callable or None
        Takes one answer, as JSON, for the browser's database.
    kept : str
        What that database held, as a JSON list.
    engine_digest : str
        Of the chart engine that the page has loaded by itself.
    """
    # Whoever uses this browser is the learner, on every page and in a lesson.
    os.environ["OSTEOTEACH_LEARNER"] = "me"
    # A function of the page would bind itself to the class like a method.
    PageComm.post = staticmethod(send)
    comm.create_comm = PageComm
    BrowserStore.rows = {row["answer_id"]: row for row in json.loads(kept)}
    BrowserStore.keep = None if keep is None else staticmethod(keep)
    store.Store = BrowserStore
    # The store needs no preparation here, and there are no threads to do it in.
    guess_record = import_module("osteoteach.view.guess_record")
    guess_record.prepare_store = lambda: None
    # The page has loaded the engine; it need not travel through Python.
    live_chart = import_module("osteoteach.view.live_chart")

    class ServedEngine(live_chart.VegaRuntime):
        bundle = traitlets.Unicode("", read_only=True).tag(sync=True)
        digest = engine_digest

    live_chart.VegaRuntime._shared = ServedEngine()


def show(dashboard: str) -> str:
    """Build a dashboard and return the id of the widget that is its page.

    Parameters
    ----------
    dashboard : str
        Name of a module of ``osteoteach.view.dashboards``.
    """
    show.page = import_module(f"osteoteach.view.dashboards.{dashboard}").page()
    return getattr(show.page, "frame", show.page).model_id


def shown_facts() -> str:
    """What the page says now, as JSON: sentence and the numbers of every chart."""
    page = show.page
    charts = getattr(page, "charts", {})
    return json.dumps({"sentence": getattr(getattr(page, "frame", None), "sentence", ""),
                       "charts": {name: chart.data for name, chart in charts.items()}})


def _missing_later(name: str) -> Any:
    """A name of the package; one that needs a missing library fails when it is used.

    So that the first cell of a lesson, which fetches all its tools, brings the others.
    """
    try:
        return _package_name(name)
    except ModuleNotFoundError as problem:
        words, library = str(problem), problem.name

        def cannot(*_arguments: Any, **_named: Any) -> None:
            raise ModuleNotFoundError(words, name=library)

        return cannot


_package_name = osteoteach.__getattr__
osteoteach.__getattr__ = _missing_later
_lesson: dict[str, Any] = {"__name__": "__main__"}


def run_cell(code: str) -> str:
    """Run a cell of a lesson; the cells of a page share their names.

    Returns
    -------
    str
        JSON: ``shown``, a list of texts, HTML and widgets; ``error``, one line or ``""``;
        and ``missing``, the module that this Python does not have, or ``""``.
    """
    printed, value, error, missing = StringIO(), None, "", ""
    try:
        tree = ast.parse(code, "lesson")
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        with redirect_stdout(printed):
            exec(compile(tree, "lesson", "exec"), _lesson)
            if last is not None:
                value = eval(compile(ast.Expression(last.value), "lesson", "eval"), _lesson)
    except ModuleNotFoundError as problem:
        missing = problem.name or str(problem)
        error = str(problem)
    # What a reader wrote may raise anything, and is told as in a notebook.
    except Exception as problem:  # noqa: BLE001
        error = traceback.format_exception_only(problem)[-1].strip()
    shown = [{"text": printed.getvalue()}] if printed.getvalue() else []
    shown += [_as_shown(one) for one in [*take_shown(), value] if one is not None]
    return json.dumps({"shown": shown, "error": error, "missing": missing})


def _as_shown(value: Any) -> dict[str, str]:
    widget = getattr(value, "frame", value)
    if hasattr(widget, "model_id"):
        run_cell.widgets = [*getattr(run_cell, "widgets", ()), value]  # they must stay alive
        return {"widget": widget.model_id}
    return {"text": repr(value)}


def receive(text: str) -> None:
    """Hand a message of the page to its widget."""
    message = json.loads(text)
    target = comm.get_comm_manager().get_comm(message["id"])
    if target is None:
        return
    try:
        target.handle_msg({"content": {"data": message["data"]}, "buffers": []})
    # As in a kernel: one bad message must not end the page.
    except Exception:
        log.exception("A message of the page could not be handled")
