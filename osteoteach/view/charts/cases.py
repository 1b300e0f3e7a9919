"""Chart of the page "Virtual patients"."""

from __future__ import annotations

import altair as alt

from osteoteach.view.charts.look import inside, key_words, styled
from osteoteach.view.palette import AS_NOW, INK, PLAN

__all__ = ["follow_up"]

_YEARS = -0.3, 5.3
NAMES = ["Your plan", "Nothing from today"]


def follow_up() -> alt.LayerChart:
    """Density of one person over the years, with her scans and their noise.

    Tables: ``band`` (years, low, high) of the plan, ``lines`` (years, bmd, plan), ``scans``
    (years, bmd, low, high, text): a scan with the range of one scan's noise.
    """
    x = alt.X("years:Q", title="Years from today", scale=alt.Scale(domain=list(_YEARS), nice=False),
              axis=alt.Axis(values=[0, 1, 2, 3, 4, 5], grid=False))
    bmd = alt.Scale(zero=False, padding=12)
    band = alt.Chart(alt.NamedData("band")).mark_area(color=PLAN, opacity=0.14).encode(
        x=x, y=alt.Y("low:Q", title="BMD (g/cm², Hologic)", scale=bmd), y2="high:Q")
    lines = alt.Chart(alt.NamedData("lines")).mark_line(strokeWidth=2.5).encode(
        x=x, y=alt.Y("bmd:Q", scale=bmd),
        color=alt.Color("plan:N", title=None,
                        scale=alt.Scale(domain=NAMES, range=[PLAN, AS_NOW])),
        strokeDash=alt.StrokeDash("plan:N", title=None,
                                  scale=alt.Scale(domain=NAMES, range=[[1, 0], [6, 4]])))
    noise = alt.Chart(alt.NamedData("scans")).mark_rule(color=INK, strokeWidth=1.5).encode(
        x=x, y=alt.Y("low:Q", scale=bmd), y2="high:Q")
    scans = alt.Chart(alt.NamedData("scans")).mark_point(
        filled=True, shape="diamond", size=130, color=INK, opacity=1).encode(
        x=x, y=alt.Y("bmd:Q", scale=bmd))
    text = alt.Chart(alt.NamedData("scans")).transform_calculate(
        text_at=inside("years", "text", _YEARS, 13, 9)).mark_text(
        align="left", dy=-9, fontWeight=600).encode(
        x=alt.X("text_at:Q"), y=alt.Y("bmd:Q", scale=bmd), text="text:N")
    key = key_words("◆ scan; bar: ± its precision error|Band: 90 of 100 people")
    return styled(alt.layer(band, lines, noise, scans, text, key), 300)
