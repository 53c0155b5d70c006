"""Hypothesis strategies: valid requests, events, headers and cookies, so that a promise can be checked for any of them.

    fn = cloudfront_function("redirect.js")

    @given(requests())
    def test_it_never_fails(request):
        assert fn.viewer_request(**request).error is None

Made at module level, because Hypothesis runs a test many times for one fixture. Needs the `hypothesis` package.
"""

from __future__ import annotations

import string
from typing import Any

from hypothesis import strategies as st

from edge.events import cloudfront_functions
from edge.model.function import EventType
from edge.model.response import Response
from edge.testing.function_under_test import somewhere
from edge.testing.messages import headers_from, request_from
from edge.testing.viewers import request_id, viewer_from

_UNRESERVED = string.ascii_letters + string.digits + "-._~"
_TOKEN = string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~"
_COOKIE = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '",;\\')
_VISIBLE = "".join(chr(code) for code in range(0x20, 0x7F))
_SOMEWHERE = somewhere(("origin",))
_OF_CLOUDFRONT = ("cloudfront-", "x-amz-", "x-edge-")
_OF_THE_CONNECTION = frozenset(
    {
        *("connection", "content-length", "cookie", "expect", "host", "keep-alive", "proxy-connection", "te"),
        *("trailer", "transfer-encoding", "upgrade"),
    }
)


def _escaped(characters: str) -> st.SearchStrategy[str]:
    """One of these, or any byte percent-encoded."""
    return st.sampled_from(characters) | st.integers(0, 255).map(lambda byte: f"%{byte:02X}")


def uris() -> st.SearchStrategy[str]:
    """Paths: they begin with a slash; anything that is not allowed in a path is percent-encoded."""
    segment = st.lists(_escaped(_UNRESERVED + "!$&'()*+,;=:@"), max_size=8).map("".join)
    return st.lists(segment, max_size=5).map(lambda segments: f"/{'/'.join(segments)}")


def querystrings() -> st.SearchStrategy[str]:
    """Query strings without the `?`: repeated names, empty values and names without `=` among them."""
    text = st.lists(_escaped(_UNRESERVED + "+,:@!$'()*;/"), max_size=6).map("".join)
    name = st.sampled_from(["a", "b", "utm_source"]) | text.filter(bool)
    parameter = name | st.builds("{}={}".format, name, text)
    return st.lists(parameter, max_size=4).map("&".join)


def targets() -> st.SearchStrategy[str]:
    """Paths with or without a query string."""
    return uris() | st.builds("{}?{}".format, uris(), querystrings())


def header_names() -> st.SearchStrategy[str]:
    """Names that a viewer may send, in any letter case; not those that CloudFront or the connection rule over."""
    known = st.sampled_from(["Accept", "Accept-Language", "Authorization", "Origin", "Referer", "User-Agent", "X-Mine"])
    own = st.text(_TOKEN, min_size=1, max_size=12)
    return known | own.filter(lambda name: not _is_ruled_over(name.lower()))


def _is_ruled_over(name: str) -> bool:
    return name in _OF_THE_CONNECTION or name.startswith(_OF_CLOUDFRONT)


def header_values() -> st.SearchStrategy[str]:
    """Visible ASCII, without spaces at the ends."""
    return st.text(_VISIBLE, max_size=20).map(str.strip)


def headers() -> st.SearchStrategy[list[tuple[str, str]]]:
    """Header lines, as pairs; a name may come several times."""
    return st.lists(st.tuples(header_names(), header_values()), max_size=5)


def cookies() -> st.SearchStrategy[dict[str, str]]:
    """Cookies of a request."""
    name = st.text(string.ascii_letters + string.digits + "-_.", min_size=1, max_size=8)
    return st.dictionaries(name, st.text(_COOKIE, max_size=12), max_size=3)


def methods() -> st.SearchStrategy[str]:
    """The seven methods that CloudFront lets through."""
    return st.sampled_from(["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"])


def viewers() -> st.SearchStrategy[dict[str, Any]]:
    """Addresses of both kinds, and maybe a country."""
    ip = st.ip_addresses().map(str)
    country = st.text(string.ascii_uppercase, min_size=2, max_size=2)
    return st.fixed_dictionaries({"ip": ip}, optional={"country": country})


def requests() -> st.SearchStrategy[dict[str, Any]]:
    """The arguments of `fn.viewer_request(**request)` and `site.request(**request)`."""
    return st.fixed_dictionaries(
        {"target": targets()},
        optional={"method": methods(), "headers": headers(), "cookies": cookies(), "viewer": viewers()},
    )


def responses() -> st.SearchStrategy[dict[str, Any]]:
    """The arguments of `fn.viewer_response(**response)`, for which CloudFront runs the function."""
    return st.fixed_dictionaries(
        {"target": targets(), "status": st.sampled_from([200, 204, 206, 301, 302, 304])},
        optional={"headers": headers(), "request_headers": headers(), "request_cookies": cookies()},
    )


def events(event_type: str = EventType.VIEWER_REQUEST) -> st.SearchStrategy[dict[str, Any]]:
    """Events as CloudFront makes them, for `fn.run(event)`: "viewer-request" or "viewer-response"."""
    if event_type == EventType.VIEWER_REQUEST:
        return requests().map(_request_event)
    return responses().map(_response_event)


def _request_event(given: dict[str, Any]) -> dict[str, Any]:
    request = request_from(
        given["target"], given.get("method", "GET"), given.get("headers"), given.get("cookies"), b"", "example.com"
    )
    viewer = viewer_from(given.get("viewer"))
    return dict(cloudfront_functions.viewer_request_event(request, viewer.ip, _SOMEWHERE, request_id(1)))


def _response_event(given: dict[str, Any]) -> dict[str, Any]:
    request = request_from(
        given["target"], "GET", given.get("request_headers"), given.get("request_cookies"), b"", "example.com"
    )
    response = Response(given["status"], headers_from(given.get("headers")))
    viewer = viewer_from(None)
    return dict(cloudfront_functions.viewer_response_event(request, response, viewer.ip, _SOMEWHERE, request_id(1)))
