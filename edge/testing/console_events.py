"""Events as the AWS console and TestFunction take them, as the requests and responses that they stand for.

Source: CloudFront Developer Guide, "CloudFront Functions event structure", "Test functions". Members may be missing;
members that the structure does not know (`multivalue` with a small v) are dropped, as AWS drops them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from edge.events.utf8 import to_wire
from edge.model import cookies, query_string
from edge.model.headers import Headers, Line
from edge.model.request import Request
from edge.model.response import Response
from edge.testing.errors import HarnessError

Event = Mapping[str, Any]


def is_event(value: object) -> bool:
    """Whether this looks like an event of a CloudFront Function."""
    return isinstance(value, Mapping) and isinstance(value.get("request"), Mapping)


def request_of(event: Event) -> Request:
    """The request of an event. Raises HarnessError for what is no event."""
    if not is_event(event):
        raise HarnessError('not an event: it must be an object with "version", "context", "viewer" and "request"')
    request = event["request"]
    parameters = [(to_wire(name), to_wire(value)) for name, value in _pairs(request, "querystring")]
    sent = cookies.render((to_wire(name), to_wire(value)) for name, value in _pairs(request, "cookies"))
    lines = _lines(request)
    return Request(
        request.get("method", "GET"),
        to_wire(request.get("uri", "/")),
        query_string.render(parameters) if parameters else None,
        Headers((*lines, ("cookie", sent)) if sent else lines),
    )


def response_of(event: Event) -> Response | None:
    """The response of an event, None for one of viewer request."""
    response = event.get("response")
    if not isinstance(response, Mapping):
        return None
    set_cookies = (
        ("set-cookie", to_wire("; ".join(filter(None, (f"{name}={one.get('value', '')}", one.get("attributes"))))))
        for name, one in _entries(response, "cookies")
    )
    headers = Headers((*_lines(response), *set_cookies))
    return Response(int(response.get("statusCode", 200)), headers, reason=response.get("statusDescription"))


def viewer_ip_of(event: Event) -> str:
    """The viewer's address, "" where the event has none."""
    viewer = event.get("viewer")
    return str(viewer.get("ip", "")) if isinstance(viewer, Mapping) else ""


def _lines(message: Mapping[str, Any]) -> tuple[Line, ...]:
    return tuple((name, to_wire(value)) for name, value in _pairs(message, "headers"))


def _pairs(message: Mapping[str, Any], member: str) -> Iterator[tuple[str, str]]:
    return ((name, str(one.get("value", ""))) for name, one in _entries(message, member))


def _entries(message: Mapping[str, Any], member: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each name with each of its values: `multiValue` where there is one."""
    for name, entry in (message.get(member) or {}).items():
        for one in entry.get("multiValue") or [entry]:
            yield name, one
