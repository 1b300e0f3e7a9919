"""Which lumbar levels count (iscd_discordance, iscd_2023, rosen_2024)."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.model.vertebrae import LEVELS, VertebraScan, read_spine


def spine(*t_scores, **abnormal):
    return read_spine({name: VertebraScan(t, abnormality=abnormal.get(name, ""))
                       for name, t in zip(LEVELS, t_scores, strict=False) if t is not None})


def test_levels_that_agree_are_all_kept():
    """An even spine loses nothing, and its mean is the plain mean."""
    reading = spine(-2.0, -2.2, -1.8, -2.0)
    assert reading.kept == LEVELS
    assert reading.set_aside == {}
    assert reading.mean_t_score == pytest.approx(-2.0)


def test_a_difference_of_exactly_1_is_allowed():
    """The rule says more than 1.0 (iscd_discordance)."""
    assert spine(-2.0, -2.0, -2.0, -1.0).kept == LEVELS
    assert spine(-2.3, -2.3, -2.3, -1.3).kept == LEVELS  # 1.0 with a binary remainder
    assert spine(-2.0, -2.0, -2.0, -0.9).kept == ("L1", "L2", "L3")


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("step", [1.6, -1.6])
def test_one_odd_level_goes_and_takes_no_neighbour_with_it(place, step):
    """At any place, too dense or too thin."""
    scores = [-2.0] * 4
    scores[place] += step
    reading = spine(*scores)
    assert set(LEVELS) - set(reading.kept) == {LEVELS[place]}
    assert "differs by more than 1.0" in reading.set_aside[LEVELS[place]]
    assert reading.mean_t_score == pytest.approx(-2.0)


def test_an_abnormal_level_goes_whatever_its_score():
    """A compression fracture is set aside with its reason even if the score fits in."""
    reading = spine(-2.0, -2.0, -2.0, -2.0, L2="compression fracture")
    assert reading.kept == ("L1", "L3", "L4")
    assert reading.set_aside == {"L2": "compression fracture"}


def test_a_single_vertebra_is_never_used():
    """rosen_2024: neither when it is alone from the start nor when the others fall out."""
    alone = spine(None, -2.0)
    assert (alone.usable, alone.mean_t_score) == (False, None)
    assert alone.set_aside == {"L2": "a single vertebra is never used"}
    left = spine(-2.0, -2.0, -2.0, -2.0, L1="metal", L2="metal", L4="surgery")
    assert left.kept == ()
    assert set(left.set_aside) == set(LEVELS)


def test_two_levels_that_disagree_are_both_set_aside():
    """Nothing says which of the two to believe."""
    reading = spine(-2.5, None, -0.5)
    assert reading.kept == ()
    assert set(reading.set_aside) == {"L1", "L3"}


def test_density_of_a_combination_is_content_over_area():
    """By hand: (0.80 x 12 + 0.90 x 18) / 30 = 0.86 g/cm2, not the mean 0.85."""
    levels = {"L1": VertebraScan(-2, bmd_g_cm2=0.80, area_cm2=12),
              "L2": VertebraScan(-2, bmd_g_cm2=0.90, area_cm2=18)}
    assert read_spine(levels).bmd_g_cm2 == pytest.approx(0.86)
    levels["L3"] = VertebraScan(-2, bmd_g_cm2=0.9)
    assert read_spine(levels).bmd_g_cm2 is None


@given(st.lists(st.integers(-50, 20), min_size=1, max_size=4))
def test_every_level_is_kept_or_set_aside_with_a_reason(tenths):
    """Nothing is lost, never one level alone, and what is kept hangs together."""
    scores = [tenth / 10 for tenth in tenths]
    reading = spine(*scores)
    assert set(reading.kept) | set(reading.set_aside) == set(LEVELS[:len(scores)])
    assert not set(reading.kept) & set(reading.set_aside)
    assert len(reading.kept) != 1
    assert all(reading.set_aside.values())
    kept = [scores[LEVELS.index(name)] for name in reading.kept]
    for place, own in enumerate(kept):
        beside = kept[max(place - 1, 0):place] + kept[place + 1:place + 2]
        assert min(abs(own - other) for other in beside) <= 1.0 + 1e-6


@given(st.lists(st.integers(-50, 20), min_size=4, max_size=4))
def test_reading_the_kept_levels_again_changes_nothing(tenths):
    """The rules have been applied to the end."""
    levels = {name: VertebraScan(t / 10) for name, t in zip(LEVELS, tenths, strict=True)}
    kept = read_spine(levels).kept
    if kept:
        assert read_spine({name: levels[name] for name in kept}).kept == kept


@pytest.mark.parametrize(("call", "name"), [
    (lambda: read_spine({}), "levels"),
    (lambda: read_spine({"T12": VertebraScan(-1)}), "levels"),
    (lambda: VertebraScan(-20), "t_score"),
    (lambda: VertebraScan(math.nan), "t_score"),
    (lambda: VertebraScan(-1, bmd_g_cm2=9), "bmd_g_cm2"),
    (lambda: VertebraScan(-1, area_cm2=4.9), "area_cm2"),
    (lambda: VertebraScan(-1, area_cm2=math.nan), "area_cm2"),
    (lambda: VertebraScan(-1, area_cm2="12"), "area_cm2"),
])
def test_bad_levels_are_refused_by_name(call, name):
    """What is wrong is named."""
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.name == name
