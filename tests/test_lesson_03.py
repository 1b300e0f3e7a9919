"""Lesson 3: what its prose says of the model and of the tables is computed again here."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from osteoteach import Course, Patient, Plan, simulate, table
from osteoteach.model.fracture_hazard import base_rates
from osteoteach.model.untreated_loss import assumed
from tests.test_lessons import FOLDER, code_cells, prose

LESSON = FOLDER / "03_bone_is_living_tissue.ipynb"
PLANS = ("tools", "patient", "thirty-years", "round-1-stretches", "round-3-woman",
         "round-4-built", "round-5-years")


@pytest.fixture(scope="module")
def case() -> SimpleNamespace:
    """The lesson's people and courses, from the lesson's own cells."""
    names: dict = {"my_guess": "?", "print": lambda *_: None}
    for cell in code_cells(LESSON):
        if cell.id in PLANS:
            exec(compile(cell.source, cell.id, "exec"), names)
    return SimpleNamespace(**names)


def test_every_decimal_in_the_prose_is_published():
    """A decimal that no table holds is a model number typed by hand."""
    history = {row["id"]: row["value"] for row in table("natural_history_targets")}
    trials = {row["row_id"]: row["value"] for row in table("trials")}
    known = {history["swan12_ls_trans"], history["swan12_ls_10y"], trials["data_tpt_01"],
             trials["data_tpt_04"], trials["freedom_ext_long_01"], trials["freedom_ext_long_03"],
             assumed("median_menopause_age_years")}
    typed = {float(number) for number in re.findall(r"\d+\.\d+", prose(LESSON))}
    assert typed <= known, typed - known


def test_round_1_the_fast_years_begin_before_the_last_period(case):
    """The worst three years start at 51; the loss slows within years."""
    assert min(case.losses, key=case.losses.get) == 51
    assert case.losses[48] < -1 < case.losses[45]
    assert case.losses[69] > case.losses[51] / 5
    rows = [row for row in table("untreated_loss") if row["clock"] == "years_since_menopause"]
    assert min(row["from_value"] for row in rows) == -1


def test_round_2_the_spine_pays_first_and_the_hip_later(case):
    """And more of the spine is renewed in a year."""
    spine, hip = ([case.life.change_pct(site, year) for year in (6, 11, 26)]
                  for site in ("lumbar_spine", "total_hip"))
    assert spine[1] - spine[0] < hip[1] - hip[0]
    assert spine[2] - spine[1] > hip[2] - hip[1]
    turnover = {row["name"]: row["value"] for row in table("model_parameters")}
    assert turnover["turnover_lumbar_spine_per_year"] > turnover["turnover_total_hip_per_year"]


def test_round_3_formation_follows_resorption_down_with_a_delay(case):
    """CTX falls at once, P1NP over months, to about the same level."""
    early, late = (case.markers.asof(time) for time in (0.1, 1.0))
    assert early["ctx"] < 0.3 < 0.6 < early["p1np"]
    assert late["p1np"] < 0.5
    assert late["p1np"] == pytest.approx(late["ctx"], abs=0.1)


def test_round_4_formation_wanes_and_the_second_year_brings_less(case):
    """The top lies in the first months; each dose of romosozumab lifts formation less."""
    p1np = case.built.markers.set_index("time_years")["p1np"]
    assert p1np.loc[:2].idxmax() < 0.5
    assert p1np.asof(2) < p1np.asof(1) < p1np.asof(0.25)
    gains = [case.built.change_pct("lumbar_spine", year) for year in (0, 1, 2)]
    assert gains[2] - gains[1] < 0.7 * (gains[1] - gains[0])
    romosozumab = simulate(case.older, Plan(courses=[Course("romosozumab", 0, 1)]), years=1)
    markers = romosozumab.markers.set_index("time_years")["p1np"]
    assert markers.loc[:0.2].max() > markers.loc[0.4:0.6].max() > markers.loc[0.8:].max()


def test_round_5_the_gain_goes_on_but_slows(case):
    """Year five brings less than year one, and more than nothing."""
    assert 0.5 < case.steps["year 5"] < 0.5 * case.steps["year 1"]


def test_exercises_come_out_as_their_solutions_say(case):
    """The earlier the menopause the less is left to lose; men lack the fast ten years."""
    losses = [simulate(twin, years=15).change_pct("lumbar_spine", 15) for twin in case.twins]
    assert losses[0] > losses[1] > case.life.change_pct("lumbar_spine", 15)
    hip = {name: [course.change_pct("total_hip", year) for year in (0, 10, 20, 30)]
           for name, course in (("woman", case.life), ("man", case.man))}
    assert hip["woman"][1] < 2 * hip["man"][1]
    late = {name: at[3] - at[2] for name, at in hip.items()}
    assert late["woman"] == pytest.approx(late["man"], abs=0.6)


def test_men_break_hips_as_often_as_somewhat_younger_women():
    """The rate of a man of 80 is that of a woman between 70 and 79."""
    man = base_rates("US", "male").hazards(80.0)[0]
    women = base_rates("US", "female")
    assert women.hazards(70.0)[0] < man < women.hazards(79.0)[0]


def test_the_woman_is_the_one_that_the_prose_describes(case):
    """45, regular periods, T-score 0."""
    assert case.patient == Patient(
        age_years=45, sex="female", menopausal_status="premenopausal",
        t_scores={"lumbar_spine": 0, "total_hip": 0, "femoral_neck": 0})
