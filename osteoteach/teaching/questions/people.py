"""The people and plans that a question describes, as values of the model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from osteoteach.model.patient import FragilityFracture, Lifestyle, Patient, RiskFactors
from osteoteach.model.plan import Course, Plan

__all__ = ["patient_from", "plan_from"]


def patient_from(fields: Mapping[str, Any]) -> Patient:
    """A `Patient` from plain data.

    Parameters
    ----------
    fields : mapping
        Fields of `Patient`. ``fractures`` is a list of sites or of
        ``{"site": "hip", "years_ago": 1}``.

    Examples
    --------
    >>> patient_from({"age_years": 71, "sex": "female", "fractures": ["hip"]}).has_fracture("hip")
    True
    """
    given = dict(fields)
    if "fractures" in given:
        given["fractures"] = [one if isinstance(one, str) else FragilityFracture(**one)
                              for one in given["fractures"]]
    if "lifestyle" in given:
        given["lifestyle"] = Lifestyle(**given["lifestyle"])
    if "risk_factors" in given:
        given["risk_factors"] = RiskFactors(**given["risk_factors"])
    return Patient(**given)


def plan_from(courses: Iterable[Mapping[str, Any]],
              lifestyle: Mapping[str, Any] | None = None) -> Plan:
    """A `Plan` from plain data.

    Examples
    --------
    >>> plan = plan_from([{"medicine": "alendronate", "start_years": 0, "end_years": 5}])
    >>> plan.courses[0].medicine
    'alendronate'
    """
    return Plan(courses=[Course(**course) for course in courses],
                lifestyle=Lifestyle(**lifestyle) if lifestyle else None)
