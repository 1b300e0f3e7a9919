"""Every published number beside its prediction, and how good that is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from osteoteach.calibration.published_arms import MARKERS, Arm, TrialRow
from osteoteach.calibration.trial_prediction import on_error_scale, predict_arm
from osteoteach.model.model_constants import fitted_constants, moved
from osteoteach.model.remodelling import SITES

if TYPE_CHECKING:
    from osteoteach.calibration.fit import Fit

__all__ = ["Prediction", "Score", "TARGETS", "predictions", "scores"]

NINETY_PERCENT_IN_SD = 1.6448536
STEP = 0.05


@dataclass(frozen=True)
class Prediction:
    """A published number and what the model says.

    Attributes
    ----------
    predicted : float
        Percent, or ratio for a marker.
    sd : float
        Of what such a trial would publish: constants, population, sampling and
        reading together; percent, or log ratio for a marker.
    trial_sd : float
        The part of it that no model could take away: population, sampling, reading.
    """

    arm: Arm
    row: TrialRow
    predicted: float
    sd: float
    trial_sd: float

    @property
    def error(self) -> float:
        """Predicted less observed, in points; the log of their ratio for a marker."""
        if self.row.is_marker:
            return math.log(self.predicted / self.row.value)
        return self.predicted - self.row.value

    @property
    def band(self) -> tuple[float, float]:
        """90% band for the published number, in its unit."""
        half = NINETY_PERCENT_IN_SD * self.sd
        if self.row.is_marker:
            return self.predicted * math.exp(-half), self.predicted * math.exp(half)
        return self.predicted - half, self.predicted + half

    @property
    def covered(self) -> bool:
        """Whether the published number lies in the band."""
        low, high = self.band
        return low <= self.row.value <= high


def predictions(arms: Iterable[Arm], fit: Fit | None = None) -> list[Prediction]:
    """Predict every row of some arms, with the uncertainty of each: by the stored
    constants, or by those of a fit.

    Linear in the constants around their fitted values, like every band of the model. The
    widening of a person's band after a switch is left out: it was decided on after a
    look at the holdout, so a score with it would flatter.
    """
    # NumPy is loaded here, so that a page can read published arms without it.
    from osteoteach.calibration.fit import error_covariance
    from osteoteach.calibration.fitted_covariance import fitted_covariance

    names, covariance = (fit.names, fit.covariance) if fit else fitted_covariance()
    constants, found = fit.constants if fit else fitted_constants(), []
    for arm in arms:
        centre = predict_arm(arm, constants)
        at = on_error_scale(arm, centre)
        gradient = [[(after - before) / STEP for before, after in zip(
            at, on_error_scale(arm, predict_arm(arm, moved(constants, {name: STEP}))),
            strict=True)] for name in names]
        trial = error_covariance(arm, constants)
        for place, row in enumerate(arm.rows):
            slope = [line[place] for line in gradient]
            variance = slope @ covariance @ slope + trial[place, place]
            found.append(Prediction(arm, row, centre[place], math.sqrt(variance),
                                    math.sqrt(trial[place, place])))
    return found


@dataclass(frozen=True)
class Score:
    """How well one group of numbers is predicted.

    Attributes
    ----------
    error : float
        Mean absolute deviation in percentage points; for a marker the median absolute
        log ratio.
    covered : float
        Share of the numbers inside their 90% band.
    perfect : float
        The error to expect of a model without any fault, by the spread between trials.
    """

    group: str
    rows: int
    error: float
    bias: float
    covered: float
    perfect: float
    target: float | None

    @property
    def met(self) -> bool | None:
        return None if self.target is None else self.error <= self.target


#: What the holdout was to reach, set before the fit.
TARGETS = {"total_hip": 0.6, "lumbar_spine": 1.3, "femoral_neck": 0.9, "from the switch": 0.5,
           "ctx": 0.35, "p1np": 0.2}
COVERAGE_TARGET = (0.85, 0.95)


def scores(found: Sequence[Prediction]) -> list[Score]:
    """Scores by site and marker, counted from the switch, and all together."""
    groups: dict[str, Callable[[Prediction], bool]] = {
        site: (lambda one, site=site: one.row.site == site) for site in (*SITES, *MARKERS)}
    groups["from the switch"] = lambda one: (
        one.row.reference == "switch_point" and not one.row.is_marker)
    groups["bone density"] = lambda one: not one.row.is_marker
    groups["all"] = lambda one: True
    return [_score(name, [one for one in found if belongs(one)])
            for name, belongs in groups.items() if any(map(belongs, found))]


#: Of a normal deviate with SD 1: the mean and the median of its size.
MEAN_SIZE, MEDIAN_SIZE = math.sqrt(2 / math.pi), 0.6744898


def _score(name: str, found: Sequence[Prediction]) -> Score:
    sizes = [abs(one.error) for one in found]
    error = median(sizes) if name in MARKERS else sum(sizes) / len(sizes)
    spread = [one.trial_sd for one in found]
    perfect = (MEDIAN_SIZE * median(spread) if name in MARKERS
               else MEAN_SIZE * sum(spread) / len(spread))
    return Score(name, len(found), error, sum(one.error for one in found) / len(found),
                 sum(one.covered for one in found) / len(found), perfect, TARGETS.get(name))
