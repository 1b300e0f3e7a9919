"""Diagnosing a million people at once, beside a row-wise DataFrame.apply."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from osteoteach import Patient, diagnose, diagnose_patients

__all__ = ["people", "run"]

ROWS, ROWS_APPLIED = 1_000_000, 5_000


def people(n: int, seed: int = 1) -> pd.DataFrame:
    """Random adults with spine and hip T-scores, Z-scores and some fractures."""
    draw = np.random.default_rng(seed)
    sex = np.where(draw.random(n) < 0.5, "female", "male")
    age = draw.integers(20, 95, n)
    status = np.where(age < 50, "premenopausal", "postmenopausal").astype(object)
    status[sex == "male"] = None
    frame = pd.DataFrame({"age_years": age, "sex": sex, "menopausal_status": status})
    for site in ("lumbar_spine", "total_hip", "femoral_neck"):
        frame[f"{site}_t_score"] = draw.normal(-1.2, 1.1, n).round(2).clip(-6, 4)
        frame[f"{site}_z_score"] = draw.normal(0, 1, n).round(2).clip(-5, 5)
    for site in ("hip", "vertebral", "distal_forearm"):
        frame[f"{site}_fracture"] = draw.random(n) < 0.05
    return frame


def _one(row: pd.Series) -> str:
    sites = ("lumbar_spine", "total_hip", "femoral_neck")
    fractures = [s for s in ("hip", "vertebral", "distal_forearm") if row[f"{s}_fracture"]]
    status = row["menopausal_status"]
    return diagnose(Patient(
        age_years=row["age_years"], sex=row["sex"],
        menopausal_status=status if isinstance(status, str) else None,
        t_scores={s: row[f"{s}_t_score"] for s in sites},
        z_scores={s: row[f"{s}_z_score"] for s in sites}, fractures=fractures)).category


def run() -> None:
    """Print seconds for a million rows. Goal: below one second on one core."""
    frame = people(ROWS)
    diagnose_patients(frame.head(1000))
    best = min(_seconds(lambda: diagnose_patients(frame)) for _ in range(3))
    few = frame.head(ROWS_APPLIED)
    applied = _seconds(lambda: few.apply(_one, axis=1)) * ROWS / ROWS_APPLIED
    same = (few.apply(_one, axis=1) == diagnose_patients(few)["category"].astype(str)).all()
    print(f"diagnose_patients, {ROWS:,} rows    {best:8.2f} s")
    print(f"DataFrame.apply(diagnose)            {applied:8.2f} s (from {ROWS_APPLIED:,} rows)")
    print(f"ratio {applied / best:,.0f} : 1; the same answers: {same}")


def _seconds(call) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
