"""The header lines that CloudFront itself adds to a response, last and in this order.

Source: captured responses; CloudFront Developer Guide, "Request and response behavior for custom origins"
(X-Amz-Cf-Id, Via), "Understand response headers policies" (Server and Date come back when they are missing). Via says
1.1 whatever the viewer speaks.
"""

from __future__ import annotations

from functools import lru_cache

from edge.model import http_date
from edge.model.distribution import Distribution
from edge.model.edge_location import EdgeLocation
from edge.model.headers import Headers, Line
from edge.model.response import Response
from edge.model.result_type import ResultType

_ALT_SVC: Line = ("Alt-Svc", 'h3=":443"; ma=86400')
_SERVER: Line = ("Server", "CloudFront")


def lines(
    result_type: ResultType, edge: EdgeLocation, distribution: Distribution, request_id: str, age_s: int | None
) -> tuple[Line, ...]:
    """X-Cache, Via, X-Amz-Cf-Pop, Alt-Svc where HTTP/3 is on, X-Amz-Cf-Id, and Age for what came from the cache."""
    same = _same_for_all(result_type, edge.via_host, edge.code, distribution.http3)
    if age_s is None:
        return (*same, ("X-Amz-Cf-Id", request_id))
    return (*same, ("X-Amz-Cf-Id", request_id), ("Age", str(age_s)))


@lru_cache(maxsize=64)
def _same_for_all(result_type: ResultType, via_host: str, code: str, http3: bool) -> tuple[Line, ...]:
    """The lines that do not tell one request from another."""
    found: tuple[Line, ...] = (
        ("X-Cache", f"{result_type} from cloudfront"),
        ("Via", f"1.1 {via_host} (CloudFront)"),
        ("X-Amz-Cf-Pop", code),
    )
    return (*found, _ALT_SVC) if http3 else found


def complete(response: Response, now: float) -> Response:
    """The response with Server and Date, which CloudFront adds where the origin sent none. `now` is epoch seconds."""
    headers = response.headers
    if "date" in headers and "server" in headers:
        return response
    missing: list[Line] = []
    if "server" not in headers:
        missing.append(_SERVER)
    if "date" not in headers:
        missing.append(("Date", http_date.render(now)))
    return response._replace(headers=Headers((*missing, *headers.lines)))
