"""The guess on the chart itself: where it stands, beside the model and the published numbers.

A page says in its answer where on which chart a guess belongs (`GuessPlace`). Once the
guess is in, `marked` adds it to that chart's data and words; before that, and on
pages without a guess, the table is there and empty. A page whose guess has no place on
an axis (a class, a count) has it as a line of text in the chart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from osteoteach.teaching.guesses import CategoryGuess, Guessable, NumberGuess, number_words
from osteoteach.view.answer import Answer
from osteoteach.view.palette import INK, OTHER_PLAN

__all__ = ["GuessPlace", "marked"]

#: The table in a chart's spec; see `osteoteach.view.charts.look`.
TABLE = "guesses"
Guess = NumberGuess | CategoryGuess


@dataclass(frozen=True)
class GuessPlace:
    """Where on a page the guess stands.

    Attributes
    ----------
    chart : str
        Name of the chart.
    across : float, str or None
        The other coordinate of the mark: a time, a score, a row. ``None``: the chart has no axis
        for what is guessed, and the guess is a line of text in it.
    axis : (float, float)
        Ends of the axis of what is guessed. Beyond them a mark stands at the end, with an
        arrow and its true number.
    with_published : bool
        Whether the published numbers belong there too.
    """

    chart: str
    across: float | str | None = None
    axis: tuple[float, float] = (0.0, 100.0)
    with_published: bool = True


def marked(answer: Answer, guess: Guess | None) -> Answer:
    """The answer with the guess on its chart.

    Parameters
    ----------
    answer : Answer
        With ``guess_place`` set, or unchanged.
    guess : NumberGuess, CategoryGuess or None
        What the reader said for just these settings.

    Examples
    --------
    >>> from osteoteach.view.answer import ChartPatch
    >>> item = Guessable("risk", "?", "", (), 12.0, "", unit="of 100")
    >>> answer = Answer("12 of 100.", charts={"curve": ChartPatch(description="A curve.")},
    ...                 guess=item, guess_place=GuessPlace("curve", across=-2.1))
    >>> shown = marked(answer, NumberGuess(30, 20, 50)).charts["curve"]
    >>> shown.data["guesses"]["label"], shown.description
    (['You: 30 of 100'], 'A curve. You guessed 30 of 100 (20 to 50).')
    >>> marked(answer, None).charts["curve"].data["guesses"]["label"]
    []
    """
    place = answer.guess_place
    if place is None:
        return answer
    patch, item = answer.charts[place.chart], answer.guess
    words = "" if guess is None or item is None else _words(item, guess)
    description = patch.description
    if words and description:
        description = f"{description} You guessed {words}."
    if place.across is None:
        table = {"label": [f"You: {words}"] if words else []}
    else:
        table = _columns(_rows(item, guess, place) if words else [])
    changed = replace(patch, description=description, data={**(patch.data or {}), TABLE: table})
    return replace(answer, charts={**answer.charts, place.chart: changed})


def _words(item: Guessable, guess: Guess) -> str:
    if isinstance(guess, CategoryGuess):
        return f"{dict(item.options)[guess.value]}, {guess.confidence_pct}% sure"
    low = number_words(item, guess.low).removesuffix(item.unit).strip()
    high = number_words(item, guess.high).removesuffix(item.unit).strip()
    return f"{number_words(item, guess.value)} ({low} to {high})"


def _rows(item: Guessable, guess: NumberGuess, place: GuessPlace) -> list[dict[str, Any]]:
    rows = [_row("You", guess.value, guess.low, guess.high, item, place, is_guess=True)]
    rows += [_row(one.label, one.value, one.low, one.high, item, place)
             | {"from_table": one.table, "from_row": one.row}
             for one in item.further if place.with_published]
    return rows


def _row(label: str, value: float, low: float | None, high: float | None,
         item: Guessable, place: GuessPlace, is_guess: bool = False) -> dict[str, Any]:
    ends = [value if end is None else end for end in (low, high)]
    at, low_at, high_at = (_on_axis(number, place) for number in (value, *ends))
    beyond = "" if place.axis[0] <= value <= place.axis[1] else " →"
    text = f"{label}: {number_words(item, value)}{beyond}"
    # Published numbers are named when pointed at: their names are long and stand close.
    return {"across": place.across, "value": at, "low": min(low_at, high_at),
            "high": max(low_at, high_at), "name": text,
            "label": text if is_guess else "",
            "colour": OTHER_PLAN if is_guess else INK, "shape": "diamond" if is_guess else "circle",
            "from_table": None, "from_row": None}


def _on_axis(value: float, place: GuessPlace) -> float:
    return min(max(value, place.axis[0]), place.axis[1])


def _columns(rows: list[dict[str, Any]]) -> Mapping[str, list]:
    names = ("across", "value", "low", "high", "name", "label", "colour", "shape",
             "from_table", "from_row")
    return {name: [row[name] for row in rows] for name in names}
