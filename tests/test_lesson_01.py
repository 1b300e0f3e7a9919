"""Lesson 1: what its prose says of the tables and of the code is computed again here."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from osteoteach import (
    VertebraScan,
    bmd_from_t_score,
    diagnose,
    least_significant_change,
    read_spine,
    t_score,
    table,
)
from tests.test_lessons import FOLDER, code_cells, printed, prose

LESSON = FOLDER / "01_what_a_dxa_scan_measures.ipynb"
MADE = ("tools", "levels", "round-1-two-hips", "round-2-kept", "round-2-woman", "round-3-men",
        "round-3-found", "round-3-hidden", "round-4-sizes", "round-4-errors", "round-4-hands",
        "round-5-rows", "round-5-rates")


@pytest.fixture(scope="module")
def case() -> SimpleNamespace:
    """The lesson's spine, hips and tables, from the lesson's own cells."""
    names: dict = {"my_guess": "?", "print": lambda *_, **__: None}
    for cell in code_cells(LESSON):
        if cell.id in MADE:
            exec(compile(cell.source, cell.id, "exec"), names)
    return SimpleNamespace(**names)


def test_every_decimal_in_the_prose_is_published_or_given(case):
    """A decimal that no table holds is a number typed by hand."""
    pasco = {row["value"] for row in table("natural_history_targets")
             if row["id"].startswith("pasco06_popshare")}
    films = {case.found["degenerative_osteophytes"]["value"],
             case.found["hip_fat_uncertainty"]["value"]}
    precision = next(row["cv_pct"] for row in table("bmd_precision")
                     if (row["site"], row["kind"]) == ("total_hip", "minimum_acceptable"))
    mean_age = float(re.search(r"mean age (\d+\.\d)", case.found[
        "degenerative_osteophytes"]["population"])[1])
    scores = {abs(scan.t_score) for scan in case.levels.values()}
    given = {2.2, 2.1, 2.3,  # her report
             25.55, 35.0, 1.1, 2.0,  # the two hips, and the bone of two makers
             9.6, 12.0, 0.860, 0.800, 1.2}  # the exercises
    known = {*pasco, *films, precision, mean_age, *scores, *given, 1.0}
    typed = {float(number) for number in re.findall(r"\d+\.\d+", prose(LESSON))}
    assert typed <= known, typed - known


def test_round_1_a_larger_bone_of_the_same_make_reads_denser(case):
    """Ten percent larger, ten percent "denser", more than half a T-score apart."""
    assert case.small == pytest.approx(0.730)
    assert case.large / case.small == pytest.approx(1.1)
    assert t_score(case.large, "total_hip") - t_score(case.small, "total_hip") > 0.5
    # "If you said a third higher: that is the mineral alone."
    assert pytest.approx(1 / 3, abs=0.01) == 1.1**3 - 1


def test_round_2_one_vertebra_hides_the_class(case):
    """L3 is set aside; with four levels the neck decides, with three the spine."""
    assert case.reading.kept == ("L1", "L2", "L4")
    assert list(case.reading.set_aside) == ["L3"]
    all_four = sum(scan.t_score for scan in case.levels.values()) / 4
    assert round(all_four, 1) == -2.2
    assert round(case.reading.mean_t_score, 1) == -2.6
    four, three = (diagnose(case.woman(spine)) for spine in (-2.2, -2.6))
    assert (four.category, four.deciding_site) == ("low_bone_mass", "femoral_neck")
    assert (three.category, three.deciding_site) == ("osteoporosis", "lumbar_spine")


def test_round_2_density_of_the_kept_levels_is_grams_over_area(case):
    """The areas and densities of her levels give the BMD that the reading holds."""
    kept = [case.levels[name] for name in ("L1", "L2", "L4")]
    grams = sum(scan.bmd_g_cm2 * scan.area_cm2 for scan in kept)
    assert case.reading.bmd_g_cm2 == pytest.approx(grams / sum(scan.area_cm2 for scan in kept))


def test_round_3_the_spine_of_men_stays_and_the_hip_falls(case):
    """looker_2012_nchs: about a tenth at the hip, hardly anything at the spine."""
    sources = {row["source_id"] for row in table("bmd_reference")
               if row["sex"] == "male" and row["role"] == "age_matched"}
    assert sources == {"looker_2012_nchs"}
    change = {site: case.men[site, 70] / case.men[site, 20] - 1
              for site in ("total_hip", "lumbar_spine")}
    assert change["total_hip"] < -0.08
    assert abs(change["lumbar_spine"]) < 0.02


def test_round_3_the_films_are_those_of_the_paper(case):
    """dxa_degeneration_1997: 144 women, osteophytes in 45.8%, up to 14% higher."""
    rows = [case.found[f"degenerative_{name}"] for name in ("osteophytes", "vascular", "spine_bmd")]
    assert {row["source_id"] for row in rows} == {"dxa_degeneration_1997"}
    assert all(row["population"].startswith("144 ") for row in rows)
    assert rows[2]["value"] == 14
    assert "up to 14% higher" in prose(LESSON)
    # A spine on the line can look like a mild osteopenia.
    assert t_score(case.too_high, "lumbar_spine") > -1.7


def test_round_4_repeating_shows_the_smallest_error_only(case):
    """A is the smallest by far; B and C are about half a T-score."""
    again, maker, fat = (size / case.one_sd for size in case.moves.values())
    assert again < 0.25 * min(fat, maker)
    assert fat == pytest.approx(0.5, abs=0.05)
    assert maker == pytest.approx(0.5, abs=0.05)


def test_round_4_makers_differ_most_at_the_neck_and_hands_at_the_hip(case):
    """The neck differs most; the best and the worst are near each other at the spine."""
    more = {site: bmd_from_t_score(-2, site, "lunar") / bmd_from_t_score(-2, site) - 1
            for site in ("lumbar_spine", "total_hip", "femoral_neck")}
    assert max(more, key=more.get) == "femoral_neck"
    assert min(more.values()) > 0.05
    ratio = {site: case.worst[site] / case.best[site] for site in case.best}
    assert min(ratio, key=ratio.get) == "lumbar_spine"
    notes = {row["site"]: row["note"] for row in table("bmd_precision")
             if row["source_id"] == "nelson_2010"}
    assert "did not differ" in notes["lumbar_spine"]
    assert all("; differed between" in notes[site] for site in ("total_hip", "femoral_neck"))


def test_round_5_most_fractures_come_from_women_without_osteoporosis(case):
    """pasco_2006: the risk of a woman is highest, the share of the group is not."""
    share = {name: case.rows[f"fxshare_{row}"] for name, row in case.groups.items()}
    assert share["osteoporosis"] < 50 < share["osteopenia"]
    assert case.rate["osteoporosis"] > case.rate["osteopenia"] > case.rate["normal"]
    populations = {row["population"] for row in table("natural_history_targets")
                   if row["source_id"] == "pasco_2006"}
    assert any("60-94, n 616" in text for text in populations)


def test_exercises_come_out_as_their_solutions_say():
    """A crushed vertebra gains a third; the Lunar number is today's; L4 alone is refused."""
    assert pytest.approx(1 / 3) == 9.6 / (12.0 * 0.75) / (9.6 / 12.0) - 1
    then = bmd_from_t_score(t_score(0.860, "total_hip", "lunar"), "total_hip")
    assert then == pytest.approx(0.800, abs=0.005)
    assert pytest.approx(-7, abs=0.1) == 100 * (0.800 / 0.860 - 1)
    assert not read_spine({"L4": VertebraScan(-1.2)}).usable
    assert least_significant_change(1.8) > 4


def test_the_saved_quiz_holds_no_output():
    """A saved widget would be stale on every other machine."""
    cell = next(cell for cell in code_cells(LESSON) if cell.id == "quiz")
    assert printed(cell) == ""
