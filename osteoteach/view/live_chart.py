"""LiveChart: a Vega-Lite chart that is drawn once and then only fed new data.

The spec crosses to the page once. After that `LiveChart.patch` sends the columns
that changed, and the page changes the marks of the SVG that is already there.
Drawing a new chart for every move of a slider would cost ten times as long.

The chart is one-way: what a page sends back is ignored, so nothing that a visitor
changes in the browser reaches the model. It does not check that a chart is right,
only that its data are complete; Vega reports a broken spec inside the widget.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

from osteoteach.errors import InputError
from osteoteach.view.chart_inputs import ChartInputs, checked_text
from osteoteach.view.code_once import CodeOnce, code
from osteoteach.view.one_message import Carried

__all__ = ["LiveChart", "engine_text"]

_STATIC = Path(__file__).with_name("static")
# Voila serves the engine too, so that a page can fetch it before its kernel runs.
_SERVED = Path(__file__).parent / "jupyter" / "voila" / "templates" / "osteoteach" / "static"


def engine_text() -> bytes:
    """Return the chart engine, a module of JavaScript."""
    return (_SERVED / "vega_runtime.js").read_bytes()


class VegaRuntime(ipywidgets.Widget):
    """The Vega bundle, as a widget without a view that all charts of a kernel share.

    A bundle of its own in each chart would send 0.9 MB per chart. Here it crosses
    to the page once; or not at all where Voila serves it as a file, unless the page asks
    because the file did not come. The page's half is the plain model of ipywidgets itself.
    """

    bundle = traitlets.Bytes(None, allow_none=True, read_only=True).tag(sync=True)
    _shared: VegaRuntime | None = None

    def __init__(self) -> None:
        super().__init__()
        self.on_msg(self._on_message)

    @functools.cached_property
    def digest(self) -> str:
        return hashlib.sha256(engine_text()).hexdigest()

    @traitlets.default("bundle")
    def _unless_served(self) -> bytes | None:
        is_served = os.environ.get("OSTEOTEACH_ENGINE_IS_SERVED") == "1"
        return None if is_served else engine_text()

    def _on_message(self, _runtime: Any, content: Any, _buffers: Any) -> None:
        if content == {"want": "bundle"}:
            self.send({"bundle": self.digest}, [engine_text()])

    @classmethod
    def shared(cls) -> VegaRuntime:
        """The runtime of this kernel: made for the first chart, and again if closed."""
        if cls._shared is None or cls._shared.comm is None:
            cls._shared = cls()
        return cls._shared

    def set_state(self, sync_data: dict) -> None:
        """Ignore what a page sends: code must not come from there."""


class LiveChart(Carried, CodeOnce, anywidget.AnyWidget):
    """A chart that follows its controls, with a text alternative and save buttons.

    Parameters
    ----------
    spec : dict
        Vega-Lite spec whose data are named: ``{"data": {"name": "scans"}}``.
        Width ``"container"`` makes the chart follow the width of the page.
    data : mapping
        ``{dataset: {column: values}}`` for every dataset that the spec names and
        does not hold itself. Values are finite numbers, text, True/False or None.
    signals : mapping, optional
        Values for params of the spec, ``{"finding": "T-score -2.6"}``, so that a
        title ``{"text": {"expr": "finding"}}`` can change.
    description : str
        What the chart shows, for a reader who cannot see it.

    Raises
    ------
    InputError
        If a name is not in the spec, a dataset is missing, columns differ in
        length, a value is not finite, or the description is empty.

    Examples
    --------
    >>> spec = {"data": {"name": "scans"}, "mark": "point",
    ...         "encoding": {"x": {"field": "age_years", "type": "quantitative"}}}
    >>> chart = LiveChart(spec, data={"scans": {"age_years": [50, 60]}},
    ...                   description="Two scans, at 50 and 60 years.")
    >>> chart.patch(data={"scans": {"age_years": [50, 70]}},
    ...             description="Two scans, at 50 and 70 years.")
    >>> chart.data["scans"]["age_years"]
    [50, 70]
    """

    _esm = code(_STATIC / "live_chart.js")
    _css = code(_STATIC / "live_chart.css")

    spec = traitlets.Dict(read_only=True).tag(sync=True)
    signals = traitlets.Dict().tag(sync=True)
    description = traitlets.Unicode().tag(sync=True)
    filename = traitlets.Unicode("osteoteach-chart").tag(sync=True)
    _datasets = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _runtime = traitlets.Instance(VegaRuntime).tag(sync=True, **ipywidgets.widget_serialization)
    _digest = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        spec: dict[str, Any],
        *,
        data: Mapping[str, Mapping[str, Sequence]],
        signals: Mapping[str, str | float | bool] | None = None,
        description: str,
    ) -> None:
        self._inputs = ChartInputs.of_spec(spec)
        columns = self._inputs.first_data(data)
        # A trait for each dataset: only those that changed are sent again.
        self.add_traits(**{f"data_{name}": traitlets.Dict().tag(sync=True) for name in columns})
        runtime = VegaRuntime.shared()
        self.set_trait("spec", spec)
        super().__init__(
            signals=self._inputs.signals(signals or {}),
            description=checked_text("description", description),
            _datasets=list(columns),
            _runtime=runtime,
            _digest=runtime.digest,
            **{f"data_{name}": table for name, table in columns.items()},
        )

    @classmethod
    def from_altair(cls, chart: Any, *, data: Mapping, description: str) -> LiveChart:
        """The same from an Altair chart, for lessons that build one on the spot.

        Texts among its params are sent as signals: so a title is broken to the width.
        """
        spec = chart.to_dict()
        texts = {param["name"]: param["value"] for param in spec.get("params", [])
                 if isinstance(param.get("value"), str)}
        return cls(spec, data=data, signals=texts, description=description)

    @property
    def data(self) -> dict[str, dict[str, list]]:
        """What is drawn now, as ``{dataset: {column: values}}``."""
        return {name: getattr(self, f"data_{name}") for name in self._datasets}

    def patch(
        self,
        *,
        data: Mapping[str, Mapping[str, Sequence]] | None = None,
        signals: Mapping[str, str | float | bool] | None = None,
        description: str | None = None,
    ) -> None:
        """Change what is drawn, in one message; what stays the same is not sent.

        Datasets and signals that are not named keep their values. If any part
        breaks a rule, InputError is raised and nothing is changed.
        """
        columns = self._inputs.next_data(data or {}, self.data)
        merged = {**self.signals, **self._inputs.signals(signals or {})}
        text = self.description
        if description is not None:
            text = checked_text("description", description)
        with self.hold_sync():
            for name, table in columns.items():
                setattr(self, f"data_{name}", table)
            self.signals = merged
            self.description = text

    def set_state(self, sync_data: dict) -> None:
        """Ignore what a page sends: the chart shows what Python computed."""

    @traitlets.validate("description")
    def _description_says_something(self, proposal: Any) -> str:
        return checked_text("description", proposal["value"])

    @traitlets.validate("filename")
    def _filename_is_a_name(self, proposal: Any) -> str:
        name = checked_text("filename", proposal["value"])
        if any(sign in name for sign in '/\\:*?"<>|'):
            raise InputError(
                "filename",
                "must be a name without a folder or an ending",
                name,
                "Write for example 'noise-two-scans'.",
            )
        return name
