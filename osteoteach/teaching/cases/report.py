"""The DXA report of a virtual patient, as a good one looks: with its traps.

The report prints what the machine prints: the total of all four vertebrae and a T-score
for everybody. What counts of it, `read_spine` and `diagnose` say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from osteoteach.errors import InputError
from osteoteach.model.densitometry import (
    bmd_from_t_score,
    reported,
    t_score,
    z_score,
)
from osteoteach.model.patient import Patient
from osteoteach.model.precision import least_significant_change, precision_cv_pct
from osteoteach.model.vertebrae import LEVELS, SpineReading, VertebraScan, read_spine

__all__ = ["EarlierScan", "Report", "ReportRow", "SiteChange", "Vertebra", "make_report"]

SPINE, RADIUS = "lumbar_spine", "one_third_radius"
DECIMALS_BMD = 3


@dataclass(frozen=True)
class ReportRow:
    """One line of the report; ``None`` is printed as a dash."""

    site: str
    bmd_g_cm2: float | None
    t_score: float
    z_score: float | None


@dataclass(frozen=True)
class Vertebra:
    """One level: its scan and what the picture shows."""

    level: str
    scan: VertebraScan
    seen: str


@dataclass(frozen=True)
class Report:
    """What the student sees.

    Attributes
    ----------
    rows : tuple of ReportRow
        First the total of L1 to L4, whatever is wrong with it.
    reading : SpineReading
        Levels that count: the answer, not shown before the student's own.
    kept_row : ReportRow or None
        The spine made of those levels; ``None`` if it cannot be read.
    """

    age_years: float
    sex: str
    rows: tuple[ReportRow, ...]
    vertebrae: tuple[Vertebra, ...]
    reading: SpineReading
    kept_row: ReportRow | None

    def row(self, site: str) -> ReportRow:
        """The line of a site, with the spine of the levels that count."""
        if site == SPINE and self.kept_row is not None:
            return self.kept_row
        return next(row for row in self.rows if row.site == site)


@dataclass(frozen=True)
class SiteChange:
    """Two scans of one site.

    Attributes
    ----------
    verdict : str
        ``loss``, ``gain`` or ``not_shown``: below the least significant change.
    """

    site: str
    then_g_cm2: float
    now_g_cm2: float
    change_pct: float
    least_significant_change_pct: float

    @property
    def verdict(self) -> str:
        if abs(self.change_pct) < self.least_significant_change_pct:
            return "not_shown"
        return "gain" if self.change_pct > 0 else "loss"


@dataclass(frozen=True)
class EarlierScan:
    """An earlier scan on the same device; the first site is the one asked about."""

    years_ago: float
    changes: tuple[SiteChange, ...]

    @classmethod
    def of(cls, document: Mapping[str, Any], report: Report) -> EarlierScan:
        """Densities then, from those now and the change between them."""
        changes = []
        for site, change in document["change_pct"].items():
            now = report.row(site).bmd_g_cm2
            then = round(now / (1 + change / 100), DECIMALS_BMD)
            # From the printed numbers, so that a student who divides gets the same.
            changes.append(SiteChange(site, then, now, 100 * (now - then) / then,
                                      least_significant_change(precision_cv_pct(site))))
        return cls(document["years_ago"], tuple(changes))

    @property
    def main(self) -> SiteChange:
        return self.changes[0]


def make_report(scan: Mapping[str, Any], patient: Patient) -> tuple[Report, dict[str, float]]:
    """The report, and the T-scores by site that count.

    Parameters
    ----------
    scan : mapping
        Part ``scan`` of a case's document.
    patient : Patient
        The person, without scores.
    """
    vertebrae = tuple(_vertebra(level, scan["vertebrae"][level]) for level in LEVELS)
    levels = {one.level: one.scan for one in vertebrae}
    reading = read_spine(levels)
    all_four = _spine_row(_combined(levels, LEVELS), patient)
    kept = _spine_row(reading.bmd_g_cm2, patient) if reading.usable else None
    rows = [all_four, *(_row(site, bmd_from_t_score(score, site), patient)
                        for site, score in scan["hip"].items())]
    if RADIUS in scan:
        # No confirmed reference turns its T-score into a density.
        rows.append(ReportRow(RADIUS, None, float(scan[RADIUS]), None))
    scores = {} if kept is None else {SPINE: kept.t_score}
    scores |= {row.site: row.t_score for row in rows[1:]}
    return Report(patient.age_years, patient.sex, tuple(rows), vertebrae, reading, kept), scores


def _vertebra(level: str, given: Mapping[str, Any]) -> Vertebra:
    score = float(given["t_score"])
    return Vertebra(level, VertebraScan(
        score, round(bmd_from_t_score(score, SPINE), DECIMALS_BMD), float(given["area_cm2"]),
        given.get("abnormality", "")), given.get("seen", ""))


def _combined(levels: Mapping[str, VertebraScan], names: tuple[str, ...]) -> float:
    """Bone mineral content over area."""
    content = sum(levels[name].bmd_g_cm2 * levels[name].area_cm2 for name in names)
    return content / sum(levels[name].area_cm2 for name in names)


def _spine_row(bmd: float, patient: Patient) -> ReportRow:
    return _row(SPINE, bmd, patient)


def _row(site: str, bmd: float, patient: Patient) -> ReportRow:
    try:
        z = reported(z_score(bmd, site, patient.sex, patient.age_years))
    except InputError:
        z = None  # no confirmed table for this site, sex and age: the report prints a dash
    return ReportRow(site, round(bmd, DECIMALS_BMD), reported(t_score(bmd, site)), z)
