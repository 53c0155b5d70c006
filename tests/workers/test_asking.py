"""A worker's questions over a real socket, where they are not what every exchange asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edge.asks import AskOwner
from edge.cache.tiers import Tiers
from edge.clock import SystemClock
from edge.driver import Driver
from edge.model.body import Body, BodyBroken
from edge.model.cache_key import CacheKey
from edge.model.device import NAMED
from edge.model.distribution import Behavior, Distribution
from edge.model.edge_location import EdgeLocation
from edge.model.function import CloudFrontFunction, EventType, FunctionCall, FunctionOutcome, LambdaFunction, Returned
from edge.model.headers import Headers
from edge.model.managed_policies import cache_policy
from edge.model.origin import Origin, OriginAttempt, OriginResponse
from edge.model.request import Request
from edge.model.trail import Trail
from edge.model.viewer import Viewer
from edge.workers.answering import Desk
from edge.workers.asking import Owner, OwnerFailed
from edge.workers.versions import Versions

BEHAVIOR = Behavior("site", cache_policy=cache_policy("CachingOptimized"))
SITE = Distribution("E1", "d1.cloudfront.net", {"site": Origin("site", "site.test")}, (BEHAVIOR,))
LAMBDA = LambdaFunction("greets", "1", "/code", "index.handler", "nodejs22.x")


class Site:
    """An origin that remembers what it was asked, body included, and answers with `answers`."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bytes]] = []
        self.reads = True
        self.answer: Callable[[], Body] = lambda: b"hello"

    async def fetch(self, attempt: OriginAttempt) -> OriginResponse:
        body = attempt.request.body if self.reads else b""
        whole = body if isinstance(body, bytes) else b"".join([piece async for piece in body])  # type: ignore[union-attr]
        self.asked.append((attempt.request.target, whole))
        return OriginResponse(200, "OK", Headers((("Cache-Control", "max-age=60"),)), self.answer())

    async def resolve(self, origin: Origin) -> None:
        return None


class Lambdas:
    """Runs any function: it streams two pieces where that is wanted, and says its name."""

    async def run(self, call: FunctionCall, stream: Callable[[str, bytes], None] | None = None) -> FunctionOutcome:
        if stream is not None:
            stream("text/plain", b"one")
            stream("text/plain", b"two")
        return Returned(call.function.name)


class NoFunctions:
    def check(self, function: CloudFrontFunction) -> None:
        return None

    def run(self, call: FunctionCall) -> FunctionOutcome:
        raise AssertionError("CloudFront Functions run in workers")


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def known() -> Versions:
    """Those that the owner knows."""
    versions = Versions()
    versions.add(1, (SITE,))
    return versions


@pytest.fixture
async def owner(site: Site, known: Versions, tmp_path: Path) -> AsyncIterator[Owner]:
    """As a worker has it that has served two versions, of which the owner knows one."""
    tiers = Tiers()
    driver = Driver(
        SITE,
        store=tiers.first.store,
        tiers=tiers,
        origins=site,
        functions=NoFunctions(),
        lambdas=Lambdas(),
        clock=SystemClock(),
        request_ids=str,
        edge=EdgeLocation(),
    )
    desk = Desk(driver, tiers, known, SystemClock().now, Lambdas, lambda: 7)
    await desk.start(tmp_path / "owner")
    versions = Versions()
    versions.add(1, (SITE,))
    owner = Owner(tmp_path / "owner", versions)
    yield owner
    owner.close()
    await desk.close()
    await driver.close()


def ask(path: str = "/a", **changes: Any) -> AskOwner:
    request = Request("GET", path, headers=Headers((("Host", "localhost"),)))
    key = CacheKey("E1", "GET", path)
    asked = AskOwner(Viewer("192.0.2.1"), SITE, BEHAVIOR, EdgeLocation(), "id", None, request, key, Trail(1.0))
    return replace(asked, **changes)


async def test_an_answer_with_its_trail_and_a_copy(owner: Owner) -> None:
    """As of the owner's last invalidation."""
    found = await owner.answer(ask())
    assert found.answer.response.body == b"hello"
    assert [contact.target for contact in found.trail.origins] == ["/a"]
    assert found.copy is not None
    assert (found.copy.body, found.invalidation) == (b"hello", 7)


async def test_a_burst_of_questions(owner: Owner, site: Site) -> None:
    """Each has a channel while it is worked on, and the origin is asked once."""
    found = await asyncio.gather(*(owner.answer(ask()) for _ in range(400)))
    assert {one.answer.response.body for one in found} == {b"hello"}
    assert len(site.asked) == 1


async def test_a_version_that_the_owner_has_forgotten(owner: Owner, known: Versions, site: Site) -> None:
    """The behavior is said in full then."""
    for number in range(2, 30):
        known.add(number, (replace(SITE),))
    assert (await owner.answer(ask())).answer.response.body == b"hello"
    assert len(site.asked) == 1


async def test_a_viewer_whose_device_is_told_by_a_function_of_this_process(owner: Owner) -> None:
    """It stays here: its headers are in the request."""
    viewer = Viewer("192.0.2.1", device_of=lambda user_agent: NAMED["ios"])
    assert (await owner.answer(ask(viewer=viewer))).answer.response.status == 200


class Upload:
    """A request's body that arrives."""

    length = 8

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in (b"half", b"half"):
            await asyncio.sleep(0)
            yield piece

    def close(self) -> None:
        pass


async def test_the_body_of_a_request_goes_along(owner: Owner, site: Site) -> None:
    """OPTIONS may have one and be cached."""
    behavior = replace(BEHAVIOR, cached_methods=frozenset({"GET", "HEAD", "OPTIONS"}))
    request = Request("OPTIONS", "/a", body=Upload())
    await owner.answer(ask(behavior=behavior, request=request))
    await owner.answer(ask("/b"))
    assert site.asked == [("/a", b"halfhalf"), ("/b", b"")]


async def test_a_body_of_a_request_that_nobody_reads(owner: Owner, site: Site) -> None:
    """It is left, and the next question is answered."""
    uncaught: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: uncaught.append(context))
    site.reads = False
    for answer in (lambda: b"hello", Arriving):
        site.answer = answer
        found = await owner.answer(ask(f"/{answer}", request=Request("OPTIONS", "/a", body=Upload())))
        if not isinstance(found.answer.response.body, bytes):
            with pytest.raises(BodyBroken):
                [piece async for piece in found.answer.response.body]  # type: ignore[union-attr]
        site.answer = lambda: b"hello"
        assert (await owner.answer(ask(f"/after/{answer}"))).answer.response.body == b"hello"
    assert uncaught == []


class Arriving:
    """An origin's body that breaks off after its first piece."""

    length = 100
    closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"half"
        raise BodyBroken("the origin went away")

    def close(self) -> None:
        self.closed = True


async def test_a_body_that_breaks_off(owner: Owner, site: Site) -> None:
    """The text is the owner's, and the next question is answered."""
    site.answer = Arriving
    found = await owner.answer(ask())
    assert found.copy is None
    assert found.fills_cache
    body: Any = found.answer.response.body
    assert body.length == 100
    with pytest.raises(BodyBroken, match="the origin went away"):
        [piece async for piece in body]
    site.answer = lambda: b"hello"
    assert (await owner.answer(ask("/b"))).answer.response.body == b"hello"


async def test_a_bug_of_the_owners_is_told_with_its_traceback(owner: Owner, site: Site) -> None:
    def fails() -> Body:
        raise ZeroDivisionError("in the owner")

    site.answer = fails
    with pytest.raises(OwnerFailed, match="ZeroDivisionError: in the owner"):
        await owner.answer(ask())
    site.answer = lambda: b"hello"
    assert (await owner.answer(ask())).answer.response.body == b"hello"


def call() -> FunctionCall:
    return FunctionCall(LAMBDA, EventType.VIEWER_REQUEST, {}, None, 1.0, 0, "id")


async def test_a_lambda_function_runs_at_the_owner(owner: Owner) -> None:
    assert await owner.run(call()) == Returned("greets")


async def test_a_response_that_is_streamed_is_heard_piece_by_piece(owner: Owner) -> None:
    heard: list[tuple[str, bytes]] = []
    assert await owner.run(call(), lambda kind, piece: heard.append((kind, piece))) == Returned("greets")
    assert heard == [("text/plain", b"one"), ("text/plain", b"two")]


async def test_an_owner_that_is_gone(owner: Owner, tmp_path: Path, until: Callable[..., Awaitable[None]]) -> None:
    """Whoever asks is told, and does not wait."""
    server = await asyncio.start_unix_server(lambda reader, writer: writer.close(), tmp_path / "closes")
    nobody = Owner(tmp_path / "closes", Versions())
    with pytest.raises(OwnerFailed, match="is gone"):
        await nobody.answer(ask())
    server.close()
