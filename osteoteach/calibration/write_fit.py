"""Write a fit into ``data/``: constants, their covariance, and its main directions."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from pathlib import Path

import numpy as np

from osteoteach.calibration.fit import Fit, standard_deviations
from osteoteach.calibration.scores import Prediction, scores
from osteoteach.calibration.trial_prediction import untreated_courses
from osteoteach.model.model_constants import moved
from osteoteach.model.patient import Patient
from osteoteach.model.plan import Course, Plan
from osteoteach.model.remodelling import Constants
from osteoteach.model.remodelling_run import run_remodelling

__all__ = ["main_directions", "write_fit", "write_scores", "write_table"]

DIRECTIONS = 24
STEP = 0.02
# Plans (no observed number) on which the main directions must be faithful.
PANEL = tuple(Plan(courses=[Course(*course) for course in courses]) for courses in (
    [("alendronate", 0, 5)], [("denosumab", 0, 3)], [("zoledronate", 0, 3)],
    [("teriparatide", 0, 2)], [("estrogen", 0, 4)], [("raloxifene", 0, 4)],
    [("romosozumab", 0, 1), ("alendronate", 1, 6)], [("romosozumab", 0, 1), ("denosumab", 1, 6)],
    [("teriparatide", 0, 2), ("denosumab", 2, 6)], [("alendronate", 0, 4), ("romosozumab", 4, 5)],
    [("denosumab", 0, 4), ("zoledronate", 4, 5)], [("risedronate", 0, 5)],
    [("abaloparatide", 0, 1.5), ("alendronate", 1.5, 4)], [("denosumab", 0, 8)],
    [("ibandronate_oral", 0, 5)], [("ibandronate_iv", 0, 5)], [("calcitonin", 0, 5)],
    [("conjugated_estrogens_bazedoxifene", 0, 5)], [("denosumab", 0, 2), ("alendronate", 2, 4)],
    [("denosumab", 0, 2), ("teriparatide", 2, 4)]))
PANEL_WOMAN = Patient(age_years=65, sex="female", menopausal_status="postmenopausal",
                      menopause_age_years=50)
PANEL_YEARS = (0.5, 1.0, 2.0, 4.0, 5.0, 7.0, 10.0)


def write_fit(fit: Fit, parameters: Sequence[Mapping], folder: Path) -> float:
    """Write the three tables; returns the share of the panel's variance that the
    directions keep."""
    spread = standard_deviations(fit)
    rows = [{**row, "value": f"{getattr(fit.constants, row['name']):.6g}",
             "sd": f"{spread[row['name']]:.4g}" if row["name"] in spread else None}
            for row in parameters]
    write_table(folder / "model_parameters.csv", list(rows[0]), (row.values() for row in rows))
    size = len(fit.names)
    write_table(folder / "model_covariance.csv", ["first", "second", "covariance"],
           ((fit.names[i], fit.names[j], f"{fit.covariance[i, j]:.6g}")
            for i in range(size) for j in range(i, size)))
    moves, kept = main_directions(fit)
    write_table(folder / "model_directions.csv", ["direction", "name", "move"],
           ((number, name, f"{move[name]:.5g}")
            for number, move in enumerate(moves, start=1) for name in fit.names))
    return kept


def write_scores(found: Sequence[Prediction], folder: Path) -> None:
    """Write ``validation_scores.csv``: scores by role, sex and site."""
    rows = []
    for role, sex in product(("calibration", "holdout"), ("female", "male")):
        some = [one for one in found if (one.row.role, one.arm.patient.sex) == (role, sex)]
        rows += [(role, sex, score.group.replace(" ", "_"), score.rows, f"{score.error:.3f}",
                  f"{score.bias:.3f}", f"{100 * score.covered:.1f}",
                  score.target if (role, sex) == ("holdout", "female") else None)
                 for score in (scores(some) if some else [])]
    write_table(folder / "validation_scores.csv", ["role", "sex", "site", "rows", "error", "bias",
                                              "covered_pct", "target"], rows)


def main_directions(fit: Fit) -> tuple[list[dict[str, float]], float]:
    """The joint moves of all constants that change the panel most, one SD each."""
    root = np.linalg.cholesky(fit.covariance)
    at = _panel(fit.constants)
    slopes = np.stack([(_panel(moved(fit.constants, {name: STEP})) - at) / STEP
                       for name in fit.names], axis=2)
    # Every plan counts alike: a medicine known well needs its band as much as another.
    changes = slopes @ root
    changes /= np.sqrt((changes ** 2).sum(axis=(1, 2), keepdims=True))
    _, sizes, axes = np.linalg.svd(changes.reshape(-1, len(fit.names)), full_matrices=False)
    moves = []
    for axis in axes[:DIRECTIONS]:
        joint = root @ axis
        # The sign is free; the largest part is made positive so that runs agree.
        joint = joint * math.copysign(1.0, joint[np.argmax(np.abs(joint))])
        moves.append(dict(zip(fit.names, map(float, joint), strict=True)))
    return moves, float((sizes[:DIRECTIONS] ** 2).sum() / (sizes ** 2).sum())


def _panel(constants: Constants) -> np.ndarray:
    """Log density of the panel, one row a plan."""
    found: list[list[float]] = []
    for plan in PANEL:
        schedule = plan.schedule(PANEL_YEARS[-1], constants, PANEL_YEARS)
        times = schedule.step_times()
        trace = run_remodelling(schedule, untreated_courses(PANEL_WOMAN, times), constants)
        place = {round(time, 7): step for step, time in enumerate(times)}
        nodes = [place[round(time, 7)] for time in PANEL_YEARS]
        found.append([math.log(course[node]) for course in trace.density.values()
                      for node in nodes])
    return np.array(found)


def write_table(path: Path, header: Sequence[str], rows: Iterable) -> None:
    """Write a table of ``data/``; ``None`` becomes a blank cell."""
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows([["" if cell is None else cell for cell in row] for row in rows])
