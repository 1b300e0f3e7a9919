"""Charts and dashboards that lessons show on the spot."""

from __future__ import annotations

import pytest

from osteoteach import (
    Course,
    InputError,
    Patient,
    Plan,
    framing,
    show_bars,
    show_courses,
    show_dashboard,
    show_markers,
    show_of_1000,
    show_persons,
    simulate,
)
from osteoteach.view.lessons import DASHBOARDS
from osteoteach.view.live_chart import LiveChart

WOMAN = Patient(age_years=66, sex="female", menopause_age_years=50,
                t_scores={"total_hip": -2.2, "lumbar_spine": -2.5, "femoral_neck": -2.3})
STOPPED = simulate(WOMAN, Plan(courses=[Course("denosumab", 0, 2)]), years=4)
AS_NOW = simulate(WOMAN, years=4)


@pytest.fixture
def shown(monkeypatch):
    """What a call displayed: the chart and how."""
    found = []
    monkeypatch.setattr("IPython.display.display", lambda chart, **how: found.append((chart, how)))
    return found


def drawn(shown) -> LiveChart:
    (chart, how), = shown
    # A text beside it would stand in the saved lesson.
    assert how == {"exclude": ["text/plain"]}
    return chart


def values(chart: LiveChart, *columns: str) -> list:
    """Rows of the first table of the chart that has these columns."""
    for part in (*chart.spec["layer"], chart.spec):
        rows = chart.spec["datasets"].get(part.get("data", {}).get("name"), [])
        if rows and set(columns) <= set(rows[0]):
            return rows
    raise AssertionError(columns)


def test_courses_are_those_of_the_model_and_said_in_words(shown):
    """Every line ends where `change_pct` says, and the text alternative says so too."""
    show_courses({"stopped": STOPPED, "as now": AS_NOW}, "total_hip")
    chart = drawn(shown)
    rows = [row for row in values(chart, "name", "value") if row["years"] == 4]
    assert {row["name"]: row["value"] for row in rows} == {
        "stopped": STOPPED.change_pct("total_hip", 4), "as now": AS_NOW.change_pct("total_hip", 4)}
    assert f"{AS_NOW.change_pct('total_hip', 4):.1f}" in chart.description
    band = next(row for row in values(chart, "low", "high") if row["years"] == 4)
    assert (band["low"], band["high"]) == STOPPED.band_pct("total_hip", 4)


def test_markers_overshoot_after_denosumab(shown):
    """CTX falls below a third and comes back above where it was."""
    show_markers(STOPPED)
    ctx = [row["value"] for row in values(drawn(shown), "name", "value")
           if row["name"].startswith("CTX")]
    assert min(ctx) < 1 / 3 < 1 < max(ctx)


def test_twenty_persons_around_their_mean(shown):
    """Lines that a single line would hide."""
    show_persons(STOPPED, "total_hip")
    ends = [row["change"] for row in values(drawn(shown), "person") if row["years"] == 4]
    assert len(ends) == 20
    assert min(ends) < STOPPED.change_pct("total_hip", 4) < max(ends)


def test_of_1000_counts_what_framing_counts(shown):
    """As many marks of each kind as the sentence says."""
    framed = framing(0.19, 0.64)
    show_of_1000(framed, "fracture")
    kinds = [row["kind"] for row in values(drawn(shown), "kind")]
    assert len(kinds) == framed.of
    assert kinds.count("fracture either way") == framed.count_with
    assert sum(kind.startswith("spared") for kind in kinds) == (
        framed.count_without - framed.count_with)


def test_bars_carry_their_number_and_interval(shown):
    """A row a name, with its interval."""
    show_bars({"a": 1.5, "b": 2}, "%", "Two numbers", {"a": (1, 2)})
    rows = values(drawn(shown), "low", "high")
    assert [(row["name"], row["low"], row["high"]) for row in rows] == [("a", 1, 2), ("b", 2, 2)]


@pytest.mark.parametrize("wrong", [
    lambda: show_bars({}), lambda: show_courses({}), lambda: show_dashboard("frax"),
    lambda: show_courses(dict.fromkeys("abcdef", STOPPED))])
def test_what_is_wrong_is_named(wrong):
    """Too few, too many, unknown."""
    with pytest.raises(InputError):
        wrong()


@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_dashboard_can_stand_in_a_lesson(name):
    """The same page as in Voila."""
    assert show_dashboard(name).frame.sentence


def test_harm_is_drawn_as_its_own_kind(shown):
    """Kidney stones on calcium: those that only treatment brings must be seen."""
    framed = framing(0.021, 1.17)
    show_of_1000(framed, "kidney stone")
    kinds = [row["kind"] for row in values(drawn(shown), "kind")]
    assert framed.count_with > framed.count_without
    assert kinds.count("kidney stone either way") == framed.count_without
    assert kinds.count(f"kidney stone only with treatment "
                       f"({framed.count_with - framed.count_without})") == (
        framed.count_with - framed.count_without)


def test_a_chart_says_what_its_band_and_thin_lines_are(shown):
    """Nobody guesses what is shaded, and a minus sign is one."""
    show_courses({"stopped": STOPPED}, "total_hip", "All from a T-score of -2.5")
    show_persons(STOPPED)
    show_bars({"a": 1.0}, "%", "One", {"a": (0, 2)})
    show_bars({"a": 1.0}, "%", "One")
    titles = [chart.spec["title"] for chart, _ in shown]
    below = [" ".join(title.get("subtitle", [])) for title in titles]
    assert [text[:6] for text in below] == ["Shaded", "Thin: ", "Line: ", ""]
    assert "“stopped”" in below[0]
    assert shown[0][0].signals["finding"].endswith("−2.5")


def test_no_heading_is_wider_than_a_phone(shown):
    """The page breaks what a signal carries; a line below the title is broken here."""
    show_courses({"stopped after two years": STOPPED, "as now": AS_NOW}, "lumbar_spine")
    show_of_1000(framing(0.19, 0.64), "hip fracture", framing(0.19, 0.64).sentence)
    show_bars({"a": 1.0}, "%", "Gain at the lumbar spine in the model, from trials", {"a": (0, 2)})
    for chart, _ in shown:
        assert chart.spec["title"]["text"] == {"expr": "finding"}
        assert all(len(line) <= 48 for line in chart.spec["title"].get("subtitle", []))


def test_no_axis_of_years_is_written_in_powers_of_ten(shown):
    """ "1e+1" stood where 10 years end."""
    show_courses({"ten years": simulate(WOMAN, years=10)})
    show_bars({"a": 26, "b": 69}, "of 1,000")
    for chart, _ in shown:
        formats = {layer["encoding"]["x"].get("axis", {}).get("format") for layer in
                   chart.spec["layer"] if "x" in layer.get("encoding", {})} - {None}
        assert formats == {"~f"}
