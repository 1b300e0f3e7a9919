"""The names of the package's root, each with arguments that are mostly good."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

import osteoteach
from osteoteach.errors import DataError, InputError

from .values import arguments, hostile

__all__ = ["FUNCTIONS", "NOT_CALLED"]

#: Exceptions and a text: there is nothing to ask of them.
NOT_CALLED = {"DataError", "InputError", "__version__"}

SITES = st.sampled_from(["lumbar_spine", "total_hip", "femoral_neck", "one_third_radius"])
MEDICINES = st.sampled_from(["alendronate", "zoledronate", "denosumab", "teriparatide",
                             "romosozumab", "raloxifene", "risedronate"])
SCORES = st.floats(-6, 4)
YEARS = st.sampled_from([0.5, 1, 2, 3.25, 5, 10, 20])
YES = st.booleans()


def _made(name: str, kind: st.SearchStrategy[dict]) -> st.SearchStrategy[Any]:
    """Things that the package itself accepts, and sometimes one that is none."""
    def make(given: dict) -> Any:
        try:
            return getattr(osteoteach, name)(**given)
        except (InputError, DataError, TypeError):
            return None
    return kind.map(make)


SCORES_BY_SITE = st.one_of(st.dictionaries(SITES, SCORES, max_size=4),
                           st.dictionaries(st.one_of(SITES, st.text(max_size=4), st.integers()),
                                           hostile, max_size=3), hostile)
ARGUMENTS: dict[str, st.SearchStrategy[dict]] = {}
ARGUMENTS["FragilityFracture"] = arguments(
    site=st.sampled_from(["hip", "vertebral", "wrist", "pelvis"]), years_ago=st.floats(0, 30))
ARGUMENTS["Lifestyle"] = arguments(
    exercise=st.sampled_from(["resistance", "impact", "walking", "none"]),
    exercise_sessions_per_week=st.integers(0, 7), calcium_mg_day=st.floats(0, 2500),
    vitamin_d_iu_day=st.floats(0, 4000), protein_g_kg_day=st.floats(0, 3),
    smoking=st.sampled_from(["never", "former", "current"]), alcohol_g_day=st.floats(0, 100),
    weight_change_pct=st.floats(-30, 30))
ARGUMENTS["RiskFactors"] = arguments(
    parental_hip_fracture=YES, rheumatoid_arthritis=YES, prednisolone_mg_day=st.floats(0, 60),
    falls_last_year=st.integers(0, 9), egfr_ml_min=st.floats(5, 120),
    months_since_heart_attack_or_stroke=st.floats(0, 100), hyperparathyroidism=YES,
    frax_major_10y=st.floats(0, 1), frax_hip_10y=st.floats(0, 1))
ARGUMENTS["Course"] = arguments(
    medicine=MEDICINES, start_years=st.floats(0, 10), end_years=st.floats(0.1, 20),
    adherence=st.floats(0, 1), usual_doses=st.floats(0.1, 5))
ARGUMENTS["OwnScan"] = arguments(time_years=st.floats(0.1, 12), site=SITES, t_score=SCORES,
                                 precision_pct=st.floats(0.1, 5))
LIFESTYLES = _made("Lifestyle", ARGUMENTS["Lifestyle"])
COURSES = st.lists(_made("Course", ARGUMENTS["Course"]), max_size=3)
ARGUMENTS["Plan"] = arguments(courses=COURSES, lifestyle=LIFESTYLES,
                              combining=st.sampled_from(["additive", "stronger"]))
ARGUMENTS["VertebraScan"] = arguments(
    t_score=SCORES, bmd_g_cm2=st.floats(0.3, 2), area_cm2=st.floats(5, 25),
    abnormality=st.sampled_from(["", "fracture", "degenerative"]))
ARGUMENTS["Patient"] = arguments(
    age_years=st.floats(20, 100), sex=st.sampled_from(["female", "male"]),
    menopausal_status=st.sampled_from(["premenopausal", "postmenopausal"]),
    menopause_age_years=st.floats(35, 60), height_cm=st.floats(120, 210),
    weight_kg=st.floats(30, 180), t_scores=SCORES_BY_SITE, z_scores=SCORES_BY_SITE,
    device=st.sampled_from(["hologic", "lunar"]), serum_25_oh_d_nmol_l=st.floats(5, 200),
    fractures=st.lists(_made("FragilityFracture", ARGUMENTS["FragilityFracture"]), max_size=2),
    prior_osteoporosis_diagnosis=YES, lifestyle=LIFESTYLES,
    risk_factors=_made("RiskFactors", ARGUMENTS["RiskFactors"]))
#: Women as they come: most calls below need one to get anywhere.
WOMEN = st.builds(
    lambda age, scores, weight: osteoteach.Patient(
        age_years=age, sex="female", menopausal_status="postmenopausal", menopause_age_years=48,
        weight_kg=weight, height_cm=165, device="hologic", t_scores=scores),
    st.floats(50, 90),
    st.fixed_dictionaries({site: st.floats(-4.5, 1.5) for site in (
        "lumbar_spine", "total_hip", "femoral_neck")}), st.floats(40, 110))
PATIENTS = st.one_of(WOMEN, WOMEN, _made("Patient", ARGUMENTS["Patient"]))
PLANS = st.one_of(st.none(), _made("Plan", st.fixed_dictionaries({"courses": COURSES})),
                  _made("Plan", ARGUMENTS["Plan"]))
SEEDS = st.integers(0, 10_000)
COUNTRIES = st.sampled_from(["US", "UK", "SE"])
SOURCES = st.sampled_from(["nbha_2014", "iscd_2005", "bhof_2022"])
CLAIM = st.sampled_from(["There is no cure for osteoporosis.",
                         "Walking builds bone mass at the hip.",
                         "Denosumab raised BMD by 9.2% at the spine over 3 years.", "T was -2.5."])
ARGUMENTS |= {
    "diagnose": arguments(patient=PATIENTS, guideline=st.sampled_from(["bhof_2022", "who_1994"])),
    "fracture_risk": arguments(patient=PATIENTS, years=YEARS, plan=PLANS, country=COUNTRIES),
    "risk_by_t_score": arguments(patient=PATIENTS, t_scores=st.lists(SCORES, max_size=4),
                                 years=YEARS, country=COUNTRIES),
    "reversal": arguments(patient=PATIENTS, plan=PLANS, years=YEARS, seed=SEEDS),
    "simulate": arguments(patient=PATIENTS, plan=PLANS, years=YEARS, seed=SEEDS,
                          own_scans=st.lists(_made("OwnScan", ARGUMENTS["OwnScan"]), max_size=2)),
    "screen": arguments(tool=st.sampled_from(["ost", "orai", "score", "osiris", "frax_no_bmd"]),
                        patient=PATIENTS, estrogen_now=YES, estrogen_ever=YES,
                        estrogen_six_months=YES, black=YES, fractures_after_45=st.integers(0, 5)),
    "screening_rules": arguments(patient=PATIENTS, on_date=st.sampled_from(
        ["2026-11-22", "2018-01-01", None]), low_body_weight=YES, at_increased_risk=YES),
    "retest_rules": arguments(patient=PATIENTS, on_date=st.sampled_from(
        ["2026-11-22", "2014-01-01", None]), years_on_treatment=st.floats(0, 20)),
    "screening_yield": arguments(tool=st.sampled_from(["ost", "orai", "score"]),
                                 cut_off=st.floats(-10, 20), ages=st.sampled_from(["50-64", "65-"]),
                                 target=st.sampled_from(["osteoporosis"])),
    "bmd_from_t_score": arguments(score=SCORES, site=SITES,
                                  device=st.sampled_from(["hologic", "lunar"])),
    "t_score": arguments(bmd_g_cm2=st.floats(0.2, 2), site=SITES,
                         device=st.sampled_from(["hologic", "lunar"])),
    "z_score": arguments(bmd_g_cm2=st.floats(0.2, 2), site=SITES, age_years=st.floats(20, 95),
                         sex=st.sampled_from(["female", "male"]),
                         device=st.sampled_from(["hologic", "lunar"])),
    "read_spine": arguments(levels=st.dictionaries(
        st.sampled_from(["L1", "L2", "L3", "L4", "L5"]),
        _made("VertebraScan", ARGUMENTS["VertebraScan"]), max_size=4)),
    "least_significant_change": arguments(precision_error=st.floats(0, 5),
                                          confidence=st.floats(0.5, 0.99)),
    "rescans": arguments(site=SITES, true_t_score=SCORES, precision_pct=st.floats(0.1, 5),
                         n=st.integers(1, 50), seed=SEEDS),
    "framing": arguments(baseline_risk=st.floats(0, 1), relative_risk=st.floats(0, 3),
                         low=st.floats(0, 3), high=st.floats(0, 3), of=st.integers(1, 10_000),
                         whom=st.text(max_size=20), event=st.text(max_size=20)),
    "trial_effects": arguments(medicine=MEDICINES, outcome=st.sampled_from(
        ["hip_fracture", "vertebral_fracture", None])),
    "harms": arguments(medicine=st.one_of(st.none(), MEDICINES)),
    "population": arguments(n=st.integers(1, 60), country=COUNTRIES, seed=SEEDS,
                            years=st.integers(0, 1), ages=st.sampled_from([(50, 60), (20, 100)]),
                            chunk_persons=st.sampled_from([16, 16384])),
    "check_article": arguments(text=st.lists(CLAIM, min_size=1, max_size=4).map(" ".join)),
    "check_claim": arguments(text=CLAIM, top=st.integers(1, 5)),
    "claims": arguments(topic=st.one_of(st.none(), st.sampled_from(["exercise", "medicines"]))),
    "make_case": arguments(seed=st.one_of(SEEDS, st.text(max_size=5)), level=st.integers(1, 3)),
    "cite": arguments(source_id=SOURCES), "source": arguments(source_id=SOURCES),
    "table": arguments(name=st.sampled_from(["sources", "trials", "medicines"])),
    "ask": arguments(question_id=st.sampled_from(["z_score_in_old_age", "none"])),
    "quiz": st.one_of(
        arguments(ids=st.one_of(st.just(["z_score_in_old_age"]),
                                st.lists(st.text(max_size=4), max_size=2))),
        arguments(lesson=st.integers(0, 12)),
        arguments(form=st.sampled_from(["A", "B", "a"]), seed=SEEDS, size=st.integers(0, 6)),
        arguments(lesson=st.integers(0, 12), gap=st.text(max_size=4), size=st.integers(0, 6))),
    "show_dashboard": arguments(name=st.sampled_from(["noise", "none", "noise.ipynb", "../noise"])),
}
SIMULATED = WOMEN.map(lambda woman: osteoteach.simulate(woman, None, 2))
TITLES = st.text(max_size=10)
ARGUMENTS |= {
    "show_bars": arguments(values=st.dictionaries(TITLES, st.one_of(
                               st.floats(-9, 9), st.floats(-9, 9), hostile), max_size=3),
                           unit=st.sampled_from(["", "%"]), title=TITLES,
                           intervals=st.one_of(st.none(), st.just({"a": (0.0, 1.0)}))),
    "show_courses": arguments(courses=st.dictionaries(TITLES, SIMULATED, max_size=2), site=SITES,
                              title=TITLES),
    "show_markers": arguments(course=SIMULATED, title=TITLES),
    "show_persons": arguments(course=SIMULATED, site=SITES, title=TITLES),
    "show_of_1000": arguments(framed=st.just(osteoteach.framing(0.1, 0.5)), title=TITLES,
                              event=st.text(max_size=10)),
    "diagnose_patients": arguments(people=st.lists(st.fixed_dictionaries({
        "age_years": st.one_of(st.floats(60, 99), st.floats(60, 99), hostile), "sex": st.one_of(
            st.sampled_from(["female", "male"]), hostile),
        "menopausal_status": st.one_of(st.sampled_from([None, "postmenopausal"]), hostile),
        "total_hip_t_score": st.one_of(SCORES, hostile)}), max_size=3).map(
            lambda rows: _frame(rows))),
}


def _frame(rows: list[dict]) -> Any:
    import pandas as pd

    return pd.DataFrame(rows, dtype=object)


def _quiet(name: str) -> Callable[..., Any]:
    """The function, with what it would show in a notebook swallowed."""
    def call(**given: Any) -> Any:
        with contextlib.redirect_stdout(io.StringIO()):
            return getattr(osteoteach, name)(**given)
    return call


FUNCTIONS: Mapping[str, tuple[st.SearchStrategy[dict], Callable[..., Any]]] = {
    name: (ARGUMENTS[name], _quiet(name))
    for name in osteoteach.__all__ if name not in NOT_CALLED}
