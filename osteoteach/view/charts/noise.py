"""Charts of the page "Is the change real?"."""

from __future__ import annotations

import altair as alt

from osteoteach.view.charts.look import (
    CATEGORY_COLOURS,
    INK,
    MUTED,
    PLAN,
    category_scale,
    shape_scale,
    styled,
)

__all__ = ["change_distribution", "regression_to_mean", "repeated_scans"]

_SHOWN = alt.Scale(
    domain=["loss shown", "no change shown", "gain shown"],
    range=[CATEGORY_COLOURS["osteoporosis"], "#9aa7b4", CATEGORY_COLOURS["normal"]])


def repeated_scans() -> alt.LayerChart:
    """Ten scans of one unchanged person, by class of the reported T-score.

    Tables: ``scans`` (scan, score, category, text), ``lines`` (score, label),
    ``truth`` (score).
    """
    x = alt.X("scan:O", title="Scan number", axis=alt.Axis(labelAngle=0))
    scale = alt.Scale(domain=[-4, 0.5], nice=False, clamp=True)
    y = alt.Y("score:Q", title="T-score", scale=scale)
    rules = alt.Chart(alt.NamedData("lines")).mark_rule(color=INK, strokeDash=[4, 3]).encode(y=y)
    names = alt.Chart(alt.NamedData("lines")).mark_text(
        align="left", dx=6, dy=-8, fontSize=12).encode(x=alt.value(0), y=y, text="label:N")
    truth = alt.Chart(alt.NamedData("truth")).mark_rule(color=MUTED, strokeWidth=2).encode(y=y)
    points = alt.Chart(alt.NamedData("scans")).mark_point(
        filled=True, size=120, opacity=1).encode(
        x=x, y=y, color=alt.Color("category:N", scale=category_scale(), legend=None),
        shape=alt.Shape("category:N", scale=shape_scale(), legend=None))
    values = alt.Chart(alt.NamedData("scans")).mark_text(dy=-14, fontSize=12).encode(
        x=x, y=y, text="text:N")
    return styled(alt.layer(rules, truth, names, points, values), 300)


def change_distribution() -> alt.LayerChart:
    """Where the observed change between two scans falls, and what would be called real.

    Tables: ``density`` (change, density, shown), ``limits`` (change, label).
    """
    x = alt.X("change:Q", title="Observed change between two scans (%)",
              scale=alt.Scale(domain=[-25, 25], nice=False, clamp=True))
    area = alt.Chart(alt.NamedData("density")).mark_area(opacity=0.85).encode(
        x=x, y=alt.Y("density:Q", axis=None, scale=alt.Scale(domainMin=0)),
        color=alt.Color("shown:N", scale=_SHOWN, title=None))
    limits = alt.Chart(alt.NamedData("limits")).mark_rule(
        color=INK, strokeDash=[4, 3]).encode(x=x)
    names = alt.Chart(alt.NamedData("limits")).mark_text(
        baseline="top", dy=2, fontSize=12).encode(x=x, y=alt.value(0), text="label:N")
    return styled(alt.layer(area, limits, names), 240)


def regression_to_mean() -> alt.LayerChart:
    """People in whom nothing changed: the largest first "losers" rise next time.

    Tables: ``people`` (first, second, picked), ``means`` (first, second, text).
    """
    scale = alt.Scale(domain=[-15, 15], nice=False, clamp=True)
    x = alt.X("first:Q", title="First change, scan 1 to 2 (%)", scale=scale)
    y = alt.Y("second:Q", title="Next change, scan 2 to 3 (%)", scale=scale)
    zero_x = alt.Chart(alt.NamedData("means")).mark_rule(color=MUTED).encode(x=alt.datum(0))
    zero_y = alt.Chart(alt.NamedData("means")).mark_rule(color=MUTED).encode(y=alt.datum(0))
    picked = alt.Scale(domain=["picked", "others"],
                       range=[CATEGORY_COLOURS["osteoporosis"], "#8d9aa8"])
    people = alt.Chart(alt.NamedData("people")).mark_point(filled=True, opacity=0.75).encode(
        x=x, y=y, color=alt.Color("picked:N", scale=picked, title=None),
        shape=alt.Shape("picked:N", title=None, scale=alt.Scale(
            domain=["picked", "others"], range=["triangle-down", "circle"])),
        size=alt.Size("picked:N", legend=None, scale=alt.Scale(
            domain=["picked", "others"], range=[60, 26])))
    mean = alt.Chart(alt.NamedData("means")).mark_point(
        shape="cross", filled=True, size=260, color=PLAN, opacity=1, stroke="white").encode(x=x, y=y)
    text = alt.Chart(alt.NamedData("means")).mark_text(
        align="left", dx=14, fontWeight=600).encode(x=x, y=y, text="text:N")
    return styled(alt.layer(zero_x, zero_y, people, mean, text), 320)
