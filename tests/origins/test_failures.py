"""Every way in which an attempt fails has a name, and a sentence that says what to look at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from edge.model import quotas
from edge.model.body import BodyBroken
from edge.model.origin import OriginFailureKind

Fetcher = Any  # of conftest.py
Connection = Any  # an OriginConnection of tests/conftest.py
Origin = Any  # a ScriptedOrigin
Settle = Callable[[Callable[[], object]], Any]

LIMIT = quotas.ORIGIN_RESPONSE_HEAD_MAX_BYTES
HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


# On the way there.


async def test_nothing_listens(fetcher: Fetcher, closed_port: int) -> None:
    """The commonest mistake of all: the site is not running."""
    failure = await fetcher.fails(f"http://127.0.0.1:{closed_port}")
    assert failure.kind is OriginFailureKind.CONNECT
    assert failure.detail == f"nothing answers on http://127.0.0.1:{closed_port}: is the site running?"


async def test_a_connection_that_is_not_accepted(fetcher: Fetcher, deaf_port: int) -> None:
    """The connection timeout of the origin's settings counts."""
    failure = await fetcher.fails(f"http://127.0.0.1:{deaf_port}", connection_timeout_s=0.05)
    assert failure.kind is OriginFailureKind.CONNECT_TIMEOUT
    assert failure.detail == f"http://127.0.0.1:{deaf_port} did not accept a connection within 0.05 s"


async def test_a_name_that_cannot_be_resolved(fetcher: Fetcher, no_names: None) -> None:
    """The message names it."""
    failure = await fetcher.fails("http://nowhere.example.org")
    assert failure.kind is OriginFailureKind.DNS
    assert failure.detail == "the name nowhere.example.org cannot be resolved"


async def test_a_local_url_that_is_none(fetcher: Fetcher) -> None:
    """A mistake in edge.toml is an answer too, and names the origin."""
    failure = await fetcher.fails("ftp://localhost")
    assert failure.kind is OriginFailureKind.CONNECT
    assert "the origin site has the local URL ftp://localhost" in failure.detail


# Before the head of an answer.


INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.mark.parametrize(
    ("answers", "why"),
    [(CONTINUE, "100 Continue twice"), (INTERIM, "more than 100 interim answers")],
    ids=["100 Continue", "103 Early Hints"],
)
async def test_an_origin_that_never_comes_to_the_point(
    fetcher: Fetcher, origin: Origin, answers: bytes, why: str
) -> None:
    """Interim answers without end are no answer, and nobody reads on."""
    left = asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.head()
        try:
            while True:
                await connection.send(answers * 10)
        finally:
            left.set()

    failure = await fetcher.fails(origin.url)
    assert failure.kind is OriginFailureKind.INVALID_RESPONSE
    assert failure.detail.endswith(why)
    await left.wait()


async def test_100_continue_twice_is_an_error(fetcher: Fetcher, origin: Origin) -> None:
    """As CloudFront has it, whatever comes behind; once is fine, and after another answer it is once again."""
    origin.answers_with(CONTINUE + HELLO, CONTINUE + HELLO, CONTINUE + CONTINUE + HELLO)
    for _ in range(2):
        assert (await fetcher.get(origin.url)).body == b"hello"
    assert len(origin.connections) == 1
    failure = await fetcher.fails(origin.url)
    assert failure.kind is OriginFailureKind.INVALID_RESPONSE


async def test_the_read_timeout_goes_on_after_an_interim_answer(fetcher: Fetcher, origin: Origin) -> None:
    """An origin that has only said that it is there has not answered."""

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.head()
        await connection.send(INTERIM)
        await connection.left()

    failure = await fetcher.fails(origin.url, read_timeout_s=0.05)
    assert failure.kind is OriginFailureKind.READ_TIMEOUT


async def test_an_origin_that_does_not_answer(fetcher: Fetcher, origin: Origin) -> None:
    """The read timeout counts, and the connection is closed."""
    left = asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.left()
        left.set()

    failure = await fetcher.fails(origin.url, read_timeout_s=0.05)
    assert failure.kind is OriginFailureKind.READ_TIMEOUT
    assert failure.detail == f"{origin.url} did not answer within 0.05 s"
    await left.wait()


async def test_an_origin_that_takes_too_long_in_all(fetcher: Fetcher, origin: Origin) -> None:
    """The response completion timeout counts whatever the read timeout is."""

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.left()

    failure = await fetcher.fails(origin.url, read_timeout_s=30, response_completion_timeout_s=0.05)
    assert failure.kind is OriginFailureKind.READ_TIMEOUT
    assert failure.detail == f"{origin.url} did not answer within 0.05 s"


async def test_the_read_timeout_begins_when_the_request_is_sent(fetcher: Fetcher, origin: Origin) -> None:
    """A viewer who uploads slowly is no silence of the origin's."""

    class Slowly:
        length = 10

        async def __aiter__(self) -> Any:
            for _ in range(10):
                await asyncio.sleep(0.04)
                yield b"x"

        def close(self) -> None:
            pass

    response = await fetcher.get(origin.url, method="POST", body=Slowly(), read_timeout_s=0.3)
    assert response.body == b"hello"


@pytest.mark.parametrize("part", [b"", b"HTTP/1.1 200 OK\r\nContent-Le"])
async def test_an_origin_that_closes_without_an_answer(fetcher: Fetcher, origin: Origin, part: bytes) -> None:
    """Half a head is no answer either."""

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.head()
        await connection.send(part)

    failure = await fetcher.fails(origin.url)
    assert failure.kind is OriginFailureKind.DROPPED
    assert failure.detail == f"{origin.url} closed the connection without an answer"


async def test_an_origin_that_resets_the_connection(fetcher: Fetcher, origin: Origin) -> None:
    """A crash looks like this."""

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.head()
        connection.drop()

    assert (await fetcher.fails(origin.url)).kind is OriginFailureKind.DROPPED


@pytest.mark.parametrize(
    "garbage",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"<html>hello</html>\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 000 OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n: no name\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nBad Name: 1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\x01b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\x7fb\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n...",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    ],
)
async def test_what_is_no_http_response(fetcher: Fetcher, origin: Origin, garbage: bytes) -> None:
    """Nothing of it goes on, and the connection is closed."""
    left = asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.head()
        await connection.send(garbage)
        await connection.left()
        left.set()

    failure = await fetcher.fails(origin.url)
    assert failure.kind is OriginFailureKind.INVALID_RESPONSE
    assert failure.detail.startswith(f"{origin.url} sent what is not an HTTP response: ")
    assert "\n" not in failure.detail
    await left.wait()


@pytest.mark.parametrize(
    "lines",
    [
        b"X: " + b"x" * LIMIT,
        b"\r\n".join(b"X-%d: " % n + b"x" * 1_000 for n in range(LIMIT // 1_000 + 1)),
        b"X" * LIMIT + b": x",
        b"\r\n".join(b"X: y" for _ in range(LIMIT // 4)),
    ],
    ids=["one long value", "many lines", "one long name", "very many short lines"],
)
async def test_a_head_that_is_too_large(fetcher: Fetcher, origin: Origin, lines: bytes) -> None:
    """CloudFront counts all lines together."""
    origin.answers_with(b"HTTP/1.1 200 OK\r\n" + lines + b"\r\nContent-Length: 0\r\n\r\n")
    failure = await fetcher.fails(origin.url)
    assert failure.kind is OriginFailureKind.HEADER_TOO_BIG
    assert failure.detail == f"{origin.url} sent a header larger than CloudFront takes"


@pytest.mark.parametrize("lines", [b"X: " + b"x" * (LIMIT - 100), b"\r\n".join([b"X-%03d: y" % 7] * 1_000)])
async def test_a_head_within_the_limit(fetcher: Fetcher, origin: Origin, lines: bytes) -> None:
    """However its bytes are shared out."""
    origin.answers_with(b"HTTP/1.1 200 OK\r\n" + lines + b"\r\nContent-Length: 0\r\n\r\n")
    assert (await fetcher.get(origin.url)).status == 200


# In the middle of a body.


@pytest.mark.parametrize(
    ("head", "rest"),
    [
        (b"Content-Length: 9", b"half"),
        (b"Transfer-Encoding: chunked", b"4\r\nhalf\r\n"),
        (b"Transfer-Encoding: chunked", b"9\r\nhalf"),
        (b"Transfer-Encoding: chunked", b"4\r\nhalf\r\n0\r\n"),
        (b"Transfer-Encoding: chunked", b"4\r\nhalf\r\nnonsense\r\n"),
        (b"Transfer-Encoding: chunked", b"4\r\nhalf|5\r\n"),
    ],
)
@pytest.mark.parametrize("together", [True, False])
async def test_a_body_that_stops_short_is_broken(
    fetcher: Fetcher, origin: Origin, head: bytes, rest: bytes, together: bool, settle: Settle
) -> None:
    """Whether it comes with its head or later, nobody takes a half for the whole."""
    go_on = asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.head()
        lines = b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n"
        if together:
            await connection.send(lines + rest)
        else:
            await connection.send(lines)
            await go_on.wait()
            await connection.send(rest)

    outcome = asyncio.ensure_future(fetcher.fetch(origin.url))
    await settle(lambda: None)
    go_on.set()
    outcome = await outcome
    if hasattr(outcome, "kind"):
        assert together
        assert outcome.kind is OriginFailureKind.INVALID_RESPONSE
    else:
        assert (await fetcher.everything(outcome.body)) in (b"halfBROKEN", b"BROKEN")


async def test_a_body_that_is_cut_off(fetcher: Fetcher, origin: Origin, settle: Settle) -> None:
    """By a reset, of which the message tells."""
    go_on = asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.head()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        await go_on.wait()
        connection.drop()

    response = await fetcher.get(origin.url)
    pieces = aiter(response.body)
    assert await anext(pieces) == b"half"
    go_on.set()
    with pytest.raises(BodyBroken, match=f"{origin.url} broke off its answer"):
        await anext(pieces)


async def test_a_body_that_stalls(fetcher: Fetcher, origin: Origin) -> None:
    """The read timeout counts between two packets too."""

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.head()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        await connection.left()

    response = await fetcher.get(origin.url, read_timeout_s=0.3)
    assert await fetcher.everything(response.body) == b"halfBROKEN"


async def test_an_answer_that_takes_too_long_in_all(fetcher: Fetcher, origin: Origin) -> None:
    """The response completion timeout counts for the body too."""

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.head()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        await connection.left()

    response = await fetcher.get(origin.url, response_completion_timeout_s=0.3)
    assert await fetcher.everything(response.body) == b"halfBROKEN"


@pytest.mark.parametrize(
    ("method", "answer", "body"),
    [
        ("GET", b"200 OK\r\nContent-Length: 4\r\n\r\nmore than that", b"more"),
        ("GET", b"200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nmore\r\n0\r\n\r\n than that", b"more"),
        ("GET", b"103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmore than that", b"more"),
        ("GET", b"200 OK\r\nContent-Length: 4\r\n\r\nmoreHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nthat", b"more"),
        ("GET", b"204 No Content\r\n\r\nmore than that", b""),
        ("GET", b"304 Not Modified\r\nContent-Length: 4\r\n\r\nmore than that", b""),
        ("HEAD", b"200 OK\r\nContent-Length: 4\r\n\r\nmore", b""),
    ],
)
async def test_an_answer_that_is_longer_than_announced(
    fetcher: Fetcher, origin: Origin, method: str, answer: bytes, body: bytes
) -> None:
    """What was announced is served, however the bytes come, and the connection is not used again."""
    origin.answers_with(b"HTTP/1.1 " + answer)
    for _ in range(2):
        assert (await fetcher.get(origin.url, method=method)).body == body
    assert len(origin.connections) == 2


# While the request is sent.


@pytest.mark.parametrize("length", [None, 100])
async def test_a_viewer_who_breaks_off(fetcher: Fetcher, origin: Origin, length: int | None) -> None:
    """The origin sees a request without an end, never a short one that looks whole."""
    got: list[bytes] = []
    left = asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.head()
        got.append(await connection.left())
        left.set()

    body = fetcher.pieces(b"half", BodyBroken("the viewer left"), length=length)
    failure = await fetcher.fails(origin.url, method="POST", body=body)
    assert failure.kind is OriginFailureKind.WRITE
    assert failure.detail == "the viewer did not send the whole body: the viewer left"
    await left.wait()
    assert got == [b"half" if length else b"4\r\nhalf\r\n"]


async def test_an_origin_that_drops_an_upload(fetcher: Fetcher, origin: Origin) -> None:
    """Before it has answered."""

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.head()
        connection.drop()

    body = fetcher.pieces(*[b"x" * 65_536] * 1_000, length=65_536_000)
    assert (await fetcher.fails(origin.url, method="POST", body=body)).kind is OriginFailureKind.DROPPED


async def test_a_fetch_that_is_given_up_closes_its_connection(fetcher: Fetcher, origin: Origin) -> None:
    """The viewer left while the origin was thinking."""
    asked, left = asyncio.Event(), asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.head()
        asked.set()
        await connection.left()
        left.set()

    fetching = asyncio.ensure_future(fetcher.fetch(origin.url))
    await asked.wait()
    fetching.cancel()
    await left.wait()
