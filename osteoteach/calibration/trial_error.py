"""How far a trial's number may lie from the model's truth, and why.

Fixed before the holdout of this version was scored, and not widened afterwards. The sizes
are judgements from the spread of placebo arms and of trials of one medicine; one factor on
all of them was found by leaving calibration trials out of the fit in turn. The error of two
arms in one laboratory was set by an earlier study after it had looked at its own holdout, a
part of today's. Four parts:

* sampling: the standard error of the arm's mean, published or from the usual SD;
* natural loss: placebo arms of trials lose 0 to 1% a year (calcium, vitamin D,
  selection), a uniform spread with SD 0.29 %/y, the same at the three sites;
* response: bone turnover of the population enrolled, and strength of the medicine in
  it (the first year of romosozumab spans 4.9 to 6.8% at the hip over trials);
* reading: densitometers and digitised figures (percent), assays (ratio).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from osteoteach.calibration.published_arms import TrialRow
from osteoteach.model.remodelling import SITES

__all__ = ["LOSS_SD_PER_YEAR", "reading_sd", "sampling_sd", "trial_directions"]

CI95_WIDTH_IN_SE = 3.92
# Trials left out of the fit lie this much further off than the judged sizes say (likelihood
# is level from 1.2 to 1.3; with 1.2, 90% of their numbers lie in their 90% bands).
LEFT_OUT_FACTOR = 1.2
LOSS_SD_PER_YEAR = LEFT_OUT_FACTOR * 0.0029
TURNOVER_LOG_SD = LEFT_OUT_FACTOR * 0.10
SITE_TURNOVER_LOG_SD = LEFT_OUT_FACTOR * 0.06
ANABOLIC_LOG_SD = LEFT_OUT_FACTOR * 0.10
POTENCY_LOG_SD = LEFT_OUT_FACTOR * 0.20
MARKER_LOG_SD = {"ctx": LEFT_OUT_FACTOR * 0.25, "p1np": LEFT_OUT_FACTOR * 0.20}
SAME_LABORATORY_LOG_SD = LEFT_OUT_FACTOR * 0.10
READING_SD_PCT = {"lumbar_spine": LEFT_OUT_FACTOR * 0.35, "total_hip": LEFT_OUT_FACTOR * 0.25,
                  "femoral_neck": LEFT_OUT_FACTOR * 0.35}
PERSON_SD_PCT = {"lumbar_spine": 4.5, "total_hip": 3.0, "femoral_neck": 4.0}
USUAL_ARM_SIZE = 100


def reading_sd(row: TrialRow) -> float:
    """Densitometer (percent) or assay (log ratio).

    Two randomised arms share laboratory and population, so the ratio of their markers
    has a smaller error.
    """
    if not row.is_marker:
        return READING_SD_PCT[row.site]
    return SAME_LABORATORY_LOG_SD if row.reference == "vs_arm" else MARKER_LOG_SD[row.site]


def sampling_sd(row: TrialRow) -> float:
    """Standard error of the published mean: percent, or log ratio for a marker."""
    if row.is_marker:
        # The spread between assays is far wider than the error of a mean.
        return 0.0
    if row.se is not None:
        return row.se
    if row.low is not None and row.high is not None:
        return (row.high - row.low) / CI95_WIDTH_IN_SE
    arms = 2 if row.reference in ("vs_placebo", "vs_arm") else 1
    return (row.sd or PERSON_SD_PCT[row.site]) * math.sqrt(arms / (row.n or USUAL_ARM_SIZE))


def trial_directions() -> list[Mapping[str, float]]:
    """One-SD moves of the constants by which trials differ.

    The extra natural loss is kept apart: it moves the table, not a constant.
    """
    return [
        {f"turnover_{site}_per_year": TURNOVER_LOG_SD for site in SITES},
        *({f"turnover_{site}_per_year": SITE_TURNOVER_LOG_SD} for site in SITES),
        {"romosozumab_formation": ANABOLIC_LOG_SD, "teriparatide_formation": ANABOLIC_LOG_SD},
        {"bisphosphonate_potency": POTENCY_LOG_SD, "zoledronate_potency": POTENCY_LOG_SD,
         "denosumab_half_effect_level": -POTENCY_LOG_SD},
    ]
