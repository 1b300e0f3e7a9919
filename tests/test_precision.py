"""Noise of a scan: least significant change, repeated scans, regression to the mean."""

import math
import random
from statistics import NormalDist, fmean, stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.model.densitometry import bmd_from_t_score, reported, t_score
from osteoteach.model.diagnosis import t_category
from osteoteach.model.precision import (
    category_shares,
    expected_second_scan,
    least_significant_change,
    precision_cv_pct,
    rescans,
    share_called_changed,
)

SITES = ("lumbar_spine", "total_hip", "femoral_neck")
sites = st.sampled_from(SITES)
# Six standard errors of a share of 10,000 scans: a wrong cut point is farther off than that.
MANY, NEAR = 10_000, 6 * 0.5 / math.sqrt(10_000)


@pytest.mark.parametrize(("site", "true_t", "cv"), [
    ("total_hip", -1.05, 1.8), ("total_hip", -2.45, 1.8), ("lumbar_spine", -1.75, 1.9),
    ("femoral_neck", -2.4, 2.5), ("femoral_neck", -1.0, 5.0), ("lumbar_spine", 0.3, 1.9)])
def test_shares_agree_with_ten_thousand_scans(site, true_t, cv):
    """The formula and the draws tell the same story, class by class."""
    scans = rescans(site, true_t, cv, n=MANY, seed=11)
    for category, share in category_shares(site, true_t, cv).items():
        assert scans.categories.count(category) / MANY == pytest.approx(share, abs=NEAR)


@given(sites, st.floats(-4, 2), st.floats(0.1, 10))
def test_shares_are_probabilities(site, true_t, cv):
    """They add up to 1 and none is negative."""
    shares = category_shares(site, true_t, cv)
    assert sum(shares.values()) == pytest.approx(1)
    assert all(-1e-12 <= share <= 1 for share in shares.values())


def test_shares_cut_where_the_report_rounds():
    """At a true -2.45 and -1.05 half the scans fall on either side, as `reported` has it."""
    assert category_shares("total_hip", -2.45, 1.8)["osteoporosis"] == pytest.approx(0.5)
    assert category_shares("total_hip", -1.05, 1.8)["normal"] == pytest.approx(0.5)
    sure = category_shares("total_hip", -2.5, 0.01)
    assert max(sure, key=sure.get) == t_category(-2.5) == "osteoporosis"


@pytest.mark.parametrize("site", SITES)
def test_scans_scatter_by_the_precision_error(site):
    """The SD of repeated BMD is the precision error, in percent of the true density."""
    scans = rescans(site, -2.0, 2.0, n=MANY, seed=3)
    bmd = [bmd_from_t_score(t, site) for t in scans.t_scores]
    true = bmd_from_t_score(-2.0, site)
    assert fmean(bmd) == pytest.approx(true, rel=0.002)
    assert stdev(bmd) / true == pytest.approx(0.02, rel=0.04)


def test_the_same_seed_gives_the_same_noise():
    """A moving slider does not reshuffle the scans; another seed does."""
    first = rescans("total_hip", -1.2, 1.8, seed=5)
    assert rescans("total_hip", -1.2, 1.8, seed=5) == first
    assert rescans("total_hip", -1.2, 1.8, seed=6) != first
    assert rescans("total_hip", -1.2, 1.8, n=30, seed=5).t_scores[:10] == first.t_scores
    moved = rescans("total_hip", -2.2, 1.8, seed=5)
    assert [a > -1.2 for a in first.t_scores] == [b > -2.2 for b in moved.t_scores]


def test_a_rescan_says_what_it_shows():
    """Reported scores, classes and the largest difference are those of the scans."""
    scans = rescans("total_hip", -1.0, 1.8)
    assert scans.reported == tuple(reported(t) for t in scans.t_scores)
    assert scans.categories == tuple(t_category(t) for t in scans.t_scores)
    bmd = [bmd_from_t_score(t, "total_hip") for t in scans.t_scores]
    assert scans.largest_difference_pct == pytest.approx(100 * (max(bmd) / min(bmd) - 1))


def test_lsc_by_hand():
    """iscd_glossary: 2.77 times the precision error at 95%; 1.81 at 80%, in either unit."""
    assert least_significant_change(1) == pytest.approx(1.959964 * math.sqrt(2), abs=1e-5)
    assert least_significant_change(1, confidence=0.8) == pytest.approx(1.81, abs=0.005)
    assert least_significant_change(0.010) == pytest.approx(0.0277, abs=0.00005)
    assert [round(least_significant_change(precision_cv_pct(site)), 1) for site in SITES] == [
        5.3, 5.0, 6.9]


@given(st.floats(0.01, 50), st.floats(0.5, 0.99), st.floats(0.001, 0.009))
def test_more_confidence_needs_a_larger_change(error, confidence, more):
    """The LSC rises with both of its arguments."""
    assert least_significant_change(error, confidence + more) > least_significant_change(
        error, confidence)
    assert least_significant_change(error * 1.01, confidence) > least_significant_change(
        error, confidence)


@pytest.mark.parametrize(("true_change", "cv"), [(0, 1.8), (3, 1.8), (-5, 1.8), (5, 2.5)])
def test_called_changed_agrees_with_pairs_of_scans(true_change, cv):
    """Ten thousand pairs, each scan with its own noise, judged by the LSC."""
    noise = random.Random(7)
    limit = least_significant_change(cv)
    seen = [true_change + noise.gauss(0, cv) - noise.gauss(0, cv) for _ in range(MANY)]
    shares = share_called_changed(true_change, cv)
    assert sum(d >= limit for d in seen) / MANY == pytest.approx(shares["gain"], abs=NEAR)
    assert sum(d <= -limit for d in seen) / MANY == pytest.approx(shares["loss"], abs=NEAR)
    assert sum(shares.values()) == pytest.approx(1)


@given(st.floats(0.1, 10), st.floats(0.5, 0.999))
def test_with_no_change_the_false_alarms_are_the_confidence(cv, confidence):
    """By definition 1 minus the confidence is called changed, half of it each way."""
    shares = share_called_changed(0, cv, confidence)
    assert shares["gain"] == pytest.approx(shares["loss"])
    assert shares["gain"] + shares["loss"] == pytest.approx(1 - confidence, abs=1e-9)


def test_a_change_as_large_as_the_lsc_is_seen_half_the_time():
    """The LSC is no limit of detection: a true change of that size is missed every other time."""
    assert share_called_changed(least_significant_change(1.8), 1.8)["gain"] == pytest.approx(0.5)


@pytest.mark.parametrize("cv", [1.8, 6.0])
def test_the_second_scan_agrees_with_a_simulated_group(cv):
    """cummings_2000: women picked for a first scan near -2.5 are scanned again."""
    rng = random.Random(2)
    # At the group's mean of T -1.0 the neck has 0.738 g/cm2 and its SD is 0.120.
    noise = cv / 100 * 0.738 / 0.120
    seconds = []
    for _ in range(120_000):
        true = rng.gauss(-1.0, 1.0)
        if -2.6 <= true + rng.gauss(0, noise) <= -2.4:
            seconds.append(true + rng.gauss(0, noise))
    expected = expected_second_scan(-2.5, -1.0, 1.0, "femoral_neck", cv)
    assert fmean(seconds) == pytest.approx(expected, abs=0.05)
    assert -2.5 < expected < -1.0


@settings(max_examples=50)
@given(sites, st.floats(-4, 2), st.floats(-2, 0), st.floats(0.3, 3), st.floats(0.5, 10))
def test_the_second_scan_lies_between_the_first_and_the_mean(site, first, mean, sd, cv):
    """Regression goes toward the mean, never past it, and farther with more noise."""
    second = expected_second_scan(first, mean, sd, site, cv)
    assert min(first, mean) - 1e-9 <= second <= max(first, mean) + 1e-9
    noisier = expected_second_scan(first, mean, sd, site, min(cv * 2, 10))
    assert abs(noisier - mean) <= abs(second - mean) + 1e-9


@pytest.mark.parametrize(("call", "name"), [
    (lambda: least_significant_change(0), "precision_error"),
    (lambda: least_significant_change(-1), "precision_error"),
    (lambda: least_significant_change(math.nan), "precision_error"),
    (lambda: least_significant_change(math.inf), "precision_error"),
    (lambda: least_significant_change("2"), "precision_error"),
    (lambda: least_significant_change(2, 95), "confidence"),
    (lambda: least_significant_change(2, math.nan), "confidence"),
    (lambda: rescans("hip", -1, 2), "site"),
    (lambda: rescans("one_third_radius", -1, 2), "site"),
    (lambda: rescans("total_hip", -1, 11), "precision_pct"),
    (lambda: rescans("total_hip", -1, 0), "precision_pct"),
    (lambda: rescans("total_hip", math.nan, 2), "true_t_score"),
    (lambda: rescans("total_hip", -1, 2, n=0), "n"),
    (lambda: rescans("total_hip", -1, 2, n=2.5), "n"),
    (lambda: category_shares("total_hip", -9, 2), "true_t_score"),
    (lambda: share_called_changed(60, 2), "true_change_pct"),
    (lambda: share_called_changed(math.nan, 2), "true_change_pct"),
    (lambda: expected_second_scan(-2, 0, 0, "total_hip", 2), "group_sd_t"),
    (lambda: precision_cv_pct("one_third_radius"), "site"),
])
def test_bad_arguments_are_refused_by_name(call, name):
    """What is wrong is named."""
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.name == name


@pytest.mark.parametrize(("call", "name"), [
    (lambda: expected_second_scan(-2, math.nan, 1, "total_hip", 2), "group_mean_t"),
    (lambda: expected_second_scan(-2, "0", 1, "total_hip", 2), "group_mean_t"),
    (lambda: least_significant_change(True), "precision_error"),
    (lambda: least_significant_change(2, "0.95"), "confidence"),
    (lambda: rescans("total_hip", -1, 2, n=True), "n"),
    (lambda: category_shares("total_hip", -8, 2), "true_t_score"),
    (lambda: rescans("total_hip", -8, 2), "true_t_score"),
])
def test_subtler_bad_arguments_are_refused_too(call, name):
    """NaN, True, text, and a T-score below zero density do not pass or crash."""
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.name == name


def test_noise_in_t_units_by_hand():
    """At T -2.0 the hip has 0.698 g/cm2: 1.8% of it is 0.103 T (looker_1998)."""
    noise = 0.018 * (0.942 - 2 * 0.122) / 0.122
    share = 1 - NormalDist(-2.0, noise).cdf(-2.0 + noise)
    scans = rescans("total_hip", -2.0, 1.8, n=MANY, seed=1)
    above = sum(t > -2.0 + noise for t in scans.t_scores) / MANY
    assert above == pytest.approx(share, abs=NEAR)
    assert t_score(0.698, "total_hip") == pytest.approx(-2.0)
