"""`request.origin` in the events and results of Lambda@Edge: where an origin request goes.

Source: CloudFront Developer Guide, "Lambda@Edge event structure" (origin request events), "Quotas on Lambda@Edge".
A function may name any origin, one that the distribution does not have too, and turn a custom origin into a bucket or
the other way round. It does not choose another behavior, and the Host header stays what it is unless the function sets
that too. Choices where AWS is silent: a result without `origin` keeps the origin; members that AWS's own samples always
write are required, but for customHeaders, the timeouts and region.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, cast

from edge.events import lambda_edge_headers
from edge.events.lambda_edge_violations import ORIGIN_HEADERS, Broken, bad_origin, broken
from edge.model import quotas
from edge.model.distribution import Distribution
from edge.model.headers import Headers, Line
from edge.model.json_value import JsonObject, JsonValue
from edge.model.origin import Origin, OriginKind

Scheme = Literal["http", "https"]

_S3_REGION = re.compile(r"\.s3[.-](?:dualstack\.)?([a-z0-9-]+)\.amazonaws\.com")
_IP = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_PATH = re.compile(r"(?:/[!-~]*[!-.0-~])?")
_SSL_PROTOCOLS = ("TLSv1.2", "TLSv1.1", "TLSv1", "SSLv3")


def origin_object(origin: Origin, scheme: Scheme) -> JsonObject:
    """`request.origin` of an event: exactly one of `custom` and `s3`. Timeouts are in seconds."""
    common: dict[str, JsonValue] = {
        "customHeaders": lambda_edge_headers.entries(Headers(origin.custom_headers)),
        "domainName": origin.domain_name,
        "path": origin.path,
    }
    timeouts: dict[str, JsonValue] = {
        "readTimeout": _number(origin.read_timeout_s),
        "responseCompletionTimeout": _number(origin.response_completion_timeout_s or 0),
    }
    if origin.kind is OriginKind.S3:
        method = "origin-access-identity" if origin.origin_access_identity else "none"
        return {"s3": {"authMethod": method, **common, "region": _region(origin.domain_name), **timeouts}}
    return {
        "custom": {
            **common,
            "port": origin.https_port if scheme == "https" else origin.http_port,
            "protocol": scheme,
            "keepaliveTimeout": _number(origin.keepalive_timeout_s),
            **timeouts,
            "sslProtocols": list(origin.ssl_protocols),
        }
    }


def read_origin(
    value: JsonValue,
    origin: Origin,
    scheme: Scheme,
    distribution: Distribution,
    profile: quotas.LambdaEdgeProfile = quotas.LAMBDA_CURRENT,
) -> tuple[Origin, Scheme]:
    """The origin that a function wants, and what is spoken to it. Raises Broken.

    An origin of another domain is looked for on this machine where the distribution has one of that domain.
    """
    if value is None or value == origin_object(origin, scheme):
        return origin, scheme
    if not isinstance(value, Mapping) or len(value.keys() & {"custom", "s3"}) != 1:
        raise bad_origin("shape", "the origin object must have exactly one of custom and s3")
    is_s3 = "s3" in value
    fields = value["s3" if is_s3 else "custom"]
    if not isinstance(fields, Mapping):
        raise bad_origin("shape", "the origin is not an object")
    made = replace(
        origin,
        kind=OriginKind.S3 if is_s3 else OriginKind.CUSTOM,
        domain_name=_domain_name(fields.get("domainName"), is_s3=is_s3),
        path=_path(fields.get("path")),
        custom_headers=_custom_headers(fields.get("customHeaders")),
        read_timeout_s=_seconds(
            fields,
            "readTimeout",
            origin.read_timeout_s,
            profile.origin_read_timeout_min_s,
            profile.origin_read_timeout_max_s,
        ),
        response_completion_timeout_s=_completion(fields, origin),
    )
    if made.domain_name != origin.domain_name:
        made = replace(made, access_control=None, website=None, local_url=distribution.local_url_of(made.domain_name))
    return _s3(fields, made, origin, scheme) if is_s3 else _custom(fields, made, origin, profile)


def _s3(fields: JsonObject, made: Origin, before: Origin, scheme: Scheme) -> tuple[Origin, Scheme]:
    method = fields.get("authMethod")
    if method not in ("none", "origin-access-identity"):
        raise bad_origin("auth_method", "authMethod must be none or origin-access-identity")
    if method == "none":
        return replace(made, origin_access_identity=""), scheme
    if before.kind is not OriginKind.S3 or not before.origin_access_identity:
        raise bad_origin("auth_method", "origin-access-identity is for an S3 origin that has an identity already")
    return made, scheme


def _custom(
    fields: JsonObject, made: Origin, before: Origin, profile: quotas.LambdaEdgeProfile
) -> tuple[Origin, Scheme]:
    scheme = fields.get("protocol")
    if scheme not in ("http", "https"):
        raise bad_origin("protocol", "protocol must be http or https")
    port = fields.get("port")
    if (
        isinstance(port, bool)
        or not isinstance(port, int)
        or not (port in (80, 443) or quotas.CUSTOM_PORT_MIN <= port <= 65_535)
    ):
        raise bad_origin("port", "port must be 80, 443 or from 1024 to 65535")
    protocols = fields.get("sslProtocols", [])
    if not isinstance(protocols, Sequence) or any(each not in _SSL_PROTOCOLS for each in protocols):
        raise bad_origin("ssl_protocols", "sslProtocols must be an array of {}", ", ".join(_SSL_PROTOCOLS))
    is_https = scheme == "https"
    origin = replace(
        made,
        protocol_policy="https-only" if is_https else "http-only",
        http_port=made.http_port if is_https else port,
        https_port=port if is_https else made.https_port,
        ssl_protocols=tuple(cast("Sequence[str]", protocols)),
        origin_access_identity="",
        keepalive_timeout_s=_seconds(
            fields, "keepaliveTimeout", before.keepalive_timeout_s, 1, profile.origin_keepalive_timeout_max_s
        ),
    )
    return origin, scheme


def _domain_name(value: JsonValue, *, is_s3: bool) -> str:
    if not isinstance(value, str) or not value:
        raise bad_origin("domain_name", "domainName must not be empty")
    limit = quotas.LAMBDA_S3_DOMAIN_MAX_CHARS if is_s3 else quotas.ORIGIN_DOMAIN_MAX_CHARS
    if len(value) > limit:
        raise bad_origin("domain_name", "domainName is longer than {} characters", limit)
    if is_s3 and value != value.lower():
        raise bad_origin("domain_name", "domainName of a bucket must be in lower case")
    if ":" in value or _IP.fullmatch(value) or not re.fullmatch(r"[A-Za-z0-9._-]+", value):
        raise bad_origin("domain_name", "domainName must be a DNS name, without a port and no IP address")
    return value


def _path(value: JsonValue) -> str:
    if not isinstance(value, str) or not _PATH.fullmatch(value) or len(value) > quotas.ORIGIN_PATH_MAX_CHARS:
        raise bad_origin("path", 'path must be "", or begin with a slash and not end with one')
    return value


def _custom_headers(value: JsonValue) -> tuple[Line, ...]:
    try:
        lines = lambda_edge_headers.parse(value).values()
        return tuple(line for each in lines for line in lambda_edge_headers.on_the_wire(each))
    except Broken as found:
        note = found.violation.note
        raise broken(ORIGIN_HEADERS, "origin.custom_headers", note.template, *note.values) from None


def _seconds(fields: JsonObject, name: str, before: float, least: int, most: int) -> float:
    value = fields.get(name, before)
    if value == before:
        return before
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise bad_origin("timeout", "{} must be from {} to {} seconds", name, least, most)
    return value


def _completion(fields: JsonObject, origin: Origin) -> float | None:
    name = "responseCompletionTimeout"
    value = fields.get(name, origin.response_completion_timeout_s)
    if not value:
        return None
    read_timeout = fields.get("readTimeout", origin.read_timeout_s)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < cast("float", read_timeout):
        raise bad_origin("timeout", "{} must not be shorter than readTimeout", name)
    return value


def _region(domain_name: str) -> str:
    found = _S3_REGION.search(domain_name)
    return found.group(1) if found else "us-east-1"


def _number(seconds: float) -> int | float:
    return int(seconds) if seconds == int(seconds) else seconds
