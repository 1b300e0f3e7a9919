"""What a class has said, counted for a chart and put into a sentence. No widgets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, median

from osteoteach.progress.room_questions import Question, Vote

__all__ = ["bin_edges", "choice_counts", "counts_in_bins", "said_number", "summary"]

MOST_BINS = 20


def said_number(question: Question, value: float) -> str:
    """A number with its unit, as precise as the question's range deserves.

    Examples
    --------
    >>> said_number(Question("number", "Gain?", "%", -10, 20), -0.417)
    '−0.4%'
    >>> said_number(Question("number", "Spared?", "of 1,000", 0, 400), 71.93)
    '72 of 1,000'
    >>> said_number(Question("number", "Gain?", "%", -10, 20), -0.02)
    '0%'
    """
    decimals = 1 if question.high - question.low <= 50 else 0
    rounded = round(value, decimals) or 0.0  # never −0
    text = f"{rounded:.{0 if rounded == int(rounded) else decimals}f}"
    if question.low < 0 and rounded > 0:
        text = f"+{text}"
    gap = "" if question.unit in ("", "%") else " "
    return f"{text}{gap}{question.unit}".replace("-", "−")


def bin_edges(question: Question) -> list[float]:
    """Edges of equal bins over the question's range, at round numbers.

    Examples
    --------
    >>> edges = bin_edges(Question("number", "Gain?", "%", -10, 20))
    >>> edges[0], edges[1], edges[-1]
    (-10.0, -8.0, 20.0)
    """
    span = question.high - question.low
    size = 10.0 ** math.floor(math.log10(span / MOST_BINS))
    step = next(size * factor for factor in (1, 2, 5, 10, 20) if span / (size * factor)
                <= MOST_BINS + 1e-9)
    first = math.floor(question.low / step + 1e-9)
    last = math.ceil(question.high / step - 1e-9)
    return [round(step * place, 10) for place in range(first, last + 1)]


def counts_in_bins(question: Question, votes: Sequence[Vote]) -> dict[str, list]:
    """How many votes fall into each bin, the upper end in the last one."""
    edges = bin_edges(question)
    counts = [0] * (len(edges) - 1)
    width = edges[1] - edges[0]
    for vote in votes:
        place = math.floor((vote.number - edges[0]) / width + 1e-9)
        counts[min(max(place, 0), len(counts) - 1)] += 1
    return {"start": edges[:-1], "end": edges[1:], "count": counts}


def choice_counts(question: Question, votes: Sequence[Vote]) -> list[int]:
    """How many votes each choice has."""
    return [sum(vote.choice == place for vote in votes)
            for place in range(len(question.choices))]


def summary(question: Question, votes: Sequence[Vote]) -> str:
    """The votes in one sentence.

    Examples
    --------
    >>> asked = Question("number", "Gain?", "%", -10, 20)
    >>> summary(asked, [Vote(number=2.0), Vote(number=4.0), Vote(number=12.0)])
    '3 votes: half say +4% or less, from +2% to +12%.'
    """
    number = f"{len(votes)} {'vote' if len(votes) == 1 else 'votes'}"
    if not votes:
        return "Nobody has voted."
    if question.kind == "number":
        numbers = [vote.number for vote in votes]
        middle, low, high = (said_number(question, one)
                             for one in (median(numbers), min(numbers), max(numbers)))
        return f"{number}: half say {middle} or less, from {low} to {high}."
    counts = choice_counts(question, votes)
    most = max(counts)
    names = " and ".join(f"“{text}”" for text, count in zip(
        question.choices, counts, strict=True) if count == most)
    sure = ""
    if question.kind == "category_confidence":
        sure = f" On average they are {fmean(vote.confidence_pct for vote in votes):.0f}% sure."
    return f"{number}: most for {names}, {100 * most / len(votes):.0f}% each.{sure}".replace(
        "% each", "%" if counts.count(most) == 1 else "% each")
