"""Real execution environments behind tests: one warden, one server for whoever handlers ask, one clock they all read.

Calls do not overlap: a test waits for each. So there is one current script and one current time, those of the call that
runs. Only the `process` provider is used; what runs under test is the user's own code.
"""

from __future__ import annotations

import atexit
import os
import struct
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from edge.environments.pool import LAPTOP_LIMITS
from edge.model.function import FunctionCall, FunctionOutcome, Invalid, LambdaFunction
from edge.model.origin import OriginFailure, OriginResponse
from edge.runtimes.lambda_edge.lambda_runtime import Counts, LambdaRuntime
from edge.runtimes.lambda_edge.providers.process import ProcessProvider
from edge.runtimes.lambda_edge.providers.provider import BootOrder
from edge.runtimes.lambda_edge.warden import Order
from edge.testing import js_coverage
from edge.testing.background import background
from edge.testing.clock import VirtualClock
from edge.testing.errors import HarnessError
from edge.testing.lambdas.certificates import Certificates
from edge.testing.lambdas.outbound import OutboundScript
from edge.testing.scripted_server import Received, ScriptedServer

_HERE = Path(__file__).parent
_NODE, _PYTHON = _HERE / "preload.cjs", _HERE / "preload.py"
_TRUST = ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE")


class Environments:
    """The environments of one test, or of a function that was made outside of tests."""

    def __init__(self, clock: VirtualClock, outbound: OutboundScript, *, concurrency: int | None = None) -> None:
        self._clock = clock
        self._outbound = outbound
        self._shared = _shared()
        limits = LAPTOP_LIMITS
        if concurrency is not None:
            limits = replace(limits, account_concurrency=concurrency)
        self._folder = TemporaryDirectory(dir=self._shared.folder, ignore_cleanup_errors=True)
        self._runtime = LambdaRuntime(self._shared.provider, Path(self._folder.name), limits=limits, now=clock.now)
        self._shared.open.add(self)

    def run(self, call: FunctionCall) -> FunctionOutcome:
        """One event. Raises UnscriptedRequestError when the handler asked for what the test has not scripted,
        HarnessError when this machine cannot run it."""
        __tracebackhide__ = True
        self._shared.play(self._clock, self._outbound)
        outcome = background().run(self._run(call))
        self._outbound.complain()
        if isinstance(outcome, Invalid):  # it is not the function that is wrong
            raise HarnessError(outcome.error)
        return outcome

    async def serve(self, call: FunctionCall) -> FunctionOutcome:
        """The same for callers that are asynchronous, in the background. Complaints are left to `complain`."""
        self._shared.play(self._clock, self._outbound)
        return await self._run(call)

    def complain(self) -> None:
        """Fail the test for what handlers have asked without a script. Raises UnscriptedRequestError."""
        __tracebackhide__ = True
        self._outbound.complain()

    def warm(self, function: LambdaFunction) -> None:
        """Have one that waits for an event."""
        __tracebackhide__ = True
        self._shared.play(self._clock, self._outbound)
        background().run(self._runtime.warm(function))
        self._outbound.complain()

    def expire(self) -> None:
        """End those that wait for an event."""
        background().run(self._expire())

    @property
    def counts(self) -> Counts:
        """Cold and warm starts, throttles, and live environments."""
        return self._runtime.counts

    def close(self) -> None:
        """End all of them. It is done at the latest when the process ends."""
        if self in self._shared.open:
            self._shared.open.discard(self)
            background().run(self._runtime.close())
            self._folder.cleanup()

    async def _run(self, call: FunctionCall) -> FunctionOutcome:
        self._runtime.sweep()
        return await self._runtime.run(call)

    async def _expire(self) -> None:
        self._runtime.refresh()


@dataclass(frozen=True, slots=True)
class _Extras:
    """What each environment is given on top: variables for the preload, which takes them away, and for clients."""

    clock: Path
    outbound_port: int
    authority: Path

    def variables(self, preload: Path, coverage: dict[str, str]) -> dict[str, str]:
        trust = dict.fromkeys(_TRUST, str(self.authority))
        own = {"PRELOAD": str(preload), "CLOCK": str(self.clock), "OUTBOUND": str(self.outbound_port), **coverage}
        return {**trust, **{f"_EDGE_{name}": value for name, value in own.items()}}


class _Provider(ProcessProvider):
    """Processes with the preload of their language."""

    def __init__(self, extras: _Extras) -> None:
        super().__init__()
        self._extras = extras

    def order(self, order: BootOrder) -> Order:
        what = super().order(order)
        is_node = "nodejs" in order.function.runtime
        coverage = js_coverage.current
        counting = {} if coverage is None else coverage.variables(order.function.runtime)
        what["environ"] |= self._extras.variables(_NODE if is_node else _PYTHON, counting)
        what["keeps"] += [str(self._extras.clock.parent), str(_NODE.parent)]
        if coverage is not None:
            what["keeps"].append(coverage.folder)
            what["argv"] = [word for word in what["argv"] if not _limits_node(word)]
        return what

    async def close(self) -> None:
        """It is shared by tests, and goes on."""


def _limits_node(word: str) -> bool:
    """Node's permission model refuses its inspector, which counts what runs."""
    return word == "--permission" or word.startswith("--allow-")


class Shared:
    """What all tests of a process share."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="edge-testing-", ignore_cleanup_errors=True)
        self.folder = Path(self._folder.name)
        seen_inside = self.folder / "seen-inside"
        seen_inside.mkdir()
        self._clock = os.open(seen_inside / "clock", os.O_RDWR | os.O_CREAT, 0o600)
        certificates = Certificates(seen_inside)
        self._server = ScriptedServer(self._asked, certificates.context)
        background().run(self._server.start())
        extras = _Extras(seen_inside / "clock", self._server.port, certificates.authority)
        self.provider = _Provider(extras)
        self.open: set[Environments] = set()
        self._now: VirtualClock | None = None
        self._outbound: OutboundScript | None = None

    def play(self, clock: VirtualClock, outbound: OutboundScript) -> None:
        """Go by this clock and this script from now on."""
        self._now, self._outbound = clock, outbound
        self._tell()

    def close(self) -> None:
        """End everything."""
        for environments in tuple(self.open):
            environments.close()
        background().run(self._server.close())
        self.provider.warden.close()
        os.close(self._clock)
        self._folder.cleanup()

    def _tell(self) -> None:
        assert self._now is not None
        os.pwrite(self._clock, struct.pack("<d", self._now.now()), 0)

    def _asked(self, received: Received) -> OriginResponse | OriginFailure:
        assert self._outbound is not None
        url = f"{received.scheme}://{received.headers.get('host') or ''}{received.target}"
        answer = self._outbound.asked(received.method, url, received.headers, received.body)
        self._tell()  # a script may have let time pass
        return answer


@lru_cache(maxsize=1)
def _shared() -> Shared:
    background()  # ends after what it is needed for
    made = Shared()
    atexit.register(made.close)
    return made
