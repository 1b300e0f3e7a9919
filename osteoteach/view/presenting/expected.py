"""The answer that a prepared question has: computed by the model, at the moment it is shown.

A question says where the answer stands among what its dashboard shows: a chart, a table of
that chart, a column and a row. So the number beside the votes is the number on the
dashboard. Nothing is typed in, and what the model cannot compute is not asked.

``python -m osteoteach.view.presenting.expected LIST STEP`` prints one as JSON. The room's
panel uses that: the dashboard's own widgets would otherwise travel to the projector's page.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

from osteoteach.errors import DataError, InputError
from osteoteach.teaching.sentences import signed_pct, years_in_words
from osteoteach.view.presenting.scenarios import Prepared, Step, load_list

__all__ = ["Expected", "Trial", "compute_apart", "expected", "step_values", "trial_of"]

SECONDS = 60


@dataclass(frozen=True)
class Expected:
    """What the model answers.

    Parameters
    ----------
    sentence : str
        The answer in words: the dashboard's sentence; what the chart asked about says, where
        the list wants it so; both ends of a change since some time.
    value : float, str or None
        Value of the question, None for a step without one.
    low, high : float or None
        Its 90% interval, where the dashboard gives one.
    choice : int or None
        The choice that holds, from 0.
    """

    sentence: str
    value: float | str | None = None
    low: float | None = None
    high: float | None = None
    choice: int | None = None


@dataclass(frozen=True)
class Trial:
    """What was measured: one row of ``data/trials.csv``."""

    text: str
    value: float
    low: float | None
    high: float | None
    source_id: str


def step_values(step: Step, page: Any) -> dict[str, Any]:
    """The step's values as the page's controls hold them; text is read as in a link.

    Parameters
    ----------
    step : Step
    page : osteoteach.view.page.Page
        The dashboard.

    Raises
    ------
    InputError
        A name is not of this dashboard, or a value breaks its control's rule.
    """
    found = {}
    for name, value in step.values.items():
        control = page.controls.get(name)
        if control is None:
            raise InputError(name, "must be a control of this page: " + ", ".join(page.controls),
                             value, "Correct the scenario list.")
        found[name] = (control.read_text(value) if isinstance(value, str)
                       else control.checked(value))
    return found


def expected(step: Step) -> Expected:
    """Compute what the model answers to a step.

    Raises
    ------
    InputError
        The step does not fit its dashboard.
    DataError
        The question points at something that the dashboard does not show.
    """
    module = import_module(f"osteoteach.view.dashboards.{step.dashboard}")
    page = module.page()
    page.apply_state(step_values(step, page))
    answer = module.answer(page.values())
    if step.prepared is None:
        return Expected(answer.sentence)
    value, low, high = _found(step, answer)
    choice = _choice(step.prepared, value) if step.prepared.choices else None
    return Expected(_words(step, answer), value, low, high, choice)


def _words(step: Step, answer: Any) -> str:
    """The answer in words that belong to the question, which the page's sentence may not."""
    model = step.prepared.model
    if "since" in model:
        table = answer.charts[model["chart"]].data[model["table"]]
        column = _column(step, table, model["column"])
        then, now = (column[_row(step, table, model[place])] for place in ("since", "row"))
        return (f"Against the start: {signed_pct(then)} after "
                f"{years_in_words(model['since']['years'])}, {signed_pct(now)} after "
                f"{years_in_words(model['row']['years'])}.")
    if model.get("tell") == "chart":
        return answer.charts[model["chart"]].description
    return answer.sentence


def _found(step: Step, answer: Any) -> tuple[Any, float | None, float | None]:
    model = step.prepared.model
    if "tone" in model:
        return answer.tone, None, None
    try:
        table = answer.charts[model["chart"]].data[model["table"]]
    except KeyError as error:
        raise _missing(step, f"chart or table {error.args[0]}") from error
    if "count" in model:
        return float(len(_rows(step, table, model["count"]))), None, None
    column = _column(step, table, model["column"])
    for name, pick in (("largest", max), ("smallest", min)):
        if name in model:
            place = pick(range(len(column)), key=lambda one: column[one])
            return _column(step, table, model[name])[place], None, None
    row = _row(step, table, model.get("row", {}))
    ends = [_column(step, table, model[end])[row] if end in model else None
            for end in ("low", "high")]
    value = column[row]
    if "since" in model:
        # Percent of the bone that was there then, as trials report a stop or a switch.
        then = 1 + column[_row(step, table, model["since"])] / 100
        value = 100 * ((1 + value / 100) / then - 1)
        ends = [None, None]
    return value, *ends


def _column(step: Step, table: Mapping[str, Any], name: str) -> Any:
    if name not in table:
        raise _missing(step, f"column {name}")
    return table[name]


def _rows(step: Step, table: Mapping[str, Any], place: Mapping[str, Any]) -> list[int]:
    length = len(next(iter(table.values())))
    columns = {name: _column(step, table, name) for name in place}
    return [row for row in range(length)
            if all(_same(columns[name][row], wanted) for name, wanted in place.items())]


def _row(step: Step, table: Mapping[str, Any], place: Mapping[str, Any]) -> int:
    found = _rows(step, table, place)
    if len(found) != 1:
        raise _missing(step, f"exactly one row with {dict(place)}, but {len(found)}")
    return found[0]


def _same(one: Any, other: Any) -> bool:
    numbers = (int, float)
    if isinstance(one, numbers) and isinstance(other, numbers):
        return math.isclose(one, other, abs_tol=1e-6)
    return one == other


def _missing(step: Step, what: str) -> DataError:
    return DataError(f"scenario “{step.title}”", f"must point at what the page {step.dashboard} "
                     f"shows", f"no {what}", None, "question.model")


def _choice(prepared: Prepared, value: Any) -> int:
    holds = [place for place, choice in enumerate(prepared.choices) if _holds(choice, value)]
    if len(holds) != 1:
        raise DataError("scenarios", "must have exactly one choice that holds",
                        f"{len(holds)} for {value!r}", None, "question.choices")
    return holds[0]


def _holds(choice: Mapping[str, Any], value: Any) -> bool:
    if "is" in choice:
        return _same(choice["is"], value)
    return choice.get("above", -math.inf) < value <= choice.get("up_to", math.inf)


def trial_of(prepared: Prepared) -> Trial | None:
    """The trial's number, None for a question without one.

    Raises
    ------
    DataError
        There is no such row in ``data/trials.csv``.
    """
    if not prepared.trial:
        return None
    from osteoteach.evidence import source, table

    for row in table("trials"):
        if row["row_id"] == prepared.trial:
            low, high = row["low"], row["high"]
            people = f"{row['n']:,} people" if row["n"] else "number of people not reported"
            text = (f"{row['trial']}: {_number(row['value'])}% ({row['arm']}; {people}; "
                    f"{source(row['source_id']).short})")
            if low is not None and high is not None:
                text = text.replace("% (", f"% on average, 95% interval of the mean "
                                           f"{_number(low)} to {_number(high)}% (", 1)
            text += (". The model was fitted to this number." if row["role"] == "calibration"
                     else ". The model had not seen this number.")
            return Trial(text, row["value"], low, high, row["source_id"])
    raise DataError("trials.csv", "must have the row that a scenario names", prepared.trial)


def _number(value: float) -> str:
    return f"{value:+g}".replace("-", "−")


def compute_apart(name: str, number: int) -> Expected:
    """The same as `expected`, in a process of its own; takes about a second.

    Raises
    ------
    DataError
        The scenario breaks a rule; the sentence is that of the other process.
    """
    done = subprocess.run([sys.executable, "-m", __name__, name, str(number)], check=False,
                          capture_output=True, text=True, timeout=SECONDS)
    try:
        told = json.loads(done.stdout)
    except ValueError as error:
        raise DataError(f"{name}.yaml", "must have an answer that can be computed",
                        done.stderr.strip().split("\n")[-1][-300:]) from error
    return Expected(**told)


def main(name: str, number: str) -> None:
    """Print the expected answer of one step as JSON."""
    print(json.dumps(asdict(expected(load_list(name).step(int(number))))))


if __name__ == "__main__":
    main(*sys.argv[1:])
