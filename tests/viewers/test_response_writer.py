"""Responses as bytes: framing is the writer's own."""

from __future__ import annotations

import pytest

from edge.model.headers import Headers, Line
from edge.model.request import Request
from edge.model.response import Response
from edge.model.result_type import ResultType
from edge.model.served import Served
from edge.model.trail import Trail
from edge.model.viewer import HttpVersion, Viewer
from edge.viewers.response_writer import streamed, switching, whole

FRAMED: tuple[Line, ...] = (
    ("Content-Length", "99"),
    ("content-length", "98"),
    ("Transfer-Encoding", "gzip, chunked"),
    ("Connection", "upgrade"),
    ("ETag", '"1"'),
)


class Stream:
    """A body of which only the length matters here."""

    def __init__(self, length: int | None) -> None:
        self.length = length

    def __aiter__(self) -> Stream:
        return self

    async def __anext__(self) -> bytes:
        raise StopAsyncIteration

    def close(self) -> None:
        pass


def served(status: int, *lines: Line, body: object = b"", reason: str | None = None) -> Served:
    response = Response(status, Headers(lines), body, reason)  # type: ignore[arg-type]
    return Served(response, (("X-Cache", "Hit"),), ResultType.HIT, Request("GET", "/"), Viewer(""), "id", Trail())


def text(*lines: str) -> bytes:
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("iso-8859-1")


def test_a_response_in_the_order_in_which_cloudfront_sends_it() -> None:
    """Status, the response's headers, framing, and last the lines of the edge."""
    head, body = whole(served(200, ("ETag", '"1"'), ("x", "\xe9"), body=b"abc"), head_only=False, keep_alive=True)
    assert head == text(
        "HTTP/1.1 200 OK", 'ETag: "1"', "x: \xe9", "Content-Length: 3", "Connection: keep-alive", "X-Cache: Hit"
    )
    assert body == b"abc"


@pytest.mark.parametrize(
    ("status", "body", "head_only", "framing"),
    [
        (200, b"abc", False, ["Content-Length: 3"]),
        (200, b"", False, ["Content-Length: 0"]),
        (404, b"abc", True, ["Content-Length: 3"]),
        (200, b"", True, ["Content-Length: 99"]),
        (304, b"", False, ["Content-Length: 99"]),
        (304, b"", True, ["Content-Length: 99"]),
        (204, b"", False, []),
        (204, b"abc", False, []),
    ],
)
def test_the_framing_of_bytes(status: int, body: bytes, head_only: bool, framing: list[str]) -> None:
    """One Content-Length, and the right one; that of the response only where no body follows to be counted."""
    head, sent = whole(served(status, *FRAMED, body=body, reason="R"), head_only=head_only, keep_alive=False)
    assert head == text(f"HTTP/1.1 {status} R", 'ETag: "1"', *framing, "Connection: close", "X-Cache: Hit")
    assert sent == (body if framing == ["Content-Length: 3"] and not head_only else b"")


@pytest.mark.parametrize(
    ("length", "version", "head_only", "status", "framing", "chunked", "keep_alive"),
    [
        (5, "1.1", False, 200, ["Content-Length: 5", "Connection: keep-alive"], False, True),
        (0, "1.1", False, 200, ["Content-Length: 0", "Connection: keep-alive"], False, True),
        (5, "1.0", False, 200, ["Content-Length: 5", "Connection: keep-alive"], False, True),
        (None, "1.1", False, 200, ["Transfer-Encoding: chunked", "Connection: keep-alive"], True, True),
        (None, "1.0", False, 200, ["Connection: close"], False, False),
        (5, "1.1", True, 200, ["Content-Length: 5", "Connection: keep-alive"], False, True),
        (None, "1.0", True, 200, ["Content-Length: 99", "Connection: keep-alive"], False, True),
        (None, "1.1", False, 304, ["Content-Length: 99", "Connection: keep-alive"], False, True),
        (None, "1.1", False, 204, ["Connection: keep-alive"], False, True),
    ],
)
def test_the_framing_of_streams(
    length: int | None,
    version: HttpVersion,
    head_only: bool,
    status: int,
    framing: list[str],
    chunked: bool,
    keep_alive: bool,
) -> None:
    """Content-Length where it is known, else chunks, and for HTTP/1.0 the end of the connection."""
    how = streamed(
        served(status, *FRAMED, body=Stream(length), reason="R"),
        head_only=head_only,
        keep_alive=True,
        http_version=version,
    )
    assert how.head == text(f"HTTP/1.1 {status} R", 'ETag: "1"', *framing, "X-Cache: Hit")
    assert (how.chunked, how.keep_alive, how.has_body) == (chunked, keep_alive, status == 200 and not head_only)


def test_a_length_that_is_no_number_is_not_passed_on() -> None:
    """Not even in answer to HEAD."""
    head, _ = whole(served(200, ("Content-Length", "1, 1")), head_only=True, keep_alive=True)
    assert head == text("HTTP/1.1 200 OK", "Connection: keep-alive", "X-Cache: Hit")


def test_the_handshake_of_a_websocket() -> None:
    """Connection and Upgrade stay, and there is no length."""
    lines = (("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Content-Length", "0"))
    assert switching(served(101, *lines)) == text(
        "HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: websocket", "X-Cache: Hit"
    )


@pytest.mark.parametrize(
    ("reason", "line"),
    [
        (None, "HTTP/1.1 299 "),
        ("", "HTTP/1.1 299 "),
        ("All Good", "HTTP/1.1 299 All Good"),
        ("a\r\nX: y", "HTTP/1.1 299 a  X: y"),
    ],
)
def test_reasons(reason: str | None, line: str) -> None:
    """They are the response's own, and cannot end the line."""
    head, _ = whole(served(299, reason=reason), head_only=False, keep_alive=True)
    assert head.split(b"\r\n")[0].decode() == line
