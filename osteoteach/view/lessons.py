"""What a lesson shows: charts of courses and numbers, and whole dashboards.

Each function displays at once, without a line of text beside it, so that a saved lesson
holds no widget. Numbers are those of the model; nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from osteoteach.errors import InputError
from osteoteach.model.vocabulary import checked_choice, checked_kind, number_between, plain_name

if TYPE_CHECKING:
    from osteoteach.model.trajectory import Trajectory

__all__ = ["DASHBOARDS", "show_bars", "show_courses", "show_dashboard", "show_markers",
           "show_of_1000", "show_persons"]

DASHBOARDS = ("diagnose", "reversal", "sequence", "risk", "noise", "population")
PERSONS_SHOWN = 20
MOST_LINES = 5
LONGEST_TEXT = 300


def show_courses(courses: Mapping[str, Trajectory], site: str = "total_hip",
                 title: str = "") -> None:
    """Draw the change of BMD of some courses, with the 90% band of the first.

    Parameters
    ----------
    courses : mapping of name to Trajectory
        One to five; what `simulate` returns.
    site : str
    title : str, optional
        What the chart says; default: what it shows.

    Returns
    -------
    None
        The chart is displayed.

    Examples
    --------
    >>> from osteoteach import Course, Patient, Plan, simulate
    >>> woman = Patient(age_years=66, sex="female", menopause_age_years=50)
    >>> course = simulate(woman, Plan(courses=[Course("denosumab", 0, 2)]), years=4)
    >>> show_courses({"stopped after two years": course})  # doctest: +SKIP
    """
    from osteoteach.model.trajectory import Trajectory
    from osteoteach.view.charts import lesson

    _check_texts(title=title)
    _check_lines("courses", courses)
    for name, course in courses.items():
        checked_kind(f"course {name}", course, Trajectory)
        checked_choice("site", site, course.paths)
    lines = {name: (course.time_years, [course.change_pct(site, time)
                                        for time in course.time_years])
             for name, course in courses.items()}
    first = next(iter(courses.values()))
    low, high = zip(*(first.band_pct(site, time) for time in first.time_years), strict=True)
    _display(lesson.courses(lines, "Change of BMD (%)", title or
                            f"{plain_name(site).capitalize()}: change of bone density",
                            (first.time_years, low, high)))


def show_markers(course: Trajectory, title: str = "") -> None:
    """Draw resorption (CTX) and formation (P1NP), 1 before treatment.

    Parameters
    ----------
    course : Trajectory
        What `simulate` returns.
    title : str, optional

    Returns
    -------
    None
        The chart is displayed.

    Examples
    --------
    >>> show_markers(course)  # doctest: +SKIP
    """
    from osteoteach.model.trajectory import Trajectory
    from osteoteach.view.charts import lesson

    _check_texts(title=title)
    found = checked_kind("course", course, Trajectory).marker_course
    _display(lesson.courses(
        {"CTX (resorption)": (found.time_years, found.ctx),
         "P1NP (formation)": (found.time_years, found.p1np)},
        "Times the value before", title or "Markers of bone turnover", level=1.0))


def show_persons(course: Trajectory, site: str = "total_hip", title: str = "") -> None:
    """Draw twenty simulated persons, and their expected mean.

    Parameters
    ----------
    course : Trajectory
        What `simulate` returns.
    site : str
    title : str, optional

    Returns
    -------
    None
        The chart is displayed.

    Examples
    --------
    >>> show_persons(course, "lumbar_spine")  # doctest: +SKIP
    """
    from osteoteach.model.trajectory import Trajectory
    from osteoteach.view.charts import lesson

    _check_texts(title=title)
    checked_kind("course", course, Trajectory)
    checked_choice("site", site, course.paths)
    path, times = course.paths[site], course.time_years
    by_time = [path.persons_change_pct(time, PERSONS_SHOWN, course.seed) for time in times]
    _display(lesson.persons(times, list(zip(*by_time, strict=True)),
                            [course.change_pct(site, time) for time in times],
                            title or f"{PERSONS_SHOWN} people like her, {plain_name(site)}"))


def show_bars(values: Mapping[str, float], unit: str = "", title: str = "",
              intervals: Mapping[str, tuple[float, float]] | None = None) -> None:
    """Draw one number a row, with its interval where there is one.

    Parameters
    ----------
    values : mapping of name to number
    unit : str
    title : str, optional
    intervals : mapping of name to (low, high), optional

    Returns
    -------
    None
        The chart is displayed.

    Examples
    --------
    >>> show_bars({"needed": 13.5, "likely": 0.4}, "%")  # doctest: +SKIP
    """
    from osteoteach.view.charts import lesson

    _check_texts(unit=unit, title=title)
    _check_bars(checked_kind("values", values, Mapping),
                {} if intervals is None else checked_kind("intervals", intervals, Mapping))
    if not values:
        raise InputError("values", "must hold at least one number", values,
                         'Write {"a name": 1.5}.')
    _display(lesson.bars(values, unit, title or unit, intervals))


def show_of_1000(framed: Any, event: str = "fracture", title: str = "") -> None:
    """Draw 1,000 people as marks in one fixed order.

    Parameters
    ----------
    framed : Framing
        What `framing` returns.
    event : str
        The word for what may happen.
    title : str, optional

    Returns
    -------
    None
        The chart is displayed.

    Examples
    --------
    >>> from osteoteach import framing
    >>> show_of_1000(framing(0.19, 0.64))  # doctest: +SKIP
    """
    from osteoteach.model.framing import Framing
    from osteoteach.view.charts import lesson

    _check_texts(event=event, title=title)
    checked_kind("framed", framed, Framing)
    without, with_ = framed.count_without, framed.count_with
    _display(lesson.icons(without, with_, framed.of, event, title or
                          f"Of {framed.of:,}: {without} without treatment, {with_} with it"))


def show_dashboard(name: str) -> Any:
    """A whole dashboard inside a lesson; the last line of a cell shows it.

    Parameters
    ----------
    name : str
        One of `DASHBOARDS`.

    Returns
    -------
    Page

    Examples
    --------
    >>> show_dashboard("noise").frame.title
    'Is the change real?'
    """
    checked_choice("name", name, DASHBOARDS)
    return import_module(f"osteoteach.view.dashboards.{name}").page()


def _check_bars(values: Mapping[str, Any], intervals: Mapping[str, Any]) -> None:
    _check_texts(**{f"name {number}": name for number, name in enumerate(values, 1)})
    for name, value in values.items():
        number_between(name, value, -1e12, 1e12, "must be a finite number", "Give a number.")
    for name, pair in intervals.items():
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise InputError(f"interval {name}", "must be (low, high)", pair, "Give two numbers.")
        for end in pair:
            number_between(f"interval {name}", end, -1e12, 1e12, "must hold finite numbers",
                           "Give two numbers.")


def _check_texts(**texts: Any) -> None:
    for name, text in texts.items():
        if not isinstance(text, str) or len(text) > LONGEST_TEXT:
            raise InputError(name, f"must be a text of at most {LONGEST_TEXT} signs", text,
                             "Write one line.")


def _check_lines(name: str, lines: Mapping[str, Any]) -> None:
    checked_kind(name, lines, Mapping)
    if not 1 <= len(lines) <= MOST_LINES:
        raise InputError(name, f"must hold 1 to {MOST_LINES} lines", len(lines),
                         "Show the others in a chart of their own.")


def _display(chart: Any) -> None:
    from IPython.display import display

    from osteoteach.view.live_chart import LiveChart

    display(LiveChart.from_altair(chart, data={}, description=chart.description),
            exclude=["text/plain"])
