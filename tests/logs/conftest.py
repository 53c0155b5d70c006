"""Finished requests to be logged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from edge.logs import log_fields
from edge.logs.log_fields import Finished
from edge.model.access_log import RealTimeLogging, StandardLogging
from edge.model.distribution import Behavior, Distribution
from edge.model.managed_policies import cache_policy
from edge.model.origin import Origin
from edge.model.served import Served
from edge.testing import Playbook

BEHAVIOR = Behavior("site", cache_policy=cache_policy("CachingOptimized"))
DISTRIBUTION = Distribution(
    "E1EXAMPLE", "d1.cloudfront.net", {"site": Origin("site", "site.example.org")}, (BEHAVIOR,), any_host=True
)


@pytest.fixture
def distribution() -> Distribution:
    """One behavior, one origin, and no logging of its own."""
    return DISTRIBUTION


@pytest.fixture
def logging_distribution() -> Callable[..., Distribution]:
    """The distribution with logging: a standard log, and real-time logs with these fields."""

    def make(standard: StandardLogging | None = None, real_time: RealTimeLogging | None = None) -> Distribution:
        behavior = replace(BEHAVIOR, real_time_logging=real_time)
        return replace(DISTRIBUTION, behaviors=(behavior,), standard_logging=standard)

    return make


@pytest.fixture
def answered() -> Callable[..., Served]:
    """A request that the origin answered with "hello"."""

    def make(target: str = "/a?x=1", headers: Any = (), *, site: Distribution = DISTRIBUTION, **viewer: Any) -> Served:
        talk = Playbook(site).get(target, headers, **viewer)
        talk.origin_answers(200, "hello", {"Content-Type": "text/plain"})
        return talk.served

    return make


@pytest.fixture
def finished() -> Callable[..., Finished]:
    """A served request after its last byte."""

    def make(served: Served, body_bytes: int = 5, complete: bool = True, seconds: float = 0.25) -> Finished:
        one = log_fields.finished(served, body_bytes, complete, served.trail.started + seconds, DISTRIBUTION)
        assert one is not None
        return one

    return make
