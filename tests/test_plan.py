"""Courses and plans: what is refused, in which words, and what is one and the same."""

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.evidence import cite, table
from osteoteach.model.densitometry import t_score
from osteoteach.model.medicines import acts_on, medicine, medicine_names
from osteoteach.model.model_constants import fitted_constants
from osteoteach.model.patient import Lifestyle, Patient
from osteoteach.model.plan import COMBINING, LONGEST_YEARS, Course, Plan
from osteoteach.model.site_path import PERSONS
from osteoteach.model.trajectory import simulate

WOMAN = Patient(age_years=65, sex="female", menopause_age_years=50)
SITES = ("lumbar_spine", "total_hip", "femoral_neck")


def plan(*courses, **others):
    return Plan(courses=[Course(*course) for course in courses], **others)


# Courses -------------------------------------------------------------------------------


@pytest.mark.parametrize(("values", "name", "words"), [
    (("denosumab", 2, 1), "end_years", "after start_years (2)"),
    (("denosumab", 2, 2), "end_years", "after start_years (2)"),
    (("denosumab", -0.1, 2), "start_years", "from 0 to 40"),
    (("denosumab", 0, 40.1), "end_years", "from 0 to 40"),
    (("denosumab", 0, -1), "end_years", "from 0 to 40"),
    (("denosumab", 0, 2, 1.2), "adherence", "from 0 to 1"),
    (("denosumab", 0, 2, -0.2), "adherence", "from 0 to 1"),
    (("denosumab", 0, 2, 1, 0), "usual_doses", "from 0.001 to 10"),
    (("denosumab", 0, 2, 1, 10.1), "usual_doses", "from 0.001 to 10"),
])
def test_a_course_out_of_range_is_refused(values, name, words):
    with pytest.raises(InputError) as caught:
        Course(*values)
    assert caught.value.name == name
    assert words in str(caught.value)
    assert caught.value.remedy.endswith(".")


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, True, False, "1", None, [1], 1j])
@pytest.mark.parametrize("name", ["start_years", "end_years", "adherence", "usual_doses"])
def test_only_finite_numbers_are_times_and_shares(name, bad):
    """True would count as 1, and NaN passes every comparison: both are refused."""
    good = {"start_years": 0, "end_years": 2, "adherence": 1, "usual_doses": 1}
    with pytest.raises(InputError) as caught:
        Course("denosumab", **{**good, name: bad})
    assert caught.value.name == name


@pytest.mark.parametrize(("written", "meant"), [
    ("denosumap", "denosumab"), ("Alendronate", "alendronate"), ("zoledronat", "zoledronate"),
    ("ibandronate oral", "ibandronate_oral")])
def test_an_unknown_medicine_is_answered_with_a_near_match(written, meant):
    with pytest.raises(InputError, match=f"Did you mean '{meant}'") as caught:
        Course(written, 0, 1)
    assert caught.value.name == "medicine"
    assert all(name in caught.value.rule for name in medicine_names())


@pytest.mark.parametrize("nonsense", ["xyzzy", "", 3, None])
def test_a_word_that_is_no_medicine_is_refused_too(nonsense):
    with pytest.raises(InputError, match="must be one of alendronate"):
        Course(nonsense, 0, 1)


def test_the_widest_course_is_allowed():
    course = Course("alendronate", 0, LONGEST_YEARS, 0, 10)
    assert (course.end_years, course.adherence, course.usual_doses) == (40, 0, 10)


def test_a_course_is_a_frozen_comparable_value():
    course = Course("denosumab", 0, 2)
    assert course == Course("denosumab", 0.0, 2.0, 1, 1)
    assert hash(course) == hash(Course("denosumab", 0.0, 2.0))
    assert course != Course("denosumab", 0, 2, 0.9)
    assert len({course, Course("denosumab", 0.0, 2.0), Course("zoledronate", 0, 2)}) == 2
    assert all(isinstance(getattr(course, name), float)
               for name in ("start_years", "end_years", "adherence", "usual_doses"))
    with pytest.raises(dataclasses.FrozenInstanceError):
        course.end_years = 3


def test_a_course_covers_its_start_but_not_its_end():
    course = Course("denosumab", 1, 2)
    assert [course.covers(time) for time in (0.99, 1, 1.99, 2)] == [False, True, True, False]


# Plans ---------------------------------------------------------------------------------


@pytest.mark.parametrize("courses", [
    [("denosumab", 0, 2), ("denosumab", 1.99, 3)],
    [("denosumab", 1.99, 3), ("denosumab", 0, 2)],
    [("denosumab", 0, 9), ("alendronate", 1, 2), ("denosumab", 2, 3)],
    [("denosumab", 0, 2), ("denosumab", 0, 2)],
])
def test_courses_of_one_medicine_must_not_overlap(courses):
    with pytest.raises(InputError, match="must not overlap: denosumab runs from 0 to") as caught:
        plan(*courses)
    assert caught.value.name == "courses"


def test_touching_courses_and_courses_of_different_medicines_are_fine():
    touching = plan(("denosumab", 2, 3), ("denosumab", 0, 2), ("alendronate", 0, 3))
    assert [course.start_years for course in touching.courses] == [2, 0, 0]
    assert plan(("zoledronate", 0, 3), ("zoledronate_18_months", 1, 3)).courses


@pytest.mark.parametrize("courses", [
    "denosumab", ["denosumab"], [("denosumab", 0, 2)], Course("denosumab", 0, 2), None, 5,
    [Course("denosumab", 0, 2), None], {"denosumab": 2}])
def test_what_is_not_a_list_of_courses_is_refused(courses):
    with pytest.raises(InputError, match="must be a list of courses") as caught:
        Plan(courses=courses)
    assert caught.value.name == "courses"
    assert "courses=[Course(" in caught.value.remedy


def test_the_other_parts_of_a_plan_are_checked_too():
    with pytest.raises(InputError, match="must be a Lifestyle"):
        Plan(lifestyle="running")
    with pytest.raises(InputError, match="Did you mean 'largest_only'"):
        Plan(combining="largest")
    with pytest.raises(TypeError):
        Plan([Course("denosumab", 0, 2)])  # by name only: a list could be anything
    with pytest.raises(InputError, match="must be a Plan"):
        simulate(WOMAN, [Course("denosumab", 0, 2)])


def test_a_plan_is_a_frozen_hashable_value():
    written = Plan(courses=iter([Course("denosumab", 0, 2)]), lifestyle=Lifestyle())
    same = Plan(courses=(Course("denosumab", 0.0, 2.0),), lifestyle=Lifestyle())
    assert written == same
    assert hash(written) == hash(same)
    assert isinstance(written.courses, tuple)
    assert written != Plan(courses=same.courses, lifestyle=Lifestyle(), combining=COMBINING[1])
    with pytest.raises(dataclasses.FrozenInstanceError):
        written.courses = ()


def test_the_order_in_which_courses_are_written_does_not_matter():
    courses = [("romosozumab", 0, 1), ("denosumab", 1, 3), ("estrogen", 0.5, 4),
               ("raloxifene", 2, 5)]
    one, other = (simulate(WOMAN, plan(*some), 6) for some in (courses, courses[::-1]))
    for site in SITES:
        assert one.change_pct(site, 5.5) == pytest.approx(other.change_pct(site, 5.5), abs=1e-9)
        assert one.band_pct(site, 5.5) == pytest.approx(other.band_pct(site, 5.5), abs=1e-9)
    assert {str(each) for each in one.plan_warnings} == {
        str(each) for each in other.plan_warnings}


@pytest.mark.parametrize("name", ["denosumab", "alendronate", "romosozumab"])
def test_two_touching_courses_are_one_course(name):
    """Nothing stops at the joint, so neither course nor band may show it."""
    one = simulate(WOMAN, plan((name, 0, 3)), 5)
    two = simulate(WOMAN, plan((name, 0, 1), (name, 1, 3)), 5)
    for site in SITES:
        for time in (0.5, 1.5, 3, 5):
            assert two.change_pct(site, time) == pytest.approx(one.change_pct(site, time),
                                                               abs=1e-6)
            assert two.band_pct(site, time) == pytest.approx(one.band_pct(site, time), abs=1e-6)
    assert two.plan_warnings == one.plan_warnings


def test_several_gains_together_add_up_or_the_largest_counts():
    """Exercise gains less than denosumab: by ``largest_only`` denosumab alone counts."""
    habits = Lifestyle(exercise="high_intensity", exercise_sessions_per_week=2)

    def log_change(**parts):
        return math.log1p(simulate(WOMAN, Plan(**parts), 3).change_pct("lumbar_spine", 3) / 100)

    courses = (Course("denosumab", 0, 3),)
    untreated, medicines = log_change(), log_change(courses=courses)
    exercise = log_change(lifestyle=habits) - untreated
    assert 0 < exercise < medicines - untreated
    both = log_change(courses=courses, lifestyle=habits)
    largest = log_change(courses=courses, lifestyle=habits, combining="largest_only")
    # Habits that act as a step leave the medicine's own gain as it is.
    assert both == pytest.approx(medicines + exercise, abs=2e-3)
    assert largest == pytest.approx(medicines, abs=2e-3)
    assert both > largest + 0.005


# The answer ----------------------------------------------------------------------------

SCANNED = Patient(age_years=68, sex="female", menopause_age_years=50,
                  t_scores={"total_hip": -2.3, "lumbar_spine": -2.8})
SEQUENCE = plan(("romosozumab", 0, 1), ("denosumab", 1, 4),
                lifestyle=Lifestyle(calcium_mg_day=1200))


@pytest.fixture(scope="module")
def answer():
    return simulate(SCANNED, SEQUENCE, 6.1)


def test_the_table_of_a_course(answer):
    """Quarters of a year and the end, scanned sites only, all columns of one course."""
    rows = answer.table
    assert list(rows.columns) == ["time_years", "site", "bmd_g_cm2", "t_score", "change_pct",
                                  "low", "high"]
    assert set(rows["site"]) == {"lumbar_spine", "total_hip"}
    for site, part in rows.groupby("site"):
        assert list(part["time_years"]) == [*(number / 4 for number in range(25)), 6.1]
        start = part["bmd_g_cm2"].iloc[0]
        assert part["t_score"].iloc[0] == pytest.approx(SCANNED.t_scores[site])
        for row in part.itertuples():
            assert row.change_pct == answer.change_pct(site, row.time_years)
            assert (row.low, row.high) == answer.band_pct(site, row.time_years)
            assert row.bmd_g_cm2 == pytest.approx(start * (1 + row.change_pct / 100))
            assert row.t_score == pytest.approx(t_score(row.bmd_g_cm2, site, "hologic"))
        first, *later = part.itertuples()
        assert first.change_pct == first.low == first.high == 0
        assert all(row.low < row.change_pct < row.high for row in later)
    assert rows["change_pct"].max() > 10
    assert not rows.isna().any().any()


def test_the_markers_of_a_course(answer):
    rows = answer.markers
    assert list(rows.columns) == ["time_years", "ctx", "p1np"]
    assert tuple(rows.iloc[0]) == (0, 1, 1)
    assert rows["time_years"].is_monotonic_increasing
    assert rows["time_years"].iloc[-1] == pytest.approx(6.1)
    assert rows["time_years"].diff().max() <= 1 / 48 + 1e-9
    assert (rows[["ctx", "p1np"]] > 0).all().all()
    by_time = rows.set_index("time_years")
    # Romosozumab: formation up, resorption down; denosumab: both down; then the rebound.
    assert by_time.loc[:0.3, "p1np"].max() > 1.3
    assert by_time.loc[0.01:1, "ctx"].max() < 1
    assert by_time.loc[2.01:4, ["ctx", "p1np"]].max().max() < 0.75
    assert by_time.loc[4:, "ctx"].max() > 1.2
    assert simulate(SCANNED, years=1).markers[["ctx", "p1np"]].eq(1).all().all()


def test_the_persons_of_a_course(answer):
    rows = answer.draws
    assert list(rows.columns) == ["person", "time_years", "site", "bmd_g_cm2", "t_score",
                                  "change_pct"]
    assert sorted(rows["person"].unique()) == list(range(PERSONS))
    together = rows.merge(answer.table, on=["time_years", "site"], suffixes=("", "_mean"))
    assert len(rows) == len(together) == PERSONS * len(answer.table)
    for (time, _), part in together.groupby(["time_years", "site"]):
        mean, half = part["change_pct_mean"].iloc[0], (part["high"] - part["low"]).iloc[0] / 2
        if not time:
            assert (part["change_pct"] == 0).all()
            continue
        # A tenth of the half band; the standard error of 200 free draws is a 23rd.
        assert abs(part["change_pct"].mean() - mean) < 0.1 * half
        inside = (part["change_pct"] >= part["low"]) & (part["change_pct"] <= part["high"])
        assert 0.86 <= inside.mean() <= 0.94
    assert answer.draws.equals(rows)
    other = simulate(SCANNED, SEQUENCE, 6.1, seed=2).draws
    assert not other["change_pct"].equals(rows["change_pct"])


def test_a_person_keeps_her_luck_over_time_and_sites(answer):
    """Who responds well at one year responds well at four, at the hip too."""
    rows = answer.draws.pivot(index="person", columns=["site", "time_years"],
                              values="change_pct")
    assert rows["total_hip"][1.0].corr(rows["total_hip"][4.0]) > 0.6
    assert rows["total_hip"][4.0].corr(rows["lumbar_spine"][4.0]) > 0.4


def test_every_source_of_an_answer_can_be_cited(answer):
    assert len(set(answer.sources)) == len(answer.sources) > 5
    assert all(cite(name).endswith(".") for name in answer.sources)
    for name in ("romosozumab", "denosumab"):
        assert set(medicine(name).source_ids) <= set(answer.sources)
    assert answer.warnings
    assert all(isinstance(warning, str) and warning for warning in answer.warnings)


@pytest.mark.parametrize("ask", [("wrist", 1), ("total_hip", 6.2), ("total_hip", -0.1),
                                 ("total_hip", math.nan), ("total_hip", True)])
def test_an_answer_is_asked_for_what_it_holds(answer, ask):
    for question in (answer.change_pct, answer.band_pct):
        with pytest.raises(InputError):
            question(*ask)


# Medicines -----------------------------------------------------------------------------


def test_every_medicine_of_the_table_moves_a_lever_of_the_model():
    assert medicine_names() == tuple(row["medicine"] for row in table("medicines"))
    for name in medicine_names():
        assert list(acts_on(name, 0, 1, fitted_constants())), name
        found = simulate(WOMAN, plan((name, 0, 2)), 2)
        untreated = simulate(WOMAN, years=2)
        assert found.change_pct("lumbar_spine", 2) > untreated.change_pct("lumbar_spine", 2) + 0.5


@given(st.sampled_from(medicine_names()), st.floats(0.01, 1), st.floats(0.001, 10))
def test_a_course_gives_what_it_says(name, adherence, usual_doses):
    """Size and share of the doses; the dose size goes to every injection."""
    course = Course(name, 0, 5, adherence, usual_doses)
    schedule = Plan(courses=[course]).schedule(5, fitted_constants())
    assert bool(schedule.doses) != bool(schedule.intakes)
    assert {dose.amount for dose in schedule.doses} <= {usual_doses}
    usual = Plan(courses=[Course(name, 0, 5)]).schedule(5, fitted_constants())
    for given_now, usually in zip(schedule.intakes, usual.intakes, strict=True):
        assert (given_now.lever, given_now.start_years, given_now.end_years) == (
            usually.lever, 0, 5)
        if adherence * usual_doses <= 1:
            assert given_now.amount == pytest.approx(adherence * usual_doses * usually.amount)
        else:
            assert given_now.amount >= usually.amount * (1 - 1e-9)


def test_the_interval_of_every_medicine_is_read_from_the_table():
    expected = {"denosumab": 0.5, "zoledronate": 1, "zoledronate_18_months": 1.5,
                "romosozumab": 1 / 12, "alendronate": 7 / 365.25}
    for name, years in expected.items():
        assert medicine(name).dose_interval_years == pytest.approx(years, abs=1e-6)
