"""The driver runs exchanges: it performs each ask, and sends the answer back with the time at which it came.

A hit, and a CloudFront Function in front of it, need no waiting: they are driven to their end in the call that begins
them, without a task. Everything else goes on in a coroutine that the viewer's side awaits, and cancels when the viewer
leaves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeVar

from edge.asks import (
    AnyAsk,
    AskOwner,
    AwaitFill,
    Compress,
    FetchOrigin,
    FromOwner,
    ReadBeginning,
    ResolveOrigin,
    RunFunction,
    ShareBody,
    StartRefresh,
    VerifySignature,
)
from edge.beginning_of_body import read_beginning
from edge.cache.store import LeaseEnd, Store
from edge.cache.tiers import Tiers
from edge.clock import Clock
from edge.compressor import compress
from edge.exchange import broken_off, exchange, refuse_malformed
from edge.model import quotas
from edge.model.answer import Answer
from edge.model.body import Body, BodyBroken, BodyStream, Tunnel
from edge.model.distribution import Distribution
from edge.model.edge_location import EdgeLocation
from edge.model.function import CloudFrontFunction, FunctionCall, FunctionOutcome, Invalid
from edge.model.malformed import Malformed
from edge.model.origin import Origin, OriginAttempt, OriginFailure, OriginResponse
from edge.model.request import Request
from edge.model.served import Served
from edge.model.trail import Trail
from edge.model.viewer import NOWHERE, Location, Viewer
from edge.shared_body import SharedBody, Spool
from edge.signature_verifier import verify

R = TypeVar("R")
Whole = TypeVar("Whole", Served, Answer)
Running = Coroutine[AnyAsk, Any, R]


class Origins(Protocol):
    """What the driver needs of the side that faces origins."""

    async def fetch(self, attempt: OriginAttempt) -> OriginResponse | OriginFailure:
        """Make one attempt. What the network does is in the answer, never an exception."""
        ...

    async def resolve(self, origin: Origin) -> OriginFailure | None:
        """Look the origin's domain name up; None when it has an address."""
        ...


class Functions(Protocol):
    """What the driver, and whoever replaces its functions, needs of a runtime for CloudFront Functions."""

    def check(self, function: CloudFrontFunction) -> Invalid | None:
        """What makes the code unfit to run; None when it is fit."""
        ...

    def run(self, call: FunctionCall) -> FunctionOutcome:
        """Run one call to its end."""
        ...


class LambdaFunctions(Protocol):
    """What the driver needs of a runtime for Lambda@Edge functions."""

    async def run(self, call: FunctionCall) -> FunctionOutcome:
        """Run one call to its end."""
        ...


class NoLambdaFunctions:
    """Stands in where there is no runtime for Lambda@Edge."""

    async def run(self, call: FunctionCall) -> FunctionOutcome:
        """Nothing can run here."""
        return Invalid(f"there is no runtime for the Lambda@Edge function {call.function.name}")


class Owner(Protocol):
    """What the driver of a worker needs of the process that owns the cache."""

    async def answer(self, ask: AskOwner) -> FromOwner:
        """What it answers for a key. Cancelled when the viewer leaves."""
        ...


class _Version(NamedTuple):
    """What was served before the change that began to spread at `until`."""

    distribution: Distribution
    distributions: tuple[Distribution, ...]
    functions: Functions
    until: float


class Driver:
    """Answers requests for one distribution, or for several of which Host chooses one. They may be replaced at any
    time: requests that have begun go on with what they began with. `about_viewers` adds what is known of a viewer
    beyond the connection. `spool` opens a place for large bodies to be kept. Requests come in at `edge` with its
    `store`, or where `tiers` says; `owner` is asked where these hold copies only. `finished` is told of each answer
    after its last byte: (served, body bytes, complete).
    """

    def __init__(
        self,
        distribution: Distribution,
        *,
        store: Store,
        origins: Origins,
        functions: Functions,
        lambdas: LambdaFunctions | None = None,
        owner: Owner | None = None,
        clock: Clock,
        request_ids: Callable[[], str],
        edge: EdgeLocation,
        tiers: Tiers | None = None,
        distributions: tuple[Distribution, ...] = (),
        location: Location = NOWHERE,
        about_viewers: Callable[[Request, Viewer], tuple[Request, Viewer]] | None = None,
        spool: Callable[[], Spool] | None = None,
        explain_header: bool = False,
        finished: Callable[[Served, int, bool], None] = lambda served, body_bytes, complete: None,
    ) -> None:
        self.distribution = distribution
        self.distributions = distributions
        self.functions = functions
        self.lambdas: LambdaFunctions = lambdas or NoLambdaFunctions()
        self._owner = owner
        self._store = store
        self._origins = origins
        self._now = clock.now
        self._request_ids = request_ids
        self._edge = edge
        self._tiers = tiers
        self._before: list[_Version] = []
        self.location = location
        self.about_viewers = about_viewers
        self._spool = spool
        self._explain_header = explain_header
        self._refreshes: set[asyncio.Task[None]] = set()
        self.sent = finished

    def begin(self, request: Request, viewer: Viewer) -> Served | Awaitable[Served]:
        """Answer a request: at once when nothing has to be waited for."""
        if self.about_viewers is not None:
            request, viewer = self.about_viewers(request, viewer)
        now, edge, store = self._now(), self._edge, self._store
        if self._tiers is not None:
            request, edge, store = self._tiers.arrive(request, viewer)
        seen: Driver | _Version = self._at(edge, now) if self._before else self
        request_id, trail = self._request_ids(), Trail(now)
        running = exchange(
            request,
            viewer,
            seen.distribution,
            store,
            edge=edge,
            now=now,
            request_id=request_id,
            trail=trail,
            distributions=seen.distributions,
        )
        answer: tuple[Any, float] | None = None
        while True:
            try:
                ask = running.send(answer)
            except StopIteration as done:
                served: Served = done.value
                return self._marked(served)
            if isinstance(ask, RunFunction) and isinstance(ask.call.function, CloudFrontFunction):
                answer = (seen.functions.run(ask.call), self._now())
            else:
                return self._serve(running, ask, partial(broken_off, request, viewer, request_id, trail))

    def take_up(
        self, distribution: Distribution, functions: Functions, distributions: tuple[Distribution, ...] = ()
    ) -> None:
        """Serve this from now on; with a propagation delay, at each edge location when it has got there."""
        topology = None if self._tiers is None else self._tiers.topology
        if topology is not None and topology.propagation_s:
            now = self._now()
            self._before = [one for one in self._before if now < one.until + topology.propagation_s]
            self._before.append(_Version(self.distribution, self.distributions, self.functions, now))
        self.distribution, self.distributions, self.functions = distribution, distributions, functions

    def _at(self, edge: EdgeLocation, now: float) -> Driver | _Version:
        """What an edge location knows at `now`."""
        if self._before and self._tiers is not None:
            delay_s = self._tiers.topology.delay_s(edge)
            for version in self._before:
                if now < version.until + delay_s:
                    return version
        return self

    def refuse(self, malformed: Malformed, viewer: Viewer) -> Served:
        """The answer to bytes that are not a fit request."""
        return refuse_malformed(
            malformed,
            viewer,
            self.distribution,
            edge=self._edge,
            now=self._now(),
            request_id=self._request_ids(),
        )

    async def settle(self) -> None:
        """Wait for the end of what goes on beside requests."""
        while self._refreshes:
            await asyncio.wait(self._refreshes)

    async def close(self) -> None:
        """Stop the refreshes that run beside requests."""
        for task in self._refreshes:
            task.cancel()
        await asyncio.gather(*self._refreshes, return_exceptions=True)

    async def _serve(self, running: Running[Served], ask: AnyAsk, broken: Callable[[], Served]) -> Served:
        """The rest of an exchange. Cancelled when the viewer leaves, which is reported as an end too; whoever cancels
        it for another reason says so in the message, and reports that."""
        try:
            return self._marked(await self.drive(running, ask))
        except asyncio.CancelledError as cancelled:
            if not cancelled.args:
                self.sent(broken(), 0, False)
            raise

    async def drive(self, running: Running[Whole], ask: AnyAsk | None = None) -> Whole:
        """Drive a coroutine, which stands at `ask` or at its beginning, to its end, and see to the bodies that it
        opened and did not answer with."""
        bodies = _Bodies()
        try:
            whole = await self._drive(running, ask, bodies)
            bodies.keep(whole.response.body)
            for body in bodies.take_filling():
                self._beside(_read_to_the_end(body))
            return whole
        finally:
            bodies.close()

    def _marked(self, served: Served) -> Served:
        """With `x-edge-trail`, where it was asked for."""
        if not self._explain_header:
            return served
        return served._replace(edge_lines=(*served.edge_lines, ("x-edge-trail", served.request_id)))

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Have something done that no viewer waits for."""
        task = asyncio.create_task(work)
        self._refreshes.add(task)
        task.add_done_callback(self._refreshes.discard)

    async def _refresh(self, running: Running[Body]) -> None:
        bodies = _Bodies()
        try:
            body = await self._drive(running, None, bodies)
            if not isinstance(body, bytes | Tunnel):
                await _read_to_the_end(body)
        finally:
            bodies.close()

    async def _drive(self, running: Running[R], ask: AnyAsk | None, bodies: _Bodies) -> R:
        """Perform ask after ask until the coroutine ends. It is closed, and so ends its lease, whatever happens."""
        answer: tuple[Any, float] | None = None
        try:
            while True:
                if ask is not None:
                    answer = (await self._perform(ask, bodies), self._now())
                try:
                    ask = running.send(answer)
                except StopIteration as done:
                    result: R = done.value
                    return result
        finally:
            running.close()

    async def _perform(self, ask: AnyAsk, bodies: _Bodies) -> object:
        match ask:
            case RunFunction(call) if isinstance(call.function, CloudFrontFunction):
                return self._at(call.edge, call.now).functions.run(call)
            case RunFunction(call):
                return await self.lambdas.run(call)
            case ReadBeginning(source, max_bytes):
                return await read_beginning(source, max_bytes)
            case ResolveOrigin(origin):
                return await self._origins.resolve(origin)
            case FetchOrigin(attempt):
                outcome = await self._origins.fetch(attempt)
                if isinstance(outcome, OriginResponse):
                    bodies.opened(outcome.body)
                return outcome
            case AwaitFill(lease):
                ended: asyncio.Future[LeaseEnd] = asyncio.get_running_loop().create_future()
                lease.when_ended(lambda end: None if ended.done() else ended.set_result(end))
                return await ended
            case ShareBody(source, keep_bytes_max, in_memory):
                spool = None if in_memory else self._spool
                shared = SharedBody(
                    source, keep_bytes_max=keep_bytes_max, spool=spool, spool_min_bytes=quotas.SPOOL_MIN_BYTES
                )
                shared.start()
                bodies.replaced(source, shared, fills_cache=True)
                return shared
            case Compress(source, encoding):
                compressed = await compress(source, encoding)
                bodies.replaced(source, compressed)
                return compressed
            case StartRefresh(refresh):
                self._beside(self._refresh(refresh))
                return None
            case VerifySignature():
                return verify(ask)
            case AskOwner():
                assert self._owner is not None, "only a worker's cache holds copies"
                found = await self._owner.answer(ask)
                bodies.opened(found.answer.response.body, fills_cache=found.fills_cache)
                return found


async def _read_to_the_end(body: BodyStream) -> None:
    """Nobody is served with these bytes; the cache gets them."""
    try:
        async for _ in body:
            pass
    except BodyBroken:
        pass  # whoever shares the body knows, and the cache does not keep it


class _Bodies:
    """The streams that one exchange has opened. Those that are not served are closed when it ends."""

    __slots__ = ("_filling", "_open")

    def __init__(self) -> None:
        self._open: list[BodyStream | Tunnel] = []
        self._filling: list[BodyStream] = []

    def opened(self, body: Body, *, fills_cache: bool = False) -> None:
        if fills_cache and not isinstance(body, bytes | Tunnel):
            self._filling.append(body)
        elif not isinstance(body, bytes):
            self._open.append(body)

    def replaced(self, old: Body, new: Body, *, fills_cache: bool = False) -> None:
        """`new` reads from `old` and closes it."""
        self.keep(old)
        self.opened(new, fills_cache=fills_cache)

    def keep(self, body: Body) -> None:
        """Somebody else has the care of this body now."""
        self._open = [one for one in self._open if one is not body]
        self._filling = [one for one in self._filling if one is not body]

    def take_filling(self) -> list[BodyStream]:
        """The bodies that were to be stored and are not served: a custom error page took their place."""
        filling, self._filling = self._filling, []
        return filling

    def close(self) -> None:
        for body in (*self._open, *self._filling):
            body.close()
