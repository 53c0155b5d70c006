"""From a file to a configuration."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from edge import configuration
from edge.configuration import Configuration, ConfigurationError
from edge.model.distribution import Distribution

Make = Callable[..., Path]
Inspect = Callable[..., Configuration]
Write = Callable[[str, Any], Path]


def with_names_removed(distribution: Distribution) -> dict[str, object]:
    """All of a distribution but what only one of the two forms can know."""
    unlike = ("id", "domain_name", "name")
    return {name: getattr(distribution, name) for name in Distribution.__dataclass_fields__ if name not in unlike}


def test_a_template_and_the_answer_of_the_api_give_the_same_distribution(
    stack: Make, api: Make, inspect: Inspect
) -> None:
    """Where both say all that has other defaults."""
    error = {"ErrorCode": 404, "ResponseCode": 200, "ResponsePagePath": "/index.html", "ErrorCachingMinTTL": 5}
    methods = ["GET", "HEAD", "OPTIONS"]
    countries = ["DE", "FR"]
    from_template = inspect(
        stack(
            origin={
                "CustomOriginConfig": {"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"]},
            },
            config={
                "HttpVersion": "http2and3",
                "CustomErrorResponses": [error],
                "Restrictions": {"GeoRestriction": {"RestrictionType": "whitelist", "Locations": countries}},
            },
            behavior={"AllowedMethods": methods, "CachedMethods": methods},
        )
    )
    from_api = inspect(
        api(
            config={
                "HttpVersion": "http2and3",
                "CustomErrorResponses": {"Quantity": 1, "Items": [error]},
                "Restrictions": {
                    "GeoRestriction": {"RestrictionType": "whitelist", "Quantity": 2, "Items": countries},
                },
            },
            behavior={
                "AllowedMethods": {
                    "Quantity": 3,
                    "Items": methods,
                    "CachedMethods": {"Quantity": 3, "Items": methods},
                },
            },
        )
    )
    assert from_template.findings == from_api.findings == ()
    assert with_names_removed(from_template.distributions[0]) == with_names_removed(from_api.distributions[0])


def test_defaults_differ_between_the_two_forms(stack: Make, api: Make, inspect: Inspect) -> None:
    template = inspect(stack(config={"CustomErrorResponses": [{"ErrorCode": 404}]})).distributions[0]
    answer = inspect(
        api(config={"CustomErrorResponses": {"Quantity": 1, "Items": [{"ErrorCode": 404}]}})
    ).distributions[0]
    assert (template.http_version, answer.http_version) == ("http1.1", "http2")
    ttls = [one.custom_error_responses[404].error_caching_min_ttl_s for one in (template, answer)]
    assert ttls == [300, 10]


def test_load_raises_all_that_was_found_errors_first(stack: Make) -> None:
    path = stack(config={"WebACLId": "acl", "HttpVersion": "http4", "Banana": 1})
    with pytest.raises(ConfigurationError) as raised:
        configuration.load(path)
    assert raised.value.findings[0].level == "error"
    assert "HttpVersion" in str(raised.value)


def test_load_keeps_warnings(stack: Make) -> None:
    made = configuration.load(stack(config={"WebACLId": "acl"}))
    assert [finding.rule for finding in made.findings] == ["not_modelled"]


def test_what_only_a_deployment_would_refuse_is_an_error_and_is_served(stack: Make) -> None:
    """Aliases without a certificate: AWS refuses the distribution, and nobody doubts what it would do."""
    loaded = configuration.load(stack(config={"Aliases": ["www.example.com"]}))
    assert loaded.distributions[0].aliases == ("www.example.com",)
    assert [one.rule for one in loaded.findings if one.level == "error"] == ["distribution.certificate"]


def test_edge_toml_is_read_from_the_folder_of_the_file(stack: Make, inspect: Inspect, write: Write) -> None:
    path = stack()
    write("edge.toml", '[origins]\napp = "http://localhost:4000"\n[viewer]\ncountry = "DE"\n')
    made = inspect(path)
    assert made.distributions[0].origins["app"].local_url == "http://localhost:4000"
    assert made.local.viewer.location().country == "DE"
    assert path.parent / "edge.toml" in made.watched


def test_another_local_file_takes_its_place(stack: Make, inspect: Inspect, write: Write) -> None:
    path = stack()
    other = write("other/mine.toml", '[origins]\napp = "http://localhost:5000"\n')
    made = inspect(path, local_file=other)
    assert made.distributions[0].origins["app"].local_url == "http://localhost:5000"


def test_origins_that_are_given_win(stack: Make, inspect: Inspect) -> None:
    made = inspect(stack(), origins={"app": "http://localhost:6000"})
    assert made.distributions[0].origins["app"].local_url == "http://localhost:6000"


def test_parameters_that_are_given_win_over_those_of_edge_toml(stack: Make, inspect: Inspect, write: Write) -> None:
    path = stack(
        Parameters={"Root": {"Type": "String", "Default": "a.html"}},
        config={"DefaultRootObject": {"Ref": "Root"}},
    )
    assert inspect(path).distributions[0].default_root_object == "a.html"
    write("edge.toml", '[origins]\napp = "http://localhost:3000"\n[parameters]\nRoot = "b.html"\n')
    assert inspect(path).distributions[0].default_root_object == "b.html"
    assert inspect(path, parameters={"Root": "c.html"}).distributions[0].default_root_object == "c.html"


def two(stack: Make, write: Write) -> Path:
    template = json.loads(stack().read_text())
    admin = json.loads(json.dumps(template["Resources"]["Site"]))
    admin["Properties"]["DistributionConfig"]["Aliases"] = ["admin.example.com"]
    admin["Properties"]["DistributionConfig"]["ViewerCertificate"] = {
        "AcmCertificateArn": "arn:aws:acm:us-east-1:1:certificate/1",
        "SslSupportMethod": "sni-only",
    }
    return write("stack.json", {"Resources": {**template["Resources"], "Admin": admin}})


def test_all_distributions_are_there_and_the_note_says_how_to_reach_each(
    stack: Make, inspect: Inspect, write: Write
) -> None:
    made = inspect(two(stack, write))
    assert [one.name for one in made.distributions] == ["Site", "Admin"]
    (finding,) = (one for one in made.findings if one.rule == "distribution.several")
    assert finding.level == "note"
    assert finding.message == (
        "2 distributions are served, each under its own names and as site.localhost, admin.localhost; other names of "
        "this machine are for Site; --distribution NAME serves one alone"
    )


@pytest.mark.parametrize("name", ["Admin", "admin.cloudfront.net", "admin.example.com"])
def test_one_of_several_is_chosen_by_logical_id_domain_name_or_alias(
    stack: Make, inspect: Inspect, write: Write, name: str
) -> None:
    made = inspect(two(stack, write), distribution=name)
    assert [one.name for one in made.distributions] == ["Admin"]
    assert [one for one in made.findings if one.level != "note"] == []


@pytest.mark.parametrize(
    ("content", "options", "rule", "words"),
    [
        ("", {}, "document.unknown", "the file is empty"),
        ("just text", {}, "document.unknown", "neither a CloudFormation template"),
        ({"a": 1}, {}, "document.unknown", "neither a CloudFormation template"),
        ({"format_version": "1.0", "values": {}}, {}, "distribution.none", "there is no CloudFront distribution"),
        ({"Resources": {}}, {}, "distribution.none", "there is no CloudFront distribution in it"),
    ],
)
def test_a_file_that_is_something_else_says_what_is_wanted(
    write: Write, content: Any, options: dict[str, Any], rule: str, words: str
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        configuration.inspect(write("site.json", content), **options)
    assert raised.value.findings[0].rule == rule
    assert words in raised.value.findings[0].message


def test_a_distribution_that_is_not_there_is_an_error_with_the_nearest_name(stack: Make) -> None:
    with pytest.raises(ConfigurationError, match="there is no distribution Sites; did you mean Site"):
        configuration.inspect(stack(), distribution="Sites")


def test_only_a_template_has_parameters(api: Make) -> None:
    with pytest.raises(ConfigurationError, match="only a template has parameters"):
        configuration.inspect(api(), parameters={"A": "b"})


ODD: list[Any] = [None, [], {}, "", 5, True, "x", [{}], {"Ref": "Nobody"}, {"Fn::Select": ["a", {}]}, {"Items": 5}]


def paths(tree: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to each piece of a tree."""
    pieces = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, piece in pieces:
        yield (*path, key)
        yield from paths(piece, (*path, key))


def test_whatever_stands_in_a_template_is_reported_and_breaks_nothing(stack: Make) -> None:
    """Every piece of a template in turn is something else than what belongs there."""
    code = "function handler(event) { return event.request; }"
    function = {"Name": "f", "FunctionCode": code, "FunctionConfig": {"Comment": "", "Runtime": "cloudfront-js-2.0"}}
    path = stack(
        resources={
            "F": {"Type": "AWS::CloudFront::Function", "Properties": function},
            "B": {"Type": "AWS::S3::Bucket"},
        },
        origin={"OriginCustomHeaders": [{"HeaderName": "X-A", "HeaderValue": {"Fn::GetAtt": ["B", "Arn"]}}]},
        behavior={"FunctionAssociations": [{"EventType": "viewer-request", "FunctionARN": {"Ref": "F"}}]},
    )
    text = path.read_text()
    for way in paths(json.loads(text)):
        for odd in ODD:
            tree = json.loads(text)
            place = tree
            for key in way[:-1]:
                place = place[key]
            place[way[-1]] = odd
            path.write_text(json.dumps(tree))
            with suppress(ConfigurationError):
                configuration.inspect(path)
