"""Request heads: what is taken, and the corpus of what is not."""

from __future__ import annotations

import pytest

from edge.model.headers import Headers
from edge.model.malformed import Malformed
from edge.model.quotas import REQUEST_HEAD_MAX_BYTES, URL_MAX_BYTES
from edge.model.request import Request
from edge.viewers.request_reader import Head, RequestReader, hopeless


def read(text: str | bytes) -> Head | Malformed:
    data = text if isinstance(text, bytes) else text.encode("iso-8859-1")
    return RequestReader().read(data)


def head(*lines: str, first: str = "GET /a HTTP/1.1", host: str | None = "Host: x") -> Head | Malformed:
    present = [first, *([host] if host is not None else []), *lines]
    return read("".join(f"{line}\r\n" for line in present) + "\r\n")


def test_a_head_becomes_a_request_with_the_viewers_own_spelling() -> None:
    """Names keep their case, values lose only the white space around them, bytes above 127 survive."""
    assert head("uSER-aGENT: \t caf\xe9 \t", "X-Empty:", "A: 1", "a: 2") == Head(
        Request(
            "GET",
            "/a",
            None,
            Headers((("Host", "x"), ("uSER-aGENT", "caf\xe9"), ("X-Empty", ""), ("A", "1"), ("a", "2"))),
        ),
        "1.1",
        True,
        0,
        False,
    )


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/", "/", None),
        ("/a?", "/a", ""),
        ("/a?b=c?d", "/a", "b=c?d"),
        ("/%41%2f?%20", "/%41%2f", "%20"),
        ("//a/../b", "//a/../b", None),
        ('/a"<>\\^`{|}', '/a"<>\\^`{|}', None),
        (f"/{'a' * (URL_MAX_BYTES - 1)}", f"/{'a' * (URL_MAX_BYTES - 1)}", None),
    ],
)
def test_path_and_query_are_raw(target: str, path: str, query: str | None) -> None:
    """Nothing is decoded or tidied, and a question mark without anything behind it is an empty query."""
    found = head(first=f"GET {target} HTTP/1.1")
    assert isinstance(found, Head)
    assert (found.request.path, found.request.query) == (path, query)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_the_methods_that_cloudfront_knows(method: str) -> None:
    """All seven are taken."""
    found = head(first=f"{method} / HTTP/1.1")
    assert isinstance(found, Head)
    assert found.request.method == method


@pytest.mark.parametrize(
    ("first", "lines", "keep_alive"),
    [
        ("GET / HTTP/1.1", [], True),
        ("GET / HTTP/1.1", ["Connection: close"], False),
        ("GET / HTTP/1.1", ["Connection: foo, Close"], False),
        ("GET / HTTP/1.0", [], False),
        ("GET / HTTP/1.0", ["Connection: Keep-Alive"], True),
    ],
)
def test_whether_the_viewer_wants_to_go_on(first: str, lines: list[str], keep_alive: bool) -> None:
    """HTTP/1.1 goes on unless told otherwise, HTTP/1.0 only when told."""
    found = head(*lines, first=first)
    assert isinstance(found, Head)
    assert found.keep_alive is keep_alive


@pytest.mark.parametrize(
    ("lines", "length", "expects_continue"),
    [
        ([], 0, False),
        (["Content-Length: 0"], 0, False),
        (["Content-Length: 5"], 5, False),
        (["Content-Length: 005"], 5, False),
        (["content-length: 5  "], 5, False),
        (["Transfer-Encoding: chunked"], None, False),
        (["Transfer-Encoding: Chunked"], None, False),
        (["Content-Length: 5", "Expect: 100-Continue"], 5, True),
        (["Expect: 100-continue"], 0, False),
    ],
)
def test_what_body_is_announced(lines: list[str], length: int | None, expects_continue: bool) -> None:
    """Content-Length, or chunked, or nothing."""
    found = head(*lines, first="POST / HTTP/1.1")
    assert isinstance(found, Head)
    assert (found.body_length, found.expects_continue) == (length, expects_continue)


@pytest.mark.parametrize("host", ["x", "a.b-c.example:8080", "[::1]", "[::1]:80", "127.0.0.1:8080", "x:"])
def test_hosts(host: str) -> None:
    """Names, addresses, ports."""
    assert isinstance(head(host=f"Host: {host}"), Head)


def test_http_1_0_needs_no_host() -> None:
    """It is older than the Host header."""
    assert isinstance(head(first="GET / HTTP/1.0", host=None), Head)


@pytest.mark.parametrize(
    ("lines", "stays"),
    [
        (["Connection: Upgrade", "Upgrade: websocket"], True),
        (["Connection: keep-alive, upgrade", "Upgrade: WebSocket"], True),
        (["Upgrade: websocket"], False),
        (["Connection: Upgrade", "Upgrade: websocket, h2c"], False),
        (["Connection: Upgrade", "Upgrade: websocket", "Upgrade: h2c"], False),
        (["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQ"], False),
    ],
)
def test_the_only_upgrade_is_to_websocket(lines: list[str], stays: bool) -> None:
    """Any other is left out of the request."""
    found = head(*lines)
    assert isinstance(found, Head)
    assert ("upgrade" in found.request.headers) is stays
    assert "http2-settings" not in found.request.headers


SMUGGLING = [
    # What stands for the body's length, said twice or badly.
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", "LENGTH_AND_CHUNKED"),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", "LENGTH_AND_CHUNKED"),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n", "BAD_LENGTH"),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n", "BAD_LENGTH"),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\n", "BAD_LENGTH"),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", "BAD_LENGTH"),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x5\r\n\r\n", "BAD_LENGTH"),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 5\r\n\r\n", "BAD_LENGTH"),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5 5\r\n\r\n", "BAD_LENGTH"),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \r\n\r\n", "BAD_LENGTH"),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", "BAD_LENGTH"),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n", "BAD_TRANSFER_CODING"),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n", "BAD_TRANSFER_CODING"),
    ("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n", "BAD_TRANSFER_CODING"),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "BAD_TRANSFER_CODING"),
    (
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
        "BAD_TRANSFER_CODING",
    ),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n", "BAD_TRANSFER_CODING"),
    (
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        "BAD_TRANSFER_CODING",
    ),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n\r\n", "BAD_TRANSFER_CODING"),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \x0bchunked\r\n\r\n", "BAD_HEADER"),
    ("POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "BAD_TRANSFER_CODING"),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n", "BAD_HEADER"),
    ("POST / HTTP/1.1\r\nHost: x\r\n Transfer-Encoding: chunked\r\n\r\n", "BAD_HEADER"),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer\x00-Encoding: chunked\r\n\r\n", "BAD_HEADER"),
    ("POST / HTTP/1.1\r\nHost: x\r\nX: a\rTransfer-Encoding: chunked\r\n\r\n", "BAD_HEADER"),
    ("POST / HTTP/1.1\r\nHost: x\r\nX: a\nTransfer-Encoding: chunked\r\n\r\n", "BAD_HEADER"),
    # Header lines that are none.
    ("GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n", "BAD_HEADER"),
    ("GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n\tb\r\n\r\n", "BAD_HEADER"),
    ("GET / HTTP/1.1\r\n Host: x\r\n\r\n", "BAD_HEADER"),
    ("GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n", "BAD_HEADER"),
    ("GET / HTTP/1.1\r\nHost: x\r\nX: a\x7fb\r\n\r\n", "BAD_HEADER"),
    ("GET / HTTP/1.1\r\nHost: x\r\nX\x01: a\r\n\r\n", "BAD_HEADER"),
    ("GET / HTTP/1.1\r\nHost: x\r\nX\xe9: a\r\n\r\n", "BAD_HEADER"),
    ("GET / HTTP/1.1\r\nHost: x\r\nX(): a\r\n\r\n", "BAD_HEADER"),
    ("GET / HTTP/1.1\r\nHost: x\r\nX y: a\r\n\r\n", "BAD_HEADER"),
    ("GET / HTTP/1.1\r\nHost: x\r\n: a\r\n\r\n", "BAD_HEADER"),
    ("GET / HTTP/1.1\r\nHost: x\r\nXa\r\n\r\n", "BAD_HEADER"),
    # Host.
    ("GET / HTTP/1.1\r\n\r\n", "NO_HOST"),
    ("GET / HTTP/1.1\r\nHost:\r\n\r\n", "NO_HOST"),
    ("GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", "NO_HOST"),
    ("GET / HTTP/1.1\r\nHost: x\r\nhOST: y\r\n\r\n", "NO_HOST"),
    ("GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n", "NO_HOST"),
    ("GET / HTTP/1.1\r\nHost: x, y\r\n\r\n", "NO_HOST"),
    ("GET / HTTP/1.1\r\nHost: x/y\r\n\r\n", "NO_HOST"),
    ("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", "NO_HOST"),
    ("GET / HTTP/1.1\r\nHost: x:80:80\r\n\r\n", "NO_HOST"),
    ("GET / HTTP/1.1\r\nHost: \xe9\r\n\r\n", "NO_HOST"),
    # Targets that are not a path.
    ("GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n", "BAD_TARGET"),
    ("CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n", "BAD_TARGET"),
    ("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "BAD_TARGET"),
    ("GET x HTTP/1.1\r\nHost: x\r\n\r\n", "BAD_TARGET"),
    ("GET ?a HTTP/1.1\r\nHost: x\r\n\r\n", "BAD_TARGET"),
    ("GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n", "BAD_TARGET"),
    ("GET /a?b#c HTTP/1.1\r\nHost: x\r\n\r\n", "BAD_TARGET"),
    ("GET /a\x01 HTTP/1.1\r\nHost: x\r\n\r\n", "BAD_TARGET"),
    ("GET /a\x7f HTTP/1.1\r\nHost: x\r\n\r\n", "BAD_TARGET"),
    ("GET /a\xe9 HTTP/1.1\r\nHost: x\r\n\r\n", "BAD_TARGET"),
    # Methods.
    ("FOO / HTTP/1.1\r\nHost: x\r\n\r\n", "BAD_METHOD"),
    ("get / HTTP/1.1\r\nHost: x\r\n\r\n", "BAD_METHOD"),
    ("TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", "BAD_METHOD"),
    ("PROPFIND / HTTP/1.1\r\nHost: x\r\n\r\n", "BAD_METHOD"),
    # Request lines that are none.
    ("GET  / HTTP/1.1\r\nHost: x\r\n\r\n", "NOT_HTTP"),
    ("GET /  HTTP/1.1\r\nHost: x\r\n\r\n", "NOT_HTTP"),
    ("GET / b HTTP/1.1\r\nHost: x\r\n\r\n", "NOT_HTTP"),
    ("GET / HTTP/1.1 \r\nHost: x\r\n\r\n", "NOT_HTTP"),
    ("GET /\r\nHost: x\r\n\r\n", "NOT_HTTP"),
    ("GET / HTTP/0.9\r\nHost: x\r\n\r\n", "NOT_HTTP"),
    ("GET / HTTP/1.2\r\nHost: x\r\n\r\n", "NOT_HTTP"),
    ("GET / HTTP/2.0\r\nHost: x\r\n\r\n", "NOT_HTTP"),
    ("GET / http/1.1\r\nHost: x\r\n\r\n", "NOT_HTTP"),
    ("GET / RTSP/1.1\r\nHost: x\r\n\r\n", "NOT_HTTP"),
    ("SOURCE / ICE/1.0\r\nHost: x\r\n\r\n", "NOT_HTTP"),
    ("PRI * HTTP/2.0\r\n\r\n", "NOT_HTTP"),
    ("GET / HTTP/1.1\nHost: x\r\n\r\n", "NOT_HTTP"),
    ("\x16\x03\x01\x02\x00\x01\r\n\r\n", "NOT_HTTP"),
    # Sizes.
    (f"GET /{'a' * URL_MAX_BYTES} HTTP/1.1\r\nHost: x\r\n\r\n", "URI_TOO_LONG"),
    (f"GET /{'a' * 40_000} HTTP/1.1\r\nHost: x\r\n\r\n", "URI_TOO_LONG"),
    (f"GET / HTTP/1.1\r\nHost: x\r\nX: {'a' * 100_000}\r\n\r\n", "HEADERS_TOO_LARGE"),
]


@pytest.mark.parametrize(("text", "malformed"), SMUGGLING)
def test_what_is_not_a_request(text: str, malformed: str) -> None:
    """Each has a name, and none becomes a request."""
    assert read(text) == Malformed[malformed]


@pytest.mark.parametrize("more_bytes", [0, 1])
def test_the_largest_head(more_bytes: int) -> None:
    """32,768 bytes with the request line are taken, one more is not."""
    start, end = "GET / HTTP/1.1\r\nHost: x\r\nX: ", "\r\n\r\n"
    found = read(start + "a" * (REQUEST_HEAD_MAX_BYTES - len(start) - len(end) + more_bytes) + end)
    assert (found is Malformed.HEADERS_TOO_LARGE) is (more_bytes == 1)


@pytest.mark.parametrize(
    "before",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ],
)
def test_a_reader_goes_on_after_any_head(before: bytes) -> None:
    """An upgrade, or a body that is read elsewhere, leaves nothing behind."""
    reader = RequestReader()
    assert isinstance(reader.read(before), Head)
    plain = b"GET /b HTTP/1.1\r\nHost: y\r\n\r\n"
    assert reader.read(plain) == RequestReader().read(plain)


@pytest.mark.parametrize(
    ("part", "malformed"),
    [
        ("GET", None),
        ("GET /a HTTP/1.1\r\nHost: x\r", None),
        ("get", None),
        ("\x16\x03\x01", "NOT_HTTP"),
        (" GET", "NOT_HTTP"),
        ("GET / HTTP/1.1\n\n", "NOT_HTTP"),
        ("GET / HTTP/1.1\r\nHost: x\n", "BAD_HEADER"),
        (f"GET /{'a' * (URL_MAX_BYTES - 1)}", None),
        (f"GET /{'a' * URL_MAX_BYTES}", "URI_TOO_LONG"),
        (f"GET / HTTP/1.1\r\nX: {'a' * REQUEST_HEAD_MAX_BYTES}", "HEADERS_TOO_LARGE"),
    ],
)
def test_the_beginning_of_a_head_may_already_be_hopeless(part: str, malformed: str | None) -> None:
    """Then the viewer gets his answer at once, and not when his time is up."""
    assert hopeless(part.encode("iso-8859-1")) == (None if malformed is None else Malformed[malformed])


LINES = b"Host: a.test\r\nConnection: keep-alive\r\nAccept: */*\r\n\r\n"
ODD_LINES = (
    b"GET /%s HTTP/1.1\r\n",
    b"GET /a?b=%s HTTP/1.1\r\n",
    b"GET /a%s\r\n",
    b"GE%sT /a HTTP/1.1\r\n",
    b"GET %s/a HTTP/1.1\r\n",
    b"GET /a HTTP/1%s.1\r\n",
    b"%sGET /a HTTP/1.1\r\n",
    b"GET /a HTTP/1.1%s\r\n",
)


@pytest.mark.parametrize("line", ODD_LINES)
def test_known_header_lines_change_nothing_about_what_a_request_line_may_be(line: bytes) -> None:
    """Every byte in every place: the second request of a connection is judged as the first one would have been."""
    warmed = RequestReader()
    assert isinstance(warmed.read(b"GET / HTTP/1.1\r\n" + LINES), Head)
    for byte in range(256):
        head = line.replace(b"%s", bytes([byte])) + LINES
        assert warmed.read(head) == RequestReader().read(head), head
        warmed.read(b"GET / HTTP/1.1\r\n" + LINES)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "get"])
@pytest.mark.parametrize(
    "lines",
    [
        LINES,
        b"Host: a.test\r\nConnection: close\r\n\r\n",
        b"Host: a.test\r\nContent-Length: 3\r\n\r\n",
        b"Host: a.test\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"Host: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        b"Host: a.test\r\nHost: b.test\r\n\r\n",
        b"Accept: */*\r\n\r\n",
    ],
)
def test_a_repeated_head_is_read_as_it_was_the_first_time(method: str, lines: bytes) -> None:
    reader = RequestReader()
    assert isinstance(reader.read(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"), Head)
    head = f"{method} /a?b HTTP/1.1\r\n".encode() + lines
    expected = RequestReader().read(head)
    times = 3 if isinstance(expected, Head) else 1  # what is refused ends the connection
    assert [reader.read(head) for _ in range(times)] == [expected] * times


def test_header_lines_stay_those_of_their_connection() -> None:
    """What is known of one viewer says nothing about another's."""
    one, other = RequestReader(), RequestReader()
    one.read(b"GET / HTTP/1.1\r\n" + LINES)
    first, second = one.read(b"GET /b HTTP/1.1\r\n" + LINES), other.read(b"GET /b HTTP/1.1\r\n" + LINES)
    assert first == second
    assert isinstance(first, Head)
    assert isinstance(second, Head)
    assert first.request.headers is not second.request.headers


def test_a_target_that_is_too_long_is_refused_below_known_lines_too() -> None:
    reader = RequestReader()
    reader.read(b"GET / HTTP/1.1\r\n" + LINES)
    assert reader.read(b"GET /" + b"a" * URL_MAX_BYTES + b" HTTP/1.1\r\n" + LINES) is Malformed.URI_TOO_LONG
