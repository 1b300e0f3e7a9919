"""From scan and history to a diagnosis: which score applies, who decides, what would change."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.evidence import table
from osteoteach.model.diagnosis import diagnose, guideline_ids, score_in_use, t_category
from osteoteach.model.patient import Patient, RiskFactors
from osteoteach.model.vocabulary import CATEGORIES, FRACTURE_SITES

WOMAN = {"age_years": 65, "sex": "female", "menopausal_status": "postmenopausal"}


def woman(total_hip=None, **more):
    scores = {} if total_hip is None else {"total_hip": total_hip}
    return Patient(**{**WOMAN, "t_scores": scores, **more})


def category(patient, guideline="bhof_2022"):
    return diagnose(patient, guideline).category


def rule_ids(answer):
    return [rule.rule_id for rule in answer.rules]


# Which score applies (iscd_2005) -------------------------------------------------------


@pytest.mark.parametrize(("age", "score"), [
    (20, "z_score"), (49, "z_score"), (49.99, "z_score"), (50, "t_score"), (90, "t_score")])
def test_men_change_score_on_their_50th_birthday(age, score):
    """iscd_2005: T-scores from 50 on, not a day earlier."""
    assert score_in_use(Patient(age_years=age, sex="male")) == score


@pytest.mark.parametrize(("status", "score"), [
    ("premenopausal", "z_score"), ("menopausal_transition", "t_score"),
    ("postmenopausal", "t_score")])
@pytest.mark.parametrize("age", [38, 45, 52])
def test_in_women_menopause_decides_and_not_age(age, status, score):
    """iscd_2005, iscd_2019: a woman of 38 after menopause has a T-score."""
    assert score_in_use(Patient(age_years=age, sex="female", menopausal_status=status)) == score


def test_an_age_at_menopause_is_a_status():
    """Whoever states it is postmenopausal."""
    person = Patient(age_years=45, sex="female", menopause_age_years=43)
    assert score_in_use(person) == "t_score"


@pytest.mark.parametrize(("age", "score"), [(39.9, "z_score"), (60, "t_score")])
def test_an_assumed_status_is_listed_among_the_rules(age, score):
    """Outside 40 to 59 the status may be left out, and the answer says so."""
    person = Patient(age_years=age, sex="female", t_scores={"total_hip": -1.5},
                     z_scores={"total_hip": -1.0})
    answer = diagnose(person)
    assert answer.decided_by == score
    assert rule_ids(answer)[0] == "status_assumed"


@pytest.mark.parametrize("age", [40, 50, 59.99])
def test_between_40_and_60_the_status_is_asked_for(age):
    """It decides between two scores, so it is not guessed."""
    with pytest.raises(InputError) as caught:
        diagnose(Patient(age_years=age, sex="female", t_scores={"total_hip": -1.5}))
    assert caught.value.name == "menopausal_status"


@pytest.mark.parametrize("age", [0, 8, 19.99])
@pytest.mark.parametrize("sex", ["female", "male"])
def test_children_are_refused_with_the_reason(age, sex):
    """aap_2016: in children densitometry alone makes no diagnosis."""
    with pytest.raises(InputError, match="In children osteoporosis is not diagnosed") as caught:
        diagnose(Patient(age_years=age, sex=sex, t_scores={"total_hip": -3},
                         fractures=["hip", "vertebral"]))
    assert (caught.value.name, caught.value.value) == ("age_years", age)


@pytest.mark.parametrize("guideline", guideline_ids())
def test_no_osteoporosis_from_density_alone_below_50_in_men(guideline):
    """iscd_2019: a man of 49 with T and Z of -4 is below expected, not osteoporotic."""
    man = Patient(age_years=49, sex="male", t_scores={"total_hip": -4},
                  z_scores={"total_hip": -4})
    answer = diagnose(man, guideline)
    assert (answer.category, answer.decided_by) == ("below_expected_range", "z_score")
    assert "men_under_50_not_on_bmd_alone" in rule_ids(answer)


def test_a_young_person_s_fracture_asks_for_a_cause():
    """nbha_2014: the fracture criteria were not written for the young."""
    answer = diagnose(Patient(age_years=35, sex="female", z_scores={"total_hip": -1},
                              fractures=["vertebral"]))
    assert answer.category == "within_expected_range"
    assert "fracture_needs_a_cause" in rule_ids(answer)


# Z-score path --------------------------------------------------------------------------


def test_the_lowest_z_score_decides():
    """Spine -2.1, hip -0.5: below the expected range, by the spine."""
    answer = diagnose(Patient(age_years=35, sex="female",
                              z_scores={"total_hip": -0.5, "lumbar_spine": -2.1}))
    assert (answer.category, answer.deciding_site, answer.deciding_score) == (
        "below_expected_range", "lumbar_spine", -2.1)


def test_z_scores_are_made_where_a_table_exists():
    """looker_1998, by hand: neck 0.618 g/cm2 at 35 is (0.618 - 0.825) / 0.120 = -1.7."""
    answer = diagnose(Patient(age_years=35, sex="female", t_scores={"femoral_neck": -2.0}))
    assert (answer.category, answer.deciding_score) == ("within_expected_range", -1.7)


def test_without_any_z_score_it_is_asked_for():
    """No table for a man's femoral neck, and no scan at all: both are said."""
    for person in (Patient(age_years=40, sex="male", t_scores={"femoral_neck": -3}),
                   Patient(age_years=40, sex="male")):
        with pytest.raises(InputError) as caught:
            diagnose(person)
        assert caught.value.name == "z_scores"


def test_a_site_that_cannot_be_judged_is_named():
    """A man of 40 with a neck of T -4 is not called fine by his spine without a word."""
    man = Patient(age_years=40, sex="male", t_scores={"lumbar_spine": 0, "femoral_neck": -4})
    answer = diagnose(man)
    assert any("femoral neck" in rule.finding for rule in answer.rules)


# T-score path --------------------------------------------------------------------------


def test_the_lowest_site_decides_and_ties_go_in_the_order_of_the_report():
    """Equal reported scores: spine before hip before neck."""
    scores = {"femoral_neck": -2.04, "total_hip": -1.96, "lumbar_spine": -1.0}
    assert diagnose(woman(t_scores=scores)).deciding_site == "total_hip"
    scores["lumbar_spine"] = -2.0
    assert diagnose(woman(t_scores=scores)).deciding_site == "lumbar_spine"


def test_the_radius_counts_only_when_needed():
    """iscd_2019: with spine and hip readable a radius of -3 is set aside, and said."""
    scores = {"lumbar_spine": -1.5, "total_hip": -1.2, "one_third_radius": -3.0}
    answer = diagnose(woman(t_scores=scores))
    assert (answer.category, answer.deciding_site) == ("low_bone_mass", "lumbar_spine")
    assert "one_third_radius" not in answer.scores
    assert any("is set aside" in rule.finding for rule in answer.rules)


@pytest.mark.parametrize(("missing", "parathyroid"), [
    ("lumbar_spine", False), ("total_hip", False), (None, True)])
def test_the_radius_counts_without_spine_or_hip_and_in_hyperparathyroidism(missing, parathyroid):
    """iscd_2019: the three situations."""
    scores = {"lumbar_spine": -1.5, "total_hip": -1.2, "one_third_radius": -3.0}
    scores.pop(missing, None)
    answer = diagnose(woman(t_scores=scores,
                            risk_factors=RiskFactors(hyperparathyroidism=parathyroid)))
    assert (answer.category, answer.deciding_site) == ("osteoporosis", "one_third_radius")


def test_one_hip_region_is_enough_of_a_hip():
    """Femoral neck without total hip: the hip was read, the radius is not needed."""
    scores = {"lumbar_spine": -1.5, "femoral_neck": -1.2, "one_third_radius": -3.0}
    assert category(woman(t_scores=scores)) == "low_bone_mass"


def test_aace_counts_the_radius_like_the_others():
    """guidelinecentral_aace: a diagnostic site."""
    scores = {"lumbar_spine": -1.5, "total_hip": -1.2, "one_third_radius": -3.0}
    answer = diagnose(woman(t_scores=scores), "aace_2020")
    assert (answer.category, answer.deciding_site) == ("osteoporosis", "one_third_radius")


# Fractures -----------------------------------------------------------------------------

#: The same people under every set of rules, in the order of guideline_ids():
#: WHO and ISCD read density, NBHA wants low bone mass beside a vertebral fracture.
NO, LO, OS, SE = "normal", "low_bone_mass", "osteoporosis", "severe_osteoporosis"
POLICIES = [
    (-0.5, "hip", (NO, NO, OS, OS, OS)), (-0.5, "vertebral", (NO, NO, NO, OS, OS)),
    (-0.5, "pelvis", (NO, NO, NO, NO, NO)), (-0.5, "rib", (NO, NO, NO, NO, NO)),
    (-1.8, "hip", (LO, LO, OS, OS, OS)), (-1.8, "vertebral", (LO, LO, OS, OS, OS)),
    (-1.8, "proximal_humerus", (LO, LO, OS, OS, OS)), (-1.8, "pelvis", (LO, LO, OS, OS, OS)),
    (-1.8, "distal_forearm", (LO, LO, OS, OS, OS)), (-1.8, "rib", (LO, LO, LO, LO, LO)),
    (-1.8, "lower_leg", (LO, LO, LO, LO, LO)), (-1.8, "other", (LO, LO, LO, LO, LO)),
    *[(-2.5, site, (SE, SE, SE, SE, SE)) for site in FRACTURE_SITES],
]


@pytest.mark.parametrize(("t_score", "fracture", "expected"), POLICIES)
def test_each_guideline_reads_the_same_fracture_its_own_way(t_score, fracture, expected):
    """who_1994, nbha_2014, leboff_2022, camacho_2020."""
    person = woman(t_score, fractures=[fracture])
    assert tuple(category(person, name) for name in guideline_ids()) == expected


@pytest.mark.parametrize(("guideline", "decides"), [
    ("who_1994", False), ("iscd_2023", False), ("nbha_2014", True), ("bhof_2022", True),
    ("aace_2020", True)])
def test_a_hip_fracture_needs_no_scan_where_the_rules_say_so(guideline, decides):
    """nbha_2014: with or without a BMD test."""
    person = woman(fractures=["hip"])
    if decides:
        answer = diagnose(person, guideline)
        assert (answer.category, answer.decided_by, answer.deciding_site,
                answer.deciding_score) == ("osteoporosis", "fragility_fracture", "hip", None)
    else:
        with pytest.raises(InputError) as caught:
            diagnose(person, guideline)
        assert caught.value.name == "t_scores"


def test_hip_before_vertebra_before_the_others():
    """With several fractures the strongest criterion is named."""
    fractures = ["distal_forearm", "vertebral", "hip"]
    assert diagnose(woman(-1.5, fractures=fractures)).deciding_site == "hip"
    assert diagnose(woman(-1.5, fractures=fractures[:2])).deciding_site == "vertebral"


@given(st.floats(-8, 8), st.sampled_from(guideline_ids()), st.sampled_from(FRACTURE_SITES))
def test_a_fracture_never_makes_the_answer_milder(t_score, guideline, fracture):
    """Adding a fragility fracture moves the category up or leaves it."""
    order = CATEGORIES[:4]
    before = order.index(category(woman(t_score), guideline))
    assert order.index(category(woman(t_score, fractures=[fracture]), guideline)) >= before


# FRAX and an earlier diagnosis ------------------------------------------------------------


@pytest.mark.parametrize(("major", "hip", "above"), [
    (0.20, None, True), (0.199, None, False), (None, 0.03, True), (None, 0.0299, False),
    (0.10, 0.03, True), (0.20, 0.01, True), (0.19, 0.029, False), (None, None, False)])
@pytest.mark.parametrize("guideline", ["nbha_2014", "bhof_2022"])
def test_frax_as_the_user_read_it_decides_from_3_and_20_percent(guideline, major, hip, above):
    """nbha_2014: at the lines themselves, and either of the two."""
    factors = RiskFactors(frax_major_10y=major, frax_hip_10y=hip)
    answer = diagnose(woman(-1.8, risk_factors=factors), guideline)
    assert answer.category == ("osteoporosis" if above else "low_bone_mass")
    assert (answer.decided_by == "frax") == above


def test_aace_counts_frax_with_low_bone_mass_too():
    """guidelinecentral_aace: T between -1.0 and -2.5 with FRAX above the country's lines."""
    factors = RiskFactors(frax_major_10y=0.3, frax_hip_10y=0.08)
    assert category(woman(-1.8, risk_factors=factors), "aace_2020") == "osteoporosis"
    assert category(woman(-0.9, risk_factors=factors), "aace_2020") == "normal"


def test_frax_needs_low_bone_mass_beside_it():
    """nbha_2014: a normal T-score with a high FRAX is no osteoporosis."""
    factors = RiskFactors(frax_major_10y=0.4, frax_hip_10y=0.2)
    assert category(woman(-1.0, risk_factors=factors), "nbha_2014") == "normal"
    for guideline in ("who_1994", "iscd_2023"):
        assert category(woman(-1.8, risk_factors=factors), guideline) == "low_bone_mass"


@pytest.mark.parametrize(("guideline", "stays"), [
    ("who_1994", False), ("iscd_2023", False), ("nbha_2014", False), ("bhof_2022", True),
    ("aace_2020", True)])
@pytest.mark.parametrize("t_score", [-0.5, -1.8])
def test_an_earlier_diagnosis_stays_where_the_rules_keep_it(guideline, stays, t_score):
    """leboff_2022 and guidelinecentral_aace: a better scan does not undo it."""
    answer = diagnose(woman(t_score, prior_osteoporosis_diagnosis=True), guideline)
    assert (answer.category == "osteoporosis") == stays
    assert (answer.decided_by == "earlier_diagnosis") == stays


# The shape of an answer -------------------------------------------------------------------


def test_rules_are_listed_in_the_order_in_which_they_were_asked():
    """First which score, then the site, then the class, then what overrides it."""
    answer = diagnose(Patient(age_years=70, sex="male", t_scores={"total_hip": -1.8},
                              fractures=["vertebral"]))
    assert rule_ids(answer) == ["t_scores_apply", "female_reference_for_men",
                                "lowest_site_decides", "who_low_bone_mass",
                                "vertebral_fracture"]
    assert answer.sources == ("leboff_2022", "iscd_2005", "iscd_2023", "iscd_2019", "who_1994")


def test_every_rule_cites_the_row_it_was_read_from():
    """Statement and source of a fired rule are those of the table, for its guideline."""
    answer = diagnose(woman(-1.8, fractures=["hip"]), "aace_2020")
    hip = next(rule for rule in answer.rules if rule.rule_id == "hip_fracture")
    row = next(row for row in table("diagnostic_rules")
               if (row["rule_id"], row["guideline_id"]) == ("hip_fracture", "aace_2020"))
    assert (hip.statement, hip.source_id) == (row["statement"], row["source_id"])


@pytest.mark.parametrize("bad", ["who", "BHOF 2022", None, 2022])
def test_an_unknown_guideline_is_refused_with_the_list(bad):
    """The message names the published sets."""
    with pytest.raises(InputError, match="must be one of who_1994, iscd_2023") as caught:
        diagnose(woman(-2), bad)
    assert caught.value.name == "guideline"


def test_what_is_no_patient_is_refused():
    """A dictionary is answered with how to write a Patient."""
    with pytest.raises(InputError, match="must be a Patient"):
        diagnose(WOMAN)


@given(st.floats(-8, 8), st.floats(-8, 8))
def test_a_lower_score_never_gives_a_better_class(first, second):
    """who_1994: three classes in order."""
    order = ("osteoporosis", "low_bone_mass", "normal")
    low, high = sorted((first, second))
    assert order.index(t_category(low)) <= order.index(t_category(high))


# What would change the answer ----------------------------------------------------------------

scores = st.dictionaries(st.sampled_from(["lumbar_spine", "total_hip", "femoral_neck"]),
                         st.floats(-4, 1), min_size=1)


def apply_change(answer, change):
    """Every patient that the sentence of a change describes."""
    patient = answer.patient
    if change.startswith("The rules of "):
        names = {row["name"]: row["guideline_id"] for row in table("guidelines")}
        return [(patient, names[change.removeprefix("The rules of ")])]
    if change == "No fragility fracture":
        return [(replace(patient, fractures=()), answer.guideline)]
    if change.startswith("A fragility fracture: "):
        word = change.removeprefix("A fragility fracture: ")
        site = {"distal forearm (wrist)": "distal_forearm"}.get(word, word)
        return [(replace(patient, fractures=(*patient.fractures, site)), answer.guideline)]
    raise AssertionError(f"unknown kind of change: {change}")


@settings(max_examples=40)
@given(scores, st.lists(st.sampled_from(["hip", "vertebral", "distal_forearm", "rib"]),
                        max_size=2), st.sampled_from(guideline_ids()), st.booleans())
def test_every_change_named_really_changes_the_answer(t_scores, fractures, guideline, earlier):
    """Doing what the sentence says gives the category it promises, which is another one."""
    person = woman(t_scores=t_scores, fractures=fractures, prior_osteoporosis_diagnosis=earlier)
    answer = diagnose(person, guideline)
    for item in answer.would_change:
        assert item.category != answer.category
        if "-score of " not in item.change:
            for patient, rules in apply_change(answer, item.change):
                assert category(patient, rules) == item.category


@pytest.mark.parametrize(("t_score", "guideline"), [
    (-0.5, "who_1994"), (-1.8, "who_1994"), (-2.8, "who_1994"), (-1.8, "bhof_2022"),
    (-2.8, "bhof_2022")])
def test_a_score_named_as_a_change_holds_for_all_the_scores_it_describes(t_score, guideline):
    """"-2.4 or lower gives low bone mass" is false at -2.6: the words must not promise it."""
    answer = diagnose(woman(t_score), guideline)
    lines = [item for item in answer.would_change if "T-score of " in item.change]
    assert lines
    for item in lines:
        words = item.change.split()
        line = float(words[3].replace("−", "-"))
        reach = {"lower": -1.0, "better": 1.0}.get(words[5], 0.0)
        for further in (0, 0.1, 0.3, 1.0, 2.0):
            assert category(woman(line + reach * further), guideline) == item.category, item


def test_z_score_changes_are_named_too():
    """A man of 40 at -1.5 hears of -2.0."""
    answer = diagnose(Patient(age_years=40, sex="male", z_scores={"total_hip": -1.5}))
    assert [item.category for item in answer.would_change] == ["below_expected_range"]
    assert "-2.0 or lower" in answer.would_change[0].change.replace("−", "-")


def test_every_site_must_be_better_when_several_are_low():
    """Raising the deciding site alone would leave the next one deciding."""
    answer = diagnose(woman(t_scores={"total_hip": -2.6, "lumbar_spine": -2.7}), "who_1994")
    better = [item for item in answer.would_change if "better" in item.change]
    assert better
    assert all("every site" in item.change for item in better)
