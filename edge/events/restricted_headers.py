"""Header names that functions may not add, and those they may read but not touch.

Source: CloudFront Developer Guide, "Restrictions on all edge functions" (disallowed headers, read-only headers).
Deleting a read-only header counts as changing it. Not modelled: names that AWS restricts without documenting them.
"""

from __future__ import annotations

from edge.model.function import EventType

DISALLOWED = frozenset(
    {
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "trailer",
        "upgrade",
        "x-accel-buffering",
        "x-accel-charset",
        "x-accel-limit-rate",
        "x-accel-redirect",
        "x-amzn-auth",
        "x-amzn-cf-billing",
        "x-amzn-cf-id",
        "x-amzn-cf-xff",
        "x-amzn-errortype",
        "x-amzn-fle-profile",
        "x-amzn-header-count",
        "x-amzn-header-order",
        "x-amzn-lambda-integration-tag",
        "x-amzn-requestid",
        "x-cache",
        "x-forwarded-proto",
        "x-real-ip",
    }
)
DISALLOWED_PREFIXES = ("x-amz-cf-", "x-edge-")

READ_ONLY_FOR_CLOUDFRONT_FUNCTIONS = {
    EventType.VIEWER_REQUEST: frozenset({"cdn-loop", "content-length", "host", "transfer-encoding", "via"}),
    EventType.VIEWER_RESPONSE: frozenset({"warning", "via"}),
}

READ_ONLY_FOR_LAMBDA_EDGE = {
    EventType.VIEWER_REQUEST: frozenset({"cdn-loop", "content-length", "host", "transfer-encoding", "via"}),
    EventType.ORIGIN_REQUEST: frozenset(
        {
            "accept-encoding",
            "cdn-loop",
            "content-length",
            "if-modified-since",
            "if-none-match",
            "if-range",
            "if-unmodified-since",
            "transfer-encoding",
            "via",
        }
    ),
    EventType.ORIGIN_RESPONSE: frozenset({"transfer-encoding", "via"}),
    EventType.VIEWER_RESPONSE: frozenset({"warning", "via", "content-length", "content-encoding", "transfer-encoding"}),
}


def is_disallowed(name: str) -> bool:
    """Whether a header (lower case) is hidden from functions and may not be set by them."""
    return name in DISALLOWED or name.startswith(DISALLOWED_PREFIXES)
