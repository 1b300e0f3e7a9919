"""The fitted constants of the remodelling model, and how uncertain they are.

``data/model_parameters.csv`` holds every constant, ``data/model_directions.csv`` the
few joint moves of all constants that matter most for bone density, one standard
deviation each. Both are written by ``make calibrate``.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping

from osteoteach.evidence import table
from osteoteach.model.remodelling import Constants

__all__ = ["directions", "fitted_constants", "moved", "scales"]


@functools.cache
def fitted_constants() -> Constants:
    """All constants at their fitted values.

    Examples
    --------
    >>> 0.05 < fitted_constants().turnover_total_hip_per_year < 0.15
    True
    """
    return Constants(**{row["name"]: row["value"] for row in table("model_parameters")})


@functools.cache
def scales() -> Mapping[str, str]:
    """For each constant the scale on which it is uncertain: ``log`` or ``logit``."""
    return {row["name"]: row["scale"] for row in table("model_parameters")}


@functools.cache
def directions() -> tuple[Mapping[str, float], ...]:
    """Moves of the constants by one standard deviation of their joint uncertainty."""
    found: dict[int, dict[str, float]] = {}
    for row in table("model_directions"):
        found.setdefault(row["direction"], {})[row["name"]] = row["move"]
    return tuple(found.values())


def moved(constants: Constants, move: Mapping[str, float], size: float = 1.0) -> Constants:
    """The constants after a move, on the scale of each.

    Examples
    --------
    >>> base = fitted_constants()
    >>> twice = moved(base, {"mineralisation_rate_per_year": math.log(2)})
    >>> round(twice.mineralisation_rate_per_year / base.mineralisation_rate_per_year, 6)
    2.0
    """
    values = {}
    for name, step in move.items():
        before = getattr(constants, name)
        if scales()[name] == "log":
            values[name] = before * math.exp(size * step)
        else:
            values[name] = 1 / (1 + (1 / before - 1) * math.exp(-size * step))
    return constants.with_values(**values)
