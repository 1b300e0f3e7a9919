"""A synthetic population, for teaching what no single patient shows.

Above model and calibration, below teaching. NumPy is imported with this package; pandas and
Dask only where they are asked for.
"""

from osteoteach.synthetic_population.partitions import population_dask
from osteoteach.synthetic_population.population import population
from osteoteach.synthetic_population.reproduced import reproduce_published

__all__ = ["population", "population_dask", "reproduce_published"]
