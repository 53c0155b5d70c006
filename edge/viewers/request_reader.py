"""One request head, bytes to values: strict, because everything behind this door believes what it says.

llhttp (through httptools, its leniencies off) judges characters, line ends, Content-Length and Transfer-Encoding. What
it lets through and CloudFront does not is refused here: more than one space in the request line, versions besides 1.0
and 1.1, RTSP and ICE, targets that are not a path, a fragment, transfer codings besides chunked, any transfer coding in
HTTP/1.0, a Host that is missing, repeated or no host. Sources: CloudFront Developer Guide, "Request and response
behavior for custom origins" (maximum lengths, Transfer-Encoding); RFC 9112, sections 3, 5 and 6.

An Upgrade to anything but WebSocket is not offered to the origin ("Use WebSockets with CloudFront distributions"): the
request is an ordinary one without it. A tunnel in HTTP/2 clear text would carry requests past every rule.

The connection finds where a head ends; so a head is always read in one piece. Near: a target with bytes above 127,
which RFC 9112 forbids, is refused.

A viewer sends the same header lines with request after request. Those that were judged once on a connection, and that
announce no body, are known from then on: below a request line of the plainest form they are not read again.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import httptools

from edge.model.headers import Headers, Line
from edge.model.malformed import Malformed
from edge.model.quotas import REQUEST_HEAD_MAX_BYTES, URL_MAX_BYTES
from edge.model.request import Request
from edge.model.viewer import HttpVersion

METHODS = {name.encode(): name for name in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")}
"""The methods that CloudFront knows ("All distribution settings reference", Allowed HTTP methods)."""

_VERSIONS: dict[bytes, HttpVersion] = {b" HTTP/1.1\r\n": "1.1", b" HTTP/1.0\r\n": "1.0"}
_AFTER_TARGET_BYTES = 11

_SLASH = ord("/")
_REQUEST_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ [^ \r\n]+ HTTP/1\.[01]\r\n")
_PLAIN_LINE = re.compile(rb"(GET|HEAD|OPTIONS) (/[!\"$-~]*) HTTP/1\.1\r\n")
"""A request line of which llhttp would say the same: a method that CloudFront knows, a path without a fragment."""
_KNOWN_LINES_MAX = 8
_KNOWN_LINES_MAX_BYTES = 4_096
_STARTS_LIKE_A_METHOD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]")
_BARE_LF = re.compile(rb"(?<!\r)\n")
_HOST = re.compile(r"(?:[A-Za-z0-9._~%!$&'()*+,;=-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")


class Head(NamedTuple):
    """A request whose body, if one was announced, is still to come.

    `body_length` is in bytes, 0 without a body and None for a chunked one. `keep_alive` is what the viewer wants.
    """

    request: Request
    http_version: HttpVersion
    keep_alive: bool
    body_length: int | None
    expects_continue: bool


class RequestReader:
    """Reads the heads of one connection, one after the other. `_known` holds header lines that were judged before, and
    whether the connection goes on after them."""

    __slots__ = ("_known", "_lines", "_parser", "_target")

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[Headers, bool]] = {}
        self._lines: list[Line] = []
        self._target = b""
        self._parser = httptools.HttpRequestParser(self)

    def on_url(self, target: bytes) -> None:
        """Called by the parser."""
        self._target = target

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser, which leaves white space at the end of a value."""
        self._lines.append((name.decode("iso-8859-1"), value.decode("iso-8859-1").rstrip(" \t")))

    def read(self, head: bytes) -> Head | Malformed:
        """Read a head, from its first byte to its empty line."""
        if len(head) > REQUEST_HEAD_MAX_BYTES:
            return _too_large(head)
        line = _PLAIN_LINE.match(head)
        if line is None:
            return self._parse(head)
        rest = head[line.end() :]
        known = self._known.get(rest)
        if known is not None and len(line[2]) <= URL_MAX_BYTES:
            return Head(_request(METHODS[line[1]], line[2], known[0]), "1.1", known[1], 0, False)
        found = self._parse(head)
        if type(found) is Head and found.body_length == 0 and "upgrade" not in found.request.headers:
            self._remember(rest, found)
        return found

    def _remember(self, lines: bytes, head: Head) -> None:
        if len(lines) <= _KNOWN_LINES_MAX_BYTES:
            if len(self._known) == _KNOWN_LINES_MAX:
                self._known.clear()
            self._known[lines] = (head.request.headers, head.keep_alive)

    def _parse(self, head: bytes) -> Head | Malformed:
        self._lines = []
        parser = self._parser
        try:
            parser.feed_data(head)
        except httptools.HttpParserUpgrade:
            self._parser = httptools.HttpRequestParser(self)
        except httptools.HttpParserError as error:
            self._parser = httptools.HttpRequestParser(self)
            return _fault(head, error)
        target = self._target
        name = parser.get_method()
        after_target = len(name) + 1 + len(target)
        version = _VERSIONS.get(head[after_target : after_target + _AFTER_TARGET_BYTES])
        if version is None:
            return Malformed.NOT_HTTP
        if len(target) > URL_MAX_BYTES:
            return Malformed.URI_TOO_LONG
        if target[0] != _SLASH or b"#" in target:
            return Malformed.BAD_TARGET
        method = METHODS.get(name)
        if method is None:
            return Malformed.BAD_METHOD
        headers = Headers(self._lines)
        host = headers.get("host")
        # llhttp lets no space stand before a colon, so that this finds every Host line.
        hosts = head.lower().count(b"\r\nhost:")
        if hosts != 1 and (hosts or version == "1.1"):
            return Malformed.NO_HOST
        if host is not None and not is_host(host):
            return Malformed.NO_HOST
        if headers.get("upgrade") is not None and not _asks_for_websocket(method, headers, version):
            headers = headers.without("upgrade", "http2-settings")
        return self._with_body(_request(method, target, headers), version, headers)

    def _with_body(self, request: Request, version: HttpVersion, headers: Headers) -> Head | Malformed:
        coding = headers.get("transfer-encoding")
        length = headers.get("content-length")
        connection = headers.get("connection")
        if coding is None and length is None and connection is None:
            return Head(request, version, version == "1.1", 0, False)
        # The parser now waits for the body, which is read elsewhere, or for the end of the connection.
        self._parser = httptools.HttpRequestParser(self)
        keep_alive = version == "1.1" if connection is None else _goes_on(headers, version)
        if coding is None and length is None:
            return Head(request, version, keep_alive, 0, False)
        expects_continue = version == "1.1" and (headers.get("expect") or "").lower() == "100-continue"
        if length is not None:
            return Head(request, version, keep_alive, int(length), expects_continue)
        if coding is None or coding.lower() != "chunked" or version == "1.0":
            return Malformed.BAD_TRANSFER_CODING
        return Head(request, version, keep_alive, None, expects_continue)


def _request(method: str, target: bytes, headers: Headers) -> Request:
    path, mark, query = target.decode("ascii").partition("?")
    return Request(method, path, query if mark else None, headers)


def hopeless(part: bytes) -> Malformed | None:
    """What is wrong with the beginning of a head that has no end yet; None while it may still become a request."""
    if _STARTS_LIKE_A_METHOD.match(part) is None:
        return Malformed.NOT_HTTP
    if _BARE_LF.search(part):
        return _line_fault(part)
    if len(_target_of(part)) > URL_MAX_BYTES:
        return Malformed.URI_TOO_LONG
    if len(part) > REQUEST_HEAD_MAX_BYTES:
        return Malformed.HEADERS_TOO_LARGE
    return None


@lru_cache(maxsize=256)
def is_host(host: str) -> bool:
    """Whether a text can stand in a Host header."""
    return _HOST.fullmatch(host) is not None


def _connection_options(headers: Headers) -> set[str]:
    return {option.strip().lower() for option in (headers.joined("connection") or "").split(",")}


def _asks_for_websocket(method: str, headers: Headers, version: HttpVersion) -> bool:
    """RFC 6455, section 4.1: a GET, and so without a body, which nobody would send on."""
    if method != "GET" or "content-length" in headers or "transfer-encoding" in headers:
        return False
    protocol = (headers.joined("upgrade") or "").strip().lower()
    return version == "1.1" and protocol == "websocket" and "upgrade" in _connection_options(headers)


def _goes_on(headers: Headers, version: HttpVersion) -> bool:
    """What the Connection lines say: "close" wins, and HTTP/1.0 has to ask for more."""
    options = _connection_options(headers)
    return "close" not in options and (version == "1.1" or "keep-alive" in options)


def _target_of(part: bytes) -> bytes:
    """The target, as far as it has come."""
    words = part.split(b"\r\n", 1)[0].split(b" ", 2)
    return words[1] if len(words) > 1 else b""


def _too_large(head: bytes) -> Malformed:
    return Malformed.URI_TOO_LONG if len(_target_of(head)) > URL_MAX_BYTES else Malformed.HEADERS_TOO_LARGE


def _line_fault(part: bytes) -> Malformed:
    return Malformed.BAD_HEADER if _REQUEST_LINE.match(part) else Malformed.NOT_HTTP


def _fault(head: bytes, error: httptools.HttpParserError) -> Malformed:
    """The name for what llhttp complains about. Only the log depends on it: each of these closes the connection."""
    if isinstance(error, httptools.HttpParserInvalidURLError):
        return Malformed.BAD_TARGET
    if _REQUEST_LINE.match(head) is None:
        return Malformed.NOT_HTTP
    if isinstance(error, httptools.HttpParserInvalidMethodError):
        return Malformed.BAD_METHOD
    text = str(error)
    if "can't be present" in text:
        return Malformed.LENGTH_AND_CHUNKED
    if "Content-Length" in text:
        return Malformed.BAD_LENGTH
    if "Transfer-Encoding" in text:
        return Malformed.BAD_TRANSFER_CODING
    return Malformed.BAD_HEADER
