"""A ratio used beyond its trial: said whenever it is so, in the words of the trial's row."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteoteach.evidence import table
from osteoteach.model.medicines import medicine_names
from osteoteach.model.patient import FragilityFracture, Patient
from osteoteach.model.treatment_effect import main_effect
from osteoteach.teaching.beyond_trial import _ages, beyond_trial

EFFECTS = [effect for name in medicine_names()
           for outcome in ("hip", "any_clinical", "nonvertebral", "any_fragility")
           if (effect := main_effect(name, outcome)) is not None]
FIT = main_effect("alendronate", "any_clinical")


def person(score=-3.0, age=70, sex="female", vertebral=True):
    return Patient(age_years=age, sex=sex,
                   menopausal_status="postmenopausal" if sex == "female" and age >= 55 else None,
                   t_scores={} if score is None else {"femoral_neck": score},
                   fractures=(FragilityFracture("vertebral", 2.0),) if vertebral else ())


def test_nobody_like_those_of_the_trial_is_warned_of():
    """black_1996: women 55-81, low neck BMD, a vertebral fracture, three years."""
    assert beyond_trial(FIT, person(), 3) is None


@pytest.mark.parametrize(("patient", "years", "reason"), [
    (person(score=1.0), 3, "a neck T-score above −2.5"),
    (person(score=-2.4), 3, "a neck T-score above −2.5"),
    (person(score=None), 3, "no neck T-score"),
    (person(age=40), 3, "an age of 40"),
    (person(age=90), 3, "an age of 90"),
    (person(sex="male"), 3, "a man"),
    (person(vertebral=False), 3, "no vertebral fracture"),
    (person(), 4, "a time of 4 years")])
def test_each_way_beyond_the_trial_is_named_alone(patient, years, reason):
    """One change, one reason; -2.5 itself is osteoporosis, and three years are 36 months."""
    found = beyond_trial(FIT, patient, years)
    assert found.reasons == (reason,)
    assert reason in found.text


def test_above_the_threshold_the_other_arm_is_quoted_from_its_rows():
    """cummings_1998: 0.86 in all, not significant; 0.64 (0.5 to 0.82) below -2.5 only."""
    found = beyond_trial(FIT, person(score=1.0), 3)
    rows = {row["effect_id"]: row for row in table("fracture_effects")}
    assert [one.value for one in found.others] == [
        rows["cummings_1998_01"]["value"], rows["cummings_1998_02"]["value"]]
    assert "no significant benefit for fracture with symptoms: 0.86" in found.text
    assert "(0.5 to 0.82) (Cummings 1998)" in found.text
    assert not beyond_trial(FIT, person(age=40), 3).others


def test_a_trial_not_chosen_by_density_asks_for_no_t_score():
    """jackson_2006b: not chosen for low BMD; reid_2018: osteopenia, so -1.5 lies inside."""
    hormone = main_effect("estrogen", "hip")
    assert beyond_trial(hormone, person(score=0.5), 5) is None
    osteopenia = main_effect("zoledronate_18_months", "any_fragility")
    assert beyond_trial(osteopenia, person(score=-1.5), 5) is None
    assert beyond_trial(osteopenia, person(score=-0.5), 5).reasons == (
        "a neck T-score above −1.0",)


def test_a_woman_before_menopause_where_the_row_gives_no_ages():
    """neer_2001 counts women with vertebral fracture, without ages."""
    young = beyond_trial(main_effect("teriparatide", "nonvertebral"), person(age=42), 1)
    assert young.reasons == ("a woman before menopause",)


@pytest.mark.parametrize("effect", EFFECTS, ids=str)
def test_ages_are_read_where_the_row_has_them(effect):
    """A row with ages in figures gives limits; means and scores are no ages."""
    youngest, oldest = _ages(effect.population)
    has_ages = re.search(r"women \d\d|and over|under \d\d", effect.population) is not None
    assert has_ages == ((youngest, oldest) != (0.0, float("inf")))
    assert youngest in (0.0, *(float(age) for age in re.findall(r"\d\d", effect.population)))


@given(st.sampled_from(EFFECTS), st.floats(-4.5, 1), st.integers(40, 90),
       st.sampled_from(["female", "male"]), st.booleans(), st.integers(1, 10))
def test_the_text_names_the_trial_and_every_reason_with_true_minus_signs(
        effect, score, age, sex, vertebral, years):
    found = beyond_trial(effect, person(score, age, sex, vertebral), years)
    if 12 * years > effect.months or sex == "male":
        assert found is not None
    if found is not None:
        assert effect.trial in found.text
        assert all(reason in found.text for reason in found.reasons)
        assert not re.search(r"(?<![\w.])-\d", found.text)
