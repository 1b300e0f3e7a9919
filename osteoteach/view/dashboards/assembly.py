"""Put a dashboard together: controls, charts, an answer function, lock and evidence drawer."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from osteoteach.view.chart_specs import load_spec
from osteoteach.view.evidence_drawer import EvidenceDrawer
from osteoteach.view.evidence_rows import RowsUsed
from osteoteach.view.guess_lock import GuessLock
from osteoteach.view.guess_marks import marked
from osteoteach.view.live_chart import LiveChart
from osteoteach.view.page import Answer, ChartPatch, Group, Page

__all__ = ["dashboard"]


def dashboard(name: str, title: str, lead: str, groups: Sequence[Group],
              answer: Callable[[dict[str, Any]], Answer],
              hidden: Callable[[dict[str, Any]], set[str]] | None = None,
              rows_behind: Callable[[dict[str, Any]], Iterable[RowsUsed]] | None = None) -> Page:
    """The page of a dashboard, its charts filled with the answer to the start values.

    Each chart named in the answer is drawn from the spec ``<name>_<chart>``. A page whose
    answers carry a question can ask it first; ``rows_behind`` names the rows of ``data/``
    that the answer to some values rests on.
    """
    # What stands now stays, here and at the end. Python would look through all of it for
    # garbage now and then: 40 ms, for which the first chart or a slider would wait.
    gc.freeze()
    # A kernel sends from a thread of its own, which by default waits up to 5 ms while an
    # answer is computed. With half a millisecond the first chart is on its way at once.
    sys.setswitchinterval(0.0005)

    lock = GuessLock()

    def rounded_answer(values: dict[str, Any]) -> Answer:
        found = answer(values)
        found = marked(found, lock.given(found.guess))
        return replace(found, charts={key: _rounded(patch) for key, patch in found.charts.items()})

    start = {control.name: control.reading() for group in groups for control in group.controls}
    first = rounded_answer(start)

    def known_answer(values: dict[str, Any]) -> Answer:
        # The charts are made from the first answer, and the page asks for it again.
        is_first = values == start and lock.given(first.guess) is None
        return first if is_first else rounded_answer(values)

    charts = {}
    for chart, patch in first.charts.items():
        if lock.may_ask:
            patch = _emptied(patch)
        charts[chart] = LiveChart(load_spec(f"{name}_{chart}"), data=patch.data,
                                  signals=patch.signals, description=patch.description)
        charts[chart].filename = f"osteoteach-{name}-{chart}"

    def used() -> Iterable[RowsUsed] | None:
        return None if page.frame.locked else rows_behind(page.values())

    drawer = EvidenceDrawer(used if rows_behind else None)
    page = Page(title, lead, groups, charts, known_answer, hidden,
                parts={"below_answer": drawer}, lock=lock)
    gc.freeze()
    return page


def _emptied(patch: ChartPatch) -> ChartPatch:
    """The same chart before the guess: its tables and texts are there and say nothing."""
    nothing = {str: "", bool: False, int: 0, float: 0.0}
    return ChartPatch(
        data={name: {column: [] for column in table} for name, table in (patch.data or {}).items()},
        signals={name: nothing[type(value)] for name, value in (patch.signals or {}).items()},
        description="Shown after your guess.")


def _rounded(patch: ChartPatch) -> ChartPatch:
    """The same tables with four digits: no eye sees more, and a third of the bytes."""
    return replace(patch, data={name: {column: _short(values) for column, values in table.items()}
                                for name, table in (patch.data or {}).items()})


def _short(values: list[Any]) -> list[Any]:
    if set(map(type, values)) == {float}:
        return list(map(float, map("{:.4g}".format, values)))
    return [float(f"{value:.4g}") if isinstance(value, float) else value for value in values]
