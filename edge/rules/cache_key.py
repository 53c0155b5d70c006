"""What is in the cache key.

Source: CloudFront Developer Guide, "Understand the cache key", "Understand cache policies" (Accept-Encoding table),
"Cache content based on query string parameters / cookies / request headers", "Serve compressed files". Path, query and
values are case-sensitive and compared as they were sent; a listed header that is absent differs from one that is empty
(not documented). Where signatures are checked, signed cookies are not in the key, whatever a policy says; the origin
gets them where a policy forwards cookies (choice). In policies `*` is a literal; only the cookie names of
ForwardedValues hold wildcards.
"""

from __future__ import annotations

from functools import lru_cache

from edge.model import cookies, query_string, wildcards
from edge.model.cache_key import CacheKey
from edge.model.cookies import Cookie
from edge.model.distribution import Behavior
from edge.model.policies import NO_NAMES, ForwardedValues, Names, Selection
from edge.model.request import Request
from edge.rules import signed_cookies


def build(distribution_id: str, behavior: Behavior, request: Request) -> CacheKey:
    """The key of a request under a behavior. GET and HEAD share it, OPTIONS has its own."""
    method = "OPTIONS" if request.method == "OPTIONS" else "GET"
    policy = behavior.cache_policy
    if policy is None:
        return _legacy(distribution_id, method, behavior, request)
    return CacheKey(
        distribution_id,
        method,
        request.path,
        select_query(policy.query_strings, request.query) if request.query else "",
        _headers(policy.headers.names, behavior, request) if policy.headers.names else (),
        () if policy.cookies is NO_NAMES else _keyed(_cookies(policy.cookies, request), behavior),
        accept_encoding(behavior, request),
    )


def _legacy(distribution_id: str, method: str, behavior: Behavior, request: Request) -> CacheKey:
    legacy = behavior.forwarded_values or ForwardedValues()
    names = Names()
    if legacy.query_string:
        keys = legacy.query_string_keys
        names = Names(Selection.WHITELIST, keys) if keys else Names(Selection.ALL)
    return CacheKey(
        distribution_id,
        method,
        request.path,
        select_query(names, request.query),
        _headers(legacy.headers, behavior, request),
        _keyed(select_cookies(legacy.cookies, request), behavior),
        accept_encoding(behavior, request),
    )


def select_query(names: Names, query: str | None) -> str:
    """The selected parameters of a query string, in the order in which they were sent."""
    if not query or names.selection is Selection.NONE:
        return ""
    if names.selection is Selection.ALL:
        return query
    wanted = names.selection is Selection.WHITELIST
    return query_string.render(pair for pair in query_string.parse(query) if (pair[0] in names.names) == wanted)


def _keyed(found: list[Cookie], behavior: Behavior) -> tuple[Cookie, ...]:
    """Cookies as they stand in the key: signed cookies never do."""
    if behavior.trusted_keys:
        found = [cookie for cookie in found if cookie[0] not in signed_cookies.NAMES]
    return tuple(sorted(found))


def _cookies(names: Names, request: Request) -> list[Cookie]:
    """The cookies that a cache policy selects."""
    if names.selection is Selection.NONE:
        return []
    found = cookies.parse(request.headers)
    if names.selection is Selection.ALL:
        return list(found)
    wanted = names.selection is Selection.WHITELIST
    return [cookie for cookie in found if (cookie[0] in names.names) == wanted]


def select_cookies(names: Names, request: Request) -> list[Cookie]:
    """The cookies that ForwardedValues select: the names of a whitelist may hold `*` and `?`."""
    if names.selection is not Selection.WHITELIST:
        return _cookies(names, request)
    return [cookie for cookie in cookies.parse(request.headers) if _listed(names.names, cookie[0])]


@lru_cache(maxsize=4096)
def _listed(names: tuple[str, ...], name: str) -> bool:
    return name in names or any(wildcards.compiled(one).fullmatch(name) for one in names if "*" in one or "?" in one)


def _headers(names: tuple[str, ...], behavior: Behavior, request: Request) -> tuple[tuple[str, str], ...]:
    if "accept-encoding" in names and normalises_accept_encoding(behavior):
        names = tuple(name for name in names if name != "accept-encoding")
    found = ((name, request.headers.joined(name)) for name in names)
    return tuple((name, value) for name, value in found if value is not None)


def accept_encoding(behavior: Behavior, request: Request) -> str:
    """Accept-Encoding as it is keyed and sent on: "br,gzip", "br", "gzip", or "" where it does not count."""
    value = request.headers.get("accept-encoding")
    if value is None or not normalises_accept_encoding(behavior):
        return ""
    policy = behavior.cache_policy
    if policy is None:
        return _normalised(value, gzip=True, brotli=False)
    return _normalised(value, gzip=policy.gzip, brotli=policy.brotli)


@lru_cache(maxsize=1024)
def _normalised(value: str, *, gzip: bool, brotli: bool) -> str:
    offered = set()
    for piece in value.split(","):
        coding, _, quality = piece.partition(";")
        if quality.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            offered.add(coding.strip().lower())
    return ",".join(name for name, on in (("br", brotli), ("gzip", gzip)) if on and name in offered)


def normalises_accept_encoding(behavior: Behavior) -> bool:
    """Whether Accept-Encoding is normalised; otherwise it is a header like any other. ForwardedValues normalise it
    unless they list it, and know gzip only."""
    policy = behavior.cache_policy
    if policy is not None:
        return policy.gzip or policy.brotli
    legacy = behavior.forwarded_values
    return legacy is None or not ("*" in legacy.headers or "accept-encoding" in legacy.headers)
