"""Many persons on one plan: the equations of `remodelling` on arrays, chunk by chunk.

Each person has their own natural loss and, if wanted, their own constants: how fast
their bone is renewed, how they answer a medicine. No equation stands here; the loop is
that of `remodelling_run`, on one array a quantity.

Not answered here: persons on different plans (call once a plan), bands for one person
(`trajectory` has them), and markers of a cohort.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from osteoteach.errors import InputError
from osteoteach.model.model_constants import scales
from osteoteach.model.remodelling import Constants, array_maths
from osteoteach.model.remodelling_run import run_remodelling
from osteoteach.model.schedule import Schedule
from osteoteach.model.vocabulary import SEXES, checked_choice

if TYPE_CHECKING:
    import numpy as np

__all__ = ["follow_cohort"]

#: Persons followed at a time: fewer waste time between steps, more outgrow the cache of
#: the processor.
CHUNK_PERSONS = 4096
#: Largest natural loss, in average losses; beyond it a number is a slip of the pen.
LARGEST_MULTIPLIER = 100
SAME_TIME = 1e-6


def follow_cohort(schedule: Schedule, untreated: Mapping[str, Sequence[float]],
                  loss_multiplier: Sequence[float] | np.ndarray, constants: Constants,
                  at_years: Iterable[float], per_person: Mapping[str, Any] | None = None,
                  sex: str = "female", chunk_persons: int = CHUNK_PERSONS,
                  ) -> dict[str, np.ndarray]:
    """Bone density of every person of a cohort at a few times.

    Parameters
    ----------
    schedule : Schedule
        One for all; its amounts are plain numbers.
    untreated : mapping of site to sequence of float
        The average person's density without medicines, relative to the start, at every
        one of ``schedule.step_times()``. Its sites are the sites that are followed.
    loss_multiplier : array of float, shape (persons,)
        Each person's natural loss in average losses, -100 to 100, on the scale of log
        density: 2 is twice the yearly rate, 0 no loss, -1 a gain.
    constants : Constants
        Of the average person.
    at_years : iterable of float
        Times to keep, in years, each one of ``schedule.step_times()``.
    per_person : mapping of name to array of float, shape (persons,), optional
        Constants that differ between persons, in the units of
        ``data/model_parameters.csv``. The strength of a daily medicine is part of the
        schedule, so it cannot stand here.
    sex : str
        ``female`` or ``male``.
    chunk_persons : int
        Persons followed at a time. It changes memory and speed, never the answer.

    Returns
    -------
    dict of site to array of float, shape (times, persons)
        Density relative to the start (1 is the start; not a percentage).

    Raises
    ------
    InputError
        A value is missing, not finite or out of range, a shape is wrong, a name is
        unknown, or a time is not the end of a step.

    Examples
    --------
    Without medicines only natural loss is at work. It halves the average density here
    for the sake of the example: who loses twice as fast keeps a quarter.

    >>> plan = Schedule(end_years=1 / 6)
    >>> from osteoteach.model.model_constants import fitted_constants
    >>> found = follow_cohort(plan, {"total_hip": [1, 0.75, 0.5]}, [0, 1, 2],
    ...                       fitted_constants(), at_years=[1 / 6])
    >>> found["total_hip"].round(6).tolist()
    [[1.0, 0.5, 0.25]]
    """
    import numpy as np

    checked_choice("sex", sex, SEXES)
    _check_chunk(chunk_persons)
    _check_amounts(schedule)
    steps = _steps(schedule, at_years)
    average = _log_courses(untreated)
    multiplier = _array("loss_multiplier", loss_multiplier, None)
    _check_range("loss_multiplier", multiplier, -LARGEST_MULTIPLIER, LARGEST_MULTIPLIER)
    own = _own_constants(per_person or {}, constants, len(multiplier))
    found = {site: np.empty((len(steps), len(multiplier))) for site in average}
    for start in range(0, len(multiplier), chunk_persons):
        part = slice(start, start + chunk_persons)
        chunk = _follow_chunk(
            schedule, average, multiplier[part],
            constants.with_values(**{name: values[part] for name, values in own.items()}),
            steps, sex)
        for site, rows in chunk.items():
            for kept, row in zip(found[site], rows, strict=True):
                kept[part] = row
    return found


def _follow_chunk(schedule: Schedule, log_average: Mapping[str, Sequence[float]],
                  multiplier: np.ndarray, constants: Constants, steps: Sequence[int],
                  sex: str) -> dict[str, list[np.ndarray]]:
    """The densities to keep. A function of its own, so that the course of one chunk is
    forgotten before the next begins."""
    courses = {site: _OwnCourse(course, multiplier) for site, course in log_average.items()}
    trace = run_remodelling(schedule, courses, constants, sex, array_maths())
    return {site: [course[step] for step in steps] for site, course in trace.density.items()}


class _OwnCourse:
    """Untreated densities of a chunk, made when the loop asks for them: a whole course
    would take a hundred times the memory."""

    def __init__(self, log_average: Sequence[float], multiplier: np.ndarray) -> None:
        self._log_average, self._multiplier = log_average, multiplier
        self._step, self._density = -1, None

    def __len__(self) -> int:
        return len(self._log_average)

    def __getitem__(self, step: int) -> np.ndarray:
        import numpy as np

        if step != self._step:  # the loop asks for each step three times running
            self._step = step
            self._density = np.exp(self._log_average[step] * self._multiplier)
        return self._density


# --- Checks ------------------------------------------------------------------


def _check_chunk(chunk_persons: int) -> None:
    whole = isinstance(chunk_persons, numbers.Integral) and not isinstance(chunk_persons, bool)
    if not whole or chunk_persons < 1:
        raise InputError("chunk_persons", "must be a whole number, 1 or more", chunk_persons,
                         f"Leave it out for {CHUNK_PERSONS}.")


def _check_amounts(schedule: Schedule) -> None:
    if not isinstance(schedule, Schedule):
        raise InputError("schedule", "must be a Schedule", schedule,
                         "Write plan.schedule(years, constants).")
    for given in (*schedule.doses, *schedule.intakes):
        if not isinstance(given.amount, numbers.Real):
            raise InputError("schedule", "must hold plain numbers as amounts", given,
                             "One schedule is for all persons: call once for each.")


def _steps(schedule: Schedule, at_years: Iterable[float]) -> list[int]:
    """The number of the step end at each time asked for."""
    if isinstance(at_years, str) or not isinstance(at_years, Iterable):
        raise InputError("at_years", "must be a list of times", at_years, "Write at_years=[1, 5].")
    times, steps = schedule.step_times(), []
    for time in at_years:
        near = [step for step, end in enumerate(times)
                if isinstance(time, numbers.Real) and abs(end - time) < SAME_TIME]
        if not near:
            raise InputError("at_years", "must be ends of steps, which reach from 0 to "
                             f"{schedule.end_years:g} years", time,
                             "Add the time to readings_years of the schedule.")
        steps.append(near[0])
    if not steps:
        raise InputError("at_years", "must hold at least one time", at_years,
                         "Give the years at which density is wanted.")
    return steps


def _log_courses(untreated: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    if not untreated:
        raise InputError("untreated", "must have at least one site", untreated,
                         "Give the untreated course of each site to follow.")
    for site, course in untreated.items():
        for value in course:
            if not (isinstance(value, numbers.Real) and 0 < value < math.inf):
                raise InputError("untreated", f"must be densities above 0 ({site})", value,
                                 "Give the average person's density relative to the start.")
    return {site: [math.log(value) for value in course] for site, course in untreated.items()}


def _array(name: str, values: Any, persons: int | None) -> np.ndarray:
    """A copy in one piece: one number a person."""
    import numpy as np

    rule = "must be one number a person" + ("" if persons is None else f", {persons} in all")
    remedy = "Give a one-dimensional array."
    try:
        array = np.array(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError(name, rule, values, remedy) from None
    if array.ndim != 1 or (persons is not None and len(array) != persons):
        raise InputError(name, rule, f"an array of shape {array.shape}", remedy)
    return array


def _check_range(name: str, values: np.ndarray, low: float, high: float,
                 open_ends: bool = False) -> None:
    import numpy as np

    # Written so that NaN fails.
    good = (values > low) & (values < high) if open_ends else (values >= low) & (values <= high)
    if not good.all():
        person = int(np.argmin(good))
        between = f"above {low:g} and below {high:g}" if open_ends else f"from {low:g} to {high:g}"
        raise InputError(f"{name} (person {person})", f"must be {between}",
                         float(values[person]), "Correct the number.")


def _own_constants(per_person: Mapping[str, Any], constants: Constants,
                   persons: int) -> dict[str, np.ndarray]:
    for name in Constants.__dataclass_fields__:
        if not isinstance(getattr(constants, name, None), numbers.Real):
            raise InputError("constants", "must be Constants of plain numbers", name,
                             "Put what differs between persons in per_person.")
    constants.with_values(**per_person)  # refuses an unknown name
    own = {}
    for name, values in per_person.items():
        if name.endswith("_strength"):
            raise InputError("per_person", "must not hold the strength of a daily medicine",
                             name, "It is part of the schedule: call once for each strength.")
        own[name] = _array(name, values, persons)
        _check_range(name, own[name], 0, math.inf if scales()[name] == "log" else 1, True)
    return own
