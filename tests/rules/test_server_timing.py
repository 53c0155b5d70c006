"""The Server-Timing header: whose response carries it, and what it says."""

from __future__ import annotations

import pytest

from edge.model.answer import Answer, MadeBy
from edge.model.edge_location import EdgeLocation
from edge.model.headers import Headers
from edge.model.origin import OriginTimings
from edge.model.request import Request
from edge.model.response import Response
from edge.model.result_type import ResultType
from edge.model.trail import OriginContact, Trail
from edge.rules import server_timing

EDGE = EdgeLocation(code="FRA56-P4")
NONE = Headers(())
ASKED = Headers((("Pragma", "no-cache, Server-Timing"),))


def request(headers: Headers = NONE) -> Request:
    return Request("GET", "/", None, headers)


def header(answer: Answer, trail: Trail, *, held: Headers = NONE, now: float = 100.25) -> str | None:
    return server_timing.apply(held, answer, trail, EDGE, "rid", now).joined("server-timing")


def answer(made_by: MadeBy) -> Answer:
    return Answer(Response(200, NONE), ResultType.MISS, made_by)


@pytest.mark.parametrize(
    ("rate", "chance", "expected"),
    [(100, 0.999999, True), (50, 0.499, True), (50, 0.5, False), (0.0001, 0.0000005, True), (0, 0.0, False)],
)
def test_the_rate_is_a_percentage_of_responses(rate: float, chance: float, expected: bool) -> None:
    """AWS: from 0 to 100, with up to four decimal places."""
    assert server_timing.wanted(rate, request(), chance) is expected


def test_a_viewer_can_ask_for_it_whatever_the_rate() -> None:
    """AWS: `Pragma: server-timing` in the request."""
    assert server_timing.wanted(0, request(ASKED), 0.5)


def test_a_hit_says_which_layer_had_the_object() -> None:
    """In the order of AWS's sample."""
    assert header(answer(MadeBy.CACHE), Trail(100.0)) == (
        'cdn-cache-hit,cdn-pop;desc="FRA56-P4",cdn-rid;desc="rid",cdn-hit-layer;desc="EDGE",cdn-downstream-fbl;dur=250'
    )


def test_a_hit_leaves_out_the_metrics_of_the_origin() -> None:
    """They tell of the request that filled the cache."""
    assert "db" not in (
        header(answer(MadeBy.CACHE), Trail(100.0), held=Headers((("Server-Timing", "db;dur=1"),))) or ""
    )


def visited() -> Trail:
    trail = Trail(100.0)
    timings = OriginTimings(dns_ms=2, connect_ms=3.4, first_byte_ms=120)
    trail.origins.append(OriginContact("site", "/", 200, "", timings, NONE, NONE))
    return trail


def test_a_miss_tells_of_the_way_to_the_origin_and_keeps_what_the_origin_tells() -> None:
    """One header: CloudFront's metrics and the origin's."""
    assert header(answer(MadeBy.ORIGIN), visited(), held=Headers((("Server-Timing", "db;dur=1"),))) == (
        'cdn-upstream-layer;desc="EDGE",cdn-upstream-dns;dur=2,cdn-upstream-connect;dur=3,cdn-upstream-fbl;dur=120,'
        'cdn-cache-miss,cdn-pop;desc="FRA56-P4",cdn-rid;desc="rid",cdn-downstream-fbl;dur=250,db;dur=1'
    )


def test_a_revalidated_object_is_a_refresh() -> None:
    """The origin was asked, and the object came from the cache."""
    assert (header(answer(MadeBy.CACHE), visited()) or "").startswith("cdn-cache-refresh,cdn-pop")


def test_a_redirect_has_no_cache_metric() -> None:
    """Neither the cache nor an origin had a part in it."""
    assert (header(answer(MadeBy.REDIRECT), Trail(100.0)) or "").startswith("cdn-pop")
