"""Our risks beside published ones: where they agree, where they do not, and why.

FRAX is proprietary. Nothing of it is computed here: its printed outputs stand in
``data/published_risks.csv``, and these functions put ours next to them. The model has US
rates only, so a British table is compared in shape: at every age the hazards of hip and of
the other major fractures are scaled, each on its own, until both printed risks of one row
agree. Scaling the sum alone would compare a British mixture of fractures with a US one.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

from osteoteach.evidence import table
from osteoteach.model.fracture_hazard import base_rates, mean_age_from
from osteoteach.model.fracture_risk import forecast_at_rates, fracture_risk
from osteoteach.model.patient import FragilityFracture, Lifestyle, Patient, RiskFactors

__all__ = ["Comparison", "compare_with_published", "mean_error", "rounding_error"]

#: The row of each British group at which ours is scaled to agree.
ANCHOR_T_SCORE = -2.0
HEIGHT_CM = {"female": 160.0, "male": 175.0}
# The table of FRAX prints one decimal.
HALF_A_DIGIT_PCT = 0.05
# Search for the scale: at most so many turns, and how much farther each step goes.
MOST_TURNS, STEEPER = 200, 1.3

WHY = {
    ("shape", "hip"): "FRAX prints one decimal: at 0.1 to 0.4% rounding alone can move a ratio "
                      "by half. At 50 and 60 FRAX rises more steeply towards low T-scores.",
    ("shape", "major"): "FRAX rises more steeply the lower the density; johnell_2005 found the "
                        "same, but its figures by Z-score could not be read, so ours is a "
                        "straight line in logs.",
    ("factor", "hip"): "FRAX of 2008 used earlier ratios; ours are of the meta-analyses that "
                       "update them, where available. FRAX lets some depend on age.",
    ("factor", "major"): "FRAX of 2008 used earlier ratios; ours are of the meta-analyses that "
                         "update them, where available. FRAX lets some depend on age.",
    ("level", "hip"): "One example only, height and weight not printed (25 kg/m2 taken). Our mean "
                      "risk of all women of 65 follows from the hospital discharges of 2006 that "
                      "FRAX for the US was to use, and is above this example.",
    ("level", "major"): "Two examples, height and weight not printed (25 kg/m2 taken).",
    ("population", "hip"): "Claims of an earlier time than our rates and life table.",
    ("population", "major"): "Other people and other years than our rates. Women of Reykjavik "
                             "break more below 65 than those of Malmo, on whose shape ours "
                             "rest.",
}


@dataclass(frozen=True)
class Comparison:
    """One published risk and ours.

    Attributes
    ----------
    kind : str
        ``shape``: FRAX for the UK over the T-score, ours scaled to agree at T = -2.
        ``factor``: FRAX for the UK without BMD, scaled at the person without factors.
        ``level``: FRAX for the US, as it is. ``population``: a mean risk, as it is.
    published_pct, ours_pct : float
        Ten-year risk, %; the years are longer where the row says so.
    is_anchor : bool
        The row that ours was scaled to: it agrees by construction.
    """

    row_id: str
    kind: str
    country: str
    sex: str
    age_years: float
    t_score: float | None
    factor: str
    outcome: str
    years: float
    published_pct: float
    ours_pct: float
    is_anchor: bool
    source_id: str

    @property
    def ratio(self) -> float:
        """Ours over the published risk."""
        return self.ours_pct / self.published_pct

    @property
    def error(self) -> float:
        """Relative error, as a share of the published risk."""
        return abs(self.ratio - 1)

    @property
    def error_beyond_rounding(self) -> float:
        """The same, counted from the nearest value that would print the same digits."""
        off = max(0.0, abs(self.ours_pct - self.published_pct) - HALF_A_DIGIT_PCT)
        return off / self.published_pct

    @property
    def error_as_printed(self) -> float:
        """The same with ours printed to one decimal, as the table is."""
        return abs(round(self.ours_pct, 1) / self.published_pct - 1)

    @property
    def why(self) -> str:
        """Why the two may differ."""
        return WHY[self.kind, self.outcome]


@functools.cache
def compare_with_published() -> tuple[Comparison, ...]:
    """All published risks of the table beside ours.

    Rows that print only "below 0.1" are left out.

    Examples
    --------
    FRAX for the US, a woman of 65 with T = -2.3, and one without a scan; aim 25%:

    >>> rows = [row for row in compare_with_published() if row.kind == "level"]
    >>> [(row.t_score, row.outcome, row.error < 0.25) for row in rows]
    [(-2.3, 'major', True), (-2.3, 'hip', False), (None, 'major', True)]
    """
    rows = [row for row in table("published_risks") if row["risk_pct"] is not None]
    anchors: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        if _is_anchor(row):
            anchors.setdefault(_group(row), {})[row["outcome"]] = row
    scales = {group: _scale(pair) for group, pair in anchors.items()}
    return tuple(_compared(row, scales) for row in rows)


def mean_error(rows: Any, beyond_rounding: bool = False, as_printed: bool = False) -> float:
    """Mean relative error of some comparisons, without their anchors."""
    errors = [row.error_beyond_rounding if beyond_rounding else
              row.error_as_printed if as_printed else row.error
              for row in rows if not row.is_anchor]
    return sum(errors) / len(errors)


def rounding_error(rows: Any) -> float:
    """Mean relative error of a perfect model against the same rows, from their digits alone.

    The unrounded risk lies anywhere within half a digit of the printed one, a quarter of a
    digit away on average. The rounding of the anchor comes on top and is left out.

    Examples
    --------
    >>> women = [row for row in compare_with_published()
    ...          if (row.kind, row.sex, row.outcome) == ("shape", "female", "hip")]
    >>> 0.04 < rounding_error(women) < 0.06
    True
    """
    errors = [HALF_A_DIGIT_PCT / 2 / row.published_pct for row in rows if not row.is_anchor]
    return sum(errors) / len(errors)


def _kind(row: Any) -> str:
    if row["kind"] == "population":
        return "population"
    if row["country"] == "US":
        return "level"
    return "factor" if row["t_score"] is None else "shape"


def _group(row: Any) -> tuple[Any, ...]:
    """Rows that share their anchor: one of each outcome."""
    return (_kind(row), row["sex"], row["age_years"])


def _is_anchor(row: Any) -> bool:
    kind = _kind(row)
    return (kind == "shape" and row["t_score"] == ANCHOR_T_SCORE) or (
        kind == "factor" and row["factor"] == "none")


def _compared(row: Any, scales: dict[tuple[Any, ...], tuple[float, float]]) -> Comparison:
    scale = scales.get(_group(row))
    ours = _ours_pct(row) if scale is None else 100 * _scaled(row, *scale)
    return Comparison(row["row_id"], _kind(row), row["country"], row["sex"], row["age_years"],
                      row["t_score"], row["factor"], row["outcome"], row["years"],
                      row["risk_pct"], ours, _is_anchor(row), row["source_id"])


def _scale(anchors: dict[str, Any]) -> tuple[float, float]:
    """What hip and other hazards are multiplied by so that both printed risks agree."""
    hip = other = 1.0
    for _ in range(MOST_TURNS):
        before = hip, other
        hip *= _times(anchors["hip"]["risk_pct"] / 100, _scaled(anchors["hip"], hip, other))
        # The whole turns more slowly than its part, so the last step is repeated.
        other *= _times(anchors["major"]["risk_pct"] / 100,
                        _scaled(anchors["major"], hip, other)) ** STEEPER
        if math.isclose(hip, before[0]) and math.isclose(other, before[1]):
            return hip, other
    raise AssertionError("the scale of a British table did not settle")


def _times(wanted: float, found: float) -> float:
    """By how much a hazard must rise for this probability."""
    return math.log1p(-wanted) / math.log1p(-found)


def _scaled(row: Any, hip: float, other: float) -> float:
    """Our risk with the base rates scaled, 0 to 1."""
    base = base_rates("US", row["sex"]).scaled(hip, other)
    return forecast_at_rates(_person(row), row["years"], base).chances(row["outcome"])[0]


def _ours_pct(row: Any) -> float:
    answer = getattr(fracture_risk(_person(row), row["years"]), row["outcome"])
    return 100 * (answer.average if row["kind"] == "population" else answer.probability)


def _age(row: Any) -> float:
    """The age itself, or the middle of a band."""
    if row["to_age"] is None:
        return mean_age_from("US", row["sex"], int(row["age_years"]))
    whole_band = row["to_age"] > row["age_years"]
    return (row["age_years"] + row["to_age"] + whole_band) / 2


def _person(row: Any) -> Patient:
    """The person of a row: every factor stated as absent but the one named.

    FRAX does not ask about falls, so they stay unstated. Its box for glucocorticoids
    has no dose: 5 mg a day stands for it.
    """
    factor, height = row["factor"], HEIGHT_CM[row["sex"]]
    bmi = row["bmi_kg_m2"] or 25.0
    return Patient(
        age_years=_age(row), sex=row["sex"], height_cm=height,
        weight_kg=bmi * math.pow(height / 100, 2),
        t_scores={} if row["t_score"] is None else {"femoral_neck": row["t_score"]},
        fractures=[FragilityFracture("other")] if factor == "prior_fracture" else [],
        lifestyle=Lifestyle(smoking="current" if factor == "smoking" else "never",
                            alcohol_g_day=30.0 if factor == "alcohol" else 0.0),
        risk_factors=RiskFactors(
            parental_hip_fracture=factor == "parental_hip_fracture",
            rheumatoid_arthritis=factor == "rheumatoid_arthritis",
            prednisolone_mg_day=5.0 if factor == "glucocorticoids" else 0.0))
