"""When to test again: each body by its own rule, and what studies of repeated scans found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.evidence import source, table
from osteoteach.model.patient import Patient, RiskFactors
from osteoteach.model.retesting import retest_rules


def woman(age_years=70, t_score=-1.7, **fields):
    scores = {} if t_score is None else {"total_hip": t_score}
    return Patient(age_years=age_years, sex="female", t_scores=scores,
                   menopausal_status="postmenopausal", **fields)


def answers(patient, **more):
    return {rule.rule_id.rsplit("_", 2)[0]: rule.answer_in_words
            for rule in retest_rules(patient, **more).rules}


@pytest.mark.parametrize(("patient", "expected"), [
    (woman(), {"uspstf": "not sooner than 2 years", "acr": "not sooner than 2 years",
               "cra": "not sooner than 2 years", "nzra": "not sooner than 5 years",
               "acog": "not sooner than 2 years", "nams": "not sooner than 5 years"}),
    # American College of Rheumatology: normal density from 67 on, no risk factor.
    (woman(67, -0.9), {"uspstf": "not sooner than 2 years", "cra": "not sooner than 2 years",
                       "acr": "not needed for up to 10 years",
                       "nzra": "not sooner than 5 years", "acog": "not sooner than 2 years",
                       "nams": "not sooner than 5 years"}),
    (woman(66, -0.9), {"uspstf": "not sooner than 2 years", "acr": "not sooner than 2 years",
                       "cra": "not sooner than 2 years", "nzra": "not sooner than 5 years",
                       "acog": "not sooner than 2 years", "nams": "not sooner than 5 years"}),
    # New Zealand: above T -2.0, so not at it; the US Task Force: not after a fracture.
    (woman(70, -2.0), {"uspstf": "not sooner than 2 years", "acr": "not sooner than 2 years",
                       "cra": "not sooner than 2 years", "acog": "not sooner than 2 years",
                       "nams": "not sooner than 5 years"}),
    # The menopause society: low risk, so not with osteoporosis.
    (woman(70, -2.5), {"uspstf": "not sooner than 2 years", "acr": "not sooner than 2 years",
                       "cra": "not sooner than 2 years", "acog": "not sooner than 2 years"}),
    (woman(70, -1.7, fractures=["hip"]), {
        "acr": "not sooner than 2 years", "cra": "not sooner than 2 years",
        "acog": "not sooner than 2 years"}),
    # No T-score: a rule with a limit does not speak.
    (woman(70, None), {"uspstf": "not sooner than 2 years", "acr": "not sooner than 2 years",
                       "cra": "not sooner than 2 years", "acog": "not sooner than 2 years"}),
    (Patient(age_years=72, sex="male", t_scores={"total_hip": -1}), {
        "acr": "not sooner than 2 years", "cra": "not sooner than 2 years",
        "nzra": "not sooner than 5 years"}),
])
def test_each_body_answers_by_its_own_rule(patient, expected):
    """Without a medicine."""
    assert answers(patient) == expected


def test_on_a_medicine_one_college_forbids_what_others_ask_for():
    """acp_2017: no monitoring for five years; endocrine_2019: 1 to 3; NOF: 1 to 2."""
    assert answers(woman(), years_on_treatment=5) == {
        "acr": "not sooner than 2 years", "cra": "not sooner than 2 years",
        "acp": "do not measure", "endocrine": "every 1 to 3 years", "bhof": "every 1 to 2 years"}
    assert "acp" not in answers(woman(), years_on_treatment=5.5)
    lines = retest_rules(woman(), years_on_treatment=0).disagreements
    assert [line.split(":")[0] for line in lines] == [
        "Not sooner than 2 years", "Do not measure", "Every 1 to 3 years", "Every 1 to 2 years"]
    man = Patient(age_years=72, sex="male", t_scores={"total_hip": -2.6})
    assert set(answers(man, years_on_treatment=1)) == {"acr", "cra", "bhof"}


@pytest.mark.parametrize(("patient", "target"), [
    (woman(70, -1.0), "gourlay12_t10_normal"), (woman(70, -1.01), "gourlay12_t10_mild"),
    (woman(70, -1.49), "gourlay12_t10_mild"), (woman(70, -1.5), "gourlay12_t10_moderate"),
    (woman(70, -1.99), "gourlay12_t10_moderate"), (woman(70, -2.0), "gourlay12_t10_advanced"),
    (woman(70, -2.49), "gourlay12_t10_advanced"), (woman(70, -2.5), None), (woman(66, -1.7), None),
    (Patient(age_years=65, sex="male", t_scores={"total_hip": -2.2}), "gourlay16_t10_advanced")])
def test_the_study_of_the_own_group_is_shown_with_its_interval(patient, target):
    """gourlay_2012 and gourlay_2016 by T-score; the numbers stay in natural_history_targets."""
    found = [one for one in retest_rules(patient).findings if one.study.startswith("Gourlay")]
    if target is None:
        assert found == []
        return
    row = next(row for row in table("natural_history_targets") if row["id"] == target)
    assert [(one.years, one.low, one.high) for one in found] == [
        (row["value"], row["low"], row["high"])]


def test_the_spine_does_not_move_a_group_of_the_hip():
    """gourlay_2012 went by the lower of neck and total hip."""
    patient = Patient(age_years=70, sex="female",
                      t_scores={"lumbar_spine": -2.4, "total_hip": -1.2, "femoral_neck": -1.6})
    assert retest_rules(patient).findings[0].years == 4.7
    assert "nzra" not in answers(patient)


def test_second_scans_added_nothing_in_three_studies():
    """hillier_2007 after 8 years, berry_2013 after 4, crandall_2020 after 3."""
    found = {one.study: one.years for one in retest_rules(woman(76, -2.6)).findings}
    assert found == {"Hillier 2007": 8, "Berry 2013": 4, "Crandall 2020": 3}
    assert retest_rules(woman(76, -2.6), years_on_treatment=1).findings == ()


def test_the_statement_in_force_on_a_day_is_used():
    """cra_2014 is of 2 April 2014, acp_2017 of 9 May 2017; nothing before 2011."""
    assert "cra" not in answers(woman(), on_date="2014-04-01")
    assert "cra" in answers(woman(), on_date="2014-04-02")
    assert "acp" not in answers(woman(), on_date="2017-05-08", years_on_treatment=1)
    assert retest_rules(woman(), "2010-12-31").rules == ()
    assert retest_rules(woman(), "2010-12-31").disagreements == ()


@given(st.integers(20, 105), st.sampled_from(["female", "male"]),
       st.none() | st.floats(-5, 2), st.none() | st.floats(0, 30), st.booleans())
def test_one_rule_of_each_body_with_words_and_a_source(age, sex, score, years, steroid):
    """Whoever it is: no body speaks twice, and nothing is shown without a source."""
    patient = Patient(
        age_years=age, sex=sex, t_scores={} if score is None else {"femoral_neck": score},
        risk_factors=RiskFactors(prednisolone_mg_day=5 if steroid else None))
    advice = retest_rules(patient, years_on_treatment=years)
    assert len({rule.body for rule in advice.rules}) == len(advice.rules)
    for one in (*advice.rules, *advice.findings):
        assert source(one.source_id).link
    assert all(rule.answer_in_words and rule.published for rule in advice.rules)
    assert all(one.sentence.endswith(".") for one in advice.findings)


@pytest.mark.parametrize("years", [-1, 61, float("nan"), "2", True])
def test_impossible_years_of_treatment_are_refused(years):
    """By name, with what to do."""
    with pytest.raises(InputError, match="years_on_treatment"):
        retest_rules(woman(), years_on_treatment=years)
