"""Charts of the page "Is it true?"."""

from __future__ import annotations

import altair as alt

from osteoteach.view.charts.look import styled
from osteoteach.view.palette import AS_NOW, INK, PLAN

__all__ = ["calibration", "verdicts"]


def verdicts() -> alt.LayerChart:
    """How many claims had which verdict, by topic or article.

    Table: ``verdicts`` (group, from, to, middle, sign, colour), ordered; a group without a
    claim has a row of no width.
    """
    table = alt.Chart(alt.NamedData("verdicts"))
    # Five at least, so that one claim is not a full bar.
    scale = alt.Scale(domain=alt.DomainUnionWith(unionWith=[0, 5]), nice=False)
    y = alt.Y("group:N", title=None, sort=None,
              axis=alt.Axis(ticks=False, domain=False, labelPadding=8, labelLimit=190))
    bar = table.mark_bar(size=18, stroke="#ffffff", strokeWidth=1).encode(
        x=alt.X("from:Q", scale=scale, title="Number",
                axis=alt.Axis(tickMinStep=1, format="d")),
        x2="to:Q", y=y, color=alt.Color("colour:N", scale=None))
    sign = table.mark_text(color="#ffffff", fontWeight=700).encode(
        x=alt.X("middle:Q", scale=scale), y=y, text="sign:N")
    return styled(alt.layer(bar, sign), 380)


def calibration() -> alt.LayerChart:
    """Confidence against points earned; on the line they agree.

    Tables: ``answers`` (sure, points, number, text), ``line`` (sure, points).
    """
    scale = alt.Scale(domain=[0, 100], nice=False)
    x = alt.X("sure:Q", title="How sure you were, of 100", scale=scale,
              axis=alt.Axis(values=[0, 20, 40, 60, 80, 100]))
    y = alt.Y("points:Q", title="Points you earned, of 100", scale=scale,
              axis=alt.Axis(values=[0, 20, 40, 60, 80, 100]))
    line = alt.Chart(alt.NamedData("line")).mark_line(
        color=AS_NOW, strokeDash=[4, 4]).encode(x=x, y=y)
    answers = alt.Chart(alt.NamedData("answers"))
    point = answers.mark_circle(color=PLAN, opacity=0.85, clip=False).encode(
        x=x, y=y, size=alt.Size("number:Q", legend=None, scale=alt.Scale(
            type="sqrt", domain=[0, 40], range=[0, 1600], clamp=True)))
    text = answers.mark_text(color=INK, align="left", dx=14, dy=-12).encode(
        x=x, y=y, text="text:N")
    return styled(alt.layer(line, point, text), 380)
