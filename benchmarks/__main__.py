"""Run all benchmarks, or those named: ``python -m benchmarks imports cohort remodelling pages``."""

from __future__ import annotations

import sys

from benchmarks import cohort, imports, pages, remodelling

BENCHMARKS = {"imports": imports.run, "cohort": cohort.run, "remodelling": remodelling.run,
              "pages": pages.run}

if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHMARKS:
        print(f"\n== {name}")
        BENCHMARKS[name]()
