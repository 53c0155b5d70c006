"""Origins: paths, ports, timeouts, custom headers; origin groups.

Source: CloudFront Developer Guide, "All distribution settings reference" (origin settings), "Add custom headers to
origin requests", "Optimize high availability with origin failover"; "Quotas".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from edge.configuration.finding import Finding, error, nearest, warning
from edge.configuration.positions import Place
from edge.configuration.shapes.distribution_config import DistributionConfigShape, OriginShape
from edge.model import quotas

_SETTINGS = 'CloudFront Developer Guide, "All distribution settings reference"'
_HEADERS = 'CloudFront Developer Guide, "Add custom headers to origin requests"'
_FAILOVER = 'CloudFront Developer Guide, "Optimize high availability with origin failover"'

DENIED_HEADERS = frozenset(
    {
        "cache-control",
        "connection",
        "content-length",
        "cookie",
        "host",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "max-forwards",
        "pragma",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "range",
        "request-range",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
        "x-real-ip",
    }
)
_DENIED_PREFIXES = ("x-amz-", "x-edge-")
FAILOVER_CODES = frozenset({400, 403, 404, 416, 429, 500, 502, 503, 504})
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def check(config: DistributionConfigShape, place: Place) -> Iterator[Finding]:
    """Every origin, every group."""
    for id, count in Counter([one.Id for one in config.Origins] + [one.Id for one in config.OriginGroups]).items():
        if count > 1:
            yield error("origins.twice", place.at("Origins"), f"the id {id} is used {count} times")
    for index, origin in enumerate(config.Origins):
        here = place.child("Origins", index)
        yield from _kind(origin, here)
        yield from _path(origin, here)
        yield from _numbers(origin, here)
        yield from _custom_headers(origin, here)
    yield from _groups(config, place)


def _kind(origin: OriginShape, here: Place) -> Iterator[Finding]:
    kinds = ("S3OriginConfig", "CustomOriginConfig", "VpcOriginConfig")
    given = [kind for kind in kinds if getattr(origin, kind) is not None]
    if len(given) != 1:
        there = " and ".join(given) if given else "none"
        yield error("origins.kind", here.at(), f"needs exactly one of {', '.join(kinds)}; there is {there}", _SETTINGS)
    if "://" in origin.DomainName or "/" in origin.DomainName:
        message = f"{origin.DomainName!r} is not a domain name: leave the scheme out, and put the path into OriginPath"
        yield error("origins.domain_name", here.at("DomainName"), message, _SETTINGS)
    if origin.OriginAccessControlId and origin.S3OriginConfig is not None and "s3-website" in origin.DomainName:
        message = "an S3 website endpoint takes no signed requests; use the bucket's regional domain name"
        yield error("origins.website_access_control", here.at("OriginAccessControlId"), message, _SETTINGS)


def _path(origin: OriginShape, here: Place) -> Iterator[Finding]:
    path, where = origin.OriginPath, here.at("OriginPath")
    if path and not path.startswith("/"):
        yield error("origins.path", where, f"must begin with a slash; write '/{path}'", _SETTINGS)
    if path.endswith("/"):
        yield error("origins.path", where, f"must not end with a slash; write {path.rstrip('/')!r}", _SETTINGS)
    if len(path) > quotas.ORIGIN_PATH_MAX_CHARS:
        message = f"has {len(path)} characters, and at most {quotas.ORIGIN_PATH_MAX_CHARS} are allowed"
        yield error("origins.path", where, message, _SETTINGS)


def _numbers(origin: OriginShape, here: Place) -> Iterator[Finding]:
    yield from _between(origin.ConnectionAttempts, 1, quotas.CONNECTION_ATTEMPTS_MAX, here.at("ConnectionAttempts"), "")
    yield from _between(origin.ConnectionTimeout, 1, quotas.CONNECTION_TIMEOUT_MAX_S, here.at("ConnectionTimeout"))
    read_timeout = 0.0
    for kind in ("CustomOriginConfig", "VpcOriginConfig", "S3OriginConfig"):
        part = getattr(origin, kind)
        if part is None:
            continue
        read_timeout = part.OriginReadTimeout
        yield from _between(read_timeout, 1, quotas.READ_TIMEOUT_MAX_S, here.at(kind, "OriginReadTimeout"))
        if kind != "S3OriginConfig":
            where = here.at(kind, "OriginKeepaliveTimeout")
            yield from _between(part.OriginKeepaliveTimeout, 1, quotas.KEEPALIVE_TIMEOUT_MAX_S, where)
    completion = origin.ResponseCompletionTimeout
    if completion is not None and completion < read_timeout:
        message = f"{completion:g} s is less than the OriginReadTimeout of {read_timeout:g} s"
        yield error("origins.timeout", here.at("ResponseCompletionTimeout"), message, _SETTINGS)
    if origin.CustomOriginConfig is not None:
        for name in ("HTTPPort", "HTTPSPort"):
            port = getattr(origin.CustomOriginConfig, name)
            if port not in (80, 443) and not quotas.CUSTOM_PORT_MIN <= port <= 65_535:
                message = f"{port} is not a port for origins: 80, 443, or {quotas.CUSTOM_PORT_MIN} to 65535"
                yield error("origins.port", here.at("CustomOriginConfig", name), message, _SETTINGS)


def _between(value: float, least: float, most: float, where: str, unit: str = " s") -> Iterator[Finding]:
    if not least <= value <= most:
        yield error("origins.timeout", where, f"{value:g}{unit} is not between {least} and {most}{unit}", _SETTINGS)


def _custom_headers(origin: OriginShape, here: Place) -> Iterator[Finding]:
    headers = origin.CustomHeaders
    where = here.at("CustomHeaders")
    if len(headers) > quotas.ORIGIN_CUSTOM_HEADERS_MAX:
        message = f"{len(headers)} are too many: at most {quotas.ORIGIN_CUSTOM_HEADERS_MAX} are allowed"
        yield error("origins.custom_headers", where, message, _HEADERS)
    size = sum(len(one.HeaderName) + len(one.HeaderValue) for one in headers)
    if size > quotas.ORIGIN_CUSTOM_HEADERS_MAX_CHARS:
        most = quotas.ORIGIN_CUSTOM_HEADERS_MAX_CHARS
        message = f"names and values have {size} characters, and at most {most} are allowed"
        yield error("origins.custom_headers", where, message, _HEADERS)
    seen: set[str] = set()
    for index, one in enumerate(headers):
        name, at_name = one.HeaderName.lower(), here.at("CustomHeaders", index, "HeaderName")
        if name in DENIED_HEADERS or name.startswith(_DENIED_PREFIXES):
            message = f"CloudFront does not let you add {one.HeaderName} to origin requests"
            yield error("origins.denied_header", at_name, message, _HEADERS)
        elif not _TOKEN.fullmatch(name) or len(name) > quotas.HEADER_NAME_MAX_CHARS:
            yield error("origins.header_name", at_name, f"{one.HeaderName!r} is not a header name", _HEADERS)
        if name in seen:
            yield error("origins.header_twice", at_name, f"{one.HeaderName} is there twice", _HEADERS)
        seen.add(name)
        value, at_value = one.HeaderValue, here.at("CustomHeaders", index, "HeaderValue")
        if len(value) > quotas.HEADER_VALUE_MAX_CHARS:
            message = f"has {len(value)} characters, and at most {quotas.HEADER_VALUE_MAX_CHARS} are allowed"
            yield error("origins.header_value", at_value, message, _HEADERS)
        if any(character in value for character in "\r\n\0"):
            yield error("origins.header_value", at_value, "a header value is one line", _HEADERS)


def _groups(config: DistributionConfigShape, place: Place) -> Iterator[Finding]:
    ids = {one.Id for one in config.Origins}
    for index, group in enumerate(config.OriginGroups):
        here = place.child("OriginGroups", index)
        members = [member.OriginId for member in group.Members]
        if len(members) != 2 or len(set(members)) != len(members):
            message = f"an origin group has two different origins; {group.Id} has {', '.join(members) or 'none'}"
            yield error("origin_groups.members", here.at("Members"), message, _FAILOVER)
        for number, id in enumerate(members):
            if id not in ids:
                where = here.at("Members", number, "OriginId")
                yield error(
                    "origin_groups.unknown_origin", where, f"there is no origin {id}; {nearest(id, ids)}", _FAILOVER
                )
        codes = group.FailoverCriteria.StatusCodes
        if not codes:
            yield error("origin_groups.codes", here.at("FailoverCriteria"), "needs at least one status code", _FAILOVER)
        for number, code in enumerate(codes):
            if code not in FAILOVER_CODES:
                known = ", ".join(str(one) for one in sorted(FAILOVER_CODES))
                where = here.at("FailoverCriteria", "StatusCodes", number)
                yield error("origin_groups.codes", where, f"{code} cannot cause a failover; {known} can", _FAILOVER)
    targets = {one.TargetOriginId for one in (config.DefaultCacheBehavior, *config.CacheBehaviors)}
    used = targets | {member.OriginId for group in config.OriginGroups for member in group.Members}
    for index, origin in enumerate(config.Origins):
        if origin.Id not in used:
            where = place.at("Origins", index)
            message = f"no behavior and no origin group uses {origin.Id}; only a function can send requests there"
            yield warning("origins.unused", where, message)
