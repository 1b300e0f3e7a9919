"""``python -m osteoteach.synthetic_population``: count the population and write its tables."""

from __future__ import annotations

from osteoteach.evidence import data_folder
from osteoteach.evidence.catalogue import rewrite_hashes
from osteoteach.synthetic_population.screening_counts import write_screening
from osteoteach.synthetic_population.summary import write_summary

if __name__ == "__main__":
    print(f"{write_summary(data_folder())} rows of the summary written")
    print(f"{write_screening(data_folder())} rows of screening written")
    rewrite_hashes()
