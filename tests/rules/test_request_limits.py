"""How long a URL and how large a request head may be."""

from __future__ import annotations

import pytest

from edge.model import quotas
from edge.model.headers import Headers
from edge.model.request import Request
from edge.rules import request_limits


def url_of(length: int, *, query: bool) -> Request:
    return Request("GET", "/a", "q" * (length - 3)) if query else Request("GET", "/" + "a" * (length - 1))


@pytest.mark.parametrize("query", [False, True], ids=["path", "path and query"])
def test_trap_32_a_url_of_8193_bytes_gets_414(query: bool) -> None:
    """8,192 bytes of path and query pass; one more gets 414 and the connection closes."""
    assert request_limits.check(url_of(8_192, query=query)) is None
    refusal = request_limits.check(url_of(8_193, query=query))
    assert refusal is not None
    assert (refusal.status, refusal.close, refusal.note.rule) == (414, True, "request_limits.uri_too_long")
    assert "8193" in refusal.note.sentence


def head_of(length: int) -> Request:
    # "GET / HTTP/1.1\r\n" has 16 bytes, "Cookie: " and CRLF have 10.
    return Request("GET", "/", None, Headers((("Cookie", "c" * (length - 26)),)))


def test_trap_32_a_head_of_more_than_32768_bytes_gets_494() -> None:
    """32,768 bytes of request line and headers pass; one more gets 494 and the connection closes."""
    assert request_limits.check(head_of(32_768)) is None
    refusal = request_limits.check(head_of(32_769))
    assert refusal is not None
    assert (refusal.status, refusal.close, refusal.note.rule) == (494, True, "request_limits.headers_too_large")
    assert "32769" in refusal.note.sentence


def test_many_small_headers_add_up() -> None:
    """Each header counts with its name, its value, and four bytes around them."""
    lines = [(f"X-{number:04}", "v" * 20) for number in range(1_100)]
    assert sum(len(name) + len(value) + 4 for name, value in lines) > quotas.REQUEST_HEAD_MAX_BYTES
    assert request_limits.check(Request("GET", "/", None, Headers(lines[:1_000]))) is None
    refusal = request_limits.check(Request("GET", "/", None, Headers(lines)))
    assert refusal is not None
    assert refusal.status == 494


def test_a_size_that_is_not_known_is_called_too_many() -> None:
    """A listener that stops reading at the limit does not know how much more would have come."""
    assert "too many bytes" in request_limits.uri_too_long(0).note.sentence
    assert "too many bytes" in request_limits.headers_too_large(0).note.sentence
