"""Chart of the page "Review"."""

from __future__ import annotations

import altair as alt

from osteoteach.view.charts.look import styled
from osteoteach.view.palette import AS_NOW, INK, PLAN

__all__ = ["confidence_curve"]


def confidence_curve() -> alt.LayerChart:
    """Confidence against the share right, with its 90% interval; on the line they agree.

    Tables: ``levels`` (sure, right, low, high, number, text), one row for each level of
    confidence that was used; ``line`` (sure, right).
    """
    # Room for the mark of 100%, and for the words above the highest: what reaches beyond the
    # scale after the first drawing pushes the title out of the picture.
    scale = alt.Scale(domain=[0, 105], nice=False)
    highest_words = 92
    ticks = [0, 20, 40, 60, 80, 100]
    x = alt.X("sure:Q", title="How sure you were (%)", scale=scale, axis=alt.Axis(values=ticks))
    y = alt.Y("right:Q", title="Right (%)", scale=scale, axis=alt.Axis(values=ticks))
    line = alt.Chart(alt.NamedData("line")).mark_line(
        color=AS_NOW, strokeDash=[4, 4]).encode(x=x, y=y)
    levels = alt.Chart(alt.NamedData("levels"))
    interval = levels.mark_rule(color=PLAN, strokeWidth=2, opacity=0.6).encode(
        x=x, y=alt.Y("low:Q", scale=scale), y2="high:Q")
    course = levels.mark_line(color=PLAN, strokeWidth=2).encode(x=x, y=y)
    point = levels.mark_circle(color=PLAN, opacity=1, size=110).encode(x=x, y=y)
    # A text near the right edge stands left of its point, so that it is not cut off.
    words = {"baseline": "bottom", "dy": -6, "color": INK}
    named = levels.transform_calculate(at=f"min(datum.right, {highest_words})")
    at = alt.Y("at:Q", title="Right (%)", scale=scale)
    left = named.transform_filter("datum.sure < 75").mark_text(
        align="left", dx=8, **words).encode(x=x, y=at, text="text:N")
    right = named.transform_filter("datum.sure >= 75").mark_text(
        align="right", dx=-8, **words).encode(x=x, y=at, text="text:N")
    return styled(alt.layer(line, interval, course, point, left, right), 300)
