"""What a class is shown at the end of a question: its votes, the model, the trial, the point.

The model's part comes from `osteoteach.view.presenting.expected`, the trial's from
``data/trials.csv``. A question typed by hand has neither, and says so.
"""

from __future__ import annotations

from typing import Any

from osteoteach.evidence import source
from osteoteach.progress.room_questions import Question
from osteoteach.view.classroom.tally import said_number
from osteoteach.view.presenting.expected import Expected, Trial
from osteoteach.view.presenting.scenarios import Step

__all__ = ["model_words", "reveal_of"]


def model_words(question: Question, found: Expected) -> str:
    """The model's answer to a question with its interval, or with the page's sentence."""
    if found.choice is not None:
        said = question.choices[found.choice]
        return found.sentence if found.sentence.startswith(said) else f"{said}. {found.sentence}"
    said = said_number(question, found.value)
    if found.low is not None and found.high is not None:
        return (f"{said} on average; 90 of 100 people lie from "
                f"{said_number(question, found.low)} to {said_number(question, found.high)}.")
    return f"{said}. {found.sentence}"


def reveal_of(question: Question, class_said: str, step: Step | None = None,
              found: Expected | None = None, trial: Trial | None = None) -> dict[str, Any]:
    """Everything that is shown, as JSON-able data.

    Returns
    -------
    dict
        ``parts``: titles and plain texts; ``sources``: links; ``marks``: what the chart
        draws beside the votes.
    """
    parts, sources, marks = [["The class", class_said]], [], {}
    if found is not None and step is not None:
        parts.append(["The model", model_words(question, found)])
        marks = {"choice": found.choice}
        if found.choice is None:
            marks = {"model": found.value, "low": found.low, "high": found.high}
        if trial is not None:
            parts.append(["The trial", trial.text])
            marks["trial"] = trial.value
            sources.append(trial.source_id)
        parts.append(["What to take home", step.point])
        sources += step.sources
    else:
        parts.append(["The model", "This question was typed in by hand, so the model has no "
                                   "answer to it."])
    links = [{"short": source(one).short, "link": source(one).link}
             for one in dict.fromkeys(sources)]
    return {"parts": parts, "sources": links, "marks": marks}
