"""Values over age: straight lines between the middles of published bands.

For a float this is plain Python, because a page answers without NumPy; for an array
NumPy is imported and does the work.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

__all__ = ["Curve", "exp_of"]


def exp_of(value: Any) -> Any:
    """e to the power of a float, or of each item of an array."""
    if isinstance(value, (int, float)):
        return math.exp(value)
    import numpy as np

    return np.exp(value)


@dataclass(frozen=True)
class Curve:
    """Values over age: straight lines between the knots, level beyond both ends.

    Attributes
    ----------
    ages, values : tuple of float
        Knots, ages rising. Rates are kept as logarithms.
    """

    ages: tuple[float, ...]
    values: tuple[float, ...]

    def at(self, age_years: Any) -> Any:
        """Value at an age (float), or at many (NumPy array).

        Examples
        --------
        >>> Curve((50.0, 60.0), (0.0, 1.0)).at(55.0)
        0.5
        """
        if not isinstance(age_years, (int, float)):
            import numpy as np

            return np.interp(age_years, self.ages, self.values)
        right = bisect_right(self.ages, age_years)
        if right == 0 or right == len(self.ages):
            return self.values[min(right, len(self.ages) - 1)]
        age, next_age = self.ages[right - 1], self.ages[right]
        share = (age_years - age) / (next_age - age)
        return self.values[right - 1] + share * (self.values[right] - self.values[right - 1])

    def raised(self, by: float) -> Curve:
        """The same curve with something added to every value."""
        return Curve(self.ages, tuple(value + by for value in self.values))

    def started_at(self, age_years: float) -> Curve:
        """The same curve with its first slope carried down to a younger age."""
        slope = (self.values[1] - self.values[0]) / (self.ages[1] - self.ages[0])
        first = self.values[0] - slope * (self.ages[0] - age_years)
        return Curve((float(age_years), *self.ages), (first, *self.values))
