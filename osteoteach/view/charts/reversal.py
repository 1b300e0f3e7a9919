"""Charts of the page "Can it be reversed?"."""

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
from osteoteach.view.palette import AS_NOW, INK, ON_PLAN, PLAN

__all__ = ["course", "meanings", "needed_and_likely"]

_CHANGE = alt.Scale(domain=[-20, 40], nice=False)
_YEARS = "Years from today"
_LAST_X = 14
_TICKS = [-20, -10, 0, 10, 20, 30, 40]


def course() -> alt.LayerChart:
    """Change of BMD over the years: the plan, as now, 90% band, and single persons.

    Tables: ``plan`` (years, change, low, high), ``as_now`` (years, change),
    ``persons`` (person, years, change), ``lines`` (change, label), ``ends`` (years,
    change, label, colour): the names of the two lines, ``guesses``.
    """
    x = alt.X("years:Q", title=_YEARS,
              # Room at the right for the names of the lines.
              scale=alt.Scale(domain=[0, _LAST_X], nice=False),
              axis=alt.Axis(values=list(range(0, 11, 2)), grid=False))
    y = alt.Y("change:Q", title="Change of BMD (%)", scale=_CHANGE,
              axis=alt.Axis(values=_TICKS))
    band = alt.Chart(alt.NamedData("plan")).mark_area(
        color=PLAN, opacity=0.16, clip=True).encode(
        x=x, y=alt.Y("low:Q", scale=_CHANGE), y2="high:Q")
    persons = alt.Chart(alt.NamedData("persons")).mark_line(
        color=PLAN, opacity=0.35, strokeWidth=0.8, clip=True).encode(
        x=x, y=y, detail="person:N")
    as_now = alt.Chart(alt.NamedData("as_now")).mark_line(
        color=AS_NOW, strokeDash=[6, 4], strokeWidth=2).encode(x=x, y=y)
    plan = alt.Chart(alt.NamedData("plan")).mark_line(color=PLAN, strokeWidth=3).encode(x=x, y=y)
    rules = alt.Chart(alt.NamedData("lines")).mark_rule(color=INK, strokeDash=[2, 3]).encode(
        y=y)
    names = alt.Chart(alt.NamedData("lines")).mark_text(
        align="left", dx=6, dy=-8, fontSize=12).encode(x=alt.value(0), y=y, text="label:N")
    ends = alt.Chart(alt.NamedData("ends")).transform_calculate(
        at=inside("years", "label", (0, _LAST_X), 12, 6)).mark_text(
        align="left", fontSize=12, fontWeight=600).encode(
        x=alt.X("at:Q", title=_YEARS, scale=alt.Scale(domain=[0, _LAST_X], nice=False)), y=y,
        text="label:N", color=alt.Color("colour:N", scale=None))
    guess = guess_on_y(alt.X(
        "across:Q", title=_YEARS, scale=alt.Scale(domain=[0, _LAST_X], nice=False)), _CHANGE)
    key = key_words("Band: 90 of 100 people|Thin lines: 20 people")
    return styled(alt.layer(band, persons, rules, names, as_now, plan, ends, guess, key), 330)


def needed_and_likely() -> alt.LayerChart:
    """By site: the gain needed for a normal T-score beside the gain likely.

    Tables: ``sites`` (site, likely, low, high, likely_text), ``needed`` (site, needed,
    text_at, text), empty where no T-score is the goal.
    """
    x = alt.X("likely:Q", title="Change of BMD (%)", scale=_CHANGE, axis=alt.Axis(values=_TICKS))
    y = alt.Y("site:N", title=None, sort=None,
              axis=row_names())
    table = alt.NamedData("sites")
    zero = once().mark_rule(color=INK).encode(x=alt.datum(0))
    interval = alt.Chart(table).mark_rule(color=PLAN, strokeWidth=7, opacity=0.3).encode(
        x=alt.X("low:Q", scale=_CHANGE), x2="high:Q", y=y)
    likely = alt.Chart(table).mark_point(
        filled=True, color=PLAN, size=130, opacity=1).encode(x=x, y=y)
    lines = alt.NamedData("needed")
    needed = alt.Chart(lines).mark_tick(
        color=INK, thickness=3, height=26).encode(x=alt.X("needed:Q", scale=_CHANGE), y=y)
    needed_text = alt.Chart(lines).mark_text(dy=-22, fontSize=12).encode(
        x=alt.X("text_at:Q", scale=_CHANGE), y=y, text="text:N")
    likely_text = alt.Chart(table).mark_text(dy=20, fontSize=12, color=PLAN).encode(
        x=x, y=y, text="likely_text:N")
    # The zero line would make a plus of a minus sign. White words under the words hold it off.
    ground = alt.Chart(table).mark_text(
        dy=20, fontSize=12, color="#ffffff", stroke="#ffffff", strokeWidth=12,
        strokeJoin="round").encode(x=x, y=y, text="likely_text:N")
    return styled(alt.layer(zero, ground, interval, likely, needed, needed_text, likely_text),
                  330)


def meanings() -> alt.LayerChart:
    """The four meanings of "reversed": of 100 people like this one, how many get there.

    Tables: ``meanings`` (question, label, whole, of_100, text).
    """
    table = alt.NamedData("meanings")
    # Each name stands above its bar: on a phone there is no room beside it.
    y = alt.Y("question:N", title=None, sort=None, axis=None)
    names = alt.Chart(table).mark_text(
        align="left", baseline="bottom", dy=-13, fontSize=on_narrow(11, 13)).encode(
        x=alt.value(0), y=y, text="label:N")
    scale = alt.Scale(domain=[0, 100], nice=False)
    track = alt.Chart(table).mark_bar(color="#e6eaef", height=20).encode(
        x=alt.X("whole:Q", scale=scale, title="Of 100 people",
                axis=alt.Axis(values=[0, 20, 40, 60, 80, 100])), y=y)
    bar = alt.Chart(table).mark_bar(color=PLAN, height=20).encode(
        x=alt.X("of_100:Q", scale=scale), y=y)
    # Words stand after a short bar and inside a long one; where neither has room for them
    # (a phone) they end at the edge of the chart.
    words_px, bar_px = "(7.4 * length(datum.text) + 12)", "(datum.of_100 * width / 100)"
    is_inside = f"({bar_px} + {words_px} > width && {words_px} < {bar_px})"
    worded = alt.Chart(table)
    after = worded.transform_filter(f"!{is_inside}").transform_calculate(
        text_at=f"min(datum.of_100, max(0, 100 - 100 * {words_px} / width))").mark_text(
        align="left", dx=6, fontWeight=600, color=INK).encode(
        x=alt.X("text_at:Q", scale=scale), y=y, text="text:N")
    inside_bar = worded.transform_filter(is_inside).mark_text(
        align="left", dx=12, fontWeight=600, color=ON_PLAN).encode(
        x=alt.value(0), y=y, text="text:N")
    return styled(alt.layer(names, track, bar, after, inside_bar), 270)
