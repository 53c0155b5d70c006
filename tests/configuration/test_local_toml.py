"""edge.toml, read and checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edge.configuration import ConfigurationError, local
from edge.configuration.local import Listen, Local, LocalLambda, LocalViewer, Seed
from edge.environments.pool import LAPTOP_LIMITS
from edge.model.origin import Credentials
from edge.model.switches import Switches
from edge.model.topology import ONE_LOCATION
from edge.model.viewer import Location

Write = Callable[[str, Any], Path]

WHOLE = """
[origins]
Api = "http://localhost:3000"

[kvs.routes]
file = "routes.json"
values = { beta = "on" }

[viewer]
country = "DE"
device = "mobile"
address = "198.51.100.7"
headers = { Accept-Language = "de" }
location = { city = "Berlin", time_zone = "Europe/Berlin" }

[lambda]
provider = "process"
account_concurrency = 10

[listen]
http = "127.0.0.1:8080"
https = "127.0.0.1:8443"
admin = "127.0.0.1:8081"

[quotas]
profile = "classic-2023"

[switches]
forward_conditionals = false
serve_stale_x_cache = "Hit"

[parameters]
Stage = "dev"

[exports]
network-vpc = "vpc-1"
"""


def test_every_key_has_its_value(write: Write, tmp_path: Path) -> None:
    path = write("edge.toml", WHOLE)
    settings = local.read(None, tmp_path)
    assert settings == Local(
        origins={"Api": "http://localhost:3000"},
        kvs={"routes": Seed(tmp_path / "routes.json", {"beta": "on"})},
        viewer=LocalViewer(
            "DE",
            "mobile",
            "198.51.100.7",
            {"Accept-Language": "de"},
            Location(city="Berlin", time_zone="Europe/Berlin"),
        ),
        lambda_=LocalLambda("process", 10),
        listen=Listen("127.0.0.1:8080", "127.0.0.1:8443", "127.0.0.1:8081"),
        quota_profile="classic-2023",
        switches=Switches(forward_conditionals=False, serve_stale_x_cache="Hit"),
        exports={"network-vpc": "vpc-1"},
        parameters={"Stage": "dev"},
        file=path,
    )
    assert settings.viewer.location() == Location(country="DE", city="Berlin", time_zone="Europe/Berlin")


def test_without_a_file_there_are_defaults(tmp_path: Path) -> None:
    assert local.read(None, tmp_path) == Local()


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("[orgins]\n", ":1 orgins", "'orgins' is not a key of edge.toml; did you mean origins?"),
        (
            "\n[viewer]\ncounty = 'DE'\n",
            ":3 viewer.county",
            "'county' is not a key of edge.toml; did you mean country?",
        ),
        (
            "[kvs.a]\nfil = 'x'\n",
            ":2 kvs.a.fil",
            "'fil' is not a key of edge.toml; did you mean file?",
        ),
        (
            "[viewer.location]\nctiy = 'x'\n",
            ":2 viewer.location.ctiy",
            "'ctiy' is not a key of edge.toml; did you mean city?",
        ),
        ("[viewer]\ncountry = 'Germany'\n", ":2 viewer.country", "write the country as two capital letters"),
        ("[viewer]\ndevice = 'phone'\n", ":2 viewer.device", "'phone' is not one of 'desktop', 'mobile'"),
        ("[viewer]\naddress = 'home'\n", ":2 viewer.address", "write an IP address"),
        ("[listen]\nhttp = '8080'\n", ":2 listen.http", "write HOST:PORT"),
        (
            "[lambda]\naccount_concurrency = 0\n",
            ":2 lambda.account_concurrency",
            "should be greater than or equal to 1",
        ),
        ("[origins]\napp = 3000\n", ":2 origins.app", "should be a valid string, not 3000"),
        (
            "[issuers]\n'https://id.example.com' = 'localhost:9000'\n",
            ":2 issuers.https://id.example.com",
            "write a URL",
        ),
        ("[switches]\nserve_stale_x_cache = 'Maybe'\n", ":2 switches.serve_stale_x_cache", "'Maybe' is not one of"),
        (
            "[switches]\nforward_conditional = true\n",
            ":2 switches.forward_conditional",
            "did you mean forward_conditionals?",
        ),
    ],
)
def test_a_wrong_key_or_value_is_an_error_in_its_line(write: Write, text: str, where: str, message: str) -> None:
    path = write("edge.toml", text)
    with pytest.raises(ConfigurationError) as raised:
        local.read(path, Path())
    (finding,) = raised.value.findings
    assert finding.where == f"{path}{where}"
    assert message in finding.message


def test_what_is_not_toml_is_an_error(write: Write) -> None:
    with pytest.raises(ConfigurationError, match="not TOML: Expected"):
        local.read(write("edge.toml", "[origins"), Path())


TOPOLOGY = """
[topology]
propagation_s = 5

[topology.pops.FRA56-P4]
regional_edge_cache = "eu-central-1"
countries = ["DE"]

[topology.pops.LAX3-C1]
"""


def test_a_topology_names_edge_locations_and_what_is_behind_them(write: Write, tmp_path: Path) -> None:
    """In the order of the file; without a regional edge cache there is none."""
    write("edge.toml", TOPOLOGY)
    topology = local.read(None, tmp_path).topology
    assert [point.edge.code for point in topology.points] == ["FRA56-P4", "LAX3-C1"]
    assert [point.regional_edge_cache for point in topology.points] == ["eu-central-1", ""]
    assert topology.points[0].countries == {"DE"}
    assert (topology.propagation_s, topology.pop_header, topology.origin_shield) == (5, "x-edge-pop", True)


def test_without_a_topology_there_is_one_edge_location(tmp_path: Path) -> None:
    assert local.read(None, tmp_path).topology is ONE_LOCATION


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[topology]\npop_heade = 'x'\n[topology.pops.FRA56-P4]", "pop_header"),
        ("[topology.pops.FRA56-P4]\nregional_cache = 'eu-central-1'", "regional_edge_cache"),
        ("[topology.pops.Frankfurt]", "FRA56-P4"),
        ("[topology]\npops = {}", "at least one"),
        ("[topology]\npropagation_s = -1\n[topology.pops.FRA56-P4]", "greater than or equal to 0"),
        ("[topology.pops.FRA56-P4]\ncountries = ['Germany']", "two capital letters"),
    ],
)
def test_a_topology_that_is_wrong_is_told_what_to_write(write: Write, tmp_path: Path, text: str, words: str) -> None:
    write("edge.toml", text)
    with pytest.raises(ConfigurationError) as error:
        local.read(None, tmp_path)
    (finding,) = error.value.findings
    assert words in finding.message
    assert "topology" in finding.where


def test_what_access_controls_sign_with(write: Write, tmp_path: Path) -> None:
    write("edge.toml", '[signing]\naccess_key_id = "minio"\nsecret_access_key = "minio123"\n')
    assert local.read(None, tmp_path).signing == Credentials("minio", "minio123")


def test_half_a_pair_of_credentials_is_an_error(write: Write, tmp_path: Path) -> None:
    write("edge.toml", '[signing]\naccess_key_id = "minio"\n')
    with pytest.raises(ConfigurationError) as problem:
        local.read(None, tmp_path)
    assert "write both access_key_id and secret_access_key" in problem.value.findings[0].message


def test_geo_databases_are_files_beside_edge_toml(write: Write, tmp_path: Path) -> None:
    write("edge.toml", '[viewer]\ngeo_database = "city.mmdb"\noverride = false\n')
    viewer = local.read(None, tmp_path).viewer
    assert (viewer.geo_databases, viewer.override) == ((tmp_path / "city.mmdb",), False)
    write("edge.toml", '[viewer]\ngeo_database = ["city.mmdb", "asn.mmdb"]\n')
    assert local.read(None, tmp_path).viewer.geo_databases == (tmp_path / "city.mmdb", tmp_path / "asn.mmdb")


def test_the_limits_of_a_lambda_account(write: Write) -> None:
    """As the pool takes them; what is not set is not among them."""
    text = (
        '[lambda]\nreserved = { resize = 5 }\nprovisioned = { "resize:1" = 2 }\nidle_expiry_s = 60\nnetwork = false\n'
    )
    settings = local.read(write("edge.toml", text), Path()).lambda_
    assert settings.network is False
    assert settings.limits() == {"reserved": {"resize": 5}, "provisioned": {"resize:1": 2}, "idle_expiry_s": 60}
    limits = replace(LAPTOP_LIMITS, **settings.limits())
    assert (limits.unreserved, limits.idle_expiry_s) == (995, 60)


def test_the_program_of_a_provider_is_beside_the_file(write: Write) -> None:
    """Unless its path is absolute."""
    path = write("edge.toml", '[lambda]\nprovider = "firecracker"\nfirecracker = "bin/firecracker"\n')
    assert local.read(path, Path()).lambda_.firecracker == str(path.parent / "bin" / "firecracker")
    path = write("edge.toml", '[lambda]\nfirecracker = "/opt/firecracker"\n')
    assert local.read(path, Path()).lambda_.firecracker == "/opt/firecracker"


def test_more_than_the_account_has_cannot_be_reserved(write: Write) -> None:
    text = "[lambda]\naccount_concurrency = 10\nreserved = { a = 6, b = 5 }\n"
    with pytest.raises(ConfigurationError) as raised:
        local.read(write("edge.toml", text), Path())
    (finding,) = raised.value.findings
    assert finding.where.endswith("edge.toml:3 lambda.reserved")
    assert finding.message == "11 are reserved, and account_concurrency is 10: reserve less, or raise it"
