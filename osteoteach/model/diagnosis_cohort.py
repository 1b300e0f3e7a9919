"""The diagnosis of `diagnosis.diagnose` for a whole DataFrame of people at once."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
import pandas as pd

from osteoteach.errors import InputError
from osteoteach.evidence import table
from osteoteach.model import diagnosis as rules
from osteoteach.model.vocabulary import (
    CATEGORIES,
    DXA_SITES,
    FRACTURE_SITES,
    MENOPAUSAL_STATUSES,
    PLAUSIBLE,
    SEXES,
    checked_choice,
)

__all__ = ["diagnose_patients"]

FRACTURE_COLUMNS = FRACTURE_SITES
_CODE = {category: code for code, category in enumerate(CATEGORIES)}
_NO_SITE = len(DXA_SITES)


def diagnose_patients(people: pd.DataFrame, guideline: str = "bhof_2022") -> pd.DataFrame:
    """Diagnose every row of a table.

    Parameters
    ----------
    people : DataFrame
        Columns ``age_years``, ``sex``, ``menopausal_status`` (blank for men);
        ``<site>_t_score`` and ``<site>_z_score`` for any DXA site (NaN: not
        measured; Z-scores are made from T-scores where reference data exist);
        optional booleans ``<site>_fracture`` for every `vocabulary.FRACTURE_SITES`,
        ``hyperparathyroidism`` and ``prior_osteoporosis_diagnosis``; optional
        ``frax_major_10y`` and ``frax_hip_10y`` (0 to 1).
    guideline : str
        One of `diagnosis.guideline_ids`.

    Returns
    -------
    DataFrame
        Same index; ``category``, ``deciding_site`` (categorical) and
        ``deciding_score`` (NaN where no score decided).

    Raises
    ------
    InputError
        A missing column, or the first row that breaks a rule, by its label.

    Examples
    --------
    >>> people = pd.DataFrame({"age_years": [62], "sex": ["female"],
    ...     "menopausal_status": ["postmenopausal"], "total_hip_t_score": [-2.5]})
    >>> diagnose_patients(people).category.tolist()
    ['osteoporosis']
    """
    checked_choice("guideline", guideline, rules.guideline_ids())
    policy = next(row for row in table("guidelines") if row["guideline_id"] == guideline)
    _check_columns(people)
    by_z = _z_score_rules(people)
    fractures = {name: _flag(people, f"{name}_fracture") for name in FRACTURE_COLUMNS}
    t_scores = _scores(people, "t_score")
    if policy["radius"] != "counts":
        t_scores = _without_needless_radius(people, t_scores)
    category, site, score = _by_t_score(people, t_scores, fractures, policy)
    if by_z.any():
        z_scores = _with_made_z_scores(people, _scores(people, "z_score"), by_z)
        z_site, z = _lowest(z_scores)
        below = z <= rules.BELOW_EXPECTED_UP_TO_Z
        z_category = np.where(below, _CODE["below_expected_range"],
                              _CODE["within_expected_range"])
        _require(people, by_z & np.isnan(z), "z_scores",
                 "are needed where the T-score does not apply")
        category, site, score = (np.where(by_z, new, old) for new, old in
                                 ((z_category, category), (z_site, site), (z, score)))
    _require(people, category < 0, "t_scores",
             f"are needed: no score and no fracture that decides under {guideline}")
    site_names = (*DXA_SITES, "hip", "vertebral", *rules.FRACTURES_WITH_LOW_BONE_MASS)
    return pd.DataFrame({
        "category": pd.Categorical.from_codes(category, CATEGORIES),
        "deciding_site": pd.Categorical.from_codes(site, site_names),
        "deciding_score": score,
    }, index=people.index)


def _require(people: pd.DataFrame, bad: np.ndarray, name: str, rule: str) -> None:
    """Raise for the first row of the mask, by its label and value."""
    bad = np.asarray(bad, dtype=bool)
    if bad.any():
        label = people.index[bad.argmax()]
        value = people[name].iloc[bad.argmax()] if name in people else None
        raise InputError(f"{name} (row {label})", rule, value,
                         f"Correct this row; {int(bad.sum())} row(s) break the same rule.")


def _check_columns(people: pd.DataFrame) -> None:
    if not isinstance(people, pd.DataFrame):
        raise InputError("people", "must be a DataFrame", people, "Give one row a person.")
    for column in ("age_years", "sex"):
        if column not in people:
            raise InputError(column, "must be a column", list(people.columns),
                             "Rename the column.")
    age = _numbers(people, "age_years", "age_years")
    low, high, unit = PLAUSIBLE["age_years"]
    _require(people, np.isnan(age), "age_years", f"must be from {low} to {high} {unit}")
    _require(people, age < rules.ADULT_FROM_AGE, "age_years",
             f"must be {rules.ADULT_FROM_AGE} or more for this diagnosis")
    _require(people, ~people["sex"].isin(SEXES).to_numpy(), "sex",
             f"must be one of {', '.join(SEXES)}")
    for kind in ("t_score", "z_score"):
        for site in DXA_SITES:
            if f"{site}_{kind}" in people:
                _numbers(people, f"{site}_{kind}", kind)
    for name in ("frax_major_10y", "frax_hip_10y"):
        if name in people:
            _numbers(people, name, name)


def _within_a_float(value: object) -> object:
    """A whole number that no float can hold is infinite here: pandas stops at it."""
    if isinstance(value, int) and abs(value) > sys.float_info.max:
        return math.inf if value > 0 else -math.inf
    return value


def _numbers(people: pd.DataFrame, name: str, quantity: str) -> np.ndarray:
    """A column as floats inside its plausible range; blanks are NaN."""
    low, high, unit = PLAUSIBLE[quantity]
    if not pd.api.types.is_numeric_dtype(people[name]) or people[name].dtype == bool:
        given = pd.Series([_within_a_float(value) for value in people[name]], people.index, object)
        numbers = pd.to_numeric(given, errors="coerce")
        _require(people, (numbers.isna() & people[name].notna()).to_numpy(), name,
                 f"must be a number ({unit})")
    else:
        numbers = people[name]
    values = numbers.to_numpy(float, na_value=np.nan)
    _require(people, (values < low) | (values > high), name,
             f"must be from {low} to {high} {unit}")
    return values


def _z_score_rules(people: pd.DataFrame) -> np.ndarray:
    """Rows whose Z-score rules (ISCD), as `diagnosis.score_in_use` decides it."""
    age = people["age_years"].to_numpy(float)
    male = (people["sex"] == "male").to_numpy()
    status = people.get("menopausal_status", pd.Series(None, people.index, dtype=object))
    given = status.notna().to_numpy()
    known = status.isin(MENOPAUSAL_STATUSES).to_numpy()
    _require(people, given & ~known & ~male, "menopausal_status",
             f"must be one of {', '.join(MENOPAUSAL_STATUSES)}")
    _require(people, given & male, "menopausal_status", "applies to women only")
    latest = PLAUSIBLE["menopause_age_years"][1]
    before = status.isin(("premenopausal", "menopausal_transition")).to_numpy()
    _require(people, before & (age > latest), "menopausal_status",
             f"cannot be before the final period after {latest:g} years")
    unknown_in_span = (~male & ~given & (age >= rules.STATUS_NEEDED_FROM_AGE)
                       & (age < rules.STATUS_NEEDED_BELOW_AGE))
    _require(people, unknown_in_span, "menopausal_status",
             "is needed for a woman from 40 to 59, because it decides between scores")
    young_woman = np.where(given, (status == "premenopausal").to_numpy(),
                           age < rules.STATUS_NEEDED_FROM_AGE)
    return np.where(male, age < rules.T_SCORES_APPLY_FROM_AGE_MEN, young_woman).astype(bool)


def _flag(people: pd.DataFrame, name: str) -> np.ndarray:
    if name not in people:
        return np.zeros(len(people), bool)
    column = people[name]
    if column.dtype != bool:
        _require(people, (column.notna() & ~column.isin([True, False])).to_numpy(), name,
                 "must be True or False")
        column = column.fillna(False).astype(bool)
    return column.to_numpy()


def _scores(people: pd.DataFrame, kind: str) -> np.ndarray:
    """Reported scores, one row a site, NaN where not measured."""
    values = np.full((len(DXA_SITES), len(people)), np.nan)
    for place, site in enumerate(DXA_SITES):
        name = f"{site}_{kind}"
        if name in people:
            values[place] = _reported(people[name].to_numpy(float))
    return values


def _with_made_z_scores(people: pd.DataFrame, z_scores: np.ndarray,
                        by_z: np.ndarray) -> np.ndarray:
    """Fill missing Z-scores from T-scores, as `densitometry.patient_z_scores` does."""
    age, sex = people["age_years"].to_numpy(float), people["sex"].to_numpy()
    young = {row["site"]: row for row in table("bmd_reference") if row["role"] == "young_adult"}
    made = z_scores.copy()
    for row in table("bmd_reference"):
        name = f"{row['site']}_t_score"
        if row["role"] != "age_matched" or row["population"] != "us_white" or name not in people:
            continue
        place = DXA_SITES.index(row["site"])
        high = row["age_high_years"] if row["age_high_years"] is not None else np.inf
        hit = (by_z & np.isnan(made[place]) & (sex == row["sex"])
               & (age >= row["age_low_years"]) & (age < high + 1))
        t_score = people[name].to_numpy(float)[hit]
        bmd = young[row["site"]]["mean_g_cm2"] + t_score * young[row["site"]]["sd_g_cm2"]
        made[place, hit] = _reported((bmd - row["mean_g_cm2"]) / row["sd_g_cm2"])
    return made


def _reported(scores: np.ndarray) -> np.ndarray:
    """The same rounding as `densitometry.reported`."""
    return np.copysign(np.floor(np.abs(scores) * 10 + 0.5 + 1e-9) / 10, scores)


def _without_needless_radius(people: pd.DataFrame, scores: np.ndarray) -> np.ndarray:
    place = {site: index for index, site in enumerate(DXA_SITES)}
    hip_missing = np.isnan(scores[place["total_hip"]]) & np.isnan(scores[place["femoral_neck"]])
    needed = (hip_missing | np.isnan(scores[place["lumbar_spine"]])
              | _flag(people, "hyperparathyroidism"))
    scores = scores.copy()
    scores[place["one_third_radius"], ~needed] = np.nan
    return scores


def _lowest(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Site code and value of the lowest score; NaN without any."""
    filled = np.where(np.isnan(scores), np.inf, scores)
    site = filled.argmin(axis=0)
    lowest = np.take_along_axis(filled, site[None], axis=0)[0]
    missing = np.isinf(lowest)
    return np.where(missing, -1, site), np.where(missing, np.nan, lowest)


def _by_t_score(people: pd.DataFrame, scores: np.ndarray, fractures: dict[str, np.ndarray],
                policy: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    site, score = _lowest(scores)
    any_fracture = np.logical_or.reduce(list(fractures.values()))
    osteoporosis = score <= rules.OSTEOPOROSIS_UP_TO_T
    low = (score < rules.NORMAL_FROM_T) & ~osteoporosis
    category = np.select(
        [osteoporosis & any_fracture, osteoporosis, low, score >= rules.NORMAL_FROM_T],
        [_CODE["severe_osteoporosis"], _CODE["osteoporosis"], _CODE["low_bone_mass"],
         _CODE["normal"]], default=-1)
    open_rows = ~osteoporosis
    for by, name in _clinical_criteria(people, fractures, low, policy):
        hit = open_rows & by
        category = np.where(hit, _CODE["osteoporosis"], category)
        score = np.where(hit, np.nan, score)
        if name is not None:
            code = _NO_SITE + ("hip", "vertebral",
                               *rules.FRACTURES_WITH_LOW_BONE_MASS).index(name)
            site = np.where(hit, code, site)
        open_rows = open_rows & ~hit
    return category, site, score


def _clinical_criteria(people: pd.DataFrame, fractures: dict[str, np.ndarray],
                       low: np.ndarray, policy: Any) -> list[tuple[np.ndarray, str | None]]:
    """Masks in the order in which `diagnosis` asks, with the fracture that decides."""
    everybody = np.ones(len(people), bool)
    gate = {"any_bmd": everybody, "with_low_bone_mass": low, "not_used": ~everybody}
    criteria: list[tuple[np.ndarray, str | None]] = [
        (fractures[name] & gate[policy[f"{name}_fracture"]], name)
        for name in ("hip", "vertebral")]
    criteria += [(fractures[name] & gate[policy["other_fracture"]], name)
                 for name in rules.FRACTURES_WITH_LOW_BONE_MASS]
    frax = ~everybody
    for name in ("frax_major_10y", "frax_hip_10y"):
        if name in people and policy[f"{name}_from"] is not None:
            frax = frax | (_numbers(people, name, name) >= policy[f"{name}_from"])
    criteria.append((frax & low, None))
    if policy["keeps_earlier_diagnosis"]:
        criteria.append((_flag(people, "prior_osteoporosis_diagnosis"), None))
    return criteria
