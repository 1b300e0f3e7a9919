"""Charts of the page "Who breaks a bone?"."""

from __future__ import annotations

import altair as alt

from osteoteach.view.charts.look import guess_on_x, inside, key_words, on_narrow, once, styled
from osteoteach.view.palette import AS_NOW, CATEGORY_COLOURS, INK, OTHER_PLAN, PLAN

__all__ = ["distribution", "screening", "shares", "strategies"]


def distribution() -> alt.LayerChart:
    """People by T-score, of 1,000, and those among them who break a bone.

    Tables: ``people`` (start, end, persons, colour), ``broken`` (start, end, persons),
    ``line`` (score, label): the cut-off.
    """
    x = alt.X("start:Q", title="Femoral neck T-score today",
              scale=alt.Scale(domain=[-4.5, 2.5], nice=False),
              axis=alt.Axis(values=[-4, -3, -2, -1, 0, 1, 2], grid=False))
    y = alt.Y("persons:Q", title="Of 1,000 people",
              scale=alt.Scale(domain=[0, 125], nice=False),
              axis=alt.Axis(values=[0, 25, 50, 75, 100, 125]))
    people = alt.Chart(alt.NamedData("people")).mark_rect(opacity=0.45, clip=True).encode(
        x=x, x2="end:Q", y=y, y2=alt.datum(0), color=alt.Color("colour:N", scale=None))
    broken = alt.Chart(alt.NamedData("broken")).mark_rect(
        color=INK, opacity=0.9, clip=True).encode(x=x, x2="end:Q", y=y, y2=alt.datum(0))
    line = alt.Chart(alt.NamedData("line"))
    rule = line.mark_rule(color=OTHER_PLAN, strokeWidth=2).encode(
        x=alt.X("score:Q", scale=alt.Scale(domain=[-4.5, 2.5], nice=False)))
    # Left of its line, where those are whom it means; right of it where no room is left.
    has_room = "datum.score > -4.5 + 7 * 44 / width"
    labels = [line.transform_filter(where).transform_calculate(said=said).mark_text(
        align=align, dx=dx, fontSize=12, fontWeight=600, baseline="top", color=OTHER_PLAN).encode(
        x=alt.X("score:Q", scale=alt.Scale(domain=[-4.5, 2.5], nice=False)),
        y=alt.value(2), text="said:N")
        for where, said, align, dx in ((has_room, "datum.label", "right", -5),
                                       (f"!({has_room})", "'← ' + datum.label", "left", 5))]
    key = key_words("Tints: all, by class|In front: who break a bone")
    return styled(alt.layer(people, broken, rule, *labels, key), 330)


def shares() -> alt.LayerChart:
    """The paradox: share of people, of fractures, and rate, by category.

    Tables: ``shares`` (what, of_100, text, category, order), ``guesses``.
    """
    table = alt.Chart(alt.NamedData("shares"))
    scale = alt.Scale(domain=[0, 100], nice=False)
    y = alt.Y("what:N", title=None, sort=None,
              axis=alt.Axis(ticks=False, domain=False, labelPadding=8, labelLimit=220))
    bar = table.mark_bar(height=44).encode(
        x=alt.X("from:Q", scale=scale, title="Of 100", axis=alt.Axis(
            values=[0, 20, 40, 60, 80, 100])), x2="to:Q", y=y,
        color=alt.Color("category:N", title=None, sort=None,
                        legend=alt.Legend(columns=on_narrow(1, 2)), scale=alt.Scale(
            domain=["Osteoporosis", "Low bone mass", "Normal"],
            range=[CATEGORY_COLOURS["osteoporosis"], CATEGORY_COLOURS["low_bone_mass"],
                   CATEGORY_COLOURS["normal"]])))
    text = table.mark_text(color="#ffffff", fontWeight=600).encode(
        x=alt.X("middle:Q", scale=scale), y=y, text="text:N")
    guess = guess_on_x(alt.Y("across:N", sort=None), scale)
    return styled(alt.layer(bar, text, guess), 330)


def strategies() -> alt.LayerChart:
    """Fractures prevented among 1,000: with those below the cut-off treated, and with the
    whole distribution moved.

    Table: ``strategies`` (row, what, prevented, text, colour).
    """
    table = alt.Chart(alt.NamedData("strategies"))
    scale = alt.Scale(domain=[0, 80], nice=False)
    y = alt.Y("row:O", axis=None, sort=None)
    bar = table.mark_bar(height=28, clip=True).encode(
        x=alt.X("prevented:Q", scale=scale, title="Fractures prevented among 1,000",
                axis=alt.Axis(values=[0, 20, 40, 60, 80])),
        y=y, color=alt.Color("colour:N", scale=None))
    name = table.mark_text(align="left", dx=4, dy=-26, fontSize=12).encode(
        x=alt.datum(0, scale=scale), y=y, text="what:N")
    # Beside the bar, or further left where the chart would end first.
    text = table.transform_calculate(at=inside("prevented", "text", (0, 80), 13, 6)).mark_text(
        align="left", fontWeight=600).encode(
        x=alt.X("at:Q", scale=scale), y=y, text="text:N")
    zero = once().mark_rule(color=AS_NOW).encode(x=alt.datum(0, scale=scale))
    return styled(alt.layer(zero, bar, name, text), 330)


def screening() -> alt.LayerChart:
    """A screening tool as a test: found against sent in vain, over all cut-offs.

    Tables: ``line`` (vain, found), ``now`` and ``usual`` (vain, found): the cut-off of the
    page and the published one, ``studies`` (vain, found, who).
    """
    scale = alt.Scale(domain=[0, 100], nice=False)
    ticks = alt.Axis(values=[0, 25, 50, 75, 100])
    x = alt.X("vain:Q", title="Of 100 without osteoporosis: sent in vain", scale=scale, axis=ticks)
    y = alt.Y("found:Q", title="Of 100 with it: found", scale=scale, axis=ticks)
    chance = alt.Chart(alt.NamedData("usual")).mark_rule(color=AS_NOW, strokeDash=[3, 4]).encode(
        x=alt.datum(0, scale=scale), x2=alt.datum(100), y=alt.datum(0, scale=scale),
        y2=alt.datum(100))
    line = alt.Chart(alt.NamedData("line")).mark_line(color=PLAN, strokeWidth=2).encode(
        x=x, y=y, order="vain:Q")
    usual = alt.Chart(alt.NamedData("usual")).mark_point(
        color=INK, size=170, strokeWidth=2).encode(x=x, y=y)
    now = alt.Chart(alt.NamedData("now")).mark_point(
        filled=True, color=PLAN, size=120, opacity=1).encode(x=x, y=y)
    studies = alt.Chart(alt.NamedData("studies")).mark_point(
        filled=True, shape="triangle-up", color=OTHER_PLAN, size=110, opacity=1).encode(
        x=x, y=y, tooltip=alt.Tooltip("who:N", title="Study"))
    # In the corner of the useless: no tool and no study is there.
    key = alt.Chart(alt.NamedData("usual")).mark_text(
        align="right", fontSize=12, baseline="bottom", lineBreak="|", lineHeight=15).encode(
        x=alt.datum(100, scale=scale), y=alt.datum(16, scale=scale),
        text=alt.datum("○ published cut-off|● this page  ▲ studies"))
    return styled(alt.layer(chance, line, studies, usual, now, key), 330)
