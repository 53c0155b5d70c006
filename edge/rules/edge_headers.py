"""The header lines that CloudFront itself adds to a response, last and in this order.

Source: captured responses; CloudFront Developer Guide, "Request and response behavior for custom origins"
(X-Amz-Cf-Id, Via), "Add or remove HTTP headers with a policy" (Server and Date come back when they are missing). Via
says 1.1 whatever the viewer speaks.
"""

from __future__ import annotations

from edge.model import http_date
from edge.model.distribution import Distribution
from edge.model.edge_location import EdgeLocation
from edge.model.headers import Headers, Line
from edge.model.response import Response
from edge.model.result_type import ResultType

_X_CACHE: dict[str, Line] = {result: ("X-Cache", f"{result} from cloudfront") for result in ResultType}
_ALT_SVC: Line = ("Alt-Svc", 'h3=":443"; ma=86400')
_SERVER: Line = ("Server", "CloudFront")


def lines(
    result_type: ResultType, edge: EdgeLocation, distribution: Distribution, request_id: str, age_s: int | None
) -> tuple[Line, ...]:
    """X-Cache, Via, X-Amz-Cf-Pop, Alt-Svc where HTTP/3 is on, X-Amz-Cf-Id, and Age for what came from the cache."""
    found: list[Line] = [_X_CACHE[result_type], *_of_location(edge)]
    if distribution.http3:
        found.append(_ALT_SVC)
    found.append(("X-Amz-Cf-Id", request_id))
    if age_s is not None:
        found.append(("Age", str(age_s)))
    return tuple(found)


def _of_location(edge: EdgeLocation) -> tuple[Line, Line]:
    return ("Via", f"1.1 {edge.via_host} (CloudFront)"), ("X-Amz-Cf-Pop", edge.code)


def complete(response: Response, now: float) -> Response:
    """The response with Server and Date, which CloudFront adds where the origin sent none."""
    headers = response.headers
    if "date" in headers and "server" in headers:
        return response
    missing: list[Line] = []
    if "server" not in headers:
        missing.append(_SERVER)
    if "date" not in headers:
        missing.append(("Date", http_date.render(now)))
    return response._replace(headers=Headers((*missing, *headers.lines)))
