"""Who asks, as a test writes it: `viewer={"country": "DE", "ip": "203.0.113.9"}`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from edge.model.distribution import Behavior
from edge.model.headers import NO_HEADERS
from edge.model.policies import Names, OriginRequestPolicy, Selection
from edge.model.request import Request
from edge.model.viewer import Location, Viewer
from edge.rules import viewer_headers
from edge.testing.errors import HarnessError

SOMEBODY = Viewer("198.51.100.7", 50_000, "https", "2.0")

_PLACE = {field.name for field in fields(Location)}
_CONNECTION = {field.name for field in fields(Viewer)} - {"location"}
_HEADERS = {
    "region": "country-region",
    "region_name": "country-region-name",
    **{name: name.replace("_", "-") for name in _PLACE - {"region", "region_name"}},
}


def request_id(number: int) -> str:
    """The X-Amz-Cf-Id of a test's nth request. It begins with what differs, for that is what seeds Math.random."""
    return f"{number:08d}{'0' * 46}=="


def viewer_from(given: Mapping[str, Any] | Viewer | None) -> Viewer:
    """A viewer: over HTTPS, at 198.51.100.7, from nowhere in particular but for what is given."""
    if given is None:
        return SOMEBODY
    if isinstance(given, Viewer):
        return given
    unknown = given.keys() - _PLACE - _CONNECTION
    if unknown:
        known = ", ".join(sorted(_PLACE | _CONNECTION))
        raise HarnessError(f"a viewer has no {', '.join(sorted(unknown))}; it has {known}")
    place = Location(**{name: value for name, value in given.items() if name in _PLACE})
    return replace(SOMEBODY, location=place, **{name: value for name, value in given.items() if name in _CONNECTION})


def with_location_headers(request: Request, viewer: Viewer) -> Request:
    """The request with a CloudFront-Viewer-* header for each thing known about the viewer's place, as a function sees
    it behind a policy that lists these headers."""
    known = tuple(f"cloudfront-viewer-{_HEADERS[name]}" for name in sorted(_PLACE) if getattr(viewer.location, name))
    if not known:
        return request
    policy = OriginRequestPolicy("", "", Names(Selection.WHITELIST, known))
    bare = request._replace(headers=NO_HEADERS)
    added = viewer_headers.apply(bare, viewer, Behavior("", origin_request_policy=policy)).headers
    return request._replace(headers=request.headers.plus(added.lines))
