"""Policies from their configurations.

Source: CloudFront API Reference, CachePolicyConfig, OriginRequestPolicyConfig, ResponseHeadersPolicyConfig;
"Understand response headers policies" for the text of the security headers.
"""

from __future__ import annotations

from edge.configuration.checks import policies as checks
from edge.configuration.finding import Finding
from edge.configuration.positions import Place
from edge.configuration.shapes.policy_configs import (
    CachePolicyConfigShape,
    CookiesConfigShape,
    CorsConfigShape,
    OriginRequestPolicyConfigShape,
    QueryStringsConfigShape,
    ResponseHeadersPolicyConfigShape,
    SecurityHeadersConfigShape,
    StrictTransportSecurityShape,
    XSSProtectionShape,
)
from edge.configuration.shapes.shape import Form, parse
from edge.model.policies import (
    NO_NAMES,
    CachePolicy,
    Cors,
    Names,
    OriginRequestPolicy,
    PolicyHeader,
    ResponseHeadersPolicy,
    Selection,
)

_DEFAULT_TTL_S = 86_400
_MAX_TTL_S = 31_536_000


def cache_policy(id: str, place: Place, form: Form, found: list[Finding]) -> CachePolicy | None:
    """A cache policy. TTLs that the API leaves out are a day and a year, or the one below where that is larger."""
    config = parse(CachePolicyConfigShape, place, form, found)
    if config is None:
        return None
    default_ttl = max(_DEFAULT_TTL_S, config.MinTTL) if config.DefaultTTL is None else config.DefaultTTL
    max_ttl = max(_MAX_TTL_S, default_ttl) if config.MaxTTL is None else config.MaxTTL
    found += checks.cache_policy(config, default_ttl, max_ttl, place)
    key = config.ParametersInCacheKeyAndForwardedToOrigin
    if key is None:
        return CachePolicy(id, config.Name, config.MinTTL, default_ttl, max_ttl)
    return CachePolicy(
        id,
        config.Name,
        config.MinTTL,
        default_ttl,
        max_ttl,
        header_names(key.HeadersConfig.HeaderBehavior, key.HeadersConfig.Headers),
        _cookies(key.CookiesConfig),
        _query_strings(key.QueryStringsConfig),
        key.EnableAcceptEncodingGzip,
        key.EnableAcceptEncodingBrotli,
    )


def origin_request_policy(id: str, place: Place, form: Form, found: list[Finding]) -> OriginRequestPolicy | None:
    """An origin request policy. CloudFront-* headers that a whitelist names are among its headers."""
    config = parse(OriginRequestPolicyConfigShape, place, form, found)
    if config is None:
        return None
    found += checks.origin_request_policy(config, place)
    return OriginRequestPolicy(
        id,
        config.Name,
        header_names(config.HeadersConfig.HeaderBehavior, config.HeadersConfig.Headers),
        _cookies(config.CookiesConfig),
        _query_strings(config.QueryStringsConfig),
    )


def response_headers_policy(id: str, place: Place, form: Form, found: list[Finding]) -> ResponseHeadersPolicy | None:
    """A response headers policy."""
    config = parse(ResponseHeadersPolicyConfigShape, place, form, found)
    if config is None:
        return None
    found += checks.response_headers_policy(config, place)
    timing = config.ServerTimingHeadersConfig
    return ResponseHeadersPolicy(
        id,
        config.Name,
        None if config.CorsConfig is None else _cors(config.CorsConfig),
        () if config.SecurityHeadersConfig is None else tuple(_security(config.SecurityHeadersConfig)),
        tuple(PolicyHeader(one.Header, one.Value, one.Override) for one in config.CustomHeadersConfig),
        tuple(one.Header.lower() for one in config.RemoveHeadersConfig),
        (timing.SamplingRate or 0.0) if timing is not None and timing.Enabled else None,
    )


def header_names(behavior: str, names: tuple[str, ...]) -> Names:
    """A selection of headers, in lower case."""
    return _names(behavior, tuple(name.lower() for name in names))


def _cookies(config: CookiesConfigShape) -> Names:
    return _names(config.CookieBehavior, config.Cookies)


def _query_strings(config: QueryStringsConfigShape) -> Names:
    return _names(config.QueryStringBehavior, config.QueryStrings)


def _names(behavior: str, names: tuple[str, ...]) -> Names:
    selection = Selection(behavior)
    listing = selection in (Selection.WHITELIST, Selection.ALL_EXCEPT, Selection.ALL_VIEWER_AND_WHITELIST_CLOUDFRONT)
    return NO_NAMES if selection is Selection.NONE else Names(selection, names if listing else ())


def _cors(config: CorsConfigShape) -> Cors:
    return Cors(
        config.AccessControlAllowOrigins,
        config.AccessControlAllowMethods,
        config.AccessControlAllowHeaders,
        config.AccessControlAllowCredentials,
        config.AccessControlExposeHeaders,
        config.AccessControlMaxAgeSec,
        config.OriginOverride,
    )


def _security(config: SecurityHeadersConfigShape) -> list[PolicyHeader]:
    """The finished lines, in the order in which the API has the parts."""
    lines: list[PolicyHeader] = []
    if (xss := config.XSSProtection) is not None:
        lines.append(PolicyHeader("X-XSS-Protection", _xss_protection(xss), xss.Override))
    if (frame := config.FrameOptions) is not None:
        lines.append(PolicyHeader("X-Frame-Options", frame.FrameOption, frame.Override))
    if (referrer := config.ReferrerPolicy) is not None:
        lines.append(PolicyHeader("Referrer-Policy", referrer.ReferrerPolicy, referrer.Override))
    if (csp := config.ContentSecurityPolicy) is not None:
        lines.append(PolicyHeader("Content-Security-Policy", csp.ContentSecurityPolicy, csp.Override))
    if (sniff := config.ContentTypeOptions) is not None:
        lines.append(PolicyHeader("X-Content-Type-Options", "nosniff", sniff.Override))
    if (hsts := config.StrictTransportSecurity) is not None:
        lines.append(PolicyHeader("Strict-Transport-Security", _strict_transport_security(hsts), hsts.Override))
    return lines


def _xss_protection(config: XSSProtectionShape) -> str:
    if not config.Protection:
        return "0"
    if config.ModeBlock:
        return "1; mode=block"
    return f"1; report={config.ReportUri}" if config.ReportUri else "1"


def _strict_transport_security(config: StrictTransportSecurityShape) -> str:
    pieces = [f"max-age={config.AccessControlMaxAgeSec}"]
    if config.IncludeSubdomains:
        pieces.append("includeSubDomains")
    if config.Preload:
        pieces.append("preload")
    return "; ".join(pieces)
