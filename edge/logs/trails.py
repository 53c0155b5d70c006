"""The trails of recent requests, for `x-edge-trail` and the admin listener."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from edge.logs.trail import trail
from edge.model.served import Served

_KEPT = 1_000


class RecentTrails:
    """The last requests by id; the oldest go first."""

    def __init__(self) -> None:
        self._served: OrderedDict[str, Served] = OrderedDict()

    def add(self, served: Served) -> None:
        """Remember a finished request, without its body."""
        response = served.response._replace(body=b"")
        self._served[served.request_id] = served._replace(response=response)
        if len(self._served) > _KEPT:
            self._served.popitem(last=False)

    def get(self, request_id: str) -> dict[str, Any] | None:
        """The trail of a request as JSON; None when it is not known (any more)."""
        served = self._served.get(request_id)
        return None if served is None else trail(served)
