"""Byte ranges, cut from a whole object in the cache.

Source: CloudFront Developer Guide, "How CloudFront processes partial requests for an object (range GETs)"; RFC 9110
section 14. A range that is invalid, and several that overlap or are out of order, get the whole object with 200.
Several in order get multipart/byteranges (AWS does not show its form). A range that begins past the end gets 416 (RFC
9110). Not modelled: cutting from an object whose body is still arriving; it is served whole.
"""

from __future__ import annotations

import re
from zlib import crc32

from edge.model import http_date
from edge.model.headers import Headers
from edge.model.request import Request
from edge.model.response import Response

Range = tuple[int, int]
"""First and last byte, both included."""

_RANGE = re.compile(r"\s*(\d*)-(\d*)\s*")


def apply(request: Request, response: Response) -> Response | None:
    """206 or 416 where the request asks for ranges and may have them, None where the response goes as it is."""
    wanted = request.headers.get("range")
    body = response.body
    if wanted is None or request.method != "GET" or response.status != 200 or not isinstance(body, bytes):
        return None
    if not _still_current(request.headers.get("if-range"), response.headers):
        return None
    ranges = parse(wanted, len(body))
    if ranges is None:
        return None
    if not ranges:
        headers = response.headers.without("content-length").plus((("Content-Range", f"bytes */{len(body)}"),))
        return Response(416, headers)
    headers = response.headers.without("content-length")
    if len(ranges) == 1:
        first, last = ranges[0]
        headers = headers.plus((("Content-Range", f"bytes {first}-{last}/{len(body)}"),))
        return Response(206, headers, body[first : last + 1])
    boundary = f"{crc32(body):08x}{crc32(wanted.encode()):08x}"
    multipart = _multipart(body, ranges, boundary, headers.get("content-type"))
    headers = headers.replaced("Content-Type", f"multipart/byteranges; boundary={boundary}")
    return Response(206, headers, multipart)


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
        if start:
            first = int(start)
            last = min(int(end), length - 1) if end else length - 1
            if end and int(end) < first:
                return None
        elif end:
            first, last = max(0, length - int(end)), length - 1
            if int(end) == 0:
                continue
        else:
            return None
        if first <= previous:
            return None
        if first < length:
            ranges.append((first, last))
        previous = max(last, first)
    return ranges


def _still_current(condition: str | None, headers: Headers) -> bool:
    """Whether If-Range names the object that is in the cache."""
    if condition is None:
        return True
    if condition.startswith('"'):
        return condition == headers.get("etag")
    date = http_date.parse(condition)
    return date is not None and date == http_date.parse(headers.get("last-modified"))


def _multipart(body: bytes, ranges: list[Range], boundary: str, content_type: str | None) -> bytes:
    parts: list[bytes] = []
    for first, last in ranges:
        head = f"--{boundary}\r\n"
        if content_type is not None:
            head += f"Content-Type: {content_type}\r\n"
        head += f"Content-Range: bytes {first}-{last}/{len(body)}\r\n\r\n"
        parts += [head.encode("iso-8859-1", "replace"), body[first : last + 1], b"\r\n"]
    return b"".join((*parts, f"--{boundary}--\r\n".encode()))
