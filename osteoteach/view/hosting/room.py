"""How many viewers a server takes, and which kernels are theirs.

A viewer's kernel counts from the moment the server lets them in until the kernel is gone.
Kernels that wait for a viewer (spares) fill what is left below the limit, and give way.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from osteoteach.errors import InputError

__all__ = ["Room", "checked_limit", "default_limit", "memory_bytes"]

MEBIBYTE = 1024**2
#: What one viewer's kernel takes of its own, rounded up: `make load` measures it.
FORKED_MB, PLAIN_MB = 50, 110
#: Left to the system, the browser on the teacher's screen and the server itself.
KEPT_BACK_MB = 1024
MOST_KERNELS = 200
WITHOUT_KNOWLEDGE = 20


def memory_bytes() -> int | None:
    """Memory of this computer, or of the container it is; None where it cannot be told."""
    try:
        whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            with open(file, encoding="ascii") as told:
                whole = min(whole, int(told.read()))
        except (OSError, ValueError):  # no container, or one without a limit ("max")
            continue
    return whole


def default_limit(memory: int | None, *, forked: bool) -> int:
    """How many kernels fit into a computer.

    Parameters
    ----------
    memory : int or None
        In bytes, see :func:`memory_bytes`.
    forked : bool
        Whether kernels share memory, see :mod:`~osteoteach.view.hosting.nursery`.

    Examples
    --------
    >>> default_limit(8 * 1024**3, forked=True), default_limit(8 * 1024**3, forked=False)
    (102, 46)
    >>> default_limit(1024**3, forked=True), default_limit(None, forked=True)
    (4, 20)
    """
    if memory is None:
        return WITHOUT_KNOWLEDGE
    # Three quarters: nobody's computer does only this.
    free_mb = memory / MEBIBYTE * 0.75 - min(KEPT_BACK_MB, memory / MEBIBYTE * 0.55)
    return max(1, min(MOST_KERNELS, int(free_mb // (FORKED_MB if forked else PLAIN_MB))))


def checked_limit(name: str, value: int, low: int, high: int) -> int:
    """Return ``value`` if it lies from ``low`` to ``high``.

    Raises
    ------
    InputError
        If it does not.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InputError(name, f"must be a whole number from {low} to {high}", value,
                         "Correct it, or leave it out.")
    return value


@dataclass
class Stay:
    """One viewer's kernel: since when nobody is connected to it, and whether anybody was."""

    alone_since: float | None = None
    visited: bool = False


@dataclass(eq=False)
class _Ticket:
    """A request for a page, until it is answered."""

    stay: Stay | None = None


class Room:
    """Who is in.

    Parameters
    ----------
    limit : int
        Most viewers at a time.
    never_visited_seconds, left_seconds : float
        After which time a kernel goes whose page never connected, or is no longer there.
    clock : callable, optional

    Examples
    --------
    >>> room = Room(1, never_visited_seconds=60, left_seconds=300)
    >>> with room.arrival() as first, room.arrival() as second:
    ...     first, second
    (True, False)
    """

    def __init__(self, limit: int, never_visited_seconds: float, left_seconds: float,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self._never_visited_seconds, self._left_seconds = never_visited_seconds, left_seconds
        self._clock = clock
        self._arriving: set[_Ticket] = set()
        self._mine: ContextVar[_Ticket | None] = ContextVar("arrival", default=None)
        self._stays: dict[str, Stay] = {}

    @property
    def in_use(self) -> int:
        """Viewers that are in or on their way in."""
        return len(self._stays) + len(self._arriving)

    @contextmanager
    def arrival(self) -> Iterator[bool]:
        """Keep a place while a page is built; False if there is none."""
        if self.in_use >= self.limit:
            yield False
            return
        ticket = _Ticket()
        self._arriving.add(ticket)
        before = self._mine.set(ticket)
        try:
            yield True
        finally:
            self._mine.reset(before)
            self._arriving.discard(ticket)
            # Only now: a page that takes long to build on a busy computer is no absence.
            if ticket.stay is not None and not ticket.stay.visited:
                ticket.stay.alone_since = self._clock()

    def settle(self, kernel_id: str) -> None:
        """The viewer who is arriving in this request has got their kernel."""
        stay = self._stays[kernel_id] = Stay()
        ticket = self._mine.get()
        if ticket is None:
            stay.alone_since = self._clock()
        else:
            ticket.stay = stay
            self._arriving.discard(ticket)

    def leave(self, kernel_id: str) -> None:
        """A kernel is gone."""
        self._stays.pop(kernel_id, None)

    def connected(self, kernel_id: str) -> None:
        """A page is connected to a kernel."""
        if stay := self._stays.get(kernel_id):
            stay.alone_since, stay.visited = None, True

    def alone(self, kernel_id: str) -> None:
        """The last page that was connected to a kernel no longer is."""
        if stay := self._stays.get(kernel_id):
            stay.alone_since = self._clock()

    def overdue(self) -> list[str]:
        """Kernels that nobody has visited in time, or visits any more."""
        now = self._clock()
        return [kernel_id for kernel_id, stay in self._stays.items()
                if stay.alone_since is not None and now - stay.alone_since >= (
                    self._left_seconds if stay.visited else self._never_visited_seconds)]

    def holds(self, kernel_id: str) -> bool:
        """Whether a kernel is a viewer's."""
        return kernel_id in self._stays
