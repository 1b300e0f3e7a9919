"""A cohort is followed exactly as each of its persons alone."""

import math

import numpy as np
import pytest

from osteoteach.errors import InputError
from osteoteach.model.model_constants import fitted_constants, scales
from osteoteach.model.plan import Course, Plan
from osteoteach.model.remodelling import SITES
from osteoteach.model.remodelling_cohort import follow_cohort
from osteoteach.model.remodelling_run import run_remodelling
from osteoteach.model.schedule import DailyIntake, Dose, Schedule

C = fitted_constants()
YEARS, AT = 6.0, (0.0, 0.5, 2.0, 3.25, 6.0)
PLANS = {
    "denosumab, alendronate": [Course("denosumab", 0, 2), Course("alendronate", 2, 4)],
    "romosozumab, zoledronate": [Course("romosozumab", 0, 1), Course("zoledronate", 1, 4)],
    "teriparatide with estrogen": [Course("teriparatide", 0, 2), Course("estrogen", 0.5, 5)],
    "nothing": [],
}
OWN = [name for name in scales() if not name.endswith("_strength")]


def asked(courses):
    schedule = Plan(courses=courses).schedule(YEARS, C, AT)
    times = schedule.step_times()
    return schedule, {site: [math.exp(-rate * time) for time in times]
                      for site, rate in zip(SITES, (0.012, 0.008, 0.009), strict=True)}


def persons(count, seed=3):
    """Own loss (some gain), and every constant their own."""
    draw = np.random.default_rng(seed)
    own = {}
    for name in OWN:
        spread = np.exp(draw.normal(0, 0.25, count))
        value = getattr(C, name)
        own[name] = (value * spread if scales()[name] == "log"
                     else 1 / (1 + (1 / value - 1) * spread))
    return draw.normal(1, 0.8, count), own


@pytest.mark.parametrize("courses", PLANS.values(), ids=PLANS)
@pytest.mark.parametrize("sex", ["female", "male"])
def test_each_person_is_followed_as_if_alone(courses, sex):
    """The float path of one person agrees to 1e-10 at every time and site."""
    schedule, untreated = asked(courses)
    loss, own = persons(5)
    found = follow_cohort(schedule, untreated, loss, C, AT, own, sex, chunk_persons=3)
    places = [min(range(len(schedule.step_times())),
                  key=lambda step: abs(schedule.step_times()[step] - time)) for time in AT]
    assert set(found) == set(SITES)
    for person in range(5):
        alone = run_remodelling(
            schedule, {site: [value ** loss[person] for value in course]
                       for site, course in untreated.items()},
            C.with_values(**{name: float(values[person]) for name, values in own.items()}), sex)
        for site in SITES:
            assert found[site].shape == (len(AT), 5)
            expected = [alone.density[site][place] for place in places]
            np.testing.assert_allclose(found[site][:, person], expected, rtol=0, atol=1e-10)
    # Persons differ, so an answer that mixed them up could not have passed.
    assert len(set(found["total_hip"][-1].tolist())) == 5


@pytest.mark.parametrize("courses", PLANS.values(), ids=PLANS)
@pytest.mark.parametrize("own_response", [True, False])
def test_the_chunk_does_not_change_the_last_digit(courses, own_response):
    """One by one, in odd lots or all at once: the same bits."""
    schedule, untreated = asked(courses)
    loss, own = persons(203)
    own = own if own_response else {}
    whole = follow_cohort(schedule, untreated, loss, C, AT, own, chunk_persons=1000)
    for chunk in (19, 64, 202):
        parts = follow_cohort(schedule, untreated, loss, C, AT, own, chunk_persons=chunk)
        for site in SITES:
            assert np.array_equal(parts[site], whole[site])
    few = slice(100, 103)
    one = follow_cohort(schedule, untreated, loss[few], C, AT,
                        {name: values[few] for name, values in own.items()}, chunk_persons=1)
    for site in SITES:
        assert np.array_equal(one[site], whole[site][:, few])


def test_strided_arguments_give_the_same_bits_and_stay_untouched():
    """A column of a table is as good as an array of its own."""
    schedule, untreated = asked(PLANS["denosumab, alendronate"])
    loss, own = persons(40)
    wide = np.repeat(loss[:, None], 3, axis=1)
    name = "denosumab_half_effect_level"
    expected = follow_cohort(schedule, untreated, loss, C, AT, {name: own[name]})
    found = follow_cohort(schedule, untreated, wide[:, 1], C, AT, {name: own[name]})
    assert np.array_equal(wide, np.repeat(loss[:, None], 3, axis=1))
    for site in SITES:
        assert np.array_equal(found[site], expected[site])


def test_only_the_sites_asked_for_are_followed_and_do_not_change():
    """The cells are those of the whole skeleton, whichever sites are looked at."""
    schedule, untreated = asked(PLANS["romosozumab, zoledronate"])
    loss, own = persons(9)
    three = follow_cohort(schedule, untreated, loss, C, AT, own)
    one = follow_cohort(schedule, {"total_hip": untreated["total_hip"]}, loss, C, AT, own)
    assert list(one) == ["total_hip"]
    assert np.array_equal(one["total_hip"], three["total_hip"])


def test_no_person_no_density():
    """An empty cohort gives an empty answer."""
    schedule, untreated = asked([])
    assert follow_cohort(schedule, untreated, [], C, AT)["total_hip"].shape == (len(AT), 0)


SCHEDULE, UNTREATED = asked(PLANS["denosumab, alendronate"])
GOOD = {"schedule": SCHEDULE, "untreated": UNTREATED, "loss_multiplier": [1.0, 2.0],
        "constants": C, "at_years": AT}
HALF = "denosumab_half_effect_level"


@pytest.mark.parametrize(("change", "name", "rule"), [
    ({"at_years": [0.51]}, "at_years", "must be ends of steps"),
    ({"at_years": [7.0]}, "at_years", "must be ends of steps"),
    ({"at_years": ["1"]}, "at_years", "must be ends of steps"),
    ({"at_years": [math.nan]}, "at_years", "must be ends of steps"),
    ({"at_years": []}, "at_years", "at least one"),
    ({"at_years": 2.0}, "at_years", "must be a list"),
    ({"chunk_persons": 0}, "chunk_persons", "whole number"),
    ({"chunk_persons": 2.5}, "chunk_persons", "whole number"),
    ({"chunk_persons": True}, "chunk_persons", "whole number"),
    ({"sex": "woman"}, "sex", "must be one of"),
    ({"schedule": None}, "schedule", "must be a Schedule"),
    ({"schedule": Schedule(YEARS, (Dose(0, "denosumab", np.ones(2)),))}, "schedule",
     "plain numbers"),
    ({"schedule": Schedule(YEARS, (), (DailyIntake(0, 1, "estrogen", np.ones(2)),))},
     "schedule", "plain numbers"),
    ({"untreated": {}}, "untreated", "at least one site"),
    ({"untreated": {"rib": UNTREATED["total_hip"]}}, "untreated", "for a site of"),
    ({"untreated": {"total_hip": [1.0, 0.9]}}, "untreated", "must give"),
    ({"untreated": {"total_hip": [0.0] * len(UNTREATED["total_hip"])}}, "untreated", "above 0"),
    ({"untreated": {"total_hip": [np.ones(2)] * len(UNTREATED["total_hip"])}}, "untreated",
     "above 0"),
    ({"loss_multiplier": 1.0}, "loss_multiplier", "one number a person"),
    ({"loss_multiplier": [[1.0], [2.0]]}, "loss_multiplier", "one number a person"),
    ({"loss_multiplier": ["a", "b"]}, "loss_multiplier", "one number a person"),
    ({"loss_multiplier": [1.0, math.nan]}, "loss_multiplier (person 1)", "from -100 to 100"),
    ({"loss_multiplier": [101.0, 1.0]}, "loss_multiplier (person 0)", "from -100 to 100"),
    ({"constants": None}, "constants", "plain numbers"),
    ({"constants": C.with_values(estrogen_block=np.ones(2))}, "constants", "plain numbers"),
    ({"per_person": {"strength": [1, 2]}}, "constant", "must be one of"),
    ({"per_person": {"risedronate_strength": [1, 2]}}, "per_person", "strength"),
    ({"per_person": {HALF: [0.1]}}, HALF, "one number a person, 2 in all"),
    ({"per_person": {HALF: 0.1}}, HALF, "one number a person, 2 in all"),
    ({"per_person": {HALF: [0.1, 0.0]}}, f"{HALF} (person 1)", "above 0"),
    ({"per_person": {HALF: [0.1, math.inf]}}, f"{HALF} (person 1)", "above 0"),
    ({"per_person": {"estrogen_block": [1.0, 0.5]}}, "estrogen_block (person 0)", "below 1"),
])
def test_bad_arguments_are_named(change, name, rule):
    """By name, with the rule; nothing is followed."""
    with pytest.raises(InputError) as caught:
        follow_cohort(**{**GOOD, **change})
    assert caught.value.name == name
    assert rule in caught.value.rule


def test_the_module_needs_no_numpy_until_it_is_asked():
    """What a dashboard imports stays light."""
    import subprocess
    import sys

    code = ("import sys, osteoteach.model.remodelling_cohort\n"
            "print('numpy' in sys.modules)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
