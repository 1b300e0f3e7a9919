"""A person is a checked, frozen value: bad input is refused with name, rule, value, remedy."""

import copy
import math
import pickle
from dataclasses import FrozenInstanceError, fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.model.patient import FragilityFracture, Lifestyle, Patient, RiskFactors
from osteoteach.model.vocabulary import (
    DXA_SITES,
    EXERCISE_KINDS,
    FRACTURE_SITES,
    PLAUSIBLE,
    SiteValues,
    checked_number,
)

WOMAN = {"age_years": 62, "sex": "female", "menopausal_status": "postmenopausal",
         "menopause_age_years": 50, "t_scores": {"total_hip": -1.8}}


def woman(**changes):
    return Patient(**{**WOMAN, **changes})


#: field name, quantity in PLAUSIBLE, and how to make a value with it.
NUMBERS = [
    ("age_years", "age_years", lambda v: Patient(age_years=v, sex="male")),
    ("menopause_age_years", "menopause_age_years", lambda v: woman(menopause_age_years=v,
                                                                   age_years=70)),
    ("expected_menopause_age_years", "expected_menopause_age_years",
     lambda v: Patient(age_years=20, sex="female", expected_menopause_age_years=v)),
    ("height_cm", "height_cm", lambda v: woman(height_cm=v)),
    ("weight_kg", "weight_kg", lambda v: woman(weight_kg=v)),
    ("serum_25_oh_d_nmol_l", "serum_25_oh_d_nmol_l", lambda v: woman(serum_25_oh_d_nmol_l=v)),
    ("t_scores['total_hip']", "t_score", lambda v: woman(t_scores={"total_hip": v})),
    ("z_scores['femoral_neck']", "z_score", lambda v: woman(z_scores={"femoral_neck": v})),
    ("bmd_g_cm2['lumbar_spine']", "bmd_g_cm2",
     lambda v: woman(bmd_g_cm2={"lumbar_spine": v}, device="lunar")),
    ("years_ago", "years_ago", lambda v: FragilityFracture("hip", v)),
    ("exercise_sessions_per_week", "exercise_sessions_per_week",
     lambda v: Lifestyle(exercise="walking", exercise_sessions_per_week=v)),
    *[(name, name, lambda v, name=name: Lifestyle(**{name: v})) for name in (
        "calcium_mg_day", "vitamin_d_iu_day", "protein_g_kg_day", "alcohol_g_day",
        "weight_change_pct")],
    *[(name, name, lambda v, name=name: RiskFactors(**{name: v})) for name in (
        "prednisolone_mg_day", "falls_last_year", "egfr_ml_min",
        "months_since_heart_attack_or_stroke", "frax_major_10y", "frax_hip_10y")],
]
MANDATORY = ("age_years", "t_scores['total_hip']", "z_scores['femoral_neck']",
             "bmd_g_cm2['lumbar_spine']", "exercise_sessions_per_week", "weight_change_pct")


def refusal(make, value):
    with pytest.raises(InputError) as caught:
        make(value)
    return caught.value


def test_every_plausible_range_is_tested_here():
    """A quantity added to the vocabulary must be added to this table."""
    assert {quantity for _, quantity, _ in NUMBERS} == set(PLAUSIBLE)


@pytest.mark.parametrize(("name", "quantity", "make"), NUMBERS, ids=[n[0] for n in NUMBERS])
def test_a_number_outside_its_range_is_refused_and_its_ends_are_not(name, quantity, make):
    """Both ends are accepted, one step beyond each is refused with the four parts."""
    low, high, unit = PLAUSIBLE[quantity]
    if name != "menopause_age_years":
        make(low)
    make(high)
    for bad in (math.nextafter(low, -math.inf), math.nextafter(high, math.inf), high + 1000):
        error = refusal(make, bad)
        assert (error.name, error.value) == (name, bad)
        assert error.rule == f"must be from {low:g} to {high:g} {unit}"
        assert error.remedy == "Check the number and its unit."
        assert repr(bad) in str(error)


@pytest.mark.parametrize(("name", "quantity", "make"), NUMBERS, ids=[n[0] for n in NUMBERS])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, True, False, "62", "", [1], {}])
def test_what_is_not_a_finite_number_is_refused(name, quantity, make, bad):
    """NaN, infinity, truth values, text and lists are not quantities."""
    error = refusal(make, bad)
    assert error.name == name
    assert error.value is bad
    assert error.remedy


@pytest.mark.parametrize("bad", [b"62", np.True_])
def test_bytes_and_numpy_truth_values_are_not_numbers(bad):
    """b"62" is not 62, and numpy's True is not 1."""
    with pytest.raises(InputError, match="age_years must be a number"):
        Patient(age_years=bad, sex="male")


@pytest.mark.parametrize(("name", "quantity", "make"), NUMBERS, ids=[n[0] for n in NUMBERS])
def test_missing_is_allowed_only_where_it_means_something(name, quantity, make):
    """None is "not stated" in an optional field and an InputError in the others."""
    if name in MANDATORY:
        assert refusal(make, None).name == name
    else:
        make(None)


@pytest.mark.parametrize("number", [np.float64(62), np.float32(62), np.int64(62), 62])
def test_numpy_scalars_become_plain_floats(number):
    """A value from a DataFrame is as good as a typed one, and equal to it."""
    patient = Patient(age_years=number, sex="male")
    assert type(patient.age_years) is float
    assert patient == Patient(age_years=62.0, sex="male")


@pytest.mark.parametrize(("make", "name", "suggestion"), [
    (lambda: Patient(age_years=62, sex="woman"), "sex", ""),
    (lambda: Patient(age_years=62, sex="Female"), "sex", "Did you mean 'female'?"),
    (lambda: Patient(age_years=62, sex=None), "sex", ""),
    (lambda: Patient(age_years=62, sex=1), "sex", ""),
    (lambda: woman(menopausal_status="menopause"), "menopausal_status", "Did you mean"),
    (lambda: woman(device="Hologic"), "device", "Did you mean 'hologic'?"),
    (lambda: woman(t_scores={"hip": -1}), "t_scores site", ""),
    (lambda: woman(t_scores={"Total hip": -1}), "t_scores site", "Did you mean 'total_hip'?"),
    (lambda: woman(t_scores={3: -1}), "t_scores site", ""),
    (lambda: woman(fractures=["spine"]), "fracture site", ""),
    (lambda: FragilityFracture("Hip"), "fracture site", "Did you mean 'hip'?"),
    (lambda: Lifestyle(exercise="jogging", exercise_sessions_per_week=3), "exercise", ""),
    (lambda: Lifestyle(smoking="yes"), "smoking", ""),
])
def test_an_unknown_word_is_refused_with_the_list_and_a_guess(make, name, suggestion):
    """The message lists what may be written and names the nearest word."""
    with pytest.raises(InputError) as caught:
        make()
    assert caught.value.name == name
    assert caught.value.rule.startswith("must be one of ")
    assert suggestion in caught.value.remedy
    assert caught.value.remedy


@pytest.mark.parametrize(("make", "name", "rule"), [
    (lambda: Patient(age_years=62, sex="male", menopausal_status="postmenopausal"),
     "menopausal_status", "applies to women only"),
    (lambda: Patient(age_years=62, sex="male", menopause_age_years=50),
     "menopause_age_years", "applies to women only"),
    (lambda: woman(menopausal_status="premenopausal"),
     "menopause_age_years", "cannot be known while premenopausal"),
    (lambda: woman(menopausal_status="menopausal_transition"),
     "menopause_age_years", "cannot be known while menopausal_transition"),
    (lambda: woman(age_years=45), "menopause_age_years", "must not be above age_years (45)"),
    (lambda: Patient(age_years=45, sex="male", expected_menopause_age_years=50),
     "expected_menopause_age_years", "applies to women only"),
    (lambda: woman(expected_menopause_age_years=65), "expected_menopause_age_years",
     "is for a woman before menopause"),
    (lambda: Patient(age_years=45, sex="female", expected_menopause_age_years=44),
     "expected_menopause_age_years", "must not be below age_years (45)"),
    (lambda: woman(bmd_g_cm2={"lumbar_spine": 0.9}), "device", "is needed"),
    (lambda: woman(bmd_g_cm2={"total_hip": 0.9}, device="lunar"), "t_scores",
     "must not repeat a site that has a BMD"),
    (lambda: woman(t_scores=-1.8), "t_scores", "must map DXA sites to numbers"),
    (lambda: woman(t_scores=None), "t_scores", "must map DXA sites to numbers"),
    (lambda: woman(t_scores=[("total_hip", -1)]), "t_scores", "must map DXA sites"),
    (lambda: woman(fractures="hip"), "fractures", "must be a list"),
    (lambda: woman(fractures=FragilityFracture("hip")), "fractures", "must be a list"),
    (lambda: woman(fractures=[1]), "fractures", "must hold FragilityFracture"),
    (lambda: woman(lifestyle={"smoking": "never"}), "lifestyle", "must be a Lifestyle"),
    (lambda: woman(risk_factors=None), "risk_factors", "must be a RiskFactors"),
    (lambda: woman(prior_osteoporosis_diagnosis=1), "prior_osteoporosis_diagnosis",
     "must be True or False"),
    (lambda: RiskFactors(parental_hip_fracture="no"), "parental_hip_fracture",
     "must be True or False"),
    (lambda: RiskFactors(rheumatoid_arthritis=None), "rheumatoid_arthritis",
     "must be True or False"),
    (lambda: RiskFactors(hyperparathyroidism=0), "hyperparathyroidism", "must be True or False"),
    (lambda: RiskFactors(secondary_causes="coeliac disease"), "secondary_causes",
     "must be a list of words"),
    (lambda: Lifestyle(exercise_sessions_per_week=3), "exercise",
     "must name a kind when there are sessions"),
])
def test_fields_that_contradict_each_other_are_refused(make, name, rule):
    """The field to change is named, and something to do is said."""
    with pytest.raises(InputError) as caught:
        make()
    assert caught.value.name == name
    assert rule in caught.value.rule
    assert caught.value.remedy.endswith(".")


@pytest.mark.parametrize(("make", "name"), [
    (lambda: woman(fractures=None), "fractures"),
    (lambda: woman(fractures=3), "fractures"),
    (lambda: RiskFactors(secondary_causes=None), "secondary_causes"),
    (lambda: RiskFactors(secondary_causes=[["coeliac disease"]]), "secondary_causes"),
])
def test_lists_that_are_no_lists_are_refused_in_our_words(make, name):
    """A bare TypeError teaches nobody."""
    with pytest.raises(InputError) as caught:
        make()
    assert caught.value.name == name


EXAMPLES = [
    woman(fractures=["hip", FragilityFracture("vertebral", 1.5)],
          bmd_g_cm2={"lumbar_spine": 0.9}, device="norland",
          lifestyle=Lifestyle(exercise="impact", exercise_sessions_per_week=3, smoking="never"),
          risk_factors=RiskFactors(secondary_causes=["coeliac disease"], frax_hip_10y=0.03)),
    Patient(age_years=20, sex="male"),
    Patient(age_years=8, sex="female"),
]


@pytest.mark.parametrize("person", EXAMPLES)
def test_a_person_is_a_value(person):
    """Equal by content, hashable, picklable and copyable."""
    twin = replace(person)
    assert twin == person
    assert twin is not person
    assert hash(twin) == hash(person)
    assert pickle.loads(pickle.dumps(person)) == person
    assert copy.deepcopy(person) == person
    assert replace(person, height_cm=151) != person
    assert len({person, twin}) == 1


@pytest.mark.parametrize("kind", [Patient, Lifestyle, RiskFactors, FragilityFracture])
def test_no_field_can_be_assigned(kind):
    """Change is a new value, never an edit."""
    value = {Patient: woman(), Lifestyle: Lifestyle(), RiskFactors: RiskFactors(),
             FragilityFracture: FragilityFracture("hip")}[kind]
    for field in fields(kind):
        with pytest.raises(FrozenInstanceError):
            setattr(value, field.name, 1)


def test_the_callers_mapping_is_copied():
    """Editing the dictionary afterwards does not reach into the patient."""
    scores = {"total_hip": -1.8}
    person = woman(t_scores=scores)
    scores["total_hip"] = -3.0
    assert person.t_scores == {"total_hip": -1.8}
    with pytest.raises(TypeError):
        person.t_scores["total_hip"] = -3.0


@given(st.permutations(DXA_SITES))
def test_the_order_of_sites_does_not_matter(order):
    """Sites come out in the order of the vocabulary, whichever way they went in."""
    values = SiteValues(dict.fromkeys(order, -1.0), "t_scores", "t_score")
    assert tuple(values) == DXA_SITES
    assert hash(values) == hash(SiteValues(dict.fromkeys(DXA_SITES, -1.0), "t_scores", "t_score"))


def test_years_since_menopause_and_sites():
    """62 less 50 is 12 years; sites of BMD and T-score are both scanned."""
    person = woman(bmd_g_cm2={"lumbar_spine": 0.9}, device="lunar")
    assert person.years_since_menopause == 12.0
    assert person.scanned_sites == ("lumbar_spine", "total_hip")
    assert Patient(age_years=62, sex="male").years_since_menopause is None
    assert Patient(age_years=50, sex="female", menopause_age_years=50).years_since_menopause == 0


@pytest.mark.parametrize("site", FRACTURE_SITES)
def test_fractures_are_found_by_site(site):
    """has_fracture asks for one site, several, or any."""
    person = woman(fractures=[site])
    assert person.has_fracture()
    assert person.has_fracture(site)
    assert person.has_fracture("hip", "vertebral") == (site in ("hip", "vertebral"))
    assert not woman().has_fracture()


@given(st.floats(0, 110))
def test_a_good_number_is_kept_to_the_last_digit(age):
    """No rounding and no clamping on the way in."""
    assert checked_number("age_years", age) == age


def test_errors_survive_the_way_between_processes():
    """Both parts of the message arrive when an error is pickled."""
    with pytest.raises(InputError) as caught:
        woman(age_years=620)
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert (again.name, again.value) == ("age_years", 620)
    assert isinstance(again, ValueError)


def test_every_exercise_kind_can_be_planned():
    """All words of the vocabulary are usable."""
    for kind in EXERCISE_KINDS[1:]:
        assert Lifestyle(exercise=kind, exercise_sessions_per_week=2).exercise == kind
