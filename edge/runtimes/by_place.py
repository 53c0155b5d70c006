"""CloudFront Functions at several edge locations, and for several distribution tenants.

`cf.edgeLocation` is another at each location, `cf.distributionTenant` another for each tenant, and both are in a
runtime's memory before a call begins; so each pair has a runtime of its own.
"""

from __future__ import annotations

from collections.abc import Callable

from edge.model.edge_location import EdgeLocation
from edge.model.function import CloudFrontFunction, FunctionCall, FunctionOutcome, Invalid
from edge.model.tenant import Tenant
from edge.runtimes.runtime import FunctionRuntime


class RuntimeByPlace:
    """Runs each call in the runtime of its place, which is made when the first call comes there."""

    def __init__(self, first: EdgeLocation, make: Callable[[EdgeLocation, Tenant | None], FunctionRuntime]) -> None:
        self._make = make
        self._first = make(first, None)
        self._runtimes: dict[tuple[EdgeLocation, Tenant | None], FunctionRuntime] = {(first, None): self._first}

    def check(self, function: CloudFrontFunction) -> Invalid | None:
        """What makes the code unfit to run; it is the same everywhere."""
        return self._first.check(function)

    def run(self, call: FunctionCall) -> FunctionOutcome:
        """Run one call to its end."""
        place = call.edge, call.tenant
        runtime = self._runtimes.get(place)
        if runtime is None:
            runtime = self._runtimes[place] = self._make(*place)
        return runtime.run(call)
