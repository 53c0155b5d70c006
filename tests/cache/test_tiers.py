"""All caches of an edge."""

from __future__ import annotations

from edge.cache.tiers import Tiers
from edge.model.edge_location import EdgeLocation, edge_location
from edge.model.headers import Headers
from edge.model.origin import Origin
from edge.model.request import Request
from edge.model.topology import Layer, PointOfPresence, Topology
from edge.model.viewer import Location, Viewer

FRANKFURT = PointOfPresence(edge_location("FRA56-P4", "eu-central-1"), "eu-central-1", frozenset({"DE"}))
TOKYO = PointOfPresence(edge_location("NRT57-C1", "ap-northeast-1"))
WORLD = Topology((FRANKFURT, TOKYO), "x-pop")
JAPAN = Viewer("192.0.2.1", location=Location(country="JP"))
ORIGIN = Origin("site", "site.example.org", shield_region="us-east-1")


def request(**headers: str) -> Request:
    return Request("GET", "/", None, Headers((name.replace("_", "-"), value) for name, value in headers.items()))


def test_one_location_has_one_cache_and_looks_at_no_header() -> None:
    """The simple case costs nothing."""
    tiers = Tiers()
    sent = request(x_edge_pop="NRT")
    assert tiers.arrive(sent, JAPAN) == (sent, EdgeLocation(), tiers.first.store)
    assert tiers.stores == (tiers.first.store,)
    assert tiers.first.store.behind is None
    assert tiers.first.store.shield_of(ORIGIN) is None


def test_a_request_comes_in_at_the_location_it_names() -> None:
    """By the code or the airport in front of it, in any case; a name that no location has counts as none."""
    tiers = Tiers(WORLD)
    for asked, code in (("NRT57-C1", "NRT57-C1"), ("nrt", "NRT57-C1"), ("XXX", "FRA56-P4"), ("", "FRA56-P4")):
        arrival = tiers.arrive(request(x_pop=asked), JAPAN)
        assert (arrival.edge.code, arrival.store.name) == (code, code)
        assert "x-pop" not in arrival.request.headers


def test_a_location_has_its_region_behind_it_and_shields_are_for_all() -> None:
    tiers = Tiers(WORLD)
    frankfurt, tokyo = tiers.stores[:2]
    assert frankfurt.behind is not None
    assert (frankfurt.behind.layer, frankfurt.behind.name) == (Layer.REC, "eu-central-1")
    assert tokyo.behind is None
    shield = tokyo.shield_of(ORIGIN)
    assert shield is not None
    assert (shield.layer, shield.name) == (Layer.ORIGIN_SHIELD, "us-east-1")
    assert frankfurt.behind.shield_of(ORIGIN) is shield
    assert tokyo.shield_of(Origin("other", "other.example.org")) is None
    assert len(tiers.stores) == 4


def test_locations_have_host_names_of_their_own() -> None:
    """Via tells them apart."""
    assert FRANKFURT.edge.via_host != TOKYO.edge.via_host
    assert len(FRANKFURT.edge.via_host.partition(".")[0]) == 32
