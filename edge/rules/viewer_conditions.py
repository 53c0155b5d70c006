"""Conditional requests of viewers, answered from the cache.

Source: RFC 9110 section 13 for the conditions and their order; CloudFront answers them itself for fresh objects (seen
on the wire). Conditions count for GET and HEAD, and are held against a cached 200. Near: a 304 carries the object's
headers but for those that describe a body; a 412, of which nothing is documented, has an empty body.
"""

from __future__ import annotations

import re

from edge.model import http_date
from edge.model.headers import Headers
from edge.model.request import Request
from edge.model.response import Response

_OF_THE_BODY = ("content-length", "content-encoding", "content-type", "content-range", "content-language")

_CONDITIONS = frozenset({"if-none-match", "if-modified-since", "if-match", "if-unmodified-since"})
_TAG = re.compile(r'(?:W/)?"[^"]*"')


def apply(request: Request, response: Response) -> Response | None:
    """304 or 412 where the request's conditions say so, None where the response goes as it is."""
    sent = request.headers
    if not sent.has_any(_CONDITIONS) or response.status != 200 or request.method not in ("GET", "HEAD"):
        return None
    if _has_failed(sent, response.headers):
        return Response(412, response.headers.without(*_OF_THE_BODY, "etag", "last-modified"))
    if _is_unchanged(sent, response.headers):
        return Response(304, response.headers.without(*_OF_THE_BODY))
    return None


def _has_failed(sent: Headers, held: Headers) -> bool:
    """If-Match, or without it If-Unmodified-Since."""
    wanted = sent.joined("if-match")
    if wanted is not None:
        return not _matches(wanted, held.get("etag"), weakly=False)
    since = http_date.parse(sent.get("if-unmodified-since"))
    modified = http_date.parse(held.get("last-modified")) if since is not None else None
    return since is not None and modified is not None and modified > since


def _is_unchanged(sent: Headers, held: Headers) -> bool:
    """If-None-Match, or without it If-Modified-Since."""
    known = sent.joined("if-none-match")
    if known is not None:
        return _matches(known, held.get("etag"), weakly=True)
    since = http_date.parse(sent.get("if-modified-since"))
    modified = http_date.parse(held.get("last-modified")) if since is not None else None
    return since is not None and modified is not None and modified <= since


def _matches(listed: str, etag: str | None, *, weakly: bool) -> bool:
    """Whether an ETag is in a list; `*` stands for any representation, with or without one."""
    if listed.strip() == "*":
        return True
    if etag is None:
        return False
    tags = [listed.strip(), *_TAG.findall(listed)]
    if weakly:
        return etag.removeprefix("W/") in [tag.removeprefix("W/") for tag in tags]
    return not etag.startswith("W/") and etag in tags
