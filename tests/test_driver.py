"""The driver performs asks: what is waited for, what runs beside, and what is let go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from edge.cache.store import Store
from edge.cache.tiers import Tiers
from edge.driver import Driver
from edge.model.body import Body, BodyStream
from edge.model.distribution import Behavior, CustomErrorResponse, Distribution
from edge.model.edge_location import EdgeLocation, edge_location
from edge.model.function import (
    CloudFrontFunction,
    EventType,
    Function,
    FunctionCall,
    FunctionOutcome,
    Invalid,
    LambdaFunction,
    Returned,
)
from edge.model.headers import Headers
from edge.model.malformed import Malformed
from edge.model.managed_policies import cache_policy
from edge.model.origin import Origin, OriginAttempt, OriginFailure, OriginFailureKind, OriginResponse
from edge.model.request import Request
from edge.model.served import Served
from edge.model.topology import PointOfPresence, Topology
from edge.model.viewer import Viewer

VIEWER = Viewer("198.51.100.7", 50000, "https", "2.0")
OPTIMIZED = Behavior("site", cache_policy=cache_policy("CachingOptimized"))
SITE = Distribution(
    "E1EXAMPLE", "d1.cloudfront.net", {"site": Origin("site", "site.example")}, (OPTIMIZED,), any_host=True
)
VIEWER_REQUEST = CloudFrontFunction("rewrite", "")
LAMBDA = LambdaFunction("greet", "1", "/code", "index.handler", "nodejs22.x")


class Stream:
    """A body that the test lets arrive; it says whether it was closed."""

    def __init__(self, *pieces: bytes, held_back: bool = False) -> None:
        self.length = sum(len(piece) for piece in pieces)
        self.closed = False
        self.read_to_the_end = False
        self.arrives = asyncio.Event()
        self._pieces = pieces
        if not held_back:
            self.arrives.set()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        await self.arrives.wait()
        for piece in self._pieces:
            yield piece
        self.read_to_the_end = True

    def close(self) -> None:
        self.closed = True


class Origins:
    """Origins whose answers the test gives, in the order in which they are asked."""

    def __init__(self) -> None:
        self.asked: list[OriginAttempt] = []
        self.unresolved: dict[str, OriginFailure] = {}
        self._waiting: list[asyncio.Future[OriginResponse | OriginFailure]] = []

    async def fetch(self, attempt: OriginAttempt) -> OriginResponse | OriginFailure:
        self.asked.append(attempt)
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        return await answer

    async def resolve(self, origin: Origin) -> OriginFailure | None:
        return self.unresolved.get(origin.domain_name)

    def answer(self, status: int = 200, body: Body = b"body", headers: Mapping[str, str] | None = None) -> None:
        """Answer whoever has waited longest, and is still there."""
        self._next().set_result(OriginResponse(status, "", Headers((headers or {}).items()), body))

    def fail(self) -> None:
        """Let the attempt that has waited longest come to nothing."""
        self._next().set_result(OriginFailure(OriginFailureKind.CONNECT, "as scripted"))

    def _next(self) -> asyncio.Future[OriginResponse | OriginFailure]:
        self._waiting = [answer for answer in self._waiting if not answer.done()]
        return self._waiting.pop(0)


class Functions:
    """A runtime that gives back what it was given, and remembers the calls."""

    def __init__(self) -> None:
        self.calls: list[FunctionCall] = []

    def check(self, function: CloudFrontFunction) -> Invalid | None:
        return None

    def run(self, call: FunctionCall) -> FunctionOutcome:
        self.calls.append(call)
        event: Any = call.event
        return Returned(event["request"])


class Lambdas:
    """A runtime that answers when the test lets it."""

    def __init__(self) -> None:
        self.goes_on = asyncio.Event()

    async def run(self, call: FunctionCall) -> FunctionOutcome:
        await self.goes_on.wait()
        return Returned({"status": "200", "body": "from Lambda"})


class Clock:
    """A clock that stands still."""

    def __init__(self) -> None:
        self.at = 1_767_225_600.0

    def now(self) -> float:
        return self.at


class Edge:
    """A driver and everything around it."""

    def __init__(self, distribution: Distribution = SITE, **settings: Any) -> None:
        self.store = Store()
        self.origins, self.functions, self.clock = Origins(), Functions(), Clock()
        self._count = 0
        self.driver = Driver(
            distribution,
            store=self.store,
            origins=self.origins,
            functions=self.functions,
            clock=self.clock,
            request_ids=self._request_id,
            edge=EdgeLocation(),
            **settings,
        )

    def _request_id(self) -> str:
        self._count += 1
        return f"{self._count:054d}=="

    def get(self, path: str = "/", **headers: str) -> Served | Awaitable[Served]:
        lines = Headers((name.replace("_", "-"), value) for name, value in headers.items())
        return self.driver.begin(Request("GET", path, None, lines), VIEWER)

    async def viewer(self, path: str = "/", **headers: str) -> asyncio.Task[Served]:
        """A viewer who waits; everything that can happen without news from outside has happened."""
        begun = self.get(path, **headers)
        assert not isinstance(begun, Served), "answered at once"
        task = asyncio.ensure_future(begun)
        await settled()
        return task

    async def stores(self, path: str = "/", **answer: Any) -> None:
        """Have an object in the cache."""
        viewer = await self.viewer(path)
        self.origins.answer(**answer)
        await body_of(await viewer)


async def settled() -> None:
    """Let everything run that can run without news from outside."""
    for _ in range(50):
        await asyncio.sleep(0)


async def body_of(served: Served) -> bytes:
    body = served.response.body
    assert isinstance(body, bytes | BodyStream)
    return body if isinstance(body, bytes) else b"".join([piece async for piece in body])


async def leaves(viewer: asyncio.Task[Served]) -> None:
    viewer.cancel()
    await settled()
    assert viewer.cancelled()


async def test_a_miss_is_waited_for_and_a_hit_is_not() -> None:
    """A hit is there in the call that asks for it."""
    edge = Edge()
    viewer = await edge.viewer()
    edge.origins.answer(body=b"hello")
    first, second = await viewer, edge.get()
    assert isinstance(second, Served)
    assert [served.result_type for served in (first, second)] == ["Miss", "Hit"]
    assert await body_of(first) == await body_of(second) == b"hello"
    assert len(edge.origins.asked) == 1


def with_function(event: EventType, function: Function) -> Distribution:
    return replace(SITE, behaviors=(replace(OPTIMIZED, functions={event: function}),))


async def test_a_cloudfront_function_in_front_of_a_hit_is_not_waited_for() -> None:
    """It runs within the same call."""
    edge = Edge(with_function(EventType.VIEWER_REQUEST, VIEWER_REQUEST))
    await edge.stores()
    assert isinstance(edge.get(), Served)
    assert [call.function.name for call in edge.functions.calls] == ["rewrite", "rewrite"]


async def test_a_lambda_function_is_waited_for() -> None:
    """Others go on meanwhile."""
    lambdas = Lambdas()
    edge = Edge(with_function(EventType.VIEWER_REQUEST, LAMBDA), lambdas=lambdas)
    viewer = await edge.viewer()
    assert not viewer.done()
    lambdas.goes_on.set()
    served = await viewer
    assert (served.result_type, await body_of(served)) == ("LambdaGeneratedResponse", b"from Lambda")
    assert edge.origins.asked == []


async def test_without_a_runtime_a_lambda_function_fails() -> None:
    """As one that cannot run, for this viewer alone."""
    served = await Edge(with_function(EventType.VIEWER_REQUEST, LAMBDA)).viewer()
    assert (await served).response.status == 503


async def test_trap_33_viewers_who_come_together_cost_one_fetch() -> None:
    """Ten of them."""
    edge = Edge()
    viewers = [await edge.viewer() for _ in range(10)]
    edge.origins.answer()
    served = await asyncio.gather(*viewers)
    assert [each.result_type for each in served] == ["Miss"] + ["Hit"] * 9
    assert len(edge.origins.asked) == 1


async def test_when_the_viewer_who_fetches_leaves_another_takes_over() -> None:
    """One, not all."""
    edge = Edge()
    first, second, third = [await edge.viewer() for _ in range(3)]
    await leaves(first)
    assert len(edge.origins.asked) == 2
    edge.origins.answer(body=b"hello")
    assert await body_of(await second) == await body_of(await third) == b"hello"
    assert edge.store.leases == 0


async def test_a_viewer_who_leaves_before_the_answer_is_reported() -> None:
    """With no status, and with what is known by then; whoever breaks off for a reason of his own reports that."""
    reported: list[tuple[Served, int, bool]] = []
    edge = Edge(finished=lambda *end: reported.append(end))
    await leaves(await edge.viewer("/a"))
    ((served, body_bytes, complete),) = reported
    assert (served.response.status, served.result_type, body_bytes, complete) == (0, "Error", 0, False)
    assert (served.request.path, served.trail.behavior) == ("/a", OPTIMIZED)
    assert served.trail.detailed_result == "ClientHungUpRequest"
    (await edge.viewer("/b")).cancel("the body is no body")
    await settled()
    assert len(reported) == 1


async def test_when_a_viewer_who_waits_leaves_nothing_happens() -> None:
    """The fetch goes on for the others."""
    edge = Edge()
    first, second = [await edge.viewer() for _ in range(2)]
    await leaves(second)
    edge.origins.answer()
    assert (await first).result_type == "Miss"
    assert edge.store.leases == 0


async def test_a_body_is_served_while_it_arrives() -> None:
    """To all who came together, and to those who come before its end; then it is in the cache."""
    edge = Edge()
    first, second = [await edge.viewer() for _ in range(2)]
    stream = Stream(b"hello ", b"world", held_back=True)
    edge.origins.answer(body=stream, headers={"Content-Length": "11"})
    served = [await first, await second, edge.get()]
    stream.arrives.set()
    assert [await body_of(each) for each in served if isinstance(each, Served)] == [b"hello world"] * 3
    await settled()
    hit = edge.get()
    assert isinstance(hit, Served)
    assert hit.response.body == b"hello world"
    assert stream.closed


async def test_trap_4_an_error_whose_place_a_page_takes_is_cached_all_the_same() -> None:
    """Its body is read to the end although nobody is served with it; the next viewer does not reach the origin."""
    rule = CustomErrorResponse(503, "/sorry.html", 200)
    edge = Edge(replace(SITE, custom_error_responses={503: rule}))
    await edge.stores("/sorry.html", body=b"sorry")
    viewer = await edge.viewer("/page")
    stream = Stream(b"busy", held_back=True)
    edge.origins.answer(503, stream)
    assert await body_of(await viewer) == b"sorry"
    asked = len(edge.origins.asked)
    stream.arrives.set()
    await settled()
    assert stream.read_to_the_end
    again = edge.get("/page")
    assert isinstance(again, Served)
    assert again.response.body == b"sorry"
    assert len(edge.origins.asked) == asked


async def test_a_body_that_came_for_a_viewer_who_has_left_is_closed() -> None:
    """He left between the origin's answer and the page that would have taken its place."""
    rule = CustomErrorResponse(503, "/sorry.html", 200)
    edge = Edge(replace(SITE, custom_error_responses={503: rule}))
    viewer = await edge.viewer("/page")
    stream = Stream(b"busy", held_back=True)
    edge.origins.answer(503, stream)
    await settled()
    assert len(edge.origins.asked) == 2
    await leaves(viewer)
    assert stream.closed
    assert edge.store.leases == 0


async def test_the_body_of_an_answer_that_a_stale_object_stands_in_for_is_closed() -> None:
    """Nobody reads the origin's error."""
    edge = Edge()
    await edge.stores(headers={"Cache-Control": "max-age=10"})
    edge.clock.at += 11
    viewer = await edge.viewer()
    stream = Stream(b"broken")
    edge.origins.answer(500, stream)
    assert await body_of(await viewer) == b"body"
    assert stream.closed


async def test_time_is_read_when_answers_come() -> None:
    """An object's age counts from the origin's answer, not from the viewer's question."""
    edge = Edge()
    viewer = await edge.viewer()
    edge.clock.at += 100
    edge.origins.answer(headers={"Cache-Control": "max-age=10"})
    await viewer
    edge.clock.at += 9
    hit = edge.get()
    assert isinstance(hit, Served)
    assert Headers(hit.edge_lines).get("age") == "9"


SWR = {"Cache-Control": "max-age=10, stale-while-revalidate=60"}


async def test_a_refresh_runs_beside_the_viewer() -> None:
    """He gets the stale object; the body of the new one is read to its end for those who come later."""
    edge = Edge()
    await edge.stores(body=b"old", headers=SWR)
    edge.clock.at += 11
    assert await body_of(await (await edge.viewer())) == b"old"
    stream = Stream(b"new")
    edge.origins.answer(body=stream, headers=SWR)
    await settled()
    assert stream.read_to_the_end
    hit = edge.get()
    assert isinstance(hit, Served)
    assert hit.response.body == b"new"


async def test_refreshes_end_with_the_driver() -> None:
    """Their leases too."""
    edge = Edge()
    await edge.stores(headers=SWR)
    edge.clock.at += 11
    await (await edge.viewer())
    await settled()
    assert edge.store.leases == 1
    await edge.driver.close()
    assert edge.store.leases == 0


async def test_what_has_begun_goes_on_with_the_distribution_it_began_with() -> None:
    """A new one counts for new requests."""
    edge = Edge()
    before = await edge.viewer("/a")
    edge.driver.distribution = replace(SITE, behaviors=(replace(OPTIMIZED, allowed_methods=frozenset({"POST"})),))
    refused = edge.get("/b")
    edge.origins.answer()
    assert (await before).response.status == 200
    assert isinstance(refused, Served)
    assert refused.response.status == 403


async def test_large_text_is_compressed_on_its_way() -> None:
    """As bytes or as a stream."""
    edge = Edge(replace(SITE, behaviors=(replace(OPTIMIZED, compress=True),)))
    text = b"the same again " * 100
    headers = {"Content-Type": "text/plain", "Content-Length": str(len(text))}
    for path, body in (("/bytes", text), ("/stream", Stream(text))):
        viewer = await edge.viewer(path, Accept_Encoding="gzip")
        edge.origins.answer(body=body, headers=headers)
        served = await viewer
        assert served.response.headers.get("content-encoding") == "gzip"
        assert len(await body_of(served)) < 100


async def test_an_unreachable_origin_is_an_answer() -> None:
    """Never an exception: three attempts, and then a page."""
    edge = Edge()
    viewer = await edge.viewer()
    for attempt in (1, 2, 3):
        assert edge.origins.asked[-1].number == attempt
        edge.origins.fail()
        await settled()
    assert (await viewer).response.status == 502


def test_bytes_that_are_no_request_are_refused() -> None:
    """And the connection ends."""
    served = Edge().driver.refuse(Malformed.URI_TOO_LONG, VIEWER)
    assert (served.response.status, served.close) == (414, True)


@pytest.mark.parametrize("explain", [True, False])
async def test_an_answer_can_say_where_its_trail_is(explain: bool) -> None:
    """In a header, for those who asked for it."""
    edge = Edge(explain_header=explain)
    viewer = await edge.viewer()
    edge.origins.answer()
    for served in (await viewer, edge.get()):
        assert isinstance(served, Served)
        assert (("x-edge-trail", served.request_id) in served.edge_lines) is explain


async def test_a_change_reaches_each_edge_location_in_its_own_time() -> None:
    """With a propagation delay one edge location still serves the old configuration, with the old functions, while
    another serves the new one."""
    points = tuple(PointOfPresence(edge_location(code, "eu-west-1")) for code in ("FRA56-P4", "NRT57-C1"))
    topology = Topology(points, propagation_s=60)
    early, late = sorted(points, key=lambda point: topology.delay_s(point.edge))
    old = replace(OPTIMIZED, functions={EventType.VIEWER_REQUEST: VIEWER_REQUEST})
    edge = Edge(replace(SITE, behaviors=(old,)), tiers=Tiers(topology))
    changed = Functions()

    async def asked(code: str) -> None:
        viewer = await edge.viewer("/", x_edge_pop=code)
        edge.origins.answer(500, headers={"Cache-Control": "no-store"})
        await viewer

    edge.driver.take_up(edge.driver.distribution, changed)
    edge.clock.at += (topology.delay_s(early.edge) + topology.delay_s(late.edge)) / 2
    await asked(early.edge.code)
    await asked(late.edge.code)
    assert (len(changed.calls), len(edge.functions.calls)) == (1, 1)
    edge.clock.at += 60
    await asked(late.edge.code)
    assert (len(changed.calls), len(edge.functions.calls)) == (2, 1)


async def test_a_name_that_does_not_resolve_is_found_out_before_the_origin_request_function_runs() -> None:
    """The driver looks it up; the function does not run."""
    behavior = replace(OPTIMIZED, functions={EventType.ORIGIN_REQUEST: LAMBDA})
    edge = Edge(replace(SITE, behaviors=(behavior,)), lambdas=Lambdas())
    edge.origins.unresolved["site.example"] = OriginFailure(OriginFailureKind.DNS, "as scripted")
    served = await (await edge.viewer("/"))
    assert served.response.status == 502
    assert not edge.origins.asked
