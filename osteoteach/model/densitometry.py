"""What a DXA scan measures: BMD, and the T- and Z-scores made from it.

Answers: which score belongs to a BMD, by site, device, sex and age, and back.
Refuses: a Z-score where no age-matched reference was found, and any score for a
site without a confirmed reference.

Two conventions, both ISCD's (source iscd_2023): the reference for T-scores is
young white women, for men too; and NHANES III serves the hip while the spine
uses the manufacturer's own data. References here are in Hologic units, so a BMD
from another device passes through standardised BMD first. That is sound for
groups; for one person it adds an error of several percent (source hui_1997), so
a follow-up scan belongs on the same device.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

from osteoteach.errors import InputError
from osteoteach.evidence import table
from osteoteach.model.patient import Patient
from osteoteach.model.vocabulary import (
    DEVICES,
    DXA_SITES,
    PLAUSIBLE,
    SEXES,
    SiteValues,
    checked_choice,
    checked_number,
    plain_name,
)

__all__ = [
    "Reference", "age_matched_reference", "bmd_from_t_score", "density_at", "hologic_bmd",
    "patient_bmd", "patient_t_scores", "patient_z_scores", "reported", "standardised_bmd",
    "t_score", "young_adult_reference", "z_score",
]


@dataclass(frozen=True)
class Reference:
    """Mean and SD of a reference group, Hologic units, g/cm2."""

    site: str
    sex: str
    mean_g_cm2: float
    sd_g_cm2: float
    source_id: str
    population: str


def reported(score: float) -> float:
    """A score as a report prints it: one decimal, halves away from zero.

    Diagnosis reads the reported score, so -2.45 is reported -2.5 and lies on the
    osteoporosis side, while -2.44 is reported -2.4 and does not.

    Examples
    --------
    >>> [reported(t) for t in (-2.44, -2.45, -2.46, -2.54, -0.95)]
    [-2.4, -2.5, -2.5, -2.5, -1.0]
    """
    # The small term undoes binary fractions such as -2.55 stored as -2.5499999999999998.
    tenths = math.floor(abs(score) * 10 + 0.5 + 1e-9)
    return math.copysign(tenths / 10, score) if tenths else 0.0


@functools.cache
def young_adult_reference(site: str) -> Reference:
    """The T-score reference of a site: young white women, for both sexes.

    Examples
    --------
    >>> young_adult_reference("femoral_neck").mean_g_cm2
    0.858
    """
    checked_choice("site", site, DXA_SITES)
    for row in table("bmd_reference"):
        if row["role"] == "young_adult" and (row["site"], row["sex"]) == (site, "female"):
            return _reference(row)
    raise InputError("site", "must have a confirmed young-adult reference", site,
                     "Give the T-score that the report prints for this site.")


@functools.cache
def age_matched_reference(site: str, sex: str, age_years: int) -> Reference:
    """The Z-score reference: white US people of the same sex and decade of age.

    Raises
    ------
    InputError
        No confirmed table covers this site, sex and age.

    Examples
    --------
    >>> age_matched_reference("femoral_neck", "female", 63).mean_g_cm2
    0.681
    """
    checked_choice("site", site, DXA_SITES)
    checked_choice("sex", sex, SEXES)
    for row in table("bmd_reference"):
        upper = row["age_high_years"] if row["age_high_years"] is not None else math.inf
        if (row["role"] == "age_matched" and row["site"] == site and row["sex"] == sex
                and row["population"] == "us_white"
                and row["age_low_years"] <= age_years < upper + 1):
            return _reference(row)
    raise InputError("z_scores", "are needed: no confirmed age-matched reference covers "
                     f"the {plain_name(site)} of a {sex} person of {age_years}", None,
                     f'Give z_scores={{"{site}": ...}} as the report prints it.')


def _reference(row) -> Reference:
    return Reference(row["site"], row["sex"], row["mean_g_cm2"], row["sd_g_cm2"],
                     row["source_id"], row["population"])


@functools.cache
def _calibration(site: str, device: str) -> tuple[float, float]:
    """Intercept (g/cm2) and slope of standardised BMD for a device."""
    for row in table("device_calibration"):
        if (row["site"], row["device"]) == (site, device):
            return row["intercept_g_cm2"], row["slope"]
    raise InputError("device", f"must have a published calibration at the {plain_name(site)}",
                     device, "Give the T-score that the report prints for this site.")


def standardised_bmd(bmd_g_cm2: float, site: str, device: str) -> float:
    """Standardised BMD (sBMD), g/cm2: the common scale of the three devices.

    Examples
    --------
    >>> round(standardised_bmd(0.942, "total_hip", "hologic"), 4)
    0.9555
    """
    bmd = checked_number("bmd_g_cm2", bmd_g_cm2)
    checked_choice("site", site, DXA_SITES)
    checked_choice("device", device, DEVICES)
    intercept, slope = _calibration(site, device)
    return intercept + slope * bmd


def hologic_bmd(bmd_g_cm2: float, site: str, device: str) -> float:
    """The BMD that a Hologic device would be expected to show, g/cm2.

    Examples
    --------
    >>> round(hologic_bmd(1.000, "total_hip", "lunar"), 3)
    0.935
    """
    if device == "hologic":
        return checked_number("bmd_g_cm2", bmd_g_cm2)
    intercept, slope = _calibration(site, "hologic")
    return (standardised_bmd(bmd_g_cm2, site, device) - intercept) / slope


def t_score(bmd_g_cm2: float, site: str, device: str = "hologic") -> float:
    """T-score of a BMD: SDs from the mean of young white women.

    Parameters
    ----------
    bmd_g_cm2 : float
        0.2 to 2.5 g/cm2.
    site : str
        A DXA site.
    device : str
        ``hologic``, ``lunar`` or ``norland``.

    Returns
    -------
    float
        Not rounded; see `reported`.

    Examples
    --------
    By hand: (0.738 - 0.858) / 0.120 = -1.0.

    >>> round(t_score(0.738, "femoral_neck"), 2)
    -1.0
    """
    reference = young_adult_reference(site)
    return (hologic_bmd(bmd_g_cm2, site, device) - reference.mean_g_cm2) / reference.sd_g_cm2


def density_at(score: float, site: str, name: str = "t_score") -> float:
    """Hologic BMD of a T-score, g/cm2; refuses, under ``name``, what no bone can have."""
    reference, lowest = young_adult_reference(site), PLAUSIBLE["bmd_g_cm2"][0]
    density = reference.mean_g_cm2 + checked_number(name, score, "t_score") * reference.sd_g_cm2
    if density < lowest:
        raise InputError(name, f"must stand for a density of {lowest} g/cm2 or more at the "
                         f"{plain_name(site)}", score, "Check the score.")
    return density


def bmd_from_t_score(score: float, site: str, device: str = "hologic") -> float:
    """BMD that has this T-score on this device, g/cm2.

    Parameters
    ----------
    score : float
        T-score, -8 to 8 SD.
    site, device : str
        As in `t_score`.

    Returns
    -------
    float
        In the units of the device.

    Raises
    ------
    InputError
        The score stands for a density that no bone has (below 0.2 g/cm2).

    Examples
    --------
    >>> round(bmd_from_t_score(-2.5, "total_hip"), 3)
    0.637
    """
    hologic = density_at(score, site)
    if device == "hologic":
        return hologic
    checked_choice("device", device, DEVICES)
    intercept, slope = _calibration(site, device)
    return (standardised_bmd(hologic, site, "hologic") - intercept) / slope


def z_score(bmd_g_cm2: float, site: str, sex: str, age_years: float,
            device: str = "hologic") -> float:
    """Z-score of a BMD: SDs from the mean of people of the same age and sex.

    Parameters
    ----------
    bmd_g_cm2, site, device
        As in `t_score`.
    sex : str
        ``female`` or ``male``.
    age_years : float

    Returns
    -------
    float
        Not rounded.

    Raises
    ------
    InputError
        No confirmed reference covers this site, sex and age.

    Examples
    --------
    By hand: (0.681 - 0.681) / 0.119 = 0.

    >>> z_score(0.681, "femoral_neck", "female", 63)
    0.0
    """
    reference = age_matched_reference(site, sex, int(checked_number("age_years", age_years)))
    return (hologic_bmd(bmd_g_cm2, site, device) - reference.mean_g_cm2) / reference.sd_g_cm2


def patient_t_scores(patient: Patient) -> SiteValues:
    """T-scores of all scanned sites: those given, and those made from BMD."""
    made = {site: t_score(bmd, site, patient.device) for site, bmd in patient.bmd_g_cm2.items()}
    return SiteValues({**patient.t_scores, **made}, "t_scores", "t_score")


def patient_bmd(patient: Patient, site: str) -> float | None:
    """BMD of a scanned site in Hologic units, g/cm2; ``None`` if not scanned."""
    if site in patient.bmd_g_cm2:
        return hologic_bmd(patient.bmd_g_cm2[site], site, patient.device)
    if site in patient.t_scores:
        return bmd_from_t_score(patient.t_scores[site], site)
    return None


def patient_z_scores(patient: Patient) -> SiteValues:
    """Z-scores: those the report gives, else made from BMD and age.

    A site whose reference table is missing is left out when another site has a
    Z-score; with none at all the error of the first site is raised.
    """
    scores, first_error = dict(patient.z_scores), None
    for site in patient.scanned_sites:
        if site in scores:
            continue
        try:
            scores[site] = z_score(patient_bmd(patient, site), site, patient.sex, patient.age_years)
        except InputError as error:
            first_error = first_error or error
    if not scores and first_error:
        raise first_error
    return SiteValues(scores, "z_scores", "z_score")
