"""Follow a skeleton through a schedule, step by step: one person or a cohort."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from osteoteach.errors import InputError
from osteoteach.model.medicine_levels import Intake, MedicineLevels
from osteoteach.model.remodelling import (
    FLOATS,
    SITES,
    Cells,
    Constants,
    Maths,
    Number,
    bone_step,
    density,
    formation_rate,
    resorption_rate,
)
from osteoteach.model.schedule import MONTH, Schedule

__all__ = ["Trace", "run_remodelling"]


class Trace(NamedTuple):
    """The course at the end of every step: floats, or arrays of one value a person.

    Attributes
    ----------
    density : by site, relative to the start.
    ctx, p1np : ratios to before treatment, as a blood sample shows them; a dose due
        at that moment is given after the sample.
    osteoclast_drive, precursors, osteoblast_reserve : the biology behind, 1 untreated.
    """

    time_years: list[float]
    density: dict[str, list[Number]]
    ctx: list[Number]
    p1np: list[Number]
    osteoclast_drive: list[Number]
    precursors: list[Number]
    osteoblast_reserve: list[Number]


class _Bone:
    """One site: what stays the same, and its state."""

    __slots__ = ("excess", "quiet_surface", "site", "turnover", "unloading", "untreated",
                 "young", "young_before")

    def __init__(self, site: str, untreated: Sequence[Number], c: Constants, sex: str) -> None:
        self.site, self.untreated = site, untreated
        self.turnover = c.turnover(site, sex)
        self.unloading = (c.unloading_lumbar_spine if site == "lumbar_spine"
                          else c.unloading_hip)
        self.quiet_surface = c.quiet_surface(site)
        self.young_before = self.turnover / (c.mineralisation_rate_per_year + self.turnover)
        self.young, self.excess = self.young_before, 0.0


def run_remodelling(schedule: Schedule, untreated: Mapping[str, Sequence[Number]],
                    constants: Constants, sex: str = "female", mx: Maths = FLOATS,
                    longest_step_years: float = MONTH) -> Trace:
    """Follow the skeleton through a schedule.

    Parameters
    ----------
    schedule : Schedule
    untreated : mapping of site to sequence
        Density without medicines, relative to the start, at every one of
        ``schedule.step_times(longest_step_years)``: given, never fitted. Its sites
        are the sites that are followed; with none, only the cells are.
    constants : Constants
    sex : str
    mx : Maths
        `FLOATS` for one scenario, `array_maths` for a cohort.
    longest_step_years : float
        A month for density; a week shows every turn of the markers.

    Returns
    -------
    Trace

    Raises
    ------
    InputError
        An untreated course of an unknown site or of the wrong length.
    """
    c, times = constants, schedule.step_times(longest_step_years)
    _check_untreated(untreated, times)
    intakes, doses = schedule.intakes_by_step(times), schedule.doses_by_step(times)
    bones = [_Bone(site, untreated[site], c, sex) for site in untreated]
    levels, cells, resorption = MedicineLevels(), Cells(), 1.0
    trace = Trace(times, {bone.site: [bone.untreated[0]] for bone in bones},
                  [1.0], [1.0], [1.0], [1.0], [1.0])
    for step, intake in enumerate(intakes):
        dt = times[step + 1] - times[step]
        for dose in doses.get(step, ()):
            levels.give(dose.level, dose.amount, resorption, c)
        push = levels.advance(intake, resorption, c, dt, mx)
        mean_resorption, reserve, coupled = cells.advance(
            push.drive, push.potency, push.stimulus, c, dt, mx)
        for bone in bones:
            formation = formation_rate(push.stimulus, push.modelling * bone.quiet_surface,
                                       reserve, coupled, push.potency, c, mx)
            loss = (bone.untreated[step] - bone.untreated[step + 1]) / dt
            bone.excess, bone.young = bone_step(
                bone.excess, bone.young, mean_resorption, formation, loss,
                bone.turnover, bone.unloading, c, dt, mx)
            trace.density[bone.site].append(density(
                bone.untreated[step + 1], bone.excess, bone.young, bone.young_before, c))
        resorption = _record_sample(trace, levels, cells, intake, c, mx)
    return trace


def _record_sample(trace: Trace, levels: MedicineLevels, cells: Cells, intake: Intake,
                   c: Constants, mx: Maths) -> Number:
    """Write down what a blood sample shows at the end of the step; returns CTX."""
    push = levels.now(intake, c)
    ctx = resorption_rate(push.drive, cells.precursors, push.potency)
    # Serum P1NP comes from the whole skeleton, whose surface is closest to the hip's.
    p1np = formation_rate(push.stimulus, push.modelling * c.quiet_surface_total_hip,
                          cells.reserve, cells.coupled, push.potency, c, mx)
    trace.ctx.append(ctx)
    trace.p1np.append(p1np)
    trace.osteoclast_drive.append(push.drive)
    trace.precursors.append(cells.precursors)
    trace.osteoblast_reserve.append(cells.reserve)
    return ctx


def _check_untreated(untreated: Mapping[str, Sequence[Number]], times: list[float]) -> None:
    for site, course in untreated.items():
        if site not in SITES or len(course) != len(times):
            raise InputError("untreated", f"must give {len(times)} values for a site of "
                             f"{', '.join(SITES)}", (site, len(course)),
                             "Use schedule.step_times().")
