"""The part of the page "Who breaks a bone?" that holds screening tools up as tests."""

from __future__ import annotations

import functools
from typing import Any

from osteoteach.evidence import table
from osteoteach.model.screening_tools import tool_accuracy, tool_names
from osteoteach.model.screening_yield import (
    AGE_GROUPS,
    ScreeningYield,
    screening_yield,
    tool_scores,
)
from osteoteach.view.controls import ChoiceControl, NumberControl
from osteoteach.view.html import data_table, prose, short_link
from osteoteach.view.page import ChartPatch, Group

__all__ = ["screening_controls", "screening_patch", "screening_sources", "screening_table"]

LABELS = {"ost": "OST", "orai": "ORAI", "score": "SCORE", "abone": "ABONE",
          "body_weight": "Body weight", "osiris": "OSIRIS"}


def screening_sources(tool: str) -> list[str]:
    """Sources of a tool and of its published accuracy."""
    return list(dict.fromkeys(row["source_id"] for row in table("screening_tools")
                              if row["tool"] == tool))


def screening_controls() -> Group:
    """Which tool, for whom, and how its cut-off is moved."""
    return Group("Choose which women to scan", [
        ChoiceControl("tool", "Tool", [(LABELS[name], name) for name in tool_names()], "ost"),
        ChoiceControl("tool_ages", "Women of", [(ages, ages) for ages in AGE_GROUPS], "50-64"),
        NumberControl("tool_shift", "Move its cut-off by", "points (kg)", -20, 20, 1, 0,
                      help="0 is the published cut-off."),
    ])


def _yields(values: dict[str, Any]) -> tuple[ScreeningYield, ScreeningYield]:
    """At the published cut-off, and at the moved one."""
    usual = screening_yield(values["tool"], ages=values["tool_ages"])
    return usual, screening_yield(values["tool"], usual.cut_off + values["tool_shift"],
                                  values["tool_ages"])


def screening_patch(values: dict[str, Any]) -> ChartPatch:
    """Found against sent in vain, for every cut-off, with published studies beside it."""
    usual, now = _yields(values)
    points = _line(values["tool"], values["tool_ages"])
    studies = [one for one in tool_accuracy(values["tool"])
               if one.sensitivity_pct is not None and one.specificity_pct is not None]
    label = LABELS[values["tool"]]
    women = _of_1000(now)
    return ChartPatch(
        data={
            "line": {"vain": [x for x, _ in points], "found": [y for _, y in points]},
            "now": {"vain": [_place(now)[0]], "found": [_place(now)[1]]},
            "usual": {"vain": [_place(usual)[0]], "found": [_place(usual)[1]]},
            "studies": {"vain": [100 - one.specificity_pct for one in studies],
                        "found": [one.sensitivity_pct for one in studies],
                        "who": [f"{one.population}: {one.cut_off}" for one in studies]},
        },
        signals={"finding": f"{label}, women of {values['tool_ages'].replace('-', ' to ')}: finds "
                            f"{_place(now)[1]:.0f} of 100 with osteoporosis, sends "
                            f"{_place(now)[0]:.0f} of 100 without"},
        description=(f"{label} as a test for osteoporosis at the femoral neck in women of "
                     f"{values['tool_ages']}. At this cut-off, of 1,000 women {women['found']} are "
                     f"found, {women['missed']} missed, {women['vain']} sent in vain and "
                     f"{women['spared']} rightly not sent. Dots of published studies: "
                     f"{len(studies)}."))


@functools.lru_cache(maxsize=16)
def _line(tool: str, ages: str) -> list[tuple[float, float]]:
    """The place of every cut-off, in order; the same wherever the cut-off stands now."""
    yields = (screening_yield(tool, score, ages) for score in tool_scores(tool, ages))
    return sorted({(0.0, 0.0), (100.0, 100.0), *map(_place, yields)})


def _place(one: ScreeningYield) -> tuple[float, float]:
    """Sent in vain and found, of 100 without and with osteoporosis."""
    return 100 * (1 - one.specificity), 100 * one.sensitivity


def _of_1000(one: ScreeningYield) -> dict[str, int]:
    cells = {"found": one.found, "missed": one.missed, "vain": one.sent_in_vain,
             "spared": one.spared}
    return {name: round(1000 * count / one.women) for name, count in cells.items()}


def _percent(share: float | None) -> str:
    return "nobody" if share is None else f"{100 * share:.0f} of 100"


def screening_table(values: dict[str, Any]) -> str:
    """The same as four cells and as shares; below it what studies printed."""
    usual, now = _yields(values)
    rows = [(words, *(f"{_of_1000(one)[name]}" for one in (usual, now))) for words, name in (
        ("With osteoporosis, sent", "found"), ("With osteoporosis, missed", "missed"),
        ("Without, sent in vain", "vain"), ("Without, not sent", "spared"))]
    rows += [(words, _percent(getattr(usual, name)), _percent(getattr(now, name)))
             for words, name in (
                 ("Sensitivity", "sensitivity"), ("Specificity", "specificity"),
                 ("Has it if sent", "positive_predictive_value"),
                 ("Free of it if not sent", "negative_predictive_value"))]
    label = LABELS[values["tool"]]
    text = data_table(f"{label} among 1,000 simulated women of {values['tool_ages']}",
                      ("What", "Published cut-off", "Cut-off of the page"), rows)
    studies = [(prose(one.population), prose(one.target), prose(one.cut_off),
                f"{one.sensitivity_pct:g}%", f"{one.specificity_pct:g}%",
                short_link(one.source_id))
               for one in tool_accuracy(values["tool"]) if one.sensitivity_pct is not None]
    if studies:
        text += data_table(f"{label} in published studies", (
            "Whom", "What was to be found", "Cut-off", "Sensitivity", "Specificity", "Source"),
            studies)
    return text
