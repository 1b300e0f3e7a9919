"""The joint uncertainty of the fitted constants: ``data/model_covariance.csv``."""

from __future__ import annotations

import functools

import numpy as np

from osteoteach.evidence import table

__all__ = ["fitted_covariance"]


@functools.cache
def fitted_covariance() -> tuple[tuple[str, ...], np.ndarray]:
    """Names of the fitted constants, and their covariance on the scale of each."""
    rows = table("model_covariance")
    names = tuple(dict.fromkeys(row["first"] for row in rows))
    place = {name: number for number, name in enumerate(names)}
    covariance = np.zeros((len(names), len(names)))
    for row in rows:
        i, j = place[row["first"]], place[row["second"]]
        covariance[i, j] = covariance[j, i] = row["covariance"]
    return names, covariance
