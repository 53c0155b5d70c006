"""Requests and responses as lists of header fields, as HTTP/2, HTTP/3 and ASGI carry them. Pure.

The checks are those of `request_reader.py`, and so are the names of what is wrong; sizes are left to the edge, which
refuses a URL or a head over its quota. Connection-specific fields stop here, both ways: framing is the carrier's.
Sources: RFC 9113, section 8; RFC 9114, section 4; CloudFront Developer Guide, "Request and response behavior for custom
origins". Near: WebSocket is asked for in other ways here, so that an Upgrade field is never passed on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from edge.model.body import known_length
from edge.model.headers import Headers, Line
from edge.model.malformed import Malformed
from edge.model.request import Request
from edge.model.served import Served
from edge.viewers.request_reader import METHODS, is_host
from edge.viewers.response_writer import WITHOUT_BODY, announced_length

Field = tuple[bytes, bytes]

_TARGET = re.compile(rb"/[!\"$-~]*")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_LENGTH = re.compile(r"[0-9]{1,18}")
_CONNECTION_SPECIFIC = ("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade")


class Received(NamedTuple):
    """A request whose body is still to come.

    `body_length` is what Content-Length announces, in bytes, None without it.
    """

    request: Request
    body_length: int | None
    expects_continue: bool


def read(method: bytes, target: bytes, fields: Iterable[Field], authority: bytes | None = None) -> Received | Malformed:
    """A request from its parts. `authority` stands for a Host field, and in place of one."""
    fields = [(name, value) for name, value in fields if authority is None or name.lower() != b"host"]
    if authority is not None:
        fields.insert(0, (b"host", authority))
    if not all(_NAME.fullmatch(name) and _VALUE.fullmatch(value) for name, value in fields):
        return Malformed.BAD_HEADER
    if _TARGET.fullmatch(target) is None:
        return Malformed.BAD_TARGET
    known = METHODS.get(method)
    if known is None:
        return Malformed.BAD_METHOD
    headers = Headers((name.decode("iso-8859-1"), value.decode("iso-8859-1").strip(" \t")) for name, value in fields)
    hosts = headers.all("host")
    if len(hosts) != 1 or not is_host(hosts[0]):
        return Malformed.NO_HOST
    path, mark, query = target.decode("ascii").partition("?")
    return _with_body(Request(known, path, query if mark else None, headers.without("upgrade", "http2-settings")))


def _with_body(request: Request) -> Received | Malformed:
    headers = request.headers
    coding, lengths = headers.joined("transfer-encoding"), headers.all("content-length")
    if coding is not None and lengths:
        return Malformed.LENGTH_AND_CHUNKED
    if coding is not None and coding.lower() != "chunked":
        return Malformed.BAD_TRANSFER_CODING
    if len(lengths) > 1 or (lengths and _LENGTH.fullmatch(lengths[0]) is None):
        return Malformed.BAD_LENGTH
    expects_continue = (headers.get("expect") or "").lower() == "100-continue"
    return Received(request, int(lengths[0]) if lengths else None, expects_continue)


def has_body(served: Served, *, head_only: bool) -> bool:
    """Whether bytes follow the fields of a response. `head_only` in answer to HEAD."""
    return not head_only and served.response.status not in WITHOUT_BODY


def write(served: Served, *, head_only: bool) -> list[Field]:
    """The fields of a response, names in lower case: the origin's, Content-Length where it is known, the edge's."""
    response = served.response
    sends_body = has_body(served, head_only=head_only)
    length = known_length(response.body) if sends_body else announced_length(response)
    lines: list[Line] = [*response.headers.without("content-length", *_CONNECTION_SPECIFIC).lines]
    if length is not None:
        lines.append(("content-length", str(length)))
    return [encoded(line) for line in (*lines, *served.edge_lines)]


def encoded(line: Line) -> Field:
    """A header line as bytes, its name in lower case, its value without white space around it (RFC 9113, section
    8.2.1: viewers may take that for an error)."""
    name, value = line
    return name.lower().encode("iso-8859-1", "replace"), value.strip(" \t").encode("iso-8859-1", "replace")
