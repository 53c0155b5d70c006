"""Promises of edge/about_viewers/geo_database.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from edge.about_viewers.geo_database import GeoDatabase
from edge.model.viewer import NOWHERE, Location

BERLIN = Location("DE", "Germany", "BE", "Land Berlin", "Berlin", "52.50000", "13.40000", "", "10115", "Europe/Berlin")


def test_an_address_has_its_place(city_database: Path) -> None:
    database = GeoDatabase([city_database])
    assert database.location("198.51.100.7") == BERLIN
    assert database.location("2001:db8::7") == BERLIN
    assert database.location("203.0.113.9").metro_code == "506"
    database.close()


@pytest.mark.parametrize("ip", ["127.0.0.1", "203.0.113.200", "fe80::1%eth0", "not an address", ""])
def test_an_address_that_is_in_no_database_is_nowhere(city_database: Path, ip: str) -> None:
    database = GeoDatabase([city_database])
    assert database.location(ip) == NOWHERE
    database.close()


def test_a_database_of_networks_adds_the_asn(city_database: Path, write_database: Callable[..., Path]) -> None:
    networks = write_database("asn.mmdb", {"198.51.100.0/24": {"autonomous_system_number": 64496}})
    database = GeoDatabase([city_database, networks])
    found = database.location("198.51.100.7")
    assert (found.city, found.asn) == ("Berlin", "64496")
    database.close()


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.mmdb").write_text("no")
    for name in ("a.mmdb", "gone.mmdb"):
        with pytest.raises(ValueError, match=f"{name} is not a database in MaxMind's format"):
            GeoDatabase([tmp_path / name])
