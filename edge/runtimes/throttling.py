"""The throttled state: a function that keeps failing is not run for a while, and its requests get 503.

CloudFront throttles a function whose code does not compile, or that runs over its time, again and again. The state
belongs to the function's name: a repaired version is throttled like the broken one until the state has cleared.
Source: CloudFront Developer Guide, "Monitor CloudFront functions with metrics" (FunctionThrottles). A model, off unless
the switch `function_throttling` is set: AWS publishes no numbers, reports from the field say that five to fifteen
minutes of peace clear it. Not modelled: throttling for an unusually high rate of requests.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from edge.model.function import CloudFrontFunction, FunctionCall, FunctionOutcome, Invalid, Throttled, TimedOut
from edge.runtimes.runtime import FunctionRuntime

FAILURES = 3
WITHIN_S = 60.0
CLEARS_AFTER_S = 300.0


class Throttle:
    """Which functions are throttled, by name. It outlives engines, as it outlives a republish. `told` hears of runs
    that matter to other processes which count together with this one: (name, whether it failed)."""

    def __init__(self, told: Callable[[str, bool], None] = lambda name, failed: None) -> None:
        self._told = told
        self._failures: dict[str, deque[float]] = {}
        self._until: dict[str, float] = {}

    def refuses(self, name: str, now: float) -> str | None:
        """Why a function is not run now; None when it is."""
        until = self._until.get(name)
        if until is None or now >= until:
            return None
        return (
            f"{name} is throttled: it did not compile, or ran over its time, {FAILURES} times within {WITHIN_S:.0f} s; "
            f"a repaired version stays throttled too, for {until - now:.0f} s from now"
        )

    def saw(self, name: str, outcome: FunctionOutcome, now: float) -> None:
        """Take note of a run. After the state has cleared, one failure more brings it back, and a good run ends it."""
        failed = isinstance(outcome, Invalid | TimedOut)
        if failed or name in self._until:
            self._told(name, failed)
        self.hear(name, failed, now)

    def hear(self, name: str, failed: bool, now: float) -> None:
        """Take note of a run wherever it was."""
        if not failed:
            self._until.pop(name, None)
            return
        failures = self._failures.setdefault(name, deque(maxlen=FAILURES))
        failures.append(now)
        often = len(failures) == FAILURES and now - failures[0] <= WITHIN_S
        if often or name in self._until:
            self._until[name] = now + CLEARS_AFTER_S


class ThrottlingRuntime:
    """An engine behind a Throttle."""

    def __init__(self, engine: FunctionRuntime, throttle: Throttle) -> None:
        self._engine = engine
        self._throttle = throttle

    def check(self, function: CloudFrontFunction) -> Invalid | None:
        """What the engine says of the code."""
        return self._engine.check(function)

    def run(self, call: FunctionCall) -> FunctionOutcome:
        """One run, unless the function is throttled."""
        name = call.function.name
        refused = self._throttle.refuses(name, call.now)
        if refused is not None:
            return Throttled(refused)
        outcome = self._engine.run(call)
        self._throttle.saw(name, outcome, call.now)
        return outcome
