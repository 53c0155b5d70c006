"""What stays the same while one viewer request is worked on."""

from __future__ import annotations

from typing import NamedTuple

from edge.cache.store import Lease, Store
from edge.model.distribution import Distribution
from edge.model.edge_location import EdgeLocation
from edge.model.headers import Line
from edge.model.note import Note
from edge.model.origin import OriginTarget
from edge.model.trail import Trail
from edge.model.viewer import Viewer


class Visit(NamedTuple):
    """One viewer request's surroundings. `target` is where a viewer request function sent it, None for the behavior's
    own target; `lines` are header lines that the answer carries whatever it is.

    `held` are the duties to fetch that the request has taken on in the caches in front of the one where it is. `alone`
    is set once somebody else's answer turned out not to be for this viewer: from then on nobody waits for this request,
    and it for nobody, in any cache.
    """

    viewer: Viewer
    distribution: Distribution
    store: Store
    edge: EdgeLocation
    request_id: str
    trail: Trail
    target: OriginTarget | None = None
    lines: tuple[Line, ...] = ()
    held: tuple[Lease, ...] = ()
    alone: bool = False

    def behind(self, store: Store, lease: Lease) -> Visit:
        """The same visit in a cache behind this one, to get there what the lease is for."""
        return self._replace(store=store, held=(*self.held, lease))

    def on_its_own(self) -> Visit:
        """The same visit, which nobody waits for any longer."""
        for lease in self.held:
            lease.release()
        return self._replace(alone=True, held=())

    def note(self, rule: str, template: str, *values: object) -> None:
        """Leave a Note on the trail."""
        self.trail.notes.append(Note(rule, template, values))
