"""What a change of lifestyle does to bone, effect by effect, from ``data/``.

Three kinds of effect. A *step* is a one-off gain, approached with a time
constant and lost when the habit stops (exercise, calcium, protein). A *rate*
adds to the yearly change (smoking). A *multiplier* scales the untreated loss
(weight change in women). Only the difference between how a person lives now and
the plan counts: someone who already trains gains nothing from going on, and
loses by stopping.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from osteoteach.errors import InputError
from osteoteach.evidence import source, table
from osteoteach.model.patient import Lifestyle, Patient
from osteoteach.model.untreated_loss import CI95_WIDTH_IN_SE, assumed, menopause_assumption
from osteoteach.model.vocabulary import plain_name

__all__ = ["Effect", "dose_share", "effects_of_change", "planned_lifestyle",
           "recommended_intake", "unused_statements"]

MODEL_SITES = ("lumbar_spine", "total_hip", "femoral_neck")
GRAMS_IN_US_DRINK = 14


@dataclass(frozen=True)
class Effect:
    """One lifestyle effect at one site, already scaled to this person's change.

    Attributes
    ----------
    kind : str
        ``step`` (log BMD gained in the end), ``rate`` (log BMD a year) or
        ``multiplier`` (of the untreated loss).
    mean, sd : float
        In that unit; ``sd`` is the uncertainty of the mean between studies.
        How much persons differ in their response was not found published.
    time_constant_years : float
        For a step: after this time 63% of it has been reached.
    starts_years, lasts_years : float
        For a rate or multiplier: when it begins to act, and for how long.
    has_interval : bool
        Whether an interval was published; without one ``sd`` is zero.
    """

    effect_id: str
    exposure: str
    label: str
    kind: str
    mean: float
    sd: float
    time_constant_years: float
    starts_years: float
    lasts_years: float
    has_interval: bool
    source_ids: tuple[str, ...]


Row = Mapping[str, Any]


@functools.cache
def _rows(exposure: str, level: str, site: str) -> tuple[Row, ...]:
    return tuple(row for row in table("lifestyle_effects")
                 if (row["exposure"], row["level"], row["site"]) == (exposure, level, site))


def _row(exposure: str, level: str, site: str, patient: Patient) -> Row | None:
    """The row for this person's sex, if there is one."""
    for row in _rows(exposure, level, site):
        if row["sex"] in ("both", patient.sex):
            return row
    return None


def planned_lifestyle(patient: Patient, plan: Lifestyle | None) -> Lifestyle:
    """The plan with everything it leaves unsaid taken from how the person lives now."""
    if plan is None:
        return patient.lifestyle
    now = patient.lifestyle
    names = ["calcium_mg_day", "vitamin_d_iu_day", "protein_g_kg_day", "smoking", "alcohol_g_day"]
    changes = {name: getattr(now, name) for name in names if getattr(plan, name) is None}
    if plan.exercise is None:
        changes |= {"exercise": now.exercise,
                    "exercise_sessions_per_week": now.exercise_sessions_per_week}
    return replace(plan, **changes)


def unused_statements(patient: Patient, plan: Lifestyle | None) -> list[str]:
    """What plan and patient say that the model cannot count, in words for the reader."""
    notes = []
    if plan is not None:
        for name, words in (("calcium_mg_day", "calcium"), ("protein_g_kg_day", "protein")):
            if getattr(plan, name) is not None and getattr(patient.lifestyle, name) is None:
                notes.append(f"Present {words} intake is not stated, so no effect of the planned "
                             f"intake is counted. Give {name} in the patient's lifestyle.")
        protein = planned_lifestyle(patient, plan).protein_g_kg_day
        if protein != patient.lifestyle.protein_g_kg_day and recommended_intake(
                "protein_g_kg_day", patient.sex, int(patient.age_years)) is None:
            notes.append("A recommended protein intake was confirmed from 65 years on only, so "
                         "protein is not counted for this person.")
        if plan.smoking == "former" and patient.lifestyle.smoking == "never":
            raise InputError("smoking", "cannot become former for someone who never smoked",
                             plan.smoking, "Leave smoking out of the plan.")
    then = planned_lifestyle(patient, plan)
    notes += _uncounted_intakes(patient, then)
    notes += _uncounted_sessions(patient, then)
    notes += _uncounted_weight(patient, then)
    drinks = (then.alcohol_g_day or 0) / GRAMS_IN_US_DRINK
    if drinks > _rows("alcohol", "light", "total_hip")[0]["dose_full"]:
        notes.append("More than two drinks a day: sources on BMD conflict, so no effect on bone "
                     "density is counted. Fracture risk is another matter: see `fracture_risk`.")
    return notes


def _uncounted_intakes(patient: Patient, then: Lifestyle) -> Iterator[str]:
    """Intakes that change and count for nothing, and those above their upper limit."""
    for nutrient, name, unit in (("calcium", "calcium_mg_day", "mg"),
                                 ("protein", "protein_g_kg_day", "g/kg")):
        before, after = getattr(patient.lifestyle, name), getattr(then, name)
        row = _intake_row(name, patient.sex, int(patient.age_years))
        if row is None or before is None or after is None or before == after:
            continue
        target, most = row["recommended"], row["upper_limit"]
        if (before >= target) == (after >= target):
            side = "at or above" if after >= target else "below"
            yield (f"From {before:g} to {after:g} {unit} of {nutrient} a day, both {side} the "
                   f"recommended {target:g}: only reaching it, or falling below it, is counted.")
        if most is not None and after > most:
            yield (f"{after:g} {unit} of {nutrient} a day is above the upper limit for this age, "
                   f"{most:g} ({source(row['source_id']).short}).")


def _uncounted_sessions(patient: Patient, then: Lifestyle) -> Iterator[str]:
    """Exercise that is planned too seldom to count."""
    row = _row("exercise", then.exercise or "none", "total_hip", patient)
    sessions = then.exercise_sessions_per_week or 0.0
    habit = then.exercise, then.exercise_sessions_per_week
    now = patient.lifestyle.exercise, patient.lifestyle.exercise_sessions_per_week
    if row is not None and row["dose_low"] is not None and habit != now and (
            sessions <= row["dose_low"]):
        yield (f"Exercise ({plain_name(row['level'])}), sessions a week: {sessions:g}. Trials had "
               f"{row['dose_full']:g} or more; up to {row['dose_low']:g} nothing is counted.")


def _uncounted_weight(patient: Patient, then: Lifestyle) -> Iterator[str]:
    """A change of weight that is smaller than those that were studied."""
    row = _row("weight_change", "loss_5_pct_or_more", "total_hip", patient)
    if row is not None and 0 < abs(then.weight_change_pct) < row["dose_full"]:
        yield (f"Weight change of {abs(then.weight_change_pct):g}%: only "
               f"{row['dose_full']:g}% or more was studied, so it is not counted.")


def effects_of_change(patient: Patient, plan: Lifestyle | None, site: str) -> tuple[Effect, ...]:
    """All effects at one site of living by the plan instead of as now."""
    now, then = patient.lifestyle, planned_lifestyle(patient, plan)
    return (*_exercise(patient, now, then, site), *_calcium_and_protein(patient, now, then, site),
            *_vitamin_d(patient, now, then, site), *_smoking(patient, then, site),
            *_alcohol(patient, now, then, site), *_weight(patient, then, site))


def _effect(row: Row, label: str, scale: float = 1.0, starts_years: float = 0.0) -> Effect:
    """A row as an effect; ``scale`` is negative where the person gives a habit up."""
    kind = {"step_pct": "step", "rate_pct_per_year": "rate"}.get(row["kind"], "multiplier")
    unit = 1.0 if kind == "multiplier" else 100.0
    known = row["low"] is not None and row["high"] is not None
    se = (row["high"] - row["low"]) / unit / CI95_WIDTH_IN_SE if known else 0.0
    mean = scale * row["value"] / unit
    if kind == "step":
        # Giving a gain up takes away exactly what it gave.
        mean = math.copysign(math.log1p(abs(mean)), mean)
    return Effect(row["effect_id"], row["exposure"], label, kind, mean, abs(scale) * se,
                  row["time_constant_years"] or 0.0, starts_years,
                  row["lasts_years"] or math.inf, known, tuple(row["source_ids"].split(";")))


def dose_share(sessions: float, dose_low: float, dose_full: float) -> float:
    """Share of the full exercise effect: 0 up to ``dose_low``, 1 from ``dose_full``.

    Between the two it rises in a straight line: an assumption, because trials
    compared few doses. Above the studied dose nothing more is credited.

    Examples
    --------
    >>> [dose_share(n, 1.5, 2) for n in (1, 1.75, 2, 5)]
    [0.0, 0.5, 1.0, 1.0]
    """
    if sessions >= dose_full:
        return 1.0
    return max(sessions - dose_low, 0.0) / (dose_full - dose_low)


def _exercise(patient: Patient, now: Lifestyle, then: Lifestyle, site: str) -> Iterator[Effect]:
    """The net effect of going from one habit to another, as one step."""
    started, stopped = (_habit(lifestyle, site, patient) for lifestyle in (then, now))
    if started is None and stopped is None:
        return
    if started is None or stopped is None:
        row, share = started or stopped
        verb, sign = ("Start", 1) if started else ("Stop", -1)
        yield _effect(row, f"{verb} exercise: {plain_name(row['level'])}", sign * share)
        return
    if started[0] is stopped[0]:
        if started[1] != stopped[1]:
            yield _effect(started[0], f"Change sessions of {plain_name(started[0]['level'])} "
                          "exercise", started[1] - stopped[1])
        return
    gain, loss = _effect(*_labelled(started)), _effect(*_labelled(stopped))
    yield replace(gain, label=f"Change exercise to {plain_name(started[0]['level'])}",
                  mean=gain.mean - loss.mean, sd=math.hypot(gain.sd, loss.sd),
                  source_ids=tuple(dict.fromkeys((*gain.source_ids, *loss.source_ids))))


def _habit(lifestyle: Lifestyle, site: str, patient: Patient) -> tuple[Row, float] | None:
    """The row of a habit and the share of its effect that its sessions reach."""
    row = _row("exercise", lifestyle.exercise or "none", site, patient)
    sessions = lifestyle.exercise_sessions_per_week or 0.0
    if row is None or not sessions:
        return None
    share = (dose_share(sessions, row["dose_low"], row["dose_full"])
             if row["dose_full"] is not None else 1.0)
    return (row, share) if share else None


def _labelled(habit: tuple[Row, float]) -> tuple[Row, str, float]:
    return habit[0], "", habit[1]


@functools.cache
def recommended_intake(nutrient: str, sex: str, age_years: int) -> float | None:
    """Recommended intake for a person, or ``None`` where none is tabled.

    Examples
    --------
    >>> recommended_intake("calcium_mg_day", "female", 62)
    1200.0
    """
    row = _intake_row(nutrient, sex, age_years)
    return row and row["recommended"]


def _intake_row(nutrient: str, sex: str, age_years: int) -> Row | None:
    for row in table("recommended_intakes"):
        high = row["age_high_years"] if row["age_high_years"] is not None else math.inf
        if (row["nutrient"] == nutrient and row["sex"] in ("both", sex)
                and row["age_low_years"] <= age_years < high + 1):
            return row
    return None


def _calcium_and_protein(patient: Patient, now: Lifestyle, then: Lifestyle,
                         site: str) -> Iterator[Effect]:
    """Steps for crossing the recommended intake, up or down; no slope beyond it."""
    for exposure, name, level, unit in (
            ("calcium", "calcium_mg_day", "reaching_recommended_intake", "mg"),
            ("protein", "protein_g_kg_day", "higher_intake", "g/kg")):
        before, after = getattr(now, name), getattr(then, name)
        target = recommended_intake(name, patient.sex, int(patient.age_years))
        row = _row(exposure, level, site, patient)
        if row is None or target is None or before is None or after is None:
            continue
        crossed = (after >= target) - (before >= target)
        if crossed:
            verb = "Reach" if crossed > 0 else "Fall below"
            yield _effect(row, f"{verb} {target:g} {unit} of {exposure} a day", crossed)


def _vitamin_d(patient: Patient, now: Lifestyle, then: Lifestyle, site: str) -> Iterator[Effect]:
    """Correcting a deficiency is a step; more vitamin D in replete people is none."""
    before, after = now.vitamin_d_iu_day or 0.0, then.vitamin_d_iu_day or 0.0
    if after <= before:
        return
    serum = patient.serum_25_oh_d_nmol_l
    deficient = _row("vitamin_d", "deficient_corrected", site, patient)
    if serum is not None and serum <= assumed("vitamin_d_deficient_up_to_nmol_l"):
        if after >= deficient["dose_full"]:
            yield _effect(deficient, "Correct vitamin D deficiency")
        return
    yield _effect(_row("vitamin_d", "replete", site, patient), "More vitamin D, not deficient")


def _smoking(patient: Patient, then: Lifestyle, site: str) -> Iterator[Effect]:
    row = _row("smoking", "current", site, patient)
    if then.smoking != "current" or row is None:
        return
    # The published difference begins after menopause, and in men at the age in the row.
    menopause_age, _ = menopause_assumption(patient)
    begins = menopause_age if menopause_age is not None else row["from_age_years"] or 0.0
    yield _effect(row, "Smoke", starts_years=max(begins - patient.age_years, 0.0))


def _alcohol(patient: Patient, now: Lifestyle, then: Lifestyle, site: str) -> Iterator[Effect]:
    """Light drinking: no effect is credited, but the confounded range stays visible."""
    row = _row("alcohol", "light", site, patient)
    before, after = now.alcohol_g_day or 0.0, then.alcohol_g_day or 0.0
    if row is not None and before == 0 < after <= row["dose_full"] * GRAMS_IN_US_DRINK:
        yield _effect(row, "Start light drinking")


def _weight(patient: Patient, then: Lifestyle, site: str) -> Iterator[Effect]:
    for level, sign, verb in (("loss_5_pct_or_more", -1, "Lose"),
                              ("gain_5_pct_or_more", 1, "Gain")):
        row = _row("weight_change", level, site, patient)
        if row is not None and sign * then.weight_change_pct >= row["dose_full"]:
            yield _effect(row, f"{verb} {row['dose_full']:g}% of weight or more")
