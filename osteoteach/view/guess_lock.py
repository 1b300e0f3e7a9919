"""The prediction lock of a page: it asks for a guess, and only then lets the answer out.

The lock stands above the answer. It is off until somebody wants it: by the switch "Ask
me first", or by a link with ``guess=1``. While it waits, the question crosses to the
browser and the answer does not. Afterwards the guess stays in a strip above the answer,
beside what the model says and what was published. Another setting of the page greys it;
"Guess again" then asks anew. Every guess is recorded before its feedback appears.

What may be asked stands in `osteoteach.teaching.guess_questions`; what a browser sends
is checked here, field by field.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

import anywidget
import traitlets

from osteoteach.errors import InputError
from osteoteach.teaching.guesses import (
    CategoryGuess,
    Guessable,
    NumberGuess,
    checked_guess,
)
from osteoteach.view.code_once import CodeOnce, code
from osteoteach.view.controls import parse_number, problem_sentence, script, style
from osteoteach.view.guess_record import prepare_store, record_guess
from osteoteach.view.guess_strip import question_of, strip_of
from osteoteach.view.one_message import Carried

__all__ = ["GuessLock", "asked_by_link"]

NUMBER_FIELDS = {"value": "Your guess", "low": "From", "high": "To"}
CATEGORY_FIELDS = {"value": "Your guess", "confidence_pct": "How sure"}
LONGEST_ENTRY = 40
_LEARNER = re.compile(r"browser-[0-9a-f]{32}")

Guess = NumberGuess | CategoryGuess


def asked_by_link(environment: Mapping[str, str]) -> bool | None:
    """Whether the visitor's link carries ``guess=1``, as far as the kernel can know.

    Parameters
    ----------
    environment : mapping
        Voila writes the link's query there. A kernel that was started ahead of its
        visitor cannot know it yet.

    Returns
    -------
    bool or None
        ``None``: the browser has to say.

    Examples
    --------
    >>> asked_by_link({"QUERY_STRING": "age_years=70&guess=1"}), asked_by_link({})
    (True, False)
    >>> asked_by_link({"VOILA_PREHEAT": "True"}) is None
    True
    """
    if environment.get("VOILA_PREHEAT") == "True":
        return None
    return parse_qs(environment.get("QUERY_STRING", "")).get("guess", [""])[-1] == "1"


class GuessLock(Carried, CodeOnce, anywidget.AnyWidget):
    """The switch, the question, and the strip with guess and answer.

    It follows the page's ``Lock`` protocol: the page shows every answer to
    `held_back` first, and calls its own ``refresh`` when the lock lets go.

    Examples
    --------
    >>> from osteoteach.view.page import Answer
    >>> item = Guessable("noise", "How many of ten?", "Total hip", (), 4, "", scale=(0, 10))
    >>> lock, answer = GuessLock(), Answer("Four.", guess=item)
    >>> lock.held_back(answer)
    False
    >>> lock.switch(True)
    >>> lock.held_back(answer), lock.question["text"]
    (True, 'How many of ten?')
    """

    _esm = code(script("parts.js", "guess.js"))
    _css = code(style("guess.css"))

    #: The page has something to ask for its present settings.
    available = traitlets.Bool(False).tag(sync=True)
    #: The switch "Ask me first".
    on = traitlets.Bool(False).tag(sync=True)
    #: What is asked now; empty while nothing is.
    question = traitlets.Dict().tag(sync=True)
    #: The guess beside the answer; empty before the first guess.
    strip = traitlets.Dict().tag(sync=True)
    #: What is wrong with an entry, by its field.
    problems = traitlets.Dict().tag(sync=True)
    #: That a guess could not be kept, in words.
    notice = traitlets.Unicode("").tag(sync=True)

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        asked = asked_by_link(os.environ if environment is None else environment)
        super().__init__(on=bool(asked))
        self._link_unknown = asked is None
        self._release: list[Callable[[], None]] = []
        self._item: Guessable | None = None
        # Every guess by the settings it was made for; the last one is shown greyed elsewhere.
        self._guesses: dict[tuple[Any, ...], Guess] = {}
        self._last: tuple[Guessable, Guess] | None = None
        self._again = False
        self.on_msg(self._on_message)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Ignore what a browser sets: it asks by messages, and those are checked."""

    # --- The page's side -------------------------------------------------------

    def on_release(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` whenever waiting starts or ends."""
        self._release.append(callback)

    def held_back(self, answer: Any) -> bool:
        """Whether ``answer`` must wait for a guess; shows question or strip."""
        self._item = item = answer.guess
        if self._link_unknown:
            return True
        guessed = item is not None and item.settings in self._guesses
        self._again = self._again and not guessed
        asks = self.on and item is not None and not guessed and (
            self._last is None or self._again)
        if asks:
            prepare_store()
        with self.hold_sync():
            self.available = item is not None
            self.question = question_of(item) if asks else {}
            if not asks:
                self.problems = {}
            self.strip = {} if asks else self._strip(item)
        return asks

    @property
    def may_ask(self) -> bool:
        """Whether the first answer may have to wait: the link asks, or is not known yet."""
        return self.on or self._link_unknown

    def given(self, item: Guessable | None) -> Guess | None:
        """The guess that was made for just these settings, if one was."""
        return None if item is None else self._guesses.get(item.settings)

    def _strip(self, item: Guessable | None) -> dict[str, Any]:
        if item is not None and item.settings in self._guesses:
            self._last = (item, self._guesses[item.settings])
            return strip_of(*self._last, current=True)
        return strip_of(*self._last, current=False) if self._last else {}

    # --- The reader's side -----------------------------------------------------

    def switch(self, on: bool) -> None:
        """Turn "Ask me first" on or off."""
        self._again = False
        self.on = on
        self._refresh_page()

    def guess_again(self) -> None:
        """Ask about the present settings, if they were not guessed yet."""
        self._again = True
        self._refresh_page()

    def commit(self, entries: Mapping[str, str], learner: str = "") -> None:
        """Take a guess as it was typed, record it, and let the answer out.

        An entry that breaks a rule is refused with a message beside it.
        """
        item = self._item
        if item is None or not self.question:
            return
        fields = CATEGORY_FIELDS if item.options else NUMBER_FIELDS
        guess = self._checked(item, {name: entries.get(name, "") for name in fields}, fields)
        if guess is None:
            self.send({"refused": True})
            return
        self.notice = record_guess(item, guess, learner)
        self._guesses[item.settings] = guess
        self._last, self._again = (item, guess), False
        self._refresh_page()

    def _checked(self, item: Guessable, entries: Mapping[str, str],
                 labels: Mapping[str, str]) -> Guess | None:
        given, problems = {}, {}
        for name, text in entries.items():
            try:
                given[name] = text if item.options and name == "value" \
                    else parse_number(name, text)
            except InputError as error:
                problems[name] = problem_sentence(error, labels[name])
        if not problems:
            try:
                self.problems = {}
                return checked_guess(item, given)
            except InputError as error:
                received = entries[error.name]
                problems[error.name] = problem_sentence(
                    InputError(error.name, error.rule, received, error.remedy),
                    labels[error.name])
        self.problems = problems
        return None

    def _refresh_page(self) -> None:
        for callback in self._release:
            callback()

    # --- Messages of the browser -----------------------------------------------

    def _on_message(self, _widget: object, content: Any, _buffers: object) -> None:
        # A browser may send anything: only these shapes are taken, all else is left aside.
        match content:
            case {"link": bool(asked), **rest} if not rest:
                self._opened_with(asked)
            case {"switch": bool(on), **rest} if not rest:
                self.switch(on)
            case {"again": True, **rest} if not rest:
                self.guess_again()
            case {"commit": dict(entries), "learner": str(learner), **rest} if not rest:
                if _is_plain(entries) and (learner == "" or _LEARNER.fullmatch(learner)):
                    self.commit(entries, learner)

    def _opened_with(self, asked: bool) -> None:
        """The page's link, as the browser tells it: counts once, before any guess."""
        if not self._link_unknown:
            return
        self._link_unknown = False
        self.on = asked
        self._refresh_page()


def _is_plain(entries: Mapping[Any, Any]) -> bool:
    known = {*NUMBER_FIELDS, *CATEGORY_FIELDS}
    return all(name in known and isinstance(text, str) and len(text) <= LONGEST_ENTRY
               for name, text in entries.items())
