"""The documentation site, built without a network from pages, notebooks, data and docstrings."""
