"""Run all benchmarks, or those named: ``python -m benchmarks imports cohort``."""

from __future__ import annotations

import sys

from benchmarks import (
    claims,
    cohort,
    imports,
    lite,
    page_bytes,
    pages,
    population,
    remodelling,
    serving,
)

BENCHMARKS = {"imports": imports.run, "cohort": cohort.run, "remodelling": remodelling.run,
              "population": population.run, "claims": claims.run, "pages": pages.run,
              "page_bytes": page_bytes.run}
#: Only by name: minutes long and for an idle computer (`make load`), or of a built site.
BY_NAME = {"serving": serving.run, "lite": lite.run}

if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHMARKS:
        print(f"\n== {name}")
        (BENCHMARKS | BY_NAME)[name]()
