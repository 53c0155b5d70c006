"""The event objects of Lambda@Edge: `Records[0].cf` for each of the four triggers.

Source: CloudFront Developer Guide, "Lambda@Edge event structure". Headers are arrays of {key, value} under lower-case
names; `querystring` is raw, and there even when it is empty; `status` is a string; nothing is percent-decoded; a
response's body is in no event. Viewer events have no `origin`; the request of an origin response event is the one that
the origin got. Reading results back is `lambda_edge_result.py`.
"""

from __future__ import annotations

from edge.events.lambda_body import ShownBody, body_object
from edge.events.lambda_edge_headers import entries
from edge.events.lambda_edge_origin import origin_object
from edge.events.utf8 import to_user
from edge.model.distribution import Distribution
from edge.model.function import EventType
from edge.model.headers import Headers
from edge.model.json_value import JsonObject, JsonValue
from edge.model.origin import OriginAttempt
from edge.model.request import Request
from edge.model.response import Response


def viewer_request_event(
    request: Request, viewer_ip: str, distribution: Distribution, request_id: str, body: ShownBody | None = None
) -> JsonObject:
    """The event of a viewer request function. `body` is for an association with IncludeBody."""
    made = _request(request.method, request.path, request.query, request.headers, viewer_ip)
    return _event(EventType.VIEWER_REQUEST, distribution, request_id, _with_body(made, body))


def origin_request_event(
    attempt: OriginAttempt, viewer_ip: str, distribution: Distribution, request_id: str, body: ShownBody | None = None
) -> JsonObject:
    """The event of an origin request function: once for each origin that is tried."""
    return _event(EventType.ORIGIN_REQUEST, distribution, request_id, _with_body(_outgoing(attempt, viewer_ip), body))


def origin_response_event(
    attempt: OriginAttempt, response: Response, viewer_ip: str, distribution: Distribution, request_id: str
) -> JsonObject:
    """The event of an origin response function, with the request that the origin answered."""
    request = _outgoing(attempt, viewer_ip)
    return _event(EventType.ORIGIN_RESPONSE, distribution, request_id, request, _response(response))


def viewer_response_event(
    request: Request, response: Response, viewer_ip: str, distribution: Distribution, request_id: str
) -> JsonObject:
    """The event of a viewer response function, with the viewer's side of the request."""
    made = _request(request.method, request.path, request.query, request.headers, viewer_ip)
    return _event(EventType.VIEWER_RESPONSE, distribution, request_id, made, _response(response))


def uri_and_query(attempt: OriginAttempt) -> tuple[str, str | None]:
    """Path and raw query string of an origin request, without the origin's own path in front."""
    path, mark, query = attempt.request.target.removeprefix(attempt.origin.path).partition("?")
    return path, query if mark else None


def visible_headers(attempt: OriginAttempt) -> Headers:
    """The headers of an origin request that stand under `headers`; the origin's custom ones stand in `origin`."""
    return attempt.request.headers.without(*(name.lower() for name, _ in attempt.origin.custom_headers))


def _event(
    event_type: EventType,
    distribution: Distribution,
    request_id: str,
    request: JsonObject,
    response: JsonObject | None = None,
) -> JsonObject:
    cf: dict[str, JsonValue] = {
        "config": {
            "distributionDomainName": distribution.domain_name,
            "distributionId": distribution.id,
            "eventType": event_type.value,
            "requestId": request_id,
        },
        "request": request,
    }
    if response is not None:
        cf["response"] = response
    return {"Records": [{"cf": cf}]}


def _request(method: str, path: str, query: str | None, headers: Headers, viewer_ip: str) -> dict[str, JsonValue]:
    return {
        "clientIp": viewer_ip,
        "headers": entries(headers),
        "method": method,
        "querystring": to_user(query or ""),
        "uri": to_user(path),
    }


def _outgoing(attempt: OriginAttempt, viewer_ip: str) -> dict[str, JsonValue]:
    path, query = uri_and_query(attempt)
    request = _request(attempt.request.method, path, query, visible_headers(attempt), viewer_ip)
    return {**request, "origin": origin_object(attempt.origin, attempt.scheme)}


def _with_body(request: dict[str, JsonValue], body: ShownBody | None) -> JsonObject:
    return request if body is None else {**request, "body": body_object(body)}


def _response(response: Response) -> JsonObject:
    return {
        "headers": entries(response.headers),
        "status": str(response.status),
        "statusDescription": response.phrase,
    }
