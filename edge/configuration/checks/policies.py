"""What policies may not hold.

Source: CloudFront Developer Guide, "Cache content based on request headers", "Add CloudFront request headers",
"Understand response headers policies", "Quotas"; troubleshooting page for HTTP 401 (Authorization).
"""

from __future__ import annotations

from collections.abc import Iterator

from edge.configuration.finding import Finding, error, warning
from edge.configuration.positions import Key, Place
from edge.configuration.shapes.policy_configs import (
    CacheKeyParametersShape,
    CachePolicyConfigShape,
    CookiesConfigShape,
    OriginRequestPolicyConfigShape,
    QueryStringsConfigShape,
    ResponseHeadersPolicyConfigShape,
)
from edge.model import quotas

_QUOTAS = 'CloudFront Developer Guide, "Quotas"'
_KEYED = 'CloudFront Developer Guide, "Cache content based on request headers"'
_CLOUDFRONT = 'CloudFront Developer Guide, "Add CloudFront request headers"'
_CACHE_POLICIES = 'CloudFront Developer Guide, "Understand cache policies"'
_HIT_RATIO = (
    'CloudFront Developer Guide, "Increase the proportion of requests that are served directly from the CloudFront '
    'caches (cache hit ratio)"'
)
_RESPONSES = 'CloudFront Developer Guide, "Understand response headers policies"'

NOT_KEYED = frozenset(
    {
        "cache-control",
        "connection",
        "content-length",
        "cookie",
        "max-forwards",
        "pragma",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "request-range",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "x-amz-cf-id",
        "x-forwarded-proto",
        "x-real-ip",
    }
)
"""Headers that a cache policy may not list."""
MANY_VALUES = frozenset({"authorization", "date", "referer", "user-agent", "x-forwarded-for"})
"""Headers with about as many values as there are viewers."""
ORIGIN_REQUEST_ONLY = frozenset(
    {
        "cloudfront-viewer-address",
        "cloudfront-viewer-asn",
        "cloudfront-viewer-ja3-fingerprint",
        "cloudfront-viewer-ja4-fingerprint",
        "cloudfront-viewer-tls",
    }
)
"""CloudFront-* headers that only an origin request policy may list."""
KEPT = frozenset(
    {
        "connection",
        "content-encoding",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
        "warning",
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
"""Headers that a response headers policy can neither set nor remove; so are X-Amz-Cf-* and X-Edge-*."""
_KEPT_PREFIXES = ("x-amz-cf-", "x-edge-")


def cache_policy(config: CachePolicyConfigShape, default_ttl: int, max_ttl: int, place: Place) -> Iterator[Finding]:
    """TTLs that rise, names that may be keyed."""
    if not 0 <= config.MinTTL <= default_ttl <= max_ttl:
        numbers = f"{config.MinTTL}, {default_ttl}, {max_ttl}"
        message = f"MinTTL, DefaultTTL and MaxTTL must rise; they are {numbers}"
        yield error("policies.ttl_order", place.at("MinTTL"), message)
    key = config.ParametersInCacheKeyAndForwardedToOrigin
    if key is None:
        return
    here = place.child("ParametersInCacheKeyAndForwardedToOrigin")
    yield from _headers(key.HeadersConfig.HeaderBehavior, key.HeadersConfig.Headers, here)
    yield from _cookies_and_query_strings(key.CookiesConfig, key.QueryStringsConfig, here)
    if max_ttl:
        yield from _hit_ratio(key, here)
    else:
        yield from _caching_disabled(key, here)
    for index, name in enumerate(key.HeadersConfig.Headers):
        where = here.at("HeadersConfig", "Headers", index)
        if name.lower() in NOT_KEYED or name.lower().startswith("x-edge-"):
            yield error("policies.header_not_keyed", where, f"{name} cannot be in a cache key", _KEYED)
        if name.lower() == "accept-encoding" and (key.EnableAcceptEncodingGzip or key.EnableAcceptEncodingBrotli):
            message = "Accept-Encoding is in the key already, by EnableAcceptEncodingGzip or -Brotli: take it out here"
            yield error("policies.accept_encoding", where, message, _CACHE_POLICIES)
        if name.lower() in ORIGIN_REQUEST_ONLY:
            message = f"{name} cannot be in a cache key; list it in an origin request policy"
            yield error("policies.header_not_keyed", where, message, _CLOUDFRONT)


def _caching_disabled(key: CacheKeyParametersShape, here: Place) -> Iterator[Finding]:
    """With a maximum TTL of 0 there is no key, and AWS refuses one."""
    for part, value, off in (
        ("EnableAcceptEncodingGzip", key.EnableAcceptEncodingGzip, False),
        ("EnableAcceptEncodingBrotli", key.EnableAcceptEncodingBrotli, False),
        ("HeadersConfig", key.HeadersConfig.HeaderBehavior, "none"),
        ("CookiesConfig", key.CookiesConfig.CookieBehavior, "none"),
        ("QueryStringsConfig", key.QueryStringsConfig.QueryStringBehavior, "none"),
    ):
        if value != off:
            message = (
                f"must be {str(off).lower()} where MaxTTL is 0: nothing is cached, so there is no key. For the origin, "
                "list it in an origin request policy; to cache for a moment, set MaxTTL to 1"
            )
            yield error("policies.caching_disabled", here.at(part), message, _CACHE_POLICIES)


def _hit_ratio(key: CacheKeyParametersShape, here: Place) -> Iterator[Finding]:
    """What makes nearly every request a miss."""
    if key.CookiesConfig.CookieBehavior == "all":
        message = "all cookies are in the cache key: every viewer with a cookie of his own has objects of his own"
        yield warning("policies.hit_ratio", here.at("CookiesConfig", "CookieBehavior"), message, _HIT_RATIO)
    for index, name in enumerate(key.HeadersConfig.Headers):
        if name.lower() in MANY_VALUES:
            message = f"{name} is in the cache key and differs from viewer to viewer: there are hardly any hits"
            yield warning("policies.hit_ratio", here.at("HeadersConfig", "Headers", index), message, _HIT_RATIO)


def origin_request_policy(config: OriginRequestPolicyConfigShape, place: Place) -> Iterator[Finding]:
    """Names that may be listed."""
    behavior, names = config.HeadersConfig.HeaderBehavior, config.HeadersConfig.Headers
    yield from _headers(behavior, names, place)
    yield from _cookies_and_query_strings(config.CookiesConfig, config.QueryStringsConfig, place)
    for index, name in enumerate(names):
        where = place.at("HeadersConfig", "Headers", index)
        if behavior == "whitelist" and name.lower() == "authorization":
            message = "Authorization cannot be listed here: put it into the cache policy, or forward all viewer headers"
            source = 'CloudFront Developer Guide, "HTTP 401 status code (Unauthorized)"'
            yield error("policies.authorization", where, message, source)
        if behavior == "allViewerAndWhitelistCloudFront" and not name.lower().startswith("cloudfront-"):
            message = f"{name} is not a CloudFront-* header; all headers of the viewer go on anyway"
            yield error("policies.not_a_cloudfront_header", where, message, _CLOUDFRONT)


def response_headers_policy(config: ResponseHeadersPolicyConfigShape, place: Place) -> Iterator[Finding]:
    """Headers that may be set and removed, and CORS with credentials."""
    count = len(config.CustomHeadersConfig)
    if count > quotas.RESPONSE_CUSTOM_HEADERS_MAX:
        message = f"{count} are too many: at most {quotas.RESPONSE_CUSTOM_HEADERS_MAX} are allowed"
        yield error("policies.custom_headers", place.at("CustomHeadersConfig"), message, _QUOTAS)
    listed = [("CustomHeadersConfig", "set", [one.Header for one in config.CustomHeadersConfig])]
    listed.append(("RemoveHeadersConfig", "remove", [one.Header for one in config.RemoveHeadersConfig]))
    for part, verb, names in listed:
        for index, name in enumerate(names):
            if name.lower() in KEPT or name.lower().startswith(_KEPT_PREFIXES):
                message = f"a response headers policy cannot {verb} {name}"
                yield error("policies.header_kept", place.at(part, index, "Header"), message, _RESPONSES)
    cors = config.CorsConfig
    if cors is not None and cors.AccessControlAllowCredentials:
        for part, values, wide in (
            ("AccessControlAllowOrigins", cors.AccessControlAllowOrigins, "*"),
            ("AccessControlAllowHeaders", cors.AccessControlAllowHeaders, "*"),
            ("AccessControlAllowMethods", cors.AccessControlAllowMethods, "ALL"),
        ):
            if wide in values:
                message = f"{wide} does not go with AccessControlAllowCredentials: list the values"
                yield error("policies.cors_credentials", place.at("CorsConfig", part), message, _RESPONSES)
    security = config.SecurityHeadersConfig
    xss = None if security is None else security.XSSProtection
    if xss is not None and xss.ReportUri and xss.ModeBlock:
        message = "ReportUri and ModeBlock do not go together"
        yield error("policies.xss", place.at("SecurityHeadersConfig", "XSSProtection"), message, _RESPONSES)
    timing = config.ServerTimingHeadersConfig
    if timing is not None and timing.SamplingRate is not None and not 0 <= timing.SamplingRate <= 100:
        message = f"{timing.SamplingRate:g} is not a percentage between 0 and 100"
        yield error(
            "policies.sampling_rate", place.at("ServerTimingHeadersConfig", "SamplingRate"), message, _RESPONSES
        )


def _headers(behavior: str, names: tuple[str, ...], place: Place) -> Iterator[Finding]:
    here = place.child("HeadersConfig")
    listing = ("whitelist", "allExcept", "allViewerAndWhitelistCloudFront")
    yield from _listed(behavior, behavior in listing, names, quotas.POLICY_HEADERS_MAX, here, "Headers")


def _cookies_and_query_strings(
    cookies: CookiesConfigShape, query_strings: QueryStringsConfigShape, place: Place
) -> Iterator[Finding]:
    behavior = cookies.CookieBehavior
    here = place.child("CookiesConfig")
    listing = behavior in ("whitelist", "allExcept")
    yield from _listed(behavior, listing, cookies.Cookies, quotas.POLICY_COOKIES_MAX, here, "Cookies")
    behavior = query_strings.QueryStringBehavior
    here = place.child("QueryStringsConfig")
    listing = behavior in ("whitelist", "allExcept")
    yield from _listed(
        behavior, listing, query_strings.QueryStrings, quotas.POLICY_QUERY_STRINGS_MAX, here, "QueryStrings"
    )


def _listed(
    behavior: str, listing: bool, names: tuple[str, ...], most: int, place: Place, key: Key
) -> Iterator[Finding]:
    """A list that goes with its behavior, and is not too long."""
    where = place.at(key)
    if listing and not names:
        yield error("policies.no_names", where, f"{behavior} needs at least one name")
    if names and not listing:
        yield error("policies.names_ignored", where, f"{behavior} takes no names")
    if len(names) > most:
        yield error("quotas.policy_names", where, f"{len(names)} are too many: at most {most} are allowed", _QUOTAS)
    characters = sum(len(name) for name in names)
    if characters > quotas.POLICY_NAMES_MAX_CHARS:
        message = f"the names have {characters} characters, and at most {quotas.POLICY_NAMES_MAX_CHARS} are allowed"
        yield error("quotas.policy_names", where, message, _QUOTAS)
