"""What connections and their listener know of each other, and who sits at the other end of a transport."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Protocol

from edge.model.viewer import Handshake, HttpVersion, Location, Tls, Viewer
from edge.viewers.front import Front


class Connection(Protocol):
    """What a listener needs of a viewer's connection."""

    def look_at_clock(self, now: float) -> None:
        """Part with a viewer who has been silent too long; `now` is the loop's time."""
        ...

    def finish(self) -> None:
        """Close as soon as the requests that run have their answers."""
        ...

    def abort(self) -> None:
        """Close now."""
        ...


class Listener(Protocol):
    """What a connection needs of its listener. `now` is the loop's time, a second old at most."""

    front: Front
    connections: set[Connection]
    closing: bool
    now: float

    def left(self, connection: Connection) -> None:
        """The connection is over."""
        ...


def viewer_of(transport: asyncio.BaseTransport, location: Location, http_version: HttpVersion = "1.1") -> Viewer:
    """The viewer behind a transport, with its TLS session if it has one."""
    ip, port = (transport.get_extra_info("peername") or ("", 0))[:2]
    session = transport.get_extra_info("ssl_object")
    if session is None:
        return Viewer(ip, port, "http", http_version, None, location)
    name = getattr(session, "asked_for", None) or ""
    handshake: Handshake = "sessionResumed" if session.session_reused else "fullHandshake"
    tls = Tls(session.version(), session.cipher()[0], name, handshake, getattr(session, "fingerprints", None))
    return Viewer(ip, port, "https", http_version, tls, location)


def once_more(viewer: Viewer) -> Viewer:
    """The viewer of a request, with another request on the same connection."""
    tls = viewer.tls
    if tls is None or tls.handshake == "connectionReused":
        return viewer
    return replace(viewer, tls=replace(tls, handshake="connectionReused"))
