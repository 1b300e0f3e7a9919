"""The same population as partitions of a Dask DataFrame, where one machine is too small.

Each partition is computed where it is needed, by the function that `population` uses, from
the numbers of its first and last person. So a cluster needs no data, and finds the very
same persons. Needs the extra ``large``: ``pip install "osteoteach[large]"``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteoteach.synthetic_population.population import (
    as_frame,
    checked_request,
    population_columns,
)

if TYPE_CHECKING:
    import dask.dataframe as dd
    import pandas as pd

__all__ = ["PARTITION_PERSONS", "population_dask"]

#: Persons of a partition: some tens of megabytes, a second or two of work.
PARTITION_PERSONS = 262_144


def _partition(first: int, n: int, persons: int, country: str, seed: int, years: int,
               ages: tuple[int, int]) -> pd.DataFrame:
    """Persons from ``first`` on, at most ``persons`` of a population of ``n``."""
    here = min(persons, n - first)
    return as_frame(population_columns(first, here, country, seed, years, ages), first)


def population_dask(n: int, country: str = "US", seed: int = 1, years: int = 0,
                    ages: tuple[int, int] = (20, 100),
                    partition_persons: int = PARTITION_PERSONS) -> dd.DataFrame:
    """The persons of `population`, not yet computed, as a Dask DataFrame.

    Parameters
    ----------
    n, country, seed, years, ages
        As in `population`.
    partition_persons : int
        Persons of a partition. It changes memory and speed, never the answer.

    Returns
    -------
    dask.dataframe.DataFrame
        Ask it for what is wanted and call ``compute()``: on the threads of this machine,
        or on the cluster of a ``dask.distributed.Client``.

    Raises
    ------
    InputError
        As in `population`.
    ModuleNotFoundError
        Dask is not installed.

    Examples
    --------
    A share of ten million persons, never all in memory at once::

        people = population_dask(10_000_000, ages=(50, 100))
        (people["femoral_neck_t_score"] <= -2.5).mean().compute()
    """
    import dask.dataframe as dd

    ages = checked_request(0, n, country, seed, years, ages, partition_persons)
    starts = list(range(0, n, partition_persons))
    return dd.from_map(
        _partition, starts, n=n, persons=partition_persons, country=country, seed=seed,
        years=years, ages=ages, divisions=(*starts, n - 1),
        meta=as_frame(population_columns(0, 1, country, seed, years, ages)).iloc[:0])
