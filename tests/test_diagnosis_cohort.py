"""A table of people is diagnosed exactly as each of them alone."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.model.diagnosis import diagnose, guideline_ids
from osteoteach.model.diagnosis_cohort import diagnose_patients
from osteoteach.model.patient import Patient, RiskFactors
from osteoteach.model.vocabulary import DXA_SITES, MENOPAUSAL_STATUSES

FRACTURES = ("hip", "vertebral", "proximal_humerus", "pelvis", "distal_forearm", "other")

# Whole tenths make ties, halves of a tenth test the rounding, floats the rest.
one_score = st.one_of(
    st.integers(-80, 80).map(lambda n: n / 20), st.sampled_from(
        [-2.5, -2.45, -2.44, -2.55, -1.0, -1.05, -1.04, -1.95, -2.0, -0.0, 0.04, -0.04]),
    st.floats(-4, 2))
site_scores = st.dictionaries(st.sampled_from(DXA_SITES), one_score, max_size=4)
people = st.fixed_dictionaries({
    "age_years": st.one_of(st.sampled_from([20, 39.99, 40, 49.99, 50, 59.99, 60]),
                           st.floats(20, 100)),
    "sex": st.sampled_from(["female", "male"]),
    "menopausal_status": st.sampled_from([*MENOPAUSAL_STATUSES, None]),
    "t_scores": site_scores, "z_scores": site_scores,
    "fractures": st.sets(st.sampled_from(FRACTURES), max_size=2),
    "hyperparathyroidism": st.booleans(),
    "prior_osteoporosis_diagnosis": st.booleans(),
    "frax_major_10y": st.sampled_from([None, 0.199, 0.2, 0.5]),
    "frax_hip_10y": st.sampled_from([None, 0.029, 0.03]),
})


def as_patient(person):
    women = {"menopausal_status": person["menopausal_status"]} if person["sex"] == "female" else {}
    return Patient(
        age_years=person["age_years"], sex=person["sex"], t_scores=person["t_scores"],
        z_scores=person["z_scores"], fractures=sorted(person["fractures"]), **women,
        prior_osteoporosis_diagnosis=person["prior_osteoporosis_diagnosis"],
        risk_factors=RiskFactors(**{name: person[name] for name in (
            "hyperparathyroidism", "frax_major_10y", "frax_hip_10y")}))


def as_row(person):
    row = {name: person[name] for name in (
        "age_years", "sex", "hyperparathyroidism", "prior_osteoporosis_diagnosis",
        "frax_major_10y", "frax_hip_10y")}
    row["menopausal_status"] = person["menopausal_status"] if person["sex"] == "female" else None
    for site in DXA_SITES:
        row[f"{site}_t_score"] = person["t_scores"].get(site, math.nan)
        row[f"{site}_z_score"] = person["z_scores"].get(site, math.nan)
    for site in FRACTURES:
        row[f"{site}_fracture"] = site in person["fractures"]
    return row


def as_frame(persons):
    frame = pd.DataFrame([as_row(person) for person in persons])
    numeric = ["frax_major_10y", "frax_hip_10y"]
    return frame.astype(dict.fromkeys(numeric, float)) if persons else frame


@settings(max_examples=120)
@given(st.lists(people, min_size=1, max_size=25), st.sampled_from(guideline_ids()))
def test_the_table_agrees_with_the_single_person(persons, guideline):
    """Category, site and score of every row are those of diagnose, under every guideline."""
    kept, answers = [], []
    for person in persons:
        try:
            answer = diagnose(as_patient(person), guideline)
        except InputError:
            with pytest.raises(InputError):
                diagnose_patients(as_frame([person]), guideline)
            continue
        kept.append(person)
        answers.append(answer)
    if not kept:
        return
    table = diagnose_patients(as_frame(kept), guideline)
    assert table.category.tolist() == [answer.category for answer in answers]
    expected_sites = [answer.deciding_site for answer in answers]
    assert [None if pd.isna(site) else site for site in table.deciding_site] == expected_sites
    for found, answer in zip(table.deciding_score, answers, strict=True):
        assert (math.isnan(found) if answer.deciding_score is None
                else found == answer.deciding_score)


def frame(**columns):
    return pd.DataFrame({"age_years": [62, 70], "sex": ["female", "male"],
                         "total_hip_t_score": [-1.8, -2.6], **columns})


def test_the_index_is_kept():
    """Answers can be joined to the table they came from, even with odd labels."""
    people = frame().set_index(pd.Index(["ann", "bob"], name="who"))
    answer = diagnose_patients(people)
    assert answer.index.equals(people.index)
    assert answer.category["bob"] == "osteoporosis"
    assert answer.loc["ann", "deciding_score"] == -1.8


def test_an_empty_table_gives_an_empty_answer():
    """No people, no error, the same columns."""
    answer = diagnose_patients(frame().iloc[:0])
    assert list(answer.columns) == ["category", "deciding_site", "deciding_score"]
    assert len(answer) == 0


def test_the_callers_table_is_not_changed():
    """Nothing is written back."""
    people = frame(one_third_radius_t_score=[-3.0, -3.0])
    before = people.copy(deep=True)
    diagnose_patients(people)
    pd.testing.assert_frame_equal(people, before)


@pytest.mark.parametrize(("columns", "name", "value", "rule"), [
    ({"age_years": [62, 17]}, "age_years", 17, "must be 20 or more"),
    ({"age_years": [62, np.nan]}, "age_years", np.nan, "must be from 0 to 110"),
    ({"age_years": [62, 200]}, "age_years", 200, "must be from 0 to 110"),
    ({"sex": ["female", "man"]}, "sex", "man", "must be one of female, male"),
    ({"total_hip_t_score": [-1, -25]}, "total_hip_t_score", -25, "must be from -8 to 8"),
    ({"total_hip_t_score": [-1, np.inf]}, "total_hip_t_score", np.inf, "must be from -8 to 8"),
    ({"total_hip_z_score": [-1, 9]}, "total_hip_z_score", 9, "must be from -8 to 8"),
    ({"menopausal_status": [None, "postmenopausal"]}, "menopausal_status", "postmenopausal",
     "applies to women only"),
    ({"age_years": [62, 55], "sex": ["male", "female"]}, "menopausal_status", None, "is needed"),
    ({"menopausal_status": ["after", None]}, "menopausal_status", "after", "must be one of"),
    ({"total_hip_t_score": [-1, np.nan]}, "t_scores", None, "are needed"),
    ({"age_years": [62, 19.9]}, "age_years", 19.9, "must be 20 or more"),
    pytest.param({"age_years": [62, 10**400]}, "age_years", 10**400, "must be from 0 to 110",
                 id="beyond-floats"),
    pytest.param({"age_years": [62, -10**400]}, "age_years", -10**400, "must be from 0 to 110",
                 id="below-floats"),
    ({"age_years": [62, 66], "sex": ["female", "female"],
      "menopausal_status": ["postmenopausal", "premenopausal"]}, "menopausal_status",
     "premenopausal", "cannot be"),
])
def test_the_first_bad_row_is_named(columns, name, value, rule):
    """By its label, with the rule and the value."""
    people = frame(**columns).set_index(pd.Index(["ann", "bob"]))
    row = "ann" if value == "after" else "bob"
    with pytest.raises(InputError) as caught:
        diagnose_patients(people)
    error = caught.value
    assert error.name == f"{name} (row {row})"
    assert rule in error.rule
    assert error.value is value or error.value == value or math.isnan(error.value)
    assert "1 row(s)" in error.remedy


def test_a_missing_column_is_named():
    """Age and sex must be there."""
    for column in ("age_years", "sex"):
        with pytest.raises(InputError) as caught:
            diagnose_patients(frame().drop(columns=column))
        assert caught.value.name == column


def test_unknown_guideline_is_refused():
    """As in diagnose."""
    with pytest.raises(InputError, match="must be one of who_1994"):
        diagnose_patients(frame(), "who")


@pytest.mark.parametrize(("columns", "name"), [
    ({"frax_hip_10y": [2.0, 2.0]}, "frax_hip_10y"),
    ({"frax_major_10y": [-0.1, 0.1]}, "frax_major_10y"),
    ({"hip_fracture": ["no", "no"]}, "hip_fracture"),
    ({"hip_fracture": [2, 0]}, "hip_fracture"),
    ({"age_years": ["sixty", "70"]}, "age_years"),
])
def test_columns_are_checked_as_fields_are(columns, name):
    """2.0 is not a probability, "no" is not True, and text is no age."""
    with pytest.raises(InputError) as caught:
        diagnose_patients(frame(**columns))
    assert caught.value.name.startswith(name)


@pytest.mark.parametrize("site", ["rib", "lower_leg"])
def test_every_fracture_of_the_vocabulary_makes_osteoporosis_severe(site):
    """A rib fracture beside T -2.6 is severe in diagnose, so it is in a table."""
    answer = diagnose_patients(frame(**{f"{site}_fracture": [False, True]}))
    assert answer.category.tolist() == ["low_bone_mass", "severe_osteoporosis"]


def test_z_scores_are_made_or_refused_as_for_one_person():
    """A woman of 35 with a neck T-score: diagnose makes the Z-score, so must the table."""
    people = pd.DataFrame({"age_years": [35.0], "sex": ["female"],
                           "lumbar_spine_z_score": [-0.5], "femoral_neck_t_score": [-4.0]})
    one = diagnose(Patient(age_years=35, sex="female", z_scores={"lumbar_spine": -0.5},
                           t_scores={"femoral_neck": -4.0}))
    try:
        answer = diagnose_patients(people)
    except InputError:
        return
    assert answer.category.tolist() == [one.category]


def test_flags_may_have_blanks():
    """A missing value in a yes/no column means not recorded."""
    people = frame(hip_fracture=pd.array([pd.NA, True], dtype="boolean"))
    assert diagnose_patients(people).category.tolist() == ["low_bone_mass",
                                                           "severe_osteoporosis"]
