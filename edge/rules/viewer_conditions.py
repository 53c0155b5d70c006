"""Conditional requests of viewers, answered from the cache.

Source: RFC 9110 section 13.2.2 for the order of conditions; CloudFront Developer Guide says that conditional requests
are answered from fresh objects. If-None-Match goes before If-Modified-Since. Only a cached 200 is compared.
"""

from __future__ import annotations

from edge.model import http_date
from edge.model.headers import Headers
from edge.model.request import Request
from edge.model.response import Response

_NOT_IN_304 = ("content-length", "content-encoding", "content-type", "content-range")


def apply(request: Request, response: Response) -> Response | None:
    """304 or 412 where the request's conditions say so, None where the response goes as it is."""
    sent = request.headers
    if response.status != 200:
        return None
    held = response.headers
    if (wanted := sent.joined("if-match")) is not None:
        if not _matches(wanted, held.get("etag"), weakly=False):
            return Response(412, _without_body_headers(held))
    elif (since := http_date.parse(sent.get("if-unmodified-since"))) is not None:
        modified = http_date.parse(held.get("last-modified"))
        if modified is not None and modified > since:
            return Response(412, _without_body_headers(held))
    if (known := sent.joined("if-none-match")) is not None:
        unchanged = _matches(known, held.get("etag"), weakly=True)
    else:
        since = http_date.parse(sent.get("if-modified-since"))
        modified = http_date.parse(held.get("last-modified"))
        unchanged = since is not None and modified is not None and modified <= since
    if unchanged and request.method in ("GET", "HEAD"):
        return Response(304, held.without(*_NOT_IN_304))
    return None


def _matches(listed: str, etag: str | None, *, weakly: bool) -> bool:
    if etag is None:
        return False
    if listed.strip() == "*":
        return True
    tags = [tag.strip() for tag in listed.split(",")]
    if weakly:
        return etag.removeprefix("W/") in [tag.removeprefix("W/") for tag in tags]
    return not etag.startswith("W/") and etag in tags


def _without_body_headers(headers: Headers) -> Headers:
    return headers.without("content-length", "content-encoding", "content-range", "etag", "last-modified")
