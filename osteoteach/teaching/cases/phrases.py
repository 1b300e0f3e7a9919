"""History and examination of a generated patient, in plain clinical style."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from osteoteach.model.medicines import dose_times, is_injected, medicine
from osteoteach.teaching.cases.dice import Dice

__all__ = ["examination_lines", "history_lines", "title"]

Document = Mapping[str, Any]
MONTHS = 12
_BONES = {
    "hip": "Broke a hip", "vertebral": "Broke a vertebra", "proximal_humerus": "Broke an upper arm",
    "pelvis": "Broke the pelvis", "distal_forearm": "Broke a wrist",
}
_FALLS = ("slipping on a wet floor", "a fall from standing in the kitchen", "a stumble on the kerb")
_SMOKING = {"never": "Has never smoked", "former": "Stopped smoking years ago",
            "current": "Smokes"}
_DISEASES = ("polymyalgia rheumatica", "asthma", "vasculitis")


def title(person: Document) -> str:
    """Sex and age: it gives nothing away.

    Examples
    --------
    >>> title({"sex": "male", "age_years": 52})
    'Man, 52'
    """
    return f"{'Woman' if person['sex'] == 'female' else 'Man'}, {person['age_years']}"


def history_lines(document: Document, dice: Dice) -> list[str]:
    """What the person tells, one topic a line."""
    person = document["person"]
    lines = [_reason(document)]
    if person["sex"] == "female":
        lines.append("Periods are regular." if "menopause_age_years" not in person
                     else f"Last period at {person['menopause_age_years']}.")
    lines += [_fracture(one, dice) for one in person.get("fractures", ())]
    if not person.get("fractures"):
        lines.append("No fracture from a fall as an adult.")
    lines += [_course(one) for one in document.get("treatment", ())]
    if person.get("prednisolone_mg_day"):
        lines.append(f"Prednisolone {person['prednisolone_mg_day']:g} mg a day for eight months, "
                     f"for {_disease(person, dice)}.")
    if person.get("months_since_heart_attack_or_stroke"):
        lines.append("Heart attack "
                     f"{_months(person['months_since_heart_attack_or_stroke'])} ago.")
    lines.append(_habits(person))
    return lines


def examination_lines(person: Document) -> list[str]:
    """Height and weight; what a condition adds comes from its own row."""
    back = "Spine straight, not tender."
    if "condition" in person:
        back = ""
    elif any(one["site"] == "vertebral" for one in person.get("fractures", ())):
        back = "Rounded upper back."
    return list(filter(None, [
        f"Height {person['height_cm']:g} cm, weight {person['weight_kg']:g} kg.", back]))


def _reason(document: Document) -> str:
    person = document["person"]
    if document.get("treatment"):
        return "On treatment for osteoporosis; comes to discuss how to go on."
    if person.get("fractures"):
        return "Sent for a scan after a fracture."
    if "menopause_age_years" not in person and person["sex"] == "female":
        return "A scan was done at work; she brings the report and is worried."
    return "Comes with the report of a first bone density scan."


def _fracture(one: Document, dice: Dice) -> str:
    when = {0: "this year", 1: "a year ago"}.get(one["years_ago"], f"{one['years_ago']} years ago")
    how = "without an accident" if one["site"] == "vertebral" else f"by {dice.pick(_FALLS)}"
    return f"{_BONES[one['site']]} {when}, {how}."


def _course(one: Document) -> str:
    label = medicine(one["medicine"]).label
    start, stop = one["started_months_ago"], one["stopped_months_ago"]
    if is_injected(one["medicine"]):
        doses = dose_times(one["medicine"], 0, (start - stop) / MONTHS)
        since = round(start - MONTHS * doses[-1])
        return f"{label}: {len(doses)} injections so far, the last one {_months(since)} ago."
    return f"{label} for {_years(start - stop)}; says that none was missed."


def _months(months: float) -> str:
    return "one month" if months == 1 else f"{months:g} months"


def _years(months: int) -> str:
    years = months / MONTHS
    return "one year" if years == 1 else f"{years:g} years"


def _disease(person: Document, dice: Dice) -> str:
    return "rheumatoid arthritis" if person.get("rheumatoid_arthritis") else dice.pick(_DISEASES)


def _habits(person: Document) -> str:
    parts = [_SMOKING[person["smoking"]]]
    if person["alcohol_g_day"]:
        parts.append(f"alcohol about {person['alcohol_g_day']} g a day")
    if person["falls_last_year"]:
        parts.append("one fall in the last year")
    if person["parental_hip_fracture"]:
        parts.append("a parent broke a hip")
    return f"{', '.join(parts)}."
