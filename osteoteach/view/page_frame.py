"""The visible frame of a page: one widget whose traits are the texts that change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import anywidget
import traitlets

from osteoteach.view.answer import Group, Part
from osteoteach.view.code_once import CodeOnce, code
from osteoteach.view.control import script, style
from osteoteach.view.one_message import Carried

__all__ = ["PageFrame"]


class PageFrame(Carried, CodeOnce, anywidget.AnyWidget):
    """The visible frame. Its traits are the texts that change; layout is built once."""

    _esm = code(script("page_tools.js", "page_theme.js", "kernel_gone.js", "page_banners.js",
                       "mounting.js", "page.js"))
    _css = code(style("page.css", "page_print.css"))

    title = traitlets.Unicode().tag(sync=True)
    lead = traitlets.Unicode().tag(sync=True)
    groups = traitlets.List().tag(sync=True)
    charts = traitlets.Dict().tag(sync=True)

    sentence = traitlets.Unicode("").tag(sync=True)
    tone = traitlets.Enum(["", "normal", "low", "osteoporosis"], "").tag(sync=True)
    why = traitlets.Unicode("").tag(sync=True)
    how_sure = traitlets.Unicode("").tag(sync=True)
    sources = traitlets.Unicode("").tag(sync=True)
    stale = traitlets.Bool(False).tag(sync=True)
    warnings = traitlets.List([]).tag(sync=True)
    #: Further widgets by their place: "tools", "lock", "below_answer", "below_charts".
    parts = traitlets.Dict().tag(sync=True)
    #: The answer waits for a guess: charts, folds and warnings are not shown.
    locked = traitlets.Bool(False).tag(sync=True)
    notice = traitlets.Unicode("").tag(sync=True)
    fault = traitlets.Unicode("").tag(sync=True)

    can_undo = traitlets.Bool(False).tag(sync=True)
    can_redo = traitlets.Bool(False).tag(sync=True)
    #: What differs from the start, as the query of a link.
    link = traitlets.Unicode("").tag(sync=True)
    #: What a link said that was not taken over, one sentence each.
    link_problems = traitlets.List(traitlets.Unicode(), []).tag(sync=True)
    #: The query that the page was opened with has been taken over.
    linked = traitlets.Bool(False).tag(sync=True)

    @classmethod
    def holding(cls, title: str, lead: str, groups: Sequence[Group],
                charts: Mapping[str, Part], parts: Mapping[str, Part]) -> PageFrame:
        """Return a frame that mounts these widgets, by their places."""
        return cls(
            title=title, lead=lead,
            groups=[{"label": group.label, "widgets": [one.model_id for one in group.controls]}
                    for group in groups],
            charts={name: chart.model_id for name, chart in charts.items()},
            parts={place: part.model_id for place, part in parts.items()})

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Ignore what a browser sends: the frame shows what Python computed."""
