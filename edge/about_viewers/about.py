"""Everything that is known of a viewer, put together before CloudFront's order of events begins.

The request's own X-Edge-Viewer wins over `[viewer]` in edge.toml, which wins over the geo database. The device is not
looked for here: the viewer carries how to find it, for behaviors whose policies ask.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from ipaddress import ip_address

from edge.about_viewers import override
from edge.about_viewers.geo_database import GeoDatabase
from edge.model.device import NAMED, Device, DeviceOf
from edge.model.request import Request
from edge.model.viewer import NOWHERE, Location, Viewer

_PLACE = tuple(field.name for field in fields(Location))


class AboutViewers:
    """Completes requests and viewers. `place`, `device`, `address` and `headers` are what edge.toml says of all viewers
    (who have that place already); `device_of` is how devices are told otherwise, None for the core's own way.
    `may_override` lets a request of this machine have its own say; `say` hears of one that cannot be read."""

    def __init__(
        self,
        *,
        place: Location = NOWHERE,
        device: str = "",
        address: str = "",
        headers: Mapping[str, str] | None = None,
        database: GeoDatabase | None = None,
        device_of: DeviceOf | None = None,
        may_override: bool = True,
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._place = place
        self._address = address
        self._headers = tuple((headers or {}).items())
        self._database = database
        self._device_of = _always(device) if device else device_of
        self._may_override = may_override
        self._say = say
        self._changes = bool(address or self._headers or database or self._device_of)

    def __call__(self, request: Request, viewer: Viewer) -> tuple[Request, Viewer]:
        """The request and its viewer as they are to be taken."""
        value = request.headers.get(override.NAME)
        if value is not None and not (self._may_override and _is_here(viewer.ip)):
            value = None
        if value is None and not self._changes:
            return request, viewer
        given = override.Override()
        if value is not None:
            given = override.parse(value)
            request = request._replace(headers=request.headers.without(override.NAME))
            for wrong in given.wrong:
                self._say(f"X-Edge-Viewer: {wrong!r} is not address=IP, device={'|'.join(NAMED)} or a place")
        lacking = [line for line in self._headers if line[0].lower() not in request.headers]
        if lacking:
            request = request._replace(headers=request.headers.plus(lacking))
        ip = given.address or self._address or viewer.ip
        return request, replace(
            viewer,
            ip=ip,
            location=self._location(ip, given.place),
            device_of=_always(given.device) if given.device else self._device_of,
        )

    def close(self) -> None:
        """Let go of the database."""
        if self._database is not None:
            self._database.close()

    def _location(self, ip: str, given: Mapping[str, str]) -> Location:
        found = NOWHERE if self._database is None else self._database.location(ip)
        if found == NOWHERE and not given:
            return self._place
        return Location(*(given.get(name) or getattr(self._place, name) or getattr(found, name) for name in _PLACE))


def _is_here(ip: str) -> bool:
    """Whether a viewer is on this machine."""
    try:
        return ip_address(ip).is_loopback
    except ValueError:
        return False


def _always(name: str) -> DeviceOf:
    device = NAMED[name]

    def device_of(user_agent: str) -> Device:
        return device

    return device_of
