"""A synthetic population, for teaching what no single patient shows.

Above model and calibration, below teaching. NumPy is imported with this package; pandas and
Dask only where they are asked for.
"""

from osteoteach.population.partitions import population_dask
from osteoteach.population.population import population
from osteoteach.population.reproduced import reproduce_published

__all__ = ["population", "population_dask", "reproduce_published"]
