"""Trials, fit and scores: what was fitted, what was held out, and that the files agree."""

import math
from dataclasses import replace
from statistics import mean, median

import numpy as np
import pytest

from osteoteach.calibration.fit import FitProblem, error_covariance, fit_constants
from osteoteach.calibration.fitted_covariance import fitted_covariance
from osteoteach.calibration.published_arms import (
    MARKERS,
    arms_with_plan,
    parse_courses,
    published_arms,
)
from osteoteach.calibration.scores import TARGETS, Prediction, predictions, scores
from osteoteach.calibration.trial_error import reading_sd, sampling_sd
from osteoteach.calibration.trial_prediction import predict_arm
from osteoteach.errors import DataError
from osteoteach.evidence import cite, table
from osteoteach.model.medicines import dose_times
from osteoteach.model.model_constants import directions, fitted_constants, moved, scales
from osteoteach.model.patient import Patient
from osteoteach.model.plan import Course, Plan
from osteoteach.model.remodelling import SITES
from osteoteach.model.remodelling_run import run_remodelling
from osteoteach.model.trajectory import simulate

ARMS = published_arms()
ROWS = [(arm, row) for arm in ARMS for row in arm.rows]
PARAMETERS = table("model_parameters")
FREE = [row for row in PARAMETERS if row["prior_sd"]]
EXCEPTED = {"flex_stop"}  # FLEX: how long alendronate stays in bone cannot be had otherwise
ZOLEDRONATE_ACTS_YEARS = 2.0


# Roles ---------------------------------------------------------------------------------


def given_until(course):
    """When a course stops to act, for the rule."""
    if course.medicine.startswith("zoledronate"):
        last = dose_times(course.medicine, course.start_years, course.end_years)[-1]
        return max(course.end_years, last + ZOLEDRONATE_ACTS_YEARS)
    return course.end_years


def is_single_medicine_while_given(plan, time_years):
    """Nothing yet, or one medicine without a gap up to that time."""
    begun = sorted((one for one in plan.courses if one.start_years < time_years),
                   key=lambda one: one.start_years)
    if not begun:
        return True
    if len({one.medicine for one in begun}) > 1:
        return False
    until = begun[0].end_years
    for course in begun:
        if course.start_years > until + 1e-6:
            return False
        until = given_until(course)
    return time_years <= until + 1e-6


@pytest.mark.parametrize("arm", ARMS, ids=lambda arm: f"{arm.arm_id}-{arm.role}")
def test_the_role_of_every_number_follows_the_rule(arm):
    """One medicine while it is given, or none: calibration. Stops, switches and
    combinations, also of the arm compared with: holdout."""
    for row in arm.rows:
        single = is_single_medicine_while_given(arm.plan, row.time_years)
        if row.reference == "vs_arm":
            single &= is_single_medicine_while_given(arm.comparator, row.time_years)
        expected = "calibration" if single or arm.arm_id in EXCEPTED else "holdout"
        assert (row.role, arm.role) == (expected, expected), row.row_id


def test_the_rule_itself_tells_stops_switches_and_combinations():
    def single(text, time):
        return is_single_medicine_while_given(Plan(courses=parse_courses(text)), time)

    assert single("denosumab 0-2", 2)
    assert not single("denosumab 0-2", 2.5)
    assert single("zoledronate 0-1", 2)
    assert not single("zoledronate 0-1", 2.1)
    assert single("denosumab 0-1; alendronate 1-2", 1)
    assert not single("denosumab 0-1; alendronate 1-2", 1.5)
    assert not single("denosumab 0-2; teriparatide 0-2", 1)
    assert not single("romosozumab 0-1; romosozumab 2-3", 3)
    assert single(None, 5)
    assert not all(is_single_medicine_while_given(arm.plan, row.time_years)
                   for arm, row in ROWS if arm.arm_id in EXCEPTED)


def test_both_roles_are_well_filled_and_women_and_men_are_seen():
    calibration = sum(row.role == "calibration" for _, row in ROWS)
    assert calibration > 400
    assert len(ROWS) - calibration > 200
    assert {arm.patient.sex for arm in published_arms("calibration")} == {"female", "male"}
    assert set(published_arms("calibration")) | set(published_arms("holdout")) == set(ARMS)


@pytest.mark.parametrize("holdout", [arm.arm_id for arm in published_arms("holdout")][::20])
def test_the_fit_refuses_a_holdout_arm(holdout):
    forbidden = next(arm for arm in published_arms("holdout") if arm.arm_id == holdout)
    with pytest.raises(ValueError, match="holdout"):
        fit_constants(PARAMETERS, [*published_arms("calibration")[:2], forbidden])


# The table of trials -------------------------------------------------------------------


def test_every_row_of_the_table_is_in_one_arm_with_a_source():
    raw = {row["row_id"]: row for row in table("trials")}
    assert len(raw) == len(table("trials")) == len(ROWS)
    for arm, row in ROWS:
        line = raw[row.row_id]
        assert (arm.arm_id, row.value, row.role) == (line["arm_id"], line["value"], line["role"])
        assert cite(row.source_id)
        assert arm.patient.sex == line["sex"]
        assert arm.patient.age_years == line["age_years"]
        assert arm.plan == Plan(courses=parse_courses(line["courses"]))


@pytest.mark.parametrize("arm", ARMS, ids=lambda arm: f"{arm.arm_id}-{arm.role}")
def test_the_numbers_of_an_arm_make_sense(arm):
    for row in arm.rows:
        assert row.site in (*SITES, *MARKERS)
        assert row.time_years > 0
        assert row.value > 0 if row.is_marker else -30 < row.value < 60
        assert sampling_sd(row) >= 0
        assert reading_sd(row) > 0
        if row.reference == "switch_point":
            assert 0 < row.switch_years < row.time_years
        if row.low is not None and row.high is not None:
            assert row.low <= row.value <= row.high
    simulate(arm.patient, arm.plan, 1)  # a person and a plan that can be simulated


@pytest.mark.parametrize("arm", ARMS[::12], ids=lambda arm: f"{arm.arm_id}-{arm.role}")
def test_the_errors_of_an_arm_have_a_covariance(arm):
    """Positive definite; one number's part is at least its sampling and reading."""
    covariance = error_covariance(arm, fitted_constants())
    assert np.linalg.eigvalsh(covariance).min() > 0
    for place, row in enumerate(arm.rows):
        own = sampling_sd(row) ** 2 + reading_sd(row) ** 2
        assert covariance[place, place] >= own * (1 - 1e-9)
        assert covariance[place, place] == pytest.approx(own) or not row.is_marker


def test_a_number_against_another_arm_has_that_arm():
    """All such rows of an arm are compared with the courses that the table names."""
    raw = {row["row_id"]: row for row in table("trials")}
    compared = [(arm, row) for arm, row in ROWS if row.reference == "vs_arm"]
    assert len(compared) > 5
    for arm, row in compared:
        named = parse_courses(raw[row.row_id]["comparator_courses"])
        assert named, row.row_id
        assert arm.comparator.courses == named, row.row_id


@pytest.mark.parametrize("text", ["denosumab", "denosumab 0", "denosumab 0-2,alendronate 2-3",
                                  "denosumab 0-2*x", "0-2 denosumab"])
def test_courses_that_cannot_be_read_are_an_error(text):
    with pytest.raises(DataError, match="must be like"):
        parse_courses(text)


def test_the_short_form_of_courses():
    assert parse_courses("romosozumab 0-1; denosumab 1-2.5*0.5;") == (
        Course("romosozumab", 0, 1), Course("denosumab", 1, 2.5, usual_doses=0.5))
    assert parse_courses(None) == parse_courses("") == ()


def test_published_numbers_of_a_plan_end_where_the_plans_part():
    def until(*courses):
        found = arms_with_plan(Plan(courses=[Course(*one) for one in courses]), "female")
        return {arm.arm_id: max(row.time_years for row in rows) for arm, rows in found}

    long = until(("denosumab", 0, 8))
    assert long["freedom_ext_long"] == 8
    short = until(("denosumab", 0, 2))
    assert short["freedom_ext_cross"] == 2
    assert "freedom_ext_long" not in short
    switched = until(("romosozumab", 0, 1), ("denosumab", 1, 2))
    assert switched["frame_romo_den"] == 2
    assert switched["arch_romo_aln"] == 1
    assert until(("calcitonin", 0, 1)).keys() & long.keys() == set()
    assert arms_with_plan(Plan(), "female") == ()
    men = arms_with_plan(Plan(courses=[Course("alendronate", 0, 2)]), "male")
    assert {arm.arm_id for arm, _ in men} >= {"orwoll_aln_men"}


# Prediction ----------------------------------------------------------------------------


def test_a_prediction_is_the_change_that_simulate_gives():
    """One average participant: the trial and the page must not differ."""
    close = 0
    for arm, row in ROWS:
        if row.is_marker or row.reference != "first_drug_baseline" or row.time_years > 4:
            continue
        predicted = predict_arm(replace(arm, rows=(row,)), fitted_constants())[0]
        shown = simulate(arm.patient, arm.plan, row.time_years).change_pct(
            row.site, row.time_years)
        assert predicted == pytest.approx(shown, abs=1e-9), row.row_id
        close += 1
    assert close > 150


def test_a_difference_counts_from_where_it_says():
    woman = Patient(age_years=70, sex="female", menopause_age_years=50)
    plan = Plan(courses=[Course("denosumab", 0, 2), Course("alendronate", 2, 4)])
    other = Plan(courses=[Course("denosumab", 0, 4)])
    base = next(row for _, row in ROWS if row.site == "total_hip")
    kinds = ("first_drug_baseline", "switch_point", "vs_placebo", "vs_arm")
    rows = tuple(replace(base, time_years=4.0, reference=kind,
                         switch_years=2.0 if kind == "switch_point" else None)
                 for kind in kinds)
    arm = replace(ARMS[0], patient=woman, plan=plan, comparator=other, rows=rows)
    found = dict(zip(kinds, predict_arm(arm, fitted_constants()), strict=True))
    treated, kept, untreated = (simulate(woman, one, 4) for one in (plan, other, Plan()))
    at_switch = treated.change_pct("total_hip", 2)
    assert found["first_drug_baseline"] == pytest.approx(treated.change_pct("total_hip", 4))
    assert found["switch_point"] == pytest.approx(
        100 * ((1 + treated.change_pct("total_hip", 4) / 100) / (1 + at_switch / 100) - 1))
    assert found["vs_placebo"] == pytest.approx(
        treated.change_pct("total_hip", 4) - untreated.change_pct("total_hip", 4))
    assert found["vs_arm"] == pytest.approx(
        treated.change_pct("total_hip", 4) - kept.change_pct("total_hip", 4))
    # Faster natural loss lowers the course; the difference to placebo cancels it for the
    # most part, the more so where the medicine has stopped renewal.
    faster = dict(zip(kinds, predict_arm(arm, fitted_constants(), 0.003), strict=True))
    assert faster["first_drug_baseline"] < found["first_drug_baseline"] - 0.2
    assert faster["vs_placebo"] > found["vs_placebo"]


# Scores --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def errors():
    """Predicted less published, by number; markers as a log ratio."""
    found = []
    for arm in ARMS:
        for row, predicted in zip(arm.rows, predict_arm(arm, fitted_constants()), strict=True):
            error = (math.log(predicted / row.value) if row.is_marker
                     else predicted - row.value)
            found.append((row.role, arm.patient.sex, row, error))
    return found


def test_the_stored_scores_are_those_of_the_stored_constants(errors):
    stored = table("validation_scores")
    belongs = {
        **{site: (lambda row, site=site: row.site == site) for site in (*SITES, *MARKERS)},
        "from_the_switch": lambda row: row.reference == "switch_point" and not row.is_marker,
        "bone_density": lambda row: not row.is_marker, "all": lambda row: True}
    seen = set()
    for line in stored:
        some = [error for role, sex, row, error in errors
                if (role, sex) == (line["role"], line["sex"]) and belongs[line["site"]](row)]
        middle = median if line["site"] in MARKERS else mean
        assert line["rows"] == len(some), line
        assert line["error"] == pytest.approx(middle(map(abs, some)), abs=6e-4), line
        assert line["bias"] == pytest.approx(mean(some), abs=6e-4), line
        assert 0 <= line["covered_pct"] <= 100
        seen.add((line["role"], line["sex"], line["site"]))
    assert len(seen) == len(stored)
    # No group with numbers is left out.
    assert seen == {(role, sex, name) for role, sex, row, _ in errors
                    for name, inside in belongs.items() if inside(row)}


def test_the_targets_stand_beside_the_scores_of_women_held_out():
    targets = {line["site"]: line["target"] for line in table("validation_scores")
               if (line["role"], line["sex"]) == ("holdout", "female")}
    assert {name: value for name, value in targets.items() if value is not None} == {
        "total_hip": 0.6, "lumbar_spine": 1.3, "femoral_neck": 0.9, "from_the_switch": 0.5,
        "ctx": 0.35, "p1np": 0.2}
    assert {name.replace(" ", "_") for name in TARGETS} == set(targets) - {"all", "bone_density"}
    assert not any(line["target"] for line in table("validation_scores")
                   if (line["role"], line["sex"]) != ("holdout", "female"))


def test_scores_are_means_and_medians_of_what_they_are_given():
    arm, hip = next((arm, row) for arm, row in ROWS if row.site == "total_hip")
    ctx = next(row for _, row in ROWS if row.site == "ctx")
    some = [Prediction(arm, replace(hip, value=1.0), predicted, 1.0, 0.5)
            for predicted in (2, 0, 4)]
    some += [Prediction(arm, replace(ctx, value=0.5), 0.5 * ratio, 0.1, 0.1)
             for ratio in (1, 1.1, 3)]
    by_name = {score.group: score for score in scores(some)}
    assert by_name["total_hip"].error == pytest.approx(5 / 3)
    assert by_name["total_hip"].bias == pytest.approx(1)
    assert by_name["total_hip"].covered == pytest.approx(2 / 3)
    assert not by_name["total_hip"].met
    # The mean size of a normal deviate is 0.798 SD, its median 0.674.
    assert by_name["total_hip"].perfect == pytest.approx(0.5 * 0.79788, rel=1e-4)
    assert by_name["ctx"].perfect == pytest.approx(0.1 * 0.67449, rel=1e-4)
    assert by_name["ctx"].error == pytest.approx(math.log(1.1))
    assert by_name["ctx"].met
    assert by_name["all"].rows == 6
    assert "p1np" not in by_name


def test_a_band_for_a_trial_holds_its_prediction_and_is_not_widened_after_a_switch():
    arms = [arm for arm in ARMS if arm.arm_id == "daps_den_aln"]
    assert {arm.role for arm in arms} == {"calibration", "holdout"}
    for one in predictions(arms):
        low, high = one.band
        assert low < one.predicted < high
        trial = error_covariance(one.arm, fitted_constants())
        assert one.sd ** 2 > trial.diagonal().min()
        # Constants add a part to the error of the trial, but no factor: the widening of a
        # person's band was decided on after a look at the holdout.
        place = one.arm.rows.index(one.row)
        names, covariance = fitted_covariance()
        at = one.predicted
        slope = np.array([(predict_arm(one.arm, moved(fitted_constants(), {name: 0.05}))[place]
                           - at) / 0.05 for name in names])
        assert one.sd ** 2 == pytest.approx(slope @ covariance @ slope + trial[place, place])


# The fit -------------------------------------------------------------------------------


def on_scale(name, value):
    return math.log(value) if scales()[name] == "log" else math.log(value / (1 - value))


@pytest.fixture(scope="module")
def stored_fit():
    """The least squares of the fit at the stored constants: problem, z, residuals, slopes."""
    problem = FitProblem(PARAMETERS, published_arms("calibration"))
    z = np.array([(on_scale(row["name"], row["value"])
                   - on_scale(row["name"], row["prior_value"])) / row["prior_sd"]
                  for row in FREE])
    now = problem.residuals(z)
    return problem, z, now, problem.jacobian(z, now)


def test_the_stored_constants_are_where_the_fit_ended(stored_fit):
    """One more step would lower the cost by a trifle and move no constant to speak of."""
    problem, z, now, slope = stored_fit
    for name, value in vars(problem.constants(z)).items():
        assert value == pytest.approx(getattr(fitted_constants(), name), rel=1e-9), name
    weighted = slope * problem.weights(now)[:, None]
    step = np.linalg.solve(slope.T @ weighted, -weighted.T @ now)
    assert problem.cost(now) - problem.cost(problem.residuals(z + step)) < 0.1
    assert np.abs(step).max() < 0.1  # prior standard deviations
    # The data did move it from the priors, by a good deal.
    assert problem.cost(problem.residuals(np.zeros(len(z)))) > problem.cost(now) + 50


@pytest.mark.parametrize("name", ["turnover_total_hip_per_year", "romosozumab_formation",
                                  "estrogen_block", "bisphosphonate_potency",
                                  "osteoblast_rate_per_year"])
def test_moving_a_constant_does_not_lower_the_cost(stored_fit, name):
    problem, z, now, _ = stored_fit
    place = [row["name"] for row in FREE].index(name)
    for move in (-0.5, 0.5):
        shifted = z.copy()
        shifted[place] += move
        assert problem.cost(problem.residuals(shifted)) > problem.cost(now) + 0.05, move


def test_an_arm_far_off_counts_less_and_never_pulls_more(stored_fit):
    """Student's t: the weight is the slope of the cost, and the pull has a ceiling."""
    problem, _, now, _ = stored_fit
    rows = problem.places[0]
    at = now.copy()
    at[rows] = 1.0
    pulls = []
    for size in (0.5, 1.0, 2.0, 4.0, 8.0, 16.0):
        at[rows] = size
        up, down = at.copy(), at.copy()
        up[rows], down[rows] = size + 1e-5, size - 1e-5
        slope = (problem.cost(up) - problem.cost(down)) / 2e-5
        weight = problem.weights(at)[rows]
        assert slope == pytest.approx(2 * weight.sum() * size, rel=1e-6)
        pulls.append(weight[0] * size)
    assert pulls[-1] < max(pulls) < 4
    assert (problem.weights(now)[problem.count:] == 1).all()  # priors keep theirs


def test_the_stored_covariance_is_that_of_the_fit(stored_fit):
    problem, _, now, slope = stored_fit
    names, covariance = fitted_covariance()
    sd = np.array([row["prior_sd"] for row in FREE])
    weighted = slope * problem.weights(now)[:, None]
    expected = np.linalg.inv(slope.T @ weighted) * np.outer(sd, sd)
    assert list(names) == [row["name"] for row in FREE]
    apart = np.abs(covariance - expected) / np.sqrt(np.outer(expected.diagonal(),
                                                             expected.diagonal()))
    assert apart.max() < 0.05


def test_the_covariance_is_positive_definite_and_agrees_with_the_parameters():
    names, covariance = fitted_covariance()
    assert (covariance == covariance.T).all()
    sd = np.sqrt(covariance.diagonal())
    correlation = covariance / np.outer(sd, sd)
    assert np.linalg.eigvalsh(correlation).min() > 1e-4
    assert {row["name"]: row["sd"] for row in PARAMETERS if row["sd"] is not None} == {
        name: pytest.approx(value, rel=1e-3) for name, value in zip(names, sd, strict=True)}
    # Data narrow what is known; where there are none the prior stays.
    for row in FREE:
        assert row["sd"] <= row["prior_sd"] * 1.001, row["name"]


def test_every_parameter_has_a_value_on_its_scale():
    for row in PARAMETERS:
        assert 0 < row["value"] < (1 if row["scale"] == "logit" else math.inf), row["name"]
        assert (row["prior_sd"] is None) == (row["sd"] is None), row["name"]
        if row["prior_sd"] is None:
            assert row["value"] == row["prior_value"]
        for source_id in filter(None, (row["source_ids"] or "").split(";")):
            assert cite(source_id)
        step = on_scale(row["name"], row["value"]) - on_scale(row["name"], row["prior_value"])
        moved_back = moved(fitted_constants(), {row["name"]: -step})
        assert getattr(moved_back, row["name"]) == pytest.approx(row["prior_value"])


def density_slopes(plan):
    """Log density over eight years by site, for a step of each fitted constant."""
    def log_density(constants):
        schedule = plan.schedule(8, constants, range(1, 9))
        times = schedule.step_times(1 / 6)
        trace = run_remodelling(schedule, {site: [1.0] * len(times) for site in SITES},
                                constants, longest_step_years=1 / 6)
        steps = [times.index(min(times, key=lambda time: abs(time - year)))
                 for year in range(1, 9)]
        return np.log([trace.density[site][step] for site in SITES for step in steps])

    names, _ = fitted_covariance()
    centre = log_density(fitted_constants())
    return np.stack([(log_density(moved(fitted_constants(), {name: 0.02})) - centre) / 0.02
                     for name in names], axis=1)


@pytest.mark.parametrize("courses", [
    [("zoledronate", 0, 3)], [("alendronate", 0, 5)], [("denosumab", 0, 8)],
    [("conjugated_estrogens_bazedoxifene", 0, 5)], [("ibandronate_oral", 0, 4)],
    [("denosumab", 0, 3), ("alendronate", 3, 5)],
    [("romosozumab", 0, 1), ("zoledronate", 1, 4)]],
    ids=lambda some: "-".join(one[0] for one in some))
def test_the_directions_keep_most_of_the_uncertainty_of_a_plan(courses):
    """Bands come from the directions alone: what they leave out, no band shows."""
    slopes = density_slopes(Plan(courses=[Course(*one) for one in courses]))
    names, covariance = fitted_covariance()
    whole = np.trace(slopes @ covariance @ slopes.T)
    kept = sum(float(np.square(slopes @ [move[name] for name in names]).sum())
               for move in directions())
    assert kept > 0.85 * whole
    assert kept < 1.01 * whole  # a part of it, not more
