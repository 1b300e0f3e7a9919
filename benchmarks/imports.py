"""Import time of osteoteach beside pandas, in fresh interpreters, in turn."""

from __future__ import annotations

import statistics
import subprocess
import sys

__all__ = ["run"]

ROUNDS = 7
CODE = "import time; t = time.perf_counter(); import {name}; print(time.perf_counter() - t)"
NAMES = ("pandas", "osteoteach", "osteoteach.view.dashboards.reversal")


def run() -> None:
    """Print medians and the ratio to pandas. Goal: osteoteach at most 0.5."""
    seconds: dict[str, list[float]] = {name: [] for name in NAMES}
    for _ in range(ROUNDS):
        for name in NAMES:
            command = [sys.executable, "-c", CODE.format(name=name)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            seconds[name].append(float(done.stdout))
    pandas = statistics.median(seconds["pandas"])
    for name in NAMES:
        median = statistics.median(seconds[name])
        print(f"import {name:38} {median * 1000:8.1f} ms   {median / pandas:5.2f} x pandas")
