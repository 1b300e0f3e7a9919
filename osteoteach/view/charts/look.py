"""One look for all charts: scales of the palette, type scale, axes."""

from __future__ import annotations

import altair as alt

from osteoteach.view.palette import BAND_FILLS, CATEGORY_COLOURS, GRID, INK, MUTED, OTHER_PLAN

__all__ = ["band_scale", "category_scale", "guess_in_words", "guess_on_x", "guess_on_y", "inside",
           "key_words", "on_narrow", "once", "row_names", "shape_scale", "styled"]

CATEGORY_SHAPES = {
    "normal": "circle", "low_bone_mass": "square", "osteoporosis": "triangle-down",
    "within_expected_range": "circle", "below_expected_range": "triangle-down",
}
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def category_scale() -> alt.Scale:
    return alt.Scale(domain=list(CATEGORY_COLOURS), range=list(CATEGORY_COLOURS.values()))


def band_scale() -> alt.Scale:
    return alt.Scale(domain=list(BAND_FILLS), range=list(BAND_FILLS.values()))


def shape_scale() -> alt.Scale:
    return alt.Scale(domain=list(CATEGORY_SHAPES), range=list(CATEGORY_SHAPES.values()))


def inside(at: str, text: str, domain: tuple[float, float], font_px: float, gap_px: float) -> str:
    """Where a text begins, so that it ends inside the chart: an expression for a transform.

    Beside its mark if there is room (a desk), else further left (a phone). The width of a
    text is estimated, because it is not known before it is drawn.

    Parameters
    ----------
    at, text : str
        Fields: where the mark is, and the words beside it.
    domain : tuple of float
        The ends of the scale.
    font_px, gap_px : float
        Size of the type, and the gap between mark and text.

    Examples
    --------
    >>> inside("years", "label", (0, 10), 10, 5)
    'min(datum.years + 10 * 5 / width, 10 - 10 * (5.85 * length(datum.label) + 8) / width)'
    """
    span, letter_px = domain[1] - domain[0], 0.585 * font_px
    return (f"min(datum.{at} + {span:g} * {gap_px:g} / width, {domain[1]:g} - "
            f"{span:g} * ({letter_px:.4g} * length(datum.{text}) + 8) / width)")


def guess_on_y(x: alt.X, scale: alt.Scale) -> alt.LayerChart:
    """The reader's guess and published numbers at one place of the x axis.

    Table ``guesses`` (across, value, low, high, colour, shape, label, name), see
    `osteoteach.view.guess_marks`; empty before a guess.
    """
    y = alt.Y("value:Q", scale=scale)
    words = alt.Chart(alt.NamedData("guesses")).mark_text(
        align="right", dx=-10, fontWeight=600, color=OTHER_PLAN).encode(x=x, y=y, text="label:N")
    return alt.layer(*_guesses(x, y, {"y": alt.Y("low:Q", scale=scale), "y2": "high:Q"}), words)


def guess_on_x(y: alt.Y, scale: alt.Scale) -> alt.LayerChart:
    """The same where the guessed number lies on the x axis, in a row of its own."""
    x = alt.X("value:Q", scale=scale)
    words = alt.Chart(alt.NamedData("guesses")).transform_calculate(
        at=inside("value", "label", tuple(scale.domain), 13, 0)).mark_text(
        align="left", dy=-24, fontWeight=600, color=OTHER_PLAN).encode(
        x=alt.X("at:Q", scale=scale), y=y, text="label:N")
    return alt.layer(*_guesses(x, y, {"x": alt.X("low:Q", scale=scale), "x2": "high:Q"}), words)


def _guesses(x: alt.X, y: alt.Y, interval: dict) -> tuple[alt.Chart, alt.Chart]:
    table = alt.Chart(alt.NamedData("guesses"))
    where = {"x": x, "y": y} | interval
    # Not scales of their own: those of a chart's layers would be made one.
    colour, shape = alt.Color("colour:N", scale=None), alt.Shape("shape:N", scale=None)
    name = alt.Tooltip("name:N", title="Number")
    ranges = table.mark_rule(strokeWidth=2).encode(**where, color=colour)
    points = table.mark_point(filled=True, size=140, opacity=1, stroke="white",
                              cursor="pointer").encode(
        x=x, y=y, color=colour, shape=shape, tooltip=[name])
    return ranges, points


def guess_in_words() -> alt.Chart:
    """The guess as a line of text, for a chart without an axis of what was guessed."""
    return alt.Chart(alt.NamedData("guesses")).mark_text(
        align="left", baseline="bottom", fontWeight=600, fontSize=on_narrow(11, 13),
        color=OTHER_PLAN).encode(x=alt.value(6), y=alt.value("height"), text="label:N")


def once() -> alt.Chart:
    """A chart of one mark, for lines and words that no row of a table stands for."""
    return alt.Chart(alt.InlineData(values=[{}]))


def key_words(words: str, of: alt.Chart | None = None, below: int = 0) -> alt.Chart:
    """What a band or a mark is, in the upper right corner; ``|`` begins a new line.

    With a chart of one row, or none, the words stand there only if it has that row; they
    begin so many lines ``below`` the corner.
    """
    return (once() if of is None else of).mark_text(
        align="right", baseline="top", fontSize=12, color=MUTED, lineBreak="|",
        lineHeight=15).encode(x=alt.value("width"), y=alt.value(2 + 15 * below),
                              text=alt.datum(words))


def finding_title(first: str = "") -> tuple[alt.Title, alt.Parameter]:
    """A title that states the finding, and the parameter that carries it.

    The page sets the parameter and breaks it into lines; the spec itself never changes.
    """
    finding = alt.param(name="finding", value=first)
    return alt.Title(text=alt.expr("finding"), anchor="start", fontSize=15, fontWeight=600,
                     color=INK, offset=12, limit=0), finding


#: By the room of the whole chart: the width inside its axes follows from sizes that this sets.
#: That width is named all the same, because its change says that the room has changed. It is
#: a parameter, since to ask for the room lays out the page.
_IS_NARROW = "0 * width + containerSize()[0] < 300"


def on_narrow(value: float | str, otherwise: float | str) -> alt.ExprRef:
    """One value or expression on a page of 320 pixels, or one enlarged to that; else another.

    For a chart that is `styled`.
    """
    return alt.ExprRef(f"narrow ? {value} : {otherwise}")


def row_names() -> alt.Axis:
    """Names of rows at the left of a chart; where it is narrow each word has its own line."""
    name = on_narrow("split(datum.label, ' ')", "datum.label").expr
    return alt.Axis(ticks=False, domain=False, labelPadding=8, labelExpr=name)


def styled(chart: alt.LayerChart, height: int) -> alt.LayerChart:
    """Common size and configuration."""
    title, finding = finding_title()
    return (
        chart.properties(width="container", height=height, title=title,
                         autosize=alt.AutoSizeParams(type="fit", contains="padding"))
        .add_params(finding, alt.param(name="narrow", expr=_IS_NARROW))
        .configure(font=FONT, background="transparent", padding={"left": 4, "right": 8,
                                                                "top": 4, "bottom": 4})
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=13, titleFontSize=on_narrow(11, 13), titleFontWeight="normal",
                        labelColor=INK, titleColor=INK, gridColor=GRID, domainColor=MUTED,
                        tickColor=MUTED, labelLimit=220, titlePadding=8)
        .configure_axisX(titleAnchor=on_narrow("'end'", "'middle'"))
        .configure_legend(labelFontSize=13, titleFontSize=13, labelColor=INK, titleColor=INK,
                          orient="top", titleFontWeight="normal", labelLimit=320,
                          columns=on_narrow(1, 0), columnPadding=7)
        .configure_text(fontSize=13, color=INK)
    )
