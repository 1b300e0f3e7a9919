"""Page "Review": what is worth another look today, and how well confidence fits."""

from __future__ import annotations

import math
from typing import Any

from osteoteach.progress.confidence import Calibration, calibration
from osteoteach.view.chart_specs import load_spec
from osteoteach.view.controls import ChoiceControl
from osteoteach.view.html import data_table, paragraph
from osteoteach.view.live_chart import LiveChart
from osteoteach.view.page import Answer, ChartPatch, Group, Page
from osteoteach.view.review_desk import NOTHING_YET, ReviewDesk, counted, day, days_away

__all__ = ["answer", "page"]

KINDS = [("All answers", None), ("Questions", "question"), ("Claims", "claim"),
         ("Virtual patients", "case")]
Z_90 = 1.645
LINE = {"sure": [0, 100], "right": [0, 100]}


def _controls() -> list[Group]:
    return [Group("", [
        ChoiceControl("sitting", "Questions in one sitting",
                      [("5", 5), ("10", 10), ("20", 20), ("All that are due", 10_000)], 10),
        ChoiceControl("kind", "Confidence in", KINDS, None),
    ])]


def answer(values: dict[str, Any], desk: ReviewDesk) -> Answer:
    """What is due today, and confidence against results."""
    desk.choose_sitting(values["sitting"])
    found = calibration(record for record in desk.records
                        if values["kind"] in (None, record.item_kind))
    return Answer(sentence=_sentence(desk), why=_why(), how_sure=_how_sure(found),
                  charts={"calibration": _calibration_patch(found)})


def _sentence(desk: ReviewDesk) -> str:
    if not desk.has_read:
        return desk.notice or "Reading your answers."
    if not desk.has_results:
        return f"{NOTHING_YET}: nothing is due."
    parts = [counted(desk.due_of(kind), name) for kind, name in (
        ("question", "question"), ("claim", "claim"), ("case", "virtual patient"))
        if desk.due_of(kind)]
    if parts:
        return f"Due today: {', '.join(parts)}."
    following = desk.next_due
    return ("Nothing is due today." if following is None else
            f"Nothing is due today. The next is due {days_away(following.due_at, desk.now())}, "
            f"on {day(following.due_at)}.")


def interval_90_pct(right_pct: float, number: int) -> tuple[float, float]:
    """Wilson's 90% interval of a share, in percent.

    Examples
    --------
    >>> [round(end) for end in interval_90_pct(50, 10)]
    [27, 73]
    """
    share, square = right_pct / 100, Z_90**2
    middle = (share + square / (2 * number)) / (1 + square / number)
    half = Z_90 / (1 + square / number) * math.sqrt(
        share * (1 - share) / number + square / (4 * number**2))
    return 100 * max(0.0, middle - half), 100 * min(1.0, middle + half)


def _calibration_patch(found: Calibration) -> ChartPatch:
    used = [level for level in found.levels if level.answers]
    columns: dict[str, list] = {name: [] for name in (
        "sure", "right", "low", "high", "number", "text")}
    for level in used:
        low, high = interval_90_pct(level.right_pct, level.answers)
        cells = (level.mean_confidence_pct, level.right_pct, low, high, level.answers,
                 str(level.answers))
        for name, cell in zip(columns, cells, strict=True):
            columns[name].append(round(cell, 4) if isinstance(cell, float) else cell)
    told = "; ".join(f"{sure:.0f}% sure: {right:.0f}% right in {counted(number, 'answer')} (90% "
                     f"interval {low:.0f} to {high:.0f}%)" for sure, right, low, high, number, _
                     in zip(*columns.values(), strict=True))
    if found.over_points is None:
        finding = "Your confidence against your results: nothing yet"
    else:
        finding = (f"{found.mean_confidence_pct:.0f}% sure, {found.right_pct:.0f}% right, in "
                   f"{counted(found.answers, 'answer')}")
    return ChartPatch(
        data={"levels": columns, "line": LINE}, signals={"finding": finding},
        description=f"Confidence against the share right. {told or 'No answer has both yet'}.")


def _why() -> str:
    rows = [("Less than half right", "Again", "the next day"),
            ("Partly right, or right but less than 50% sure", "Hard", "soon"),
            ("Right, 50 to 89% sure", "Good", "later"),
            ("Right and at least 90% sure", "Easy", "much later")]
    return paragraph(
        "A thing is remembered longest if it is recalled just before it is forgotten. FSRS, a "
        "published rule with published weights, estimates from your answers when the chance to "
        "recall falls to 90%. That day it comes back here.") + data_table(
        "How an answer counts", ("Your answer", "FSRS", "Comes again"), rows)


def _how_sure(found: Calibration) -> str:
    return "".join(map(paragraph, (
        found.in_words,
        "On the dashed line confidence and results agree: of the answers given 75% sure, 75 of "
        "100 are right. Below it you are too sure, above it too modest. A bar is the 90% "
        "interval: with few answers it is wide.",
        "The weights of FSRS were fitted to other learners and other subjects, not to you.",
        "Days begin at midnight UTC. A changed question starts anew. Guesses before a "
        "demonstration are not reviewed.",
        "On a shared server your answers belong to this browser: another one knows nothing of "
        "them.")))


def page() -> Page:
    """The whole page, for the last line of a notebook."""
    desk = ReviewDesk()
    start = _calibration_patch(calibration(()))
    chart = LiveChart(load_spec("review_calibration"), data=start.data, signals=start.signals,
                      description=start.description)
    chart.filename = "osteoteach-review-calibration"
    made = Page(
        "Review",
        "What you answered comes back on the day it is worth another look. Answer, say how sure, "
        "then see when it comes again.",
        _controls(), {"calibration": chart}, lambda values: answer(values, desk),
        parts={"below_answer": desk})
    desk.on_change(made.refresh)
    return made
