"""Put a dashboard together: controls, one chart for each patch, one answer function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from osteoteach.view.chart_specs import load_spec
from osteoteach.view.live_chart import LiveChart
from osteoteach.view.page import Answer, Group, Page

__all__ = ["dashboard"]


def dashboard(name: str, title: str, lead: str, groups: Sequence[Group],
              answer: Callable[[dict[str, Any]], Answer],
              hidden: Callable[[dict[str, Any]], set[str]] | None = None) -> Page:
    """The page of a dashboard, its charts filled with the answer to the start values.

    Each chart named in the answer is drawn from the spec ``<name>_<chart>``.
    """
    start = {control.name: control.reading() for group in groups for control in group.controls}
    charts = {}
    for chart, patch in answer(start).charts.items():
        charts[chart] = LiveChart(load_spec(f"{name}_{chart}"), data=patch.data,
                                  signals=patch.signals, description=patch.description)
        charts[chart].filename = f"osteoteach-{name}-{chart}"
    return Page(title, lead, groups, charts, answer, hidden)
