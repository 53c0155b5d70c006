"""Reading a Lambda@Edge event back into values, to judge a result without an exchange: `edge invoke` does.

Source: CloudFront Developer Guide, "Lambda@Edge event structure". What an event does not say is as it would be for a
new distribution.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from edge.events import lambda_edge_result
from edge.events.utf8 import to_wire
from edge.model.distribution import Behavior, Distribution
from edge.model.function import EventType
from edge.model.headers import Headers
from edge.model.json_value import JsonValue
from edge.model.no_event import NoEvent
from edge.model.origin import Origin, OriginAttempt, OriginKind, OriginRequest
from edge.model.request import Request
from edge.model.response import Response
from edge.model.violation import Violation


class ReadEvent(NamedTuple):
    """`cf` of an event, with its type and the ids in its config."""

    cf: Mapping[str, Any]
    event_type: EventType
    request_id: str
    distribution: Distribution


def read(event: Any) -> ReadEvent:
    """The one record of an event. Raises NoEvent."""
    try:
        cf = event["Records"][0]["cf"]
        config, request = cf["config"], cf["request"]
        event_type = EventType(config["eventType"])
        uri, method = request["uri"], request["method"]
    except (KeyError, IndexError, TypeError) as missing:
        raise NoEvent(
            f"Records[0].cf must have config.eventType and request with method and uri ({missing!r})"
        ) from None
    except ValueError:
        types = ", ".join(EventType)
        raise NoEvent(f"config.eventType is {config['eventType']!r}, and not one of {types}") from None
    if not isinstance(uri, str) or not isinstance(method, str):
        raise NoEvent("request.uri and request.method must be strings")
    if event_type in (EventType.ORIGIN_RESPONSE, EventType.VIEWER_RESPONSE) and "response" not in cf:
        raise NoEvent(f"an event of type {event_type} has a response")
    distribution = Distribution(
        config.get("distributionId", ""), config.get("distributionDomainName", ""), {}, (Behavior("origin"),)
    )
    return ReadEvent(cf, event_type, config.get("requestId", ""), distribution)


def judge(event: ReadEvent, value: JsonValue) -> Violation | None:
    """What CloudFront would refuse of a result; None for one that it takes."""
    result = result_of(event, value)
    return result if isinstance(result, Violation) else None


def result_of(event: ReadEvent, value: JsonValue) -> Request | OriginAttempt | Response | Violation:
    """What CloudFront makes of a result: the request that goes on, a response, or the rule that it breaks."""
    cf, distribution = event.cf, event.distribution
    request, ip = cf["request"], cf["request"].get("clientIp", "")
    match event.event_type:
        case EventType.VIEWER_REQUEST:
            sent = Request(
                request["method"], to_wire(request["uri"]), _query(request), _headers(request), _body(request)
            )
            return lambda_edge_result.read_viewer_request(value, sent, ip, distribution)
        case EventType.ORIGIN_REQUEST:
            return lambda_edge_result.read_origin_request(value, _attempt(request), ip, distribution)
        case EventType.ORIGIN_RESPONSE:
            return lambda_edge_result.read_origin_response(value, _response(cf["response"]), distribution)
        case EventType.VIEWER_RESPONSE:
            return lambda_edge_result.read_viewer_response(value, _response(cf["response"]), distribution)


def _query(request: Mapping[str, Any]) -> str | None:
    return to_wire(request.get("querystring") or "") or None


def _headers(message: Mapping[str, Any]) -> Headers:
    entries = message.get("headers") or {}
    return Headers(
        (to_wire(entry.get("key", name)), to_wire(entry.get("value", "")))
        for name, each in entries.items()
        for entry in each
    )


def _body(request: Mapping[str, Any]) -> bytes:
    try:
        return base64.b64decode((request.get("body") or {}).get("data", ""))
    except (binascii.Error, ValueError):
        return b""


def _response(response: Mapping[str, Any]) -> Response:
    status = str(response.get("status", "200"))
    reason = response.get("statusDescription")
    return Response(int(status) if status.isdigit() else 200, _headers(response), b"", reason)


def _attempt(request: Mapping[str, Any]) -> OriginAttempt:
    origin = _origin(request.get("origin") or {})
    path, query = to_wire(request["uri"]), _query(request)
    target = f"{origin.path}{path}" if query is None else f"{origin.path}{path}?{query}"
    headers = _headers(request).plus(origin.custom_headers)
    scheme: Literal["http", "https"] = "https" if origin.protocol_policy == "https-only" else "http"
    return OriginAttempt(origin, OriginRequest(request["method"], target, headers, _body(request)), scheme)


def _origin(origin: Mapping[str, Any]) -> Origin:
    is_s3 = "s3" in origin
    fields = origin.get("s3") or origin.get("custom") or {}
    is_https = fields.get("protocol", "https") == "https"
    port = int(fields.get("port", 443 if is_https else 80))
    return Origin(
        "origin",
        fields.get("domainName", ""),
        OriginKind.S3 if is_s3 else OriginKind.CUSTOM,
        fields.get("path", ""),
        "https-only" if is_https else "http-only",
        80 if is_https else port,
        port if is_https else 443,
        tuple(_headers({"headers": fields.get("customHeaders") or {}}).lines),
        read_timeout_s=fields.get("readTimeout", 30),
        keepalive_timeout_s=fields.get("keepaliveTimeout", 5),
        response_completion_timeout_s=fields.get("responseCompletionTimeout") or None,
        ssl_protocols=tuple(fields.get("sslProtocols", ("TLSv1.2",))),
        origin_access_identity="identity" if fields.get("authMethod") == "origin-access-identity" else "",
    )
