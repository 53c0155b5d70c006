"""Asking the origin whether an expired object is still good.

Source: CloudFront Developer Guide, "Request and response behavior for custom origins" (conditional GETs); no
conditional requests where cookies are forwarded. Which headers a 304 changes is not documented: RFC 9111 section 3.2
is followed, so its headers replace the stored ones of the same name, but for those that describe the body.
"""

from __future__ import annotations

from edge.model.distribution import Behavior
from edge.model.headers import Headers, Line
from edge.model.stored_object import StoredObject
from edge.rules import request_collapsing

_OF_THE_BODY = frozenset({"content-encoding", "content-length", "content-range", "content-type", "etag"})
_NEVER_STORED = frozenset({"connection", "keep-alive", "transfer-encoding", "set-cookie", "via", "x-cache", "age"})


def lines(expired: StoredObject, behavior: Behavior) -> tuple[Line, ...]:
    """The conditional headers for the origin; none when the answer could not be trusted to be the same for all."""
    if expired.must_ask_origin or expired.status >= 400 or request_collapsing.forwards_cookies(behavior):
        return ()
    found: list[Line] = []
    if (etag := expired.headers.get("etag")) is not None:
        found.append(("If-None-Match", etag))
    if (modified := expired.headers.get("last-modified")) is not None:
        found.append(("If-Modified-Since", modified))
    return tuple(found)


def merged(stored: Headers, confirmed: Headers) -> Headers:
    """The stored headers, brought up to date by those of a 304."""
    for name in confirmed.names() - _OF_THE_BODY - _NEVER_STORED:
        stored = stored.replaced(
            next(wire for wire, _ in confirmed.lines if wire.lower() == name), confirmed.joined(name) or ""
        )
    return stored
