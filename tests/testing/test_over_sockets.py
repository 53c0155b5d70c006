"""The same tests over real sockets: what comes over the wire is what a test sees."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.testing import Site, UnscriptedRequestError, VirtualClock

Maker = Callable[..., Site]

EDGE_LINES = ("via", "x-amz-cf-id", "x-amz-cf-pop", "x-cache")

HANDLER = """
export const handler = async (event) => {
  const request = event.Records[0].cf.request;
  request.headers['x-handled'] = [{ key: 'X-Handled', value: new Date().toISOString() }];
  return request;
};
"""


@pytest.fixture(params=[False, True], ids=["in process", "over sockets"])
def site(distribution: Maker, request: pytest.FixtureRequest) -> Site:
    """The same distribution in both ways."""
    return distribution(
        sockets=request.param,
        cache_policy="CachingOptimized",
        origin_request_policy="AllViewerExceptHostHeader",
        custom_error_responses={504: ("/sorry", 504)},
    )


def test_a_page_is_cached(site: Site, clock: VirtualClock) -> None:
    """With the same headers, ages and reasons."""
    page = site.origin.get("/a").replies(
        200, {"Cache-Control": "max-age=60", "Content-Type": "text/css", "Set-Cookie": "a=1"}, "hello" * 300
    )
    first = site.get("/a", headers={"Accept-Encoding": "gzip"})
    assert (first.status, first.x_cache, first.text) == (200, "Miss from cloudfront", "hello" * 300)
    assert first.cookies["a"] == "1"
    clock.advance(seconds=30)
    second = site.get("/a", headers={"Accept-Encoding": "gzip"}, viewer={"country": "DE", "ip": "203.0.113.9"})
    assert (second.x_cache, second.age, page.times) == ("Hit from cloudfront", 30, 1)
    assert first.why("ttl") == "max-age of 60 s counts"
    assert first.cached_for(60)
    assert second.served.viewer.ip == "203.0.113.9"
    assert set(first.headers) >= {*("cache-control", "content-encoding", "set-cookie"), *EDGE_LINES}


def test_bodies_go_both_ways(site: Site) -> None:
    """And HEAD brings none."""
    site.origin.post("/form").computes(lambda request: (201, {"X-Length": str(len(request.body))}, request.body))
    made = site.post("/form", b"\x00\xff" * 1000)
    assert (made.status, made.body, made.headers["x-length"]) == (201, b"\x00\xff" * 1000, "2000")
    site.origin.get("/a").replies(200, {}, "hello")
    head = site.head("/a")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", "5")


def test_failures_of_origins(site: Site) -> None:
    """They take no time, and the error page comes."""
    site.origin.get("/slow").fails("timeout")
    site.origin.get("/sorry").replies(200, {}, "try later")
    response = site.get("/slow")
    assert (response.status, response.text) == (504, "try later")
    assert response.why("edge_errors") == "as scripted"


def test_a_stale_object_is_refreshed_beside_the_answer(site: Site, clock: VirtualClock) -> None:
    """And the refresh has ended when the answer is there."""
    page = site.origin.get("/a").replies(200, {"Cache-Control": "max-age=60, stale-while-revalidate=600"}, "hello")
    site.get("/a")
    clock.advance(seconds=90)
    assert site.get("/a").text == "hello"
    assert page.times == 2


def test_what_is_not_scripted_fails_the_test(site: Site) -> None:
    """Over sockets too."""
    with pytest.raises(UnscriptedRequestError, match="asked for GET /a"):
        site.get("/a")


def test_handlers_run_too(distribution: Maker, tmp_path: Path) -> None:
    """With the test's time."""
    (tmp_path / "on-request.mjs").write_text(HANDLER)
    site = distribution(sockets=True, origin_request=tmp_path / "on-request.mjs")
    site.origin.any().replies(200)
    assert site.get("/a").status == 200
    assert site.origin.requests[-1].headers["x-handled"] == "2026-01-01T00:00:00.000Z"


def test_a_connection_is_made(distribution: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the one way, and none in the other."""
    addresses: list[object] = []
    connect = socket.create_connection

    def watched(address: object, *rest: object, **named: object) -> socket.socket:
        addresses.append(address)
        return connect(address, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "create_connection", watched)
    for sockets in (False, True):
        site = distribution(sockets=sockets)
        site.origin.any().replies(200)
        assert addresses == []
        site.get("/a")
    assert len(addresses) == 1
