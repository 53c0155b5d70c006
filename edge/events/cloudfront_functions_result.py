"""What a CloudFront Function returned, read and judged: the changed request or response, an answer, or a violation.

Source: CloudFront Developer Guide, "CloudFront Functions event structure", "Restrictions on all edge functions",
"Work with requests and responses". Near: AWS shows only three of its validation sentences; the others here are made
after their pattern, and the note says in our words what to change. Choices where AWS is silent: a member that is
missing from a returned request or viewer response counts as unchanged, but an object that has none of its members, as
the whole event, is no request; statusCode is 200-599; `set-cookie` among the headers is passed on; the length of a
generated body is CloudFront's to say. What becomes of a `?` in request.uri is a switch.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
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
from edge.model.switches import DEFAULT_SWITCHES, Switches
from edge.model.violation import Violation

_INVALID = "The CloudFront function returned an invalid value: "
_STRUCTURE = "CloudFront Functions event structure"
_RESTRICTIONS = "Restrictions on all edge functions"
_REQUEST_MEMBERS = ("method", "uri", "querystring", "headers", "cookies")
_MISSING = object()
_OBJECT = (dict, Mapping)
"""What stands for a JavaScript object. That a dict is one need not be looked up."""
_FORBIDDEN_IN_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_FORBIDDEN_IN_QUERY = re.compile(r"[\x00-\x20#\x7f]")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class _Broken(Exception):  # noqa: N818 -- a way out of nested reading, never seen outside this file
    def __init__(self, violation: Violation) -> None:
        self.violation = violation


def read_viewer_request(
    value: JsonValue, request: Request, event: JsonObject, switches: Switches = DEFAULT_SWITCHES
) -> Request | Response | Violation:
    """The request to go on with, or the response that the function answers with."""
    try:
        if not isinstance(value, _OBJECT):
            raise _not_a_result(value, "return event.request, or a response object with a statusCode")
        if "statusCode" in value:
            return _generated(value)
        if "status" in value and "uri" not in value:
            fix = "Lambda@Edge says status, a CloudFront Function statusCode, as a number"
            raise _invalid("response.statusCode is missing", "lambda_edge_response", fix, "status")
        if "uri" not in value and not any(member in value for member in _REQUEST_MEMBERS):
            fix = "return event.request, not the event" if "request" in value else "return event.request"
            raise _not_a_result(value, fix)
        return _request(value, request, cast("JsonObject", event["request"]), switches)
    except _Broken as broken:
        return broken.violation


def read_viewer_response(value: JsonValue, response: Response, event: JsonObject) -> Response | Violation:
    """The response as the function wants it. No `body` keeps the body that was there."""
    try:
        if not isinstance(value, _OBJECT) or "statusCode" not in value:
            what, rule = "the function must return a response object", "viewer_response.not_a_response"
            whole = isinstance(value, _OBJECT) and "response" in value
            fix = "return event.response" + (", not the event" if whole else f"; it returned {_kind(value)}")
            raise _invalid(what, rule, fix, "return")
        before = cast("JsonObject", event["response"])
        headers = response.headers
        if value.get("headers", before["headers"]) != before["headers"]:
            headers = _headers(value.get("headers"), before, headers, "set-cookie", EventType.VIEWER_RESPONSE)
        if value.get("cookies", before["cookies"]) != before["cookies"]:
            headers = headers.without("set-cookie").plus(_set_cookies(value.get("cookies"), before["cookies"]))
        status = _status(value)
        reason = _description(value)
        if status == response.status and reason == response.phrase:
            reason = response.reason
        body: Body = _body(value["body"]) if "body" in value else response.body
        return Response(status, headers, body, reason)
    except _Broken as broken:
        return broken.violation


def _invalid(what: str, rule: str, fix: str, *written: str, page: str = _STRUCTURE) -> _Broken:
    note = Note(f"cloudfront_functions.{rule}", "{}; {}", (what, fix), page)
    return _Broken(Violation(f"{_INVALID}{what}.", note, written))


def _not_a_result(value: JsonValue, fix: str) -> _Broken:
    what = "the function must return a request or a response object"
    return _invalid(what, "viewer_request.not_an_object", f"{fix}; it returned {_kind(value)}", "return")


def _kind(value: JsonValue) -> str:
    """What a value is, in words for a person."""
    if value is None:
        return "nothing (undefined, null, or what JSON cannot show)"
    if isinstance(value, _OBJECT):
        names = ", ".join(value)
        return f"an object with {names}" if names else "an empty object"
    kinds: tuple[tuple[type, str], ...] = (
        (bool, "true or false"),
        (str, "text"),
        (int, "a number"),
        (float, "a number"),
    )
    return next((words for kind, words in kinds if isinstance(value, kind)), "an array")


def _request(value: JsonObject, request: Request, before: JsonObject, switches: Switches) -> Request:
    if value.get("method", request.method) != request.method:
        fix = f"leave it {request.method}"
        raise _invalid("request.method cannot be changed", "method_changed", fix, "method")
    path, query = request.path, request.query
    uri = value.get("uri", before["uri"])
    if uri != before["uri"]:
        path = to_wire(_uri(uri, switches))
    if value.get("querystring", before["querystring"]) != before["querystring"]:
        query = _query(value.get("querystring"), before["querystring"])
    length = len(path) + len(query or "")
    if length >= quotas.FUNCTION_URL_MAX_CHARS:
        what = "request.uri and request.querystring together are too long"
        fix = f"they have {length} characters, and must have less than {quotas.FUNCTION_URL_MAX_CHARS}"
        raise _invalid(what, "url_too_long", fix, "uri", page=_RESTRICTIONS)
    headers = request.headers
    if value.get("headers", before["headers"]) != before["headers"]:
        headers = _headers(value.get("headers"), before, headers, "cookie", EventType.VIEWER_REQUEST)
    if value.get("cookies", before["cookies"]) != before["cookies"]:
        pairs = _pairs(value.get("cookies"), before["cookies"], "request.cookies")
        text = "; ".join(f"{name}={text}" for name, text in pairs)
        headers = headers.without("cookie")
        if text:
            headers = headers.plus((("Cookie", _clean(text, "request.cookies", "cookies")),))
    changed = Request(request.method, path, query, headers, request.body)
    _check_size(changed, request)
    return changed


def _check_size(changed: Request, request: Request) -> None:
    """What a function adds must fit; what the viewer sent was measured before."""
    if changed.headers is request.headers and changed.query is request.query:
        return
    size = _size(changed)
    if size > quotas.FUNCTION_REQUEST_MAX_BYTES and size > _size(request):
        fix = f"they have {size} bytes, and at most {quotas.FUNCTION_REQUEST_MAX_BYTES} are allowed"
        what = "request.headers and request.querystring together are too large"
        raise _invalid(what, "request_too_large", fix, "headers", page="Quotas")


def _size(request: Request) -> int:
    return len(request.query or "") + sum(len(name) + len(text) for name, text in request.headers.lines)


def _uri(uri: JsonValue, switches: Switches) -> str:
    if not isinstance(uri, str) or not uri.startswith("/"):
        shown = repr(uri[:60]) if isinstance(uri, str) else _kind(uri)
        fix = f"it is {shown}: write a path, as in /index.html"
        raise _invalid("request.uri must start with a slash", "uri_without_slash", fix, "uri")
    if _FORBIDDEN_IN_QUERY.search(uri):
        fix = "percent-encode them"
        raise _invalid("request.uri must not hold spaces, control characters or #", "uri_characters", fix, "uri")
    if "?" not in uri:
        return uri
    if switches.question_mark_in_uri == "refused":
        fix = "set the query in request.querystring"
        raise _invalid("request.uri must not hold a question mark", "uri_question_mark", fix, "uri")
    return uri.replace("?", "%3F")


def _query(value: JsonValue, before: JsonValue) -> str | None:
    """A query string object, or a plain string that is taken as it is."""
    if isinstance(value, str):
        text = value
    else:
        pairs = _pairs(value, before, "request.querystring")
        text = query_string.render((name, content) for name, content in pairs)
    if _FORBIDDEN_IN_QUERY.search(text):
        what = "request.querystring must not hold spaces, control characters or #"
        raise _invalid(what, "querystring_characters", "encode values with encodeURIComponent", "querystring")
    return to_wire(text) or None


def _generated(value: JsonObject) -> Response:
    """A response that the function made in CloudFront's place."""
    lines = _headers(value.get("headers", {}), {"headers": {}}, NO_HEADERS, "", EventType.VIEWER_RESPONSE)
    headers = lines.without("content-length", "transfer-encoding").plus(_set_cookies(value.get("cookies", {}), {}))
    body = _body(value["body"]) if value.get("body") is not None else b""
    return Response(_status(value), headers, body, _description(value))


def _status(value: JsonObject) -> int:
    status = value["statusCode"]
    if isinstance(status, bool) or not isinstance(status, int | float) or status != int(status):
        fix = f"write statusCode: {status}, without quotes" if isinstance(status, str) and status.isdigit() else ""
        what = "response.statusCode must be an integer"
        raise _invalid(what, "status_not_an_integer", fix or f"it is {_kind(status)}", "statusCode")
    if not 200 <= status <= 599:
        what = "response.statusCode must be from 200 to 599"
        raise _invalid(what, "status_out_of_range", f"it is {int(status)}", "statusCode")
    return int(status)


def _description(value: JsonObject) -> str | None:
    text = value.get("statusDescription")
    if text is None:
        return None
    if not isinstance(text, str):
        what = "response.statusDescription must be a string"
        raise _invalid(what, "description_not_a_string", f"it is {_kind(text)}", "statusDescription")
    return _clean(text, "response.statusDescription", "statusDescription")


def _body(value: JsonValue) -> bytes:
    """A string, or {encoding: "text" | "base64", data}."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    if not isinstance(value, _OBJECT) or not isinstance(data := value.get("data"), str):
        what = "response.body must be a string or an object with encoding and data"
        raise _invalid(what, "body_shape", f"it is {_kind(value)}", "body")
    encoding = value.get("encoding", "text")
    if encoding == "text":
        return data.encode("utf-8", "replace")
    if encoding != "base64":
        what = 'response.body.encoding must be "text" or "base64"'
        raise _invalid(what, "body_encoding", f"it is {encoding!r}", "body", "encoding")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        fix = "encode it with Buffer.from(text).toString('base64'), padding included"
        raise _invalid("response.body.data is not valid base64", "body_base64", fix, "body", "data") from None


def _headers(value: JsonValue, before: JsonObject, headers: Headers, hidden: str, event_type: EventType) -> Headers:
    """The header lines after the function. Lines it left alone stay as they were, in their place."""
    where = _where(event_type)
    if not isinstance(value, _OBJECT):
        fix = "an object of names, each with {value: text}"
        raise _invalid(f"{where} must be an object", "headers_not_an_object", fix, "headers")
    seen = cast("Mapping[str, JsonObject]", before["headers"])
    changed: dict[str, list[Line]] = {}
    for name, entry in value.items():
        old = seen.get(name)
        if old is not None and entry == old:
            continue
        wire_name = _settable(name, event_type)
        texts = _texts(entry, old, where, name)
        changed[name] = [(wire_name, _clean(text, f"{where}.{name}", "headers", name)) for text in texts]
    for name in seen:
        if name not in value:
            if name in READ_ONLY_FOR_CLOUDFRONT_FUNCTIONS[event_type]:
                raise _read_only(name, "deleted")
            changed[name] = []
    if seen.keys().isdisjoint(changed):
        return Headers((*headers.lines, *(line for new in changed.values() for line in new)))
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


def _where(event_type: EventType) -> str:
    return "response.headers" if event_type is EventType.VIEWER_RESPONSE else "request.headers"


@lru_cache(maxsize=1_024)
def _settable(name: str, event_type: EventType) -> str:
    """How a header that the function sets is written on the wire. A function sets few names, again and again."""
    where = _where(event_type)
    if name != name.lower():
        what, fix = f"{where} must have header names in lower case", f"write {name.lower()}, not {name}"
        raise _invalid(what, "header_name_case", fix, "headers", name)
    if not _TOKEN.fullmatch(name):
        what = f"{where} has a header name with forbidden characters"
        raise _invalid(what, "header_name_characters", f"{name!r} is no name of a header", "headers", name)
    if is_disallowed(name):
        message = "The CloudFront function tried to add a disallowed header."
        template = "functions may not set the header {}: remove it"
        note = Note("restricted_headers.disallowed", template, (name,), _RESTRICTIONS)
        raise _Broken(Violation(message, note, ("headers", name)))
    if name in READ_ONLY_FOR_CLOUDFRONT_FUNCTIONS[event_type]:
        raise _read_only(name, "added or changed")
    return "-".join(word.capitalize() for word in name.split("-"))


def _read_only(name: str, done: str) -> _Broken:
    message = "The CloudFront function tried to add, delete, or change a read-only header."
    template = "the read-only header {} was {}: leave it as it is"
    note = Note("restricted_headers.read_only", template, (name, done), _RESTRICTIONS)
    return _Broken(Violation(message, note, ("headers", name)))


def _texts(entry: JsonValue, old: JsonObject | None, where: str, name: str) -> list[str]:
    """The values of one entry: a changed multiValue wins; else a changed value stands before the later old ones."""
    if type(entry) is dict and len(entry) == 1 and type(only := entry.get("value")) is str:
        return [only]
    if not isinstance(entry, _OBJECT):
        raise _not_an_entry(entry, where, name)
    many = entry.get("multiValue")
    if many is not None and (old is None or many != old.get("multiValue")):
        if not isinstance(many, Sequence) or isinstance(many, str):
            what = f"{where}.{name}.multiValue must be an array"
            raise _invalid(what, "multivalue_not_an_array", f"it is {_kind(many)}", name, "multiValue")
        return [_value(one, where, name) for one in many]
    later = cast("Sequence[JsonValue]", many or ())[1:]
    return [_value(entry, where, name), *(_value(one, where, name) for one in later)]


def _not_an_entry(entry: JsonValue, where: str, name: str) -> _Broken:
    fix = f"write {{value: '...'}}; it is {_kind(entry)}"
    if isinstance(entry, list | tuple):
        fix = "write {value: '...'}, not Lambda@Edge's list of {key, value}"
    return _invalid(f"{where}.{name} must be an object with a value", "entry_not_an_object", fix, name)


def _value(entry: JsonValue, where: str, name: str) -> str:
    if not isinstance(entry, _OBJECT):
        raise _not_an_entry(entry, where, name)
    text = entry.get("value")
    if not isinstance(text, str):
        what = f"{where}.{name} must be an object whose value is a string"
        fix = "write it with String(...)" if isinstance(text, int | float) else f"the value is {_kind(text)}"
        raise _invalid(what, "value_not_a_string", fix, name)
    return text


def _pairs(value: JsonValue, before: JsonValue, where: str) -> list[tuple[str, str]]:
    """Names with all their values, in order. `before` is what the function saw."""
    if not isinstance(value, _OBJECT):
        fix = "an object of names, each with {value: text}"
        raise _invalid(
            f"{where} must be an object", "not_an_object", f"{fix}; it is {_kind(value)}", where.split(".")[1]
        )
    seen = cast("Mapping[str, JsonObject]", before)
    return [(name, text) for name, entry in value.items() for text in _texts(entry, seen.get(name), where, name)]


def _set_cookies(value: JsonValue, before: JsonValue) -> list[Line]:
    if not isinstance(value, _OBJECT):
        fix = "an object of names, each with {value: text}"
        raise _invalid("response.cookies must be an object", "cookies_not_an_object", fix, "cookies")
    lines: list[Line] = []
    seen = cast("Mapping[str, JsonObject]", before)
    for name, entry in value.items():
        for one in _cookies(entry, seen.get(name)):
            text = f"{name}={_value(one, 'response.cookies', name)}"
            attributes = cast("JsonObject", one).get("attributes")
            if attributes is not None and not isinstance(attributes, str):
                what = f"response.cookies.{name}.attributes must be a string"
                raise _invalid(what, "attributes_not_a_string", "write it as in 'Path=/; Secure'", name, "attributes")
            if attributes:
                text += f"; {attributes}"
            lines.append(("Set-Cookie", _clean(text, "response.cookies", "cookies", name)))
    return lines


def _cookies(entry: JsonValue, old: JsonObject | None) -> Sequence[JsonValue]:
    """The cookies of one name: a changed multiValue wins; else the entry itself stands before the later old ones."""
    many = entry.get("multiValue") if isinstance(entry, _OBJECT) else None
    if not isinstance(many, Sequence) or isinstance(many, str) or not many:
        return [entry]
    if old is None or many != old.get("multiValue"):
        return many
    return [entry, *many[1:]]


def _clean(text: str, where: str, *written: str) -> str:
    """A value fit for a header line, as wire text."""
    if _FORBIDDEN_IN_VALUE.search(text):
        fix = "remove line breaks and other control characters"
        raise _invalid(f"{where} holds a control character", "control_character", fix, *written)
    return to_wire(text)
