"""Lesson 6: what its prose says of the model and of the tables is computed again here."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from osteoteach import Plan, fracture_risk, simulate, table
from tests.test_lessons import FOLDER, code_cells, printed, prose

LESSON = FOLDER / "06_exercise_smoking_alcohol_falls.ipynb"
PLANS = ("tools", "habits", "patient", "live", "hips", "round-1-train", "round-1-pooled",
         "round-2-evidence",
         "round-2-trained", "round-3-rates", "round-3-quit", "round-5-found", "round-5-people",
         "exercise-1-check", "exercise-2-check")
SITES = ("lumbar_spine", "total_hip", "femoral_neck")


@pytest.fixture(scope="module")
def case() -> SimpleNamespace:
    """The lesson's people and courses, from the lesson's own cells."""
    names: dict = {"my_guess": "?", "print": lambda *_, **__: None}
    for cell in code_cells(LESSON):
        if cell.id in PLANS:
            exec(compile(cell.source, cell.id, "exec"), names)
    return SimpleNamespace(**names)


def evidence(row_id: str) -> dict:
    return next(row for row in table("lifestyle_evidence") if row["id"] == row_id)


def found(finding_id: str) -> dict:
    return next(row for row in table("quoted_findings") if row["finding_id"] == finding_id)


def ratio(factor: str, outcome: str, adjusted: bool, sex: str = "both") -> dict:
    return next(row for row in table("fracture_risk_ratios")
                if (row["factor"], row["outcome"], row["adjusted_for_bmd"], row["sex"])
                == (factor, outcome, adjusted, sex))


def text() -> str:
    return re.sub(r"\s+", " ", prose(LESSON))


def test_every_decimal_in_the_prose_is_published_or_given():
    """A decimal that no table holds is a model number typed by hand."""
    rows = ("LB002", "LB030", "LB046", "LB047", "LB048", "LB053", "LB076", "LB077", "LB115",
            "LB119", "LB120", "LB127", "LB128", "LB133", "LB134")
    known = {abs(evidence(row_id)["value"]) for row_id in rows}
    falls = found("falls_rate_ratio")
    known |= {falls["value"], falls["low"], falls["high"], found("fallers_risk_ratio")["value"]}
    known |= {ratio("smoking", "hip", adjusted)["ratio"] for adjusted in (False, True)}
    known |= {ratio("alcohol", "hip", False)["ratio"], ratio("falls", "major", False,
                                                            "female")["ratio"]}
    known |= {2.2, 1.9, 2.1}  # her T-scores
    known |= {1.0, 28 / 8}  # the trial's limit, and two US drinks in British units
    typed = {float(number) for number in re.findall(r"\d+\.\d+", prose(LESSON))}
    assert typed <= known, typed - known


@pytest.mark.parametrize(
    ("claim", "row_id", "source_id"),
    [("3.22% for mixed training at the spine", "LB002", "howe_2011"),
     ("4.1 points apart at the spine", "LB046", "watson_2018"),
     ("2.2 at the femoral neck", "LB047", "watson_2018"),
     ("found 1.8 at the spine", "LB048", "kistler_fischbacher_2022"),
     ("0.19 standard deviations", "LB053", "kast_2022"),
     ("a gain of 6.1% in bone mineral content", "LB076", "dalsky_1988"),
     ("shrunk to 1.1%", "LB077", "dalsky_1988"),
     ("by 0.75% a year at the femoral neck", "LB115", "krall_1999"),
     ("gained 1.52% at the hip in a year", "LB119", "oncken_2006"),
     ("those who went on 0.43%", "LB120", "oncken_2006"),
     ("0.92% a year", "LB127", "ensrud_2003"),
     ("stable weight 0.68%", "LB128", "ensrud_2003"),
     ("from 2.6%", "LB133", "shah_2011"),
     ("to 1.1% [shah_2011]", "LB134", "shah_2011"),
     ("0.01 g/cm²", "LB030", "ma_2013")])
def test_published_number_in_the_prose_is_the_one_in_the_table(claim, row_id, source_id):
    row = evidence(row_id)
    assert f"{abs(row['value']):g}" in claim
    assert claim in text()
    assert row["source_id"] == source_id
    assert f"[{source_id}]" in text()[text().index(claim):][:300]


def test_the_woman_is_the_one_that_the_prose_describes(case):
    assert (case.patient.age_years, case.patient.years_since_menopause) == (64, 14)
    assert dict(case.patient.t_scores) == dict(zip(SITES, (-2.2, -1.9, -2.1), strict=True))
    assert case.habits.smoking == "current"
    assert case.patient.risk_factors.falls_last_year == 2


def test_round_1_walking_is_nothing_and_mixed_training_leads_at_the_spine(case):
    """Walking and doing nothing end alike; at the hip no kind stands out."""
    ahead = {site: {kind: course.change_pct(site, 1) - case.walks.change_pct(site, 1)
                    for kind, course in case.training.items()} for site in SITES}
    assert ahead["lumbar_spine"]["none"] == ahead["total_hip"]["none"] == 0
    spine, hip = ahead["lumbar_spine"], ahead["total_hip"]
    assert sorted(spine, key=spine.get)[-3:] == ["resistance", "impact", "combined"]
    assert spine["combined"] < 5
    trained = [hip[kind] for kind in ("impact", "resistance", "combined")]
    assert min(trained) > 0
    assert max(trained) - min(trained) < 0.2


def test_round_1_the_bars_are_the_gains_that_the_model_adds_for_a_woman(case):
    """One row for each kind, and none of a man."""
    assert set(case.pooled) == {"walking", "impact", "resistance", "combined"}
    assert {row["exposure"] for row in case.pooled.values()} == {"exercise"}
    for kind, row in case.pooled.items():
        gain = (case.training[kind].change_pct("lumbar_spine", 5)
                - case.training["none"].change_pct("lumbar_spine", 5))
        assert gain == pytest.approx(row["value"], abs=0.05)


def test_round_1_the_gain_is_a_step(case):
    """Reached within about a year, and not larger after five."""
    def gain(year: float) -> float:
        course = case.training["combined"]
        return course.change_pct("lumbar_spine", year) - case.walks.change_pct(
            "lumbar_spine", year)
    assert gain(1) > 0.8 * gain(5)
    assert evidence("LB071")["value"] - evidence("LB072")["value"] == pytest.approx(3, abs=0.3)
    assert evidence("LB071")["source_id"] == "kemmler_2012"
    assert evidence("LB071")["design"] == "nonrandomised_trial"


def test_round_1_the_disagreements_printed_are_the_three_on_kinds_of_training():
    rows = table("evidence_conflicts")[:3]
    assert [row["conflict_id"] for row in rows] == ["C01", "C02", "C03"]
    assert "84 exercise groups" in evidence("LB011")["note"]


def test_round_2_the_gap_at_the_neck_is_nearly_all_loss():
    """watson_2018: of the difference most is what the other group lost."""
    lifted, light = evidence("LB044")["value"], evidence("LB045")["value"]
    assert lifted - light == pytest.approx(evidence("LB047")["value"])
    assert -light / (lifted - light) > 0.8
    spine = [evidence(name)["value"] for name in ("LB042", "LB043")]
    assert spine[0] - spine[1] == pytest.approx(evidence("LB046")["value"])
    kast = evidence("LB053")
    assert kast["low"] < 0 < kast["high"]


def test_round_2_most_of_the_gain_goes_within_a_year_and_nothing_rebounds(case):
    """She comes back to the path that she would have had, and not below it."""
    stops, goes_on = (case.ends[name].change_pct for name in ("stops", "goes on"))
    behind = {year: stops("lumbar_spine", year) - goes_on("lumbar_spine", year)
              for year in (0.5, 1, 5)}
    assert 0.8 < behind[1] / behind[5] < 1
    gain = (case.training["combined"].change_pct("lumbar_spine", 5)
            - case.walks.change_pct("lumbar_spine", 5))
    assert -behind[5] == pytest.approx(gain, abs=0.1)
    assert "13 months" in evidence("LB077")["level"]


def test_round_3_the_slow_rate_fits_and_the_fast_one_does_not(case):
    assert 3 * case.slow == case.seen == -6
    assert 30 * case.fast < 3 * case.seen
    assert "only 32 smokers" in evidence("LB115")["note"]
    assert evidence("LB111")["value"] == 0
    for site in SITES:
        gap = case.smokes.change_pct(site, 10) - case.quits.change_pct(site, 10)
        assert -2.2 < gap < -1.5


def test_round_3_the_bone_is_not_given_back(case):
    """After stopping she loses as one who never smoked: slower, and nothing returns."""
    course = simulate(replace(case.patient, lifestyle=replace(case.habits, smoking="never")),
                      Plan(), years=16)
    assert case.quits.change_pct("total_hip", 16) == pytest.approx(
        course.change_pct("total_hip", 16))
    assert case.quits.change_pct("total_hip", 1) < 0


def test_round_3_smokers_break_more_hips_at_the_same_t_score(case):
    assert case.hips(smoking="current") / case.hips(smoking="never") == pytest.approx(
        ratio("smoking", "hip", True)["ratio"], abs=0.05)
    assert ratio("smoking", "hip", False)["ratio"] > ratio("smoking", "hip", True)["ratio"]
    assert case.hips(smoking="former") == case.hips(smoking="never")


def test_round_4_hips_rise_above_two_units_and_density_counts_nothing(case):
    """0 and 14 g alike, 28 and 42 g alike and higher; light drink moves no density."""
    numbers = [case.hips(alcohol_g_day=grams) for grams in (0, 14, 28, 42)]
    assert numbers[0] == numbers[1] < numbers[2] == numbers[3]
    alcohol = ratio("alcohol", "hip", False)
    assert "3 cohorts" in alcohol["note"]
    assert alcohol["source_ids"] == "kanis_2005b"
    for grams in (0, 42):
        assert case.live(alcohol_g_day=grams).change_pct("total_hip", 5) == pytest.approx(
            case.walks.change_pct("total_hip", 5))
    assert any("More than two drinks" in note for note in case.live(alcohol_g_day=42).warnings)


def test_round_4_the_survey_finds_more_bone_in_moderate_drinkers():
    """Men 1-2 drinks and women above two higher, men with much liquor lower; measured once."""
    men, women, liquor = (evidence(name) for name in ("LB121", "LB122", "LB123"))
    assert men["low"] > 0
    assert women["low"] > 0
    assert liquor["high"] < 0
    for row in (men, women, liquor):
        assert (row["design"], row["source_id"]) == ("cross_sectional", "tucker_2009")
    assert evidence("LB125")["source_id"] == "felson_1995"
    assert evidence("LB125")["value"] > 0


def test_round_5_falls_people_and_risk(case):
    """850 falls, 480 people, and a hip risk that falls raise at the same T-score."""
    assert (case.falls["value"], case.fall["value"]) == (850, 480)
    assert "59 trials" in case.ratio["population"]
    prevented = case.falls["value"] * (1 - case.ratio["value"])
    assert prevented < 230 == round(1000 * (1 - case.ratio["value"]))
    assert case.framed.count_without - case.framed.count_with < prevented / 2
    steady = replace(case.patient, risk_factors=replace(
        case.patient.risk_factors, falls_last_year=0))
    once = replace(case.patient, risk_factors=replace(
        case.patient.risk_factors, falls_last_year=1))
    with_, without, one = (fracture_risk(person).hip.probability
                           for person in (case.patient, steady, once))
    assert 1.2 < with_ / without < 1.35
    assert one == with_


def test_exercises_come_out_as_their_solutions_say(case):
    """One session gives nothing, four no more than two; losing weight costs the hip."""
    once, twice, four = (one.change_pct("lumbar_spine", 1) for one in case.mixed)
    assert once == pytest.approx(case.walks.change_pct("lumbar_spine", 1))
    assert twice == pytest.approx(four)
    assert twice > once
    assert "gave MORE" in evidence("LB024")["note"]
    assert case.lighter.change_pct("total_hip", 5) < case.walks.change_pct("total_hip", 5) - 0.3
    assert case.lighter.change_pct("lumbar_spine", 5) == pytest.approx(
        case.walks.change_pct("lumbar_spine", 5))
    diet, both = evidence("LB133")["value"], evidence("LB134")["value"]
    assert both / diet < 0.5
    assert "five sixths" in evidence("LB077")["note"]


def test_saved_widgets_hold_no_output():
    """A saved widget would be stale on every other machine."""
    for cell in code_cells(LESSON):
        if cell.source.startswith(("quiz(", "ask(", "show_")):
            assert printed(cell) == "", cell.id
