"""Promises of edge/about_viewers/override.py."""

from __future__ import annotations

from edge.about_viewers.override import Override, parse


def test_a_request_says_who_its_viewer_is() -> None:
    found = parse("country=jp; City=S%C3%A3o Paulo; time-zone=Asia/Tokyo; device=ios; address=203.0.113.9;")
    place = {"country": "JP", "city": "São Paulo", "time_zone": "Asia/Tokyo"}
    assert found == Override("203.0.113.9", "ios", place)


def test_what_cannot_be_read_is_said() -> None:
    found = parse("county=JP; device=fridge; address=here; asn=64496")
    assert found == Override(place={"asn": "64496"}, wrong=("county=JP", "device=fridge", "address=here"))
