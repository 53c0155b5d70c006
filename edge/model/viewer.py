"""Who asks: one viewer connection, and what CloudFront would know about the person behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from edge.model.device import DeviceOf

HttpVersion = Literal["1.0", "1.1", "2.0", "3.0"]
Handshake = Literal["fullHandshake", "sessionResumed", "connectionReused"]


@dataclass(frozen=True, slots=True)
class Location:
    """What the viewer's address says about the place. Empty strings are "not known".

    `country` is ISO 3166-1 alpha-2; `latitude` and `longitude` are decimal degrees as text, as the headers carry them.
    """

    country: str = ""
    country_name: str = ""
    region: str = ""
    region_name: str = ""
    city: str = ""
    latitude: str = ""
    longitude: str = ""
    metro_code: str = ""
    postal_code: str = ""
    time_zone: str = ""
    asn: str = ""


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """What tells one kind of client from another by its ClientHello: `ja3` is an MD5 in hex, `ja4` such as
    "t13d1516h2_8daaf6152771_e5627efa2ab1"."""

    ja3: str
    ja4: str


@dataclass(frozen=True, slots=True)
class Tls:
    """The TLS session of a viewer: `protocol` such as "TLSv1.3", `cipher` such as "TLS_AES_128_GCM_SHA256";
    `server_name` is the name that the viewer asked a certificate for, "" when it is not known; `handshake` is
    "sessionResumed" where the session is one of an earlier connection, "connectionReused" from a connection's second
    request on; `fingerprints` are None where nobody saw the ClientHello."""

    protocol: str
    cipher: str
    server_name: str = ""
    handshake: Handshake = "fullHandshake"
    fingerprints: Fingerprints | None = None


NOWHERE = Location()


@dataclass(frozen=True, slots=True)
class Viewer:
    """One viewer connection. `ip` is the peer's address, `scheme` what it speaks to us. `device_of` tells the device
    from User-Agent, where a policy asks for it; None for the rule of the core (`device_detection.py`)."""

    ip: str
    port: int = 0
    scheme: Literal["http", "https"] = "http"
    http_version: HttpVersion = "1.1"
    tls: Tls | None = None
    location: Location = NOWHERE
    device_of: DeviceOf | None = field(default=None, compare=False)
