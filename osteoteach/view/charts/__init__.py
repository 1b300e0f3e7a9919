"""The charts, authored with Altair as pure functions of named tables.

Importing this package imports Altair, which takes seconds. Pages never do: they
read the specs that `osteoteach.view.chart_specs` built from here.
"""

from osteoteach.view.charts.cases import follow_up
from osteoteach.view.charts.claims import calibration, verdicts
from osteoteach.view.charts.classroom import choice_votes, number_votes
from osteoteach.view.charts.diagnose import age_curve, score_strip
from osteoteach.view.charts.noise import change_distribution, regression_to_mean, repeated_scans
from osteoteach.view.charts.population import distribution, screening, shares, strategies
from osteoteach.view.charts.reversal import course, meanings, needed_and_likely
from osteoteach.view.charts.review import confidence_curve
from osteoteach.view.charts.risk import benefit_and_harm, by_t_score, icons, parts
from osteoteach.view.charts.sequence import biology, bone_density, markers, t_scores

__all__ = ["CHARTS"]

#: Spec name -> function without arguments that returns the chart.
CHARTS = {
    "diagnose_scores": score_strip,
    "diagnose_age_curve": age_curve,
    "reversal_course": course,
    "reversal_needed": needed_and_likely,
    "reversal_meanings": meanings,
    "sequence_density": bone_density,
    "sequence_t_scores": t_scores,
    "sequence_markers": markers,
    "sequence_biology": biology,
    "risk_parts": parts,
    "risk_by_t_score": by_t_score,
    "risk_icons": icons,
    "risk_balance": benefit_and_harm,
    "population_distribution": distribution,
    "population_shares": shares,
    "population_strategies": strategies,
    "population_screening": screening,
    "noise_rescans": repeated_scans,
    "noise_change": change_distribution,
    "noise_regression": regression_to_mean,
    "classroom_numbers": number_votes,
    "classroom_choices": choice_votes,
    "cases_follow_up": follow_up,
    "claims_verdicts": verdicts,
    "claims_calibration": calibration,
    "review_calibration": confidence_curve,
}
