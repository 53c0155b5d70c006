"""Who a viewer is taken for: from edge.toml, a geo database and the request itself, to what the origin sees."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from edge.app import App, Options
from edge.configuration import ConfigurationError, from_flags
from edge.model.distribution import GeoRestriction

Proxy = Any  # of conftest.py
StartProxy = Callable[..., Awaitable[Proxy]]
Origin = Any  # a ScriptedOrigin of tests/conftest.py

ALL = "AllViewerAndCloudFrontHeaders-2022-06"


@pytest.fixture
def edge_toml(tmp_path: Path) -> Path:
    """198.51.100.0/24 is in Germany, and every viewer is there."""
    writer = MMDBWriter(4, "GeoLite2-City", ["en"], "for a test")
    writer.insert_network(IPSet(["198.51.100.0/24"]), {"country": {"iso_code": "DE", "names": {"en": "Germany"}}})
    writer.to_db_file(str(tmp_path / "city.mmdb"))
    path = tmp_path / "edge.toml"
    path.write_text('[viewer]\ngeo_database = "city.mmdb"\naddress = "198.51.100.7"\ndevice = "tablet"\n')
    return path


async def test_the_origin_sees_place_address_and_device(
    start_proxy: StartProxy, origin: Origin, edge_toml: Path
) -> None:
    proxy = await start_proxy(origin.url, origin_request_policy=ALL, local_file=edge_toml)
    await proxy.get("/a")
    (seen,) = origin.requests
    assert seen.get("cloudfront-viewer-country") == "DE"
    assert seen.get("cloudfront-viewer-country-name") == "Germany"
    assert seen.get("cloudfront-viewer-address").startswith("198.51.100.7:")
    assert seen.get("cloudfront-is-tablet-viewer") == "true"
    assert seen.get("cloudfront-is-desktop-viewer") == "false"
    assert seen.get("x-forwarded-for") == "198.51.100.7"


async def test_a_request_may_say_who_its_viewer_is(start_proxy: StartProxy, origin: Origin, edge_toml: Path) -> None:
    proxy = await start_proxy(origin.url, origin_request_policy=ALL, local_file=edge_toml)
    await proxy.get("/a", "X-Edge-Viewer: country=JP; device=ios")
    (seen,) = origin.requests
    assert seen.get("cloudfront-viewer-country") == "JP"
    assert seen.get("cloudfront-is-ios-viewer") == "true"
    assert seen.get("x-edge-viewer") is None


async def test_a_device_is_told_from_user_agent(start_proxy: StartProxy, origin: Origin) -> None:
    proxy = await start_proxy(origin.url, origin_request_policy=ALL)
    fire_tv = "Mozilla/5.0 (Linux; Android 7.1.2; AFTMM Build/NS6265; wv) AppleWebKit/537.36 Mobile Safari/537.36"
    await proxy.get("/a", f"User-Agent: {fire_tv}")
    assert origin.requests[0].get("cloudfront-is-smarttv-viewer") == "true"


async def test_geo_restriction_goes_by_that_country(start_proxy: StartProxy, origin: Origin, edge_toml: Path) -> None:
    proxy = await start_proxy(origin.url, local_file=edge_toml)
    driver = proxy.app.driver
    blocked = GeoRestriction("blacklist", frozenset({"DE"}))
    driver.distribution = replace(driver.distribution, geo_restriction=blocked)
    assert (await proxy.get("/a")).status == 403
    assert (await proxy.get("/a", "X-Edge-Viewer: country=FR")).status == 200


async def test_a_geo_database_that_cannot_be_read_is_an_error_that_names_it(origin: Origin, tmp_path: Path) -> None:
    path = tmp_path / "edge.toml"
    path.write_text('[viewer]\ngeo_database = "gone.mmdb"\n')
    made = from_flags(origin.url, local_file=path)
    with pytest.raises(ConfigurationError, match=r"viewer\.geo_database: .*gone\.mmdb is not a database"):
        App(made, lambda: made, Options("sealed"), lambda served, body_bytes, complete: None)
