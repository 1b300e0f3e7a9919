"""The lessons: their order, their prose and what they were saved with.

What a lesson computes is held by strict nbval (``pytest --nbval notebooks/lessons``):
a changed number fails there. Here we hold what nbval cannot see: the fixed order of a
lesson, short cells, sources that exist, and prose that still fits the outputs below it.

After an intended change of code or data, run the lessons again and save them clean,
from the project's folder::

    jupyter nbconvert --to notebook --inplace --execute \
        --ExecutePreprocessor.record_timing=False notebooks/lessons/*.ipynb
    nbstripout --keep-output --keep-count --keep-id \
        --extra-keys "metadata.language_info" notebooks/lessons/*.ipynb

Run twice, the two commands leave the same bytes.
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from statistics import NormalDist
from types import SimpleNamespace

import nbformat
import pytest

import osteoteach
from osteoteach import (
    FragilityFracture,
    Lifestyle,
    Patient,
    Plan,
    bmd_from_t_score,
    cite,
    diagnose,
    least_significant_change,
    rescans,
    reversal,
    simulate,
    t_score,
    table,
)

FOLDER = Path(__file__).parents[1] / "notebooks" / "lessons"
LESSONS = sorted(FOLDER.glob("*.ipynb"))
START_HERE = FOLDER / "00_start_here.ipynb"

FIRST = ["What you can do afterwards", "The patient"]
LAST = ["Exercises", "What this lesson does not show", "References"]
#: The lessons end with questions; the introduction before them has none.
CHECKED = ["Exercises", "Check yourself", "What this lesson does not show", "References"]
STEPS = ["Question", "Predict", "Run", "Read the result", "Clinical point"]
DISCLAIMER = "for teaching, not for patient care"
LONGEST_CELL, LONGEST_LINE = 4, 88
SOURCE_ID = re.compile(r"\[([a-z][a-z0-9]*(?:_[a-z0-9]+)+)\]")

every_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


@cache
def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def prose(path: Path) -> str:
    return "\n\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")


def headings(path: Path, level: int) -> list[str]:
    return re.findall(rf"^{'#' * level} (.+)$", prose(path), flags=re.MULTILINE)


def code_lines(cell: nbformat.NotebookNode) -> list[str]:
    return [line for line in cell.source.splitlines()
            if line.strip() and not line.lstrip().startswith("#")]


def printed(cell: nbformat.NotebookNode) -> str:
    """Everything a saved cell shows as text."""
    parts = []
    for output in cell.outputs:
        parts.append(output.get("text") or output.get("data", {}).get("text/plain", ""))
    return "\n".join(parts)


def rounds(path: Path) -> list[list[nbformat.NotebookNode]]:
    """The cells of each round, from its heading to the next chapter."""
    found: list[list[nbformat.NotebookNode]] = []
    inside = False
    for cell in read(path).cells:
        if cell.cell_type == "markdown" and re.match(r"## ", cell.source):
            inside = cell.source.startswith("## Round ")
            if inside:
                found.append([])
        if inside:
            found[-1].append(cell)
    return found


def test_there_is_a_lesson_to_start_with():
    assert START_HERE in LESSONS


# ------------------------------------------------------------------ order and form


@every_lesson
def test_lesson_keeps_the_fixed_order(path):
    chapters = headings(path, 2)
    last = CHECKED if int(path.stem[:2]) else LAST
    middle = chapters[len(FIRST):-len(last)]
    assert chapters[:len(FIRST)] == FIRST
    assert chapters[-len(last):] == last
    assert [name.split(".")[0] for name in middle] == [
        f"Round {number}" for number in range(1, len(middle) + 1)]
    steps = [name for name in headings(path, 3) if not name.startswith("Exercise ")]
    assert middle
    assert steps == STEPS * len(middle)


def test_first_lesson_has_five_rounds_and_three_aims():
    assert len(rounds(START_HERE)) == 5
    aims = next(cell.source for cell in read(START_HERE).cells
                if cell.source.startswith(f"## {FIRST[0]}"))
    assert len(re.findall(r"^- ", aims, flags=re.MULTILINE)) == 3


@every_lesson
def test_each_round_takes_a_guess_before_it_shows_anything(path):
    for cells in rounds(path):
        guess, *runs = [cell for cell in cells if cell.cell_type == "code"]
        assert guess.source.startswith("my_guess = ")
        assert not guess.outputs
        assert sum("my_guess" in cell.source for cell in runs) == 1
        shown = next(printed(cell) for cell in runs if cell.outputs)
        assert shown.startswith("My guess: ")


@every_lesson
def test_saved_results_are_folded_until_the_cell_is_run(path):
    chapter = ""
    for cell in read(path).cells:
        if cell.cell_type == "markdown":
            found = re.findall(r"^## (.+)$", cell.source, flags=re.MULTILINE)
            chapter = found[-1] if found else chapter
        elif cell.outputs and chapter != "References":
            assert cell.metadata.get("jupyter", {}).get("outputs_hidden") is True, cell.id
            # JupyterLab shows the first line of a folded output: it must not be the answer.
            first_line = printed(cell).splitlines()[0]
            assert first_line.startswith("My guess: ") or first_line.endswith(":"), cell.id


@every_lesson
def test_exercises_come_with_a_check_and_a_folded_solution(path):
    names = [name for name in headings(path, 3) if name.startswith("Exercise ")]
    assert [name.split(".")[0] for name in names] == ["Exercise 1", "Exercise 2", "Exercise 3"]
    cells = read(path).cells
    for place, cell in enumerate(cells):
        if cell.source.startswith("### Exercise "):
            check, solution = cells[place + 1:place + 3]
            assert check.cell_type == "code"
            assert solution.source.startswith("<details>\n<summary>Solution ")
            assert solution.source.endswith("</details>")
            assert not any(line in solution.source for line in code_lines(check))


@every_lesson
def test_cells_are_short(path):
    for cell in code_cells(path):
        lines = code_lines(cell)
        assert 1 <= len(lines) <= LONGEST_CELL, cell.id
        assert max(map(len, lines)) <= LONGEST_LINE, cell.id


@every_lesson
def test_only_names_of_the_package_root_are_used(path):
    for cell in code_cells(path):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.ImportFrom) and node.module.startswith("osteoteach"):
                assert node.module == "osteoteach", cell.id
                assert {alias.name for alias in node.names} <= set(osteoteach.__all__)


@every_lesson
def test_questions_of_the_lesson_are_its_own(path):
    """`quiz` stands in "Check yourself" alone, and asks for this lesson's questions."""
    quizzes = [cell for cell in code_cells(path) if "quiz(" in cell.source]
    number = int(path.stem[:2])
    assert [cell.source for cell in quizzes] == (
        [f"quiz(lesson={number})"] if number else [])


# ------------------------------------------------------------------ card and disclaimer


@every_lesson
def test_card_is_complete(path):
    metadata = read(path).metadata
    card = metadata["osteoteach"]
    assert {name: type(value) for name, value in card.items()} == {
        "title": str, "sentence": str, "minutes": int, "picture": str, "order": int}
    assert headings(path, 1) == [card["title"]] == [metadata["title"]]
    assert card["sentence"].endswith(".")
    assert f"{card['minutes']} minutes" in read(path).cells[0].source
    assert metadata["kernelspec"]["name"] == "python3"


def test_no_two_lessons_claim_the_same_place():
    orders = [read(path).metadata["osteoteach"]["order"] for path in LESSONS]
    assert len(set(orders)) == len(orders)


@every_lesson
def test_first_words_and_limits_say_that_it_is_for_teaching(path):
    limits = next(cell.source for cell in read(path).cells
                  if cell.source.startswith(f"## {LAST[1]}"))
    assert DISCLAIMER in read(path).cells[0].source.lower()
    assert DISCLAIMER in limits.lower()


# ------------------------------------------------------------------ how it was saved


@every_lesson
def test_notebook_was_run_in_order_and_saved_clean(path):
    notebook = read(path)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert [cell.execution_count for cell in code_cells(path)] == list(
        range(1, len(code_cells(path)) + 1))
    # A version of Python or a time of running would make every machine write another file.
    assert "version" not in notebook.metadata.get("language_info", {})
    assert "widgets" not in notebook.metadata
    for cell in notebook.cells:
        assert "execution" not in cell.metadata, cell.id
        assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", cell.id), cell.id
    for cell in code_cells(path):
        assert not any(output.output_type == "error" or output.get("name") == "stderr"
                       for output in cell.outputs), cell.id


@every_lesson
def test_no_output_holds_an_address_or_a_lost_number(path):
    for cell in code_cells(path):
        assert not re.search(r"0x[0-9a-f]{6}|\bnan\b|\bNone\b", printed(cell)), cell.id


# ------------------------------------------------------------------ sources


@every_lesson
def test_every_source_named_exists_and_is_printed_as_a_reference(path):
    cells = read(path).cells
    start = next(place for place, cell in enumerate(cells)
                 if cell.source.startswith("## References"))
    named = set()
    for cell in cells[:start]:
        shown = cell.source if cell.cell_type == "markdown" else printed(cell)
        named |= set(SOURCE_ID.findall(shown))
    references = "\n".join(printed(cell) for cell in cells[start:] if cell.cell_type == "code")
    listed = SOURCE_ID.findall(references)
    assert named
    assert named <= set(listed)
    assert len(set(listed)) == len(listed)
    for source_id in listed:
        assert f"[{source_id}] {cite(source_id)}\n" in references


def test_first_list_of_references_holds_what_the_text_names_and_nothing_else():
    cells = {cell.id: cell for cell in read(START_HERE).cells}
    before = prose(START_HERE) + "".join(
        printed(cell) for cell in code_cells(START_HERE) if not cell.id.startswith("references"))
    assert set(SOURCE_ID.findall(before)) == set(
        SOURCE_ID.findall(printed(cells["references-named-list"])))


# ------------------------------------------------------------------ prose against the package
# The prose of the first lesson leans on what its cells print. It types no number of the
# model; what it claims in words is computed again here.


@pytest.fixture(scope="module")
def case() -> SimpleNamespace:
    """The lesson's people and answers, from the lesson's own cells."""
    names: dict = {}
    for cell in code_cells(START_HERE):
        if cell.id in ("tools", "patient", "round-2-man", "round-4-plan", "round-5-rescans"):
            exec(compile(cell.source, cell.id, "exec"), names)
    return SimpleNamespace(**names)


def one(table_name: str, **wanted) -> dict:
    rows = [row for row in table(table_name)
            if all(row[name] == value for name, value in wanted.items())]
    assert len(rows) == 1, (table_name, wanted)
    return rows[0]


def test_patient_is_the_woman_that_the_prose_describes(case):
    expected = Patient(
        age_years=62, sex="female", menopause_age_years=50, lifestyle=Lifestyle(calcium_mg_day=700),
        t_scores={"lumbar_spine": -2.1, "total_hip": -1.8, "femoral_neck": -2.0})
    assert case.patient == expected
    assert case.plan == Plan(lifestyle=Lifestyle(
        exercise="combined", exercise_sessions_per_week=3, calcium_mg_day=1200))
    assert one("recommended_intakes", nutrient="calcium_mg_day", sex="female",
               age_low_years=51)["recommended"] == 1200


def test_every_decimal_in_the_prose_is_a_published_or_given_number(case):
    """A decimal that no table and no definition holds is a model number typed by hand."""
    published = {one("natural_history_targets", id=name)["value"] for name in (
        "swan12_ls_trans", "gourlay12_t10_mild", "gourlay12_t10_moderate",
        "gourlay12_t10_advanced")}
    published |= {one("lifestyle_evidence", id=name)["value"] for name in (
        "LB042", "LB043", "LB046", "LB081")}
    precision = one("bmd_precision", site="total_hip", kind="minimum_acceptable")["cv_pct"]
    references = set()
    for site in ("total_hip", "femoral_neck"):
        row = one("bmd_reference", site=site, role="young_adult", sex="female")
        references |= {row["mean_g_cm2"], row["sd_g_cm2"]}
    given = {0.722, 0.618, 0.744, *case.patient.t_scores.values(), *case.man.t_scores.values(),
             *case.man.z_scores.values(), case.scans.true_t_score}
    definitions = {-1.0, -2.5, -2.0, 2.77, -1.01, -1.49, -1.5, -1.99, -2.49}
    by_hand = {0.738, 0.194, 19.4, 5.0, -1.4, -1.8, -2.6}
    known = {abs(number) for number in (*published, precision, *references, *given, *definitions,
                                        *by_hand)}
    typed = {float(number) for number in re.findall(r"\d+\.\d+", prose(START_HERE))}
    assert typed <= known, typed - known


@pytest.mark.parametrize(
    ("claim", "table_name", "row_id", "source_id"),
    [("7.38% of the lumbar spine", "natural_history_targets", "swan12_ls_trans", "greendale_2012"),
     ("17.3 years", "natural_history_targets", "gourlay12_t10_mild", "gourlay_2012"),
     ("4.7 years from −1.50", "natural_history_targets", "gourlay12_t10_moderate", "gourlay_2012"),
     ("1.1 years from −2.00", "natural_history_targets", "gourlay12_t10_advanced", "gourlay_2012"),
     ("1.1% at the lumbar spine", "lifestyle_evidence", "LB081", "tai_2015"),
     ("+2.9%, against", "lifestyle_evidence", "LB042", "watson_2018"),
     ("−1.2% with light exercise", "lifestyle_evidence", "LB043", "watson_2018"),
     ("difference is 4.1 points", "lifestyle_evidence", "LB046", "watson_2018")],
)  # fmt: skip
def test_published_number_in_the_prose_is_the_one_in_the_table(
        claim, table_name, row_id, source_id):
    row = one(table_name, id=row_id)
    text = re.sub(r"\s+", " ", prose(START_HERE))
    sign = "−" if row["value"] < 0 else ""
    assert f"{sign}{abs(row['value']):g}" in claim
    assert claim in text
    assert row["source_id"] == source_id
    assert f"[{source_id}]" in text[text.index(claim):][:250]


def test_round_1_hand_arithmetic_and_the_lower_t_score_on_lunar():
    row = one("bmd_reference", site="total_hip", role="young_adult", sex="female")
    assert (row["mean_g_cm2"], row["sd_g_cm2"]) == (0.942, 0.122)
    assert round((0.722 - 0.942) / 0.122, 1) == round(t_score(0.722, "total_hip"), 1) == -1.8
    assert t_score(0.722, "total_hip", "lunar") < -1.8 - 0.3


def test_round_2_answers_are_those_that_the_prose_explains(case):
    broken = replace(case.patient, fractures=[FragilityFracture("hip", years_ago=0.5)])
    a, b = diagnose(case.patient), diagnose(broken)
    assert (a.category, a.deciding_site) == ("low_bone_mass", "lumbar_spine")
    assert (b.category, b.decided_by, b.scores) == ("osteoporosis", "fragility_fracture", a.scores)
    assert diagnose(broken, "who_1994").category == "low_bone_mass"
    at_49, at_50 = (diagnose(replace(case.man, age_years=age)) for age in (49, 50))
    assert (at_49.category, at_49.decided_by) == ("below_expected_range", "z_score")
    assert (at_50.category, at_50.decided_by) == ("osteoporosis", "t_score")
    assert a.guideline == "bhof_2022"


def test_round_3_average_stays_above_the_line_and_part_of_200_do_not(case):
    course = simulate(case.patient, years=10)
    ends = {site: course.paths[site].t_score(course.change_pct(site, 10))
            for site in course.scanned_sites}
    assert all(ends[site] < case.patient.t_scores[site] for site in ends)
    assert ends["femoral_neck"] > -2.0 - 0.7
    assert min(ends.values()) > -2.45
    cell = next(cell for cell in code_cells(START_HERE) if cell.id == "round-3-spread")
    count, total = map(int, re.search(r"\n(\d+) of (\d+) women\n", printed(cell)).groups())
    assert total == 200
    # "Almost none" and "almost all" are both called wrong, and "often stays" must hold.
    assert 20 <= count <= 100


def test_round_4_needed_is_far_above_likely_and_the_plan_helps_every_site(case):
    for name, site in case.found.sites.items():
        as_now = case.as_now.change_pct(name, 5)
        assert as_now < 0
        assert site.gain_likely_pct > as_now
        assert site.gain_needed_pct["normal"] > 5 * site.gain_likely_pct
    likely = {name: site.gain_likely_pct for name, site in case.found.sites.items()}
    assert likely["lumbar_spine"] > 0.5
    assert likely["total_hip"] < 0
    assert likely["femoral_neck"] < 0
    assert case.found.sites["lumbar_spine"].gain_needed_pct["normal"] > 3 * 4.1


def test_round_4_meanings_lie_far_apart(case):
    names = [meaning.meaning for meaning in case.found.meanings]
    assert names[:3] == ["bmd_up", "category_changed", "t_score_normal"]
    assert 0.05 < case.found.probability("bmd_up") < 0.5
    assert case.found.probability("category_changed") < 0.01
    assert case.found.probability("t_score_normal") < 0.01


def test_round_5_plan_stays_under_the_limit_and_one_woman_gets_two_labels(case):
    for site in case.found.sites.values():
        assert abs(site.gain_likely_pct) < site.least_significant_change_pct
    limit = least_significant_change(1.8)
    assert limit > 3
    assert 0 < case.scans.categories.count("osteoporosis") < 10
    assert case.scans.largest_difference_pct > limit
    assert case.scans == rescans("total_hip", -2.4, 1.8, n=10)
    # "24 of 100 pairs of scans differ by 3% or more", and ten scans make 45 pairs.
    pairs = 2 * (1 - NormalDist(0, 1.8 * 2**0.5).cdf(3))
    assert f"{100 * pairs:.0f} of 100 pairs" in prose(START_HERE)
    assert f"{10 * 9 // 2} pairs" in prose(START_HERE)


def test_solutions_are_right(case):
    assert round(t_score(0.618, "femoral_neck"), 1) == -2.0
    assert round(bmd_from_t_score(-1.0, "femoral_neck"), 3) == 0.738
    assert round(case.found.sites["femoral_neck"].gain_needed_pct["normal"], 1) == 19.4
    spine = {}
    for kind, sessions in (("walking", 7), ("none", 0)):
        lifestyle = Lifestyle(exercise=kind, exercise_sessions_per_week=sessions,
                              calcium_mg_day=1200)
        answer = reversal(case.patient, Plan(lifestyle=lifestyle), years=5)
        spine[kind] = answer.sites["lumbar_spine"].gain_likely_pct
    assert spine["walking"] == pytest.approx(spine["none"])
    assert spine["walking"] < case.found.sites["lumbar_spine"].gain_likely_pct
    assert round(least_significant_change(1.8), 1) == round(2.77 * 1.8, 1) == 5.0
    hidden = Patient(age_years=62, sex="female", menopause_age_years=50, t_scores={
        "lumbar_spine": -2.6, "total_hip": -1.4, "femoral_neck": -1.8})
    assert diagnose(hidden).category == "osteoporosis"
    assert sum(hidden.t_scores.values()) / 3 > -2.0
