"""Screening tools on the synthetic population, beside what studies printed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.evidence import table
from osteoteach.model.screening_tools import tool_names
from osteoteach.model.screening_yield import AGE_GROUPS, TARGETS, screening_yield, tool_scores

TOOLS = st.sampled_from(tool_names())
AGES = st.sampled_from(sorted(AGE_GROUPS))
GOALS = st.sampled_from(sorted(TARGETS))


@given(TOOLS, AGES, GOALS, st.data())
def test_the_four_cells_add_up_and_shares_are_shares(tool, ages, target, data):
    """Whatever the cut-off, every woman is in one cell, and shares lie in 0 to 1."""
    cut_off = data.draw(st.sampled_from(tool_scores(tool, ages)))
    found = screening_yield(tool, cut_off, ages, target)
    counted = [row for row in table("screening_counts") if row["tool"] == tool
               and (row["from_age"], row["to_age"]) == AGE_GROUPS[ages]]
    assert found.women == sum(row["women"] for row in counted)
    assert found.found + found.missed == sum(row[TARGETS[target]] for row in counted)
    for share in (found.sensitivity, found.specificity, found.positive_predictive_value,
                  found.negative_predictive_value, found.prevalence, found.sent):
        assert share is None or 0 <= share <= 1


@given(TOOLS, AGES, GOALS)
def test_sensitivity_is_bought_with_specificity(tool, ages, target):
    """As the cut-off moves, one rises and the other falls, never both."""
    yields = [screening_yield(tool, cut_off, ages, target) for cut_off in tool_scores(tool, ages)]
    yields.sort(key=lambda one: one.sent)
    for fewer, more in pairwise(yields):
        assert more.sensitivity >= fewer.sensitivity
        assert more.specificity <= fewer.specificity


def test_ost_at_50_to_64_lies_between_two_published_studies():
    """crandall_2014 (80% and 66%) and pecina_2016 (56% and 69%): our sensitivity lies between
    the two, and our specificity is within ten points of both."""
    found = screening_yield("ost", ages="50-64")
    assert 0.56 < found.sensitivity < 0.80
    assert 0.66 < found.specificity < 0.76


def test_a_rare_disease_makes_most_positives_false():
    """At 50 to 64 about one woman in twenty has it, so most who are sent do not."""
    found = screening_yield("ost", ages="50-64")
    assert found.prevalence < 0.08
    assert found.positive_predictive_value < 0.2 < found.sensitivity
    older = screening_yield("ost", ages="65 and over")
    assert older.positive_predictive_value > 2 * found.positive_predictive_value


def test_orai_sends_every_woman_of_65():
    """bmc_2008: 9 points for 65 years alone reach the cut-off of 9."""
    assert screening_yield("orai", ages="65 and over").sent == 1


@pytest.mark.parametrize("wrong", [
    {"tool": "osta"}, {"tool": "ost", "ages": "40-49"}, {"tool": "ost", "target": "falls"},
    {"tool": "ost", "cut_off": float("nan")}, {"tool": "ost", "cut_off": "2"},
    {"tool": "ost", "cut_off": True}])
def test_what_is_wrong_is_named(wrong):
    """A tool, age group, target or cut-off that does not exist is refused."""
    with pytest.raises(InputError):
        screening_yield(**wrong)


def test_osiris_sends_fewer_than_ost_and_misses_more():
    """1 or less is a stricter line than below 2 on the same weight and age. In Belgian clinics
    too: sedrine_2002 prints 78.5% and 51.4% at 1."""
    for ages in AGE_GROUPS:
        ost, osiris = screening_yield("ost", ages=ages), screening_yield("osiris", ages=ages)
        assert osiris.sent < ost.sent
        assert osiris.sensitivity < ost.sensitivity
        assert osiris.specificity > ost.specificity
        assert osiris.cut_off == 1
