"""Where origins are on this machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.configuration import Configuration
from edge.configuration.local_urls import UNMAPPED

Stack = Callable[..., Path]
Inspect = Callable[..., Configuration]
Write = Callable[[str, Any], Path]

BUCKET = {"Type": "AWS::S3::Bucket"}
BUCKET_DOMAIN = {"Fn::GetAtt": ["Bucket", "RegionalDomainName"]}
S3 = {"DomainName": BUCKET_DOMAIN, "S3OriginConfig": {"OriginAccessIdentity": ""}, "CustomOriginConfig": None}


@pytest.mark.parametrize("name", ["app", "bucket.s3.us-east-1.amazonaws.com", "Bucket"])
def test_an_origin_is_mapped_by_id_domain_name_or_logical_id(
    stack: Stack, inspect: Inspect, write: Write, name: str
) -> None:
    path = stack(resources={"Bucket": BUCKET}, origin=S3)
    write("edge.toml", f'[origins]\n"{name}" = "http://localhost:5173"\n')
    made = inspect(path)
    assert made.findings == ()
    assert made.distributions[0].origins["app"].local_url == "http://localhost:5173"
    assert made.distributions[0].local_urls == {name: "http://localhost:5173"}


def test_an_unmapped_bucket_is_asked_for_with_the_line_to_add_and_never_asked(
    stack: Stack, inspect: Inspect, write: Write
) -> None:
    path = stack(resources={"Bucket": BUCKET}, origin=S3)
    write("edge.toml", "")
    made = inspect(path)
    (finding,) = made.findings
    assert (finding.level, finding.rule) == ("warning", "origins.unmapped")
    assert finding.message.endswith(f'add under [origins] in {path.parent}/edge.toml: Bucket = "http://localhost:PORT"')
    assert made.distributions[0].origins["app"].local_url == UNMAPPED


def test_an_unmapped_resource_of_the_template_is_never_asked(stack: Stack, inspect: Inspect, write: Write) -> None:
    """Its domain name is made up, and may be somebody else's."""
    domain = {"Fn::Select": [2, {"Fn::Split": ["/", {"Fn::GetAtt": ["Url", "FunctionUrl"]}]}]}
    path = stack(resources={"Url": {"Type": "AWS::Lambda::Url"}}, origin={"DomainName": domain})
    write("edge.toml", "")
    made = inspect(path)
    assert 'Url = "http://localhost:PORT"' in made.findings[0].message
    assert made.distributions[0].origins["app"].local_url == UNMAPPED


def test_an_unmapped_web_server_is_the_real_one(stack: Stack, inspect: Inspect, write: Write) -> None:
    path = stack(origin={"Id": "my app"}, behavior={"TargetOriginId": "my app"})
    write("edge.toml", "")
    made = inspect(path)
    (finding,) = made.findings
    assert "the real app.example.com is asked" in finding.message
    assert finding.message.endswith('"my app" = "http://localhost:PORT"')
    assert made.distributions[0].origins["my app"].local_url == ""


@pytest.mark.parametrize(
    ("value", "level", "words"),
    [
        ("http://localhost:3000/base", "error", "a path belongs into the origin's OriginPath"),
        ("localhost:3000", "error", "neither a URL (http://localhost:3000) nor a folder that exists"),
        (".", "warning", "not modelled: a folder as an origin"),
    ],
)
def test_a_local_url_is_scheme_host_and_port(
    stack: Stack, inspect: Inspect, write: Write, value: str, level: str, words: str
) -> None:
    path = stack()
    write("edge.toml", f'[origins]\napp = "{value}"\n')
    (finding,) = inspect(path).findings
    assert finding.level == level
    assert finding.where == f"{path.parent}/edge.toml origins.app"
    assert words in finding.message


def test_a_name_that_is_no_origins_is_listed_with_the_nearest(stack: Stack, inspect: Inspect, write: Write) -> None:
    path = stack()
    write("edge.toml", '[origins]\napp = "http://localhost:1"\nappp = "http://localhost:2"\n')
    (finding,) = inspect(path).findings
    assert finding.message == "no origin has the name appp; did you mean app?"


def test_a_domain_name_may_be_for_an_origin_that_a_function_chooses(
    stack: Stack, inspect: Inspect, write: Write
) -> None:
    path = stack()
    write("edge.toml", '[origins]\napp = "http://localhost:1"\n"eu.example.com" = "http://localhost:2"\n')
    made = inspect(path)
    assert made.findings == ()
    assert made.distributions[0].local_urls["eu.example.com"] == "http://localhost:2"
