"""Answers in words: right names, right signs, right numbers, no promise that is not kept."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteoteach.model.densitometry import reported
from osteoteach.model.diagnosis import diagnose
from osteoteach.model.patient import Lifestyle, Patient, RiskFactors
from osteoteach.model.plan import Plan
from osteoteach.model.precision import (
    least_significant_change,
    rescans,
    share_called_changed,
)
from osteoteach.model.reversal import reversal
from osteoteach.model.vocabulary import CATEGORIES
from osteoteach.teaching.sentences import (
    change_sentence,
    diagnosis_sentence,
    joined,
    of_100,
    rescans_sentence,
    reversal_sentence,
    signed,
    signed_pct,
)


def woman(total_hip=None, **more):
    scores = {} if total_hip is None else {"total_hip": total_hip}
    return Patient(age_years=65, sex="female", menopause_age_years=50, t_scores=scores, **more)


@given(st.floats(0, 1))
def test_a_frequency_never_says_none_or_all(probability):
    """From 1 to 99 of 100; below and above that in words."""
    words = of_100(probability)
    match = re.fullmatch(r"(\d+) of 100", words)
    if match:
        assert 1 <= int(match[1]) <= 99
        assert abs(int(match[1]) - 100 * probability) <= 0.5 + 1e-9
    else:
        assert words == ("fewer than 1 of 100" if probability < 0.5 else "more than 99 of 100")


@pytest.mark.parametrize("probability", [0.005, 0.995])
def test_frequencies_at_the_very_ends(probability):
    """Half a percent is not "0 of 100", nor is 99.5% "100 of 100"."""
    assert not re.match(r"(0|100) of", of_100(probability))


@given(st.integers(-800, 800))
def test_a_score_is_written_as_it_is_reported(hundredths):
    """-0.95 is classed as -1.0 and -2.25 as -2.3, so that is what the sentence says."""
    score = hundredths / 100
    assert float(signed(score).replace("−", "-")) == reported(score)
    assert "-" not in signed(score)


@given(st.floats(-90, 90))
def test_a_change_has_one_sign_and_nothing_has_none(change):
    """Plus or a true minus, one decimal; zero without a sign."""
    assert re.fullmatch(r"[+−]\d+\.\d%|0\.0%", signed_pct(change))


def test_lists_read_as_prose():
    """Commas, then one and."""
    assert [joined(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "", "a", "a and b", "a, b and c"]


@pytest.mark.parametrize(("patient", "guideline", "sentence"), [
    (woman(-0.4), "who_1994",
     "Normal bone density: the T-score of −0.4 at the total hip decides (WHO 1994)."),
    (woman(-1.8), "iscd_2023", "Low bone mass (osteopenia): the T-score of −1.8 at the total "
     "hip decides (ISCD 2023)."),
    (woman(-2.5, fractures=["rib"]), "who_1994", "Severe osteoporosis: the T-score of −2.5 at "
     "the total hip decides, and there is a fragility fracture (WHO 1994)."),
    (woman(fractures=["hip"]), "nbha_2014", "Osteoporosis: the hip fracture decides (NBHA 2014)."),
    (woman(-1.8, risk_factors=RiskFactors(frax_hip_10y=0.05)), "nbha_2014", "Osteoporosis: low "
     "bone mass with the FRAX probability you entered decides (NBHA 2014)."),
    (woman(-1.8, prior_osteoporosis_diagnosis=True), "aace_2020", "Osteoporosis: it was "
     "diagnosed before, and a better scan does not undo it (AACE 2020)."),
    (Patient(age_years=40, sex="male", z_scores={"lumbar_spine": -2.0}), "iscd_2023",
     "Bone density below the expected range for age: the Z-score of −2.0 at the lumbar spine "
     "decides (ISCD 2023)."),
    (Patient(age_years=40, sex="male", z_scores={"lumbar_spine": 0.04}), "iscd_2023",
     "Bone density within the expected range for age: the Z-score of 0.0 at the lumbar spine "
     "decides (ISCD 2023)."),
])
def test_each_way_of_deciding_has_its_sentence(patient, guideline, sentence):
    """Category, what decided, where, and under whose rules."""
    assert diagnosis_sentence(diagnose(patient, guideline)) == sentence


def test_the_fracture_is_named_with_the_scan_beside_it():
    """leboff_2022: a vertebral fracture decides although the scan is normal."""
    sentence = diagnosis_sentence(diagnose(woman(-0.5, fractures=["vertebral"])))
    assert sentence.startswith("Osteoporosis: the vertebral fracture decides")
    assert "−0.5" in sentence


def test_every_category_has_a_headline():
    """A new category cannot be forgotten here."""
    from osteoteach.teaching.sentences import _HEADLINE

    assert set(_HEADLINE) == set(CATEGORIES)


def test_sites_that_share_the_lowest_score_are_all_named():
    """iscd_2005: the lowest T-score decides; where two are lowest, neither alone does."""
    woman = Patient(age_years=62, sex="female", menopausal_status="postmenopausal",
                    t_scores={"lumbar_spine": -2.6, "total_hip": -2.6, "femoral_neck": -2.0})
    assert ("the T-score of −2.6 at the lumbar spine and total hip decides"
            in diagnosis_sentence(diagnose(woman)))


def test_reversal_says_need_likelihood_and_frequency():
    """By hand: T -2.0 at the neck needs 19.4%, far above what a plan brings."""
    person = Patient(age_years=62, sex="female", menopause_age_years=50,
                     t_scores={"femoral_neck": -2.0})
    answer = reversal(person, Plan(lifestyle=Lifestyle(
        exercise="combined", exercise_sessions_per_week=3)), years=5)
    sentence, item = reversal_sentence(answer, "femoral_neck"), answer.sites["femoral_neck"]
    assert "femoral neck needs +19.4%" in sentence
    assert f"{signed_pct(item.gain_likely_pct)} in 5 years" in sentence
    assert (f"(90 of 100 people {signed_pct(item.low_pct)} to "
            f"{signed_pct(item.high_pct)})") in sentence
    assert sentence.endswith("Fewer than 1 of 100 people like this get there.")


def test_who_is_normal_is_told_who_stays_so():
    """A normal hip has nothing to reach."""
    sentence = reversal_sentence(reversal(woman(-0.2), years=2), "total_hip")
    assert "normal today, T −0.2" in sentence
    assert "needs" not in sentence
    assert "still normal then" in sentence


def test_who_is_reported_minus_1_is_normal_in_the_sentence_too():
    """T -1.04 is printed -1.0 and classed normal: the sentence must not ask for a gain."""
    assert "needs" not in reversal_sentence(reversal(woman(-1.04)), "total_hip")


def test_a_woman_before_menopause_is_not_measured_by_t_minus_1():
    """iscd_2005: T-score categories do not apply, so no sentence asks her to reach one."""
    person = Patient(age_years=40, sex="female", menopausal_status="premenopausal",
                     t_scores={"total_hip": -2.0})
    sentence = reversal_sentence(reversal(person), "total_hip")
    assert "reach T" not in sentence
    assert "T-score" not in sentence or "not apply" in sentence


def test_rescans_are_counted_by_class():
    """The counts in the sentence add up to the scans."""
    for true_t in (-1.0, -2.45, 0.5):
        scans = rescans("total_hip", true_t, 1.8, n=10)
        sentence = rescans_sentence(scans)
        counts = [int(n) for n in re.findall(r"(\d+) (?:normal|low bone mass|osteoporosis)",
                                             sentence)]
        assert sum(counts) == 10
        assert len(counts) == len(set(scans.categories))
        assert f"true T {signed(true_t)}" in sentence


@pytest.mark.parametrize(("change", "word"), [(3.0, "gain"), (-3.0, "loss")])
def test_a_change_is_set_beside_the_line_it_must_cross(change, word):
    """The LSC, the true change, and how often it shows in its own direction."""
    shares = share_called_changed(change, 1.8)
    sentence = change_sentence(change, least_significant_change(1.8), shares)
    assert "must differ by 5.0% to count" in sentence
    assert f"a true {signed_pct(change)} shows as a {word} in {of_100(shares[word])}" in sentence


def test_where_nothing_changed_five_of_100_pairs_show_something():
    """iscd_2023: the least significant change is that of 95% confidence."""
    sentence = change_sentence(0.0, least_significant_change(1.8), share_called_changed(0.0, 1.8))
    assert sentence.endswith("where nothing changed, 5 of 100 pairs still show a gain or a loss.")
