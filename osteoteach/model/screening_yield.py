"""What a screening tool finds and misses as its cut-off moves, in a synthetic population.

The counts are in ``data/screening_counts.csv``, so a page needs neither NumPy nor a
population. `osteoteach.model.screening_tools.tool_accuracy` has what studies printed.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from osteoteach.errors import InputError
from osteoteach.evidence import table
from osteoteach.model.screening_tools import is_positive, published_cut_off, tool_names
from osteoteach.model.vocabulary import checked_choice

__all__ = ["AGE_GROUPS", "TARGETS", "ScreeningYield", "screening_yield", "tool_scores"]

#: Age groups by name: youngest age, and the age that none has reached.
AGE_GROUPS = {"50-64": (50, 65), "65 and over": (65, 100)}
#: What a tool is to find: column of the counts.
TARGETS = {"osteoporosis": "osteoporosis", "hip fracture": "hip_fractures",
           "major fracture": "major_fractures"}


@dataclass(frozen=True)
class ScreeningYield:
    """Counts among simulated women, and what follows from them.

    Attributes
    ----------
    found, missed : int
        Women with the target whom the tool sends, or does not send, to a scan.
    sent_in_vain, spared : int
        Women without the target whom it sends, or does not send.
    """

    tool: str
    ages: str
    target: str
    cut_off: float
    found: int
    missed: int
    sent_in_vain: int
    spared: int

    @property
    def women(self) -> int:
        return self.found + self.missed + self.sent_in_vain + self.spared

    @property
    def prevalence(self) -> float:
        """Share of all women with the target, 0 to 1."""
        return (self.found + self.missed) / self.women

    @property
    def sent(self) -> float:
        """Share of all women who are sent to a scan, 0 to 1."""
        return (self.found + self.sent_in_vain) / self.women

    @property
    def sensitivity(self) -> float | None:
        """Share of those with the target who are sent; ``None`` if nobody has it."""
        return _share(self.found, self.missed)

    @property
    def specificity(self) -> float | None:
        """Share of those without the target who are not sent."""
        return _share(self.spared, self.sent_in_vain)

    @property
    def positive_predictive_value(self) -> float | None:
        """Share of those who are sent who have the target; ``None`` if nobody is sent."""
        return _share(self.found, self.sent_in_vain)

    @property
    def negative_predictive_value(self) -> float | None:
        """Share of those who are not sent who do not have the target."""
        return _share(self.spared, self.missed)


def _share(part: int, rest: int) -> float | None:
    return part / (part + rest) if part + rest else None


@functools.cache
def _counts(tool: str, ages: str) -> tuple:
    low, high = AGE_GROUPS[ages]
    return tuple(row for row in table("screening_counts")
                 if (row["tool"], row["from_age"], row["to_age"]) == (tool, low, high))


def tool_scores(tool: str, ages: str) -> tuple[float, ...]:
    """Scores that occur, rising: each can be a cut-off.

    Examples
    --------
    >>> tool_scores("abone", "50-64")
    (1.0, 2.0)
    """
    checked_choice("tool", tool, tool_names())
    checked_choice("ages", ages, tuple(AGE_GROUPS))
    return tuple(row["score"] for row in _counts(tool, ages))


def screening_yield(tool: str, cut_off: float | None = None, ages: str = "50-64",
                    target: str = "osteoporosis") -> ScreeningYield:
    """Apply a tool to the women of a million simulated people of 50 and over.

    Parameters
    ----------
    tool : str
        One of `osteoteach.model.screening_tools.tool_names`.
    cut_off : float, optional
        In place of the published one.
    ages : str
        ``50-64`` or ``65 and over``.
    target : str
        ``osteoporosis`` (T-score -2.5 or less at the femoral neck, on a scan today),
        ``hip fracture`` or ``major fracture`` (within ten years, untreated).

    Returns
    -------
    ScreeningYield

    Raises
    ------
    InputError

    Examples
    --------
    A wider cut-off of OST finds more, and sends more in vain:

    >>> usual, wide = screening_yield("ost"), screening_yield("ost", 4)
    >>> wide.sensitivity > usual.sensitivity, wide.specificity < usual.specificity
    (True, True)
    """
    scores = tool_scores(tool, ages)
    checked_choice("target", target, tuple(TARGETS))
    if cut_off is not None and (isinstance(cut_off, bool) or not isinstance(cut_off, int | float)
                                or not scores[0] - 1000 < cut_off < scores[-1] + 1000):
        raise InputError("cut_off", "must be a number in the points of the tool", cut_off,
                         f"Scores run from {scores[0]:g} to {scores[-1]:g}.")
    found = missed = vain = spared = 0
    for row in _counts(tool, ages):
        with_target = row[TARGETS[target]]
        without = row["women"] - with_target
        if is_positive(tool, row["score"], cut_off):
            found, vain = found + with_target, vain + without
        else:
            missed, spared = missed + with_target, spared + without
    used = published_cut_off(tool) if cut_off is None else float(cut_off)
    return ScreeningYield(tool, ages, target, used, found, missed, vain, spared)
