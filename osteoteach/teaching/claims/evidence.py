"""Evidence of a claim: rows of other tables, turned into words and numbers with intervals.

A claim names rows and retypes nothing, so a number that moves in its table moves here too.
Two references are computed by the model: ``gain_needed:site|from|to`` and
``least_significant_change:site``.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from osteoteach.errors import DataError
from osteoteach.evidence import data_folder, table

__all__ = ["Evidence", "evidence_row"]

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Evidence:
    """What one row says.

    Attributes
    ----------
    reference : str
        The row: ``table:key``.
    what : str
        What was measured, in whom.
    value : str
        The number with unit and interval, ``""`` where the row holds words only.
    absolute : str
        Both arms in people of 1,000, or per 10,000 person-years; ``""`` where not printed.
    source_ids : tuple of str
        Where it comes from.
    """

    reference: str
    what: str
    value: str
    absolute: str
    source_ids: tuple[str, ...]


@functools.lru_cache(maxsize=1024)
def evidence_row(reference: str) -> Evidence:
    """The evidence that a reference names.

    Raises
    ------
    DataError
        There is no such table or row.

    Examples
    --------
    >>> evidence_row("lifestyle_evidence:LB081").value
    '+1.1% (95% CI 0.7 to 1.6)'
    >>> evidence_row("gain_needed:total_hip|-2.5|-1.0").value[-1]
    '%'
    """
    name, _, key = reference.partition(":")
    if name in _COMPUTED:
        return _COMPUTED[name](reference, key.split("|"))
    if name not in _WORDS:
        raise DataError("claims.csv", f"evidence must name one of {', '.join(_WORDS)}", reference,
                        column="evidence")
    row = _rows(name).get(key)
    if row is None:
        raise DataError("claims.csv", f"evidence must be a row of {name}.csv", reference,
                        column="evidence")
    what, value, absolute = (_read_aloud(words) for words in _WORDS[name](row))
    sources = row.get("source_ids") or row.get("source_id") or ""
    return Evidence(reference, what, value, absolute,
                    tuple(part.strip() for part in sources.split(";") if part.strip()))


@functools.cache
def _rows(name: str) -> dict[str, Row]:
    listing = json.loads((data_folder() / "datapackage.json").read_text(encoding="utf-8"))
    schema = next(one["schema"] for one in listing["resources"] if one["name"] == name)
    return {"|".join(_key_part(row[part]) for part in schema["primaryKey"]): row
            for row in table(name)}


def _key_part(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _read_aloud(words: str) -> str:
    """A table's signs as a reader writes them."""
    return words.replace("<=", "≤").replace(">=", "≥")


# ---- numbers -----------------------------------------------------------------------


def _plain(number: float, decimals: int | None = None) -> str:
    """A number as short as it is, or with so many decimals."""
    # Three digits after the point: g/cm2 need them, longer figures come from averaging.
    short = f"{round(number, 3 if abs(number) < 0.1 else 2):g}"
    # Adding 0 leaves no "−0.00".
    long = f"{round(number, decimals or 0) + 0.0:.{decimals or 0}f}"
    return (short if decimals is None else long).replace("-", "−")


def _signed(number: float, decimals: int | None = None) -> str:
    return ("+" if number > 0 else "") + _plain(number, decimals)


def _decimals(*numbers: float | None) -> int:
    """As many as the longest of them needs.

    Examples
    --------
    >>> _decimals(1.63, 0.1, 3.16)
    2
    """
    return max(len(_plain(one).partition(".")[2]) for one in numbers if one is not None)


def _with_interval(row: Row, number: float, unit: str = "", *, signed: bool = False) -> str:
    """A number with its unit, then its 95% interval, all with the same decimals."""
    low, high = row.get("low"), row.get("high")
    if low is None or high is None:
        return f"{_signed(number) if signed else _plain(number)}{unit}"
    decimals = _decimals(number, low, high)
    shown = _signed(number, decimals) if signed else _plain(number, decimals)
    return f"{shown}{unit} (95% CI {_plain(low, decimals)} to {_plain(high, decimals)})"


def _range(row: Row, unit: str) -> str:
    """The ends of a range that has no centre of its own, and across what it goes.

    Examples
    --------
    >>> _range({"low": -5.2, "high": -3.0, "note": "RANGE across sites; a survey"}, "%")
    '−5.2% to −3.0% across sites'
    """
    decimals = _decimals(row["low"], row["high"])
    ends = " to ".join(f"{_signed(row[end], decimals)}{unit}" for end in ("low", "high"))
    across = re.search(r"RANGE (across [^;]+)", row["note"] or "")
    return f"{ends} {across[1] if across else '(range)'}"


def _of_1000(treated: float | None, control: float | None) -> str:
    if treated is None or control is None:
        return ""
    return f"{treated * 10:.0f} of 1,000 against {control * 10:.0f} of 1,000"


def _said(name: str) -> str:
    return str(name).replace("_", " ")


# ---- one function a table: what, value, absolute --------------------------------------


_EXPOSURES = {"vitamin_k": "vitamin K", "vitamin_d": "vitamin D",
              "calcium_and_vitamin_d": "calcium and vitamin D", "calcium_supplement": "calcium",
              "calcium_diet": "calcium", "smoking_current": "smoking",
              "smoking_stopped": "smoking", "weight_gain": "weight", "weight_loss": "weight"}
# A level with one of these words names its exposure itself.
_NAMED = re.compile(r"exercise|HiRIT|tai chi|walking only|protein|calcium|smok|"
                    r"weight (?:loss|gain)", re.IGNORECASE)
#: Parts of a note without which a number says something else.
_CHANGES_MEANING = re.compile(
    r"significant|no evidence|not randomised|low-quality|no effect|our coding|exploratory|"
    r"self-selected|derived from|antiresorptive|partly weight", re.IGNORECASE)


def _dose(row: Row) -> str:
    """What was taken or done, with its name."""
    level = "any dose" if row["level"] == "any" else row["level"]
    if level == "control":
        return "control group of the exercise trial"
    if _NAMED.search(level):
        return level
    exposure = row["exposure"]
    name = "exercise" if exposure.startswith("exercise") else (
        _EXPOSURES.get(exposure, _said(exposure)))
    return f"{name}: {level}" if "(" in level or ", " in level else f"{name} ({level})"


def _lifestyle(row: Row) -> tuple[str, str, str]:
    unit = {"smd": " SD", "bmd_difference_g_cm2": " g/cm²",
            "bmd_difference_pct_per_decade": "% per decade"}.get(row["measure"], "%")
    what = f"{_dose(row)}, {row['population']}, {_said(row['site'])}"
    if row["comparator"]:
        what += f", against {row['comparator']}"
    if row["duration_months"]:
        what += f", {row['duration_months']} months"
    if row["design"] == "cross_sectional":
        what += "; cross-sectional"
    notes = [part.strip() for part in (row["note"] or "").split(";")]
    what = "; ".join([what, *(part for part in notes if _CHANGES_MEANING.search(part))])
    if row["interval_kind"] == "range_across_sites":
        return what, _range(row, unit), ""
    return what, _with_interval(row, row["value"], unit, signed=True), ""


def _lifestyle_effect(row: Row) -> tuple[str, str, str]:
    times = row["kind"] == "loss_multiplier"
    value = _with_interval(row, row["value"], " times" if times else "%", signed=not times)
    what = f"{_said(row['exposure'])}, {_said(row['level'])}, {_said(row['site'])}"
    return f"{what}, {row['population']}", value, ""


_SINCE = {"first_drug_baseline": "since the start", "switch_point": "since the switch or stop",
          "vs_placebo": "against placebo", "vs_arm": "against the other arm"}


def _trial(row: Row) -> tuple[str, str, str]:
    what = (f"{row['trial']}: {row['arm']}, {_said(row['site'])}, at {row['time_years']:g} years, "
            f"{_SINCE[row['reference']]}")
    if row["unit"] == "ratio":
        base = "the placebo group's" if row["reference"] == "vs_placebo" else "its start"
        return what, _with_interval(row, row["value"], f" times {base}"), ""
    return what, _with_interval(row, row["value"], "%", signed=True), ""


def _fracture_effect(row: Row) -> tuple[str, str, str]:
    what = (f"{row['trial']}: {_said(row['medicines'])} against {_said(row['comparator'])}, "
            f"{_said(row['outcome'])} fracture, {row['population']}")
    value = f"{_said(row['measure'])} {_with_interval(row, row['value'])}"
    return what, value, _of_1000(row["events_pct_treated"], row["events_pct_control"])


def _harm(row: Row) -> tuple[str, str, str]:
    what = (f"{_said(row['harm'])}: {_said(row['medicines'])}, {row['exposure']}, "
            f"{row['population']}")
    unit, rate, other = row["unit"], row["rate"], row["comparator_rate"]
    if unit == "ratio_only":
        limits = {"low": row["relative_risk_low"], "high": row["relative_risk_high"]}
        return what, f"ratio {_with_interval(limits, row['relative_risk'])}", ""
    if unit.startswith("pct"):
        return what, _with_interval(row, rate, "%"), _of_1000(rate, other)
    if unit.startswith("excess") and rate < 0:
        limits = {"low": _opposite(row["high"]), "high": _opposite(row["low"])}
        return what, _with_interval(limits, -rate, " fewer per 10,000 person-years"), ""
    more = " more" if unit.startswith("excess") else ""
    value = _with_interval(row, rate, f"{more} per 10,000 person-years")
    both = "" if other is None else f"{rate:g} against {other:g} per 10,000 person-years"
    return what, value, both


def _opposite(number: float | None) -> float | None:
    return None if number is None else -number


def _figure(row: Row) -> tuple[str, str, str]:
    unit = row["unit"]
    value = (f"{unit} {_with_interval(row, row['value'])}" if unit.endswith("ratio")
             else _with_interval(row, row["value"], _spaced(unit)))
    return f"{row['what']}, {row['population']}", value, ""


def _target(row: Row) -> tuple[str, str, str]:
    ages = f"{row['from_age']:g} and over" if row["to_age"] is None else (
        f"{row['from_age']:g} to {row['to_age']:g}")
    what = f"{_said(row['measure'])}: {_said(row['group'])}, {row['sex']}, {ages}, "
    return what + row["population"], _with_interval(row, row["value"], _spaced(row["unit"])), ""


def _spaced(unit: str) -> str:
    return unit if unit.startswith("%") else f" {unit}"


def _intake(row: Row) -> tuple[str, str, str]:
    nutrient, unit = {"calcium_mg_day": ("calcium", "mg a day"),
                      "vitamin_d_iu_day": ("vitamin D", "IU a day"),
                      "protein_g_kg_day": ("protein", "g per kg a day")}[row["nutrient"]]
    ages = f"from {row['age_low_years']:g}" + (
        f" to {row['age_high_years']:g}" if row["age_high_years"] else "")
    sex = {"both": "adults", "female": "women", "male": "men"}[row["sex"]]
    return (f"recommended intake of {nutrient}, {sex} {ages} years",
            f"{row['recommended']:,g} {unit}", "")


def _gradient(row: Row) -> tuple[str, str, str]:
    what = (f"risk of {_said(row['outcome'])} fracture for each SD lower density at the femoral "
            f"neck, {row['sex']}, at {row['age_years']:g}")
    return what, _with_interval(row, row["ratio"]), ""


def _risk_ratio(row: Row) -> tuple[str, str, str]:
    what = f"{_said(row['factor'])} ({row['level']}): ratio for {_said(row['outcome'])} fracture"
    return what, _with_interval(row, row["ratio"]), ""


def _bmd_and_fracture(row: Row) -> tuple[str, str, str]:
    what = f"{_said(row['bmd_site'])} density and {_said(row['outcome'])} fracture across trials"
    if row["kind"] == "r_squared":
        return f"share of the variance explained: {what}", f"{row['value']:.0%}", ""
    return what, f"{row['value']:g} {row['unit']}", ""


def _loss(row: Row) -> tuple[str, str, str]:
    what = f"{_said(row['site'])}, {row['population']}"
    return what, _with_interval(row, row["change_pct_per_year"], "% a year", signed=True), ""


_WORDS: dict[str, Callable[[Row], tuple[str, str, str]]] = {
    "lifestyle_evidence": _lifestyle, "lifestyle_effects": _lifestyle_effect, "trials": _trial,
    "fracture_effects": _fracture_effect, "harms": _harm, "claim_findings": _figure,
    "natural_history_targets": _figure, "population_targets": _target,
    "recommended_intakes": _intake, "fracture_gradient": _gradient,
    "fracture_risk_ratios": _risk_ratio, "bmd_change_and_fracture": _bmd_and_fracture,
    "published_loss": _loss,
    "screening_rules": lambda row: (f"{row['body']}: {row['recommendation']}", "", ""),
    "retest_rules": lambda row: (f"{row['body']}: {row['recommendation']}", "", ""),
    "diagnostic_rules": lambda row: (row["statement"], "", ""),
    "medicine_warnings": lambda row: (row["text"], "", ""),
    "medicines": lambda row: (
        f"{row['label']}: approved for women: {row['approved_women']}", row["regimen"], ""),
}


# ---- computed -----------------------------------------------------------------------


def _gain_needed(reference: str, key: list[str]) -> Evidence:
    from osteoteach.model.densitometry import young_adult_reference
    from osteoteach.model.reversal import gain_needed_pct

    site, start, target = key[0], float(key[1]), float(key[2])
    what = (f"gain needed at the {_said(site)} to go from T {_plain(start)} to {_plain(target)}, "
            "computed from the site's reference")
    gain = f"{gain_needed_pct(start, target, site):+.1f}%"
    return Evidence(reference, what, gain, "", (young_adult_reference(site).source_id,))


def _smallest_change(reference: str, key: list[str]) -> Evidence:
    from osteoteach.model.precision import least_significant_change, precision_cv_pct

    limit = least_significant_change(precision_cv_pct(key[0]))
    what = (f"least significant change at the {_said(key[0])}, computed from the worst precision "
            "that is accepted")
    return Evidence(reference, what, f"{limit:.1f}%", "", ("iscd_glossary", "iscd_2019"))


_COMPUTED = {"gain_needed": _gain_needed, "least_significant_change": _smallest_change}
