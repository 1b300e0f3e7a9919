"""A synthetic population: who has which bone density, and what becomes of them.

For teaching what no single patient shows: how T-scores spread, why most fractures happen
outside the range of osteoporosis, what a screening tool finds and misses. Every number
comes from ``data/``; `osteoteach.synthetic_population.reproduced` holds it against surveys and
cohorts, and says where it fails.

Not for planning of care, and no statement about a country: the bone density is that of
white people in American surveys of 2005-08, the ages are those of 2010.
"""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from osteoteach.errors import InputError
from osteoteach.evidence import table
from osteoteach.model.vocabulary import SEXES, checked_choice
from osteoteach.synthetic_population.age_tables import FIRST_AGE, LONGEST_YEARS, OLDEST_START, SITES
from osteoteach.synthetic_population.life_course import bmd_after, follow_events, scanned, t_scores
from osteoteach.synthetic_population.people import People, draw_people

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CHUNK_PERSONS", "as_frame", "checked_request", "column_types", "population",
           "population_columns"]

#: Persons followed at a time: fewer waste time between steps, more outgrow the cache of
#: the processor.
CHUNK_PERSONS = 16_384
#: Columns that are missing where there is nothing to tell: infinity in arrays.
MAY_BE_MISSING = ("menopause_age_years", "hip_fracture_after_years",
                  "other_major_fracture_after_years", "death_after_years")
#: Persons that are held at once: some GB. Partitions hold more between them.
MOST_IN_MEMORY = 50_000_000


def population(n: int, country: str = "US", seed: int = 1, years: int = 0,
               ages: tuple[int, int] = (20, 100), chunk_persons: int = CHUNK_PERSONS,
               ) -> pd.DataFrame:
    """A population on one day, and after some years without medicines.

    Parameters
    ----------
    n : int
        Persons, 1 or more. The first 1,000 of a population of a million are the
        population of 1,000.
    country : str
        Whose ages, fractures and deaths: ``US``.
    seed : int
        0 or more. The same seed gives the same persons.
    years : int
        Follow-up, 0 to 80 years. A longer one changes nothing of the years before.
    ages : (int, int)
        Youngest age at the start, and the age that none has reached, 20 to 100.
    chunk_persons : int
        Persons followed at a time. It changes memory and speed, never the answer.

    Returns
    -------
    pandas.DataFrame
        One row a person, indexed by the person's number. ``sex``; ``age_years``;
        ``menopause_age_years`` (missing for men); ``weight_kg`` (below 45 that of the
        age of 45, for want of a table); for each site the true density
        ``..._bmd_g_cm2`` and the T-score of a scan, ``..._t_score``, not rounded. With
        ``years`` above 0 also the end of follow-up, at death if that is earlier:
        ``..._bmd_end_g_cm2``, ``..._t_score_end``, and the years from the start to the first
        ``hip_fracture_after_years``, ``other_major_fracture_after_years`` and
        ``death_after_years``; missing where it did not come. Fracture and death are
        counted from the age of 40.

    Raises
    ------
    InputError
        A number is out of range, or the country has no tables.

    Examples
    --------
    >>> people = population(2000, seed=1, ages=(50, 100))
    >>> people["sex"].value_counts().index[0]
    'female'
    >>> low = people["femoral_neck_t_score"] <= -2.5
    >>> bool(low[people["sex"] == "female"].mean() > low[people["sex"] == "male"].mean())
    True

    Chunks change nothing:

    >>> people.equals(population(2000, seed=1, ages=(50, 100), chunk_persons=7))
    True
    """
    return as_frame(population_columns(0, n, country, seed, years, ages, chunk_persons))


def population_columns(first: int, n: int, country: str = "US", seed: int = 1, years: int = 0,
                       ages: tuple[int, int] = (20, 100), chunk_persons: int = CHUNK_PERSONS,
                       ) -> dict[str, np.ndarray]:
    """Persons number ``first`` to ``first + n`` as NumPy columns.

    ``male`` (1 or 0) is in place of ``sex``, and infinity in place of missing.

    Parameters are those of `population`, which has the meaning of the columns.

    Examples
    --------
    >>> part = population_columns(100, 3, seed=1)
    >>> sorted(part)[:2], len(part["male"])
    (['age_years', 'femoral_neck_bmd_g_cm2'], 3)
    """
    ages = checked_request(first, n, country, seed, years, ages, chunk_persons)
    _whole("n", n, 1, MOST_IN_MEMORY, "Use population_dask for more.")
    columns = {name: np.empty(n, kind) for name, kind in column_types(years).items()}
    for start in range(first, first + n, chunk_persons):
        stop = min(start + chunk_persons, first + n)
        people = draw_people(start, stop, country, seed, ages)
        for name, values in _chunk(people, country, years).items():
            columns[name][start - first:stop - first] = values
    return columns


def _chunk(people: People, country: str, years: int) -> dict[str, Any]:
    found = {"male": people.male, "age_years": people.age_years,
             "menopause_age_years": people.menopause_age_years,
             "weight_kg": people.weight_kg}
    for site in SITES:
        bmd = np.exp(people.log_bmd[site])
        found[f"{site}_bmd_g_cm2"] = bmd
        found[f"{site}_t_score"] = t_scores(scanned(people, site, bmd, 0), site)
    if not years:
        return found
    events = follow_events(people, years, country)
    end = np.minimum(events.death, np.float32(years))
    for site in SITES:
        bmd = bmd_after(people, site, end)
        found[f"{site}_bmd_end_g_cm2"] = bmd
        found[f"{site}_t_score_end"] = t_scores(scanned(people, site, bmd, 1), site)
    return found | {"hip_fracture_after_years": events.hip,
                    "other_major_fracture_after_years": events.other,
                    "death_after_years": events.death}


def column_types(years: int) -> dict[str, type]:
    """Columns of `population_columns` and their types, in order."""
    names = ["age_years", "menopause_age_years", "weight_kg"]
    names += [f"{site}_{what}" for site in SITES for what in ("bmd_g_cm2", "t_score")]
    if years:
        names += [f"{site}_{what}" for site in SITES for what in ("bmd_end_g_cm2", "t_score_end")]
        names += ["hip_fracture_after_years", "other_major_fracture_after_years",
                  "death_after_years"]
    return {"male": np.int8} | dict.fromkeys(names, np.float32)


def as_frame(columns: dict[str, np.ndarray], first: int = 0) -> pd.DataFrame:
    """The columns as a DataFrame, the sex in words, indexed by the person's number."""
    import pandas as pd

    sex = pd.Categorical.from_codes(columns["male"], categories=list(SEXES))
    rest = {name: np.where(np.isinf(values), np.float32(np.nan), values)
            if name in MAY_BE_MISSING else values
            for name, values in columns.items() if name != "male"}
    index = pd.RangeIndex(first, first + len(sex), name="person")
    return pd.DataFrame({"sex": sex} | rest, index=index, copy=False)


# --- Checks ------------------------------------------------------------------


def checked_request(first: Any, n: Any, country: Any, seed: Any, years: Any, ages: Any,
                    chunk_persons: Any) -> tuple[int, int]:
    """The ages asked for, or an `InputError` that says what to change."""
    _whole("first", first, 0, 2**62, "Persons are numbered from 0.")
    _whole("n", n, 1, 2**62, "Give the number of persons.")
    _whole("seed", seed, 0, 2**63 - 1, "Use seed=1.")
    _whole("years", years, 0, LONGEST_YEARS, "Use 0 for one day, or whole years.")
    _whole("chunk_persons", chunk_persons, 1, 2**62, f"Leave it out for {CHUNK_PERSONS}.")
    known = dict.fromkeys(row["country"] for row in table("population_census"))
    checked_choice("country", country, tuple(known))
    try:
        youngest, oldest = ages
    except (TypeError, ValueError):
        raise InputError("ages", "must be two ages", ages, "Write ages=(50, 100).") from None
    _whole("ages[0]", youngest, FIRST_AGE, OLDEST_START - 1, "The tables begin at 20.")
    _whole("ages[1]", oldest, youngest + 1, OLDEST_START, "The tables end at 100.")
    return int(youngest), int(oldest)


def _whole(name: str, value: Any, low: int, high: int, remedy: str) -> None:
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or not low <= value <= high:
        # Powers of two as limits are the machine's, not the reader's.
        rule = f"from {low:,} to {high:,}" if high < 2**60 else f"{low:,} or more"
        raise InputError(name, f"must be a whole number, {rule}", value, remedy)
