"""The question of the page `diagnose`."""

from __future__ import annotations

import re
from typing import Any

from osteoteach.model.diagnosis import Diagnosis, guideline_name
from osteoteach.teaching.guesses import Guessable
from osteoteach.teaching.sentences import whom

__all__ = ["DIAGNOSES", "PITFALLS", "diagnosis_guess"]

#: The classes to choose from.
DIAGNOSES = (
    ("normal", "Normal"), ("low_bone_mass", "Low bone mass (osteopenia)"),
    ("osteoporosis", "Osteoporosis"), ("severe_osteoporosis", "Severe osteoporosis"),
    ("within_expected_range", "Within the expected range for age"),
    ("below_expected_range", "Below the expected range for age"),
)

PITFALLS = {
    "t_score": "The lowest valid site decides, not the mean of the sites and not the first on "
               "the report.",
    "z_score": "Before menopause, and in younger men, T-score classes do not apply: the Z-score "
               "is read, and it knows no class called osteoporosis.",
    "fragility_fracture": "The scan draws the eye, but a fracture from a small fall can make the "
                          "diagnosis: of the hip whatever the scan says, elsewhere often only "
                          "with low bone mass.",
}


def diagnosis_guess(found: Diagnosis, settings: tuple[Any, ...], because: str,
                    because_row: tuple[str, str, str]) -> Guessable:
    """Which class the rules give this person."""
    severe = found.category == "severe_osteoporosis"
    pitfall = ("Osteoporosis with a fragility fracture has a name of its own under these rules."
               if severe else PITFALLS.get(found.decided_by, ""))
    return Guessable(
        "diagnose", "Which diagnosis do the rules give this person?",
        f"{whom(found.patient).capitalize()}, scan and history as set, rules of "
        f"{guideline_name(found.guideline)}", settings, found.category, pitfall,
        said_by="The rules", options=DIAGNOSES,
        because=re.sub(r"(?<![\w.])-(?=\d)", "−", because),
        because_row=because_row)
