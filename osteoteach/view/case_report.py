"""What the card of a virtual patient shows, as plain data for the browser."""

from __future__ import annotations

import re
from typing import Any

from osteoteach.evidence import source, table
from osteoteach.model.densitometry import young_adult_reference
from osteoteach.model.diagnosis import NORMAL_FROM_T, OSTEOPOROSIS_UP_TO_T
from osteoteach.model.precision import precision_cv_pct
from osteoteach.model.vocabulary import plain_name
from osteoteach.teaching.cases.case import Case
from osteoteach.teaching.cases.follow_up import FollowUp
from osteoteach.teaching.cases.marking import Line
from osteoteach.teaching.cases.pairs import Contrast
from osteoteach.teaching.cases.report import ReportRow
from osteoteach.teaching.sentences import signed
from osteoteach.view.answer import ChartPatch

__all__ = ["contrast_view", "curve_patch", "follow_up_patch", "line_view", "report_view"]

DASH = "–"
DEVICE = "Hologic"
#: The site of the reference curve: the hip site with a confirmed table by age.
CURVE_SITE = {"female": "femoral_neck", "male": "total_hip"}
LAST_AGE = 89


def line_view(line: Line) -> dict[str, Any]:
    """A remark with the names and addresses of its sources."""
    sources = [source(name) for name in line.source_ids]
    text = re.sub(r"(?<![\w.])-(?=\d)", "−", line.text)  # a true minus before numbers
    return {"mark": line.mark, "text": text,
            "sources": [{"short": one.short, "link": one.link} for one in sources]}


def report_view(case: Case) -> dict[str, Any]:
    """The DXA report: what a machine prints, and nothing that it does not know."""
    report = case.report
    names = {"lumbar_spine": "Lumbar spine L1-L4 (total)"}
    view: dict[str, Any] = {
        "head": [["Sex", "Woman" if report.sex == "female" else "Man"],
                 ["Age", f"{report.age_years:g}"], ["Device", DEVICE]],
        "rows": [_row_view(row, names.get(row.site, plain_name(row.site).capitalize()))
                 for row in report.rows],
        "vertebrae": [{
            "level": one.level, "bmd": f"{one.scan.bmd_g_cm2:.3f}",
            "area": f"{one.scan.area_cm2:.1f}", "t": signed(one.scan.t_score),
            "seen": one.seen or "nothing unusual",
            "shape": "wedge" if "wedge" in one.seen else "bright" if one.seen else "plain",
        } for one in report.vertebrae],
        "note": ("T-scores: young white women, NHANES III at the hip. Z-scores: same age and "
                 "sex; a dash where no table was confirmed. Single vertebrae are scored with the "
                 "reference of L1-L4."),
        "earlier": None,
    }
    if case.earlier is not None:
        years = case.earlier.years_ago
        view["earlier"] = {
            "years_ago": f"{years:g} {'year' if years == 1 else 'years'} ago, same device",
            "site": plain_name(case.earlier.main.site),
            "precision": f"{precision_cv_pct(case.earlier.main.site):g}%",
            "rows": [[plain_name(one.site).capitalize(), f"{one.then_g_cm2:.3f}",
                      f"{one.now_g_cm2:.3f}"] for one in case.earlier.changes]}
    return view


def _row_view(row: ReportRow, name: str) -> dict[str, str]:
    return {"site": name, "bmd": DASH if row.bmd_g_cm2 is None else f"{row.bmd_g_cm2:.3f}",
            "t": signed(row.t_score), "z": DASH if row.z_score is None else signed(row.z_score)}


def contrast_view(found: Contrast) -> dict[str, Any]:
    return {"titles": list(found.titles), "rows": [list(row) for row in found.rows],
            "changes": found.changes}


def curve_patch(case: Case) -> ChartPatch:
    """The hip on the reference curve, as the report draws it."""
    report, site = case.report, CURVE_SITE[case.report.sex]
    reference, row = young_adult_reference(site), report.row(site)
    rows = _reference_rows(site, report.sex)
    finding = (f"{plain_name(site).capitalize()} {row.bmd_g_cm2:.3f} g/cm² at "
               f"{report.age_years:g} years")
    lines = {"bmd": [reference.mean_g_cm2 + t * reference.sd_g_cm2
                     for t in (NORMAL_FROM_T, OSTEOPOROSIS_UP_TO_T)],
             "label": ["T-score −1.0", "T-score −2.5"]}
    people = "women" if report.sex == "female" else "men"
    about = f"The grey band is the mean plus and minus one SD of white US {people} of each age."
    return ChartPatch(
        data={"reference": rows, "lines": lines,
              "person": {"age_years": [report.age_years], "bmd": [row.bmd_g_cm2],
                         "text": [f"{row.bmd_g_cm2:.3f}"]}},
        signals={"finding": finding}, description=f"{finding}. {about}")


def _reference_rows(site: str, sex: str) -> dict[str, list[float]]:
    rows: dict[str, list[float]] = {"age_years": [], "mean": [], "low": [], "high": []}
    for row in table("bmd_reference"):
        if (row["role"], row["site"], row["sex"], row["population"]) != (
                "age_matched", site, sex, "us_white"):
            continue
        last = LAST_AGE if row["age_high_years"] is None else row["age_high_years"]
        mean, sd = row["mean_g_cm2"], row["sd_g_cm2"]
        for name, value in (("age_years", (row["age_low_years"] + last + 1) / 2), ("mean", mean),
                            ("low", mean - sd), ("high", mean + sd)):
            rows[name].append(value)
    return rows


def follow_up_patch(outcome: FollowUp) -> ChartPatch:
    """The years after today, with the person's scans."""
    noise = precision_cv_pct(outcome.site) / 100
    where = plain_name(outcome.site)
    scans = outcome.scans
    count = len(outcome.years)
    return ChartPatch(
        data={
            "band": {"years": list(outcome.years), "low": _short(outcome.low_g_cm2),
                     "high": _short(outcome.high_g_cm2)},
            "lines": {"years": [*outcome.years, *outcome.years],
                      "bmd": _short((*outcome.expected_g_cm2, *outcome.stopped_g_cm2)),
                      "plan": ["Your plan"] * count + ["Nothing from today"] * count},
            "scans": {"years": [one.years for one in scans],
                      "bmd": [one.bmd_g_cm2 for one in scans],
                      "low": _short([one.bmd_g_cm2 * (1 - noise) for one in scans]),
                      "high": _short([one.bmd_g_cm2 * (1 + noise) for one in scans]),
                      "text": [f"T {signed(one.t_score)}" for one in scans]}},
        signals={"finding": f"{where.capitalize()}: expected course, and this person's scans"},
        description=f"Density of the {where} over five years. " + " ".join(outcome.sentences))


def _short(values: Any) -> list[float]:
    return [round(value, 4) for value in values]
