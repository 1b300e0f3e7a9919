"""What the evidence drawer shows: one number with all that is known of where it comes from.

For a row of ``data/``: its value with interval, people, place and note, the studies it
was read from, the published numbers behind it, what other sources say of the same thing,
and the open disagreements its sources take part in. Plain values for the browser, which
puts them on the page as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from osteoteach.evidence import source, table
from osteoteach.model.vocabulary import plain_name
from osteoteach.view.evidence_peers import peers_of
from osteoteach.view.evidence_rows import (
    RowsUsed,
    find_row,
    resource,
    row_key,
    row_sources,
)

__all__ = ["row_card", "row_label", "row_number", "source_card", "used_card"]

Row = Mapping[str, Any]
Facts = list[list[str]]

#: Which column is the number of a table, where it is not called ``value``.
_NUMBERS = {
    "bmd_reference": ("mean_g_cm2",), "bmd_precision": ("cv_pct", "sd_g_cm2"),
    "untreated_loss": ("change_pct_per_year",), "published_loss": ("change_pct_per_year",),
    "loss_variation": ("sd_pct_per_year",), "recommended_intakes": ("recommended",),
    "fracture_incidence": ("rate_per_100000",), "death_rates": ("yearly_probability",),
    "fracture_gradient": ("ratio",), "fracture_risk_ratios": ("ratio",),
    "risk_factor_prevalence": ("percent",), "body_mass_index": ("mean_kg_m2",),
    "male_neck_bmd": ("mean_g_cm2",), "fracture_overlap": ("any_of_four_pct",),
    "published_risks": ("risk_pct",), "harms": ("rate", "relative_risk"),
    "diagnostic_rules": ("statement",), "guidelines": ("name",), "medicines": ("regimen",),
    "medicine_warnings": ("text",), "population_census": ("persons",),
    "population_summary": ("persons",), "validation_scores": ("error",),
    "screening_rules": ("answer",), "retest_rules": ("answer",), "device_calibration": ("slope",),
    "bmd_correlations": ("correlation",),
    "screening_tools": ("points", "words"),
}
_UNITS = {"pct": "%", "g_cm2": "g/cm²", "kg_m2": "kg/m²", "per_year": "a year",
          "per_100000": "per 100,000 a year", "pct_per_year": "% a year", "years": "years"}
#: Units that a table gives by the kind of its number.
_KINDS = {"bmd_difference_pct": "%", "bmd_change_pct": "%", "bmd_difference_g_cm2": "g/cm²",
          "bmd_difference_pct_per_decade": "% per decade", "smd": "SMD", "step_pct": "%, once",
          "rate_pct_per_year": "% a year", "multiplier": "times the untreated loss",
          "relative_risk": "(relative risk)", "hazard_ratio": "(hazard ratio)",
          "odds_ratio": "(odds ratio)"}
_INTERVALS = ("low", "high", "relative_risk_low", "relative_risk_high")
#: Shown first, under these words.
_NAMES = {"n": "People", "population": "Who was studied", "site": "Site", "sex": "Sex",
          "note": "How it was read", "rationale": "Why this number", "trial": "Trial",
          "arm": "Arm", "comparator": "Compared with", "outcome": "Fracture",
          "months": "Months of follow-up", "time_years": "Years from the first dose"}
_READ = {"abstract": "the abstract", "table": "a table of the paper", "full_text": "the full text",
         "official_page": "the official page", "secondary": "a page that cites it"}
_DESIGNS = {"rct": "randomised trial", "meta_analysis": "meta-analysis",
            "nonrandomised_trial": "trial without randomisation", "label": "medicine label",
            "position": "position statement"}
MOST_SOURCES = 12
# A group of more rows than this opens by a click.
LONG_GROUP = 6


def number_text(value: Any) -> str:
    """A cell for the reader.

    Examples
    --------
    >>> number_text(-0.85), number_text("total_hip"), number_text(True), number_text(120000)
    ('−0.85', 'total hip', 'yes', '120,000')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,.6g}".replace("-", "−")
    text = plain_name(value) if re.fullmatch(r"[a-z0-9_]+", value) else value
    return re.sub(r"(?<![\w.])-(?=\d)", "−", text)


def _number_column(name: str, row: Row) -> str:
    columns = _NUMBERS.get(name, ("value",) if "value" in row else _first_cells(name))
    return next((column for column in columns if row[column] is not None), columns[0])


def _first_cells(name: str) -> tuple[str, ...]:
    """What a table without a known number holds beside its key: numbers first."""
    schema = resource(name)["schema"]
    fields = [field for field in schema["fields"]
              if field["name"] not in schema["primaryKey"]
              and not field["name"].startswith("source_id")]
    fields.sort(key=lambda field: field["type"] not in ("number", "integer"))
    return tuple(field["name"] for field in fields)


def _unit_of(row: Row, column: str) -> str:
    if row.get("unit"):
        return number_text(row["unit"]).replace("percent", "%")
    kind = row.get("measure") or row.get("kind")
    if kind in _KINDS:
        return _KINDS[kind]
    return next((unit for ending, unit in sorted(_UNITS.items(), key=lambda one: -len(one[0]))
                 if column.endswith(ending)), "")


def row_number(name: str, row: Row) -> str:
    """The number of a row with its unit and interval.

    Examples
    --------
    >>> row_number("bmd_precision", find_row("bmd_precision", "total_hip|minimum_acceptable"))
    '1.8%'
    """
    column = _number_column(name, row)
    if row[column] is None:
        return "no number could be confirmed"
    unit = _unit_of(row, column)
    text = f"{number_text(row[column])}{unit}" if unit.startswith("%") \
        else f"{number_text(row[column])} {unit}".strip()
    low, high = limits(row, column)
    if _is_range(row):
        # Sites, arms or times differ: no one number stands for all of them.
        gap = "" if unit.startswith("%") else " "
        return f"{number_text(low)} to {number_text(high)}{gap}{unit}"
    return text if low is None or high is None else \
        f"{text} ({number_text(low)} to {number_text(high)})"


def _is_range(row: Row) -> bool:
    """Whether the interval is a range across sites, arms or times, with no centre of its own."""
    return row.get("interval_kind") == "range_across_sites"


def limits(row: Row, column: str = "value") -> tuple[float | None, float | None]:
    """Interval of a row's number."""
    if column == "relative_risk":
        return row["relative_risk_low"], row["relative_risk_high"]
    return row.get("low"), row.get("high")


def row_label(name: str, row: Row) -> str:
    """A row in a few words: the parts of its key that say something, else its trial.

    Examples
    --------
    >>> row_label("bmd_precision", find_row("bmd_precision", "total_hip|minimum_acceptable"))
    'total hip, minimum acceptable'
    """
    told = {"fracture_effects": ("trial", "medicines", "outcome"), "harms": ("harm", "exposure"),
            "trials": ("trial", "arm", "site", "time_years"),
            "lifestyle_effects": ("exposure", "level", "site"),
            "lifestyle_evidence": ("exposure", "site"), "medicines": ("label",),
            "medicine_warnings": ("medicine", "trigger"), "guidelines": ("name",),
            "published_loss": ("population", "site", "phase"), "model_parameters": ("meaning",),
            "published_risks": ("country", "sex", "age_years", "t_score", "outcome"),
            "population_targets": ("measure", "group", "population")}
    columns = told.get(name, resource(name)["schema"]["primaryKey"])
    return ", ".join(number_text(row[column]) for column in columns if row[column] is not None)


def _row_facts(name: str, row: Row) -> Facts:
    """The row's own cells in words, what matters most first."""
    number = _number_column(name, row)
    fields = {field["name"]: field for field in resource(name)["schema"]["fields"]}
    skipped = {number, "unit", "kind", "measure", "source_id", "source_ids", *_INTERVALS}
    skipped |= {column for column in fields if column.endswith("_id") or column == "id"}
    facts = [["Number", row_number(name, row)]]
    if limits(row, number) != (None, None):
        which = {"relative_risk": "relative_risk_low"}.get(number, "low")
        facts.append(["The interval", "Range, not a confidence interval" if _is_range(row)
                      else _interval_words(fields[which]["description"])])
    shown = [column for column in _NAMES if column in fields]
    shown += [column for column in fields if column not in _NAMES]
    return facts + [[_NAMES.get(column, _column_words(column)), number_text(row[column])]
                    for column in shown if column not in skipped and row[column] is not None]


def _interval_words(description: str) -> str:
    if "95%" in description:
        return "95% interval" + (" or range" if "or range" in description else "")
    return description.removeprefix("Lower end of the ").removeprefix("Lower ").rstrip(".") \
        .capitalize()


def _column_words(column: str) -> str:
    """A column's name as a label: its unit goes behind a comma.

    Examples
    --------
    >>> _column_words("sd_g_cm2"), _column_words("from_age")
    ('SD, g/cm²', 'From age')
    """
    unit = ""
    for ending, words in sorted(_UNITS.items(), key=lambda one: -len(one[0])):
        if column.endswith("_" + ending):
            column, unit = column.removesuffix("_" + ending), f", {words}"
            break
    text = column.replace("_", " ")
    text = text.upper() if text in ("sd", "se") else text[:1].upper() + text[1:]
    return text + unit


def source_card(source_id: str) -> dict[str, Any]:
    """One publication: study, year, design, what was read of it and when, its address.

    Raises
    ------
    InputError
        There is no such source.

    Examples
    --------
    >>> source_card("looker_1998")["title"]
    'Looker 1998'
    """
    item = source(source_id)
    facts = [["Study", item.title], ["Authors", item.authors], ["Published in", " ".join(
        str(part) for part in (item.journal, item.volume_pages) if part)],
        ["Year", str(item.year or "")],
        ["Design", _DESIGNS.get(item.design, plain_name(item.design))],
        ["Read", _READ[item.what_was_read]], ["Date read", item.checked_on]]
    return {"id": source_id, "title": item.short, "link": item.link,
            "facts": [[label, text] for label, text in facts if text]}


def row_card(name: str, key: str) -> dict[str, Any]:
    """One row of a table with its sources, its peers and the conflicts about it.

    Raises
    ------
    InputError
        There is no such table or row.

    Examples
    --------
    >>> card = row_card("bmd_precision", "total_hip|minimum_acceptable")
    >>> card["facts"][0], [one["title"] for one in card["sources"]]
    (['Number', '1.8%'], ['International Society for Clinical Densitometry 2019'])
    """
    row = find_row(name, key)
    ids = row_sources(row)
    label = row_label(name, row)
    return {"kind": "row", "title": label[:1].upper() + label[1:],
            "table": resource(name)["title"], "facts": _row_facts(name, row),
            "own": "" if ids else "This number was computed by this project, not published: "
                                  + resource(name)["description"],
            "sources": [source_card(one) for one in ids[:MOST_SOURCES]],
            "peers": peers_of(name, row), "conflicts": conflicts_about(ids)}


def conflicts_about(source_ids: Iterable[str]) -> list[dict[str, Any]]:
    """Open disagreements in which one of the sources takes part."""
    wanted, found = set(source_ids), []
    for row in table("evidence_conflicts"):
        sides = [tuple(row[f"source_ids_{side}"].split(";")) for side in "ab"]
        if wanted & {one.strip() for side in sides for one in side}:
            found.append({
                "topic": row["topic"], "teach": number_text(row["what_to_teach"]),
                "sides": [{"text": number_text(row[f"position_{side}"]), "sources": [
                    source(one.strip()).short for one in ids]}
                    for side, ids in zip("ab", sides, strict=True)]})
    return found


def lone_source_card(source_id: str) -> dict[str, Any]:
    """A publication asked for by itself, with the conflicts it takes part in."""
    card = source_card(source_id)
    return {"kind": "source", "title": card["title"], "table": "", "facts": [], "own": "",
            "sources": [card], "peers": [], "conflicts": conflicts_about([source_id])}


def used_card(groups: Iterable[RowsUsed]) -> dict[str, Any]:
    """Every row that an answer used, by what it was used for."""
    shown = []
    # Two plans share much of their evidence: a group of the same rows is shown once.
    for group in {(one.table, one.keys): one for one in reversed(tuple(groups))}.values():
        rows = [find_row(group.table, key) for key in group.keys]
        shown.append({
            "what": group.what, "table": resource(group.table)["title"], "name": group.table,
            "folded": len(rows) > LONG_GROUP,
            "rows": [{"row": row_key(group.table, row), "label": row_label(group.table, row),
                      "number": row_number(group.table, row)} for row in rows]})
    return {"kind": "used", "title": "Where these numbers come from", "groups": shown[::-1]}
