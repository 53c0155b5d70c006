"""A distribution as one value: everything that decides how a request is answered, policies and functions resolved.

Source: CloudFront API Reference, DistributionConfig. TTLs are in seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from edge.model.access_log import RealTimeLogging, StandardLogging
from edge.model.function import EventType, Function
from edge.model.headers import Line
from edge.model.origin import Origin, OriginGroup
from edge.model.path_pattern import DEFAULT_PATTERN, PathPattern
from edge.model.policies import CachePolicy, ForwardedValues, OriginRequestPolicy, ResponseHeadersPolicy
from edge.model.quotas import LAMBDA_CURRENT, LambdaEdgeProfile
from edge.model.switches import DEFAULT_SWITCHES, Switches
from edge.model.tenant import Tenant
from edge.model.web_acl import WebAcl

READ_METHODS = frozenset({"GET", "HEAD"})
READ_METHODS_AND_OPTIONS = READ_METHODS | {"OPTIONS"}
ALL_METHODS = READ_METHODS_AND_OPTIONS | {"PUT", "POST", "PATCH", "DELETE"}


class ViewerProtocolPolicy(StrEnum):
    """What plain HTTP from a viewer leads to."""

    ALLOW_ALL = "allow-all"
    REDIRECT_TO_HTTPS = "redirect-to-https"
    HTTPS_ONLY = "https-only"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key for signed URLs and cookies. `pem` is the public key in PEM form; `id` is what Key-Pair-Id names."""

    id: str
    name: str
    pem: str


@dataclass(frozen=True, slots=True)
class Behavior:
    """A cache behavior. `target_origin_id` names an origin or an origin group.

    Either `cache_policy` or `forwarded_values` (legacy) is set. `trusted_keys` holds the keys of all trusted key groups
    by id; empty means that no signature is asked for.
    """

    target_origin_id: str
    path_pattern: PathPattern = DEFAULT_PATTERN
    viewer_protocol_policy: ViewerProtocolPolicy = ViewerProtocolPolicy.ALLOW_ALL
    allowed_methods: frozenset[str] = READ_METHODS
    cached_methods: frozenset[str] = READ_METHODS
    cache_policy: CachePolicy | None = None
    forwarded_values: ForwardedValues | None = None
    origin_request_policy: OriginRequestPolicy | None = None
    response_headers_policy: ResponseHeadersPolicy | None = None
    compress: bool = False
    functions: Mapping[EventType, Function] = field(default_factory=lambda: MappingProxyType({}))
    trusted_keys: Mapping[str, PublicKey] = field(default_factory=lambda: MappingProxyType({}))
    real_time_logging: RealTimeLogging | None = None


@dataclass(frozen=True, slots=True)
class CustomErrorResponse:
    """What becomes of one error status. `response_page_path` and `response_code` are set together, or not at all."""

    error_code: int
    response_page_path: str | None = None
    response_code: int | None = None
    error_caching_min_ttl_s: int = 10


@dataclass(frozen=True, slots=True)
class GeoRestriction:
    """Countries (ISO 3166-1 alpha-2) that are let in, or kept out."""

    kind: Literal["none", "whitelist", "blacklist"] = "none"
    locations: frozenset[str] = frozenset()


NO_GEO_RESTRICTION = GeoRestriction()


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution. `behaviors` are in the order in which they are tried; the last one is the default (`*`).

    `aliases` are alternate domain names. `any_host` is for a distribution made from flags, which has no name of its
    own and so answers to every Host. `local_urls` says where a domain name is found on this machine: a function may
    choose an origin that the distribution does not have. `staging` is for a distribution that viewers reach only
    through the `continuous_deployment` of another. `tenant` is whose a multi-tenant distribution is: each tenant has a
    value of its own, with the template's settings, its parameters and its customizations; `endpoint` is the domain of
    its connection group then.
    """

    id: str
    domain_name: str
    origins: Mapping[str, Origin]
    behaviors: tuple[Behavior, ...]
    origin_groups: Mapping[str, OriginGroup] = field(default_factory=lambda: MappingProxyType({}))
    name: str = ""
    aliases: tuple[str, ...] = ()
    any_host: bool = False
    enabled: bool = True
    default_root_object: str = ""
    custom_error_responses: Mapping[int, CustomErrorResponse] = field(default_factory=lambda: MappingProxyType({}))
    geo_restriction: GeoRestriction = NO_GEO_RESTRICTION
    http_version: Literal["http1.1", "http2", "http3", "http2and3"] = "http2"
    cache_tag_header: str = ""
    local_urls: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    switches: Switches = DEFAULT_SWITCHES
    lambda_quotas: LambdaEdgeProfile = LAMBDA_CURRENT
    staging: bool = False
    continuous_deployment: ContinuousDeployment | None = None
    tenant: Tenant | None = None
    endpoint: str = ""
    standard_logging: StandardLogging | None = None
    web_acl: WebAcl | None = None

    def local_url_of(self, domain_name: str) -> str:
        """Where an origin of a domain is found on this machine; "" for the real one."""
        same = (origin.local_url for origin in self.origins.values() if origin.domain_name == domain_name)
        return next(same, self.local_urls.get(domain_name, ""))

    @property
    def http3(self) -> bool:
        """Whether viewers are told of HTTP/3."""
        return self.http_version in ("http3", "http2and3")

    @property
    def cache_id(self) -> str:
        """What tells its objects from those of others: tenants of one template share none."""
        return self.id if self.tenant is None else f"{self.id}/{self.tenant.id}"


@dataclass(frozen=True, slots=True)
class ContinuousDeployment:
    """An enabled continuous deployment policy. `header` (name in lower case, value) is that of SingleHeader; without it
    `weight` is the share of requests (0 to 0.15) of SingleWeight, and both TTLs, in seconds, are those of its session
    stickiness. Source: CloudFront API Reference, ContinuousDeploymentPolicyConfig."""

    staging: Distribution
    header: Line | None = None
    weight: float = 0.0
    idle_ttl_s: int | None = None
    maximum_ttl_s: int | None = None
