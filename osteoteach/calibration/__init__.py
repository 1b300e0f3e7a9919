"""The model against published trials: read them, predict them, fit, and keep score.

``python -m osteoteach.calibration fit`` and ``... validate`` (``make calibrate``,
``make validate``). Arms marked ``holdout`` in ``data/trials.csv`` are never fitted.
"""
