"""Read the lists of prepared scenarios: ``notebooks/scenarios/*.yaml``.

A list is written by a lecturer, so an error names the file, the line and the field. What a
list does not hold is an answer: those are computed when they are shown (`expected`), or are
rows of ``data/trials.csv``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from osteoteach.errors import DataError, InputError
from osteoteach.progress.room_questions import Question

__all__ = ["Prepared", "ScenarioList", "Step", "list_names", "load_list", "read_list"]

NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,59}")


@dataclass(frozen=True)
class Prepared:
    """A question with the way to its answer.

    Parameters
    ----------
    question : Question
    model : mapping
        Where the answer stands among what the dashboard shows (see `expected`).
    choices : sequence of mapping
        For each choice what the model's value must be for it to hold.
    trial : str
        Row of ``data/trials.csv`` that was measured, ``""`` for none.
    contrast_of : int or None
        Step, from 1, whose question this one is a contrast to.
    """

    question: Question
    model: Mapping[str, Any]
    choices: tuple[Mapping[str, Any], ...] = ()
    trial: str = ""
    contrast_of: int | None = None


@dataclass(frozen=True)
class Step:
    """One scenario: what to set, ask, show and say."""

    title: str
    minutes: float
    dashboard: str
    ask: str
    show: str
    notes: str
    point: str
    sources: tuple[str, ...]
    values: Mapping[str, Any] = field(default_factory=dict)
    prepared: Prepared | None = None


@dataclass(frozen=True)
class ScenarioList:
    """A session."""

    name: str
    title: str
    minutes: int
    audience: str
    steps: tuple[Step, ...]
    before: str = ""
    after: str = ""

    def step(self, number: int) -> Step:
        """The step with a number from 1.

        Raises
        ------
        InputError
            There is none.
        """
        if not 1 <= number <= len(self.steps):
            raise InputError("step", f"must be from 1 to {len(self.steps)}", number,
                             "Use the arrows of the presenter bar.")
        return self.steps[number - 1]


def _folders() -> list[Path]:
    """Where lists may lie: where the server says, beside the notebook, in the package."""
    told = os.environ.get("OSTEOTEACH_SCENARIOS")
    package = Path(__file__).resolve().parents[2]
    installed = package / "_notebooks"
    own = installed if installed.is_dir() else package.parent / "notebooks"
    return [*([Path(told)] if told else []), Path.cwd().parent / "scenarios", own / "scenarios"]


def list_names() -> tuple[str, ...]:
    """Names of all lists, for example ``("can_it_be_reversed",)``."""
    return tuple(sorted({path.stem for folder in _folders() for path in folder.glob("*.yaml")
                         if NAME.fullmatch(path.stem)}))


def load_list(name: str) -> ScenarioList:
    """A list by its name.

    Raises
    ------
    InputError
        There is no such list.
    DataError
        Its file breaks a rule.

    Examples
    --------
    >>> load_list("../secrets")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    osteoteach.errors.InputError: present must be one of ...
    """
    if isinstance(name, str) and NAME.fullmatch(name):
        for folder in _folders():
            path = folder / f"{name}.yaml"
            if path.is_file():
                return read_list(path)
    known = ", ".join(list_names())
    raise InputError("present", f"must be one of the scenario lists ({known})",
                     str(name)[:60], "Correct the link.")


def read_list(path: Path) -> ScenarioList:
    """The list in one file, held to its schema."""
    from osteoteach.evidence.documents import document_schema, read_document

    plain = read_document(path, document_schema("scenarios"))
    steps = tuple(_step(path.name, number, one) for number, one in enumerate(plain["steps"], 1))
    return ScenarioList(path.stem, plain["title"], plain["minutes"], plain["for"], steps,
                        plain.get("before", ""), plain.get("after", ""))


def _step(file: str, number: int, plain: Mapping[str, Any]) -> Step:
    rest = {name: value for name, value in plain.items() if name not in ("question", "sources")}
    asked = plain.get("question")
    prepared = None
    if asked is not None:
        try:
            prepared = _prepared(number, asked)
        except InputError as error:
            raise DataError(file, error.rule, error.value, None,
                            f"steps[{number - 1}].question.{error.name}") from error
    return Step(**rest, sources=tuple(plain["sources"]), prepared=prepared)


def _prepared(number: int, asked: Mapping[str, Any]) -> Prepared:
    choices = tuple(asked.get("choices", ()))
    question = Question(
        asked["kind"], asked["prompt"], asked.get("unit", ""), asked.get("low"),
        asked.get("high"), tuple(choice["text"] for choice in choices))
    for choice in choices:
        if len(choice) == 1:
            raise InputError("choices", "must each say when they hold (is, above or up_to)",
                             choice["text"], "Add it.")
    contrast = asked.get("contrast_of")
    if contrast is not None and contrast >= number:
        raise InputError("contrast_of", "must be an earlier step", contrast, "Correct it.")
    return Prepared(question, asked["model"], choices, asked.get("trial", ""), contrast)
