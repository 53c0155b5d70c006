"""What a Lambda@Edge function returned, read and judged: the changed request or response, an answer, or a violation.

Source: CloudFront Developer Guide, "Generate HTTP responses in request triggers", "Update HTTP responses in origin
response triggers", "Restrictions on Lambda@Edge", "Restrictions on all edge functions". A result with `status` is a
response, one with `uri` a request. `status` may be a number: AWS's own samples write one. Choices where AWS is silent:
members that it does not know are ignored; to change `method`, `clientIp` or, at viewer response, `status` is an error;
limits count the names and values of headers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from edge.events import lambda_body, lambda_edge_headers
from edge.events.lambda_edge import uri_and_query, visible_headers
from edge.events.lambda_edge_origin import read_origin
from edge.events.lambda_edge_violations import BODY, NOT_AN_OBJECT, ORIGIN_HEADERS, Broken, broken, failed
from edge.events.utf8 import to_user, to_wire
from edge.model import quotas
from edge.model.body import EMPTY, Body
from edge.model.distribution import Distribution
from edge.model.function import EventType
from edge.model.headers import Headers
from edge.model.json_value import JsonObject, JsonValue
from edge.model.origin import OriginAttempt
from edge.model.request import Request
from edge.model.response import Response
from edge.model.violation import Violation

_FORBIDDEN_IN_URL = re.compile(r"[\x00-\x20#\x7f]")
_STATUS = re.compile(r"[0-9]{3}")
_RESPONSE_MAX_BYTES = {
    EventType.VIEWER_REQUEST: quotas.LAMBDA_VIEWER_BODY_MAX_BYTES,
    EventType.ORIGIN_REQUEST: quotas.LAMBDA_ORIGIN_BODY_MAX_BYTES,
    EventType.ORIGIN_RESPONSE: quotas.LAMBDA_ORIGIN_BODY_MAX_BYTES,
    EventType.VIEWER_RESPONSE: quotas.LAMBDA_VIEWER_BODY_MAX_BYTES,
}

V = TypeVar("V")


def read_viewer_request(
    value: JsonValue,
    request: Request,
    viewer_ip: str,
    distribution: Distribution,
    profile: quotas.LambdaEdgeProfile = quotas.LAMBDA_CURRENT,
) -> Request | Response | Violation:
    """The request to go on with, or the response that the function answers with."""
    event_type = EventType.VIEWER_REQUEST

    def read() -> Request | Response:
        result = _object(value)
        if "status" in result:
            return _generated(result, event_type, distribution)
        _is_request(result, request.method, viewer_ip)
        path, query = _url(result, request.path, request.query)
        returned = lambda_edge_headers.parse(result.get("headers"))
        headers = lambda_edge_headers.applied(returned, request.headers, event_type)
        headers, body = _body_after(result, headers, request.body, event_type, profile)
        return request._replace(path=path, query=query, headers=headers, body=body)

    return _judged(read)


def read_origin_request(
    value: JsonValue,
    attempt: OriginAttempt,
    viewer_ip: str,
    distribution: Distribution,
    profile: quotas.LambdaEdgeProfile = quotas.LAMBDA_CURRENT,
) -> OriginAttempt | Response | Violation:
    """The attempt to make, perhaps at another origin, or the response that the function answers with."""
    event_type = EventType.ORIGIN_REQUEST

    def read() -> OriginAttempt | Response:
        result = _object(value)
        if "status" in result:
            return _generated(result, event_type, distribution)
        outgoing = attempt.request
        _is_request(result, outgoing.method, viewer_ip)
        path, query = _url(result, *uri_and_query(attempt))
        returned = lambda_edge_headers.parse(result.get("headers"))
        visible = visible_headers(attempt)
        headers = lambda_edge_headers.applied(returned, visible, event_type)
        headers, body = _body_after(result, headers, outgoing.body, event_type, profile)
        origin, scheme = read_origin(result.get("origin"), attempt.origin, attempt.scheme, distribution, profile)
        for name, _ in origin.custom_headers:
            if returned.get(name.lower()):
                log = "The Lambda function returned an invalid origin configuration, {} is a header of the request too."
                raise broken(ORIGIN_HEADERS, "origin.custom_headers", log, name)
        target = f"{origin.path}{path}" if query is None else f"{origin.path}{path}?{query}"
        if headers is visible and origin.custom_headers == attempt.origin.custom_headers:
            headers = outgoing.headers
        elif origin.custom_headers:
            headers = headers.plus(origin.custom_headers)
        changed = outgoing._replace(target=target, headers=headers, body=body)
        return attempt._replace(origin=origin, request=changed, scheme=scheme)

    return _judged(read)


def read_origin_response(value: JsonValue, response: Response, distribution: Distribution) -> Response | Violation:
    """The response as the function wants it. Without `body` the origin's stays; with "" it goes."""
    event_type = EventType.ORIGIN_RESPONSE

    def read() -> Response:
        result = _response_object(value)
        returned = lambda_edge_headers.parse(result.get("headers"))
        headers = lambda_edge_headers.applied(returned, response.headers, event_type)
        status, reason = _status_after(result, response)
        if result.get("body") is None:
            return response._replace(status=status, reason=reason, headers=headers)
        body = _response_body(result, headers, event_type, distribution)
        return Response(status, _sized(headers, body), body, reason)

    return _judged(read)


def read_viewer_response(value: JsonValue, response: Response, distribution: Distribution) -> Response | Violation:
    """The response as the function wants it. Its status cannot be changed; what becomes of a body is a switch."""
    event_type = EventType.VIEWER_RESPONSE

    def read() -> Response:
        result = _response_object(value)
        status, reason = _status_after(result, response)
        if status != response.status:
            raise failed("viewer_response.status", "the function tried to change the status from {}", response.status)
        returned = lambda_edge_headers.parse(result.get("headers"))
        headers = lambda_edge_headers.applied(returned, response.headers, event_type)
        changed = response._replace(reason=reason, headers=headers)
        choice = distribution.switches.lambda_viewer_response_body
        if result.get("body") is None or choice == "ignored":
            return changed
        if choice == "refused":
            raise broken(BODY, "viewer_response.body", "A viewer response function may not return a body.")
        body = _response_body(result, headers, event_type, distribution)
        return changed._replace(headers=_sized(headers, body), body=body)

    return _judged(read)


def _judged(read: Callable[[], V]) -> V | Violation:
    try:
        return read()
    except Broken as found:
        return found.violation


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, Mapping):
        log = "The Lambda function returned invalid JSON, the JSON output must be an object type."
        raise broken(NOT_AN_OBJECT, "not_an_object", log)
    return value


def _response_object(value: JsonValue) -> JsonObject:
    result = _object(value)
    if "status" not in result:
        raise failed("not_a_response", "the function must return a response, an object with status")
    return result


def _is_request(result: JsonObject, method: str, viewer_ip: str) -> None:
    if "uri" not in result:
        raise failed(
            "not_a_request",
            "the function must return a request, an object with uri, or a response, an object with status",
        )
    for name, before in (("method", method), ("clientIp", viewer_ip)):
        if result.get(name, before) != before:
            raise failed("read_only_member", "the function tried to change the read-only member request.{}", name)


def _url(result: JsonObject, path: str, query: str | None) -> tuple[str, str | None]:
    """Path and query as wire text; what the function left alone stays as it was, byte for byte."""
    uri = result["uri"]
    if uri != to_user(path):
        if not isinstance(uri, str) or not uri.startswith("/"):
            raise failed("uri", "the uri must be a string that starts with a slash")
        if _FORBIDDEN_IN_URL.search(uri) or "?" in uri:
            raise failed("uri", "the uri must not hold spaces, control characters, ? or #")
        path = to_wire(uri)
    text = result.get("querystring", to_user(query or ""))
    if text != to_user(query or ""):
        if not isinstance(text, str) or _FORBIDDEN_IN_URL.search(text):
            raise failed("querystring", "the querystring must be a string without spaces, control characters or #")
        query = to_wire(text) or None
    if len(path) + len(query or "") >= quotas.LAMBDA_URL_MAX_CHARS:
        raise failed("url_too_long", "uri and querystring must be shorter than {}", quotas.LAMBDA_URL_MAX_CHARS)
    return path, query


def _body_after(
    result: JsonObject, headers: Headers, body: Body, event_type: EventType, profile: quotas.LambdaEdgeProfile
) -> tuple[Headers, Body]:
    replacement = lambda_body.read_replacement(result.get("body"), event_type, profile)
    return (headers, body) if replacement is None else (_sized(headers, replacement), replacement)


def _sized(headers: Headers, body: bytes) -> Headers:
    """Headers for a body of another length than before."""
    return headers.without("transfer-encoding").replaced("Content-Length", str(len(body)))


def _generated(result: JsonObject, event_type: EventType, distribution: Distribution) -> Response:
    """A response that the function made in the origin's place."""
    headers = lambda_edge_headers.generated(lambda_edge_headers.parse(result.get("headers")), event_type)
    status = _status(result["status"])
    body = EMPTY if result.get("body") is None else _response_body(result, headers, event_type, distribution)
    if status == 204 and body and event_type is EventType.VIEWER_REQUEST:
        raise broken(BODY, "body.no_content", "A response with status 204 must not have a body.")
    return Response(status, headers, body, _description(result))


def _status_after(result: JsonObject, response: Response) -> tuple[int, str | None]:
    """Status and reason; those of the origin stand where the function left them alone."""
    status = response.status if str(result["status"]) == str(response.status) else _status(result["status"])
    reason = _description(result)
    if status == response.status and reason in (None, response.phrase):
        reason = response.reason
    return status, reason


def _status(value: JsonValue) -> int:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _STATUS.fullmatch(text):
        raise failed("status", "the status must be a string of three digits")
    if not 200 <= int(text) <= 599:
        raise failed("status", "the status must be from 200 to 599, not {}", text)
    return int(text)


def _description(result: JsonObject) -> str | None:
    text = result.get("statusDescription")
    if text is None:
        return None
    if not isinstance(text, str) or re.search(r"[\x00-\x1f\x7f]", text):
        raise failed("status_description", "the statusDescription must be a string without control characters")
    return to_wire(text)


def _response_body(result: JsonObject, headers: Headers, event_type: EventType, distribution: Distribution) -> bytes:
    """`body` by `bodyEncoding`, within the limit for headers and body together."""
    text = result.get("body")
    if not isinstance(text, str):
        raise broken(BODY, "body.not_a_string", "The body is not a string.")
    encoding = result.get("bodyEncoding", "text")
    if encoding not in ("text", "base64"):
        raise broken(BODY, "body.encoding", "The bodyEncoding is neither text nor base64 : {}", encoding)
    raw = text.encode("utf-8", "replace")
    body = raw if encoding == "text" else lambda_body.decoded(raw)
    counted = raw if distribution.switches.lambda_limit_counts_base64 else body
    size = len(counted) + sum(len(name) + len(value) for name, value in headers.lines)
    limit = _RESPONSE_MAX_BYTES[event_type]
    if size > limit:
        raise broken(BODY, "response.too_large", "Headers and body have {} bytes, Max allowed: {}", size, limit)
    return body
