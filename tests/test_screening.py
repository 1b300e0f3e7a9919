"""Who is scanned: tools by hand, published accuracy, and the rules of bodies by date."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.evidence import source, table
from osteoteach.model.patient import FragilityFracture, Lifestyle, Patient, RiskFactors
from osteoteach.model.screening import (
    abone_score,
    is_positive,
    orai_score,
    osiris_score,
    ost_score,
    risk_factors,
    score_score,
    screen,
    screening_rules,
    tool_accuracy,
    tool_names,
)

ages, weights = st.integers(45, 95), st.floats(35, 130)


def woman(age_years=68, **fields):
    fields = {"menopausal_status": "postmenopausal", "weight_kg": 60} | fields
    return Patient(age_years=age_years, sex="female", **fields)


# Tools (Brand 2008, BMC Musculoskelet Disord 9:13, table 1) ---------------------------


@pytest.mark.parametrize(("age", "weight", "score"), [
    (68, 60, -1), (60, 70, 2), (60, 69.9, 1), (75, 50, -5), (50, 80, 6), (58, 55, 0),
    (57.3, 67.3, 2), (64, 60, 0), (70, 66, 0)])
def test_ost_by_hand(age, weight, score):
    """0.2 x (kg - years), cut toward zero; 0.2 x 10 is 2 whatever the last bit."""
    assert ost_score(age, weight) == score
    assert not str(ost_score(age, weight)).startswith("-0")


@pytest.mark.parametrize(("age", "weight", "estrogen", "score"), [
    (54, 75, True, 0), (55, 75, True, 5), (64.9, 75, True, 5), (65, 75, True, 9),
    (75, 75, True, 15), (54, 70, True, 0), (54, 69.9, True, 3), (54, 60, True, 3),
    (54, 59.9, True, 9), (54, 75, False, 2), (80, 50, False, 26)])
def test_orai_by_hand(age, weight, estrogen, score):
    """Every band and its edges; 26 is the most."""
    assert orai_score(age, weight, estrogen) == score


@pytest.mark.parametrize(("arguments", "score"), [
    # age, kg, arthritis, fractures, estrogen ever, black
    ((68, 60, False, 0, True, True), 18 - 13), ((68, 60, False, 0, True, False), 18 - 13 + 5),
    ((68, 60, False, 0, False, True), 18 - 13 + 1), ((68, 60, True, 0, True, True), 18 - 13 + 4),
    ((68, 60, False, 2, True, True), 18 - 13 + 8), ((68, 60, False, 4, True, True), 18 - 13 + 12),
    ((59, 68.1, False, 0, True, True), 15 - 15), ((60, 68.0, False, 0, True, True), 18 - 14)])
def test_score_by_hand(arguments, score):
    """60 kg are 132 lb: 13 off; 68.1 kg are 150.1 lb: 15 off; at most 12 for fractures."""
    assert score_score(*arguments) == score


@pytest.mark.parametrize(("age", "weight", "estrogen", "score"), [
    (65, 63.5, True, 0), (65.1, 63.5, True, 1), (65, 63.4, True, 1), (65, 63.5, False, 1),
    (70, 60, False, 3)])
def test_abone_by_hand(age, weight, estrogen, score):
    """One point each: over 65, under 63.5 kg, no six months of estrogen."""
    assert abone_score(age, weight, estrogen) == score


@pytest.mark.parametrize(("tool", "last_negative", "first_positive"), [
    ("ost", 2, 1), ("orai", 8, 9), ("score", 5, 6), ("abone", 1, 2), ("body_weight", 70, 69.9),
    ("osiris", 1.2, 1)])
def test_published_cut_offs(tool, last_negative, first_positive):
    """Below 2; 9, 6 and 2 or more; under 70 kg; 1 or less. A moved cut-off moves the answer."""
    assert not is_positive(tool, last_negative)
    assert is_positive(tool, first_positive)
    moved = last_negative + (1 if first_positive < last_negative else 0)
    assert is_positive(tool, last_negative, cut_off=moved)


@pytest.mark.parametrize(("age", "weight", "estrogen", "fracture", "score"), [
    # The worked example in the manual of the R package cliot: (50 - 75) x 0.2 = -5, less 2.
    (75, 50, False, True, -7),
    # LOINC 98136-5: -0.2 x age + 0.2 x kg + 2 on estrogen - 2 after a low-impact fracture.
    (60, 65, False, False, 1), (60, 66, False, False, 1.2), (60, 65, True, False, 3),
    (60, 65, False, True, -1), (60, 65, True, True, 1), (80, 55, False, True, -7)])
def test_osiris_by_hand(age, weight, estrogen, fracture, score):
    """Four items, not cut to a whole number."""
    assert osiris_score(age, weight, estrogen, fracture) == pytest.approx(score)


def test_osiris_sends_at_exactly_one_whatever_the_last_bit():
    """sedrine_2002 and reginster_osiris: low risk is above 1."""
    for age in range(45, 95):
        assert is_positive("osiris", osiris_score(age, age + 5, False, False))
        assert not is_positive("osiris", osiris_score(age, age + 5.1, False, False))


def test_osiris_counts_an_earlier_fragility_fracture_and_estrogen():
    """A broken hip takes 2 points, estrogen now gives them back."""
    plain = screen("osiris", woman(), estrogen_now=False).score
    broken = woman(fractures=["hip"])
    assert screen("osiris", broken, estrogen_now=False).score == pytest.approx(plain - 2)
    assert screen("osiris", broken, estrogen_now=True).score == pytest.approx(plain)


def test_tools_take_arrays():
    """A population is scored at once, and as one by one."""
    np = pytest.importorskip("numpy")
    age, weight = np.array([50, 64.5, 65, 75.0, 80]), np.array([80, 70, 59.9, 63.5, 45.3])
    flag, count = np.array([True, False, True, False, False]), np.array([0, 1, 5, 2, 3])
    rows = range(len(age))
    assert list(ost_score(age, weight)) == [ost_score(age[i], weight[i]) for i in rows]
    assert list(orai_score(age, weight, flag)) == [
        orai_score(age[i], weight[i], bool(flag[i])) for i in rows]
    assert list(abone_score(age, weight, flag)) == [
        abone_score(age[i], weight[i], bool(flag[i])) for i in rows]
    assert list(score_score(age, weight, flag, count, flag, flag)) == [
        score_score(age[i], weight[i], *[bool(flag[i])], int(count[i]), bool(flag[i]),
                    bool(flag[i])) for i in rows]
    assert list(osiris_score(age, weight, flag, flag)) == [
        osiris_score(age[i], weight[i], bool(flag[i]), bool(flag[i])) for i in rows]
    assert list(is_positive("osiris", osiris_score(age, weight, 0, 0))) == [
        is_positive("osiris", osiris_score(age[i], weight[i], 0, 0)) for i in rows]
    assert list(is_positive("ost", ost_score(age, weight))) == [
        is_positive("ost", ost_score(age[i], weight[i])) for i in rows]


@given(ages, weights, st.floats(0, 20), st.booleans())
def test_older_lighter_and_without_estrogen_is_never_safer(age, weight, loss, flag):
    """Every tool is monotone in age, weight and estrogen."""
    older, lighter = age + 5, weight - min(loss, weight - 30)
    assert ost_score(older, lighter) <= ost_score(age, weight)
    assert osiris_score(older, lighter, False, True) <= osiris_score(age, weight, flag, flag)
    assert orai_score(older, lighter, False) >= orai_score(age, weight, flag)
    assert abone_score(older, lighter, False) >= abone_score(age, weight, flag)
    assert (score_score(older, lighter, True, 3, False, False)
            >= score_score(age, weight, flag, 0, flag, flag))


def test_screen_says_score_cut_off_formula_and_source():
    """All that the page shows, for each tool."""
    extra = {"estrogen_now": False, "estrogen_ever": False, "estrogen_six_months": False,
             "black": False}
    expected = {"ost": (-1, True), "orai": (14, True), "score": (11, True), "abone": (3, True),
                "body_weight": (60, True), "osiris": (pytest.approx(-1.6), True)}
    for tool in tool_names():
        result = screen(tool, woman(), **extra)
        assert (result.score, result.positive) == expected[tool]
        assert result.formula.endswith(f"scan if {result.cut_off}")
        assert source(result.source_id).link


def test_score_counts_dated_fractures_of_wrist_hip_and_rib_after_45():
    """A hip fracture at 60 counts, a wrist fracture at 40 and a vertebral one do not."""
    history = [FragilityFracture("hip", 8), FragilityFracture("distal_forearm", 28),
               FragilityFracture("vertebral")]
    given_here = {"estrogen_ever": True, "black": True}
    assert screen("score", woman(fractures=history), **given_here).score == 18 - 13 + 4
    undated = woman(fractures=["hip"])
    with pytest.raises(InputError, match="no date"):
        screen("score", undated, **given_here)
    assert screen("score", undated, fractures_after_45=1, **given_here).score == 9


@pytest.mark.parametrize(("tool", "patient", "more", "name"), [
    ("osiris", woman(), {}, "estrogen_now"), ("frax", woman(), {}, "tool"),
    ("ost", Patient(age_years=70, sex="male", weight_kg=60), {}, "sex"),
    ("ost", woman(48, menopausal_status="premenopausal"), {}, "menopausal_status"),
    ("ost", woman(50, menopausal_status=None), {}, "menopausal_status"),
    ("ost", woman(weight_kg=None), {}, "weight_kg"), ("orai", woman(), {}, "estrogen_now"),
    ("abone", woman(), {"estrogen_now": True}, "estrogen_six_months"),
    ("score", woman(), {"estrogen_ever": True}, "black"),
    ("score", woman(), {"black": True}, "estrogen_ever"),
    ("score", woman(), {"fractures_after_45": -1}, "fractures_after_45"),
    ("score", woman(), {"fractures_after_45": 1.5}, "fractures_after_45"),
    ("orai", woman(), {"estrogen_now": "no"}, "estrogen_now")])
def test_a_missing_input_or_the_wrong_person_is_refused(tool, patient, more, name):
    """By name, with what to give."""
    with pytest.raises(InputError) as caught:
        screen(tool, patient, **more)
    assert caught.value.name == name


@pytest.mark.parametrize(("tool", "n", "sensitivity", "specificity", "auc"), [
    # Crandall 2014, J Bone Miner Res 29:1661, abstract.
    ("ost", 5165, 79.8, 66.3, 0.73), ("score", 5165, 74.0, 70.8, 0.72),
    ("frax_without_bmd", 5165, 34.1, 85.8, 0.60),
    # Pecina 2016, J Am Board Fam Med 29:233, abstract.
    ("orai", 290, 52, 67, 0.60), ("score", 290, 74, 42, 0.58),
    # Cadarette 2000, CMAJ 162:1289, abstract. Gourlay 2008, Osteoporos Int 19:1175.
    # Sedrine 2002 and Reginster, Gynecol Endocrinol, abstracts.
    ("orai", 450, 93.3, 46.4, None), ("osiris", 1303, 78.5, 51.4, 0.71),
    ("osiris", 889, None, None, None), ("body_weight", 7779, None, None, 0.73)])
def test_accuracy_is_that_of_the_published_page(tool, n, sensitivity, specificity, auc):
    """The table holds what the abstract prints."""
    found = [one for one in tool_accuracy(tool) if one.n == n]
    assert [(one.sensitivity_pct, one.specificity_pct, one.auc) for one in found] == [
        (sensitivity, specificity, auc)]


# Rules -------------------------------------------------------------------------------


def answers(patient, on_date=None, **more):
    return {advice.body.rsplit(" ", 1)[0].split(" 2016")[0]: advice.answer
            for advice in screening_rules(patient, on_date, **more).rules}


USPSTF, ISCD, NOF = "US Preventive Services Task Force", "ISCD", "NOF"
CTF, OC, ACOG = "Canadian Task Force", "Osteoporosis Canada", "ACOG"


def body(name, advice):
    return next(one for one in advice.rules if one.body.startswith(name))


@pytest.mark.parametrize(("patient", "expected"), [
    (woman(70), {USPSTF: "test", ISCD: "test", NOF: "test", CTF: "assess_risk_first",
                 OC: "test", ACOG: "test"}),
    (Patient(age_years=72, sex="male"),
     {USPSTF: "insufficient_evidence", ISCD: "test", NOF: "test", CTF: "do_not_test",
      OC: "test", ACOG: "no_rule"}),
    (woman(58, weight_kg=85), {USPSTF: "no_rule", ISCD: "no_rule", NOF: "no_rule",
                               CTF: "do_not_test", OC: "no_rule", ACOG: "no_rule"}),
    (woman(58, weight_kg=None), {USPSTF: "assess_risk_first", ACOG: "assess_risk_first",
                                 CTF: "do_not_test"}),
    (woman(58, weight_kg=55), {USPSTF: "test", ACOG: "test", CTF: "do_not_test"}),
    (woman(70, fractures=["hip"]), {USPSTF: "outside_scope", CTF: "outside_scope", ISCD: "test"}),
    (Patient(age_years=55, sex="male", risk_factors=RiskFactors(prednisolone_mg_day=7.5)),
     {USPSTF: "outside_scope", ISCD: "test", NOF: "test", OC: "no_rule"}),
    (Patient(age_years=55, sex="male", lifestyle=Lifestyle(smoking="current"),
             risk_factors=RiskFactors(parental_hip_fracture=True)),
     {ISCD: "no_rule", NOF: "test", OC: "test"}),
    (Patient(age_years=48, sex="female", menopausal_status="menopausal_transition",
             risk_factors=RiskFactors(prednisolone_mg_day=5)), {ISCD: "test", NOF: "test"}),
    (Patient(age_years=30, sex="female", menopausal_status="premenopausal"),
     {USPSTF: "no_rule", ISCD: "no_rule", NOF: "no_rule", CTF: "no_rule", OC: "no_rule"}),
    (Patient(age_years=53, sex="female", menopausal_status="premenopausal", fractures=["hip"]),
     {OC: "no_rule", ISCD: "test"}),
])
def test_each_body_answers_by_its_own_rule(patient, expected):
    """The published rules, on the same person."""
    advice = screening_rules(patient)
    assert {name: body(name, advice).answer for name in expected} == expected


def test_age_is_read_in_completed_years():
    """64.9 years are not 65."""
    assert body(ISCD, screening_rules(woman(64.9))).answer == "no_rule"
    assert body(ISCD, screening_rules(woman(65))).answer == "test"
    assert body(CTF, screening_rules(woman(64.9))).answer == "do_not_test"
    assert body(CTF, screening_rules(woman(65))).answer == "assess_risk_first"


def test_the_statement_in_force_on_a_day_is_used():
    """USPSTF 2018 (26 June 2018) until 2025 (14 January 2025); none before."""
    person = woman(70)
    newest = body(USPSTF, screening_rules(person))
    assert (newest.published, newest.grade) == ("2025-01-14", "B")
    assert body(USPSTF, screening_rules(person, "2025-01-13")).published == "2018-06-26"
    assert body(USPSTF, screening_rules(person, dt.date(2025, 1, 14))).published == "2025-01-14"
    early = [one.body for one in screening_rules(person, "2018-06-25").rules]
    assert early == ["NOF 2016 (today BHOF)"]
    assert screening_rules(person, "2010-01-01").rules == ()


def test_a_given_risk_assessment_overrides_ost():
    """The caller's own assessment decides for the bodies that ask for one."""
    heavy, light = woman(58, weight_kg=85), woman(58, weight_kg=50)
    assert body(USPSTF, screening_rules(heavy, at_increased_risk=True)).answer == "test"
    assert body(USPSTF, screening_rules(light, at_increased_risk=False)).answer == "no_rule"
    assert "OST" in body(USPSTF, screening_rules(light)).why


def test_low_weight_counts_only_when_it_is_judged_low():
    """ISCD counts low body weight and gives no limit; so does nobody's guess."""
    thin = woman(58, weight_kg=48)
    assert body(ISCD, screening_rules(thin)).answer == "no_rule"
    advice = body(ISCD, screening_rules(thin, low_body_weight=True))
    assert advice.answer == "test"
    assert "low body weight" in advice.why


def test_disagreements_are_visible_and_vanish_when_all_agree():
    """A man of 72: test, do not test, evidence insufficient. A child: nobody speaks."""
    lines = screening_rules(Patient(age_years=72, sex="male")).disagreements
    assert [line.split(":")[0] for line in lines] == [
        "Evidence insufficient", "Test", "Do not test"]
    assert "Canadian Task Force 2023" in lines[2]
    assert screening_rules(Patient(age_years=12, sex="male")).disagreements == ()


def test_advice_names_grade_date_source_and_interval():
    """What was read is shown; what was not is None."""
    acog = body(ACOG, screening_rules(woman(70)))
    assert acog.repeat_after.startswith("no sooner than 2 years")
    for advice in screening_rules(woman(70)).rules:
        assert source(advice.source_id).link
        assert advice.published
        assert advice.answer_in_words
    assert body(ISCD, screening_rules(woman(70))).repeat_after is None


def test_risk_factors_come_from_the_record():
    """Each is found where it is written."""
    full = woman(fractures=["rib"], lifestyle=Lifestyle(smoking="current"),
                 risk_factors=RiskFactors(parental_hip_fracture=True, rheumatoid_arthritis=True,
                                          prednisolone_mg_day=5))
    assert risk_factors(full, low_body_weight=True) == (
        "low_body_weight", "fracture", "medicine", "disease", "parental_hip_fracture", "smoking")
    assert risk_factors(woman(lifestyle=Lifestyle(smoking="former"))) == ()


@given(st.integers(0, 105), st.sampled_from(["female", "male"]), st.booleans(),
       st.none() | st.floats(40, 120))
def test_everybody_gets_one_answer_of_each_body(age, sex, broke, weight):
    """No person falls through, and no answer lacks words."""
    patient = Patient(age_years=age, sex=sex, weight_kg=weight,
                      fractures=["hip"] if broke else [])
    advice = screening_rules(patient)
    assert len(advice.rules) == len({row["series"] for row in table("screening_rules")})
    assert all(one.answer_in_words for one in advice.rules)


@pytest.mark.parametrize("day", ["yesterday", "2024-13-01", 2024])
def test_an_impossible_date_is_refused(day):
    """With the way to write it."""
    with pytest.raises(InputError, match="on_date must be a date"):
        screening_rules(woman(), day)
