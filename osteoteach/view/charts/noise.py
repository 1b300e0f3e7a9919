"""Charts of the page "Is the change real?"."""

from __future__ import annotations

import altair as alt

from osteoteach.view.charts.look import (
    category_scale,
    guess_in_words,
    key_words,
    once,
    shape_scale,
    styled,
)
from osteoteach.view.palette import CATEGORY_COLOURS, INK, MUTED, PLAN

__all__ = ["change_distribution", "regression_to_mean", "repeated_scans"]

_TICKS = alt.Axis(values=[-20, -10, 0, 10, 20])
_SHOWN = alt.Scale(
    domain=["loss shown", "no change shown", "gain shown"],
    range=[CATEGORY_COLOURS["osteoporosis"], "#9aa7b4", CATEGORY_COLOURS["normal"]])


def repeated_scans() -> alt.LayerChart:
    """Ten scans of one unchanged person, by class of the reported T-score.

    Tables: ``scans`` (scan, score, category, text), ``lines`` (score, label),
    ``truth`` (score).
    """
    x = alt.X("scan:O", title="Scan number", axis=alt.Axis(labelAngle=0))
    # Above 1.2, where hardly a scan falls, is the row of numbers.
    scale = alt.Scale(domain=[-4.8, 2.4], nice=False)
    y = alt.Y("score:Q", title="T-score", scale=scale,
              axis=alt.Axis(values=list(range(-4, 2))))
    rules = alt.Chart(alt.NamedData("lines")).mark_rule(color=INK, strokeDash=[4, 3]).encode(y=y)
    names = alt.Chart(alt.NamedData("lines")).mark_text(
        align="left", dx=6, fontSize=12, lineBreak="|", lineHeight=14,
        # Each name stands on the side of the line that it names.
        dy=alt.ExprRef("datum.score > -2 ? -21 : 7")).encode(
        x=alt.value("width"), y=y, text="label:N")
    truth = alt.Chart(alt.NamedData("truth")).mark_rule(color=MUTED, strokeWidth=2).encode(y=y)
    points = alt.Chart(alt.NamedData("scans")).mark_point(
        filled=True, size=120, opacity=1).encode(
        x=x, y=y, color=alt.Color("category:N", scale=category_scale(), legend=None),
        shape=alt.Shape("category:N", scale=shape_scale(), legend=None))
    # In one row above the lines, where no line crosses a number.
    # Upright where ten numbers have no room side by side (a phone).
    values = alt.Chart(alt.NamedData("scans")).mark_text(
        fontSize=12, baseline="middle", angle=alt.ExprRef("width < 380 ? 270 : 0"),
        yOffset=alt.ExprRef("width < 380 ? 17 : 8")).encode(
        x=x, y=alt.value(0), text="text:N")
    return styled(alt.layer(rules, truth, names, points, values,
                            guess_in_words()), 320)


def change_distribution() -> alt.LayerChart:
    """Where the observed change between two scans falls, and what would be called real.

    Tables: ``density`` (change, density, shown), ``limits`` (change, label).
    """
    x = alt.X("change:Q", title="Observed change between two scans (%)",
              scale=alt.Scale(domain=[-32, 32], nice=False),
              axis=alt.Axis(values=[-30, -20, -10, 0, 10, 20, 30], grid=False))
    area = alt.Chart(alt.NamedData("density")).mark_area(opacity=0.85).encode(
        x=x, y=alt.Y("density:Q", axis=None, scale=alt.Scale(domainMin=0)),
        color=alt.Color("shown:N", scale=_SHOWN, title=None))
    limits = alt.Chart(alt.NamedData("limits")).mark_rule(
        color=INK, strokeDash=[4, 3]).encode(x=x)
    # Each name stands outside its line, where the other one cannot reach it.
    lower, upper = (
        alt.Chart(alt.NamedData("limits")).transform_filter(which).mark_text(
            align=align, dx=dx, dy=10, fontSize=12).encode(x=x, y=alt.value(0), text="label:N")
        for which, align, dx in (("datum.change < 0", "right", -5),
                                 ("datum.change > 0", "left", 5)))
    return styled(alt.layer(area, limits, lower, upper), 320)


def regression_to_mean() -> alt.LayerChart:
    """People in whom nothing changed: the largest first "losers" rise next time.

    Tables: ``people`` (first, second, picked), ``means`` (first, second).
    """
    scale = alt.Scale(domain=[-25, 25], nice=False)
    x = alt.X("first:Q", title="First change, scan 1 to 2 (%)", scale=scale, axis=_TICKS)
    y = alt.Y("second:Q", title="Next change, scan 2 to 3 (%)", scale=scale, axis=_TICKS)
    zero_x = once().mark_rule(color=MUTED).encode(x=alt.datum(0))
    zero_y = once().mark_rule(color=MUTED).encode(y=alt.datum(0))
    picked = alt.Scale(domain=["picked", "others"],
                       range=[CATEGORY_COLOURS["osteoporosis"], "#8d9aa8"])
    people = alt.Chart(alt.NamedData("people")).mark_point(filled=True, opacity=0.75).encode(
        x=x, y=y, color=alt.Color("picked:N", scale=picked, title=None),
        shape=alt.Shape("picked:N", title=None, scale=alt.Scale(
            domain=["picked", "others"], range=["triangle-down", "circle"])),
        size=alt.Size("picked:N", legend=None, scale=alt.Scale(
            domain=["picked", "others"], range=[60, 26])))
    mean = alt.Chart(alt.NamedData("means")).mark_point(
        shape="cross", filled=True, size=260, color=PLAN, opacity=1, stroke="white",
    ).encode(x=x, y=y)
    key = key_words("▼ the 20 picked|✚ their mean")
    return styled(alt.layer(zero_x, zero_y, people, mean, key), 320)
