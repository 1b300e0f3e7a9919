"""Bone remodelling: the equations, once, for one person or for a cohort.

Bone is renewed all the time. Osteoclasts resorb, osteoblasts refill with a lag, young
bone takes up mineral for years. Medicines push osteoclasts and osteoblasts; bone
density follows. Time is in years; before treatment every quantity of biology is 1.

Every function takes plain floats or NumPy arrays (one value a person). All that
differs is the handful of maths functions, `FLOATS` or `array_maths`, so no equation
is written twice and nothing here imports NumPy until a cohort asks for it.

Not answered here: fracture risk, children, and bone with another disease.
The medicines are in `medicine_levels`, the loop over time in `remodelling_run`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

from osteoteach.errors import InputError

__all__ = ["FLOATS", "SITES", "BonePush", "Cells", "Constants", "Maths", "array_maths",
           "bone_push", "bone_step", "density", "formation_rate", "osteoclast_drive",
           "pool_step", "precursor_target", "reserve_target", "resorption_rate"]

SITES = ("lumbar_spine", "total_hip", "femoral_neck")
# Far above its load a site still keeps this share of the usual resorption for its amount.
LEAST_RESORPTION = 0.2
Number = Any  # float, or array of one value a person


class Maths(NamedTuple):
    """The functions that must know whether they see a float or an array."""

    exp: Any
    log: Any
    maximum: Any
    minimum: Any


FLOATS = Maths(math.exp, math.log, max, min)


def array_maths() -> Maths:
    """Maths on arrays. NumPy is imported here, not with the module."""
    import numpy

    return Maths(numpy.exp, numpy.log, numpy.maximum, numpy.minimum)


@dataclass(frozen=True)
class Constants:
    """Constants of the biology and of the medicines: ``data/model_parameters.csv``.

    Rates are a year; strengths are relative to the untreated state; levels are in
    units of one usual dose. A value may be an array, one a person.
    """

    precursor_rate_per_year: Number
    precursor_constant: Number
    deferred_signal: Number
    deferred_clearance_per_year: Number
    coupling_rate_per_year: Number
    direct_formation_share: Number
    osteoblast_rate_per_year: Number
    osteoblast_constant: Number
    turnover_lumbar_spine_per_year: Number
    turnover_total_hip_per_year: Number
    turnover_femoral_neck_per_year: Number
    male_hip_turnover_ratio: Number
    young_bone_deficit: Number
    mineralisation_rate_per_year: Number
    unloading_hip: Number
    unloading_lumbar_spine: Number
    anabolic_surface_total_hip: Number
    anabolic_surface_femoral_neck: Number
    denosumab_residual_drive: Number
    denosumab_half_effect_level: Number
    denosumab_half_life_days: Number
    romosozumab_formation: Number
    romosozumab_resorption: Number
    romosozumab_half_life_days: Number
    teriparatide_formation: Number
    teriparatide_resorption: Number
    bisphosphonate_potency: Number
    bisphosphonate_release_per_year: Number
    bisphosphonate_burial_per_year: Number
    bisphosphonate_return_per_year: Number
    bisphosphonate_formation_loss: Number
    bisphosphonate_uptake_floor: Number
    zoledronate_potency: Number
    zoledronate_release_per_year: Number
    estrogen_block: Number
    risedronate_strength: Number
    ibandronate_oral_strength: Number
    ibandronate_iv_strength: Number
    raloxifene_strength: Number
    conjugated_estrogens_bazedoxifene_strength: Number
    calcitonin_strength: Number
    abaloparatide_formation_strength: Number
    abaloparatide_resorption_strength: Number

    def with_values(self, **values: Number) -> Constants:
        """A copy with some values replaced; an unknown name is an error."""
        known = {field.name for field in fields(self)}
        for name in values:
            if name not in known:
                raise InputError("constant", f"must be one of {', '.join(sorted(known))}", name,
                                 "Use a name from data/model_parameters.csv.")
        return replace(self, **values)

    def turnover(self, site: str, sex: str = "female") -> Number:
        """Share of the bone of a site renewed in a year (kappa)."""
        rate = getattr(self, f"turnover_{site}_per_year")
        at_hip = site != "lumbar_spine"
        return rate * self.male_hip_turnover_ratio if sex == "male" and at_hip else rate

    def anabolic_surface(self, site: str) -> Number:
        """Share of the bone surface of a site that answers an anabolic medicine, relative
        to the spine: trabecular and endocortical surface do, the rest of the cortex does not."""
        return 1.0 if site == "lumbar_spine" else getattr(self, f"anabolic_surface_{site}")


# --- The cells ---------------------------------------------------------------


def osteoclast_drive(blocked_by_denosumab: Number, held_by_romosozumab: Number,
                     pth_drive: Number, estrogen: Number, c: Constants) -> Number:
    """Signal to make and keep osteoclasts (a): 1 untreated, near 0 on denosumab.

    PTH calls osteoclasts through RANKL, so what denosumab has bound does not answer;
    a small residual works without RANKL.
    """
    free = 1.0 - blocked_by_denosumab
    return ((c.denosumab_residual_drive + (1.0 - c.denosumab_residual_drive) * free)
            * (1.0 + c.teriparatide_resorption * pth_drive * free)
            * (1.0 - c.estrogen_block * estrogen)
            * (1.0 - held_by_romosozumab))


def precursor_target(drive: Number, deferred: Number, c: Constants) -> Number:
    """Osteoclast precursors (P) pile up while the drive is blocked: the rebound.

    Bone whose renewal was put off (``deferred``, in years of turnover) calls for it:
    the longer the suppression, the stronger the rebound.
    """
    return ((1.0 + c.precursor_constant) * (1.0 + c.deferred_signal * deferred)
            / (drive + c.precursor_constant))


def reserve_target(stimulus: Number, c: Constants) -> Number:
    """The osteoblast reserve (B) is spent by stimulation: the effect fades."""
    return (1.0 + c.osteoblast_constant) / (stimulus + c.osteoblast_constant)


def formation_rate(stimulus: Number, reserve: Number, coupled: Number, potency: Number,
                   c: Constants, mx: Maths) -> Number:
    """Bone formation (F), 1 untreated.

    Most formation refills cavities, so it follows past resorption (``coupled``, L),
    with a direct share that does not. ``stimulus`` is that of the site:
    ``Push.stimulus_at``. A bisphosphonate takes away part of the direct, unstimulated
    share only.
    """
    vigour = stimulus * reserve
    refilling = vigour * (1.0 + (1.0 - c.direct_formation_share) * (coupled - 1.0))
    lost = (c.direct_formation_share * c.bisphosphonate_formation_loss
            * potency / (1.0 + potency) * mx.minimum(vigour, 1.0))
    return refilling - lost


def resorption_rate(drive: Number, precursors: Number, potency: Number) -> Number:
    """Bone resorption (C), 1 untreated.

    What a bisphosphonate has left on the surface is shared among the osteoclasts: after
    denosumab, when precursors that had piled up come all at once, each takes up less.
    """
    return drive * precursors / (1.0 + potency / precursors)


def pool_step(value: Number, target: Number, decay: Number, mx: Maths) -> tuple[Number, Number]:
    """Exact exponential approach to a target held over the step: its end, and its mean."""
    end = target + (value - target) * mx.exp(-decay)
    return end, target + (value - end) / decay


@dataclass
class Cells:
    """Osteoclast precursors, osteoblast reserve, coupling signal, renewal put off."""

    precursors: Number = 1.0
    reserve: Number = 1.0
    coupled: Number = 1.0
    deferred: Number = 0.0

    def advance(self, drive: Number, potency: Number, stimulus: Number, c: Constants,
                dt: float, mx: Maths) -> tuple[Number, Number, Number]:
        """Exact update over one step; returns the means of resorption (C), reserve (B)
        and coupling signal (L)."""
        self.precursors, precursors = pool_step(
            self.precursors, precursor_target(drive, self.deferred, c),
            c.precursor_rate_per_year * (drive + c.precursor_constant) * dt, mx)
        resorption = resorption_rate(drive, precursors, potency)
        clearance = c.deferred_clearance_per_year
        self.deferred, _ = pool_step(
            self.deferred, (1.0 - resorption) / clearance, clearance * dt, mx)
        self.coupled, coupled = pool_step(
            self.coupled, resorption, c.coupling_rate_per_year * dt, mx)
        self.reserve, reserve = pool_step(
            self.reserve, reserve_target(stimulus, c),
            c.osteoblast_rate_per_year * (stimulus + c.osteoblast_constant) * dt, mx)
        return resorption, reserve, coupled


# --- The bone ----------------------------------------------------------------


def _waning(x: Number) -> Number:
    """(1 - exp(-x)) / x for x below about 0.2, without dividing by zero."""
    return 1.0 - x * (0.5 - x * (1.0 / 6.0 - x * (1.0 / 24.0)))


class BonePush(NamedTuple):
    """What the cells do to one site over one step; it does not depend on how much bone
    there is, so that one person's course on a plan serves every age and every scan."""

    dt: float
    made: Number
    resorbed: Number
    unformed_share: Number
    reach: Number


def bone_push(resorption: Number, formation: Number, turnover: Number, unloading: Number,
              dt: float) -> BonePush:
    """Bone made (kappa F) and resorbed (kappa C) a year, and 1 - F."""
    resorbed = turnover * resorption
    return BonePush(dt, turnover * formation, resorbed, 1.0 - formation,
                    dt * _waning(resorbed * unloading * dt))


def bone_step(excess: Number, young: Number, loss: Number, push: BonePush, unloading: Number,
              mineralisation: Number, mx: Maths) -> tuple[Number, Number]:
    """One site over one step: bone above the untreated course (U), and young bone (Y).

    U' = kappa (F - q) + loss (1 - F), with q = C max(1 + g U, 0.2): bone beyond what
    loading asks for is resorbed faster, at the hip most. Untreated, F = q = 1, so U stays
    exactly 0 and density follows the table of untreated loss.
    Y' = kappa F - (kM + kappa q) Y: young bone is still taking up mineral.
    """
    dt, made, resorbed, unformed_share, reach = push
    removed = resorbed * mx.maximum(1.0 + unloading * excess, LEAST_RESORPTION)
    leaving = mineralisation + removed
    return (excess + reach * (made - removed + loss * unformed_share),
            young + dt * _waning(leaving * dt) * (made - leaving * young))


def density(untreated: Number, excess: Number, young: Number, young_before: Number,
            deficit: Number) -> Number:
    """Bone density relative to the start; young bone holds less mineral."""
    return untreated + (excess - deficit * (young - young_before)) / (1.0 - deficit * young_before)
