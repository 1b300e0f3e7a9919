"""Fracture risk: published risks, properties that must hold, and what is refused."""

import dataclasses
import math
import statistics
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.evidence import source, table
from osteoteach.model import fracture_forecast
from osteoteach.model.fracture_comparison import (
    compare_with_published,
    mean_error,
    rounding_error,
)
from osteoteach.model.fracture_density import neck_reference, patient_density
from osteoteach.model.fracture_factors import LABELS, patient_factors, stated_share
from osteoteach.model.fracture_hazard import (
    base_rates,
    bmd_multiplier,
    cumulative_incidence,
    gradient,
    overlap_of_sites,
)
from osteoteach.model.fracture_overlap import measured_age, overlap, separated, slope_at
from osteoteach.model.fracture_ratios import factor_multiplier, ratios
from osteoteach.model.fracture_risk import ASSUMPTIONS, fracture_risk
from osteoteach.model.patient import FragilityFracture, Lifestyle, Patient, RiskFactors
from osteoteach.model.plan import Course, Plan
from osteoteach.model.trajectory import simulate

OUTCOMES = ("hip", "major")


def person(age=70, sex="female", z=None, t=None, life=None, risks=None, **more):
    """Somebody with nothing stated but what the test is about."""
    scores = {} if t is None else {"t_scores": {"femoral_neck": t}}
    zs = {} if z is None else {"z_scores": {"femoral_neck": z}}
    return Patient(age_years=age, sex=sex, lifestyle=Lifestyle(**(life or {})),
                   risk_factors=RiskFactors(**(risks or {})), **scores, **zs, **more)


def both(patient, years=10, **more):
    answer = fracture_risk(patient, years, **more)
    return answer.hip, answer.major


# Published risks ---------------------------------------------------------------------

ROWS = compare_with_published()
BY_ID = {row.row_id: row for row in ROWS}


def group(kind, sex, outcome):
    return [row for row in ROWS if (row.kind, row.sex, row.outcome) == (kind, sex, outcome)]


@pytest.mark.parametrize("age", [65, 70, 75, 80])
def test_mean_risk_of_us_women_is_that_of_a_us_cohort(age):
    """Any of four in ten years, Study of Osteoporotic Fractures (ettinger_2010): within 8%."""
    row = BY_ID[f"population_us_female_{age}_nobmd_average_major"]
    assert row.source_id == "ettinger_2010"
    assert row.error < 0.08


def test_hip_risk_to_90_is_that_of_medicare():
    """A white woman of 65 has 16% to the age of 90 (barrett_medicare); claims of the 1980s."""
    row = BY_ID["population_us_female_65_nobmd_average_hip"]
    assert row.years == 25
    assert row.error < 0.20


@pytest.mark.parametrize("age", [50, 60, 70, 80])
def test_mean_risk_of_men_is_near_that_of_iceland(age):
    """Any of four in ten years (sigurdsson_2017): within 15%."""
    assert BY_ID[f"population_iceland_male_{age}_nobmd_average_major"].error < 0.15


def test_us_example_of_frax_for_major_fractures():
    """A US woman of 65 at T = -2.3 without factors: 10% (endotext_frax_figure); target 25%."""
    assert BY_ID["frax_us_female_65_t-2.3_none_major"].error < 0.25


def test_us_example_of_frax_without_density():
    """A white woman of 65 without risk factors: 9.3% major (uspstf_2011); target 25%."""
    assert BY_ID["frax_us_female_65_nobmd_none_major"].error < 0.15


def test_us_example_of_frax_for_the_hip_misses_its_target_by_what_is_said():
    """The first woman: 2.2%; aimed at 25%, found 46%, as docs/fracture_risk.md says."""
    assert BY_ID["frax_us_female_65_t-2.3_none_hip"].error == pytest.approx(0.456, abs=0.01)


def test_shape_over_the_t_score_for_the_hip_in_women():
    """FRAX for the UK (kanis_2008), scaled at T = -2: within 8% as it is printed, to one
    decimal; beyond the rounding 4%. A perfect model is 5% off by the rounding alone."""
    rows = group("shape", "female", "hip")
    assert len(rows) == 29
    assert mean_error(rows, as_printed=True) < 0.08
    assert mean_error(rows, beyond_rounding=True) < 0.045
    assert rounding_error(rows) == pytest.approx(0.05, abs=0.01)


@pytest.mark.parametrize(("outcome", "found"), [("hip", 0.122), ("major", 0.087)])
def test_shape_over_the_t_score_misses_its_target_by_what_is_said(outcome, found):
    """Aimed at 8% of the printed numbers; docs/fracture_risk.md says what was found."""
    assert mean_error(group("shape", "female", outcome)) == pytest.approx(found, abs=0.003)


@pytest.mark.parametrize("sex", ["female", "male"])
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_shape_and_factors_stay_where_they_were_found(sex, outcome):
    """Mean error against FRAX for the UK: below 13% over T, below 25% over the factors."""
    assert mean_error(group("shape", sex, outcome)) < 0.13
    assert mean_error(group("factor", sex, outcome)) < 0.25


def test_comparison_is_complete_and_says_why():
    """Every printed risk has its row, its reason, its source; anchors agree."""
    printed = [row for row in table("published_risks") if row["risk_pct"] is not None]
    assert len(ROWS) == len(printed) > 230
    assert all(row.why and source(row.source_id) for row in ROWS)
    assert {row.kind for row in ROWS} == {"shape", "factor", "level", "population"}
    assert all(math.isclose(row.ratio, 1) for row in ROWS if row.is_anchor)


# The pieces --------------------------------------------------------------------------


@pytest.mark.parametrize(("sex", "rate"), [("female", 203), ("male", 118)])
def test_base_rate_is_that_of_the_table(sex, rate):
    """At the middle of 65-69 the hip hazard is the printed rate (ettinger_2010)."""
    assert base_rates("US", sex).hazards(67.5)[0] == pytest.approx(rate / 1e5)


def test_other_sites_and_hip_make_the_overlapping_sum():
    """At 72.5 women: 394 + 464.7 + 419 + 261.2, less what occurs twice."""
    hip, other, _ = base_rates("US", "female").hazards(72.5)
    assert hip + other == pytest.approx(overlap_of_sites()[0] * (394 + 464.7 + 419 + 261.2) / 1e5)


def test_death_is_that_of_the_life_table():
    """A woman of 80: 4.4156% in the year (ssa_period_2022)."""
    death = base_rates("US", "female").hazards(80.5)[2]
    assert -math.expm1(-death) == pytest.approx(0.044156)


@pytest.mark.parametrize("component", ["hip", "other"])
@pytest.mark.parametrize("age", [50, 65, 80, 90])
def test_bmd_leaves_the_mean_of_the_population(component, age):
    """Over all Z-scores the mean multiplier is 1: mean risk is not risk at mean BMD."""
    slope = gradient(component).log_ratio.at(float(age))
    z = np.linspace(-12, 12, 20001)
    weight = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    assert np.sum(weight * bmd_multiplier(z, slope)) * (z[1] - z[0]) == pytest.approx(1, abs=1e-6)
    assert bmd_multiplier(0.0, slope) < 1


@given(st.floats(0.2, 6), st.floats(0, 1))
def test_a_factor_leaves_the_mean_of_the_population(ratio, share):
    """Those with and those without it average to 1."""
    yes, no = (factor_multiplier(ratio, present, share) for present in (1, 0))
    assert share * yes + (1 - share) * no == pytest.approx(1)


@given(st.floats(0, 1), st.booleans())
def test_a_ratio_of_one_changes_nothing(share, present):
    assert factor_multiplier(1.0, present, share) == 1


def test_model_gradient_lies_inside_an_independent_one():
    """At 65, hip: inside the interval of johnell_2005, which is not in the model."""
    ours = math.exp(gradient("hip").log_ratio.at(65.0))
    checks = [row for row in table("fracture_gradient")
              if row["role"] == "check" and row["outcome"] == "hip"]
    assert len(checks) == 2
    assert all(row["low"] < ours < row["high"] for row in checks)


@given(st.floats(0.05, 1.4), st.floats(0.05, 0.8), st.floats(0, 0.6))
def test_density_and_factors_are_told_apart(density, factors, correlation):
    """What was put together from known parts comes apart again."""
    alone = (density + correlation * factors, factors + correlation * density)
    together = math.sqrt(density ** 2 + factors ** 2 + 2 * correlation * density * factors)
    # Two answers fit; the smaller correlation is taken, which is the true one up to here.
    found = separated(*alone, together)
    assert found[2] <= correlation + 1e-6
    back = math.sqrt(found[0] ** 2 + found[1] ** 2 + 2 * found[2] * found[0] * found[1])
    assert back == pytest.approx(together)
    assert found[0] + found[2] * found[1] == pytest.approx(alone[0])


@pytest.mark.parametrize("component", ["hip", "other"])
@pytest.mark.parametrize("age", [50, 60, 70, 80])
def test_stated_factors_make_the_gradient_smaller(component, age):
    """Part of what density predicts is what the factors say (kanis_2007): never more."""
    slopes = [slope_at(component, float(age), stated).log_ratio for stated in (0.0, 0.5, 1.0)]
    assert slopes == sorted(slopes, reverse=True)
    assert slopes[0] == gradient(component).log_ratio.at(float(age))


def test_density_and_factors_together_leave_the_mean_of_the_population():
    """Two normal scores with the printed overlap: the mean multiplier is 1 (age 70, hip)."""
    slope, parts = slope_at("hip", 70.0, 1.0), overlap("hip")
    b, c, r = (slope.log_ratio, parts.factors.at(70.0), parts.correlation.at(70.0))
    z = np.random.default_rng(1).multivariate_normal((0, 0), ((1, r), (r, 1)), 400_000)
    log = b * z[:, 0] - b * b / 2 + c * z[:, 1] - c * c / 2 - slope.shared
    assert np.exp(log).mean() == pytest.approx(1, abs=0.03)


def test_the_gradient_is_that_of_the_age_at_the_scan_for_ten_years():
    assert measured_age(55.0, 9.5) == 55.0
    assert measured_age(55.0, 25.0) == 70.0


def test_body_mass_makes_up_most_of_the_spread_of_the_factors():
    """With height and weight stated nearly everything is; without them less than half."""
    known = patient_factors(person(65, height_cm=160, weight_kg=64), True, "US")[0]
    unknown = patient_factors(person(65), True, "US")[0]
    shares = [stated_share(some, "US", "female", "hip", 65.0) for some in (known, unknown)]
    assert shares[0] > 0.8 > 0.5 > shares[1] > 0


hazard_lists = st.lists(st.tuples(st.floats(1e-6, 1), st.floats(1e-6, 1), st.floats(0.01, 2)),
                        min_size=1, max_size=12)


@given(hazard_lists, st.floats(1, 5))
def test_competing_death_lowers_and_never_raises(steps, more):
    """More death, fewer fractures; without death it is 1 - exp(-sum)."""
    hazards, deaths, lengths = zip(*steps, strict=True)
    risk = cumulative_incidence(hazards, deaths, lengths)
    alone = -math.expm1(-sum(h * length for h, length in zip(hazards, lengths, strict=True)))
    assert 0 < risk <= alone + 1e-12
    assert cumulative_incidence(hazards, [more * d for d in deaths], lengths) <= risk + 1e-12
    none = cumulative_incidence(hazards, [0.0] * len(hazards), lengths)
    assert none == pytest.approx(alone)


def test_the_pieces_take_arrays():
    """A population is computed with the same functions, person by person the same."""
    ages, z = np.array([45.0, 66.0, 99.0]), np.array([-2.0, 0.0, 1.0])
    rates = base_rates("US", "male")
    for many, one in ((rates.hazards(ages), [rates.hazards(age) for age in ages.tolist()]),
                      (neck_arrays(ages), [neck_arrays(age) for age in ages.tolist()])):
        assert np.allclose(np.array(many).T, one)
    assert np.allclose(bmd_multiplier(z, 1.1), [bmd_multiplier(x, 1.1) for x in z.tolist()])
    assert np.allclose(factor_multiplier(np.array([2.0, 2.0]), np.array([0, 1]), 0.1),
                       [factor_multiplier(2.0, present, 0.1) for present in (0, 1)])
    risk = cumulative_incidence([np.array([0.1, 0.2])], [np.array([0.0, 0.2])], [1.0])
    assert np.allclose(risk, [-math.expm1(-0.1), cumulative_incidence([0.2], [0.2], [1.0])])


def neck_arrays(age):
    slope = gradient("hip")
    return slope.log_ratio.at(age), slope.error.at(age)


# The answer --------------------------------------------------------------------------

ages = st.floats(40, 95)
sexes = st.sampled_from(["female", "male"])
z_scores = st.one_of(st.none(), st.floats(-4, 4))


@settings(deadline=None, max_examples=60)
@given(ages, sexes, z_scores, st.floats(0.1, 30), st.booleans(), st.booleans(),
       st.floats(0, 30), st.floats(0, 40))
def test_every_answer_is_coherent(age, sex, z, years, smokes, arthritis, dose, ago):
    """0 to 1; inside its interval; parts multiply; the hip never above major."""
    hip, major = both(person(
        age, sex, z, life={"smoking": "current" if smokes else "never"},
        risks={"rheumatoid_arthritis": arthritis, "prednisolone_mg_day": dose},
        fractures=[FragilityFracture("hip", years_ago=ago)]), years)
    assert hip.probability <= major.probability
    for risk in (hip, major):
        assert 0 < risk.low <= risk.probability <= risk.high < 1
        assert 0 < risk.average < 1
        assert all(part.low <= part.ratio <= part.high for part in risk.parts)
        assert risk.hazard_ratio == pytest.approx(math.prod(p.ratio for p in risk.parts))


@settings(deadline=None, max_examples=40)
@given(ages, sexes, z_scores, st.booleans())
def test_parts_multiply_to_the_hazard_of_the_person(age, sex, z, smokes):
    """In a very short forecast the risk over the average is the product of the parts."""
    patient = person(age, sex, z, life={"smoking": "current" if smokes else "never"})
    for risk in both(patient, 1e-4):
        assert risk.probability / risk.average == pytest.approx(risk.hazard_ratio, rel=1e-3)


@pytest.mark.parametrize("sex", ["female", "male"])
@pytest.mark.parametrize("z", [None, -2.0, 0.0])
def test_risk_rises_with_age_until_death_dominates(sex, z):
    """At a Z-score it rises to 79; by 90 more people die before a fracture."""
    for outcome in OUTCOMES:
        risks = [getattr(fracture_risk(person(age, sex, z)), outcome).probability
                 for age in range(40, 96)]
        assert risks[:40] == sorted(risks[:40])
        assert risks[50] > risks[55]


@settings(deadline=None, max_examples=40)
@given(ages, sexes, st.floats(-4, 3.9), st.floats(0.01, 2))
def test_risk_falls_as_density_rises(age, sex, t, more):
    for low, high in zip(both(person(age, sex, t=t)), both(person(age, sex, t=t + more)),
                         strict=True):
        assert low.probability > high.probability


@settings(deadline=None, max_examples=40)
@given(ages, sexes, z_scores, st.floats(0.1, 25), st.floats(0.01, 10))
def test_more_years_never_lower(age, sex, z, years, more):
    for short, long in zip(both(person(age, sex, z), years), both(person(age, sex, z),
                           years + more), strict=True):
        assert long.probability > short.probability


ADDED = {
    "prior_fracture": ({}, {"fractures": ["vertebral"]}),
    "recent": ({}, {"fractures": [FragilityFracture("vertebral", years_ago=1)]}),
    "parent": ({}, {"risks": {"parental_hip_fracture": True}}),
    "arthritis": ({}, {"risks": {"rheumatoid_arthritis": True}}),
    "smoking": ({"life": {"smoking": "never"}}, {"life": {"smoking": "current"}}),
    "alcohol": ({"life": {"alcohol_g_day": 10}}, {"life": {"alcohol_g_day": 40}}),
    "glucocorticoids": ({"risks": {"prednisolone_mg_day": 0}},
                        {"risks": {"prednisolone_mg_day": 5}}),
    "dose": ({"risks": {"prednisolone_mg_day": 5}}, {"risks": {"prednisolone_mg_day": 10}}),
    "falls": ({"risks": {"falls_last_year": 0}}, {"risks": {"falls_last_year": 2}}),
    "thin": ({"height_cm": 165, "weight_kg": 70}, {"height_cm": 165, "weight_kg": 52}),
}


@pytest.mark.parametrize("name", ADDED)
@pytest.mark.parametrize("z", [None, -1.0])
@pytest.mark.parametrize("sex", ["female", "male"])
@pytest.mark.parametrize("age", [42, 68, 93])
def test_a_factor_with_a_ratio_above_one_never_lowers(name, z, sex, age):
    without, with_it = ADDED[name]
    for before, after in zip(both(person(age, sex, z, **without)),
                             both(person(age, sex, z, **with_it)), strict=True):
        assert after.probability > before.probability


def test_nothing_stated_is_the_average_of_what_is_unknown():
    """Smoking unknown lies between smoking and not, and adds no part."""
    unknown, never, current = (fracture_risk(person(life=life)).hip for life in (
        {}, {"smoking": "never"}, {"smoking": "current"}))
    assert never.probability < unknown.probability < current.probability
    assert "smoking" not in [part.name for part in unknown.parts]
    assert "Not stated" in " ".join(unknown.warnings)


def test_a_recent_fracture_counts_more_and_fades():
    """One year ago more than five, five more than ten; undated as ever (johansson_2017)."""
    risks = [fracture_risk(person(fractures=[FragilityFracture("distal_forearm", years_ago=ago)]))
             .major.probability for ago in (1, 5, 10)]
    assert risks == sorted(risks, reverse=True)
    assert risks[0] > 1.2 * risks[2]
    part = fracture_risk(person(fractures=[FragilityFracture("hip", years_ago=1)])).major.parts[0]
    assert (part.name, part.value) == ("prior_fracture", "hip, 1 year ago")
    assert part.ratio == pytest.approx(2.7)


def test_the_extra_risk_of_a_recent_fracture_fades_within_the_forecast():
    """Over ten years it counts less than over the first one; at 68 the bands do not change."""
    recent = person(68, fractures=[FragilityFracture("hip", years_ago=1)])
    first, ten = (fracture_risk(recent, years).major for years in (1, 10))
    assert ten.probability / ten.average < 0.85 * first.probability / first.average


def test_body_mass_by_hand():
    """At the mean of women of 60-69 (30.1, SD 14.8 / 2.0728), 0.93 a unit: exp(-s^2 / 2)."""
    bmi = person(65, height_cm=100, weight_kg=30.1)
    part = next(p for p in fracture_risk(bmi).hip.parts if p.name == "body_mass_index")
    assert part.ratio == pytest.approx(math.exp(-(math.log(0.93) * 14.8 / 2.0728) ** 2 / 2))
    thin, thinner = (fracture_risk(person(65, height_cm=160, weight_kg=kg)).hip.probability
                     for kg in (47, 40))
    assert thin == pytest.approx(thinner, rel=0.02)


def test_with_density_only_ratios_adjusted_for_it_are_used():
    """An unadjusted ratio on the gradient would count thin bones twice."""
    stated = person(z=-1, life={"smoking": "current", "alcohol_g_day": 40},
                    risks={"parental_hip_fracture": True, "rheumatoid_arthritis": True,
                           "prednisolone_mg_day": 5, "falls_last_year": 1},
                    fractures=["hip"], height_cm=165, weight_kg=60)
    for risk in both(stated):
        names = [part.name for part in risk.parts]
        assert names == ["bmd", *LABELS]
        for part in risk.parts[1:]:
            rows = ratios(part.name, "female", risk.outcome, True)
            assert part.adjusted_for_bmd
            assert any(math.isclose(part.published, math.exp(row.log_ratio)) for row in rows)
        assert "documented assumption" in " ".join(risk.warnings)
    without = dataclasses.replace(stated, z_scores={})
    assert not any(part.adjusted_for_bmd for part in fracture_risk(without).hip.parts)
    assert fracture_risk(without).hip.parts[0].published == pytest.approx(1.82)


@pytest.mark.parametrize("factor", ["prior_fracture", "parental_hip_fracture", "smoking",
                                    "alcohol"])
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_adjusting_for_density_never_strengthens_a_ratio(factor, outcome):
    """What was printed, derived or bridged beside BMD is not above the one without."""
    plain, beside = (ratios(factor, "female", outcome, with_bmd)[0].log_ratio
                     for with_bmd in (False, True))
    assert 0 < beside <= plain


def test_every_ratio_row_has_its_pair_and_a_note():
    """Each level exists with and without BMD, for hip and major; a bridge says so."""
    rows = table("fracture_risk_ratios")
    seen = {(r["factor"], r["level"], r["sex"], r["outcome"], r["adjusted_for_bmd"]) for r in rows}
    for factor, level, sex, _, _ in seen:
        for outcome in OUTCOMES:
            assert {(factor, level, sex, outcome, flag) for flag in (True, False)} <= seen
    for row in rows:
        assert ("BRIDGE" in (row["note"] or "")) == (row["basis"] == "bridge")
        if None not in (row["low"], row["high"]):
            assert row["low"] <= row["ratio"] <= row["high"]


def test_interval_is_the_same_each_time_and_grows_away_from_the_mean():
    """The gradient matters little near the mean of one's age, much far from it. Near it the
    base rates alone keep the interval wide: 8% of standard error, 25% from end to end."""
    widths = []
    for z in (-0.5, -3.0):
        first, again = (fracture_risk(person(z=z)).hip for _ in range(2))
        assert first == again
        widths.append(math.log(first.high / first.low))
    assert widths[0] > 2 * 1.645 * 0.077 * 0.9
    assert widths[1] > 1.3 * widths[0]


def test_the_overlap_of_sites_is_part_of_the_interval(monkeypatch):
    """Known for certain, it would leave the range of major narrower, that of the hip alone."""
    wide = both(person())
    mean, error = overlap_of_sites()
    assert error > 0.01
    monkeypatch.setattr(fracture_forecast, "overlap_of_sites", lambda: (mean, 0.0))
    narrow = both(person())
    assert narrow[0] == wide[0]
    assert narrow[1].high - narrow[1].low < 0.9 * (wide[1].high - wide[1].low)


def test_sources_of_an_answer_exist():
    answer = fracture_risk(person(t=-2.5, life={"smoking": "current"}))
    assert {"ettinger_2010", "ssa_period_2022", "kanis_2007", "kanis_2005"} <= set(answer.sources)
    assert all(source(source_id) for source_id in answer.sources)


def test_z_score_by_hand():
    """Woman of 65, T = -2: (0.618 - 0.681) / 0.119. Man of 73 at the mean of MrOS: 0."""
    assert patient_density(person(65, t=-2)).z_score == pytest.approx((0.618 - 0.681) / 0.119)
    man = Patient(age_years=73, sex="male", device="hologic", bmd_g_cm2={"femoral_neck": 0.787})
    assert patient_density(man).z_score == pytest.approx(0)
    assert neck_reference("male", 52)[0] == pytest.approx(0.85, abs=0.01)


def test_total_hip_stands_in_and_says_so():
    hip = Patient(age_years=62, sex="female", t_scores={"total_hip": -2})
    answer = fracture_risk(hip)
    assert answer.hip.parts[0].name == "bmd"
    assert "total hip stands in" in " ".join(answer.warnings)
    neck = dataclasses.replace(hip, t_scores={"total_hip": -2, "femoral_neck": -1})
    assert fracture_risk(neck).hip == fracture_risk(
        dataclasses.replace(hip, t_scores={"femoral_neck": -1})).hip


def test_a_spine_alone_gives_the_risk_without_density():
    spine = Patient(age_years=62, sex="female", t_scores={"lumbar_spine": -3})
    answer = fracture_risk(spine)
    bare = fracture_risk(dataclasses.replace(spine, t_scores={}))
    assert answer.hip.probability == bare.hip.probability
    assert "no femoral neck" in " ".join(answer.warnings)


# Plans -------------------------------------------------------------------------------


def test_a_change_of_habits_moves_the_risk_through_density_only():
    """Exercise lowers it a little; the parts of today stay as they are."""
    woman = person(66, t=-2.4, life={"exercise": "none"})
    plan = Plan(lifestyle=Lifestyle(exercise="combined", exercise_sessions_per_week=3))
    before, after = both(woman), both(woman, plan=plan)
    for now, then in zip(before, after, strict=True):
        assert 0.7 * now.probability < then.probability < now.probability
        assert then.hazard_ratio == now.hazard_ratio
        assert "only through BMD" in " ".join(then.warnings)
    assert fracture_risk(woman, plan=Plan()).hip.probability == before[0].probability
    old = person(93, z=-1, t=-3, life={"exercise": "none"})
    assert fracture_risk(old, plan=plan).hip.probability < fracture_risk(old).hip.probability


def test_gain_of_a_plan_in_z_scores_by_hand():
    """What the plan adds to BMD, over the SD of her age then."""
    woman = person(66, t=-2.4, life={"exercise": "none"})
    plan = Plan(lifestyle=Lifestyle(exercise="combined", exercise_sessions_per_week=3))
    gain = patient_density(woman, plan, (0.5, 4.0)).gains[1]
    with_it, as_now = (simulate(woman, p, 4).change_pct("femoral_neck", 4)
                       for p in (plan, Plan()))
    bmd = 0.858 - 2.4 * 0.120
    assert gain == pytest.approx(bmd * (with_it - as_now) / 100 / neck_reference("female", 70)[1])
    assert gain > 0


def test_medicines_are_left_to_the_treatment_effect():
    woman = person(66, t=-2.4)
    answer = fracture_risk(woman, plan=Plan(courses=[Course("denosumab", 0, 5)]))
    assert answer.hip.probability == fracture_risk(woman).hip.probability
    assert "treatment_effect" in " ".join(answer.warnings)


# Errors and limits -------------------------------------------------------------------


@pytest.mark.parametrize(("call", "name"), [
    (lambda: fracture_risk(person(39)), "age_years"),
    (lambda: fracture_risk(person(95.5)), "age_years"),
    (lambda: fracture_risk(person(), country="Atlantis"), "country"),
    (lambda: fracture_risk(person(), years=0), "years"),
    (lambda: fracture_risk(person(), years=41), "years"),
    (lambda: fracture_risk("woman"), "patient"),
    (lambda: fracture_risk(person(), plan="walk"), "plan"),
    (lambda: fracture_risk(Patient(age_years=62, sex="female", t_scores={"lumbar_spine": -3}),
                           plan=Plan(lifestyle=Lifestyle(smoking="never"))), "t_scores"),
    (lambda: fracture_risk(Patient(age_years=75, sex="female", t_scores={"total_hip": -2})),
     "z_scores"),
])
def test_refused_with_the_name_of_the_field(call, name):
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.name == name


@pytest.mark.parametrize(("age", "years", "words"), [
    (45, 10, "no rates of this country were found"), (90, 10, "passes 95 years")])
def test_beyond_the_tables_the_answer_says_so(age, years, words):
    assert words in " ".join(fracture_risk(person(age), years).warnings)
    assert words not in " ".join(fracture_risk(person(65), years).warnings)
    assert len(ASSUMPTIONS) >= 4


def test_quick_and_without_numpy():
    """A page answers while a slider moves: below 5 ms, and NumPy stays unloaded."""
    woman = person(65, t=-2.3, life={"smoking": "never", "alcohol_g_day": 0},
                   risks={"falls_last_year": 1, "prednisolone_mg_day": 5},
                   height_cm=160, weight_kg=60)
    fracture_risk(woman)
    seconds = []
    for _ in range(30):
        start = time.perf_counter()
        fracture_risk(woman)
        seconds.append(time.perf_counter() - start)
    assert statistics.quantiles(seconds, n=4)[0] < 0.005
    code = ("import sys\nfrom osteoteach.model.fracture_risk import fracture_risk\n"
            "from osteoteach.model.patient import Patient\n"
            "fracture_risk(Patient(age_years=70, sex='male', z_scores={'femoral_neck': -1}))\n"
            "sys.exit('numpy' in sys.modules)")
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
