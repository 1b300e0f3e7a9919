"""Lesson 5: what its prose says of the model and of the tables is computed again here."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from osteoteach import simulate, source, table
from tests.test_lessons import FOLDER, code_cells, prose

LESSON = FOLDER / "05_food_calcium_vitamin_d.ipynb"
PLANS = ("tools", "patient", "eat", "evidence", "round-1-courses", "round-1-lead",
         "round-2-rows", "round-3-model", "round-4-stones", "round-5-plan",
         "exercise-2-check")


@pytest.fixture(scope="module")
def case() -> SimpleNamespace:
    """The lesson's woman, courses and rows, from the lesson's own cells."""
    names: dict = {"my_guess": "?", "print": lambda *_: None}
    for cell in code_cells(LESSON):
        if cell.id in PLANS:
            exec(compile(cell.source, cell.id, "exec"), names)
    return SimpleNamespace(**names)


def intake(nutrient: str, sex: str, age: float) -> dict:
    return next(row for row in table("recommended_intakes")
                if row["nutrient"] == nutrient and row["sex"] in (sex, "both")
                and row["age_low_years"] <= age <= (row["age_high_years"] or 120))


def test_every_decimal_in_the_prose_is_published_or_given(case):
    """A decimal that no table holds is a model number typed by hand."""
    rows = ("LB080", "LB081", "LB082", "LB089", "LB091", "LB094", "LB095", "LB096", "LB105")
    known = {case.trial[name]["value"] for name in rows}
    hip = case.found["calcium_d_hip_fracture"]
    known |= {hip["value"], hip["low"], hip["high"]}
    known |= {case.stone.rate, case.stone.comparator_rate}
    known |= {case.vital[f"vitamin_d_{bone}_fractures"]["value"] for bone in ("total", "hip")}
    known.add(float(re.search(r"0\.87%", conflict("C11")["position_b"])[0][:-1]))
    known.add(round(case.trial["LB141"]["value"], 1))
    known.add(intake("protein_g_kg_day", "female", 67)["recommended"])
    given = {1.9, 1.6, 1.8, 0.8, 1.2}
    typed = {float(number) for number in re.findall(r"\d+\.\d+", prose(LESSON))}
    assert typed <= known | given, typed - known - given


def conflict(conflict_id: str) -> dict:
    return next(row for row in table("evidence_conflicts")
                if row["conflict_id"] == conflict_id)


@pytest.mark.parametrize(
    ("claim", "row_id", "source_id"),
    [("1.2% after one year", "LB080", "tai_2015"),
     ("1.1% after two", "LB081", "tai_2015"),
     ("1.0% after more", "LB082", "tai_2015"),
     ("1.19% at the spine", "LB094", "tang_2007"),
     ("1.3% from tablets", "LB091", "tai_2015"),
     ("1.5% from food", "LB089", "tai_2015"),
     ("1.06% higher", "LB095", "jackson_2006"),
     ("0.16% at the spine", "LB096", "leboff_2020"),
     ("0.52% at the spine", "LB105", "shams_white_2017"),
     ("1.6% at the spine after two years", "LB141", "mott_2019")],
)  # fmt: skip
def test_published_number_in_the_prose_is_the_one_in_the_table(case, claim, row_id, source_id):
    text = re.sub(r"\s+", " ", prose(LESSON))
    row = case.trial[row_id]
    assert claim in text
    assert float(claim.split("%")[0]) == pytest.approx(row["value"], abs=0.04)
    assert row["source_id"] == source_id


def test_round_1_calcium_is_a_step_whatever_the_dose_and_she_still_falls(case):
    """The lead of the second year is that of the tenth; 2400 mg adds nothing."""
    once, double = (case.courses[name] for name in ("1200 mg", "2400 mg"))
    assert case.lead(once, 10) == pytest.approx(case.lead(once, 2), abs=0.05)
    assert case.lead(once, 1) > 0.8 * case.lead(once, 10)
    assert case.lead(double, 10) == pytest.approx(case.lead(once, 10))
    assert once.change_pct("lumbar_spine", 10) < once.change_pct("lumbar_spine", 2)
    row = next(row for row in table("lifestyle_effects") if row["effect_id"] == "LE23")
    assert row["value"] == case.trial["LB081"]["value"]
    assert "no difference by baseline intake" in str(row)
    assert "no difference by dose up to or above 500 mg/day" in str(row)
    assert round(10 * case.trial["LB094"]["value"]) == 12  # "it promises 12% in ten years"


def test_round_2_intervals_overlap_and_intakes_are_those_printed(case):
    """Food or tablet; and 900 mg with a tablet of 1000 mg is close to the limit."""
    food, tablets = case.ends["food"], case.ends["tablets"]
    assert food[0] < tablets[1]
    assert tablets[0] < food[1]
    assert [intake("calcium_mg_day", sex, age)["recommended"] for sex, age in
            (("female", 67), ("male", 67), ("female", 75), ("male", 75))] == [
                1200, 1000, 1200, 1200]
    assert 0.9 * 2000 < 900 + 1000 < intake("calcium_mg_day", "female", 67)["upper_limit"] == 2000
    assert [intake("vitamin_d_iu_day", "female", age)["recommended"] for age in (70, 71)] == [
        600, 800]
    claim = next(row for row in table("claims") if row["claim_id"] == "calcium_foods")
    assert claim["source_ids"] == "nih_calcium_foods"
    for word in ("Dairy", "kale", "broccoli", "soft bones", "fortified drinks"):
        assert word in claim["refutation"]


def test_round_3_vitamin_d_helps_where_it_is_lacking(case):
    """VITAL's interval holds 0; 46 people gained about 2%; the model says the same."""
    enough, deficient = case.trial["LB096"], case.trial["LB100"]
    assert enough["low"] < 0 < enough["high"]
    assert (enough["n"], deficient["n"], deficient["value"]) == ("771", "46", 2.0)
    assert "30 nmol/L or less" in deficient["comparator"] + deficient["population"]
    fractures = [case.vital[f"vitamin_d_{bone}_fractures"] for bone in ("total", "hip")]
    assert all(row["low"] < 1 < row["high"] for row in fractures)
    assert all("25,871" in row["population"] for row in fractures)
    assert case.leads[0] == pytest.approx(0, abs=0.01)
    assert case.leads[1] == pytest.approx(2, abs=0.1)


def test_round_4_benefit_may_be_nothing_and_the_harm_is_small(case):
    """0.88 (0.72 to 1.08); four more stones in a thousand; the sources disagree."""
    hip, every = (case.found[f"calcium_d_{name}_fracture"] for name in ("hip", "any"))
    assert hip["low"] < 1 < hip["high"]
    assert every["low"] < 1 < every["high"]
    assert case.stones.count_with - case.stones.count_without == 4
    assert round(10 * (case.stone.rate - case.stone.comparator_rate)) == 4
    assert case.stone.relative_risk == 1.17
    pooled = case.found["calcium_pooled_any_fracture"]
    assert round(100 * (1 - pooled["value"])) == 12
    assert pooled["high"] < 1
    assert "25 trials" in case.found["calcium_network_trials"]["population"]
    homes = [case.found[f"dairy_homes_hip_count{end}"]["value"] for end in ("", "_usual")]
    assert homes == [42, 93]
    milk = case.found["milk_no_association"]
    assert (milk["value"], milk["unit"]) == (25, "of 28 results")
    for name in ("bolland_2015", "hu_2019", "iuliano_2021"):
        assert source(name).doi


def test_round_5_food_holds_some_bone_and_reverses_none_of_it(case):
    """Needed is many times likely; every site ends higher; the risk was average before."""
    for name, site in case.answer.sites.items():
        as_now = case.before.sites[name].gain_likely_pct
        assert as_now < site.gain_likely_pct < site.gain_needed_pct["normal"] / 8
        assert abs(site.gain_likely_pct) < site.least_significant_change_pct
    assert case.answer.sites["total_hip"].gain_likely_pct < 0
    assert case.answer.probability("t_score_normal") < 0.01
    assert case.answer.probability("category_changed") < 0.01
    assert case.before.probability("fracture_risk_average") > 0.9
    assert case.answer.probability("bmd_up") < 0.15
    protein = case.eat(protein_g_kg_day=1.2)
    assert case.lead(protein, 5, case.eat(), "lumbar_spine") > 0.3
    assert case.lead(protein, 5, case.eat(), "total_hip") == pytest.approx(0, abs=0.01)


def test_exercises_come_out_as_their_solutions_say(case):
    """900 mg gains nothing in the model; few claims stand without a caveat."""
    assert case.lead(case.eat(calcium_mg_day=900), 5, case.eat()) == pytest.approx(0)
    assert case.verdicts.count("supported") < len(case.verdicts) / 5
    stand = {row["claim_id"] for row in table("claims")
             if row["lesson"] == 5 and row["verdict"] == "supported"}
    assert stand == {"calcium_foods", "vitamin_d_for_absorption", "diet_alone_not_enough"}
    assert "high risk of bias" in conflict("C18")["position_b"]
    assert case.lead(case.courses["1200 mg"], 10) < 2


def test_the_twin_is_simulated_with_the_present_diet(case):
    """An empty change of lifestyle is no change."""
    now, twin = simulate(case.patient, years=5), case.eat()
    assert twin.change_pct("total_hip", 5) == pytest.approx(now.change_pct("total_hip", 5))
