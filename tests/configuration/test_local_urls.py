"""Where origins are on this machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge import configuration
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
    assert finding.message.endswith(
        f'add under [origins] in {path.parent}/edge.toml: Bucket = "./FOLDER" or Bucket = "http://localhost:PORT"'
    )
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


def test_a_folder_plays_the_bucket(stack: Stack, inspect: Inspect, write: Write) -> None:
    """Relative to the folder of edge.toml."""
    path = stack(resources={"Bucket": BUCKET}, origin=S3)
    write("edge.toml", '[origins]\nBucket = "./my site"\n')
    write("my site/index.html", "hello")
    made = inspect(path)
    assert made.findings == ()
    assert made.distributions[0].origins["app"].local_url == (path.parent / "my site").as_uri()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("http://localhost:3000/base", "a path belongs into the origin's OriginPath"),
        ("localhost:3000", "neither http://HOST:PORT, nor lambda:FILE, nor a folder that exists"),
    ],
)
def test_a_local_url_is_scheme_host_and_port(
    stack: Stack, inspect: Inspect, write: Write, value: str, words: str
) -> None:
    path = stack()
    write("edge.toml", f'[origins]\napp = "{value}"\n')
    (finding,) = inspect(path).findings
    assert finding.level == "error"
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


FUNCTION = {
    "Handler": "index.handler",
    "Runtime": "nodejs22.x",
    "Code": "src",
    "Environment": {"Variables": {"A": "b"}},
}
DOMAIN = {"Fn::Select": [2, {"Fn::Split": ["/", {"Fn::GetAtt": ["Url", "FunctionUrl"]}]}]}


def test_a_function_url_of_the_template_is_played_by_its_function(stack: Stack, write: Write) -> None:
    """With the function's environment variables, which only Lambda@Edge refuses; edge.toml need not say anything."""
    write("src/index.js", "exports.handler = async () => ({});")
    url = {"TargetFunctionArn": {"Fn::GetAtt": ["Api", "Arn"]}, "AuthType": "AWS_IAM", "InvokeMode": "RESPONSE_STREAM"}
    path = stack(
        resources={
            "Api": {"Type": "AWS::Lambda::Function", "Properties": FUNCTION},
            "Url": {"Type": "AWS::Lambda::Url", "Properties": url},
        },
        origin={"DomainName": DOMAIN},
    )
    write("edge.toml", "")
    made = configuration.load(path)
    origin = made.distributions[0].origins["app"]
    assert origin.function_url is not None
    assert (origin.function_url.auth_type, origin.function_url.invoke_mode) == ("AWS_IAM", "RESPONSE_STREAM")
    function = origin.function_url.function
    assert (function.name, function.is_replica, function.environment) == ("api", False, (("A", "b"),))
    assert not [finding for finding in made.findings if finding.rule == "origins.unmapped"]


def test_any_origin_may_be_a_function_of_this_machine(stack: Stack, write: Write) -> None:
    """`lambda:FILE[:handler]`, with settings behind a question mark."""
    write("api/app.py", "def main(event, context): ...")
    write("edge.toml", "")
    path = stack()
    write("edge.toml", '[origins]\napp = "lambda:api/app.py:main?auth_type=AWS_IAM&memory_mb=512&timeout_s=7"\n')
    origin = configuration.load(path).distributions[0].origins["app"]
    assert origin.function_url is not None
    function = origin.function_url.function
    assert (function.handler, function.memory_mb, function.timeout_s) == ("app.main", 512, 7.0)
    assert (origin.function_url.auth_type, origin.function_url.invoke_mode) == ("AWS_IAM", "BUFFERED")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("lambda:nothing.mjs", "cannot be read"),
        ("lambda:api/app.rb", "is no file of a Lambda@Edge function"),
        ("lambda:api/app.py?auth_type=IAM", "auth_type is NONE or AWS_IAM, not 'IAM'"),
        ("lambda:api/app.py?memory_mb=much", "memory_mb is a number, not 'much'"),
        ("lambda:api/app.py?memory=512", "memory cannot be set here; "),
    ],
)
def test_what_is_wrong_with_a_function_as_an_origin(stack: Stack, write: Write, value: str, words: str) -> None:
    write("api/app.py", "def handler(event, context): ...")
    path = stack()
    write("edge.toml", f'[origins]\napp = "{value}"\n')
    (finding,) = (one for one in configuration.inspect(path).findings if one.level == "error")
    assert finding.rule == "origins.function_url"
    assert words in finding.message
