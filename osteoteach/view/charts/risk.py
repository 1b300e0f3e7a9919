"""Charts of the page "What is the risk?"."""

from __future__ import annotations

import math

import altair as alt

from osteoteach.view.charts.look import guess_on_y, inside, on_narrow, once, styled
from osteoteach.view.palette import GRID, INK, OTHER_PLAN, PLAN, UNAFFECTED

__all__ = ["benefit_and_harm", "by_t_score", "icons", "parts"]


def parts() -> alt.LayerChart:
    """What each factor multiplies today's hazard by, with its interval, on a log scale.

    Tables: ``parts`` (row, name, ratio, low, high, text), ``one`` (ratio): the average.
    """
    # Beyond the largest factor, so that the numbers at the edge have room of their own.
    scale = alt.Scale(type="log", domain=[0.1, 60], nice=False)
    axis = alt.Axis(values=[0.1, 0.5, 1, 2, 10], format="~g", grid=False)
    # By number: rows of a live table join a domain in the order in which they first came.
    y = alt.Y("name:N", title=None, sort=alt.EncodingSortField("row", op="min"),
              axis=alt.Axis(ticks=False, domain=False, labelPadding=8, labelLimit=240))
    table = alt.Chart(alt.NamedData("parts"))
    average = alt.Chart(alt.NamedData("one")).mark_rule(color=INK).encode(
        x=alt.X("ratio:Q", scale=scale, axis=axis, title="Multiplies today's hazard by"))
    interval = table.mark_rule(color=PLAN, strokeWidth=8, opacity=0.35, clip=True).encode(
        x=alt.X("low:Q", scale=scale), x2="high:Q", y=y)
    point = table.mark_point(filled=True, color=PLAN, size=45, opacity=1, clip=True).encode(
        x=alt.X("ratio:Q", scale=scale), y=y)
    text = table.mark_text(align="right", fontSize=12, fontWeight=600).encode(
        x=alt.datum(60, scale=scale), y=y, text="text:N")
    return styled(alt.layer(average, interval, point, text), 330)


def by_t_score() -> alt.LayerChart:
    """The risk over the T-score of the femoral neck, the other factors held.

    Tables: ``curve`` (score, risk, low, high), ``person`` (score, risk, label),
    ``lines`` (score, label), ``guesses``. Parameter ``top``: the end of the axis.
    """
    x = alt.X("score:Q", title="Femoral neck T-score",
              scale=alt.Scale(domain=[-4.5, 1], nice=False),
              axis=alt.Axis(values=[-4, -3, -2, -1, 0, 1], grid=False))
    top = alt.param(name="top", value=60)
    scale = alt.Scale(domain=[0, alt.expr("top")], nice=False)
    y = alt.Y("risk:Q", title="Of 100 people", scale=scale,
              # Room for "100": an axis that grows after the first drawing would be cut.
              axis=alt.Axis(tickCount=6, format="~f", minExtent=36))
    band = alt.Chart(alt.NamedData("curve")).mark_area(color=PLAN, opacity=0.16, clip=True).encode(
        x=x, y=alt.Y("low:Q", scale=scale), y2="high:Q")
    curve = alt.Chart(alt.NamedData("curve")).mark_line(
        color=PLAN, strokeWidth=3, clip=True).encode(x=x, y=y)
    lines = alt.Chart(alt.NamedData("lines"))
    rules = lines.mark_rule(color=INK, strokeDash=[2, 3]).encode(x=x)
    names = lines.mark_text(align="left", dx=4, fontSize=12, baseline="top").encode(
        x=x, y=alt.value(2), text="label:N")
    person = alt.Chart(alt.NamedData("person"))
    point = person.mark_point(
        filled=True, size=150, opacity=1, color=OTHER_PLAN, clip=True).encode(x=x, y=y)
    # Above the curve, which falls to the right. Words that find no room right of the point
    # stand below the curve, or well above it where it runs along the axis.
    beside = "datum.at > datum.score ? -16 : datum.risk > 0.2 * top ? 18 : -34"
    label = person.transform_calculate(at=inside("score", "label", (-4.5, 1), 13, 12)).mark_text(
        align="left", dy=alt.expr(beside), fontWeight=600, color=OTHER_PLAN).encode(
        x=alt.X("at:Q", title="Femoral neck T-score", scale=alt.Scale(domain=[-4.5, 1],
                                                                    nice=False)),
        y=y, text="label:N")
    guess = guess_on_y(alt.X("across:Q", scale=alt.Scale(domain=[-4.5, 1], nice=False)), scale)
    return styled(alt.layer(band, rules, names, curve, point, label, guess).add_params(top), 330)


COLUMNS, PEOPLE = 50, 1000
_PER_1000 = "Of 1,000: more with it (left), fewer (right)"
_STATES = ("Fracture even with treatment", "Fracture prevented", "No fracture")
_STATE_COLOURS, _ICON_SIZE = (OTHER_PLAN, PLAN, UNAFFECTED), 26


def _figures() -> tuple[str, ...]:
    """Square, triangle and circle as Vega draws them in that size, each as a path that ends
    with a move to the next figure, some pixels to the right."""
    half = math.sqrt(_ICON_SIZE) / 2
    high = half * math.sqrt(3) / 2
    arc = f"a{half:.3f},{half:.3f} 0 1 1 "
    return (
        f"m-{half:.3f},-{half:.3f}h{2 * half:.3f}v{2 * half:.3f}h-{2 * half:.3f}z"
        f"m{half:.3f},{half:.3f}m",
        f"m0,-{high:.3f}l-{half:.3f},{2 * high:.3f}h{2 * half:.3f}zm0,{high:.3f}m",
        f"m-{half:.3f},0{arc}{2 * half:.3f},0{arc}-{2 * half:.3f},0zm{half:.3f},0m",
    )


def icons() -> alt.LayerChart:
    """1,000 people in one fixed order: who breaks a bone with and without treatment.

    No table: the parameters ``fracture_with`` and ``fracture_without`` say how many. The
    people of one row who fare alike are one mark: a thousand marks would be thought through
    anew with every move of a slider.
    """
    broken_with = alt.param(name="fracture_with", value=0)
    broken_without = alt.param(name="fracture_without", value=0)
    kinds = len(_STATES)
    # The first of these people in a row, and the first after them, from 0 to 50.
    place = f"clamp([{{}}][datum.kind] - {COLUMNS} * datum.row, 0, {COLUMNS})"
    figure = f"{list(_figures())}[datum.kind] + format(width / {COLUMNS + 1}, '.3f') + ',0'"
    people = alt.Chart(alt.sequence(0, kinds * PEOPLE // COLUMNS, as_="mark")).transform_calculate(
        kind=f"datum.mark % {kinds}", row=f"floor(datum.mark / {kinds})").transform_calculate(
        first=place.format("0, fracture_with, fracture_without"),
        past=place.format(f"fracture_with, fracture_without, {PEOPLE}"),
        colour=f"{list(_STATE_COLOURS)}[datum.kind]").transform_calculate(
        # The figure as often as there are people.
        figures="'m0,0' + join(split(pad('', datum.past - datum.first, 'x'), 'x'), "
                f"{figure})",
    # Size 4 leaves a path as it is, in pixels. As channels they would have legends of their own.
    ).mark_point(filled=True, size=4, opacity=1, color=alt.expr("datum.colour"),
                 shape=alt.expr("datum.figures")).encode(
        x=alt.X("first:Q", axis=None, scale=alt.Scale(domain=[-1, COLUMNS], nice=False)),
        y=alt.Y("row:Q", axis=None,
                scale=alt.Scale(domain=[PEOPLE / COLUMNS, -1], nice=False)))
    legend = alt.Legend(columns=1)
    names = alt.Chart(alt.sequence(0, 0)).mark_point(
        filled=True, size=_ICON_SIZE, opacity=1).encode(
        color=alt.Color("state:N", title=None, legend=legend, scale=alt.Scale(
            domain=list(_STATES), range=list(_STATE_COLOURS))),
        shape=alt.Shape("state:N", title=None, legend=legend, scale=alt.Scale(
            domain=list(_STATES), range=["square", "triangle-up", "circle"])))
    return styled(alt.layer(names, people).add_params(broken_with, broken_without), 300)


def benefit_and_harm() -> alt.LayerChart:
    """Benefit and harm of a medicine in one unit; a number stands on the side of its bar.

    Table: ``rows`` (row, name, per_1000, text, colour). Parameter ``reach``: the ends of
    the axis, far enough beyond the longest bar for the words.
    """
    reach = alt.param(name="reach", value=200)
    scale = alt.Scale(domain=[alt.expr("-reach"), alt.expr("reach")], nice=False)
    # Room above the first bar for its name: beyond the top it would push the title out.
    y = alt.Y("row:O", axis=None, sort=None,
              scale=alt.Scale(paddingInner=0, paddingOuter=0.15, align=1))
    table = alt.Chart(alt.NamedData("rows"))
    zero = once().mark_rule(color=GRID).encode(x=alt.datum(0, scale=scale))
    bar = table.mark_bar(height=14, clip=True).encode(
        x=alt.X("per_1000:Q", scale=scale, title=_PER_1000,
                axis=alt.Axis(tickCount=4, labelExpr="abs(datum.value)")),
        y=y, color=alt.Color("colour:N", scale=None))
    text = table.mark_text(
        align=alt.expr("datum.per_1000 < 0 ? 'right' : 'left'"),
        dx=alt.expr("datum.per_1000 < 0 ? -6 : 6"), fontSize=11, fontWeight=600).encode(
        x=alt.X("per_1000:Q", title=_PER_1000, scale=scale), y=y, text="text:N")
    name = table.mark_text(
        align="left", dy=-16, fontSize=on_narrow(11, 12), limit=alt.ExprRef("width")).encode(
        x=alt.value(0), y=y, text="name:N")
    # The number over the name: of six rows the white around a name would take its foot.
    return styled(alt.layer(zero, bar, name, text).add_params(reach), 300)
