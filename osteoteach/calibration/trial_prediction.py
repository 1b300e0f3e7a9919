"""What the model says a trial would publish."""

from __future__ import annotations

import math
from collections.abc import Sequence

from osteoteach.calibration.published_arms import Arm, TrialRow
from osteoteach.model.patient import Patient
from osteoteach.model.plan import Plan
from osteoteach.model.remodelling import SITES, Constants
from osteoteach.model.remodelling_run import Trace, run_remodelling
from osteoteach.model.untreated_loss import untreated_segments

__all__ = ["on_error_scale", "predict_arm", "untreated_courses"]


def untreated_courses(patient: Patient, times: Sequence[float],
                      extra_loss_per_year: float = 0.0) -> dict[str, list[float]]:
    """Density without treatment at all three sites, relative to the start.

    ``extra_loss_per_year`` (a fraction) is by how much this population loses faster
    than the table says.
    """
    courses = {}
    for site in SITES:
        segments = untreated_segments(patient, site, max(times[-1], 1e-6))
        values, place = [], 0
        total = 0.0
        for time in times:
            while segments[place].end_years < time and place + 1 < len(segments):
                part = segments[place]
                total += part.log_rate * (part.end_years - part.start_years)
                place += 1
            part = segments[place]
            values.append(math.exp(total + part.log_rate * (time - part.start_years)
                                   - extra_loss_per_year * time))
        courses[site] = values
    return courses


def predict_arm(arm: Arm, constants: Constants, extra_loss_per_year: float = 0.0) -> list[float]:
    """Prediction for every row of an arm: percent, or ratio for a marker."""
    readings = sorted({row.time_years for row in arm.rows}
                      | {row.switch_years for row in arm.rows if row.switch_years})
    trace, untreated = _course(arm.patient, arm.plan, readings, constants, extra_loss_per_year)
    other = None
    if any(row.reference == "vs_arm" for row in arm.rows):
        other, _ = _course(arm.patient, arm.comparator, readings, constants, extra_loss_per_year)
    place = {round(time, 7): step for step, time in enumerate(trace.time_years)}
    return [_value(row, trace, untreated, other, place) for row in arm.rows]


def _course(patient: Patient, plan: Plan, readings: Sequence[float], constants: Constants,
            extra: float) -> tuple[Trace, dict[str, list[float]]]:
    # Both arms of a comparison get the same steps, so that readings share their place.
    schedule = plan.schedule(readings[-1], constants, readings)
    times = schedule.step_times()
    untreated = untreated_courses(patient, times, extra)
    return run_remodelling(schedule, untreated, constants, patient.sex), untreated


def _value(row: TrialRow, trace: Trace, untreated: dict[str, list[float]],
           other: Trace | None, place: dict[float, int]) -> float:
    now = place[round(row.time_years, 7)]
    if row.is_marker:
        marker = getattr(trace, row.site)
        if row.reference == "switch_point":
            return marker[now] / marker[place[round(row.switch_years, 7)]]
        if row.reference == "vs_arm":
            return marker[now] / _at(other, getattr(other, row.site), row.time_years)
        return marker[now]
    course = trace.density[row.site]
    if row.reference == "switch_point":
        return 100 * (course[now] / course[place[round(row.switch_years, 7)]] - 1)
    if row.reference == "vs_placebo":
        # Trials report the difference of two percent changes.
        return 100 * (course[now] - untreated[row.site][now])
    if row.reference == "vs_arm":
        return 100 * (course[now] - _at(other, other.density[row.site], row.time_years))
    return 100 * (course[now] - 1)


def _at(trace: Trace, values: list[float], time_years: float) -> float:
    times = trace.time_years
    return values[min(range(len(times)), key=lambda step: abs(times[step] - time_years))]


def on_error_scale(arm: Arm, predicted: Sequence[float]) -> list[float]:
    """Percent stays; a marker becomes its logarithm, on which its error is even."""
    return [math.log(value) if row.is_marker else value
            for row, value in zip(arm.rows, predicted, strict=True)]
