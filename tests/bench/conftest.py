"""A distribution, functions and requests to measure."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from edge.bench import prices, subjects
from edge.bench.edge_under_test import CountingStores, EdgeUnderTest, Variant
from edge.bench.measure import Plan
from edge.bench.results import Results
from edge.bench.session import Options, Session
from edge.bench.stand_in_origin import StandInOrigin
from edge.bench.subjects import Settings
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

LAMBDA_REWRITE = """
def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    request["uri"] = "/index.html"
    return request
"""


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


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """One short bench of the same rewrite in both tiers, the real thing from end to end."""
    folder = tmp_path_factory.mktemp("rewrite")
    (folder / "rewrite.js").write_text(REWRITE.code)
    (folder / "rewrite.py").write_text(LAMBDA_REWRITE)
    settings = Settings(event_type=EventType.VIEWER_REQUEST)
    found = subjects.of_files([str(folder / "rewrite.js"), str(folder / "rewrite.py")], settings)
    plan = Plan(rounds=2, seconds=0.1, rate=100, warm_up=5)
    options = Options(plan, prices.load(), engine="native", concurrency=100, cold_starts=2, target_ms=0.0)
    return asyncio.run(Session(found, WORKLOAD, options).run())
