"""The CORS part of a response headers policy.

Source: CloudFront Developer Guide, "Understand response headers policies", CORS headers, with the table of wildcards
for Access-Control-Allow-Origin. Near: nothing is added to a response to a request without Origin, or from an origin
that is not listed; with a list, `Vary: Origin` is set where an origin is named. Values are joined with ", "; ALL is
the seven methods in alphabetical order, as in the managed policies. CloudFront never answers a preflight itself.
"""

from __future__ import annotations

import re
from functools import lru_cache

from edge.model.headers import Headers, Line
from edge.model.policies import Cors
from edge.model.request import Request

_ALL_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_PREFIX = "access-control-"


def apply(cors: Cors, request: Request, headers: Headers) -> Headers:
    """The headers with the policy's CORS headers, where the request is a CORS request that the policy allows."""
    origin = request.headers.get("origin")
    if origin is None:
        return headers
    if not cors.origin_override and any(name.startswith(_PREFIX) for name in headers.names()):
        return headers
    allowed = allow_origin(cors.allow_origins, origin)
    if allowed is None:
        return headers
    lines: list[Line] = [("Access-Control-Allow-Origin", allowed)]
    if cors.allow_credentials:
        lines.append(("Access-Control-Allow-Credentials", "true"))
    if request.method == "OPTIONS" and "access-control-request-method" in request.headers:
        lines += _preflight(cors)
    elif cors.expose_headers:
        lines.append(("Access-Control-Expose-Headers", ", ".join(cors.expose_headers)))
    headers = headers.without(*(name.lower() for name, _ in lines)).plus(lines)
    return headers if allowed == "*" else _varying(headers)


def _preflight(cors: Cors) -> list[Line]:
    methods = _ALL_METHODS if "ALL" in cors.allow_methods else cors.allow_methods
    lines: list[Line] = [("Access-Control-Allow-Methods", ", ".join(methods))]
    if cors.allow_headers:
        lines.append(("Access-Control-Allow-Headers", ", ".join(cors.allow_headers)))
    if cors.max_age_s is not None:
        lines.append(("Access-Control-Max-Age", str(cors.max_age_s)))
    return lines


def _varying(headers: Headers) -> Headers:
    """Vary with Origin in it, so that a browser's cache keeps the answers for two origins apart."""
    vary = headers.joined("vary")
    if vary is None:
        return headers.plus((("Vary", "Origin"),))
    if "origin" in [name.strip().lower() for name in vary.split(",")]:
        return headers
    return headers.without("vary").plus((("Vary", f"{vary}, Origin"),))


@lru_cache(maxsize=1024)
def allow_origin(patterns: tuple[str, ...], origin: str) -> str | None:
    """What Access-Control-Allow-Origin says to this origin, None when it is not allowed."""
    if "*" in patterns:
        return "*"
    return origin if any(_pattern(pattern).fullmatch(origin) for pattern in patterns) else None


@lru_cache(maxsize=256)
def _pattern(pattern: str) -> re.Pattern[str]:
    """An AllowOrigins item: `*.` as the left-most label is any depth of sub-domains, `*` in the port any digits, and a
    port that is `*` alone may be missing."""
    scheme, separator, rest = pattern.partition("://")
    if not separator:
        scheme, rest = "", pattern
    host, colon, port = rest.partition(":")
    # Without a scheme in the pattern the origin may have either, or none.
    regex = re.escape(f"{scheme}://") if scheme else "(?:https?://)?"
    regex += r"[^/:]*" + re.escape(host[1:]) if host.startswith("*.") else re.escape(host)
    if port == "*":
        regex += r"(?::\d+)?"
    elif colon:
        regex += ":" + re.escape(port).replace(r"\*", r"\d*")
    return re.compile(regex)
