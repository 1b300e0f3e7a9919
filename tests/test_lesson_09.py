"""Lesson 9: what its prose says of the model and of the tables is computed again here."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from osteoteach import Course, Plan, least_significant_change, rescans, simulate, table
from tests.test_lessons import FOLDER, code_cells, prose

LESSON = FOLDER / "09_is_the_change_real.ipynb"
PLANS = ("tools", "patient", "treated", "round-1-limits", "round-4-scan", "round-4-three",
         "round-5-half")


@pytest.fixture(scope="module")
def case() -> SimpleNamespace:
    """The lesson's people and courses, from the lesson's own cells."""
    names: dict = {"my_guess": "?", "print": lambda *_: None}
    for cell in code_cells(LESSON):
        if cell.id in PLANS:
            exec(compile(cell.source, cell.id, "exec"), names)
    return SimpleNamespace(**names)


def test_every_decimal_in_the_prose_is_published_or_given():
    """A decimal that no table and no definition holds is a model number typed by hand."""
    precision = {row["cv_pct"] for row in table("bmd_precision")
                 if row["kind"] == "minimum_acceptable"}
    found = {row["finding_id"]: row["value"] for row in table("quoted_findings")}
    known = {*precision, found["alendronate_gained"], 2.77, 1.96,
             2.6, 2.3, 2.5,  # her T-scores, and the loss of exercise 3
             0.640, 0.655}
    lost = 100 * (1 - 0.640 / 0.655)
    assert lost == pytest.approx(2.3, abs=0.05)
    typed = {float(number) for number in re.findall(r"\d+\.\d+", prose(LESSON))}
    assert typed <= known, typed - known


def test_round_1_no_change_reaches_its_limit(case):
    """Spine +4%, hip -2%, neck -5%: none is shown."""
    precision = {row["site"]: row["cv_pct"] for row in table("bmd_precision")
                 if row["kind"] == "minimum_acceptable"}
    assert case.precision == precision
    for site, change in (("lumbar_spine", 4), ("total_hip", 2), ("femoral_neck", 5)):
        assert change < least_significant_change(precision[site])


def test_round_2_the_scan_of_the_first_year_can_show_nothing(case):
    """The gain passes the limit at the spine later, at the hip never; untreated she loses."""
    limits, change = case.limits, case.treated.change_pct
    assert change("lumbar_spine", 1) < limits["lumbar_spine"] < change("lumbar_spine", 2)
    assert change("total_hip", 5) < limits["total_hip"]
    for site in limits:
        assert simulate(case.patient, Plan(), 5).change_pct(site, 5) < 0


def test_round_3_most_losers_gained(case):
    """cummings_2000: more than four of five, and the winners lost."""
    found = {row["finding_id"]: row for row in table("quoted_findings")}
    assert found["second_year_gained"]["value"] > 80
    assert found["second_year_mean_gain"]["value"] > 4
    assert found["second_year_mean_loss"]["value"] == -1
    assert {found[name]["source_id"] for name in found if name.startswith("second")} == {
        "cummings_2000"}


def test_round_4_one_scan_moves_the_forecast_part_of_the_way(case):
    """Lower, yet no clear loss; three that agree move it further."""
    without, once = (one.change_pct("total_hip", 5) for one in (case.treated, case.updated))
    assert without > once > without - 7
    assert case.updated.band_pct("total_hip", 5)[1] > 0
    assert case.thrice.change_pct("total_hip", 5) < once


def test_round_5_half_the_tablets_do_most_of_the_work(case):
    """CTX falls far with either, and the hip gains with either."""
    ctx = {name: course.markers.set_index("time_years")["ctx"].asof(0.25)
           for name, course in case.taken.items()}
    assert ctx["every tablet"] < ctx["every second one"] < 0.4
    hip = {name: course.change_pct("total_hip", 2) for name, course in case.taken.items()}
    assert 0.7 * hip["every tablet"] < hip["every second one"] < hip["every tablet"]


def test_exercises_come_out_as_their_solutions_say(case):
    """The worst pair of ten, and denosumab near the limit in the first year."""
    scans = rescans("total_hip", -2.3, 1.8, n=10)
    assert scans.largest_difference_pct > 0.8 * case.limits["total_hip"]
    denosumab = simulate(case.patient, Plan(courses=[Course("denosumab", 0, 6)]), 6)
    limit = case.limits["lumbar_spine"]
    assert denosumab.change_pct("lumbar_spine", 1) == pytest.approx(limit, abs=0.5)
    assert denosumab.change_pct("lumbar_spine", 2) > limit + 1
    # "2.3% is a third of the limit at the neck."
    assert case.limits["femoral_neck"] / 3 == pytest.approx(2.3, abs=0.05)
