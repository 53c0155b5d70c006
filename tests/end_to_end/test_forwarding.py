"""What goes to the origin, and to the origin only; what comes back, and what does not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

Proxy = Any  # of conftest.py
Origin = Any  # a ScriptedOrigin of tests/conftest.py
StartOrigin = Callable[..., Awaitable[Origin]]
StartProxy = Callable[..., Awaitable[Proxy]]

HOP_BY_HOP = (
    "Connection: X-Mine, close",
    "X-Mine: 1",
    "Keep-Alive: timeout=5",
    "Proxy-Authorization: Basic eDp5",
    "Proxy-Connection: keep-alive",
    "TE: trailers",
    "Trailer: X-Sum",
    "Upgrade: h2c",
    "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA",
    "X-Forwarded-Proto: https",
    "X-Real-IP: 192.0.2.1",
    "X-Edge-Anything: 1",
    "Expect: 100-continue",
)


async def test_the_origin_gets_cloudfronts_request(proxy: Proxy, origin: Origin) -> None:
    """Nothing of the viewer's but what the policy lets through; CloudFront's own headers."""
    await proxy.get("/a/b?c=d", "User-Agent: curl/8", "Accept: */*", "Cookie: a=b", "X-Any: 1")
    (seen,) = origin.requests
    assert seen.line == "GET /a/b HTTP/1.1"
    assert {name for name, _ in seen.lines} == {
        "Host",
        "User-Agent",
        "Via",
        "X-Forwarded-For",
        "X-Amz-Cf-Id",
        "Connection",
    }
    assert seen.get("host") == f"127.0.0.1:{origin.port}"
    assert seen.get("user-agent") == "Amazon CloudFront"
    assert seen.get("connection") == "Keep-Alive"
    assert seen.get("x-forwarded-for") == "127.0.0.1"


async def test_headers_that_belong_to_the_viewers_connection_end_there(start_proxy: StartProxy, origin: Origin) -> None:
    """Even where a policy forwards all that the viewer sent."""
    proxy = await start_proxy(origin.url, origin_request_policy="AllViewer")
    assert (await proxy.get("/", *HOP_BY_HOP, "X-Any: 1", method="POST")).status == 200
    (seen,) = origin.requests
    names = {name.lower() for name, _ in seen.lines}
    assert names.isdisjoint(line.split(":")[0].lower() for line in HOP_BY_HOP if not line.startswith("Connection"))
    assert seen.get("connection") == "Keep-Alive"
    assert seen.get("x-any") == "1"


async def test_headers_that_belong_to_the_origins_connection_end_here(proxy: Proxy, origin: Origin) -> None:
    """The viewer sees neither them nor what the origin says of CloudFront's own."""
    origin.answers_with(
        b"HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Mine\r\nX-Mine: 1\r\nKeep-Alive: timeout=5\r\n"
        b"Proxy-Authenticate: Basic\r\nTrailer: X-Sum\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n"
        b"Via: 1.1 nginx\r\nX-Cache: HIT\r\nX-Amz-Cf-Id: forged\r\nX-Amz-Cf-Pop: NOWHERE\r\nX-Kept: 1\r\n\r\n"
        b"5\r\nhello\r\n0\r\nX-Sum: 7\r\n\r\n"
    )
    reply = await proxy.get("/")
    names = [name.lower() for name, _ in reply.lines]
    assert not {"x-mine", "keep-alive", "proxy-authenticate", "trailer", "upgrade", "x-sum"} & set(names)
    assert (reply.body, reply.x_cache, reply.get("x-kept")) == (b"hello", "Miss", "1")
    assert reply.get("connection") == "keep-alive"
    assert "nginx" not in (reply.get("via") or "")
    assert reply.get("x-amz-cf-id") != "forged"
    assert reply.get("x-amz-cf-pop") != "NOWHERE"


@pytest.mark.parametrize(
    ("target", "lines"),
    [
        ("/", ("Host: {other}",)),
        ("//{other}/", ()),
        ("/@{other}/", ()),
        ("/http://{other}/", ()),
        ("/\\\\{other}/", ()),
        ("/", ("X-Forwarded-Host: {other}", "Forwarded: host={other}", "X-Original-URL: http://{other}/")),
    ],
)
async def test_nothing_leads_anywhere_but_to_the_origin(
    start_proxy: StartProxy, start_origin: StartOrigin, origin: Origin, target: str, lines: tuple[str, ...]
) -> None:
    """Whatever a viewer writes, with all of it forwarded."""
    other = await start_origin()
    name = f"127.0.0.1:{other.port}"
    proxy = await start_proxy(origin.url, origin_request_policy="AllViewer", cache_policy="CachingDisabled")
    viewer = await proxy.connect()
    hosted = [line for line in lines if line.startswith("Host:")] or ["Host: localhost"]
    rest = [line for line in lines if not line.startswith("Host:")]
    head = "\r\n".join((f"GET {target} HTTP/1.1", *hosted, *rest, "", "")).format(other=name)
    viewer.send(head.encode())
    assert (await viewer.reply()).status == 200
    assert other.connections == []
    assert [seen.target for seen in origin.requests] == [target.format(other=name)]


async def test_redirects_of_the_origin_go_to_the_viewer(
    proxy: Proxy, start_origin: StartOrigin, origin: Origin
) -> None:
    """They are not followed, wherever they lead."""
    other = await start_origin()
    origin.answers_with(b"HTTP/1.1 302 Found\r\nLocation: %s/\r\nContent-Length: 0\r\n\r\n" % other.url.encode())
    reply = await proxy.get("/")
    assert (reply.status, reply.get("location")) == (302, f"{other.url}/")
    assert other.connections == []


async def test_what_was_written_arrives_as_it_was(start_proxy: StartProxy, origin: Origin) -> None:
    """Path, query, header values and body, both ways, to the byte."""
    proxy = await start_proxy(origin.url, origin_request_policy="AllViewer", cache_policy="CachingDisabled")
    body = bytes(range(256)) * 8
    origin.answers_with(b"HTTP/1.1 200 Sure\r\nx-LOUD: caf\xe9\xff\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    reply = await proxy.get("/a/../%2e//b?", "x-Odd: caf\xe9 \xc3\xa9\xff", method="POST", body=body)
    (seen,) = origin.requests
    assert (seen.target, seen.get("x-odd"), seen.body) == ("/a/../%2e//b?", "caf\xe9 \xc3\xa9\xff", body)
    assert (reply.body, ("x-LOUD", "caf\xe9\xff") in reply.lines) == (body, True)


async def test_cookies_end_at_a_cache_that_does_not_key_them(proxy: Proxy, origin: Origin) -> None:
    """One viewer's cookie is no other's: the origin gets none, and its Set-Cookie is dropped."""
    origin.answers_with(
        b"HTTP/1.1 200 OK\r\nSet-Cookie: session=1\r\nCache-Control: max-age=60\r\nContent-Length: 5\r\n\r\nhello"
    )
    replies = [await proxy.get("/", "Cookie: session=2") for _ in range(2)]
    assert [reply.get("set-cookie") for reply in replies] == [None, None]
    assert origin.requests[0].get("cookie") is None
