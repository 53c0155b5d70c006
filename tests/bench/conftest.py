"""A distribution, functions and requests to measure."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edge.bench.edge_under_test import CountingStores, EdgeUnderTest, Variant
from edge.bench.stand_in_origin import StandInOrigin
from edge.bench.workload import Asked, Mix, Workload, synthetic
from edge.clock import Clock, SystemClock
from edge.driver import LambdaFunctions, NoLambdaFunctions
from edge.model import managed_policies
from edge.model.distribution import Behavior, Distribution
from edge.model.function import CloudFrontFunction, EventType, Function
from edge.model.origin import Origin
from edge.runtimes.engine import make_engine
from edge.runtimes.key_value_stores import MemoryStores

REWRITE = CloudFrontFunction(
    "rewrite",
    "function handler(event) { event.request.uri = '/index.html'; return event.request; }",
)
WORKLOAD = synthetic(Mix(requests=40, urls=8, median_bytes=100))


def distribution(*functions: tuple[EventType, Function]) -> Distribution:
    policy = managed_policies.cache_policy("CachingOptimized")
    behavior = Behavior("origin", cache_policy=policy, functions=dict(functions))
    return Distribution(
        "E2", "d111111abcdef8.cloudfront.net", {"origin": Origin("origin", "o.test")}, (behavior,), any_host=True
    )


@pytest.fixture
def workload() -> Workload:
    return WORKLOAD


@pytest.fixture
def edge() -> Callable[..., EdgeUnderTest]:
    """Makes an edge around functions, with a stand-in for the origin."""

    def make(
        *functions: tuple[EventType, Function],
        name: str = "as configured",
        asked: tuple[Asked, ...] = WORKLOAD.asked,
        lambdas: LambdaFunctions | None = None,
        stores: dict[str, dict[str, str]] | None = None,
        max_age_s: int = 60,
        clock: Clock | None = None,
    ) -> EdgeUnderTest:
        counting = CountingStores(MemoryStores(stores or {}, 0.0))
        return EdgeUnderTest(
            Variant(name, distribution(*functions)),
            origin=StandInOrigin(asked, max_age_s),
            functions=make_engine("native", counting),
            stores=counting,
            lambdas=lambdas or NoLambdaFunctions(),
            clock=clock or SystemClock(),
        )

    return make
