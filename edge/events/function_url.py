"""The event of a function URL, payload format 2.0, and what its result means.

Source: Lambda Developer Guide, "Invoking Lambda function URLs" (request and response payloads), "Configuring a Lambda
function to stream responses". Near: which bodies come as text is by Content-Type, and form fields come in base64, as
API Gateway has it; a result of the wrong shape is 502.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import parse_qsl

from edge.model import http_date
from edge.model.function_url import FunctionUrlCors
from edge.model.headers import Headers, Line
from edge.model.json_value import JsonObject, JsonValue
from edge.model.origin import OriginRequest, OriginResponse

STREAM_TYPE = "application/vnd.awslambda.http-integration-response"
PRELUDE_END = b"\0" * 8
_TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml")
_JSON_TYPE = "application/json"


class Caller(NamedTuple):
    """What the event says of who called, and when (epoch seconds). `account` is that of a signer, "" for nobody's."""

    source_ip: str
    account: str
    access_key: str
    request_id: str
    now: float


def event(request: OriginRequest, body: bytes, domain_name: str, caller: Caller) -> JsonObject:
    """The event. `body` is the whole of it; `domain_name` that of the URL."""
    path, _, query = request.target.partition("?")
    made: dict[str, JsonValue] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": _headers(request.headers, caller),
        "requestContext": _context(request, path, domain_name, caller),
        "isBase64Encoded": False,
    }
    cookies = [part.strip() for value in request.headers.all("cookie") for part in value.split(";") if part.strip()]
    if cookies:
        made["cookies"] = list[JsonValue](cookies)
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    if parameters:
        made["queryStringParameters"] = dict[str, JsonValue](parameters)
    if body:
        made["body"], made["isBase64Encoded"] = shown_body(request, body)
    return made


def shown_body(request: OriginRequest, body: bytes) -> tuple[str, bool]:
    """A body as the event has it, and whether that is base64."""
    text = _decoded(body) if _is_text(request.headers.get("content-type") or "") else None
    return (base64.b64encode(body).decode(), True) if text is None else (text, False)


def response(value: JsonValue) -> OriginResponse:
    """What a buffered result means; 502 where it has the wrong shape."""
    return meant(value) or failed()


def meant(value: JsonValue) -> OriginResponse | None:
    """What a buffered result means: a response where it has `statusCode`, else the body of one, in JSON. None for a
    wrong shape."""
    if not isinstance(value, Mapping) or "statusCode" not in value:
        return made(200, [("Content-Type", _JSON_TYPE)], json.dumps(value, ensure_ascii=False).encode())
    lines = head(value)
    status, body = value["statusCode"], value.get("body", "")
    if lines is None or isinstance(status, bool) or not isinstance(status, int) or not 100 <= status <= 599:
        return None
    text = "" if body is None else body
    if not isinstance(text, str):
        return None
    try:
        data = (
            base64.b64decode(text, validate=True)
            if value.get("isBase64Encoded") is True
            else text.encode("utf-8", "replace")
        )
    except (binascii.Error, ValueError):
        return None
    if not any(name.lower() == "content-type" for name, _ in lines):
        lines.insert(0, ("Content-Type", _JSON_TYPE))
    return made(status, lines, data)


def head(value: JsonObject) -> list[Line] | None:
    """The header lines of a result or of a stream's prelude, cookies among them; None for a wrong shape."""
    headers, cookies = value.get("headers") or {}, value.get("cookies") or ()
    if not isinstance(headers, Mapping) or isinstance(cookies, str | Mapping):
        return None
    lines: list[Line] = []
    for name, text in headers.items():
        if not isinstance(text, str | int | float) or any(each in f"{name}{text}" for each in "\r\n\0"):
            return None
        if name.lower() not in ("content-length", "transfer-encoding", "connection"):
            lines.append((name, str(text).lower() if isinstance(text, bool) else str(text)))
    for cookie in cookies if isinstance(cookies, list | tuple) else ():
        if not isinstance(cookie, str) or any(each in cookie for each in "\r\n\0"):
            return None
        lines.append(("Set-Cookie", cookie))
    return lines


def with_cors(response: OriginResponse, cors: FunctionUrlCors | None, origin: str | None) -> OriginResponse:
    """The response with the CORS headers that the URL adds by itself, in place of the function's own."""
    if cors is None or origin is None or not ({"*", origin} & set(cors.allow_origins)):
        return response
    lines: list[Line] = [("Access-Control-Allow-Origin", "*" if "*" in cors.allow_origins else origin)]
    for name, values in (("Allow-Methods", cors.allow_methods), ("Allow-Headers", cors.allow_headers)):
        if values:
            lines.append((f"Access-Control-{name}", ",".join(values)))
    if cors.expose_headers:
        lines.append(("Access-Control-Expose-Headers", ",".join(cors.expose_headers)))
    if cors.allow_credentials:
        lines.append(("Access-Control-Allow-Credentials", "true"))
    if cors.max_age_s:
        lines.append(("Access-Control-Max-Age", str(cors.max_age_s)))
    return response._replace(headers=response.headers.without(*(name.lower() for name, _ in lines)).plus(lines))


def preflight() -> OriginResponse:
    """The answer to a preflight request, which the function does not see."""
    return made(200, [("Content-Type", _JSON_TYPE)], b"")


def failed(status: int = 502, text: str = "Internal Server Error") -> OriginResponse:
    """The answer for a function that failed."""
    return made(status, [("Content-Type", "text/plain")], text.encode())


def throttled() -> OriginResponse:
    """The answer when there is no environment for the request."""
    body = b'{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}'
    return made(429, [("Content-Type", _JSON_TYPE)], body)


def reason_of(status: int) -> str:
    """The words of a status in the status line."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def made(status: int, lines: Sequence[Line], body: bytes) -> OriginResponse:
    """A response with a body of known length."""
    headers = Headers((*lines, ("Content-Length", str(len(body)))))
    return OriginResponse(status, reason_of(status), headers, body)


def _headers(headers: Headers, caller: Caller) -> JsonObject:
    made: dict[str, str] = {}
    for name, value in headers.lines:
        lower = name.lower()
        if lower not in ("cookie", "connection"):
            made[lower] = f"{made[lower]},{value}" if lower in made else value
    made["x-forwarded-proto"], made["x-forwarded-port"] = "https", "443"
    made.setdefault("x-forwarded-for", caller.source_ip)
    return dict[str, JsonValue](made)


def _context(request: OriginRequest, path: str, domain_name: str, caller: Caller) -> JsonObject:
    prefix = domain_name.partition(".")[0]
    made: dict[str, JsonValue] = {
        "accountId": caller.account or "anonymous",
        "apiId": prefix,
        "domainName": domain_name,
        "domainPrefix": prefix,
        "http": {
            "method": request.method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": caller.source_ip,
            "userAgent": request.headers.get("user-agent") or "",
        },
        "requestId": caller.request_id,
        "routeKey": "$default",
        "stage": "$default",
        "time": shown_time(caller.now),
        "timeEpoch": int(caller.now * 1000),
    }
    if caller.access_key:
        iam: dict[str, JsonValue] = {
            "accessKey": caller.access_key,
            "accountId": caller.account,
            "callerId": caller.access_key,
            "cognitoIdentity": None,
            "principalOrgId": None,
            "userArn": f"arn:aws:iam::{caller.account}:root",
            "userId": caller.access_key,
        }
        made["authorizer"] = {"iam": iam}
    return made


def shown_time(now: float) -> str:
    """A moment as events have it: `12/Mar/2020:19:03:58 +0000`."""
    _, day, month, year, clock, _ = http_date.render(now).split(" ")
    return f"{day}/{month}/{year}:{clock} +0000"


def _is_text(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind.startswith(_TEXT_TYPES) or kind.endswith(("+json", "+xml"))


def _decoded(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None
