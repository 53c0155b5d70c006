"""Header fields: requests read, responses written, as tables."""

from __future__ import annotations

from typing import Any

import pytest

from edge.model.headers import Headers
from edge.model.malformed import Malformed
from edge.model.request import Request
from edge.viewers.header_fields import Field, Received, has_body, read, write

Front = Any  # FakeFront of conftest.py

HOST = (b"host", b"x")


def test_a_request() -> None:
    """Bytes become text one to one; white space around values goes."""
    received = read(b"GET", b"/a%20b?c=d?e", [(b"Host", b"x:1"), (b"X-Name", b" J\xfcrgen\t")])
    headers = Headers((("Host", "x:1"), ("X-Name", "J\xfcrgen")))
    assert received == Received(Request("GET", "/a%20b", "c=d?e", headers), None, False)


@pytest.mark.parametrize(("target", "query"), [(b"/", None), (b"/?", ""), (b"/?a", "a")])
def test_the_query(target: bytes, query: str | None) -> None:
    """No "?" is not the same as nothing behind it."""
    received = read(b"GET", target, [HOST])
    assert isinstance(received, Received)
    assert received.request.query == query


@pytest.mark.parametrize("fields", [[], [(b"accept", b"*/*")], [(b"accept", b"*/*"), (b"host", b"other")]])
def test_the_authority_stands_for_the_host(fields: list[Field]) -> None:
    """First, and in place of one."""
    received = read(b"GET", b"/", fields, b"example.com:8443")
    assert isinstance(received, Received)
    assert received.request.headers.lines[0] == ("host", "example.com:8443")
    assert received.request.headers.all("host") == ("example.com:8443",)


@pytest.mark.parametrize(
    ("fields", "length", "expects_continue"),
    [
        ([], None, False),
        ([(b"content-length", b"0")], 0, False),
        ([(b"content-length", b"12"), (b"expect", b"100-Continue")], 12, True),
        ([(b"transfer-encoding", b"Chunked")], None, False),
    ],
)
def test_the_body_that_is_to_come(fields: list[Field], length: int | None, expects_continue: bool) -> None:
    """As the fields announce it."""
    received = read(b"POST", b"/", [HOST, *fields])
    assert isinstance(received, Received)
    assert (received.body_length, received.expects_continue) == (length, expects_continue)


def test_an_upgrade_is_not_offered() -> None:
    """WebSocket comes in other ways, and nothing else is offered to origins."""
    received = read(b"GET", b"/", [HOST, (b"upgrade", b"h2c"), (b"http2-settings", b"AA"), (b"x-one", b"1")])
    assert isinstance(received, Received)
    assert received.request.headers.names() == {"host", "x-one"}


@pytest.mark.parametrize(
    ("method", "target", "fields", "malformed"),
    [
        (b"TRACE", b"/", [HOST], Malformed.BAD_METHOD),
        (b"", b"/", [HOST], Malformed.BAD_METHOD),
        (b"GET", b"", [HOST], Malformed.BAD_TARGET),
        (b"GET", b"*", [HOST], Malformed.BAD_TARGET),
        (b"GET", b"http://x/", [HOST], Malformed.BAD_TARGET),
        (b"GET", b"/#", [HOST], Malformed.BAD_TARGET),
        (b"GET", b"/\x7f", [HOST], Malformed.BAD_TARGET),
        (b"GET", b"/a\r\nb", [HOST], Malformed.BAD_TARGET),
        (b"GET", b"/", [], Malformed.NO_HOST),
        (b"GET", b"/", [HOST, HOST], Malformed.NO_HOST),
        (b"GET", b"/", [(b"host", b"a b")], Malformed.NO_HOST),
        (b"GET", b"/", [(b"host", b"")], Malformed.NO_HOST),
        (b"GET", b"/", [HOST, (b"a b", b"1")], Malformed.BAD_HEADER),
        (b"GET", b"/", [HOST, (b"", b"1")], Malformed.BAD_HEADER),
        (b"GET", b"/", [HOST, (b"a", b"1\n2")], Malformed.BAD_HEADER),
        (b"GET", b"/", [HOST, (b"a", b"\0")], Malformed.BAD_HEADER),
        (b"POST", b"/", [HOST, (b"content-length", b"+1")], Malformed.BAD_LENGTH),
        (b"POST", b"/", [HOST, (b"content-length", b"1, 1")], Malformed.BAD_LENGTH),
        (b"POST", b"/", [HOST, (b"content-length", b"1"), (b"content-length", b"1")], Malformed.BAD_LENGTH),
        (b"POST", b"/", [HOST, (b"transfer-encoding", b"gzip")], Malformed.BAD_TRANSFER_CODING),
        (
            b"POST",
            b"/",
            [HOST, (b"transfer-encoding", b"chunked"), (b"content-length", b"1")],
            Malformed.LENGTH_AND_CHUNKED,
        ),
    ],
)
def test_what_is_no_fit_request(method: bytes, target: bytes, fields: list[Field], malformed: Malformed) -> None:
    """It has the name that HTTP/1.1 gives it."""
    assert read(method, target, fields) is malformed


@pytest.mark.parametrize(
    ("status", "head_only", "expected"),
    [(200, False, True), (200, True, False), (204, False, False), (304, False, False), (500, False, True)],
)
def test_which_responses_have_a_body(front: Front, status: int, head_only: bool, expected: bool) -> None:
    """By method and status."""
    served = front.served(Request("GET", "/"), None, status)
    assert has_body(served, head_only=head_only) is expected


def test_characters_that_have_no_byte(front: Front) -> None:
    """Become a question mark, as in HTTP/1.1."""
    served = front.served(Request("GET", "/"), None, 200, ("X-Name", "\u2603"))
    assert (b"x-name", b"?") in write(served, head_only=False)


def test_white_space_around_a_value_does_not_go_out(front: Front) -> None:
    """HTTP/2 and HTTP/3 do not allow it, and a viewer may take the whole answer for malformed."""
    served = front.served(Request("GET", "/"), None, 200, ("X-Name", " a b\t"))
    assert (b"x-name", b"a b") in write(served, head_only=False)
