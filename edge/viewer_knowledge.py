"""What a configuration says of viewers, made into what completes them: edge.toml, geo database, device library."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from edge.about_viewers import user_agents
from edge.about_viewers.about import AboutViewers
from edge.about_viewers.geo_database import GeoDatabase
from edge.configuration import Configuration, ConfigurationError
from edge.configuration.finding import error
from edge.rules import viewer_headers

_NO_DEVICES = (
    "a policy asks for the viewer's device, which is told by words in User-Agent; "
    "pip install 'edge-on-a-laptop[devices]' knows devices by their models"
)


def about_viewers(configuration: Configuration, say: Callable[[str], None]) -> AboutViewers:
    """What is known of viewers. Raises ConfigurationError for a geo database that cannot be read."""
    settings = configuration.local.viewer
    database = None
    if settings.geo_databases:
        try:
            database = GeoDatabase(settings.geo_databases)
        except ValueError as problem:
            where = f"{configuration.local.name} viewer.geo_database"
            raise ConfigurationError(error("local.geo_database", where, str(problem))) from None
    device_of = None
    if wants_devices(configuration):
        if user_agents.available():
            device_of = user_agents.device_of
        else:
            say(_NO_DEVICES)
    return AboutViewers(
        place=settings.location(),
        device=settings.device or "",
        address=settings.address or "",
        headers=settings.headers,
        database=database,
        device_of=device_of,
        may_override=settings.override,
        say=say,
    )


def wants_devices(configuration: Configuration) -> bool:
    """Whether a policy asks for CloudFront-Is-*-Viewer headers."""
    behaviors = (behavior for one in configuration.distributions for behavior in one.behaviors)
    return any(name.startswith("cloudfront-is-") for one in behaviors for name in viewer_headers.wanted(one))


async def warm_up(configuration: Configuration) -> None:
    """Have the device library read its tables beside the first requests, where they will be wanted."""
    if wants_devices(configuration) and user_agents.available():
        await asyncio.to_thread(user_agents.warm_up)
