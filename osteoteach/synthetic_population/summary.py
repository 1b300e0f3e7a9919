"""The population counted by sex, age and T-score: ``data/population_summary.csv``.

A page may not make a million people while a visitor waits, so they are counted once,
by ``make population``, and the page reads the counts.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from osteoteach.synthetic_population.population import population_columns

__all__ = ["count_population", "write_summary"]

PERSONS, SEED, YEARS = 1_000_000, 1, 10
AGES = ((50, 60), (60, 70), (70, 80), (80, 100))
LOWEST_T, HIGHEST_T, STEP_T = -5.0, 3.0, 0.25
COLUMNS = ("sex", "from_age", "to_age", "from_t_score", "to_t_score", "persons",
           "hip_fractures", "major_fractures", "deaths")


def count_population(n: int, seed: int = SEED) -> Iterator[tuple]:
    """Rows of the summary, in the order of `COLUMNS`.

    Persons of 50 and over are counted by the T-score of a femoral neck scan today, and by
    what befalls them within ten years: a first hip fracture, a first major one, death.
    The lowest and the highest step hold everybody beyond.
    """
    found = population_columns(0, n, seed=seed, years=YEARS, ages=(50, 100))
    male, age = np.asarray(found["male"]), np.asarray(found["age_years"])
    edges = np.arange(LOWEST_T + STEP_T, HIGHEST_T, STEP_T)
    step = np.digitize(np.asarray(found["femoral_neck_t_score"]), edges)
    hip = np.isfinite(found["hip_fracture_after_years"])
    major = hip | np.isfinite(found["other_major_fracture_after_years"])
    died = np.isfinite(found["death_after_years"])
    for sex in ("female", "male"):
        for low, high in AGES:
            inside = (male == (sex == "male")) & (age >= low) & (age < high)
            for place in range(len(edges) + 1):
                here = inside & (step == place)
                start = LOWEST_T + STEP_T * place
                yield (sex, low, high, start, start + STEP_T, int(here.sum()),
                       *(int((here & event).sum()) for event in (hip, major, died)))


def write_summary(folder: Path, n: int = PERSONS) -> int:
    """Count a population and write the table; returns the number of rows."""
    rows = list(count_population(n))
    with (folder / "population_summary.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(COLUMNS)
        out.writerows(rows)
    return len(rows)
