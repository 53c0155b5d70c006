"""Promises of edge/viewers/hypercorn_listener.py: hypercorn runs the ASGI application over TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from h2 import events
from h2.connection import H2Connection

from edge.viewers.hypercorn_listener import HypercornListener
from edge.viewers.local_certificate import Certificate, local_certificate


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return local_certificate([], directory=tmp_path)


@pytest.fixture
async def listener(front: Any, certificate: Certificate) -> AsyncIterator[HypercornListener]:
    listener = HypercornListener(front, "127.0.0.1", 0, certificate)
    await listener.start()
    yield listener
    await listener.close()


async def connect(
    listener: HypercornListener, certificate: Certificate, protocol: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    context = ssl.create_default_context(cafile=str(certificate.authority))
    context.set_alpn_protocols([protocol])
    return await asyncio.open_connection("127.0.0.1", listener.port, ssl=context)


async def test_http_2(front: Any, listener: HypercornListener, certificate: Certificate) -> None:
    reader, writer = await connect(listener, certificate, "h2")
    client = H2Connection()
    client.initiate_connection()
    head = [(":method", "GET"), (":path", "/a?b=c"), (":scheme", "https"), (":authority", "localhost")]
    client.send_headers(1, head, end_stream=True)
    writer.write(client.data_to_send())
    status, body, over = b"", b"", False
    while not over:
        for event in client.receive_data(await reader.read(65_536)):
            if isinstance(event, events.ResponseReceived):
                status = dict(event.headers)[b":status"]
            elif isinstance(event, events.DataReceived):
                body += event.data
            elif isinstance(event, events.StreamEnded):
                over = True
    writer.close()
    assert status == b"200"
    request, viewer = front.requests[0], front.viewers[0]
    assert (request.method, request.target, request.host) == ("GET", "/a?b=c", "localhost")
    assert (viewer.scheme, viewer.http_version) == ("https", "2.0")


async def test_http_1_1(front: Any, listener: HypercornListener, certificate: Certificate) -> None:
    reader, writer = await connect(listener, certificate, "http/1.1")
    writer.write(b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    assert head.startswith(b"HTTP/1.1 200")
    assert front.viewers[0].http_version == "1.1"


async def test_a_port_that_is_taken_is_said_at_once(
    front: Any, listener: HypercornListener, certificate: Certificate
) -> None:
    with pytest.raises(OSError, match="in use"):
        await HypercornListener(front, "127.0.0.1", listener.port, certificate).start()
