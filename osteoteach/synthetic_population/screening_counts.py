"""Screening tools on the synthetic population, counted: ``data/screening_counts.csv``.

The tools choose from age and weight; what else they ask is not known of these people and
is taken as absent: no estrogen, no rheumatoid arthritis, no fracture, not Black (the
densities are of white people).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from osteoteach.model.diagnosis import OSTEOPOROSIS_UP_TO_T
from osteoteach.model.screening_tools import (
    abone_score,
    orai_score,
    osiris_score,
    ost_score,
    score_score,
    tool_names,
)
from osteoteach.synthetic_population.population import population_columns
from osteoteach.synthetic_population.summary import PERSONS, SEED, YEARS

__all__ = ["count_screening", "write_screening"]

AGES = ((50, 65), (65, 100))
COLUMNS = ("tool", "from_age", "to_age", "score", "women", "osteoporosis", "hip_fractures",
           "major_fractures")
# Protects a whole number from the last bit of a product before it is rounded up.
_LAST_BIT = 1e-9
#: Body weight is counted in steps of this many kg.
WEIGHT_STEP_KG = 2.0

Scores = Callable[[np.ndarray, np.ndarray], np.ndarray]
SCORES: dict[str, Scores] = {
    "ost": ost_score,
    "orai": lambda age, weight: orai_score(age, weight, 0),
    "score": lambda age, weight: score_score(age, weight, 0, np.zeros(len(age)), 0, 0),
    "abone": lambda age, weight: abone_score(age, weight, 0),
    "body_weight": lambda age, weight: np.floor(weight / WEIGHT_STEP_KG) * WEIGHT_STEP_KG,
    # Rounded up, so that "1 or less" and every other whole limit keeps who is below it.
    "osiris": lambda age, weight: np.ceil(osiris_score(age, weight, 0, 0) - _LAST_BIT) + 0.0,
}


def count_screening(n: int, seed: int = SEED) -> Iterator[tuple]:
    """Rows of the counts, in the order of `COLUMNS`.

    Women of 50 and over by the score of a tool today: how many have osteoporosis at
    the femoral neck on a scan, and how many break a bone within ten years.

    Examples
    --------
    >>> rows = [row for row in count_screening(2000) if row[0] == "ost"]
    >>> 900 < sum(row[4] for row in rows) < 1200
    True
    """
    found = population_columns(0, n, seed=seed, years=YEARS, ages=(50, 100))
    women = found["male"] == 0
    age = found["age_years"][women].astype(float)
    weight = found["weight_kg"][women].astype(float)
    hip = np.isfinite(found["hip_fracture_after_years"][women])
    major = hip | np.isfinite(found["other_major_fracture_after_years"][women])
    thin = found["femoral_neck_t_score"][women] <= OSTEOPOROSIS_UP_TO_T
    for tool in tool_names():
        # Tools are asked whole years.
        scores = SCORES[tool](np.floor(age), weight)
        for low, high in AGES:
            inside = (age >= low) & (age < high)
            for score in np.unique(scores[inside]):
                here = inside & (scores == score)
                yield (tool, low, high, float(score), int(here.sum()), int((here & thin).sum()),
                       int((here & hip).sum()), int((here & major).sum()))


def write_screening(folder: Path, n: int = PERSONS) -> int:
    """Count and write the table; returns the number of rows."""
    rows = list(count_screening(n))
    with (folder / "screening_counts.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(COLUMNS)
        out.writerows(rows)
    return len(rows)
