"""One effect, said five ways: the same trial sounds large or small by how it is put.

Answers: relative and absolute reduction, number needed to treat with its interval,
natural frequencies that add up, and counts for an icon array.
Refuses: a ratio that would lift the risk above 1, and a negative number needed to treat.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Integral

from osteoteach.errors import InputError
from osteoteach.model.vocabulary import number_between

__all__ = ["Framing", "FramingWay", "framing"]

LARGEST_RATIO = 1000.0


@dataclass(frozen=True)
class FramingWay:
    """One of the five ways: its name and its sentence."""

    name: str
    sentence: str


@dataclass(frozen=True)
class Framing:
    """An effect applied to a risk.

    Attributes
    ----------
    risk_without, risk_with : float
        0 to 1.
    risk_with_low, risk_with_high : float or None
        Risk with, at the ends of the ratio's interval.
    of : int
        Size of the group in natural frequencies.
    whom, event : str
        Words of the sentences.
    """

    risk_without: float
    risk_with: float
    relative_risk: float
    low: float | None
    high: float | None
    risk_with_low: float | None
    risk_with_high: float | None
    of: int
    whom: str
    event: str

    @property
    def relative_reduction(self) -> float:
        """Share of the risk taken away (negative: added)."""
        return 1 - self.relative_risk

    @property
    def absolute_reduction(self) -> float:
        """Risk taken away, 0 to 1 (negative: added)."""
        return self.risk_without - self.risk_with

    @property
    def effect_shown(self) -> bool:
        """Whether an effect is shown: a ratio other than 1, its interval without 1."""
        if self.risk_without == 0 or self.relative_risk == 1:
            return False
        return not self._may_be_chance

    @property
    def _may_be_chance(self) -> bool:
        return self.low is not None and self.low <= 1 <= self.high

    @property
    def number_needed_to_treat(self) -> float | None:
        """People treated for one fewer with the event; ``None`` if no benefit is shown."""
        return self._needed(self.relative_risk) if self._helps else None

    @property
    def number_needed_to_treat_interval(self) -> tuple[float, float] | None:
        """Interval of the number needed to treat, from the ratio's interval."""
        if not self._helps or self.low is None:
            return None
        return self._needed(self.low), self._needed(self.high)

    @property
    def number_needed_to_harm(self) -> float | None:
        """People treated for one more with the event; ``None`` if no harm is shown."""
        return self._needed(self.relative_risk) if self._harms else None

    @property
    def number_needed_to_harm_interval(self) -> tuple[float, float] | None:
        """Interval of the number needed to harm, from the ratio's interval."""
        if not self._harms or self.low is None:
            return None
        return self._needed(self.high), self._needed(self.low)

    @property
    def _helps(self) -> bool:
        return self.effect_shown and self.relative_risk < 1

    @property
    def _harms(self) -> bool:
        return self.effect_shown and self.relative_risk > 1

    def _needed(self, ratio: float) -> float:
        change = self.risk_without * abs(1 - ratio)
        return math.inf if change == 0 else 1 / change

    @property
    def count_without(self) -> int:
        """Whole persons of ``of`` with the event, without the medicine."""
        return _whole(self.risk_without * self.of)

    @property
    def count_with(self) -> int:
        """Whole persons of ``of`` with the event, with the medicine."""
        return _whole(self.risk_with * self.of)

    @property
    def icon_counts(self) -> tuple[tuple[str, int], ...]:
        """Counts of an icon array, in one fixed order; they add up to ``of``.

        Event either way, event prevented, event caused, no event either way.
        """
        without, with_ = self.count_without, self.count_with
        return (("event_either_way", min(without, with_)),
                ("prevented", max(without - with_, 0)),
                ("caused", max(with_ - without, 0)),
                ("no_event_either_way", self.of - max(without, with_)))

    @property
    def sentence(self) -> str:
        """The natural frequencies in one sentence."""
        return (f"Of {self.of:,} {self.whom}, {self.count_without:,} {self.event} without, "
                f"{self.count_with:,} with.")

    @property
    def five_ways(self) -> tuple[FramingWay, ...]:
        """The one effect, five ways, in one fixed order."""
        return (FramingWay("relative", self._relative_sentence),
                FramingWay("absolute", self._absolute_sentence),
                FramingWay("number_needed", self.number_needed_sentence),
                FramingWay("frequencies", self.sentence),
                FramingWay("icons", self._icon_sentence))

    @property
    def _relative_sentence(self) -> str:
        if self.relative_risk == 1:
            return "The medicine does not change the risk."
        size = _percent(abs(self.relative_reduction))
        is_lower = self.relative_risk < 1
        text = f"The medicine {'lowers' if is_lower else 'raises'} the risk by {size}"
        if self._may_be_chance:
            text = (f"In the trial the risk was {size} {'lower' if is_lower else 'higher'}, which "
                    "may be chance")
        if self.low is None:
            return f"{text}."
        return (f"{text} (ratio {self.relative_risk:.2f}, 95% interval {self.low:g} to "
                f"{self.high:g}).")

    @property
    def _absolute_sentence(self) -> str:
        points = 100 * abs(self.absolute_reduction)
        way = "lower" if self.absolute_reduction >= 0 else "higher"
        return (f"The risk is {_percent(self.risk_without)} without and "
                f"{_percent(self.risk_with)} with: {points:.1f} percentage points {way}.")

    @property
    def number_needed_sentence(self) -> str:
        """The number needed to treat or to harm, or why there is none."""
        if not self.effect_shown:
            return self._nothing_shown
        number = self.number_needed_to_treat or self.number_needed_to_harm
        limits = self.number_needed_to_treat_interval or self.number_needed_to_harm_interval
        outcome = "one fewer" if self._helps else "one more"
        text = f"{_up(number)} must be treated for {outcome} with the event"
        if limits is None:
            return f"{text}."
        return f"{text} (95% interval {_up(limits[0])} to {_up(limits[1])})."

    @property
    def _nothing_shown(self) -> str:
        if self.risk_without == 0:
            return "There is no risk to change, so no number needed to treat."
        if self.relative_risk == 1:
            return "No benefit shown: the ratio is 1, so no number needed to treat."
        fewer, more = self._needed(self.low), self._needed(self.high)
        edges = [f"one fewer for {_up(fewer)} treated" if self.low < 1 else "no change",
                 f"one more for {_up(more)} treated" if self.high > 1 else "no change"]
        return (f"No benefit shown: the interval of the ratio ({self.low:g} to {self.high:g}) "
                f"holds 1. The truth may lie anywhere from {edges[0]} to {edges[1]}.")

    @property
    def _icon_sentence(self) -> str:
        either, prevented, caused, neither = (count for _, count in self.icon_counts)
        are = "would be" if self._may_be_chance else "is" if prevented == 1 else "are"
        changed = f"{prevented:,} {are} spared by it" if not caused else f"{caused:,} only with it"
        return (f"Of {self.of:,} figures, {either:,} {'has' if either == 1 else 'have'} the event "
                f"either way, {changed}, and {neither:,} "
                f"{'does' if neither == 1 else 'do'} not have it either way.")


def framing(baseline_risk: float, relative_risk: float, low: float | None = None,
            high: float | None = None, of: int = 1000, *, whom: str = "women like her",
            event: str = "break a bone") -> Framing:
    """Apply a ratio to a risk, and say it five ways.

    Parameters
    ----------
    baseline_risk : float
        Risk without the medicine, 0 to 1.
    relative_risk : float
        Ratio of risks, above 0. A hazard or odds ratio overstates the change where
        the risk is high.
    low, high : float, optional
        95% interval of the ratio; both or none.
    of : int
        Size of the group in natural frequencies, 1 to 1,000,000.
    whom, event : str
        Words for the sentences.

    Returns
    -------
    Framing

    Raises
    ------
    InputError
        A value is out of range, or the ratio would lift the risk above 1.

    Examples
    --------
    Zoledronate in osteopenia (source reid_2018): 19.0% of 1,000 women broke a bone without.
    By hand: 0.19 x (1 - 0.64) = 0.0684, and 1 / 0.0684 = 14.6, so 15 are treated for one.

    >>> result = framing(0.19, 0.64)
    >>> result.sentence
    'Of 1,000 women like her, 190 break a bone without, 122 with.'
    >>> result.number_needed_sentence
    '15 must be treated for one fewer with the event.'
    >>> framing(0.05, 0.9, low=0.7, high=1.2).number_needed_to_treat is None
    True
    """
    risk = number_between("baseline_risk", baseline_risk, 0, 1, "must be from 0 to 1",
                          "Divide percent by 100.")
    ratio = _ratio("relative_risk", relative_risk)
    if (low is None) != (high is None):
        raise InputError("low, high", "must be given together", (low, high),
                         "Give both ends of the 95% interval, or none.")
    limits = (None, None) if low is None else (_ratio("low", low), _ratio("high", high))
    if low is not None and not limits[0] <= ratio <= limits[1]:
        raise InputError("low, high", f"must hold the ratio {ratio:g} between them", (low, high),
                         "Correct the interval.")
    if not isinstance(of, Integral) or isinstance(of, bool) or not 1 <= of <= 1_000_000:
        raise InputError("of", "must be a whole number from 1 to 1000000", of, "Use 1000.")
    risks = [None if one is None else _applied(risk, one) for one in (ratio, *limits)]
    return Framing(risk, risks[0], ratio, *limits, *risks[1:], int(of), whom, event)


def _ratio(name: str, value: float) -> float:
    return number_between(name, value, 1e-6, LARGEST_RATIO,
                          f"must be above 0 and at most {LARGEST_RATIO:g}",
                          "Give a ratio: 0.7 for 30% less.")


def _applied(risk: float, ratio: float) -> float:
    if risk * ratio > 1:
        raise InputError("relative_risk", f"must not lift the risk of {risk:g} above 1", ratio,
                         "A ratio found at a low risk does not hold at this one.")
    return risk * ratio


def _whole(persons: float) -> int:
    return math.floor(persons + 0.5)


def _up(number: float) -> str:
    """A number needed to treat as it is quoted: rounded up."""
    return "infinitely many" if math.isinf(number) else f"{math.ceil(number - 1e-9):,}"


def _percent(share: float) -> str:
    return f"{100 * share:.3g}%"
