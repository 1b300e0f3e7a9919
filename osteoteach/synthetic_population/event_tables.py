"""Hazards of fracture and death by age, laid out so that arrays can be looked up.

The numbers are those of `osteoteach.model.fracture_hazard`; nothing is fitted here.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from osteoteach.model.fracture_hazard import base_rates, gradient
from osteoteach.synthetic_population.age_tables import GRID, AgeTable

__all__ = ["FractureTables", "fracture_tables"]

#: Fracture and death begin here: the tables of incidence and death have no younger age.
FIRST_EVENT_AGE = 40
#: So small a hazard that nothing happens below the first age of events.
NEVER = -50.0


@dataclass(frozen=True)
class FractureTables:
    """Logs of yearly hazards by sex and age.

    Attributes
    ----------
    hip, other : AgeTable
        At a Z-score of 0: below the mean hazard of that age, which those with thin bones
        pull up.
    hip_gradient, other_gradient : AgeTable
        Log of the hazard ratio per SD lower density.
    death : AgeTable
    """

    hip: AgeTable
    other: AgeTable
    hip_gradient: AgeTable
    other_gradient: AgeTable
    death: AgeTable


@functools.cache
def fracture_tables(country: str) -> FractureTables:
    """Tables of one country, from `osteoteach.model.fracture_hazard`."""
    def steepness(component: str) -> np.ndarray:
        return gradient(component).log_ratio.at(GRID)

    def at_z_0(values: np.ndarray, component: str) -> np.ndarray:
        # The logarithm of bmd_multiplier at a Z-score of 0.
        return _from_first_age(values - steepness(component) ** 2 / 2)

    return FractureTables(
        AgeTable(lambda sex: at_z_0(base_rates(country, sex).log_hip.at(GRID), "hip")),
        AgeTable(lambda sex: at_z_0(base_rates(country, sex).log_other.at(GRID), "other")),
        AgeTable(lambda sex: steepness("hip")), AgeTable(lambda sex: steepness("other")),
        AgeTable(lambda sex: _from_first_age(base_rates(country, sex).log_death.at(GRID))))


def _from_first_age(values: np.ndarray) -> np.ndarray:
    return np.where(GRID < FIRST_EVENT_AGE, NEVER, values)
