"""Charts of the page "Start, stop, switch"."""

from __future__ import annotations

import altair as alt

from osteoteach.view.charts.look import (
    guess_on_y,
    inside,
    key_words,
    on_narrow,
    once,
    row_names,
    styled,
)
from osteoteach.view.palette import (
    AS_NOW,
    FORMATION,
    INK,
    OTHER_PLAN,
    PLAN,
    PRECURSORS,
    RESERVE,
    RESORPTION,
)

__all__ = ["biology", "bone_density", "markers", "t_scores"]

_YEARS = "Years from the start of the plan"
# Room at the right of twelve years for the names of the lines.
_LAST_X = 16.5
_X = alt.Scale(domain=[0, _LAST_X], nice=False)
_X_TICKS = list(range(0, 13, 2))
# Six lanes of names below the course, each as high as its letters.
_CHANGE = alt.Scale(domain=[-27.5, 25], nice=False)


def _years(scale: alt.Scale = _X) -> alt.X:
    return alt.X("years:Q", title=_YEARS, scale=scale,
                 axis=alt.Axis(values=_X_TICKS, grid=False))


def _ends(y: alt.Y, last_x: float = _LAST_X) -> alt.Chart:
    """Names of the lines, at their ends. Table ``ends`` (years, value, label, colour)."""
    scale = alt.Scale(domain=[0, last_x], nice=False)
    return alt.Chart(alt.NamedData("ends")).transform_calculate(
        at=inside("years", "label", (0, last_x), 12, 6)).mark_text(
        align="left", fontSize=12, fontWeight=600).encode(
        x=alt.X("at:Q", title=_YEARS, scale=scale), y=y, text="label:N",
        color=alt.Color("colour:N", scale=None))


def bone_density() -> alt.LayerChart:
    """Change of BMD: the plan with its 90% band, the second plan, no medicine, trials.

    Tables: ``plan`` (years, value, low, high), ``other`` and ``untreated`` (years,
    value), ``trials`` (years, value, trial, kind), ``courses`` (start, end, bottom, top,
    colour, name, name_at), ``ends`` (years, value, label, colour), ``look`` (years,
    value), ``scans`` (years, value, label), ``guesses``.
    """
    y = alt.Y("value:Q", title="Change of BMD (%)", scale=_CHANGE,
              axis=alt.Axis(values=[-10, -5, 0, 5, 10, 15, 20, 25], titleY=130))
    bars = alt.Chart(alt.NamedData("courses"))
    given = bars.mark_rect(opacity=0.85, cornerRadius=2).encode(
        x=alt.X("start:Q", scale=_X), x2="end:Q", y=alt.Y("bottom:Q", scale=_CHANGE), y2="top:Q",
        color=alt.Color("colour:N", scale=None))
    # A long name loses its end where there is no room for it (a phone).
    room_px = f"width * (1 - datum.end / {_LAST_X}) + 4"
    names = bars.mark_text(
        align="left", dx=4, fontSize=11, baseline="middle", limit=alt.ExprRef(room_px)).encode(
        x=alt.X("end:Q", scale=_X), y=alt.Y("middle:Q", scale=_CHANGE), text="name:N")
    zero = once().mark_rule(color=AS_NOW, strokeWidth=1).encode(
        y=alt.datum(0))
    band = alt.Chart(alt.NamedData("plan")).mark_area(
        color=PLAN, opacity=0.16, clip=True).encode(
        x=_years(), y=alt.Y("low:Q", scale=_CHANGE), y2="high:Q")
    untreated = alt.Chart(alt.NamedData("untreated")).mark_line(
        color=AS_NOW, strokeDash=[2, 3], strokeWidth=2, clip=True).encode(x=_years(), y=y)
    other = alt.Chart(alt.NamedData("other")).mark_line(
        color=OTHER_PLAN, strokeDash=[7, 4], strokeWidth=2.5, clip=True).encode(x=_years(), y=y)
    plan = alt.Chart(alt.NamedData("plan")).mark_line(
        color=PLAN, strokeWidth=3, clip=True).encode(x=_years(), y=y)
    # Filled with nothing, so that the inside of a ring can be pressed too.
    trials = alt.Chart(alt.NamedData("trials")).mark_point(
        color=INK, fill="transparent", size=55, opacity=0.9, strokeWidth=1.4, clip=True,
        cursor="pointer").encode(
        x=_years(), y=y,
        shape=alt.Shape("kind:N", title="Published", scale=alt.Scale(
            domain=["seen by the fit", "not seen by the fit"], range=["circle", "diamond"])),
        tooltip=[alt.Tooltip("trial:N", title="Trial"),
                 alt.Tooltip("years:Q", title="Years", format=".2f"),
                 alt.Tooltip("value:Q", title="Change, %", format="+.1f"),
                 alt.Tooltip("kind:N", title="This number was")])
    guess = guess_on_y(alt.X("across:Q", title=_YEARS, scale=_X), _CHANGE)
    # The reading of the title.
    look = alt.Chart(alt.NamedData("look")).mark_point(
        filled=True, color=PLAN, size=110, opacity=1, clip=True).encode(x=_years(), y=y)
    # The person's own later scan, as the two reports read it.
    scan = alt.Chart(alt.NamedData("scans"))
    scanned = alt.layer(
        scan.mark_point(shape="cross", filled=True, color=INK, size=120, opacity=1).encode(
            x=_years(), y=y),
        # Left of a late scan: the names of the lines stand at its right.
        scan.transform_calculate(
            at=f"datum.years > 6 ? datum.years - {_LAST_X} * 7 * length(datum.label) / width : "
               + inside("years", "label", (0, _LAST_X), 12, 8)).mark_text(
            align="left", baseline="bottom", dy=-6, fontSize=12, fontWeight=600,
            color=INK).encode(
            x=alt.X("at:Q", title=_YEARS, scale=_X), y=y, text="label:N"))
    key = key_words("Band: 90 of 100 people|Bars: this plan")
    # The trials last, so that a press reaches them; the names first, so that the white around
    # their letters does not bite a piece out of the next bar.
    return styled(alt.layer(names, given, zero, band, untreated, other, plan, look, trials,
                            _ends(y), scanned, guess, key), 400)


def t_scores() -> alt.LayerChart:
    """T-score by site: today, and at the end of the look with each plan.

    Tables: ``sites`` (site, today, score, when, text, apart_px), ``lines`` (score, label).
    Each plan has a row of its own within the site: equal scores do not cover each other.
    The texts of the first site say which row is which, in place of a legend.
    """
    whens = ["Today", "This plan", "Second plan"]
    # Half a unit more at both sides, so that a mark at -6 or 4 is drawn whole.
    scale = alt.Scale(domain=[-6.5, 4.5], nice=False)
    x = alt.X("score:Q", title="T-score", scale=scale,
              axis=alt.Axis(values=[-6, -4, -2, 0, 2, 4], grid=False))
    y = alt.Y("site:N", title=None, sort=None,
              axis=row_names())
    lines = alt.Chart(alt.NamedData("lines"))
    rules = lines.mark_rule(color=INK, strokeDash=[2, 3]).encode(x=x)
    names = lines.mark_text(dy=-6, baseline="bottom", fontSize=on_narrow(11, 12)).encode(
        x=x, y=alt.value(0), text="label:N")
    # By a column, not by a scale of its own: that would be drawn anew at every move.
    apart = alt.ExprRef("datum.apart_px")
    sites = alt.Chart(alt.NamedData("sites")).encode(y=y)
    moves = sites.mark_rule(strokeWidth=1.2, color=AS_NOW, clip=True, yOffset=apart).encode(
        x=alt.X("today:Q", scale=scale), x2="score:Q")
    points = sites.mark_point(filled=True, size=110, opacity=1, clip=True, yOffset=apart).encode(
        x=x, color=alt.Color("when:N", sort=None, legend=None, scale=alt.Scale(
            domain=whens, range=[INK, PLAN, OTHER_PLAN])),
        shape=alt.Shape("when:N", sort=None, legend=None, scale=alt.Scale(
            domain=whens, range=["circle", "triangle-right", "diamond"])))
    # On the side with more room.
    is_high = f"datum.score > ({on_narrow(-1, 0).expr})"
    values = sites.mark_text(
        align=alt.expr(f"{is_high} ? 'right' : 'left'"), dx=alt.expr(f"{is_high} ? -10 : 10"),
        fontSize=on_narrow(11, 12), yOffset=apart).encode(x=x, text="text:N")
    return styled(alt.layer(rules, names, moves, points, values), 400)


def markers() -> alt.LayerChart:
    """CTX and P1NP over time as ratios to before treatment, on a log scale.

    Tables: ``plan`` and ``other`` (years, ctx, p1np), ``trials`` (years, value, trial,
    marker, colour, against), ``ends`` (years, value, label, colour).
    """
    scale = alt.Scale(type="log", domain=[0.05, 5], nice=False)
    axis = alt.Axis(values=[0.05, 0.1, 0.2, 0.5, 1, 2, 5], format="~g")

    def line(table: str, column: str, colour: str, **style) -> alt.Chart:
        return alt.Chart(alt.NamedData(table)).mark_line(
            color=colour, clip=True, **style).encode(
            x=_years(), y=alt.Y(f"{column}:Q", title="Ratio to before treatment",
                                scale=scale, axis=axis))

    one = once().mark_rule(color=AS_NOW, strokeWidth=1).encode(
        y=alt.datum(1, scale=scale))
    thin = {"strokeWidth": 1.3, "strokeDash": [4, 3], "opacity": 0.8}
    layers = [one, line("other", "ctx", RESORPTION, **thin),
              line("other", "p1np", FORMATION, **thin),
              line("plan", "ctx", RESORPTION, strokeWidth=2.2),
              line("plan", "p1np", FORMATION, strokeWidth=2.2)]
    y = alt.Y("value:Q", scale=scale, axis=axis)
    trials = alt.Chart(alt.NamedData("trials")).mark_point(
        fill="transparent", size=50, strokeWidth=1.4, clip=True, cursor="pointer").encode(
        x=_years(), y=y, color=alt.Color("colour:N", scale=None),
        shape=alt.Shape("against:N", legend=None, scale=alt.Scale(
            domain=["against the start", "against placebo"], range=["circle", "square"])),
        tooltip=[alt.Tooltip("trial:N", title="Trial"), alt.Tooltip("marker:N", title="Marker"),
                 alt.Tooltip("against:N", title="Counted"),
                 alt.Tooltip("years:Q", title="Years", format=".2f"),
                 alt.Tooltip("value:Q", title="Ratio", format=".2f")])
    key = key_words("○ published, against the start|□ published, against placebo")
    second = alt.Chart(alt.NamedData("other")).transform_filter("datum.years === 0")
    return styled(alt.layer(*layers, trials, _ends(y), key,
                            key_words("Dashed: second plan", second, below=2)), 300)


# Longer names at the ends of the lines need more room.
_LAST_X_CELLS = 19.5
_X_CELLS = alt.Scale(domain=[0, _LAST_X_CELLS], nice=False)


def biology() -> alt.LayerChart:
    """The model's signals and cells under the plan, and P1NP less CTX as an area.

    Tables: ``plan`` (years, drive, precursors, reserve, gain, loss), ``ends``.
    """
    scale = alt.Scale(domain=[-1.5, 3], nice=False)
    axis = alt.Axis(values=[-1, 0, 1, 2, 3])
    table = alt.NamedData("plan")

    def area(column: str, colour: str) -> alt.Chart:
        return alt.Chart(table).mark_area(color=colour, opacity=0.28, clip=True).encode(
            x=_years(_X_CELLS), y=alt.Y(f"{column}:Q", scale=scale, axis=axis,
                                title="Untreated 1, area 0"), y2=alt.datum(0))

    def line(column: str, colour: str, dash: list[int]) -> alt.Chart:
        return alt.Chart(table).mark_line(
            color=colour, strokeWidth=2.2, strokeDash=dash, clip=True).encode(
            x=_years(_X_CELLS), y=alt.Y(f"{column}:Q", scale=scale, axis=axis))

    y = alt.Y("value:Q", scale=scale, axis=axis)
    return styled(alt.layer(
        area("gain", FORMATION), area("loss", RESORPTION),
        line("drive", RESORPTION, [1, 0]), line("precursors", PRECURSORS, [6, 3]),
        line("reserve", RESERVE, [2, 2]), _ends(y, _LAST_X_CELLS),
        key_words("Area: P1NP less CTX")), 300)
