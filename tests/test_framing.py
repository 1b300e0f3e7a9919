"""One effect said five ways: counts add up, numbers needed are never negative."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.model.framing import framing

risks = st.floats(0, 1)
ratios = st.floats(0.01, 5)
groups = st.integers(1, 100_000)


def applied(risk, ratio, **more):
    assume(risk * ratio <= 1)
    return framing(risk, ratio, **more)


def test_the_osteopenia_trial_of_reid_2018():
    """N Engl J Med 379:2407: 190 against 122 women of 1,000; 15 treated to prevent one."""
    result = framing(0.190, 122 / 190)
    assert result.sentence == "Of 1,000 women like her, 190 break a bone without, 122 with."
    assert math.ceil(result.number_needed_to_treat) == 15
    assert dict(result.icon_counts) == {"event_either_way": 122, "prevented": 68, "caused": 0,
                                        "no_event_either_way": 810}


def test_the_vertebral_trial_of_bolland_2025():
    """N Engl J Med 392:239: 11.1% against 6.3%; reports count 21 treated for one fracture."""
    assert math.ceil(framing(0.111, 0.063 / 0.111).number_needed_to_treat - 1e-9) == 21


def test_the_interval_of_the_number_needed_turns_round():
    """By hand at a risk of 0.1: ratio 0.5 to 0.8 gives 1/0.05 = 20 to 1/0.02 = 50."""
    result = framing(0.1, 0.6, 0.5, 0.8)
    assert result.number_needed_to_treat == pytest.approx(25)
    assert result.number_needed_to_treat_interval == pytest.approx((20, 50))
    assert result.number_needed_sentence == (
        "25 must be treated for one fewer with the event (95% interval 20 to 50).")


def test_harm_has_a_number_needed_to_harm():
    """By hand: 0.05 x 0.34 = 0.017, one more for 59; interval 0.71 and 0.05."""
    result = framing(0.05, 1.34, 1.05, 1.71, event="have a stroke")
    assert result.number_needed_to_treat is None
    assert result.number_needed_to_harm == pytest.approx(58.82, abs=0.01)
    assert result.number_needed_to_harm_interval == pytest.approx((28.17, 400), abs=0.01)
    assert "59 must be treated for one more" in result.number_needed_sentence
    assert result.five_ways[0].sentence.startswith("The medicine raises the risk by 34%")
    assert dict(result.icon_counts)["caused"] == 17


def test_an_interval_with_1_shows_no_benefit_and_says_what_that_means():
    """By hand: 0.1 x 0.3 is 1 in 34, 0.1 x 0.2 is 1 in 50."""
    result = framing(0.1, 0.9, 0.7, 1.2)
    assert result.number_needed_to_treat is None
    assert result.number_needed_to_treat_interval is None
    assert result.number_needed_to_harm is None
    assert result.number_needed_sentence == (
        "No benefit shown: the interval of the ratio (0.7 to 1.2) holds 1. The truth may lie "
        "anywhere from one fewer for 34 treated to one more for 50 treated.")
    edge = framing(0.1, 0.9, 0.8, 1.0)
    assert not edge.effect_shown
    assert edge.number_needed_sentence.endswith("from one fewer for 50 treated to no change.")


def test_ratio_1_changes_nothing():
    """The same risk, no number needed, nobody spared."""
    result = framing(0.2, 1)
    assert result.risk_with == result.risk_without
    assert result.absolute_reduction == result.relative_reduction == 0
    assert result.number_needed_to_treat is None
    assert result.number_needed_to_harm is None
    assert "ratio is 1" in result.number_needed_sentence
    assert dict(result.icon_counts)["prevented"] == dict(result.icon_counts)["caused"] == 0
    assert result.five_ways[0].sentence == "The medicine does not change the risk."


def test_the_ends_of_risk():
    """No risk cannot be lowered; certainty can."""
    none = framing(0, 0.5)
    assert none.number_needed_to_treat is None
    assert none.sentence == "Of 1,000 women like her, 0 break a bone without, 0 with."
    assert "no risk" in none.number_needed_sentence
    sure = framing(1, 0.5)
    assert (sure.count_without, sure.count_with, sure.number_needed_to_treat) == (1000, 500, 2)


def test_five_ways_are_five_in_one_order():
    """The page shows them side by side."""
    ways = framing(0.19, 0.63, 0.50, 0.79).five_ways
    assert [way.name for way in ways] == ["relative", "absolute", "number_needed",
                                          "frequencies", "icons"]
    assert all(way.sentence.endswith(".") for way in ways)
    assert ways[0].sentence == ("The medicine lowers the risk by 37% (ratio 0.63, 95% interval "
                                "0.5 to 0.79).")
    assert ways[1].sentence == ("The risk is 19% without and 12% with: 7.0 percentage points "
                                "lower.")


def test_words_fit_the_person():
    """Men, and other events, are spoken of as such."""
    said = framing(0.1, 0.5, of=200, whom="men like him", event="break a hip").sentence
    assert said == "Of 200 men like him, 20 break a hip without, 10 with."


@given(risks, ratios, groups)
def test_counts_are_whole_persons_that_add_up(risk, ratio, of):
    """Every figure of the icon array is somebody, and nobody is lost."""
    result = applied(risk, ratio, of=of)
    counts = dict(result.icon_counts)
    assert sum(counts.values()) == of
    assert all(isinstance(count, int) and count >= 0 for count in counts.values())
    assert counts["event_either_way"] + counts["prevented"] == result.count_without
    assert counts["event_either_way"] + counts["caused"] == result.count_with
    assert min(counts["prevented"], counts["caused"]) == 0
    assert abs(result.count_with - of * result.risk_with) <= 0.5 + 1e-6


@given(risks, ratios)
def test_the_number_needed_is_one_over_the_absolute_change(risk, ratio):
    """1/ARR for benefit, 1/ARI for harm, never below 1, never both."""
    result = applied(risk, ratio)
    treat, harm = result.number_needed_to_treat, result.number_needed_to_harm
    assert treat is None or harm is None
    if risk > 1e-9 and abs(ratio - 1) > 1e-6:
        number = treat if ratio < 1 else harm
        assert number == pytest.approx(1 / abs(result.absolute_reduction), rel=1e-6)
        assert number >= 1


@given(risks, risks, ratios, ratios)
def test_monotone_in_risk_and_ratio(risk, other_risk, ratio, other_ratio):
    """More risk or a higher ratio never gives less risk with."""
    low, high = sorted((risk, other_risk))
    weak, strong = sorted((ratio, other_ratio))
    assume(high * strong <= 1)
    assert framing(low, weak).risk_with <= framing(high, weak).risk_with
    assert framing(high, weak).risk_with <= framing(high, strong).risk_with
    assert framing(high, weak).count_with <= framing(high, strong).count_with


@given(st.floats(0.001, 0.2), ratios, ratios, ratios)
def test_the_interval_holds_the_number_needed(risk, one, two, three):
    """Benefit and harm have ordered, positive limits around the number."""
    low, ratio, high = sorted((one, two, three))
    result = framing(risk, ratio, low, high)
    for number, limits in ((result.number_needed_to_treat, result.number_needed_to_treat_interval),
                           (result.number_needed_to_harm, result.number_needed_to_harm_interval)):
        assert (number is None) == (limits is None)
        if number is not None:
            assert 0 < limits[0] <= number * (1 + 1e-9)
            assert number <= limits[1] * (1 + 1e-9)
    if low <= 1 <= high:
        assert result.number_needed_to_treat is None
        assert result.number_needed_to_harm is None


@pytest.mark.parametrize(("arguments", "name"), [
    ((-0.1, 0.5), "baseline_risk"), ((1.1, 0.5), "baseline_risk"), ((19, 0.5), "baseline_risk"),
    ((float("nan"), 0.5), "baseline_risk"), (("0.1", 0.5), "baseline_risk"),
    ((0.1, 0), "relative_risk"), ((0.1, -1), "relative_risk"), ((0.1, math.inf), "relative_risk"),
    ((0.6, 2), "relative_risk"), ((0.1, 0.5, 0.3), "low, high"),
    ((0.1, 0.5, None, 0.9), "low, high"),
    ((0.1, 0.5, 0.6, 0.9), "low, high"), ((0.1, 0.5, 0.9, 0.3), "low, high"),
    ((0.6, 0.9, 0.5, 1.8), "relative_risk"), ((0.1, 0.5, 0.3, 0.9, 0), "of"),
    ((0.1, 0.5, 0.3, 0.9, 10.5), "of"), ((0.1, 0.5, 0.3, 0.9, True), "of")])
def test_impossible_values_are_refused(arguments, name):
    """By name, with the rule; nothing is clamped."""
    with pytest.raises(InputError) as caught:
        framing(*arguments)
    assert caught.value.name == name
