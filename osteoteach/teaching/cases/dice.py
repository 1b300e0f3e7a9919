"""Chance that is the same on every machine and in every version of Python.

Python promises that ``random.Random(seed).random()`` keeps its sequence for a whole number;
it does not promise that of ``choice`` or ``gauss``. So only that number is taken, turned
into a whole one, and the rest is arithmetic of whole numbers.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

__all__ = ["Dice"]

Item = TypeVar("Item")
_BITS = 53


class Dice:
    """A stream of chances for one patient.

    Parameters
    ----------
    name : str
        What the dice are for: the same name gives the same stream.

    Examples
    --------
    >>> Dice("2-417").below(1000) == Dice("2-417").below(1000)
    True
    """

    def __init__(self, name: str) -> None:
        # hash() of text differs from run to run; SHA-256 does not.
        self._random = random.Random(int.from_bytes(
            hashlib.sha256(name.encode("utf-8")).digest()[:8], "big"))

    def _bits(self) -> int:
        return int(self._random.random() * (1 << _BITS))

    def below(self, count: int) -> int:
        """A whole number from 0 to ``count - 1``."""
        return self._bits() * count >> _BITS

    def whole(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return low + self.below(high - low + 1)

    def tenths(self, low: int, high: int) -> float:
        """A number with one decimal, from ``low`` to ``high`` tenths.

        Examples
        --------
        >>> -2.8 <= Dice("a").tenths(-28, -26) <= -2.6
        True
        """
        return self.whole(low, high) / 10

    def pick(self, options: Sequence[Item]) -> Item:
        return options[self.below(len(options))]

    def one_in(self, count: int) -> bool:
        """True once in ``count`` throws, on average."""
        return self.below(count) == 0

    def normal(self) -> float:
        """Nearly a standard normal deviate: twelve uniform ones, less six (SD 1).

        Examples
        --------
        >>> abs(Dice("scan").normal()) <= 6
        True
        """
        return (sum(self._bits() for _ in range(12)) - (6 << _BITS)) / (1 << _BITS)
