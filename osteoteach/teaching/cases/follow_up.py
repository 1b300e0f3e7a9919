"""A virtual patient over the years: what the model expects of a plan, and her own scans.

The person keeps a response of her own, drawn once from those of the model, and her scans
carry the noise of the precision error. Both depend on the case only: another plan for the
same person meets the same person. Medicines before today are simulated from their start,
and everything is told from today.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from osteoteach.model.densitometry import reported, t_score
from osteoteach.model.patient import Lifestyle, Patient
from osteoteach.model.plan import Course, Plan
from osteoteach.model.plan_warnings import PlanWarning, plan_warnings
from osteoteach.model.precision import least_significant_change, precision_cv_pct
from osteoteach.model.site_path import PERSONS, SitePath
from osteoteach.model.trajectory import follow
from osteoteach.model.vocabulary import plain_name
from osteoteach.teaching.cases.case import Case
from osteoteach.teaching.cases.dice import Dice
from osteoteach.teaching.sentences import of_100, signed, signed_pct, years_in_words

__all__ = ["FollowUp", "Scan", "YEARS_AFTER", "follow_up"]

YEARS_AFTER = 5
STEP_YEARS = 0.25
#: When she is scanned again, years from today.
SCAN_YEARS = (2, 4)
SITE_ORDER = ("total_hip", "lumbar_spine", "femoral_neck")
BAND = (0.05, 0.95)
#: Limits on time are passed before today: stopping cannot undo them.
_ABOUT_THE_PAST = ("years_on_medicine_above", "lifetime_years_above",
                   "longer_than_reassess_years")


@dataclass(frozen=True)
class Scan:
    """One scan of the person, with its noise, and the change since today's scan."""

    years: float
    bmd_g_cm2: float
    t_score: float
    change_pct: float


@dataclass(frozen=True)
class FollowUp:
    """The years after today, at one site.

    Attributes
    ----------
    years, expected_g_cm2, low_g_cm2, high_g_cm2, stopped_g_cm2 : tuple of float
        The grid; what is expected and its 90% band; and the same with nothing from today.
    scans : tuple of Scan
        Her own: today's first.
    gain_pct, gain_low_pct, gain_high_pct : float
        Expected change at the end, %.
    """

    site: str
    years: tuple[float, ...]
    expected_g_cm2: tuple[float, ...]
    low_g_cm2: tuple[float, ...]
    high_g_cm2: tuple[float, ...]
    stopped_g_cm2: tuple[float, ...]
    scans: tuple[Scan, ...]
    gain_pct: float
    gain_low_pct: float
    gain_high_pct: float
    stopped_gain_pct: float
    least_significant_change_pct: float
    chance_of_real_gain: float
    warnings: tuple[PlanWarning, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """What happened, in words."""
        where = plain_name(self.site)
        last = self.scans[-1]
        shown = abs(last.change_pct) >= self.least_significant_change_pct
        verdict = ("a change the scans can show" if shown
                   else "less than the least significant change, so no change is shown")
        return (
            f"With your plan the {where} is expected to change by {signed_pct(self.gain_pct)} in "
            f"{years_in_words(YEARS_AFTER)} (90 of 100 people {signed_pct(self.gain_low_pct)} to "
            f"{signed_pct(self.gain_high_pct)}); with nothing from today "
            f"{signed_pct(self.stopped_gain_pct)}.",
            f"{of_100(self.chance_of_real_gain).capitalize()} people like this gain more than the "
            f"least significant change of {self.least_significant_change_pct:.1f}%.",
            f"This person's scan after {years_in_words(last.years)}: {last.bmd_g_cm2:.3f} g/cm², "
            f"T-score {signed(last.t_score)}, {signed_pct(last.change_pct)} since today: "
            f"{verdict}.",
        )


def follow_up(case: Case, courses: Iterable[Course] = (),
              lifestyle: Lifestyle | None = None) -> FollowUp:
    """Follow a case for `YEARS_AFTER` years under a plan that starts today.

    Examples
    --------
    >>> from osteoteach.teaching.cases import written_case
    >>> woman = written_case("routine_woman_of_66")
    >>> treated = follow_up(woman, [Course("alendronate", 0, 5)])
    >>> treated.gain_pct > treated.stopped_gain_pct
    True
    """
    before, site = case.years_before, _site(case)
    whole = before + YEARS_AFTER
    person = _as_at_the_start(case)
    plan = Plan(courses=_joined(case, courses))
    path = follow(person, plan, whole, (site,))[site]
    bare = follow(person, Plan(courses=case.past_courses), whole, (site,))[site]
    now = case.report.row(site).bmd_g_cm2
    grid = tuple(index * STEP_YEARS for index in range(int(YEARS_AFTER / STEP_YEARS) + 1))
    habits = _habits(case, lifestyle, site, grid)
    people = {time: [habits[time] * ratio for ratio in _ratios(path, before, time)]
              for time in grid}
    bands = [_band(people[time]) for time in grid]
    means = [habits[time] * _mean_ratio(path, before, time) for time in grid]
    bare_means = [_mean_ratio(bare, before, time) for time in grid]
    limit = least_significant_change(precision_cv_pct(site))
    at_end = people[grid[-1]]
    low, high = bands[-1]
    return FollowUp(
        site, grid, tuple(now * mean for mean in means), tuple(now * one for one, _ in bands),
        tuple(now * one for _, one in bands), tuple(now * mean for mean in bare_means),
        _scans(case, site, now, people), 100 * (means[-1] - 1), 100 * (low - 1),
        100 * (high - 1), 100 * (bare_means[-1] - 1), limit,
        sum(ratio >= 1 + limit / 100 for ratio in at_end) / len(at_end),
        _warnings(case, person, plan, whole))


def _site(case: Case) -> str:
    return next(site for site in SITE_ORDER if site in case.patient.t_scores)


def _as_at_the_start(case: Case) -> Patient:
    """The person when the first medicine was begun."""
    before = case.years_before
    if not before:
        return case.patient
    # A fracture or heart attack since then is no matter for the course of the density.
    return replace(case.patient, age_years=case.patient.age_years - before, fractures=())


def _joined(case: Case, courses: Iterable[Course]) -> tuple[Course, ...]:
    """Past courses and those of the plan on one time line."""
    shifted = [replace(course, start_years=course.start_years + case.years_before,
                       end_years=course.end_years + case.years_before) for course in courses]
    return (*case.past_courses, *shifted)


def _mean_ratio(path: SitePath, before: float, time: float) -> float:
    return ((100 + path.change_pct(before + time)) / (100 + path.change_pct(before))
            if time else 1.0)


def _habits(case: Case, lifestyle: Lifestyle | None, site: str,
            grid: tuple[float, ...]) -> dict[float, float]:
    """What a new way of life adds from today on, as a factor; medicines run from earlier."""
    if lifestyle is None:
        return dict.fromkeys(grid, 1.0)
    as_now, changed = (follow(case.patient, plan, float(YEARS_AFTER), (site,))[site]
                       for plan in (Plan(), Plan(lifestyle=lifestyle)))
    return {time: (100 + changed.change_pct(time)) / (100 + as_now.change_pct(time))
            for time in grid}


def _ratios(path: SitePath, before: float, time: float) -> list[float]:
    """Density over today's in each simulated person."""
    if not time:
        return [1.0] * PERSONS
    then = path.persons_change_pct(before + time)
    now = path.persons_change_pct(before) if before else [0.0] * PERSONS
    return [(100 + later) / (100 + start) for later, start in zip(then, now, strict=True)]


def _band(ratios: list[float]) -> tuple[float, float]:
    ordered = sorted(ratios)
    last = len(ordered) - 1
    return ordered[math.ceil(BAND[0] * last)], ordered[math.floor(BAND[1] * last)]


def _scans(case: Case, site: str, now: float, people: dict[float, list[float]],
           ) -> tuple[Scan, ...]:
    """Today's scan as the report prints it; later ones of this person with noise."""
    dice = Dice(f"osteoteach scans {case.case_id}")
    person, precision = dice.below(PERSONS), precision_cv_pct(site) / 100
    scans = [Scan(0.0, now, case.report.row(site).t_score, 0.0)]
    for time in SCAN_YEARS:
        bmd = round(now * people[float(time)][person] * (1 + precision * dice.normal()), 3)
        scans.append(Scan(float(time), bmd, reported(t_score(bmd, site)),
                          100 * (bmd - now) / now))
    return tuple(scans)


def _warnings(case: Case, person: Patient, plan: Plan, years: float) -> tuple[PlanWarning, ...]:
    found = plan_warnings(person, plan, years)
    if not case.past_courses:
        return found
    past = set(plan_warnings(person, Plan(courses=case.past_courses), years))
    return tuple(one for one in found
                 if not (one in past and one.trigger in _ABOUT_THE_PAST))
