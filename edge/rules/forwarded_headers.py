"""Which of the viewer's headers the origin gets.

Source: CloudFront Developer Guide, "Request and response behavior for custom origins" (the table of headers),
"Understand how origin request policies and cache policies work together", "Use the managed origin request policies".
With a cache policy a header goes on only when it describes the body or the condition, or a policy selects it; the
table's "forwarded" for everything else belongs to behaviors without one (ForwardedValues). Choice: Expect is not sent
on even where a policy lists it, because the edge has answered it.
"""

from __future__ import annotations

from edge.model.distribution import Behavior
from edge.model.headers import Headers, Line
from edge.model.origin import Origin, OriginKind
from edge.model.policies import Selection
from edge.model.request import Request

NEVER = frozenset(
    {
        "connection",
        "cookie",  # its own setting
        "expect",
        "host",  # set apart
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",  # set apart
        "accept-encoding",  # set apart
        "via",  # set apart
        "x-amz-cf-id",  # set apart
        "x-forwarded-for",  # set apart
        "x-forwarded-proto",
        "x-real-ip",
    }
)
"""Removed whatever a policy says, or set by CloudFront itself."""

ALWAYS = frozenset(
    {
        "cache-control",
        "content-encoding",
        "content-length",
        "content-md5",
        "content-type",
        "date",
        "from",
        "max-forwards",
        "pragma",
        "request-range",
        "warning",
    }
)
CONDITIONAL = frozenset({"range", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since"})
"""Sent on under every kind of behavior; the switch that stops them is the distribution's."""

LEGACY_REMOVED = frozenset({"accept", "accept-charset", "accept-language", "referer", "x-http-method-override"})
_READS = frozenset({"GET", "HEAD"})


def selected(request: Request, behavior: Behavior, *, conditionals: bool) -> list[Line]:
    """The viewer's header lines that go on, in their order. `conditionals` False holds Range and If-* back."""
    listed = {name.strip().lower() for name in (request.headers.joined("connection") or "").split(",")}
    return [
        (name, value)
        for name, value in request.headers.lines
        if (lower := name.lower()) not in NEVER
        and lower not in listed
        and not lower.startswith("x-edge-")
        and (conditionals or lower not in CONDITIONAL)
        and goes_on(lower, request, behavior)
    ]


def goes_on(name: str, request: Request, behavior: Behavior) -> bool:
    """Whether the behavior sends a header (lower case) on. CloudFront-* headers are there only if a policy lists
    them."""
    if name.startswith("cloudfront-"):
        return True
    if name in ALWAYS or name in CONDITIONAL:
        return True
    if name == "authorization" and _keeps_authorization(request, behavior):
        return True
    if behavior.cache_policy is None and name not in LEGACY_REMOVED and name != "authorization":
        return True
    return named(name, behavior)


def _keeps_authorization(request: Request, behavior: Behavior) -> bool:
    """Authorization stays on requests that are never cached; on GET and HEAD only a policy lets it through."""
    if request.method in _READS:
        return False
    return request.method != "OPTIONS" or "OPTIONS" not in behavior.cached_methods


def host(request: Request, behavior: Behavior, origin: Origin) -> str:
    """The Host header: the origin's domain, unless a policy forwards the viewer's or a function chose another. For S3
    only an origin request policy can forward it; it brings S3's 403."""
    if origin.host_header:
        return origin.host_header
    if origin.kind is OriginKind.S3 and behavior.origin_request_policy is None:
        return origin.domain_name
    return request.host if request.host and named("host", behavior) else origin.domain_name


def user_agent(request: Request, behavior: Behavior) -> str:
    """`Amazon CloudFront`, unless a policy forwards the viewer's."""
    return (request.headers.get("user-agent") if named("user-agent", behavior) else None) or "Amazon CloudFront"


def named(name: str, behavior: Behavior) -> bool:
    """Whether a policy, or ForwardedValues, select a header (lower case)."""
    cache = behavior.cache_policy
    if cache is None:
        legacy = behavior.forwarded_values
        return legacy is not None and ("*" in legacy.headers or name in legacy.headers)
    if name in cache.headers.names:
        return True
    policy = behavior.origin_request_policy
    if policy is None:
        return False
    match policy.headers.selection:
        case Selection.ALL_VIEWER | Selection.ALL_VIEWER_AND_WHITELIST_CLOUDFRONT:
            return True
        case Selection.ALL_EXCEPT:
            return name not in policy.headers.names
        case Selection.WHITELIST:
            return name in policy.headers.names
        case _:
            return False


def overwritten(lines: list[Line], custom: tuple[Line, ...]) -> Headers:
    """The origin's custom headers in place of those of the same name."""
    names = {name.lower() for name, _ in custom}
    return Headers((*(line for line in lines if line[0].lower() not in names), *custom))
