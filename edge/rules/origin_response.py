"""What of an origin's response goes on, to the cache and to viewers.

Source: CloudFront Developer Guide, "Request and response behavior for custom origins" and "... for Amazon S3 origins"
(removed headers, Set-Cookie, Vary). Set-Cookie is dropped unless cookies are forwarded. Vary keeps only what
CloudFront forwards. Content-Length stays: the viewer's connection does its own framing, and HEAD and compression need
the number.
"""

from __future__ import annotations

from edge.model import cache_control
from edge.model.distribution import Behavior
from edge.model.headers import Headers
from edge.model.origin import Origin, OriginKind, OriginResponse
from edge.model.request import Request
from edge.model.response import Response
from edge.rules import forwarded_headers, request_collapsing

_REMOVED = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
        "x-amz-cf-id",
        "x-amz-cf-pop",
        "x-cache",
    }
)
_REMOVED_FOR_S3 = frozenset({"x-amz-id-2", "x-amz-request-id"})
_UPGRADING = frozenset({"connection", "upgrade"})


def clean(outcome: OriginResponse, request: Request, behavior: Behavior, origin: Origin) -> Response:
    """The response without what belongs to the connection, or to nobody but the origin."""
    removed = _REMOVED if outcome.status != 101 else _REMOVED - _UPGRADING
    if origin.kind is OriginKind.S3:
        removed |= _REMOVED_FOR_S3
    present = outcome.headers.names()
    listed = outcome.headers.joined("connection") if outcome.status != 101 else None
    if listed is not None:
        removed |= {name.strip().lower() for name in listed.split(",")}
    if "set-cookie" in present and not _keeps_cookies(outcome.headers, behavior):
        removed |= {"set-cookie"}
    headers = outcome.headers
    if removed & present:
        headers = headers.where(lambda name: name not in removed)
    if "vary" in present:
        headers = _vary(headers, request, behavior)
    return Response(outcome.status, headers, outcome.body, outcome.reason)


def _keeps_cookies(headers: Headers, behavior: Behavior) -> bool:
    named = cache_control.parse(headers).no_cache_fields
    return request_collapsing.forwards_cookies(behavior) and "set-cookie" not in named


def _vary(headers: Headers, request: Request, behavior: Behavior) -> Headers:
    """Names that CloudFront forwards, Accept-Encoding and Cookie stay; the key is the policy's business alone."""
    named = [name.strip() for name in (headers.joined("vary") or "").split(",")]
    kept = [
        name
        for name in named
        if (lower := name.lower()) in ("*", "accept-encoding", "cookie")
        or (lower not in forwarded_headers.NEVER and forwarded_headers.goes_on(lower, request, behavior))
    ]
    if kept == named:
        return headers
    headers = headers.without("vary")
    return headers.plus((("Vary", ", ".join(kept)),)) if kept else headers
