"""Requests and answers, as both sides see them on the wire. Failures are in test_failures.py."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from edge.model.body import BodyStream

Fetcher = Any  # of conftest.py
Connection = Any  # an OriginConnection of tests/conftest.py
Origin = Any  # a ScriptedOrigin
Settle = Callable[[Callable[[], object]], Any]
Until = Callable[[Callable[[], bool]], Any]


def ok(body: bytes = b"hello", *lines: bytes) -> bytes:
    return b"\r\n".join((b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *lines, b"", body))


# What the origin gets.


async def test_the_request_reaches_the_origin_to_the_byte(fetcher: Fetcher, origin: Origin) -> None:
    """Order, case, repeated names and bytes above 127 are as they were; only framing is added."""
    lines = (
        ("X-b", "1"),
        ("x-A", "caf\xe9 \xc3\xa9\xff"),
        ("X-B", "2"),
        ("X-b", "3"),
        ("User-Agent", "Amazon CloudFront"),
        ("x-empty", ""),
    )
    await fetcher.get(origin.url, "/", *lines)
    (seen,) = origin.requests
    assert seen.head == (
        b"GET / HTTP/1.1\r\nHost: site.example.org\r\nX-b: 1\r\nx-A: caf\xe9 \xc3\xa9\xff\r\nX-B: 2\r\n"
        b"X-b: 3\r\nUser-Agent: Amazon CloudFront\r\nx-empty: \r\nConnection: Keep-Alive\r\n\r\n"
    )


@pytest.mark.parametrize(
    "target",
    ["/a?", "/?", "/a/../b/./c", "//two//slashes", "/%2e%2E/%zz%", '/a;b=1?c=["<>|^`{}]&&d', "/?a=/../?b", "/*", "/:"],
)
async def test_a_target_is_never_normalised(fetcher: Fetcher, origin: Origin, target: str) -> None:
    """The origin gets what the viewer wrote, an empty query included."""
    await fetcher.get(origin.url, target)
    assert origin.requests[0].line == f"GET {target} HTTP/1.1"


async def test_no_header_is_invented_for_a_body(fetcher: Fetcher, origin: Origin) -> None:
    """No Content-Type, no Accept, no User-Agent, no Expect."""
    await fetcher.get(origin.url, "/", method="POST", body=b"some")
    (seen,) = origin.requests
    assert seen.lines == [("Host", "site.example.org"), ("Connection", "Keep-Alive"), ("Content-Length", "4")]
    assert seen.body == b"some"


async def test_the_body_decides_about_framing(fetcher: Fetcher, origin: Origin) -> None:
    """Whatever the viewer's header lines said: a function may have replaced the body."""
    lies = (("Content-Length", "999"), ("Transfer-Encoding", "chunked"))
    await fetcher.get(origin.url, "/", *lies, method="PUT", body=b"abc")
    await fetcher.get(origin.url, "/", *lies, method="PUT", body=fetcher.pieces(b"de", b"f", length=3))
    await fetcher.get(origin.url, "/", *lies, method="PUT", body=fetcher.pieces(b"gh", b"i"))
    await fetcher.get(origin.url, "/", *lies, method="PUT")
    assert [(seen.get("content-length"), seen.get("transfer-encoding"), seen.body) for seen in origin.requests] == [
        ("3", None, b"abc"),
        ("3", None, b"def"),
        (None, "chunked", b"ghi"),
        ("0", None, b""),
    ]


async def test_a_get_without_a_body_announces_none(fetcher: Fetcher, origin: Origin) -> None:
    """Neither a length nor chunks."""
    await fetcher.get(origin.url)
    assert origin.requests[0].get("content-length") is None
    assert origin.requests[0].get("transfer-encoding") is None


async def test_a_request_body_is_streamed(fetcher: Fetcher, origin: Origin) -> None:
    """The origin has the first piece before the last one is there."""
    rest = asyncio.Event()
    pieces: list[bytes] = []

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.head()
        while piece := await connection.chunk():
            pieces.append(piece)
            rest.set()
        await connection.send(ok())

    await fetcher.get(origin.url, "/", method="POST", body=fetcher.pieces(b"first", rest, b"last"))
    assert pieces == [b"first", b"last"]


async def test_a_slow_origin_holds_the_viewers_body_back(
    fetcher: Fetcher, origin: Origin, settle: Settle, until: Until
) -> None:
    """What it does not take is not read, so it does not pile up."""
    go_on = asyncio.Event()
    size = 64 * 1024 * 1024
    piece = b"x" * 65_536
    body = fetcher.pieces(*[piece] * (size // len(piece)), length=size)
    taken = 0

    @origin.plays
    async def play(connection: Connection) -> None:
        nonlocal taken
        await connection.head()
        await go_on.wait()
        while taken < size:
            taken += len(await connection.reader.read(1 << 20))
        await connection.send(ok())

    fetching = asyncio.ensure_future(fetcher.get(origin.url, "/", method="POST", body=body))
    await until(lambda: body.given_bytes > 0)
    await settle(lambda: body.given_bytes)
    assert body.given_bytes < size / 4  # what the system's socket buffers hold
    go_on.set()
    assert (await fetching).status == 200
    assert taken == size


# What comes back.


async def test_the_answer_comes_to_the_byte(fetcher: Fetcher, origin: Origin) -> None:
    """Order, case, repeated names, bytes above 127, and the reason."""
    origin.answers_with(
        b"HTTP/1.1 200 Fine by me\r\nx-B: 1\r\nX-a: caf\xe9\xff\r\nX-B: 2\r\nX-Empty:\r\nX-Wide:   \t y \t\r\n"
        b"Content-Length: 2\r\n\r\nok"
    )
    response = await fetcher.get(origin.url)
    assert (response.status, response.reason, response.body) == (200, "Fine by me", b"ok")
    assert response.headers.lines == (
        ("x-B", "1"),
        ("X-a", "caf\xe9\xff"),
        ("X-B", "2"),
        ("X-Empty", ""),
        ("X-Wide", "y"),
        ("Content-Length", "2"),
    )


@pytest.mark.parametrize("coding", [b"gzip", b"br", b"deflate", b"nonsense"])
async def test_nothing_is_decompressed(fetcher: Fetcher, origin: Origin, coding: bytes) -> None:
    """The body is what the origin sent, even where it is not what Content-Encoding says."""
    origin.answers_with(ok(b"\x00not compressed", b"Content-Encoding: " + coding))
    response = await fetcher.get(origin.url)
    assert response.body == b"\x00not compressed"
    assert response.headers.get("content-encoding") == coding.decode()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(fetcher: Fetcher, origin: Origin, status: int) -> None:
    """They are the viewer's."""
    origin.answers_with(b"HTTP/1.1 %d Elsewhere\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n" % status)
    response = await fetcher.get(origin.url, "/here")
    assert (response.status, response.headers.get("location")) == (status, "/other")
    assert [seen.target for seen in origin.requests] == ["/here"]


async def test_cookies_are_not_kept(fetcher: Fetcher, origin: Origin) -> None:
    """One viewer's cookie must not go out with the next one's request."""
    origin.answers_with(ok(b"", b"Set-Cookie: session=1; Path=/", b"Set-Cookie: b=2"))
    response = await fetcher.get(origin.url)
    assert response.headers.all("set-cookie") == ("session=1; Path=/", "b=2")
    await fetcher.get(origin.url)
    assert [seen.get("cookie") for seen in origin.requests] == [None, None]


@pytest.mark.parametrize(
    ("method", "head"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 1000"),
        ("HEAD", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked"),
        ("HEAD", b"HTTP/1.1 404 Not Found\r\nContent-Length: 7"),
        ("GET", b"HTTP/1.1 204 No Content"),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 1000"),
        ("GET", b"HTTP/1.1 302 Found\r\nContent-Length: 0"),
    ],
)
async def test_answers_that_have_no_body(fetcher: Fetcher, origin: Origin, method: str, head: bytes) -> None:
    """Nothing is waited for, the announced length stays in the headers, and the connection can be used again."""
    origin.answers_with(head + b"\r\nX-Is: this\r\n\r\n")
    for _ in range(2):
        response = await fetcher.get(origin.url, method=method)
        assert response.body == b""
        assert response.headers.get("x-is") == "this"
        assert response.headers.get("content-length") == (head.partition(b"Length: ")[2].decode() or None)
    assert len(origin.connections) == 1


@pytest.mark.parametrize("interim", [b"100 Continue", b"102 Processing", b"103 Early Hints\r\nLink: </style.css>"])
async def test_interim_answers_are_passed_over(fetcher: Fetcher, origin: Origin, interim: bytes) -> None:
    """The next one counts."""
    origin.answers_with(b"HTTP/1.1 " + interim + b"\r\n\r\n" + ok())
    response = await fetcher.get(origin.url)
    assert (response.status, response.body) == (200, b"hello")
    assert response.headers.get("link") is None


@pytest.mark.parametrize("http", [b"1.0", b"1.1"])
async def test_a_body_may_end_with_the_connection(fetcher: Fetcher, origin: Origin, http: bytes) -> None:
    """With neither length nor chunks. Nobody can tell whether it is whole."""

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.head()
        await connection.send(b"HTTP/" + http + b" 200 OK\r\nX: y\r\n\r\nall of ")
        await connection.send(b"it")

    response = await fetcher.get(origin.url)
    if isinstance(response.body, BodyStream):
        assert response.body.length is None
    assert await fetcher.everything(response.body) == b"all of it"


async def test_a_chunked_answer(fetcher: Fetcher, origin: Origin) -> None:
    """Extensions and trailers are dropped, and the connection can be used again."""
    origin.answers_with(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"5;ext=1\r\nhello\r\nA\r\n, chunked!\r\n0\r\nX-Trailer: 1\r\n\r\n"
    )
    for _ in range(2):
        response = await fetcher.get(origin.url)
        assert await fetcher.everything(response.body) == b"hello, chunked!"
        assert response.headers.get("x-trailer") is None
    assert len(origin.connections) == 1


async def test_an_answer_is_streamed(fetcher: Fetcher, origin: Origin) -> None:
    """The first piece is there before the origin has made the last one."""
    more = asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.head()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst")
        await more.wait()
        await connection.send(b"-last")

    response = await fetcher.get(origin.url)
    assert response.body.length == 10
    pieces = aiter(response.body)
    assert await anext(pieces) == b"first"
    more.set()
    assert b"".join([piece async for piece in pieces]) == b"-last"


async def test_a_reader_who_is_slow_holds_the_origin_back(fetcher: Fetcher, origin: Origin, settle: Settle) -> None:
    """Nothing piles up here; and a pause of ours is no silence of the origin's."""
    size = 64 * 1024 * 1024

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.head()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        for _ in range(size // 65_536):
            await connection.send(b"x" * 65_536)

    response = await fetcher.get(origin.url)
    (connection,) = origin.connections
    await settle(lambda: connection.sent_bytes)
    assert connection.sent_bytes < size / 4  # what the system's socket buffers hold
    assert sum([len(piece) async for piece in response.body]) == size


async def test_closing_a_body_closes_its_connection(fetcher: Fetcher, origin: Origin) -> None:
    """An origin must not go on for nobody; and its rest must not be the next request's answer."""
    left = asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.head()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\npart")
        await connection.left()
        left.set()

    response = await fetcher.get(origin.url)
    response.body.close()
    await left.wait()


async def test_a_viewer_who_leaves_between_head_and_body_takes_the_connection_with_him(
    fetcher: Fetcher, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in the turn of the loop in which the fetch looks whether the rest of a small body has come already."""
    left = asyncio.Event()
    wait = asyncio.sleep

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.head()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\npart")
        await connection.left()
        left.set()

    async def leave(delay_s: float) -> None:
        fetch.cancel()
        await wait(delay_s)

    fetch = asyncio.create_task(fetcher.get(origin.url, read_timeout_s=60))
    monkeypatch.setattr(asyncio, "sleep", leave)
    with pytest.raises(asyncio.CancelledError):
        await fetch
    async with asyncio.timeout(10):
        await left.wait()


async def test_an_origin_may_answer_before_it_has_the_whole_request(fetcher: Fetcher, origin: Origin) -> None:
    """413, for instance. The connection is not used again: nobody knows what it would take the next bytes for."""
    never = asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        seen = await connection.head()
        if seen.line.startswith("POST"):
            await connection.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nlong")
            await connection.left()
        else:
            await connection.send(ok())

    body = fetcher.pieces(b"the beginning", never, length=1_000)
    response = await fetcher.get(origin.url, method="POST", body=body)
    assert (response.status, await fetcher.everything(response.body)) == (413, b"long")
    assert (await fetcher.get(origin.url)).status == 200
    assert len(origin.connections) == 2


async def test_timings(fetcher: Fetcher, origin: Origin) -> None:
    """Connecting takes time once; a connection from the pool takes none."""
    first = await fetcher.get(origin.url)
    second = await fetcher.get(origin.url)
    assert first.timings.connect_ms > 0
    assert first.timings.first_byte_ms >= first.timings.connect_ms
    assert (second.timings.connect_ms, second.timings.dns_ms) == (0, 0)
