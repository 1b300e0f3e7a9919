"""Kinds of stop, switch and combination, and what the model is known to get wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteoteach import Course, Patient, Plan, simulate
from osteoteach.calibration.kinds import kind_rows
from osteoteach.calibration.published_arms import published_arms
from osteoteach.calibration.scores import predictions
from osteoteach.evidence import table
from osteoteach.model.medicines import medicine_names
from osteoteach.model.plan_kinds import error_sentences, kind_words, kinds_of, known_errors

WOMAN = Patient(age_years=68, sex="female", menopause_age_years=50)


def plan(*courses):
    return Plan(courses=[Course(*course) for course in courses])


@pytest.mark.parametrize(("courses", "years", "kinds"), [
    ([], 5, ()),
    ([("denosumab", 0, 3)], 3, ()),
    ([("denosumab", 0, 3)], 5, (("rankl_antibody stopped", 3),)),
    ([("denosumab", 0, 10)], 11, (("rankl_antibody stopped after many years", 10),)),
    # A late dose of the same medicine is neither a stop nor a switch.
    ([("denosumab", 0, 1), ("denosumab", 1.5, 3)], 3, ()),
    ([("denosumab", 0, 3), ("zoledronate", 3, 4)], 5,
     (("bisphosphonate after rankl_antibody", 3),)),
    # One infusion counts as given for two years, then it was stopped.
    ([("denosumab", 0, 3), ("zoledronate", 3, 4)], 8,
     (("bisphosphonate after rankl_antibody", 3), ("bisphosphonate stopped", 5))),
    ([("teriparatide", 0, 2), ("denosumab", 0, 2)], 2, (("pth_analogue with rankl_antibody", 0),)),
    # After a pause of years it is a stop and a new start.
    ([("alendronate", 0, 2), ("romosozumab", 5, 6)], 6, (("bisphosphonate stopped", 2),)),
])
def test_kinds_of_a_plan(courses, years, kinds):
    """What was done, and from when; the time looked at counts."""
    assert kinds_of(plan(*courses), years) == kinds


def test_the_table_is_what_the_predictions_say():
    """`make validate` was run after the last change of model or data."""
    fresh = [(kind, site, numbers, float(bias), float(covered))
             for kind, site, numbers, bias, covered in kind_rows(predictions(published_arms()))]
    stored = [(row["kind"], row["site"], row["numbers"], row["bias_points"], row["covered_pct"])
              for row in table("validation_kinds")]
    assert fresh == stored


def test_the_order_of_romosozumab_is_told_to_be_wrong():
    """After a bisphosphonate romosozumab gained more at the spine than the model says."""
    wrong = plan(("alendronate", 0, 4), ("romosozumab", 4, 5))
    errors = {one.site: one.bias_points for one in known_errors(wrong, 5)}
    assert errors["lumbar_spine"] < -3
    said = [note for note in simulate(WOMAN, wrong, 5).warnings
            if note.startswith("Romosozumab after a bisphosphonate")]
    assert len(said) == 1
    assert "too low at the lumbar spine" in said[0]


def test_a_single_medicine_while_it_is_given_has_no_known_error():
    """The fit saw those: nothing to say."""
    for name in medicine_names():
        assert known_errors(plan((name, 0, 2)), 2) == ()


@given(st.lists(st.tuples(st.sampled_from(medicine_names()), st.integers(0, 8),
                          st.integers(1, 4)), max_size=4))
def test_every_kind_has_words_and_a_time_within_the_look(found):
    """Whatever is planned, the kinds can be said, and nothing lies after the look."""
    courses = []
    for name, start, length in found:
        if not any(name == other[0] for other in courses):
            courses.append((name, start, start + length))
    planned = plan(*courses)
    for kind, since in kinds_of(planned, 6):
        assert 0 <= since < 6
        assert "_" not in kind_words(kind)
    for sentence in error_sentences(planned, 6):
        assert sentence.endswith("on average.")
