"""Bone density over time: what the model expects, and how sure it is.

`simulate` follows log BMD: untreated loss from the table, plus what a change of
lifestyle adds. Everything uncertain is a normal deviate on that scale (between
studies: the rate and the effects; between persons: the rate and, where a trial
gave it, the response); see `site_path`.

It refuses what has no confirmed evidence behind it: children, ages past 100,
sites other than spine, total hip and femoral neck.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from osteoteach.errors import InputError
from osteoteach.model.densitometry import patient_bmd
from osteoteach.model.diagnosis import ADULT_FROM_AGE
from osteoteach.model.lifestyle import MODEL_SITES, effects_of_change, unused_statements
from osteoteach.model.medicine_course import MarkerCourse, MedicineCourse, marker_course
from osteoteach.model.medicines import medicine
from osteoteach.model.model_constants import fitted_constants
from osteoteach.model.own_scans import OwnScan, learn
from osteoteach.model.patient import Patient
from osteoteach.model.plan import LONGEST_YEARS, Plan
from osteoteach.model.plan_kinds import error_sentences
from osteoteach.model.plan_warnings import PlanWarning, plan_warnings
from osteoteach.model.site_path import SitePath
from osteoteach.model.untreated_loss import (
    menopause_assumption,
    spread_of_loss,
    untreated_segments,
)
from osteoteach.model.vocabulary import checked_choice, number_between

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Trajectory", "follow", "simulate"]

STEP_YEARS = 0.25
# Below it the reader is told that trials of lifestyle were in older people.
YOUNGER_THAN_TRIALS = 50


@dataclass(frozen=True)
class Trajectory:
    """The answer of `simulate`.

    Attributes
    ----------
    paths : mapping of site to SitePath
    warnings : tuple of str
        What was assumed or could not be counted.
    sources : tuple of str
        Source ids of all numbers that took part.
    """

    patient: Patient
    plan: Plan
    years: float
    paths: dict[str, SitePath]
    warnings: tuple[str, ...]
    sources: tuple[str, ...]
    seed: int = 1
    own_scans: tuple[OwnScan, ...] = ()
    plan_warnings: tuple[PlanWarning, ...] = ()

    @property
    def time_years(self) -> tuple[float, ...]:
        """Grid of the tables: every quarter of a year, and the end."""
        count = int(self.years / STEP_YEARS + 1e-9)
        grid = [index * STEP_YEARS for index in range(count + 1)]
        return tuple(grid if math.isclose(grid[-1], self.years) else [*grid, self.years])

    @property
    def scanned_sites(self) -> tuple[str, ...]:
        return tuple(s for s, path in self.paths.items() if path.start_bmd_g_cm2 is not None)

    def _path(self, site: str, at_years: float) -> SitePath:
        checked_choice("site", site, MODEL_SITES)
        number_between("at_years", at_years, 0, self.years,
                       f"must be from 0 to {self.years:g} years",
                       "Simulate for longer, or ask for an earlier time.")
        return self.paths[site]

    def change_pct(self, site: str, at_years: float) -> float:
        """Expected change of BMD since the start, %, at any time of the course."""
        return self._path(site, at_years).change_pct(at_years)

    def band_pct(self, site: str, at_years: float) -> tuple[float, float]:
        """90% band of that change, %."""
        return self._path(site, at_years).band_pct(at_years)

    @functools.cached_property
    def marker_course(self) -> MarkerCourse:
        """Markers and cells four times a month: the mean."""
        return marker_course(self.plan, self.years)

    @property
    def markers(self) -> pd.DataFrame:
        """Turnover markers four times a month, as ratios to before treatment.

        Columns: time_years, ctx (resorption) and p1np (formation). At the time of a
        dose the sample is taken before it.
        """
        import pandas as pd

        course = self.marker_course
        return pd.DataFrame({"time_years": course.time_years, "ctx": course.ctx,
                             "p1np": course.p1np})

    @property
    def table(self) -> pd.DataFrame:
        """Tidy table of the scanned sites.

        Columns: time_years, site, bmd_g_cm2 (Hologic units), t_score,
        change_pct, and low and high: the 90% band of change_pct.
        """
        import pandas as pd

        rows = []
        for site in self.scanned_sites:
            path = self.paths[site]
            for time in self.time_years:
                change = path.change_pct(time)
                low, high = path.band_pct(time)
                rows.append((time, site, path.start_bmd_g_cm2 * (1 + change / 100),
                             path.t_score(change), change, low, high))
        return pd.DataFrame(rows, columns=["time_years", "site", "bmd_g_cm2", "t_score",
                                           "change_pct", "low", "high"])

    @property
    def draws(self) -> pd.DataFrame:
        """200 persons like her, each with a course of their own.

        Columns: person, time_years, site, bmd_g_cm2, t_score, change_pct.
        """
        import pandas as pd

        rows = []
        for site in self.scanned_sites:
            path = self.paths[site]
            for time in self.time_years:
                for person, change in enumerate(path.persons_change_pct(time, seed=self.seed)):
                    rows.append((person, time, site, path.start_bmd_g_cm2 * (1 + change / 100),
                                 path.t_score(change), change))
        return pd.DataFrame(rows, columns=["person", "time_years", "site", "bmd_g_cm2",
                                           "t_score", "change_pct"])


def simulate(patient: Patient, plan: Plan | None = None, years: float = 5.0,
             seed: int = 1, own_scans: Iterable[OwnScan] = (),
             scanned_under: Plan | None = None) -> Trajectory:
    """Follow a person's bone density under a plan.

    Parameters
    ----------
    patient : Patient
        An adult. Sites without a scan are followed as a percent change only.
    plan : Plan, optional
        Default: live on as now, without medicines.
    years : float
        Above 0, up to 40, and not past age 100.
    seed : int
        Of the simulated persons.
    own_scans : iterable of OwnScan
        Later scans of this person, at times of the plan: her loss and her response
        are then updated by them.
    scanned_under : Plan, optional
        What she took when those scans were made; not given: the plan itself. So a plan that
        she did not take can be followed for the same person. Assumed: who responds well to
        one medicine does to another.

    Returns
    -------
    Trajectory

    Raises
    ------
    InputError

    Examples
    --------
    >>> woman = Patient(age_years=62, sex="female", menopausal_status="postmenopausal",
    ...                 menopause_age_years=50, t_scores={"total_hip": -1.8})
    >>> course = simulate(woman, Plan(), years=5)
    >>> course.change_pct("total_hip", 0), course.change_pct("total_hip", 5) < 0
    (0.0, True)
    """
    plan = plan if plan is not None else Plan()
    _check_arguments(patient, plan, years)
    if scanned_under is not None and not isinstance(scanned_under, Plan):
        raise InputError("scanned_under", "must be a Plan", scanned_under,
                         "Write Plan(courses=[...]).")
    paths = follow(patient, plan, float(years))
    own_scans = _checked_scans(own_scans, years)
    if own_scans:
        taken = paths if scanned_under is None else follow(patient, scanned_under, float(years))
        own = learn(patient, taken, own_scans)
        paths = {site: path.with_own(own) for site, path in paths.items()}
    _, menopause_note = menopause_assumption(patient)
    about_plan = plan_warnings(patient, plan, float(years))
    notes = [*map(str, about_plan), menopause_note, *unused_statements(patient, plan.lifestyle),
             *_limits(patient, plan), *_without_interval(paths),
             *error_sentences(plan, float(years))]
    return Trajectory(patient, plan, float(years), paths, tuple(filter(None, notes)),
                      _sources(plan, about_plan, paths), seed, own_scans, about_plan)


def follow(patient: Patient, plan: Plan, years: float,
           sites: tuple[str, ...] = MODEL_SITES) -> dict[str, SitePath]:
    """The courses of some sites: a part of `simulate`, for checked arguments."""
    paths = {site: SitePath(
        site, patient_bmd(patient, site), untreated_segments(patient, site, years),
        effects_of_change(patient, plan.lifestyle, site), plan.combining,
        spread_of_loss(patient, site)) for site in sites}
    if plan.schedule(years, fitted_constants()).is_empty:
        return paths
    # What medicines act upon does not depend on the scan, so a new T-score needs no new run.
    bare = tuple(replace(path, start_bmd_g_cm2=None, person_sd=0.0) for path in paths.values())
    course = _medicine_course(plan, years, patient.sex, bare)
    return {site: replace(path, medicines=course) for site, path in paths.items()}


@functools.lru_cache(maxsize=32)
def _medicine_course(plan: Plan, years: float, sex: str,
                     paths: tuple[SitePath, ...]) -> MedicineCourse:
    return MedicineCourse(plan, years, sex, {path.site: path.background for path in paths})


def _check_arguments(patient: Patient, plan: Plan, years: float) -> None:
    if not isinstance(patient, Patient):
        raise InputError("patient", "must be a Patient", patient, "Write Patient(age_years=...).")
    if not isinstance(plan, Plan):
        raise InputError("plan", "must be a Plan", plan, "Write Plan(lifestyle=Lifestyle(...)).")
    number_between("years", years, 1e-6, LONGEST_YEARS,
                   f"must be above 0 and at most {LONGEST_YEARS}",
                   "Give the length of the simulation in years.")
    if patient.age_years < ADULT_FROM_AGE:
        raise InputError("age_years", f"must be {ADULT_FROM_AGE} or more", patient.age_years,
                         "The loss table starts at 20: growing bone is another subject.")


def _checked_scans(own_scans: Iterable[OwnScan], years: float) -> tuple[OwnScan, ...]:
    own_scans = tuple(own_scans)
    for scan in own_scans:
        if not isinstance(scan, OwnScan):
            raise InputError("own_scans", "must hold OwnScan values", scan,
                             'Write OwnScan(time_years=1, site="total_hip", t_score=-2.1).')
        number_between("time_years", scan.time_years, 0, years, "of a scan must be within the "
                       f"simulated {years:g} years", "Simulate for longer.")
    return own_scans


def _limits(patient: Patient, plan: Plan) -> list[str]:
    """What about this person the evidence does not cover."""
    notes = []
    if plan.lifestyle is not None and patient.age_years < YOUNGER_THAN_TRIALS:
        notes.append("Lifestyle effects were measured mostly after menopause and in older "
                     "people; for this age they are carried over.")
    if patient.risk_factors.prednisolone_mg_day:
        notes.append("Glucocorticoids speed bone loss; the model does not include them.")
    if patient.risk_factors.secondary_causes or patient.risk_factors.hyperparathyroidism:
        notes.append("A secondary cause is recorded; the model does not include it.")
    return notes


def _without_interval(paths: dict[str, SitePath]) -> list[str]:
    labels = {effect.label for path in paths.values() for effect in path.effects
              if not effect.has_interval
              and effect.mean != (effect.kind == "multiplier")}  # that does nothing
    return [f"{label}: no interval was published, so the band leaves its uncertainty out."
            for label in sorted(labels)]


def _sources(plan: Plan, about_plan: Iterable[PlanWarning],
             paths: dict[str, SitePath]) -> tuple[str, ...]:
    medicines = [medicine(course.medicine) for course in plan.courses]
    ids = [source_id for part in (*medicines, *about_plan) for source_id in part.source_ids]
    ids += [source_id for path in paths.values()
            for part in (*path.segments, *path.effects) for source_id in part.source_ids]
    return tuple(dict.fromkeys(source_id.strip() for source_id in ids))
