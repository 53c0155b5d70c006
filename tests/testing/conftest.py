"""Projects of users, in which pytest runs with nothing but the installed plugin."""

from __future__ import annotations

import pytest
from hypothesis import settings

from edge.testing import case_items, distributions, engine, over_sockets, reports
from edge.testing.lambdas import environments, under_test

LOADED = (case_items, distributions, engine.engine(), over_sockets, reports, environments, under_test)
"""Imported here, so that each run within a run does not import it anew."""

settings.register_profile("busy machine", deadline=None)
settings.load_profile("busy machine")


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """An empty folder; its tests may not warn, and do not know that this may be a worker of pytest-xdist."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:asyncio -p no:hypothesispytest -W error")
    return pytester
