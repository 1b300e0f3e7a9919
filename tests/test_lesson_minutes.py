"""The minutes on a lesson's card are counted, not hoped for.

What is counted, and how long it takes (seconds): a word of prose or of printed output 0.3 (200
words a minute, plain reading), a code cell to read and run 6, a guess to write down 30, a chart
20, a dashboard to try 90, and a question with confidence and explanation as in ``QUESTION_S``,
wherever it stands. Each of the three exercises counts: 60 to work it out, besides its words, its
check and its solution. Everything before the references counts, the questions offered as "Ask me
more" do not. Nobody's stop-watch stands behind these seconds; they are said here so that a lesson
that grows changes its card.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import nbformat
import pytest

from osteoteach.teaching.questions import question, questions_of, short_set
from osteoteach.view.questions import quiz

LESSONS = sorted((Path(__file__).parents[1] / "notebooks" / "lessons").glob("*.ipynb"))
WORD_S, CELL_S, GUESS_S, CHART_S, DASHBOARD_S, EXERCISE_S = 0.3, 6, 30, 20, 90, 60
QUESTION_S = {"choice": 50, "number": 60, "order": 60, "find_the_mistake": 70, "plan": 120}
SHORTEST, LONGEST = 25, 40
#: On how far to trust the model: for those who use it, after the course.
SHORT_LESSON, SHORT_LIMITS = "11", (15, 20)
#: A card is the count in whole minutes; a few words more or less do not change it.
OFF_BY = 1.0
#: The introduction is called "in twenty minutes", and is.
INTRODUCTION_OFF_BY = 1.5


def read_seconds(cell) -> float:
    """Prose, or what a cell printed when it was saved."""
    if cell.cell_type == "markdown":
        return WORD_S * len(re.sub(r"<[^>]+>|\[[a-z0-9_]+\]|[#*|`]", " ", cell.source).split())
    shown = " ".join(output.get("text") or output.get("data", {}).get("text/plain", "")
                     for output in cell.outputs)
    return WORD_S * len(shown.split()) + CELL_S


def asked_in(source: str) -> list[str]:
    """The questions that a cell asks by name."""
    return re.findall(r"^ask\(\"([a-z0-9_]+)\"\)", source, flags=re.MULTILINE)


def cell_seconds(cell) -> float:
    """Reading it, and what it asks for."""
    seconds = read_seconds(cell) + EXERCISE_S * cell.source.startswith("### Exercise ")
    if cell.cell_type == "code":
        source = cell.source
        seconds += GUESS_S * source.startswith("my_guess = ")
        seconds += DASHBOARD_S * ("show_dashboard(" in source and "import" not in source)
        seconds += CHART_S * bool(re.match(
            r"(?:.*\n)*(?:show\(|show_(?:bars|courses|markers|of_1000|persons)\()", source))
        seconds += sum(QUESTION_S[question(one).kind] for one in asked_in(source))
    return seconds


@cache
def seconds_by_chapter(path: Path) -> dict[str, float]:
    """How long each chapter takes by the count above; "" is what stands before the first."""
    chapters, chapter = {"": 0.0}, ""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.source.startswith("## References"):
            break
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            chapter = cell.source.splitlines()[0][3:]
        chapters[chapter] = chapters.get(chapter, 0) + cell_seconds(cell)
    if number := int(path.stem[:2]):
        chapters["Check yourself"] += sum(
            QUESTION_S[one.question.kind] for one in quiz(lesson=number).questions)
    return chapters


def minutes(path: Path) -> float:
    """How long a lesson takes by the count above."""
    return sum(seconds_by_chapter(path).values()) / 60


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_an_exercise_counts_its_minute(path):
    """Besides reading it, the cell that checks it and the solution."""
    cells = nbformat.read(path, as_version=4).cells
    exercises = [cell for cell in cells if cell.source.startswith("### Exercise ")]
    assert len(exercises) == 3
    assert all(cell_seconds(cell) == read_seconds(cell) + EXERCISE_S for cell in exercises)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_minutes_on_the_card_are_those_that_are_counted(path):
    card = nbformat.read(path, as_version=4).metadata["osteoteach"]["minutes"]
    counted = minutes(path)
    if path.stem[:2] == "00":  # the introduction before the course may be shorter
        assert abs(counted - card) <= INTRODUCTION_OFF_BY, f"counted {counted:.1f}, card {card}"
        return
    assert abs(counted - card) <= OFF_BY, f"counted {counted:.1f}, card {card}"
    low, high = SHORT_LIMITS if path.stem[:2] == SHORT_LESSON else (SHORTEST, LONGEST)
    assert low <= card <= high
    assert low <= round(counted) <= high


@pytest.mark.parametrize("path", [path for path in LESSONS if path.stem[:2] != "00"],
                         ids=lambda path: path.stem)
def test_the_minutes_named_in_the_first_words_add_up(path):
    """ "3 for each of five rounds, and 14 for the rest" is what the card says, and is counted."""
    notebook = nbformat.read(path, as_version=4)
    first = " ".join(notebook.cells[0].source.split())
    total, each, rounds, rest = re.search(
        r"(\d+) minutes: (\d+) for each of (three|five|six) rounds, and (\d+) for", first).groups()
    number = {"three": 3, "five": 5, "six": 6}[rounds]
    assert int(each) * number + int(rest) == int(total)
    counted = [seconds / 60 for chapter, seconds in seconds_by_chapter(path).items()
               if chapter.startswith("Round ")]
    assert len(counted) == number
    assert abs(sum(counted) / number - int(each)) <= 0.6, f"counted {sum(counted) / number:.1f}"


@pytest.mark.parametrize("path", LESSONS[1:], ids=lambda path: path.stem)
def test_no_question_is_asked_twice_in_a_lesson(path):
    asked = [one for cell in nbformat.read(path, as_version=4).cells
             if cell.cell_type == "code" for one in asked_in(cell.source)]
    made = quiz(lesson=int(path.stem[:2]))
    asked += [one.question.id for one in made.questions] + [one.id for one in made.further]
    assert len(set(asked)) == len(asked)


@pytest.mark.parametrize("lesson", range(1, 12))
def test_the_short_set_asks_every_gap_and_objective_of_its_lesson(lesson):
    """Six to eight questions, of three kinds or more; the others wait for who wants them."""
    made = quiz(lesson=lesson)
    every = [one.question for one in made.questions] + list(made.further)
    short = [one.question for one in made.questions]
    assert 4 <= len(short) <= 6 if lesson == int(SHORT_LESSON) else 6 <= len(short) <= 8
    assert short == list(short_set(every, len(short)))
    assert len({one.kind for one in short}) >= 3
    assert {gap for one in short for gap in one.gaps} == {gap for one in every for gap in one.gaps}
    assert {one.objective for one in short} == {one.objective for one in every}
    twins = {one.id for one in questions_of(lesson=lesson) if one.form == "B"}
    assert not twins & {one.id for one in every}
