"""``python -m osteoteach.calibration fit``, ``validate`` or ``crossvalidate``."""

from __future__ import annotations

import sys

from osteoteach.calibration.crossvalidation import left_out_predictions
from osteoteach.calibration.fit import fit_constants, prior_pull
from osteoteach.calibration.kinds import write_kinds
from osteoteach.calibration.published_arms import published_arms
from osteoteach.calibration.report import fit_report, left_out_report, validation_report
from osteoteach.calibration.scores import predictions
from osteoteach.calibration.write_fit import write_fit, write_scores
from osteoteach.evidence import data_folder, table
from osteoteach.evidence.catalogue import rewrite_hashes


def fit() -> int:
    """Fit, write ``data/``, and say what moved."""
    parameters = table("model_parameters")
    found = fit_constants(parameters, published_arms("calibration"),
                          lambda line: print(line, flush=True))
    kept = write_fit(found, parameters, data_folder())
    rewrite_hashes()
    print(fit_report(found, parameters, kept))
    print(f"pull of the priors: {prior_pull(found):.1f}")
    return 0


def validate() -> int:
    """Every trial number beside the prediction, calibration and holdout apart; the scores
    go into ``data/``, where the pages read them."""
    found = predictions(published_arms())
    write_scores(found, data_folder())
    write_kinds(found, data_folder())
    rewrite_hashes()
    print(validation_report(found))
    return 0


def crossvalidate() -> int:
    """Leave every calibration trial out of the fit in turn, and score what the others say
    of it. Some minutes; writes nothing, reads no holdout arm."""
    parameters, arms = table("model_parameters"), published_arms("calibration")
    whole = fit_constants(parameters, arms)
    print(left_out_report(left_out_predictions(
        parameters, arms, whole, lambda line: print(line, file=sys.stderr, flush=True))))
    return 0


if __name__ == "__main__":
    COMMANDS = {"fit": fit, "validate": validate, "crossvalidate": crossvalidate}
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        sys.exit(f"Usage: python -m osteoteach.calibration {'|'.join(COMMANDS)}")
    sys.exit(COMMANDS[sys.argv[1]]())
