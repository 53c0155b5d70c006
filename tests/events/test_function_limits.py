"""What a CloudFront Function may make of a request, to the byte: at the limit, and one past it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from edge.events.cloudfront_functions import viewer_request_event
from edge.events.cloudfront_functions_result import read_viewer_request
from edge.model import quotas
from edge.model.distribution import Behavior, Distribution
from edge.model.headers import Headers
from edge.model.request import Request
from edge.model.response import Response
from edge.model.violation import Violation

SITE = Distribution("E1EXAMPLE", "d1.cloudfront.net", {}, (Behavior("site"),))
REQUEST = Request("GET", "/", "a=1", Headers((("Host", "example.org"), ("Cookie", "c=1"))))


def verdict(change: Any, request: Request = REQUEST) -> Request | Response | Violation:
    """What becomes of a request that a function changed so."""
    event: Any = viewer_request_event(request, "203.0.113.7", SITE, "id==")
    value = copy.deepcopy(event["request"])
    change(value)
    return read_viewer_request(value, request, event)


def rule(found: object) -> str | None:
    return found.note.rule if isinstance(found, Violation) else None


@pytest.mark.parametrize(("length", "broken"), [(8_191, None), (8_192, "cloudfront_functions.url_too_long")])
def test_uri_and_query_string_have_less_than_8_192_characters(length: int, broken: str | None) -> None:
    """Together, however they are divided."""
    for uri in (length // 2, length - 1):
        query = "x" * (length - uri)
        assert (
            rule(verdict(lambda value, u=uri, q=query: value.update(uri="/" + "u" * (u - 1), querystring=q))) == broken
        )


def size_of(request: Request) -> int:
    return len(request.query or "") + sum(len(name) + len(value) for name, value in request.headers.lines)


@pytest.mark.parametrize("past", [0, 1])
@pytest.mark.parametrize("kind", ["one header", "many headers", "cookies"])
def test_headers_and_query_string_have_at_most_20_480_bytes(kind: str, past: int) -> None:
    """Cookies are a header like the others."""
    room = quotas.FUNCTION_REQUEST_MAX_BYTES - size_of(REQUEST) + past

    def change(value: Any) -> None:
        if kind == "one header":
            value["headers"]["x-a"] = {"value": "v" * (room - len("x-a"))}
        elif kind == "many headers":
            value["headers"] |= {f"x-{n:03}": {"value": "v" * 95} for n in range(room // 100)}
            value["headers"]["y"] = {"value": "v" * (room % 100 - 1)}
        else:
            value["cookies"]["d"] = {"value": "v" * (room - len("; d="))}

    found = verdict(change)
    assert rule(found) == ("cloudfront_functions.request_too_large" if past else None)
    if isinstance(found, Request):
        assert size_of(found) == quotas.FUNCTION_REQUEST_MAX_BYTES


def test_what_the_viewer_sent_is_not_the_functions_fault() -> None:
    """A large request that a function makes no larger goes on."""
    large = REQUEST._replace(headers=REQUEST.headers.plus((("X-Large", "v" * 25_000),)))
    assert rule(verdict(lambda value: value.update(uri="/b"), large)) is None
    assert rule(verdict(lambda value: value["headers"].update(x={"value": "1"}), large)) is not None
