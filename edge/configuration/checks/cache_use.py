"""What a behavior makes of the cache with the policies that it names: hits that cannot be, TTLs that do nothing.

Here policies are resolved, so what AWS manages is looked at like what a user wrote, and ForwardedValues like both.
Source: CloudFront Developer Guide, "Increase the proportion of requests that are served directly from the CloudFront
caches (cache hit ratio)", "Manage how long content stays in the cache (expiration)", "Serve compressed files",
"Understand how origin request policies and cache policies work together".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from edge.configuration.checks.policies import MANY_VALUES
from edge.configuration.finding import Finding, error, note, warning
from edge.configuration.positions import Place
from edge.model.distribution import Behavior
from edge.model.origin import Origin, OriginKind
from edge.model.policies import NO_NAMES, CachePolicy, ForwardedValues, Names, Selection

_GUIDE: Final = "CloudFront Developer Guide"
_HIT_RATIO: Final = (
    f'{_GUIDE}, "Increase the proportion of requests that are served directly from the CloudFront caches (cache hit '
    'ratio)"'
)
_EXPIRATION: Final = f'{_GUIDE}, "Manage how long content stays in the cache (expiration)"'
_COMPRESSION: Final = f'{_GUIDE}, "Serve compressed files"'
_POLICIES: Final = f'{_GUIDE}, "Understand how origin request policies and cache policies work together"'
_CORS: Final = f'{_GUIDE}, "Understand response headers policies"'
_TTLS: Final = 'CloudFront API Reference, "DefaultCacheBehavior"'
_OWN_HOST_ONLY: Final = (".execute-api.", ".lambda-url.")
"""Parts of domain names whose servers know no other Host than their own."""
_PREFLIGHT_METHODS: Final = frozenset({"ALL", "DELETE", "OPTIONS", "PATCH", "PUT"})
"""Methods of a CORS policy that only make sense where browsers may ask first."""
_NO_STORE_OVERRULED_S: Final = 60
"""From this minimum TTL on, in seconds, it is worth saying that it wins over the origin's no-store."""


def check(behavior: Behavior, origins: Mapping[str, Origin], here: Place) -> Iterator[Finding]:
    """One behavior, with the origins of its distribution by id."""
    if behavior.cache_policy is not None:
        yield from _ttls(behavior.cache_policy, here)
        yield from _compression(behavior, behavior.cache_policy, here)
    if behavior.forwarded_values is not None and here.child("ForwardedValues").tree is not None:
        yield from _legacy(behavior.forwarded_values, here)
    yield from _host(behavior, origins.get(behavior.target_origin_id), here)
    yield from _preflight(behavior, here)


def _ttls(policy: CachePolicy, here: Place) -> Iterator[Finding]:
    where = here.at("CachePolicyId")
    if policy.min_ttl_s == policy.max_ttl_s > 0:
        message = (
            f"{policy.name} keeps every object for {policy.min_ttl_s} s: MinTTL and MaxTTL are the same, so neither "
            "DefaultTTL nor what the origin says of caching has an effect"
        )
        yield note("behaviors.fixed_ttl", where, message, _EXPIRATION)
    elif policy.min_ttl_s >= _NO_STORE_OVERRULED_S:
        message = (
            f"{policy.name} keeps objects for at least {policy.min_ttl_s} s (MinTTL), those that the origin sends with "
            "no-cache, no-store or private too"
        )
        yield note("behaviors.min_ttl", where, message, _EXPIRATION)


def _compression(behavior: Behavior, policy: CachePolicy, here: Place) -> Iterator[Finding]:
    if not behavior.compress or policy.gzip or policy.brotli:
        return
    # The CDK sets Compress everywhere, so where nothing is cached it is no oversight.
    say = note if policy.disables_caching else warning
    message = f"Compress does nothing: {policy.name} has neither EnableAcceptEncodingGzip nor -Brotli"
    yield say("behaviors.compression", here.at("Compress"), message, _COMPRESSION)


def _legacy(values: ForwardedValues, here: Place) -> Iterator[Finding]:
    place = here.child("ForwardedValues")
    if "*" in values.headers:
        message = "all headers are forwarded, so nothing is cached and TTLs do nothing"
        yield warning("behaviors.nothing_cached", place.at("Headers"), message, _HIT_RATIO)
        if values.min_ttl_s:
            message = "must be 0 where all headers are forwarded"
            yield error("behaviors.min_ttl_all_headers", here.at("MinTTL"), message, _TTLS)
    if values.cookies.selection is Selection.ALL:
        message = "all cookies are in the cache key: every viewer with a cookie of his own has objects of his own"
        yield warning("behaviors.hit_ratio", place.at("Cookies", "Forward"), message, _HIT_RATIO)
    for index, name in enumerate(values.headers):
        if name in MANY_VALUES:
            message = f"{name} is in the cache key and differs from viewer to viewer: there are hardly any hits"
            yield warning("behaviors.hit_ratio", place.at("Headers", index), message, _HIT_RATIO)


def _host(behavior: Behavior, origin: Origin | None, here: Place) -> Iterator[Finding]:
    """The viewer's Host, for an origin that takes none but its own."""
    if origin is None:
        return
    if origin.kind is not OriginKind.S3 and not any(part in origin.domain_name for part in _OWN_HOST_ONLY):
        return
    policy, cache, legacy = behavior.origin_request_policy, behavior.cache_policy, behavior.forwarded_values
    for headers, name, key in (
        (policy.headers if policy else NO_NAMES, policy and policy.name, "OriginRequestPolicyId"),
        (cache.headers if cache else NO_NAMES, cache and cache.name, "CachePolicyId"),
        (Names(Selection.WHITELIST, legacy.headers if legacy else ()), "ForwardedValues", "ForwardedValues"),
    ):
        if _sends_host(headers):
            message = (
                f"{name} sends the viewer's Host to {origin.domain_name}, which answers 403 to a Host that is not its "
                "own; AllViewerExceptHostHeader (b689b0a8-53d0-40ab-baf2-68738e2966ac) does not"
            )
            yield warning("behaviors.viewer_host", here.at(key), message, _POLICIES)


def _sends_host(headers: Names) -> bool:
    match headers.selection:
        case Selection.ALL_VIEWER | Selection.ALL_VIEWER_AND_WHITELIST_CLOUDFRONT:
            return True
        case Selection.WHITELIST:
            return "host" in headers.names or "*" in headers.names
        case Selection.ALL_EXCEPT:
            return "host" not in headers.names
        case _:
            return False


def _preflight(behavior: Behavior, here: Place) -> Iterator[Finding]:
    """CORS for what browsers ask about before they do it, where that question is refused."""
    cors = None if behavior.response_headers_policy is None else behavior.response_headers_policy.cors
    if cors is None or "OPTIONS" in behavior.allowed_methods:
        return
    if _PREFLIGHT_METHODS.intersection(cors.allow_methods):
        message = "the policy allows CORS, and preflight requests get 403: add OPTIONS to AllowedMethods"
        yield warning("behaviors.preflight", here.at("ResponseHeadersPolicyId"), message, _CORS)
