"""Databases of places, made for the occasion."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

BERLIN = {
    "country": {"iso_code": "DE", "names": {"en": "Germany", "de": "Deutschland"}},
    "subdivisions": [{"iso_code": "BE", "names": {"en": "Land Berlin"}}],
    "city": {"names": {"en": "Berlin"}},
    "location": {"latitude": 52.5, "longitude": 13.4, "time_zone": "Europe/Berlin"},
    "postal": {"code": "10115"},
}
BOSTON = {
    "country": {"iso_code": "US", "names": {"en": "United States"}},
    "location": {"latitude": 42.36, "longitude": -71.06, "metro_code": 506, "time_zone": "America/New_York"},
}


@pytest.fixture
def write_database(tmp_path: Path) -> Callable[..., Path]:
    """Writes a database: networks and their records."""

    def write(name: str, records: dict[str, Any]) -> Path:
        writer = MMDBWriter(6, "GeoLite2-City", ["en"], "for a test", ipv4_compatible=True, float_type="f64")
        for network, record in records.items():
            writer.insert_network(IPSet([network]), record)
        path = tmp_path / name
        writer.to_db_file(str(path))
        return path

    return write


@pytest.fixture
def city_database(write_database: Callable[..., Path]) -> Path:
    """Berlin in IPv4 and IPv6, and Boston."""
    return write_database("city.mmdb", {"198.51.100.0/24": BERLIN, "2001:db8::/32": BERLIN, "203.0.113.0/25": BOSTON})
