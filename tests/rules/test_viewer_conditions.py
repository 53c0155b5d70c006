"""Conditional requests of viewers, answered from the cache."""

from __future__ import annotations

import pytest

from edge.model.headers import Headers, Line
from edge.model.request import Request
from edge.model.response import Response
from edge.rules import viewer_conditions

MODIFIED = "Sun, 06 Nov 1994 08:49:37 GMT"
BEFORE = "Sun, 06 Nov 1994 08:49:36 GMT"
AFTER = "Sun, 06 Nov 1994 08:49:38 GMT"

HELD = (
    ("Content-Type", "text/html"),
    ("Content-Length", "5"),
    ("Content-Encoding", "gzip"),
    ("Date", "Mon, 07 Nov 1994 08:49:37 GMT"),
    ("Cache-Control", "max-age=60"),
    ("Vary", "Accept-Encoding"),
)
DATED: tuple[Line, ...] = (("ETag", '"v1"'), ("Last-Modified", MODIFIED))


def status(*sent: Line, held: tuple[Line, ...] = DATED, method: str = "GET", code: int = 200) -> int:
    response = Response(code, Headers((*HELD, *held)), b"hello")
    found = viewer_conditions.apply(Request(method, "/", None, Headers(sent)), response)
    return code if found is None else found.status


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ((), 200),
        ((("If-None-Match", '"v1"'),), 304),
        ((("If-None-Match", 'W/"v1"'),), 304),
        ((("If-None-Match", '"v0", "v1"'),), 304),
        ((("If-None-Match", '"v0"'), ("If-None-Match", '"v1"')), 304),
        ((("If-None-Match", "*"),), 304),
        ((("If-None-Match", '"v0"'),), 200),
        ((("If-None-Match", "v1"),), 200),
        ((("If-Modified-Since", MODIFIED),), 304),
        ((("If-Modified-Since", AFTER),), 304),
        ((("If-Modified-Since", BEFORE),), 200),
        ((("If-Modified-Since", "yesterday"),), 200),
        ((("If-Modified-Since", "Sunday, 06-Nov-94 08:49:37 GMT"),), 304),
        # If-None-Match goes before If-Modified-Since.
        ((("If-None-Match", '"v0"'), ("If-Modified-Since", AFTER)), 200),
        ((("If-None-Match", '"v1"'), ("If-Modified-Since", BEFORE)), 304),
        ((("If-Match", '"v1"'),), 200),
        ((("If-Match", "*"),), 200),
        ((("If-Match", '"v0"'),), 412),
        ((("If-Match", 'W/"v1"'),), 412),
        ((("If-Unmodified-Since", MODIFIED),), 200),
        ((("If-Unmodified-Since", BEFORE),), 412),
        ((("If-Unmodified-Since", "yesterday"),), 200),
        # If-Match goes before If-Unmodified-Since, and both before the others.
        ((("If-Match", '"v1"'), ("If-Unmodified-Since", BEFORE)), 200),
        ((("If-Match", '"v0"'), ("If-None-Match", '"v1"')), 412),
        ((("If-Match", '"v1"'), ("If-None-Match", '"v1"')), 304),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_conditions_in_the_order_of_rfc_9110(sent: tuple[Line, ...], expected: int, method: str) -> None:
    """If-Match or If-Unmodified-Since, then If-None-Match or If-Modified-Since."""
    assert status(*sent, method=method) == expected


@pytest.mark.parametrize(
    ("sent", "held", "expected"),
    [
        (("If-None-Match", '"v1"'), (("ETag", 'W/"v1"'),), 304),
        (("If-None-Match", 'W/"v1"'), (("ETag", 'W/"v1"'),), 304),
        (("If-None-Match", '"a,b"'), (("ETag", '"a,b"'),), 304),
        (("If-None-Match", "bare"), (("ETag", "bare"),), 304),
        (("If-None-Match", '"v1"'), (), 200),
        (("If-None-Match", "*"), (), 304),
        (("If-Match", '"v1"'), (("ETag", 'W/"v1"'),), 412),
        (("If-Match", "*"), (), 200),
        (("If-Match", '"v1"'), (), 412),
        (("If-Modified-Since", MODIFIED), (), 200),
        (("If-Unmodified-Since", BEFORE), (), 200),
    ],
)
def test_objects_with_weak_etags_or_without_any(sent: Line, held: tuple[Line, ...], expected: int) -> None:
    """If-None-Match compares weakly, If-Match strongly; a date is only held against a date."""
    assert status(sent, held=held) == expected


@pytest.mark.parametrize(("method", "code"), [("OPTIONS", 200), ("GET", 404), ("GET", 301), ("GET", 206)])
def test_conditions_are_for_reads_of_a_200(method: str, code: int) -> None:
    """Whatever else is in the cache goes as it is."""
    assert status(("If-None-Match", '"v1"'), ("If-Match", '"v0"'), method=method, code=code) == code


def answered(*sent: Line) -> Response:
    response = Response(200, Headers((*HELD, *DATED)), b"hello", "Fine")
    found = viewer_conditions.apply(Request("GET", "/", None, Headers(sent)), response)
    assert found is not None
    return found


def test_a_304_keeps_the_headers_but_those_of_the_body() -> None:
    """No body and no lengths; Date, ETag, Vary and Cache-Control stay."""
    assert answered(("If-None-Match", '"v1"')) == Response(304, Headers((*HELD[3:], *DATED)))


def test_a_412_does_not_name_the_object() -> None:
    """It is an answer of its own: no body, no validators."""
    assert answered(("If-Match", '"v0"')) == Response(412, Headers(HELD[3:]))
