"""cf.updateRequestOrigin and its kin: what a viewer request function made of the origin.

Source: CloudFront Developer Guide, "Helper methods for origin modification". What is not named stays as the assigned
origin has it; in an origin group updateRequestOrigin changes the primary only. The cache key does not change. Choices
where nothing is documented: arguments that break a rule end in a 502 like any other invalid result; names inside
`customHeaders` replace those of the origin as a whole. Not modelled: sni and allowedCertificateNames (accepted,
without effect on a local origin), `media-quality-score`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from ipaddress import ip_address
from typing import Any, NamedTuple, cast

from edge.model import quotas
from edge.model.distribution import Distribution
from edge.model.headers import Line
from edge.model.json_value import JsonObject, JsonValue
from edge.model.note import Note
from edge.model.origin import Origin, OriginAccessControl, OriginKind, OriginTarget
from edge.model.request import Request
from edge.model.violation import Violation

_PAGE = "Helper methods for origin modification"
_S3_DOMAIN = re.compile(r"[a-z0-9.-]+\.s3[.-][a-z0-9.-]*amazonaws\.com(\.cn)?")


class _Wrong(Exception):  # noqa: N818 -- a way out of nested reading, never seen outside this file
    def __init__(self, what: str) -> None:
        self.what = what


def modify(
    asked: JsonObject, assigned: OriginTarget, distribution: Distribution, request: Request
) -> OriginTarget | Violation:
    """Where the request goes. `asked` is {"call": name, "arguments": [...]}, `assigned` the behavior's own target,
    `request` the request as the function left it."""
    call = cast("str", asked["call"])
    arguments = cast("tuple[JsonValue, ...] | list[JsonValue]", asked["arguments"])
    first = arguments[0] if arguments else None
    try:
        if call == "selectRequestOriginById":
            return OriginTarget(
                (_selected(first, arguments[1] if len(arguments) > 1 else None, distribution),), frozenset()
            )
        if call == "createRequestOriginGroup":
            return _group(first, distribution)
        changed = _updated(_object(first, "its argument"), assigned.origins[0], distribution, request)
        return OriginTarget((changed, *assigned.origins[1:]), assigned.status_codes)
    except _Wrong as wrong:
        note = Note("origin_modification.invalid", "cf.{}: {}", (call, wrong.what), _PAGE)
        message = f"The CloudFront function returned an invalid value: cf.{call}: {wrong.what}."
        return Violation(message, note, ("call", call))


def too_late(asked: JsonObject) -> Violation:
    """An origin was chosen in a viewer response, when it has answered."""
    call = str(asked["call"])
    what = f"cf.{call} can be called in a viewer request only"
    note = Note("origin_modification.too_late", "{}: move it there", (what,), _PAGE)
    return Violation(f"The CloudFront function returned an invalid value: {what}.", note, ("call", call))


def _object(value: JsonValue, what: str) -> JsonObject:
    if not isinstance(value, Mapping):
        raise _Wrong(f"{what} must be an object")
    return value


def _selected(origin_id: JsonValue, overrides: JsonValue, distribution: Distribution) -> Origin:
    origin = distribution.origins.get(origin_id) if isinstance(origin_id, str) else None
    if origin is None:
        raise _Wrong(f"the distribution has no origin {origin_id}; it has {', '.join(distribution.origins)}")
    if overrides is None:
        return origin
    host_header = _object(overrides, "originOverrides").get("hostHeader")
    return origin if host_header is None else replace(origin, host_header=_domain(host_header, "hostHeader"))


def _group(value: JsonValue, distribution: Distribution) -> OriginTarget:
    group = _object(value, "its argument")
    members = group.get("originIds")
    if not isinstance(members, list | tuple) or len(members) != 2:
        raise _Wrong("originIds must name two origins")
    criteria = _object(group.get("failoverCriteria"), "failoverCriteria")
    codes = criteria.get("statusCodes")
    if not isinstance(codes, list | tuple) or not codes or not all(isinstance(code, int | float) for code in codes):
        raise _Wrong("failoverCriteria.statusCodes must be a list of status codes")
    origins = tuple(
        _selected(member.get("originId"), member.get("originOverrides"), distribution)
        if isinstance(member, Mapping)
        else _selected(member, None, distribution)
        for member in members
    )
    return OriginTarget(origins, frozenset(int(cast("float", code)) for code in codes))


def _updated(asked: JsonObject, origin: Origin, distribution: Distribution, request: Request) -> Origin:
    if origin.kind is OriginKind.VPC:
        raise _Wrong("a VPC origin cannot be updated; use cf.selectRequestOriginById")
    changes: dict[str, Any] = {}
    for name, value in asked.items():
        reader = _READERS.get(name)
        if reader is None:
            known = ", ".join(_READERS)
            raise _Wrong(f"{name} is not one of {known}")
        reader(value, changes)
    domain = changes.get("domain_name")
    if domain is not None:
        changes |= {"id": domain, "local_url": distribution.local_url_of(domain)}
        changes["kind"] = OriginKind.S3 if _S3_DOMAIN.fullmatch(domain) else OriginKind.CUSTOM
    for name, _ in changes.get("custom_headers", ()):
        if name.lower() in request.headers:
            raise _Wrong(f"customHeaders.{name}: the request has a header of this name")
    control = changes.get("access_control", origin.access_control)
    if changes.get("host_header") and control is not None:
        raise _Wrong("hostHeader cannot go with an origin access control; disable it in originAccessControlConfig")
    return replace(origin, **changes)


def _domain(value: JsonValue, what: str) -> str:
    if (
        not isinstance(value, str)
        or not 0 < len(value) <= quotas.ORIGIN_DOMAIN_MAX_CHARS
        or ":" in value
        or "/" in value
    ):
        raise _Wrong(f"{what} must be a domain name, without a port")
    return value


def _domain_name(value: JsonValue, changes: dict[str, Any]) -> None:
    domain = _domain(value, "domainName")
    try:
        ip_address(domain)
    except ValueError:
        changes["domain_name"] = domain
    else:
        raise _Wrong("domainName must not be an IP address")


def _host_header(value: JsonValue, changes: dict[str, Any]) -> None:
    changes["host_header"] = _domain(value, "hostHeader")


def _origin_path(value: JsonValue, changes: dict[str, Any]) -> None:
    if not isinstance(value, str) or len(value) > quotas.ORIGIN_PATH_MAX_CHARS:
        raise _Wrong("originPath must be text")
    if value and (not value.startswith("/") or value.endswith("/")):
        raise _Wrong("originPath must begin with a slash and must not end with one")
    changes["path"] = value


def _custom_headers(value: JsonValue, changes: dict[str, Any]) -> None:
    lines: list[Line] = []
    for name, text in _object(value, "customHeaders").items():
        if not isinstance(text, str):
            raise _Wrong(f'customHeaders.{name} must be plain text, as in {{"{name}": "value"}}')
        lines.append((name, text))
    changes["custom_headers"] = tuple(lines)


def _connection_attempts(value: JsonValue, changes: dict[str, Any]) -> None:
    changes["connection_attempts"] = int(_number(value, "connectionAttempts", 1, quotas.CONNECTION_ATTEMPTS_MAX))


def _number(value: JsonValue, what: str, least: int, most: int) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise _Wrong(f"{what} must be a number from {least} to {most}")
    return value


class _Timeout(NamedTuple):
    field: str
    most: int


_TIMEOUTS = {
    "readTimeout": _Timeout("read_timeout_s", quotas.READ_TIMEOUT_MAX_S),
    "responseCompletionTimeout": _Timeout("response_completion_timeout_s", 2**31),
    "keepAliveTimeout": _Timeout("keepalive_timeout_s", quotas.KEEPALIVE_TIMEOUT_MAX_S),
    "connectionTimeout": _Timeout("connection_timeout_s", quotas.CONNECTION_TIMEOUT_MAX_S),
}


def _timeouts(value: JsonValue, changes: dict[str, Any]) -> None:
    for name, seconds in _object(value, "timeouts").items():
        timeout = _TIMEOUTS.get(name)
        if timeout is None:
            raise _Wrong(f"timeouts.{name} is not one of {', '.join(_TIMEOUTS)}")
        changes[timeout.field] = _number(seconds, f"timeouts.{name}", 1, timeout.most)


def _custom_origin(value: JsonValue, changes: dict[str, Any]) -> None:
    config = _object(value, "customOriginConfig")
    protocol = config.get("protocol")
    if protocol not in ("http", "https"):
        raise _Wrong('customOriginConfig.protocol must be "http" or "https"')
    port = int(_number(config.get("port"), "customOriginConfig.port", 1, 65_535))
    if port not in (80, 443) and port < quotas.CUSTOM_PORT_MIN:
        raise _Wrong(f"customOriginConfig.port must be 80, 443 or from {quotas.CUSTOM_PORT_MIN} up")
    changes |= {"protocol_policy": f"{protocol}-only", f"{protocol}_port": port}


def _access_control(value: JsonValue, changes: dict[str, Any]) -> None:
    config = _object(value, "originAccessControlConfig")
    if config.get("enabled") is not True:
        changes["access_control"] = None
        return
    kind, behavior = config.get("originType"), config.get("signingBehavior")
    if kind not in ("s3", "mediapackagev2", "mediastore", "lambda"):
        raise _Wrong("originAccessControlConfig.originType must be s3, mediapackagev2, mediastore or lambda")
    if behavior not in ("always", "never", "no-override"):
        raise _Wrong("originAccessControlConfig.signingBehavior must be always, never or no-override")
    changes["access_control"] = OriginAccessControl("", cast("Any", kind), cast("Any", behavior))


def _shield(value: JsonValue, changes: dict[str, Any]) -> None:
    config = _object(value, "originShield")
    region = config.get("region", "")
    changes["shield_region"] = region if config.get("enabled") is True else ""


def _without_effect(value: JsonValue, changes: dict[str, Any]) -> None:
    """sni and allowedCertificateNames: there is no certificate to choose on this machine."""


_READERS: dict[str, Callable[[JsonValue, dict[str, Any]], None]] = {
    "domainName": _domain_name,
    "hostHeader": _host_header,
    "originPath": _origin_path,
    "customHeaders": _custom_headers,
    "connectionAttempts": _connection_attempts,
    "timeouts": _timeouts,
    "customOriginConfig": _custom_origin,
    "originAccessControlConfig": _access_control,
    "originShield": _shield,
    "sni": _without_effect,
    "allowedCertificateNames": _without_effect,
}
