"""Effects of medicines on fracture: the published pages, and what density would predict."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.evidence import source, table
from osteoteach.model.medicines import medicine_names
from osteoteach.model.treatment_effect import (
    compare,
    main_effect,
    outcome_name,
    outcome_names,
    predicted_by_bmd,
    trial_effects,
)


def published(medicine, outcome, trial, months=None):
    found = [effect for effect in trial_effects(medicine, outcome)
             if effect.trial == trial and months in (None, effect.months)]
    return found[0].value, found[0].low, found[0].high


@pytest.mark.parametrize(("medicine", "outcome", "trial", "months", "ratio"), [
    # Black 1996, Lancet 348:1535, abstract (PMID 8950879).
    ("alendronate", "vertebral_morphometric", "FIT vertebral fracture arm", 36, (0.53, 0.41, 0.68)),
    ("alendronate", "hip", "FIT vertebral fracture arm", 36, (0.49, 0.23, 0.99)),
    # Harris 1999, JAMA 282:1344, abstract: 41% (18 to 58), first year 65% (38 to 81).
    ("risedronate", "vertebral_morphometric", "VERT North America", 36, (0.59, 0.42, 0.82)),
    ("risedronate", "vertebral_morphometric", "VERT North America", 12, (0.35, 0.19, 0.62)),
    # McClung 2001, N Engl J Med 344:333, abstract.
    ("risedronate", "hip", "HIP", 36, (0.7, 0.6, 0.9)),
    # Reid 2018, N Engl J Med 379:2407, abstract.
    ("zoledronate_18_months", "any_fragility", "Reid 2018, zoledronate every 18 months", 72,
     (0.63, 0.50, 0.79)),
    # Austin 2012, J Bone Miner Res 27:687, table 2.
    ("denosumab", "nonvertebral", "FREEDOM", 36, (0.80, 0.67, 0.95)),
    # Jackson 2006, abstract (PMID 16753012).
    ("estrogen", "hip", "WHI estrogen alone", 85, (0.65, 0.45, 0.94)),
    # Delmas 2002, J Clin Endocrinol Metab 87:3609, abstract.
    ("raloxifene", "nonvertebral", "MORE", 48, (0.93, 0.81, 1.06)),
    # Kendler 2018, Lancet 391:230, abstract: against risedronate.
    ("teriparatide", "vertebral_morphometric", "VERO", 24, (0.44, 0.29, 0.68)),
    # Chesnut 2000, Am J Med 109:267, abstract.
    ("calcitonin", "vertebral_morphometric", "PROOF, nasal 200 IU", 60, (0.67, 0.47, 0.97)),
])
def test_ratios_are_those_of_the_published_page(medicine, outcome, trial, months, ratio):
    """The table holds what the abstract prints."""
    assert published(medicine, outcome, trial, months) == ratio


def test_every_ratio_lies_inside_its_interval_and_events_agree_with_it():
    """A slip of the pen would show: ratio within limits, crude ratio not far off."""
    for row in table("fracture_effects"):
        if row["low"] is not None:
            assert row["low"] <= row["value"] <= row["high"], row["effect_id"]
        if row["events_pct_control"] and row["events_pct_treated"] >= 1:
            crude = row["events_pct_treated"] / row["events_pct_control"]
            assert crude == pytest.approx(row["value"], rel=0.35), row["effect_id"]


def test_every_medicine_can_be_asked_and_a_missing_trial_is_an_empty_answer():
    """No medicine of the model stops the page; one has no confirmed fracture trial."""
    empty = [name for name in medicine_names() if not trial_effects(name)]
    assert empty == ["conjugated_estrogens_bazedoxifene"]
    for name in medicine_names():
        for effect in trial_effects(name):
            assert effect.medicine == name
            assert source(effect.source_ids[0]).link
            assert outcome_name(effect.outcome)


def test_a_pooled_row_of_two_forms_counts_for_both():
    """The pooled analysis of ibandronate holds for the tablet and the injection."""
    both = {name: {effect.trial for effect in trial_effects(name)}
            for name in ("ibandronate_oral", "ibandronate_iv")}
    assert both["ibandronate_iv"] < both["ibandronate_oral"]


def test_the_main_effect_is_against_placebo_with_an_interval():
    """What the page calculates with is never a comparison with another medicine."""
    for name in medicine_names():
        for outcome in outcome_names():
            effect = main_effect(name, outcome)
            if effect is not None:
                assert effect.comparator == "placebo"
                assert effect.low <= effect.value <= effect.high
                assert effect.outcome == outcome
    assert main_effect("denosumab", "vertebral_morphometric").months == 36
    assert main_effect("zoledronate", "hip").measure == "hazard_ratio"
    assert main_effect("romosozumab", "hip") is None


def test_shows_benefit_reads_the_interval():
    """An interval that reaches 1 shows no benefit; without one nothing is said."""
    assert main_effect("alendronate", "hip").shows_benefit is True
    assert main_effect("raloxifene", "nonvertebral").shows_benefit is False
    unknown = trial_effects("zoledronate_18_months", "nonvertebral")[0]
    assert unknown.shows_benefit is None
    assert "no interval read" in str(unknown)


@pytest.mark.parametrize(("outcome", "change", "reduction_pct"), [
    ("vertebral_morphometric", 2, 28), ("vertebral_morphometric", 6, 66),
    ("hip", 2, 16), ("hip", 6, 40)])
def test_prediction_from_bmd_is_the_printed_one(outcome, change, reduction_pct):
    """Bouxsein 2019, J Bone Miner Res, abstract (PMID 30674078)."""
    prediction = predicted_by_bmd(change, outcome)
    assert prediction.relative_risk == pytest.approx(1 - reduction_pct / 100)
    assert prediction.source_ids[0] == "bouxsein_2019"


def test_the_share_explained_and_the_threshold_are_the_printed_ones():
    """Black 2020 (r2 0.73, 0.41) and Eastell 2022 (thresholds 1.42 and 3.18%), abstracts."""
    vertebral = predicted_by_bmd(3, "vertebral_morphometric")
    assert {name: value for value, name in vertebral.r_squared} == {
        "bouxsein_2019": 0.56, "black_2020": 0.73}
    assert (vertebral.threshold_pct, vertebral.reliably_below_1) == (1.42, True)
    hip = predicted_by_bmd(3, "hip")
    assert (hip.threshold_pct, hip.reliably_below_1) == (3.18, False)


@given(st.floats(2, 6), st.floats(2, 6), st.sampled_from(["hip", "vertebral_morphometric"]))
def test_more_density_predicts_less_fracture(one, other, outcome):
    """Monotone, and always between the two printed points."""
    first, second = sorted((one, other))
    gain, more = (predicted_by_bmd(change, outcome).relative_risk for change in (first, second))
    assert more <= gain + 1e-12
    ends = [predicted_by_bmd(change, outcome).relative_risk for change in (2, 6)]
    assert ends[1] - 1e-12 <= more <= ends[0] + 1e-12


def test_the_logarithm_is_linear():
    """Halfway between two differences lies the geometric mean of the ratios."""
    ends = [predicted_by_bmd(change, "hip").relative_risk for change in (2, 6)]
    assert predicted_by_bmd(4, "hip").relative_risk == pytest.approx(math.sqrt(math.prod(ends)))


@pytest.mark.parametrize(("change", "outcome", "site", "name"), [
    (1.9, "hip", "total_hip", "change_difference_pct"),
    (6.1, "hip", "total_hip", "change_difference_pct"),
    (float("nan"), "hip", "total_hip", "change_difference_pct"),
    (4, "nonvertebral", "total_hip", "outcome"), (4, "hip", "lumbar_spine", "outcome"),
    (4, "wrist", "total_hip", "outcome"), (4, "hip", "one_third_radius", "bmd_site")])
def test_outside_what_is_printed_nothing_is_predicted(change, outcome, site, name):
    """Neither extrapolated nor invented for another fracture or site."""
    with pytest.raises(InputError) as caught:
        predicted_by_bmd(change, outcome, site)
    assert caught.value.name == name


def test_comparison_says_where_trial_and_density_disagree():
    """By hand at 5%: the logarithm is -0.891, the ratio 0.41. FREEDOM printed 0.26 to 0.41
    for three years, 0.21 to 0.39 for two (Austin 2012, table 2)."""
    by_months = {one.effect.months: one for one in compare("denosumab", 5.0)
                 if one.effect.outcome == "vertebral_morphometric"}
    assert by_months[36].prediction.relative_risk == pytest.approx(0.410, abs=0.001)
    assert [by_months[months].disagree for months in (12, 24, 36)] == [False, True, False]
    assert "more protection than density explains" in by_months[24].sentence
    assert "The two agree" in by_months[36].sentence
    hip = next(one for one in compare("estrogen", 2.0) if one.effect.outcome == "hip")
    assert hip.disagree is False


@given(st.sampled_from(medicine_names()), st.floats(-10, 15))
def test_the_verdict_follows_its_rule(medicine, change):
    """Disagree: the prediction lies outside the trial's interval; else not, or unknown."""
    for one in compare(medicine, change):
        assert one.effect.comparator == "placebo"
        if one.prediction is None or one.effect.low is None:
            assert one.disagree is None
        else:
            ratio = round(one.prediction.relative_risk, 2)
            assert one.disagree is not (one.effect.low <= ratio <= one.effect.high)
        assert (one.prediction is not None) == (
            one.effect.outcome in ("hip", "vertebral_morphometric") and 2 <= change <= 6)


def test_comparison_says_why_there_is_no_prediction():
    """Outside the printed range, and for a fracture of which no reduction is printed."""
    at = {one.effect.outcome: one.sentence for one in compare("denosumab", 6.4)}
    assert "printed from 2 to 6%, not at 6.4%" in at["hip"]
    assert "reliably from a difference of 2.13%" in at["nonvertebral"]


@pytest.mark.parametrize("call", [
    lambda: trial_effects("aspirin"), lambda: trial_effects("denosumab", "skull"),
    lambda: compare("denosumab", "much"), lambda: compare("denosumab", 51)])
def test_unknown_names_and_values_are_refused(call):
    """With name, rule and value."""
    with pytest.raises(InputError):
        call()
