"""Promises of edge/about_viewers/about.py."""

from __future__ import annotations

from pathlib import Path

from edge.about_viewers.about import AboutViewers
from edge.about_viewers.geo_database import GeoDatabase
from edge.model.device import Device
from edge.model.headers import Headers, Line
from edge.model.request import Request
from edge.model.viewer import Location, Viewer

VIEWER = Viewer("127.0.0.1", 50_000)


def request(*lines: Line) -> Request:
    return Request("GET", "/", None, Headers((("Host", "a.example"), *lines)))


def test_who_says_nothing_stays_what_he_is() -> None:
    plain = request()
    assert AboutViewers()(plain, VIEWER) == (plain, VIEWER)
    assert AboutViewers()(plain, VIEWER)[1] is VIEWER


def test_the_request_wins_over_edge_toml_and_that_over_the_database(city_database: Path) -> None:
    database = GeoDatabase([city_database])
    about = AboutViewers(place=Location(city="Potsdam"), address="198.51.100.7", database=database)
    _, viewer = about(request(), VIEWER)
    assert (viewer.ip, viewer.location.country, viewer.location.city) == ("198.51.100.7", "DE", "Potsdam")
    asked, viewer = about(request(("X-Edge-Viewer", "city=Babelsberg; address=203.0.113.9")), VIEWER)
    assert (viewer.ip, viewer.location.country, viewer.location.city) == ("203.0.113.9", "US", "Babelsberg")
    assert "x-edge-viewer" not in asked.headers
    about.close()


def test_a_device_by_name_does_not_look_at_user_agent() -> None:
    assert AboutViewers()(request(), VIEWER)[1].device_of is None
    _, viewer = AboutViewers(device="tablet")(request(), VIEWER)
    assert viewer.device_of is not None
    assert viewer.device_of("curl") == Device(tablet=True)
    _, viewer = AboutViewers(device="tablet")(request(("X-Edge-Viewer", "device=ios")), VIEWER)
    assert viewer.device_of is not None
    assert viewer.device_of("curl") == Device(mobile=True, ios=True)


def test_headers_of_edge_toml_are_added_where_they_lack() -> None:
    about = AboutViewers(headers={"Accept-Language": "de"})
    assert about(request(), VIEWER)[0].headers.get("accept-language") == "de"
    assert about(request(("accept-language", "fr")), VIEWER)[0].headers.all("accept-language") == ("fr",)


def test_an_override_that_cannot_be_read_is_said() -> None:
    said: list[str] = []
    AboutViewers(say=said.append)(request(("X-Edge-Viewer", "county=JP")), VIEWER)
    assert len(said) == 1
    assert "'county=JP' is not address=IP" in said[0]


def test_overriding_can_be_switched_off() -> None:
    _, viewer = AboutViewers(may_override=False)(request(("X-Edge-Viewer", "country=JP")), VIEWER)
    assert viewer is VIEWER


def test_only_a_viewer_of_this_machine_may_say_who_he_is() -> None:
    """The edge may listen to others too, and an address is what signed URLs and AWS WAF go by."""
    asked = request(("X-Edge-Viewer", "address=203.0.113.9"))
    elsewhere = Viewer("192.0.2.1", 50_000)
    assert AboutViewers()(asked, elsewhere)[1] is elsewhere
    assert AboutViewers()(asked, Viewer("::1"))[1].ip == "203.0.113.9"
