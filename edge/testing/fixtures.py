"""The types of the fixtures, for tests with annotations: `def test_it(lambda_edge: LambdaEdgeFixture) -> None`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from edge.model.distribution import Distribution
from edge.testing.engine import Pairs
from edge.testing.function_under_test import FunctionUnderTest
from edge.testing.lambdas.under_test import LambdaUnderTest
from edge.testing.site import Site


class CloudFrontFunctionFixture(Protocol):
    """`cloudfront_function`, with the test's clock. Arguments are those of `edge.testing.cloudfront_function`."""

    def __call__(
        self,
        file: str | Path | None = None,
        *,
        code: str | None = None,
        runtime: str = "cloudfront-js-2.0",
        kvs: Pairs | None = None,
        origins: tuple[str, ...] = ("origin",),
        max_utilization: int | None = None,
        max_body: int | None = None,
    ) -> FunctionUnderTest:
        """A CloudFront Function to test."""
        ...


class LambdaEdgeFixture(Protocol):
    """`lambda_edge`, with the test's clock and outbound script. Arguments are those of `edge.testing.lambda_edge`."""

    def __call__(
        self,
        file: str | Path,
        *,
        runtime: str | None = None,
        memory_mb: int = 128,
        timeout_s: float | None = None,
        include_body: bool = False,
        concurrency: int | None = None,
        max_duration_ms: float | None = None,
        max_body: int | None = None,
    ) -> LambdaUnderTest:
        """A Lambda@Edge handler to test."""
        ...


class DistributionFixture(Protocol):
    """`distribution`, with the test's clock and scripts. Arguments are those of `edge.testing.distribution`."""

    def __call__(
        self,
        source: str | Path | Distribution | None = None,
        *,
        kvs: Pairs | Mapping[str, Pairs] | None = None,
        behaviors: Mapping[str, Mapping[str, Any]] | None = None,
        pop: str = "LAP50-P1",
        pops: Mapping[str, Any] | None = None,
        sockets: bool = False,
        **settings: Any,
    ) -> Site:
        """A distribution to test."""
        ...
