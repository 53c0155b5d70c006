"""Upgrades to WebSocket, as the origin and the rest of the edge see them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from edge.model import quotas
from edge.model.body import BodyStream, Tunnel
from edge.model.origin import OriginFailureKind

Fetcher = Any  # of conftest.py
Connection = Any  # an OriginConnection of tests/conftest.py
Origin = Any  # a ScriptedOrigin

HANDSHAKE = (("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZQ=="))
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


async def test_a_tunnel_carries_bytes_both_ways(fetcher: Fetcher, origin: Origin) -> None:
    """What the origin sends with its 101 is not lost, and its end is the tunnel's end."""

    @origin.plays
    async def play(connection: Connection) -> None:
        origin.requests.append(await connection.head())
        await connection.send(SWITCHING + b"first")
        assert await connection.reader.readexactly(4) == b"ping"
        await connection.send(b"pong")

    response = await fetcher.get(origin.url, "/chat?room=1", *HANDSHAKE)
    assert (response.status, response.reason) == (101, "Switching Protocols")
    assert response.headers.lines == (("Upgrade", "websocket"), ("Connection", "Upgrade"))
    tunnel = response.body
    assert isinstance(tunnel, Tunnel)
    assert await tunnel.read() == b"first"
    await tunnel.write(b"ping")
    assert await tunnel.read() == b"pong"
    assert await tunnel.read() == b""
    tunnel.close()
    lines = (("Host", "site.example.org"), *HANDSHAKE)
    assert [(seen.line, tuple(seen.lines)) for seen in origin.requests] == [("GET /chat?room=1 HTTP/1.1", lines)]


async def test_closing_a_tunnel_closes_the_origins_connection(fetcher: Fetcher, origin: Origin) -> None:
    """The origin must not wait for a viewer who is gone."""
    left = asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.head()
        await connection.send(SWITCHING)
        await connection.left()
        left.set()

    response = await fetcher.get(origin.url, "/", *HANDSHAKE)
    response.body.close()
    await left.wait()


async def test_a_tunnel_into_a_cut_connection_ends(fetcher: Fetcher, origin: Origin) -> None:
    """A reset is an end, not an error, and what is written then is lost."""

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.head()
        await connection.send(SWITCHING)
        connection.drop()

    tunnel = (await fetcher.get(origin.url, "/", *HANDSHAKE)).body
    assert await tunnel.read() == b""
    await tunnel.write(b"lost")
    tunnel.close()


async def test_interim_answers_come_before_the_switch(fetcher: Fetcher, origin: Origin) -> None:
    """Early hints are passed over."""
    origin.answers_with(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + SWITCHING)
    response = await fetcher.get(origin.url, "/", *HANDSHAKE)
    assert response.status == 101
    assert response.headers.get("link") is None
    response.body.close()


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 4\r\n\r\nwhat", b"what"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nwh\r\n2\r\nat\r\n0\r\n\r\n", b"what"),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwhat is more", b"what"),
    ],
)
async def test_an_origin_may_refuse_the_upgrade(fetcher: Fetcher, origin: Origin, answer: bytes, body: bytes) -> None:
    """Then it is an answer like any other."""
    origin.answers_with(answer)
    response = await fetcher.get(origin.url, "/", *HANDSHAKE)
    assert response.status == int(answer.split()[1])
    assert await fetcher.everything(response.body) == body


async def test_the_body_of_a_refusal_is_streamed(fetcher: Fetcher, origin: Origin) -> None:
    """It may be larger than memory, or end with the connection."""
    more = asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.head()
        await connection.send(b"HTTP/1.1 200 OK\r\n\r\nfirst,")
        await more.wait()
        await connection.send(b"second")

    body = (await fetcher.get(origin.url, "/", *HANDSHAKE)).body
    assert isinstance(body, BodyStream)
    pieces = aiter(body)
    assert await anext(pieces) == b"first,"
    more.set()
    assert [piece async for piece in pieces] == [b"second"]


@pytest.mark.parametrize(
    "part",
    [
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\nhalf",
        b"HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ],
)
async def test_a_refusal_that_stops_short_is_broken(fetcher: Fetcher, origin: Origin, part: bytes) -> None:
    """Nobody takes a half for the whole."""

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.head()
        await connection.send(part)

    response = await fetcher.get(origin.url, "/", *HANDSHAKE)
    assert await fetcher.everything(response.body) == b"halfBROKEN"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"", OriginFailureKind.DROPPED),
        (b"HTTP/1.1 101 Swit", OriginFailureKind.DROPPED),
        (b"SSH-2.0-OpenSSH_9.6\r\n", OriginFailureKind.INVALID_RESPONSE),
        (b"HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\nnonsense", OriginFailureKind.INVALID_RESPONSE),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", OriginFailureKind.INVALID_RESPONSE),
        (
            b"HTTP/1.1 200 OK\r\nX: " + b"x" * quotas.ORIGIN_RESPONSE_HEAD_MAX_BYTES + b"\r\n\r\n",
            OriginFailureKind.HEADER_TOO_BIG,
        ),
    ],
)
async def test_a_handshake_that_fails_has_a_name(
    fetcher: Fetcher, origin: Origin, answer: bytes, kind: OriginFailureKind
) -> None:
    """The same names as for other requests."""

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.head()
        await connection.send(answer)

    assert (await fetcher.fails(origin.url, "/", *HANDSHAKE)).kind is kind


async def test_an_origin_that_does_not_answer_the_handshake(fetcher: Fetcher, origin: Origin) -> None:
    """The read timeout counts."""

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.left()

    failure = await fetcher.fails(origin.url, "/", *HANDSHAKE, read_timeout_s=0.05)
    assert failure.kind is OriginFailureKind.READ_TIMEOUT


async def test_an_origin_that_is_not_there(fetcher: Fetcher, closed_port: int) -> None:
    """Nothing listens."""
    failure = await fetcher.fails(f"http://127.0.0.1:{closed_port}", "/", *HANDSHAKE)
    assert failure.kind is OriginFailureKind.CONNECT


async def test_an_origin_that_does_not_accept(fetcher: Fetcher, deaf_port: int) -> None:
    """The connection timeout counts, and is not taken for the read timeout."""
    failure = await fetcher.fails(f"http://127.0.0.1:{deaf_port}", "/", *HANDSHAKE, connection_timeout_s=0.05)
    assert failure.kind is OriginFailureKind.CONNECT_TIMEOUT


async def test_an_origin_whose_name_cannot_be_resolved(fetcher: Fetcher, no_names: None) -> None:
    """As for other requests."""
    failure = await fetcher.fails("http://nowhere.example.org", "/", *HANDSHAKE)
    assert failure.kind is OriginFailureKind.DNS
