"""``python -m osteoteach.synthetic_population``: count the population and write its summary."""

from __future__ import annotations

from osteoteach.evidence import data_folder
from osteoteach.evidence.catalogue import rewrite_hashes
from osteoteach.synthetic_population.summary import write_summary

if __name__ == "__main__":
    print(f"{write_summary(data_folder())} rows written")
    rewrite_hashes()
