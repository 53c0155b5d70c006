"""A conversation between viewers, the edge and origins, step by step, in virtual time.

    play = Playbook(distribution)
    first, second = play.get("/a"), play.get("/a")
    first.origin_answers(200, "hello")           # the second was waiting for the first
    assert second.x_cache == "Hit from cloudfront"
    print("\n".join(play.dialogue))             # who asked whom, who waited, who got what

Each viewer's request is a Talk. It runs until it asks for an origin; the test answers. Everything else an exchange
may ask for is done for it: waiting for another's fetch, functions (by a Python function that the test gives),
compression, signatures.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any

from edge.asks import (
    AnyAsk,
    AwaitFill,
    Compress,
    FetchOrigin,
    ReadBeginning,
    ResolveOrigin,
    RunFunction,
    ShareBody,
    StartRefresh,
    VerifySignature,
)
from edge.cache.store import Store
from edge.cache.tiers import Tiers
from edge.compressor import compress_bytes
from edge.exchange import exchange
from edge.model.body import Body
from edge.model.distribution import Distribution
from edge.model.edge_location import EdgeLocation
from edge.model.function import FunctionCall, FunctionOutcome, Returned
from edge.model.headers import Headers, Line
from edge.model.origin import OriginAttempt, OriginFailure, OriginFailureKind, OriginResponse
from edge.model.request import Request
from edge.model.served import Served
from edge.model.topology import Topology
from edge.model.viewer import Viewer
from edge.testing import record
from edge.testing.clock import VirtualClock
from edge.testing.dialogue import Dialogue
from edge.testing.origin_failures import failure_kind
from edge.testing.viewers import SOMEBODY, request_id

Running = Coroutine[AnyAsk, Any, Any]
HeaderLines = Mapping[str, str] | tuple[Line, ...]


class Arriving:
    """A body that comes piece by piece; `length` is what the origin announced."""

    def __init__(self, *pieces: bytes, length: int | None = None) -> None:
        self.pieces = pieces
        self.length = length
        self.closed = False
        self._watchers: list[Callable[[bytes | None], None]] = []
        self._ended: list[bytes | None] = []

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece

    def close(self) -> None:
        """Nobody will read it."""
        self.closed = True

    def when_kept(self, tell: Callable[[bytes | None], None]) -> None:
        """Call `tell` when it has ended; at once if it has."""
        if self._ended:
            tell(self._ended[0])
        else:
            self._watchers.append(tell)

    def ends(self, *, whole: bool) -> None:
        """It has come to its end, or broken off. The caches are told."""
        self._ended = [b"".join(self.pieces) if whole else None]
        watchers, self._watchers = self._watchers, []
        for tell in watchers:
            tell(self._ended[0])


def _returns_the_event(call: FunctionCall) -> FunctionOutcome:
    event = call.event
    return Returned(event["response"] if "response" in event else event["request"])


class Playbook:
    """One edge location in virtual time, which moves only when the test moves it; several with a `topology`."""

    def __init__(
        self,
        distribution: Distribution,
        *,
        store: Store | None = None,
        functions: Callable[[FunctionCall], FunctionOutcome] = _returns_the_event,
        clock: VirtualClock | None = None,
        edge: EdgeLocation | None = None,
        topology: Topology | None = None,
        distributions: tuple[Distribution, ...] = (),
    ) -> None:
        self.distribution = distribution
        self.distributions = distributions
        self.tiers = Tiers(topology) if topology is not None else None
        self.store = store if store is not None else Store()
        self.functions = functions
        self.clock = clock if clock is not None else VirtualClock()
        self.edge = edge if edge is not None else EdgeLocation()
        self.refreshes: list[Talk] = []
        self.unresolved: dict[str, OriginFailure] = {}
        self.told = Dialogue(self.clock.now())
        self._count = self._refreshed = 0

    @property
    def dialogue(self) -> list[str]:
        """What was said until now, line by line. A test that fails shows it."""
        return self.told.lines

    @property
    def now(self) -> float:
        """Epoch seconds."""
        return self.clock.now()

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0) -> None:
        """Let time pass."""
        self.clock.advance(seconds=seconds, minutes=minutes, hours=hours)

    def get(self, target: str, headers: HeaderLines = (), **viewer: Any) -> Talk:
        """A viewer asks with GET."""
        return self.request("GET", target, headers, **viewer)

    def request(self, method: str, target: str, headers: HeaderLines = (), body: Body = b"", **viewer: Any) -> Talk:
        """A viewer asks. `viewer` are fields of Viewer; the scheme is https unless they say otherwise."""
        lines = tuple(headers.items()) if isinstance(headers, Mapping) else headers
        path, mark, query = target.partition("?")
        if not any(name.lower() == "host" for name, _ in lines):
            lines = (("Host", "localhost"), *lines)
        request = Request(method, path, query if mark else None, Headers(lines), body)
        record.add_once(self.told)
        return self.begin(request, replace(SOMEBODY, **viewer))

    def begin(self, request: Request, viewer: Viewer) -> Talk:
        """A request of the core, on its way."""
        self._count += 1
        edge, store = self.edge, self.store
        if self.tiers is not None:
            request, edge, store = self.tiers.arrive(request, viewer)
        running = exchange(
            request,
            viewer,
            self.distribution,
            store,
            edge=edge,
            now=self.now,
            request_id=request_id(self._count),
            distributions=self.distributions,
        )
        talk = Talk(self, running, f"viewer {self._count}")
        self.told.asks(talk.name, request, self.now)
        talk.go_on(None)
        return talk

    def refresh(self, running: Running) -> None:
        """A refresh beside a request, on its way."""
        self._refreshed += 1
        talk = Talk(self, running, f"refresh {self._refreshed}")
        self.refreshes.append(talk)
        self.told.refreshes(talk.name, self.now)
        talk.go_on(None)


class Talk:
    """One request on its way. `asked` is the attempt at an origin that waits for the test's answer, if there is one."""

    def __init__(self, play: Playbook, running: Running, name: str) -> None:
        self.name = name
        self._play = play
        self._running = running
        self.asked: OriginAttempt | None = None
        self.waiting = False
        self._begun = False
        self._left = False
        self.result: Any = None
        self.shared: list[Arriving] = []

    # ---- what the test does

    def origin_answers(
        self, status: int = 200, body: Body | str = b"", headers: HeaderLines = (), *, reason: str = ""
    ) -> Talk:
        """The origin's answer to the attempt that is waiting. A Content-Length is added to bytes without one."""
        lines = tuple(headers.items()) if isinstance(headers, Mapping) else headers
        data: Body = body.encode() if isinstance(body, str) else body
        found = Headers(lines)
        if isinstance(data, bytes) and status not in (204, 304) and "content-length" not in found:
            found = found.plus((("Content-Length", str(len(data))),))
        return self._answer(OriginResponse(status, reason, found, data))

    def origin_fails(self, how: str | OriginFailureKind = "refused", detail: str = "as scripted") -> Talk:
        """The attempt that is waiting comes to nothing: "timeout", "refused", "dropped", and what else `fails` of an
        origin's script takes."""
        return self._answer(OriginFailure(failure_kind(how), detail))

    def leaves(self) -> None:
        """The viewer goes away before the answer."""
        self._play.told.leaves(self.name, self._play.now)
        self._running.close()
        self._left = True
        self.asked = None

    def body_ends(self, *, whole: bool = True) -> None:
        """The bodies that are being stored while they arrive come to their end, or break off."""
        for body in self.shared:
            body.ends(whole=whole)
        self.shared.clear()

    # ---- what the test looks at

    @property
    def origin_request(self) -> OriginAttempt:
        """The attempt that is waiting for its answer."""
        assert self.asked is not None, f"the origin is not being asked: {self!r}"
        return self.asked

    @property
    def served(self) -> Served:
        """What the viewer got."""
        assert isinstance(self.result, Served), f"there is no answer yet: {self!r}"
        return self.result

    @property
    def status(self) -> int:
        """The status that the viewer got."""
        return self.served.response.status

    @property
    def body(self) -> Body:
        """The body that the viewer got."""
        return self.served.response.body

    @property
    def headers(self) -> Headers:
        """All header lines that the viewer got, the edge's included."""
        return self.served.response.headers.plus(self.served.edge_lines)

    @property
    def x_cache(self) -> str:
        """The X-Cache header."""
        return self.headers.get("x-cache") or ""

    @property
    def rules(self) -> list[str]:
        """The ids of the notes that rules left, in order."""
        return [note.rule for note in self.served.trail.notes]

    def why(self, rule: str) -> str:
        """What a rule said, in words."""
        return next((note.sentence for note in self.served.trail.notes if note.rule == rule), "")

    # ---- performing asks

    def go_on(self, answer: object) -> None:
        """Send an answer in, and run until the next ask that only the test can answer. Whoever has left hears
        nothing."""
        if self._left:
            return
        self.asked, self.waiting = None, False
        sent: object = (answer, self._play.now) if self._begun else None
        self._begun = True
        while True:
            try:
                ask = self._running.send(sent)
            except StopIteration as done:
                self._ended(done.value)
                return
            if isinstance(ask, FetchOrigin):
                self.asked = ask.attempt
                self._play.told.edge_asks(ask.attempt, self._play.now)
                return
            if isinstance(ask, AwaitFill):
                self.waiting = True
                self._play.told.waits(self.name, self._play.now)
                ask.lease.when_ended(self.go_on)
                return
            sent = (self._perform(ask), self._play.now)

    def _perform(self, ask: AnyAsk) -> object:
        match ask:
            case RunFunction(call):
                return self._play.functions(call)
            case ReadBeginning(body):
                assert isinstance(body, Arriving), "only a body that arrives is read ahead"
                whole = b"".join(body.pieces)
                return whole, whole
            case Compress(body, encoding):
                assert isinstance(body, bytes), "streams are not compressed in virtual time"
                return compress_bytes(body, encoding)
            case VerifySignature():
                from edge.signature_verifier import verify  # heavy, and few distributions trust keys

                return verify(ask)
            case ShareBody(body):
                assert isinstance(body, Arriving), "only a body that arrives is shared"
                self.shared.append(body)
                return body
            case ResolveOrigin(origin):
                return self._play.unresolved.get(origin.domain_name)
            case StartRefresh(refresh):
                self._play.refresh(refresh)
                return None
            case _:
                raise AssertionError(f"an ask that the playbook does not know: {ask!r}")

    def _answer(self, outcome: OriginResponse | OriginFailure) -> Talk:
        assert self.asked is not None, f"the origin is not being asked: {self!r}"
        self._play.told.origin(self.asked, outcome, self._play.now)
        self.go_on(outcome)
        return self

    def _ended(self, result: Any) -> None:
        self.result = result
        if isinstance(result, Served):
            self._play.told.gets(self.name, result, self._play.now)
        else:
            self._play.told.ends(self.name, self._play.now)

    def __repr__(self) -> str:
        if isinstance(self.result, Served):
            return f"<Talk served {self.status} {self.x_cache!r}>"
        doing = f"asking {self.asked.origin.id} for {self.asked.request.target}" if self.asked else "waiting"
        return f"<Talk {doing}>"
