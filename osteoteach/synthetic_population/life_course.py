"""What becomes of people: natural loss, scans with their error, fracture and death.

Bone follows the table of natural loss along a person's own clocks, faster or slower by
the person's own pace, which lasts. Fracture and death are drawn year by year from the
hazards of `osteoteach.model.fracture_hazard`, at the density of the middle of the year. A
person's density is compared with the mean of the same age and sex in this population, as
the gradients of risk were published.

Not answered here: medicines (`osteoteach.model.remodelling_cohort` follows cohorts on a
plan), a second fracture of the same kind, that a fracture makes the next one and death
more likely, and factors of risk other than age, sex and density.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from osteoteach.model.densitometry import young_adult_reference
from osteoteach.model.fracture_hazard import (
    base_rates,
    bmd_multiplier,
    cumulative_incidence,
    gradient,
)
from osteoteach.model.precision import precision_cv_pct
from osteoteach.model.untreated_loss import TRANSITION_FROM, TRANSITION_TO
from osteoteach.model.vocabulary import SEXES
from osteoteach.synthetic_population.age_tables import (
    LAST_AGE,
    SITES,
    Place,
    log_bmd_tables,
    loss_tables,
)
from osteoteach.synthetic_population.event_tables import fracture_tables
from osteoteach.synthetic_population.people import People

__all__ = ["Events", "bmd_after", "follow_events", "scanned", "ten_year_risk", "t_scores",
           "z_scores"]

FOREVER = np.float32(np.inf)


def _lost(people: People, site: str, age: np.ndarray) -> np.ndarray:
    """Log change since 20 at an age, the person's own pace included."""
    loss, menopause = loss_tables(site), people.menopause_age_years
    start, end = menopause + np.float32(TRANSITION_FROM), menopause + np.float32(TRANSITION_TO)
    end = np.minimum(end, np.float32(LAST_AGE))
    male = people.male
    around = np.clip(age - menopause, TRANSITION_FROM, TRANSITION_TO)
    lost = loss.before.at(Place.of(male, np.minimum(age, start)))
    lost += np.interp(around, loss.around_years, loss.around).astype(np.float32)
    late = np.flatnonzero(age > end)
    if len(late):
        lost[late] += (loss.after.at(Place.of(male[late], age[late]))
                       - loss.after.at(Place.of(male[late], end[late])))
    years_around = around - np.float32(TRANSITION_FROM)
    reach = loss.sd_other[male] * (age - years_around) + loss.sd_around[male] * years_around
    return lost + people.pace * reach


def bmd_after(people: People, site: str, years: np.ndarray | float) -> np.ndarray:
    """True density of every person after a time, Hologic g/cm2.

    Parameters
    ----------
    people : People
    site : str
        ``lumbar_spine``, ``total_hip`` or ``femoral_neck``.
    years : float or array of float
        Since the person entered, 0 or more.

    Examples
    --------
    >>> from osteoteach.synthetic_population.people import draw_people
    >>> women = draw_people(0, 2000, "US", 1, (60, 70))
    >>> lost = 1 - bmd_after(women, "total_hip", 5.0) / bmd_after(women, "total_hip", 0.0)
    >>> bool(0.015 < lost.mean() < 0.035)
    True
    """
    change = (_lost(people, site, people.age_years + np.float32(years))
              - _lost(people, site, people.age_years))
    return np.exp(people.log_bmd[site] + change)


def scanned(people: People, site: str, bmd_g_cm2: np.ndarray, scan: int) -> np.ndarray:
    """What a DXA scan shows of a true density: scan 0 is the first, 1 the last."""
    error = np.float32(precision_cv_pct(site) / 100)
    return bmd_g_cm2 * (1 + error * people.scan_noise[scan, SITES.index(site)])


def t_scores(bmd_g_cm2: np.ndarray, site: str) -> np.ndarray:
    """T-scores, not rounded; one reference, young white women, for both sexes."""
    reference = young_adult_reference(site)
    return (bmd_g_cm2 - np.float32(reference.mean_g_cm2)) / np.float32(reference.sd_g_cm2)


def z_scores(male: np.ndarray, age_years: np.ndarray, bmd_g_cm2: np.ndarray,
             site: str) -> np.ndarray:
    """SDs above the mean of this population at the same age and sex, on the log scale."""
    place = Place.of(male, age_years)
    mean, sd = (table.at(place) for table in log_bmd_tables(site))
    return (np.log(bmd_g_cm2) - mean) / sd


# --- Fracture and death ------------------------------------------------------


@dataclass(frozen=True)
class Events:
    """Years from entry to an event, infinity where it did not come; array of float32 each.

    A fracture is the first of its kind, and comes before death.
    """

    death: np.ndarray
    hip: np.ndarray
    other: np.ndarray


def follow_events(people: People, years: int, country: str) -> Events:
    """Death, first hip fracture and first other major fracture within ``years``.

    Parameters
    ----------
    people : People
    years : int
        0 or more.
    country : str
        Whose rates of fracture and death.

    Returns
    -------
    Events

    Examples
    --------
    >>> from osteoteach.synthetic_population.people import draw_people
    >>> women = draw_people(0, 2000, "US", 1, (60, 70))
    >>> found = follow_events(women, 10, "US")
    >>> bool(found.hip.min() > 0), bool(0.05 < (found.death < 10).mean() < 0.2)
    (True, True)
    """
    tables = fracture_tables(country)
    times = [np.full(len(people), FOREVER) for _ in range(3)]
    sums = [np.zeros(len(people), np.float32) for _ in range(3)]
    started = people.log_bmd["femoral_neck"] - _lost(people, "femoral_neck", people.age_years)
    mean, sd = log_bmd_tables("femoral_neck")
    for year in range(years):
        age = people.age_years + np.float32(year + 0.5)
        place = Place.of(people.male, age)
        z_score = (started + _lost(people, "femoral_neck", age) - mean.at(place)) / sd.at(place)
        logs = (tables.death.at(place),
                tables.hip.at(place) - tables.hip_gradient.at(place) * z_score,
                tables.other.at(place) - tables.other_gradient.at(place) * z_score)
        for time, total, log, threshold in zip(times, sums, logs, people.thresholds, strict=True):
            _one_year(time, total, np.exp(log), threshold, year)
    death, hip, other = times
    return Events(death, np.where(hip < death, hip, FOREVER),
                  np.where(other < death, other, FOREVER))


def _one_year(time: np.ndarray, total: np.ndarray, hazard: np.ndarray, threshold: np.ndarray,
              year: int) -> None:
    """Add a year of constant hazard; note when the sum reached the threshold."""
    before = threshold - total
    total += hazard
    now = np.flatnonzero((before > 0) & (total >= threshold))
    time[now] = np.minimum(year + before[now] / hazard[now], year + 1)


def ten_year_risk(male: np.ndarray, age_years: np.ndarray, z_score: np.ndarray, country: str,
                  years: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """Probability of a hip and of a major fracture before death, 0 to 1.

    A forecast, not what happened: everyone keeps their place among people of their age.

    Parameters
    ----------
    male : array of int
        1 for men, 0 for women.
    age_years : array of float
        40 or more at the start.
    z_score : array of float
        Of the femoral neck, age and sex matched.

    Examples
    --------
    Lower density, more risk:

    >>> import numpy as np
    >>> hip, major = ten_year_risk(np.zeros(2, int), np.full(2, 70.0), np.array([-2.0, 0.0]),
    ...                            "US")
    >>> bool(hip[0] > 3 * hip[1]), bool((major > hip).all())
    (True, True)
    """
    hip_risk, major_risk = np.empty(len(male)), np.empty(len(male))
    for code, sex in enumerate(SEXES):
        who = male == code
        if not who.any():
            continue
        rates, hips, majors, deaths = base_rates(country, sex), [], [], []
        for year in range(years):
            age = np.asarray(age_years, float)[who] + year + 0.5
            hip, other, death = rates.hazards(age)
            hip = hip * bmd_multiplier(z_score[who], gradient("hip").log_ratio.at(age))
            other = other * bmd_multiplier(z_score[who], gradient("other").log_ratio.at(age))
            hips.append(hip)
            majors.append(hip + other)
            deaths.append(death)
        hip_risk[who] = cumulative_incidence(hips, deaths, [1.0] * years)
        major_risk[who] = cumulative_incidence(majors, deaths, [1.0] * years)
    return hip_risk, major_risk
