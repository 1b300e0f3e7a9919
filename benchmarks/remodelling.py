"""The remodelling model beside scipy: time and accuracy of one scenario, then a cohort.

scipy integrates the same equations continuously in time, from one dose to the next.
The functions of `osteoteach.model.remodelling` are shared; only the slopes, which the
model never writes down because it steps exactly, stand here.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
import time
import tracemalloc
from itertools import pairwise

import numpy as np

from osteoteach import Course, Patient, Plan, simulate
from osteoteach.model.medicine_course import marker_course
from osteoteach.model.medicine_levels import LN2_DAYS, MedicineLevels, _surface_available
from osteoteach.model.model_constants import fitted_constants
from osteoteach.model.remodelling import (
    FLOATS,
    LEAST_RESORPTION,
    SITES,
    density,
    formation_rate,
    precursor_target,
    reserve_target,
    resorption_rate,
)
from osteoteach.model.remodelling_cohort import follow_cohort
from osteoteach.model.remodelling_run import run_remodelling
from osteoteach.model.schedule import MONTH
from osteoteach.model.trajectory import follow

__all__ = ["run"]

YEARS, COHORT_YEARS, PERSONS = 12.0, 10.0, 100_000
REPEATS = 50
#: Accuracies asked of scipy: its own default and a usual one are timed; the tight one
#: tells what the steps lose.
DEFAULT, USUAL = {"rtol": 1e-3, "atol": 1e-6}, {"rtol": 1e-6, "atol": 1e-8}
TIGHT = {"rtol": 1e-9, "atol": 1e-11}
LEVELS, CELLS = 5, 4
WOMAN = Patient(age_years=65, sex="female", menopausal_status="postmenopausal",
                menopause_age_years=50, t_scores=dict.fromkeys(SITES, -2.5))
PLANS = {
    "denosumab 4 y, alendronate 4 y": [Course("denosumab", 0, 4), Course("alendronate", 4, 8)],
    "romosozumab 1 y, denosumab 3 y": [Course("romosozumab", 0, 1), Course("denosumab", 1, 4)],
    "teriparatide 2 y, zoledronate 3 y": [Course("teriparatide", 0, 2),
                                          Course("zoledronate", 2, 5)],
}
#: Constants of which every person of the cohort has their own.
OWN = ("turnover_lumbar_spine_per_year", "turnover_total_hip_per_year",
       "turnover_femoral_neck_per_year", "bisphosphonate_potency",
       "denosumab_half_effect_level", "deferred_signal")


def run() -> None:
    """Print one scenario, the bands and the cohort. Goals: 3 ms, and 4 s on one core."""
    _scenarios()
    _with_bands()
    _cohort()


# --- One scenario ------------------------------------------------------------


def _scenarios() -> None:
    solve_ivp = _solver()
    print(f"one scenario, {YEARS:g} years, three sites and markers; deviations from scipy "
          f"(rtol {TIGHT['rtol']:g}) in percentage points of BMD at the ends of months")
    for name, courses in PLANS.items():
        schedule, paths = _asked(courses, YEARS)
        untreated = _untreated(schedule, paths, MONTH)
        ours = _best(REPEATS, lambda s=schedule, u=untreated: run_remodelling(
            s, u, fitted_constants()))
        months = _months(schedule, paths, MONTH)
        halved = np.abs(_months(schedule, paths, MONTH / 2)[:, ::2] - months).max()
        if solve_ivp is None:
            print(f"{name}: {1000 * ours:.2f} ms; half the step changes {halved:.4f}")
            continue
        exact = _integrated(solve_ivp, schedule, paths, untreated, TIGHT)
        print(f"{name}\n  {'ours, a month a step':26}{1000 * ours:7.2f} ms            "
              f"{_deviation(months, exact)}; half the step changes {halved:.4f}")
        for accuracy in (DEFAULT, USUAL):
            found = _integrated(solve_ivp, schedule, paths, untreated, accuracy)
            theirs = _best(5, lambda s=schedule, p=paths, u=untreated, a=accuracy: _integrated(
                solve_ivp, s, p, u, a))
            print(f"  scipy LSODA, rtol {accuracy['rtol']:<8g}{1000 * theirs:7.2f} ms "
                  f"{theirs / ours:5.1f} : 1  {_deviation(found, exact)}")


def _deviation(found: np.ndarray, exact: np.ndarray) -> str:
    off = np.abs(found - exact)
    return f"mean {off.mean():.4f}, largest {off.max():.4f}"


def _solver():
    try:
        from scipy.integrate import solve_ivp
    except ImportError:
        print("scipy is not installed: nothing is compared with it. Run: make bench")
        return None
    return solve_ivp


def _asked(courses: list[Course], years: float):
    plan = Plan(courses=courses)
    readings = [step * MONTH for step in range(round(years / MONTH) + 1)]
    return plan.schedule(years, fitted_constants(), readings), follow(WOMAN, plan, years)


def _untreated(schedule, paths, longest_step_years: float) -> dict[str, list[float]]:
    times = schedule.step_times(longest_step_years)
    return {site: [math.exp(path.background(when)) for when in times]
            for site, path in paths.items()}


def _months(schedule, paths, longest_step_years: float) -> np.ndarray:
    """Density in percent of the start by site and end of step."""
    trace = run_remodelling(schedule, _untreated(schedule, paths, longest_step_years),
                            fitted_constants(), longest_step_years=longest_step_years)
    return np.array([trace.density[site] for site in SITES]) * 100


# --- The same equations for scipy --------------------------------------------


def _integrated(solve_ivp, schedule, paths, untreated, accuracy) -> np.ndarray:
    """As `_months`, continuous in time from each dose, change or bend to the next."""
    c, times = fitted_constants(), schedule.step_times(MONTH)
    kappa = [c.turnover(site) for site in SITES]
    young_before = [k / (c.mineralisation_rate_per_year + k) for k in kappa]
    state = np.array([0.0] * LEVELS + [1.0, 1.0, 1.0, 0.0] + [0.0] * 3 + young_before)
    bends = {segment.start_years for path in paths.values() for segment in path.segments}
    breaks = sorted({0.0, schedule.end_years, *bends, *(d.time_years for d in schedule.doses),
                     *(t for i in schedule.intakes for t in (i.start_years, i.end_years))})
    intakes, doses = schedule.intakes_by_step(breaks), schedule.doses_by_step(breaks)
    found, resorption = [state], 1.0
    for step, (left, right) in enumerate(pairwise(breaks)):
        levels = MedicineLevels(*state[:LEVELS])
        for dose in doses.get(step, ()):
            levels.give(dose.level, dose.amount, resorption, c)
        state[:LEVELS] = (levels.denosumab, levels.romosozumab, levels.zoledronate,
                          levels.surface, levels.buried)
        rates = [next(-part.log_rate for part in paths[site].segments
                      if part.start_years <= left < part.end_years) for site in SITES]
        backgrounds = [paths[site].background(left) for site in SITES]
        wanted = [when for when in times if left + 1e-9 < when < right - 1e-9]
        solved = solve_ivp(_slopes, (left, right), state, method="LSODA",
                           t_eval=[*wanted, right], **accuracy,
                           args=(left, intakes[step], rates, backgrounds, kappa, c))
        if not solved.success:
            raise RuntimeError(f"scipy gave up at {left:g} to {right:g} years: {solved.message}")
        ends = solved.y.T if any(abs(when - right) < 1e-9 for when in times) else solved.y.T[:-1]
        found += list(ends)
        state = solved.y[:, -1].copy()
        push = MedicineLevels(*state[:LEVELS]).now(intakes[step], c)
        resorption = resorption_rate(push.drive, state[LEVELS], push.potency)
    found = np.array(found).T
    excess, young = found[-6:-3], found[-3:]
    return np.array([100 * density(
        np.array(untreated[site]), excess[row], young[row], young_before[row],
        c.young_bone_deficit)
        for row, site in enumerate(SITES)])


def _slopes(when, state, left, intake, rates, backgrounds, kappa, c) -> list[float]:
    """Slopes of medicine levels, cells, and bone of each site."""
    denosumab, romosozumab, zoledronate, surface, buried = state[:LEVELS].tolist()
    precursors, reserve, coupled, deferred = state[LEVELS:LEVELS + CELLS].tolist()
    excess, young = state[-6:-3].tolist(), state[-3:].tolist()
    push = MedicineLevels(denosumab, romosozumab, zoledronate, surface, buried).now(intake, c)
    resorption = resorption_rate(push.drive, precursors, push.potency)
    bury = c.bisphosphonate_burial_per_year * surface
    back = c.bisphosphonate_return_per_year * resorption * buried
    slopes = [
        -LN2_DAYS / c.denosumab_half_life_days * denosumab,
        -LN2_DAYS / c.romosozumab_half_life_days * romosozumab,
        -c.zoledronate_release_per_year * zoledronate,
        intake.bisphosphonate * _surface_available(resorption, c)
        - c.bisphosphonate_release_per_year * surface - bury + back,
        bury - back,
        c.precursor_rate_per_year * (push.drive + c.precursor_constant)
        * (precursor_target(push.drive, deferred, c) - precursors),
        c.osteoblast_rate_per_year * (push.stimulus + c.osteoblast_constant)
        * (reserve_target(push.stimulus, c) - reserve),
        c.coupling_rate_per_year * (resorption - coupled),
        1.0 - resorption - c.deferred_clearance_per_year * deferred]
    more, renewed = [], []
    for row, site in enumerate(SITES):
        formation = formation_rate(push.stimulus_at(c.anabolic_surface(site)), reserve, coupled,
                                   push.potency, c, FLOATS)
        unloading = c.unloading_lumbar_spine if site == "lumbar_spine" else c.unloading_hip
        removed = resorption * max(1.0 + unloading * excess[row], LEAST_RESORPTION)
        loss = rates[row] * math.exp(backgrounds[row] - rates[row] * (when - left))
        more.append(kappa[row] * (formation - removed) + loss * (1.0 - formation))
        renewed.append(kappa[row] * formation
                       - (c.mineralisation_rate_per_year + kappa[row] * removed) * young[row])
    return [*slopes, *more, *renewed]


# --- What a page asks for ----------------------------------------------------


def _with_bands() -> None:
    name, courses = next(iter(PLANS.items()))
    number = itertools.count(1)

    def never_asked() -> Plan:
        # Answers are kept for a plan asked for again, so each round has a plan of its own.
        first = dataclasses.replace(courses[0], usual_doses=1 + 1e-6 * next(number))
        return Plan(courses=[first, *courses[1:]])

    def band(plan: Plan) -> None:
        answer = simulate(WOMAN, plan, years=YEARS)
        for site in SITES:
            answer.band_pct(site, YEARS)

    asked_before = Plan(courses=courses)
    band(asked_before)
    print(f"\n{name}, {YEARS:g} years; a plan never asked for before, unless it says so")
    for title, call in {
        "simulate(), the mean of one site": lambda: simulate(
            WOMAN, never_asked(), years=YEARS).change_pct("total_hip", YEARS),
        "simulate() with its 90% band at three sites": lambda: band(never_asked()),
        "the same, asked for again": lambda: band(asked_before),
        "simulate().table, every quarter of a year": lambda: simulate(
            WOMAN, never_asked(), years=YEARS).table,
        "marker_course, four times a month": lambda: marker_course(never_asked(), YEARS),
    }.items():
        print(f"{title:44}{1000 * _best(10, call):8.1f} ms")


# --- A cohort ----------------------------------------------------------------


def _cohort() -> None:
    name, courses = next(iter(PLANS.items()))
    schedule, paths = _asked(courses, COHORT_YEARS)
    c, untreated = fitted_constants(), _untreated(schedule, paths, MONTH)
    draw = np.random.default_rng(1)
    loss = np.exp(draw.normal(0, 0.4, PERSONS))
    own = {constant: getattr(c, constant) * np.exp(draw.normal(0, 0.2, PERSONS))
           for constant in OWN}
    at_years = range(int(COHORT_YEARS) + 1)

    def cohort(**own_constants):
        return follow_cohort(schedule, untreated, loss, c, at_years, **own_constants)

    print(f"\n{PERSONS:,} persons, {name}, {COHORT_YEARS:g} years, three sites, once a year")
    one = _best(REPEATS // 2, lambda: run_remodelling(schedule, untreated, c))
    for title, given in (("own loss", {}), ("own loss and own response", {"per_person": own})):
        seconds = _best(3, lambda given=given: cohort(**given))
        print(f"{title:26} {seconds:6.2f} s; one by one it would be {one * PERSONS:,.0f} s, "
              f"ratio {one * PERSONS / seconds:,.0f} : 1")
    tracemalloc.start()
    found = cohort(per_person=own)
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    kept = sum(values.nbytes for values in found.values()) / 2**20
    print(f"peak memory beyond its arguments {peak:.0f} MB, of which the answer is {kept:.0f} MB")
    person = PERSONS // 2
    alone = run_remodelling(
        schedule, {site: [value ** loss[person] for value in course]
                   for site, course in untreated.items()},
        c.with_values(**{constant: float(values[person]) for constant, values in own.items()}))
    off = max(abs(found[site][-1, person] - alone.density[site][-1]) for site in SITES)
    print(f"a person of the cohort beside the same person alone: {off:.0e} of density")


def _best(repeats: int, call) -> float:
    """Shortest time of several, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)
