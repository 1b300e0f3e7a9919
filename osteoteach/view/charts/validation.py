"""Charts of the lesson "How far to trust the model": published against predicted.

Pure functions of `osteoteach.calibration.table.prediction_table` or of a part of it.
No dashboard shows them, so they are not among the built specs. Each chart says in its
``description`` what it shows, for `osteoteach.view.live_chart.LiveChart`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import altair as alt

from osteoteach.view.charts.look import FONT, once
from osteoteach.view.palette import (
    AS_NOW,
    FORMATION,
    GRID,
    INK,
    MUTED,
    OTHER_PLAN,
    PLAN,
    PRECURSORS,
    RESORPTION,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["against_targets", "agreement", "agreement_for_slide", "marker_agreement",
           "place_in_band", "published_beside_predicted"]

#: Key in the table -> words, colour and shape: colour never stands alone.
SITES = {"lumbar_spine": ("Lumbar spine", PLAN, "circle"),
         "total_hip": ("Total hip", OTHER_PLAN, "square"),
         "femoral_neck": ("Femoral neck", PRECURSORS, "triangle-up")}
MARKERS = {"ctx": ("CTX (resorption)", RESORPTION, "circle"),
           "p1np": ("P1NP (formation)", FORMATION, "square")}
NAMES = {name: words for name, (words, _, _) in (SITES | MARKERS).items()} | {
    "from_the_switch": "All sites, counted from the switch"}
ROLES = {"calibration": "Seen by the fit", "holdout": "Kept from the fit"}
KNOWN = {"calibration": "the fit had seen it", "holdout": "it had not"}
FILLED = "Filled: the published number lies outside the 90% band of the prediction."
_PERCENT = alt.Scale(domain=[-14, 26], nice=False, zero=False)
_RATIO = alt.Scale(type="log", domain=[0.08, 8], nice=False)
_BIN, _LAST_BIN = 0.25, 3.0


def agreement(numbers: pd.DataFrame) -> alt.HConcatChart:
    """Every change of BMD: published across, predicted up, seen and unseen side by side.

    On the line the model is right; above it, it promises too much. Filled: the
    published number lies outside the 90% band.
    """
    density = _density(numbers)
    panels = [_scatter(rows, SITES, _PERCENT, "change of BMD (%)", _panel_title(rows, role), 380)
              for role, rows in _by_role(density)]
    return _finished(alt.hconcat(*panels, spacing=24), _finding(density), 13, FILLED)


def agreement_for_slide(numbers: pd.DataFrame) -> alt.HConcatChart:
    """The same for a lecture slide of 16:9: fewer words, larger type, larger points."""
    density = _density(numbers)
    panels = [_scatter(rows, SITES, _PERCENT, "change of BMD (%)", _short_title(rows, role), 500,
                       size=110, type_size=20)
              for role, rows in _by_role(density)]
    return _finished(alt.hconcat(*panels, spacing=40), _finding(density), 20, FILLED)


def marker_agreement(numbers: pd.DataFrame) -> alt.HConcatChart:
    """Every turnover marker, as a ratio, on log scales."""
    markers = numbers[numbers["site"].isin(list(MARKERS))]
    panels = [_scatter(rows, MARKERS, _RATIO, "ratio", f"{ROLES[role]}: {len(rows)} numbers", 380)
              for role, rows in _by_role(markers)]
    return _finished(alt.hconcat(*panels, spacing=24),
                     "Turnover markers: published and predicted ratios", 13, FILLED)


def place_in_band(numbers: pd.DataFrame) -> alt.HConcatChart:
    """Where each published number lies in its own 90% band, of 100 numbers of each role.

    0 is the prediction, -1 and +1 are the edges of the band.
    """
    panels = [_places(rows, role) for role, rows in _by_role(numbers)]
    shares = " and ".join(f"{100 * rows['inside'].mean():.0f} of 100 {ROLES[role].lower()}"
                          for role, rows in _by_role(numbers))
    return _finished(alt.hconcat(*panels, spacing=24).resolve_scale(y="shared"),
                     f"Inside the 90% band: {shares}", 13)


def against_targets(scores: pd.DataFrame) -> alt.LayerChart:
    """How far the unseen numbers are off, in multiples of what was aimed at.

    Columns: site, error, target (``data/validation_scores.csv``).
    """
    rows = scores.assign(
        name=scores["site"].map(NAMES), times=(scores["error"] / scores["target"]).round(3),
        result=["met" if one <= 1 else "missed" for one in scores["error"] / scores["target"]],
        text=[f"off by {error:.2f}, aimed at {target:g}"
              for error, target in zip(scores["error"], scores["target"], strict=True)],
    )[["name", "times", "result", "text"]].sort_values("times")
    most = max(2.0, float(rows["times"].max()))
    x = alt.X("times:Q", title="Deviation, in multiples of the target",
              scale=alt.Scale(domain=[0, most * 1.55], nice=False),
              axis=alt.Axis(values=list(range(math.ceil(most) + 1)), format="d"))
    y = alt.Y("name:N", title=None, sort=None, axis=alt.Axis(
        ticks=False, domain=False, labelPadding=8, labelLimit=300))
    colour = alt.Color("result:N", title=None, scale=alt.Scale(
        domain=["met", "missed"], range=[PLAN, OTHER_PLAN]))
    base = alt.Chart(rows)
    bars = base.mark_bar(height=4).encode(x=x, x2=alt.datum(0), y=y, color=colour)
    points = base.mark_point(filled=True, size=150, opacity=1).encode(
        x=x, y=y, color=colour, shape=alt.Shape("result:N", title=None, scale=alt.Scale(
            domain=["met", "missed"], range=["circle", "triangle-right"])))
    texts = base.mark_text(align="left").encode(
        x=alt.datum(most * 1.06), y=y, text="text:N")
    line = once().mark_rule(color=INK, strokeDash=[4, 3]).encode(x=alt.datum(1))
    missed = int((rows["result"] == "missed").sum())
    return _finished(alt.layer(line, bars, points, texts).properties(
        width=640, height=34 * len(rows)),
        f"{missed} of {len(rows)} targets missed; the dashed line is the target", 13)


def published_beside_predicted(rows: pd.DataFrame, finding: str) -> alt.LayerChart:
    """Some changes of BMD one under the other: prediction, 90% band and published number."""
    shown = rows.assign(name=_unique_names(rows), lies=[
        "inside the band" if one else "outside the band" for one in rows["inside"]])
    shown = shown[["name", "lies", "published", "predicted", "low", "high"]].round(3)
    scale = alt.Scale(nice=True, zero=True)
    y = alt.Y("name:N", title=None, sort=None, axis=alt.Axis(
        labelLimit=520, ticks=False, domain=False, labelPadding=8, grid=True))
    base = alt.Chart(shown)
    band = base.mark_bar(height=9, opacity=0.22, color=PLAN).encode(
        x=alt.X("low:Q", scale=scale, title="Change of BMD (%)"), x2="high:Q", y=y)
    zero = once().mark_rule(color=MUTED).encode(x=alt.datum(0))
    gap = base.mark_rule(color=AS_NOW, strokeWidth=1.5).encode(
        x=alt.X("published:Q", scale=scale), x2="predicted:Q", y=y)
    predicted = base.mark_tick(color=PLAN, thickness=4, size=20).encode(
        x=alt.X("predicted:Q", scale=scale), y=y)
    published = base.mark_point(filled=True, size=110, opacity=1).encode(
        x=alt.X("published:Q", scale=scale), y=y,
        color=alt.Color("lies:N", title="Published number", scale=alt.Scale(
            domain=["inside the band", "outside the band"], range=[INK, OTHER_PLAN])),
        shape=alt.Shape("lies:N", title="Published number", scale=alt.Scale(
            domain=["inside the band", "outside the band"], range=["circle", "diamond"])))
    return _finished(alt.layer(band, zero, gap, predicted, published).properties(
        width=430, height=26 * len(shown)), finding, 13,
        "Upright line: predicted, with its 90% band.")


def _density(numbers: pd.DataFrame) -> pd.DataFrame:
    return numbers[numbers["site"].isin(list(SITES))]


def _by_role(numbers: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    found = [(role, numbers[numbers["role"] == role]) for role in ROLES]
    return [(role, rows) for role, rows in found if len(rows)]


def _off(rows: pd.DataFrame) -> float:
    return float(rows["error"].abs().mean())


def _panel_title(rows: pd.DataFrame, role: str) -> str:
    return f"{ROLES[role]}: {len(rows)} numbers, off by {_off(rows):.1f} points"


def _short_title(rows: pd.DataFrame, role: str) -> str:
    return f"{ROLES[role]}: off by {_off(rows):.1f} points"


def _finding(density: pd.DataFrame) -> str:
    return "Change of BMD: off by " + ", by ".join(
        f"{_off(rows):.1f} points where {KNOWN[role]}" for role, rows in _by_role(density))


def _scatter(rows: pd.DataFrame, kinds: dict, scale: alt.Scale, quantity: str, title: str,
             side: int, size: int = 42, type_size: int = 12) -> alt.LayerChart:
    """One panel of published against predicted, with the line of identity."""
    shown = rows.assign(
        kind=rows["site"].map(lambda site: kinds[site][0]),
        filled=[0.0 if inside else 0.85 for inside in rows["inside"]],
    )[["published", "predicted", "kind", "filled", "trial"]].round(3)
    words, colours, shapes = zip(*kinds.values(), strict=True)
    low, high = scale.domain
    is_log = scale.type == "log"
    ticks = [0.1, 0.2, 0.5, 1, 2, 5] if is_log else [-10, -5, 0, 5, 10, 15, 20, 25]
    axis = {"values": ticks, "format": "~g" if is_log else "d"}
    x = alt.X("published:Q", title=f"Published {quantity}", scale=scale, axis=alt.Axis(**axis))
    y = alt.Y("predicted:Q", title=f"Predicted {quantity}", scale=scale, axis=alt.Axis(**axis))
    line = once().mark_rule(color=INK, strokeWidth=1.5).encode(
        x=alt.datum(low, scale=scale), y=alt.datum(low, scale=scale),
        x2=alt.datum(high), y2=alt.datum(high))
    points = alt.Chart(shown).mark_point(size=size, strokeWidth=1.5, clip=True).encode(
        x=x, y=y,
        color=alt.Color("kind:N", title=None, scale=alt.Scale(
            domain=list(words), range=list(colours))),
        shape=alt.Shape("kind:N", title=None, scale=alt.Scale(
            domain=list(words), range=list(shapes))),
        fill=alt.Fill("kind:N", title=None, scale=alt.Scale(
            domain=list(words), range=list(colours))),
        fillOpacity=alt.FillOpacity("filled:Q", scale=None, legend=None),
        tooltip=[alt.Tooltip("trial:N", title="Trial"),
                 alt.Tooltip("published:Q", title="Published", format=".2f"),
                 alt.Tooltip("predicted:Q", title="Predicted", format=".2f")])
    # Where the model promises too much, and where too little: said on the chart.
    note = {"fontSize": type_size, "color": MUTED, "fontStyle": "italic"}
    above = once().mark_text(text="predicted too high", align="left", dx=10, dy=16, **note).encode(
        x=alt.value(0), y=alt.value(0))
    below = once().mark_text(text="predicted too low", align="right", dx=-10, dy=-14,
                              **note).encode(
        x=alt.value(side), y=alt.value(side))
    return alt.layer(line, points, above, below).properties(
        width=side, height=side, title=alt.Title(
            title, anchor="start", fontSize=type_size + 2, fontWeight=600, color=INK, offset=8))


def _places(rows: pd.DataFrame, role: str) -> alt.LayerChart:
    """Histogram of the places in the band, for one role."""
    import pandas as pd

    counts: dict[float, int] = {}
    for one in rows.itertuples():
        left = math.floor(_place(one) / _BIN) * _BIN
        left = max(-_LAST_BIN, min(left, _LAST_BIN - _BIN))
        counts[left] = counts.get(left, 0) + 1
    bins = pd.DataFrame([
        {"left": left, "right": left + _BIN, "share": round(100 * count / len(rows), 3),
         "lies": "inside the band" if -1 <= left < 1 else "outside the band"}
        for left, count in sorted(counts.items())])
    scale = alt.Scale(domain=[-_LAST_BIN, _LAST_BIN], nice=False)
    x = alt.X("left:Q", title="Published number: place in its band", scale=scale,
              axis=alt.Axis(values=[-3, -2, -1, 0, 1, 2, 3], format="d", grid=False))
    bars = alt.Chart(bins).mark_bar(binSpacing=1).encode(
        x=x, x2="right:Q", y=alt.Y("share:Q", title="Of 100 numbers"), y2=alt.datum(0),
        color=alt.Color("lies:N", title=None, scale=alt.Scale(
            domain=["inside the band", "outside the band"], range=[PLAN, OTHER_PLAN])))
    edges = alt.Chart(pd.DataFrame({"edge": [-1, 1]})).mark_rule(
        color=INK, strokeDash=[4, 3]).encode(x=alt.X("edge:Q", scale=scale))
    title = f"{ROLES[role]}: {100 * rows['inside'].mean():.0f} of 100 inside"
    return alt.layer(bars, edges).properties(width=380, height=240, title=alt.Title(
        title, anchor="start", fontSize=14, fontWeight=600, color=INK, offset=8))


def _place(one) -> float:
    """0 at the prediction, -1 and 1 at the edges; markers on the log scale of their band."""
    scale = math.log if one.site in MARKERS else float
    middle = scale(one.predicted)
    return (scale(one.published) - middle) / (scale(one.high) - middle)


def _unique_names(rows: pd.DataFrame) -> list[str]:
    """Trial, site and time; a second number of the same three gets a count."""
    seen: dict[str, int] = {}
    names = []
    for one in rows.itertuples():
        name = f"{one.trial}: {NAMES[one.site].lower()}, {one.time_years:.3g} y"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def _finished(chart, finding: str, type_size: int, hint: str | None = None):
    """Common configuration, the finding as title, and the words for who cannot see it."""
    title = alt.Title(finding, anchor="start", fontSize=type_size + 3, fontWeight=600, color=INK,
                      offset=14, limit=0)
    if hint:
        title.subtitle, title.subtitleColor, title.subtitleFontSize = hint, MUTED, type_size
    return (
        chart.properties(title=title, description=finding + (f". {hint}" if hint else "."))
        .configure(font=FONT, background="white",
                   padding={"left": 8, "right": 12, "top": 8, "bottom": 8})
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=type_size, titleFontSize=type_size,
                        titleFontWeight="normal", labelColor=INK, titleColor=INK,
                        gridColor=GRID, domainColor=MUTED, tickColor=MUTED, titlePadding=8,
                        labelFlush=False)
        .configure_legend(labelFontSize=type_size, titleFontSize=type_size, labelColor=INK,
                          titleColor=INK, orient="top", titleFontWeight="normal",
                          labelLimit=320, symbolSize=type_size * 8)
        .configure_text(fontSize=type_size, color=INK)
    )
