"""Page "Before and after": two parallel tests, tied to the measured gaps."""

from __future__ import annotations

from typing import Any

from osteoteach.evidence import table
from osteoteach.view.controls import ChoiceControl
from osteoteach.view.course_test_desk import WHEN, CourseTestDesk
from osteoteach.view.html import paragraph, reference_list
from osteoteach.view.page import Answer, Group, Page

__all__ = ["answer", "page"]


def _controls() -> list[Group]:
    return [Group("", [ChoiceControl(
        "when", "You take the test", [(words.capitalize(), when) for when, words in WHEN.items()],
        "pre")])]


def answer(values: dict[str, Any], desk: CourseTestDesk) -> Answer:
    """How far the test is, or its result."""
    desk.choose(values["when"])
    return Answer(sentence=_sentence(desk), why=_why(), how_sure=_how_sure(),
                  sources=reference_list(row["source_id"] for row in table("learning_gaps")))


def _sentence(desk: CourseTestDesk) -> str:
    if desk.test is None:
        return "Reading your answers."
    done, asked = len(desk.test.answered[desk.when]), len(desk.test.forms[desk.when])
    where = WHEN[desk.when]
    if done < asked:
        return f"{where.capitalize()}: {done} of {asked} answered."
    right = _right(desk, desk.when)
    if desk.when == "pre" or desk.test.open_questions("pre"):
        return f"{where.capitalize()}: {right} right of {asked}{_mean_confidence(desk)}."
    change = desk.test.points("post") - desk.test.points("pre")
    words = ("the same" if round(change, 1) == 0 else
             f"{abs(change):.1f}".removesuffix(".0") + (" more" if change > 0 else " fewer"))
    return (f"After the course {right} right of {asked}, before it {_right(desk, 'pre')}: "
            f"{words}.")


def _mean_confidence(desk: CourseTestDesk) -> str:
    # An imported answer may come without a confidence.
    sure = [one.confidence_pct for one in desk.test.answered[desk.when].values()
            if one.confidence_pct is not None]
    return f"; you were {sum(sure) / len(sure):.0f}% sure on average" if sure else ""


def _right(desk: CourseTestDesk, test: str) -> str:
    return f"{desk.test.points(test):.1f}".removesuffix(".0")


def _why() -> str:
    return "".join(map(paragraph, (
        "The questions ask what doctors were measured not to know, and what general "
        "practitioners ask specialists about most. Each belongs to one of these gaps.",
        "Both tests ask the same ideas with other people and other numbers. No question is in "
        "both. Which of two twins comes first is drawn for you, so that over a class neither "
        "test is the harder one.",
        "Nothing is explained before the end, because an explanation would help with the next "
        "question. Every answer is kept as soon as you commit it.")))


def _how_sure() -> str:
    return "".join(map(paragraph, (
        "One to five questions for a gap say little about one person. The sum says more, and "
        "a class says most.",
        "The published shares come from other people, other questions and one moment: they show "
        "how large a gap is, not what you should score.",
        "A change after a course is not all due to the course: you also read, forgot, and got "
        "used to this kind of question. There is no group without the course.",
        "Only your first answer to each question counts.")))


def page() -> Page:
    """The whole page, for the last line of a notebook."""
    desk = CourseTestDesk()
    made = Page(
        "Before and after",
        "Take one test before the course and its twin after it. You see the answers only at "
        "the end.",
        _controls(), {}, lambda values: answer(values, desk), parts={"below_answer": desk})
    desk.on_change(made.refresh)
    return made
