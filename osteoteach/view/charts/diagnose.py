"""Charts of the page "From scan to diagnosis"."""

from __future__ import annotations

import altair as alt

from osteoteach.view.charts.look import (
    band_scale,
    category_scale,
    guess_in_words,
    key_words,
    on_narrow,
    row_names,
    shape_scale,
    styled,
)
from osteoteach.view.palette import INK, MUTED, PLAN

__all__ = ["age_curve", "score_strip"]


def score_strip() -> alt.LayerChart:
    """Scores by site on the bands of the WHO classes.

    Tables: ``bands`` (low, high, category, label), ``lines`` (score, label),
    ``scores`` (site, score, category, decides, text); a ring marks the score that decides.
    """
    x = alt.X("low:Q", title="Score (SD from the reference mean)",
              scale=alt.Scale(domain=[-5.4, 2.4], nice=False),
              axis=alt.Axis(values=[-5, -4, -2.5, -1, 0, 1, 2], grid=False, labelOverlap=False,
                            labelExpr="replace(datum.value, '-', '\u2212')"))
    bands = alt.Chart(alt.NamedData("bands")).mark_rect().encode(
        x=x, x2="high:Q", fill=alt.Fill("category:N", scale=band_scale(), legend=None))
    band_names = alt.Chart(alt.NamedData("bands")).mark_text(
        baseline="bottom", y=-19, fontSize=on_narrow(11, 12), color=INK, lineBreak="|",
        lineHeight=14).encode(
        x=alt.X("middle:Q"), text="label:N")
    lines = alt.Chart(alt.NamedData("lines")).mark_rule(
        color=INK, strokeDash=[4, 3]).encode(x="score:Q")
    y = alt.Y("site:N", title=None, sort=None,
              axis=row_names(),
              scale=alt.Scale(paddingOuter=0.3))
    points = alt.Chart(alt.NamedData("scores")).mark_point(
        filled=True, size=150, stroke="white", strokeWidth=1, opacity=1).encode(
        x="score:Q", y=y,
        color=alt.Color("category:N", scale=category_scale(), legend=None),
        shape=alt.Shape("category:N", scale=shape_scale(), legend=None))
    values = alt.Chart(alt.NamedData("scores")).mark_text(
        dy=-20, fontWeight=600).encode(x="score:Q", y=y, text="text:N")
    ring = alt.Chart(alt.NamedData("scores")).transform_filter("datum.decides").mark_point(
        size=480, color=INK, strokeWidth=2, opacity=1).encode(x="score:Q", y=y)
    return styled(alt.layer(bands, lines, band_names, ring, points, values,
                            guess_in_words()), 300)


def age_curve() -> alt.LayerChart:
    """The person's BMD against the reference by age, as a DXA report draws it.

    Tables: ``reference`` (age_years, mean, low, high), ``lines`` (bmd, label),
    ``person`` (age_years, bmd, text).
    """
    x = alt.X("age_years:Q", title="Age (years)", scale=alt.Scale(domain=[14, 106], nice=False),
              axis=alt.Axis(values=list(range(20, 101, 10))))
    bmd = alt.Scale(domain=[0.3, 1.4], nice=False)
    spread = alt.Chart(alt.NamedData("reference")).mark_area(
        color="#cfd8e1", opacity=0.7, interpolate="monotone").encode(
        x=x, y=alt.Y("low:Q", title="BMD (g/cm², Hologic)", scale=bmd), y2="high:Q")
    mean = alt.Chart(alt.NamedData("reference")).mark_line(
        color=MUTED, interpolate="monotone").encode(x=x, y=alt.Y("mean:Q", scale=bmd))
    rules = alt.Chart(alt.NamedData("lines")).mark_rule(
        color=INK, strokeDash=[4, 3]).encode(y=alt.Y("bmd:Q", scale=bmd))
    names = alt.Chart(alt.NamedData("lines")).mark_text(
        align="right", dy=-7, dx=-4, fontSize=12).encode(
        x=alt.value("width"), y=alt.Y("bmd:Q", scale=bmd), text="label:N")
    person = alt.Chart(alt.NamedData("person")).mark_point(
        filled=True, size=170, color=PLAN, stroke="white", opacity=1).encode(
        x=x, y=alt.Y("bmd:Q", scale=bmd))
    value = alt.Chart(alt.NamedData("person")).mark_text(dy=-16, fontWeight=600).encode(
        x=x, y=alt.Y("bmd:Q", scale=bmd), text="text:N")
    key = key_words("Grey: mean ± 1 SD of each age")
    return styled(alt.layer(spread, mean, rules, names, person, value, key), 300)
