"""What a person's own scans teach: shrinkage, sites that move together, regression to the mean.

The update is exact, so it is also held to plain conditioning of a normal distribution,
written here once more with matrices.
"""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.model.densitometry import (
    age_matched_reference,
    bmd_from_t_score,
    hologic_bmd,
    t_score,
)
from osteoteach.model.own_scans import OwnScan, learn
from osteoteach.model.patient import Lifestyle, Patient
from osteoteach.model.plan import Course, Plan
from osteoteach.model.precision import precision_cv_pct
from osteoteach.model.trajectory import follow, simulate

SITES = ("lumbar_spine", "total_hip", "femoral_neck")
PLAN = Plan(courses=[Course("alendronate", 0, 5), Course("denosumab", 5, 8)])
YEARS = 8.0
WOMAN = Patient(age_years=65, sex="female", menopausal_status="postmenopausal",
                menopause_age_years=50,
                t_scores={"lumbar_spine": -2.6, "total_hip": -2.2, "femoral_neck": -2.4})
#: Scanned exactly at the mean of her age: nothing regresses.
AVERAGE = replace(WOMAN, t_scores={
    site: t_score(age_matched_reference(site, "female", 65).mean_g_cm2, site) for site in SITES})


def scanned(time, site, change_pct, patient=AVERAGE, **others):
    """A scan this much (%) above or below the one at the start."""
    bmd = bmd_from_t_score(patient.t_scores[site], site) * (1 + change_pct / 100)
    return OwnScan(time_years=time, site=site, t_score=t_score(bmd, site), **others)


def expected_scans(times, off_pct=0.0, patient=AVERAGE, site="total_hip", **others):
    """Scans on the expected course, or so many percent off it."""
    course = simulate(patient, PLAN, YEARS)
    return [scanned(time, site, 100 * ((1 + course.change_pct(site, time) / 100)
                                       * (1 + off_pct / 100) - 1), patient, **others)
            for time in times]


def with_scans(scans, patient=AVERAGE, plan=PLAN):
    return simulate(patient, plan, YEARS, own_scans=scans)


def width(found, site, time):
    low, high = found.band_pct(site, time)
    return high - low


# What she is expected to show ----------------------------------------------------------


def test_scans_on_the_expected_course_leave_the_course_and_narrow_the_band():
    before, after = simulate(AVERAGE, PLAN, YEARS), with_scans(expected_scans([1, 2, 4]))
    for site in SITES:
        for time in (0.5, 1, 3, 5, 8):
            assert after.change_pct(site, time) == pytest.approx(
                before.change_pct(site, time), abs=1e-9)
            assert width(after, site, time) < width(before, site, time)
    assert width(after, "total_hip", 4) < 0.75 * width(before, "total_hip", 4)


def test_for_a_woman_below_her_age_the_scan_to_expect_is_a_little_higher():
    """Her expected second scan is counted from where she probably stood."""
    paths = follow(WOMAN, PLAN, YEARS)
    start = learn(WOMAN, paths, []).true_start
    scans = []
    for site in SITES:
        bmd = bmd_from_t_score(WOMAN.t_scores[site], site) * math.exp(
            start[site] + paths[site].prior_mean(2.0))
        scans.append(OwnScan(time_years=2, site=site, t_score=t_score(bmd, site)))
    before, after = simulate(WOMAN, PLAN, YEARS), with_scans(scans, WOMAN)
    for site in SITES:
        assert start[site] > 0
        assert after.change_pct(site, 6) == pytest.approx(before.change_pct(site, 6), abs=1e-9)


# Shrinkage -----------------------------------------------------------------------------


def test_two_low_scans_lower_the_forecast_by_less_than_they_say():
    """3% below what was expected: part of it is noise."""
    before, after = simulate(AVERAGE, PLAN, YEARS), with_scans(expected_scans([1, 2], -3))
    for time in (1, 2):
        expected, found = before.change_pct("total_hip", time), after.change_pct("total_hip", time)
        seen = 100 * ((1 + expected / 100) * 0.97 - 1)
        assert seen < found < expected
    fallen = before.change_pct("total_hip", 2) - after.change_pct("total_hip", 2)
    assert 0.3 < fallen < 2.5
    # High scans do the same the other way round, and two teach more than one.
    higher = with_scans(expected_scans([1, 2], 3))
    assert before.change_pct("total_hip", 2) < higher.change_pct("total_hip", 2)
    one = with_scans(expected_scans([2], -3))
    assert after.change_pct("total_hip", 2) < one.change_pct("total_hip", 2)


def test_precise_scans_move_the_forecast_more_and_narrow_the_band_more():
    # One later scan: of several precise ones that all lie 3% low, the first scan of all
    # would be to blame.
    found = [with_scans(expected_scans([3], -3, precision_pct=precision))
             for precision in (0.5, 1.0, 1.8, 3.0, 10.0)]
    changes = [each.change_pct("total_hip", 5) for each in found]
    widths = [width(each, "total_hip", 5) for each in found]
    assert changes == sorted(changes)
    assert widths == sorted(widths)
    assert changes[-1] > changes[0] + 0.3
    nothing = simulate(AVERAGE, PLAN, YEARS)
    assert widths[-1] < width(nothing, "total_hip", 5)
    assert changes[-1] < nothing.change_pct("total_hip", 5)


def test_a_scan_without_a_precision_has_the_largest_that_is_accepted():
    for site in SITES:
        said = scanned(2, site, -4, precision_pct=precision_cv_pct(site))
        assert with_scans([said]).change_pct(site, 5) == with_scans(
            [scanned(2, site, -4)]).change_pct(site, 5)


def test_sites_move_together():
    """A low hip lowers what is expected of spine and neck, by less than of the hip."""
    before, after = simulate(AVERAGE, PLAN, YEARS), with_scans(expected_scans([1, 2, 3], -4))
    fallen = {site: before.change_pct(site, 5) - after.change_pct(site, 5) for site in SITES}
    assert all(fall > 0.05 for fall in fallen.values()), fallen
    for site in SITES:
        assert width(after, site, 5) < width(before, site, 5)


def test_what_is_learnt_on_treatment_is_kept_for_later():
    """A poor responder to alendronate is expected to respond less to what follows."""
    untreated = Plan()
    before = simulate(AVERAGE, PLAN, YEARS).change_pct("total_hip", 8)
    after = with_scans(expected_scans([1, 2, 3], -4)).change_pct("total_hip", 8)
    assert after < before
    # Without medicines a low scan can only mean loss, which goes on and on.
    loss = [scanned(2, "total_hip", -5)]
    fallen = [simulate(AVERAGE, untreated, YEARS).change_pct("total_hip", time)
              - with_scans(loss, plan=untreated).change_pct("total_hip", time)
              for time in (1, 2, 4, 8)]
    assert all(0 < less < more for less, more in pairwise(fallen))


# Regression to the mean ----------------------------------------------------------------


def test_a_very_low_first_scan_is_pulled_up_towards_her_age():
    low = replace(AVERAGE, t_scores={"total_hip": -4.5})
    high = replace(AVERAGE, t_scores={"total_hip": 2.5})
    for patient, sign in ((low, 1), (high, -1)):
        scans = expected_scans([1], 0, patient)
        first = bmd_from_t_score(patient.t_scores["total_hip"], "total_hip")
        found = with_scans(scans, patient)
        start = found.paths["total_hip"].start_bmd_g_cm2
        assert sign * (start - first) > 0
        peers = age_matched_reference("total_hip", "female", 65).mean_g_cm2
        assert sign * (peers - start) > 0  # only a part of the way
        assert abs(start / first - 1) < 0.03
        assert found.table["bmd_g_cm2"].iloc[0] == pytest.approx(start)
    # Without later scans the report's number stands.
    path = simulate(low, PLAN, YEARS).paths["total_hip"]
    assert path.start_bmd_g_cm2 == bmd_from_t_score(-4.5, "total_hip")


def test_a_second_scan_higher_than_a_very_low_first_is_partly_expected():
    """The same rise teaches less about the response where the first scan was very low."""
    risen = []
    for start in (AVERAGE.t_scores["total_hip"], -4.5):
        patient = replace(AVERAGE, t_scores={"total_hip": start})
        scans = expected_scans([1], 3, patient)
        risen.append(with_scans(scans, patient).change_pct("total_hip", 4)
                     - simulate(patient, PLAN, YEARS).change_pct("total_hip", 4))
    assert 0 < risen[1] < risen[0]


# Exact ---------------------------------------------------------------------------------


def conditioned(patient, paths, scans):
    """Posterior of the deviates and of the log true starts, by matrices."""
    names = list(dict.fromkeys(name for site in SITES
                               for name in paths[site].prior_deviations(1.0)))
    mean, variance = [0.0] * len(names), [1.0] * len(names)
    for site in SITES:
        peers = age_matched_reference(site, patient.sex, int(patient.age_years))
        first = paths[site].start_bmd_g_cm2
        noise = (precision_cv_pct(site) / 100) ** 2
        between = (peers.sd_g_cm2 / peers.mean_g_cm2) ** 2
        mean.append(math.log(peers.mean_g_cm2 / first) * noise / (noise + between))
        variance.append(1 / (1 / noise + 1 / between))
    rows, seen, noise = [], [], []
    for scan in scans:
        path = paths[scan.site]
        deviations = path.prior_deviations(scan.time_years)
        rows.append([*(deviations.get(name, 0.0) for name in names),
                     *(float(site == scan.site) for site in SITES)])
        bmd = bmd_from_t_score(scan.t_score, scan.site)
        seen.append(math.log(bmd / path.start_bmd_g_cm2) - path.prior_mean(scan.time_years))
        noise.append((scan.precision_pct / 100) ** 2)
    rows, mean, prior = np.array(rows), np.array(mean), np.diag(variance)
    gain = prior @ rows.T @ np.linalg.inv(rows @ prior @ rows.T + np.diag(noise))
    return names, mean + gain @ (np.array(seen) - rows @ mean), prior - gain @ rows @ prior


scan_lists = st.lists(st.tuples(st.floats(0.1, 8), st.sampled_from(SITES), st.floats(-12, 12),
                                st.floats(0.3, 5)), min_size=1, max_size=6)


@settings(max_examples=40)
@given(scan_lists, st.sampled_from([WOMAN, AVERAGE]))
def test_the_update_is_that_of_a_normal_distribution(found, patient):
    plan = replace(PLAN, lifestyle=Lifestyle(calcium_mg_day=1200))
    scans = [scanned(time, site, change, patient, precision_pct=precision)
             for time, site, change, precision in found]
    paths = follow(patient, plan, YEARS)
    own = learn(patient, paths, scans)
    names, mean, covariance = conditioned(patient, paths, scans)
    assert list(own.names) == names
    assert [own.mean[name] for name in names] == pytest.approx(mean[:len(names)], abs=1e-8)
    assert [own.true_start[site] for site in SITES] == pytest.approx(mean[len(names):], abs=1e-8)
    root = np.array(own.root)
    assert np.abs(root @ root.T - covariance[:len(names), :len(names)]).max() < 1e-8
    again = with_scans(scans[::-1], patient, plan)  # in any order
    for site in SITES:
        for time in (1.0, 6.5):
            deviations = paths[site].prior_deviations(time)
            row = np.array([deviations.get(name, 0.0) for name in names])
            log_change = paths[site].prior_mean(time) + row @ mean[:len(names)]
            reach = 1.6448536269514722 * math.sqrt(
                row @ covariance[:len(names), :len(names)] @ row)
            assert again.change_pct(site, time) == pytest.approx(
                100 * math.expm1(log_change), abs=1e-7)
            assert again.band_pct(site, time) == pytest.approx(
                [100 * math.expm1(log_change - reach), 100 * math.expm1(log_change + reach)],
                abs=1e-5)


def log_variance(found, site, time):
    low, high = (math.log1p(end / 100) for end in found.band_pct(site, time))
    return ((high - low) / 2) ** 2


def test_scans_made_under_one_plan_tell_of_the_same_person_under_another():
    """Without medicines they tell of the loss alone, so with medicines as much is learned."""
    none = Plan()
    loss = simulate(AVERAGE, none, YEARS)
    scans = [scanned(time, "total_hip", loss.change_pct("total_hip", time) - 4)
             for time in (2, 4)]
    learned = {}
    for plan in (none, PLAN):
        before = simulate(AVERAGE, plan, YEARS)
        after = simulate(AVERAGE, plan, YEARS, own_scans=scans, scanned_under=none)
        assert after.change_pct("total_hip", 6) < before.change_pct("total_hip", 6)
        learned[plan] = (log_variance(before, "total_hip", 6)
                         - log_variance(after, "total_hip", 6))
    assert learned[PLAN] == pytest.approx(learned[none])
    assert learned[PLAN] > 0
    same = simulate(AVERAGE, PLAN, YEARS, own_scans=scans, scanned_under=PLAN)
    assert same.band_pct("total_hip", 6) == with_scans(scans).band_pct("total_hip", 6)
    with pytest.raises(InputError, match="scanned_under"):
        simulate(AVERAGE, PLAN, YEARS, own_scans=scans, scanned_under="alendronate")


def test_persons_after_own_scans_agree_with_the_band():
    found = with_scans(expected_scans([1, 2], -3))
    for site in SITES:
        low, high = found.band_pct(site, 5)
        persons = found.paths[site].persons_change_pct(5)
        inside = sum(low <= change <= high for change in persons) / len(persons)
        assert 0.85 <= inside <= 0.95
        assert abs(sum(persons) / len(persons) - found.change_pct(site, 5)) < 0.05 * (high - low)


def test_a_bmd_says_what_its_t_score_says():
    patient = replace(AVERAGE, device="lunar", t_scores={}, bmd_g_cm2={"total_hip": 0.80})
    same = replace(AVERAGE, t_scores={
        "total_hip": t_score(hologic_bmd(0.80, "total_hip", "lunar"), "total_hip")})
    by_bmd = OwnScan(time_years=2, site="total_hip", bmd_g_cm2=0.76)
    by_score = OwnScan(time_years=2, site="total_hip", t_score=t_score(
        hologic_bmd(0.76, "total_hip", "lunar"), "total_hip"))
    assert with_scans([by_bmd], patient).change_pct("total_hip", 5) == pytest.approx(
        with_scans([by_score], same).change_pct("total_hip", 5), abs=1e-9)


# Errors --------------------------------------------------------------------------------


def test_a_scan_beyond_the_end_or_without_a_start_is_refused():
    late = scanned(YEARS + 0.1, "total_hip", 0)
    with pytest.raises(InputError, match="within the simulated 8 years") as caught:
        with_scans([late])
    assert caught.value.name == "time_years"
    assert with_scans([scanned(YEARS, "total_hip", 0)])
    hip_only = replace(AVERAGE, t_scores={"total_hip": -1.0})
    with pytest.raises(InputError, match="scanned at the start") as caught:
        with_scans([scanned(1, "lumbar_spine", 0)], hip_only)
    assert caught.value.value == "lumbar_spine"
    with pytest.raises(InputError, match="must hold OwnScan values"):
        with_scans([("total_hip", 1, -2.0)])


@pytest.mark.parametrize(("values", "name"), [
    ({"t_score": -2, "bmd_g_cm2": 0.8}, "own_scans"), ({}, "own_scans"),
    ({"t_score": -2, "time_years": 0}, "time_years"),
    ({"t_score": -2, "time_years": 41}, "time_years"),
    ({"t_score": -2, "time_years": math.nan}, "time_years"),
    ({"t_score": -2, "time_years": True}, "time_years"),
    ({"t_score": -2, "site": "one_third_radius"}, "site"),
    ({"t_score": -2, "site": "hip"}, "site"), ({"t_score": -9}, "t_score"),
    ({"t_score": math.nan}, "t_score"), ({"bmd_g_cm2": 0.0}, "bmd_g_cm2"),
    ({"bmd_g_cm2": True}, "bmd_g_cm2"), ({"t_score": -2, "precision_pct": 0}, "precision_pct"),
    ({"t_score": -2, "precision_pct": 11}, "precision_pct"),
    ({"t_score": -2, "precision_pct": math.nan}, "precision_pct")])
def test_a_scan_is_checked(values, name):
    with pytest.raises(InputError) as caught:
        OwnScan(**{"time_years": 1, "site": "total_hip", **values})
    assert caught.value.name == name


def test_a_bmd_without_a_device_cannot_be_read():
    with pytest.raises(InputError, match="device"):
        with_scans([OwnScan(time_years=1, site="total_hip", bmd_g_cm2=0.8)])
