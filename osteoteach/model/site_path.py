"""The course of one site as functions of time: mean, 90% band, chances, single persons.

Everything uncertain is a normal deviate on the scale of log BMD, so the band is
exact and the simulated persons agree with it.
"""

from __future__ import annotations

import functools
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

from osteoteach.model.densitometry import young_adult_reference
from osteoteach.model.lifestyle import Effect
from osteoteach.model.medicine_course import MedicineCourse
from osteoteach.model.own_scans import OwnResponse
from osteoteach.model.untreated_loss import LossSegment

__all__ = ["PERSONS", "SitePath"]

BAND = 0.90
BAND_IN_SD = NormalDist().inv_cdf(0.5 + BAND / 2)
PERSONS = 200
STUDY_RATE, PERSON_RATE = "rate between studies", "rate between persons"


def _kept(method: Callable[[SitePath, float], Any]) -> Callable[[SitePath, float], Any]:
    """Keep what a method says of a time with its course: a chart asks for it again and again."""

    @functools.wraps(method)
    def answer(path: SitePath, time_years: float) -> Any:
        known = path.__dict__.setdefault(f"_kept_{method.__name__}", {})
        if time_years not in known:
            known[time_years] = method(path, time_years)
        return known[time_years]

    return answer


@dataclass(frozen=True)
class SitePath:
    """The course of one site, as functions of time.

    Attributes
    ----------
    start_bmd_g_cm2 : float or None
        Hologic units; ``None`` if the site was not scanned.
    person_sd : float
        SD between persons of the yearly log rate.
    medicines : MedicineCourse or None
        Without medicines the course is the table of untreated loss, and what habits
        do to it.
    own : OwnResponse or None
        What the person's own scans have taught.
    """

    site: str
    start_bmd_g_cm2: float | None
    segments: tuple[LossSegment, ...]
    effects: tuple[Effect, ...]
    combining: str
    person_sd: float
    medicines: MedicineCourse | None = None
    own: OwnResponse | None = None

    # --- Means ---------------------------------------------------------------

    def _lost(self, time_years: float) -> tuple[float, float]:
        """Log change by untreated loss, and the SE of that sum."""
        mean = se = 0.0
        for segment in self.segments:
            if segment.start_years >= time_years:
                break
            span = min(time_years, segment.end_years) - segment.start_years
            mean += segment.log_rate * span
            # One study error for the whole course: rates from the same cohorts move together.
            se += segment.log_rate_se * span
        return mean, se

    def _share(self, effect: Effect, time_years: float) -> float:
        if effect.kind == "step":
            return -math.expm1(-time_years / effect.time_constant_years)
        acting = min(max(time_years - effect.starts_years, 0.0), effect.lasts_years)
        return acting if effect.kind == "rate" else self._lost(acting)[0]

    def _gain(self, effect: Effect, time_years: float) -> float:
        mean = effect.mean - 1 if effect.kind == "multiplier" else effect.mean
        return mean * self._share(effect, time_years)

    def background(self, time_years: float) -> float:
        """Log change without medicines that they act upon: untreated loss, and what
        habits do to its rate."""
        return self._lost(time_years)[0] + math.fsum(
            self._gain(effect, time_years) for effect in self.effects if effect.kind != "step")

    @_kept
    def _gains(self, time_years: float) -> list[float]:
        """Log gain of each habit, then of the medicines if there are any."""
        gains = [self._gain(effect, time_years) for effect in self.effects]
        if self.medicines is not None:
            gains.append(self.medicines.log_gain(self.site, time_years))
        return gains

    def _counted(self, gains: list[float]) -> list[bool]:
        """Which gains count: all, or only the largest; losses always do."""
        largest = max(gains, default=0.0)
        return [self.combining == "additive" or gain <= 0 or gain == largest for gain in gains]

    def left_out(self, time_years: float) -> tuple[tuple[Effect, ...], bool]:
        """Habits whose gain does not count because a larger one does, and whether the
        medicines' gain does not."""
        gains = self._gains(time_years)
        counted = self._counted(gains)
        habits = tuple(effect for effect, counts in zip(self.effects, counted, strict=False)
                       if not counts)
        return habits, self.medicines is not None and not counted[-1]

    def prior_mean(self, time_years: float) -> float:
        """Expected log change before any scan of the person's own."""
        gains = self._gains(time_years)
        return self._lost(time_years)[0] + math.fsum(
            gain for gain, counts in zip(gains, self._counted(gains), strict=True) if counts)

    # --- Deviations ----------------------------------------------------------

    def prior_deviations(self, time_years: float) -> dict[str, float]:
        """Independent standard deviations of the log change, by the name of what varies.

        A draw keeps its deviates over time, and the same name is the same deviate at
        every site: a person who loses fast does so everywhere.
        """
        found = {STUDY_RATE: self._lost(time_years)[1], PERSON_RATE: self.person_sd * time_years}
        counted = self._counted(self._gains(time_years))
        for effect, counts in zip(self.effects, counted, strict=False):
            sd = effect.sd * abs(self._share(effect, time_years)) if counts else 0.0
            found[effect.label] = math.hypot(found.get(effect.label, 0.0), sd)
        if self.medicines is not None:
            for name, move in self.medicines.log_gain_moves(self.site, time_years).items():
                found[name] = move if counted[-1] else 0.0
        return found

    def _normal(self, time_years: float) -> tuple[float, dict[str, float]]:
        """Mean log change and its independent deviations, own scans included."""
        mean, deviations = self.prior_mean(time_years), self.prior_deviations(time_years)
        if self.own is None:
            return mean, deviations
        return mean + self.own.shift(deviations), self.own.spread(deviations)

    # --- Answers -------------------------------------------------------------

    def with_own(self, own: OwnResponse) -> SitePath:
        """The same course for a person whose scans are known."""
        start = self.start_bmd_g_cm2
        if start is not None:
            start *= math.exp(own.true_start[self.site])
        return replace(self, own=own, start_bmd_g_cm2=start)

    @_kept
    def change_pct(self, time_years: float) -> float:
        """Expected change of BMD since the start, %."""
        # Without own scans the mean needs none of the runs that the band needs.
        mean = self.prior_mean(time_years) if self.own is None else self._normal(time_years)[0]
        return 100 * math.expm1(mean)

    @_kept
    def band_pct(self, time_years: float) -> tuple[float, float]:
        """90% band of the change, %: studies and persons together."""
        mean, deviations = self._normal(time_years)
        reach = BAND_IN_SD * math.hypot(*deviations.values())
        return 100 * math.expm1(mean - reach), 100 * math.expm1(mean + reach)

    def chance_of_change(self, at_least_pct: float, time_years: float) -> float:
        """Probability that the true change is this much or more (0 to 1)."""
        mean, deviations = self._normal(time_years)
        spread = math.hypot(*deviations.values())
        needed = math.log1p(at_least_pct / 100)
        if spread == 0:
            return float(mean >= needed)
        return 1 - NormalDist(mean, spread).cdf(needed)

    def persons_change_pct(self, time_years: float, persons: int = PERSONS,
                           seed: int = 1) -> list[float]:
        """Change in each of the first simulated persons, %."""
        mean, deviations = self._normal(time_years)
        changes = [mean] * persons
        for name, sd in deviations.items():
            if sd:
                changes = [change + sd * normal for change, normal
                           in zip(changes, _deviates(seed, name)[:persons], strict=True)]
        return [100 * math.expm1(change) for change in changes]

    def t_score(self, change_pct: float) -> float | None:
        """T-score after a change of BMD; ``None`` if the site was not scanned."""
        if self.start_bmd_g_cm2 is None:
            return None
        reference = young_adult_reference(self.site)
        bmd = self.start_bmd_g_cm2 * (1 + change_pct / 100)
        return (bmd - reference.mean_g_cm2) / reference.sd_g_cm2


# What matters most is spread the most evenly, so that the first twenty persons of a
# chart look like the band they belong to.
_EVEN = {PERSON_RATE: 3, STUDY_RATE: 2, "response to medicines": 5}


@functools.lru_cache(maxsize=256)
def _deviates(seed: int, name: str) -> tuple[float, ...]:
    """Standard normal deviates of all persons for one thing that varies.

    The same for all sites and slider positions, so that lines on a chart do not jump.
    """
    chance, normal = random.Random(f"{seed} {name}"), NormalDist().inv_cdf
    if name in _EVEN:
        start = chance.random()
        places = [(_halton(person + 1, _EVEN[name]) + start) % 1 for person in range(PERSONS)]
    else:
        places = [(person + 0.5) / PERSONS for person in range(PERSONS)]
        chance.shuffle(places)
    return tuple(normal(min(max(place, 1e-9), 1 - 1e-9)) for place in places)


def _halton(index: int, base: int) -> float:
    """Digits of ``index`` in ``base``, mirrored behind the point."""
    value, place = 0.0, 1.0
    while index:
        place /= base
        value += place * (index % base)
        index //= base
    return value
