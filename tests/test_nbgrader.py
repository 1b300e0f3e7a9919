"""A lesson as an nbgrader assignment, by the words of docs/nbgrader.md.

The commands and the cells are taken out of that page and run: nbgrader's own command line,
a real kernel, a real gradebook. Only nbgrader's exchange is left out: a file is laid into
``submitted`` where ``nbgrader collect`` would have laid it.
"""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from osteoteach.progress.handin import handin_text
from osteoteach.progress.keys import Key
from osteoteach.progress.records import AnswerRecord
from osteoteach.view.questions import quiz

nbgrader_api = pytest.importorskip("nbgrader.api", reason="nbgrader is not installed")

PROJECT = Path(__file__).parents[1]
PAGE = (PROJECT / "docs" / "nbgrader.md").read_text(encoding="utf-8")
ASSIGNMENT, POINTS = "start_here", 2
ANSWER_ID, TESTS_ID = "exercise-1-answer", "exercise-1-tests"


def block(language: str, holding: str) -> str:
    """The one code block of the page that holds these words."""
    found = [text for text in re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)
             if holding in text]
    assert len(found) == 1, (holding, len(found))
    return found[0].rstrip("\n")


def run(commands: str, folder: Path) -> str:
    """Run commands of the page as an instructor would, away from everybody's settings."""
    home = folder / ".home"
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": str(PROJECT),
        "JUPYTER_CONFIG_DIR": str(home / "jupyter"),
        "IPYTHONDIR": str(home / "ipython"),
        "OSTEOTEACH_DATABASE_URL": f"sqlite:///{folder / 'progress.sqlite3'}",
    }
    done = subprocess.run(["sh", "-ec", commands], cwd=folder, env=environment, text=True,
                          capture_output=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def marked(source: str, name: str, **kind) -> nbformat.NotebookNode:
    """A cell with what nbgrader's "Create Assignment" panel writes into it."""
    told = {"schema_version": 3, "grade_id": name, "task": False, **kind}
    return new_code_cell(source, id=name, metadata={"nbgrader": told})


def make_assignment(path: Path) -> None:
    """Follow "Choose what to mark": out goes the solution, in come answer and tests."""
    lesson = nbformat.read(path, as_version=4)
    place = [cell.id for cell in lesson.cells].index("exercise-1-solution")
    lesson.cells[place:place + 1] = [
        marked(block("python", "BEGIN SOLUTION"), ANSWER_ID,
               grade=False, solution=True, locked=False),
        marked(block("python", "BEGIN HIDDEN TESTS"), TESTS_ID,
               grade=True, solution=False, locked=True, points=POINTS),
    ]
    nbformat.write(lesson, path)


def hand_in(course: Path, student: str, answer: str, tests: str | None = None) -> None:
    """Answer the released lesson, and lay it where nbgrader collects to."""
    released = course / "release" / ASSIGNMENT / "00_start_here.ipynb"
    lesson = nbformat.read(released, as_version=4)
    cells = {cell.id: cell for cell in lesson.cells}
    cells[ANSWER_ID].source = answer
    if tests is not None:
        cells[TESTS_ID].source = tests
    folder = course / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True)
    nbformat.write(lesson, folder / released.name)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with one assignment, two submissions, autograded."""
    folder = tmp_path_factory.mktemp("nbgrader")
    run(block("sh", "osteoteach copy"), folder)
    course = folder / "course"
    (course / "nbgrader_config.py").write_text(block("python", "get_config()"), encoding="utf-8")
    make_assignment(course / "source" / ASSIGNMENT / "00_start_here.ipynb")
    run(block("sh", "generate_assignment"), course)
    hand_in(course, "right", "gain_pct = 19.4")
    # Taken of the larger density; and the tests are made to pass whatever the answer is.
    hand_in(course, "wrong", "gain_pct = 16.3", tests="assert True")
    record = AnswerRecord("0" * 32, "me", "question", "bmd_is_areal", "v1", {}, 1.0, 70, (),
                          "2026-03-02T10:00:00+00:00")
    (course / "submitted" / "right" / ASSIGNMENT / "handin.json").write_text(
        handin_text([record], "Right", Key(b"k" * 32)), encoding="utf-8")
    run(block("sh", "autograde"), course)
    return course


def test_the_released_lesson_gives_nothing_away(course):
    """No solution, no hidden test and no saved output goes to a student."""
    source = nbformat.read(course / "source" / ASSIGNMENT / "00_start_here.ipynb", 4)
    released = nbformat.read(course / "release" / ASSIGNMENT / "00_start_here.ipynb", 4)
    assert any(cell.get("outputs") for cell in source.cells)
    assert not any(cell.get("outputs") for cell in released.cells)
    text = "\n".join(cell.source for cell in released.cells)
    assert "NotImplementedError" in text
    for hidden in ("BEGIN", "Solution 1", "19.4", "/ 0.618"):
        assert hidden not in text, hidden
    locked = {cell.id: cell.metadata.get("editable", True) for cell in released.cells}
    assert locked[TESTS_ID] is False
    assert locked[ANSWER_ID] is True


def test_a_right_answer_scores_and_a_wrong_one_does_not(course):
    """The gradebook says so, although the wrong one came with tests that always pass."""
    with closing(nbgrader_api.Gradebook(f"sqlite:///{course / 'gradebook.db'}")) as book:
        found = {one.student.id: (one.score, one.max_score, one.needs_manual_grade)
                 for one in book.assignment_submissions(ASSIGNMENT)}
    assert found == {"right": (POINTS, POINTS, False), "wrong": (0, POINTS, False)}
    with (course / "grades.csv").open(encoding="utf-8", newline="") as file:
        table = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert table == {"right": POINTS, "wrong": 0}


def test_the_whole_lesson_ran_and_only_the_wrong_answer_failed(course):
    """A lesson that breaks in nbgrader's kernel would take every student's points."""
    failed = {}
    for student in ("right", "wrong"):
        path = course / "autograded" / student / ASSIGNMENT / "00_start_here.ipynb"
        cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
        assert all(cell.execution_count for cell in cells)
        failed[student] = [cell.id for cell in cells for output in cell.outputs
                           if output.output_type == "error"]
    assert failed == {"right": [], "wrong": [TESTS_ID]}


def test_a_hand_in_file_beside_the_notebook_is_collected(course):
    """What nbgrader collected is searched by `osteoteach collect` with one command."""
    told = run(block("sh", "osteoteach collect"), course)
    assert "1 of 1 files count, 1 answer." in told
    report = (course / "report.html").read_text(encoding="utf-8")
    assert "Right" in report


def test_questions_ask_nobody_and_keep_nothing_while_nbgrader_runs_them(tmp_path, monkeypatch):
    """Without a browser `quiz` does not even open the database of whoever marks."""
    database = tmp_path / "progress.sqlite3"
    monkeypatch.setenv("OSTEOTEACH_DATABASE_URL", f"sqlite:///{database}")
    asked = quiz(lesson=9)
    assert asked.questions
    assert not any(one.result for one in asked.questions)
    assert not database.exists()
