"""A million persons for 20 years on one core, and the same on a Dask cluster of two."""

from __future__ import annotations

import resource
import sys
import time

import numpy as np

from osteoteach.synthetic_population import population, population_dask, reproduce_published
from osteoteach.synthetic_population.population import population_columns

__all__ = ["run"]

PERSONS, YEARS = 1_000_000, 20
CLUSTER_PERSONS, WORKERS, REPEATS = 2_000_000, 2, 4
CHUNKS = (4_096, 16_384, 65_536, 262_144)


def run() -> None:
    """Print seconds and memory. Goals: 60 s and 2 GB for a million persons on one core."""
    # The memory first: it is the highest of the whole process so far.
    seconds = _seconds(lambda: population(PERSONS, years=YEARS))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**30 if sys.platform == "darwin"
                                                                  else 2**20)
    print(f"population, {PERSONS:,} persons, {YEARS} years   {seconds:6.1f} s, "
          f"{peak:.2f} GB at most in this process")
    print(f"the same on one day                          "
          f"{_seconds(lambda: population(PERSONS)):6.1f} s")
    for chunk in CHUNKS:
        taken = _seconds(lambda chunk=chunk: population_columns(
            0, PERSONS, years=YEARS, chunk_persons=chunk))
        print(f"  {chunk:>8,} persons at a time               {taken:6.1f} s")
    print(f"reproduce_published, 200,000 persons         "
          f"{_seconds(lambda: reproduce_published(200_000)):6.1f} s")
    _cluster()


def _cluster() -> None:
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        print('dask is not installed: no cluster. Run: pip install "osteoteach[large]"')
        return
    with (LocalCluster(n_workers=WORKERS, threads_per_worker=1, dashboard_address=None) as cluster,
          Client(cluster) as client):
        client.run(_warm)
        people = population_dask(CLUSTER_PERSONS, years=YEARS)
        # By turns, the best of each: other work on the machine comes and goes.
        times = [(_seconds(lambda: _low(population_columns(0, CLUSTER_PERSONS, years=YEARS))),
                  _seconds(lambda: people["femoral_neck_t_score_end"].le(-2.5).mean().compute()))
                 for _ in range(REPEATS)]
    alone, together = (min(column) for column in zip(*times, strict=True))
    print(f"{CLUSTER_PERSONS:,} persons, {YEARS} years, one share of them: {alone:.1f} s alone, "
          f"{together:.1f} s on {WORKERS} workers, speed-up {alone / together:.2f}")


def _low(columns: dict[str, np.ndarray]) -> float:
    return float((columns["femoral_neck_t_score_end"] <= -2.5).mean())


def _warm() -> None:
    """Import and read the tables before the clock runs."""
    population(1000, years=1)


def _seconds(call) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
