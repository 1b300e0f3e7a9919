"""What a person's own scans teach: a Bayesian update of loss and response.

Before any scan a person is like the trials' average, give or take. Two scans that
fall more than expected may mean fast loss, poor response, or noise; each explanation
gets its share by how uncertain it was. Everything is normal on the scale of log BMD,
so the update is exact.

Regression to the mean is part of it: the first scan is noisy too, and a person whose
first scan lies far from the mean of her age is a little nearer to it than it says.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Protocol

from osteoteach.errors import InputError
from osteoteach.model.densitometry import (
    age_matched_reference,
    bmd_from_t_score,
    hologic_bmd,
)
from osteoteach.model.patient import Patient
from osteoteach.model.precision import precision_cv_pct
from osteoteach.model.remodelling import SITES
from osteoteach.model.vocabulary import checked_choice, checked_number, number_between

__all__ = ["OwnResponse", "OwnScan", "chance_as_far_off", "learn"]


@dataclass(frozen=True, kw_only=True)
class OwnScan:
    """A later scan of the same person on the same device.

    Parameters
    ----------
    time_years : float
        From the start of the plan, above 0. The scan at the start is the patient's own.
    site : str
        Lumbar spine, total hip or femoral neck.
    t_score, bmd_g_cm2 : float
        One of the two; a BMD is read with the patient's ``device``.
    precision_pct : float, optional
        Precision error of the centre, %; not given: the largest ISCD accepts.

    Examples
    --------
    >>> OwnScan(time_years=1, site="total_hip", t_score=-2.1).t_score
    -2.1
    """

    time_years: float
    site: str
    t_score: float | None = None
    bmd_g_cm2: float | None = None
    precision_pct: float | None = None

    def __post_init__(self) -> None:
        number_between("time_years", self.time_years, 1e-6, 40, "must be above 0 and at most 40",
                       "The scan at the start belongs to the patient.")
        checked_choice("site", self.site, SITES)
        if (self.t_score is None) == (self.bmd_g_cm2 is None):
            raise InputError("own_scans", "must have a T-score or a BMD, not both", self,
                             "Give t_score= or bmd_g_cm2=.")
        for name in ("t_score", "bmd_g_cm2"):
            if getattr(self, name) is not None:
                checked_number(name, getattr(self, name))
        if self.precision_pct is not None:
            number_between("precision_pct", self.precision_pct, 0.1, 10,
                           "must be from 0.1 to 10 %", "A DXA precision error is about 1 to 3%.")

    def hologic_g_cm2(self, patient: Patient) -> float:
        """The scan in Hologic units."""
        if self.t_score is not None:
            return bmd_from_t_score(self.t_score, self.site)
        if patient.device is None:
            raise InputError("device", "is needed to read a BMD in g/cm2", None,
                             "Give the patient's device.")
        return hologic_bmd(self.bmd_g_cm2, self.site, patient.device)

    @property
    def precision_log(self) -> float:
        """Precision error as an SD of log BMD."""
        pct = precision_cv_pct(self.site) if self.precision_pct is None else self.precision_pct
        return pct / 100


class Forecast(Protocol):
    """What learning needs of the course of a site."""

    site: str
    start_bmd_g_cm2: float | None

    def prior_mean(self, time_years: float) -> float: ...
    def prior_deviations(self, time_years: float) -> Mapping[str, float]: ...


@dataclass(frozen=True)
class OwnResponse:
    """The deviates of one person after her scans: mean and joint spread.

    Attributes
    ----------
    names : deviates, each standard normal before any scan.
    mean : their mean now.
    root : lower triangle L; deviates are mean + L times fresh standard normals.
    true_start : by site, log of the true density at the start over the scanned one.
    """

    names: tuple[str, ...]
    mean: Mapping[str, float]
    root: tuple[tuple[float, ...], ...]
    true_start: Mapping[str, float]

    def shift(self, deviations: Mapping[str, float]) -> float:
        """Log change that the person's own deviates add to the mean."""
        return math.fsum(sd * self.mean.get(name, 0.0) for name, sd in deviations.items())

    def spread(self, deviations: Mapping[str, float]) -> dict[str, float]:
        """The deviations in fresh independent normals, under the same names.

        What the scans could not teach, because the plan they were made under does not depend
        on it, stays as uncertain as it was.
        """
        row = [deviations.get(name, 0.0) for name in self.names]
        taught = {name: math.fsum(row[i] * self.root[i][j] for i in range(j, len(row)))
                  for j, name in enumerate(self.names)}
        return {**deviations, **taught}


def learn(patient: Patient, paths: Mapping[str, Forecast],
          scans: Iterable[OwnScan]) -> OwnResponse:
    """Update the deviates of a person by her scans, one after the other.

    Raises
    ------
    InputError
        A scan of a site that has none at the start.
    """
    scans = sorted(scans, key=lambda scan: scan.time_years)
    names: dict[str, None] = {}
    for scan in scans:
        if paths[scan.site].start_bmd_g_cm2 is None:
            raise InputError("own_scans", "must be of a site scanned at the start", scan.site,
                             "Give the patient's T-score or BMD there.")
    for path in paths.values():
        names |= dict.fromkeys(path.prior_deviations(1.0))
    starts = [site for site in paths if paths[site].start_bmd_g_cm2 is not None]
    state = _State([*names, *(f"start {site}" for site in starts)])
    for site in starts:
        mean, variance = _true_start(patient, site, paths[site].start_bmd_g_cm2)
        state.set_prior(f"start {site}", mean, variance)
    for scan in scans:
        path = paths[scan.site]
        seen = math.log(scan.hologic_g_cm2(patient) / path.start_bmd_g_cm2)
        weights = {**path.prior_deviations(scan.time_years), f"start {scan.site}": 1.0}
        state.observe(seen - path.prior_mean(scan.time_years), weights, scan.precision_log ** 2)
    return OwnResponse(tuple(names), {name: state.mean_of(name) for name in names},
                       _lower_root(state.covariance, len(names)),
                       {site: state.mean_of(f"start {site}") for site in starts})


def chance_as_far_off(patient: Patient, path: Forecast, scan: OwnScan) -> float:
    """Share of people like this whose scan would be as far off the forecast, on the same side.

    Their loss, their response and the noise of both scans are reckoned with, so a small
    share asks whether something else happened: doses left out, another device or region.

    Examples
    --------
    >>> from osteoteach.model.plan import Course, Plan
    >>> from osteoteach.model.trajectory import follow
    >>> woman = Patient(age_years=68, sex="female", menopausal_status="postmenopausal",
    ...                 menopause_age_years=50, t_scores={"total_hip": -2.4})
    >>> course = follow(woman, Plan(courses=[Course("alendronate", 0, 5)]), 5)["total_hip"]
    >>> far, near = (OwnScan(time_years=2, site="total_hip", t_score=t) for t in (-3.0, -2.2))
    >>> chance_as_far_off(woman, course, far) < 0.01 < chance_as_far_off(woman, course, near)
    True
    """
    seen = math.log(scan.hologic_g_cm2(patient) / path.start_bmd_g_cm2)
    start, noise = _true_start(patient, scan.site, path.start_bmd_g_cm2)
    spread = math.hypot(*path.prior_deviations(scan.time_years).values(), math.sqrt(noise),
                        scan.precision_log)
    off = abs(seen - path.prior_mean(scan.time_years) - start)
    return NormalDist().cdf(-off / spread)


def _true_start(patient: Patient, site: str, scanned: float) -> tuple[float, float]:
    """Mean and variance of log(true/scanned) at the start, given people of that age."""
    noise = (precision_cv_pct(site) / 100) ** 2
    try:
        peers = age_matched_reference(site, patient.sex, int(patient.age_years))
    except InputError:
        return 0.0, noise  # no published mean for this age: nothing to move towards
    between = (peers.sd_g_cm2 / peers.mean_g_cm2) ** 2
    pull = noise / (noise + between)
    return pull * math.log(peers.mean_g_cm2 / scanned), noise * (1 - pull)


class _State:
    """Mean and covariance of jointly normal quantities."""

    def __init__(self, names: Sequence[str]) -> None:
        self._place = {name: place for place, name in enumerate(names)}
        count = len(names)
        self._mean = [0.0] * count
        self.covariance = [[float(i == j) for j in range(count)] for i in range(count)]

    def set_prior(self, name: str, mean: float, variance: float) -> None:
        place = self._place[name]
        self._mean[place], self.covariance[place][place] = mean, variance

    def mean_of(self, name: str) -> float:
        return self._mean[self._place[name]]

    def observe(self, value: float, weights: Mapping[str, float], noise: float) -> None:
        """Take in one number: value = weights . state + noise (a variance)."""
        row = [0.0] * len(self._mean)
        for name, weight in weights.items():
            row[self._place[name]] = weight
        with_state = [math.fsum(map(float.__mul__, line, row)) for line in self.covariance]
        variance = math.fsum(map(float.__mul__, with_state, row)) + noise
        surprise = value - math.fsum(map(float.__mul__, row, self._mean))
        for i, share in enumerate(with_state):
            self._mean[i] += share / variance * surprise
            line = self.covariance[i]
            for j, other in enumerate(with_state):
                line[j] -= share * other / variance


def _lower_root(covariance: Sequence[Sequence[float]], size: int) -> tuple[tuple[float, ...], ...]:
    """Cholesky root of the first ``size`` rows and columns."""
    root = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = covariance[i][j] - math.fsum(
                map(float.__mul__, root[i][:j], root[j][:j]))
            root[i][j] = math.sqrt(max(rest, 0.0)) if i == j else (
                rest / root[j][j] if root[j][j] else 0.0)
    return tuple(map(tuple, root))
