"""Charts of the page "Is it true?"."""

from __future__ import annotations

import altair as alt

from osteoteach.view.charts.look import inside, once, styled
from osteoteach.view.claim_words import signed_words
from osteoteach.view.palette import AS_NOW, INK, MUTED, PLAN, VERDICT_COLOURS

__all__ = ["calibration", "verdicts"]


def verdicts() -> alt.LayerChart:
    """How many claims had which verdict, by topic or article.

    Table: ``verdicts`` (group, from, to, middle, sign, verdict, names), ordered; a group
    without a claim has a row of no width. ``names`` says below the bars of a group which
    verdicts they are.
    """
    table = alt.Chart(alt.NamedData("verdicts"))
    # Five at least, so that one claim is not a full bar.
    scale = alt.Scale(domain=alt.DomainUnionWith(unionWith=[0, 5]), nice=False)
    y = alt.Y("group:N", title=None, sort=None,
              axis=alt.Axis(ticks=False, domain=False, labelPadding=8, labelLimit=190))
    colour = alt.Color(
        "verdict:N", legend=None, scale=alt.Scale(
            domain=[signed_words(one) for one in VERDICT_COLOURS],
            range=list(VERDICT_COLOURS.values())))
    bar = table.mark_bar(size=16, yOffset=-7, stroke="#ffffff", strokeWidth=1).encode(
        x=alt.X("from:Q", scale=scale, title="Claims judged",
                axis=alt.Axis(tickMinStep=1, format="d")),
        x2="to:Q", y=y, color=colour)
    sign = table.mark_text(color="#ffffff", fontWeight=700, yOffset=-7).encode(
        x=alt.X("middle:Q", scale=scale), y=y, text="sign:N")
    names = table.mark_text(
        align="left", baseline="top", dx=2, yOffset=4, color=INK, lineBreak="\n",
        lineHeight=15, fontSize=alt.ExprRef("width < 260 ? 10 : 11"),
        limit=alt.ExprRef("width")).encode(x=alt.value(0), y=y, text="names:N")
    return styled(alt.layer(bar, sign, names), 540)


def calibration() -> alt.LayerChart:
    """Confidence against points earned; on the line they agree.

    Tables: ``answers`` (sure, points, number, text), ``line`` (sure, points).
    """
    scale = alt.Scale(domain=[0, 100], nice=False)
    x = alt.X("sure:Q", title="How sure you were, %", scale=scale,
              axis=alt.Axis(values=[0, 20, 40, 60, 80, 100]))
    y = alt.Y("points:Q", title="Points you earned, of 100", scale=scale,
              axis=alt.Axis(values=[0, 20, 40, 60, 80, 100]))
    line = alt.Chart(alt.NamedData("line")).mark_line(
        color=AS_NOW, strokeDash=[4, 4]).encode(x=x, y=y)
    answers = alt.Chart(alt.NamedData("answers"))
    point = answers.mark_circle(color=PLAN, opacity=0.85, clip=False).encode(
        x=x, y=y, size=alt.Size("number:Q", legend=None, scale=alt.Scale(
            type="sqrt", domain=[0, 40], range=[0, 1600], clamp=True)))
    text = answers.transform_calculate(
        text_at=inside("sure", "text", (0, 100), 13, 14)).mark_text(
        color=INK, align="left", dy=-12).encode(
        x=alt.X("text_at:Q", scale=scale), y=y, text="text:N")
    key = [once().mark_text(fontSize=12, color=MUTED, align=side, baseline=edge).encode(
        x=alt.value(across), y=alt.value(down), text=alt.datum(words))
        for side, edge, across, down, words in (
            ("left", "top", 6, 6, "You know more than you trust"),
            # Beside the points of the highest confidence, not on them.
            ("right", "bottom", alt.ExprRef("width * 0.88"), alt.ExprRef("height - 8"),
             "You trust more than you know"))]
    return styled(alt.layer(line, *key, point, text), 540)
