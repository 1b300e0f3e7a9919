"""How sure a learner was, against how often they were right.

Two numbers and a table say it: the mean confidence, the share that was right, and both for
five levels of confidence. With few answers the words say so instead of judging.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from osteoteach.progress.records import AnswerRecord

__all__ = ["Calibration", "CalibrationLevel", "calibration"]

LEVELS_PCT = ((0, 19), (20, 39), (40, 59), (60, 79), (80, 100))
ENOUGH_ANSWERS = 20
NOTABLE_POINTS = 10


@dataclass(frozen=True)
class CalibrationLevel:
    """Answers given with a confidence from ``low_pct`` to ``high_pct``."""

    low_pct: int
    high_pct: int
    answers: int
    mean_confidence_pct: float | None
    right_pct: float | None


@dataclass(frozen=True)
class Calibration:
    """Confidence against results over all answers that have both."""

    answers: int
    mean_confidence_pct: float | None
    right_pct: float | None
    levels: tuple[CalibrationLevel, ...]

    @property
    def over_points(self) -> float | None:
        """Percentage points by which confidence exceeds results; negative: modesty."""
        if self.mean_confidence_pct is None or self.right_pct is None:
            return None
        return self.mean_confidence_pct - self.right_pct

    @property
    def in_words(self) -> str:
        """One or two sentences for the learner."""
        if self.over_points is None:
            return "No answer has both a confidence and a result yet."
        said = (f"{self.mean_confidence_pct:.0f}% sure on average, {self.right_pct:.0f}% right "
                f"({self.answers:,} answer{'s' * (self.answers != 1)}).")
        if self.answers < ENOUGH_ANSWERS:
            return f"{said} Too few answers to judge: wait for {ENOUGH_ANSWERS}."
        if abs(self.over_points) < NOTABLE_POINTS:
            return f"{said} Your confidence fits your results."
        if self.over_points > 0:
            return (f"{said} You are surer than your results allow, by {self.over_points:.0f} "
                    "points: look twice before you commit.")
        return (f"{said} You know more than you think, by {-self.over_points:.0f} points: "
                "trust your reasons.")


def calibration(records: Iterable[AnswerRecord]) -> Calibration:
    """Confidence against results; a result between 0 and 1 counts as that share of a right one.

    Parameters
    ----------
    records : iterable of AnswerRecord
        Those without a confidence or a score are left out.

    Examples
    --------
    >>> sure = AnswerRecord("a", "me", "claim", "c", "v", {}, 0.0, 90)
    >>> calibration([sure]).over_points
    90.0
    >>> calibration([sure]).levels[-1].answers
    1
    """
    pairs = [(record.confidence_pct, 100 * record.score) for record in records
             if record.confidence_pct is not None and record.score is not None]
    levels = []
    for low, high in LEVELS_PCT:
        inside = [pair for pair in pairs if low <= pair[0] <= high]
        levels.append(CalibrationLevel(low, high, len(inside), *_means(inside)))
    return Calibration(len(pairs), *_means(pairs), tuple(levels))


def _means(pairs: list[tuple[int, float]]) -> tuple[float | None, float | None]:
    if not pairs:
        return None, None
    return (sum(sure for sure, _ in pairs) / len(pairs),
            sum(right for _, right in pairs) / len(pairs))
