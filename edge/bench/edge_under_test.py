"""The real edge around a distribution, in this process, with a watch on each run of a function."""

from __future__ import annotations

import itertools
import time
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import NamedTuple

from edge.bench.recommendation import Tier
from edge.bench.workload import Asked
from edge.cache.store import Store
from edge.clock import Clock
from edge.driver import Driver, Functions, LambdaFunctions, Origins
from edge.model.body import BodyStream
from edge.model.distribution import Behavior, Distribution
from edge.model.edge_location import EdgeLocation
from edge.model.function import CloudFrontFunction, EventType, Function, FunctionCall, FunctionOutcome, Invalid
from edge.model.served import Served
from edge.model.viewer import Viewer
from edge.runtimes.runtime import KeyValueStores

VIEWER = Viewer("203.0.113.9", 50_000, "https", "2.0")


def tier_of(function: Function) -> Tier:
    """Where a function runs."""
    return Tier.CLOUDFRONT_FUNCTIONS if isinstance(function, CloudFrontFunction) else Tier.LAMBDA_EDGE


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the things that are compared, by the name that the report gives it."""

    name: str
    distribution: Distribution

    @property
    def functions(self) -> tuple[tuple[EventType, Function], ...]:
        """Every function with its event, each once."""
        pairs = (pair for behavior in self.distribution.behaviors for pair in behavior.functions.items())
        return tuple(dict.fromkeys(pairs))


def without_functions(distribution: Distribution) -> Distribution:
    """The same distribution with nothing associated: what functions are compared with."""

    def bare(behavior: Behavior) -> Behavior:
        return replace(behavior, functions=MappingProxyType({}))

    return replace(distribution, behaviors=tuple(bare(behavior) for behavior in distribution.behaviors))


class Run(NamedTuple):
    """One run of a function: how long it took as the edge sees it, and how many key value store reads it made."""

    function: Function
    event_type: EventType
    duration_ns: int
    outcome: FunctionOutcome
    kvs_reads: int = 0


class CountingStores:
    """Key value stores that count what functions read."""

    def __init__(self, stores: KeyValueStores) -> None:
        self._stores = stores
        self.reads = 0

    def get(self, store: str, key: str) -> str | None:
        """A read."""
        self.reads += 1
        return self._stores.get(store, key)

    def id_of(self, store: str) -> str | None:
        """Not a read: AWS does not ask the store for it."""
        return self._stores.id_of(store)

    def meta(self, store: str) -> tuple[str, str, int]:
        """A read."""
        self.reads += 1
        return self._stores.meta(store)


class _WatchedFunctions:
    def __init__(self, inner: Functions, stores: CountingStores, runs: list[Run]) -> None:
        self._inner = inner
        self._stores = stores
        self._runs = runs

    def check(self, function: CloudFrontFunction) -> Invalid | None:
        return self._inner.check(function)

    def run(self, call: FunctionCall) -> FunctionOutcome:
        reads, began = self._stores.reads, time.perf_counter_ns()
        outcome = self._inner.run(call)
        took = time.perf_counter_ns() - began
        self._runs.append(Run(call.function, call.event_type, took, outcome, self._stores.reads - reads))
        return outcome


class _WatchedLambdas:
    def __init__(self, inner: LambdaFunctions, runs: list[Run]) -> None:
        self._inner = inner
        self._runs = runs

    async def run(self, call: FunctionCall) -> FunctionOutcome:
        began = time.perf_counter_ns()
        outcome = await self._inner.run(call)
        self._runs.append(Run(call.function, call.event_type, time.perf_counter_ns() - began, outcome))
        return outcome


class EdgeUnderTest:
    """A variant that answers requests. `runs` grows with each run of a function until it is taken."""

    def __init__(
        self,
        variant: Variant,
        *,
        origin: Origins,
        functions: Functions,
        stores: CountingStores,
        lambdas: LambdaFunctions,
        clock: Clock,
    ) -> None:
        self.variant = variant
        self._runs: list[Run] = []
        numbers = itertools.count(1)
        self._driver = Driver(
            variant.distribution,
            store=Store(),
            origins=origin,
            functions=_WatchedFunctions(functions, stores, self._runs),
            lambdas=_WatchedLambdas(lambdas, self._runs),
            clock=clock,
            request_ids=lambda: f"{next(numbers):08d}{'0' * 46}==",
            edge=EdgeLocation(),
        )

    def begin(self, asked: Asked) -> Served | Awaitable[Served]:
        """Answer a request, at once where nothing has to be waited for."""
        return self._driver.begin(asked.request, VIEWER)

    async def serve(self, asked: Asked) -> Served:
        """Answer a request, to the last byte of the body."""
        begun = self.begin(asked)
        return await finish(begun if isinstance(begun, Served) else await begun)

    def take_runs(self) -> list[Run]:
        """The runs since the last time."""
        runs = self._runs.copy()
        self._runs.clear()
        return runs

    async def close(self) -> None:
        """Stop what goes on beside requests."""
        await self._driver.close()


async def finish(served: Served) -> Served:
    """Read an answer's body to its end."""
    body = served.response.body
    if not isinstance(body, bytes) and isinstance(body, BodyStream):
        async for _ in body:
            pass
    return served
