"""Run all benchmarks, or those named: ``python -m benchmarks imports cohort pages``."""

from __future__ import annotations

import sys

from benchmarks import cohort, imports, pages

BENCHMARKS = {"imports": imports.run, "cohort": cohort.run, "pages": pages.run}

if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHMARKS:
        print(f"\n== {name}")
        BENCHMARKS[name]()
