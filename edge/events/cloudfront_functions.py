"""The event objects of CloudFront Functions.

Source: CloudFront Developer Guide, "CloudFront Functions event structure". Names of headers are lower case; cookies are
taken apart; nothing is percent-decoded; `multiValue` is there only for a name that came more than once, and then holds
all values. Reading results back is `cloudfront_functions_result.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from edge.events.restricted_headers import is_disallowed
from edge.events.utf8 import to_user
from edge.model import cookies, query_string
from edge.model.distribution import Distribution
from edge.model.function import EventType
from edge.model.headers import Headers
from edge.model.json_value import JsonObject, JsonValue
from edge.model.request import Request
from edge.model.response import Response

Entries = dict[str, JsonValue]

_VIEWER_REQUEST, _VIEWER_RESPONSE = EventType.VIEWER_REQUEST.value, EventType.VIEWER_RESPONSE.value


def viewer_request_event(request: Request, viewer_ip: str, distribution: Distribution, request_id: str) -> JsonObject:
    """The event of a viewer request function."""
    return {
        "version": "1.0",
        "context": _context(distribution, _VIEWER_REQUEST, request_id),
        "viewer": {"ip": viewer_ip},
        "request": _request(request),
    }


def viewer_response_event(
    request: Request, response: Response, viewer_ip: str, distribution: Distribution, request_id: str
) -> JsonObject:
    """The event of a viewer response function. The body is never in it."""
    return {
        "version": "1.0",
        "context": _context(distribution, _VIEWER_RESPONSE, request_id),
        "viewer": {"ip": viewer_ip},
        "request": _request(request),
        "response": {
            "statusCode": response.status,
            "statusDescription": response.phrase,
            "headers": header_entries(response.headers, "set-cookie"),
            "cookies": _set_cookies(response.headers),
        },
    }


def _context(distribution: Distribution, event_type: str, request_id: str) -> JsonObject:
    endpoint = distribution.endpoint
    return {
        "endpoint" if endpoint else "distributionDomainName": endpoint or distribution.domain_name,
        "distributionId": distribution.id,
        "eventType": event_type,
        "requestId": request_id,
    }


def _request(request: Request) -> JsonObject:
    headers, sent_cookies = request.headers.kept(_headers_and_cookies)
    query = request.query
    return {
        "method": request.method,
        "uri": to_user(request.path),
        "querystring": _parameters(query) if query else {},
        "headers": headers,
        "cookies": sent_cookies,
    }


def _parameters(query: str) -> Entries:
    return _entries([(to_user(name), to_user(value or "")) for name, value in query_string.parse(query)])


def _headers_and_cookies(headers: Headers) -> tuple[Entries, Entries]:
    """Of a request."""
    pairs = [(to_user(n), to_user(v)) for n, v in cookies.parse(headers)]
    return header_entries(headers, "cookie"), _entries(pairs)


def header_entries(headers: Headers, hidden: str) -> Entries:
    """Headers as an event shows them, without `hidden`, which stands under `cookies`, and without disallowed ones."""
    return _entries([(shown, to_user(value)) for name, value in headers.lines if (shown := _shown(name, hidden))])


@lru_cache(maxsize=1_024)
def _shown(name: str, hidden: str) -> str:
    """What an event calls a header, "" for one that is not in it. Few names make up nearly all header lines."""
    lower = name.lower()
    return "" if lower == hidden or is_disallowed(lower) else lower


def _entries(pairs: Sequence[tuple[str, str]]) -> Entries:
    once: Entries = {name: {"value": value} for name, value in pairs}
    if len(once) == len(pairs):
        return once
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {
        name: {"value": values[0]}
        if len(values) == 1
        else {"value": values[0], "multiValue": [{"value": value} for value in values]}
        for name, values in found.items()
    }


def _set_cookies(headers: Headers) -> Entries:
    found: dict[str, list[JsonObject]] = {}
    for line in headers.all("set-cookie"):
        pair, _, attributes = to_user(line).partition(";")
        name, _, value = pair.partition("=")
        entry: dict[str, JsonValue] = {"value": value.strip()}
        if attributes.strip():
            entry["attributes"] = attributes.strip()
        found.setdefault(name.strip(), []).append(entry)
    return {
        name: entries[0] if len(entries) == 1 else {**entries[0], "multiValue": entries}
        for name, entries in found.items()
    }
