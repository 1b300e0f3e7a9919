"""How often something may be done, counted in memory and forgotten when the server stops.

A whole class sits behind one address, so the limits of an address are wide (200 phones that
vote within ten seconds, and ask every two and a half seconds what is new, stay far below),
and the narrow limit is that of one voter. The numbers are all here.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["FAILED_LOGINS_OF_ADDRESS", "READS_OF_ADDRESS", "ROOMS_OF_KERNEL",
           "SECRETS_OF_KERNEL", "UNKNOWN_OF_ADDRESS", "VOTES_OF_ADDRESS", "VOTES_OF_ROOM",
           "VOTES_OF_VOTER", "Limit", "Limiter"]


@dataclass(frozen=True)
class Limit:
    """So many at once, and after that so many a second."""

    burst: float
    per_second: float


#: A mind is changed a few times, not a hundred.
VOTES_OF_VOTER = Limit(8, 0.5)
#: 200 students in 10 s are 20 a second.
VOTES_OF_ADDRESS = Limit(1000, 50)
#: The largest lecture hall, twice; a flood of one room leaves the others their turn.
VOTES_OF_ROOM = Limit(2000, 100)
#: 200 phones ask 80 times a second.
READS_OF_ADDRESS = Limit(4000, 400)
#: There are 64 million codes: with 500 rooms open, guessing one takes hours.
UNKNOWN_OF_ADDRESS = Limit(600, 5)
#: Tries of an instructor's secret in one kernel.
SECRETS_OF_KERNEL = Limit(10, 0.1)
#: An instructor opens one or two rooms in a lecture.
ROOMS_OF_KERNEL = Limit(5, 1 / 120)
#: Wrong passwords, on a server that has one; right ones are not counted.
FAILED_LOGINS_OF_ADDRESS = Limit(20, 0.1)


class Limiter:
    """Count by key, for as many keys as were seen last.

    Parameters
    ----------
    limit : Limit
    clock : callable, optional
        Seconds that only go forward.
    most_keys : int
        Older keys are forgotten, so that nobody can fill the memory.

    Examples
    --------
    >>> limiter = Limiter(Limit(2, 0.5), clock=lambda: 0.0)
    >>> [limiter.wait_seconds("one voter") for _ in range(3)]
    [0.0, 0.0, 2.0]
    """

    def __init__(self, limit: Limit, clock: Callable[[], float] = time.monotonic,
                 most_keys: int = 20_000) -> None:
        self.limit, self._clock, self._most_keys = limit, clock, most_keys
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_seconds(self, key: str, count: bool = True) -> float:
        """Count one and return 0, or how long to wait until one is allowed.

        Without ``count`` it is only looked at.
        """
        now = self._clock()
        left, seen = self._left.pop(key, (self.limit.burst, now))
        left = min(self.limit.burst, left + (now - seen) * self.limit.per_second)
        allowed = left >= 1
        self._left[key] = (left - 1 if allowed and count else left, now)
        if len(self._left) > self._most_keys:
            self._left.popitem(last=False)
        return 0.0 if allowed else (1 - left) / self.limit.per_second
