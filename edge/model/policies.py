"""Cache, origin request and response headers policies, and the legacy ForwardedValues, as values.

Source: CloudFront Developer Guide, "Control the cache key with a policy", "Control origin requests with a policy",
"Add or remove HTTP headers with a policy"; API Reference for the enumerations. TTLs are in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Selection(StrEnum):
    """How a policy chooses names. The last two exist for headers of origin request policies only."""

    NONE = "none"
    WHITELIST = "whitelist"
    ALL_EXCEPT = "allExcept"
    ALL = "all"
    ALL_VIEWER = "allViewer"
    ALL_VIEWER_AND_WHITELIST_CLOUDFRONT = "allViewerAndWhitelistCloudFront"


@dataclass(frozen=True, slots=True)
class Names:
    """A selection of header, cookie or query string names. Header names are in lower case, the others as written."""

    selection: Selection = Selection.NONE
    names: tuple[str, ...] = ()


NO_NAMES = Names()
ALL_NAMES = Names(Selection.ALL)


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """What is in the cache key, and the bounds on how long an object stays fresh."""

    id: str
    name: str
    min_ttl_s: int = 0
    default_ttl_s: int = 86_400
    max_ttl_s: int = 31_536_000
    headers: Names = NO_NAMES
    cookies: Names = NO_NAMES
    query_strings: Names = NO_NAMES
    gzip: bool = False
    brotli: bool = False

    @property
    def disables_caching(self) -> bool:
        """Min, default and max TTL of 0 switch the cache off."""
        return self.min_ttl_s == self.default_ttl_s == self.max_ttl_s == 0


@dataclass(frozen=True, slots=True)
class OriginRequestPolicy:
    """What the origin gets on top of the cache key.

    `cloudfront_headers` are CloudFront-* names (lower case) that a managed policy adds whatever the viewer sent.
    """

    id: str
    name: str
    headers: Names = NO_NAMES
    cookies: Names = NO_NAMES
    query_strings: Names = NO_NAMES
    cloudfront_headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ForwardedValues:
    """Cache settings of a behavior without a cache policy (legacy): what is forwarded is also keyed, but for
    `query_string_keys`, where all parameters are forwarded and only these are keyed.

    `headers` holding "*" forwards everything and switches the cache off. Cookie names may use `*` and `?`.
    """

    query_string: bool = False
    query_string_keys: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    cookies: Names = NO_NAMES
    min_ttl_s: int = 0
    default_ttl_s: int = 86_400
    max_ttl_s: int = 31_536_000


@dataclass(frozen=True, slots=True)
class PolicyHeader:
    """A header that a response headers policy sets. `override` True replaces the origin's header of that name."""

    name: str
    value: str
    override: bool


@dataclass(frozen=True, slots=True)
class Cors:
    """The CORS part of a response headers policy. `max_age_s` None sends no Access-Control-Max-Age."""

    allow_origins: tuple[str, ...]
    allow_methods: tuple[str, ...]
    allow_headers: tuple[str, ...]
    allow_credentials: bool = False
    expose_headers: tuple[str, ...] = ()
    max_age_s: int | None = None
    origin_override: bool = False


@dataclass(frozen=True, slots=True)
class ResponseHeadersPolicy:
    """What CloudFront adds to and removes from each response of a behavior.

    `security` holds the finished header lines of the security part. `remove` is in lower case. `server_timing_rate` is
    a percentage (0-100), None when the Server-Timing header is off.
    """

    id: str
    name: str
    cors: Cors | None = None
    security: tuple[PolicyHeader, ...] = ()
    custom: tuple[PolicyHeader, ...] = ()
    remove: tuple[str, ...] = ()
    server_timing_rate: float | None = None
