"""The instructor's panel: one widget for opening a room, asking, closing and revealing.

The page's half shows what the trait ``view`` says and sends what was pressed. The secret is
in no trait: it is handed to the page once, which keeps it for a reload of its tab.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

import anywidget
import traitlets

from osteoteach.errors import DataError, InputError
from osteoteach.progress.problems import StoreProblem
from osteoteach.progress.rooms import RoomRefused
from osteoteach.view.chart_specs import load_spec
from osteoteach.view.classroom.join import join_address, qr_svg
from osteoteach.view.classroom.pages import spaced_code
from osteoteach.view.classroom.session import Asked, Session
from osteoteach.view.code_once import CodeOnce, code
from osteoteach.view.control import parse_number, problem_sentence, script, style
from osteoteach.view.live_chart import LiveChart

__all__ = ["ClassPanel"]

log = logging.getLogger(__name__)

#: Fields of a question as the page names them.
LABELS = {"prompt": "Question", "choices": "Answers", "low": "Lowest answer",
          "high": "Highest answer", "round": "A question", "link": "The link"}


class ClassPanel(CodeOnce, anywidget.AnyWidget):
    """Display it as the last line of a notebook cell.

    Parameters
    ----------
    session : Session, optional
    """

    _esm = code(script("page_tools.js", "page_theme.js", "kernel_gone.js",
                       "page_banners.js", "classroom.js"))
    _css = code(style("page.css", "classroom.css"))

    #: Everything that is shown, but the chart.
    view = traitlets.Dict().tag(sync=True)
    #: The chart of a revealed question, "" for none.
    chart = traitlets.Unicode("").tag(sync=True)

    def __init__(self, session: Session | None = None) -> None:
        super().__init__()
        self.session = session or Session()
        self._origin: tuple[object, object] = ("", "")
        self._live_chart: LiveChart | None = None
        self._charted: tuple[str, int] | None = None
        self._notice = self._problem = ""
        self._names: list[str] | None = None
        self._lists: list[dict[str, Any]] = []
        self._actions: dict[str, Callable[[dict[str, Any]], None]] = {
            "hello": self._hello, "open": self._open, "enter": self._enter,
            "ask": lambda said: self.session.ask(said.get("list"), said.get("step")),
            "ask_own": lambda said: self.session.ask_own(_question(said.get("question"))),
            "again": lambda said: self.session.ask_again(),
            "close": lambda said: self.session.close(),
            "reveal": lambda said: self.session.reveal(),
            "end": self._end, "names": self._show_names, "paper": self._paper,
            "tick": lambda said: None,
        }
        self.on_msg(self._on_message)
        self.view = {"stage": "start", "lists": []}

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Ignore what a page sends as state; it asks for things with messages."""

    def _on_message(self, _widget: object, content: Any, _buffers: object) -> None:
        # A visitor's browser can send anything.
        do = content.get("do") if isinstance(content, dict) else None
        if not isinstance(do, str) or do not in self._actions:
            return
        if do != "tick":
            self._problem = self._notice = ""
        if do in ("ask", "ask_own", "again", "open", "enter", "end"):
            self._names = None
        try:
            self._actions[do](content)
            self._refresh()
        except RoomRefused as refused:
            if refused.reason in ("unknown", "secret"):
                self.session.leave()
                self.send({"forget": True})
            self._fail(str(refused))
        except InputError as error:
            self._fail(problem_sentence(error, LABELS.get(error.name, error.name.capitalize())))
        except (DataError, StoreProblem) as error:
            self._fail(str(error))
        except Exception as error:
            # Seen by nobody otherwise: Voila does not show what a callback raises.
            log.exception("The room's panel could not do %r", do)
            self._fail(f"Something went wrong in the program: {type(error).__name__}: {error}")

    def _fail(self, sentence: str) -> None:
        self._problem = sentence
        if self.session.code:
            self.view = {**self.view, "problem": sentence}
        else:
            self._show_chart(None)
            self.view = self._start_view()

    # --- What was pressed -------------------------------------------------------------

    def _hello(self, said: dict[str, Any]) -> None:
        self._origin = (said.get("origin"), said.get("base"))
        self._lists = [_listed(found) for found in self.session.lists().values()]
        self._problem = " ".join(self.session.list_problems)
        if said.get("code"):
            self._enter(said)

    def _open(self, _said: dict[str, Any]) -> None:
        self.session.open()
        self.send({"keep": {"code": self.session.code, "key": self.session.secret}})

    def _enter(self, said: dict[str, Any]) -> None:
        self.session.enter(said.get("code"), said.get("key"))
        self.send({"keep": {"code": self.session.code, "key": self.session.secret}})

    def _end(self, _said: dict[str, Any]) -> None:
        self.session.end()
        self.send({"forget": True})
        self._notice = "The room has ended. Its questions and votes are gone."

    def _show_names(self, _said: dict[str, Any]) -> None:
        self._names = self.session.nicknames() if self._names is None else None

    def _paper(self, said: dict[str, Any]) -> None:
        from osteoteach.view.presenting.paper import paper

        kind = said.get("kind")
        if kind not in ("plan", "key"):
            return
        name = str(said.get("list"))
        self.send({"paper": {"name": f"osteoteach-{kind}-{name}.html",
                             "html": paper(name, kind)}})

    # --- What is shown ----------------------------------------------------------------

    def _refresh(self) -> None:
        if not self.session.code:
            self._show_chart(None)
            self.view = self._start_view()
            return
        asked = self.session.asked()
        self._show_chart(asked)
        self.view = {
            "stage": "room", "problem": self._problem, "notice": self._notice,
            "lists": self._lists, "room": self._room_view(),
            "round": None if asked is None else self._round_view(asked)}

    def _start_view(self) -> dict[str, Any]:
        return {"stage": "start", "problem": self._problem, "notice": self._notice,
                "lists": self._lists, "join": join_address(*self._origin).problem}

    def _room_view(self) -> dict[str, Any]:
        found = join_address(*self._origin)
        address = found.address + self.session.code
        ends = datetime.fromisoformat(self.session.expires_at).astimezone()
        return {"code": spaced_code(self.session.code), "address": address,
                "problem": found.problem, "qr": qr_svg(address), "ends": f"{ends:%H:%M}"}

    def _round_view(self, asked: Asked) -> dict[str, Any]:
        question, found = asked.round.question, asked.round
        return {
            "number": found.number, "prompt": question.prompt, "kind": question.kind,
            "choices": list(question.choices), "state": found.state, "link": found.link,
            "count": asked.count, "names": self._names,
            "place": list(asked.place) if asked.place else None,
            "dashboard": asked.step.dashboard if asked.step else "",
            "reveal": found.reveal and {name: found.reveal[name]
                                        for name in ("parts", "sources")}}

    def _show_chart(self, asked: Asked | None) -> None:
        """A chart of its own for each revealed question: their axes differ."""
        revealed = asked is not None and asked.round.state == "revealed"
        wanted = (self.session.code, asked.round.number) if revealed else None
        if wanted == self._charted:
            return
        made = None
        if revealed:
            content = self.session.chart(asked)
            made = LiveChart(load_spec(content.spec), data=content.data,
                             signals=content.signals, description=content.description)
            made.filename = f"osteoteach-votes-{asked.round.number}"
        old, self._live_chart, self._charted = self._live_chart, made, wanted
        self.chart = made.model_id or "" if made is not None else ""
        if old is not None:
            old.close()


def _listed(found: Any) -> dict[str, Any]:
    return {"name": found.name, "title": found.title, "minutes": found.minutes, "steps": [
        {"number": number, "title": step.title,
         "prompt": step.prepared.question.prompt if step.prepared else ""}
        for number, step in enumerate(found.steps, 1)]}


def _question(plain: Any) -> dict[str, Any]:
    """A typed question: its numbers as numbers, its choices without empty lines."""
    if not isinstance(plain, dict):
        raise InputError("question", "must be filled in", "", "Type it.")
    made = {"kind": str(plain.get("kind", "")), "prompt": str(plain.get("prompt", "")).strip()}
    if not made["prompt"]:
        raise InputError("prompt", "must be typed in", "", "Write what you ask.")
    if made["kind"] == "number":
        made["unit"] = str(plain.get("unit", "")).strip()
        for end in ("low", "high"):
            made[end] = parse_number(end, str(plain.get(end, "")))
        return made
    lines = str(plain.get("choices", "")).splitlines()
    return made | {"choices": [line.strip() for line in lines if line.strip()]}
