"""A response as HTTP/1.1 bytes. Pure: it says what to write, and the connection writes it.

Source: RFC 9112, section 6 (framing); captured CloudFront responses (the place of Content-Length and Connection, and
that Connection: keep-alive is sent on HTTP/1.1 too). Framing is the writer's own: Content-Length, Transfer-Encoding and
Connection lines of a response do not reach the viewer, but for the length in answer to HEAD and in a 304, and for the
handshake of a WebSocket.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from edge.model.body import Tunnel, known_length
from edge.model.headers import Headers, Line, encoded
from edge.model.response import Response, reason_phrase
from edge.model.served import Served
from edge.model.viewer import HttpVersion

LAST_CHUNK = b"0\r\n\r\n"

_KEEP_ALIVE = b"Connection: keep-alive\r\n"
_CLOSE = b"Connection: close\r\n"
_CHUNKED = b"Transfer-Encoding: chunked\r\n"

WITHOUT_BODY = frozenset({204, 304})
"""Statuses whose responses have no body, whatever the method."""

_DIGITS = re.compile(r"[0-9]{1,18}")
_LINE_END = re.compile(r"[\r\n\0]")

_STATUS_LINES_MAX = 1_024
_status_lines: dict[tuple[int, str | None], bytes] = {}


class Streamed(NamedTuple):
    """How to send a body that arrives piece by piece. `keep_alive` is False where only the end of the connection can
    tell the end of the body (HTTP/1.0); `has_body` where nothing follows the head.
    """

    head: bytes
    chunked: bool
    keep_alive: bool
    has_body: bool


def whole(served: Served, *, head_only: bool, keep_alive: bool) -> tuple[bytes, bytes]:
    """Head and body of a response whose body is bytes. `head_only` in answer to HEAD."""
    response, edge_lines = served[:2]
    status, headers, body, reason = response
    assert type(body) is bytes
    if head_only or status in WITHOUT_BODY:
        length = _announced(response)
        body = b""
    else:
        length = b"Content-Length: %d\r\n" % len(body)
    return _head(status, reason, headers, length, keep_alive, edge_lines), body


def streamed(served: Served, *, head_only: bool, keep_alive: bool, http_version: HttpVersion) -> Streamed:
    """The head of a response whose body is a stream, and how the body is to follow."""
    status, headers, body, reason = response = served.response
    has_body = not (head_only or status in WITHOUT_BODY)
    length = known_length(body)
    chunked = False
    if not has_body:
        framing = _announced(response)
    elif length is not None:
        framing = b"Content-Length: %d\r\n" % length
    elif http_version == "1.0":
        framing, keep_alive = b"", False
    else:
        framing, chunked = _CHUNKED, True
    head = _head(status, reason, headers, framing, keep_alive, served.edge_lines)
    return Streamed(head, chunked, keep_alive, has_body)


def switching(served: Served) -> bytes:
    """The head of a 101: its Connection and Upgrade lines are the handshake, and stay."""
    response = served.response
    headers = response.headers.without("content-length", "transfer-encoding")
    status_line = _status_line(response.status, response.reason)
    return b"".join((status_line, headers.wire(), encoded(served.edge_lines), b"\r\n"))


def _head(
    status: int, reason: str | None, headers: Headers, framing: bytes, keep_alive: bool, edge_lines: tuple[Line, ...]
) -> bytes:
    return b"".join(
        (
            _status_lines.get((status, reason)) or _status_line(status, reason),
            headers.unframed(),
            framing,
            _KEEP_ALIVE if keep_alive else _CLOSE,
            encoded(edge_lines),
            b"\r\n",
        )
    )


def _announced(response: Response) -> bytes:
    length = announced_length(response)
    return b"" if length is None else b"Content-Length: %d\r\n" % length


def announced_length(response: Response) -> int | None:
    """The Content-Length of a response that sends no body: what the body would have, where that is known."""
    if response.status == 204 or isinstance(response.body, Tunnel):
        return None
    length = known_length(response.body)
    if length:
        return length
    said = response.headers.get("content-length")
    return int(said) if said is not None and _DIGITS.fullmatch(said) else None


def _status_line(status: int, reason: str | None) -> bytes:
    phrase = reason_phrase(status) if reason is None else _LINE_END.sub(" ", reason)
    line = f"HTTP/1.1 {status} {phrase}\r\n".encode("iso-8859-1", "replace")
    if len(_status_lines) < _STATUS_LINES_MAX:  # reasons come from origins
        _status_lines[status, reason] = line
    return line
