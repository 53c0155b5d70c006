"""The CloudFront-* request headers: what CloudFront knows about the viewer, where a policy asks for it.

Source: CloudFront Developer Guide, "Add CloudFront request headers". What a viewer sends under these names is
dropped. The location is what `[viewer]` in edge.toml says. Not modelled: JA3 and JA4 fingerprints, and the headers of
viewer mTLS.
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote

from edge.model.distribution import Behavior
from edge.model.headers import Line
from edge.model.policies import Selection
from edge.model.request import Request
from edge.model.viewer import Location, Viewer
from edge.rules import device_detection

_PREFIX = "cloudfront-"
_SPECIAL = {"asn": "ASN", "tls": "TLS", "ios": "IOS", "smarttv": "SmartTV"}


def apply(request: Request, viewer: Viewer, behavior: Behavior) -> Request:
    """The request without forged CloudFront-* headers, and with those that the behavior's policies list."""
    headers = request.headers
    for name in headers.names():
        if name.startswith(_PREFIX):
            headers = headers.where(lambda name: not name.startswith(_PREFIX))
            break
    names = wanted(behavior)
    if names:
        lines = tuple(_lines(names, request, viewer))
        headers = headers.plus(lines)
    return request if headers is request.headers else request._replace(headers=headers)


def wanted(behavior: Behavior) -> tuple[str, ...]:
    """The CloudFront-* names (lower case) that the behavior's policies list."""
    cache, policy, legacy = behavior.cache_policy, behavior.origin_request_policy, behavior.forwarded_values
    names: tuple[str, ...] = ()
    if cache is not None:
        names += cache.headers.names
    elif legacy is not None:
        names += legacy.headers
    if policy is not None:
        names += policy.cloudfront_headers
        if policy.headers.selection is not Selection.ALL_EXCEPT:
            names += policy.headers.names
    return tuple(dict.fromkeys(name for name in names if name.startswith(_PREFIX))) if names else ()


def _lines(names: tuple[str, ...], request: Request, viewer: Viewer) -> list[Line]:
    known = _location(viewer.location)
    known |= device_detection.detect(request.headers.get("user-agent") or "")
    known["cloudfront-forwarded-proto"] = viewer.scheme
    known["cloudfront-viewer-http-version"] = viewer.http_version
    known["cloudfront-viewer-address"] = f"{viewer.ip}:{viewer.port}"
    known["cloudfront-viewer-asn"] = viewer.location.asn
    if viewer.tls is not None:
        known["cloudfront-viewer-tls"] = f"{viewer.tls.protocol}:{viewer.tls.cipher}:fullHandshake"
    known["cloudfront-viewer-header-order"] = ":".join(name for name, _ in request.headers.lines)
    known["cloudfront-viewer-header-count"] = str(len(request.headers))
    return [(_wire_name(name), value) for name in names if (value := known.get(name))]


def _location(place: Location) -> dict[str, str]:
    values = {
        "country": place.country,
        "country-name": place.country_name,
        "country-region": place.region,
        "country-region-name": place.region_name,
        "city": place.city,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "metro-code": place.metro_code,
        "postal-code": place.postal_code,
        "time-zone": place.time_zone,
    }
    return {f"cloudfront-viewer-{name}": value if value.isascii() else quote(value) for name, value in values.items()}


@lru_cache(maxsize=64)
def _wire_name(name: str) -> str:
    words = [_SPECIAL.get(word, word.capitalize()) for word in name.split("-")]
    return "-".join(["CloudFront", *words[1:]])
