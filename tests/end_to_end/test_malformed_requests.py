"""What is not a fit request gets CloudFront's answer, never reaches the origin, and costs nobody else a thing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

Proxy = Any  # of conftest.py
Origin = Any  # a ScriptedOrigin of tests/conftest.py
Settle = Any
Until = Any

GET = b"GET /a HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /a HTTP/1.1\r\nHost: localhost\r\n"

BAD_REQUESTS = {
    "length and chunked": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked and length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "chunked twice": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "gzip and chunked": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunked and something": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "almost chunked": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked after a tab": POST + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    "chunked in HTTP/1.0": b"POST /a HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "lengths that differ": POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "the same length twice": POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "a list of lengths": POST + b"Content-Length: 5, 5\r\n\r\nhello",
    "a signed length": POST + b"Content-Length: +5\r\n\r\nhello",
    "a negative length": POST + b"Content-Length: -5\r\n\r\nhello",
    "a hexadecimal length": POST + b"Content-Length: 0x5\r\n\r\nhello",
    "a length beyond all numbers": POST + b"Content-Length: 99999999999999999999\r\n\r\nhello",
    "a chunk without a size": POST + b"Transfer-Encoding: chunked\r\n\r\nhello\r\n0\r\n\r\n",
    "a chunk with a signed size": POST + b"Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n",
    "a chunk size in 0x": POST + b"Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
    "a chunk longer than it says": POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n",
    "a chunk line without CR": POST + b"Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
    "an enormous chunk size": POST + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n0\r\n\r\n",
    "NUL in a value": GET + b"X: a\x00b\r\n\r\n",
    "CR in a value": GET + b"X: a\rb\r\n\r\n",
    "LF in a value": GET + b"X: a\nY: b\r\n\r\n",
    "a control character in a value": GET + b"X: a\x07b\r\n\r\n",
    "LF for a line's end": b"GET /a HTTP/1.1\nHost: localhost\n\n",
    "a space before the colon": GET + b"X : y\r\n\r\n",
    "a space before the colon of a length": POST + b"Content-Length : 5\r\n\r\nhello",
    "a line without a colon": GET + b"no colon\r\n\r\n",
    "an empty name": GET + b": value\r\n\r\n",
    "a name with a space": GET + b"bad name: value\r\n\r\n",
    "a name above 127": GET + b"na\xefve: value\r\n\r\n",
    "a folded line": GET + b"X: a\r\n b\r\n\r\n",
    "a folded first line": b"GET /a HTTP/1.1\r\n Host: localhost\r\n\r\n",
    "no Host": b"GET /a HTTP/1.1\r\nX: y\r\n\r\n",
    "two Hosts": GET + b"Host: elsewhere\r\n\r\n",
    "two equal Hosts": GET + b"host: localhost\r\n\r\n",
    "a Host that is a URL": b"GET /a HTTP/1.1\r\nHost: http://localhost/\r\n\r\n",
    "a Host with a user": b"GET /a HTTP/1.1\r\nHost: me@localhost\r\n\r\n",
    "an empty Host": b"GET /a HTTP/1.1\r\nHost: \r\n\r\n",
    "a whole URL": b"GET http://elsewhere.example.org/a HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "no path": b"GET elsewhere.example.org/a HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "an asterisk": b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a fragment": b"GET /a#b HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a path above 127": b"GET /\xc3\xa9 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a path with NUL": b"GET /a\x00b HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a path with a space": b"GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "no version": b"GET /a\r\nHost: localhost\r\n\r\n",
    "HTTP/0.9": b"GET /a\r\n\r\n",
    "HTTP/2.0": b"GET /a HTTP/2.0\r\nHost: localhost\r\n\r\n",
    "HTTP/1.2": b"GET /a HTTP/1.2\r\nHost: localhost\r\n\r\n",
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    "TLS on a plain port": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    "two spaces": b"GET  /a HTTP/1.1\r\nHost: localhost\r\n\r\n",
}

STATUS_OF_OTHERS = {
    "a name and a port": (
        b"CONNECT elsewhere.example.org:443 HTTP/1.1\r\nHost: elsewhere.example.org:443\r\n\r\n",
        400,
    ),
    "an unknown method": (b"BREW /a HTTP/1.1\r\nHost: localhost\r\n\r\n", 403),
    "a method in small letters": (b"get /a HTTP/1.1\r\nHost: localhost\r\n\r\n", 403),
    "a method that CloudFront does not know": (b"TRACE /a HTTP/1.1\r\nHost: localhost\r\n\r\n", 403),
    "GET with a body": (GET + b"Content-Length: 5\r\n\r\nhello", 403),
    "a URL over 8,192 bytes": (b"GET /" + b"a" * 8_192 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    "a query over 8,192 bytes": (b"GET /?" + b"a" * 8_191 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    "a URL of 100 KB": (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    "a header line of 100 KB": (GET + b"X: " + b"a" * 100_000 + b"\r\n\r\n", 494),
    "a header line without an end": (GET + b"X: " + b"a" * 100_000, 494),
    "ten thousand header lines": (GET + b"X: y\r\n" * 10_000 + b"\r\n", 494),
}


async def refused(proxy: Proxy, origin: Origin, data: bytes, settle: Settle) -> Any:
    """The one answer to these bytes; afterwards the connection is closed, and others are served as before."""
    viewer = await proxy.connect()
    viewer.send(data + b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n")
    reply = await viewer.reply()
    assert await viewer.rest() == b"", "something was answered after the refusal"
    await settle(lambda: len(origin.connections))
    assert origin.connections == [], "the origin was asked"
    assert (await proxy.get("/next")).body == b"hello"
    assert [seen.target for seen in origin.requests] == ["/next"]
    return reply


@pytest.mark.parametrize("data", BAD_REQUESTS.values(), ids=BAD_REQUESTS)
async def test_a_bad_request(proxy: Proxy, origin: Origin, settle: Settle, data: bytes) -> None:
    """400 with CloudFront's page, and the connection is closed."""
    reply = await refused(proxy, origin, data, settle)
    assert (reply.status, reply.x_cache, reply.get("connection")) == (400, "Error", "close")
    assert b"Bad request." in reply.body
    assert b"Generated by cloudfront (CloudFront)" in reply.body


@pytest.mark.parametrize(("data", "status"), STATUS_OF_OTHERS.values(), ids=STATUS_OF_OTHERS)
async def test_a_refusal_with_a_status_of_its_own(
    proxy: Proxy, origin: Origin, settle: Settle, data: bytes, status: int
) -> None:
    """Source: "Request and response behavior for custom origins"."""
    viewer = await proxy.connect()
    viewer.send(data)
    reply = await viewer.reply()
    assert (reply.status, reply.x_cache) == (status, "Error")
    await settle(lambda: len(origin.connections))
    assert origin.connections == []
    if status in (414, 494):
        assert await viewer.rest() == b""
    assert (await proxy.get("/next")).body == b"hello"


@pytest.mark.parametrize("target", ["/" + "a" * 8_191, "/?" + "a" * 8_190])
async def test_a_url_of_8_192_bytes_is_served(proxy: Proxy, target: str) -> None:
    """The limit itself is allowed."""
    assert (await proxy.get(target)).status == 200


async def test_headers_within_the_limit_are_served(proxy: Proxy) -> None:
    """Many lines, or one large one."""
    assert (await proxy.get("/", *["X: y"] * 1_000)).status == 200
    assert (await proxy.get("/", "Cookie: " + "a" * 32_000)).status == 200


async def test_http_1_0_is_served(proxy: Proxy) -> None:
    """Without a Host too, and the connection is closed."""
    viewer = await proxy.connect()
    viewer.send(b"GET /a HTTP/1.0\r\n\r\n")
    assert (await viewer.reply()).body == b"hello"
    assert await viewer.rest() == b""


async def test_a_chunk_that_goes_bad_later_never_makes_a_whole_request(
    proxy: Proxy, origin: Origin, settle: Settle, until: Until
) -> None:
    """The origin has the head by then; what it must not get is an end."""
    viewer = await proxy.connect()
    viewer.send(POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
    await until(lambda: len(origin.connections) == 1)
    viewer.send(b"nonsense\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n")
    reply = await viewer.reply()
    assert (reply.status, await viewer.rest()) == (400, b"")
    await settle(lambda: len(origin.requests))
    assert origin.requests == []
    assert [status for status, _, _ in proxy.log] == [400]
    assert (await proxy.get("/next")).body == b"hello"


@pytest.mark.parametrize(
    "framing", [b"Content-Length: 10\r\n\r\nhalf", b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"]
)
async def test_an_upload_that_is_cut_off_never_makes_a_whole_request(
    proxy: Proxy, origin: Origin, until: Until, framing: bytes
) -> None:
    """The origin's connection is cut off too."""
    viewer = await proxy.connect()
    viewer.send(POST + framing)
    await until(lambda: len(origin.connections) == 1)
    viewer.leave()
    await until(lambda: origin.connections[0].writer.is_closing())
    assert origin.requests == []
    assert (await proxy.get("/next")).body == b"hello"


async def test_bytes_in_small_pieces_are_judged_the_same(proxy: Proxy, origin: Origin) -> None:
    """One byte at a time."""
    viewer = await proxy.connect()
    for byte in GET + b"X : y\r\n\r\n":
        viewer.send(bytes([byte]))
        await asyncio.sleep(0)
    assert (await viewer.reply()).status == 400
    assert origin.connections == []
