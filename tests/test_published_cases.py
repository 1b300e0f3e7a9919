"""The real functions against numbers that somebody else printed.

Each row of ``published_cases.csv`` is one oracle with its source and the place where
it was read. A row about another population is run with that population's reference.
"""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from osteoteach.evidence import table
from osteoteach.model import densitometry
from osteoteach.model.densitometry import (
    Reference,
    bmd_from_t_score,
    reported,
    standardised_bmd,
    t_score,
)
from osteoteach.model.diagnosis import diagnose, t_category
from osteoteach.model.patient import Patient
from osteoteach.model.precision import least_significant_change, precision_cv_pct
from osteoteach.model.vertebrae import VertebraScan, read_spine

with (Path(__file__).parent / "published_cases.csv").open(encoding="utf-8", newline="") as file:
    CASES = list(csv.DictReader(file))


def cases(check):
    """The rows of one kind, as pytest parameters: inputs and expected values."""
    chosen = [(row["id"], json.loads(row["inputs"]), json.loads(row["expected"]))
              for row in CASES]
    return [pytest.param(inputs, expected, id=name) for name, inputs, expected in chosen
            if inputs.pop("check") == check]


@pytest.fixture
def reference_of(monkeypatch):
    """Make the module use the young-adult reference that a published row used."""
    def use(inputs):
        reference = Reference(inputs["site"], "female", inputs["young_mean_g_cm2"],
                              inputs["young_sd_g_cm2"], "wang_2022", "published row")
        monkeypatch.setattr(densitometry, "young_adult_reference", lambda site: reference)
    return use


def test_every_row_is_run_and_says_where_it_was_read():
    """No oracle is left lying in the table, and each has an address a reader can open."""
    run = sum(len(cases(check)) for check in (
        "cut_offs", "t_score", "sbmd", "lsc", "shipped_line", "diagnosis", "spine"))
    assert run == len(CASES) > 60
    assert max(Counter(row["id"] for row in CASES).values()) == 1
    known = {row["source_id"] for row in table("sources")}
    for row in CASES:
        assert row["source_id"] in known or "doi:" in row["where_read"], row["id"]


@pytest.mark.parametrize(("inputs", "expected"), cases("cut_offs"))
def test_published_cut_offs_follow_from_mean_and_sd(inputs, expected, reference_of):
    """wang_2022: BMD at T -1.0 and -2.5 in eleven populations."""
    reference_of(inputs)
    for t, name in ((-1.0, "bmd_at_t_minus_1_0_g_cm2"), (-2.5, "bmd_at_t_minus_2_5_g_cm2")):
        assert bmd_from_t_score(t, inputs["site"]) == pytest.approx(
            expected[name], abs=expected["tolerance_g_cm2"])


@pytest.mark.parametrize(("inputs", "expected"), cases("t_score"))
def test_published_t_scores_follow_from_bmd(inputs, expected, reference_of):
    """wang_2022: T-scores printed beside the BMD they came from."""
    reference_of(inputs)
    assert t_score(inputs["bmd_g_cm2"], inputs["site"]) == pytest.approx(
        expected["t_score"], abs=expected["tolerance"])


@pytest.mark.parametrize(("inputs", "expected"), cases("shipped_line"))
def test_shipped_references_give_the_known_osteoporosis_lines(inputs, expected):
    """looker_1998 and the Hologic spine: 0.558, 0.637 and 0.772 g/cm2 are T -2.5."""
    line = bmd_from_t_score(inputs["t_score"], inputs["site"])
    assert line == pytest.approx(expected["bmd_g_cm2"], abs=expected["tolerance_g_cm2"])
    assert t_category(t_score(expected["bmd_g_cm2"], inputs["site"])) == "osteoporosis"
    assert t_category(t_score(expected["bmd_g_cm2"] + 0.012, inputs["site"])) == "low_bone_mass"


@pytest.mark.parametrize(("inputs", "expected"), cases("sbmd"))
def test_standardised_bmd_is_the_published_one(inputs, expected):
    """hui_1997 and looker_1998: one standardised BMD for three devices."""
    assert standardised_bmd(**inputs) == pytest.approx(
        expected["sbmd_g_cm2"], abs=expected["tolerance_g_cm2"])


@pytest.mark.parametrize(("inputs", "expected"), cases("lsc"))
def test_least_significant_change_is_the_published_one(inputs, expected):
    """iscd_2019 and nelson_2010: 2.77 times the precision error."""
    if inputs["shipped"]:
        assert precision_cv_pct(inputs["site"]) == inputs["precision"]
    assert least_significant_change(inputs["precision"]) == pytest.approx(
        expected["lsc"], abs=expected["tolerance"])


@pytest.mark.parametrize(("inputs", "expected"), cases("diagnosis"))
def test_published_persons_get_the_published_answer(inputs, expected):
    """WHO, ISCD, NBHA and AACE: people whose answer the page itself gives."""
    answer = diagnose(Patient(**inputs["patient"]), inputs["guideline"])
    statement = expected.pop("statement_contains", "")
    assert {name: getattr(answer, name) for name in expected} == expected
    assert any(statement in rule.statement for rule in answer.rules)


@pytest.mark.parametrize(("inputs", "expected"), cases("spine"))
def test_published_spines_keep_the_published_levels(inputs, expected):
    """iscd_discordance and rosen_2024: which lumbar levels count."""
    reading = read_spine({name: VertebraScan(t) for name, t in inputs["levels"].items()})
    assert list(reading.kept) == expected["kept"]
    assert reading.usable == bool(expected["kept"])


@pytest.mark.parametrize(("score", "printed", "category"), [
    (-0.94, -0.9, "normal"), (-0.95, -1.0, "normal"), (-1.0, -1.0, "normal"),
    (-1.01, -1.0, "normal"), (-1.04, -1.0, "normal"), (-1.05, -1.1, "low_bone_mass"),
    (-1.1, -1.1, "low_bone_mass"), (-2.44, -2.4, "low_bone_mass"),
    (-2.45, -2.5, "osteoporosis"), (-2.46, -2.5, "osteoporosis"),
    (-2.5, -2.5, "osteoporosis"), (-2.54, -2.5, "osteoporosis"), (-2.55, -2.6, "osteoporosis"),
])
def test_class_is_read_from_the_score_as_the_report_prints_it(score, printed, category):
    """who_1994 boundaries with one-decimal reporting, which the module states."""
    assert (reported(score), t_category(score)) == (printed, category)
    woman = Patient(age_years=65, sex="female", t_scores={"total_hip": score})
    answer = diagnose(woman, "who_1994")
    assert (answer.category, answer.deciding_score) == (category, printed)


@pytest.mark.parametrize(("z", "category"), [
    (-1.9, "within_expected_range"), (-1.94, "within_expected_range"),
    (-1.95, "below_expected_range"), (-2.0, "below_expected_range"),
    (-2.04, "below_expected_range")])
def test_z_score_of_minus_2_is_below_the_expected_range(z, category):
    """iscd_2005: -2.0 or lower is below, above -2.0 is within."""
    man = Patient(age_years=40, sex="male", z_scores={"lumbar_spine": z})
    assert diagnose(man).category == category


def test_ward_s_triangle_is_not_a_site():
    """jamaim_2016: Ward's triangle does not count, so it cannot even be entered."""
    with pytest.raises(ValueError, match="t_scores site must be one of"):
        Patient(age_years=65, sex="female", t_scores={"wards_triangle": -2.7})
