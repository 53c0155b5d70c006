"""All caches of an edge: one at each edge location, one in each region behind them, and those of Origin Shield.

Source: CloudFront Developer Guide, "How CloudFront delivers content", "Use Amazon CloudFront Origin Shield". Near: a
regional edge cache and Origin Shield in the same region are two caches here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from edge.cache.copies import Copies
from edge.cache.store import Store
from edge.model import quotas
from edge.model.cache_key import CacheKey
from edge.model.edge_location import EdgeLocation
from edge.model.origin import Origin
from edge.model.request import Request
from edge.model.stored_object import StoredObject
from edge.model.topology import ONE_LOCATION, Layer, Topology
from edge.model.viewer import Viewer


class Arrival(NamedTuple):
    """A request at an edge location, without the header that chose it."""

    request: Request
    edge: EdgeLocation
    store: Store


class Tiers:
    """The caches of a topology. The budget of bytes is shared out evenly between the edge locations and the regions;
    Origin Shield has as much in each of its regions as one of them."""

    def __init__(
        self,
        topology: Topology = ONE_LOCATION,
        max_bytes: int = quotas.CACHE_MEMORY_MAX_BYTES,
        made: Callable[[Store], None] = lambda store: None,
        *,
        of_a_worker: bool = False,
    ) -> None:
        """`made` is told of each cache before it is used. The tiers of a worker are copies at the edge locations: what
        stands behind them is its owner's business."""
        self.topology = topology
        self._made = made
        points = topology.points
        behind = (point.regional_edge_cache for point in points if not of_a_worker)
        regions = list(dict.fromkeys(region for region in behind if region))
        self._share_bytes = max_bytes // (len(points) + len(regions))
        self._shields: dict[str, Store] = {}
        self._regional = {
            region: Store(self._share_bytes, layer=Layer.REC, name=region, shield_of=self._shield_of)
            for region in regions
        }
        self._edges = {
            point.edge.code: Copies(self._share_bytes, name=point.edge.code)
            if of_a_worker
            else Store(
                self._share_bytes,
                name=point.edge.code,
                behind=self._regional.get(point.regional_edge_cache),
                shield_of=self._shield_of,
            )
            for point in points
        }
        for store in self.stores:
            made(store)
        first = points[0].edge
        self.first = Arrival(Request("GET", "/"), first, self._edges[first.code])

    def arrive(self, request: Request, viewer: Viewer) -> Arrival:
        """Where a request comes in."""
        topology = self.topology
        if topology is ONE_LOCATION:
            return Arrival(request, self.first.edge, self.first.store)
        asked = request.headers.get(topology.pop_header)
        edge = topology.point(asked, viewer.location.country).edge
        if asked is not None:
            request = request._replace(headers=request.headers.without(topology.pop_header))
        return Arrival(request, edge, self._edges[edge.code])

    def at(self, edge: EdgeLocation) -> Store:
        """The cache of an edge location."""
        return self._edges[edge.code]

    def remove_where(self, doomed: Callable[[CacheKey, StoredObject], bool]) -> int:
        """Remove what an invalidation names from all caches; how many objects there were, each copy counted."""
        return sum(store.remove_where(doomed) for store in self.stores)

    @property
    def stores(self) -> tuple[Store, ...]:
        """Each cache: edge locations, regions, Origin Shield."""
        return (*self._edges.values(), *self._regional.values(), *self._shields.values())

    def _shield_of(self, origin: Origin) -> Store | None:
        region = origin.shield_region
        if not region or not self.topology.origin_shield:
            return None
        if region not in self._shields:
            self._shields[region] = Store(self._share_bytes, layer=Layer.ORIGIN_SHIELD, name=region)
            self._made(self._shields[region])
        return self._shields[region]

    def __len__(self) -> int:
        return sum(len(store) for store in self.stores)
