"""Requests and responses as a test reads them: header names in any case, cookies taken apart, text as people write."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import brotli

from edge.events.utf8 import to_user, to_wire
from edge.model import cookies, query_string
from edge.model.body import Body
from edge.model.headers import NO_HEADERS, Headers
from edge.model.request import Request
from edge.model.response import Response
from edge.testing.errors import HarnessError

HeaderValues: TypeAlias = Mapping[str, "str | Iterable[str]"] | Iterable[tuple[str, str]]
"""Headers as a test gives them: a mapping, where a list stands for several lines, or pairs."""

CookieValues: TypeAlias = Mapping[str, "str | Iterable[str]"]
"""Cookies as a test gives them: a list stands for a name that comes several times."""


class SeenHeaders(dict[str, str]):
    """Header values by lower-case name, looked up in any case. Several lines of one name are joined with ", "."""

    def __init__(self, headers: Headers = NO_HEADERS) -> None:
        self._headers = headers
        joined: dict[str, str] = {}
        for line, value in headers.lines:
            name = line.lower()
            joined[name] = f"{joined[name]}, {value}" if name in joined else value
        super().__init__({name: value if value.isascii() else to_user(value) for name, value in joined.items()})

    def all(self, name: str) -> list[str]:
        """The value of each line of this name, in order."""
        return [to_user(value) for value in self._headers.all(name.lower())]

    def get(self, name: str, default: Any = None) -> Any:
        """The value, or `default` where there is no such header."""
        return super().get(name.lower(), default)

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())

    def __missing__(self, name: str) -> str:
        raise KeyError(f"no header {name}; there are {', '.join(self) or 'none'}")


class SeenCookie(str):
    """A cookie's value; `attributes` is the text after the first `;` of a Set-Cookie line."""

    __slots__ = ("attributes",)

    attributes: str

    def __new__(cls, value: str, attributes: str = "") -> SeenCookie:
        """A value with its attributes."""
        made = super().__new__(cls, value)
        made.attributes = attributes
        return made


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """A request. `querystring` is the raw text after "?", "" without one; `query` its parameters, the first of each
    name, not decoded."""

    method: str
    uri: str
    querystring: str
    headers: SeenHeaders
    cookies: dict[str, str]
    body: Body = b""

    @property
    def target(self) -> str:
        """URI and query string as they stand in a request line."""
        return f"{self.uri}?{self.querystring}" if self.querystring else self.uri

    @property
    def query(self) -> dict[str, str]:
        """The first value of each parameter."""
        return _first_values((name, value or "") for name, value in query_string.parse(self.querystring))


@dataclass(frozen=True, slots=True)
class SeenResponse:
    """A response. `status_description` is the reason phrase; `body` what is on the wire, maybe compressed."""

    status: int
    status_description: str
    headers: SeenHeaders
    cookies: dict[str, SeenCookie]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text, after Content-Encoding."""
        return decoded(self.body, self.headers.get("content-encoding", "")).decode("utf-8", "replace")

    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.text)


def seen_request(request: Request) -> SeenRequest:
    """A request of the core as a test reads it."""
    return SeenRequest(
        request.method,
        to_user(request.path),
        to_user(request.query or ""),
        SeenHeaders(request.headers),
        _first_values((to_user(name), to_user(value)) for name, value in cookies.parse(request.headers)),
        request.body,
    )


def seen_response(response: Response) -> SeenResponse:
    """A response of the core as a test reads it."""
    body = response.body if isinstance(response.body, bytes) else b""
    found: dict[str, SeenCookie] = {}
    for line in response.headers.all("set-cookie"):
        pair, _, attributes = to_user(line).partition(";")
        name, _, value = pair.partition("=")
        found.setdefault(name.strip(), SeenCookie(value.strip(), attributes.strip()))
    return SeenResponse(response.status, response.phrase, SeenHeaders(response.headers), found, body)


def decoded(body: bytes, encoding: str) -> bytes:
    """A body without its content encoding. An encoding that CloudFront does not make stays."""
    if encoding == "gzip":
        return gzip.decompress(body)
    if encoding == "br":
        plain: bytes = brotli.decompress(body)
        return plain
    return body


def request_from(
    target: str, method: str, headers: HeaderValues | None, cookies_given: CookieValues | None, body: Body, host: str
) -> Request:
    """A request of the core from what a test writes. Without a Host header it is for `host`."""
    if not target.startswith("/"):
        raise HarnessError(f"the target {target!r} must begin with a slash: a path, and a query string if you like")
    path, mark, query = to_wire(target).partition("?")
    given = headers_from(headers)
    if "host" not in given:
        given = Headers((("Host", host), *given.lines))
    if cookies_given:
        pairs = ((name, one) for name, values in cookies_given.items() for one in _several(values))
        given = given.plus((("Cookie", to_wire(cookies.render(pairs))),))
    return Request(method, path, query if mark else None, given, body)


def headers_from(given: HeaderValues | None) -> Headers:
    """Header lines of the core from what a test writes."""
    if given is None:
        return NO_HEADERS
    pairs: Iterable[tuple[str, Any]] = given.items() if isinstance(given, Mapping) else given
    return Headers((name, to_wire(value)) for name, values in pairs for value in _several(values))


def _several(values: str | Iterable[str]) -> Iterable[str]:
    if isinstance(values, str):
        return (values,)
    if isinstance(values, Iterable):
        return values
    raise HarnessError(f"{values!r} is neither a text nor a list of texts")


def _first_values(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        found.setdefault(name, value)
    return found
