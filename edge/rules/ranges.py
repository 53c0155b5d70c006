"""Byte ranges, cut from a whole object in the cache.

Source: CloudFront Developer Guide, "How CloudFront processes partial requests for an object (range GETs)"; RFC 9110
section 14. A range that is invalid, and several that overlap or are out of order, get the whole object with 200. On a
compressed object the offsets count compressed bytes. Near: several ranges in order get multipart/byteranges in RFC
9110's form, under a boundary that follows from the content, or from the headers of an object on disk; ranges that all
begin past the end get 416 with an empty body, as RFC 9110 says. An object whose body is still arriving is served whole.
"""

from __future__ import annotations

import re
from zlib import crc32

from edge.model import http_date
from edge.model.body import JoinedBody, StoredBody
from edge.model.headers import Headers, Line
from edge.model.request import Request
from edge.model.response import Response

Range = tuple[int, int]
"""First and last byte, both included."""

_RANGE = re.compile(r"[ \t]*(\d{0,18})-(\d{0,18})[ \t]*")  # no body is longer than 18 digits


def apply(request: Request, response: Response) -> Response | None:
    """206 or 416 where the request asks for ranges and may have them, None where the response goes as it is."""
    wanted = request.headers.get("range")
    body = response.body
    if wanted is None or request.method != "GET" or response.status != 200 or not isinstance(body, bytes | StoredBody):
        return None
    if not is_current(request.headers.get("if-range"), response.headers):
        return None
    length = len(body) if isinstance(body, bytes) else body.length
    ranges = parse(wanted, length)
    if ranges is None:
        return None
    headers = response.headers.without("content-length")
    if not ranges:
        unsatisfied: Line = ("Content-Range", f"bytes */{length}")
        return Response(416, headers.without("content-type", "content-encoding").plus((unsatisfied,)))
    if len(ranges) == 1:
        return Response(206, headers.plus((_content_range(ranges[0], length),)), _part(body, ranges[0]))
    seed = body if isinstance(body, bytes) else headers.wire()
    boundary = f"{crc32(seed):08x}{crc32(wanted.encode('iso-8859-1', 'replace')):08x}"
    multipart = _multipart(body, ranges, boundary, headers.get("content-type"), length)
    return Response(206, headers.replaced("Content-Type", f"multipart/byteranges; boundary={boundary}"), multipart)


def parse(text: str, length: int) -> list[Range] | None:
    """The satisfiable ranges of a Range header over `length` bytes; empty when none is; None when the header is
    invalid, or its ranges overlap or are out of order."""
    unit, equals, rest = text.partition("=")
    if not equals or unit.strip().lower() != "bytes":
        return None
    ranges: list[Range] = []
    previous = -1
    for piece in rest.split(","):
        match = _RANGE.fullmatch(piece)
        if match is None:
            return None
        start, end = match.groups()
        found = _resolved(start, end, length)
        if found is None or found[0] <= previous:
            return None
        if found[0] < length:
            ranges.append(found)
        previous = max(found)
    return ranges


def _resolved(start: str, end: str, length: int) -> Range | None:
    """One range with its last byte worked out. It begins at `length` or after when there is nothing to send."""
    if start:
        first = int(start)
        if end and int(end) < first:
            return None
        return first, min(int(end), length - 1) if end else length - 1
    if not end:
        return None
    return length - min(int(end), length), length - 1


def is_current(condition: str | None, headers: Headers) -> bool:
    """Whether If-Range names the object that is in the cache. A weak ETag never does."""
    if condition is None:
        return True
    if condition.startswith('"'):
        return condition == headers.get("etag")
    date = http_date.parse(condition)
    return date is not None and date == http_date.parse(headers.get("last-modified"))


def _content_range(one: Range, length: int) -> Line:
    return "Content-Range", f"bytes {one[0]}-{one[1]}/{length}"


def _part(body: bytes | StoredBody, one: Range) -> bytes | StoredBody:
    first, last = one
    return body[first : last + 1] if isinstance(body, bytes) else body.part(first, last + 1)


def _multipart(
    body: bytes | StoredBody, ranges: list[Range], boundary: str, content_type: str | None, length: int
) -> bytes | JoinedBody:
    parts: list[bytes | StoredBody] = []
    for one in ranges:
        lines = [("Content-Type", content_type)] if content_type is not None else []
        head = Headers((*lines, _content_range(one, length))).wire()
        parts += (f"--{boundary}\r\n".encode() + head + b"\r\n", _part(body, one), b"\r\n")
    parts.append(f"--{boundary}--\r\n".encode())
    in_memory = [part for part in parts if isinstance(part, bytes)]
    return b"".join(in_memory) if len(in_memory) == len(parts) else JoinedBody(parts)
