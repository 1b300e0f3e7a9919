"""What bone density and the risk factors tell twice, and how it is taken out.

Thin people have thin bones, and so have people who broke one: density and risk factors
overlap. A gradient of risk found with density alone already holds part of the factors. So
where the factors are stated too, the gradient among people with the same factors belongs
beside them, which is smaller. Three printed gradients (density alone, factors alone, both
together) say how large the overlap is.

Not answered here: which factor overlaps how much with density; one number stands for all.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

from osteoteach.evidence import table
from osteoteach.model.age_curve import Curve
from osteoteach.model.fracture_hazard import gradient
from osteoteach.model.vocabulary import checked_choice

__all__ = ["HELD_YEARS", "Overlap", "Slope", "measured_age", "overlap", "separated", "slope_at"]

#: The gradient belongs to the age at which density was measured: the cohorts measured once
#: and followed 4 years on average, 16 at most. A ten-year forecast keeps it; after ten
#: years the gradient grows older with the person.
HELD_YEARS = 10.0


def separated(density: float, factors: float, together: float) -> tuple[float, float, float]:
    """Density and factors told apart, from the three gradients per SD of a score.

    Both scores are taken as normal, with correlation r. With b and c the effects of each
    among people alike in the other, the gradient of density alone is b + r c, that of the
    factors alone c + r b, and the square of both together b^2 + c^2 + 2 r b c.

    Parameters
    ----------
    density, factors, together : float
        Natural logs of the three hazard ratios per SD.

    Returns
    -------
    tuple of float
        b, c and r.

    Examples
    --------
    By hand, without overlap: 0.5^2 = 0.3^2 + 0.4^2.

    >>> [round(value, 3) for value in separated(0.3, 0.4, 0.5)]
    [0.3, 0.4, 0.0]
    """
    whole, product = together ** 2, density * factors
    squares = density ** 2 + factors ** 2
    root = math.sqrt(max(product ** 2 - whole * (squares - whole), 0.0))
    correlation = (product - root) / whole
    rest = 1 - correlation ** 2
    return ((density - correlation * factors) / rest,
            (factors - correlation * density) / rest, correlation)


@dataclass(frozen=True)
class Overlap:
    """Density and factors told apart, by age.

    Attributes
    ----------
    density : Curve
        ln ratio per SD of density among people with the same factors.
    factors : Curve
        ln ratio per SD of the factors among people of the same density.
    correlation : Curve
        Of the two, in how they raise the risk.
    """

    density: Curve
    factors: Curve
    correlation: Curve


@functools.cache
def overlap(component: str) -> Overlap:
    """The overlap of a component, ``hip`` or ``other``.

    Where only two of the three gradients were printed for an age, the correlation of the
    nearest younger age is kept.

    Examples
    --------
    Other fractures at 70: 1.39 per SD of density, 1.22 among people with the same factors.

    >>> round(math.exp(overlap("other").density.at(70.0)), 2)
    1.22
    """
    checked_choice("component", component, ("hip", "other"))
    name = {"hip": "hip", "other": "other_major"}[component]
    logs = {(row["role"], row["age_years"]): math.log(row["ratio"])
            for row in table("fracture_gradient") if row["outcome"] == name}
    ages = [age for role, age in logs if role == "factors_alone"]
    found, last = [], 0.0
    for age in ages:
        alone, factors = logs["model", age], logs["factors_alone", age]
        if ("with_factors", age) in logs:
            b, c, last = separated(alone, factors, logs["with_factors", age])
        else:
            b, c = ((one - last * two) / (1 - last ** 2)
                    for one, two in ((alone, factors), (factors, alone)))
        found.append((b, c, last))
    return Overlap(*(Curve(tuple(ages), values) for values in zip(*found, strict=True)))


@dataclass(frozen=True)
class Slope:
    """The gradient of density for one person at one time.

    Attributes
    ----------
    log_ratio, error : float
        ln ratio per SD lower, and its standard error.
    shared : float
        ln of what density and stated factors raise the mean of the population together,
        beyond what each does alone: a person's hazard is divided by it.
    """

    log_ratio: float
    error: float
    shared: float


def measured_age(age_years: float, years: float) -> float:
    """Age whose gradient holds, some years after the measurement.

    Examples
    --------
    >>> measured_age(60.0, 7.5), measured_age(60.0, 12.0)
    (60.0, 62.0)
    """
    return age_years + max(0.0, years - HELD_YEARS)


def slope_at(component: str, age_years: float, stated: float) -> Slope:
    """The gradient at an age, where some of the risk factors are stated.

    Parameters
    ----------
    component : str
        ``hip`` or ``other``.
    age_years : float
        At the measurement.
    stated : float
        Share of the spread of the factors that is stated, 0 to 1; see
        `osteoteach.model.fracture_factors.stated_share`. 0 gives the gradient of density
        alone, 1 that among people with the same factors.

    Examples
    --------
    >>> nothing, everything = (slope_at("other", 70.0, share) for share in (0.0, 1.0))
    >>> round(math.exp(nothing.log_ratio), 2), round(math.exp(everything.log_ratio), 2)
    (1.39, 1.22)
    """
    alone, parts = gradient(component), overlap(component)
    slope, error = alone.log_ratio.at(age_years), alone.error.at(age_years)
    if not stated:
        return Slope(slope, error, 0.0)
    correlation = parts.correlation.at(age_years)
    own = slope + stated * (parts.density.at(age_years) - slope)
    # What is told apart is known less well than the sum.
    error /= math.sqrt(1 - stated * correlation ** 2)
    return Slope(own, error, stated * correlation * own * parts.factors.at(age_years))
