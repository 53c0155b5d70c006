"""The Server-Timing header: what CloudFront tells about its work on a request.

Source: CloudFront Developer Guide, "Understand response headers policies", Server-Timing header: the sampling rate,
`Pragma: server-timing`, the metrics and their order. Choices: the origin's value stands at the end (the page allows
that, or the middle); an expired object in place of an origin that fails is a refresh; what neither the cache nor an
origin had a part in (a redirect, a refusal, a function's answer) has no cache metric. Times are whole milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator

from edge.model.answer import Answer, MadeBy
from edge.model.edge_location import EdgeLocation
from edge.model.headers import Headers
from edge.model.request import Request
from edge.model.trail import Trail

_NAME = "Server-Timing"
_FROM_CACHE = frozenset({MadeBy.CACHE, MadeBy.ERROR_PAGE})


def wanted(rate: float, request: Request, chance: float) -> bool:
    """Whether the header goes with this response: `rate` is a percentage, `chance` this request's lot (0 up to 1). A
    viewer who sends `Pragma: server-timing` gets it whatever the rate."""
    if chance * 100 < rate:
        return True
    asked = request.headers.joined("pragma") or ""
    return any(word.strip().lower() == "server-timing" for word in asked.split(","))


def apply(headers: Headers, answer: Answer, trail: Trail, edge: EdgeLocation, request_id: str, now: float) -> Headers:
    """The headers with CloudFront's metrics: alone for what came from the cache, before the origin's own on a miss.
    `now` is when the first byte goes out."""
    metrics = list(_metrics(answer, trail, edge, request_id, now))
    origins = headers.joined("server-timing")
    if origins is not None and answer.made_by is not MadeBy.CACHE:
        metrics.append(origins)
    return headers.replaced(_NAME, ",".join(metrics))


def _metrics(answer: Answer, trail: Trail, edge: EdgeLocation, request_id: str, now: float) -> Iterator[str]:
    location = (f'cdn-pop;desc="{edge.code}"', f'cdn-rid;desc="{request_id}"')
    downstream = f"cdn-downstream-fbl;dur={_ms((now - trail.started) * 1000)}"
    if not trail.origins and answer.made_by in _FROM_CACHE:
        yield from ("cdn-cache-hit", *location, f'cdn-hit-layer;desc="{trail.layer}"', downstream)
        return
    if answer.made_by is MadeBy.CACHE:
        yield "cdn-cache-refresh"
    elif trail.origins:
        timings = trail.origins[-1].timings
        yield f'cdn-upstream-layer;desc="{trail.layer}"'
        yield f"cdn-upstream-dns;dur={_ms(timings.dns_ms)}"
        yield f"cdn-upstream-connect;dur={_ms(timings.connect_ms)}"
        yield f"cdn-upstream-fbl;dur={_ms(timings.first_byte_ms)}"
        yield "cdn-cache-miss"
    elif answer.made_by is MadeBy.ORIGIN:
        yield "cdn-cache-miss"
    yield from (*location, downstream)


def _ms(milliseconds: float) -> int:
    return max(0, round(milliseconds))
