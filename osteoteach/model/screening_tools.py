"""Simple tools that choose whom to scan: OST, ORAI, SCORE, ABONE, body weight and OSIRIS.

Answers: the score of a tool for a person with its cut-off, and its published accuracy.
Refuses: a tool for people it was not made for, or with an input missing.

The score functions take floats or NumPy arrays of equal length.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from osteoteach.errors import InputError
from osteoteach.evidence import table
from osteoteach.model.diagnosis import STATUS_NEEDED_BELOW_AGE
from osteoteach.model.patient import Patient
from osteoteach.model.vocabulary import checked_choice, checked_kind

__all__ = ["ScreenResult", "ToolAccuracy", "abone_score", "is_positive", "is_postmenopausal",
           "orai_score", "osiris_score", "ost_score", "published_cut_off", "score_score", "screen",
           "tool_accuracy", "tool_names"]

POUND_KG = 0.45359237  # definition of the pound
# Protects whole numbers from the last bit of a product before they are cut.
_LAST_BIT = 1e-9
_SCORE_SITES = ("distal_forearm", "hip", "rib")


# The scores --------------------------------------------------------------------------


@functools.cache
def _rows(tool: str) -> tuple[Mapping[str, Any], ...]:
    return tuple(row for row in table("screening_tools") if row["tool"] == tool)


@functools.cache
def _row(tool: str, item: str) -> Mapping[str, Any]:
    return next(row for row in _rows(tool) if row["item"] == item)


def _cut(value):
    """Toward zero, to a whole number."""
    up = (value >= 0) * ((value + _LAST_BIT) // 1)
    # Adding zero turns -0.0 into 0.0.
    return up - (value < 0) * ((_LAST_BIT - value) // 1) + 0.0


def _band_points(tool: str, item: str, value):
    """Points of the band that holds ``value``: from its lower to below its upper limit."""
    total = 0 * value
    for row in _rows(tool):
        if row["item"] != item or row["kind"] not in ("band", "above"):
            continue
        low = -math.inf if row["from_value"] is None else row["from_value"]
        high = math.inf if row["to_value"] is None else row["to_value"]
        reached = value > low if row["kind"] == "above" else value >= low
        total = total + row["points"] * (reached & (value < high))
    return total


def ost_score(age_years, weight_kg):
    """Osteoporosis Self-assessment Tool: low is bad.

    Examples
    --------
    By hand: 0.2 x (60 - 68) = -1.6, cut to -1.

    >>> ost_score(68, 60)
    -1.0
    """
    return _cut(_row("ost", "weight_minus_age")["points"] * (weight_kg - age_years) * 1.0)


def orai_score(age_years, weight_kg, estrogen_now):
    """Osteoporosis Risk Assessment Instrument: high is bad.

    Examples
    --------
    By hand: 9 for 68 years, 3 for 60 kg, 2 without estrogen.

    >>> orai_score(68, 60, False)
    14.0
    """
    return (_band_points("orai", "age", age_years) + _band_points("orai", "weight", weight_kg)
            + _row("orai", "no_estrogen_now")["points"] * (1 - estrogen_now))


def score_score(age_years, weight_kg, rheumatoid_arthritis, fractures_after_45, estrogen_ever,
                black):
    """Simple Calculated Osteoporosis Risk Estimation: high is bad.

    Below 100 years the first digit of the age is its tens.

    Examples
    --------
    By hand: 5 not Black, 0, 4 for one fracture, 3 x 6, 1 never estrogen, less 13 for
    60 kg (132 lb).

    >>> score_score(68, 60, False, 1, False, False)
    15.0
    """
    fracture = _row("score", "fractures")
    uncapped, most = fracture["points"] * fractures_after_45, fracture["to_value"]
    capped = uncapped - (uncapped - most) * (uncapped > most)
    return (_row("score", "not_black")["points"] * (1 - black)
            + _row("score", "rheumatoid_arthritis")["points"] * rheumatoid_arthritis + capped
            + _row("score", "age_tens")["points"] * (age_years // 10)
            + _row("score", "never_estrogen")["points"] * (1 - estrogen_ever)
            + _row("score", "weight_ten_pounds")["points"] * _cut(weight_kg / POUND_KG / 10))


def abone_score(age_years, weight_kg, estrogen_six_months):
    """Age, Body size, No Estrogen: high is bad.

    Examples
    --------
    By hand: 1 for over 65 years, 1 under 63.5 kg, 1 never six months of estrogen.

    >>> abone_score(68, 60, False)
    3.0
    """
    return (_band_points("abone", "age", age_years)
            + _band_points("abone", "weight", weight_kg)
            + _row("abone", "no_estrogen_six_months")["points"] * (1 - estrogen_six_months))


def osiris_score(age_years, weight_kg, estrogen_now, fracture):
    """Osteoporosis Index of Risk: low is bad. OST that is not cut, and two more items.

    Examples
    --------
    By hand: 0.2 x (60 - 68) = -1.6, less 2 for a fracture.

    >>> round(osiris_score(68, 60, False, True), 1)
    -3.6
    """
    return (_row("osiris", "weight_minus_age")["points"] * (weight_kg - age_years)
            + _row("osiris", "estrogen_now")["points"] * estrogen_now
            + _row("osiris", "fracture")["points"] * fracture)


@functools.cache
def tool_names() -> tuple[str, ...]:
    """Tools that can be computed.

    Examples
    --------
    >>> tool_names()
    ('ost', 'orai', 'score', 'abone', 'body_weight', 'osiris')
    """
    return tuple(row["tool"] for row in table("screening_tools")
                 if row["kind"].startswith("positive"))


@functools.cache
def _cut_off_row(tool: str) -> Mapping[str, Any]:
    return next(row for row in _rows(tool) if row["kind"].startswith("positive"))


def published_cut_off(tool: str) -> float:
    """The limit of a tool, in its points.

    Examples
    --------
    >>> published_cut_off("orai"), published_cut_off("osiris")
    (9.0, 1.0)
    """
    row = _cut_off_row(checked_choice("tool", tool, tool_names()))
    return row["from_value"] if row["kind"] == "positive_from" else row["to_value"]


def is_positive(tool: str, score, cut_off: float | None = None):
    """Whether a score means: scan. ``cut_off`` moves the published one.

    Examples
    --------
    >>> is_positive("ost", -1.0), is_positive("orai", 8.0), is_positive("ost", 2.0)
    (True, False, False)
    """
    kind = _cut_off_row(checked_choice("tool", tool, tool_names()))["kind"]
    limit = published_cut_off(tool) if cut_off is None else cut_off
    if kind == "positive_up_to":
        return score <= limit + _LAST_BIT
    return score < limit if kind == "positive_below" else score >= limit


@dataclass(frozen=True)
class ToolAccuracy:
    """How a tool did in one published study (sensitivity and specificity in %)."""

    tool: str
    cut_off: str
    population: str
    target: str
    sensitivity_pct: float | None
    specificity_pct: float | None
    auc: float | None
    n: int
    source_id: str
    note: str | None


def tool_accuracy(tool: str | None = None) -> tuple[ToolAccuracy, ...]:
    """Published accuracy, of one tool or of all; also of one that is not computed here.

    Examples
    --------
    >>> [one.sensitivity_pct for one in tool_accuracy("ost") if one.n == 5165]
    [79.8]
    """
    if tool is not None:
        checked_choice("tool", tool, {row["tool"] for row in table("screening_tools")})
    names = [name for name in ToolAccuracy.__dataclass_fields__ if name != "cut_off"]
    return tuple(ToolAccuracy(cut_off=row["words"], **{name: row[name] for name in names})
                 for row in table("screening_tools")
                 if row["kind"] == "accuracy" and tool in (None, row["tool"]))


# A tool on a person ------------------------------------------------------------------


@dataclass(frozen=True)
class ScreenResult:
    """A tool's answer for one person.

    Attributes
    ----------
    score : float
        Points; for ``body_weight`` the weight in kg.
    positive : bool
        Whether the tool says: scan.
    formula : str
        The items and the cut-off in words.
    """

    tool: str
    score: float
    cut_off: str
    positive: bool
    formula: str
    population: str
    source_id: str
    accuracy: tuple[ToolAccuracy, ...]


def screen(tool: str, patient: Patient, *, estrogen_now: bool | None = None,
           estrogen_ever: bool | None = None, estrogen_six_months: bool | None = None,
           black: bool | None = None, fractures_after_45: int | None = None) -> ScreenResult:
    """Apply a screening tool to a person.

    Parameters
    ----------
    tool : str
        One of `tool_names`.
    patient : Patient
        A postmenopausal woman with a weight.
    estrogen_now : bool, optional
        Takes estrogen (needed by ORAI and OSIRIS).
    estrogen_ever : bool, optional
        Ever took estrogen (SCORE).
    estrogen_six_months : bool, optional
        Ever took the pill or estrogen for six months (ABONE).
    black : bool, optional
        SCORE, as published, gives points for race.
    fractures_after_45 : int, optional
        Minimal-trauma fractures of wrist, hip or rib after 45 (SCORE); counted from
        the patient's dated fractures where it is not given.

    Returns
    -------
    ScreenResult

    Raises
    ------
    InputError
        The tool is not known, was not made for this person, or lacks an input.

    Examples
    --------
    >>> woman = Patient(age_years=68, sex="female", menopausal_status="postmenopausal",
    ...                 weight_kg=60)
    >>> result = screen("ost", woman)
    >>> result.score, result.positive
    (-1.0, True)
    """
    checked_choice("tool", tool, tool_names())
    _check_person(patient)
    age, weight = patient.age_years, patient.weight_kg
    if tool == "ost":
        score = ost_score(age, weight)
    elif tool == "orai":
        score = orai_score(age, weight, _given("estrogen_now", estrogen_now))
    elif tool == "osiris":
        score = osiris_score(age, weight, _given("estrogen_now", estrogen_now),
                             patient.has_fracture())
    elif tool == "abone":
        score = abone_score(age, weight, _given("estrogen_six_months", estrogen_six_months))
    elif tool == "score":
        count = _fractures_after(patient) if fractures_after_45 is None else fractures_after_45
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise InputError("fractures_after_45", "must be a whole number from 0", count,
                             "Count wrist, hip and rib fractures after 45.")
        score = score_score(age, weight, patient.risk_factors.rheumatoid_arthritis, count,
                            _given("estrogen_ever", estrogen_ever), _given("black", black))
    else:
        score = weight
    row = _cut_off_row(tool)
    items = [one["words"] for one in _rows(tool) if one["points"] is not None]
    return ScreenResult(tool, float(score), row["words"], bool(is_positive(tool, score)),
                        "; ".join([*items, f"scan if {row['words']}"]), row["population"],
                        row["source_id"], tool_accuracy(tool))


def _given(name: str, value: bool | None) -> bool:
    if not isinstance(value, bool):
        raise InputError(name, "is needed by this tool, as True or False", value,
                         f"Give {name}=True or {name}=False.")
    return value


def is_postmenopausal(patient: Patient) -> bool:
    """Whether a woman is past the menopause; from 60 years it need not be stated.

    Examples
    --------
    >>> is_postmenopausal(Patient(age_years=66, sex="female"))
    True
    """
    if patient.menopausal_status is not None:
        return patient.menopausal_status == "postmenopausal"
    return patient.sex == "female" and (patient.menopause_age_years is not None
                                        or patient.age_years >= STATUS_NEEDED_BELOW_AGE)


def _check_person(patient: Patient) -> None:
    checked_kind("patient", patient, Patient)
    if patient.sex != "female":
        raise InputError("sex", "must be female: the tool was made for postmenopausal women",
                         patient.sex, "Use the rules of screening_rules.")
    if not is_postmenopausal(patient):
        raise InputError("menopausal_status", "must be postmenopausal for this tool",
                         patient.menopausal_status, "Give the status, or use screening_rules.")
    if patient.weight_kg is None:
        raise InputError("weight_kg", "is needed by this tool", None, "Give the weight in kg.")


def _fractures_after(patient: Patient) -> int:
    """Fractures that SCORE counts; an undated one cannot be placed."""
    counted = [one for one in patient.fractures if one.site in _SCORE_SITES]
    if any(one.years_ago is None for one in counted):
        raise InputError("fractures_after_45", "is needed where a fracture has no date", None,
                         "Give years_ago of the fracture, or fractures_after_45.")
    after = _row("score", "fractures")["from_value"]
    return sum(patient.age_years - one.years_ago > after for one in counted)
