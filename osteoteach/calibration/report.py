"""The fit and the validation as plain text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from osteoteach.calibration.fit import Fit, standard_deviations
from osteoteach.calibration.scores import COVERAGE_TARGET, Prediction, Score, scores

__all__ = ["fit_report", "left_out_report", "validation_report"]


def fit_report(fit: Fit, parameters: Sequence[Mapping], kept: float) -> str:
    """What moved, and by how much; constants more than one prior SD away are marked."""
    lines = [f"{fit.rows} calibration rows, {len(fit.names)} fitted constants",
             f"misfit {fit.misfit_prior:.1f} at the priors, {fit.misfit:.1f} fitted",
             f"main directions keep {kept:.1%} of the variance of the panel",
             f"{'constant':45s}{'prior':>10s}{'fitted':>10s}{'moved, SD':>11s}{'SD left':>9s}"]
    prior = {row["name"]: row for row in parameters}
    left = standard_deviations(fit)
    for name, step in zip(fit.names, fit.steps, strict=True):
        row = prior[name]
        lines.append(f"{name:45s}{row['prior_value']:10.4g}{getattr(fit.constants, name):10.4g}"
                     f"{step:11.2f}{left[name] / row['prior_sd']:9.2f}"
                     f"{' *' if abs(step) > 1 else ''}")
    return "\n".join(lines)


def validation_report(found: Sequence[Prediction]) -> str:
    """Scores of both roles, women and men apart, then every number."""
    parts = []
    for role in ("calibration", "holdout"):
        for sex in ("female", "male"):
            some = [one for one in found
                    if (one.row.role, one.arm.patient.sex) == (role, sex)]
            if some:
                parts.append(f"{role}, {'women' if sex == 'female' else 'men'}")
                parts += [_score_line(score, role == "holdout" and sex == "female")
                          for score in scores(some)]
    for role in ("calibration", "holdout"):
        parts.append(f"\n{role}: every number (published, predicted, 90% band)")
        parts += _rows([one for one in found if one.row.role == role])
    return "\n".join(parts)


def left_out_report(found: Sequence[Prediction]) -> str:
    """Scores of trials that were left out of the fit, women and men apart."""
    parts = []
    for sex in ("female", "male"):
        some = [one for one in found if one.arm.patient.sex == sex]
        if some:
            parts.append(f"left out, {'women' if sex == 'female' else 'men'}")
            parts += [_score_line(score, False) for score in scores(some)]
    return "\n".join(parts)


def _score_line(score: Score, with_target: bool) -> str:
    line = (f"  {score.group:16s}{score.rows:5d} rows  error {score.error:5.2f}  "
            f"bias {score.bias:+5.2f}  in 90% band {score.covered:4.0%}  "
            f"a perfect model {score.perfect:5.2f}")
    if with_target and score.target is not None:
        line += f"  target {score.target:g}: {'met' if score.met else 'MISSED'}"
    if with_target and score.group == "all":
        low, high = COVERAGE_TARGET
        met = low <= score.covered <= high
        line += f"  target {low:.0%} to {high:.0%}: {'met' if met else 'MISSED'}"
    return line


def _rows(found: Sequence[Prediction]) -> list[str]:
    lines, last = [], None
    for one in found:
        if one.arm is not last:
            lines.append(f" {one.arm.trial}: {one.arm.label} [{one.arm.arm_id}]")
            last = one.arm
        low, high = one.band
        lines.append(f"   {one.row.site:13s}{one.row.time_years:6.2f} y {one.row.reference:20s}"
                     f"{one.row.value:8.2f}{one.predicted:8.2f}{low:9.2f}{high:8.2f}"
                     f"{'' if one.covered else '  OUTSIDE'}")
    return lines
