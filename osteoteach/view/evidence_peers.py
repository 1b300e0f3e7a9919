"""What others published about the number of a row: behind it, beside it, against it.

A table of the model holds one chosen number for each use; other tables hold what was
published. Here stands which of them speak of the same thing. Two intervals that do not
meet are marked: such sources disagree by more than chance of sampling.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from osteoteach.evidence import source, table
from osteoteach.view.evidence_rows import row_key, row_sources

__all__ = ["peers_of"]

Row = Mapping[str, Any]
Same = Callable[[Row, Row], bool]

MOST_PEERS = 12


def _alike(*columns: str) -> Same:
    return lambda row, other: all(row[name] == other[name] for name in columns)


#: Exposures of the published table that speak of an exposure and level of the model's.
_EXPOSURES = {
    ("exercise", "walking"): {"exercise_walking"}, ("exercise", "impact"): {"exercise_impact"},
    ("exercise", "resistance"): {"exercise_resistance"},
    ("exercise", "combined"): {"exercise_combined"},
    ("exercise", "high_intensity"): {"exercise_hirit"},
    ("calcium", "reaching_recommended_intake"): {"calcium_supplement", "calcium_diet"},
    ("protein", "higher_intake"): {"protein"}, ("smoking", "current"): {"smoking_current"},
    ("vitamin_d", "deficient_corrected"): {"vitamin_d"}, ("vitamin_d", "replete"): {"vitamin_d"},
    ("alcohol", "light"): {"alcohol"},
    ("weight_change", "loss_5_pct_or_more"): {"weight_loss"},
    ("weight_change", "gain_5_pct_or_more"): {"weight_gain"},
}


def _same_exposure(row: Row, other: Row) -> bool:
    return (other["exposure"] in _EXPOSURES[row["exposure"], row["level"]]
            and row["site"] == other["site"]
            and (row["sex"] == other["sex"] or "both" in (row["sex"], other["sex"])))


_PHASES = {"age_before_menopause": ("premenopausal",),
           "years_since_menopause": ("late_transition", "early_postmenopausal"),
           "age_after_menopause": ("late_postmenopausal", "age_band", "all"),
           "age": ("age_band", "all")}


def _same_time_of_life(row: Row, other: Row) -> bool:
    """A published rate of the same sex, site and phase, and of an age or time that meets."""
    if (row["site"], row["sex"]) != (other["site"], other["sex"]) \
            or other["phase"] not in _PHASES[row["clock"]]:
        return False
    clock = "years_since_menopause" if row["clock"] == "years_since_menopause" else "age"
    low, high = ((other["years_since_menopause_low"], other["years_since_menopause_high"])
                 if clock == "years_since_menopause"
                 else (other["age_low_years"], other["age_high_years"]))
    return (low is None or low < row["to_value"]) and (high is None or high >= row["from_value"])


def _shares_a_medicine(row: Row, other: Row) -> bool:
    return row["harm"] == other["harm"] and bool(
        set(row["medicines"].split(";")) & set(other["medicines"].split(";")))


#: For a table: the table to look in, and when a row of it speaks of the same thing.
_PEERS: dict[str, tuple[str, Same]] = {
    "lifestyle_effects": ("lifestyle_evidence", _same_exposure),
    "lifestyle_evidence": ("lifestyle_evidence", _alike("exposure", "site", "measure")),
    "untreated_loss": ("published_loss", _same_time_of_life),
    "published_loss": ("published_loss", _alike("site", "sex", "phase")),
    "fracture_effects": ("fracture_effects", _alike("medicines", "outcome", "measure")),
    "trials": ("trials", _alike("courses", "site", "time_years", "reference", "unit", "sex")),
    "bmd_precision": ("bmd_precision", _alike("site")),
    "bmd_reference": ("bmd_reference", _alike("site", "sex", "role", "age_low_years")),
    "fracture_risk_ratios": ("fracture_risk_ratios",
                             _alike("factor", "level", "outcome", "adjusted_for_bmd")),
    "fracture_gradient": ("fracture_gradient", _alike("outcome", "age_years")),
    "harms": ("harms", _shares_a_medicine),
    "diagnostic_rules": ("diagnostic_rules", _alike("rule_id")),
    "response_variation": ("response_variation", _alike("quantity", "medicine")),
    "published_risks": ("published_risks", _alike(
        "sex", "age_years", "t_score", "factor", "years", "outcome")),
    "population_targets": ("population_targets", _alike("measure", "group", "sex", "site")),
}


def peers_of(name: str, row: Row) -> list[dict[str, Any]]:
    """Rows that speak of the same thing: the row's own sources first, then others.

    Each has ``table``, ``row``, ``label``, ``number``, ``own_source`` and ``apart``
    (its interval does not meet that of the row).

    Examples
    --------
    >>> from osteoteach.view.evidence_rows import find_row
    >>> row = find_row("lifestyle_effects", "LE04")
    >>> any(peer["own_source"] for peer in peers_of("lifestyle_effects", row))
    True
    """
    from osteoteach.view.evidence_cards import row_number  # which shows what is found here

    if name not in _PEERS:
        return []
    where, same = _PEERS[name]
    own, key = set(row_sources(row)), row_key(name, row)
    found = [other for other in table(where)
             if same(row, other) and not (where == name and row_key(where, other) == key)]
    found.sort(key=lambda other: not own & set(row_sources(other)))
    return [{"table": where, "row": row_key(where, other), "number": row_number(where, other),
             "label": _label(other), "own_source": bool(own & set(row_sources(other))),
             "apart": _apart(name, row, where, other)} for other in found[:MOST_PEERS]]


def _label(row: Row) -> str:
    """Who published it, and on whom."""
    names = ", ".join(source(one).short for one in row_sources(row))
    about = row.get("population") or row.get("trial") or row.get("guideline_id") or ""
    # Some papers print several numbers of people in one cell.
    n = f", {row['n']} people" if row.get("n") else ""
    return f"{names}: {about}{n}" if about or n else names


def _apart(name: str, row: Row, where: str, other: Row) -> bool:
    """Whether two intervals in the same unit do not meet."""
    ends = [(one.get("low"), one.get("high")) for one in (row, other)]
    if any(None in pair for pair in ends) or _unit(name, row) != _unit(where, other):
        return False
    return ends[0][0] > ends[1][1] or ends[1][0] > ends[0][1]


def _unit(name: str, row: Row) -> str:
    """What the number of a row is counted in, as far as its table says."""
    if name == "lifestyle_effects":
        return {"step_pct": "bmd_difference_pct"}.get(row["kind"], row["kind"])
    if name in ("untreated_loss", "published_loss"):
        return "pct_per_year"
    return str(row.get("measure") or row.get("unit") or "")
