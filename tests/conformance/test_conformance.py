"""Cases as data (cases.yaml), each run twice: in virtual time, and through the real proxy over sockets.

Both runs must give the same verdict, so that what the harness promises is what `edge serve` does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import pytest
import yaml
from aiohttp import web
from yarl import URL

from edge.cache.store import Store
from edge.driver import Driver
from edge.model.distribution import (
    ALL_METHODS,
    READ_METHODS,
    READ_METHODS_AND_OPTIONS,
    Behavior,
    CustomErrorResponse,
    Distribution,
    ViewerProtocolPolicy,
)
from edge.model.edge_location import EdgeLocation
from edge.model.function import CloudFrontFunction, EventType
from edge.model.headers import Headers
from edge.model.managed_policies import cache_policy, origin_request_policy, response_headers_policy
from edge.model.origin import Origin, OriginFailureKind
from edge.model.path_pattern import DEFAULT_PATTERN, PathPattern
from edge.origins.origins import Origins
from edge.runtimes.engine import ENGINES, make_engine
from edge.runtimes.key_value_stores import MemoryStores
from edge.runtimes.runtime import FunctionRuntime
from edge.testing import Playbook
from edge.testing.clock import VirtualClock
from edge.testing.viewers import request_id
from edge.viewers.listener import Http1Listener

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text())
METHODS = {"read": READ_METHODS, "read and options": READ_METHODS_AND_OPTIONS, "all": ALL_METHODS}
EVENTS = {"viewer_request": EventType.VIEWER_REQUEST, "viewer_response": EventType.VIEWER_RESPONSE}


@dataclass
class Seen:
    """What came of one request: the viewer's answer, and what the origin got (None when it was not asked)."""

    status: int
    headers: Headers
    body: bytes
    origin_target: str | None = None
    origin_headers: Headers = field(default_factory=Headers)


class Runner(Protocol):
    """One way to run a case."""

    async def ask(self, method: str, target: str, headers: dict[str, str], origin: dict[str, Any] | None) -> Seen: ...

    def wait(self, seconds: float) -> None: ...


def distribution_of(case: dict[str, Any], local_url: str = "") -> Distribution:
    """The distribution of a case: behaviors by path pattern, and settings of its own."""
    behaviors = [_behavior(pattern, dict(settings or {})) for pattern, settings in case["behaviors"].items()]
    pages = {code: CustomErrorResponse(code, **settings) for code, settings in case.get("error_pages", {}).items()}
    return Distribution(
        "E1",
        "d1.cloudfront.net",
        {"site": Origin("site", "site.example.org", protocol_policy="http-only", local_url=local_url)},
        tuple(behaviors),
        custom_error_responses=pages,
        default_root_object=case.get("default_root_object", ""),
    )


def _behavior(pattern: str, settings: dict[str, Any]) -> Behavior:
    functions = {EVENTS[name]: CloudFrontFunction(name, settings.pop(name)) for name in EVENTS if name in settings}
    policy = replace(
        cache_policy(settings.pop("cache_policy", "CachingOptimized")), **settings.pop("with_cache_policy", {})
    )
    return Behavior(
        "site",
        DEFAULT_PATTERN if pattern == "*" else PathPattern(pattern),
        ViewerProtocolPolicy(settings.pop("protocol", "allow-all")),
        METHODS[settings.pop("methods", "all")],
        cache_policy=policy,
        origin_request_policy=_named(origin_request_policy, settings.pop("origin_request_policy", None)),
        response_headers_policy=_named(response_headers_policy, settings.pop("response_headers_policy", None)),
        compress=settings.pop("compress", False),
        functions=functions,
        **settings,
    )


def _named(find: Callable[[str], Any], name: str | None) -> Any:
    return None if name is None else find(name)


def engine() -> FunctionRuntime:
    return make_engine(ENGINES[0], MemoryStores({}, 0))


class InVirtualTime:
    """Through the Playbook: no sockets, no loop."""

    def __init__(self, case: dict[str, Any]) -> None:
        self._play = Playbook(distribution_of(case), functions=engine().run)

    async def ask(self, method: str, target: str, headers: dict[str, str], origin: dict[str, Any] | None) -> Seen:
        talk = self._play.request(method, target, headers, scheme="http", http_version="1.1")
        target_seen, headers_seen = None, Headers()
        while talk.asked is not None:
            assert origin is not None, f"the origin was asked for {talk.origin_request.request.target}"
            target_seen = talk.origin_request.request.target
            headers_seen = talk.origin_request.request.headers
            if origin.get("drops"):
                talk.origin_fails(OriginFailureKind.DROPPED)
            else:
                talk.origin_answers(origin["status"], _body(origin, method), origin.get("headers", {}))
        body = talk.body
        assert isinstance(body, bytes)
        whole = b"" if method == "HEAD" else body
        return Seen(talk.status, talk.headers, whole, target_seen, headers_seen)

    def wait(self, seconds: float) -> None:
        self._play.advance(seconds=seconds)


class OverSockets:
    """Through the driver, the listener and the origins of `edge serve`; only the clock is the test's."""

    def __init__(self, client: aiohttp.ClientSession, clock: VirtualClock) -> None:
        self._client = client
        self._clock = clock
        self.url = ""
        self._script: dict[str, Any] | None = None
        self._got: web.BaseRequest | None = None

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """The origin's side."""
        self._got = request
        assert self._script is not None, f"the origin was asked for {request.raw_path}"
        if self._script.get("drops"):
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        body = _body(self._script, request.method)
        return web.Response(status=self._script["status"], headers=self._script.get("headers"), body=body)

    async def ask(self, method: str, target: str, headers: dict[str, str], origin: dict[str, Any] | None) -> Seen:
        self._script, self._got = origin, None
        url = URL(f"{self.url}{target}", encoded=True)
        async with self._client.request(
            method,
            url,
            headers=headers,
            allow_redirects=False,
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
        ) as response:
            body = await response.read()
            lines = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.raw_headers)
        if self._got is None:
            return Seen(response.status, lines, body)
        got = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in self._got.raw_headers)
        return Seen(response.status, lines, body, self._got.raw_path, got)

    def wait(self, seconds: float) -> None:
        self._clock.advance(seconds=seconds)


@asynccontextmanager
async def over_sockets(case: dict[str, Any]) -> AsyncIterator[OverSockets]:
    """The proxy and an origin, for one case."""
    clock = VirtualClock()
    client = aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar())
    runner = OverSockets(client, clock)
    site = web.ServerRunner(web.Server(runner.answer), access_log=None)  # type: ignore[arg-type]
    await site.setup()
    await web.TCPSite(site, "127.0.0.1", 0).start()
    origins = Origins()
    ids: Iterator[str] = (request_id(number) for number in range(1, 1_000_000))
    driver = Driver(
        distribution_of(case, f"http://127.0.0.1:{site.addresses[0][1]}"),
        store=Store(),
        origins=origins,
        functions=engine(),
        clock=clock,
        request_ids=lambda: next(ids),
        edge=EdgeLocation(),
    )
    listener = Http1Listener(driver, "127.0.0.1", 0)
    await listener.start()
    runner.url = f"http://127.0.0.1:{listener.port}"
    try:
        yield runner
    finally:
        await client.close()
        await listener.close()
        await driver.close()
        await origins.close()
        await site.cleanup()


def _body(origin: dict[str, Any], method: str) -> bytes:
    body: bytes = str(origin.get("body", "")).encode() * origin.get("times", 1)
    return b"" if method == "HEAD" else body


async def run(case: dict[str, Any], runner: Runner) -> None:
    """Step after step; a failure names the step."""
    for number, step in enumerate(case["steps"], 1):
        if "wait" in step:
            runner.wait(step["wait"])
            continue
        method, target = step["ask"].split(" ", 1)
        headers = {"Host": "localhost", **step.get("headers", {})}
        seen = await runner.ask(method, target, headers, step.get("origin"))
        where = f"{case['id']}, step {number} ({step['ask']})"
        _compare(where, step.get("sees", {}), seen.status, seen.headers, seen.body)
        asked = seen.origin_target is not None
        assert asked == ("origin" in step), f"{where}: the origin was {'' if asked else 'not '}asked"
        gets = step.get("origin_gets", {})
        assert gets.get("target", seen.origin_target) == seen.origin_target, where
        _compare_headers(f"{where}, at the origin", gets.get("headers", {}), seen.origin_headers)


def _compare(where: str, expected: dict[str, Any], status: int, headers: Headers, body: bytes) -> None:
    assert expected.get("status", 200) == status, f"{where}: status {status}"
    if "x_cache" in expected:
        assert headers.get("x-cache") == f"{expected['x_cache']} from cloudfront", where
    if "body" in expected:
        assert body == str(expected["body"]).encode(), where
    assert expected.get("bytes", len(body)) == len(body), where
    if "contains" in expected:
        assert expected["contains"].encode() in body, f"{where}: {body!r}"
    _compare_headers(where, expected.get("headers", {}), headers)


def _compare_headers(where: str, expected: dict[str, Any], headers: Headers) -> None:
    for name, value in expected.items():
        assert headers.joined(name.lower()) == value, f"{where}: {name}: {headers.joined(name.lower())}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
async def test_a_case_in_virtual_time(case: dict[str, Any]) -> None:
    await run(case, InVirtualTime(case))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
async def test_a_case_over_sockets(case: dict[str, Any]) -> None:
    async with over_sockets(case) as runner:
        await run(case, runner)


def test_each_case_says_where_it_comes_from_and_how_true_it_is() -> None:
    for case in CASES:
        assert case["source"]
        assert case["kind"] in ("exact", "near", "check")
    assert len({case["id"] for case in CASES}) == len(CASES)
