"""Warnings about a plan: each limit called just beyond it, and silent at it."""

from dataclasses import replace

import pytest

from osteoteach.evidence import cite, source, table
from osteoteach.model.medicines import medicine, medicine_names
from osteoteach.model.patient import Patient, RiskFactors
from osteoteach.model.plan import Course, Plan
from osteoteach.model.plan_warnings import SEVERITIES, medicine_facts, plan_warnings
from osteoteach.model.trajectory import simulate

WOMAN = Patient(age_years=55, sex="female", menopausal_status="postmenopausal",
                menopause_age_years=48)
MAN = Patient(age_years=70, sex="male")
YOUNG = Patient(age_years=40, sex="female", menopausal_status="premenopausal")
FACTS = ("contraindication", "adverse_effect")


def ill(patient=WOMAN, **risks):
    return replace(patient, risk_factors=RiskFactors(**risks))


def aged(age, menopause):
    return replace(WOMAN, age_years=age, menopause_age_years=menopause)


def warned(courses, patient=WOMAN, years=12.0):
    return plan_warnings(patient, Plan(courses=[Course(*course) for course in courses]), years)


def called(trigger, courses, patient=WOMAN, years=12.0):
    """Medicine and severity of the warnings of one trigger."""
    return [(one.medicine, one.severity) for one in warned(courses, patient, years)
            if one.trigger == trigger]


# Kidney and heart ----------------------------------------------------------------------


@pytest.mark.parametrize(("name", "limit", "severity"), [
    ("zoledronate", 35, "contraindicated"), ("zoledronate_18_months", 35, "contraindicated"),
    ("alendronate", 35, "warning"), ("risedronate", 30, "warning"),
    ("ibandronate_oral", 30, "warning"), ("ibandronate_iv", 30, "warning"),
    ("denosumab", 30, "warning"), ("romosozumab", 30, "caution")])
def test_a_failing_kidney_warns_below_the_limit_of_the_label_only(name, limit, severity):
    """34.9 mL/min for zoledronate, not 35."""
    course = [(name, 0, 1)]
    assert called("egfr_below", course, ill(egfr_ml_min=limit - 0.1)) == [(name, severity)]
    assert called("egfr_below", course, ill(egfr_ml_min=limit)) == []
    assert called("egfr_below", course) == []  # not measured


def test_the_kidney_limit_of_a_warning_is_that_of_the_medicine():
    limits = {row["medicine"]: row["threshold"] for row in table("medicine_warnings")
              if row["trigger"] == "egfr_below" and row["severity"] != "caution"}
    assert limits == {name: medicine(name).egfr_minimum_ml_min for name in medicine_names()
                      if medicine(name).egfr_minimum_ml_min is not None}


@pytest.mark.parametrize(("months", "start_years", "expected"), [
    (11, 0, True), (12, 0, False), (0, 0, True), (None, 0, False),
    # Months run on until the course starts.
    (11, 1 / 12, False), (5, 0.5, True), (6, 0.5, False), (0, 1, False), (0, 0.99, True)])
def test_romosozumab_within_a_year_of_a_heart_attack(months, start_years, expected):
    patient = ill(months_since_heart_attack_or_stroke=months)
    found = called("months_since_mi_or_stroke_below",
                   [("romosozumab", start_years, start_years + 1)], patient)
    assert found == ([("romosozumab", "contraindicated")] if expected else [])
    assert not called("months_since_mi_or_stroke_below", [("denosumab", 0, 1)], patient)


def test_of_two_courses_of_romosozumab_the_early_one_counts():
    patient = ill(months_since_heart_attack_or_stroke=3)
    courses = [("romosozumab", 2, 3), ("romosozumab", 0.2, 1)]
    assert len(called("months_since_mi_or_stroke_below", courses, patient)) == 1
    assert not called("months_since_mi_or_stroke_below", courses[:1], patient)


# Stopping ------------------------------------------------------------------------------

STOP = "stopped_without_follow_on"


@pytest.mark.parametrize(("name", "end", "severities"), [
    ("denosumab", 2, ["warning", "warning"]), ("teriparatide", 2, ["caution"]),
    ("abaloparatide", 1.5, ["caution"]), ("romosozumab", 1, ["caution"]),
    ("estrogen", 3, ["caution"]), ("estrogen_progestogen", 3, ["caution"])])
def test_a_stop_warns_unless_an_antiresorptive_follows(name, end, severities):
    first = (name, 0, end)
    assert called(STOP, [first]) == [(name, severity) for severity in severities]
    # Raloxifene did not hold the gain of denosumab (hong_den_ral_01, ha_den_ral_01).
    follow_ons = ("alendronate", "zoledronate") + ("raloxifene",) * (name != "denosumab")
    for follow_on in follow_ons:
        for start in (end - 0.2, end, end + 0.25):
            assert called(STOP, [first, (follow_on, start, end + 3)]) == []
        assert called(STOP, [first, (follow_on, end + 0.26, end + 3)])
    # Too short, or hardly taken: five weeks of tablets, one dose in fifty.
    assert called(STOP, [first, ("alendronate", end, end + 0.1)])
    assert called(STOP, [first, ("alendronate", end, end + 2, 0.02)])
    # It had stopped before, it is never taken, or it protects no bone.
    assert called(STOP, [("alendronate", 0, end), first])
    assert called(STOP, [first, ("alendronate", end, end + 3, 0.0)])
    assert (name, severities[0]) in called(STOP, [first, ("calcitonin", end, end + 3)])
    # Still running at the end of what is simulated, or not begun.
    assert called(STOP, [first], years=end) == []
    assert called(STOP, [(name, 3, 3 + end)], years=3) == []


def test_raloxifene_after_denosumab_is_told_as_what_it_was_in_two_cohorts():
    """Hong 2022 and Ha 2022: the spine lost 2.8 and 5.48% in the year after the switch."""
    courses = [("denosumab", 0, 5), ("raloxifene", 5, 7)]
    assert called("denosumab_then_serm", courses) == [("raloxifene", "warning")]
    assert {name for name, _ in called(STOP, courses)} == {"denosumab"}
    assert called("denosumab_then_serm", [("alendronate", 0, 5), courses[1]]) == []


def test_time_on_teriparatide_counts_towards_the_limit_of_abaloparatide():
    """Label of Tymlos, 2018: two years of both in a lifetime."""
    limit = "lifetime_years_above"
    assert ("abaloparatide", "warning") in called(
        limit, [("teriparatide", 0, 1.5), ("abaloparatide", 1.5, 3)])
    assert called(limit, [("teriparatide", 0, 1), ("abaloparatide", 1, 2)]) == []


def test_after_a_bisphosphonate_or_a_serm_no_stop_is_called():
    for name in ("alendronate", "zoledronate", "raloxifene", "calcitonin"):
        assert called(STOP, [(name, 0, 2)]) == []


def test_the_follow_on_of_a_follow_on_is_checked_too():
    courses = [("romosozumab", 0, 1), ("denosumab", 1, 3)]
    assert {name for name, _ in called(STOP, courses)} == {"denosumab"}
    assert called(STOP, [*courses, ("zoledronate", 3, 4)]) == []


def test_the_last_injection_covers_half_a_year_however_the_course_was_written():
    """Doses at 0, 0.5, 1 and 1.5 years: the next medicine is due at 2, and late after 2.25."""
    for end in (1.51, 1.7, 2):
        assert called(STOP, [("denosumab", 0, end), ("alendronate", 2, 5)]) == [], end
        assert called(STOP, [("denosumab", 0, end), ("alendronate", 2.3, 5)]), end


# Late doses ----------------------------------------------------------------------------

LATE = "delay_after_due_dose_months_above"


@pytest.mark.parametrize(("months_late", "severity"), [
    (0, None), (0.89, None), (0.91, "caution"), (3.69, "caution"), (3.71, "warning"),
    (11.9, "warning"), (12.1, None)])  # more than a year: that is a stop
def test_a_late_denosumab_dose(months_late, severity):
    courses = [("denosumab", 0, 1), ("denosumab", 1 + months_late / 12, 4)]
    expected = [("denosumab", severity)] if severity else []
    assert called(LATE, courses, years=4) == expected
    assert called(LATE, [("zoledronate", 0, 1), ("zoledronate", 1 + months_late / 12, 4)]) == []


def test_the_longest_delay_counts_and_a_missed_dose_is_one():
    late = [("denosumab", 0, 1), ("denosumab", 1.1, 2.1), ("denosumab", 2.5, 4)]
    assert called(LATE, late) == [("denosumab", "warning")]
    assert called(LATE, late, years=2) == [("denosumab", "caution")]  # the second is beyond
    assert called(LATE, [("denosumab", 0, 4, 0.5)]) == [("denosumab", "warning")]
    assert called(LATE, [("denosumab", 0, 4)]) == []


# Too long ------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "trigger", "limit", "severity"), [
    ("romosozumab", "years_on_medicine_above", 1, ["warning"]),
    ("alendronate", "years_on_medicine_above", 8, ["warning"]),
    ("zoledronate", "years_on_medicine_above", 8, ["warning"]),
    ("zoledronate_18_months", "years_on_medicine_above", 6, ["info"]),
    ("teriparatide", "lifetime_years_above", 2, ["warning", "info"]),
    ("alendronate", "longer_than_reassess_years", 3, ["info"]),
    ("risedronate", "longer_than_reassess_years", 3, ["info"]),
    ("ibandronate_oral", "longer_than_reassess_years", 3, ["info"]),
    ("zoledronate", "longer_than_reassess_years", 3, ["caution"])])
def test_a_limit_of_use(name, trigger, limit, severity):
    assert called(trigger, [(name, 0, limit)]) == []
    expected = [(name, one) for one in severity]
    assert called(trigger, [(name, 0, limit + 0.01)]) == expected
    # Only what lies within the simulated years counts.
    assert called(trigger, [(name, 0, limit + 2)], years=limit) == []


@pytest.mark.parametrize("name", ["alendronate", "risedronate", "ibandronate_oral"])
def test_of_two_limits_the_higher_one_passed_is_said(name):
    trigger = "longer_than_reassess_years"
    assert called(trigger, [(name, 0, 5)]) == [(name, "info")]
    assert called(trigger, [(name, 0, 5.01)]) == [(name, "caution")]


def test_abaloparatide_has_a_limit_in_europe_and_a_longer_one_in_america():
    trigger = "lifetime_years_above"
    assert called(trigger, [("abaloparatide", 0, 1.5)]) == []
    assert called(trigger, [("abaloparatide", 0, 1.6)]) == [("abaloparatide", "info")]
    assert ("abaloparatide", "warning") in called(trigger, [("abaloparatide", 0, 2.1)])
    assert ("abaloparatide", "warning") not in called(trigger, [("abaloparatide", 0, 2)])


def test_a_lifetime_adds_its_courses_up():
    twice = [("teriparatide", 0, 1.5), ("alendronate", 1.5, 4), ("teriparatide", 4, 5)]
    assert ("teriparatide", "warning") in called("lifetime_years_above", twice)
    assert called("lifetime_years_above", [*twice[:2], ("teriparatide", 4, 4.5)]) == []


def test_the_limit_of_romosozumab_is_for_one_course():
    """``limit_scope`` says course: twelve doses now and twelve years later are two."""
    assert medicine("romosozumab").limit_scope == "course"
    apart = [("romosozumab", 0, 1), ("alendronate", 1, 3), ("romosozumab", 3, 4)]
    assert called("years_on_medicine_above", apart) == []
    touching = [("romosozumab", 0, 1), ("romosozumab", 1, 1.5)]
    assert called("years_on_medicine_above", touching) == [("romosozumab", "warning")]


# Men, and before the menopause ---------------------------------------------------------


@pytest.mark.parametrize("name", medicine_names())
def test_a_medicine_not_approved_in_men_says_so_in_men_only(name):
    """The warnings agree with the approval in ``medicines.csv``."""
    approved = medicine(name).approved_men != "no"
    assert bool(called("men_not_approved", [(name, 0, 1)], MAN)) is not approved
    assert called("men_not_approved", [(name, 0, 1)], WOMAN) == []


@pytest.mark.parametrize(("name", "severity"), [
    ("raloxifene", "contraindicated"), ("denosumab", "warning"), ("romosozumab", "warning"),
    ("abaloparatide", "warning"), ("conjugated_estrogens_bazedoxifene", "warning"),
    ("alendronate", "caution"), ("zoledronate", "caution"), ("teriparatide", "caution"),
    ("calcitonin", "caution")])
def test_before_the_menopause(name, severity):
    trigger, course = "premenopausal_not_approved", [(name, 0, 1)]
    assert called(trigger, course, YOUNG) == [(name, severity)]
    for patient in (WOMAN, replace(YOUNG, menopausal_status="menopausal_transition"),
                    replace(YOUNG, menopausal_status=None), MAN):
        assert called(trigger, course, patient) == []


AGE = "age_or_time_since_menopause"


@pytest.mark.parametrize(("name", "patient", "start", "count"), [
    ("estrogen", aged(59.9, 55), 0, 0), ("estrogen", aged(60, 55), 0, 1),
    ("estrogen", aged(59, 55), 0.9, 0), ("estrogen", aged(59, 55), 1, 1),
    ("estrogen", aged(58, 48), 0, 0), ("estrogen", aged(58, 47.9), 0, 1),
    ("estrogen_progestogen", aged(62, 50), 0, 2), ("estrogen", aged(55, 48), 0, 0),
    ("conjugated_estrogens_bazedoxifene", aged(64.9, 60), 0, 0),
    ("conjugated_estrogens_bazedoxifene", aged(65, 60), 0, 1),
    ("calcitonin", aged(54.9, 50), 0, 1), ("calcitonin", aged(55, 50), 0, 0),
    ("calcitonin", aged(54, 50), 1, 0), ("calcitonin", aged(54, 50), 0.9, 1)])
def test_too_long_or_too_soon_after_the_menopause(name, patient, start, count):
    """Counted at the start of the course: from 60, past ten years; calcitonin before five."""
    found = called(AGE, [(name, start, start + 2)], patient)
    assert [who for who, _ in found] == [name] * count


def test_the_clock_of_the_menopause_needs_a_known_age_and_a_woman():
    unknown = replace(WOMAN, age_years=59, menopause_age_years=None)
    assert called(AGE, [("estrogen", 0, 1)], unknown) == []
    assert called(AGE, [("estrogen", 0, 1)], MAN) == []
    # The first course counts, in whatever order the courses are written.
    twice = [("estrogen", 6, 7), ("estrogen", 0, 2)]
    assert called(AGE, twice, aged(55, 50)) == []


# Two medicines -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["teriparatide", "abaloparatide"])
@pytest.mark.parametrize(("start", "expected"), [
    (2, True), (3, True), (3.1, False), (1.9, False)])
def test_pth_after_denosumab(name, start, expected):
    courses = [("denosumab", 0, 2), (name, start, start + 1.5)]
    assert called("denosumab_then_pth", courses) == ([(name, "warning")] if expected else [])
    assert called("denosumab_then_pth", [("alendronate", 0, 2), courses[1]]) == []


def test_denosumab_after_pth_is_the_right_order():
    assert called("denosumab_then_pth", [("teriparatide", 0, 2), ("denosumab", 2, 4)]) == []


@pytest.mark.parametrize(("first", "second", "warns"), [
    ("teriparatide", "alendronate", ("teriparatide", "caution")),
    ("abaloparatide", "zoledronate", ("abaloparatide", "caution")),
    ("teriparatide", "denosumab", ("teriparatide", "info")),
    ("raloxifene", "estrogen_progestogen", None),
    ("conjugated_estrogens_bazedoxifene", "estrogen",
     ("conjugated_estrogens_bazedoxifene", "warning")),
    ("risedronate", "estrogen", ("estrogen", "info")),
    ("romosozumab", "denosumab", ("romosozumab", "caution")),
    ("alendronate", "estrogen", ("estrogen", "info")),
    ("romosozumab", "estrogen", None)])
def test_combinations(first, second, warns):
    trigger = "combination_not_studied"
    for one, other in ((first, second), (second, first)):
        together = [(one, 0, 1), (other, 0.99, 2)]
        assert called(trigger, together) == ([warns] if warns else [])
        assert called(trigger, [(one, 0, 1), (other, 1, 2)]) == []  # one after the other
        # They meet only after the simulated years.
        assert called(trigger, [(one, 0, 2), (other, 1, 2)], years=1) == []


def test_two_of_one_class_together_are_said_once_and_count_once():
    """rizzoli_2023; the limit of a class counts the years on it, not the number of its names."""
    both = [("alendronate", 0, 5), ("zoledronate", 1, 5)]
    assert called("combination_not_studied", both) == [("zoledronate", "caution")]
    long = "years_on_medicine_above"  # 8 years
    assert called(long, both) == []
    assert called(long, [("alendronate", 0, 5), ("zoledronate", 4, 8)]) == []
    assert {severity for _, severity in called(
        long, [("alendronate", 0, 5), ("zoledronate", 5, 8.5)])} == {"warning"}


# All of them ---------------------------------------------------------------------------

#: Plans that between them call every warning of the table.
EVERYTHING = [
    *((ill(patient, egfr_ml_min=20, months_since_heart_attack_or_stroke=1), [(name, 0, 9)])
      for name in medicine_names() for patient in (WOMAN, MAN, YOUNG, aged(70, 50),
                                                   aged(52, 50))),
    *((WOMAN, [(name, 0, years)]) for name in medicine_names() for years in (1, 4, 7)),
    *((WOMAN, [(one, 0, 2), (other, start, start + 2)]) for start in (1, 2)
      for one in medicine_names() for other in medicine_names() if one != other),
    (WOMAN, [("denosumab", 0, 1), ("denosumab", 1.2, 2)]),
    (WOMAN, [("denosumab", 0, 1), ("denosumab", 1.4, 2)]),
]


def test_no_warning_of_the_table_is_dead():
    rows = {(row["trigger"], row["text"]) for row in table("medicine_warnings")
            if row["trigger"] not in FACTS}
    found = {(one.trigger, one.text) for patient, courses in EVERYTHING
             for one in warned(courses, patient)}
    assert rows - found == set()
    assert found - rows == set()


def test_every_warning_ends_with_its_source():
    for patient, courses in EVERYTHING[:80]:
        for one in warned(courses, patient):
            assert one.source_ids
            sources = "; ".join(dict.fromkeys(source(name).short for name in one.source_ids))
            assert str(one).endswith(f". ({sources})"), str(one)
            assert str(one).startswith(medicine(one.medicine).label + ": ")
            assert all(cite(name) for name in one.source_ids)


def test_the_most_severe_comes_first():
    patient = replace(ill(egfr_ml_min=20, months_since_heart_attack_or_stroke=1),
                      age_years=70, menopause_age_years=50)
    courses = [("calcitonin", 0, 1), ("risedronate", 0, 4), ("estrogen", 0, 2),
               ("romosozumab", 0, 2), ("teriparatide", 3, 6)]
    order = [SEVERITIES.index(one.severity) for one in warned(courses, patient)]
    assert order == sorted(order)
    assert set(order) == {0, 1, 2, 3}
    assert SEVERITIES == ("contraindicated", "warning", "caution", "info")


def test_a_warning_that_two_courses_call_is_given_once():
    twice = [("denosumab", 0, 1), ("denosumab", 4, 5)]
    found = warned(twice)
    assert len(found) == len(set(found))
    assert called(STOP, twice) == called(STOP, twice[:1])


def test_a_sound_plan_calls_nothing():
    for courses in ([], [("alendronate", 0, 3)], [("romosozumab", 0, 1), ("alendronate", 1, 4)],
                    [("denosumab", 0, 12)], [("teriparatide", 0, 2), ("denosumab", 2, 12)],
                    [("zoledronate", 0, 3)], [("denosumab", 0, 9, 0.0)]):
        assert warned(courses, ill(egfr_ml_min=80)) == (), courses


def test_simulate_hands_the_warnings_on():
    plan = Plan(courses=[Course("denosumab", 0, 2), Course("romosozumab", 0, 2)])
    found = simulate(WOMAN, plan, 5)
    assert found.plan_warnings == plan_warnings(WOMAN, plan, 5)
    assert found.warnings[:len(found.plan_warnings)] == tuple(map(str, found.plan_warnings))
    assert {name for one in found.plan_warnings for name in one.source_ids} <= set(found.sources)


@pytest.mark.parametrize("name", medicine_names())
def test_the_facts_of_a_medicine_have_a_source(name):
    """Its own and those of its class; no limit of a plan among them.

    What is known of estrogen alone is not said of estrogen with progestogen: 33 to 45 strokes
    stood above its own 25 to 33.
    """
    for trigger in FACTS:
        facts = medicine_facts(name, trigger)
        called = [row for row in table("medicine_warnings") if row["trigger"] == trigger]
        own = [row["text"] for row in called if row["medicine"] == name]
        expected = own if own and name == "estrogen_progestogen" else [
            row["text"] for row in called
            if row["medicine"] in (name, medicine(name).medicine_class)]
        assert [fact.text for fact in facts] == expected
        assert all(cite(each) for fact in facts for each in fact.source_ids)
