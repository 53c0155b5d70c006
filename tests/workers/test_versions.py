"""Behaviors by three numbers."""

from __future__ import annotations

from dataclasses import replace

from edge.model.distribution import Behavior, ContinuousDeployment, Distribution
from edge.model.origin import Origin
from edge.model.path_pattern import PathPattern
from edge.workers import pickles
from edge.workers.messages import Place
from edge.workers.versions import Versions

IMAGES = Behavior("site", PathPattern("/images/*"))
ALL = Behavior("site")
SITE = Distribution("E1", "d1.cloudfront.net", {"site": Origin("site", "site.test")}, (IMAGES, ALL))
STAGING = replace(SITE, id="E2", staging=True)
LEADING = replace(SITE, continuous_deployment=ContinuousDeployment(STAGING))


def test_what_one_process_names_another_finds() -> None:
    """Staging distributions too. The values of the other process are equal, and not the same."""
    here, there = Versions(), Versions()
    here.add(3, (LEADING,))
    (leading,) = pickles.loads(pickles.dumps((LEADING,)))
    there.add(3, (leading,))
    for distribution, behavior in ((LEADING, IMAGES), (LEADING, ALL), (STAGING, IMAGES)):
        place = here.place(distribution, behavior)
        assert place is not None
        assert there.find(place) == (distribution, behavior)


def test_an_older_version_is_found_for_a_while() -> None:
    versions = Versions()
    versions.add(1, (SITE,))
    place = versions.place(SITE, ALL)
    assert place == Place(1, 0, 1)
    for number in range(2, 17):
        versions.add(number, (replace(SITE),))
    assert versions.find(place) == (SITE, ALL)
    versions.add(17, (replace(SITE),))
    assert versions.find(place) is None


def test_what_stands_nowhere_has_no_place() -> None:
    """It is said in full then."""
    versions = Versions()
    versions.add(1, (SITE,))
    assert versions.place(replace(SITE), ALL) is None
    assert versions.place(SITE, replace(ALL)) is None
