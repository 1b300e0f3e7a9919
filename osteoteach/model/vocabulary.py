"""The field's words, spelled one way, and the plausible range of every quantity.

These are definitions and guards against typing errors, not clinical limits.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from numbers import Real
from typing import Any

from osteoteach.errors import InputError

__all__ = [
    "CATEGORIES", "DEVICES", "DXA_SITES", "EXERCISE_KINDS", "FRACTURE_SITES",
    "MENOPAUSAL_STATUSES", "PLAUSIBLE", "SEXES", "SMOKING", "SiteValues",
    "checked_choice", "checked_kind", "checked_number", "number_between", "plain_name",
]

SEXES = ("female", "male")
MENOPAUSAL_STATUSES = ("premenopausal", "menopausal_transition", "postmenopausal")

#: Skeletal sites of DXA. The order breaks ties between equal T-scores.
DXA_SITES = ("lumbar_spine", "total_hip", "femoral_neck", "one_third_radius")
DEVICES = ("hologic", "lunar", "norland")

FRACTURE_SITES = ("hip", "vertebral", "proximal_humerus", "pelvis", "distal_forearm",
                  "rib", "lower_leg", "other")

EXERCISE_KINDS = ("none", "walking", "impact", "resistance", "combined", "high_intensity")
SMOKING = ("never", "former", "current")

CATEGORIES = ("normal", "low_bone_mass", "osteoporosis", "severe_osteoporosis",
              "within_expected_range", "below_expected_range")

#: name -> (lowest, highest, unit). Outside this a value is taken for a typing error.
PLAUSIBLE: Mapping[str, tuple[float, float, str]] = {
    "age_years": (0, 110, "years"),
    "menopause_age_years": (20, 65, "years"),
    "expected_menopause_age_years": (20, 65, "years"),
    "height_cm": (50, 230, "cm"),
    "weight_kg": (10, 300, "kg"),
    "t_score": (-8, 8, "SD"),
    "z_score": (-8, 8, "SD"),
    "bmd_g_cm2": (0.2, 2.5, "g/cm2"),
    "years_ago": (0, 100, "years"),
    "exercise_sessions_per_week": (0, 14, "sessions a week"),
    "calcium_mg_day": (0, 5000, "mg/day"),
    "vitamin_d_iu_day": (0, 20000, "IU/day"),
    "protein_g_kg_day": (0, 5, "g/kg a day"),
    "serum_25_oh_d_nmol_l": (1, 400, "nmol/L"),
    "alcohol_g_day": (0, 300, "g/day"),
    "weight_change_pct": (-40, 40, "%"),
    "prednisolone_mg_day": (0, 200, "mg/day"),
    "falls_last_year": (0, 100, "falls"),
    "egfr_ml_min": (1, 250, "mL/min"),
    "months_since_heart_attack_or_stroke": (0, 1200, "months"),
    "frax_major_10y": (0, 1, "probability"),
    "frax_hip_10y": (0, 1, "probability"),
}

_PLAIN = {
    "lumbar_spine": "lumbar spine", "total_hip": "total hip", "femoral_neck": "femoral neck",
    "one_third_radius": "one-third radius",
    "low_bone_mass": "low bone mass (osteopenia)", "severe_osteoporosis": "severe osteoporosis",
    "within_expected_range": "within the expected range for age",
    "below_expected_range": "below the expected range for age",
    "proximal_humerus": "proximal humerus", "distal_forearm": "distal forearm (wrist)",
    "lower_leg": "lower leg", "high_intensity": "supervised high-intensity resistance and impact",
    "menopausal_transition": "menopausal transition",
}


def plain_name(word: str) -> str:
    """The word as it is written in prose.

    Examples
    --------
    >>> plain_name("low_bone_mass")
    'low bone mass (osteopenia)'
    """
    return _PLAIN.get(word, word.replace("_", " "))


def checked_number(name: str, value: Any, quantity: str | None = None) -> float:
    """``value`` as a plain float inside the plausible range of ``quantity``.

    Examples
    --------
    >>> checked_number("age_years", 62)
    62.0
    >>> checked_number("age_years", 620)
    Traceback (most recent call last):
    osteoteach.errors.InputError: age_years must be from 0 to 110 years; received 620. Check ...
    """
    low, high, unit = PLAUSIBLE[quantity or name]
    rule = f"must be from {low:g} to {high:g} {unit}"
    return number_between(name, value, low, high, rule, "Check the number and its unit.")


def number_between(name: str, value: Any, low: float, high: float, rule: str,
                   remedy: str) -> float:
    """``value`` as a plain float if it is a finite number from ``low`` to ``high``."""
    # NumPy registers its numbers as Real; text, bytes, None and truth values are none.
    if not isinstance(value, Real) or isinstance(value, bool):
        raise InputError(name, f"must be a number ({rule.removeprefix('must be ')})", value,
                         "Give a plain number.")
    # Compared first: a whole number of 400 digits fits into no float.
    if not low <= value <= high or not math.isfinite(value):
        raise InputError(name, rule, value, remedy)
    return float(value)


def checked_kind(name: str, value: Any, kind: type) -> Any:
    """``value`` if it is a ``kind``, for example a `Patient`.

    Examples
    --------
    >>> checked_kind("levels", [], dict)
    Traceback (most recent call last):
    osteoteach.errors.InputError: levels must be a dict; received []. Give a dict.
    """
    if not isinstance(value, kind):
        raise InputError(name, f"must be a {kind.__name__}", value, f"Give a {kind.__name__}.")
    return value


def checked_choice(name: str, value: Any, choices: Iterable[str]) -> str:
    """``value`` if it is one of ``choices``; otherwise an error that lists them.

    Examples
    --------
    >>> checked_choice("sex", "woman", SEXES)
    Traceback (most recent call last):
    osteoteach.errors.InputError: sex must be one of female, male; received 'woman'. ...
    """
    choices = tuple(choices)
    if not isinstance(value, str) or value not in choices:
        import difflib

        word = value[:100].lower().replace(" ", "_") if isinstance(value, str) else ""
        near = difflib.get_close_matches(word, choices, n=1)
        remedy = f"Did you mean {near[0]!r}?" if near else "Use one of these words."
        raise InputError(name, f"must be one of {', '.join(choices)}", value, remedy)
    return value


class SiteValues(Mapping[str, float]):
    """Numbers by DXA site: checked, read-only, hashable, in the order of `DXA_SITES`.

    Examples
    --------
    >>> SiteValues({"total_hip": -1.8, "lumbar_spine": -2.1}, "t_scores", "t_score")
    {'lumbar_spine': -2.1, 'total_hip': -1.8}
    """

    __slots__ = ("_items",)

    def __init__(self, values: Mapping[str, Any], name: str, quantity: str) -> None:
        if not isinstance(values, Mapping):
            raise InputError(name, "must map DXA sites to numbers", values,
                             f'Write {name}={{"total_hip": -1.8}}.')
        for site in values:
            checked_choice(f"{name} site", site, DXA_SITES)
        self._items = {site: checked_number(f"{name}[{site!r}]", values[site], quantity)
                       for site in DXA_SITES if site in values}

    def __getitem__(self, site: str) -> float:
        return self._items[site]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(tuple(self._items.items()))

    def __repr__(self) -> str:
        return repr(self._items)
