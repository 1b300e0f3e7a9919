"""What a dashboard says about one set of values, and what a page needs of its parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from osteoteach.errors import InputError
from osteoteach.view.control import Control

__all__ = ["FOLDS", "SEVERITIES", "Answer", "Chart", "ChartPatch", "Group", "Lock", "Part",
           "Text", "controls_by_name"]

#: Texts of an answer that stand folded below its charts.
FOLDS = ("why", "how_sure", "sources")
#: Kinds of warning, the most severe first, with the word before each (`page.js` has them too).
SEVERITIES = {"contraindicated": "Contraindicated", "warning": "Warning", "model": "Model error",
              "caution": "Caution", "info": "Note"}
#: A text, or what writes it when it is wanted: writing may take longer than the answer.
Text = str | Callable[[], str]


@dataclass(frozen=True)
class ChartPatch:
    """What changes in one chart.

    Parameters
    ----------
    data : mapping, optional
        New tables by their name in the chart's spec.
    signals : mapping, optional
        New values of the spec's signals (Vega-Lite parameters).
    description : str, optional
        The chart in words, for readers who do not see it.
    """

    data: Mapping[str, Any] | None = None
    signals: Mapping[str, Any] | None = None
    description: str | None = None


@dataclass(frozen=True)
class Answer:
    """What a dashboard says about one set of values.

    Parameters
    ----------
    sentence : str
        The answer, plain text. Shown large, and read out by screen readers.
    why, how_sure, sources : str or callable
        HTML for the three folds, or what returns it; see :meth:`fold`. The dashboard
        escapes what it puts in.
    charts : mapping of str to ChartPatch
        Only the charts that change.
    tone : str
        Colour of the answer's edge: ``""``, ``"normal"``, ``"low"`` or
        ``"osteoporosis"``. The sentence must say the same in words.
    warnings : sequence of (str, str)
        Severity (one of `SEVERITIES`) and plain text. Contraindications, warnings and errors
        of the model stand open below the answer, the others fold.
    guess : Guessable, optional
        What the reader may be asked before this answer is shown (``teaching.guesses``).
    guess_place : GuessPlace, optional
        Where on which chart that guess stands afterwards (``view.guess_marks``).
    """

    sentence: str
    why: Text = ""
    how_sure: Text = ""
    sources: Text = ""
    charts: Mapping[str, ChartPatch] = field(default_factory=dict)
    tone: Literal["", "normal", "low", "osteoporosis"] = ""
    warnings: Sequence[tuple[str, str]] = ()
    guess: Any = None
    guess_place: Any = None

    def fold(self, name: str) -> str:
        """Return the text of one of `FOLDS`, written now if it was not yet.

        Examples
        --------
        >>> Answer("Normal.", why=lambda: "<p>T is 0.</p>").fold("why")
        '<p>T is 0.</p>'
        """
        text = getattr(self, name)
        return text() if callable(text) else text


@dataclass(frozen=True)
class Group:
    """Controls that belong together, under one label (``""`` for none)."""

    label: str
    controls: Sequence[Control]


def controls_by_name(groups: Sequence[Group]) -> dict[str, Control]:
    """Return the controls of all groups by their names.

    Raises
    ------
    InputError
        If two controls share a name.
    """
    found: dict[str, Control] = {}
    for group in groups:
        for control in group.controls:
            if control.name in found:
                rule = "is given to two controls of one page"
                raise InputError(control.name, rule, control.label, "Rename one of them.")
            found[control.name] = control
    return found


class Part(Protocol):
    """A further widget that the page mounts in one of its places."""

    @property
    def model_id(self) -> str: ...


class Lock(Part, Protocol):
    """Holds an answer back until the reader has guessed it (see ``guess_lock``)."""

    def held_back(self, answer: Answer) -> bool:
        """Whether ``answer`` must wait, and take note of it for the moment it is shown."""

    def on_release(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` whenever waiting starts or ends."""


class Chart(Protocol):
    """What the page needs of a chart: a widget that can be patched in place."""

    @property
    def model_id(self) -> str: ...

    def patch(self, *, data: Any, signals: Any, description: Any) -> None: ...
