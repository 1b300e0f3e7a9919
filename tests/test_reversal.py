"""Can it be reversed? Gain needed, gain likely, and the four meanings of the word."""

import math
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.model.densitometry import bmd_from_t_score, reported
from osteoteach.model.diagnosis import t_category
from osteoteach.model.fracture_risk import fracture_risk
from osteoteach.model.lifestyle import MODEL_SITES
from osteoteach.model.patient import Lifestyle, Patient
from osteoteach.model.plan import Course, Plan
from osteoteach.model.precision import least_significant_change, precision_cv_pct
from osteoteach.model.reversal import gain_needed_pct, reversal
from osteoteach.model.site_path import PERSONS

MEANINGS = ("bmd_up", "category_changed", "t_score_normal", "fracture_risk_average")
TRAINED = Lifestyle(exercise="high_intensity", exercise_sessions_per_week=3, calcium_mg_day=1200)


def woman(**t_scores):
    return Patient(age_years=62, sex="female", menopausal_status="postmenopausal",
                   menopause_age_years=50, t_scores=t_scores,
                   lifestyle=Lifestyle(calcium_mg_day=600))


def note(answer, meaning):
    return next(item.note for item in answer.meanings if item.meaning == meaning)


@pytest.mark.parametrize(("now", "target", "site", "by_hand"), [
    # looker_1998 neck 0.858 (0.120), hip 0.942 (0.122); Hologic spine 1.047 (0.110).
    (-2.0, -1.0, "femoral_neck", 100 * (0.738 / 0.618 - 1)),
    (-2.5, -1.0, "total_hip", 100 * (0.820 / 0.637 - 1)),
    (-3.0, -2.5, "lumbar_spine", 100 * (0.772 / 0.717 - 1)),
    (-0.5, -1.0, "total_hip", 100 * (0.820 / 0.881 - 1)),
])
def test_gain_needed_by_hand(now, target, site, by_hand):
    """Density at the target over density now."""
    assert gain_needed_pct(now, target, site) == pytest.approx(by_hand)


@given(st.floats(-5, 2), st.floats(-3, 0), st.sampled_from(MODEL_SITES))
def test_the_gain_needed_leads_to_the_target(now, target, site):
    """Adding it to the density gives the density of the target."""
    gain = gain_needed_pct(now, target, site)
    assert bmd_from_t_score(now, site) * (1 + gain / 100) == pytest.approx(
        bmd_from_t_score(target, site))


def test_there_are_four_meanings_and_each_is_asked():
    """Questions in order; the risk meaning says what it needs where it cannot be had."""
    answer = reversal(woman(total_hip=-1.8))
    assert tuple(item.meaning for item in answer.meanings) == MEANINGS
    assert all(item.question.endswith("?") for item in answer.meanings)
    assert answer.probability("fracture_risk_average") is None
    assert "femoral neck" in note(answer, "fracture_risk_average")
    with pytest.raises(InputError, match="must be one of bmd_up") as caught:
        answer.probability("healed")
    assert caught.value.name == "meaning"


def test_likely_gain_is_that_of_the_course():
    """What reversal says of a site is what simulate says of it."""
    answer = reversal(woman(total_hip=-1.8), Plan(lifestyle=TRAINED), years=5)
    item, path = answer.sites["total_hip"], answer.trajectory.paths["total_hip"]
    assert item.gain_likely_pct == path.change_pct(5)
    assert (item.low_pct, item.high_pct) == path.band_pct(5)
    assert item.t_score_now == pytest.approx(-1.8)
    assert item.t_score_then == pytest.approx(
        (0.7224 * (1 + item.gain_likely_pct / 100) - 0.942) / 0.122)
    assert item.least_significant_change_pct == least_significant_change(
        precision_cv_pct("total_hip"))


@pytest.mark.parametrize("t_score", [-1.2, -1.8, -2.6])
@pytest.mark.parametrize("plan", [Plan(), Plan(lifestyle=TRAINED)])
def test_probabilities_agree_with_the_draws(t_score, plan):
    """The share of simulated persons beyond each line is near the formula's probability."""
    answer = reversal(woman(total_hip=t_score), plan, years=5)
    item, path = answer.sites["total_hip"], answer.trajectory.paths["total_hip"]
    draws = path.persons_change_pct(5, seed=answer.trajectory.seed)
    gained = sum(d >= item.least_significant_change_pct for d in draws) / PERSONS
    assert gained == pytest.approx(item.chance_of_real_gain, abs=0.04)
    then = [path.t_score(d) for d in draws]
    for line, score in (("normal", -1.0), ("above_osteoporosis", -2.4)):
        share = sum(reported(t) >= score for t in then) / PERSONS
        # One site's chance may be read at the line itself or at the rounded score.
        exact = sum(t >= score for t in then) / PERSONS
        assert min(share, exact) - 0.04 <= item.chance[line] <= max(share, exact) + 0.04
    assert answer.probability("t_score_normal") == pytest.approx(
        sum(reported(t) >= -1.0 for t in then) / PERSONS)


def test_the_category_meaning_counts_persons_in_a_better_class():
    """From -2.5: whoever is reported -2.4 or better at the lowest site has changed."""
    answer = reversal(woman(total_hip=-2.5), Plan(lifestyle=TRAINED), years=2)
    path = answer.trajectory.paths["total_hip"]
    better = sum(t_category(path.t_score(d)) != "osteoporosis"
                 for d in path.persons_change_pct(2, seed=answer.trajectory.seed))
    assert answer.probability("category_changed") == better / PERSONS
    assert 0.05 < better / PERSONS < 0.95


def test_the_lowest_site_decides_what_is_normal():
    """A normal hip does not make up for a spine of -3."""
    both = reversal(woman(total_hip=-0.2, lumbar_spine=-3.0))
    assert both.limiting_site == "lumbar_spine"
    assert both.sites["total_hip"].chance["normal"] > 0.9
    assert both.probability("t_score_normal") == 0.0


def test_real_gain_is_counted_at_the_best_site():
    """bmd_up is the largest chance among the sites, and the note names the site."""
    answer = reversal(woman(total_hip=-2.0, lumbar_spine=-2.0), Plan(lifestyle=TRAINED))
    best = max(answer.sites.values(), key=lambda item: item.chance_of_real_gain)
    assert answer.probability("bmd_up") == best.chance_of_real_gain
    assert best.site.replace("_", " ") in note(answer, "bmd_up")


def test_who_is_normal_already_has_no_category_to_change():
    """No probability, and the reason."""
    answer = reversal(woman(total_hip=-0.8))
    assert answer.probability("category_changed") is None
    assert note(answer, "category_changed") == "Already normal."
    assert answer.sites["total_hip"].gain_needed_pct["normal"] < 0


@pytest.mark.parametrize("t_score", [-1.01, -1.04])
def test_one_person_is_not_normal_and_short_of_normal_at_once(t_score):
    """Reported -1.0 is normal in the category, so no gain may be needed to get there."""
    answer = reversal(woman(total_hip=t_score))
    assert note(answer, "category_changed") == "Already normal."
    assert answer.sites["total_hip"].gain_needed_pct["normal"] <= 0


def test_who_is_normal_may_lose_as_much_as_the_report_rounds():
    """T -1.0 reads normal down to -1.05, so the change that ends it and its chance agree."""
    answer = reversal(woman(total_hip=-1.0))
    item, path = answer.sites["total_hip"], answer.trajectory.paths["total_hip"]
    assert item.gain_needed_pct["normal"] == pytest.approx(
        gain_needed_pct(-1.0, -1.05, "total_hip"), abs=1e-6)
    assert item.chance["normal"] == path.chance_of_change(item.gain_needed_pct["normal"], 5)


@pytest.mark.parametrize("t_score", [-2.5, -2.46])
def test_at_the_osteoporosis_line_a_gain_is_needed_to_leave_it(t_score):
    """who_1994: T -2.5 is osteoporosis, so "above osteoporosis" is not reached there."""
    item = reversal(woman(total_hip=t_score)).sites["total_hip"]
    assert item.gain_needed_pct["above_osteoporosis"] > 0.01


def test_one_site_gives_one_chance_of_being_normal():
    """The site's own chance and the meaning's probability are the same question."""
    answer = reversal(woman(total_hip=-1.2), Plan(lifestyle=TRAINED), years=1)
    assert answer.sites["total_hip"].chance["normal"] == pytest.approx(
        answer.probability("t_score_normal"), abs=0.03)


def remark(answer, meaning):
    return next(item.remark for item in answer.meanings if item.meaning == meaning)


def test_what_holds_today_is_not_brought_about_by_the_plan():
    """Beside the number stands whether it was so already."""
    low, high = (reversal(woman(femoral_neck=score)) for score in (-3.0, -0.5))
    assert remark(low, "fracture_risk_average") == "above it today"
    assert remark(high, "fracture_risk_average") == "no higher today"
    assert remark(low, "t_score_normal") == ""
    assert remark(high, "t_score_normal") == "normal today"
    assert remark(high, "category_changed") == "already normal"


@settings(max_examples=20)
@given(st.floats(-3.5, 1), st.floats(50, 80))
def test_the_risk_today_is_that_of_the_forecast(score, age):
    """Above the average means a hazard above that of her age, from the risk itself."""
    person = replace(woman(femoral_neck=score), age_years=age, menopause_age_years=None)
    ratio = fracture_risk(person, 1).major.hazard_ratio
    if abs(ratio - 1) > 1e-6:
        above = remark(reversal(person), "fracture_risk_average") == "above it today"
        assert above == (ratio > 1)


def test_people_of_the_z_score_have_no_t_score_meanings():
    """iscd_2005: before menopause only a real gain can be answered."""
    person = Patient(age_years=40, sex="female", menopausal_status="premenopausal",
                     t_scores={"total_hip": -2.0})
    answer = reversal(person)
    assert [answer.probability(meaning) for meaning in MEANINGS[1:]] == [None] * 3
    assert "do not apply" in note(answer, "category_changed")
    assert 0 <= answer.probability("bmd_up") <= 1


@pytest.mark.parametrize("history", [{"fractures": ("vertebral",)},
                                     {"prior_osteoporosis_diagnosis": True}])
def test_a_history_that_no_scan_undoes_is_noted(history):
    """leboff_2022: a fracture or an earlier diagnosis stays on the record."""
    plain, person = woman(total_hip=-2.0), replace(woman(total_hip=-2.0), **history)
    words = "keeps osteoporosis on the record"
    assert words in note(reversal(person), "category_changed")
    assert words not in note(reversal(plain), "category_changed")


@settings(max_examples=40)
@given(st.floats(-3.5, 0), st.sampled_from(MODEL_SITES), st.floats(1, 15),
       st.sampled_from(["impact", "resistance", "combined", "high_intensity"]))
def test_a_better_plan_expects_more_and_ends_no_lower(t_score, site, years, kind):
    """Starting exercise, or calcium beside it, never lowers the expected density."""
    person = woman(**{site: t_score})
    plans = [Lifestyle(), Lifestyle(exercise=kind, exercise_sessions_per_week=3),
             Lifestyle(exercise=kind, exercise_sessions_per_week=3, calcium_mg_day=1200)]
    items = [reversal(person, Plan(lifestyle=plan), years).sites[site] for plan in plans]
    gains = [item.gain_likely_pct for item in items]
    assert gains == sorted(gains)
    # Up to the chance of one half a wider band cannot help, so the chance rises too.
    for worse, better in pairwise(items):
        for line, chance in worse.chance.items():
            if chance <= 0.5:
                assert better.chance[line] >= chance - 1e-9
        assert better.chance_of_real_gain >= worse.chance_of_real_gain - 1e-9


@settings(max_examples=40)
@given(st.floats(-3.5, 0), st.floats(0.05, 1), st.sampled_from(MODEL_SITES))
def test_a_higher_start_never_has_a_lower_chance(t_score, more, site):
    """Who starts nearer the line is likelier to stand beyond it."""
    low, high = (reversal(woman(**{site: t})).sites[site] for t in (t_score, t_score + more))
    for line in low.chance:
        assert high.chance[line] >= low.chance[line] - 1e-9


@pytest.mark.parametrize("t_scores", [{}, {"one_third_radius": -2.0}])
def test_without_a_usable_site_it_is_asked_for(t_scores):
    """Spine, total hip or neck: the radius is not modelled."""
    with pytest.raises(InputError) as caught:
        reversal(woman(**t_scores))
    assert caught.value.name == "t_scores"


def test_a_bmd_is_as_good_as_a_t_score():
    """0.637 g/cm2 on a Hologic hip is T -2.5 (looker_1998)."""
    person = replace(woman(), bmd_g_cm2={"total_hip": 0.637}, device="hologic")
    item = reversal(person).sites["total_hip"]
    assert item.t_score_now == pytest.approx(-2.5)
    assert all(math.isfinite(value) for value in item.chance.values())


def test_risk_back_to_average_is_another_question_than_a_normal_t_score():
    """Average risk at 70 needs far less than T -1.0, because the average woman is far below it."""
    neck = woman(femoral_neck=-2.3)
    plan = Plan(courses=[Course("romosozumab", 0, 1), Course("alendronate", 1, 6)])
    treated, untreated = reversal(neck, plan, 5), reversal(neck, Plan(), 5)
    assert treated.probability("fracture_risk_average") > 0.5
    assert treated.probability("t_score_normal") < 0.1
    assert (untreated.probability("fracture_risk_average")
            < 0.3 * treated.probability("fracture_risk_average"))


@pytest.mark.parametrize("age", [50, 55, 62, 70, 80, 88])
def test_the_threshold_of_average_risk_is_where_the_hazard_is_average(age):
    """At the T-score named in the note the hazard equals the average of that age.

    One decimal of the note is up to 0.05 SD, which moves the hazard by up to 3%.
    """
    neck = replace(woman(femoral_neck=-2.3), age_years=age, menopause_age_years=None)
    named = re.search(r"T-score of (-?[\d.]+) then", note(reversal(neck, Plan(), 5),
                                                          "fracture_risk_average"))
    later = replace(neck, age_years=neck.age_years + 5,
                    t_scores={"femoral_neck": float(named.group(1))})
    assert fracture_risk(later, 1).major.hazard_ratio == pytest.approx(1, abs=0.03)
