"""One person's hazards over the years, the risk they add up to, and its parts."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from osteoteach.model.fracture_density import Density
from osteoteach.model.fracture_factors import LABELS, Factor
from osteoteach.model.fracture_hazard import (
    BaseRates,
    bmd_multiplier,
    cumulative_incidence,
    gradient,
    overlap_of_sites,
)

__all__ = ["Forecast", "Part", "Risk"]

Z90 = 1.645


@dataclass(frozen=True)
class Part:
    """What one factor does to the hazard today.

    Attributes
    ----------
    name, label, value : str
        Machine name, words, and what was stated.
    ratio, low, high : float
        The factor that the hazard is multiplied by, over the average of the population;
        90% interval. Equal to ``ratio`` where none was printed.
    published : float
        The printed ratio behind it: against people without the factor, per SD of BMD, or
        per kg/m2; after a dated fracture, against the population.
    source_ids : tuple of str
    adjusted_for_bmd : bool
    basis : str
        ``published``, ``derived`` or ``bridge`` (an assumption carries a number over).
    """

    name: str
    label: str
    value: str
    ratio: float
    low: float
    high: float
    published: float
    source_ids: tuple[str, ...]
    adjusted_for_bmd: bool
    basis: str


@dataclass(frozen=True)
class Risk:
    """Probability of one outcome.

    Attributes
    ----------
    probability, low, high : float
        0 to 1, with a 90% interval from the published intervals of gradient, ratios and
        overlap (delta method on the complementary log-log scale).
    average : float
        The same for all people of that age and sex.
    parts : tuple of Part
        In order; they multiply to `hazard_ratio`.
    """

    outcome: str
    years: float
    probability: float
    low: float
    high: float
    average: float
    parts: tuple[Part, ...]
    sources: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def hazard_ratio(self) -> float:
        """The person's hazard today over the average of the population."""
        return math.prod(part.ratio for part in self.parts)


@dataclass(frozen=True)
class _Piece:
    """One source of a person's hazard: its ln multiplier in a component, at a step."""

    name: str
    log_at: Callable[[str, int, float], float]


class Forecast:
    """Hazards of one person by step; pieces can be moved by their standard error.

    Parameters
    ----------
    age : float
        Today.
    base : BaseRates
    steps : tuple of (middle, length)
        Years from now.
    density : Density or None
    factors : tuple of Factor
    """

    def __init__(self, age: float, base: BaseRates, steps: tuple[tuple[float, float], ...],
                 density: Density | None, factors: tuple[Factor, ...]) -> None:
        self.age, self.base, self.density, self.factors = age, base, density, factors
        # The first entry is today: the parts are read there.
        self.times = (0.0, *(middle for middle, _ in steps))
        self.lengths = tuple(length for _, length in steps)
        rates = [base.hazards(age + time) for time in self.times]
        self.rates = {"hip": [rate[0] for rate in rates], "other": [rate[1] for rate in rates]}
        self.deaths = [rate[2] for rate in rates][1:]
        pieces = [] if density is None else [_Piece("bmd", self._bmd)]
        self.pieces = [*pieces, *(_Piece(factor.name, self._factor(factor))
                                  for factor in factors)]

    def _bmd(self, component: str, index: int, errors: float) -> float:
        slope, age = gradient(component), self.age + self.times[index]
        log_ratio = slope.log_ratio.at(age) + errors * slope.error.at(age)
        z = self.density.z_score if index == 0 else self.density.z_at(index - 1)
        return math.log(bmd_multiplier(z, log_ratio))

    def _factor(self, factor: Factor) -> Callable[[str, int, float], float]:
        def log_at(component: str, index: int, errors: float) -> float:
            outcome = "hip" if component == "hip" else "major"
            time = self.times[index]
            return factor.log_multiplier(outcome, self.age + time, time, errors)
        return log_at

    def risk(self, outcome: str, years: float, notes: tuple[str, ...]) -> Risk:
        components = ("hip",) if outcome == "hip" else ("hip", "other")
        logs = {c: [[piece.log_at(c, i, 0.0) for i in range(len(self.times))]
                    for piece in self.pieces] for c in components}
        probability = self._probability(logs)
        low, high = self._interval(probability, logs)
        parts = tuple(self._parts(outcome, logs))
        average = self._probability({c: [] for c in components})
        ids = (*self.base.source_ids, *(i for part in parts for i in part.source_ids))
        return Risk(outcome, years, probability, low, high, average, parts,
                    tuple(dict.fromkeys(ids)), (*notes, *self._about_ratios(outcome)))

    def _hazards(self, logs: dict[str, list[list[float]]]) -> list[float]:
        """Hazard at each time: the components added up."""
        hazards = [0.0] * len(self.times)
        for component, rows in logs.items():
            sums = [sum(column) for column in zip(*rows, strict=True)] or [0.0] * len(self.times)
            for index, rate in enumerate(self.rates[component]):
                hazards[index] += rate * math.exp(sums[index])
        return hazards

    def _probability(self, logs: dict[str, list[list[float]]], more: float = 0.0) -> float:
        """Risk; ``more`` raises the rate outside the hip by a share of all base rates."""
        hazards = self._hazards(logs)[1:]
        if more:
            other = self._hazards({"other": logs["other"]})[1:]
            bases = zip(self.rates["hip"][1:], self.rates["other"][1:], strict=True)
            hazards = [hazard + rest * more * (hip + base) / base for hazard, rest, (hip, base)
                       in zip(hazards, other, bases, strict=True)]
        return cumulative_incidence(hazards, self.deaths, self.lengths)

    def _moved(self, logs: dict[str, list[list[float]]], place: int,
               errors: float) -> dict[str, list[list[float]]]:
        """The same with one piece moved in all components at once."""
        piece = self.pieces[place]
        return {c: [*rows[:place],
                    [piece.log_at(c, i, errors) for i in range(len(self.times))],
                    *rows[place + 1:]] for c, rows in logs.items()}

    def _interval(self, probability: float,
                  logs: dict[str, list[list[float]]]) -> tuple[float, float]:
        """90% interval: each uncertain piece moved by one standard error, squares added."""
        centre = _cloglog(probability)
        moved = [self._probability(self._moved(logs, place, 1.0))
                 for place in range(len(self.pieces))]
        if "other" in logs:
            mean, error = overlap_of_sites()
            moved.append(self._probability(logs, error / mean))
        spread = Z90 * math.sqrt(sum((_cloglog(value) - centre) ** 2 for value in moved))
        return tuple(-math.expm1(-math.exp(centre + side * spread)) for side in (-1, 1))

    def _parts(self, outcome: str, logs: dict[str, list[list[float]]]) -> Iterator[Part]:
        """Parts today, in order: each is the hazard with it over the hazard before it."""
        for place, piece in enumerate(self.pieces):
            ratio, *ends = (self._step_up(logs, place, errors) for errors in (0, -Z90, Z90))
            details = (self._bmd_details(outcome) if piece.name == "bmd"
                       else _factor_details(self.factors[place - len(self.pieces)], outcome))
            yield Part(piece.name, LABELS.get(piece.name, "Bone density"), details[0], ratio,
                       min(ratio, *ends), max(ratio, *ends), details[1], details[2],
                       self.density is not None and piece.name != "bmd", details[3])

    def _step_up(self, logs: dict[str, list[list[float]]], place: int, errors: float) -> float:
        before = after = 0.0
        for component, rows in logs.items():
            hazard = self.rates[component][0] * math.exp(sum(row[0] for row in rows[:place]))
            before += hazard
            after += hazard * math.exp(self.pieces[place].log_at(component, 0, errors))
        return after / before

    def _bmd_details(self, outcome: str) -> tuple[str, float, tuple[str, ...], str]:
        component = "hip" if outcome == "hip" else "other"
        slope = gradient(component)
        ids = (*slope.source_ids, *gradient("hip").source_ids, *self.density.source_ids)
        return (f"{self.density.value}, Z {self.density.z_score:+.1f}",
                math.exp(slope.log_ratio.at(self.age)), tuple(dict.fromkeys(ids)), "published")

    def _about_ratios(self, outcome: str) -> Iterator[str]:
        for basis, words in (("bridge", "no ratio for this use was printed; a documented "
                              "assumption takes its place (data/fracture_risk_ratios.csv)"),
                             ("open", "no interval was printed, so the range leaves its "
                              "uncertainty out")):
            names = [LABELS[factor.name] for factor in self.factors if any(
                row.basis == basis if basis == "bridge" else not row.has_interval
                for row in factor.rows(outcome)) and factor.amount]
            if names:
                yield f"{', '.join(names)} ({outcome}): {words}."


def _cloglog(probability: float) -> float:
    return math.log(-math.log1p(-probability))


def _factor_details(factor: Factor, outcome: str) -> tuple[str, float, tuple[str, ...], str]:
    rows = factor.rows(outcome)
    ids = tuple(dict.fromkeys(i for row in rows for i in row.source_ids))
    published = (math.exp(factor.log_multiplier(outcome, 0, 0)) if factor.kind == "recency"
                 else math.exp(rows[0].log_ratio))
    return factor.value, published, ids, rows[0].basis
