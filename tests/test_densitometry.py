"""BMD, T-score, Z-score: round trips, devices, references and their absence."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.evidence import table
from osteoteach.model.densitometry import (
    age_matched_reference,
    bmd_from_t_score,
    hologic_bmd,
    patient_bmd,
    patient_t_scores,
    patient_z_scores,
    reported,
    standardised_bmd,
    t_score,
    young_adult_reference,
    z_score,
)
from osteoteach.model.patient import Patient
from osteoteach.model.vocabulary import DEVICES

SITES = ("lumbar_spine", "total_hip", "femoral_neck")
sites, devices = st.sampled_from(SITES), st.sampled_from(DEVICES)
bmds = st.floats(0.3, 2.0)


@given(sites, devices, bmds)
def test_bmd_to_t_score_and_back(site, device, bmd):
    """Going there and back changes nothing (looker_1998, hui_1997, lu_2001, fan_2010)."""
    t = t_score(bmd, site, device)
    assume(-5 <= t <= 8)
    assert bmd_from_t_score(t, site, device) == pytest.approx(bmd, abs=1e-9)


@given(sites, devices, bmds, st.floats(0.001, 0.3))
def test_denser_bone_has_a_higher_t_score(site, device, bmd, more):
    """The T-score rises with BMD on every device."""
    assert t_score(bmd + more, site, device) > t_score(bmd, site, device)


@given(sites, bmds, devices, devices)
def test_the_same_bone_has_one_standardised_bmd(site, bmd, first, second):
    """Two devices that show the same T-score show the same standardised BMD."""
    t = t_score(bmd, site, first)
    assume(-5 <= t <= 8)
    other = bmd_from_t_score(t, site, second)
    assume(0.2 <= other <= 2.5)
    assert standardised_bmd(other, site, second) == pytest.approx(
        standardised_bmd(bmd, site, first), abs=1e-9)


@pytest.mark.parametrize(("device", "by_hand"), [
    # fan_2010: sBMD hologic 1.008 x + 0.006, lunar 0.979 x - 0.031, norland 1.012 x + 0.026.
    ("hologic", 1.0), ("lunar", (0.979 - 0.031 - 0.006) / 1.008),
    ("norland", (1.012 + 0.026 - 0.006) / 1.008)])
def test_total_hip_conversion_by_hand(device, by_hand):
    """1.000 g/cm2 at the total hip, turned into Hologic units with the printed equations."""
    assert hologic_bmd(1.0, "total_hip", device) == pytest.approx(by_hand, abs=1e-12)


@pytest.mark.parametrize("site", SITES)
def test_lunar_reads_higher_than_hologic(site):
    """hui_1997: Lunar prints higher numbers for the same bone than Hologic."""
    for t in (-3, -2.5, -1, 0):
        assert bmd_from_t_score(t, site, "lunar") > bmd_from_t_score(t, site, "hologic") + 0.03


@pytest.mark.parametrize("site", SITES)
def test_men_use_the_female_reference(site):
    """iscd_2023: one T-score for a BMD, whoever has it; Z-scores do differ by sex."""
    scores = [patient_t_scores(Patient(age_years=60, sex=sex, bmd_g_cm2={site: 0.8},
                                       device="hologic"))[site] for sex in ("female", "male")]
    assert scores[0] == scores[1] == t_score(0.8, site)
    assert young_adult_reference(site).sex == "female"


def test_the_young_adult_reference_is_the_white_female_one():
    """looker_1998: 0.858 (0.120) neck, 0.942 (0.122) hip; 1.047 (0.110) Hologic spine."""
    values = {site: (young_adult_reference(site).mean_g_cm2, young_adult_reference(site).sd_g_cm2)
              for site in SITES}
    assert values == {"lumbar_spine": (1.047, 0.110), "total_hip": (0.942, 0.122),
                      "femoral_neck": (0.858, 0.120)}
    assert {young_adult_reference(site).population for site in SITES} == {"us_white"}


@pytest.mark.parametrize("row", [r for r in table("bmd_reference") if r["role"] == "age_matched"
                                 and r["population"] == "us_white"],
                         ids=lambda r: f"{r['site']}-{r['sex']}-{r['age_low_years']:g}")
def test_a_band_holds_from_its_first_day_to_its_last(row):
    """A band printed as 50-59 covers 50.0 to 59.99, for its own sex and site only."""
    last = math.nextafter((row["age_high_years"] or 109) + 1, 0)
    for age in (row["age_low_years"], last):
        assert z_score(row["mean_g_cm2"], row["site"], row["sex"], age) == 0
        assert z_score(row["mean_g_cm2"] - row["sd_g_cm2"], row["site"], row["sex"],
                       age) == pytest.approx(-1)


@pytest.mark.parametrize(("site", "sex", "age"), [
    ("total_hip", "female", 70), ("lumbar_spine", "female", 80), ("femoral_neck", "male", 60),
    ("one_third_radius", "female", 60), ("femoral_neck", "female", 19.9)])
def test_a_missing_reference_is_said_not_guessed(site, sex, age):
    """Where no confirmed table was found the Z-score is asked for."""
    with pytest.raises(InputError) as caught:
        z_score(0.7, site, sex, age)
    assert caught.value.name == "z_scores"
    assert f'z_scores={{"{site}": ...}}' in caught.value.remedy


def test_the_radius_has_no_confirmed_reference():
    """Its T-score is taken from the report and never made from a BMD."""
    with pytest.raises(InputError, match="must have a confirmed young-adult reference"):
        t_score(0.6, "one_third_radius")


@pytest.mark.parametrize(("call", "name"), [
    (lambda: t_score(0.8, "hip"), "site"),
    (lambda: t_score(0.8, "total_hip", "GE"), "device"),
    (lambda: t_score(8.0, "total_hip"), "bmd_g_cm2"),
    (lambda: t_score(math.nan, "total_hip"), "bmd_g_cm2"),
    (lambda: bmd_from_t_score(-25, "total_hip"), "t_score"),
    (lambda: bmd_from_t_score(-2, "total_hip", "GE"), "device"),
    (lambda: standardised_bmd(0.8, "total_hip", "GE"), "device"),
    (lambda: z_score(0.8, "total_hip", "woman", 60), "sex"),
    (lambda: z_score(0.8, "total_hip", "female", 620), "age_years"),
    (lambda: age_matched_reference("hip", "female", 60), "site"),
])
def test_bad_arguments_are_refused_by_name(call, name):
    """What is wrong is named."""
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.name == name


@pytest.mark.parametrize("site", SITES)
def test_no_t_score_stands_for_a_density_that_cannot_be(site):
    """A density below the plausible 0.2 g/cm2, or a negative one, is refused."""
    with pytest.raises(InputError):
        bmd_from_t_score(-8, site)


@given(st.integers(-80, 80))
def test_a_reported_score_is_reported_as_itself(tenths):
    """Rounding a printed score again leaves it alone."""
    assert reported(tenths / 10) == tenths / 10
    assert reported(reported(tenths / 10)) == reported(tenths / 10)


@given(st.integers(-79, 79))
def test_halves_go_away_from_zero(tenths):
    """-2.45 is printed -2.5, and +2.45 as 2.5, whatever the binary fraction."""
    half = round(tenths / 10 + math.copysign(0.05, tenths or 1), 2)
    assert reported(half) == round(tenths / 10 + math.copysign(0.1, tenths or 1), 1)


@given(st.floats(-8, 8))
def test_reporting_moves_a_score_by_half_a_tenth_at_most(score):
    """No score jumps a class by more than rounding, and zero has no sign."""
    assert abs(reported(score) - score) <= 0.05 + 1e-9
    assert str(reported(score)) != "-0.0"


@given(st.floats(-8, 8), st.floats(-8, 8))
def test_reporting_keeps_the_order(first, second):
    """The lower of two scores is never reported as the higher."""
    low, high = sorted((first, second))
    assert reported(low) <= reported(high)


def test_patient_scores_come_from_report_or_bmd():
    """A site with a BMD is converted, a site with a T-score is taken as printed."""
    person = Patient(age_years=62, sex="female", menopausal_status="postmenopausal",
                     t_scores={"total_hip": -1.8}, bmd_g_cm2={"femoral_neck": 0.738},
                     device="hologic")
    assert patient_t_scores(person) == pytest.approx({"total_hip": -1.8, "femoral_neck": -1.0})
    assert patient_bmd(person, "femoral_neck") == 0.738
    assert patient_bmd(person, "total_hip") == pytest.approx(0.942 - 1.8 * 0.122)
    assert patient_bmd(person, "lumbar_spine") is None


def test_a_z_score_of_the_report_is_preferred():
    """The Z-score that the report prints is not replaced by one of ours."""
    person = Patient(age_years=35, sex="female", t_scores={"femoral_neck": -1.0},
                     z_scores={"femoral_neck": -0.4})
    assert patient_z_scores(person) == {"femoral_neck": -0.4}
    made = Patient(age_years=35, sex="female", t_scores={"femoral_neck": -1.0})
    # By hand: (0.738 - 0.825) / 0.120.
    assert patient_z_scores(made)["femoral_neck"] == pytest.approx(-0.725)


def test_z_scores_that_cannot_be_made_at_all_are_asked_for():
    """A man's femoral neck has no confirmed age-matched table."""
    with pytest.raises(InputError, match="no confirmed age-matched reference covers the femoral"):
        patient_z_scores(Patient(age_years=40, sex="male", t_scores={"femoral_neck": -2}))
