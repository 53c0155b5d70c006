"""What of an origin's response goes on, to the cache and to viewers.

Source: CloudFront Developer Guide, "Request and response behavior for custom origins" and "... for Amazon S3 origins"
(removed headers, Set-Cookie, Vary). Set-Cookie is dropped unless cookies are forwarded. Vary keeps only what
CloudFront forwards, User-Agent where a device header goes on in its place, and `*` where the minimum TTL is 0.
Content-Length stays: the viewer's connection does its own framing, and HEAD and compression need the number.
"""

from __future__ import annotations

from edge.model.distribution import Behavior
from edge.model.headers import Headers
from edge.model.origin import Origin, OriginKind, OriginResponse
from edge.model.request import Request
from edge.model.response import Response
from edge.rules import forwarded_headers, request_collapsing, ttl, viewer_headers

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
    if not request_collapsing.forwards_cookies(behavior):
        removed |= {"set-cookie"}
    headers = outcome.headers
    if removed & present:
        headers = headers.where(lambda name: name not in removed)
    if "vary" in present:
        headers = _vary(headers, request, behavior)
    return Response(outcome.status, headers, outcome.body, outcome.reason)


def _vary(headers: Headers, request: Request, behavior: Behavior) -> Headers:
    """Accept-Encoding, Cookie and the names that CloudFront forwards stay; the key is the policy's business alone."""
    named = [name.strip() for name in (headers.joined("vary") or "").split(",")]
    kept = [name for name in named if _stays_in_vary(name.lower(), request, behavior)]
    if kept == named:
        return headers
    headers = headers.without("vary")
    return headers.plus((("Vary", ", ".join(kept)),)) if kept else headers


def _stays_in_vary(name: str, request: Request, behavior: Behavior) -> bool:
    match name:
        case "accept-encoding" | "cookie":
            return True
        case "*":
            return ttl.settings(behavior).min_ttl_s == 0
        case "user-agent":
            added = viewer_headers.wanted(behavior)
            return forwarded_headers.named(name, behavior) or any(one.startswith("cloudfront-is-") for one in added)
        case "host":
            return forwarded_headers.named(name, behavior)
    if name.startswith("cloudfront-"):
        return name in viewer_headers.wanted(behavior)
    return name not in forwarded_headers.NEVER and forwarded_headers.goes_on(name, request, behavior)
