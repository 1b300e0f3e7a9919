"""The course of bone density: untreated loss by the table, lifestyle effect by effect."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.evidence import table
from osteoteach.model.lifestyle import (
    MODEL_SITES,
    dose_share,
    effects_of_change,
    recommended_intake,
)
from osteoteach.model.patient import Lifestyle, Patient, RiskFactors
from osteoteach.model.plan import COMBINING, Plan
from osteoteach.model.site_path import PERSONS
from osteoteach.model.trajectory import simulate
from osteoteach.model.untreated_loss import assumed, menopause_assumption, spread_of_loss
from osteoteach.model.vocabulary import EXERCISE_KINDS, SMOKING

WOMAN = Patient(age_years=62, sex="female", menopausal_status="postmenopausal",
                menopause_age_years=50, t_scores={"total_hip": -1.8, "lumbar_spine": -2.1,
                                                  "femoral_neck": -2.0})
KNOWN = {row["source_id"] for row in table("sources")}
EFFECTS = {(r["exposure"], r["level"], r["site"], r["sex"]): r for r in table("lifestyle_effects")}


def living(patient=WOMAN, **now):
    return replace(patient, lifestyle=Lifestyle(**now))


def course(patient=WOMAN, years=5.0, combining="additive", **plan):
    lifestyle = Lifestyle(**plan) if plan else None
    return simulate(patient, Plan(lifestyle=lifestyle, combining=combining), years)


def added(patient, site, years, **plan):
    """Log gain of the plan over living on as now."""
    with_plan, without = course(patient, years, **plan), course(patient, years)
    return math.log1p(with_plan.change_pct(site, years) / 100) - math.log1p(
        without.change_pct(site, years) / 100)


def labels(patient, site="total_hip", **plan):
    return [effect.label for effect in effects_of_change(patient, Lifestyle(**plan), site)]


# Untreated loss ------------------------------------------------------------------------


@pytest.mark.parametrize("row", table("untreated_loss"),
                         ids=lambda r: f"{r['sex']}-{r['site']}-{r['clock']}-{r['from_value']:g}")
def test_one_year_inside_a_band_is_the_printed_rate(row):
    """Every row of the table, in somebody who lives through its first year."""
    start, span = row["from_value"], min(1.0, row["to_value"] - row["from_value"])
    age, menopause, status = start, None, None
    if row["clock"] == "years_since_menopause":
        age, menopause, status = 55 + start, 55, "postmenopausal"
        if start < 0:
            age, menopause, status = 50, None, "menopausal_transition"
    elif row["clock"] == "age_after_menopause":
        age, menopause, status = max(start, 30), 20, "postmenopausal"
    elif row["clock"] == "age_before_menopause":
        status = "premenopausal"
    person = Patient(age_years=age, sex=row["sex"], menopausal_status=status,
                     menopause_age_years=menopause)
    # A tenth of a year too: the band begins on its first day, not a little later.
    for years in (0.1, span):
        found = simulate(person, years=years).change_pct(row["site"], years)
        expected = 100 * ((1 + row["change_pct_per_year"] / 100) ** years - 1)
        assert found == pytest.approx(expected, abs=1e-9)


def test_a_course_over_two_bands_adds_up():
    """62 to 72 at the hip: 8 years of -0.5% and 2 of -0.5%; 74 to 76 crosses to -0.85%."""
    person = replace(WOMAN, age_years=74)
    assert simulate(person, years=2).change_pct("total_hip", 2) == pytest.approx(
        100 * (0.995 * 0.9915 - 1))


ages = st.floats(20, 99)


@st.composite
def people(draw):
    """Any adult, scanned or not, living in any way the vocabulary allows."""
    age, sex = draw(ages), draw(st.sampled_from(["female", "male"]))
    fields = {}
    if sex == "female":
        before = ["premenopausal", "menopausal_transition"] if age <= 65 else []
        status = draw(st.sampled_from([None, "postmenopausal", *before]))
        fields["menopausal_status"] = status
        if status in (None, "postmenopausal") and draw(st.booleans()):
            fields["menopause_age_years"] = draw(st.floats(20, min(65, age)))
    scores = draw(st.dictionaries(st.sampled_from(MODEL_SITES), st.floats(-5, 3)))
    serum = draw(st.sampled_from([None, 10, 30, 31, 80]))
    return Patient(age_years=age, sex=sex, t_scores=scores, serum_25_oh_d_nmol_l=serum,
                   lifestyle=draw(lifestyles()), **fields)


@st.composite
def lifestyles(draw, alcohol=(None, 0, 60)):
    kind = draw(st.sampled_from(EXERCISE_KINDS))
    return Lifestyle(
        exercise=kind,
        exercise_sessions_per_week=0 if kind == "none" else draw(st.floats(0, 7)),
        calcium_mg_day=draw(st.sampled_from([None, 0, 600, 1000, 1200, 3000])),
        vitamin_d_iu_day=draw(st.sampled_from([None, 0, 400, 1000, 4000])),
        protein_g_kg_day=draw(st.sampled_from([None, 0.6, 1.0, 1.5])),
        smoking=draw(st.sampled_from([None, "former", "current"])),
        alcohol_g_day=draw(st.sampled_from(alcohol)),
        weight_change_pct=draw(st.sampled_from([0, -10, -5, 4.9, 5, 40])))


@settings(max_examples=150)
@given(people(), lifestyles(), st.sampled_from(COMBINING), st.floats(0.01, 1))
def test_no_valid_person_gets_a_nan_or_an_error(person, lifestyle, combining, share):
    """Ages 20 to 100, both sexes, any plan: finite numbers, and the band holds the mean."""
    years = min(40.0, share * (100 - person.age_years))
    answer = simulate(person, Plan(lifestyle=lifestyle, combining=combining), years)
    for site, path in answer.paths.items():
        for at in (0.0, years / 3, years):
            low, high = answer.band_pct(site, at)
            mean = answer.change_pct(site, at)
            assert all(map(math.isfinite, (low, mean, high)))
            assert -100 < low <= mean + 1e-9
            assert mean <= high + 1e-9
            assert all(map(math.isfinite, path.persons_change_pct(at, 3)))
    assert set(answer.sources) <= KNOWN
    assert answer.sources
    assert all(answer.warnings)


@pytest.mark.parametrize("grams", [0.1, 14, 28])
def test_light_drinking_can_be_planned(grams):
    """berg_2008: no effect is credited up to two drinks a day, and nothing crashes."""
    answer = course(living(alcohol_g_day=0), alcohol_g_day=grams)
    for site in MODEL_SITES:
        assert answer.change_pct(site, 5) == pytest.approx(course().change_pct(site, 5))


@settings(max_examples=60)
@given(st.floats(20, 60), st.sampled_from(["female", "male"]), st.floats(0.5, 19),
       st.floats(0.5, 19))
def test_a_course_split_in_two_equals_the_whole(age, sex, first, second):
    """Ten years are five and five, whichever bands they cross."""
    extra = {"menopause_age_years": 20} if sex == "female" else {}
    person = Patient(age_years=age, sex=sex, **extra)
    later = replace(person, age_years=age + first)
    for site in MODEL_SITES:
        whole = simulate(person, years=first + second).change_pct(site, first + second)
        parts = ((1 + simulate(person, years=first).change_pct(site, first) / 100)
                 * (1 + simulate(later, years=second).change_pct(site, second) / 100))
        assert whole == pytest.approx(100 * (parts - 1), abs=1e-6)


@pytest.mark.parametrize(("person", "age", "note"), [
    (Patient(age_years=45, sex="female", menopausal_status="premenopausal"), 51.4, "51.4"),
    (Patient(age_years=51, sex="female", menopausal_status="premenopausal"), 53, "53.0"),
    (Patient(age_years=49, sex="female", menopausal_status="menopausal_transition"), 50,
     "one year from now"),
    (Patient(age_years=60, sex="female", menopausal_status="postmenopausal"), 51.4, "51.4"),
    (Patient(age_years=45, sex="female", menopausal_status="postmenopausal"), 45, "45.0"),
    (WOMAN, 50, ""), (Patient(age_years=60, sex="male"), None, "")])
def test_an_assumed_menopause_is_said(person, age, note):
    """gold_2001: the median of 51.4 years is used only where the age is not given."""
    assumed, words = menopause_assumption(person)
    assert assumed == (age if age is None else pytest.approx(age))
    assert (note in words) if note else words == ""
    assert simulate(person).warnings[:1] == ((words,) if words else ())


def test_loss_is_fastest_around_the_menopause():
    """finkelstein_2008, greendale_2012: spine loss peaks in the years around the final period."""
    def yearly(age):
        person = Patient(age_years=age, sex="female",
                         **({"menopause_age_years": 50} if age >= 50 else
                            {"menopausal_status": "premenopausal"}))
        return simulate(person, years=1).change_pct("lumbar_spine", 1)

    assert yearly(50) < yearly(53) < yearly(56) < yearly(40)


@pytest.mark.parametrize("age", [31.01, 45.1, 48.3, 49.0, 50.55])
def test_a_woman_in_transition_has_the_spread_of_the_transition(age):
    """finkelstein_2008: whatever the binary fraction of her age."""
    person = Patient(age_years=age, sex="female", menopausal_status="menopausal_transition")
    expected = next(r["sd_pct_per_year"] for r in table("loss_variation")
                    if (r["sex"], r["site"], r["phase"]) == ("female", "total_hip",
                                                             "around_menopause"))
    assert spread_of_loss(person, "total_hip") == pytest.approx(expected / 100)


# Uncertainty ---------------------------------------------------------------------------


PLANS = [{}, {"exercise": "combined", "exercise_sessions_per_week": 3},
         {"exercise": "resistance", "exercise_sessions_per_week": 2, "calcium_mg_day": 1200}]


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("site", MODEL_SITES)
def test_the_band_widens_and_starts_at_nothing(plan, site):
    """We know less about later: no line of the band ever crosses its mean."""
    answer = course(living(calcium_mg_day=600), 10, **plan)
    widths = []
    for at in (0, 0.5, 1, 2, 5, 10):
        low, high = answer.band_pct(site, at)
        assert low <= answer.change_pct(site, at) <= high
        widths.append(high - low)
    assert widths[0] == 0
    assert widths == sorted(widths)
    assert len(set(widths)) == len(widths)


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("site", MODEL_SITES)
def test_about_90_of_100_persons_lie_inside_the_90_percent_band(plan, site):
    """The draws and the band are one model."""
    answer = course(living(calcium_mg_day=600), 5, **plan)
    low, high = answer.band_pct(site, 5)
    draws = answer.paths[site].persons_change_pct(5)
    inside = sum(low <= change <= high for change in draws)
    assert len(draws) == PERSONS
    assert 0.86 <= inside / PERSONS <= 0.94


def test_draws_and_table_are_tidy():
    """One row a person, time and site; the grid ends at the end of the course."""
    answer = simulate(replace(WOMAN, t_scores={"total_hip": -1.8}), years=1.1)
    assert list(answer.table.columns) == ["time_years", "site", "bmd_g_cm2", "t_score",
                                          "change_pct", "low", "high"]
    assert answer.time_years == (0, 0.25, 0.5, 0.75, 1.0, 1.1)
    assert answer.table.time_years.tolist() == list(answer.time_years)
    first = answer.table.iloc[0]
    assert (first.t_score, first.bmd_g_cm2) == (pytest.approx(-1.8),
                                                pytest.approx(0.942 - 1.8 * 0.122))
    draws = answer.draws
    assert len(draws) == PERSONS * len(answer.time_years)
    assert not draws.isna().any().any()
    at_start = draws[draws.time_years == 0]
    assert at_start.change_pct.abs().max() < 1e-9


def test_the_seed_fixes_the_persons():
    """The same seed, the same people; the expected course does not depend on it."""
    one, same, other = (simulate(WOMAN, years=2, seed=seed) for seed in (1, 1, 2))
    assert one.draws.equals(same.draws)
    assert not one.draws.equals(other.draws)
    assert one.table.equals(other.table)


def test_a_person_keeps_to_her_line():
    """Who loses fast at two years loses fast at ten, at every site."""
    answer = simulate(WOMAN, years=10)
    hip, spine = answer.paths["total_hip"], answer.paths["lumbar_spine"]
    first = hip.persons_change_pct(2)
    early = sorted(range(PERSONS), key=first.__getitem__)
    for path in (hip, spine):
        late = path.persons_change_pct(10)
        assert sum(late[p] for p in early[:50]) < sum(late[p] for p in early[-50:]) - 50


# Lifestyle -----------------------------------------------------------------------------


@pytest.mark.parametrize("site", MODEL_SITES)
def test_calcium_is_a_step_and_no_slope(site):
    """tai_2015: about 1% that is there after a year and does not grow: 5 and 10 years alike."""
    person = living(calcium_mg_day=600)
    effect = EFFECTS["calcium", "reaching_recommended_intake", site, "both"]["value"]
    gains = [added(person, site, years, calcium_mg_day=1200) for years in (1, 5, 10)]
    assert gains[1] == pytest.approx(gains[2], abs=1e-4)
    assert gains[1] == pytest.approx(math.log1p(effect / 100), abs=1e-4)
    assert 0.8 * gains[1] < gains[0] < gains[1]


@pytest.mark.parametrize(("now", "then", "crosses"), [
    (600, 1199, 0), (600, 1200, 1), (1200, 3000, 0), (1199, 1200, 1), (1200, 1199, -1),
    (600, 600, 0), (None, 1200, 0), (600, None, 0)])
def test_only_crossing_the_recommended_intake_counts(now, then, crosses):
    """iom_2011: 1,200 mg for a woman of 62; more than enough adds nothing."""
    gain = added(living(calcium_mg_day=now), "total_hip", 10, calcium_mg_day=then)
    assert (gain > 1e-9) - (gain < -1e-9) == crosses


@pytest.mark.parametrize(("sex", "age", "mg"), [
    ("female", 20, 1000), ("female", 50.9, 1000), ("female", 51, 1200), ("male", 70.9, 1000),
    ("male", 71, 1200), ("female", 100, 1200)])
def test_recommended_calcium_by_age_and_sex(sex, age, mg):
    """iom_2011: women from 51, men from 71 need 1,200 mg."""
    assert recommended_intake("calcium_mg_day", sex, int(age)) == mg


@pytest.mark.parametrize("site", MODEL_SITES)
@pytest.mark.parametrize("kind", ["impact", "resistance", "combined", "high_intensity"])
def test_exercise_gives_the_tabled_step(kind, site):
    """howe_2011, kemmler_2020, watson_2018: each kind and site its own row, by sex."""
    for person in (WOMAN, Patient(age_years=65, sex="male")):
        row = EFFECTS.get(("exercise", kind, site, person.sex)) \
            or EFFECTS["exercise", kind, site, "both"]
        gain = added(person, site, 20, exercise=kind, exercise_sessions_per_week=3)
        assert gain == pytest.approx(math.log1p(row["value"] / 100), abs=1e-9)


@pytest.mark.parametrize("site", MODEL_SITES)
@pytest.mark.parametrize("sessions", [1, 3, 7, 14])
def test_walking_alone_builds_no_bone(site, sessions):
    """ma_2013: the pooled difference is not significant, so 0, however often."""
    assert added(WOMAN, site, 10, exercise="walking", exercise_sessions_per_week=sessions) == 0


@pytest.mark.parametrize("site", MODEL_SITES)
def test_stopping_exercise_loses_what_it_gave(site):
    """dalsky_1988: who trains now and stops falls below who goes on, by about the gain."""
    trained = living(exercise="combined", exercise_sessions_per_week=3)
    start = added(WOMAN, site, 20, exercise="combined", exercise_sessions_per_week=3)
    stop = added(trained, site, 20, exercise="none")
    assert stop < 0
    assert stop == pytest.approx(-start, rel=0.03)


@given(st.sampled_from(["impact", "resistance", "combined", "high_intensity"]),
       st.floats(0, 14), st.sampled_from(MODEL_SITES))
def test_going_on_as_now_gains_nothing(kind, sessions, site):
    """Only the difference between now and the plan counts."""
    person = living(exercise=kind, exercise_sessions_per_week=sessions)
    assert added(person, site, 5, exercise=kind, exercise_sessions_per_week=sessions) == 0


@pytest.mark.parametrize("combining", COMBINING)
def test_more_sessions_of_the_same_beyond_the_full_dose_change_nothing(combining):
    """From two to three sessions of a full dose: same mean, same band, under both options."""
    person = living(exercise="combined", exercise_sessions_per_week=2, calcium_mg_day=600)
    two, three = (course(person, 5, combining, exercise="combined", calcium_mg_day=1200,
                         exercise_sessions_per_week=n) for n in (2, 3))
    for site in MODEL_SITES:
        assert three.change_pct(site, 5) == pytest.approx(two.change_pct(site, 5), abs=1e-9)
        assert three.band_pct(site, 5) == pytest.approx(two.band_pct(site, 5), abs=1e-9)


@pytest.mark.parametrize("combining", COMBINING)
@pytest.mark.parametrize("site", ["lumbar_spine", "femoral_neck"])
def test_a_stronger_kind_of_exercise_never_lowers_bone(combining, site):
    """watson_2018: moving from resistance to high intensity gains, with calcium beside it too."""
    person = living(exercise="resistance", exercise_sessions_per_week=2, calcium_mg_day=600)
    kept, stronger = (course(person, 10, combining, exercise=kind, calcium_mg_day=1200,
                             exercise_sessions_per_week=2)
                      for kind in ("resistance", "high_intensity"))
    assert stronger.change_pct(site, 10) >= kept.change_pct(site, 10)


def test_dose_share_by_hand():
    """kemmler_2014: nothing up to 1.5 sessions, everything from 2, a line between."""
    assert [dose_share(n, 1.5, 2) for n in (0, 1.5, 1.6, 1.75, 2, 14)] == pytest.approx(
        [0, 0, 0.2, 0.5, 1, 1])


@pytest.mark.parametrize(("serum", "dose", "gains"), [
    (None, 4000, False), (80, 4000, False), (31, 1000, False),
    (30, 1000, True), (12, 4000, True), (30, 999, False), (30, 400, False)])
def test_vitamin_d_helps_the_deficient_only(serum, dose, gains):
    """reid_2017, macdonald_2018, leboff_2020: a step up to 30 nmol/L, from 1,000 IU a day."""
    person = replace(WOMAN, serum_25_oh_d_nmol_l=serum)
    for site in MODEL_SITES:
        gain = added(person, site, 10, vitamin_d_iu_day=dose)
        assert gain == pytest.approx(math.log1p(0.02) if gains else 0.0, abs=1e-9)
    assert assumed("vitamin_d_deficient_up_to_nmol_l") == 30


def test_an_effect_without_interval_is_said():
    """reid_2017 prints none for the correction of a deficiency: the band leaves it out."""
    answer = course(replace(WOMAN, serum_25_oh_d_nmol_l=20), vitamin_d_iu_day=1000)
    assert any("no interval was published" in note for note in answer.warnings)
    assert not any("no interval" in note for note in course(
        living(calcium_mg_day=600), calcium_mg_day=1200).warnings)


def test_protein_counts_at_the_spine_of_older_people_only():
    """shams_white_2017: 0.5% at the spine, none at the hip; bauer_2013's target is from 65."""
    old = living(replace(WOMAN, age_years=70), protein_g_kg_day=0.6)
    assert added(old, "lumbar_spine", 10, protein_g_kg_day=1.0) == pytest.approx(
        math.log1p(0.005), abs=1e-9)
    assert added(old, "total_hip", 10, protein_g_kg_day=1.0) == 0
    assert added(old, "lumbar_spine", 10, protein_g_kg_day=0.9) == 0


@pytest.mark.parametrize("site", MODEL_SITES)
def test_smoking_costs_a_fifth_of_a_percent_a_year_after_menopause(site):
    """law_1997: 2% a decade in postmenopausal women; who stops keeps up with the others."""
    smoker = living(smoking="current")
    assert added(smoker, site, 10, smoking="former") == pytest.approx(0.002 * 10)
    assert added(living(smoking="never"), site, 10, smoking="current") == pytest.approx(-0.02)


def test_smoking_costs_nothing_before_menopause():
    """law_1997: no difference before; in men our table begins at 50."""
    woman = Patient(age_years=35, sex="female", menopausal_status="premenopausal",
                    lifestyle=Lifestyle(smoking="current"))
    man = Patient(age_years=40, sex="male", lifestyle=Lifestyle(smoking="current"))
    for person in (woman, man):
        assert added(person, "total_hip", 5, smoking="former") == 0
    assert added(replace(man, age_years=50), "total_hip", 5, smoking="former") > 0


@pytest.mark.parametrize("person", [
    Patient(age_years=50, sex="female", menopausal_status="premenopausal"),
    Patient(age_years=45, sex="male")])
def test_smoking_begins_to_cost_within_a_course(person):
    """law_1997: whoever passes the menopause (or, in men, 50) on the way pays from then on."""
    smoker = replace(person, lifestyle=Lifestyle(smoking="current"))
    assert added(smoker, "total_hip", 30, smoking="former") > 0


@pytest.mark.parametrize(("sex", "change", "lasts", "sign"), [
    ("female", -5, 4.4, -1), ("female", 5, 4.4, 1), ("male", -5, 2, -1), ("male", 5, 2, 1)])
def test_weight_effects_act_as_long_as_they_were_seen(sex, change, lasts, sign):
    """ensrud_2003, ensrud_2005: 4.4 years in women, 2 in men, then no more."""
    extra = {"menopause_age_years": 50} if sex == "female" else {}
    person = Patient(age_years=67, sex=sex, **extra)
    before, at_end, after = (added(person, "total_hip", years, weight_change_pct=change)
                             for years in (lasts / 2, lasts, lasts + 5))
    assert 0 < sign * before < sign * at_end
    assert after == pytest.approx(at_end, abs=1e-12)
    assert added(person, "total_hip", 5, weight_change_pct=change * 0.98) == 0
    assert added(person, "lumbar_spine", 5, weight_change_pct=change) == 0


def test_weight_loss_in_women_multiplies_the_loss():
    """ensrud_2003, by hand: 35% of four years at -0.5%."""
    person = replace(WOMAN, age_years=66)
    gain = added(person, "total_hip", 4, weight_change_pct=-10)
    assert gain == pytest.approx(0.35 * 4 * math.log(0.995))


@settings(max_examples=60)
@given(people(), lifestyles(), st.sampled_from(MODEL_SITES))
def test_largest_only_never_promises_more_than_adding_up(person, lifestyle, site):
    """The strict option is the stricter one."""
    years = min(10.0, 100 - person.age_years)
    additive, strict = (simulate(person, Plan(lifestyle=lifestyle, combining=combining), years)
                        for combining in COMBINING)
    assert strict.change_pct(site, years) <= additive.change_pct(site, years) + 1e-9


def test_largest_only_keeps_the_largest():
    """Resistance and calcium at the hip: 0.9% and 1.3% give 1.3%, with losses still counted."""
    person = living(calcium_mg_day=600, smoking="never")
    plan = {"exercise": "resistance", "exercise_sessions_per_week": 2, "calcium_mg_day": 1200}
    strict = course(person, 20, "largest_only", **plan)
    alone = course(person, 20, calcium_mg_day=1200)
    assert strict.change_pct("total_hip", 20) == pytest.approx(alone.change_pct("total_hip", 20))
    smoking = course(person, 20, "largest_only", **plan, smoking="current")
    assert smoking.change_pct("total_hip", 20) < strict.change_pct("total_hip", 20) - 1


def test_what_the_plan_leaves_unsaid_stays_as_it_is():
    """Calcium, vitamin D, protein, smoking and alcohol: None means unchanged."""
    person = living(calcium_mg_day=1200, smoking="current", protein_g_kg_day=1.2,
                    vitamin_d_iu_day=800, alcohol_g_day=0)
    assert labels(person) == labels(person, smoking="current") == ["Smoke"]


# Warnings, sources and refusals ------------------------------------------------------------


@pytest.mark.parametrize(("person", "plan", "words"), [
    (WOMAN, {"calcium_mg_day": 1200}, "Present calcium intake is not stated"),
    (WOMAN, {"protein_g_kg_day": 1.2}, "Present protein intake is not stated"),
    (WOMAN, {"alcohol_g_day": 60}, "More than two drinks a day"),
    (living(alcohol_g_day=60), {}, "More than two drinks a day"),
    (living(calcium_mg_day=700), {"calcium_mg_day": 200}, "both below the recommended 1200"),
    (living(calcium_mg_day=1300), {"calcium_mg_day": 1900}, "both at or above the recommended"),
    (living(calcium_mg_day=700), {"calcium_mg_day": 2050}, "above the upper limit for this age"),
    (WOMAN, {"exercise": "combined", "exercise_sessions_per_week": 1}, "sessions a week: 1. Tri"),
    (replace(WOMAN, risk_factors=RiskFactors(prednisolone_mg_day=7.5)), {}, "Glucocorticoids"),
    (replace(WOMAN, risk_factors=RiskFactors(hyperparathyroidism=True)), {}, "secondary cause"),
    (replace(WOMAN, risk_factors=RiskFactors(secondary_causes=["coeliac disease"])), {},
     "secondary cause"),
])
def test_what_is_not_counted_is_said(person, plan, words):
    """The reader learns what the model leaves out."""
    assert any(words in note for note in course(person, **plan).warnings)
    assert not any(words in note for note in course().warnings)


@pytest.mark.parametrize(("now", "plan"), [
    ({"calcium_mg_day": 700}, {"calcium_mg_day": 1200}),
    ({"calcium_mg_day": 1300}, {"calcium_mg_day": 1000}),
    ({"calcium_mg_day": 700}, {"calcium_mg_day": 700}),
    ({"exercise": "impact", "exercise_sessions_per_week": 1}, {"smoking": "former"}),
    ({}, {"exercise": "combined", "exercise_sessions_per_week": 2}),
])
def test_what_is_counted_or_unchanged_has_no_note(now, plan):
    """A note that is always there is read by nobody."""
    assert len(course(living(smoking="current", **now), **plan).warnings) == (
        len(course(living(smoking="current")).warnings))


def test_an_intake_that_counts_for_nothing_is_said():
    """Under 65 no protein target is tabled: a planned intake is not dropped without a word."""
    answer = course(living(protein_g_kg_day=0.6), protein_g_kg_day=1.2)
    assert any("protein" in note.lower() for note in answer.warnings)


def test_sources_are_those_of_the_numbers_used():
    """Rates, and the effects of the plan when there are any."""
    plain, trained = course(), course(exercise="impact", exercise_sessions_per_week=3)
    assert set(plain.sources) < set(trained.sources) <= KNOWN
    assert "wallace_2000" in set(trained.sources) - set(plain.sources)
    assert "cauley_2005" in plain.sources
    assert len(set(trained.sources)) == len(trained.sources)


def test_never_smokers_do_not_become_former_smokers():
    """A plan that contradicts the history is refused."""
    with pytest.raises(InputError, match="cannot become former"):
        course(living(smoking="never"), smoking="former")


@pytest.mark.parametrize(("call", "name"), [
    (lambda: simulate("a woman"), "patient"),
    (lambda: simulate(WOMAN, Lifestyle()), "plan"),
    (lambda: simulate(WOMAN, years=0), "years"),
    (lambda: simulate(WOMAN, years=-1), "years"),
    (lambda: simulate(WOMAN, years=math.nan), "years"),
    (lambda: simulate(WOMAN, years=True), "years"),
    (lambda: simulate(WOMAN, years="5"), "years"),
    (lambda: simulate(Patient(age_years=30, sex="male"), years=40.5), "years"),
    (lambda: simulate(replace(WOMAN, age_years=96), years=5), "years"),
    (lambda: simulate(Patient(age_years=19.9, sex="male")), "age_years"),
    (lambda: simulate(WOMAN).change_pct("one_third_radius", 1), "site"),
    (lambda: simulate(WOMAN, years=5).change_pct("total_hip", 5.1), "at_years"),
    (lambda: simulate(WOMAN, years=5).band_pct("total_hip", math.nan), "at_years"),
    (lambda: Plan(combining="multiplied"), "combining"),
    (lambda: Plan(lifestyle={"smoking": "never"}), "lifestyle"),
])
def test_bad_arguments_are_refused_by_name(call, name):
    """What is wrong is named."""
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.name == name


def test_numpy_years_are_years():
    """5 from a DataFrame is as good as a typed 5."""
    np = pytest.importorskip("numpy")
    assert simulate(WOMAN, years=np.int64(5)).years == 5.0


def test_the_table_of_loss_ends_at_100():
    """The last year is allowed, one more is not."""
    assert simulate(replace(WOMAN, age_years=95), years=5).years == 5
    assert set(SMOKING) == {"never", "former", "current"}
