"""Trials left out of the fit, one after another: what a choice may be judged by.

The holdout may not choose between structures, priors or error sizes. This may: it sees
calibration arms only. Left out is a whole trial, because the arms of one trial share
population, densitometer and laboratory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from osteoteach.calibration.fit import Fit, FitProblem, fit_problem
from osteoteach.calibration.published_arms import Arm
from osteoteach.calibration.scores import Prediction, predictions

__all__ = ["left_out_predictions", "trials_of"]


def trials_of(arms: Sequence[Arm]) -> dict[str, tuple[Arm, ...]]:
    """Arms by trial, in the order of the table."""
    groups: dict[str, tuple[Arm, ...]] = {}
    for arm in arms:
        groups[arm.trial] = (*groups.get(arm.trial, ()), arm)
    return groups


def left_out_predictions(parameters: Sequence[Mapping[str, Any]], arms: Sequence[Arm], whole: Fit,
                         say: Callable[[str], None] = lambda line: None) -> list[Prediction]:
    """Every published number as a fit to the other trials predicts it.

    Parameters
    ----------
    parameters : the rows of ``model_parameters.csv``: priors.
    arms : calibration arms; a holdout arm is an error, as in the fit.
    whole : the fit to all of them. Every other fit starts from it, which saves time only.
    """
    found: list[Prediction] = []
    problem = FitProblem(parameters, arms)
    problem.jacobian(whole.steps, problem.residuals(whole.steps))  # finds idle constants
    groups = trials_of(arms)
    for number, (trial, left_out) in enumerate(groups.items(), start=1):
        if all(not arm.plan.courses and not arm.comparator.courses for arm in left_out):
            fit = whole  # nothing is given in it, so no constant can know of it
        else:
            fit = fit_problem(problem.without(trial), start=whole.steps)
        found += predictions(left_out, fit)
        say(f"{number} of {len(groups)}: {trial}")
    return found
