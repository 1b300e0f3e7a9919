"""One person's hazards over the years, the risk they add up to, and its parts."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass

from osteoteach.model.fracture_density import Density
from osteoteach.model.fracture_factors import LABELS, Factor, stated_share
from osteoteach.model.fracture_hazard import (
    BaseRates,
    cumulative_incidence,
    gradient,
    log_bmd_multiplier,
    overlap_of_sites,
)
from osteoteach.model.fracture_overlap import Slope, measured_age, slope_at

__all__ = ["Forecast", "Part", "Person", "Risk"]

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
        0 to 1, with a 90% interval from what is known of the base rates and from the published
        intervals of gradient, ratios, shares of the population and overlap (delta method on
        the complementary log-log scale).
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


Logs = dict[str, list[list[float]]]


class Person:
    """What does not depend on density: rates, deaths, and what the factors do.

    Made once for a person, so that her risk at another density costs little more.

    Parameters
    ----------
    age : float
        Today.
    base : BaseRates
    steps : tuple of (middle, length)
        Years from now.
    factors : tuple of Factor
    """

    def __init__(self, age: float, base: BaseRates, steps: tuple[tuple[float, float], ...],
                 factors: tuple[Factor, ...]) -> None:
        self.age, self.base, self.factors = age, base, factors
        # The first entry is today: the parts are read there.
        self.times = (0.0, *(middle for middle, _ in steps))
        self.lengths = tuple(length for _, length in steps)
        rates = [base.hazards(age + time) for time in self.times]
        self.rates = {"hip": [rate[0] for rate in rates], "other": [rate[1] for rate in rates]}
        self.deaths = [rate[2] for rate in rates][1:]
        self.rate_errors = {c: [error.at(age + time) for time in self.times[1:]]
                            for c, error in (("hip", base.hip_error), ("other", base.other_error))}
        self._logs: dict[tuple[int, str, float], list[float]] = {}

    def share_error(self, outcome: str) -> float:
        """What the shares of people with each stated factor leave open, in ln of the hazard."""
        return math.hypot(*(factor.share_error(outcome, self.age) for factor in self.factors))

    def factor_logs(self, place: int, component: str, errors: float) -> list[float]:
        """ln multiplier of a factor at every time, moved by some standard errors."""
        key = (place, component, errors)
        if key not in self._logs:
            outcome = "hip" if component == "hip" else "major"
            self._logs[key] = [
                self.factors[place].log_multiplier(outcome, self.age + time, time, errors)
                for time in self.times]
        return self._logs[key]

    @functools.cached_property
    def slopes(self) -> dict[str, list[Slope]]:
        """By component the gradient of density at every time."""
        found = {}
        for component, outcome in (("hip", "hip"), ("other", "major")):
            stated = stated_share(self.factors, self.base.country, self.base.sex, outcome, self.age)
            by_age = {age: slope_at(component, age, stated)
                      for age in {measured_age(self.age, time) for time in self.times}}
            found[component] = [by_age[measured_age(self.age, time)] for time in self.times]
        return found


class Forecast:
    """Hazards of one person by step; pieces can be moved by their standard error.

    Parameters
    ----------
    person : Person
    density : Density or None
    """

    def __init__(self, person: Person, density: Density | None) -> None:
        self.person, self.density = person, density
        self.pieces = (*(() if density is None else ("bmd",)),
                       *(factor.name for factor in person.factors))

    def _log(self, place: int, component: str, errors: float = 0.0) -> list[float]:
        """ln multiplier of a piece at every time."""
        if self.density is None:
            return self.person.factor_logs(place, component, errors)
        if place:
            return self.person.factor_logs(place - 1, component, errors)
        z_scores = (self.density.z_score,
                    *(self.density.z_at(step) for step in range(len(self.person.lengths))))
        return [log_bmd_multiplier(z, slope.log_ratio + errors * slope.error) - slope.shared
                for z, slope in zip(z_scores, self.person.slopes[component], strict=True)]

    def _log_today(self, place: int, component: str, errors: float) -> float:
        """ln multiplier of a piece today: the first of `_log`, alone."""
        if self.density is not None and place == 0:
            slope = self.person.slopes[component][0]
            return log_bmd_multiplier(
                self.density.z_score, slope.log_ratio + errors * slope.error) - slope.shared
        factor = self.person.factors[place - (self.density is not None)]
        return factor.log_multiplier("hip" if component == "hip" else "major",
                                     self.person.age, 0.0, errors)

    def chances(self, outcome: str) -> tuple[float, float, float]:
        """Probability with its 90% interval, 0 to 1."""
        logs = self._logs(outcome)
        hazards = self._hazards(logs)
        probability = self._probability(hazards)
        return probability, *self._interval(probability, logs, hazards)

    def risk(self, outcome: str, years: float, notes: tuple[str, ...]) -> Risk:
        probability, low, high = self.chances(outcome)
        logs = self._logs(outcome)
        parts = tuple(self._parts(outcome, logs))
        average = self._probability({c: self.person.rates[c][1:] for c in logs})
        ids = (*self.person.base.source_ids, *(i for part in parts for i in part.source_ids))
        return Risk(outcome, years, probability, low, high, average, parts,
                    tuple(dict.fromkeys(ids)), (*notes, *self._about_ratios(outcome)))

    def _logs(self, outcome: str) -> Logs:
        """By component a row for each piece."""
        return {c: [self._log(place, c) for place in range(len(self.pieces))]
                for c in (("hip",) if outcome == "hip" else ("hip", "other"))}

    def _hazards(self, logs: Logs) -> dict[str, list[float]]:
        """By component the hazard in every step."""
        none = [[0.0] * len(self.person.times)]
        return {c: [rate * math.exp(sum(column)) for rate, column in zip(
            self.person.rates[c][1:], list(zip(*(rows or none), strict=True))[1:], strict=True)]
            for c, rows in logs.items()}

    def _probability(self, hazards: dict[str, list[float]]) -> float:
        total = [sum(parts) for parts in zip(*hazards.values(), strict=True)]
        return cumulative_incidence(total, self.person.deaths, self.person.lengths)

    def _interval(self, probability: float, logs: Logs,
                  hazards: dict[str, list[float]]) -> tuple[float, float]:
        """90% interval: each uncertain piece moved by one standard error, squares added."""
        centre = _cloglog(probability)
        moved = [self._probability(self._with_moved(place, logs, hazards))
                 for place in range(len(self.pieces))]
        moved += [self._probability(hazards | {c: _times(hazards[c], self.person.rate_errors[c])})
                  for c in hazards]
        shares = self.person.share_error("major" if "other" in logs else "hip")
        moved.append(self._probability({c: _times(values, [shares] * len(values))
                                        for c, values in hazards.items()}))
        if "other" in logs:
            moved.append(self._probability(self._with_overlap(hazards)))
        spread = Z90 * math.sqrt(sum((_cloglog(value) - centre) ** 2 for value in moved))
        return tuple(-math.expm1(-math.exp(centre + side * spread)) for side in (-1, 1))

    def _with_moved(self, place: int, logs: Logs,
                    hazards: dict[str, list[float]]) -> dict[str, list[float]]:
        """Hazards with one piece moved in all components at once."""
        return {c: [hazard * math.exp(after - before) for hazard, after, before in zip(
            values, self._log(place, c, 1.0)[1:], logs[c][place][1:], strict=True)]
            for c, values in hazards.items()}

    def _with_overlap(self, hazards: dict[str, list[float]]) -> dict[str, list[float]]:
        """Hazards with the rate outside the hip raised by the error of the overlap, which
        is a share of all base rates."""
        mean, error = overlap_of_sites()
        rates = zip(self.person.rates["hip"][1:], self.person.rates["other"][1:], strict=True)
        return {"hip": hazards["hip"],
                "other": [rest * (1 + error / mean * (hip + other) / other)
                          for rest, (hip, other) in zip(hazards["other"], rates, strict=True)]}

    def _parts(self, outcome: str, logs: dict[str, list[list[float]]]) -> Iterator[Part]:
        """Parts today, in order: each is the hazard with it over the hazard before it."""
        factors = self.person.factors
        for place, name in enumerate(self.pieces):
            ratio, *ends = (self._step_up(logs, place, errors) for errors in (0.0, -Z90, Z90))
            details = (self._bmd_details(outcome) if name == "bmd"
                       else _factor_details(factors[place - len(self.pieces)], outcome))
            yield Part(name, LABELS.get(name, "Bone density"), details[0], ratio,
                       min(ratio, *ends), max(ratio, *ends), details[1], details[2],
                       self.density is not None and name != "bmd", details[3])

    def _step_up(self, logs: Logs, place: int, errors: float) -> float:
        before = after = 0.0
        for component, rows in logs.items():
            hazard = (self.person.rates[component][0]
                      * math.exp(sum(row[0] for row in rows[:place])))
            before += hazard
            after += hazard * math.exp(self._log_today(place, component, errors)
                                       if errors else rows[place][0])
        return after / before

    def _bmd_details(self, outcome: str) -> tuple[str, float, tuple[str, ...], str]:
        component = "hip" if outcome == "hip" else "other"
        slope = gradient(component)
        ids = (*slope.source_ids, *gradient("hip").source_ids, *self.density.source_ids)
        published = math.exp(slope.log_ratio.at(self.person.age))
        return (f"{self.density.value}, Z {self.density.z_score:+.1f}", published,
                tuple(dict.fromkeys(ids)), "derived")

    def _about_ratios(self, outcome: str) -> Iterator[str]:
        for basis, words in (("bridge", "no ratio for this use was printed; a documented "
                              "assumption takes its place (data/fracture_risk_ratios.csv)"),
                             ("open", "no interval was printed, so the range leaves its "
                              "uncertainty out")):
            names = [LABELS[factor.name] for factor in self.person.factors if any(
                row.basis == basis if basis == "bridge" else not row.has_interval
                for row in factor.rows(outcome)) and factor.amount]
            if names:
                yield f"{', '.join(names)} ({outcome}): {words}."


def _times(hazards: list[float], errors: list[float]) -> list[float]:
    """Hazards raised by a standard error of their logs."""
    return [hazard * math.exp(error) for hazard, error in zip(hazards, errors, strict=True)]


def _cloglog(probability: float) -> float:
    return math.log(-math.log1p(-probability))


def _factor_details(factor: Factor, outcome: str) -> tuple[str, float, tuple[str, ...], str]:
    rows = factor.rows(outcome)
    ids = tuple(dict.fromkeys(i for row in rows for i in row.source_ids))
    published = (math.exp(factor.log_multiplier(outcome, 0, 0)) if factor.kind == "recency"
                 else math.exp(rows[0].log_ratio))
    return factor.value, published, ids, rows[0].basis
