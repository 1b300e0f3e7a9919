"""The remodelling model: untreated it is the table, treated it does what trials saw."""

import math
import os
import subprocess
import sys
from dataclasses import fields, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.evidence import table
from osteoteach.model.lifestyle import MODEL_SITES
from osteoteach.model.medicine_course import interpolated, marker_course
from osteoteach.model.medicines import dose_times, is_injected, medicine, medicine_names
from osteoteach.model.model_constants import directions, fitted_constants, moved
from osteoteach.model.patient import Lifestyle, Patient
from osteoteach.model.plan import Course, Plan
from osteoteach.model.plan_warnings import plan_warnings
from osteoteach.model.remodelling import FLOATS, SITES, array_maths
from osteoteach.model.remodelling_run import run_remodelling
from osteoteach.model.schedule import MONTH, Schedule
from osteoteach.model.trajectory import simulate

WOMAN = Patient(age_years=65, sex="female", menopausal_status="postmenopausal",
                menopause_age_years=50,
                t_scores={"lumbar_spine": -2.6, "total_hip": -2.2, "femoral_neck": -2.4})
BOTH_SEXES = ([Patient(age_years=age, sex="male") for age in (25, 55.5, 72, 80)]
              + [Patient(age_years=age, sex="female", menopausal_status=status,
                         menopause_age_years=menopause)
                 for age, status, menopause in (
                     (30, "premenopausal", None), (49.3, "menopausal_transition", None),
                     (53, "postmenopausal", 51), (70, "postmenopausal", 48), (84, None, None))])
DAILY = tuple(name for name in medicine_names() if not is_injected(name))
LIVING_BETTER = Lifestyle(exercise="high_intensity", exercise_sessions_per_week=2,
                          calcium_mg_day=1200, smoking="former")


def plan(*courses, **others):
    return Plan(courses=[Course(*course) for course in courses], **others)


def change(courses, site, at_years, patient=WOMAN, years=None):
    """Change of density under some courses, %."""
    return simulate(patient, plan(*courses), years or at_years).change_pct(site, at_years)


def peak_ctx(courses, after_years, years):
    course = marker_course(plan(*courses), years)
    return max(value for time, value in zip(course.time_years, course.ctx, strict=True)
               if time > after_years)


def of_the_table(patient, site, time_years):
    """Percent change by ``untreated_loss.csv``, read here without the model's own reader:
    the yearly rate of every hundredth of a year (ages and clocks here are whole hundredths)."""
    menopause = patient.menopause_age_years
    if patient.sex == "female" and menopause is None:
        menopause = {"premenopausal": 51.4, "menopausal_transition": patient.age_years + 1,
                     None: 51.4}[patient.menopausal_status]
    rates = {}
    for row in table("untreated_loss"):
        if (row["sex"], row["site"]) == (patient.sex, site):
            rates.setdefault(row["clock"], []).append(
                (row["from_value"], row["to_value"], row["change_pct_per_year"]))
    total = 0.0
    for hundredth in range(round(100 * time_years)):
        age = patient.age_years + hundredth / 100 + 0.005
        clock, value = "age", age
        if patient.sex == "female":
            since = age - menopause
            clock, value = (("age_before_menopause", age) if since < -1 else
                            ("years_since_menopause", since) if since < 10 else
                            ("age_after_menopause", age))
        rate = next(rate for low, high, rate in rates[clock] if low <= value < high)
        total += math.log1p(rate / 100) / 100
    return 100 * math.expm1(total)


# Untreated -----------------------------------------------------------------------------


@pytest.mark.parametrize("patient", BOTH_SEXES,
                         ids=lambda one: f"{one.sex}-{one.age_years:g}")
def test_untreated_the_course_is_the_table_to_the_last_digit(patient):
    """No courses: the table. A course that is never taken: the very same floats."""
    never = plan(*((name, 0.3, 9, 0.0) for name in medicine_names()))
    without, with_never = simulate(patient, years=12), simulate(patient, never, years=12)
    for site in SITES:
        for time in (0, 0.01, 0.5, 1, 2.37, 5, 8.04, 12):
            found = without.change_pct(site, time)
            assert found == pytest.approx(of_the_table(patient, site, time), abs=1e-9)
            assert with_never.change_pct(site, time) == found
            assert with_never.band_pct(site, time) == without.band_pct(site, time)


def test_with_a_new_lifestyle_a_course_never_taken_changes_nothing():
    for combining in ("additive", "largest_only"):
        habits = simulate(WOMAN, plan(lifestyle=LIVING_BETTER, combining=combining), 10)
        both = simulate(WOMAN, plan(("teriparatide", 0, 2, 0), ("denosumab", 2, 9, 0),
                                    lifestyle=LIVING_BETTER, combining=combining), 10)
        for site in SITES:
            for time in (0.1, 1, 2.5, 9, 10):
                assert both.change_pct(site, time) == habits.change_pct(site, time)
                assert habits.change_pct(site, time) != simulate(WOMAN, years=10).change_pct(
                    site, time)
        assert set(both.marker_course.ctx) == {1.0} == set(both.marker_course.p1np)


@pytest.mark.parametrize("patient", BOTH_SEXES[1::3], ids=lambda one: f"{one.sex}")
def test_before_its_first_dose_a_plan_leaves_the_table_alone(patient):
    """Here the equations run, and must stand still: biology at 1, no bone above the table."""
    later = simulate(patient, plan(("denosumab", 4, 8), ("alendronate", 8, 10)), 12)
    without = simulate(patient, years=12)
    for site in SITES:
        for time in (0.02, 1, 2.5, 3.99, 4):
            assert later.change_pct(site, time) == pytest.approx(
                without.change_pct(site, time), abs=1e-10)
        assert later.change_pct(site, 6) > without.change_pct(site, 6) + 2
    markers = later.marker_course
    waiting = [step for step, time in enumerate(markers.time_years) if time <= 4]
    assert all(markers.ctx[step] == pytest.approx(1, abs=1e-12) for step in waiting)
    assert all(markers.p1np[step] == pytest.approx(1, abs=1e-12) for step in waiting)


def test_the_equations_stand_still_untreated_whatever_the_constants():
    schedule = Schedule(20.0)
    untreated = {site: [0.99 ** time for time in schedule.step_times()] for site in SITES}
    for move in directions():
        trace = run_remodelling(schedule, untreated, moved(fitted_constants(), move, 2.0))
        for site in SITES:
            assert trace.density[site] == pytest.approx(untreated[site], abs=1e-13)


# Numerics ------------------------------------------------------------------------------

PLANS = (
    [("denosumab", 0, 4), ("alendronate", 4, 8)],
    [("romosozumab", 0, 1), ("denosumab", 1, 4), ("zoledronate", 4, 6)],
    [("teriparatide", 0, 2), ("zoledronate", 2, 5)],
    [("denosumab", 0, 8)],
    [("alendronate", 0, 5), ("teriparatide", 3, 5)],
    [("estrogen", 0.13, 5), ("abaloparatide", 5.01, 6.5)],
)


def traced(courses, longest_step_years, years=10):
    schedule = plan(*courses).schedule(years, fitted_constants(), range(1, years))
    times = schedule.step_times(longest_step_years)
    untreated = {site: [0.993 ** time for time in times] for site in SITES}
    return run_remodelling(schedule, untreated, fitted_constants(),
                           longest_step_years=longest_step_years)


@pytest.mark.parametrize("courses", PLANS, ids=lambda some: "-".join(one[0] for one in some))
def test_half_the_step_changes_density_by_less_than_a_tenth_of_a_point(courses):
    # Measured maxima over ten years, points (spine, hip, neck): denosumab, alendronate
    # 0.020, 0.013, 0.013; romosozumab, denosumab, zoledronate 0.044, 0.025, 0.024;
    # teriparatide, zoledronate 0.011, 0.007, 0.006; denosumab 0.016, 0.009, 0.009;
    # teriparatide added to alendronate 0.083, 0.050, 0.048; estrogen, abaloparatide
    # 0.012, 0.005, 0.005.
    coarse, fine = traced(courses, MONTH), traced(courses, MONTH / 2)
    assert len(fine.time_years) > 1.9 * len(coarse.time_years)
    for site in SITES:
        apart = [100 * abs(value - interpolated(fine.time_years, fine.density[site], time))
                 for time, value in zip(coarse.time_years, coarse.density[site], strict=True)]
        assert max(apart) < 0.1
        assert max(apart) > 0  # else the two runs had the same steps


def test_arrays_give_what_floats_give():
    """A cohort of persons with constants, loss and doses of their own."""
    base = fitted_constants()
    persons = [base, *(moved(base, move, size) for move, size in zip(
        directions(), (1, -1, 2, -2, 1.5, -0.5), strict=False))]
    cohort = replace(base, **{field.name: np.array([getattr(one, field.name) for one in persons])
                              for field in fields(base)})
    courses = plan(("denosumab", 0, 2), ("alendronate", 1.5, 4), ("teriparatide", 5, 6),
                   ("raloxifene", 5.5, 7), ("romosozumab", 7, 8), ("zoledronate", 8.1, 9))
    losses = np.linspace(0.98, 1.0, len(persons))
    schedule = courses.schedule(10, cohort)
    times = schedule.step_times()
    many = run_remodelling(schedule, {site: [losses ** time for time in times] for site in SITES},
                           cohort, "male", array_maths())
    for number, one in enumerate(persons):
        alone = run_remodelling(
            courses.schedule(10, one),
            {site: [float(losses[number]) ** time for time in times] for site in SITES},
            one, "male", FLOATS)
        for site in SITES:
            got = [np.broadcast_to(value, len(persons))[number] for value in many.density[site]]
            assert got == pytest.approx(alone.density[site], rel=1e-11)
        for name in ("ctx", "p1np", "osteoclast_drive", "precursors", "osteoblast_reserve"):
            got = [np.broadcast_to(value, len(persons))[number] for value in getattr(many, name)]
            assert got == pytest.approx(getattr(alone, name), rel=1e-11)
    assert np.ptp(many.density["total_hip"][-1]) > 0.01  # the persons do differ


def test_the_equations_load_without_numpy():
    """Pages run them while a visitor waits."""
    code = ("import sys; from osteoteach import Course, Patient, Plan, simulate;"
            "found = simulate(Patient(age_years=70, sex='male'),"
            " Plan(courses=[Course('denosumab', 0, 2)]), 3);"
            "found.band_pct('total_hip', 2), found.marker_course;"
            "sys.exit(bool({'numpy', 'pandas'} & set(sys.modules)))")
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_unknown_constant_or_site_is_an_error():
    with pytest.raises(InputError, match="precursor_constant"):
        fitted_constants().with_values(kappa=1)
    with pytest.raises(InputError, match="lumbar_spine, total_hip, femoral_neck"):
        run_remodelling(Schedule(1.0), {"wrist": [1.0] * 13}, fitted_constants())
    with pytest.raises(InputError, match="13 values"):
        run_remodelling(Schedule(1.0), {"total_hip": [1.0] * 12}, fitted_constants())


# Any plan ------------------------------------------------------------------------------


@st.composite
def valid_plans(draw):
    """Up to five courses, valid by construction: the courses of one medicine follow each
    other, those of different medicines lie anywhere."""
    free_from, courses = {}, []
    for _ in range(draw(st.integers(0, 5))):
        name = draw(st.sampled_from(medicine_names()))
        start = free_from.get(name, 0.0) + draw(st.floats(0, 6))
        end = start + draw(st.floats(0.01, 8))
        if end > 40:
            continue
        free_from[name] = end
        courses.append(Course(name, start, end, draw(st.floats(0, 1))))
    return Plan(courses=draw(st.permutations(courses)),
                lifestyle=draw(st.sampled_from([None, LIVING_BETTER])),
                combining=draw(st.sampled_from(["additive", "largest_only"])))


def answers(patient, wanted, years):
    """All that a page would show of a plan, as plain numbers."""
    found = simulate(patient, wanted, years)
    times = (0, years / 7, years / 2, years)
    return ([(site, time, found.change_pct(site, time), found.band_pct(site, time),
              sum(found.paths[site].persons_change_pct(time)))
             for site in MODEL_SITES for time in times],
            found.marker_course, found.warnings, found.sources)


@settings(max_examples=40)
@given(valid_plans(), st.sampled_from([WOMAN, *BOTH_SEXES]), st.floats(0.2, 15))
def test_any_plan_gives_sound_numbers(wanted, patient, years):
    found = answers(patient, wanted, years)
    course, markers = found[:2]
    for _, _, mean, (low, high), persons in course:
        assert -100 < low <= mean <= high < math.inf
        assert math.isfinite(persons)
    for values in (markers.ctx, markers.p1np, markers.precursors, markers.osteoblast_reserve,
                   markers.osteoclast_drive):
        assert all(0 < value < math.inf for value in values)
    # A second time, from nothing.
    assert answers(patient, wanted, years) == found


@pytest.mark.parametrize("name", medicine_names())
def test_ten_times_the_dose_still_gives_sound_numbers(name):
    """The largest dose that a course allows, alone and with estrogen."""
    for others in ([], [("estrogen", 0.5, 2)] if name != "estrogen" else []):
        wanted = plan((name, 0, 3, 1.0, 10), *others)
        course, markers, *_ = answers(WOMAN, wanted, 6)
        assert all(0 < value < 50 for values in (markers.ctx, markers.p1np) for value in values)
        assert all(-60 < low <= mean <= high < 200 for _, _, mean, (low, high), _ in course)


FRESH = """
import ast, sys
from osteoteach import Course, Lifestyle, Patient, Plan, simulate
for courses in ast.literal_eval(sys.argv[1]):
    found = simulate(
        Patient(age_years=58, sex="female", t_scores={"total_hip": -2.0}),
        Plan(courses=[Course(*course) for course in courses],
             lifestyle=Lifestyle(exercise="impact", exercise_sessions_per_week=3)), 10)
    print([(found.band_pct(site, 7), path.persons_change_pct(9))
           for site, path in found.paths.items()])
    print(found.marker_course, found.warnings, found.sources)
"""


def test_a_fresh_process_with_another_hash_seed_gives_the_same_digits():
    runs = [subprocess.Popen([sys.executable, "-c", FRESH, repr(PLANS[1:3])], text=True,
                             stdout=subprocess.PIPE, env={**os.environ, "PYTHONHASHSEED": seed})
            for seed in ("1", "2")]
    first, second = (run.communicate()[0] for run in runs)
    assert [run.returncode for run in runs] == [0, 0]
    assert first == second
    assert first.count("MarkerCourse(") == 2


# What trials saw -----------------------------------------------------------------------


@pytest.mark.parametrize("site", SITES)
def test_a_denosumab_stop_loses_the_gain_within_two_years(site):
    """Bone 2011, McClung 2017: most of the gain goes in the first year off treatment."""
    def gain(courses, year):
        return change(courses, site, year, years=6) - change([], site, year, years=6)

    stopped, kept = [("denosumab", 0, 3)], [("denosumab", 0, 6)]
    assert gain(stopped, 3) > 3
    assert gain(stopped, 4) < 0.6 * gain(stopped, 3)
    assert gain(stopped, 5) < 0.4 * gain(stopped, 3)
    assert gain(kept, 5) > gain(kept, 3)


def test_ctx_overshoots_after_denosumab_and_more_after_longer_use():
    """On treatment CTX stays below the start; off it, it goes above (Bone 2011)."""
    on = marker_course(plan(("denosumab", 0, 8)), 8).ctx[1:]
    assert max(on) < 1
    peaks = [peak_ctx([("denosumab", 0, length)], length, length + 4) for length in (1, 2, 4, 8)]
    assert all(shorter < longer for shorter, longer in pairwise(peaks))
    assert peaks[1] > 1.2
    assert peaks[3] > peaks[1] + 0.1
    # Nothing of the kind after a bisphosphonate, which stays in bone.
    assert peak_ctx([("alendronate", 0, 4)], 4, 8) < 1.02


@pytest.mark.parametrize("site", SITES)
def test_zoledronate_after_denosumab_loses_less_than_nothing_after_it(site):
    nothing, zoledronate = [("denosumab", 0, 3)], [("denosumab", 0, 3), ("zoledronate", 3, 4)]
    lost = [change(courses, site, 3, years=6) - change(courses, site, 5, years=6)
            for courses in (nothing, zoledronate)]
    assert 0 < lost[1] < lost[0] - 1
    assert peak_ctx(zoledronate, 3, 6) < peak_ctx(nothing, 3, 6) - 0.2


def test_a_late_dose_shows_in_ctx_and_calls_a_warning():
    on_time, late = plan(("denosumab", 0, 3)), plan(("denosumab", 0, 1), ("denosumab", 1.4, 3))
    ctx = {}
    for name, wanted in (("on time", on_time), ("late", late)):
        markers = marker_course(wanted, 3)
        ctx[name] = dict(zip((round(time, 6) for time in markers.time_years), markers.ctx,
                             strict=True))
    before = round(0.9375, 6)
    assert ctx["late"][before] == pytest.approx(ctx["on time"][before], rel=1e-9)
    at_the_late_dose = min(ctx["late"], key=lambda time: abs(time - 1.4))
    at_the_due_dose = min(ctx["on time"], key=lambda time: abs(time - 1.0))
    assert ctx["late"][at_the_late_dose] > 1.3 * ctx["on time"][at_the_due_dose]
    assert min(value for time, value in ctx["late"].items() if 1.4 < time < 1.6) < 0.3
    for wanted, called in ((on_time, False), (late, True)):
        triggers = [one.trigger for one in plan_warnings(WOMAN, wanted, 3)]
        assert ("delay_after_due_dose_months_above" in triggers) is called


@pytest.mark.parametrize("site", SITES)
def test_teriparatide_then_alendronate_ends_above_teriparatide_then_nothing(site):
    """Black 2005 (PaTH)."""
    first = ("teriparatide", 0, 2)
    followed = change([first, ("alendronate", 2, 4)], site, 4)
    assert followed > change([first], site, 4) + 2
    assert followed > change([first], site, 2)


def test_romosozumab_first_beats_alendronate_first_at_the_hip():
    """The same year of each: what comes first decides (Cosman 2024 and others)."""
    first = [("romosozumab", 0, 1), ("alendronate", 1, 2)]
    last = [("alendronate", 0, 1), ("romosozumab", 1, 2)]
    assert change(first, "total_hip", 2) > change(last, "total_hip", 2) + 0.5


@pytest.mark.parametrize("name", DAILY)
def test_of_a_daily_medicine_more_taken_is_more_gained(name):
    for site in SITES:
        gains = [change([(name, 0, 3, share)], site, 3) for share in (0, 0.25, 0.5, 0.75, 1)]
        assert all(less < more for less, more in pairwise(gains)), gains


def test_half_of_the_injections_gains_less_than_all():
    for name in medicine_names():
        if is_injected(name):
            half, full = (change([(name, 0, 4, share)], "lumbar_spine", 4)
                          for share in (0.5, 1))
            assert change([], "lumbar_spine", 4) < half < full, name


# Doses ---------------------------------------------------------------------------------


def test_doses_fall_at_the_interval_and_none_at_or_after_the_end():
    def doses(*course):
        schedule = plan(course).schedule(10, fitted_constants())
        return [(dose.time_years, dose.level) for dose in schedule.doses]

    assert [time for time, _ in doses("denosumab", 0, 2)] == [0, 0.5, 1, 1.5]
    assert [time for time, _ in doses("denosumab", 0.25, 1.3)] == [0.25, 0.75, 1.25]
    assert [time for time, _ in doses("denosumab", 0, 0.1)] == [0]
    assert doses("zoledronate_18_months", 1, 4) == [(1, "zoledronate"), (2.5, "zoledronate")]
    assert len(doses("romosozumab", 0, 1)) == 12
    assert [time for time, _ in doses("denosumab", 0, 3, 0.5)] == [0, 1, 2]
    assert doses("denosumab", 0, 3, 0.0) == doses("alendronate", 0, 3) == []


@given(st.sampled_from([name for name in medicine_names() if is_injected(name)]),
       st.floats(0, 20), st.floats(0.02, 15), st.floats(0, 1))
def test_dose_times_follow_the_regimen(name, start, length, adherence):
    interval, end = medicine(name).dose_interval_years, start + length
    every, some = dose_times(name, start, end), dose_times(name, start, end, adherence)
    assert every[0] == start
    assert all(later - earlier == pytest.approx(interval)
               for earlier, later in pairwise(every))
    assert every[-1] < end <= every[-1] + interval * 1.00001
    assert set(some) <= set(every)
    assert len(some) == math.ceil(len(every) * adherence - 1e-9)


@given(st.floats(0, 3), st.floats(0.01, 2), st.floats(0.1, 6))
def test_every_dose_change_and_reading_falls_on_a_step(start, length, reading):
    schedule = plan(("denosumab", start, start + length), ("alendronate", length, length + 1),
                    ).schedule(7, fitted_constants(), [reading])
    times = schedule.step_times()
    wanted = [reading, length, length + 1, *(dose.time_years for dose in schedule.doses)]
    assert all(min(abs(time - one) for time in times) < 2e-6 for one in wanted)
    assert times[0] == 0
    assert times[-1] == pytest.approx(7, abs=2e-6)
    assert all(0 < later - earlier <= MONTH * 1.001
               for earlier, later in pairwise(times))
    given_doses = [dose for doses in schedule.doses_by_step(times).values() for dose in doses]
    assert len(given_doses) == len(schedule.doses)
