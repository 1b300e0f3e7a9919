"""How much of each medicine is at work: doses, waning, and what bone keeps.

Antibodies wane in the blood. Bisphosphonates sit on bone surface, are buried, and
come back when that bone is resorbed. PTH analogues and hormones act while taken.
Levels are in units of one usual dose; all updates over a step are exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from osteoteach.model.remodelling import Constants, Maths, Number, osteoclast_drive

__all__ = ["Intake", "MedicineLevels", "Push", "mean_bound_share"]

# A half-life in days becomes a rate a year by this over it.
LN2_DAYS = math.log(2) * 365.25


class Intake(NamedTuple):
    """Daily medicines over one step, in units of full-dose alendronate, teriparatide
    (formation and resorption apart) and estrogen."""

    bisphosphonate: Number = 0.0
    pth_formation: Number = 0.0
    pth_resorption: Number = 0.0
    estrogen: Number = 0.0


class Push(NamedTuple):
    """What medicines do to the cells: over one step (means), or at one moment.

    Attributes
    ----------
    drive : on osteoclasts (1 untreated).
    potency : of bisphosphonates at work (0 untreated).
    stimulus : on osteoblasts of the spine (1 untreated).
    """

    drive: Number
    potency: Number
    stimulus: Number

    def stimulus_at(self, surface: Number) -> Number:
        """Stimulus at a site where this share of the surface answers."""
        return 1.0 + surface * (self.stimulus - 1.0)


class _BisphosphonateStep(NamedTuple):
    """Exact solution of surface and buried pool over one step: its six coefficients."""

    surface_from_surface: Number
    surface_from_buried: Number
    buried_from_surface: Number
    buried_from_buried: Number
    surface_from_intake: Number
    buried_from_intake: Number


def mean_bound_share(level: Number, half_level: Number, decay: Number, mx: Maths) -> Number:
    """Mean of level/(level + half_level) while the level falls exponentially.

    ``decay`` is rate times step. The integral is a logarithm, so a whole month of a
    waning antibody costs one evaluation and no error.
    """
    left = level * mx.exp(-decay)
    return mx.log((level + half_level) / (left + half_level)) / decay


def _bisphosphonate_step(c: Constants, dt: float, resorption: Number,
                         mx: Maths) -> _BisphosphonateStep:
    """S' = u - (k1 + k12) S + k21 C Q and Q' = k12 S - k21 C Q, for constant u and C.

    What is buried comes back only where that bone is resorbed, so its return goes
    with resorption C: a quiet skeleton keeps its bisphosphonate longer.
    """
    bury = c.bisphosphonate_burial_per_year
    out = c.bisphosphonate_release_per_year + bury
    back = c.bisphosphonate_return_per_year * resorption
    middle = -0.5 * (out + back)
    root = ((0.5 * (out - back)) ** 2 + bury * back) ** 0.5
    fast, slow = middle - root, middle + root
    e_fast, e_slow = mx.exp(fast * dt), mx.exp(slow * dt)
    i_fast, i_slow = (e_fast - 1.0) / fast, (e_slow - 1.0) / slow
    gap = slow - fast
    w_slow, w_fast = (slow + back) / gap, -(fast + back) / gap
    return _BisphosphonateStep(
        w_slow * e_slow + w_fast * e_fast, back * (e_slow - e_fast) / gap,
        bury * (e_slow - e_fast) / gap,
        ((slow + out) * e_slow - (fast + out) * e_fast) / gap,
        w_slow * i_slow + w_fast * i_fast, bury * (i_slow - i_fast) / gap)


def _surface_available(resorption: Number, c: Constants) -> Number:
    """Share of a bisphosphonate dose that finds working surface.

    Bisphosphonates bind where bone is being renewed; the rest leaves by the kidney.
    A skeleton made quiet (by denosumab, say) therefore takes up less.
    """
    floor = c.bisphosphonate_uptake_floor
    return floor + (1.0 - floor) * resorption


def _stimulus(romosozumab: Number, pth: Number, c: Constants) -> Number:
    return 1.0 + c.romosozumab_formation * romosozumab + c.teriparatide_formation * pth


@dataclass
class MedicineLevels:
    """Levels that carry over from step to step; changed in place by the loop."""

    denosumab: Number = 0.0
    romosozumab: Number = 0.0
    zoledronate: Number = 0.0
    surface: Number = 0.0
    buried: Number = 0.0

    def give(self, level: str, doses: Number, resorption: Number, c: Constants) -> None:
        """An injection or infusion, at the start of a step."""
        if level == "denosumab":
            self.denosumab = self.denosumab + doses
        elif level == "romosozumab":
            self.romosozumab = self.romosozumab + doses
        else:
            self.zoledronate = self.zoledronate + (
                c.zoledronate_potency * doses * _surface_available(resorption, c))

    def advance(self, intake: Intake, resorption: Number, c: Constants, dt: float,
                mx: Maths) -> Push:
        """Exact update over the step; returns the mean push on the cells."""
        surface, zoledronate = self.surface, self.zoledronate
        step = _bisphosphonate_step(c, dt, resorption, mx)
        taken = intake.bisphosphonate * _surface_available(resorption, c)
        self.surface = (step.surface_from_surface * surface
                        + step.surface_from_buried * self.buried
                        + step.surface_from_intake * taken)
        self.buried = (step.buried_from_surface * surface
                       + step.buried_from_buried * self.buried
                       + step.buried_from_intake * taken)
        leaving = c.zoledronate_release_per_year * dt
        self.zoledronate = zoledronate * mx.exp(-leaving)
        potency = (c.bisphosphonate_potency * c.bisphosphonate_release_per_year
                   * 0.5 * (self.surface + surface) + (zoledronate - self.zoledronate) / leaving)
        waned = LN2_DAYS * dt / c.denosumab_half_life_days
        blocked = mean_bound_share(self.denosumab, c.denosumab_half_effect_level, waned, mx)
        self.denosumab = self.denosumab * mx.exp(-waned)
        waned = LN2_DAYS * dt / c.romosozumab_half_life_days
        held = mean_bound_share(self.romosozumab, 1.0 / c.romosozumab_resorption, waned, mx)
        before, self.romosozumab = self.romosozumab, self.romosozumab * mx.exp(-waned)
        romosozumab = (before - self.romosozumab) / waned
        drive = osteoclast_drive(blocked, held, intake.pth_resorption, intake.estrogen, c)
        return Push(drive, potency, _stimulus(romosozumab, intake.pth_formation, c))

    def now(self, intake: Intake, c: Constants) -> Push:
        """The push at this moment, as a blood sample would meet it."""
        drive = osteoclast_drive(
            self.denosumab / (self.denosumab + c.denosumab_half_effect_level),
            self.romosozumab / (self.romosozumab + 1.0 / c.romosozumab_resorption),
            intake.pth_resorption, intake.estrogen, c)
        potency = (c.bisphosphonate_potency * c.bisphosphonate_release_per_year * self.surface
                   + self.zoledronate)
        return Push(drive, potency, _stimulus(self.romosozumab, intake.pth_formation, c))
