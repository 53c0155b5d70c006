"""The header lines that CloudFront itself adds."""

from __future__ import annotations

from typing import Literal

import pytest

from edge.model.distribution import Behavior, Distribution
from edge.model.edge_location import EdgeLocation
from edge.model.headers import Headers, Line
from edge.model.response import Response
from edge.model.result_type import ResultType
from edge.rules import edge_headers

FRANKFURT = EdgeLocation("FRA56-P4", "0123456789abcdef0123456789abcdef.cloudfront.net")
REQUEST_ID = "Qmxuwgo-QrasQfFyQRjsSoWDyTk3eifML6VAw0XHGdqk-hHPhk8dTw=="


def site(http_version: Literal["http1.1", "http2", "http3", "http2and3"] = "http2") -> Distribution:
    return Distribution("E1", "d1.cloudfront.net", {}, (Behavior("site"),), http_version=http_version)


def test_the_lines_of_a_hit_in_their_order() -> None:
    """X-Cache, Via (1.1 whatever the viewer speaks), X-Amz-Cf-Pop, Alt-Svc, X-Amz-Cf-Id, Age."""
    assert edge_headers.lines(ResultType.HIT, FRANKFURT, site("http2and3"), REQUEST_ID, 17) == (
        ("X-Cache", "Hit from cloudfront"),
        ("Via", "1.1 0123456789abcdef0123456789abcdef.cloudfront.net (CloudFront)"),
        ("X-Amz-Cf-Pop", "FRA56-P4"),
        ("Alt-Svc", 'h3=":443"; ma=86400'),
        ("X-Amz-Cf-Id", REQUEST_ID),
        ("Age", "17"),
    )


def test_a_miss_has_no_age() -> None:
    """Age 0 is an age: it is what an object has in its first second."""
    names = [name for name, _ in edge_headers.lines(ResultType.MISS, FRANKFURT, site(), REQUEST_ID, None)]
    assert names == ["X-Cache", "Via", "X-Amz-Cf-Pop", "X-Amz-Cf-Id"]
    assert edge_headers.lines(ResultType.HIT, FRANKFURT, site(), REQUEST_ID, 0)[-1] == ("Age", "0")


@pytest.mark.parametrize(
    ("http_version", "told"), [("http1.1", False), ("http2", False), ("http3", True), ("http2and3", True)]
)
def test_alt_svc_is_for_distributions_with_http3(
    http_version: Literal["http1.1", "http2", "http3", "http2and3"], told: bool
) -> None:
    """Viewers learn of HTTP/3 where it is on."""
    lines = edge_headers.lines(ResultType.MISS, FRANKFURT, site(http_version), REQUEST_ID, None)
    assert (("Alt-Svc", 'h3=":443"; ma=86400') in lines) == told


@pytest.mark.parametrize("result_type", list(ResultType))
def test_x_cache_says_the_result_type(result_type: ResultType) -> None:
    """`<word> from cloudfront`, for every word."""
    first = edge_headers.lines(result_type, FRANKFURT, site(), REQUEST_ID, None)[0]
    assert first == ("X-Cache", f"{result_type.value} from cloudfront")


def test_another_location_says_its_own_name() -> None:
    """Two edge locations in one process do not answer for each other."""
    lines = edge_headers.lines(ResultType.MISS, EdgeLocation("SEA19-C1", "other.cloudfront.net"), site(), "id", None)
    assert lines[1:3] == (("Via", "1.1 other.cloudfront.net (CloudFront)"), ("X-Amz-Cf-Pop", "SEA19-C1"))


AT = 784_111_777.9
SERVER: Line = ("Server", "CloudFront")
DATE: Line = ("Date", "Sun, 06 Nov 1994 08:49:37 GMT")
TYPE: Line = ("Content-Type", "text/html")


@pytest.mark.parametrize(
    ("held", "completed"),
    [
        ((TYPE,), (SERVER, DATE, TYPE)),
        ((TYPE, ("server", "nginx")), (DATE, TYPE, ("server", "nginx"))),
        ((TYPE, ("date", "yesterday")), (SERVER, TYPE, ("date", "yesterday"))),
    ],
)
def test_server_and_date_are_added_where_they_are_missing(held: tuple[Line, ...], completed: tuple[Line, ...]) -> None:
    """In front, as CloudFront's own responses have them."""
    response = Response(200, Headers(held), b"x", "Fine")
    assert edge_headers.complete(response, AT) == Response(200, Headers(completed), b"x", "Fine")


def test_a_response_that_has_both_stays_the_same() -> None:
    """Nothing is built anew, so that a stored object's wire bytes are used again."""
    response = Response(200, Headers((("Server", "nginx"), ("Date", "yesterday"))))
    assert edge_headers.complete(response, AT) is response
