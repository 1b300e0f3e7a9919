"""Page "Is the change real?"."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from functools import lru_cache
from statistics import NormalDist, fmean
from typing import Any

from osteoteach.evidence import source, table
from osteoteach.model.diagnosis import NORMAL_FROM_T, OSTEOPOROSIS_UP_TO_T
from osteoteach.model.precision import (
    category_shares,
    least_significant_change,
    precision_cv_pct,
    rescans,
    share_called_changed,
)
from osteoteach.model.vocabulary import plain_name
from osteoteach.teaching.guess_questions.noise import noise_guess
from osteoteach.teaching.sentences import (
    change_sentence,
    of_100,
    rescans_sentence,
    signed,
    signed_pct,
)
from osteoteach.view.controls import ActionButton, ChoiceControl, NumberControl
from osteoteach.view.dashboards.assembly import dashboard
from osteoteach.view.dashboards.person import SITES
from osteoteach.view.dashboards.rows_behind import scale_rows
from osteoteach.view.evidence_rows import RowsUsed, row_key, rows_used
from osteoteach.view.guess_marks import GuessPlace
from osteoteach.view.html import data_table, paragraph, reference_list, short_link
from osteoteach.view.page import Answer, ChartPatch, Group, Page

__all__ = ["answer", "page"]

SCANS = 10
PEOPLE, PICKED = 200, 20
DENSITY_POINTS, DENSITY_LIMIT_PCT = 161, 32.0


def _controls() -> list[Group]:
    return [
        Group("One unchanged person", [
            ChoiceControl("site", "Site", [
                (plain_name(site).capitalize(), site) for site in SITES], "total_hip"),
            NumberControl("true_t_score", "True T-score", "SD", -3.5, 0, 0.1, -1.2),
            NumberControl("precision_pct", "Precision error", "%", 0.5, 5, 0.1,
                          precision_cv_pct("total_hip"),
                          "The SD of repeated scans of one person."),
            ActionButton("again", "Scan her again"),
        ]),
        Group("Two scans, years apart", [
            NumberControl("true_change_pct", "True change", "%", -10, 10, 0.5, 2),
        ]),
    ]


def answer(values: dict[str, Any]) -> Answer:
    """What noise does to the scans on the controls."""
    site, precision = values["site"], values["precision_pct"]
    seed = 1 + int(values["again"])
    scans = rescans(site, values["true_t_score"], precision, SCANS, seed)
    shares = category_shares(site, values["true_t_score"], precision)
    limit = least_significant_change(precision)
    called = share_called_changed(values["true_change_pct"], precision)
    return Answer(
        sentence=(rescans_sentence(scans) + " "
                  + change_sentence(values["true_change_pct"], limit, called)),
        why=lambda: _why(site, precision, limit, values["true_change_pct"], called),
        how_sure=lambda: _how_sure(scans.largest_difference_pct, shares),
        sources=lambda: reference_list(_sources()),
        warnings=_about_precision(site, precision),
        charts={
            "rescans": _rescans_patch(scans),
            "change": _change_patch(values["true_change_pct"], precision, limit, called),
            "regression": _regression_patch(precision, seed),
        },
        guess=noise_guess(scans, shares, site, precision,
                          (site, values["true_t_score"], precision)),
        guess_place=GuessPlace("rescans"),
    )


def rows_behind(values: dict[str, Any]) -> Iterator[RowsUsed]:
    """Rows of the evidence that the answer to some values rests on."""
    yield from rows_used("Published precision errors of this site", "bmd_precision",
                         lambda row: row["site"] == values["site"])
    yield from rows_used("The rule for a change that counts", "diagnostic_rules",
                         lambda row: row["rule_id"] == "least_significant_change")
    yield from scale_rows([values["site"]])


def _sources() -> list[str]:
    rows = [row["source_id"] for row in table("bmd_precision")]
    rules = [row["source_id"] for row in table("diagnostic_rules")
             if row["rule_id"] == "least_significant_change"]
    return [*rules, *rows, "cummings_2000"]


def _about_precision(site: str, precision: float) -> list[tuple[str, str]]:
    """A precision error that no technologist should have."""
    row = next(row for row in table("bmd_precision")
               if (row["site"], row["kind"]) == (site, "minimum_acceptable"))
    if precision <= row["cv_pct"]:
        return []
    return [("caution", f"A precision error of {precision:.1f}% is above {row['cv_pct']:.1f}%, the "
             f"largest that ISCD accepts of a technologist at the {plain_name(site)} "
             f"({source(row['source_id']).short}).")]


def _why(site: str, precision: float, limit: float, true_change: float,
         called: dict[str, float]) -> str:
    rows = [(f"{plain_name(row['site']).capitalize()}, {row['kind'].replace('_', ' ')}",
             *_precision_and_limit(row),
             short_link(row["source_id"], "bmd_precision", row_key("bmd_precision", row)))
            for row in table("bmd_precision")]
    return (
        paragraph(f"Least significant change = 2.77 × {precision:.1f}% = {limit:.1f}%. The factor "
                  "is 1.96 × √2, because both scans carry the error.")
        + data_table("Published precision errors", ("Site", "Precision error",
                                                    "Least significant change", "Source"), rows)
        + paragraph(f"At the {plain_name(site)} a true change smaller than {limit:.1f}% is more "
                    "often missed than seen. "
                    + (f"With a true {signed_pct(true_change)}" if true_change else
                       "Where nothing changed")
                    + f", {of_100(called['no_change_shown'])} pairs show nothing."))


def _precision_and_limit(row) -> tuple[str, str]:
    if row["cv_pct"] is not None:
        return f"{row['cv_pct']:.1f}%", f"{least_significant_change(row['cv_pct']):.1f}%"
    limit = least_significant_change(row["sd_g_cm2"])
    return f"{row['sd_g_cm2']:.3f} g/cm²", f"{limit:.3f} g/cm²"


def _how_sure(largest_difference_pct: float, shares: dict[str, float]) -> str:
    return "".join(map(paragraph, (
        f"In the long run {of_100(max(shares.values()))} scans of this person read the same "
        "class; the others are noise.",
        "Nothing happened to this person: the scans differ because of repositioning, the machine "
        f"and the reading. Her lowest and highest scan lie {largest_difference_pct:.1f}% apart.",
        "Noise is taken as normal with the same relative size at every density. Weight change, "
        "a new machine or a degenerating spine add errors that this page leaves out.",
        "Your centre's own precision study beats any published figure: 30 people scanned twice, "
        "or 15 three times.")))


def _rescans_patch(scans) -> ChartPatch:
    said = ", ".join(signed(score) for score in scans.reported)
    kinds = len(set(scans.categories))
    finding = ("One person, ten scans, one class" if kinds == 1
               else f"One person, ten scans, {kinds} different classes")
    return ChartPatch(
        data={
            "scans": {"scan": list(range(1, SCANS + 1)), "score": list(scans.t_scores),
                      "category": list(scans.categories),
                      "text": [signed(score) for score in scans.reported]},
            "lines": {"score": [NORMAL_FROM_T, OSTEOPOROSIS_UP_TO_T],
                      "label": ["Normal|from −1.0", "Osteoporosis|from −2.5"]},
            "truth": {"score": [scans.true_t_score]},
        },
        signals={"finding": finding},
        description=(f"Ten scans of one unchanged person with a true T-score of "
                     f"{signed(scans.true_t_score)}. Reported: {said}."))


def _change_patch(true_change: float, precision: float, limit: float,
                  called: dict[str, float]) -> ChartPatch:
    observed = NormalDist(true_change, precision * math.sqrt(2))
    step = 2 * DENSITY_LIMIT_PCT / (DENSITY_POINTS - 1)
    grid = [-DENSITY_LIMIT_PCT + step * index for index in range(DENSITY_POINTS)]
    columns: dict[str, list] = {"change": [], "density": [], "shown": []}
    for name, low, high in (("loss shown", -math.inf, -limit), ("gain shown", limit, math.inf),
                            ("no change shown", -limit, limit)):
        inside = [value for value in grid if low < value < high]
        # Both edges belong to their part, so that the coloured areas meet.
        edges = [edge for edge in (low, high) if math.isfinite(edge)]
        for value in sorted(inside + edges):
            columns["change"].append(value)
            columns["density"].append(observed.pdf(value))
            columns["shown"].append(name)
    return ChartPatch(
        data={"density": columns,
              "limits": {"change": [-limit, limit],
                         "label": [f"−{limit:.1f}%", f"+{limit:.1f}%"]}},
        signals={"finding": f"True change {signed_pct(true_change)}: "
                            f"{of_100(called['no_change_shown'])} pairs of scans show nothing"},
        description=(
            f"Distribution of the observed change between two scans when the true change is "
            f"{signed_pct(true_change)}. The least significant change is {limit:.1f}%. Shown as "
            f"gain: {of_100(called['gain'])}; as loss: {of_100(called['loss'])}; "
            f"neither: {of_100(called['no_change_shown'])}."))


@lru_cache(maxsize=16)
def _noise(seed: int) -> tuple[tuple[float, float, float], ...]:
    draw = random.Random(1000 + seed)
    return tuple((draw.gauss(0, 1), draw.gauss(0, 1), draw.gauss(0, 1)) for _ in range(PEOPLE))


def _regression_patch(precision: float, seed: int) -> ChartPatch:
    """Three scans of 200 people in whom nothing changed."""
    first = [precision * (b - a) for a, b, _ in _noise(seed)]
    second = [precision * (c - b) for _, b, c in _noise(seed)]
    threshold = sorted(first)[PICKED - 1]
    picked = [change <= threshold for change in first]
    mean_first = fmean(f for f, is_in in zip(first, picked, strict=True) if is_in)
    mean_second = fmean(s for s, is_in in zip(second, picked, strict=True) if is_in)
    finding = (f"Nobody changed. The {PICKED} biggest “losers” of {PEOPLE}: "
               f"{signed_pct(mean_first)}, then {signed_pct(mean_second)}")
    return ChartPatch(
        data={
            "people": {"first": first, "second": second,
                       "picked": ["picked" if is_in else "others" for is_in in picked]},
            "means": {"first": [mean_first], "second": [mean_second]},
        },
        signals={"finding": finding},
        description=(f"{PEOPLE} people in whom nothing changed, scanned three times. Those "
                     f"{PICKED} with the largest first loss, {signed_pct(mean_first)} on average, "
                     f"show {signed_pct(mean_second)} at the next scan: regression to the mean."))


def page() -> Page:
    """The whole page, for the last line of a notebook."""
    return dashboard(
        "noise", "Is the change real?",
        "Scan one person ten times. Guess before you press: how often will the class change "
        "although nothing happened?",
        _controls(), answer, rows_behind=rows_behind)
