"""HTTP/1.1 for the Runtime API."""

from __future__ import annotations

import asyncio
from typing import Any

from edge.runtimes.lambda_edge.api_connection import ApiConnection
from edge.runtimes.lambda_edge.runtime_api import Invocation, Ready, Responded, RuntimeApi, Said

GET_NEXT = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n"
EVENT = Invocation("id", b'{"a":1}', 5, "arn", "trace")


class Wire:
    """A connection and the bytes it wrote."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.api = RuntimeApi(self.said.append)
        self.written = b""
        self.closed = False
        self.connection = ApiConnection(self.api)
        wire = self

        class Transport(asyncio.Transport):
            def write(self, data: Any) -> None:
                wire.written += data

            def close(self) -> None:
                wire.closed = True

        self.connection.connection_made(Transport())

    def takes(self, data: bytes) -> bytes:
        """Feed bytes, and return what came back."""
        self.written = b""
        self.connection.data_received(data)
        return self.written


def test_an_event_goes_out_when_there_is_one() -> None:
    wire = Wire()
    assert wire.takes(GET_NEXT) == b""
    wire.api.offer(EVENT)
    assert wire.written == (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: id\r\n"
        b"Lambda-Runtime-Deadline-Ms: 5\r\nLambda-Runtime-Invoked-Function-Arn: arn\r\n"
        b'Lambda-Runtime-Trace-Id: trace\r\nContent-Length: 7\r\n\r\n{"a":1}'
    )


def test_a_response_and_the_next_request_may_come_together() -> None:
    """In pieces, too. Who asks for the next event does not wait for a word about the last one: it is woken once."""
    wire = Wire()
    wire.takes(GET_NEXT)
    wire.api.offer(EVENT)
    post = b"POST /2018-06-01/runtime/invocation/id/response HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nnull"
    together = post + GET_NEXT
    assert wire.takes(together[:90]) == b""
    assert wire.takes(together[90:]) == b""
    assert wire.said[1:] == [Responded(b"null"), Ready()]
    wire.api.offer(EVENT)
    assert wire.written.startswith(b"HTTP/1.1 202 Accepted\r\n")
    assert b"HTTP/1.1 200 OK\r\n" in wire.written


def test_a_response_alone_is_answered_at_once() -> None:
    """As AWS's own clients send it."""
    wire = Wire()
    wire.takes(GET_NEXT)
    wire.api.offer(EVENT)
    post = b"POST /2018-06-01/runtime/invocation/id/response HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nnull"
    assert wire.takes(post).startswith(b"HTTP/1.1 202 Accepted\r\n")


def test_a_chunked_response_is_put_together() -> None:
    """Trailers stand among the headers."""
    wire = Wire()
    wire.takes(GET_NEXT)
    wire.api.offer(EVENT)
    wire.takes(
        b"POST /2018-06-01/runtime/invocation/id/response HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
        b"Lambda-Runtime-Function-Response-Mode: streaming\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    )
    assert wire.said[-1] == Responded(b"abc", True)


def test_what_is_no_http_closes_the_connection() -> None:
    wire = Wire()
    wire.takes(b"hello\r\n\r\n")
    assert wire.closed
