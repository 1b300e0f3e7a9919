"""The course of one site as functions of time: mean, 90% band, chances, single persons.

Everything uncertain is a normal deviate on the scale of log BMD, so the band is
exact and the simulated persons agree with it.
"""

from __future__ import annotations

import functools
import math
import operator
import random
from dataclasses import dataclass
from statistics import NormalDist

from osteoteach.model.densitometry import young_adult_reference
from osteoteach.model.lifestyle import Effect
from osteoteach.model.untreated_loss import LossSegment

__all__ = ["PERSONS", "SitePath"]

BAND = 0.90
BAND_IN_SD = NormalDist().inv_cdf(0.5 + BAND / 2)
PERSONS = 200


@dataclass(frozen=True)
class SitePath:
    """The course of one site, as functions of time.

    Attributes
    ----------
    start_bmd_g_cm2 : float or None
        Hologic units; ``None`` if the site was not scanned.
    """

    site: str
    start_bmd_g_cm2: float | None
    segments: tuple[LossSegment, ...]
    effects: tuple[Effect, ...]
    combining: str
    person_sd: float

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

    def parts(self, time_years: float) -> tuple[float, tuple[float, ...]]:
        """Mean log change, and the independent SDs around it.

        The SDs are ordered: rate between studies, rate between persons, then one
        for each effect, so that a draw keeps its deviates over time.
        """
        lost, lost_se = self._lost(time_years)
        deviations = [lost_se, self.person_sd * time_years]
        gains = []
        for effect in self.effects:
            share = self._share(effect, time_years)
            gains.append(effect.mean * share if effect.kind != "multiplier"
                         else (effect.mean - 1) * share)
            deviations.append(effect.sd * abs(share))
        return lost + self._combined(gains, deviations), tuple(deviations)

    def _share(self, effect: Effect, time_years: float) -> float:
        if effect.kind == "step":
            return -math.expm1(-time_years / effect.time_constant_years)
        acting = min(max(time_years - effect.starts_years, 0.0), effect.lasts_years)
        return acting if effect.kind == "rate" else self._lost(acting)[0]

    def _combined(self, gains: list[float], deviations: list[float]) -> float:
        """Sum, or only the largest gain; losses always count."""
        up = [gain for gain in gains if gain > 0]
        if self.combining == "additive" or len(up) < 2:
            return math.fsum(gains)
        largest = max(up)
        for place, gain in enumerate(gains):
            if 0 < gain < largest:
                deviations[2 + place] = 0.0
        return largest + math.fsum(gain for gain in gains if gain <= 0)

    def change_pct(self, time_years: float) -> float:
        """Expected change of BMD since the start, %."""
        return 100 * math.expm1(self.parts(time_years)[0])

    def band_pct(self, time_years: float) -> tuple[float, float]:
        """90% band of the change, %: studies and persons together."""
        mean, deviations = self.parts(time_years)
        reach = BAND_IN_SD * math.hypot(*deviations)
        return 100 * math.expm1(mean - reach), 100 * math.expm1(mean + reach)

    def chance_of_change(self, at_least_pct: float, time_years: float) -> float:
        """Probability that the true change is this much or more (0 to 1)."""
        mean, deviations = self.parts(time_years)
        spread = math.hypot(*deviations)
        needed = math.log1p(at_least_pct / 100)
        if spread == 0:
            return float(mean >= needed)
        return 1 - NormalDist(mean, spread).cdf(needed)

    def persons_change_pct(self, time_years: float, persons: int = PERSONS,
                           seed: int = 1) -> list[float]:
        """Change in each of the first simulated persons, %."""
        mean, deviations = self.parts(time_years)
        return [100 * math.expm1(mean + sum(map(operator.mul, deviations, normals)))
                for normals in _deviates(seed, len(self.effects))[:persons]]

    def t_score(self, change_pct: float) -> float | None:
        """T-score after a change of BMD; ``None`` if the site was not scanned."""
        if self.start_bmd_g_cm2 is None:
            return None
        reference = young_adult_reference(self.site)
        bmd = self.start_bmd_g_cm2 * (1 + change_pct / 100)
        return (bmd - reference.mean_g_cm2) / reference.sd_g_cm2


@functools.lru_cache(maxsize=32)
def _deviates(seed: int, n_effects: int) -> tuple[tuple[float, ...], ...]:
    """Standard normal deviates, one tuple a person.

    The same for all sites: a person who loses fast does so everywhere. And the
    same for every slider position, so that the lines on a chart do not jump. A
    Halton sequence spreads any first few persons evenly, so that the twenty lines
    of a chart look like the band they belong to.
    """
    shift = random.Random(seed)
    normal = NormalDist().inv_cdf
    columns = []
    for base in _PRIMES[:2 + n_effects]:
        start = shift.random()
        columns.append([normal(min(max((_halton(person + 1, base) + start) % 1, 1e-9), 1 - 1e-9))
                        for person in range(PERSONS)])
    return tuple(zip(*columns, strict=True))


# The second deviate, how persons differ, matters most and takes the best base.
_PRIMES = (3, 2, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)


def _halton(index: int, base: int) -> float:
    """Digits of ``index`` in ``base``, mirrored behind the point."""
    value, place = 0.0, 1.0
    while index:
        place /= base
        value += place * (index % base)
        index //= base
    return value
