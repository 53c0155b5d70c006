"""Whether a request has to do with the cache at all, and whether it may wait for another one's fetch.

Source: CloudFront Developer Guide, "Request and response behavior for custom origins", simultaneous requests for the
same object (request collapsing): it is off where cookies are forwarded and where caching is. Ours: HEAD, range and
conditional requests do not lead a fetch for others, because their answers cannot fill the cache.
"""

from __future__ import annotations

from edge.model.distribution import Behavior
from edge.model.policies import NO_NAMES, Selection
from edge.model.request import Request
from edge.model.response import Response

_NOT_LEADING = frozenset({"range", "if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range"})


def uses_cache(request: Request, behavior: Behavior) -> bool:
    """Whether this request may be answered from the cache, and fill it."""
    if request.method not in behavior.cached_methods or (request.headers.get("upgrade") or "").lower() == "websocket":
        return False
    policy = behavior.cache_policy
    if policy is not None:
        return not policy.disables_caching
    legacy = behavior.forwarded_values
    return legacy is not None and "*" not in legacy.headers and not (legacy.min_ttl_s == legacy.max_ttl_s == 0)


def applies(request: Request, behavior: Behavior) -> bool:
    """Whether simultaneous requests for this object are answered by one fetch."""
    if request.method == "HEAD" or forwards_cookies(behavior):
        return False
    return not request.headers.has_any(_NOT_LEADING)


def whole(request: Request) -> Request:
    """The request for all of the object that this one asks for a part of, or on a condition."""
    headers = request.headers.without(*_NOT_LEADING)
    return request._replace(method="GET" if request.method == "HEAD" else request.method, headers=headers)


def forwards_cookies(behavior: Behavior) -> bool:
    """Whether any cookie can reach the origin."""
    cache, origin, legacy = behavior.cache_policy, behavior.origin_request_policy, behavior.forwarded_values
    if cache is not None and cache.cookies is not NO_NAMES and cache.cookies.selection is not Selection.NONE:
        return True
    if origin is not None and origin.cookies.selection is not Selection.NONE:
        return True
    return cache is None and legacy is not None and legacy.cookies.selection is not Selection.NONE


def fills(request: Request, response: Response) -> bool:
    """Whether the answer to this request is a whole object that others can be given."""
    return request.method != "HEAD" and response.status not in (206, 304, 416, 101)
