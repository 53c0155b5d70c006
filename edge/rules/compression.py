"""Which responses CloudFront compresses, and what that does to their headers.

Source: CloudFront Developer Guide, "Serve compressed files": status, size, type, Content-Encoding and ETag rules. It
happens once, when the object comes from the origin. Near: parameters of Content-Type are ignored, and Vary:
Accept-Encoding is added.
"""

from __future__ import annotations

from typing import Literal

from edge.model import quotas
from edge.model.body import Tunnel
from edge.model.distribution import Behavior
from edge.model.headers import Headers
from edge.model.request import Request
from edge.model.response import Response
from edge.rules import cache_key, ttl

_STATUSES = frozenset({200, 403, 404})

_TYPES = """
    application/dash+xml application/eot application/font application/font-sfnt application/javascript application/json
    application/opentype application/otf application/pdf application/pkcs7-mime application/protobuf application/rss+xml
    application/truetype application/ttf application/vnd.apple.mpegurl application/vnd.mapbox-vector-tile
    application/vnd.ms-fontobject application/wasm application/xhtml+xml application/xml application/x-font-opentype
    application/x-font-truetype application/x-font-ttf application/x-httpd-cgi application/x-javascript
    application/x-mpegurl application/x-opentype application/x-otf application/x-perl application/x-ttf
    font/eot font/opentype font/otf font/ttf image/svg+xml
    text/css text/csv text/html text/javascript text/js text/plain text/richtext text/tab-separated-values text/xml
    text/x-component text/x-java-source text/x-script vnd.apple.mpegurl
"""
CONTENT_TYPES = frozenset(_TYPES.split())


def choose(behavior: Behavior, request: Request, response: Response) -> Literal["br", "gzip"] | None:
    """The coding that CloudFront puts on this response; None when it leaves it alone."""
    if not behavior.compress or request.method != "GET" or response.status not in _STATUSES:
        return None
    accepted = cache_key.accept_encoding(behavior, request)
    if not accepted or ttl.settings(behavior).max_ttl_s == 0:
        return None
    headers = response.headers
    if "content-encoding" in headers or isinstance(response.body, Tunnel):
        return None
    length = headers.get("content-length") or ""
    size = int(length) if length.isascii() and length.isdigit() else 0
    if not quotas.COMPRESSION_MIN_BYTES <= size <= quotas.COMPRESSION_MAX_BYTES:
        return None
    content_type = (headers.get("content-type") or "").partition(";")[0].strip().lower()
    if content_type not in CONTENT_TYPES:
        return None
    return "br" if "br" in accepted else "gzip"


def headers(headers: Headers, encoding: Literal["br", "gzip"]) -> Headers:
    """The headers of the compressed response. A strong ETag becomes weak, one that is not an ETag goes."""
    etag = headers.get("etag")
    if etag is not None and not etag.startswith("W/"):
        headers = headers.replaced("ETag", f"W/{etag}") if etag.startswith('"') else headers.without("etag")
    vary = headers.joined("vary")
    if vary is None:
        headers = headers.plus((("Vary", "Accept-Encoding"),))
    elif "accept-encoding" not in vary.lower():
        headers = headers.without("vary").plus((("Vary", f"{vary}, Accept-Encoding"),))
    return headers.without("content-length").plus((("Content-Encoding", encoding),))
