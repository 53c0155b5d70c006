"""The request that the origin gets.

Source: CloudFront Developer Guide, "Request and response behavior for custom origins", "Control origin requests with
a policy", "Use WebSockets with CloudFront distributions". Host, User-Agent, Via, X-Forwarded-For and X-Amz-Cf-Id are
CloudFront's. Framing (Content-Length, Transfer-Encoding, Connection) is left to the connection, but for a WebSocket
handshake. Near: the order of the lines.
"""

from __future__ import annotations

from typing import Literal

from edge.model.distribution import Behavior, Distribution
from edge.model.edge_location import EdgeLocation
from edge.model.headers import Headers, Line
from edge.model.note import Note
from edge.model.origin import Origin, OriginRequest
from edge.model.request import Request
from edge.model.stored_object import StoredObject
from edge.model.viewer import Viewer
from edge.rules import cache_key, forwarded_headers, forwarded_query, revalidation


def build(
    request: Request,
    behavior: Behavior,
    origin: Origin,
    viewer: Viewer,
    distribution: Distribution,
    edge: EdgeLocation,
    request_id: str,
    expired: StoredObject | None,
) -> OriginRequest:
    """The request for one origin. An `expired` object adds the conditions that would confirm it, in place of the
    viewer's."""
    validators = () if expired is None else revalidation.lines(expired, behavior)
    conditionals = not validators and distribution.switches.forward_conditionals
    lines: list[Line] = [("Host", forwarded_headers.host(request, behavior, origin))]
    lines += forwarded_headers.selected(request, behavior, conditionals=conditionals)
    lines += validators
    lines.append(("User-Agent", forwarded_headers.user_agent(request, behavior)))
    lines += _accept_encoding(request, behavior)
    if (cookie := forwarded_query.cookie_header(request, behavior)) is not None:
        lines.append(("Cookie", cookie))
    lines += _websocket(request)
    lines += _cloudfront(request, viewer, edge, request_id)
    query = forwarded_query.query(request, behavior)
    path = f"{origin.path}{request.path}"
    return OriginRequest(
        request.method,
        path if query is None else f"{path}?{query}",
        forwarded_headers.overwritten(lines, origin.custom_headers) if origin.custom_headers else Headers(lines),
        request.body,
    )


def scheme(origin: Origin, viewer: Viewer) -> Literal["http", "https"]:
    """What CloudFront speaks to the origin."""
    if origin.protocol_policy == "match-viewer":
        return viewer.scheme
    return "http" if origin.protocol_policy == "http-only" else "https"


def handshake_lacks(outgoing: OriginRequest) -> Note | None:
    """Why an origin will not take a WebSocket handshake: no policy forwards its Sec-WebSocket-* headers."""
    headers = outgoing.headers
    if "upgrade" not in headers or "sec-websocket-key" in headers:
        return None
    template = (
        "the WebSocket handshake reaches the origin without its Sec-WebSocket-* headers, because no policy forwards "
        "them: use the origin request policy AllViewer"
    )
    return Note("origin_request.websocket_headers", template)


def _accept_encoding(request: Request, behavior: Behavior) -> list[Line]:
    """Normalised where caching knows of compression; else a header like any other."""
    sent = request.headers.get("accept-encoding")
    if sent is None:
        return []
    if cache_key.normalises_accept_encoding(behavior):
        return [("Accept-Encoding", cache_key.accept_encoding(behavior, request) or "identity")]
    return [("Accept-Encoding", sent)] if forwarded_headers.goes_on("accept-encoding", request, behavior) else []


def _websocket(request: Request) -> list[Line]:
    """A WebSocket handshake goes on as one. Its Sec-WebSocket headers need a policy that lists them."""
    upgrade = request.headers.get("upgrade")
    if upgrade is None or upgrade.lower() != "websocket":
        return []
    return [("Connection", "Upgrade"), ("Upgrade", upgrade)]


def _cloudfront(request: Request, viewer: Viewer, edge: EdgeLocation, request_id: str) -> list[Line]:
    via = f"{viewer.http_version} {edge.via_host} (CloudFront)"
    sent_via = request.headers.joined("via")
    chain = request.headers.joined("x-forwarded-for")
    return [
        ("Via", via if sent_via is None else f"{sent_via}, {via}"),
        ("X-Forwarded-For", viewer.ip if chain is None else f"{chain}, {viewer.ip}"),
        ("X-Amz-Cf-Id", request_id),
    ]
