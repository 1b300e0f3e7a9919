"""Fit the constants to the calibration arms: ``make calibrate``.

Maximum a posteriori. Every fitted constant has a normal prior on its log (a share: on
its logit). The numbers of one arm have correlated errors, because they come from one
population, one laboratory and the same persons: the fit whitens them arm by arm. Now and
then an arm is off by far more than its error says, so errors have heavy tails: a
multivariate Student's t, one draw an arm.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from osteoteach.calibration.published_arms import Arm
from osteoteach.calibration.trial_error import (
    LOSS_SD_PER_YEAR,
    reading_sd,
    sampling_sd,
    trial_directions,
)
from osteoteach.calibration.trial_prediction import on_error_scale, predict_arm
from osteoteach.model.model_constants import moved
from osteoteach.model.remodelling import Constants

__all__ = ["Fit", "FitProblem", "error_covariance", "fit_constants", "fit_problem",
           "prior_constants"]

FINITE_STEP = 0.02
LARGEST_STEP = 1.5
ITERATIONS = 12
# Degrees of freedom of Student's t: the fewer, the less an arm far off pulls.
TAIL_FREEDOM = 4.0
# Numbers of one arm share persons (sampling) and densitometer or assay (reading).
SHARED_SAMPLING, SHARED_READING = 0.7, {False: 0.5, True: 0.5}

Parameter = Mapping[str, Any]


def prior_constants(parameters: Sequence[Parameter]) -> Constants:
    """Constants at the centres of their priors."""
    return Constants(**{row["name"]: row["prior_value"] for row in parameters})


def error_covariance(arm: Arm, constants: Constants) -> np.ndarray:
    """Covariance of an arm's published numbers around the model's truth."""
    centre = np.array(on_error_scale(arm, predict_arm(arm, constants)))
    moves = [np.array(on_error_scale(arm, predict_arm(arm, constants, LOSS_SD_PER_YEAR))) - centre]
    for move in trial_directions():
        shifted = predict_arm(arm, moved(constants, move))
        moves.append(np.array(on_error_scale(arm, shifted)) - centre)
    spread = np.stack(moves, axis=1)
    spread[[row.is_marker for row in arm.rows]] = 0.0  # inside the spread of assays
    covariance = spread @ spread.T
    sampling = np.array([sampling_sd(row) for row in arm.rows])
    reading = np.array([reading_sd(row) for row in arm.rows])
    for i, one in enumerate(arm.rows):
        for j, other in enumerate(arm.rows):
            if one.site != other.site:
                continue
            share_s = 1.0 if i == j else SHARED_SAMPLING
            share_r = 1.0 if i == j else SHARED_READING[one.is_marker]
            covariance[i, j] += share_s * sampling[i] * sampling[j]
            covariance[i, j] += share_r * reading[i] * reading[j]
    return covariance


@dataclass(frozen=True)
class Fit:
    """The result: constants, their joint uncertainty, and what moved.

    Attributes
    ----------
    names : fitted constants.
    steps : how far each moved from its prior, in prior standard deviations.
    covariance : of the fitted constants, on the scale of each (log or logit).
    misfit_prior, misfit : sums of squares over calibration rows, whitened.
    """

    constants: Constants
    names: tuple[str, ...]
    steps: np.ndarray
    covariance: np.ndarray
    misfit_prior: float
    misfit: float
    rows: int


def fit_constants(parameters: Sequence[Parameter], arms: Sequence[Arm],
                  say: Callable[[str], None] = lambda line: None,
                  start: np.ndarray | None = None) -> Fit:
    """Fit by Levenberg-Marquardt from the centres of the priors, or from ``start`` (the
    steps of another fit, which spares some rounds and changes nothing else).

    Raises
    ------
    ValueError
        A holdout arm was passed in.
    """
    return fit_problem(FitProblem(parameters, arms), say, start)


def fit_problem(problem: FitProblem, say: Callable[[str], None] = lambda line: None,
                start: np.ndarray | None = None) -> Fit:
    """The same, where the arms have been made ready before."""
    z = np.zeros(len(problem.free))
    now = problem.residuals(z)
    at_priors, damping = float(now[:problem.count] @ now[:problem.count]), 1e-2
    if start is not None:
        z = np.array(start, dtype=float)
        now = problem.residuals(z)
    for iteration in range(ITERATIONS):
        slope = problem.jacobian(z, now)
        z, better, damping = _step(problem, z, now, slope, damping)
        gained, now = problem.cost(now) - problem.cost(better), better
        say(f"iteration {iteration + 1}: cost {problem.cost(now):.2f}")
        if gained < 1e-2:
            break
    slope = problem.jacobian(z, now)
    sd = np.array([row["prior_sd"] for row in problem.free])
    weighted = slope * problem.weights(now)[:, None]
    covariance = np.linalg.inv(slope.T @ weighted) * np.outer(sd, sd)
    return Fit(problem.constants(z), tuple(row["name"] for row in problem.free), z, covariance,
               at_priors, float(now[:problem.count] @ now[:problem.count]), problem.count)


def _step(problem: FitProblem, z: np.ndarray, now: np.ndarray, slope: np.ndarray,
          damping: float) -> tuple[np.ndarray, np.ndarray, float]:
    """One accepted step, or none where nothing is better."""
    weighted = slope * problem.weights(now)[:, None]
    normal = slope.T @ weighted
    for _ in range(8):
        step = np.linalg.solve(normal + damping * np.eye(len(z)), -weighted.T @ now)
        tried = z + np.clip(step, -LARGEST_STEP, LARGEST_STEP)
        residuals = problem.residuals(tried)
        if problem.cost(residuals) < problem.cost(now):
            return tried, residuals, max(damping / 5, 1e-7)
        damping *= 6
    return z, now, damping


class FitProblem:
    """The fit in prior standard deviations z: 0 is the prior's centre."""

    def __init__(self, parameters: Sequence[Parameter], arms: Sequence[Arm]) -> None:
        if any(arm.role != "calibration" for arm in arms):
            raise ValueError("a holdout arm was passed to the fit")
        self.arms = arms
        self.free = [row for row in parameters if row["prior_sd"]]
        self.prior = prior_constants(parameters)
        self.observed = [np.array(on_error_scale(arm, [row.value for row in arm.rows]))
                         for arm in arms]
        self.whiten = [np.linalg.inv(np.linalg.cholesky(error_covariance(arm, self.prior)))
                       for arm in arms]
        self.moved_arms: dict[int, tuple[int, ...]] = {}
        self.last_slope: tuple[np.ndarray, np.ndarray] | None = None
        self._number_rows()

    def _number_rows(self) -> None:
        ends = np.cumsum([0, *(len(arm.rows) for arm in self.arms)])
        self.places = [slice(*pair) for pair in pairwise(map(int, ends))]
        self.count = int(ends[-1])

    def without(self, trial: str) -> FitProblem:
        """The same problem for the arms of all other trials: nothing of the one left out."""
        kept = [place for place, arm in enumerate(self.arms) if arm.trial != trial]
        smaller = copy(self)
        smaller.arms = [self.arms[place] for place in kept]
        smaller.observed = [self.observed[place] for place in kept]
        smaller.whiten = [self.whiten[place] for place in kept]
        smaller.moved_arms = {column: tuple(kept.index(place) for place in places if place in kept)
                              for column, places in self.moved_arms.items()}
        smaller._number_rows()
        if self.last_slope is not None:
            z, slope = self.last_slope
            rows = [slope[self.places[place]] for place in kept]
            smaller.last_slope = z, np.concatenate([*rows, slope[self.count:]])
        return smaller

    def constants(self, z: np.ndarray) -> Constants:
        return moved(self.prior, {row["name"]: float(step) * row["prior_sd"]
                                  for row, step in zip(self.free, z, strict=True)})

    def residuals(self, z: np.ndarray) -> np.ndarray:
        """Whitened misfits, then the pulls of the priors."""
        constants = self.constants(z)
        return np.concatenate([*(self.misfit(place, constants)
                                 for place in range(len(self.arms))), z])

    def misfit(self, place: int, constants: Constants) -> np.ndarray:
        """Whitened misfit of one arm."""
        predicted = on_error_scale(self.arms[place], predict_arm(self.arms[place], constants))
        return self.whiten[place] @ (np.array(predicted) - self.observed[place])

    def cost(self, residuals: np.ndarray) -> float:
        """Minus twice the log of the posterior, but for what never changes."""
        pulls = residuals[self.count:]
        return float(pulls @ pulls) + sum(
            (TAIL_FREEDOM + len(arm.rows)) * math.log1p(size / TAIL_FREEDOM)
            for arm, size in zip(self.arms, self._sizes(residuals), strict=True))

    def weights(self, residuals: np.ndarray) -> np.ndarray:
        """What each residual counts: an arm far off counts less. Priors count 1."""
        weights = np.ones(len(residuals))
        for arm, rows, size in zip(self.arms, self.places, self._sizes(residuals), strict=True):
            weights[rows] = (TAIL_FREEDOM + len(arm.rows)) / (TAIL_FREEDOM + size)
        return weights

    def _sizes(self, residuals: np.ndarray) -> list[float]:
        """Sum of squares of each arm."""
        return [float(residuals[rows] @ residuals[rows]) for rows in self.places]

    def jacobian(self, z: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Slopes of the residuals, ``at`` being those of z.

        What belongs to a medicine moves nothing in an arm without it: such arms are
        found the first time, and left alone afterwards. Slopes asked for again are kept.
        """
        if self.last_slope is not None and (self.last_slope[0] == z).all():
            return self.last_slope[1]
        slope = np.zeros((len(at), len(z)))
        slope[self.count:] = np.eye(len(z))
        for column in range(len(z)):
            shifted = z.copy()
            shifted[column] += FINITE_STEP
            constants = self.constants(shifted)
            moved_arms = self.moved_arms.get(column, range(len(self.arms)))
            for place in moved_arms:
                rows = self.places[place]
                slope[rows, column] = (self.misfit(place, constants) - at[rows]) / FINITE_STEP
            self.moved_arms[column] = tuple(
                place for place in moved_arms if slope[self.places[place], column].any())
        self.last_slope = z.copy(), slope
        return slope


def prior_pull(fit: Fit) -> float:
    """Sum of squares of the moves from the priors."""
    return float(fit.steps @ fit.steps)


def standard_deviations(fit: Fit) -> Mapping[str, float]:
    """SD of each fitted constant, on its scale."""
    return dict(zip(fit.names, map(math.sqrt, np.diag(fit.covariance)), strict=True))
