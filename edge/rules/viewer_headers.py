"""The CloudFront-* request headers: what CloudFront knows about the viewer, where a policy asks for it.

Source: CloudFront Developer Guide, "Add CloudFront request headers". Whatever a viewer sends under these names is
dropped. The location is what a geo database, `[viewer]` in edge.toml or X-Edge-Viewer says (`edge/about_viewers/`);
what is not known is left out. Near: the device headers; JA3 and JA4 are known over HTTP/1.1 and HTTP/2 only. Not
modelled: the headers of viewer mTLS. CloudFront-Error-Uri and -Args are `error_pages.py`.
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote

from edge.model import quotas
from edge.model.device import Device
from edge.model.distribution import Behavior
from edge.model.headers import Headers, Line
from edge.model.policies import Selection
from edge.model.request import Request
from edge.model.viewer import Location, Viewer
from edge.rules import device_detection

_PREFIX = "cloudfront-"
_DEVICE_PREFIX = "cloudfront-is-"
_AS_WRITTEN = {"asn": "ASN", "tls": "TLS", "ja3": "JA3", "ja4": "JA4", "ios": "IOS", "smarttv": "SmartTV"}


def apply(request: Request, viewer: Viewer, behavior: Behavior) -> Request:
    """The request without forged CloudFront-* headers, and with those that the behavior's policies list."""
    headers = request.headers
    # One search through all names at once: nearly no request has such a header.
    if _PREFIX in "\n".join(headers.names()):
        headers = headers.where(_is_genuine)
    if viewer.http_version == "1.0":
        headers = headers.without("accept-encoding")
    names = wanted(behavior)
    if names:
        headers = headers.plus(_lines(names, request._replace(headers=headers), viewer))
    return request if headers is request.headers else request._replace(headers=headers)


def _is_genuine(name: str) -> bool:
    return not name.startswith(_PREFIX)


def wanted(behavior: Behavior) -> tuple[str, ...]:
    """The CloudFront-* names (lower case) that the behavior's policies list."""
    cache, policy, legacy = behavior.cache_policy, behavior.origin_request_policy, behavior.forwarded_values
    names: tuple[str, ...] = ()
    if cache is not None:
        names = cache.headers.names
    elif legacy is not None:
        names = legacy.headers
    if policy is not None:
        names += policy.cloudfront_headers
        if policy.headers.selection is not Selection.ALL_EXCEPT:
            names += policy.headers.names
    return tuple(dict.fromkeys(name for name in names if name.startswith(_PREFIX))) if names else ()


def _lines(names: tuple[str, ...], request: Request, viewer: Viewer) -> list[Line]:
    known = {
        **_location(viewer.location),
        **_shape(request.headers),
        "cloudfront-forwarded-proto": viewer.scheme,
        "cloudfront-viewer-http-version": viewer.http_version,
        "cloudfront-viewer-address": f"{viewer.ip}:{viewer.port}",
    }
    if any(name.startswith(_DEVICE_PREFIX) for name in names):
        detect = viewer.device_of or device_detection.detect
        known |= _device(detect(request.headers.get("user-agent") or ""))
    if viewer.tls is not None:
        known["cloudfront-viewer-tls"] = f"{viewer.tls.protocol}:{viewer.tls.cipher}:{viewer.tls.handshake}"
        if (prints := viewer.tls.fingerprints) is not None:
            known["cloudfront-viewer-ja3-fingerprint"] = prints.ja3
            known["cloudfront-viewer-ja4-fingerprint"] = prints.ja4
    return [(_wire_name(name), value) for name in names if (value := known.get(name))]


@lru_cache(maxsize=64)
def _device(device: Device) -> dict[str, str]:
    found = device._asdict().items()
    return {f"{_DEVICE_PREFIX}{name}-viewer": "true" if value else "false" for name, value in found}


def _shape(headers: Headers) -> dict[str, str]:
    order = ":".join(name for name, _ in headers.lines)
    return {
        "cloudfront-viewer-header-order": order[: quotas.VIEWER_HEADER_ORDER_MAX_CHARS],
        "cloudfront-viewer-header-count": str(len(headers)),
    }


@lru_cache(maxsize=64)
def _location(place: Location) -> dict[str, str]:
    values = {
        "asn": place.asn,
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
    return {f"cloudfront-viewer-{name}": _percent_encoded(value) for name, value in values.items()}


def _percent_encoded(value: str) -> str:
    """Non-ASCII characters as percent-encoded UTF-8; everything else as it is."""
    return "".join(character if character.isascii() else quote(character) for character in value)


@lru_cache(maxsize=64)
def _wire_name(name: str) -> str:
    words = [_AS_WRITTEN.get(word, word.capitalize()) for word in name.split("-")]
    return "-".join(["CloudFront", *words[1:]])
