"""Run all benchmarks, or those named: ``python -m benchmarks imports cohort``."""

from __future__ import annotations

import sys

from benchmarks import claims, cohort, imports, page_bytes, pages, population, remodelling

BENCHMARKS = {"imports": imports.run, "cohort": cohort.run, "remodelling": remodelling.run,
              "population": population.run, "claims": claims.run, "pages": pages.run,
              "page_bytes": page_bytes.run}

if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHMARKS:
        print(f"\n== {name}")
        BENCHMARKS[name]()
