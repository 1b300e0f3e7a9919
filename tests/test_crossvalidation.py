"""Leaving trials out: what is predicted of a trial must not know that trial's numbers."""

from dataclasses import replace

import numpy as np
import pytest

from osteoteach.calibration.crossvalidation import left_out_predictions, trials_of
from osteoteach.calibration.fit import FitProblem, fit_constants
from osteoteach.calibration.published_arms import published_arms
from osteoteach.calibration.report import left_out_report
from osteoteach.evidence import table

PARAMETERS = table("model_parameters")
TRIALS = ("FREEDOM", "DEFEND", "HORIZON", "MOTION", "ATOM (men)")
ARMS = tuple(arm for arm in published_arms("calibration") if arm.trial in TRIALS)


@pytest.fixture(scope="module")
def whole():
    return fit_constants(PARAMETERS, ARMS)


@pytest.fixture(scope="module")
def found(whole):
    return left_out_predictions(PARAMETERS, ARMS, whole)


def with_other_numbers(trial):
    """All arms, but every number of one trial half as large again."""
    return [arm if arm.trial != trial else
            replace(arm, rows=tuple(replace(row, value=1.5 * row.value) for row in arm.rows))
            for arm in ARMS]


def test_a_trial_left_out_is_predicted_the_same_whatever_it_found(whole, found):
    changed = with_other_numbers("DEFEND")
    again = left_out_predictions(PARAMETERS, changed, whole)
    before = [one.predicted for one in found if one.arm.trial == "DEFEND"]
    after = [one.predicted for one in again if one.arm.trial == "DEFEND"]
    assert len(before) > 10
    assert after == before  # to the last digit: its numbers take no part
    # The test could fail: where the trial does take part, its numbers move the fit...
    other = fit_constants(PARAMETERS, changed, start=whole.steps)
    assert np.abs(other.steps - whole.steps).max() > 0.3
    # ...and what is said of the other trials.
    assert any(abs(one.predicted - two.predicted) > 0.1
               for one, two in zip(found, again, strict=True) if one.arm.trial == "FREEDOM")


def test_where_the_fit_starts_does_not_matter(whole):
    """The fit to all starts the others: it saves time and must not carry numbers over."""
    kept = [arm for arm in ARMS if arm.trial != "DEFEND"]
    near = fit_constants(PARAMETERS, kept, start=whole.steps)
    far = fit_constants(PARAMETERS, kept)
    assert np.abs(near.steps - far.steps).max() < 0.1  # prior standard deviations
    assert near.misfit == pytest.approx(far.misfit, abs=0.1)
    assert near.misfit_prior == far.misfit_prior


def test_every_number_is_predicted_once_and_less_well_than_when_fitted(whole, found):
    assert [(one.arm.arm_id, one.row.row_id) for one in found] == [
        (arm.arm_id, row.row_id) for arms in trials_of(ARMS).values()
        for arm in arms for row in arm.rows]
    assert set(trials_of(ARMS)) == set(TRIALS)
    problem = FitProblem(PARAMETERS, ARMS)
    whitened = problem.residuals(whole.steps)[:problem.count]
    left_out = {one.row.row_id: one.error for one in found}
    misfit = 0.0
    for arm, whiten in zip(ARMS, problem.whiten, strict=True):
        errors = np.array([left_out[row.row_id] for row in arm.rows])
        misfit += float(np.square(whiten @ errors).sum())
    assert misfit > float(whitened @ whitened)


def test_a_holdout_arm_is_refused(whole):
    with pytest.raises(ValueError, match="holdout"):
        left_out_predictions(PARAMETERS, [*ARMS, published_arms("holdout")[0]], whole)


def test_the_slopes_are_the_same_when_idle_constants_are_skipped(whole):
    """Found once, then skipped: what a medicine's constants do where it is not given."""
    problem = FitProblem(PARAMETERS, ARMS)
    z = np.zeros(len(problem.free))
    problem.jacobian(z, problem.residuals(z))
    now = problem.residuals(whole.steps)
    quick = problem.jacobian(whole.steps, now)
    fresh = FitProblem(PARAMETERS, ARMS)
    assert (quick == fresh.jacobian(whole.steps, now)).all()
    assert sum(map(len, problem.moved_arms.values())) < 0.8 * len(ARMS) * len(z)


def test_the_report_scores_women_and_men_apart(found):
    text = left_out_report(found)
    assert "left out, women" in text
    assert "left out, men" in text
    assert "target" not in text  # targets are for the holdout
