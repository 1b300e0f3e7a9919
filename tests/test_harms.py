"""Harms: published rates, and persons among 10,000 only where the unit allows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.evidence import source, table
from osteoteach.model.framing import framing
from osteoteach.model.harms import (
    absent_harms,
    benefit_and_harm,
    harms,
    per_10_000,
    suited_row,
)
from osteoteach.model.medicines import medicine_names

ALL = harms()


def one(medicine, harm, exposure=""):
    found = [item for item in harms(medicine) if item.harm == harm and exposure in item.exposure]
    assert len(found) == 1, [item.exposure for item in found]
    return found[0]


@pytest.mark.parametrize(("medicine", "harm", "exposure", "rate", "low", "high"), [
    # Schilcher 2015, Acta Orthop 86:100, abstract: 11 (7 to 14) per 10,000 person-years.
    ("alendronate", "atypical_femoral_fracture", "4 years of use or more", 11, 7, 14),
    # Lee 2018, J Korean Med Sci 33:e38, abstract: 85.9 (50.2 to 146.9) per 100,000.
    ("risedronate", "atypical_femoral_fracture", "any use", 8.59, 5.02, 14.69),
    # BMC Musculoskelet Disord 2020 (10.1186/s12891-020-03672-w), abstract: 120 (56 to 183) at
    # five years and 363 (132 to 593) at ten, per 100,000, if continued for three or more.
    ("alendronate", "atypical_femoral_fracture", "oral, 3 years of use or more, after ten",
     0.363, 0.132, 0.593),
    # Task Force 2012, table 1: stroke 9 (2 to 15) more per 10,000 person-years.
    ("estrogen_progestogen", "stroke", "", 9, 2, 15),
    # Task Force 2012, table 2: breast cancer 8 (1 to 14) fewer.
    ("estrogen", "invasive_breast_cancer", "", -8, -14, -1),
    # Cosman 2022, J Bone Miner Res 37:2112, abstract: 7.5 (4.8 to 11.1) per 100.
    ("denosumab", "multiple_vertebral_fracture_after_stopping", "more than 3", 750, 480, 1110),
    # Watts 2019, abstract: 5.2 per 10,000 subject-years.
    ("denosumab", "osteonecrosis_of_the_jaw", "FREEDOM extension", 5.2, None, None),
    # Reid 2010, J Clin Endocrinol Metab 95:4380, abstract: 42.4%.
    ("zoledronate", "acute_phase_reaction", "", 42.4, None, None),
])
def test_rates_are_those_of_the_published_page(medicine, harm, exposure, rate, low, high):
    """The table holds what the page prints, in the unit of the row."""
    found = one(medicine, harm, exposure)
    assert (found.rate, found.low, found.high) == (rate, low, high)


def test_rates_lie_inside_their_intervals_and_name_sources():
    """No slip of the pen, and every confirmed row has a source to look up."""
    for item in ALL:
        assert item.source_ids
        assert all(source(name).link for name in item.source_ids)
        if None not in (item.rate, item.low, item.high):
            assert item.low <= item.rate <= item.high, item.harm_id
        if item.relative_risk is not None:
            assert item.relative_risk_low <= item.relative_risk <= item.relative_risk_high
        assert (item.rate is None) == (item.unit == "ratio_only")
        assert (item.period_years is not None) == (item.unit == "pct_over_period")


def test_every_name_in_the_table_is_a_medicine_a_class_or_the_supplement():
    """A row under a misspelt name would never be shown."""
    shown = {item.harm_id for name in (*medicine_names(), "calcium_vitamin_d")
             for item in (*harms(name), *absent_harms(name))}
    assert shown == {row["harm_id"] for row in table("harms")}


def test_harms_of_a_class_hold_for_its_medicines():
    """Atypical fractures of bisphosphonates are shown for risedronate too; not for others."""
    assert any(item.harm == "atypical_femoral_fracture" for item in harms("risedronate"))
    assert not any(item.harm == "atypical_femoral_fracture" for item in harms("raloxifene"))
    assert {item.harm for item in harms("calcium_vitamin_d")} == {"kidney_stone"}
    assert not any("with hysterectomy" in (item.population or "")
                   for item in harms("estrogen_progestogen"))


def test_what_could_not_be_confirmed_is_absent_and_said():
    """No number, a note instead, and not among the harms."""
    gone = absent_harms()
    assert gone
    assert all(item.rate is None and item.note and not item.source_ids for item in gone)
    assert not set(gone) & set(ALL)
    assert all(per_10_000(item, 10).count is None for item in gone)


def test_a_rate_counts_only_the_years_of_use_to_which_it_belongs():
    """By hand: 11 per 10,000 from the fourth year on, 6 years of 10: 66 (42 to 84)."""
    long_use = one("alendronate", "atypical_femoral_fracture", "4 years of use or more")
    result = per_10_000(long_use, 10)
    assert (result.count, result.count_low, result.count_high) == (66, 42, 84)
    assert result.over_years == 6
    assert per_10_000(long_use, 4).count is None
    third_year = one("denosumab", "atypical_femoral_fracture", "third year")
    assert per_10_000(third_year, 10).count == 5.5


def test_an_excess_is_extra_and_a_percentage_keeps_its_time():
    """By hand: 9 x 10 = 90 strokes more; 2.5% - 1.9% is 60 of 10,000, in the one year."""
    stroke = per_10_000(one("estrogen_progestogen", "stroke"), 10)
    assert (stroke.count, stroke.extra) == (None, 90)
    assert "Studied for 5.6 years" in stroke.remark
    heart = per_10_000(harms("romosozumab")[0], 10)
    assert heart.extra == pytest.approx(60)
    assert heart.over_years == 1
    assert per_10_000(harms("romosozumab")[0], 0.5).count is None


@pytest.mark.parametrize(("harm", "reason"), [
    (one("denosumab", "vertebral_fracture_after_stopping", "without follow-on"), "after stopping"),
    (one("alendronate", "atypical_femoral_fracture", "8 years or more"), "Only a ratio"),
    (one("alendronate", "osteonecrosis_of_the_jaw"), "no time given")])
def test_what_cannot_be_converted_says_why(harm, reason):
    """None, with a reason; never a guess."""
    result = per_10_000(harm, 10)
    assert result.count is result.extra is result.over_years is None
    assert reason in result.remark


@given(st.sampled_from(ALL), st.floats(0.1, 40), st.floats(0.1, 40))
def test_longer_use_never_counts_fewer(harm, one_time, other_time):
    """Monotone in years, inside its interval, extra equal to the difference."""
    shorter, longer = (per_10_000(harm, years) for years in sorted((one_time, other_time)))
    if shorter.count is not None:
        assert longer.count >= shorter.count
        assert shorter.count >= 0
        if shorter.comparator_count is not None:
            assert shorter.extra == pytest.approx(shorter.count - shorter.comparator_count)
    if None not in (longer.count, longer.count_low):
        assert longer.count_low <= longer.count <= longer.count_high
    assert longer.remark


def test_benefit_and_harm_share_one_unit():
    """By hand: 10,000 x 0.10 x 0.4 = 400 fewer, beside 9 x 5 = 45 strokes more."""
    rows = benefit_and_harm("estrogen_progestogen", framing(0.10, 0.6), years=5)
    assert rows[0].kind == "benefit"
    assert rows[0].difference == pytest.approx(-400)
    assert rows[0].without_medicine - rows[0].with_medicine == pytest.approx(400)
    stroke = next(row for row in rows if row.what.startswith("stroke"))
    assert stroke.difference == 45
    assert len(rows) == 1 + len(harms("estrogen_progestogen"))


def test_a_harm_of_some_people_is_not_laid_on_all():
    """Hypocalcaemia on dialysis (Bird 2024: 41.1%) is named, not counted for everybody."""
    rows = benefit_and_harm("denosumab", framing(0.1, 0.6))
    dialysis = next(row for row in rows if "dialysis" in row.what)
    assert dialysis.difference is None
    assert "Only in some people" in dialysis.remark
    published = one("denosumab", "severe_hypocalcaemia")
    assert per_10_000(published, 1).count == pytest.approx(4110)


@pytest.mark.parametrize("call", [
    lambda: harms("aspirin"), lambda: absent_harms("aspirin"),
    lambda: per_10_000(ALL[0], 0), lambda: per_10_000(ALL[0], 41), lambda: per_10_000(ALL[0], "1"),
    lambda: benefit_and_harm("denosumab", framing(0.1, 0.6), years=-1)])
def test_unknown_names_and_times_are_refused(call):
    """With name, rule and value."""
    with pytest.raises(InputError):
        call()


@given(st.sampled_from(medicine_names()), st.integers(1, 10), st.floats(0.01, 0.6))
def test_of_each_harm_the_row_that_fits_the_course_is_chosen(name, years, risk):
    """Never a row of part of the course where one of the whole course has a number."""
    rows = benefit_and_harm(name, framing(risk, 0.7), years)[1:]
    for harm in {row.harm for row in rows}:
        of_it = [row for row in rows if row.harm == harm]
        counted = [row for row in of_it if row.with_medicine is not None
                   or row.difference is not None]
        best = suited_row(of_it)
        assert (best is None) == (not counted)
        if best is not None:
            assert best in counted
            assert best.covers_course or not any(row.covers_course for row in counted)
            assert not best.covers_course or best.over_years == years
