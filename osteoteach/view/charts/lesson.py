"""Charts that lessons draw on the spot: courses, markers, single persons, bars, icons.

Pure functions of plain lists. Each chart says in its ``description`` what it shows.
They are not among the built specs, because a lesson may take the second that Altair needs.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from osteoteach.view.charts.look import FONT, finding_title, once
from osteoteach.view.palette import AS_NOW, GRID, INK, MUTED, OTHER_PLAN, PLAN, PRECURSORS, RESERVE

__all__ = ["bars", "courses", "icons", "persons"]

COLOURS = (PLAN, OTHER_PLAN, PRECURSORS, RESERVE, AS_NOW)
DASHES = ((1, 0), (7, 4), (2, 3), (10, 3, 2, 3), (4, 2))
#: Icons in one row: 1,000 persons are 25 rows of 40.
A_ROW = 40
#: So much of the longest bar is left free for the number behind it.
ROOM_FOR_NUMBERS = 0.09
#: What a line takes on a phone: letters of a subtitle and of a title, pixels of one more line.
SUBTITLE_LETTERS = 48
TITLE_LETTERS = 40
LINE_PX = 20
#: Below this width of the drawing (px) names of a legend stand below each other.
NARROW_PX = 480
_MINUS = re.compile(r"(?<![\w.])-(?=\d)")


def courses(lines: Mapping[str, tuple[Sequence[float], Sequence[float]]], y_title: str,
            title: str, band: tuple[Sequence[float], ...] | None = None,
            level: float = 0.0) -> alt.LayerChart:
    """Lines over years, each with its name, colour and dash; a band around the first.

    Parameters
    ----------
    lines : mapping of name to (years, values)
    band : (years, low, high), optional
    level : float
        Where a thin rule stands: what "unchanged" is.
    """
    rows = [{"years": time, "value": value, "name": name}
            for name, (times, values) in lines.items()
            for time, value in zip(times, values, strict=True)]
    names = list(lines)
    x, y = _years(), alt.Y("value:Q", title=y_title, scale=alt.Scale(zero=False))
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=x, y=y)
    drawn = base.mark_line(strokeWidth=2.5).encode(
        color=alt.Color("name:N", title=None, sort=names, scale=alt.Scale(
            domain=names, range=list(COLOURS[:len(names)]))),
        strokeDash=alt.StrokeDash("name:N", title=None, sort=names, scale=alt.Scale(
            domain=names, range=[list(dash) for dash in DASHES[:len(names)]])))
    layers = [once().mark_rule(color=MUTED).encode(y=alt.datum(level))]
    if band is not None:
        around = [{"years": time, "low": low, "high": high}
                  for time, low, high in zip(*band, strict=True)]
        layers.append(alt.Chart(alt.InlineData(values=around)).mark_area(
            color=PLAN, opacity=0.16).encode(x=x, y=alt.Y("low:Q", title=y_title), y2="high:Q"))
    said = "; ".join(f"{name}: {values[0]:.1f} to {values[-1]:.1f}"
                     for name, (_, values) in lines.items())
    shaded = f"Shaded: 90% band of “{names[0]}”, as people and studies differ" if band else ""
    return _finished(alt.layer(*layers, drawn), title, f"{title}. {y_title}, from the start to "
                     f"the end. {said}.", 300, shaded)


def persons(times: Sequence[float], changes: Sequence[Sequence[float]], mean: Sequence[float],
            title: str) -> alt.LayerChart:
    """Simulated persons as thin lines, their mean as a thick one."""
    rows = [{"years": time, "change": value, "person": number}
            for number, course in enumerate(changes)
            for time, value in zip(times, course, strict=True)]
    x, y = _years(), alt.Y("change:Q", title="Change of BMD (%)")
    thin = alt.Chart(alt.InlineData(values=rows)).mark_line(
        color=PLAN, opacity=0.45, strokeWidth=1).encode(x=x, y=y, detail="person:N")
    thick = alt.Chart(alt.InlineData(values=[
        {"years": time, "change": value} for time, value in zip(times, mean, strict=True)
    ])).mark_line(color=INK, strokeWidth=3).encode(x=x, y=y)
    zero = once().mark_rule(color=MUTED).encode(y=alt.datum(0))
    ends = sorted(course[-1] for course in changes)
    return _finished(alt.layer(zero, thin, thick), title, (
        f"{title}. {len(ends)} simulated persons; after {times[-1]:g} years the lowest stands at "
        f"{ends[0]:.1f}%, the highest at {ends[-1]:.1f}%, the mean at {mean[-1]:.1f}%."), 300,
        "Thin: one person each. Thick: the mean")


def bars(values: Mapping[str, float], unit: str, title: str,
         intervals: Mapping[str, tuple[float, float]] | None = None) -> alt.LayerChart:
    """One number a row, with its interval where there is one."""
    rows = [{"name": _MINUS.sub("\N{MINUS SIGN}", name), "value": value, "text": _short(value),
             "low": (intervals or {}).get(name, (value, value))[0],
             "high": (intervals or {}).get(name, (value, value))[1],
             "end": max(value, 0, (intervals or {}).get(name, (value, value))[1])}
            for name, value in values.items()]
    lowest, highest = min(0, *(row["low"] for row in rows)), max(row["end"] for row in rows)
    span = highest - lowest or 1
    # A share of the width on a desk; on a phone the pixels that the longest number takes.
    share = f"max({ROOM_FOR_NUMBERS}, {12 + 8 * max(len(row['text']) for row in rows)} / width)"
    scale = alt.Scale(domainMin=lowest, nice=False, domainMax=alt.ExprRef(
        f"{lowest!r} + {span!r} / (1 - min(0.5, {share}))"))
    x = alt.X("value:Q", title=unit, scale=scale, axis=alt.Axis(
        tickCount=8, format="~f", labelFlush=False))
    y = alt.Y("name:N", title=None, sort=None, axis=alt.Axis(
        ticks=False, domain=False, labelPadding=8, labelLimit=300))
    base = alt.Chart(alt.InlineData(values=rows))
    drawn = base.mark_bar(color=PLAN, height=16).encode(x=x, x2=alt.datum(0), y=y)
    interval = base.mark_rule(color=INK, strokeWidth=2).encode(
        x=alt.X("low:Q", title=unit), x2="high:Q", y=y)
    # Beyond the interval, so that no line strikes the number through.
    texts = base.mark_text(align="left", dx=8).encode(
        x=alt.X("end:Q", title=unit), y=y, text="text:N")
    said = "; ".join(f"{row['name']}: {row['text']}" for row in rows)
    return _finished(alt.layer(drawn, interval, texts), title, f"{title}. {said}.",
                     34 * len(rows) + 80,
                     "Line: 95% interval or range, as in the table" if intervals else "")


def icons(without: int, with_: int, of: int, event: str, title: str) -> alt.LayerChart:
    """Persons as marks in one fixed order: event either way, changed by treatment, neither."""
    both, changed = min(without, with_), abs(without - with_)
    kinds = (f"{event} either way",
             f"{event} only with treatment ({changed})" if with_ > without
             else f"spared by treatment ({changed})", f"no {event}")
    rows = [{"column": number % A_ROW, "row": number // A_ROW,
             "kind": kinds[0 if number < both else 1 if number < both + changed else 2]}
            for number in range(of)]
    legend = alt.Legend(columns=alt.ExprRef(f"width < {NARROW_PX} ? 1 : 3"))
    drawn = alt.Chart(alt.InlineData(values=rows)).mark_point(
        filled=True, size=52, opacity=1).encode(
        x=alt.X("column:Q", axis=None), y=alt.Y("row:Q", axis=None, sort="descending"),
        color=alt.Color("kind:N", title=None, sort=list(kinds), legend=legend, scale=alt.Scale(
            domain=list(kinds), range=[OTHER_PLAN, PRECURSORS if with_ > without else PLAN,
                                       GRID])),
        shape=alt.Shape("kind:N", title=None, sort=list(kinds), legend=legend, scale=alt.Scale(
            domain=list(kinds), range=["triangle-up", "square", "circle"])))
    return _finished(alt.layer(drawn), title, (
        f"{title}. Of {of} people {without} have the event ({event}) without treatment, "
        f"{with_} with it. One mark is one person, always in the same order."), 340)


def _years() -> alt.X:
    return alt.X("years:Q", title="Years from today", axis=alt.Axis(
        grid=False, tickCount=10, format="~f", labelFlush=False))


def _short(value: float) -> str:
    """A number behind a bar: one decimal from 1 on, two figures below.

    Examples
    --------
    >>> _short(5.807), _short(108), _short(0.5), _short(0.123), _short(-0.84)
    ('5.8', '108', '0.5', '0.12', '\N{MINUS SIGN}0.84')
    """
    text = f"{value:.1f}".removesuffix(".0") if abs(value) >= 1 else f"{value:.2g}"
    return text.replace("-", "\N{MINUS SIGN}")


def _finished(chart: alt.LayerChart, title: str, description: str, height: int,
              subtitle: str = "") -> Any:
    below = textwrap.wrap(subtitle, SUBTITLE_LETTERS)
    told = {"subtitle": below, "subtitleFontSize": 13, "subtitleColor": MUTED} if below else {}
    title = _MINUS.sub("\N{MINUS SIGN}", title)
    # The page breaks the title to its width; on a phone each line takes height.
    more = math.ceil(len(title) / TITLE_LETTERS) + len(below) - 2
    heading, finding = finding_title(title)
    for name, value in told.items():
        heading[name] = value
    return (
        chart.properties(width="container", height=height + LINE_PX * max(0, more),
                         description=description, title=heading,
                         autosize=alt.AutoSizeParams(type="fit", contains="padding"))
        .add_params(finding)
        .configure(font=FONT, background="transparent")
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=13, titleFontSize=13, titleFontWeight="normal",
                        labelColor=INK, titleColor=INK, gridColor=GRID, domainColor=MUTED,
                        tickColor=MUTED, titlePadding=8)
        .configure_legend(labelFontSize=13, labelColor=INK, orient="top", labelLimit=320)
        .configure_text(fontSize=13, color=INK)
    )
