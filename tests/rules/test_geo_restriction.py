"""Countries that are let in, or kept out."""

from __future__ import annotations

from typing import Literal

import pytest

from edge.model.distribution import Behavior, Distribution, GeoRestriction
from edge.model.viewer import Location, Viewer
from edge.rules import geo_restriction


@pytest.mark.parametrize(
    ("kind", "country", "status"),
    [
        ("none", "DE", None),
        ("whitelist", "LI", None),
        ("whitelist", "MC", 403),
        ("blacklist", "LI", 403),
        ("blacklist", "MC", None),
        ("whitelist", "", None),
        ("blacklist", "", None),
    ],
)
def test_the_list_decides_and_an_unknown_country_is_served(
    kind: Literal["none", "whitelist", "blacklist"], country: str, status: int | None
) -> None:
    """An allow list lets its countries in, a deny list keeps them out, and a viewer from nowhere is served."""
    site = Distribution(
        "E1", "d1.cloudfront.net", {}, (Behavior("site"),), geo_restriction=GeoRestriction(kind, frozenset({"LI"}))
    )
    refusal = geo_restriction.check(Viewer("192.0.2.1", location=Location(country=country)), site)
    assert (refusal.status if refusal else None) == status


def test_the_refusal_is_what_the_log_calls_geo_blocked() -> None:
    """The page has AWS's sentence, the log its word, and the note the country."""
    restriction = GeoRestriction("blacklist", frozenset({"LI"}))
    site = Distribution("E1", "d1.cloudfront.net", {}, (Behavior("site"),), geo_restriction=restriction)
    refusal = geo_restriction.check(Viewer("192.0.2.1", location=Location(country="LI")), site)
    assert refusal is not None
    assert refusal.message == ("The Amazon CloudFront distribution is configured to block access from your country.")
    assert refusal.detailed == "ClientGeoBlocked"
    assert refusal.note.rule == "geo_restriction.blocked"
    assert "country LI is blocked by the blacklist" in refusal.note.sentence
