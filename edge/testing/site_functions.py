"""The functions of a distribution under test: each run in the real engine or environment, and noted.

Apart from the Site, which holds the Playbook that runs them: a test that is over leaves no circle of objects behind,
which only the garbage collector could clear away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.model.function import CloudFrontFunction, FunctionCall, FunctionOutcome
from edge.runtimes.runtime import KeyValueStores
from edge.testing.clock import VirtualClock
from edge.testing.engine import engine
from edge.testing.lambdas.outbound import OutboundScript
from edge.testing.site_response import Run

if TYPE_CHECKING:
    from edge.testing.lambdas.environments import Environments


class SiteFunctions:
    """Runs functions with the stores, the clock and the outbound script of one test. `runs` are those of the request
    that is being answered."""

    def __init__(self, stores: KeyValueStores, clock: VirtualClock, outbound: OutboundScript) -> None:
        self.runs: list[Run] = []
        self._stores = stores
        self._clock = clock
        self._outbound = outbound
        self._environments: Environments | None = None

    def run(self, call: FunctionCall) -> FunctionOutcome:
        """One run, to its end."""
        __tracebackhide__ = True
        if isinstance(call.function, CloudFrontFunction):
            return self.run_cloudfront_function(call)
        return self._noted(call, self.environments().run(call))

    def run_cloudfront_function(self, call: FunctionCall) -> FunctionOutcome:
        """One run, with the stores of this distribution."""
        return self._noted(call, engine().run(call, self._stores))

    async def serve_lambda_function(self, call: FunctionCall) -> FunctionOutcome:
        """One run, in the background."""
        return self._noted(call, await self.environments().serve(call))

    def environments(self) -> Environments:
        """Where handlers run. They come about when they are first asked for."""
        if self._environments is None:
            from edge.testing.lambdas.environments import Environments  # heavy, and not every distribution has handlers

            self._environments = Environments(self._clock, self._outbound)
        return self._environments

    def complain(self) -> None:
        """Fail the test for what handlers have asked without a script. Raises UnscriptedRequestError."""
        __tracebackhide__ = True
        if self._environments is not None:
            self._environments.complain()

    def close(self) -> None:
        """End the environments."""
        if self._environments is not None:
            self._environments.close()

    def _noted(self, call: FunctionCall, outcome: FunctionOutcome) -> FunctionOutcome:
        self.runs.append(Run(call, outcome))
        return outcome
