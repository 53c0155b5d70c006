"""Requests and responses as a test reads and writes them."""

from __future__ import annotations

import pytest

from edge.model.headers import Headers
from edge.model.response import Response
from edge.testing import HarnessError
from edge.testing.messages import SeenHeaders, headers_from, request_from, seen_request, seen_response


def test_headers_are_found_in_any_letter_case() -> None:
    """And are equal to a plain mapping by lower-case names."""
    headers = SeenHeaders(Headers((("Set-Cookie", "a"), ("X-A", "1"), ("set-cookie", "b"))))
    assert (headers["SET-COOKIE"], headers.all("Set-Cookie")) == ("a, b", ["a", "b"])
    assert ("x-a" in headers, "X-B" in headers, headers.get("X-B"), headers.get("X-A")) == (True, False, None, "1")
    assert headers == {"set-cookie": "a, b", "x-a": "1"}


def test_a_header_that_is_missing_names_those_that_are_there() -> None:
    """So that a failing test says what the matter is."""
    with pytest.raises(KeyError, match="no header x-b; there are x-a"):
        SeenHeaders(Headers((("X-A", "1"),)))["X-B"]


def test_headers_may_be_a_mapping_or_pairs() -> None:
    """A list stands for several lines."""
    assert headers_from({"a": ["1", "2"], "b": "3"}).lines == (("a", "1"), ("a", "2"), ("b", "3"))
    assert headers_from([("a", "1"), ("a", "2")]).lines == (("a", "1"), ("a", "2"))
    assert headers_from(None).lines == ()
    with pytest.raises(HarnessError, match="1 is neither a text nor a list of texts"):
        headers_from({"a": 1})  # type: ignore[dict-item]


def test_a_request_has_a_host_unless_the_test_gives_one() -> None:
    """Every request on the web has one."""
    assert request_from("/", "GET", None, None, b"", "d1.example").host == "d1.example"
    assert request_from("/", "GET", {"HOST": "own"}, None, b"", "d1.example").headers.lines == (("HOST", "own"),)


def test_a_target_is_a_path() -> None:
    """Not a URL."""
    with pytest.raises(HarnessError, match=r"'https://example\.com/' must begin with a slash"):
        request_from("https://example.com/", "GET", None, None, b"", "")


def test_a_bare_question_mark_is_kept() -> None:
    """`rawQueryString()` tells "" from undefined."""
    assert request_from("/a?", "GET", None, None, b"", "").query == ""
    assert request_from("/a", "GET", None, None, b"", "").query is None


def test_parameters_and_cookies_are_read_by_name() -> None:
    """The first of each name."""
    request = seen_request(request_from("/a?x=1&x=2&y", "GET", None, {"c": ["1", "2"], "d": "3"}, b"", ""))
    assert request.query == {"x": "1", "y": ""}
    assert request.cookies == {"c": "1", "d": "3"}
    assert request.target == "/a?x=1&x=2&y"


def test_a_body_is_read_as_text_and_json() -> None:
    """After its content encoding."""
    response = seen_response(Response(200, Headers(), b'{"a": "\xc3\xa4"}'))
    assert (response.text, response.json()) == ('{"a": "ä"}', {"a": "ä"})
