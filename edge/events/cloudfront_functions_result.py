"""What a CloudFront Function returned, read and judged: the changed request or response, an answer, or a violation.

Source: CloudFront Developer Guide, "CloudFront Functions event structure", "Restrictions on all edge functions",
"Work with requests and responses". Near: AWS shows only three of its validation sentences; the others here are made
after their pattern, and the note says in our words what to change. Choices where AWS is silent: a member that is
missing from a returned request counts as unchanged; statusCode is 200-599; `set-cookie` among the headers is passed
on.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import cast

from edge.events.restricted_headers import READ_ONLY_FOR_CLOUDFRONT_FUNCTIONS, is_disallowed
from edge.events.utf8 import to_wire
from edge.model import query_string, quotas
from edge.model.body import Body
from edge.model.function import EventType
from edge.model.headers import NO_HEADERS, Headers, Line
from edge.model.json_value import JsonObject, JsonValue
from edge.model.note import Note
from edge.model.request import Request
from edge.model.response import Response
from edge.model.violation import Violation

_INVALID = "The CloudFront function returned an invalid value: "
_FORBIDDEN_IN_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_FORBIDDEN_IN_QUERY = re.compile(r"[\x00-\x20#\x7f]")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class _Broken(Exception):  # noqa: N818 -- a way out of nested reading, never seen outside this file
    def __init__(self, violation: Violation) -> None:
        self.violation = violation


def read_viewer_request(value: JsonValue, request: Request, event: JsonObject) -> Request | Response | Violation:
    """The request to go on with, or the response that the function answers with."""
    try:
        if not isinstance(value, Mapping):
            raise _invalid("the function must return a request or a response object", "viewer_request.not_an_object")
        if "statusCode" in value:
            return _generated(value)
        return _request(value, request, cast("JsonObject", event["request"]))
    except _Broken as broken:
        return broken.violation


def read_viewer_response(value: JsonValue, response: Response, event: JsonObject) -> Response | Violation:
    """The response as the function wants it. No `body` keeps the body that was there."""
    try:
        if not isinstance(value, Mapping) or "statusCode" not in value:
            raise _invalid("the function must return a response object", "viewer_response.not_a_response")
        before = cast("JsonObject", event["response"])
        headers = response.headers
        if value.get("headers") != before["headers"]:
            headers = _headers(value.get("headers"), before, headers, "set-cookie", EventType.VIEWER_RESPONSE)
        if value.get("cookies", before["cookies"]) != before["cookies"]:
            headers = headers.without("set-cookie").plus(_set_cookies(value.get("cookies")))
        status = _status(value)
        reason = _description(value)
        if status == response.status and reason == response.phrase:
            reason = response.reason
        body: Body = _body(value["body"]) if "body" in value else response.body
        return Response(status, headers, body, reason)
    except _Broken as broken:
        return broken.violation


def _invalid(what: str, rule: str) -> _Broken:
    return _Broken(Violation(f"{_INVALID}{what}.", Note(f"cloudfront_functions.{rule}", "{}", (what,))))


def _request(value: JsonObject, request: Request, before: JsonObject) -> Request:
    if value.get("method", request.method) != request.method:
        raise _invalid("request.method cannot be changed", "method_changed")
    path = request.path
    uri = value.get("uri", before["uri"])
    if uri != before["uri"]:
        if not isinstance(uri, str) or not uri.startswith("/"):
            raise _invalid("request.uri must start with a slash", "uri_without_slash")
        if _FORBIDDEN_IN_QUERY.search(uri):
            raise _invalid("request.uri must not hold spaces, control characters or #", "uri_characters")
        path = to_wire(uri)
    query = request.query
    if value.get("querystring", before["querystring"]) != before["querystring"]:
        query = _query(value.get("querystring"))
    if len(path) + len(query or "") >= quotas.FUNCTION_URL_MAX_CHARS:
        raise _invalid("request.uri and request.querystring together are too long", "url_too_long")
    headers = request.headers
    if value.get("headers", before["headers"]) != before["headers"]:
        headers = _headers(value.get("headers"), before, headers, "cookie", EventType.VIEWER_REQUEST)
    if value.get("cookies", before["cookies"]) != before["cookies"]:
        text = "; ".join(f"{name}={text}" for name, text in _pairs(value.get("cookies"), "request.cookies"))
        headers = headers.without("cookie")
        if text:
            headers = headers.plus((("Cookie", _clean(text, "request.cookies")),))
    return request._replace(path=path, query=query, headers=headers)


def _query(value: JsonValue) -> str | None:
    """A query string object, or a plain string that is taken as it is."""
    if isinstance(value, str):
        text = value
    else:
        pairs = _pairs(value, "request.querystring")
        text = query_string.render((name, content) for name, content in pairs)
    if _FORBIDDEN_IN_QUERY.search(text):
        raise _invalid("request.querystring must not hold spaces, control characters or #", "querystring_characters")
    return to_wire(text) or None


def _generated(value: JsonObject) -> Response:
    """A response that the function made in CloudFront's place."""
    lines = _headers(value.get("headers", {}), {"headers": {}}, NO_HEADERS, "", EventType.VIEWER_RESPONSE)
    headers = lines.plus(_set_cookies(value.get("cookies", {})))
    body = _body(value["body"]) if value.get("body") is not None else b""
    return Response(_status(value), headers, body, _description(value))


def _status(value: JsonObject) -> int:
    status = value["statusCode"]
    if isinstance(status, bool) or not isinstance(status, int | float) or status != int(status):
        raise _invalid("response.statusCode must be an integer", "status_not_an_integer")
    if not 200 <= status <= 599:
        raise _invalid("response.statusCode must be from 200 to 599", "status_out_of_range")
    return int(status)


def _description(value: JsonObject) -> str | None:
    text = value.get("statusDescription")
    if text is None:
        return None
    if not isinstance(text, str):
        raise _invalid("response.statusDescription must be a string", "description_not_a_string")
    return _clean(text, "response.statusDescription")


def _body(value: JsonValue) -> bytes:
    """A string, or {encoding: "text" | "base64", data}."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    if not isinstance(value, Mapping) or not isinstance(data := value.get("data"), str):
        raise _invalid("response.body must be a string or an object with encoding and data", "body_shape")
    encoding = value.get("encoding", "text")
    if encoding == "text":
        return data.encode("utf-8", "replace")
    if encoding != "base64":
        raise _invalid('response.body.encoding must be "text" or "base64"', "body_encoding")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise _invalid("response.body.data is not valid base64", "body_base64") from None


def _headers(value: JsonValue, before: JsonObject, headers: Headers, hidden: str, event_type: EventType) -> Headers:
    """The header lines after the function. Lines it left alone stay as they were, in their place."""
    where = "response.headers" if event_type is EventType.VIEWER_RESPONSE else "request.headers"
    if not isinstance(value, Mapping):
        raise _invalid(f"{where} must be an object", "headers_not_an_object")
    seen = cast("Mapping[str, JsonObject]", before["headers"])
    read_only = READ_ONLY_FOR_CLOUDFRONT_FUNCTIONS[event_type]
    changed: dict[str, list[Line]] = {}
    for name, entry in value.items():
        old = seen.get(name)
        if entry == old:
            continue
        _may_set(name, where, read_only)
        wire_name = "-".join(word.capitalize() for word in name.split("-"))
        changed[name] = [(wire_name, _clean(text, f"{where}.{name}")) for text in _texts(entry, old, where, name)]
    for name in seen:
        if name not in value:
            if name in read_only:
                raise _read_only(name, "deleted")
            changed[name] = []
    lines: list[Line] = []
    for line in headers.lines:
        lower = line[0].lower()
        if lower == hidden or lower not in seen or lower not in changed:
            lines.append(line)
        elif new := changed.get(lower):
            lines.extend(new)
            changed[lower] = []
    for name, new in changed.items():
        if name not in seen:
            lines.extend(new)
    return Headers(lines)


def _may_set(name: str, where: str, read_only: frozenset[str]) -> None:
    if name != name.lower():
        raise _invalid(f"{where} must have header names in lower case", "header_name_case")
    if not _TOKEN.fullmatch(name):
        raise _invalid(f"{where} has a header name with forbidden characters", "header_name_characters")
    if is_disallowed(name):
        message = "The CloudFront function tried to add a disallowed header."
        note = Note("restricted_headers.disallowed", "functions may not set the header {}: remove it", (name,))
        raise _Broken(Violation(message, note))
    if name in read_only:
        raise _read_only(name, "added or changed")


def _read_only(name: str, done: str) -> _Broken:
    message = "The CloudFront function tried to add, delete, or change a read-only header."
    note = Note("restricted_headers.read_only", "the read-only header {} was {}: leave it as it is", (name, done))
    return _Broken(Violation(message, note))


def _texts(entry: JsonValue, old: JsonObject | None, where: str, name: str) -> list[str]:
    """The values of one entry: a changed multiValue wins; else a changed value stands before the later old ones."""
    if not isinstance(entry, Mapping):
        raise _invalid(f"{where}.{name} must be an object with a value", "entry_not_an_object")
    many = entry.get("multiValue")
    if many is not None and (old is None or many != old.get("multiValue")):
        if not isinstance(many, Sequence) or isinstance(many, str):
            raise _invalid(f"{where}.{name}.multiValue must be an array", "multivalue_not_an_array")
        return [_value(one, where, name) for one in many]
    later = cast("Sequence[JsonValue]", many or ())[1:]
    return [_value(entry, where, name), *(_value(one, where, name) for one in later)]


def _value(entry: JsonValue, where: str, name: str) -> str:
    if not isinstance(entry, Mapping) or not isinstance(text := entry.get("value"), str):
        raise _invalid(f"{where}.{name} must be an object whose value is a string", "value_not_a_string")
    return text


def _pairs(value: JsonValue, where: str) -> list[tuple[str, str]]:
    """Names with all their values, in order."""
    if not isinstance(value, Mapping):
        raise _invalid(f"{where} must be an object", "not_an_object")
    return [(name, text) for name, entry in value.items() for text in _texts(entry, None, where, name)]


def _set_cookies(value: JsonValue) -> list[Line]:
    if not isinstance(value, Mapping):
        raise _invalid("response.cookies must be an object", "cookies_not_an_object")
    lines: list[Line] = []
    for name, entry in value.items():
        many = entry.get("multiValue") if isinstance(entry, Mapping) else None
        for one in cast("Sequence[JsonValue]", many or [entry]):
            text = f"{name}={_value(one, 'response.cookies', name)}"
            attributes = cast("JsonObject", one).get("attributes")
            if isinstance(attributes, str) and attributes:
                text += f"; {attributes}"
            lines.append(("Set-Cookie", _clean(text, "response.cookies")))
    return lines


def _clean(text: str, where: str) -> str:
    """A value fit for a header line, as wire text."""
    if _FORBIDDEN_IN_VALUE.search(text):
        raise _invalid(f"{where} holds a control character", "control_character")
    return to_wire(text)
