"""Lesson 7: what its prose says of the model and of the tables is computed again here."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from osteoteach import fracture_risk, harms, simulate, table, trial_effects
from osteoteach.model.medicines import medicine_names
from tests.test_lessons import FOLDER, code_cells, printed, prose

LESSON = FOLDER / "07_medicines.ipynb"
PLANS = ("tools", "patient", "follow", "round-1-rows", "round-1-two", "round-2-effects",
         "round-2-framed", "round-3-names", "round-3-shown", "round-4-gain", "round-4-main",
         "round-5-rate", "round-5-people")


@pytest.fixture(scope="module")
def case() -> SimpleNamespace:
    """The lesson's people and courses, from the lesson's own cells."""
    names: dict = {}
    for cell in code_cells(LESSON):
        if cell.id in PLANS:
            exec(compile(cell.source, cell.id, "exec"), names)
    return SimpleNamespace(**names)


def effect(effect_id: str) -> dict:
    return next(row for row in table("fracture_effects") if row["effect_id"] == effect_id)


def text() -> str:
    return re.sub(r"\s+", " ", prose(LESSON))


def test_every_decimal_in_the_prose_is_published_or_given(case):
    """A decimal that no table holds is a model number typed by hand."""
    known = {row["events_pct_control"] for row in case_rows(
        "black_2007_01", "black_2007_02", "ahrq_2007_04", "cauley_2003_01", "saag_2017_05")}
    known |= {row["events_pct_treated"] for row in case_rows("cauley_2003_01", "saag_2017_05")}
    known |= {row["value"] for row in case_rows(
        "cummings_1998_01", "cummings_1998_02", "delmas_2002_02", "reid_2018_01")}
    reid = effect("reid_2018_01")
    known |= {reid["low"], reid["high"]}
    known |= {one.studied_years for one in harms("estrogen_progestogen")
              if one.unit.startswith("excess")}
    known |= {abs(score) for score in case.patient.t_scores.values()}
    known |= {2.5}  # the T-score of osteoporosis; 11.1 less 8.6, and the hip on placebo
    typed = {float(number) for number in re.findall(r"\d+\.\d+", prose(LESSON))}
    assert typed <= known, typed - known


def case_rows(*effect_ids: str) -> list[dict]:
    return [effect(effect_id) for effect_id in effect_ids]


@pytest.mark.parametrize(
    ("claim", "effect_id", "column", "source_id"),
    [("10.9 had a new vertebral fracture", "black_2007_01", "events_pct_control", "black_2007"),
     ("2.6 one with symptoms", "ahrq_2007_04", "events_pct_control", "ahrq_2007"),
     ("2.5 broke a hip", "black_2007_02", "events_pct_control", "black_2007"),
     ("as a whole (0.86)", "cummings_1998_01", "value", "cummings_1998"),
     ("the ratio was 0.64", "cummings_1998_02", "value", "cummings_1998"),
     ("the ratio was 0.93", "delmas_2002_02", "value", "delmas_2002"),
     ("2.0 and 3.2 of 100", "saag_2017_05", "events_pct_control", "saag_2017"),
     ("2.0 and 3.2 of 100", "saag_2017_05", "events_pct_treated", "saag_2017"),
     ("19 of 100 on placebo", "reid_2018_01", "events_pct_control", "reid_2018"),
     ("the ratio was 0.63", "reid_2018_01", "value", "reid_2018"),
     ("11.1 to 8.6 of 100", "cauley_2003_01", "events_pct_treated", "cauley_2003")])
def test_published_number_in_the_prose_is_the_one_in_the_table(
        claim, effect_id, column, source_id):
    row = effect(effect_id)
    assert f"{row[column]:g}" in claim
    assert claim in text()
    assert row["source_id"] == source_id
    assert f"[{source_id}]" in text()


def test_what_resident_doctors_knew_is_quoted_right():
    gaps = {row["gap_id"]: row for row in table("learning_gaps")}
    assert gaps["hip_fracture_medicines"]["knew_pct"] == 33
    assert gaps["jaw_osteonecrosis"]["knew_pct"] == 15
    assert {gaps[name]["n"] for name in ("hip_fracture_medicines", "jaw_osteonecrosis")} == {582}


def test_the_woman_is_the_one_that_the_prose_describes(case):
    assert (case.patient.age_years, case.patient.years_since_menopause) == (72, 23)
    assert list(case.patient.t_scores.values()) == [-2.9, -2.6, -2.7]
    assert [(one.site, one.years_ago) for one in case.patient.fractures] == [("vertebral", 2)]


def test_round_1_levers(case):
    """Denosumab lowers both, digging first; romosozumab's filling wanes from dose to dose."""
    published = {name: row["value"] for name, row in case.trials.items() if name in case.blood}
    assert published["freedom_btm_01"] < 0.2
    assert published["defend_den_17"] < 1 < published["osaka_romo_01"]
    assert published["mcclung2005_tpt_03"] == pytest.approx(3, abs=0.25)
    romo = case.romosozumab.markers.set_index("time_years")
    assert romo["p1np"].asof(0.1) > 1.2
    assert romo["ctx"].asof(0.1) < 1
    peaks = [romo["p1np"].loc[month / 12:(month + 1) / 12 - 0.01].max() for month in range(12)]
    assert peaks[:1] + sorted(peaks[1:], reverse=True) == peaks
    assert peaks[-1] < 0.6 * peaks[0]


def test_no_curve_of_teriparatide_is_shown():
    """The model's CTX of its first months is wrong, so no cell simulates it."""
    for cell in code_cells(LESSON):
        assert not re.search(r'follow\(\("(teri|abalo)paratide"', cell.source), cell.id


def test_round_2_relative_and_absolute_point_different_ways(case):
    """70% is less than twice 41%; in women it is more than seven times as many."""
    radiograph, symptoms, hip = (one.count_without - one.count_with for one in case.framed)
    assert [round(100 * (1 - one.value)) for one in case.three] == [70, 77, 41]
    assert radiograph > 7 * hip
    assert radiograph > 3 * symptoms
    assert case.three[0].events_pct_control > 4 * case.three[1].events_pct_control
    assert {one.months for one in case.three} == {36}
    assert "65-89" in case.three[2].population


def test_round_2_whom_the_trials_of_alendronate_enrolled():
    first, whole, low = trial_effects("alendronate", "any_clinical")[:3]
    assert "at least one vertebral fracture" in first.population
    assert "no vertebral fracture" in whole.population
    assert whole.value == 0.86
    assert "below -2.5 only" in low.population


def test_round_3_five_of_eight_and_hormones(case):
    """Ibandronate, raloxifene, teriparatide and romosozumab have no hip result of their own."""
    hips = {name for name in case.names if case.shown(name, "hip")}
    assert hips == {"alendronate", "risedronate", "zoledronate", "denosumab",
                    "estrogen_progestogen"}
    assert set(case.names) <= set(medicine_names())
    for name in case.names:
        assert case.shown(name, "vertebral_morphometric") or case.shown(
            name, "vertebral_clinical"), name
    romosozumab, = trial_effects("romosozumab", "hip")
    assert (romosozumab.comparator, romosozumab.low) == ("alendronate", None)
    assert effect("delmas_2002_02")["low"] < 1 < effect("delmas_2002_02")["high"]
    assert effect("neer_2001_01")["n"] == 1637
    assert "three arms" in effect("neer_2001_01")["note"]
    oldest = effect("mcclung_2001_03")
    assert oldest["low"] is None
    assert "80 and over chosen mainly for clinical risk factors" in oldest["population"]


def test_round_4_density_explains_part(case):
    """Raloxifene gains least and cuts a third; two bisphosphonates gain alike and differ."""
    gained = case.gained
    assert min(gained, key=gained.get) == "raloxifene"
    assert max(gained, key=gained.get) == "denosumab"
    assert gained["raloxifene"] < 0.5 * gained["alendronate"]
    assert gained["alendronate"] == pytest.approx(gained["zoledronate"], abs=0.5)
    cut = {name: 100 * (1 - case.main(name).value) for name in gained}
    assert round(cut["alendronate"]) == 47
    assert round(cut["zoledronate"]) == 70
    assert cut["raloxifene"] == pytest.approx(100 / 3, abs=4)
    assert cut["denosumab"] == pytest.approx(cut["zoledronate"], abs=5)
    printed_line = {(row["change_difference_pct"], row["value"])
                    for row in table("bmd_change_and_fracture")
                    if (row["kind"], row["outcome"]) == ("risk_reduction",
                                                         "vertebral_morphometric")}
    assert printed_line == {(2, 28), (6, 66)}
    share = {(row["outcome"], row["source_id"]): row["value"]
             for row in table("bmd_change_and_fracture")
             if (row["kind"], row["bmd_site"]) == ("r_squared", "total_hip")}
    for study in ("bouxsein_2019", "black_2020"):
        assert share["hip", study] < share["vertebral_morphometric", study] < 0.8


def test_round_5_about_three_hips_for_each_atypical_fracture(case):
    atypical = case.price["atypical_femoral_fracture_01"]
    assert case.spared / atypical.rate == pytest.approx(3, abs=0.5)
    assert atypical.exposure_from_years == 4
    longer = [case.price[f"atypical_femoral_fracture_0{n}"].relative_risk for n in (5, 6)]
    assert longer[1] > longer[0] > 1
    jaw = case.price["osteonecrosis_of_the_jaw_03"]
    assert jaw.unit == "pct_of_patients"
    assert jaw.source_ids == ("khan_onj",)
    assert jaw.high <= 0.01


def test_round_5_the_twin_and_the_sister_are_warned(case):
    heart, = case.follow(("romosozumab", 0, 1), ("alendronate", 1, 3),
                         person=case.heart).plan_warnings
    assert (heart.trigger, heart.severity) == (
        "months_since_mi_or_stroke_below", "contraindicated")
    assert not case.follow(("romosozumab", 0, 1), ("alendronate", 1, 3)).plan_warnings
    found = {}
    for name in ("zoledronate", "alendronate", "denosumab"):
        one, = case.follow((name, 0, 3), person=case.kidney).plan_warnings
        found[name] = one
    assert found["zoledronate"].severity == "contraindicated"
    assert "Not recommended" in found["alendronate"].text
    assert "boxed warning" in found["denosumab"].text
    europe = next(row for row in table("medicine_warnings")
                  if row["warning_id"] == "romosozumab_contraindication_02")
    assert "any past heart attack or stroke" in europe["text"]
    assert "label_evenity_eu_2024" in europe["source_ids"]


def test_exercise_1_the_same_t_score_is_another_risk_at_52(case):
    """Far smaller at 52 than at 71."""
    reid = effect("reid_2018_01")
    assert reid["events_pct_control"] * (1 - reid["value"]) == pytest.approx(7, abs=0.1)
    assert (reid["low"], reid["high"]) == (0.5, 0.79)
    woman = replace(case.patient, fractures=(), t_scores={"femoral_neck": -1.8})
    risks = [fracture_risk(replace(woman, age_years=age), years=6).major.probability
             for age in (52, 71)]
    assert risks[0] < 0.5 * risks[1]


def test_exercise_2_more_fractures_spared_than_any_one_harm_and_half_of_all():
    """2.5 of 100 in 5.6 years is about 45 of 10,000 in a year."""
    row = effect("cauley_2003_01")
    excess = [one for one in harms("estrogen_progestogen") if one.unit.startswith("excess")]
    years, = {one.studied_years for one in excess}
    assert years == 5.6
    spared = 100 * (row["events_pct_control"] - row["events_pct_treated"]) / years
    assert spared == pytest.approx(45, abs=1)
    assert spared > max(one.rate for one in excess)
    assert spared / sum(one.rate for one in excess) == pytest.approx(0.5, abs=0.1)


def test_exercise_2_and_3_rest_on_what_the_tables_say(case):
    """The conflict about hormones and the two brands stand among the claims."""
    claims = {row["claim_id"]: row for row in table("claims")}
    assert set(claims["hormones_for_bone"]["source_ids"].split(";")) == {
        "nams_2022", "acp_2017", "acp_2023"}
    assert claims["hormones_for_bone"]["verdict"] == "contested"
    assert "not exchangeable" in claims["xgeva_for_osteoporosis"]["refutation"]
    medicines = {row["medicine"]: row for row in table("medicines")}
    assert medicines["denosumab"]["regimen"] == "60 mg every 6 months"
    assert "label_prolia_2026" in medicines["denosumab"]["source_ids"]
    assert medicines["estrogen_progestogen"]["approved_women"] == "prevention"
    assert not case.shown("raloxifene", "hip")
    assert not case.shown("ibandronate_oral", "hip")


def test_without_a_medicine_she_loses(case):
    """What a medicine gains is counted from there."""
    assert simulate(case.patient, years=3).change_pct("total_hip", 3) == case.without < 0


def test_saved_widgets_hold_no_output():
    """A saved widget would be stale on every other machine."""
    for cell in code_cells(LESSON):
        if cell.source.startswith(("quiz(", "ask(", "show_")):
            assert printed(cell) == "", cell.id
