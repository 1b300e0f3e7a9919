"""The hub itself runs only when asked for: ``make hub-test``, or ``pytest --run-hub tests/hub``."""

import pytest

# Read by JupyterHub, not by Python.
collect_ignore = ["jupyterhub_config.py", "node_modules"]


def pytest_addoption(parser):
    parser.addoption("--run-hub", action="store_true", help="start a real JupyterHub")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--run-hub", default=False):
        return
    for item in items:
        if item.path.name == "test_hub.py":
            item.add_marker(pytest.mark.skip(reason="needs a hub: make hub-test"))
