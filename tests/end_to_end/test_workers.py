"""Two workers and the owner of their cache: whatever a viewer asks of either, it is as if there were one process.

The workers are in the test's own process, each with a listener of its own, so that a test can say who is asked. They
speak with their owner over the same sockets as processes do; processes are in test_worker_processes.py. What is not
about several workers is promised in the other files, some of which run behind a worker too (`BOTH_WAYS`).
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from edge.admin import AdminListener
from edge.app import Options
from edge.cache.invalidations import Batch
from edge.configuration import from_flags
from edge.logs.metrics import Metrics
from edge.reports import Reports
from edge.runtimes.engine import ENGINES
from edge.runtimes.lambda_edge import interpreters
from edge.workers import CannotStart
from edge.workers.crew import Crew

Proxy = Any  # of conftest.py
StartProxy = Callable[..., Awaitable[Proxy]]
Origin = Any  # a ScriptedOrigin of tests/conftest.py
Connection = Any
Connect = Callable[[int], Awaitable[Any]]
Until = Callable[[Callable[[], bool]], Awaitable[None]]

BOTH = (0, 1)
LARGE = 300_000
"""More than goes with the owner's answer, and less than workers keep."""


@pytest.fixture
async def proxy(start_proxy: StartProxy, origin: Origin) -> Proxy:
    return await start_proxy(origin.url, workers=2)


def answer(body: bytes, *lines: str) -> bytes:
    head = ("HTTP/1.1 200 OK", f"Content-Length: {len(body)}", "Cache-Control: max-age=60", *lines, "", "")
    return "\r\n".join(head).encode() + body


# The cache.


async def test_a_miss_at_one_worker_is_a_hit_at_the_other(proxy: Proxy, origin: Origin) -> None:
    replies = [await proxy.get("/a", worker=worker) for worker in (0, 1, 0, 1)]
    assert [reply.x_cache for reply in replies] == ["Miss", "Hit", "Hit", "Hit"]
    assert {reply.body for reply in replies} == {b"hello"}
    assert len(origin.requests) == 1


async def test_a_worker_serves_what_it_has_a_copy_of_by_itself(proxy: Proxy, origin: Origin) -> None:
    """That is why there are workers: a hit asks nobody. What the owner would be asked for fails here."""
    await proxy.get("/a", worker=0)
    await proxy.get("/a", worker=1)
    await proxy.crew.desk.close()
    assert [(await proxy.get("/a", worker=worker)).x_cache for worker in BOTH] == ["Hit", "Hit"]
    assert (await proxy.get("/a", "Range: bytes=1-3", worker=1)).body == b"ell"
    head = await proxy.get("/a", worker=1, method="HEAD")
    assert (head.get("content-length"), head.body) == ("5", b"")


async def test_copies_grow_old_with_the_object(proxy: Proxy, origin: Origin) -> None:
    """The same Age at every worker, and the same end."""
    for worker in BOTH:
        await proxy.get("/a", worker=worker)
    proxy.clock.ahead_s += 30
    assert [(await proxy.get("/a", worker=worker)).get("age") for worker in BOTH] == ["30", "30"]
    proxy.clock.ahead_s += 31
    assert [(await proxy.get("/a", worker=worker)).x_cache for worker in BOTH] == ["Miss", "Hit"]
    assert len(origin.requests) == 2


async def test_viewers_of_all_workers_wait_for_one_fetch(proxy: Proxy, origin: Origin, until: Until) -> None:
    answered = asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        while True:
            origin.requests.append(await connection.request())
            await answered.wait()
            await connection.send(origin.answers[0])

    asking = [asyncio.ensure_future(proxy.get("/a", worker=number % 2)) for number in range(10)]
    await until(lambda: sum(len(one.listener.connections) for one in proxy.workers) == 10)
    await until(lambda: len(origin.requests) == 1)
    answered.set()
    replies = await asyncio.gather(*asking)
    assert sorted(reply.x_cache for reply in replies) == ["Hit"] * 9 + ["Miss"]
    assert len(origin.requests) == 1


async def test_a_viewer_who_leaves_one_worker_leaves_the_duty_to_one_of_the_other(
    proxy: Proxy, origin: Origin, until: Until
) -> None:
    answered = asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        while True:
            origin.requests.append(await connection.request())
            await answered.wait()
            await connection.send(origin.answers[0])

    first = await proxy.connect(0)
    first.send(b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await until(lambda: len(origin.requests) == 1)
    second = asyncio.ensure_future(proxy.get("/a", worker=1))
    first.leave()
    await until(lambda: len(origin.requests) == 2)
    answered.set()
    assert (await second).body == b"hello"


async def test_a_viewer_who_leaves_in_the_middle_lets_go_of_the_origin(proxy: Proxy, origin: Origin) -> None:
    """Through the worker and its owner; and nothing of it is kept."""
    left = asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\nCache-Control: max-age=60\r\n\r\nhalf")
        await connection.left()
        left.set()

    viewer = await proxy.connect(0)
    viewer.send(b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (await viewer.head()).status == 200
    viewer.leave()
    async with asyncio.timeout(10):
        await left.wait()
    assert len(proxy.app.store) == 0


async def test_a_body_is_read_at_both_while_it_arrives(proxy: Proxy, origin: Origin) -> None:
    """Each viewer gets its first half before the origin has sent the second one."""
    go_on = asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        origin.requests.append(await connection.request())
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\nCache-Control: max-age=60\r\n\r\nhalf")
        await go_on.wait()
        await connection.send(b"half")
        await connection.left()

    viewers = [await proxy.connect(worker) for worker in BOTH]
    for viewer in viewers:
        viewer.send(b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert (await viewer.head()).status == 200
        assert await viewer.reader.readexactly(4) == b"half"
    go_on.set()
    assert [await viewer.reader.readexactly(4) for viewer in viewers] == [b"half", b"half"]
    assert [(await proxy.get("/a", worker=worker)).x_cache for worker in BOTH] == ["Hit", "Hit"]
    assert len(origin.requests) == 1


async def test_large_objects_are_the_same_to_the_byte(proxy: Proxy, origin: Origin) -> None:
    body = bytes(range(250)) * (LARGE // 250)
    origin.answers_with(answer(body))
    for worker in (0, 1, 0, 1):
        assert (await proxy.get("/a", worker=worker)).body == body
    assert (await proxy.get("/a", "Range: bytes=249-250", worker=1)).body == b"\xf9\x00"


async def test_a_body_that_breaks_off_is_cut_at_the_viewer_too(proxy: Proxy, origin: Origin) -> None:
    """And is not kept."""

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\nCache-Control: max-age=60\r\n\r\nhalf")
        connection.close()

    viewer = await proxy.connect(0)
    viewer.send(b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n")
    head, _, body = (await viewer.rest()).partition(b"\r\n\r\n")
    assert b"Content-Length: 50" in head
    assert len(body) < 50
    assert len(proxy.app.store) == 0


async def test_an_expired_object_is_served_while_one_refresh_runs(proxy: Proxy, origin: Origin, until: Until) -> None:
    """One for both, and both have what it brought."""
    refreshed = asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        while True:
            origin.requests.append(await connection.request())
            if len(origin.requests) == 1:
                await connection.send(answer(b"one").replace(b"max-age=60", b"max-age=60, stale-while-revalidate=60"))
            else:
                await refreshed.wait()
                await connection.send(answer(b"two"))

    for worker in BOTH:
        await proxy.get("/a", worker=worker)
    proxy.clock.ahead_s += 70
    assert [(await proxy.get("/a", worker=worker)).body for worker in (0, 1, 0, 1)] == [b"one"] * 4
    refreshed.set()
    await until(lambda: not proxy.app.store.leases)
    assert [(await proxy.get("/a", worker=worker)).body for worker in BOTH] == [b"two", b"two"]
    assert len(origin.requests) == 2


async def test_an_error_of_the_origin_is_cached_for_all(proxy: Proxy, origin: Origin) -> None:
    origin.answers_with(b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone")
    replies = [await proxy.get("/a", worker=worker) for worker in (0, 1, 0, 1)]
    assert [(reply.status, reply.x_cache, reply.body) for reply in replies] == [(404, "Error", b"gone")] * 4
    assert len(origin.requests) == 1


async def test_an_error_whose_page_is_another_is_cached_too(
    start_proxy: StartProxy, origin: Origin, tmp_path: Path
) -> None:
    """Its body, which no viewer gets, comes to its end in the owner's cache; both workers have page and error then."""
    page = {"ErrorCode": 404, "ResponsePagePath": "/page", "ResponseCode": 200, "ErrorCachingMinTTL": 60}
    (tmp_path / "template.json").write_text(json.dumps(template(origin.url, CustomErrorResponses=[page])))
    (tmp_path / "edge.toml").write_text(f'[origins]\nsite = "{origin.url}"\n')
    proxy = await start_proxy(config=tmp_path / "template.json", workers=2)

    @origin.plays
    async def play(connection: Connection) -> None:
        while True:
            seen = await connection.request()
            origin.requests.append(seen)
            if seen.target == "/page":
                await connection.send(answer(b"page"))
            else:
                await connection.send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 300000\r\n\r\n")
                await connection.send(b"x" * 300_000)

    replies = [await proxy.get("/a", worker=0)]
    await proxy.workers[0].worker.driver.settle()
    replies += [await proxy.get("/a", worker=worker) for worker in (1, 0)]
    assert [(reply.status, reply.body) for reply in replies] == [(200, b"page")] * 3
    assert [seen.target for seen in origin.requests] == ["/a", "/page"]


def template(url: str, **config: Any) -> dict[str, Any]:
    """A CloudFormation template of one distribution."""
    site = {"Id": "site", "DomainName": "site.test", "CustomOriginConfig": {"OriginProtocolPolicy": "http-only"}}
    behavior = {
        "TargetOriginId": "site",
        "ViewerProtocolPolicy": "allow-all",
        "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    }
    settings = {"Enabled": True, "Origins": [site], "DefaultCacheBehavior": behavior, **config}
    return {
        "Resources": {"Site": {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": settings}}}
    }


# What its owner tells it.


async def everywhere(proxy: Proxy, batch: Batch) -> int:
    """An invalidation as the admin listener makes it."""
    objects: int = proxy.app.invalidate(batch).objects
    await proxy.crew.settled()
    return objects


async def test_an_invalidation_is_answered_when_all_workers_have_done_it(proxy: Proxy, origin: Origin) -> None:
    """One object is counted once, however many copies there are."""
    for target in ("/a", "/b"):
        for worker in BOTH:
            await proxy.get(target, worker=worker)
    assert await everywhere(proxy, Batch(("/a",))) == 1
    assert [(await proxy.get("/a", worker=worker)).x_cache for worker in BOTH] == ["Miss", "Hit"]
    assert [(await proxy.get("/b", worker=worker)).x_cache for worker in BOTH] == ["Hit", "Hit"]


async def test_nobody_gets_what_was_there_before_an_invalidation_that_was_answered(
    proxy: Proxy, origin: Origin
) -> None:
    """While viewers hammer at both workers, so that answers and commands overtake each other."""
    version = 0

    @origin.plays
    async def play(connection: Connection) -> None:
        while True:
            await connection.request()
            await connection.send(answer(b"%d" % version))

    stop = asyncio.Event()

    async def hammer(worker: int) -> None:
        viewer = await proxy.connect(worker)
        while not stop.is_set():
            at_least = settled
            assert int((await viewer.get("/a")).body) >= at_least

    settled = 0
    hammering = [asyncio.ensure_future(hammer(number % 2)) for number in range(6)]
    for _ in range(100):
        version += 1
        await everywhere(proxy, Batch(("/a",)))
        settled = version
        assert [int((await proxy.get("/a", worker=worker)).body) for worker in BOTH] == [version, version]
    stop.set()
    await asyncio.gather(*hammering)


def answering(text: str) -> str:
    return f"function handler(event) {{ return {{ statusCode: 200, body: '{text}' }} }}"


async def test_an_edit_is_taken_up_by_all_without_dropping_a_request(
    start_proxy: StartProxy, origin: Origin, until: Until, tmp_path: Path
) -> None:
    """Once it is said that it is taken up, nobody runs the version before."""
    function = tmp_path / "answer.js"
    function.write_text(answering("0"))
    proxy = await start_proxy(origin.url, viewer_request=function, workers=2)
    stop = asyncio.Event()

    async def hammer(worker: int) -> None:
        viewer = await proxy.connect(worker)
        while not stop.is_set():
            at_least = len(proxy.said)
            assert int((await viewer.get("/")).body) >= at_least

    hammering = [asyncio.ensure_future(hammer(number % 2)) for number in range(4)]
    for number in range(1, 6):
        function.write_text(answering(f"{number}"))
        proxy.app.reload()
        await until(lambda number=number: len(proxy.said) == number)  # type: ignore[misc]
        assert [(await proxy.get("/", worker=worker)).body for worker in BOTH] == [b"%d" % number] * 2
    stop.set()
    await asyncio.gather(*hammering)
    assert set(proxy.said) == {"taken up: the files have changed"}


async def test_a_broken_edit_leaves_the_last_good_version_at_all(
    start_proxy: StartProxy, origin: Origin, tmp_path: Path
) -> None:
    """It is said once."""
    function = tmp_path / "answer.js"
    function.write_text(answering("good"))
    proxy = await start_proxy(origin.url, viewer_request=function, workers=2)
    function.write_text("function handler(event) { return")
    assert not proxy.app.reload()
    await proxy.crew.settled()
    assert [(await proxy.get("/", worker=worker)).body for worker in BOTH] == [b"good", b"good"]
    assert len(proxy.said) == 1
    assert "the version before it goes on" in proxy.said[0]


READS_THE_STORE = """
import cf from 'cloudfront';
const store = cf.kvs();
async function handler(event) {
    return { statusCode: 200, body: await store.get('word', { format: 'string' }) };
}
"""


async def test_a_changed_key_value_store_is_seen_at_all(
    start_proxy: StartProxy, origin: Origin, until: Until, tmp_path: Path
) -> None:
    pairs = tmp_path / "pairs.json"
    function = tmp_path / "reads.js"
    function.write_text(READS_THE_STORE)

    def hold(word: str) -> None:
        pairs.write_text(json.dumps({"data": [{"key": "word", "value": word}]}))

    hold("one")
    proxy = await start_proxy(origin.url, viewer_request=function, kvs={"words": pairs}, workers=2)
    assert [(await proxy.get("/", worker=worker)).body for worker in BOTH] == [b"one", b"one"]
    hold("two")
    proxy.app.reload()
    await until(lambda: bool(proxy.said))
    assert [(await proxy.get("/", worker=worker)).body for worker in BOTH] == [b"two", b"two"]


async def test_an_exchange_goes_on_with_the_version_that_it_began_with(
    start_proxy: StartProxy, origin: Origin, until: Until, tmp_path: Path
) -> None:
    """Also when so many versions have come meanwhile that the owner has forgotten it."""
    proxy = await start_proxy(origin.url, viewer_response=marking(tmp_path, "old"), workers=2)
    go_on = answers_one_when_told(origin, answer(b"hello"))
    asked = asyncio.ensure_future(proxy.get("/a", worker=0))
    await until(lambda: len(origin.requests) == 1)
    for number in range(20):
        marking(tmp_path, f"new {number}")
        proxy.app.reload()
    await proxy.crew.settled()
    go_on.set()
    assert (await asked).get("x-is") == "old"
    assert (await proxy.get("/a", worker=1)).get("x-is") == "new 19"


def answers_one_when_told(origin: Origin, bytes_: bytes) -> asyncio.Event:
    """Each connection of the origin takes one request, and answers it once the event is set."""
    told = asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        origin.requests.append(await connection.request())
        await told.wait()
        await connection.send(bytes_)
        await connection.left()

    return told


def marking(folder: Path, value: str) -> Path:
    """A viewer response function that leaves a mark."""
    function = folder / "mark.js"
    line = f"event.response.headers['x-is'] = {{ value: '{value}' }}"
    function.write_text(f"function handler(event) {{ {line}; return event.response }}")
    return function


async def test_a_worker_that_cannot_begin_is_an_error(start_proxy: StartProxy, origin: Origin) -> None:
    """Half of the workers is not what was asked for."""
    app = (await start_proxy(origin.url)).app
    options = Options(ENGINES[0])

    def ends_at_once(control: socket.socket, files: object) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])

    crew = Crew(app, 2, from_flags(origin.url), options, Reports(), ends_at_once)
    with pytest.raises(CannotStart, match=r"worker 1 ended before it could serve \(status 3\)"):
        await crew.start()
    await crew.close()


# What is counted and remembered.


@pytest.fixture
async def admin(proxy: Proxy) -> Any:
    app = proxy.app
    listener = AdminListener(
        "127.0.0.1", 0, app.tiers, app.trails, Metrics(), app.invalidate, app.invalidations, proxy.crew
    )
    await listener.start()
    yield listener
    await listener.close()


async def test_metrics_are_those_of_all_workers(proxy: Proxy, admin: AdminListener, connect: Connect) -> None:
    """Each is counted once, however often somebody looks."""
    for worker in (0, 1, 1):
        await proxy.get("/a", worker=worker)
    for _ in range(2):
        text = (await (await connect(admin.port)).get("/.edge/metrics")).body.decode()
        assert 'cloudfront_requests_total{DistributionId="EDGEONALAPTOP1",Region="Global"} 3\n' in text
        assert 'edge_results_total{x_cache="Hit"} 2\n' in text
        assert 'edge_results_total{x_cache="Miss"} 1\n' in text
        assert "edge_cache_objects 1\n" in text


async def test_a_trail_is_found_whoever_answered(proxy: Proxy, admin: AdminListener, connect: Connect) -> None:
    """With what the owner did for it."""
    for worker, origins in ((0, 1), (1, 0)):
        id = (await proxy.get("/a", worker=worker)).get("x-amz-cf-id")
        found = json.loads((await (await connect(admin.port)).get(f"/.edge/trails/{id}")).body)
        assert (found["target"], len(found["origins"]), found["ttl_s"]) == ("/a", origins, 60 if origins else None)
    assert (await (await connect(admin.port)).get("/.edge/trails/nothing")).status == 404


async def test_an_invalidation_over_the_admin_listener(proxy: Proxy, admin: AdminListener, connect: Connect) -> None:
    for worker in BOTH:
        await proxy.get("/a", worker=worker)
    asked = await (await connect(admin.port)).get("/.edge/invalidations", method="POST", body=b'{"paths": ["/*"]}')
    assert (asked.status, json.loads(asked.body)["objects"]) == (200, 1)
    assert (await proxy.get("/a", worker=1)).x_cache == "Miss"


async def test_rates_of_aws_waf_are_those_of_all_workers(
    start_proxy: StartProxy, origin: Origin, until: Until, tmp_path: Path
) -> None:
    """What one has counted counts at the other a moment later."""
    toml = tmp_path / "edge.toml"
    toml.write_text('[waf]\ndefault_action = "allow"\n[[waf.rules]]\nname = "many"\naction = "block"\nrate = 10\n')
    proxy = await start_proxy(origin.url, local_file=toml, workers=2)
    assert {(await proxy.get("/a", worker=0)).status for _ in range(10)} == {200}
    rates = proxy.workers[1].worker.tiers.first.store.rates
    await until(lambda: rates.counted("many", "127.0.0.1") == 10)
    assert (await proxy.get("/a", worker=1)).status == 403


async def test_a_throttled_function_is_throttled_at_all(
    start_proxy: StartProxy, origin: Origin, tmp_path: Path, until: Until
) -> None:
    (tmp_path / "edge.toml").write_text("[switches]\nfunction_throttling = true\n")
    function = tmp_path / "fails.js"
    function.write_text("function handler(event) {\n  let = ;\n}")
    proxy = await start_proxy(origin.url, viewer_request=function, local_file=tmp_path / "edge.toml", workers=2)
    met = [(await proxy.get("/", worker=0)).x_cache for _ in range(4)]
    assert met == ["FunctionExecutionError"] * 3 + ["FunctionThrottledError"]
    throttle = proxy.workers[1].worker.counts.throttle
    await until(lambda: throttle.refuses("fails", proxy.clock.now()) is not None)
    assert (await proxy.get("/", worker=1)).x_cache == "FunctionThrottledError"


# Requests that the cache has no part in, and Lambda functions.


async def test_what_is_not_cached_goes_straight_to_the_origin(proxy: Proxy, origin: Origin) -> None:
    """With its body, from each worker."""
    for worker in BOTH:
        assert (await proxy.get("/form", worker=worker, method="POST", body=b"x" * LARGE)).status == 200
    assert [len(seen.body) for seen in origin.requests] == [LARGE, LARGE]


SLOW = """
import http.server, urllib.request

def handler(event, context):
    urllib.request.urlopen("ORIGIN/busy").read()
    return {"status": "200", "body": context.aws_request_id}
"""


async def test_lambda_environments_are_counted_once_for_all_workers(
    start_proxy: StartProxy, origin: Origin, until: Until, tmp_path: Path
) -> None:
    """A function with one reserved environment: while it is busy for one worker it is throttled at the other."""
    try:
        interpreters.find("python3.11")
    except interpreters.NoInterpreter as missing:
        pytest.skip(str(missing))
    (tmp_path / "slow.py").write_text(SLOW.replace("ORIGIN", origin.url))
    (tmp_path / "edge.toml").write_text("[lambda]\naccount_concurrency = 101\n[lambda.reserved]\nslow = 1\n")
    proxy = await start_proxy(
        origin.url,
        origin_request=f"{tmp_path / 'slow.py'}:handler",
        local_file=tmp_path / "edge.toml",
        workers=2,
    )
    done = answers_one_when_told(origin, answer(b"done"))
    first = asyncio.ensure_future(proxy.get("/a", worker=0))
    await until(lambda: len(origin.requests) == 1)
    assert (await proxy.get("/b", worker=1)).status == 503
    done.set()
    assert (await first).status == 200
    assert proxy.app.lambda_counts()["throttled"] == 1
