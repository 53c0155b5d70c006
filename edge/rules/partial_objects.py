"""Objects of which only some byte ranges are in the cache.

Source: CloudFront Developer Guide, "How CloudFront processes partial requests for an object (range GETs)": on a miss
the Range header goes to the origin, and the part that comes back is cached; an origin that does not know ranges sends
the whole object, which is cached. Near: CloudFront may ask for a larger range than the viewer did, here the range goes
on as it is; parts are joined as long as the origin's ETag or Last-Modified and the length stay the same, and are
fresh as long as the first to expire of them; of several ranges in one request the answer is passed on and not kept.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from edge.model.parts import Parts, Piece
from edge.model.request import Request
from edge.model.response import Response
from edge.model.stored_object import StoredObject
from edge.rules import ranges

_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})", re.IGNORECASE)
_OF_THE_PART = ("content-range", "content-length")


class ContentRange(NamedTuple):
    """What a part is of an object: its first and last byte, both included, and how long the whole is."""

    first: int
    last: int
    total_bytes: int


def content_range(response: Response) -> ContentRange | None:
    """Which part a 206 holds; None for anything that is not one part of an object of known length."""
    match = _CONTENT_RANGE.fullmatch(response.headers.get("content-range") or "") if response.status == 206 else None
    if match is None:
        return None
    found = ContentRange(*(int(number) for number in match.groups()))
    return found if found.first <= found.last < found.total_bytes else None


def joined(present: StoredObject | None, part: StoredObject, where: ContentRange, data: bytes) -> StoredObject | None:
    """What is kept once all bytes of a part are here: with the parts that were here before, if they are of the same
    object, and as a whole object when none is missing. None when the part is not as long as it says."""
    if len(data) != where.last - where.first + 1:
        return None
    piece = Piece(where.first, data)
    parts, headers = Parts(where.total_bytes).plus((piece,)), part.headers.without(*_OF_THE_PART)
    fresh_until = part.fresh_until
    if present is not None and present.parts is not None and _same_object(present, part, where):
        parts, fresh_until = present.parts.plus((piece,)), min(fresh_until, present.fresh_until)
    whole = parts.whole
    if whole is not None:
        headers = headers.plus((("Content-Length", str(len(whole))),))
        return replace(part, status=200, reason=None, headers=headers, body=whole, fresh_until=fresh_until)
    return replace(part, headers=headers, body=b"", fresh_until=fresh_until, parts=parts)


def _same_object(present: StoredObject, part: StoredObject, where: ContentRange) -> bool:
    if present.parts is None or present.parts.total_bytes != where.total_bytes:
        return False
    for name in ("etag", "last-modified"):
        known = present.headers.get(name)
        if known is not None:
            return known == part.headers.get(name) and not known.startswith("W/")
    return False


def part_for(request: Request, stored: StoredObject, now: float) -> StoredObject | None:
    """The part that a request asks for, as a 206 of its own, when all its bytes are here; None when the origin has to
    be asked."""
    wanted = request.headers.get("range")
    parts = stored.parts
    if wanted is None or parts is None or request.method != "GET" or now >= stored.fresh_until:
        return None
    if not ranges.is_current(request.headers.get("if-range"), stored.headers):
        return None
    asked = ranges.parse(wanted, parts.total_bytes)
    if asked is None or len(asked) != 1:
        return None
    first, last = asked[0]
    data = parts.cut(first, last)
    if data is None:
        return None
    line = ("Content-Range", f"bytes {first}-{last}/{parts.total_bytes}")
    return replace(stored, headers=stored.headers.plus((line,)), body=data, parts=None)
