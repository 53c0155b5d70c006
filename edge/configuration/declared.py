"""What a source declares, in whatever form it is kept: the meeting point of readers and `resolve.py`.

A reader (CloudFormation, the API's JSON) fills a Declared with the pieces of its source, each with its place, and says
which defaults hold there. What the pieces mean is not its business.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from edge.configuration.finding import Finding
from edge.configuration.positions import Place
from edge.model import quotas
from edge.model.function_url import FunctionUrlCors
from edge.model.http_api import JwtAuthorizer, Stage

HttpVersion = Literal["http1.1", "http2", "http3", "http2and3"]
Kind = Literal[
    "cache policy",
    "origin request policy",
    "response headers policy",
    "origin access control",
    "key group",
    "continuous deployment policy",
    "real-time log configuration",
]
"""What a distribution refers to by id, but for functions."""


class Defaults(NamedTuple):
    """What holds where the source says nothing, and the API and CloudFormation differ."""

    http_version: HttpVersion
    error_caching_min_ttl_s: int
    origin_ssl_protocols: tuple[str, ...]


STAND_IN_ID: Final = "EDGEONALAPTOP1"
STAND_IN_DOMAIN_NAME: Final = "d111111abcdef8.cloudfront.net"
"""What a distribution is called whose source does not say it."""

API_DEFAULTS: Final = Defaults("http2", quotas.ERROR_CACHING_MIN_TTL_S, ("TLSv1.2",))
CLOUDFORMATION_DEFAULTS: Final = Defaults("http1.1", quotas.ERROR_CACHING_MIN_TTL_CLOUDFORMATION_S, ("TLSv1", "SSLv3"))


@dataclass(frozen=True, slots=True)
class DeclaredDistribution:
    """`config` holds the DistributionConfig. `name` is what messages call it, `also` what else a user may say."""

    id: str
    domain_name: str
    name: str
    config: Place
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeclaredFunction:
    """A CloudFront Function: `config` holds the FunctionConfig (or nothing where the source has none), `published`
    says whether a LIVE version exists, `published_at` where that is said, `code_place` where inline code stands."""

    name: str
    code: str
    source_name: str
    config: Place
    published: bool = True
    published_at: str = ""
    code_place: Place | None = None


@dataclass(frozen=True, slots=True)
class DeclaredLambda:
    """A numbered version of a Lambda function. `config` holds its properties; its code is in `package`, or where
    `config` and `metadata` (of the resource) say. `trust` is the trust policy of its role where the source has it."""

    name: str
    version: str
    config: Place
    metadata: Place
    package: Path | None = None
    trust: Any = None


@dataclass(frozen=True, slots=True)
class DeclaredFunctionUrl:
    """A function URL: `function_arn` is that of a numbered version in `Declared.lambdas`."""

    function_arn: str
    config: Place


@dataclass(frozen=True, slots=True)
class DeclaredRoute:
    """A route of an HTTP API. `function_arn` is that of a numbered version in `Declared.lambdas`, "" where
    `not_modelled` says why there is none; `answered_by` says in words what answers, and whom it lets in."""

    key: str
    place: Place
    answered_by: str
    function_arn: str = ""
    not_modelled: str = ""
    authorizer: JwtAuthorizer | None = None
    scopes: tuple[str, ...] = ()
    payload_version: str = "2.0"
    timeout_s: float = quotas.HTTP_API_INTEGRATION_TIMEOUT_S


@dataclass(frozen=True, slots=True)
class DeclaredHttpApi:
    """An HTTP API. `place` holds its properties; `name` is what messages call it, `id` what AWS does."""

    name: str
    id: str
    place: Place
    routes: tuple[DeclaredRoute, ...]
    stages: tuple[Stage, ...]
    cors: FunctionUrlCors | None = None


@dataclass(slots=True)
class Declared:
    """`functions`, `lambdas`, `web_acls` and `ip_sets` are by ARN, `stores` are names by ARN, `function_urls` and
    `http_apis` by the host of the URL, in lower case; the rest is by id. `unread` are the ARNs of functions whose code
    could not be had, which is reported already.

    `behind` says in words what answers at a domain name (in lower case) once it is deployed. `logical_ids` says which
    resource of the source stands behind a domain name (in lower case): a name that exists on paper only. `websites` are
    the WebsiteConfigurations of buckets, by those names, `bucket_policies` their policies, by the name of the bucket.
    `how_to_get` ends the message about something that the source refers to and does not hold.
    """

    form: Literal["api", "cloudformation"]
    defaults: Defaults
    how_to_get: Callable[[str, str], str]
    distributions: list[DeclaredDistribution] = field(default_factory=list)
    resources: dict[Kind, dict[str, Place]] = field(default_factory=dict)
    public_keys: dict[str, Place] = field(default_factory=dict)
    tenants: dict[str, Place] = field(default_factory=dict)
    functions: dict[str, DeclaredFunction] = field(default_factory=dict)
    lambdas: dict[str, DeclaredLambda] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    function_urls: dict[str, DeclaredFunctionUrl] = field(default_factory=dict)
    http_apis: dict[str, DeclaredHttpApi] = field(default_factory=dict)
    stores: dict[str, str] = field(default_factory=dict)
    store_places: dict[str, Place] = field(default_factory=dict)
    behind: dict[str, str] = field(default_factory=dict)
    logical_ids: dict[str, str] = field(default_factory=dict)
    bucket_policies: dict[str, list[Place]] = field(default_factory=dict)
    websites: dict[str, Place] = field(default_factory=dict)
    web_acls: dict[str, Place] = field(default_factory=dict)
    ip_sets: dict[str, Place] = field(default_factory=dict)
    watched: list[Path] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def add(self, kind: Kind, id: str, place: Place) -> None:
        """One more thing that distributions may refer to."""
        self.resources.setdefault(kind, {})[id] = place
