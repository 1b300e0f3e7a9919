"""Answers that the next press of a key may ask for, computed while the hand rests.

A slider goes one step up or down far more often than anywhere else. Both answers are made
in the pauses between two moves, one at a time, so that a move never waits for more than
one of them. On a computer that is slow or busy nothing is made ahead, nor on one that serves a
class (``OSTEOTEACH_LOOK_AHEAD=0``): there thirty hands would ask for three answers each.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Iterable
from typing import Any

from osteoteach.errors import InputError
from osteoteach.view.answer import Answer

__all__ = ["LookAhead"]

log = logging.getLogger(__name__)

#: Between two answers the kernel looks whether somebody wants something.
PAUSE_S = 0.01
#: A hand would feel to have waited for an answer that takes longer than this.
SLOW_S = 0.04

Values = dict[str, Any]


class LookAhead:
    """Answers to settings that are likely next.

    Parameters
    ----------
    answer : callable
        As :class:`~osteoteach.view.page.Page` takes it: the same settings give the same
        answer.

    Examples
    --------
    >>> async def rest():
    ...     ahead = LookAhead(lambda values: Answer(f"Age {values['age_years']}."))
    ...     ahead.begin([{"age_years": 61}, {"age_years": 63}], 0)
    ...     await asyncio.sleep(0.1)
    ...     return ahead.take({"age_years": 63}), ahead.take({"age_years": 61})
    >>> found, forgotten = asyncio.run(rest())
    >>> found.sentence, forgotten
    ('Age 63.', None)
    """

    def __init__(self, answer: Callable[[Values], Answer]) -> None:
        self._answer = answer
        self._wanted: list[Values] = []
        self._made: list[tuple[Values, Answer]] = []
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, wanted: Iterable[Values], after_s: float) -> None:
        """Make answers to these settings, in this order, beginning after some seconds.

        Does nothing where no event loop runs, as in a script: there nobody waits.
        """
        self.stop()
        if os.environ.get("OSTEOTEACH_LOOK_AHEAD") != "0":
            self._wanted = list(wanted)
            self._go_on(after_s)

    def take(self, values: Values) -> Answer | None:
        """Return the answer to ``values`` if it was made, and forget all others."""
        found = next((answer for settings, answer in self._made if settings == values), None)
        self.stop()
        return found

    def stop(self) -> None:
        """Make no more, and forget what was made."""
        self._wanted, self._made = [], []
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _go_on(self, after_s: float) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if self._wanted:
            self._timer = loop.call_later(after_s, self._make_one)

    def _make_one(self) -> None:
        values, began = self._wanted.pop(0), time.perf_counter()
        try:
            self._made.append((values, self._answer(values)))
        except InputError:
            pass
        except Exception:
            # The page tells it when somebody asks for just this.
            log.debug("No answer ahead for %r", values, exc_info=True)
        if time.perf_counter() - began < SLOW_S:
            self._go_on(PAUSE_S)
