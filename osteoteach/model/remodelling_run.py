"""Follow a skeleton through a schedule, step by step: one person or a cohort."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from osteoteach.errors import InputError
from osteoteach.model.medicine_levels import Intake, MedicineLevels
from osteoteach.model.remodelling import (
    FLOATS,
    SITES,
    BonePush,
    Cells,
    Constants,
    Maths,
    Number,
    bone_push,
    bone_step,
    density,
    formation_rate,
    resorption_rate,
)
from osteoteach.model.schedule import MONTH, Schedule

__all__ = ["CellStep", "Trace", "cell_steps", "follow_site", "run_remodelling"]


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


class CellStep(NamedTuple):
    """One step of the cells: what they do to each site, and a blood sample at its end."""

    pushes: tuple[BonePush, ...]
    sample: tuple[Number, ...]


class _Bone:
    """One site: what stays the same, and its state."""

    __slots__ = ("deficit", "excess", "mineralisation", "mx", "unloading", "young",
                 "young_before")

    def __init__(self, site: str, c: Constants, sex: str, mx: Maths) -> None:
        turnover = c.turnover(site, sex)
        self.mx, self.unloading = mx, _unloading(site, c)
        self.mineralisation, self.deficit = c.mineralisation_rate_per_year, c.young_bone_deficit
        self.young_before = turnover / (self.mineralisation + turnover)
        self.young, self.excess = self.young_before, 0.0

    def advance(self, push: BonePush, before: Number, after: Number) -> Number:
        """Density at the end of a step over which the untreated one goes from ``before``
        to ``after``."""
        self.excess, self.young = bone_step(
            self.excess, self.young, (before - after) / push.dt, push, self.unloading,
            self.mineralisation, self.mx)
        return density(after, self.excess, self.young, self.young_before, self.deficit)


def _unloading(site: str, c: Constants) -> Number:
    return c.unloading_lumbar_spine if site == "lumbar_spine" else c.unloading_hip


def cell_steps(schedule: Schedule, times: Sequence[float], sites: Sequence[str],
               constants: Constants, sex: str = "female",
               mx: Maths = FLOATS) -> Iterator[CellStep]:
    """Follow the cells under a schedule; they know nothing of how much bone there is.

    Parameters
    ----------
    times : sequence of float
        ``schedule.step_times(...)``.
    sites : sequence of str
        What is done to them is told in this order.
    """
    c = constants
    intakes, doses = schedule.intakes_by_step(times), schedule.doses_by_step(times)
    about = [(c.anabolic_surface(site), c.turnover(site, sex), _unloading(site, c))
             for site in sites]
    levels, cells, resorption = MedicineLevels(), Cells(), 1.0
    for step, intake in enumerate(intakes):
        dt = times[step + 1] - times[step]
        for dose in doses.get(step, ()):
            levels.give(dose.level, dose.amount, resorption, c)
        push = levels.advance(intake, resorption, c, dt, mx)
        mean_resorption, reserve, coupled = cells.advance(
            push.drive, push.potency, push.stimulus, c, dt, mx)
        pushes = tuple(bone_push(
            mean_resorption,
            formation_rate(push.stimulus_at(surface), reserve, coupled, push.potency, c, mx),
            turnover, unloading, dt) for surface, turnover, unloading in about)
        sample = _sample(levels, cells, intake, c, mx)
        resorption = sample[0]
        yield CellStep(pushes, sample)


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
    times = schedule.step_times(longest_step_years)
    _check_untreated(untreated, times)
    bones = [(_Bone(site, constants, sex, mx), untreated[site]) for site in untreated]
    courses = [[given[0]] for _, given in bones]
    samples = [[1.0], [1.0], [1.0], [1.0], [1.0]]
    steps = cell_steps(schedule, times, tuple(untreated), constants, sex, mx)
    for step, (pushes, sample) in enumerate(steps):
        for (bone, given), push, course in zip(bones, pushes, courses, strict=True):
            course.append(bone.advance(push, given[step], given[step + 1]))
        for values, value in zip(samples, sample, strict=True):
            values.append(value)
    return Trace(times, dict(zip(untreated, courses, strict=True)), *samples)


def follow_site(site: str, pushes: Iterable[BonePush], untreated: Sequence[float],
                constants: Constants, sex: str = "female") -> list[float]:
    """Density of one site at the end of every step, from cells that were followed before.

    The same as the course of that site in `run_remodelling`: the cells of one plan need
    not be followed again for every age.
    """
    bone = _Bone(site, constants, sex, FLOATS)
    before, course = untreated[0], [untreated[0]]
    for push, after in zip(pushes, untreated[1:], strict=True):
        course.append(bone.advance(push, before, after))
        before = after
    return course


def _sample(levels: MedicineLevels, cells: Cells, intake: Intake, c: Constants,
            mx: Maths) -> tuple[Number, ...]:
    """What a blood sample shows at the end of the step, and the cells behind it: CTX,
    P1NP, osteoclast drive, precursors, osteoblast reserve."""
    push = levels.now(intake, c)
    # Serum P1NP comes from the whole skeleton, whose surface is closest to the hip's.
    p1np = formation_rate(push.stimulus_at(c.anabolic_surface_total_hip), cells.reserve,
                          cells.coupled, push.potency, c, mx)
    return (resorption_rate(push.drive, cells.precursors, push.potency), p1np, push.drive,
            cells.precursors, cells.reserve)


def _check_untreated(untreated: Mapping[str, Sequence[Number]], times: list[float]) -> None:
    for site, course in untreated.items():
        if site not in SITES or len(course) != len(times):
            raise InputError("untreated", f"must give {len(times)} values for a site of "
                             f"{', '.join(SITES)}", (site, len(course)),
                             "Use schedule.step_times().")
