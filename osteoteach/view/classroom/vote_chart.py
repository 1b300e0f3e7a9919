"""The tables that a chart of votes is drawn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from osteoteach.progress.room_questions import Question, Vote
from osteoteach.view.classroom.tally import (
    bin_edges,
    choice_counts,
    counts_in_bins,
    said_number,
    summary,
)
from osteoteach.view.palette import PLAN

__all__ = ["ChartContent", "vote_chart"]

VOTES = "#9aa7b4"
#: Room above the highest bar for the names of the model's and the trial's lines.
HEADROOM = 1.3
#: Share of the axis that such a name takes, on a phone a little less than all of it.
ROOM_FOR_TEXT = 0.3
#: What an outline shows, by the link of the two rounds.
EARLIER = {"again": "before the discussion", "contrast": "on the earlier question"}


@dataclass(frozen=True)
class ChartContent:
    """What `LiveChart` needs."""

    spec: str
    data: dict[str, dict[str, list]]
    signals: dict[str, Any]
    description: str


def vote_chart(question: Question, votes: Sequence[Vote], before: Sequence[Vote],
               marks: Mapping[str, Any], link: str = "") -> ChartContent:
    """Votes, those of an earlier round as an outline, the model and the trial.

    Parameters
    ----------
    question : Question
    votes, before : sequence of Vote
        ``before`` is empty for a question asked once.
    marks : mapping
        ``model``, ``low``, ``high`` and ``trial``, or ``choice``; empty without a model.
    link : str
        How the two rounds are linked: ``"again"`` or ``"contrast"``.
    """
    said = summary(question, votes)
    finding = _finding(question, votes)
    if before:
        earlier = EARLIER.get(link, "earlier")
        said += f" Outlined, {earlier}: {summary(question, before)}"
        finding += f"; outlined: {_finding(question, before)} {earlier}"
    if question.kind == "number":
        return _numbers(question, votes, before, marks, (said, finding))
    return _choices(question, votes, before, marks, (said, finding))


def _numbers(question: Question, votes: Sequence[Vote], before: Sequence[Vote],
             marks: Mapping[str, Any], words: tuple[str, str]) -> ChartContent:
    said, finding = words
    shown = counts_in_bins(question, votes)
    earlier = counts_in_bins(question, before) if before else {
        "start": [], "end": [], "count": []}
    edges = bin_edges(question)
    most = max([*shown["count"], *earlier["count"], 3])
    model, trial = marks.get("model"), marks.get("trial")
    has_band = marks.get("low") is not None and marks.get("high") is not None
    told = [said]
    told += [f"{name} {said_number(question, value)}." for name, value in (
        ("Model", model), ("Trial", trial)) if value is not None]
    inside = [max(edges[0], min(edges[-1], marks[end])) for end in ("low", "high")
              ] if has_band else []
    return ChartContent(
        "classroom_numbers",
        {"votes": shown, "before": earlier,
         "band": {"low": inside[:1], "high": inside[1:]},
         "model": _line(question, "Model", model, edges, trial),
         "trial": _line(question, "Trial", trial, edges, model)},
        {"finding": finding, "axis_low": edges[0], "axis_high": edges[-1],
         "axis_top": HEADROOM * most, "unit": "%" if question.unit == "%" else ""},
        "Histogram of votes. " + " ".join(told))


def _line(question: Question, name: str, value: float | None,
          edges: Sequence[float], other: float | None) -> dict[str, list]:
    if value is None:
        return {"value": [], "label": [], "side": []}
    label = f"{name} {said_number(question, value)}"
    shown = max(edges[0], min(edges[-1], value))
    if shown != value:
        label += ", beyond the axis"
    side = _side((shown - edges[0]) / (edges[-1] - edges[0]), shown, other)
    return {"value": [shown], "label": [label], "side": [side]}


def _side(share: float, shown: float, other: float | None) -> str:
    """Away from the other line, so that it does not cross the text; else where there is room.

    Examples
    --------
    >>> _side(0.45, 4.5, 6), _side(0.6, 6, 4.5), _side(0.1, 1.0, 2.0), _side(0.2, 2.0, None)
    ('left', 'right', 'right', 'right')
    """
    if other is not None and other != shown:
        away, room = ("left", share) if other > shown else ("right", 1 - share)
        if room >= ROOM_FOR_TEXT:
            return away
    return "right" if share < 0.5 else "left"


def _finding(question: Question, votes: Sequence[Vote]) -> str:
    return summary(question, votes).split(":")[0].rstrip(".") + (
        f" ({question.unit})" if question.unit and question.unit != "%" else "")


def _choices(question: Question, votes: Sequence[Vote], before: Sequence[Vote],
             marks: Mapping[str, Any], words: tuple[str, str]) -> ChartContent:
    said, finding = words
    counts, right = choice_counts(question, votes), marks.get("choice")
    rows = list(range(len(counts)))
    whole = max(1, len(votes))
    # The number first: a narrow chart cuts the end of a long choice.
    texts = [f"{count} ({100 * count / whole:.0f}%)"
             f"{' ✓ model' if place == right else ''}: {text}"
        for place, (text, count) in enumerate(zip(question.choices, counts, strict=True))]
    told = "; ".join(f"{text} {count}" for text, count in zip(
        question.choices, counts, strict=True))
    model = "" if right is None else f" The model says: {question.choices[right]}."
    return ChartContent(
        "classroom_choices",
        {"votes": {"row": rows, "text": texts, "count": counts,
                   "colour": [PLAN if place == right else VOTES for place in rows]},
         "before": {"row": rows if before else [],
                    "count": choice_counts(question, before) if before else []}},
        {"finding": finding},
        f"Bars of votes by choice. {said} {told}.{model}")
