"""Origins, origin groups, and what one attempt to reach an origin is and ends as.

Source: CloudFront Developer Guide, "All distribution settings reference" (origin settings), "Optimize high availability
with origin failover"; API Reference, Origin.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple

from edge.model.body import Body
from edge.model.function_url import FunctionUrl
from edge.model.headers import Headers, Line
from edge.model.http_api import HttpApi
from edge.model.website import Website


class OriginKind(StrEnum):
    """What stands behind an origin, as far as it changes a rule."""

    CUSTOM = "custom"
    S3 = "s3"
    VPC = "vpc"


@dataclass(frozen=True, slots=True)
class OriginAccessControl:
    """How CloudFront signs requests to an origin (SigV4)."""

    id: str
    origin_type: Literal["s3", "mediastore", "mediapackagev2", "lambda"]
    signing_behavior: Literal["always", "never", "no-override", "always-amz-auth"]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What requests to an origin are signed with. The secret stays out of messages."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)


STAND_IN_CREDENTIALS = Credentials("AKIAEDGEONALAPTOP000", "edge-on-a-laptop")
"""Of nobody's: an emulator of S3 takes any, AWS takes none of it."""


@dataclass(frozen=True, slots=True)
class Origin:
    """An origin of a distribution. Timeouts are in seconds.

    `local_url` is where the laptop finds it: scheme, host and port of the server (or `file:` and a folder) that plays
    this origin; "" means the real domain. What the origin sees (Host, path) never depends on it. `host_header` takes
    the place of the domain name, and of the viewer's Host, when a function asks for it. `credentials` sign requests
    where the access control says so; None for a stand-in. For a bucket that a folder plays: `lists_bucket` says that
    CloudFront may list it, so what is not there is a 404, `website` how it is served at a website endpoint.
    `function_url` is the Lambda function behind the domain name of a function URL, where its code is known, `http_api`
    the API behind that of an HTTP API.
    """

    id: str
    domain_name: str
    kind: OriginKind = OriginKind.CUSTOM
    path: str = ""
    protocol_policy: Literal["http-only", "https-only", "match-viewer"] = "match-viewer"
    http_port: int = 80
    https_port: int = 443
    custom_headers: tuple[Line, ...] = ()
    connection_attempts: int = 3
    connection_timeout_s: float = 10
    read_timeout_s: float = 30
    keepalive_timeout_s: float = 5
    response_completion_timeout_s: float | None = None
    shield_region: str = ""
    access_control: OriginAccessControl | None = None
    local_url: str = ""
    host_header: str = ""
    ssl_protocols: tuple[str, ...] = ("TLSv1.2",)
    origin_access_identity: str = ""
    credentials: Credentials | None = None
    lists_bucket: bool = False
    website: Website | None = None
    function_url: FunctionUrl | None = None
    http_api: HttpApi | None = None


class OriginTarget(NamedTuple):
    """The origins that a request may go to, in order, and the statuses that make CloudFront go on to the next."""

    origins: tuple[Origin, ...]
    status_codes: frozenset[int]


@dataclass(frozen=True, slots=True)
class OriginGroup:
    """Two origins, by id: the second is asked when the first answers with one of these status codes, or not at all."""

    id: str
    members: tuple[str, str]
    failover_status_codes: frozenset[int]


class OriginRequest(NamedTuple):
    """What is sent to an origin. `target` is origin path, path and query as they stand in the request line."""

    method: str
    target: str
    headers: Headers
    body: Body


class OriginAttempt(NamedTuple):
    """One attempt to get one answer from one origin. `scheme` is what CloudFront would speak to it."""

    origin: Origin
    request: OriginRequest
    scheme: Literal["http", "https"]
    number: int = 1


class OriginTimings(NamedTuple):
    """Milliseconds: name resolution, connecting (0 on a reused connection), and until the first byte."""

    dns_ms: float = 0.0
    connect_ms: float = 0.0
    first_byte_ms: float = 0.0


NO_TIMINGS = OriginTimings()


class OriginResponse(NamedTuple):
    """What an origin answered. The body may still be on its way."""

    status: int
    reason: str
    headers: Headers
    body: Body
    timings: OriginTimings = NO_TIMINGS


class OriginFailureKind(StrEnum):
    """Every way in which an attempt can fail, in the words of the access log's x-edge-detailed-result-type."""

    DNS = "OriginDnsError"
    CONNECT = "OriginConnectError"
    CONNECT_TIMEOUT = "OriginConnectTimeout"
    TLS = "OriginTlsError"
    READ_TIMEOUT = "OriginReadTimeout"
    DROPPED = "OriginCommError"
    WRITE = "OriginWriteError"
    INVALID_RESPONSE = "OriginInvalidResponseError"
    HEADER_TOO_BIG = "OriginHeaderTooBigError"


class OriginFailure(NamedTuple):
    """An attempt that brought no answer. `detail` is for people: what happened, in one sentence."""

    kind: OriginFailureKind
    detail: str
