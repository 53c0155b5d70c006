"""The highest rate that holds is found from above and from below."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edge.bench.edge_under_test import EdgeUnderTest
from edge.bench.throughput import highest_rate, within
from edge.bench.workload import Workload
from edge.model.function import CloudFrontFunction, EventType


@pytest.mark.parametrize("capacity", [1.5, 30, 99, 100, 1_234, 18_000])
async def test_the_rate_is_found_within_a_sixteenth(capacity: float) -> None:
    async def holds(rate: float) -> bool:
        return rate <= capacity

    found = await highest_rate(holds)
    assert capacity * 15 / 16 <= found <= capacity


async def test_a_target_that_no_rate_meets_is_zero() -> None:
    async def never(rate: float) -> bool:
        return False

    assert await highest_rate(never) == 0


async def test_the_search_ends_though_everything_holds() -> None:
    async def always(rate: float) -> bool:
        return True

    assert await highest_rate(always) >= 20_000


async def test_a_rate_at_which_requests_fail_does_not_hold(
    edge: Callable[..., EdgeUnderTest], workload: Workload
) -> None:
    throws = CloudFrontFunction("throws", "function handler(event) { throw new Error('no'); }")
    found = await within(edge((EventType.VIEWER_REQUEST, throws)), workload.asked, 60.0, seconds=0.01)
    assert found.rate == 0
