"""osteoteach: learn whether, and how far, bone loss can be reversed.

For teaching. Not for patient care.

Names are loaded when first used, so `import osteoteach` costs next to nothing
and a dashboard never pays for pandas.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "DataError": "errors", "InputError": "errors",
    "cite": "evidence", "source": "evidence", "table": "evidence",
    "FragilityFracture": "model.patient", "Lifestyle": "model.patient",
    "Patient": "model.patient", "RiskFactors": "model.patient",
    "bmd_from_t_score": "model.densitometry", "t_score": "model.densitometry",
    "z_score": "model.densitometry",
    "VertebraScan": "model.vertebrae", "read_spine": "model.vertebrae",
    "diagnose": "model.diagnosis", "diagnose_patients": "model.diagnosis_cohort",
    "least_significant_change": "model.precision", "rescans": "model.precision",
    "Course": "model.plan", "Plan": "model.plan", "OwnScan": "model.own_scans",
    "simulate": "model.trajectory",
    "reversal": "model.reversal",
    "fracture_risk": "model.fracture_risk", "framing": "model.framing",
    "trial_effects": "model.treatment_effect", "harms": "model.harms",
    "retest_rules": "model.retesting",
    "screen": "model.screening", "screening_rules": "model.screening",
    "screening_yield": "model.screening_yield",
    "risk_by_t_score": "model.fracture_risk",
    "population": "synthetic_population.population",
    "check_article": "teaching.claims", "check_claim": "teaching.claims",
    "claims": "teaching.claims",
    "make_case": "teaching.cases",
    "ask": "view.questions", "quiz": "view.questions",
    "show_bars": "view.lessons", "show_courses": "view.lessons",
    "show_dashboard": "view.lessons", "show_markers": "view.lessons",
    "show_of_1000": "view.lessons", "show_persons": "view.lessons",
}

__all__ = [*sorted(_HOME), "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'osteoteach' has no attribute {name!r}")
    value = getattr(import_module(f"osteoteach.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
