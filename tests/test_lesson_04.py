"""Lesson 4: what its prose says of the model and of the tables is computed again here."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from osteoteach import (
    Patient,
    diagnose,
    fracture_risk,
    least_significant_change,
    screen,
    simulate,
    table,
)
from tests.test_lessons import FOLDER, code_cells, prose

LESSON = FOLDER / "04_who_loses_and_who_breaks.ipynb"
PLANS = ("tools", "patient", "round-1-yearly", "round-1-people", "round-2-history",
         "round-2-start", "round-2-reach", "round-3-people", "round-3-share", "round-3-hip",
         "round-4-changes", "round-4-factors", "round-4-risks", "round-5-yield",
         "round-5-fracture")


@pytest.fixture(scope="module")
def case() -> SimpleNamespace:
    """The lesson's people, counts and risks, from the lesson's own cells."""
    names: dict = {"my_guess": "?", "print": lambda *_: None}
    for cell in code_cells(LESSON):
        if cell.id in PLANS:
            exec(compile(cell.source, cell.id, "exec"), names)
    return SimpleNamespace(**names)


def ratio(factor: str, level: str, outcome: str = "hip") -> dict:
    return next(row for row in table("fracture_risk_ratios")
                if (row["factor"], row["level"], row["outcome"], row["adjusted_for_bmd"])
                == (factor, level, outcome, False))


def test_every_decimal_in_the_prose_is_published_or_given():
    """A decimal that no table and no definition holds is a model number typed by hand."""
    history = {row["id"]: row["value"] for row in table("natural_history_targets")}
    known = {history[f"gourlay12_t10_{name}"] for name in ("mild", "moderate", "advanced")}
    known |= {history[f"gourlay16_t10_{name}"] for name in ("moderate", "advanced")}
    known |= {history["mros09_share_maintained"], history["mros09_share_accelerated"],
              history["pasco06_fxshare_op"], history["pasco06_fxshare_osteopenia"]}
    known |= {row["sensitivity_pct"] for row in table("screening_tools")
              if row["row_id"] == "ost_03"}
    known |= {row["points"] for row in table("screening_tools") if row["row_id"] == "ost_01"}
    known |= {ratio("parental_hip_fracture", "yes")["ratio"],
              ratio("glucocorticoids", "7.5 mg a day or more")["ratio"]}
    given = {1.5, 1.6, 1.8, 2.4, 0.1, 2.25, 7.5, 2.0, 1.2, 1.0}
    bands = {1.01, 1.49, 1.99, 2.49, 2.5}
    typed = {float(number) for number in re.findall(r"\d+\.\d+", prose(LESSON))}
    assert typed <= known | given | bands, typed - known - given - bands


def test_the_woman_is_the_one_that_the_prose_describes(case):
    """Osteopenia by the spine, hip and neck; no fracture; hers is the moderate band."""
    assert diagnose(case.patient).category == "low_bone_mass"
    assert case.patient.t_scores == {
        "lumbar_spine": -1.5, "total_hip": -1.6, "femoral_neck": -1.8}
    assert -1.99 <= min(case.patient.t_scores.values()) <= -1.5


def test_round_1_menopause_and_old_age_are_fast_and_people_differ(case):
    """At the hip women of 80 lose about as fast as at 52; at the spine 52 is the fast year."""
    women = {age: case.yearly(age, "female") for age in (45, 52, 60, 70, 80)}
    men = {age: case.yearly(age, "male") for age in women}
    assert women[80] == pytest.approx(women[52], abs=0.4)
    assert min(women[52], women[80]) < women[60] < women[45] < 0
    assert women[52] < 3 * men[52]
    assert men[80] == pytest.approx(women[80], abs=0.3)
    spine = {age: simulate(Patient(age_years=age, sex="female", menopause_age_years=51),
                           years=5).change_pct("lumbar_spine", 5) for age in (52, 60, 70, 80)}
    assert min(spine, key=spine.get) == 52
    assert 10 <= (case.people >= 0).sum() <= 60
    assert case.people.quantile(0.1) < 2 * case.people.mean() < 0


def test_round_1_white_women_lose_twice_as_fast_from_75():
    """cauley_2005, as the table of published losses has it."""
    rates = {row["id"]: row for row in table("published_loss")}
    assert "twice as fast from age 75" in rates["sof_th_cauley"]["note"]
    assert rates["sof_th_cauley"]["source_id"] == "cauley_2005"


def test_round_2_the_start_decides(case):
    """Times and shares as published; in the model the same order."""
    history = {name: case.history[f"gourlay12_t10_{name}"]
               for name in ("normal", "mild", "moderate", "advanced")}
    assert all(row["source_id"] == "gourlay_2012" for row in history.values())
    assert history["normal"]["low"] < history["mild"]["value"] < history["normal"]["high"]
    shares = [case.found[f"sof_progressed_{name}"]["value"]
              for name in ("mild", "moderate", "advanced")]
    assert shares == [5, 21, 62]
    for name in ("moderate", "advanced"):
        assert (case.history[f"gourlay16_t10_{name}"]["value"] > history[name]["value"])
    reached = [case.reach(start) for start in (-1.25, -1.75, -2.25)]
    assert reached[0] < 10 < reached[1] < 60 < 100 < reached[2]
    assert case.reach(-2.25, years=1) < 20  # "so they need longer" than 1.1 years


def test_round_3_most_fractures_lie_outside_osteoporosis_and_four_hips_in_ten_inside(case):
    """About one woman in ten has it; her share of fractures is larger than that."""
    low, high = case.classes["osteoporosis"]
    women = case.of_100("persons", low, high)
    assert women == pytest.approx(100 / 10, abs=1)
    assert women + 10 < case.of_100("major_fractures", low, high) < 45
    assert case.hips["osteoporosis"] == pytest.approx(40, abs=3)
    assert sum(case.hips.values()) == pytest.approx(100)
    shares = {(row["sex"], row["value"]) for row in table("population_targets")
              if row["source_id"] == "schuit_2004"}
    assert shares == {("female", 44), ("male", 21)}


def test_round_4_order_of_what_raises_the_risk(case):
    """T-score first, then age and steroid alike, then wrist, parent, fall; she is below average."""
    risks = case.hip_risks
    assert max(risks, key=risks.get) == "T-score one lower"
    assert risks["ten years older"] == pytest.approx(risks["prednisolone"], abs=6)
    assert risks["prednisolone"] > risks["broken wrist"] > risks["parent"] >= risks["a fall"]
    assert 0 < risks["parent"] - risks["as she is"] < 12
    now = case.risks["as she is"].hip
    assert 0.6 * now.average < now.probability < now.average
    assert ratio("parental_hip_fracture", "yes")["source_ids"] == "mccloskey_2025"
    steroid = ratio("glucocorticoids", "7.5 mg a day or more")
    assert steroid["source_ids"] == "van_staa_2000"
    bridge = next(row for row in table("fracture_risk_ratios")
                  if row["factor"] == "glucocorticoids" and row["adjusted_for_bmd"]
                  and row["outcome"] == "hip")
    assert "kanis_2004c finds ratios adjusted for BMD only slightly lower" in bridge["note"]


def test_round_5_prevalence_moves_the_hits_and_the_tool_misses_breakers(case):
    """Nine of ten younger women sent in vain; most older ones sent; breakers are missed."""
    young, old = (case.yields[ages] for ages in ("50-64", "65 and over"))
    assert young.positive_predictive_value == pytest.approx(0.1, abs=0.04)
    assert old.prevalence / young.prevalence == pytest.approx(5, abs=0.6)
    assert old.positive_predictive_value > 2 * young.positive_predictive_value
    assert old.sent > 0.5 > young.sent
    assert case.later.sensitivity < 0.5
    studies = {row["source_id"]: row["sensitivity_pct"] for row in table("screening_tools")
               if row["row_id"] in ("ost_03", "ost_04")}
    assert studies == {"crandall_2014": 79.8, "pecina_2016": 56}


def test_exercises_come_out_as_their_solutions_say(case):
    """A normal T-score at 80 is the higher risk; the counts by hand; a year shows nothing."""
    osteopenia, normal = (
        fracture_risk(Patient(age_years=age, sex="female", t_scores={"femoral_neck": score}))
        .hip.probability for age, score in ((52, -2.0), (80, -1.0)))
    assert 3 * osteopenia < normal < 0.1
    assert [round(100 * hits / (hits + vain)) for hits, vain in ((40, 323), (216, 248))] == [11, 47]
    assert (round(0.8 * 50), round(0.34 * 950)) == (40, 323)
    assert (round(0.8 * 270), round(0.34 * 730)) == (216, 248)
    course = simulate(case.patient, years=1)
    assert abs(course.change_pct("total_hip", 1)) < least_significant_change(1.8) / 3
    assert screen("ost", case.patient).positive
    assert case.yields["65 and over"].positive_predictive_value < 0.5  # "as most are"
