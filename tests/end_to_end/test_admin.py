"""The admin listener: what it tells, and whom."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from edge.admin import AdminListener
from edge.cache.invalidations import Batch
from edge.logs.metrics import Metrics

Proxy = Any  # of conftest.py
Viewer = Any
Ask = Callable[..., Awaitable[tuple[int, str]]]
Connect = Callable[[int], Awaitable[Viewer]]
Origin = Any  # a ScriptedOrigin of tests/conftest.py


@pytest.fixture
async def admin(proxy: Proxy) -> AsyncIterator[AdminListener]:
    """Beside the proxy, as `edge serve --admin` has it."""
    metrics = Metrics()
    proxy.loggers.append(metrics.count)
    app = proxy.app
    listener = AdminListener("127.0.0.1", 0, app.store, app.trails, metrics, app.invalidate, app.invalidations)
    await listener.start()
    yield listener
    await listener.close()


@pytest.fixture
def ask(admin: AdminListener, connect: Connect) -> Ask:
    """Asks the admin listener; status and text."""

    async def ask(target: str, *lines: str, **options: Any) -> tuple[int, str]:
        viewer = await connect(admin.port)
        reply = await viewer.get(target, *lines, **options)
        return reply.status, reply.body.decode()

    return ask


async def test_health(proxy: Proxy, ask: Ask) -> None:
    """It counts the objects in the cache."""
    await proxy.get("/a")
    assert await ask("/.edge/health") == (200, '{"status": "ok", "objects": 1}')


async def test_metrics(proxy: Proxy, ask: Ask) -> None:
    """Prometheus text, under the names of CloudFront's metrics."""
    for _ in range(3):
        await proxy.get("/a")
    status, text = await ask("/.edge/metrics")
    assert status == 200
    assert 'edge_results_total{x_cache="Hit"} 2\n' in text
    assert 'cloudfront_requests_total{DistributionId="EDGEONALAPTOP1",Region="Global"} 3\n' in text
    assert 'cloudfront_bytes_downloaded_total{DistributionId="EDGEONALAPTOP1",Region="Global"} 15\n' in text
    assert 'cloudfront_cache_hit_rate{DistributionId="EDGEONALAPTOP1",Region="Global"} 66.667\n' in text
    assert "edge_cache_objects 1\n" in text


async def test_a_trail_is_found_by_the_header(proxy: Proxy, ask: Ask) -> None:
    """x-edge-trail leads to what happened."""
    reply = await proxy.get("/a?b")
    status, text = await ask(f"/.edge/trails/{reply.get('x-edge-trail')}")
    assert status == 200
    assert json.loads(text)["origins"][0]["status"] == 200


async def test_an_unknown_trail(proxy: Proxy, ask: Ask) -> None:
    """404."""
    status, text = await ask("/.edge/trails/nothing")
    assert status == 404
    assert "no trail of this id" in text


async def test_an_invalidation(proxy: Proxy, ask: Ask, origin: Origin) -> None:
    """What it names is fetched again, what it does not name is not."""
    for target in ("/a/1", "/a/2", "/b"):
        await proxy.get(target)
    status, text = await ask("/.edge/invalidations", method="POST", body=b'{"paths": ["/a/*"]}')
    assert (status, json.loads(text)["objects"]) == (200, 2)
    assert [(await proxy.get(target)).x_cache for target in ("/a/1", "/a/2", "/b")] == ["Miss", "Miss", "Hit"]


@pytest.mark.parametrize(
    "body", [b"", b"nonsense", b"[]", b"{}", b'{"paths": []}', b'{"paths": [1]}', b'{"paths": 7}', b'{"paths": ["a"]}']
)
async def test_an_invalidation_that_is_none(proxy: Proxy, ask: Ask, body: bytes) -> None:
    """400 with a reason, and nothing goes."""
    await proxy.get("/a")
    status, text = await ask("/.edge/invalidations", method="POST", body=body)
    assert status == 400
    assert json.loads(text)["error"]
    assert (await proxy.get("/a")).x_cache == "Hit"


async def test_invalidations_are_listed_and_found(proxy: Proxy, ask: Ask) -> None:
    _, made = await ask("/.edge/invalidations", method="POST", body=b'{"paths": ["/a"], "caller_reference": "1"}')
    status, text = await ask("/.edge/invalidations")
    assert (status, json.loads(text)) == (200, [json.loads(made)])
    assert await ask(f"/.edge/invalidations/{json.loads(made)['id']}") == (200, made)
    assert (await ask("/.edge/invalidations/I0"))[0] == 404
    other = await ask("/.edge/invalidations", method="POST", body=b'{"paths": ["/b"], "caller_reference": "1"}')
    assert (other[0], json.loads(other[1])["code"]) == (409, "InvalidationBatchAlreadyExists")


async def test_trap_27_a_star_in_the_middle_is_a_letter_and_a_path_has_no_query(
    start_proxy: Any, origin: Origin
) -> None:
    proxy = await start_proxy(origin.url, cache_policy="UseOriginCacheControlHeaders-QueryStrings")
    targets = ("/a1b", "/a*b", "/a", "/a?x=1")
    for target in targets:
        await proxy.get(target)
    assert proxy.app.invalidate(Batch(("/a*b",))).objects == 1
    assert proxy.app.invalidate(Batch(("/a",))).objects == 1
    assert [(await proxy.get(target)).x_cache for target in targets] == ["Hit", "Miss", "Miss", "Hit"]


async def test_trap_28_a_rewritten_url_is_invalidated_by_what_it_became(
    start_proxy: Any, origin: Origin, tmp_path: Path
) -> None:
    code = tmp_path / "rewrite.js"
    code.write_text("function handler(event) { event.request.uri = '/new' + event.request.uri; return event.request; }")
    proxy = await start_proxy(origin.url, viewer_request=code)
    await proxy.get("/a")
    assert proxy.app.invalidate(Batch(("/a",))).objects == 0
    assert (await proxy.get("/a")).x_cache == "Hit"
    assert proxy.app.invalidate(Batch(("/new/a",))).objects == 1
    assert (await proxy.get("/a")).x_cache == "Miss"


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_invalidations_are_posted(proxy: Proxy, ask: Ask, method: str) -> None:
    """A link must not empty the cache."""
    assert (await ask("/.edge/invalidations", method=method))[0] == 405


@pytest.mark.parametrize("host", ["evil.example.org", "127.0.0.1.example.org", "localhost.example.org:80", "[::2]", ""])
@pytest.mark.parametrize("target", ["/.edge/health", "/.edge/metrics", "/.edge/trails/x", "/.edge/nothing"])
async def test_a_name_that_only_points_here_is_refused(
    admin: AdminListener, connect: Connect, host: str, target: str
) -> None:
    """DNS rebinding: the page's own name leads to 127.0.0.1."""
    viewer = await connect(admin.port)
    viewer.send(f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert (await viewer.reply()).status in (400, 403)


@pytest.mark.parametrize(
    "origin_header", ["http://evil.example.org", "null", "https://localhost", "http://localhost:1"]
)
async def test_a_page_in_a_browser_is_refused(proxy: Proxy, ask: Ask, origin_header: str) -> None:
    """It says where it comes from."""
    await proxy.get("/a")
    status, _ = await ask("/.edge/invalidations", f"Origin: {origin_header}", method="POST", body=b'{"paths": ["/*"]}')
    assert status == 403
    assert (await proxy.get("/a")).x_cache == "Hit"


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
async def test_the_listeners_own_page_is_served(admin: AdminListener, connect: Connect, name: str) -> None:
    """Under each name of this machine."""
    viewer = await connect(admin.port)
    host = f"{name}:{admin.port}"
    viewer.send(f"GET /.edge/health HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n\r\n".encode())
    assert (await viewer.reply()).status == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org", ""])
def test_it_listens_to_this_machine_only(host: str) -> None:
    """Anything else is refused before it is opened."""
    with pytest.raises(ValueError, match="not a loopback address"):
        AdminListener(host, 0, None, None, None, None, None)  # type: ignore[arg-type]


async def test_viewers_cannot_reach_it_through_the_proxy(proxy: Proxy, admin: AdminListener, origin: Origin) -> None:
    """Its paths are the site's own there."""
    assert (await proxy.get("/.edge/health")).body == b"hello"
    assert origin.requests[0].target == "/.edge/health"
