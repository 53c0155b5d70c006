"""Cases as data (cases/), each run three times: in virtual time, through the real proxy over sockets, and through two
workers of it in turn.

All runs must give the same verdict, so that what the harness promises is what `edge serve` does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

import aiohttp
import pytest
import yaml
from aiohttp import web
from yarl import URL

from edge.cache.copies import Copies
from edge.cache.tiers import Tiers
from edge.driver import Driver
from edge.model import deployment
from edge.model.cache_key import CacheKey
from edge.model.distribution import (
    ALL_METHODS,
    NO_GEO_RESTRICTION,
    READ_METHODS,
    READ_METHODS_AND_OPTIONS,
    Behavior,
    ContinuousDeployment,
    CustomErrorResponse,
    Distribution,
    GeoRestriction,
    PublicKey,
    ViewerProtocolPolicy,
)
from edge.model.edge_location import edge_location
from edge.model.function import CloudFrontFunction, EventType
from edge.model.headers import Headers
from edge.model.managed_policies import cache_policy, origin_request_policy, response_headers_policy
from edge.model.origin import Origin, OriginFailureKind, OriginGroup, OriginKind
from edge.model.path_pattern import DEFAULT_PATTERN, PathPattern
from edge.model.policies import ForwardedValues, Names, Selection
from edge.model.stored_object import StoredObject
from edge.model.switches import Switches
from edge.model.tenant import Tenant
from edge.model.topology import ONE_LOCATION, PointOfPresence, Topology
from edge.model.viewer import Location
from edge.origins.origins import Origins
from edge.rules import invalidation
from edge.runtimes.engine import ENGINES, make_engine
from edge.runtimes.key_value_stores import MemoryStores
from edge.runtimes.runtime import FunctionRuntime
from edge.signer import Permission, load_private_key, new_key_pair, sign
from edge.testing import Playbook
from edge.testing.clock import VirtualClock
from edge.testing.playbook import Arriving
from edge.testing.viewers import request_id
from edge.viewers.listener import Http1Listener
from edge.workers.answering import Desk
from edge.workers.asking import Owner
from edge.workers.versions import Versions

FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
CASES: list[dict[str, Any]] = [case for file in FILES for case in yaml.safe_load(file.read_text())]
TOPICS = {
    "order",
    "cache key",
    "freshness",
    "errors",
    "origin requests",
    "conditions and ranges",
    "compression",
    "response headers",
    "signed URLs and cookies",
    "origins",
    "invalidation",
    "continuous deployment",
    "tenants",
    "tiers",
    "protocols",
}
METHODS = {"read": READ_METHODS, "read and options": READ_METHODS_AND_OPTIONS, "all": ALL_METHODS}
EVENTS = {"viewer_request": EventType.VIEWER_REQUEST, "viewer_response": EventType.VIEWER_RESPONSE}
KEY_ID = "K1"


@cache
def key_pair() -> tuple[bytes, bytes]:
    """The keys of the signer whom the cases trust."""
    return new_key_pair("ecdsa")


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

    clock: VirtualClock

    async def ask(
        self, method: str, target: str, headers: dict[str, str], origin: dict[str, Any] | None, body: bytes
    ) -> Seen: ...

    def invalidate(self, paths: list[str], tags: list[str]) -> None: ...


def distributions_of(case: dict[str, Any], local_url: str = "") -> tuple[Distribution, ...]:
    """The distribution of a case, and those that it has beside it (`others`, each with what differs from the first, and
    with `staging` the one that viewers of the first may be led to)."""
    first = _distribution(case, local_url)
    others = [_distribution({**case, **one}, local_url) for one in case.get("others", ())]
    staging = next((one for one in others if one.staging), None)
    if staging is not None:
        policy = dict(case["continuous_deployment"])
        header = policy.pop("header", None)
        deployment = ContinuousDeployment(staging, None if header is None else tuple(header), **policy)
        first = replace(first, continuous_deployment=deployment)
    return (first, *others)


def _distribution(case: dict[str, Any], local_url: str) -> Distribution:
    behaviors = [_behavior(pattern, dict(settings or {})) for pattern, settings in case["behaviors"].items()]
    pages = {code: CustomErrorResponse(code, **settings) for code, settings in case.get("error_pages", {}).items()}
    geo = case.get("geo")
    tenant = case.get("tenant")
    return Distribution(
        case.get("distribution_id", "E1"),
        case.get("domain_name", "d1.cloudfront.net"),
        {name: _origin(name, case, local_url) for name in ("site", "spare")},
        tuple(behaviors),
        {
            name: OriginGroup(name, ("site", "spare"), frozenset(statuses))
            for name, statuses in case.get("groups", {}).items()
        },
        aliases=tuple(case.get("aliases", ())),
        custom_error_responses=pages,
        default_root_object=case.get("default_root_object", ""),
        geo_restriction=NO_GEO_RESTRICTION if geo is None else GeoRestriction(geo["kind"], frozenset(geo["locations"])),
        http_version=case.get("http_version", "http2"),
        cache_tag_header=case.get("cache_tag_header", ""),
        staging=case.get("staging", False),
        tenant=None if tenant is None else Tenant(tenant, tenant),
        endpoint="" if tenant is None else "d9group.cloudfront.net",
        switches=Switches(**case.get("switches", {})),
    )


def _origin(name: str, case: dict[str, Any], local_url: str) -> Origin:
    settings: dict[str, Any] = {"protocol_policy": "http-only", **case.get("origin_settings", {}).get(name, {})}
    if "custom_headers" in settings:
        settings["custom_headers"] = tuple(settings["custom_headers"].items())
    domain = settings.pop("domain_name", f"{name}.example.org")
    return Origin(name, domain, OriginKind(settings.pop("kind", "custom")), local_url=local_url, **settings)


def topology_of(case: dict[str, Any]) -> Topology | None:
    """The edge locations of a case, each with the region behind it."""
    pops = case.get("pops")
    if pops is None:
        return None
    return Topology(tuple(PointOfPresence(edge_location(code, region), region) for code, region in pops.items()))


def _behavior(pattern: str, settings: dict[str, Any]) -> Behavior:
    functions = {EVENTS[name]: CloudFrontFunction(name, settings.pop(name)) for name in EVENTS if name in settings}
    changes = {
        name: Names(Selection(value["selection"]), tuple(value.get("names", ()))) if isinstance(value, dict) else value
        for name, value in settings.pop("with_cache_policy", {}).items()
    }
    policy = replace(cache_policy(settings.pop("cache_policy", "CachingOptimized")), **changes)
    legacy = settings.pop("forwarded_values", None)
    trusted = {KEY_ID: PublicKey(KEY_ID, "key", key_pair()[1].decode())} if settings.pop("signed", False) else {}
    return Behavior(
        settings.pop("target", "site"),
        DEFAULT_PATTERN if pattern == "*" else PathPattern(pattern),
        ViewerProtocolPolicy(settings.pop("protocol", "allow-all")),
        METHODS[settings.pop("methods", "all")],
        cached_methods=METHODS[settings.pop("cached_methods", "read")],
        cache_policy=policy if legacy is None else None,
        forwarded_values=None if legacy is None else _forwarded_values(legacy),
        trusted_keys=trusted,
        origin_request_policy=_named(origin_request_policy, settings.pop("origin_request_policy", None)),
        response_headers_policy=_named(response_headers_policy, settings.pop("response_headers_policy", None)),
        compress=settings.pop("compress", False),
        functions=functions,
        **settings,
    )


def _forwarded_values(settings: dict[str, Any]) -> ForwardedValues:
    tuples = {name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()}
    cookies = tuples.pop("cookies", "none")
    names = Names(Selection.WHITELIST, cookies) if isinstance(cookies, tuple) else Names(Selection(cookies))
    return ForwardedValues(**tuples, cookies=names)


def _named(find: Callable[[str], Any], name: str | None) -> Any:
    return None if name is None else find(name)


def engine() -> FunctionRuntime:
    return make_engine(ENGINES[0], MemoryStores({}, 0))


def doomed(case: dict[str, Any], paths: list[str], tags: list[str]) -> Callable[[CacheKey, StoredObject], bool]:
    """What an invalidation names."""
    header = case.get("cache_tag_header", "")
    return lambda key, stored: (
        any(invalidation.by_path(path, key) for path in paths)
        or any(invalidation.by_tag(tag, header, stored) for tag in tags)
    )


class InVirtualTime:
    """Through the Playbook: no sockets, no loop."""

    def __init__(self, case: dict[str, Any]) -> None:
        distributions = distributions_of(case)
        self._case = case
        self._play = Playbook(
            distributions[0],
            functions=engine().run,
            topology=topology_of(case),
            distributions=deployment.choices(distributions),
        )
        self.clock = self._play.clock

    async def ask(
        self, method: str, target: str, headers: dict[str, str], origin: dict[str, Any] | None, body: bytes
    ) -> Seen:
        location = Location(country=self._case.get("country", ""))
        talk = self._play.request(method, target, headers, body, scheme="http", http_version="1.1", location=location)
        target_seen, headers_seen, asked = None, Headers(), []
        while talk.asked is not None:
            attempt = talk.origin_request
            script = answer_of(origin, attempt.request.target, attempt.origin.id)
            target_seen, headers_seen = attempt.request.target, attempt.request.headers
            asked.append(attempt.origin.id)
            if script.get("drops"):
                talk.origin_fails(OriginFailureKind.DROPPED)
            elif "chunked" in script:
                talk.origin_answers(
                    script["status"],
                    Arriving(_body(script, method)),
                    {**script.get("headers", {}), "Transfer-Encoding": "chunked"},
                )
                talk.body_ends()
            else:
                talk.origin_answers(script["status"], _body(script, method), script.get("headers", {}))
        found = talk.body
        whole = found if isinstance(found, bytes) else b"".join(found.pieces)  # type: ignore[union-attr]
        return Seen(talk.status, talk.headers, b"" if method == "HEAD" else whole, target_seen, headers_seen)

    def invalidate(self, paths: list[str], tags: list[str]) -> None:
        stores = (self._play.store,) if self._play.tiers is None else self._play.tiers.stores
        for store in stores:
            store.remove_where(doomed(self._case, paths, tags))


class OverSockets:
    """Through the driver, the listener and the origins of `edge serve`; only the clock is the test's."""

    def __init__(self, case: dict[str, Any], client: aiohttp.ClientSession, clock: VirtualClock) -> None:
        self._case = case
        self.client = client
        self.clock = clock
        self.tiers = Tiers(topology_of(case) or ONE_LOCATION)
        self.urls: deque[str] = deque()
        """Where the next request goes, and those after it, in turn."""
        self._script: dict[str, Any] | None = None
        self._got: web.BaseRequest | None = None

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """The origins' side: which one is asked is told by Host."""
        self._got = request
        script = answer_of(self._script, request.raw_path, request.host.partition(".")[0])
        if script.get("drops"):
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        body = _body(script, request.method)
        if "chunked" in script:
            stream = web.StreamResponse(status=script["status"], headers=script.get("headers"))
            stream.enable_chunked_encoding()
            await stream.prepare(request)
            await stream.write_eof(body)
            return stream
        return web.Response(status=script["status"], headers=script.get("headers"), body=body)

    async def ask(
        self, method: str, target: str, headers: dict[str, str], origin: dict[str, Any] | None, body: bytes
    ) -> Seen:
        self._script, self._got = origin, None
        self.urls.rotate()
        url = URL(f"{self.urls[0]}{target}", encoded=True)
        async with self.client.request(
            method,
            url,
            headers=headers,
            data=body or None,
            allow_redirects=False,
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent", "Content-Type"),
        ) as response:
            found = await response.read()
            lines = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.raw_headers)
        if self._got is None:
            return Seen(response.status, lines, found)
        got = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in self._got.raw_headers)
        return Seen(response.status, lines, found, self._got.raw_path, got)

    def invalidate(self, paths: list[str], tags: list[str]) -> None:
        self.tiers.remove_where(doomed(self._case, paths, tags))


class BehindWorkers(OverSockets):
    """Through two workers in turn, and the owner of their cache."""

    def __init__(self, case: dict[str, Any], client: aiohttp.ClientSession, clock: VirtualClock) -> None:
        super().__init__(case, client, clock)
        self.copies = [Tiers(self.tiers.topology, of_a_worker=True) for _ in range(2)]
        self.invalidations = 0

    def invalidate(self, paths: list[str], tags: list[str]) -> None:
        super().invalidate(paths, tags)
        self.invalidations += 1
        for tiers in self.copies:
            for store in tiers.stores:
                assert isinstance(store, Copies)
                store.invalidate(self.invalidations, doomed(self._case, paths, tags))


R = TypeVar("R", bound=OverSockets)


@asynccontextmanager
async def with_origins(case: dict[str, Any], make: Callable[..., R]) -> AsyncIterator[tuple[R, Callable[..., Driver]]]:
    """A runner with its origins, and what makes drivers for the case."""
    client = aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar())
    runner = make(case, client, VirtualClock())
    site = web.ServerRunner(web.Server(runner.answer), access_log=None)  # type: ignore[arg-type]
    await site.setup()
    await web.TCPSite(site, "127.0.0.1", 0).start()
    origins = Origins()
    ids: Iterator[str] = (request_id(number) for number in range(1, 1_000_000))
    distributions = distributions_of(case, f"http://127.0.0.1:{site.addresses[0][1]}")
    drivers: list[Driver] = []

    def driver(tiers: Tiers, owner: Owner | None = None) -> Driver:
        made = Driver(
            distributions[0],
            distributions=deployment.choices(distributions),
            store=tiers.first.store,
            tiers=tiers,
            origins=origins,
            functions=engine(),
            clock=runner.clock,
            request_ids=lambda: next(ids),
            edge=tiers.first.edge,
            location=Location(country=case.get("country", "")),
            owner=owner,
        )
        drivers.append(made)
        return made

    try:
        yield runner, driver
    finally:
        await runner.client.close()
        for one in drivers:
            await one.close()
        await origins.close()
        await site.cleanup()


@asynccontextmanager
async def listening(runner: OverSockets, *drivers: Driver) -> AsyncIterator[None]:
    """Viewers come to these."""
    listeners = [Http1Listener(driver, "127.0.0.1", 0) for driver in drivers]
    for listener in listeners:
        await listener.start()
        runner.urls.append(listener.url)
    try:
        yield
    finally:
        for listener in listeners:
            await listener.close()


@asynccontextmanager
async def over_sockets(case: dict[str, Any]) -> AsyncIterator[OverSockets]:
    """The proxy and its origins, for one case."""
    async with with_origins(case, OverSockets) as (runner, driver), listening(runner, driver(runner.tiers)):
        yield runner


@asynccontextmanager
async def behind_workers(case: dict[str, Any], socket: Path) -> AsyncIterator[BehindWorkers]:
    """An owner, who answers at this socket, and two workers."""
    async with with_origins(case, BehindWorkers) as (runner, driver):
        owning = driver(runner.tiers)
        versions = Versions()
        versions.add(1, owning.distributions or (owning.distribution,))
        desk = Desk(owning, runner.tiers, versions, runner.clock.now, no_lambdas, lambda: runner.invalidations)
        await desk.start(socket)
        owners = [Owner(socket, versions) for _ in runner.copies]
        workers = [driver(tiers, owner) for tiers, owner in zip(runner.copies, owners, strict=True)]
        try:
            async with listening(runner, *workers):
                yield runner
        finally:
            for owner in owners:
                owner.close()
            await desk.close()


def no_lambdas() -> Any:
    raise AssertionError("no case has a Lambda function")


def answer_of(origin: dict[str, Any] | None, target: str, id: str) -> dict[str, Any]:
    """An origin's answer: the step's own, or that which it has for this target, or for the origin of this name."""
    assert origin is not None, f"the origin {id} was asked for {target}"
    if "status" in origin or "drops" in origin:
        return origin
    found: dict[str, Any] = origin.get(target) or origin.get(id) or {}
    assert found, f"no answer for {id}, {target}"
    return found


def _body(origin: dict[str, Any], method: str) -> bytes:
    body: bytes = str(origin.get("body", "")).encode() * origin.get("times", 1)
    return b"" if method == "HEAD" else body


async def run(case: dict[str, Any], runner: Runner) -> None:
    """Step after step; a failure names the step."""
    signatures: dict[str, str] = {}
    for number, step in enumerate(case["steps"], 1):
        if "wait" in step:
            runner.clock.advance(seconds=step["wait"])
            continue
        if "invalidate" in step or "invalidate_tags" in step:
            runner.invalidate(step.get("invalidate", []), step.get("invalidate_tags", []))
            continue
        method, target = step["ask"].split(" ", 1)
        target += "x" * step.get("repeat", 0)
        headers = {"Host": "localhost", **step.get("headers", {})}
        if "sign" in step:
            signatures = _signatures(step["sign"], target, runner.clock.now())
        if step.get("with") == "cookies":
            headers["Cookie"] = "; ".join(f"CloudFront-{name}={value}" for name, value in signatures.items())
        elif step.get("with") == "parameters":
            mark = "&" if "?" in target else "?"
            target += mark + "&".join(f"{name}={value}" for name, value in signatures.items())
        body = step.get("body", "").encode()
        seen = await runner.ask(method, target, headers, step.get("origin"), body)
        where = f"{case['id']}, step {number} ({step['ask']})"
        _compare(where, step.get("sees", {}), seen.status, seen.headers, seen.body)
        asked = seen.origin_target is not None
        assert asked == ("origin" in step), f"{where}: the origin was {'' if asked else 'not '}asked"
        gets = step.get("origin_gets", {})
        assert gets.get("target", seen.origin_target) == seen.origin_target, where
        _compare_headers(f"{where}, at the origin", gets.get("headers", {}), seen.origin_headers)


def _signatures(wanted: dict[str, Any], target: str, now: float) -> dict[str, str]:
    """A signature over a URL, or over the resource that a custom policy names."""
    url = f"http://localhost{target}"
    resource = wanted.get("resource", url)
    permission = Permission(resource, int(now) + wanted["seconds"], source_ip=wanted.get("source_ip"))
    return dict(sign(permission, url, load_private_key(key_pair()[0]), KEY_ID))


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


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
async def test_a_case_behind_workers(case: dict[str, Any], tmp_path: Path) -> None:
    """One request at one worker, the next at the other: nobody can tell."""
    async with behind_workers(case, tmp_path / "owner") as runner:
        await run(case, runner)


def test_each_case_says_where_it_comes_from_and_how_true_it_is() -> None:
    """What it is about, and on which other cases it rests."""
    ids = {case["id"] for case in CASES}
    for case in CASES:
        assert case["source"]
        assert case["kind"] in ("exact", "near", "check")
        assert case["topic"] in TOPICS
        assert set(case.get("depends_on", ())) <= ids
    assert len(ids) == len(CASES)


def test_each_topic_has_cases() -> None:
    """None is forgotten."""
    assert {case["topic"] for case in CASES} == TOPICS
