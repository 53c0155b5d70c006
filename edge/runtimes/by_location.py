"""CloudFront Functions at several edge locations: `cf.edgeLocation` is another at each, so each has its own runtime."""

from __future__ import annotations

from collections.abc import Callable

from edge.model.edge_location import EdgeLocation
from edge.model.function import CloudFrontFunction, FunctionCall, FunctionOutcome, Invalid
from edge.runtimes.runtime import FunctionRuntime


class RuntimeByLocation:
    """Runs each call in the runtime of its edge location, which is made when the first call comes there."""

    def __init__(self, first: EdgeLocation, make: Callable[[EdgeLocation], FunctionRuntime]) -> None:
        self._make = make
        self._first = make(first)
        self._runtimes = {first: self._first}

    def check(self, function: CloudFrontFunction) -> Invalid | None:
        """What makes the code unfit to run; it is the same everywhere."""
        return self._first.check(function)

    def run(self, call: FunctionCall) -> FunctionOutcome:
        """Run one call to its end."""
        runtime = self._runtimes.get(call.edge)
        if runtime is None:
            runtime = self._runtimes[call.edge] = self._make(call.edge)
        return runtime.run(call)
