"""What stays the same while one viewer request is worked on."""

from __future__ import annotations

from typing import NamedTuple

from edge.cache.store import Store
from edge.model.distribution import Distribution
from edge.model.edge_location import EdgeLocation
from edge.model.headers import Line
from edge.model.note import Note
from edge.model.origin import OriginTarget
from edge.model.trail import Trail
from edge.model.viewer import Viewer


class Visit(NamedTuple):
    """One viewer request's surroundings. `target` is where a viewer request function sent it, None for the behavior's
    own target; `lines` are header lines that the answer carries whatever it is."""

    viewer: Viewer
    distribution: Distribution
    store: Store
    edge: EdgeLocation
    request_id: str
    trail: Trail
    target: OriginTarget | None = None
    lines: tuple[Line, ...] = ()

    def note(self, rule: str, template: str, *values: object) -> None:
        """Leave a Note on the trail."""
        self.trail.notes.append(Note(rule, template, values))
