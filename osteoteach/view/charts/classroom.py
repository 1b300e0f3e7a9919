"""Charts of the page "Ask the class": votes beside the model and the trial."""

from __future__ import annotations

import altair as alt

from osteoteach.view.charts.look import styled
from osteoteach.view.palette import GRID, INK, MUTED, OTHER_PLAN, PLAN

__all__ = ["choice_votes", "number_votes"]

#: Votes are grey, so that the model's and the trial's marks stand out.
VOTES = "#9aa7b4"


def number_votes() -> alt.LayerChart:
    """Histogram of numbers, an earlier round as an outline, the model and the trial as lines.

    Tables: ``votes`` and ``before`` (start, end, count), ``band`` (low, high), ``model`` and
    ``trial`` (value, label, side). Parameters: ``axis_low``, ``axis_high``, ``axis_top``,
    ``unit``.
    """
    params = [alt.param(name=name, value=value) for name, value in (
        ("axis_low", 0), ("axis_high", 1), ("axis_top", 10), ("unit", ""))]
    # The ends come with the question; a spec cannot know them.
    scale = alt.Scale(domainMin=alt.ExprRef("axis_low"), domainMax=alt.ExprRef("axis_high"),
                      nice=False, zero=False)
    axis = alt.Axis(title=None, labelExpr="replace(datum.label, '-', '−') + unit", grid=False,
                    labelFlush=False)
    x = alt.X("start:Q", scale=scale, axis=axis)
    y = alt.Y("count:Q", title="Votes", axis=alt.Axis(tickMinStep=1, format="d"),
              scale=alt.Scale(domainMin=0, domainMax=alt.ExprRef("axis_top"), nice=False))
    at = alt.X("value:Q", scale=scale, axis=axis)
    band = alt.Chart(alt.NamedData("band")).mark_rect(color=PLAN, opacity=0.13).encode(
        x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q")
    votes = alt.Chart(alt.NamedData("votes")).mark_rect(
        color=VOTES, stroke=GRID).encode(x=x, x2="end:Q", y=y, y2=alt.datum(0))
    before = alt.Chart(alt.NamedData("before")).transform_filter("datum.count > 0").mark_rect(
        filled=False, stroke=INK, strokeWidth=2, strokeDash=[4, 3]).encode(
        x=x, x2="end:Q", y=y, y2=alt.datum(0))
    layers = [band, votes, before]
    for table, colour, dash, dy in (("model", PLAN, [1, 0], 2), ("trial", OTHER_PLAN, [7, 4], 22)):
        data = alt.Chart(alt.NamedData(table))
        layers.append(data.mark_rule(color=colour, strokeWidth=3, strokeDash=dash).encode(x=at))
        layers += [
            data.transform_filter(f"datum.side == '{side}'").mark_text(
                align=align, dx=dx, dy=dy, baseline="top", fontSize=15, fontWeight=600,
                color=colour).encode(
                x=at, y=alt.value(0), text="label:N")
            for side, align, dx in (("right", "left", 7), ("left", "right", -7))]
    # Only where there is a band; below the names of the lines.
    layers.append(alt.Chart(alt.NamedData("band")).mark_text(
        align="right", baseline="top", fontSize=12, color=MUTED, dy=46).encode(
        x=alt.value("width"), y=alt.value(0), text=alt.datum("Band: 90 of 100 people")))
    return styled(alt.layer(*layers).add_params(*params), 380)


def choice_votes() -> alt.LayerChart:
    """Votes by choice, an earlier round as an outline; what the model says stands in words.

    Tables: ``votes`` (row, text, count, colour) and ``before`` (row, count).
    """
    y = alt.Y("row:O", axis=None, scale=alt.Scale(padding=0.5))
    x = alt.X("count:Q", title="Votes", scale=alt.Scale(domainMin=0, nice=True),
              axis=alt.Axis(tickMinStep=1, format="d"))
    bars = alt.Chart(alt.NamedData("votes")).mark_bar(size=18).encode(
        x=x, y=y, color=alt.Color("colour:N", scale=None))
    before = alt.Chart(alt.NamedData("before")).mark_bar(
        size=18, filled=False, stroke=INK, strokeWidth=2, strokeDash=[4, 3]).encode(x=x, y=y)
    # Above its bar, where a long choice has the whole width.
    names = alt.Chart(alt.NamedData("votes")).mark_text(
        align="left", baseline="bottom", fontWeight=600, yOffset=-13,
        # On a phone a long choice is whole only in smaller letters.
        fontSize=alt.ExprRef("width < 400 ? 12 : 15"), limit=alt.ExprRef("width")).encode(
        x=alt.value(0), y=y, text="text:N")
    return styled(alt.layer(bars, before, names), 380)
