"""Where caches stand: edge locations, the regional edge caches behind them, Origin Shield in front of an origin.

Source: CloudFront Developer Guide, "How CloudFront delivers content", "Use Amazon CloudFront Origin Shield".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from edge.model import chance
from edge.model.edge_location import EdgeLocation


class Layer(StrEnum):
    """A layer of caches, in the words of the Server-Timing header."""

    EDGE = "EDGE"
    REC = "REC"
    ORIGIN_SHIELD = "Origin Shield"


@dataclass(frozen=True, slots=True)
class PointOfPresence:
    """An edge location. `regional_edge_cache` is the region of the cache behind it, "" for none. Viewers from
    `countries` (ISO 3166-1 alpha-2) come here."""

    edge: EdgeLocation
    regional_edge_cache: str = ""
    countries: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Topology:
    """All edge locations. The first takes viewers that belong to no other. A request names another one in `pop_header`
    (lower case): which is only for this machine, because on AWS the network decides. `origin_shield` False leaves the
    OriginShield of origins without effect. What is changed reaches each location within `propagation_s`.
    """

    points: tuple[PointOfPresence, ...]
    pop_header: str = "x-edge-pop"
    origin_shield: bool = True
    propagation_s: float = 0.0

    def point(self, asked: str | None, country: str) -> PointOfPresence:
        """The edge location of a request: the one it asks for, by its code or the beginning of it, or that of the
        viewer's country."""
        wanted = (asked or "").strip().upper()
        if wanted:
            for point in self.points:
                if point.edge.code.startswith(wanted):
                    return point
        return next((point for point in self.points if country and country in point.countries), self.points[0])

    def delay_s(self, edge: EdgeLocation) -> float:
        """How long a change takes to reach an edge location: always the same, and another for each."""
        return self.propagation_s * chance.draw(edge.code, "propagation")


ONE_LOCATION = Topology((PointOfPresence(EdgeLocation()),), origin_shield=False)
"""What there is without `[topology]`: one edge location that asks origins itself."""
