"""When medicines are given, and the time steps that follow from it."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise

from osteoteach.model.medicine_levels import Intake
from osteoteach.model.remodelling import Number

__all__ = ["MONTH", "Dose", "DailyIntake", "Schedule"]

#: Longest step for bone density. Twice as fine changes a result by less than 0.1 points.
MONTH = 1 / 12
# Half a minute: times that differ by rounding only are one.
SAME_TIME = 1e-6


@dataclass(frozen=True)
class Dose:
    """An injection or infusion: which level it raises, and by how many usual doses."""

    time_years: float
    level: str
    amount: Number = 1.0


@dataclass(frozen=True)
class DailyIntake:
    """A medicine taken steadily from start to end, on one lever of `Intake`."""

    start_years: float
    end_years: float
    lever: str
    amount: Number = 1.0


@dataclass(frozen=True)
class Schedule:
    """What is given, and when; any time, so a late dose is late.

    Parameters
    ----------
    end_years : float
        Length of the simulation.
    doses, intakes : tuple
    readings_years : tuple of float
        Further times that must fall on the end of a step, for example of a scan.
    """

    end_years: float
    doses: tuple[Dose, ...] = ()
    intakes: tuple[DailyIntake, ...] = ()
    readings_years: tuple[float, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is given within the simulated time."""
        return not any(dose.time_years < self.end_years for dose in self.doses) \
            and not any(intake.start_years < self.end_years for intake in self.intakes)

    def step_times(self, longest_years: float = MONTH) -> list[float]:
        """Ends of the steps; every dose, change and reading falls on one."""
        events = {0.0, self.end_years, *(dose.time_years for dose in self.doses),
                  *self.readings_years}
        for intake in self.intakes:
            events |= {intake.start_years, intake.end_years}
        ordered = sorted(time for time in events if 0 <= time <= self.end_years)
        times = [0.0]
        for right in ordered[1:]:
            left = times[-1]
            if right - left < SAME_TIME:
                continue
            pieces = max(1, math.ceil((right - left) / longest_years - 1e-6))
            times += [left + (right - left) * piece / pieces for piece in range(1, pieces + 1)]
        return times

    def intakes_by_step(self, times: list[float]) -> list[Intake]:
        """Daily medicines in every step."""
        steps = []
        for left, right in pairwise(times):
            amounts = dict.fromkeys(Intake._fields, 0.0)
            middle = 0.5 * (left + right)
            for intake in self.intakes:
                if intake.start_years <= middle < intake.end_years:
                    before, lever = amounts[intake.lever], intake.lever
                    amounts[lever] = before + intake.amount
                    if lever == "estrogen":
                        # Two medicines on one receptor cannot fill it more than once.
                        amounts[lever] = amounts[lever] - before * intake.amount
            steps.append(Intake(**amounts))
        return steps

    def doses_by_step(self, times: list[float]) -> dict[int, list[Dose]]:
        """Doses by the number of the step that they begin."""
        found: dict[int, list[Dose]] = {}
        for dose in self.doses:
            if dose.time_years < self.end_years - SAME_TIME:
                step = bisect_left(times, dose.time_years - SAME_TIME)
                found.setdefault(step, []).append(dose)
        return found
