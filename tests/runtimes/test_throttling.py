"""Functions that keep failing are throttled."""

from __future__ import annotations

import pytest

from edge.model.function import (
    CloudFrontFunction,
    EventType,
    FunctionCall,
    FunctionOutcome,
    Invalid,
    OutOfMemory,
    Returned,
    Threw,
    Throttled,
    TimedOut,
)
from edge.runtimes.throttling import CLEARS_AFTER_S, FAILURES, WITHIN_S, Throttle, ThrottlingRuntime


class Scripted:
    """An engine whose every run ends in the same way."""

    def __init__(self, outcome: FunctionOutcome) -> None:
        self.outcome = outcome
        self.runs = 0

    def check(self, function: CloudFrontFunction) -> Invalid | None:
        return None

    def run(self, call: FunctionCall) -> FunctionOutcome:
        self.runs += 1
        return self.outcome


def ended(runtime: ThrottlingRuntime, now: float, name: str = "f") -> FunctionOutcome:
    return runtime.run(FunctionCall(CloudFrontFunction(name, ""), EventType.VIEWER_REQUEST, {}, None, now, 1, "id"))


def fail(runtime: ThrottlingRuntime, start: float = 0.0) -> None:
    for number in range(FAILURES):
        ended(runtime, start + number)


@pytest.mark.parametrize("outcome", [Invalid("SyntaxError: x"), TimedOut()])
def test_trap_4_a_syntax_error_surfaces_as_throttled(outcome: FunctionOutcome) -> None:
    """After a few requests, and so does running over the time; then the code is not run."""
    engine = Scripted(outcome)
    runtime = ThrottlingRuntime(engine, Throttle())
    assert [ended(runtime, number) for number in range(FAILURES)] == [outcome] * FAILURES
    assert isinstance(ended(runtime, FAILURES), Throttled)
    assert engine.runs == FAILURES


@pytest.mark.parametrize("outcome", [Threw("Error: x"), OutOfMemory(), Returned(None)])
def test_other_failures_do_not_throttle(outcome: FunctionOutcome) -> None:
    """AWS names compile errors and time."""
    runtime = ThrottlingRuntime(Scripted(outcome), Throttle())
    assert all(ended(runtime, number) is outcome for number in range(FAILURES * 3))


def test_failures_far_apart_do_not_throttle() -> None:
    """Only those that come close together."""
    outcome = TimedOut()
    runtime = ThrottlingRuntime(Scripted(outcome), Throttle())
    assert all(ended(runtime, number * WITHIN_S) is outcome for number in range(FAILURES * 3))


def test_trap_40_the_state_survives_a_good_republish() -> None:
    """It belongs to the name, and a new engine with repaired code changes nothing; another function runs."""
    throttle = Throttle()
    fail(ThrottlingRuntime(Scripted(TimedOut()), throttle))
    repaired = ThrottlingRuntime(Scripted(Returned("good")), throttle)
    refused = ended(repaired, 10.0)
    assert isinstance(refused, Throttled)
    assert "f is throttled" in refused.reason
    assert ended(repaired, 10.0, "g") == Returned("good")


def test_the_state_clears_after_a_time_of_peace() -> None:
    """Then a good run ends it for good."""
    throttle = Throttle()
    fail(ThrottlingRuntime(Scripted(TimedOut()), throttle))
    end = FAILURES - 1 + CLEARS_AFTER_S
    repaired = ThrottlingRuntime(Scripted(Returned("good")), throttle)
    assert isinstance(ended(repaired, end - 0.001), Throttled)
    assert ended(repaired, end) == Returned("good")
    assert ended(repaired, end + 1) == Returned("good")


def test_one_more_failure_after_it_brings_the_state_back() -> None:
    """Without waiting for the next few."""
    throttle = Throttle()
    broken = ThrottlingRuntime(Scripted(TimedOut()), throttle)
    fail(broken)
    end = FAILURES - 1 + CLEARS_AFTER_S
    assert ended(broken, end) == TimedOut()
    assert isinstance(ended(broken, end + 1), Throttled)
