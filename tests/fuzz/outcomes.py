"""What may come of a call, and how what came of it is looked at."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import math
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from osteoteach.errors import DataError, InputError

__all__ = ["Hang", "NotANumber", "tried"]

LONGEST_SECONDS = 20
MOST_DEPTH = 8
MOST_ITEMS = 300


class Hang(BaseException):
    """A call took longer than `LONGEST_SECONDS`. No `Exception`, so that nobody catches it."""


class NotANumber(AssertionError):
    """An answer holds a NaN."""


@contextlib.contextmanager
def _time_limit() -> Iterator[None]:
    def over(*_: object) -> None:
        raise Hang(f"longer than {LONGEST_SECONDS} s")

    if threading.current_thread() is not threading.main_thread() or not hasattr(
            signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, LONGEST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def tried(call: Callable[[], Any], types_too: bool = False) -> bool:
    """Whether the call gave an answer; False if it was refused as documented.

    Parameters
    ----------
    call : callable
    types_too : bool
        Whether a TypeError is a refusal too: for functions that a person calls, not for
        readers of files, whose content has no types before it is read.

    Raises
    ------
    Exception
        Whatever else came of it.
    """
    refusals = (InputError, DataError, *((TypeError,) if types_too else ()))
    with _time_limit():
        try:
            # What is computed only when asked may be refused then: a question's own prompt.
            _look_at(call(), 0, "answer")
        except refusals as refused:
            if not str(refused).strip():
                raise AssertionError("a refusal without a word") from refused
            return False
        return True


def _look_at(found: Any, depth: int, place: str) -> None:
    """Go through all that an answer holds, also what it computes only when asked."""
    if isinstance(found, float):
        # Infinite is an answer too: an effect that lasts for ever.
        if math.isnan(found):
            raise NotANumber(f"{place} is {found}")
        return
    if depth > MOST_DEPTH or isinstance(found, str | bytes | int | None):
        return
    if isinstance(found, Mapping):
        for name, value in list(found.items())[:MOST_ITEMS]:
            _look_at(value, depth + 1, f"{place}[{name!r}]")
    elif isinstance(found, list | tuple | set | frozenset):
        for number, value in enumerate(list(found)[:MOST_ITEMS]):
            _look_at(value, depth + 1, f"{place}[{number}]")
    elif dataclasses.is_dataclass(found) and not isinstance(found, type):
        repr(found)
        computed = [name for name in dir(type(found)) if not name.startswith("_") and isinstance(
            getattr(type(found), name, None), property | functools.cached_property)]
        for name in [*(one.name for one in dataclasses.fields(found)), *computed]:
            _look_at(getattr(found, name), depth + 1, f"{place}.{name}")
