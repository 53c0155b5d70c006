"""What functions do to the cache."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edge.bench.cache_effect import VirtualTime, study
from edge.bench.edge_under_test import EdgeUnderTest
from edge.bench.workload import Asked
from edge.model.function import CloudFrontFunction, EventType
from edge.model.headers import Headers
from edge.model.request import Request
from edge.model.result_type import ResultType
from tests.bench.conftest import REWRITE

MakeEdge = Callable[..., EdgeUnderTest]
SALT = CloudFrontFunction(
    "salt", "function handler(event) { event.request.uri += Math.random(); return event.request; }"
)


def pages(*paths: str, every_s: float = 1) -> tuple[Asked, ...]:
    headers = Headers((("Host", "a.test"),))
    return tuple(Asked(n * every_s, Request("GET", path, None, headers), 100) for n, path in enumerate(paths))


@pytest.mark.parametrize(
    ("functions", "ratio", "keys"),
    [
        ((), 0.5, 2),
        (((EventType.VIEWER_REQUEST, REWRITE),), 0.75, 1),
        (((EventType.VIEWER_REQUEST, SALT),), 0.0, 4),
    ],
)
async def test_a_function_that_changes_the_path_changes_the_hit_ratio(
    edge: MakeEdge, functions: tuple[object, ...], ratio: float, keys: int
) -> None:
    asked, clock = pages("/a", "/b", "/a", "/b"), VirtualTime(1_800_000_000)
    found = await study(edge(*functions, asked=asked, clock=clock), clock, asked)
    assert (found.hit_ratio, found.keys) == (ratio, keys)


async def test_objects_grow_stale_at_the_workloads_own_times(edge: MakeEdge) -> None:
    asked, clock = pages("/a", "/a", "/a", every_s=40), VirtualTime(1_800_000_000)
    found = await study(edge(asked=asked, clock=clock, max_age_s=60), clock, asked)
    assert found.results == {ResultType.MISS: 1, ResultType.HIT: 1, ResultType.REFRESH_HIT: 1}
    assert (found.hit_ratio, found.origin_requests) == (pytest.approx(2 / 3), 2)


async def test_runs_and_bytes_are_counted_for_the_bill(edge: MakeEdge) -> None:
    asked, clock = pages("/a", "/a"), VirtualTime(1_800_000_000)
    found = await study(edge((EventType.VIEWER_REQUEST, REWRITE), asked=asked, clock=clock), clock, asked)
    assert found.runs_per_request(EventType.VIEWER_REQUEST, REWRITE) == 1
    assert found.runs_per_request(EventType.VIEWER_REQUEST, SALT) == 0
    assert found.mean_bytes_out > 100
