"""The figures that surveys and cohorts print, measured in the synthetic population.

One function a kind of figure; which figures there are is in ``data/population_targets.csv``.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from statistics import NormalDist
from typing import Any

import numpy as np

from osteoteach.evidence import table
from osteoteach.model.densitometry import young_adult_reference
from osteoteach.synthetic_population.life_course import (
    bmd_after,
    follow_events,
    scanned,
    t_scores,
    ten_year_risk,
    z_scores,
)
from osteoteach.synthetic_population.people import People, draw_people
from osteoteach.synthetic_population.population import population_columns

__all__ = ["COUNTRY", "reproduced_value"]

SITES_OF = {"femoral_neck_or_lumbar_spine": ("femoral_neck", "lumbar_spine"),
            "femoral_neck_or_total_hip": ("femoral_neck", "total_hip")}
LOW, OSTEOPOROSIS = -1.0, -2.5
COUNTRY = "US"
#: Age above which the probabilities of FRAX end.
FRAX_LAST_AGE = 90
RISK_LIMITS = {"hip": 0.03, "major": 0.20}
#: Years of follow-up of the cohorts whose fractures are shared out.
FOLLOWED_YEARS = {"pasco_2006": 5.6, "schuit_2004": 6.8}
LONGEST_WAIT_YEARS = 25
STARTING_T = {"normal": (-1.0, np.inf), "mild": (-1.5, -1.0), "moderate": (-2.0, -1.5),
              "advanced": (-2.5, -2.0)}
WINDOWS = {"minus_5_to_5": (-5.0, 5.0), "minus_1_to_2": (-1.0, 2.0)}


def reproduced_value(target: Mapping[str, Any], n: int, seed: int) -> float:
    """The figure of one row of ``data/population_targets.csv`` in a population of ``n``."""
    return float(_MEASURES[target["measure"]](target, n, seed))


# --- The day of the survey ---------------------------------------------------


@functools.lru_cache(maxsize=8)
def _survey(ages: tuple[int, int], n: int, seed: int) -> dict[str, np.ndarray]:
    return population_columns(0, n, COUNTRY, seed, ages=ages)


def _surveyed(target: Mapping[str, Any], n: int, seed: int) -> tuple[dict, np.ndarray]:
    """The scans of the ages of the target, and who of them has its sex."""
    first, last = target["from_age"], target["to_age"]
    columns = _survey((first, 100 if last is None else last + 1), n, seed)
    return columns, _of_sex(columns["male"], target["sex"])


def _of_sex(male: np.ndarray, sex: str) -> np.ndarray:
    return np.full(len(male), True) if sex == "both" else male == (sex == "male")


def _lowest(columns: Mapping[str, np.ndarray], site: str) -> np.ndarray:
    sites = SITES_OF.get(site, (site,))
    return np.minimum.reduce([columns[f"{name}_t_score"] for name in sites])


def _in_category(t_score: np.ndarray, category: str) -> np.ndarray:
    if category == "osteoporosis":
        return t_score <= OSTEOPOROSIS
    return t_score >= LOW if category == "normal" else (t_score > OSTEOPOROSIS) & (t_score < LOW)


def _prevalence(target: Mapping[str, Any], n: int, seed: int) -> float:
    columns, who = _surveyed(target, n, seed)
    return 100 * _in_category(_lowest(columns, target["site"])[who], target["group"]).mean()


def _t_distribution(target: Mapping[str, Any], n: int, seed: int) -> tuple[float, float]:
    """Mean and SD of the normal distribution through the two shares, as the target's."""
    columns, who = _surveyed(target, n, seed)
    t_score = _lowest(columns, target["site"])[who]
    severe, low = (NormalDist().inv_cdf(float(share)) for share in (
        (t_score <= OSTEOPOROSIS).mean(), (t_score < LOW).mean()))
    sd = (LOW - OSTEOPOROSIS) / (low - severe)
    return LOW - low * sd, sd


def _predicted_risk(target: Mapping[str, Any], n: int, seed: int) -> np.ndarray:
    last = FRAX_LAST_AGE if target["to_age"] is None else target["to_age"]
    male, hip, major = _risks(target["from_age"], last, n, seed)
    return (hip if target["group"] == "hip" else major)[_of_sex(male, target["sex"])]


@functools.lru_cache(maxsize=2)
def _risks(from_age: int, last_age: int, n: int,
           seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    people = draw_people(0, n, COUNTRY, seed, (from_age, last_age + 1))
    seen = scanned(people, "femoral_neck", bmd_after(people, "femoral_neck", 0.0), 0)
    z_score = z_scores(people.male, people.age_years, seen, "femoral_neck")
    return people.male, *ten_year_risk(people.male, people.age_years, z_score, COUNTRY)


def _skewed_mean(target: Mapping[str, Any], n: int, seed: int) -> float:
    return 100 * np.exp(np.log(_predicted_risk(target, n, seed)).mean())


def _share_above(target: Mapping[str, Any], n: int, seed: int) -> float:
    risk = _predicted_risk(target, n, seed)
    return 100 * (risk >= RISK_LIMITS[target["group"]]).mean()


# --- Years later -------------------------------------------------------------


def _take(people: People, who: np.ndarray) -> People:
    """Some of the people."""
    return People(
        people.male[who], people.age_years[who], people.menopause_age_years[who],
        {site: values[who] for site, values in people.log_bmd.items()}, people.weight_kg[who],
        people.pace[who], people.thresholds[:, who], people.scan_noise[:, :, who])


def _women(n: int, seed: int, ages: tuple[int, int]) -> People:
    people = draw_people(0, n, COUNTRY, seed, ages)
    return _take(people, people.male == 0)


@functools.lru_cache(maxsize=2)
def _waiting(from_age: int, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Lowest T-score at the start, and years to osteoporosis before fracture or death.

    True densities: the error of scans would turn women back and forth over the line.
    """
    women = _women(n, seed, (from_age, FRAX_LAST_AGE + 1))
    events = follow_events(women, LONGEST_WAIT_YEARS, COUNTRY)
    competing = np.minimum(events.death, events.hip)

    def lowest(years: float) -> np.ndarray:
        return np.minimum(*(t_scores(bmd_after(women, site, years), site)
                            for site in SITES_OF["femoral_neck_or_total_hip"]))

    start, before = lowest(0.0), lowest(0.0)
    reached = np.full(len(women), np.inf)
    for year in range(LONGEST_WAIT_YEARS):
        after = lowest(year + 1.0)
        crossed = np.flatnonzero(np.isinf(reached) & (after <= OSTEOPOROSIS))
        drop = np.maximum(before[crossed] - after[crossed], np.finfo(np.float32).tiny)
        reached[crossed] = year + np.clip((before[crossed] - OSTEOPOROSIS) / drop, 0, 1)
        before = after
    return start, np.where(reached < competing, reached, np.inf)


def _years_to_osteoporosis(target: Mapping[str, Any], n: int, seed: int) -> float:
    start, reached = _waiting(target["from_age"], n, seed)
    low, high = STARTING_T[target["group"]]
    group = np.sort(reached[(start > low) & (start <= high)])
    return group[max(int(np.ceil(0.1 * len(group))) - 1, 0)]


@functools.lru_cache(maxsize=4)
def _followed(source: str, ages: tuple[int, int], n: int, seed: int) -> dict[str, np.ndarray]:
    years = FOLLOWED_YEARS[source]
    columns = population_columns(0, n, COUNTRY, seed, int(np.ceil(years)), ages)
    first = np.minimum(columns["hip_fracture_after_years"],
                       columns["other_major_fracture_after_years"])
    return columns | {"fractured": first <= years}


def _share_of(target: Mapping[str, Any], n: int, seed: int, fractured: bool) -> float:
    """Share of one category among people, or among those who broke a bone."""
    last = target["to_age"]
    columns = _followed(target["source_id"], (target["from_age"], 100 if last is None else
                                              last + 1), n, seed)
    who = _of_sex(columns["male"], target["sex"])
    if fractured:
        who = who & columns["fractured"]
    t_score = columns[f"{target['site']}_t_score"][who]
    if (target["source_id"], target["sex"]) == ("schuit_2004", "male"):
        t_score = _t_scores_of_men(columns["femoral_neck_t_score"][who])
    return 100 * _in_category(t_score, target["group"]).mean()


def _t_scores_of_men(t_score: np.ndarray) -> np.ndarray:
    """Femoral neck T-scores on the reference of young men in place of young women."""
    women = young_adult_reference("femoral_neck")
    men = next(row for row in table("male_neck_bmd") if row["age_years"] < 30)
    bmd = women.mean_g_cm2 + t_score * women.sd_g_cm2
    return (bmd - men["mean_g_cm2"]) / men["sd_g_cm2"]


def _loss_over_menopause(target: Mapping[str, Any], n: int, seed: int) -> float:
    """Mean loss of women between two times of their own clock, % of the start."""
    start, end = WINDOWS[target["group"]]
    women = _women(n, seed, (20, 60))
    women = dataclasses.replace(
        women, age_years=women.menopause_age_years + np.float32(start))
    left = (bmd_after(women, target["site"], end - start)
            / bmd_after(women, target["site"], 0.0))
    return 100 * (1 - left).mean()


def _tracking(target: Mapping[str, Any], n: int, seed: int) -> float:
    """Correlation of two scans of the same people, years apart, those alive at the second."""
    years = int(target["group"].removesuffix("_years"))
    people = _women(n, seed, (target["from_age"], target["to_age"] + 1))
    alive = np.isinf(follow_events(people, years, COUNTRY).death)
    first, last = (scanned(people, target["site"], bmd_after(people, target["site"], when), scan)
                   for scan, when in enumerate((0.0, float(years))))
    return np.corrcoef(first[alive], last[alive])[0, 1]


_MEASURES: dict[str, Callable[[Mapping[str, Any], int, int], float]] = {
    "prevalence": _prevalence,
    "t_score_mean": lambda *given: _t_distribution(*given)[0],
    "t_score_sd": lambda *given: _t_distribution(*given)[1],
    "predicted_risk_mean": _skewed_mean,
    "predicted_risk_share": _share_above,
    "years_to_osteoporosis": _years_to_osteoporosis,
    "share_of_people": lambda *given: _share_of(*given, fractured=False),
    "share_of_fractures": lambda *given: _share_of(*given, fractured=True),
    "loss_over_menopause": _loss_over_menopause,
    "tracking": _tracking,
}
