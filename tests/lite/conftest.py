"""The site without a server. What needs it built runs in ``make lite-test`` only."""

from __future__ import annotations

import os

import pytest

from tests.browser.conftest import axe, browser, page_watch

__all__ = ["axe", "browser", "page_watch", "site"]

collect_ignore = [] if os.environ.get("OSTEOTEACH_LITE") else ["test_site.py"]


@pytest.fixture(scope="session")
def site():
    """The built site, served as a static host does."""
    from lite.build import OUTPUT
    from lite.serve import served

    if not (OUTPUT / "index.html").is_file():
        pytest.fail("The site is not built: make lite")
    with served() as server:
        yield server
