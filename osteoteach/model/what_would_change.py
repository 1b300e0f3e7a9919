"""What would give a person another diagnosis, found by diagnosing again with it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from osteoteach.errors import InputError
from osteoteach.model.diagnosis import Diagnosis, diagnose, guideline_ids, guideline_name
from osteoteach.model.patient import FragilityFracture, Patient
from osteoteach.model.vocabulary import plain_name

__all__ = ["PossibleChange", "possible_changes"]


@dataclass(frozen=True)
class PossibleChange:
    """Something that would give another category, found by asking again with it."""

    change: str
    category: str


def possible_changes(answer: Diagnosis) -> Iterator[PossibleChange]:
    """Single changes of person, history or rule set that lead to another category."""
    for change, patient in _variations(answer):
        try:
            category = diagnose(patient, answer.guideline).category
        except InputError:
            continue  # the variation asks for data this person does not have
        if category != answer.category:
            yield PossibleChange(change, category)
    for guideline in guideline_ids():
        if guideline != answer.guideline:
            try:
                category = diagnose(answer.patient, guideline).category
            except InputError:
                continue
            if category != answer.category:
                yield PossibleChange(f"The rules of {guideline_name(guideline)}", category)


def _variations(answer: Diagnosis) -> Iterator[tuple[str, Patient]]:
    """The same person with one thing different."""
    patient, site = answer.patient, answer.deciding_site
    if answer.decided_by in ("t_score", "z_score"):
        name = "t_scores" if answer.decided_by == "t_score" else "z_scores"
        score = "T-score" if name == "t_scores" else "Z-score"
        for line, words, where in _other_ranges(answer):
            # A better score at one site helps only if no other site is worse.
            scores = {s: line if s == site else (v if line < answer.deciding_score
                                                 else max(v, line))
                      for s, v in answer.scores.items()}
            changed = replace(patient, bmd_g_cm2={}, **{name: scores})
            yield f"A {score} of {words} at {where}", changed
    for fracture in ("hip", "vertebral", "distal_forearm"):
        if not patient.has_fracture(fracture):
            more = (*patient.fractures, FragilityFracture(fracture))
            yield f"A fragility fracture: {plain_name(fracture)}", replace(patient, fractures=more)
    if patient.fractures:
        yield "No fragility fracture", replace(patient, fractures=())


def _other_ranges(answer: Diagnosis) -> Iterator[tuple[float, str, str]]:
    """A score inside each other class, the class's range in words, and where it must hold."""
    ranges = ([(math.inf, -1.0), (-1.1, -2.4), (-2.5, -math.inf)]
              if answer.decided_by == "t_score" else [(math.inf, -1.9), (-2.0, -math.inf)])
    now = answer.deciding_score
    here = f"the {plain_name(answer.deciding_site)}"
    for best, worst in ranges:
        if worst <= now <= best:
            continue
        if math.isinf(best):
            yield worst, f"{worst:.1f} or better", here if len(answer.scores) == 1 else "every site"
        elif math.isinf(worst):
            yield best, f"{best:.1f} or lower", here
        else:
            better = now < worst
            where = "the lowest site" if better and len(answer.scores) > 1 else here
            yield worst if better else best, f"{worst:.1f} to {best:.1f}", where
