"""Every published number beside its prediction, as one table for lessons and charts.

It scores nothing by itself (see `osteoteach.calibration.scores`) and it says nothing
about one person: each row is the average of a group in a trial.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from osteoteach.calibration.published_arms import published_arms
from osteoteach.calibration.scores import Prediction, predictions
from osteoteach.model.plan import Plan

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["prediction_table"]


def prediction_table() -> pd.DataFrame:
    """One row a published number, in the order of ``data/trials.csv`` by arm.

    Takes about ten seconds the first time; afterwards it is remembered.

    Returns
    -------
    pandas.DataFrame
        trial, arm : as in the table of trials.
        medicines : courses in years from the first medicine, and after "against" those
            of the arm it is compared with: ``"denosumab 0-1; alendronate 1-2"``. A
            factor, ``"alendronate 0-4*0.5"``, is a dose in usual doses.
        role : ``calibration`` (the fit saw it) or ``holdout`` (it did not).
        sex : of the participants.
        site : ``lumbar_spine``, ``total_hip``, ``femoral_neck``, ``ctx`` or ``p1np``.
        time_years : from the first medicine of the arm.
        reference : what the change is counted from: ``first_drug_baseline``,
            ``switch_point``, ``vs_placebo`` or ``vs_arm``.
        published, predicted : percent change of BMD; for a marker the ratio to the
            reference.
        low, high : 90% band for the published number, in its unit.
        error : predicted less published, in percentage points; for a marker the
            natural logarithm of predicted over published.
        inside : whether the published number lies in its band.

    Examples
    --------
    An error is the difference of two columns:

    >>> one = prediction_table().iloc[0]
    >>> f"{one.trial}, {one.site} after {one.time_years:g} year: {one.published:+g}%"
    'FREEDOM, total_hip after 1 year: +3.2%'
    >>> bool(abs(one.predicted - one.published - one.error) < 1e-9)
    True
    """
    import pandas as pd

    return pd.DataFrame(list(_rows()))


@functools.cache
def _rows() -> tuple[dict, ...]:
    return tuple(_row(one) for one in predictions(published_arms()))


def _row(one: Prediction) -> dict:
    low, high = one.band
    return {"trial": one.arm.trial, "arm": one.arm.label, "medicines": _medicines(one),
            "role": one.row.role, "sex": one.arm.patient.sex, "site": one.row.site,
            "time_years": float(one.row.time_years), "reference": one.row.reference,
            "published": float(one.row.value), "predicted": float(one.predicted),
            "low": float(low), "high": float(high), "error": float(one.error),
            "inside": bool(one.covered)}


def _medicines(one: Prediction) -> str:
    given = _courses(one.arm.plan)
    if one.row.reference == "vs_arm":
        return f"{given} against {_courses(one.arm.comparator)}"
    return given


def _courses(plan: Plan) -> str:
    """The short form of the table of trials."""
    return "; ".join(
        f"{course.medicine} {course.start_years:g}-{course.end_years:g}"
        + ("" if course.usual_doses == 1 else f"*{course.usual_doses:g}")
        for course in plan.courses) or "no medicine"
