"""The charts of a lesson as pictures.

A saved lesson holds the text of its outputs but no chart, because a chart there is a live
widget. So the lesson's cells are run once more, in this process, and each chart is caught
on its way to the page. Questions and dashboards are not run: nobody is there to answer.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from unittest import mock

import osteoteach
from osteoteach.view.live_chart import LiveChart

__all__ = ["LiveParts", "Picture", "Standing", "svg"]

CHART_WIDTH_PX = 440  # so that a phone need not shrink it much
VEGA_LITE = "6.1"  # the version that Altair 6 writes


@dataclass(frozen=True)
class Picture:
    """A chart as SVG, with its text alternative."""

    svg: str
    description: str


@dataclass(frozen=True)
class Standing:
    """What stands in a static page where the lesson has something live."""

    sentence: str
    dashboard: str | None = None


class LiveParts:
    """Runs the cells of one lesson and keeps what each would have shown live."""

    def __init__(self) -> None:
        self._shown: list[Picture | Standing] = []
        self._names: dict[str, Any] = {"display": self._keep}

    def run(self, code: str) -> list[Picture | Standing]:
        """What this cell draws or asks; its printed text is dropped, the lesson has it."""
        self._shown = []
        with self._stand_ins(), contextlib.redirect_stdout(io.StringIO()):
            exec(compile(code, "<cell>", "exec"), self._names)
        return self._shown

    def _keep(self, part: Picture | Standing, **_options: Any) -> None:
        self._shown.append(part)

    @contextlib.contextmanager
    def _stand_ins(self) -> Iterator[None]:
        """Catch charts on their way to a page; ask nobody."""
        with contextlib.ExitStack() as stack:
            for name, stand_in in (
                    ("quiz", lambda *_, **__: self._keep(_asked(many=True))),
                    ("ask", lambda *_: self._keep(_asked(many=False))),
                    ("show_dashboard", lambda name: self._keep(_dashboard(name)))):
                stack.enter_context(mock.patch.object(osteoteach, name, stand_in))
            stack.enter_context(mock.patch.object(LiveChart, "from_altair", _picture))
            stack.enter_context(mock.patch("IPython.display.display", self._keep))
            yield


def _picture(chart: Any, *, data: Mapping, description: str) -> Picture:
    return Picture(svg(chart.to_dict()), description)


def _asked(many: bool) -> Standing:
    words = "Questions wait" if many else "A question waits"
    return Standing(f"{words} here in the live lesson. A page without Python cannot mark "
                    "answers: open the lesson with `osteoteach lab`.")


def _dashboard(name: str) -> Standing:
    return Standing("The live page stands here in the live lesson. Open it with "
                    "`osteoteach apps`, or open the lesson with `osteoteach lab`.", name)


def svg(spec: Mapping[str, Any]) -> str:
    """Draw a Vega-Lite spec without a browser and without a network.

    Examples
    --------
    >>> svg({"data": {"values": [{"x": 1}]}, "mark": "point", "width": "container",
    ...      "encoding": {"x": {"field": "x", "type": "quantitative"}}})[:4]  # doctest: +SKIP
    '<svg'
    """
    import vl_convert  # only the documentation needs it

    return vl_convert.vegalite_to_svg(without_container(spec), vl_version=VEGA_LITE,
                                      allowed_base_urls=[])


def without_container(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The same spec with a width of its own: a picture has no page to follow.

    Examples
    --------
    >>> without_container({"width": "container", "mark": "bar"})
    {'width': 440, 'mark': 'bar'}
    """
    return {key: CHART_WIDTH_PX if (key, value) == ("width", "container") else value
            for key, value in spec.items()}
