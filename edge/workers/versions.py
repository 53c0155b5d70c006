"""The last versions of the configuration, so that a worker can say with three numbers which behavior it is at."""

from __future__ import annotations

from collections import OrderedDict

from edge.model import deployment
from edge.model.distribution import Behavior, Distribution
from edge.workers.messages import Place

_KEPT = 16
"""A request that began with an older version says the behavior itself."""


class Versions:
    """Distributions by the number of their version, staging distributions among them."""

    def __init__(self) -> None:
        self._versions: OrderedDict[int, tuple[Distribution, ...]] = OrderedDict()

    def add(self, number: int, distributions: tuple[Distribution, ...]) -> None:
        """Know one more, and forget the oldest if there are too many."""
        self._versions[number] = deployment.with_staging(distributions)
        if len(self._versions) > _KEPT:
            self._versions.popitem(last=False)

    def place(self, distribution: Distribution, behavior: Behavior) -> Place | None:
        """Where these very values stand; None when they stand nowhere."""
        for number, distributions in reversed(self._versions.items()):
            for position, one in enumerate(distributions):
                if one is distribution:
                    return next(
                        (Place(number, position, at) for at, each in enumerate(one.behaviors) if each is behavior), None
                    )
        return None

    def find(self, place: Place) -> tuple[Distribution, Behavior] | None:
        """What stands there; None for a version that is forgotten."""
        distributions = self._versions.get(place.version)
        if distributions is None:
            return None
        distribution = distributions[place.distribution]
        return distribution, distribution.behaviors[place.behavior]
