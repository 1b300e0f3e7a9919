"""The person on the controls: what the pages about one person share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from osteoteach.model.patient import Patient
from osteoteach.model.vocabulary import plain_name
from osteoteach.view.controls import NumberControl

__all__ = ["FRACTURES", "SITES", "person", "t_score_controls"]

#: The sites that the model follows, in the order of a report.
SITES = ("lumbar_spine", "total_hip", "femoral_neck")

#: A fragility fracture, in the same words on every page.
FRACTURES = [
    ("None", "none"), ("Hip", "hip"), ("Vertebra", "vertebral"),
    ("Upper arm (proximal humerus)", "proximal_humerus"), ("Pelvis", "pelvis"),
    ("Wrist (distal forearm)", "distal_forearm"), ("Another site", "other"),
]


def t_score_controls(start: Sequence[float]) -> list[NumberControl]:
    """One control for the T-score of each site."""
    return [NumberControl(site, plain_name(site).capitalize(), "SD", -5, 2, 0.1, score)
            for site, score in zip(SITES, start, strict=True)]


def person(values: Mapping[str, Any], **more: Any) -> Patient:
    """The patient with age, sex, menopause and three T-scores as set.

    Parameters
    ----------
    values : mapping
        ``age_years``, ``sex``, ``menopause_age_years`` and a T-score for each of `SITES`.
    **more
        Further fields of `Patient`.

    Examples
    --------
    >>> woman = person({"age_years": 45, "sex": "female", "menopause_age_years": 50,
    ...                 "lumbar_spine": -1, "total_hip": -1, "femoral_neck": -1})
    >>> woman.menopausal_status
    'premenopausal'
    >>> woman.expected_menopause_age_years
    50.0
    """
    female = values["sex"] == "female"
    # A woman younger than the age set for menopause has not reached it yet.
    reached = female and values["menopause_age_years"] <= values["age_years"]
    status = None if not female else "postmenopausal" if reached else "premenopausal"
    return Patient(
        age_years=values["age_years"], sex=values["sex"], menopausal_status=status,
        menopause_age_years=values["menopause_age_years"] if reached else None,
        expected_menopause_age_years=(
            values["menopause_age_years"] if female and not reached else None),
        t_scores={site: values[site] for site in SITES}, **more)
