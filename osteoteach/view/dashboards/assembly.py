"""Put a dashboard together: controls, one chart for each patch, one answer function."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from osteoteach.view.chart_specs import load_spec
from osteoteach.view.live_chart import LiveChart
from osteoteach.view.page import Answer, ChartPatch, Group, Page

__all__ = ["dashboard"]


def dashboard(name: str, title: str, lead: str, groups: Sequence[Group],
              answer: Callable[[dict[str, Any]], Answer],
              hidden: Callable[[dict[str, Any]], set[str]] | None = None) -> Page:
    """The page of a dashboard, its charts filled with the answer to the start values.

    Each chart named in the answer is drawn from the spec ``<name>_<chart>``.
    """
    # A kernel sends from a thread of its own, which by default waits up to 5 ms while an
    # answer is computed. With half a millisecond the first chart is on its way at once.
    sys.setswitchinterval(0.0005)

    def rounded_answer(values: dict[str, Any]) -> Answer:
        found = answer(values)
        return replace(found, charts={key: _rounded(patch) for key, patch in found.charts.items()})

    start = {control.name: control.reading() for group in groups for control in group.controls}
    charts = {}
    for chart, patch in rounded_answer(start).charts.items():
        charts[chart] = LiveChart(load_spec(f"{name}_{chart}"), data=patch.data,
                                  signals=patch.signals, description=patch.description)
        charts[chart].filename = f"osteoteach-{name}-{chart}"
    return Page(title, lead, groups, charts, rounded_answer, hidden)


def _rounded(patch: ChartPatch) -> ChartPatch:
    """The same tables with four decimals: no eye sees more, and a third of the bytes."""
    return replace(patch, data={name: {column: [_short(value) for value in values]
                                       for column, values in table.items()}
                                for name, table in (patch.data or {}).items()})


def _short(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value
