"""The event of an HTTP API, payload formats 2.0 and 1.0, what its result means, and what API Gateway itself says.

Source: API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs", "Configure CORS for HTTP
APIs". Format 2.0 is that of function URLs (`function_url.py`) with more in it. Near: in format 1.0 header names are as
the request has them; paths are as they stand in the request line, with the stage.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl

from edge.events import function_url
from edge.events.function_url import Caller
from edge.model.function_url import FunctionUrlCors
from edge.model.headers import Line
from edge.model.http_api import DEFAULT, Route, Stage
from edge.model.json_value import JsonObject, JsonValue
from edge.model.origin import OriginRequest, OriginResponse

_IDENTITY = (
    "accessKey accountId caller clientCert cognitoAuthenticationProvider cognitoAuthenticationType cognitoIdentityId "
    "cognitoIdentityPoolId principalOrgId user userArn"
).split()


class Routed(NamedTuple):
    """Where a request has come to: `parameters` are those of the path, `authorizer` what is known of the caller
    (`{"jwt": ...}`), None without an authorizer. `domain_name` is the API's."""

    api_id: str
    domain_name: str
    route: Route
    stage: Stage
    parameters: Mapping[str, str]
    authorizer: JsonObject | None = None


def event(request: OriginRequest, body: bytes, routed: Routed, caller: Caller) -> JsonObject:
    """The event, in the payload format of the route. `caller.account` is the account of the API."""
    if routed.route.payload_version == "1.0":
        return _event_1(request, body, routed, caller)
    made = dict(function_url.event(request, body, routed.domain_name, caller))
    context = made["requestContext"]
    assert isinstance(context, Mapping)
    said: dict[str, JsonValue] = {"apiId": routed.api_id, "routeKey": routed.route.key, "stage": routed.stage.name}
    if routed.authorizer is not None:
        said["authorizer"] = routed.authorizer
    made["requestContext"] = {**context, **said}
    made["routeKey"] = routed.route.key
    if routed.parameters:
        made["pathParameters"] = dict(routed.parameters)
    if routed.stage.variables:
        made["stageVariables"] = dict(routed.stage.variables)
    return made


def _event_1(request: OriginRequest, body: bytes, routed: Routed, caller: Caller) -> JsonObject:
    path, _, query = request.target.partition("?")
    headers: dict[str, list[str]] = {}
    for name, value in request.headers.lines:
        headers.setdefault(name, []).append(value)
    parameters: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        parameters.setdefault(name, []).append(value)
    text, is_base64 = function_url.shown_body(request, body) if body else (None, False)
    return {
        "version": "1.0",
        "resource": routed.route.path or DEFAULT,
        "path": path,
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: values[-1] for name, values in parameters.items()} or None,
        "multiValueQueryStringParameters": parameters or None,
        "requestContext": _context_1(request, path, routed, caller),
        "pathParameters": dict(routed.parameters) or None,
        "stageVariables": dict(routed.stage.variables) or None,
        "body": text,
        "isBase64Encoded": is_base64,
    }


def _context_1(request: OriginRequest, path: str, routed: Routed, caller: Caller) -> JsonObject:
    jwt = None if routed.authorizer is None else routed.authorizer["jwt"]
    identity: dict[str, JsonValue] = dict.fromkeys(_IDENTITY)
    said = {"sourceIp": caller.source_ip, "userAgent": request.headers.get("user-agent") or ""}
    return {
        "accountId": caller.account,
        "apiId": routed.api_id,
        "authorizer": {"claims": None, "scopes": None} if jwt is None else jwt,
        "domainName": routed.domain_name,
        "domainPrefix": routed.domain_name.partition(".")[0],
        "extendedRequestId": caller.request_id,
        "httpMethod": request.method,
        "identity": {**identity, **said},
        "path": path,
        "protocol": "HTTP/1.1",
        "requestId": caller.request_id,
        "requestTime": function_url.shown_time(caller.now),
        "requestTimeEpoch": int(caller.now * 1000),
        "resourceId": None,
        "resourcePath": routed.route.path or DEFAULT,
        "stage": routed.stage.name,
    }


def response(value: JsonValue, route: Route) -> OriginResponse:
    """What a result means; 500 for one of the wrong shape. In format 1.0 `statusCode` must be there, and
    `multiValueHeaders` may be."""
    if route.payload_version == "2.0":
        return function_url.meant(value) or failed()
    if not isinstance(value, Mapping) or "statusCode" not in value:
        return failed()
    made = function_url.meant({name: one for name, one in value.items() if name != "cookies"})
    many = value.get("multiValueHeaders") or {}
    if made is None or not isinstance(many, Mapping):
        return failed()
    lines: list[Line] = []
    for name, values in many.items():
        for one in values if isinstance(values, list | tuple) else (values,):
            read = function_url.head({"headers": {name: one}})
            if read is None:
                return failed()
            lines += read
    return made._replace(headers=made.headers.without(*(name.lower() for name, _ in lines)).plus(lines))


def said(status: int, message: str, *lines: Line) -> OriginResponse:
    """An answer of API Gateway's own."""
    body = json.dumps({"message": message}, separators=(",", ":")).encode()
    return function_url.made(status, [("Content-Type", "application/json"), *lines], body)


def failed() -> OriginResponse:
    """The answer for a function that failed."""
    return said(500, "Internal Server Error")


def unavailable() -> OriginResponse:
    """The answer for a function that takes too long, or that Lambda does not run now."""
    return said(503, "Service Unavailable")


def preflight(cors: FunctionUrlCors, origin: str) -> OriginResponse:
    """The answer to a preflight request, which no function sees."""
    lines = _cors(cors, origin)
    if lines:
        for name, values in (("Methods", cors.allow_methods), ("Headers", cors.allow_headers)):
            if values:
                lines.append((f"Access-Control-Allow-{name}", ",".join(values)))
        if cors.max_age_s:
            lines.append(("Access-Control-Max-Age", str(cors.max_age_s)))
    return function_url.made(204, lines, b"")


def with_cors(response: OriginResponse, cors: FunctionUrlCors | None, origin: str | None) -> OriginResponse:
    """The response with the CORS headers of the API in place of the function's own."""
    if cors is None or origin is None:
        return response
    own = [name.lower() for name, _ in response.headers.lines if name.lower().startswith("access-control-")]
    return response._replace(headers=response.headers.without(*own).plus(_cors(cors, origin)))


def _cors(cors: FunctionUrlCors, origin: str) -> list[Line]:
    """The headers that every answer has for an origin; none for one that is not allowed."""
    scheme = f"{origin.partition('://')[0]}://*"
    if not {"*", origin, scheme} & set(cors.allow_origins):
        return []
    lines: list[Line] = [("Access-Control-Allow-Origin", "*" if "*" in cors.allow_origins else origin)]
    if cors.allow_credentials:
        lines.append(("Access-Control-Allow-Credentials", "true"))
    if cors.expose_headers:
        lines.append(("Access-Control-Expose-Headers", ",".join(cors.expose_headers)))
    return lines
