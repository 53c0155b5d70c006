"""Places from addresses, by databases in MaxMind's format (GeoLite2, DB-IP and the like) that the user has.

Source: MaxMind, "GeoIP2 and GeoLite2 City and Country databases" (the layout of a record). A City database knows the
place, an ASN database the network; what several say is put together, the first one winning.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from edge.model.viewer import NOWHERE, Location


class GeoDatabase:
    """Looks addresses up. Raises ValueError, which names the file, for one that is no database."""

    def __init__(self, paths: Sequence[Path]) -> None:
        try:
            import maxminddb
        except ImportError:
            raise ValueError("needs a library: pip install 'edge-on-a-laptop[geo]'") from None
        self._readers = []
        for path in paths:
            try:
                self._readers.append(maxminddb.open_database(path))
            except (OSError, maxminddb.InvalidDatabaseError) as error:
                why = error.strerror if isinstance(error, OSError) else error
                raise ValueError(f"{path} is not a database in MaxMind's format: {why}") from None
        self.location = lru_cache(maxsize=4_096)(self._location)

    def _location(self, ip: str) -> Location:
        """Where an address is; NOWHERE for one that no database knows."""
        record: dict[str, Any] = {}
        for reader in reversed(self._readers):
            try:
                found = reader.get(ip.partition("%")[0])
            except ValueError:
                continue  # not an address, or one of IPv6 where the database has IPv4 only
            if isinstance(found, dict):
                record |= found
        return _read(record) if record else NOWHERE

    def close(self) -> None:
        """Let go of the files."""
        for reader in self._readers:
            reader.close()


def _read(record: dict[str, Any]) -> Location:
    country = record.get("country") or record.get("registered_country") or {}
    regions = record.get("subdivisions") or [{}]
    place = record.get("location") or {}
    return Location(
        country=_text(country.get("iso_code")),
        country_name=_name(country),
        region=_text(regions[0].get("iso_code")),
        region_name=_name(regions[0]),
        city=_name(record.get("city") or {}),
        latitude=_degrees(place.get("latitude")),
        longitude=_degrees(place.get("longitude")),
        metro_code=_text(place.get("metro_code")),
        postal_code=_text((record.get("postal") or {}).get("code")),
        time_zone=_text(place.get("time_zone")),
        asn=_text(record.get("autonomous_system_number")),
    )


def _name(thing: dict[str, Any]) -> str:
    return _text((thing.get("names") or {}).get("en"))


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _degrees(value: object) -> str:
    return f"{value:.5f}" if isinstance(value, int | float) else ""
