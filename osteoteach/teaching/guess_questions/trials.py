"""What the questions about a plan share: the axis, and the trials of the same plan."""

from __future__ import annotations

from osteoteach.calibration.published_arms import arms_with_plan
from osteoteach.model.plan import Plan
from osteoteach.teaching.guesses import Published

__all__ = ["CHANGE_SCALE_PCT", "trials_with_plan"]

CHANGE_SCALE_PCT = (-40.0, 40.0)
# A trial's reading counts for a time that lies within a month of it.
SAME_MONTH_YEARS = 1 / 12
MOST_TRIALS = 3


def trials_with_plan(plan: Plan, sex: str, site: str, years: float) -> tuple[Published, ...]:
    """Published arms with the same medicines, read at the same time."""
    found = [Published(f"{arm.trial}: {arm.label}", row.value, row.low, row.high, row.source_id,
                       "trials", row.row_id)
             for arm, rows in arms_with_plan(plan, sex) for row in rows
             if row.site == site and abs(row.time_years - years) <= SAME_MONTH_YEARS]
    return tuple(found[:MOST_TRIALS])
